-- A form that was interrupted is kept for its user, as its session may be what ended. The session's column stays for one
-- release, in which instances of the release before write it.
DROP INDEX held_forms_by_session;
ALTER TABLE held_forms RENAME TO held_forms_of_sessions;
CREATE TABLE held_forms (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL,
    user_id TEXT,
    session_id TEXT,
    path TEXT NOT NULL,
    fields TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO held_forms (id, organization_id, user_id, session_id, path, fields, created_at)
    SELECT held.id, held.organization_id, sessions.user_id, held.session_id, held.path, held.fields, held.created_at
    FROM held_forms_of_sessions held JOIN sessions ON sessions.id = held.session_id;
DROP TABLE held_forms_of_sessions;
CREATE INDEX held_forms_by_user ON held_forms (organization_id, user_id);
CREATE INDEX held_forms_by_age ON held_forms (created_at);
