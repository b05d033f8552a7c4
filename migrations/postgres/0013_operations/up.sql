-- The installation's own secret, sealed: what cookies and digests are made with, so that keys can be rotated. One row.
CREATE TABLE root_secrets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL
);
