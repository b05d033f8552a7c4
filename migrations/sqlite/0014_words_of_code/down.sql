PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ' subject TEXT NOT NULL,', ' subject TEXT NOT NULL CHECK (subject IN (''account'', ''browser'', ''network'', ''sign_up'', ''reset_mail'', ''organizations_mail'', ''invitation_mail'', ''organization_invitations'')),')
    WHERE type = 'table' AND name = 'throttles';
UPDATE sqlite_schema SET sql = replace(sql, ' purpose TEXT NOT NULL,', ' purpose TEXT NOT NULL CHECK (purpose IN (''invitation'', ''password_reset'')),')
    WHERE type = 'table' AND name = 'mailed_links';
UPDATE sqlite_schema SET sql = replace(sql, ' second_factor TEXT,', ' second_factor TEXT CHECK (second_factor IN (''email'', ''mobile'', ''authenticator'', ''recovery_code'')),')
    WHERE type = 'table' AND name = 'sessions';
UPDATE sqlite_schema SET sql = replace(sql, ' method TEXT NOT NULL DEFAULT ''password'',', ' method TEXT NOT NULL DEFAULT ''password'' CHECK (method IN (''password'', ''idp'')),')
    WHERE type = 'table' AND name = 'sessions';
UPDATE sqlite_schema SET sql = replace(sql, ' factor TEXT,', ' factor TEXT CHECK (factor IN (''email'', ''mobile'', ''authenticator'', ''recovery_code'')),')
    WHERE type = 'table' AND name = 'logins_in_progress';
UPDATE sqlite_schema SET sql = replace(sql, ' method TEXT NOT NULL DEFAULT ''password'',', ' method TEXT NOT NULL DEFAULT ''password'' CHECK (method IN (''password'', ''idp'')),')
    WHERE type = 'table' AND name = 'logins_in_progress';
UPDATE sqlite_schema SET sql = replace(sql, ' policy TEXT NOT NULL,', ' policy TEXT NOT NULL CHECK (policy IN (''password_expiration'', ''console_access'', ''two_factor'', ''login_method'')),')
    WHERE type = 'table' AND name = 'policy_versions';
UPDATE sqlite_schema SET sql = replace(sql, ' actor_kind TEXT NOT NULL,', ' actor_kind TEXT NOT NULL CHECK (actor_kind IN (''user'', ''visitor'', ''operator'', ''system'')),')
    WHERE type = 'table' AND name = 'audit_events';
PRAGMA writable_schema = RESET;
CREATE INDEX schema_was_changed ON root_secrets (created_at);
DROP INDEX schema_was_changed;
