-- Deletion of an organization: the request stands on its row, and what stays of an erased one is a tombstone.

-- The lists of words that the columns allow grow; SQLite knows no other way than a new column.
ALTER TABLE organizations ADD COLUMN new_state TEXT NOT NULL DEFAULT 'active' CHECK (new_state IN ('awaiting_owner', 'active', 'suspended', 'erasing'));
UPDATE organizations SET new_state = state;
ALTER TABLE organizations DROP COLUMN state;
ALTER TABLE organizations RENAME COLUMN new_state TO state;
ALTER TABLE organizations ADD COLUMN deletion_requested_at TIMESTAMP;
ALTER TABLE organizations ADD COLUMN deletion_requested_by TEXT;
ALTER TABLE organizations ADD COLUMN deletion_due_at TIMESTAMP;
ALTER TABLE organizations ADD COLUMN deletion_held_at TIMESTAMP;
ALTER TABLE organizations ADD COLUMN deletion_reminded_at TIMESTAMP;
CREATE INDEX organizations_by_deletion ON organizations (deletion_due_at) WHERE deletion_due_at IS NOT NULL;

-- Erased organizations by the id they had, so that a backup that is played back can be brought up to date. Of the name
-- there is a digest, for as long as nobody else may have it; of people nothing.
CREATE TABLE erasures (
    id TEXT NOT NULL PRIMARY KEY,
    name_hash BLOB,
    held_until TIMESTAMP NOT NULL,
    requested_at TIMESTAMP NOT NULL,
    begun_at TIMESTAMP NOT NULL,
    erased_at TIMESTAMP,
    users BIGINT NOT NULL,
    projects BIGINT NOT NULL,
    bills BIGINT NOT NULL,
    events BIGINT NOT NULL
);
CREATE INDEX erasures_by_name ON erasures (name_hash);
