# Login, confirmation and logout.

login-organization-hint = The name your organization signed up with.
login-to-go-on = Log in to go on where you were.
login-lost = That login took too long, or the browser keeps no cookies here. Begin again; if you come back to this page, allow cookies or use the https address.
login-forgot-organization = Mail me my organizations
login-new-here = New here?
login-forgot-password = Forgot your password?
login-reset-instead = Set a new password instead
login-wrong = Organization name, email or password is wrong.
login-locked = { $minutes -> 
        [one] Too many wrong passwords. Wait 1 minute, or set a new password.
       *[other] Too many wrong passwords. Wait { $minutes } minutes, or set a new password.
    }
login-paused = { $minutes -> 
        [one] Too many wrong passwords came from your network. Wait 1 minute.
       *[other] Too many wrong passwords came from your network. Wait { $minutes } minutes.
    }
login-busy = Many people are logging in at this moment. Your entries are kept: enter the password again and press Log in.
login-logged-out = You are logged out.
login-page-old = This page was open for too long. Enter your password again.
login-other-title = You are logged in to another organization
login-other = In this browser you are logged in to { $other } as { $email }. To log in to { $organization }, log out first.
login-other-console = Continue to the console
login-other-change = Log out and log in here
login-mail-organizations = Mail me my organizations
login-organizations-hint = We mail you the names of the organizations this address is registered in.
login-organizations-sent = If { $email } is registered anywhere, a mail with the organization names is on its way.
login-result-done = Logged in
login-result-failed = Failed
login-result-refused = Refused
back-to-login = Back to login
confirmation-title = Confirm it is you
confirmation-text = What comes next can change who gets in, so your login must be fresh. You are led back to where you were, and what you typed is kept.
confirmation-as = Logged in as
confirmation-button = Confirm
login-factor = Second factor
login-factor-title = Two-factor authentication
login-factor-text = Your password is right. Your organization also asks for a code: choose how you get it.
login-factor-as = You log in as
login-factor-other = Use another way
login-factor-no-mobile = No verified number: verify one in account settings after logging in.
login-factor-no-gateway = This installation cannot send SMS.
login-factor-no-app = No authenticator app is set up for your account.
login-factor-no-recovery = No recovery code is left.
login-use-recovery = Use a recovery code
login-code = Code
login-code-hint = Six digits.
login-code-title = Enter the code
login-code-mailed = We mailed a code to { $to }. Only the code sent last works.
login-code-texted = We sent a code by SMS to { $to }. Only the code sent last works.
login-code-app = Open your authenticator app and enter the code it shows now.
login-code-resend = Resend code
login-code-again = A new code is on its way. The one before works no more.
login-recovery-title = Use a recovery code
login-recovery-text = Each of the codes you kept when you set up the authenticator app stands in for it once.
login-recovery-code = Recovery code
login-recovery-hint = 24 letters and digits, with hyphens or without.
login-again-title = One more step
login-again-text = Two-factor authentication was turned on in { $organization }. Go on with a second factor; you are led back to where you were.
confirmation-code = Code
confirmation-code-hint = Six digits from the mail.
confirmation-resend = Mail me a new code
login-outside = This organization is open from certain addresses only, and yours, { $address }, is not among them. To have it allowed, tell an Org Admin the address and this code: { $reference }
