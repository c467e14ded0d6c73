-- Balances that are pushed to Clockify: banked time and vacation.

-- What makes up every balance, day by day, in hours. Rows are only ever added: where a day that is computed again comes to
-- something else, a further revision of its line holds the difference, so that the sum of a line is what holds now and its
-- revisions say when it came to be so.
CREATE TABLE balance_ledger (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_balance_ledger PRIMARY KEY,
    employee_id NVARCHAR(64) NOT NULL CONSTRAINT fk_balance_ledger_employee REFERENCES employee (id),
    policy_id NVARCHAR(64) NOT NULL CONSTRAINT fk_balance_ledger_policy REFERENCES policy (id),
    kind NVARCHAR(64) NOT NULL
        CONSTRAINT ck_balance_ledger_kind CHECK (kind IN ('earned', 'taken', 'carried over', 'corrected', 'pushed')),
    -- The local day for which it counts.
    ledger_day DATE NOT NULL,
    -- What tells two lines of one day and kind apart: the request, the push, the correction.
    source NVARCHAR(64) NOT NULL,
    -- 1, 2, 3 … of one line.
    revision INT NOT NULL,
    -- Signed: what is taken is below 0. Pushed hours are no part of the balance; they say what Clockify was brought to.
    hours DECIMAL(9,2) NOT NULL,
    reason NVARCHAR(MAX) NOT NULL,
    -- For corrections: the hours left the balance as money.
    paid_out BIT NOT NULL,
    entered_by NVARCHAR(128) NOT NULL,
    entered_at DATETIME2(3) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_balance_ledger_line UNIQUE (employee_id, policy_id, kind, ledger_day, source, revision)
);

-- Serves: the corrections under a policy; one employee's ledger is found by its unique lines.
CREATE INDEX ix_balance_ledger_kind ON balance_ledger (policy_id, kind);

-- Each employee's balance under a policy as it was computed last, and what came of it.
CREATE TABLE balance (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_balance PRIMARY KEY,
    employee_id NVARCHAR(64) NOT NULL CONSTRAINT fk_balance_employee REFERENCES employee (id),
    policy_id NVARCHAR(64) NOT NULL CONSTRAINT fk_balance_policy REFERENCES policy (id),
    -- The job that computed it.
    job_id NVARCHAR(64) NOT NULL,
    -- HOURS or DAYS, as the policy counts; computed and in_clockify are in it.
    unit NVARCHAR(64) NOT NULL,
    computed_hours DECIMAL(9,2) NOT NULL,
    computed DECIMAL(9,2) NOT NULL,
    -- As read last; NULL where Clockify lists none.
    in_clockify DECIMAL(9,2) NULL,
    outcome NVARCHAR(64) NOT NULL CONSTRAINT ck_balance_outcome
        CHECK (outcome IN ('equal', 'to send', 'sent', 'held', 'not sent', 'stopped', 'dry run')),
    -- Why nothing is sent.
    reason NVARCHAR(200) NULL,
    -- Banked hours that are too old and must be paid out.
    pay_out_hours DECIMAL(9,2) NOT NULL,
    computed_at DATETIME2(3) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_balance_employee UNIQUE (employee_id, policy_id)
);

-- Serves: the balances that one job computed, and those that it still has to push.
CREATE INDEX ix_balance_job ON balance (job_id, outcome);

-- Every difference that was to be sent to Clockify, and what became of it. Amounts are in the policy's unit.
CREATE TABLE balance_push (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_balance_push PRIMARY KEY,
    employee_id NVARCHAR(64) NOT NULL CONSTRAINT fk_balance_push_employee REFERENCES employee (id),
    policy_id NVARCHAR(64) NOT NULL CONSTRAINT fk_balance_push_policy REFERENCES policy (id),
    -- The job that wrote it last.
    job_id NVARCHAR(64) NOT NULL,
    unit NVARCHAR(64) NOT NULL,
    balance_before DECIMAL(9,2) NOT NULL,
    computed_hours DECIMAL(9,2) NOT NULL,
    computed DECIMAL(9,2) NOT NULL,
    difference DECIMAL(9,2) NOT NULL,
    result NVARCHAR(64) NOT NULL CONSTRAINT ck_balance_push_result
        CHECK (result IN ('held', 'released', 'intended', 'confirmed', 'not arrived', 'surprise', 'seen', 'superseded', 'dry run')),
    -- Clockify's balance after it was sent.
    read_back DECIMAL(9,2) NULL,
    -- The same for the same employee and policy while it is open; its id when it is settled.
    open_key NVARCHAR(140) NOT NULL CONSTRAINT uq_balance_push_open_key UNIQUE,
    decided_at DATETIME2(3) NOT NULL,
    sent_at DATETIME2(3) NULL,
    settled_at DATETIME2(3) NULL,
    released_by NVARCHAR(128) NULL,
    released_at DATETIME2(3) NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Serves: the pushes of one employee; what is open.
CREATE INDEX ix_balance_push_employee ON balance_push (employee_id, policy_id);
CREATE INDEX ix_balance_push_result ON balance_push (result);
