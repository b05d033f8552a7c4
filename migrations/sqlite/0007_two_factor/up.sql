-- Two-factor authentication: a policy of the organization, what a session was opened with, and logins whose password
-- was right and whose second factor is still to come.

ALTER TABLE organizations ADD COLUMN two_factor BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE sessions ADD COLUMN second_factor TEXT CHECK (second_factor IN ('email', 'mobile', 'authenticator', 'recovery_code'));

-- begun_at and authenticated_at are what the session will have: one that was open before goes on as old as it was.
CREATE TABLE logins_in_progress (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('password')),
    password_changed_at TIMESTAMP,
    factor TEXT CHECK (factor IN ('email', 'mobile', 'authenticator', 'recovery_code')),
    return_to TEXT NOT NULL,
    begun_at TIMESTAMP NOT NULL,
    authenticated_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX logins_in_progress_by_user ON logins_in_progress (organization_id, user_id);
CREATE INDEX logins_in_progress_by_expiry ON logins_in_progress (expires_at);
