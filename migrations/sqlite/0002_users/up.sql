-- Users as a list: what it is sorted and searched by, how people were registered, which mails went to whom.

-- Name and nickname folded, with the id after them: unique, so that a list pages by this one column.
ALTER TABLE users ADD COLUMN listed_as TEXT NOT NULL DEFAULT '';
UPDATE users SET listed_as = lower(name) || char(31) || id;
CREATE UNIQUE INDEX users_as_listed ON users (organization_id, listed_as);
CREATE INDEX users_by_status ON users (organization_id, status, listed_as);
CREATE INDEX users_org_admin ON users (organization_id, listed_as) WHERE org_admin;
CREATE INDEX users_org_reader ON users (organization_id, listed_as) WHERE org_reader;
CREATE INDEX users_billing_admin ON users (organization_id, listed_as) WHERE billing_admin;

-- No reference: what was mailed outlives who it was mailed to for as long as mails are kept.
ALTER TABLE mails ADD COLUMN user_id TEXT;
CREATE INDEX mails_by_user ON mails (organization_id, user_id, id);

CREATE TABLE registrations (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    submission TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, submission)
);

CREATE TABLE registration_lines (
    organization_id TEXT NOT NULL,
    registration_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    mail_id TEXT NOT NULL,
    PRIMARY KEY (organization_id, registration_id, line),
    FOREIGN KEY (organization_id, registration_id) REFERENCES registrations (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX registration_lines_by_user ON registration_lines (organization_id, user_id);
