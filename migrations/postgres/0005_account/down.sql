DROP TABLE authenticator_recovery_codes;
DROP TABLE authenticators;
DROP TABLE code_counts;
DROP TABLE codes;
ALTER TABLE users DROP COLUMN mobile_verified_at;
ALTER TABLE mails DROP COLUMN channel;
