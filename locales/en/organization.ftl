# Manage organization.

organization-lede = Who { $name } is, and how its people log in.
organization-tab-account = Account
organization-facts = Organization
organization-id = Organization ID
organization-created = Created
organization-login-page = Login page
organization-login-link = Login with the organization name filled in
organization-login-method = Login method
organization-method-cloud = Cloud account
organization-method-cloud-hint = Everyone logs in with email and password.
organization-company = Company
organization-state-active = Active
organization-state-awaiting = Awaiting its owner’s password
organization-state-suspended = Suspended
