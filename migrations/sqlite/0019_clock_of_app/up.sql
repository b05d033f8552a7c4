-- How many steps of 30 seconds the clock of an authenticator app was ahead when it was set up (RFC 6238 section 6).
ALTER TABLE authenticators ADD COLUMN steps_ahead BIGINT NOT NULL DEFAULT 0;
