-- Bills: what an organization owes for a month. Amounts are whole minor units of the bill's currency; months (YYYY-MM)
-- and days (YYYY-MM-DD) are TEXT, as neither is a moment.

CREATE TABLE bills (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    external_id TEXT COLLATE "C",
    period TEXT COLLATE "C" NOT NULL,
    currency TEXT NOT NULL,
    tax BIGINT NOT NULL,
    total BIGINT NOT NULL,
    due_on TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'void')),
    created_at TIMESTAMP NOT NULL,
    announced_at TIMESTAMP,
    announced_by TEXT,
    paid_on TEXT,
    settled_at TIMESTAMP,
    note TEXT,
    voided_at TIMESTAMP,
    void_reason TEXT,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, external_id)
);
CREATE INDEX bills_by_number ON bills (organization_id, number);
CREATE INDEX bills_by_status ON bills (organization_id, status, number);

CREATE TABLE bill_lines (
    organization_id TEXT COLLATE "C" NOT NULL,
    bill_id TEXT COLLATE "C" NOT NULL,
    place INTEGER NOT NULL,
    description TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    unit_amount BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (organization_id, bill_id, place),
    FOREIGN KEY (organization_id, bill_id) REFERENCES bills (organization_id, id) ON DELETE CASCADE
);
