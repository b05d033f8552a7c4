# IAM > Users.

users-lede = Everybody who can log in to this organization, and everybody who is invited.
users-all = All users
users-register = Register user
users-register-many = Register in bulk
users-search = Search by name or email
users-anywhere = Anywhere in the name or address
users-status = Status
users-status-any = Any status
users-role = Role
users-role-any = Any role
users-roles = Roles
users-no-role = None
users-last-login = Last login
users-more-projects = { $n ->
    [one] more project
   *[other] more projects
}
users-registered = Registered
users-never = Never
users-you = You
users-shown = { $shown ->
    [one] 1 user shown
   *[other] { $shown } users shown
}
users-shown-of = { $total ->
    [one] { $shown } of 1 user
   *[other] { $shown } of { $total } users
}
users-shown-of-many = { $shown } of more than { $most } users
users-none = No user is like that
users-none-text = Nobody’s name or address begins with what you search for, or nobody has that status and role.
users-look-anywhere = Look inside names and addresses
users-show-all = Show all users
status-invited = Invited
status-active = Active
status-locked = Locked
status-deactivated = Deactivated

users-register-lede = The user gets an email with a link to set a password.
users-email-hint = The ID for logging in. It cannot be changed later.
users-nickname = Nickname (optional)
users-mobile = Mobile (optional)
users-language = Language of the invitation
users-registered-one = { $name } is registered. The invitation is on its way.
users-registered-many = { $count ->
    [one] 1 user is registered. The invitation is on its way.
   *[other] { $count } users are registered. The invitations are on their way.
}
users-registered-one-later = { $name } is registered. As many invitations were sent to this address today as are allowed; this one will be sent on { $when }.
users-registered-one-full = { $name } is registered. Your organization has sent { $most ->
    [one] 1 invitation
   *[other] { $most } invitations
} today, as many as are allowed; this one will be sent on { $when }.
users-registered-one-waiting = { $name } is registered. A limit of invitations a day is reached; this one will be sent on { $when }.
users-registered-many-later = { $count ->
    [one] 1 user is registered.
   *[other] { $count } users are registered.
} { $later ->
    [one] 1 invitation goes to an address that was sent as many today as are allowed; it will be sent by { $when }.
   *[other] { $later } invitations go to addresses that were sent as many today as are allowed; they will be sent by { $when }.
}
users-registered-many-full = { $count ->
    [one] 1 user is registered.
   *[other] { $count } users are registered.
} Your organization may send { $most ->
    [one] 1 invitation
   *[other] { $most } invitations
} a day. { $later ->
    [one] 1 invitation will be sent by { $when }.
   *[other] { $later } invitations will be sent by { $when }.
}
users-registered-many-mixed = { $count ->
    [one] 1 user is registered.
   *[other] { $count } users are registered.
} Limits of invitations a day are reached. { $later ->
    [one] 1 invitation will be sent by { $when }.
   *[other] { $later } invitations will be sent by { $when }.
}
users-invitation = Invitation

users-many-lede = Up to { $most } users at once. Everything is checked first; nobody is registered while a line is wrong.
users-register-all = Register all
lines-title = The list
lines-paste = Users, one on each line
lines-hint = Email, name, nickname, mobile and roles, separated by commas, semicolons or tabs. Only email and name are required. Several roles are separated by a slash: Org Admin / Billing Admin.
lines-file = Or a file
lines-file-hint = A CSV or tab-separated file of a spreadsheet, up to 1 MiB. It takes the place of what stands above.
lines-check = Check only
lines-checked-address = { $later ->
    [one] 1 invitation would be sent later, because its address was sent as many today as are allowed. The user is registered all the same.
   *[other] { $later } invitations would be sent later, because their addresses were sent as many today as are allowed. The users are registered all the same.
}
lines-checked-organization = { $later ->
    [one] 1 invitation would be sent later, because your organization may send { $most } a day and has { $left } left today. The user is registered all the same.
   *[other] { $later } invitations would be sent later, because your organization may send { $most } a day and has { $left } left today. The users are registered all the same.
}
lines-checked = { $count ->
    [one] 1 line is in order. Nobody is registered yet.
   *[other] All { $count } lines are in order. Nobody is registered yet.
}
lines-faulty = { $count ->
    [one] Correct 1 thing in the list. Nobody was registered.
   *[other] Correct { $count } things in the list. Nobody was registered.
}
lines-faults = What to correct
lines-line = Line
lines-whole = Whole list
lines-column = Column
lines-what = What to do
lines-more = And { $more } more.
lines-answer = Mail server’s answer
lines-finished = Finished
lines-none = Enter at least one user
lines-title-line = “{ $title }” looks like a title. Remove this line
lines-too-many = There are { $count } lines. Register at most { $most } users at once
lines-unreadable = Save the list as CSV and try again
lines-encoding = The characters of this file cannot be read. Copy the cells in your spreadsheet and paste them above, or save the file as “CSV UTF-8”
lines-twice = This address stands on line { $line } already
lines-unknown-column = Name the column Email, Name, Nickname, Mobile or Roles instead of “{ $column }”
lines-too-many-columns = Leave at most { $most } columns
lines-long-cell = Shorten the cell to { $most } characters, or close its quotation mark
lines-unknown-role = Use Org Admin, Org Reader or Billing Admin instead of “{ $role }”

registration-title = Registered users
registration-lede = { $count ->
    [one] 1 user, registered { $when }.
   *[other] { $count } users, registered { $when }.
}
registration-report = Download report
registration-invitations = Invitations
registration-progress = { $done } of { $count } invitations finished
registration-states = { $sent } sent, { $queued } waiting, { $failed } failed
registration-none = The users of this registration were deleted meanwhile.
user-invitation-due = To be sent on { $when }
delivery-queued = Waiting
delivery-sent = Sent
delivery-failed = Failed
delivery-expired = Failed: its link expired before the mail server took it
delivery-replaced = Not sent: a newer one took its place
delivery-taken-back = Taken back before it was sent

user-tabs = User
user-tab-account = Account
user-tab-roles = Roles
user-tab-sessions = Sessions
user-profile = Profile
user-id = User ID
user-is-owner = This is the Org Owner. Only the transfer of ownership changes that.
user-is-you = This is you. Your own account is under Account settings; another administrator changes your roles.
user-changed-meanwhile = This user has changed meanwhile. Look at the page again.
user-read-only = Only an Org Admin can change this.
user-lock = Locked after wrong passwords
user-lock-text = Browsers this user has not used before have to wait until { $until }. A new password lifts the lock as well.
user-unlock = Lift lock
user-unlocked = The lock is lifted.
user-invitation-open = The link works until { $until }.
user-invitation-none = There is no link that works. Send a new invitation.
user-invitation-never = No invitation is on record.
user-invite-again = Send new invitation
user-invited = A new invitation is on its way. Until then, a link that was sent before keeps working.
user-invited-later = A limit of invitations a day is reached, so the new invitation will be sent on { $when }. Until then, a link that was sent before keeps working.
user-revoke = Revoke invitation
user-revoked = The invitation is revoked. Its link no longer works.
user-deactivation = Deactivate
user-deactivation-text = The user can no longer log in, and all sessions end at once. Roles and everything else stay, and it can be undone.
user-deactivate = Deactivate user
user-deactivated = The user is deactivated and logged out everywhere.
user-reactivation = Reactivate
user-reactivation-text = The user can log in again with the roles from before.
user-reactivate = Reactivate user
user-reactivated = The user can log in again.
user-reactivated-invited = The user has no password yet. Send a new invitation.
user-deletion = Delete
user-deletion-text = Everything of this user is removed. It cannot be undone; deactivating can.
user-delete = Delete user
user-deletion-effect = { $name } is logged out at once and removed with sessions and roles. The audit log keeps what was done. This cannot be undone.
user-deletion-confirm = Type the user’s email address to confirm
user-deletion-confirm-hint = It stands under the name at the top of this page.
user-deleted = { $name } was deleted.
user-organization-roles = Organization roles
user-roles-text = What this user may do in the organization. A change acts on the user’s next click.
user-edit-roles = Edit roles
user-edit-roles-text = Acts on the user’s next click, in sessions that are open as well.
user-roles-changed = The roles are changed.
user-sessions-text = Browsers in which this user is logged in.
user-end-sessions = End all sessions
user-sessions-ended = { $n ->
    [one] 1 session was ended.
   *[other] { $n } sessions were ended.
}
user-no-sessions = Not logged in anywhere
user-no-sessions-text = Once the user logs in, the browser shows up here.
user-project-roles = Project roles
user-project-roles-none = In no project
user-factors-title = Second factors
user-factors-text = For somebody who lost the phone: takes the authenticator app, its recovery codes and the mobile number away.
user-factors = Reset authenticator and mobile number
user-factors-effect = { $name } sets up an authenticator app and a mobile number anew, and is told of this by mail. The password stays.
user-factors-reset = Authenticator and mobile number are reset. The user is told by mail.
user-codes = Wrong codes today
user-codes-text = { $n ->
        [one] 1 wrong code was entered for this account. After too many no code is looked at until a day has passed.
       *[other] { $n } wrong codes were entered for this account. After too many no code is looked at until a day has passed.
    }
user-codes-lift = Start the count over
user-binding = IdP account
user-binding-text = Connected to { $address } since
user-binding-release = Release the IdP account
user-binding-hint = For somebody who was made anew at the IdP: the next login connects again. Sessions end.
user-binding-released = The IdP account is released. The next login connects it again.
user-binding-none = This user has not logged in through the IdP yet: there is nothing to release.
status-expired = Expired
