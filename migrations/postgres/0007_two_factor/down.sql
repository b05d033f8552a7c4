DROP TABLE logins_in_progress;
ALTER TABLE sessions DROP COLUMN second_factor;
ALTER TABLE organizations DROP COLUMN two_factor;
