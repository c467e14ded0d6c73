-- What comes from Clockify, and what callers did.
--
-- Every record has the ticket of the read that wrote it, and the SHA-256 of its content as it was read
-- (empty: written by us, so that the next read of it differs). Instants are UTC, dates local.

CREATE TABLE workspace (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_workspace PRIMARY KEY,
    name NVARCHAR(1000) NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE employee (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_employee PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_employee_workspace REFERENCES workspace (id),
    name NVARCHAR(1000) NOT NULL,
    email NVARCHAR(1000) NULL,
    status NVARCHAR(64) NOT NULL CONSTRAINT ck_employee_status CHECK (status IN ('ACTIVE', 'INACTIVE', 'PENDING')),
    role NVARCHAR(1000) NULL,
    start_date DATE NULL,
    end_date DATE NULL,
    rate_type NVARCHAR(64) NULL CONSTRAINT ck_employee_rate_type CHECK (rate_type IN ('SALARY', 'HOURLY')),
    reporting_manager NVARCHAR(1000) NULL,
    has_truck BIT NOT NULL,
    truck_details NVARCHAR(MAX) NULL,
    time_zone NVARCHAR(100) NULL,
    is_stub BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE employee_group (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_employee_group PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_employee_group_workspace REFERENCES workspace (id),
    name NVARCHAR(1000) NOT NULL,
    archived BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Members, and to whom policies and holidays are assigned, are ids as Clockify lists them: people who
-- have left the workspace stay in such lists, and need no record here.
CREATE TABLE employee_group_member (
    group_id NVARCHAR(64) NOT NULL CONSTRAINT fk_employee_group_member_group REFERENCES employee_group (id),
    employee_id NVARCHAR(64) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_employee_group_member PRIMARY KEY (group_id, employee_id)
);

CREATE TABLE client (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_client PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_client_workspace REFERENCES workspace (id),
    short_name NVARCHAR(1000) NOT NULL,
    long_name NVARCHAR(MAX) NULL,
    email NVARCHAR(1000) NULL,
    address NVARCHAR(MAX) NULL,
    archived BIT NOT NULL,
    is_stub BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE project (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_project PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_project_workspace REFERENCES workspace (id),
    client_id NVARCHAR(64) NULL CONSTRAINT fk_project_client REFERENCES client (id),
    name NVARCHAR(1000) NOT NULL,
    code NVARCHAR(1000) NULL,
    title NVARCHAR(1000) NOT NULL,
    billable BIT NOT NULL,
    archived BIT NOT NULL,
    is_stub BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE task (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_task PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_task_workspace REFERENCES workspace (id),
    project_id NVARCHAR(64) NOT NULL CONSTRAINT fk_task_project REFERENCES project (id),
    name NVARCHAR(1000) NOT NULL,
    archived BIT NOT NULL,
    is_stub BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Serves: the tasks of a project that a read of them did not list.
CREATE INDEX ix_task_project ON task (project_id);

CREATE TABLE tag (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_tag PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_tag_workspace REFERENCES workspace (id),
    name NVARCHAR(1000) NOT NULL,
    archived BIT NOT NULL,
    is_stub BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE policy (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_policy PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_policy_workspace REFERENCES workspace (id),
    name NVARCHAR(1000) NOT NULL,
    unit NVARCHAR(64) NOT NULL CONSTRAINT ck_policy_unit CHECK (unit IN ('HOURS', 'DAYS')),
    everyone BIT NOT NULL,
    archived BIT NOT NULL,
    is_stub BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE policy_assignment (
    policy_id NVARCHAR(64) NOT NULL CONSTRAINT fk_policy_assignment_policy REFERENCES policy (id),
    assigned_to NVARCHAR(64) NOT NULL CONSTRAINT ck_policy_assignment_assigned_to CHECK (assigned_to IN ('EMPLOYEE', 'GROUP')),
    assigned_id NVARCHAR(64) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_policy_assignment PRIMARY KEY (policy_id, assigned_to, assigned_id)
);

CREATE TABLE holiday (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_holiday PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_holiday_workspace REFERENCES workspace (id),
    name NVARCHAR(1000) NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    occurs_annually BIT NOT NULL,
    everyone BIT NOT NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE holiday_assignment (
    holiday_id NVARCHAR(64) NOT NULL CONSTRAINT fk_holiday_assignment_holiday REFERENCES holiday (id),
    assigned_to NVARCHAR(64) NOT NULL CONSTRAINT ck_holiday_assignment_assigned_to CHECK (assigned_to IN ('EMPLOYEE', 'GROUP')),
    assigned_id NVARCHAR(64) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_holiday_assignment PRIMARY KEY (holiday_id, assigned_to, assigned_id)
);

CREATE TABLE time_off_request (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_time_off_request PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_time_off_request_workspace REFERENCES workspace (id),
    employee_id NVARCHAR(64) NOT NULL CONSTRAINT fk_time_off_request_employee REFERENCES employee (id),
    policy_id NVARCHAR(64) NOT NULL CONSTRAINT fk_time_off_request_policy REFERENCES policy (id),
    status NVARCHAR(64) NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    half_day BIT NOT NULL,
    balance_diff DECIMAL(9,2) NOT NULL,
    unit NVARCHAR(64) NOT NULL CONSTRAINT ck_time_off_request_unit CHECK (unit IN ('HOURS', 'DAYS')),
    -- A JSON array of dates: read whole, never searched.
    excluded_days NVARCHAR(MAX) NOT NULL,
    note NVARCHAR(MAX) NULL,
    status_changed_at DATETIME2(3) NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Serves: the requests that touch a period, of one employee or of all; what a read of a period did not list.
CREATE INDEX ix_time_off_request_last_day ON time_off_request (last_day, first_day);
CREATE INDEX ix_time_off_request_employee ON time_off_request (employee_id, last_day);

CREATE TABLE timesheet (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_timesheet PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_timesheet_workspace REFERENCES workspace (id),
    employee_id NVARCHAR(64) NOT NULL CONSTRAINT fk_timesheet_employee REFERENCES employee (id),
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    -- Clockify's word, or RETURNED: it left the list of pending ones and nobody said why.
    state NVARCHAR(64) NOT NULL,
    state_updated_at DATETIME2(3) NULL,
    note NVARCHAR(MAX) NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Serves: the timesheets that touch a period, of one employee or of all; those of one state.
CREATE INDEX ix_timesheet_last_day ON timesheet (last_day, first_day);
CREATE INDEX ix_timesheet_employee ON timesheet (employee_id, last_day);
CREATE INDEX ix_timesheet_state ON timesheet (state);

CREATE TABLE time_entry (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_time_entry PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_time_entry_workspace REFERENCES workspace (id),
    employee_id NVARCHAR(64) NOT NULL CONSTRAINT fk_time_entry_employee REFERENCES employee (id),
    project_id NVARCHAR(64) NULL CONSTRAINT fk_time_entry_project REFERENCES project (id),
    task_id NVARCHAR(64) NULL CONSTRAINT fk_time_entry_task REFERENCES task (id),
    description NVARCHAR(MAX) NOT NULL,
    billable BIT NOT NULL,
    kind NVARCHAR(64) NOT NULL,
    started_at DATETIME2(3) NOT NULL,
    ended_at DATETIME2(3) NULL,
    -- The local date of started_at in the company's zone.
    start_date DATE NOT NULL,
    duration_seconds BIGINT NULL,
    hours DECIMAL(9,2) NULL,
    hourly_rate DECIMAL(12,2) NULL,
    source_hash NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    -- Which timesheet holds it: said by approvals and the detailed report alone, with a ticket of its own.
    timesheet_id NVARCHAR(64) NULL CONSTRAINT fk_time_entry_timesheet REFERENCES timesheet (id),
    -- The timesheet that released it, until another holds it.
    released_by_id NVARCHAR(64) NULL CONSTRAINT fk_time_entry_released_by REFERENCES timesheet (id),
    membership_ticket BIGINT NOT NULL CONSTRAINT df_time_entry_membership_ticket DEFAULT 0,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Serves: entries of a period of everyone, with or without a project; of one employee; what a timesheet
-- holds or released; the billing of a project.
CREATE INDEX ix_time_entry_start_date ON time_entry (start_date);
CREATE INDEX ix_time_entry_employee ON time_entry (employee_id, start_date);
CREATE INDEX ix_time_entry_timesheet ON time_entry (timesheet_id);
CREATE INDEX ix_time_entry_released_by ON time_entry (released_by_id);
CREATE INDEX ix_time_entry_project ON time_entry (project_id, start_date);

CREATE TABLE time_entry_tag (
    time_entry_id NVARCHAR(64) NOT NULL CONSTRAINT fk_time_entry_tag_time_entry REFERENCES time_entry (id),
    tag_id NVARCHAR(64) NOT NULL CONSTRAINT fk_time_entry_tag_tag REFERENCES tag (id),
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_time_entry_tag PRIMARY KEY (time_entry_id, tag_id)
);

-- Answers of creates, kept for the caller who repeats one.
CREATE TABLE idempotency (
    caller NVARCHAR(128) NOT NULL,
    operation NVARCHAR(128) NOT NULL,
    -- SHA-256 of the caller's key: any text is a key, and no collation can take two for one.
    key_hash NVARCHAR(64) NOT NULL,
    body_hash NVARCHAR(64) NOT NULL,
    status INT NOT NULL,
    answer NVARCHAR(MAX) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (caller, operation, key_hash)
);

-- Serves: forgetting answers that are older than they need be kept.
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);

-- Who changed what through the API, and when.
CREATE TABLE audit (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_audit PRIMARY KEY,
    at DATETIME2(3) NOT NULL,
    caller NVARCHAR(128) NOT NULL,
    action NVARCHAR(64) NOT NULL,
    record_kind NVARCHAR(64) NOT NULL,
    record_id NVARCHAR(64) NOT NULL,
    -- JSON: what changed.
    change NVARCHAR(MAX) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Serves: the audit list, newest first, and the history of one record.
CREATE INDEX ix_audit_at ON audit (at, id);
CREATE INDEX ix_audit_record ON audit (record_kind, record_id, at);
