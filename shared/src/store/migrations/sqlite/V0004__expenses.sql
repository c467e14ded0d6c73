-- What employees spent or drove, and the kinds of it. Receipts stay in Clockify.

CREATE TABLE expense_category (
    id TEXT NOT NULL CONSTRAINT pk_expense_category PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_expense_category_workspace REFERENCES workspace (id),
    name TEXT NOT NULL,
    -- Per unit; NULL where each claim names its amount.
    unit_price INTEGER NULL,
    unit TEXT NULL,
    archived INTEGER NOT NULL,
    is_stub INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE expense (
    id TEXT NOT NULL CONSTRAINT pk_expense PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_expense_workspace REFERENCES workspace (id),
    employee_id TEXT NOT NULL CONSTRAINT fk_expense_employee REFERENCES employee (id),
    -- A calendar date; no zone takes part.
    spent_on TEXT NOT NULL,
    category_id TEXT NULL CONSTRAINT fk_expense_category REFERENCES expense_category (id),
    project_id TEXT NULL CONSTRAINT fk_expense_project REFERENCES project (id),
    task_id TEXT NULL CONSTRAINT fk_expense_task REFERENCES task (id),
    notes TEXT NULL,
    quantity INTEGER NOT NULL,
    total INTEGER NOT NULL,
    billable INTEGER NOT NULL,
    has_receipt INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    -- Which timesheet holds it: said by approvals alone, with a ticket of its own.
    timesheet_id TEXT NULL CONSTRAINT fk_expense_timesheet REFERENCES timesheet (id),
    -- The timesheet that released it, until another holds it.
    released_by_id TEXT NULL CONSTRAINT fk_expense_released_by REFERENCES timesheet (id),
    membership_ticket INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Serves: the claims of a period and of a calendar year, of everyone and of one employee; what a timesheet
-- holds or released.
CREATE INDEX ix_expense_spent_on ON expense (spent_on);
CREATE INDEX ix_expense_employee ON expense (employee_id, spent_on);
CREATE INDEX ix_expense_timesheet ON expense (timesheet_id);
CREATE INDEX ix_expense_released_by ON expense (released_by_id);
