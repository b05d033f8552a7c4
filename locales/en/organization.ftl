# Manage organization.

organization-lede = Who { $name } is, and how its people log in.
organization-tab-account = Account
organization-facts = Organization
organization-id = Organization ID
organization-created = Created
organization-login-page = Login page
organization-login-link = Login with the organization name filled in
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
