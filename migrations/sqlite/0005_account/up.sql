-- What people prove they have: a mobile number by a code sent there, an authenticator app by a code it shows.
-- Messages of either channel wait in one outbox.

ALTER TABLE mails ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'sms'));

ALTER TABLE users ADD COLUMN mobile_verified_at TIMESTAMP;

CREATE TABLE codes (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    message_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    tries BIGINT NOT NULL,
    used_at TIMESTAMP,
    replaced_at TIMESTAMP,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX codes_by_user ON codes (organization_id, user_id, purpose, id);
CREATE INDEX codes_by_expiry ON codes (expires_at);

CREATE TABLE code_counts (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    sent BIGINT NOT NULL,
    sent_since TIMESTAMP NOT NULL,
    wrong BIGINT NOT NULL,
    wrong_since TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, user_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE authenticators (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'in_force')),
    sealed BLOB NOT NULL,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (organization_id, user_id, state),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE authenticator_recovery_codes (
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    PRIMARY KEY (organization_id, user_id, code_hash),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
