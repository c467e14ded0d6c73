-- Numbers that are taken by updating their row first: the last ticket; and the step in minutes to which the hours of all
-- entries are rounded, 0 while that is being changed.
CREATE TABLE counter (
    name NVARCHAR(64) NOT NULL CONSTRAINT pk_counter PRIMARY KEY,
    value BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

INSERT INTO counter (name, value, created_at, updated_at)
VALUES ('ticket', 0, SYSUTCDATETIME(), SYSUTCDATETIME()), ('rounding', 0, SYSUTCDATETIME(), SYSUTCDATETIME());

-- Open tickets: drawn, not written with yet.
CREATE TABLE ticket (
    number BIGINT NOT NULL CONSTRAINT pk_ticket PRIMARY KEY,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- What Clockify said is gone; ticket is that of the read which found it so.
CREATE TABLE tombstone (
    kind NVARCHAR(64) NOT NULL,
    record_id NVARCHAR(64) NOT NULL,
    ticket BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_tombstone PRIMARY KEY (kind, record_id)
);

-- One row: how many approval events want a scan, how many a finished scan covers, who scans.
CREATE TABLE scan (
    name NVARCHAR(64) NOT NULL CONSTRAINT pk_scan PRIMARY KEY,
    wanted BIGINT NOT NULL,
    done BIGINT NOT NULL,
    owner NVARCHAR(200) NULL,
    fence BIGINT NOT NULL,
    expires_at DATETIME2(3) NULL,
    approved_watermark DATETIME2(3) NULL,
    withdrawn_approval_watermark DATETIME2(3) NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

INSERT INTO scan (name, wanted, done, fence, created_at, updated_at)
VALUES ('approvals', 0, 0, 0, SYSUTCDATETIME(), SYSUTCDATETIME());

CREATE TABLE job (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_job PRIMARY KEY,
    kind NVARCHAR(64) NOT NULL,
    params NVARCHAR(MAX) NOT NULL,
    status NVARCHAR(64) NOT NULL CONSTRAINT ck_job_status CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
    requested_by NVARCHAR(200) NOT NULL,
    requested_at DATETIME2(3) NOT NULL,
    started_at DATETIME2(3) NULL,
    finished_at DATETIME2(3) NULL,
    -- The same for the same work while the job is open; its id when it is closed.
    open_key NVARCHAR(400) NOT NULL CONSTRAINT uq_job_open_key UNIQUE,
    progress NVARCHAR(MAX) NULL,
    rows_read BIGINT NOT NULL CONSTRAINT df_job_rows_read DEFAULT 0,
    rows_inserted BIGINT NOT NULL CONSTRAINT df_job_rows_inserted DEFAULT 0,
    rows_updated BIGINT NOT NULL CONSTRAINT df_job_rows_updated DEFAULT 0,
    rows_deleted BIGINT NOT NULL CONSTRAINT df_job_rows_deleted DEFAULT 0,
    rows_skipped BIGINT NOT NULL CONSTRAINT df_job_rows_skipped DEFAULT 0,
    rows_flagged BIGINT NOT NULL CONSTRAINT df_job_rows_flagged DEFAULT 0,
    error NVARCHAR(MAX) NULL,
    files NVARCHAR(MAX) NULL,
    owner NVARCHAR(200) NULL,
    fence BIGINT NOT NULL CONSTRAINT df_job_fence DEFAULT 0,
    expires_at DATETIME2(3) NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

-- Serves: open jobs that nobody works on; the list of one status. The last good sync of a kind.
CREATE INDEX ix_job_status ON job (status, updated_at);
CREATE INDEX ix_job_kind ON job (kind, finished_at);

-- A timer's planned time makes one job ever.
CREATE TABLE job_occasion (
    occasion NVARCHAR(200) NOT NULL CONSTRAINT pk_job_occasion PRIMARY KEY,
    job_id NVARCHAR(64) NOT NULL CONSTRAINT fk_job_occasion_job REFERENCES job (id),
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);

CREATE TABLE delivery (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_delivery PRIMARY KEY,
    event_type NVARCHAR(64) NOT NULL,
    record_id NVARCHAR(64) NOT NULL,
    body_sha256 NVARCHAR(64) NOT NULL,
    times_seen BIGINT NOT NULL,
    last_event_id NVARCHAR(200) NOT NULL,
    first_received_at DATETIME2(3) NOT NULL,
    last_received_at DATETIME2(3) NOT NULL,
    outcome NVARCHAR(64) NOT NULL
        CONSTRAINT ck_delivery_outcome CHECK (outcome IN ('waiting', 'applied', 'gone', 'ignored', 'failed')),
    error NVARCHAR(MAX) NULL,
    failed_tries BIGINT NOT NULL CONSTRAINT df_delivery_failed_tries DEFAULT 0,
    -- For approval events: the state that the body told, and Clockify's status.updatedAt.
    told_state NVARCHAR(64) NULL,
    told_at DATETIME2(3) NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_delivery_body UNIQUE (event_type, record_id, body_sha256)
);

-- Serves: what webhooks told of given approvals; the list of a time; why a message failed; what a finished scan
-- settles.
CREATE INDEX ix_delivery_record ON delivery (record_id, told_at);
CREATE INDEX ix_delivery_received ON delivery (last_received_at);
CREATE INDEX ix_delivery_event ON delivery (last_event_id);
CREATE INDEX ix_delivery_outcome ON delivery (outcome, updated_at);

CREATE TABLE dead_letter (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_dead_letter PRIMARY KEY,
    queue NVARCHAR(64) NOT NULL,
    message_id NVARCHAR(128) NOT NULL,
    message NVARCHAR(MAX) NOT NULL,
    error NVARCHAR(MAX) NOT NULL,
    filed_at DATETIME2(3) NOT NULL,
    replayed_at DATETIME2(3) NULL,
    replayed_by NVARCHAR(200) NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_dead_letter_message UNIQUE (queue, message_id)
);

CREATE TABLE flag (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_flag PRIMARY KEY,
    kind NVARCHAR(64) NOT NULL,
    record_kind NVARCHAR(64) NOT NULL,
    record_id NVARCHAR(64) NOT NULL,
    raised_at DATETIME2(3) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_flag_record UNIQUE (record_kind, record_id, kind)
);

-- Serves: the list of flags of one kind, and since when.
CREATE INDEX ix_flag_kind ON flag (kind, raised_at);

-- Records to be read again by themselves: entries that left a timesheet, of which only Clockify knows whether they are
-- gone. Written with what shows the need, removed when it is met.
CREATE TABLE to_reread (
    kind NVARCHAR(64) NOT NULL,
    record_id NVARCHAR(64) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_to_reread PRIMARY KEY (kind, record_id)
);

-- Timesheets that one complete scan did not find in any list: a second miss, or a webhook, settles them.
CREATE TABLE timesheet_miss (
    timesheet_id NVARCHAR(64) NOT NULL CONSTRAINT pk_timesheet_miss PRIMARY KEY
        CONSTRAINT fk_timesheet_miss_timesheet REFERENCES timesheet (id),
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL
);
