-- The list of users by last login. The index begins with the status, as a filter by it would have to pass over most of the
-- organization otherwise; without one the list is merged from the ranges of all. A role has a range of its own, which costs
-- only the logins of those who have it.
CREATE INDEX users_by_last_login ON users (organization_id, status, last_login_at, id);
CREATE INDEX users_org_admin_by_last_login ON users (organization_id, last_login_at, id) WHERE org_admin;
CREATE INDEX users_org_reader_by_last_login ON users (organization_id, last_login_at, id) WHERE org_reader;
CREATE INDEX users_billing_admin_by_last_login ON users (organization_id, last_login_at, id) WHERE billing_admin;
