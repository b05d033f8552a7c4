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
