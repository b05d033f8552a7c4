-- Login at the organization's own identity provider: its settings, logins on their way there, whom it knows, and the
-- owner's way back in when it fails.

-- The lists of words that the columns allow grow; SQLite knows no other way than a new column.
ALTER TABLE organizations ADD COLUMN new_login_method TEXT NOT NULL DEFAULT 'cloud_account' CHECK (new_login_method IN ('cloud_account', 'idp_account'));
UPDATE organizations SET new_login_method = login_method;
ALTER TABLE organizations DROP COLUMN login_method;
ALTER TABLE organizations RENAME COLUMN new_login_method TO login_method;
ALTER TABLE organizations ADD COLUMN trial_until TIMESTAMP;

ALTER TABLE sessions ADD COLUMN new_method TEXT NOT NULL DEFAULT 'password' CHECK (new_method IN ('password', 'idp'));
UPDATE sessions SET new_method = method;
ALTER TABLE sessions DROP COLUMN method;
ALTER TABLE sessions RENAME COLUMN new_method TO method;

ALTER TABLE logins_in_progress ADD COLUMN new_method TEXT NOT NULL DEFAULT 'password' CHECK (new_method IN ('password', 'idp'));
UPDATE logins_in_progress SET new_method = method;
ALTER TABLE logins_in_progress DROP COLUMN method;
ALTER TABLE logins_in_progress RENAME COLUMN new_method TO method;

-- At most one that is being drafted, one on trial, one in force. The secret is sealed.
CREATE TABLE identity_providers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('draft', 'on_trial', 'in_force')),
    configuration TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    secret BYTEA NOT NULL,
    secret_expires_on TEXT,
    changed_at TIMESTAMP NOT NULL,
    test_result TEXT,
    tested_at TIMESTAMP,
    tells_auth_time BOOLEAN NOT NULL,
    trial_begun_at TIMESTAMP,
    trial_until TIMESTAMP,
    in_force_since TIMESTAMP,
    reminded_days BIGINT,
    alarmed_at TIMESTAMP,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, state)
);
CREATE INDEX identity_providers_by_trial ON identity_providers (trial_until) WHERE state = 'on_trial';
CREATE INDEX identity_providers_by_secret ON identity_providers (secret_expires_on) WHERE state = 'in_force';

-- Trips to a provider that came back: each does once. The browser itself carries a trip, sealed.
CREATE TABLE idp_returns (
    state_hash BYTEA NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX idp_returns_by_organization ON idp_returns (organization_id);
CREATE INDEX idp_returns_by_expiry ON idp_returns (expires_at);

-- By what the provider knows a user: from the first login on this alone decides.
CREATE TABLE idp_bindings (
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    address TEXT NOT NULL,
    bound_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, user_id),
    UNIQUE (organization_id, subject),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);

-- The owner's way in when the provider fails.
CREATE TABLE owner_recovery_codes (
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    code_hash BYTEA NOT NULL,
    made_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    PRIMARY KEY (organization_id, user_id, code_hash),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);

-- What a recovery code opens: it reaches the provider's settings and console access control alone. Until it is
-- confirmed by password or mailed code it reaches nothing.
CREATE TABLE repair_sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    confirmed_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX repair_sessions_by_user ON repair_sessions (organization_id, user_id);
CREATE INDEX repair_sessions_by_expiry ON repair_sessions (expires_at);
