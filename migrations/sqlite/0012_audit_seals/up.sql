-- The seal of the audit log. Each event gets one soon after it happened; the table of events itself stays as it is, as a
-- login must not become dearer. A chain is the log of one organization, or that of the installation for what belongs to
-- none; its seals are numbered without a gap, and each hangs on the one before by its hash. The row of an event that was
-- forgotten goes with it but for the last one, which the chain then begins after: it is signed once more as a cut.
CREATE TABLE audit_seals (
    chain TEXT NOT NULL,
    number BIGINT NOT NULL,
    organization_id TEXT REFERENCES organizations (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL,
    key_id TEXT NOT NULL,
    cut BLOB,
    PRIMARY KEY (chain, number)
);
CREATE INDEX audit_seals_by_organization ON audit_seals (organization_id, number);

-- How far everything is known to be sealed: one row. Whoever seals or forgets counts it up first.
CREATE TABLE audit_sealing (
    id TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    sealed_until TIMESTAMP NOT NULL
);
INSERT INTO audit_sealing (id, version, sealed_until) VALUES ('log', 0, '1970-01-01 00:00:00');
