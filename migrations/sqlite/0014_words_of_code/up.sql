-- These words grow with what the program can do. The closed enums in code check them from now on, so that a new word needs no
-- migration, which on SQLite would write a long audit log again.
-- No stored row changes, so the text of the tables is changed in place (https://www.sqlite.org/lang_altertable.html, "Making Other
-- Kinds Of Table Schema Changes"). The index that comes and goes tells other connections to read the schema again.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (subject IN (''account'', ''browser'', ''network'', ''sign_up'', ''reset_mail'', ''organizations_mail'', ''invitation_mail'', ''organization_invitations''))', '')
    WHERE type = 'table' AND name = 'throttles';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (purpose IN (''invitation'', ''password_reset''))', '')
    WHERE type = 'table' AND name = 'mailed_links';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (second_factor IN (''email'', ''mobile'', ''authenticator'', ''recovery_code''))', '')
    WHERE type = 'table' AND name = 'sessions';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (method IN (''password'', ''idp''))', '')
    WHERE type = 'table' AND name = 'sessions';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (factor IN (''email'', ''mobile'', ''authenticator'', ''recovery_code''))', '')
    WHERE type = 'table' AND name = 'logins_in_progress';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (method IN (''password'', ''idp''))', '')
    WHERE type = 'table' AND name = 'logins_in_progress';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (policy IN (''password_expiration'', ''console_access'', ''two_factor'', ''login_method''))', '')
    WHERE type = 'table' AND name = 'policy_versions';
UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (actor_kind IN (''user'', ''visitor'', ''operator'', ''system''))', '')
    WHERE type = 'table' AND name = 'audit_events';
PRAGMA writable_schema = RESET;
CREATE INDEX schema_was_changed ON root_secrets (created_at);
DROP INDEX schema_was_changed;
