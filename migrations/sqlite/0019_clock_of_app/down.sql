ALTER TABLE authenticators DROP COLUMN steps_ahead;
