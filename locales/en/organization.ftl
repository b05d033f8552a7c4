# Manage organization.

organization-lede = Who { $name } is, and how its people log in.
organization-tab-account = Account
organization-facts = Organization
organization-id = Organization ID
organization-created = Created
login-url = Login URL
organization-login-method = Login method
organization-method-cloud = Cloud account
organization-method-cloud-hint = Everyone logs in with email and password.
organization-company = Company
organization-state-active = Active
organization-state-awaiting = Awaiting its owner’s password
organization-state-suspended = Suspended
ownership-title = Transfer ownership
ownership-lede = The Org Owner of { $name } decides how its people log in and can close it. There is always exactly one.
ownership-effect = The new owner also becomes Org Admin and Billing Admin. You keep your other roles, and only the new owner can give the ownership back.
ownership-hint = The address of an active user of this organization.
ownership-not-active = Enter the address of another user of this organization who is active
ownership-transferred = The ownership was transferred. Both of you get a mail.
organization-modify = Modify account
organization-modify-lede = How the people of { $name } log in.
two-factor = Two-factor authentication
two-factor-active = Active
two-factor-inactive = Inactive
two-factor-active-text = After the password everybody enters a code from email, mobile or an authenticator app.
two-factor-inactive-text = The password alone is enough.
two-factor-active-hint = Everyone logs in with email, password and a code.
two-factor-owner-only = Only the Org Owner can change this.
two-factor-preview = If you turn on two-factor authentication
two-factor-preview-text = It holds for everybody at once, also in sessions that are open.
two-factor-users = Users who may log in
two-factor-with-mobile = With a verified mobile number
two-factor-with-app = With an authenticator app
two-factor-email-only = With email alone
two-factor-sessions = Sessions asked at their next request
two-factor-mail = Oldest mail not delivered yet
two-factor-mail-none = None is waiting
two-factor-mail-waits = { $minutes ->
        [0] Waiting for less than a minute
        [one] Waiting for 1 minute
       *[other] Waiting for { $minutes } minutes
    }
two-factor-mail-stuck = Mail is not being delivered. Without mail many could not log in, so two-factor authentication cannot be turned on now.
two-factor-code-needed = Save mails a code to { $email }: it shows that mail reaches you. You enter it here to turn two-factor authentication on.
two-factor-code-sent = A code is on its way to { $email }. It works until
two-factor-code-hint = Six digits from the mail; needed to turn it on.
two-factor-code-refused = The mail with the code could not be delivered. Two-factor authentication stays off until mail arrives; then send a new code.
two-factor-not-delivered = Mail is not being delivered: a mail was refused or has waited for more than { $minutes } minutes. Nothing was changed.
two-factor-same = Nothing was changed.
two-factor-turned-on = Two-factor authentication is active for everybody. Owner and administrators are told by mail.
two-factor-turned-off = Two-factor authentication is inactive. Owner and administrators are told by mail.
two-factor-turn-off = Turn off two-factor authentication
two-factor-off-title = What changes
two-factor-off-text = From now on a password alone is enough to log in. Mobile numbers and authenticator apps stay as they are, and nobody is logged out.
organization-method-idp = IdP account
organization-method-idp-hint = Everyone logs in through the organization’s IdP.
organization-method-idp-choice = Everyone logs in through your own IdP. Save opens its settings.
ownership-not-bound = This user has not logged in through the IdP yet. Somebody who cannot log in could not own the organization
