-- What employees spent or drove, and the kinds of it. Receipts stay in Clockify.

CREATE TABLE expense_category (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_expense_category PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_expense_category_workspace REFERENCES workspace (id),
    name NVARCHAR(1000) NOT NULL,
    -- Per unit; NULL where each claim names its amount.
    unit_price DECIMAL(12,2) NULL,
    unit NVARCHAR(1000) NULL,
    archived BIT NOT NULL,
    is_stub BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE expense (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_expense PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_expense_workspace REFERENCES workspace (id),
    employee_id NVARCHAR(64) NOT NULL CONSTRAINT fk_expense_employee REFERENCES employee (id),
    -- A calendar date; no zone takes part.
    spent_on DATE NOT NULL,
    category_id NVARCHAR(64) NULL CONSTRAINT fk_expense_category REFERENCES expense_category (id),
    project_id NVARCHAR(64) NULL CONSTRAINT fk_expense_project REFERENCES project (id),
    task_id NVARCHAR(64) NULL CONSTRAINT fk_expense_task REFERENCES task (id),
    notes NVARCHAR(MAX) NULL,
    quantity DECIMAL(12,2) NOT NULL,
    total DECIMAL(12,2) NOT NULL,
    billable BIT NOT NULL,
    has_receipt BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    -- Which timesheet holds it: said by approvals alone, with a ticket of its own.
    timesheet_id NVARCHAR(64) NULL CONSTRAINT fk_expense_timesheet REFERENCES timesheet (id),
    -- The timesheet that released it, until another holds it.
    released_by_id NVARCHAR(64) NULL CONSTRAINT fk_expense_released_by REFERENCES timesheet (id),
    membership_ticket BIGINT NOT NULL CONSTRAINT df_expense_membership_ticket DEFAULT 0,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Serves: the claims of a period and of a calendar year, of everyone and of one employee; what a timesheet
-- holds or released.
CREATE INDEX ix_expense_spent_on ON expense (spent_on);
CREATE INDEX ix_expense_employee ON expense (employee_id, spent_on);
CREATE INDEX ix_expense_timesheet ON expense (timesheet_id);
CREATE INDEX ix_expense_released_by ON expense (released_by_id);
