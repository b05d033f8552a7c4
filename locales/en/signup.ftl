# Sign-up.

signup-step = Step { $n }
signup-step-done = done
signup-step-terms = Terms of agreement
signup-step-member = Member information
signup-step-organization = Organization information
signup-title-1 = Sign up, step 1 of 3
signup-title-2 = Sign up, step 2 of 3
signup-title-3 = Sign up, step 3 of 3
signup-have-account = Your organization is signed up already?
signup-code = Sign-up code
signup-code-hint = Sign-up is by invitation here. Whoever told you about it has the code.
signup-complete = Complete
signup-organization-hint = Everyone types it when logging in. 3 to 30 characters: a-z, 0-9 and single hyphens in between.
signup-name-available = “{ $name }” is available
signup-owner = Org Owner
signup-owner-hint = The person who looks after the organization: Org Owner, Org Admin and Billing Admin at first.
signup-email-hint = The ID for logging in. We mail the invitation there.
signup-mobile-country = Country of the mobile number
signup-throttled = From your network { $most ->
        [one] 1 organization has
       *[other] { $most } organizations have
    } been signed up within an hour, which is the limit. Try again in { $minutes ->
        [one] 1 minute
       *[other] { $minutes } minutes
    }, at { $at }.
signup-throttled-begun = Your network has begun as many sign-ups as it may in a minute ({ $most }). Try again in { $seconds ->
        [one] 1 second
       *[other] { $seconds } seconds
    }.
signup-done-title = Check your mail
signup-done = We mailed an invitation to { $email }. Open it and register a password; then { $organization } is yours.
signup-mailed-later-title = Your invitation follows
signup-mailed-later = { $email } got as many invitations today as an address may get. Yours is emailed on { $at }. Open it and register a password; then { $organization } is yours.
signup-not-mailed-title = No invitation was emailed
signup-not-mailed = { $email } got as many invitations today as an address may get, and as many wait for tomorrow. Send a new email the day after, or to another address.
signup-mail-failed-title = The email was not delivered
signup-mail-failed = The mail server did not take the invitation to { $email }: { $answer }. Correct the address and send a new email.
signup-mailed-again-later = The new email will be sent at the time shown below.
signup-done-until = The link works until { $until }.
signup-correct-title = No mail, or the wrong address?
signup-correct = { $left -> 
        [0] No further mails can be sent from here.
        [one] Correct the address if you need to. 1 more mail can be sent; the newest link is the one that works.
       *[other] Correct the address if you need to. { $left } more mails can be sent; the newest link is the one that works.
    }
signup-mail-again = Send a new mail
signup-mailed-again = A new mail is on its way.
signup-no-more-mails = No further mails can be sent from here. Wait for the last one, or ask the support.
signup-address-throttled = This address got as many mails today as it may. Try again tomorrow.
signup-claimed-title = Your organization is ready
signup-claimed = The password of { $organization } is registered. Log in with the organization name, your email and the password.
signup-closed-title = Sign-up is closed
signup-closed = No new organizations can be signed up here at present.
terms-legend = Read and agree
terms-all = Agree to all
terms-required = Required
terms-optional = Optional
terms-read = Read
terms-version = Version { $version }
member-company = Company name
member-country = Country
member-registration-number = Business registration number
member-registration-number-hint = Required in South Korea, optional elsewhere.
member-representative = Representative’s name
member-phone = Company phone
member-billing-email = Billing and tax-invoice email
member-billing-email-hint = Bills and tax invoices go there.
signup-lost-elsewhere = The page that you opened belongs to no sign-up that was started in this browser. If you started in another browser, go on there; otherwise start here.
signup-lost-expired = Your earlier entries were kept for 24 hours and have been deleted. Start here again.
