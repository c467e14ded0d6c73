-- What comes from Clockify, and what callers did.
--
-- Every record has the ticket of the read that wrote it, and the SHA-256 of its content as it was read
-- (empty: written by us, so that the next read of it differs). Hours and money are integer hundredths,
-- instants text with milliseconds in UTC, dates local.

CREATE TABLE workspace (
    id TEXT NOT NULL CONSTRAINT pk_workspace PRIMARY KEY,
    name TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE employee (
    id TEXT NOT NULL CONSTRAINT pk_employee PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_employee_workspace REFERENCES workspace (id),
    name TEXT NOT NULL,
    email TEXT NULL,
    status TEXT NOT NULL CONSTRAINT ck_employee_status CHECK (status IN ('ACTIVE', 'INACTIVE', 'PENDING')),
    role TEXT NULL,
    start_date TEXT NULL,
    end_date TEXT NULL,
    rate_type TEXT NULL CONSTRAINT ck_employee_rate_type CHECK (rate_type IN ('SALARY', 'HOURLY')),
    reporting_manager TEXT NULL,
    has_truck INTEGER NOT NULL,
    truck_details TEXT NULL,
    time_zone TEXT NULL,
    is_stub INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE employee_group (
    id TEXT NOT NULL CONSTRAINT pk_employee_group PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_employee_group_workspace REFERENCES workspace (id),
    name TEXT NOT NULL,
    archived INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Members, and to whom policies and holidays are assigned, are ids as Clockify lists them: people who
-- have left the workspace stay in such lists, and need no record here.
CREATE TABLE employee_group_member (
    group_id TEXT NOT NULL CONSTRAINT fk_employee_group_member_group REFERENCES employee_group (id),
    employee_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_employee_group_member PRIMARY KEY (group_id, employee_id)
) STRICT;

CREATE TABLE client (
    id TEXT NOT NULL CONSTRAINT pk_client PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_client_workspace REFERENCES workspace (id),
    short_name TEXT NOT NULL,
    long_name TEXT NULL,
    email TEXT NULL,
    address TEXT NULL,
    archived INTEGER NOT NULL,
    is_stub INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE project (
    id TEXT NOT NULL CONSTRAINT pk_project PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_project_workspace REFERENCES workspace (id),
    client_id TEXT NULL CONSTRAINT fk_project_client REFERENCES client (id),
    name TEXT NOT NULL,
    code TEXT NULL,
    title TEXT NOT NULL,
    billable INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    is_stub INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE task (
    id TEXT NOT NULL CONSTRAINT pk_task PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_task_workspace REFERENCES workspace (id),
    project_id TEXT NOT NULL CONSTRAINT fk_task_project REFERENCES project (id),
    name TEXT NOT NULL,
    archived INTEGER NOT NULL,
    is_stub INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Serves: the tasks of a project that a read of them did not list.
CREATE INDEX ix_task_project ON task (project_id);

CREATE TABLE tag (
    id TEXT NOT NULL CONSTRAINT pk_tag PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_tag_workspace REFERENCES workspace (id),
    name TEXT NOT NULL,
    archived INTEGER NOT NULL,
    is_stub INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE policy (
    id TEXT NOT NULL CONSTRAINT pk_policy PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_policy_workspace REFERENCES workspace (id),
    name TEXT NOT NULL,
    unit TEXT NOT NULL CONSTRAINT ck_policy_unit CHECK (unit IN ('HOURS', 'DAYS')),
    everyone INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    is_stub INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE policy_assignment (
    policy_id TEXT NOT NULL CONSTRAINT fk_policy_assignment_policy REFERENCES policy (id),
    assigned_to TEXT NOT NULL CONSTRAINT ck_policy_assignment_assigned_to CHECK (assigned_to IN ('EMPLOYEE', 'GROUP')),
    assigned_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_policy_assignment PRIMARY KEY (policy_id, assigned_to, assigned_id)
) STRICT;

CREATE TABLE holiday (
    id TEXT NOT NULL CONSTRAINT pk_holiday PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_holiday_workspace REFERENCES workspace (id),
    name TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    occurs_annually INTEGER NOT NULL,
    everyone INTEGER NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE holiday_assignment (
    holiday_id TEXT NOT NULL CONSTRAINT fk_holiday_assignment_holiday REFERENCES holiday (id),
    assigned_to TEXT NOT NULL CONSTRAINT ck_holiday_assignment_assigned_to CHECK (assigned_to IN ('EMPLOYEE', 'GROUP')),
    assigned_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_holiday_assignment PRIMARY KEY (holiday_id, assigned_to, assigned_id)
) STRICT;

CREATE TABLE time_off_request (
    id TEXT NOT NULL CONSTRAINT pk_time_off_request PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_time_off_request_workspace REFERENCES workspace (id),
    employee_id TEXT NOT NULL CONSTRAINT fk_time_off_request_employee REFERENCES employee (id),
    policy_id TEXT NOT NULL CONSTRAINT fk_time_off_request_policy REFERENCES policy (id),
    status TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    half_day INTEGER NOT NULL,
    balance_diff INTEGER NOT NULL,
    unit TEXT NOT NULL CONSTRAINT ck_time_off_request_unit CHECK (unit IN ('HOURS', 'DAYS')),
    -- A JSON array of dates: read whole, never searched.
    excluded_days TEXT NOT NULL,
    note TEXT NULL,
    status_changed_at TEXT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Serves: the requests that touch a period, of one employee or of all; what a read of a period did not list.
CREATE INDEX ix_time_off_request_last_day ON time_off_request (last_day, first_day);
CREATE INDEX ix_time_off_request_employee ON time_off_request (employee_id, last_day);

CREATE TABLE timesheet (
    id TEXT NOT NULL CONSTRAINT pk_timesheet PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_timesheet_workspace REFERENCES workspace (id),
    employee_id TEXT NOT NULL CONSTRAINT fk_timesheet_employee REFERENCES employee (id),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    -- Clockify's word, or RETURNED: it left the list of pending ones and nobody said why.
    state TEXT NOT NULL,
    state_updated_at TEXT NULL,
    note TEXT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Serves: the timesheets that touch a period, of one employee or of all; those of one state.
CREATE INDEX ix_timesheet_last_day ON timesheet (last_day, first_day);
CREATE INDEX ix_timesheet_employee ON timesheet (employee_id, last_day);
CREATE INDEX ix_timesheet_state ON timesheet (state);

CREATE TABLE time_entry (
    id TEXT NOT NULL CONSTRAINT pk_time_entry PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_time_entry_workspace REFERENCES workspace (id),
    employee_id TEXT NOT NULL CONSTRAINT fk_time_entry_employee REFERENCES employee (id),
    project_id TEXT NULL CONSTRAINT fk_time_entry_project REFERENCES project (id),
    task_id TEXT NULL CONSTRAINT fk_time_entry_task REFERENCES task (id),
    description TEXT NOT NULL,
    billable INTEGER NOT NULL,
    kind TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NULL,
    -- The local date of started_at in the company's zone.
    start_date TEXT NOT NULL,
    duration_seconds INTEGER NULL,
    hours INTEGER NULL,
    hourly_rate INTEGER NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    -- Which timesheet holds it: said by approvals and the detailed report alone, with a ticket of its own.
    timesheet_id TEXT NULL CONSTRAINT fk_time_entry_timesheet REFERENCES timesheet (id),
    -- The timesheet that released it, until another holds it.
    released_by_id TEXT NULL CONSTRAINT fk_time_entry_released_by REFERENCES timesheet (id),
    membership_ticket INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Serves: entries of a period of everyone, with or without a project; of one employee; what a timesheet
-- holds or released; the billing of a project.
CREATE INDEX ix_time_entry_start_date ON time_entry (start_date);
CREATE INDEX ix_time_entry_employee ON time_entry (employee_id, start_date);
CREATE INDEX ix_time_entry_timesheet ON time_entry (timesheet_id);
CREATE INDEX ix_time_entry_released_by ON time_entry (released_by_id);
CREATE INDEX ix_time_entry_project ON time_entry (project_id, start_date);

CREATE TABLE time_entry_tag (
    time_entry_id TEXT NOT NULL CONSTRAINT fk_time_entry_tag_time_entry REFERENCES time_entry (id),
    tag_id TEXT NOT NULL CONSTRAINT fk_time_entry_tag_tag REFERENCES tag (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_time_entry_tag PRIMARY KEY (time_entry_id, tag_id)
) STRICT;

-- Answers of creates, kept for the caller who repeats one.
CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    operation TEXT NOT NULL,
    -- SHA-256 of the caller's key: any text is a key, and no collation can take two for one.
    key_hash TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (caller, operation, key_hash)
) STRICT;

-- Serves: forgetting answers that are older than they need be kept.
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);

-- Who changed what through the API, and when.
CREATE TABLE audit (
    id TEXT NOT NULL CONSTRAINT pk_audit PRIMARY KEY,
    at TEXT NOT NULL,
    caller TEXT NOT NULL,
    action TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    -- JSON: what changed.
    change TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Serves: the audit list, newest first, and the history of one record.
CREATE INDEX ix_audit_at ON audit (at, id);
CREATE INDEX ix_audit_record ON audit (record_kind, record_id, at);
