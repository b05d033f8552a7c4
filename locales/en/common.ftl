# What every page says.

skip-to-content = Skip to content
error-prefix = Error:
summary-title = There is a problem
show = Show
hide = Hide
copy = Copy
form-unsaved = These entries are not saved yet.
form-discard = Discard
save = Save
cancel = Cancel
next = Next
back = Back
change = Change
yes = Yes
no = No
menu = Menu
breadcrumb = Breadcrumb
password = Password
log-in = Log in
log-out = Log out
sign-up = Sign up
organization-name = Organization name
person-name = Name
person-nickname = Nickname
person-nickname-hint = What people here call you. Leave it empty to be shown by your name.
person-email = Email
person-mobile = Mobile
person-mobile-unverified = Not verified
reference-code = Reference code:
foot-terms = Terms
foot-support = Support
foot-language = Language
foot-theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
devbar-label = Development mode
devbar = Development mode: mail and SMS are captured, not sent.
devbar-mailbox = Mailbox
script-copied = Copied
script-dismiss = Dismiss
script-denied = You are not allowed to do this. Nothing was changed.
script-broken = This did not work. Wait a moment, check the page, then try again.
script-offline = The request did not reach the server. Check your connection and try again.
time-now = just now
time-minutes-ago = { $n -> 
        [one] 1 minute ago
       *[other] { $n } minutes ago
    }
time-hours-ago = { $n -> 
        [one] 1 hour ago
       *[other] { $n } hours ago
    }
time-days-ago = { $n -> 
        [one] 1 day ago
       *[other] { $n } days ago
    }
time-in-minutes = { $n -> 
        [one] in 1 minute
       *[other] in { $n } minutes
    }
time-in-hours = { $n -> 
        [one] in 1 hour
       *[other] in { $n } hours
    }
time-in-days = { $n -> 
        [one] in 1 day
       *[other] in { $n } days
    }

list-pages = Pages
list-previous = Previous
list-next = Next
search = Search
continue = Continue
newer-title = This was changed since you opened the page.
newer-text = Nothing was saved. These values hold now; yours are still in the form. Save again to replace them.
newer-by = Changed by
