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
