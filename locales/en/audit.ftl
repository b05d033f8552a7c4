# The audit log.

nav-audit = Audit log
audit-title = Audit log
audit-lede = Who did what in { $organization }, and what was refused.
audit-filters = Filters
audit-from = From
audit-to = To
audit-filters-hint = Days are those of the time zone { $zone }. “Done by” takes an exact email or name.
audit-actor = Done by
audit-event = Event
audit-event-any = Any event
audit-result = Result
audit-result-any = Any result
audit-result-done = Done
audit-result-failed = Failed
audit-result-refused = Refused
audit-reference = Reference code
audit-search = Search
audit-clear = Clear filters
audit-shown = { $n ->
        [0] No events
        [one] 1 event on this page
       *[other] { $n } events on this page
    }
audit-column-when = When
audit-column-actor = Done by
audit-column-target = Done to
audit-times = { $n } times
audit-none-title = No event matches
audit-none = Nothing in the log fits these filters. Clear them, or choose a longer time.
audit-empty-title = No events yet
audit-empty = What people do here, and what is refused, is written down as it happens.
audit-actor-user = A user
audit-actor-visitor = A visitor
audit-actor-operator = The operator
audit-actor-system = Vestibule itself
audit-what-happened = What happened
audit-what-changed = What changed
audit-changed-value = Value
audit-before = Before
audit-after = After
audit-nothing = Nothing
audit-where-from = Where it came from
audit-why = Why
audit-agent = Browser
audit-agent-header = In its own words
audit-request = Request ID
audit-event-id = Event ID
audit-count = How often
audit-count-text = { $n ->
        [one] Once
       *[other] { $n } times within a minute
    }
audit-logins-title = Logins per day
audit-logins-lede = Logins to { $organization } in the last 14 days, in the time zone { $zone }.
audit-logins = Logins, last 14 days
audit-logins-show = Show logins per day
audit-logins-none-failed = { $done ->
        [one] 1 login in the last 14 days, and no try failed
       *[other] { $done } logins in the last 14 days, and no try failed
    }
audit-logins-some-failed = { $done ->
        [one] 1 login
       *[other] { $done } logins
    } and { $failed ->
        [one] 1 failed try
       *[other] { $failed } failed tries
    } in the last 14 days; most failed on { $day }: { $worst }
audit-logins-done = Successful
audit-logins-failed = Failed
audit-logins-day = Day
audit-show-table = Show as table
audit-show-chart = Show as chart
audit-export = Export
audit-export-title = Export the audit log
audit-export-lede = The file holds every event that fits, newest first. That it was exported is written into the log.
audit-export-what = Events
audit-export-what-text = Leave everything empty for the whole log.
audit-format = Format
audit-format-csv = CSV
audit-format-csv-hint = For spreadsheets. What could be taken for a formula has an apostrophe in front.
audit-format-jsonl = JSON Lines
audit-format-jsonl-hint = For programs: one JSON object a line.
audit-export-button = Export events
audit-export-back = Back to the log
audit-not-a-day = Choose a day of the calendar, like 2026-11-22
audit-not-an-event = Choose an event from the list
audit-not-a-result = Choose a result from the list
audit-not-a-format = Choose a format
audit-event-organization-created = Organization signed up
audit-event-organization-claimed = Organization claimed by its owner
audit-event-organization-unclaimed = Unclaimed organization removed
audit-event-organization-suspended = Organization suspended
audit-event-organization-resumed = Organization resumed
audit-event-user-registered = User registered
audit-event-invitation-sent = Invitation sent
audit-event-invitation-corrected = Invitation address corrected
audit-event-invitation-accepted = Invitation accepted
audit-event-password-reset-requested = Password reset requested
audit-event-password-reset = Password set by a mailed link
audit-event-password-changed = Password changed
audit-event-login = Login
audit-event-account-locked = Account locked
audit-event-account-unlocked = Account unlocked
audit-event-confirmation = Identity confirmed
audit-event-logout = Logout
audit-event-session-ended = Session ended
audit-event-other-sessions-ended = All other sessions ended
audit-event-profile-changed = Profile changed
audit-event-organizations-mailed = Organization names mailed
audit-event-audit-exported = Audit log exported
audit-event-request-refused = Request refused
audit-event-request-failed = Request failed
audit-reason-cross-site = The request came from another site
audit-reason-deactivated = The user is deactivated
audit-reason-forbidden = The user’s roles do not permit it
audit-reason-internal = Something went wrong in Vestibule
audit-reason-link = The link was used already or had expired
audit-reason-lock-ended = The lock had just ended
audit-reason-locked = The account was locked
audit-reason-network-paused = Too many wrong passwords had come from this network
audit-reason-not-allowed = The user or the organization may not log in now
audit-reason-outcome-unknown = The connection to the database was lost, so the outcome is unknown
audit-reason-sign-ups = Too many sign-ups had come from this network
audit-reason-throttled = The limit of mails was reached
audit-reason-unknown-organization = There is no organization of this name
audit-reason-unknown-user = There is no user with this address
audit-reason-unreadable-address = The proxy did not name a readable client address
audit-reason-wrong-password = The password was wrong
audit-fact-actor = Actor
audit-fact-company = Company name
audit-fact-country = Country
audit-fact-email = Email
audit-fact-event = Event
audit-fact-filters = Filters
audit-fact-format = Format
audit-fact-from = From
audit-fact-known-browser = Known browser
audit-fact-language = Language
audit-fact-mailed = Mailed
audit-fact-method = Login method
audit-fact-name = Name
audit-fact-nickname = Nickname
audit-fact-path = Page
audit-fact-reason = Reason
audit-fact-reference = Reference code
audit-fact-result = Result
audit-fact-sessions = Sessions
audit-fact-state = State
audit-fact-time-zone = Time zone
audit-fact-to = To
audit-fact-until = Until
audit-target-organization = Organization
audit-target-session = Session
audit-target-user = User
