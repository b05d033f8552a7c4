-- Projects: what an organization keeps its resources in, and who has a role there.
-- A project is named by its Project ID, which is unique in its organization alone; so is a resource by the id that the
-- operator's systems know it by.

CREATE TABLE projects (
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    submission TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, submission)
);

CREATE TABLE project_members (
    organization_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('project_admin', 'project_member', 'project_reader')),
    added_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, project_id, user_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX project_members_by_user ON project_members (organization_id, user_id, project_id);

CREATE TABLE resources (
    organization_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, external_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX resources_by_project ON resources (organization_id, project_id, external_id);
