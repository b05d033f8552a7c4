DROP TABLE erasures;
DROP INDEX organizations_by_deletion;
ALTER TABLE organizations DROP COLUMN deletion_reminded_at;
ALTER TABLE organizations DROP COLUMN deletion_held_at;
ALTER TABLE organizations DROP COLUMN deletion_due_at;
ALTER TABLE organizations DROP COLUMN deletion_requested_by;
ALTER TABLE organizations DROP COLUMN deletion_requested_at;
-- What was being erased stays closed; the older version does not finish it.
UPDATE organizations SET state = 'suspended' WHERE state = 'erasing';
ALTER TABLE organizations ADD COLUMN old_state TEXT NOT NULL DEFAULT 'active' CHECK (old_state IN ('awaiting_owner', 'active', 'suspended'));
UPDATE organizations SET old_state = state;
ALTER TABLE organizations DROP COLUMN state;
ALTER TABLE organizations RENAME COLUMN old_state TO state;
