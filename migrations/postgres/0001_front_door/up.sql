-- The front door: organizations, their people, how they came in, what was mailed to them, what happened.
-- Conventions (docs/architecture.md): ids are TEXT, instants TIMESTAMP in UTC, enums TEXT with CHECK, digests BYTEA.
-- Owned tables carry organization_id and refer to each other by (organization_id, id), so that a row of one
-- organization cannot point into another. Columns that are sorted compare bytes (COLLATE "C"), as SQLite does.

CREATE TABLE organizations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('awaiting_owner', 'active', 'suspended')),
    login_method TEXT NOT NULL CHECK (login_method IN ('cloud_account')),
    owner_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    submission TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    unclaimed_until TIMESTAMP,
    company_name TEXT NOT NULL,
    country TEXT NOT NULL,
    registration_number TEXT,
    representative TEXT NOT NULL,
    company_phone TEXT NOT NULL,
    billing_email TEXT NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    email TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    nickname TEXT,
    mobile TEXT,
    language TEXT NOT NULL CHECK (language IN ('en', 'ko')),
    time_zone TEXT NOT NULL,
    time_zone_chosen BOOLEAN NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'deactivated')),
    org_admin BOOLEAN NOT NULL,
    org_reader BOOLEAN NOT NULL,
    billing_admin BOOLEAN NOT NULL,
    password_hash TEXT,
    password_changed_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    last_login_at TIMESTAMP,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, email)
-- Room in each page, so that a change of what no index holds touches none.
) WITH (fillfactor = 80);
CREATE INDEX users_by_email ON users (email);

ALTER TABLE organizations ADD FOREIGN KEY (id, owner_id) REFERENCES users (organization_id, id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE past_passwords (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    password_hash TEXT NOT NULL,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX past_passwords_by_user ON past_passwords (organization_id, user_id, id);

CREATE TABLE consents (
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    agreed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, user_id, term, version),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE sign_ups (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    answers TEXT NOT NULL,
    organization_id TEXT COLLATE "C" REFERENCES organizations (id) ON DELETE CASCADE,
    mails INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX sign_ups_by_expiry ON sign_ups (expires_at);
CREATE INDEX sign_ups_by_organization ON sign_ups (organization_id);

CREATE TABLE mailed_links (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'password_reset')),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    replaced_at TIMESTAMP,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX mailed_links_by_user ON mailed_links (organization_id, user_id, purpose);

CREATE TABLE sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('password')),
    created_at TIMESTAMP NOT NULL,
    authenticated_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (organization_id, user_id);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at);

CREATE TABLE held_forms (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    path TEXT NOT NULL,
    fields TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX held_forms_by_session ON held_forms (organization_id, session_id);

CREATE TABLE known_browsers (
    token_hash BYTEA NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, user_id, token_hash),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE throttles (
    key BYTEA NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL CHECK (subject IN ('account', 'browser', 'network', 'sign_up', 'reset_mail', 'organizations_mail', 'invitation_mail', 'organization_invitations')),
    organization_id TEXT COLLATE "C",
    user_id TEXT COLLATE "C",
    count BIGINT NOT NULL,
    rung BIGINT NOT NULL,
    since TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    locked_until TIMESTAMP,
    expires_at TIMESTAMP NOT NULL,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX throttles_by_expiry ON throttles (expires_at);
CREATE INDEX throttles_by_user ON throttles (organization_id, user_id);

CREATE TABLE mails (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" REFERENCES organizations (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('en', 'ko')),
    time_zone TEXT NOT NULL,
    sealed BYTEA,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    created_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    leased_until TIMESTAMP,
    attempts INTEGER NOT NULL,
    answer TEXT,
    finished_at TIMESTAMP
);
CREATE INDEX mails_by_due ON mails (state, due_at);
CREATE INDEX mails_by_organization ON mails (organization_id, id);

CREATE TABLE audit_events (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" REFERENCES organizations (id) ON DELETE CASCADE,
    reference TEXT COLLATE "C" NOT NULL UNIQUE,
    at TIMESTAMP NOT NULL,
    event TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('done', 'failed', 'refused')),
    reason TEXT,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user', 'visitor', 'operator', 'system')),
    actor_id TEXT COLLATE "C",
    actor_name TEXT,
    target_kind TEXT,
    target_id TEXT COLLATE "C",
    target_name TEXT,
    details TEXT NOT NULL,
    address TEXT,
    user_agent TEXT,
    request_id TEXT,
    merge_key BYTEA,
    count BIGINT NOT NULL
);
CREATE UNIQUE INDEX audit_events_by_merge_key ON audit_events (merge_key) WHERE merge_key IS NOT NULL;
CREATE INDEX audit_events_by_organization ON audit_events (organization_id, id);
CREATE INDEX audit_events_by_target ON audit_events (organization_id, target_id, event, id);
