# Account settings.

account-title = Account info
account-lede = Your profile, your password, what proves that it is you, and where you are logged in.
account-profile = Profile
account-language = Language
account-time-zone = Time zone
account-profile-saved = Your profile is saved.
account-password-since = Last set { $when }
account-change-password = Change password
account-change-password-text = All your other sessions end when the password changes.
account-password-changed = Your password is changed, and your other sessions were ended.
account-roles = My roles
account-sessions = Sessions
account-sessions-text = Where you are logged in now.
account-this-session = This session
account-last-used = Last used
account-logged-in = Logged in
account-end-session = Sign out
account-end-others = Sign out all others
account-session-ended = The session is signed out.
account-others-ended = { $n -> 
        [0] There was no other session.
        [one] 1 other session is signed out.
       *[other] { $n } other sessions are signed out.
    }
account-by-provider = You log in through your organization’s IdP, so there is nothing to set here.
