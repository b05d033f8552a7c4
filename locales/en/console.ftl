# The console around every page, and its home.

nav-label = Management
nav-management = Management
nav-home = Home
nav-iam = IAM
nav-organization = Manage organization
nav-costs = Costs
nav-billing = Billing
nav-records = Records
nav-you = You
nav-account = Account settings
session-ending-title = Your session is about to end
session-ending = You have not used the console for a while. Stay logged in to go on; what you typed stays as it is.
session-time-left = Time left:
stay-logged-in = Stay logged in
home-title = Home
home-heading = Hello, { $name }
home-lede = This is the console of { $organization }.
home-organization = Organization
home-roles = My roles
home-what-roles-may = What the roles may do
home-tasks = Security tasks
home-no-tasks-title = Nothing to do
home-no-tasks = We tell you here when something about your account needs a look.
home-logins = My last logins
home-logins-text = If one of them was not you, change your password.
column-when = When
column-result = Result
column-address = Address
column-browser = Browser
task-failed-logins = { $n -> 
        [one] 1 failed login before this one
       *[other] { $n } failed logins before this one
    }
task-failed-passwords = { $n ->
        [one] In 1 of them the password was wrong.
       *[other] In { $n } of them the password was wrong.
    }
task-failed-codes = { $n ->
        [one] In 1 of them the password was right and the code after it was wrong.
       *[other] In { $n } of them the password was right and the code after it was wrong.
    }
task-failed-others = { $n ->
        [one] 1 of them was turned away for another reason.
       *[other] { $n } of them were turned away for another reason.
    }
task-failed-logins-text = If it was not you, change your password.
task-other-sessions = { $n -> 
        [one] You are logged in in 1 other place
       *[other] You are logged in in { $n } other places
    }
task-other-sessions-text = End the sessions you do not know.
task-review-sessions = Review sessions
task-mobile = Your mobile number is not verified
task-mobile-text = Type a code that we send there, and the number counts as yours.
task-authenticator = No authenticator app is set up
task-authenticator-text = Its codes will be asked for at login once two-factor authentication is turned on.
roles-title = What the roles may do
roles-lede = One table decides this in the whole console. Project roles count in their project alone.
roles-permission = Permission
roles-none = No organization role
roles-fresh = “Fresh” asks for the password again when the login is older than ten minutes.
roles-fresh-badge = Fresh
role-org-owner = Org Owner
role-org-admin = Org Admin
role-org-reader = Org Reader
role-billing-admin = Billing Admin
role-project-admin = Project Admin
role-project-member = Project Member
role-project-reader = Project Reader
permission-view-organization = View organization settings
permission-manage-login = Change login method, IdP integration, two-factor authentication
permission-manage-security = Set password expiration, control console access
permission-manage-ownership = Request or withdraw organization deletion, transfer ownership
permission-view-users = View users, their roles and status
permission-manage-users = Register users, resend or revoke invitations, deactivate or reactivate users, end their sessions, lift a lock
permission-manage-roles = Edit organization roles, delete users
permission-manage-factors = Reset another user’s authenticator and mobile number, release an IdP binding
permission-view-projects = View all projects
permission-manage-projects = Create, rename, delete projects
permission-view-project = View one project and its members
permission-manage-project-members = Add, change, remove project members
permission-manage-billing = View bills, pay bills
permission-view-audit = View the audit log
permission-export-audit = Export the audit log
permission-own-account = Own account: profile, sessions, own roles
nav-users = Users
role-org-owner-text = Owns the organization: changes how people log in, transfers ownership, closes it.
role-org-admin-text = Manages users, projects and security. Includes Org Reader.
role-org-reader-text = Sees settings, users and projects, and changes nothing.
role-billing-admin-text = Sees bills and pays them.
permission-own-secrets = Own account: password, mobile number, authenticator app
task-owner-codes = Make your recovery codes
task-owner-codes-text = If the IdP fails, they are the only way in that needs nobody else.
