-- Rows that a session or a network has taken in a minute of the audit log, so that a flood of refusals has a bounded number.
CREATE TABLE audit_rows (
    key BYTEA NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX audit_rows_by_expiry ON audit_rows (expires_at);

-- Public keys of seals from before a rotation, each signed by the key that took its place.
CREATE TABLE audit_keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    signature BYTEA NOT NULL
);
