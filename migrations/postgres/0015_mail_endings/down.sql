ALTER TABLE mails DROP COLUMN works_until;
ALTER TABLE mails DROP COLUMN tried_since;
ALTER TABLE mails DROP COLUMN stage;
ALTER TABLE mails DROP COLUMN ending;
