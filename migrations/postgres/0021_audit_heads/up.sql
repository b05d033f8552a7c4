-- The newest seal of each chain of the audit log, signed, so that a log whose newest seals were removed does not verify.
-- Without a reference to organizations: who removes an organization's row leaves its head behind, an erasure does not.
CREATE TABLE audit_heads (
    chain TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    version BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    signature BYTEA NOT NULL
);

-- How far the log is sealed and how many seals there are in all, signed: one row, written together with the heads.
CREATE TABLE audit_progress (
    id TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    sealed_until TIMESTAMP NOT NULL,
    total BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    signature BYTEA NOT NULL
);

-- Which key each instance that runs seals with, so that a rotation of keys knows of those that use an older one.
CREATE TABLE instances (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    key_id TEXT NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
