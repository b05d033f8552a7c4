ALTER TABLE organizations DROP CONSTRAINT organizations_id_owner_id_fkey;
DROP TABLE audit_events, mails, throttles, known_browsers, held_forms, sessions, mailed_links,
    sign_ups, consents, past_passwords, users, organizations;
