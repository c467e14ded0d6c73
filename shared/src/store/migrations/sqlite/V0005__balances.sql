-- Balances that are pushed to Clockify: banked time and vacation.

-- What makes up every balance, day by day, in hours. Rows are only ever added: where a day that is computed again comes to
-- something else, a further revision of its line holds the difference, so that the sum of a line is what holds now and its
-- revisions say when it came to be so.
CREATE TABLE balance_ledger (
    id TEXT NOT NULL CONSTRAINT pk_balance_ledger PRIMARY KEY,
    employee_id TEXT NOT NULL CONSTRAINT fk_balance_ledger_employee REFERENCES employee (id),
    policy_id TEXT NOT NULL CONSTRAINT fk_balance_ledger_policy REFERENCES policy (id),
    kind TEXT NOT NULL
        CONSTRAINT ck_balance_ledger_kind CHECK (kind IN ('earned', 'taken', 'carried over', 'corrected', 'pushed')),
    -- The local day for which it counts.
    ledger_day TEXT NOT NULL,
    -- What tells two lines of one day and kind apart: the request, the push, the correction.
    source TEXT NOT NULL,
    -- 1, 2, 3 … of one line.
    revision INTEGER NOT NULL,
    -- Signed: what is taken is below 0. Pushed hours are no part of the balance; they say what Clockify was brought to.
    hours INTEGER NOT NULL,
    reason TEXT NOT NULL,
    -- For corrections: the hours left the balance as money.
    paid_out INTEGER NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_balance_ledger_line UNIQUE (employee_id, policy_id, kind, ledger_day, source, revision)
) STRICT;

-- Serves: the corrections under a policy; one employee's ledger is found by its unique lines.
CREATE INDEX ix_balance_ledger_kind ON balance_ledger (policy_id, kind);

-- Each employee's balance under a policy as it was computed last, and what came of it.
CREATE TABLE balance (
    id TEXT NOT NULL CONSTRAINT pk_balance PRIMARY KEY,
    employee_id TEXT NOT NULL CONSTRAINT fk_balance_employee REFERENCES employee (id),
    policy_id TEXT NOT NULL CONSTRAINT fk_balance_policy REFERENCES policy (id),
    -- The job that computed it.
    job_id TEXT NOT NULL,
    -- HOURS or DAYS, as the policy counts; computed and in_clockify are in it.
    unit TEXT NOT NULL,
    computed_hours INTEGER NOT NULL,
    computed INTEGER NOT NULL,
    -- As read last; NULL where Clockify lists none.
    in_clockify INTEGER NULL,
    outcome TEXT NOT NULL CONSTRAINT ck_balance_outcome
        CHECK (outcome IN ('equal', 'to send', 'sent', 'held', 'not sent', 'stopped', 'dry run')),
    -- Why nothing is sent.
    reason TEXT NULL,
    -- Banked hours that are too old and must be paid out.
    pay_out_hours INTEGER NOT NULL,
    computed_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_balance_employee UNIQUE (employee_id, policy_id)
) STRICT;

-- Serves: the balances that one job computed, and those that it still has to push.
CREATE INDEX ix_balance_job ON balance (job_id, outcome);

-- Every difference that was to be sent to Clockify, and what became of it. Amounts are in the policy's unit.
CREATE TABLE balance_push (
    id TEXT NOT NULL CONSTRAINT pk_balance_push PRIMARY KEY,
    employee_id TEXT NOT NULL CONSTRAINT fk_balance_push_employee REFERENCES employee (id),
    policy_id TEXT NOT NULL CONSTRAINT fk_balance_push_policy REFERENCES policy (id),
    -- The job that wrote it last.
    job_id TEXT NOT NULL,
    unit TEXT NOT NULL,
    balance_before INTEGER NOT NULL,
    computed_hours INTEGER NOT NULL,
    computed INTEGER NOT NULL,
    difference INTEGER NOT NULL,
    result TEXT NOT NULL CONSTRAINT ck_balance_push_result
        CHECK (result IN ('held', 'released', 'intended', 'confirmed', 'not arrived', 'surprise', 'seen', 'superseded', 'dry run')),
    -- Clockify's balance after it was sent.
    read_back INTEGER NULL,
    -- The same for the same employee and policy while it is open; its id when it is settled.
    open_key TEXT NOT NULL CONSTRAINT uq_balance_push_open_key UNIQUE,
    decided_at TEXT NOT NULL,
    sent_at TEXT NULL,
    settled_at TEXT NULL,
    released_by TEXT NULL,
    released_at TEXT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Serves: the pushes of one employee; what is open.
CREATE INDEX ix_balance_push_employee ON balance_push (employee_id, policy_id);
CREATE INDEX ix_balance_push_result ON balance_push (result);
