-- Numbers that are taken by updating their row first: the last ticket; and the step in minutes to which the hours of all
-- entries are rounded, 0 while that is being changed.
CREATE TABLE counter (
    name TEXT NOT NULL CONSTRAINT pk_counter PRIMARY KEY,
    value INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

INSERT INTO counter (name, value, created_at, updated_at)
VALUES ('ticket', 0, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    ('rounding', 0, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));

-- Open tickets: drawn, not written with yet.
CREATE TABLE ticket (
    number INTEGER NOT NULL CONSTRAINT pk_ticket PRIMARY KEY,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- What Clockify said is gone; ticket is that of the read which found it so.
CREATE TABLE tombstone (
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_tombstone PRIMARY KEY (kind, record_id)
) STRICT;

-- One row: how many approval events want a scan, how many a finished scan covers, who scans.
CREATE TABLE scan (
    name TEXT NOT NULL CONSTRAINT pk_scan PRIMARY KEY,
    wanted INTEGER NOT NULL,
    done INTEGER NOT NULL,
    owner TEXT,
    fence INTEGER NOT NULL,
    expires_at TEXT,
    approved_watermark TEXT,
    withdrawn_approval_watermark TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

INSERT INTO scan (name, wanted, done, fence, created_at, updated_at)
VALUES ('approvals', 0, 0, 0, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));

CREATE TABLE job (
    id TEXT NOT NULL CONSTRAINT pk_job PRIMARY KEY,
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    status TEXT NOT NULL CONSTRAINT ck_job_status CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
    requested_by TEXT NOT NULL,
    requested_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    -- The same for the same work while the job is open; its id when it is closed.
    open_key TEXT NOT NULL CONSTRAINT uq_job_open_key UNIQUE,
    progress TEXT,
    rows_read INTEGER NOT NULL DEFAULT 0,
    rows_inserted INTEGER NOT NULL DEFAULT 0,
    rows_updated INTEGER NOT NULL DEFAULT 0,
    rows_deleted INTEGER NOT NULL DEFAULT 0,
    rows_skipped INTEGER NOT NULL DEFAULT 0,
    rows_flagged INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    files TEXT,
    owner TEXT,
    fence INTEGER NOT NULL DEFAULT 0,
    expires_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- Serves: open jobs that nobody works on; the list of one status. The last good sync of a kind.
CREATE INDEX ix_job_status ON job (status, updated_at);
CREATE INDEX ix_job_kind ON job (kind, finished_at);

-- A timer's planned time makes one job ever.
CREATE TABLE job_occasion (
    occasion TEXT NOT NULL CONSTRAINT pk_job_occasion PRIMARY KEY,
    job_id TEXT NOT NULL CONSTRAINT fk_job_occasion_job REFERENCES job (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE delivery (
    id TEXT NOT NULL CONSTRAINT pk_delivery PRIMARY KEY,
    event_type TEXT NOT NULL,
    record_id TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    times_seen INTEGER NOT NULL,
    last_event_id TEXT NOT NULL,
    first_received_at TEXT NOT NULL,
    last_received_at TEXT NOT NULL,
    outcome TEXT NOT NULL
        CONSTRAINT ck_delivery_outcome CHECK (outcome IN ('waiting', 'applied', 'gone', 'ignored', 'failed')),
    error TEXT,
    failed_tries INTEGER NOT NULL DEFAULT 0,
    -- For approval events: the state that the body told, and Clockify's status.updatedAt.
    told_state TEXT,
    told_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_delivery_body UNIQUE (event_type, record_id, body_sha256)
) STRICT;

-- Serves: what webhooks told of given approvals; the list of a time; why a message failed; what a finished scan
-- settles.
CREATE INDEX ix_delivery_record ON delivery (record_id, told_at);
CREATE INDEX ix_delivery_received ON delivery (last_received_at);
CREATE INDEX ix_delivery_event ON delivery (last_event_id);
CREATE INDEX ix_delivery_outcome ON delivery (outcome, updated_at);

CREATE TABLE dead_letter (
    id TEXT NOT NULL CONSTRAINT pk_dead_letter PRIMARY KEY,
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    message TEXT NOT NULL,
    error TEXT NOT NULL,
    filed_at TEXT NOT NULL,
    replayed_at TEXT,
    replayed_by TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_dead_letter_message UNIQUE (queue, message_id)
) STRICT;

CREATE TABLE flag (
    id TEXT NOT NULL CONSTRAINT pk_flag PRIMARY KEY,
    kind TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    raised_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_flag_record UNIQUE (record_kind, record_id, kind)
) STRICT;

-- Serves: the list of flags of one kind, and since when.
CREATE INDEX ix_flag_kind ON flag (kind, raised_at);

-- Records to be read again by themselves: entries that left a timesheet, of which only Clockify knows whether they are
-- gone. Written with what shows the need, removed when it is met.
CREATE TABLE to_reread (
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_to_reread PRIMARY KEY (kind, record_id)
) STRICT;

-- Timesheets that one complete scan did not find in any list: a second miss, or a webhook, settles them.
CREATE TABLE timesheet_miss (
    timesheet_id TEXT NOT NULL CONSTRAINT pk_timesheet_miss PRIMARY KEY
        CONSTRAINT fk_timesheet_miss_timesheet REFERENCES timesheet (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
