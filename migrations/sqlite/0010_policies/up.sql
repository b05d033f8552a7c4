-- Password expiration and console access control, and the versions of every policy.
ALTER TABLE organizations ADD COLUMN password_days BIGINT;
ALTER TABLE organizations ADD COLUMN console_access TEXT;

-- Of which end of their password somebody was told last, and how many days before.
ALTER TABLE users ADD COLUMN expiry_told_of TIMESTAMP;
ALTER TABLE users ADD COLUMN expiry_told_days BIGINT;

CREATE TABLE policy_versions (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    policy TEXT NOT NULL CHECK (policy IN ('password_expiration', 'console_access', 'two_factor', 'login_method')),
    number BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    user_id TEXT,
    user_name TEXT,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (organization_id, policy, number)
);
