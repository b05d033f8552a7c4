DROP TABLE policy_versions;
ALTER TABLE users DROP COLUMN expiry_told_days;
ALTER TABLE users DROP COLUMN expiry_told_of;
ALTER TABLE organizations DROP COLUMN console_access;
ALTER TABLE organizations DROP COLUMN password_days;
