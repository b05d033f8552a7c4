# Mails.

mail-greeting = Hello { $name },
mail-support = Questions? Write to { $support }.
mail-fact-organization = Organization name
mail-fact-until = Until
mail-fact-at = When
mail-fact-address = From address
mail-fact-browser = Browser
mail-invitation-subject = { $product }: Invitation and password registration
mail-invitation-text = You are registered in the organization { $organization } at { $product }. Register a password to log in.
mail-invitation-button = Register password
mail-invitation-closing = If you did not expect this mail, you need not do anything: without a password nobody gets in.
mail-reset-subject = { $product }: Set a new password
mail-reset-text = Somebody, hopefully you, asked for a new password of your account in the organization { $organization }.
mail-reset-button = Set new password
mail-reset-closing = If it was not you, you need not do anything: your password stays as it is.
mail-password-changed-subject = { $product }: Your password was changed
mail-password-changed-text = The password of your account in the organization { $organization } was changed, and all other sessions were ended.
mail-password-changed-button = It was not me: set a new password
mail-password-changed-closing = If it was you, there is nothing to do.
mail-new-device-subject = { $product }: Login from a new browser
mail-new-device-text = Somebody logged into your account in the organization { $organization } from a browser that had not been used for it before.
mail-new-device-button = Review my sessions
mail-new-device-closing = If it was not you, change your password and sign out the other sessions.
mail-locked-subject = { $product }: Your account is locked for a while
mail-locked-text = There were too many wrong passwords for your account in the organization { $organization }. Browsers you have not used before have to wait; the lock ends by itself.
mail-locked-button = Set a new password now
mail-locked-closing = Setting a new password lifts the lock. If you know your password and it was not you, there is nothing to do.
mail-factor-reset-subject = { $product }: Your mobile number and authenticator app were reset
mail-factor-reset-text = An administrator reset the mobile number and the authenticator app of your account in the organization { $organization }. Neither belongs to your account any more.
mail-factor-reset-button = Set them up again
mail-factor-reset-closing = If you did not ask for this, talk to an administrator of your organization.
mail-organizations-subject = { $product }: Your organizations
mail-organizations-text = { $n -> 
        [one] Your address is registered in 1 organization. Type its name when you log in.
       *[other] Your address is registered in { $n } organizations. Type the name of one when you log in.
    }
mail-organizations-button = Log in
mail-organizations-closing = If you did not ask for this mail, you need not do anything.
mail-test-subject = { $product }: Trial mail
mail-test-text = This is a trial mail of { $product }. Mail is delivered.
mail-ownership-subject = { $product }: The ownership of your organization was transferred
mail-ownership-text = The organization { $organization } has a new Org Owner.
mail-ownership-button = Log in
mail-ownership-closing = If you did not expect this, tell whoever runs this service at once.
mail-fact-new-owner = New Org Owner
mail-fact-former-owner = Former Org Owner
sms-mobile-code = { $product }: { $code } is your code. It works for { $minutes } minutes. Tell it to nobody.
mail-fact-code = Code
mail-fact-by = Changed by
mail-login-code-subject = { $product }: Your login code
mail-login-code-text = Enter this code to go on with the login to the organization { $organization }.
mail-login-code-closing = If you are not logging in now, somebody knows your password: change it. Tell the code to nobody.
mail-two-factor-code-subject = { $product }: Code for two-factor authentication
mail-two-factor-code-text = Enter this code to turn on two-factor authentication for everybody in the organization { $organization }. It shows that mail reaches you.
mail-two-factor-code-closing = If it was not you, change your password. Tell the code to nobody.
mail-policy-subject = { $product }: A security setting of your organization was changed
mail-policy-text = A security setting of the organization { $organization } was changed.
mail-policy-two-factor-on = Two-factor authentication is active: after the password everybody enters a code.
mail-policy-two-factor-off = Two-factor authentication is inactive: a password alone is enough to log in.
mail-policy-operator = The operator of the service
mail-policy-button = Look at the settings
mail-policy-closing = If you did not expect this, talk to the Org Owner.
sms-login-code = { $product }: { $code } is your login code. It works for { $minutes } minutes. Tell it to nobody.
mail-confirmation-code-subject = { $product }: Your code
mail-confirmation-code-text = Enter this code to show that it is you, in the organization { $organization }.
mail-confirmation-code-closing = If you did not ask for it, tell an administrator of your organization. Tell the code to nobody.
mail-idp-trial-subject = { $product }: Log in through your IdP to confirm
mail-idp-trial-text = The IdP of the organization { $organization } is on trial. Log in through it to put it in force.
mail-idp-trial-button = Log in
mail-idp-trial-closing = If you do not, everything stays as it was. If you did not start this, change your password.
mail-idp-reverted-subject = { $product }: The IdP was not put in force
mail-idp-reverted-text = Nobody confirmed the IdP of the organization { $organization } by logging in through it within the trial. Everything is as it was before.
mail-idp-reverted-button = IdP settings
mail-idp-reverted-closing = The refused logins in the audit log may tell why it did not work.
mail-idp-force-subject = { $product }: Your organization logs in through its IdP
mail-idp-force-text = From now on everybody in the organization { $organization } logs in through its IdP. Cloud accounts are deactivated, and their sessions have ended.
mail-idp-force-closing = The Org Owner’s recovery codes are the way in if the IdP fails. If you did not expect this, tell whoever runs this service.
mail-idp-secret-subject = { $product }: The Client Secret of your IdP expires
mail-idp-secret-text = The Client Secret with which the organization { $organization } logs in at its IdP stops working soon. Then nobody could log in.
mail-idp-secret-button = Enter a new secret
mail-idp-secret-closing = The Org Owner makes a new secret at the IdP and enters it in the settings, where it is tested before it replaces the old one.
mail-idp-code-subject = { $product }: A recovery code was used
mail-idp-code-text = Somebody used one of your recovery codes for the organization { $organization }. It opens the IdP settings for 30 minutes once the password or a mailed code is entered.
mail-idp-code-button = Audit log
mail-idp-code-closing = If it was not you, make new recovery codes at once: that voids all others.
mail-idp-recovered-subject = { $product }: Back to cloud accounts
mail-idp-recovered-text = Whoever runs { $product } brought the organization { $organization } back to cloud accounts: log in with email and password.
mail-idp-recovered-closing = Passwords are those from before the IdP. Who has none asks for a new one on the login page.
mail-idp-registered-subject = { $product }: You are registered
mail-idp-registered-text = You are registered in the organization { $organization } at { $product }. You need no password: log in with your company account.
mail-idp-registered-closing = If you did not expect this mail, you need not do anything.
mail-idp-refused-subject = { $product }: Your IdP refuses the Client Secret
mail-idp-refused-text = The IdP refuses the Client Secret of the organization { $organization }: it has expired, was removed, or is wrong. Nobody can log in through the IdP until it is replaced.
mail-idp-refused-button = Use a recovery code
mail-idp-refused-closing = The Org Owner makes a new secret at the IdP, gets in with a recovery code, and enters it in the settings. Whoever is still logged in can do so in the console.
mail-policy-expiration-on = Passwords expire { $n } days after they were set. Whoever’s is older sets a new one at the next request.
mail-policy-expiration-off = Passwords do not expire any more.
mail-policy-access-on = Console access control is used: the console is open from { $n ->
        [one] 1 address
       *[other] { $n } addresses
    } only.
mail-policy-access-changed = The list of console access control was changed: the console is open from { $n ->
        [one] 1 address
       *[other] { $n } addresses
    } only.
mail-policy-access-off = Console access control is not used any more: the console is open from every address.
mail-expires-subject = { $product }: Your password expires soon
mail-expires-text = Your password for { $organization } expires soon. Set a new one before, and nothing interrupts your work.
mail-expires-button = Set a new password
mail-expires-closing = Afterwards you can still log in with it, but only to set a new one.
