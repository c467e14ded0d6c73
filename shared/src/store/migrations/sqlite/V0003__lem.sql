-- LEM: the daily ticket of labour, equipment and material, its price lists and its numbers.

-- The last number given to a sheet of that client and project: taken by updating the row first.
CREATE TABLE lem_counter (
    client_id TEXT NOT NULL CONSTRAINT fk_lem_counter_client REFERENCES client (id),
    project_id TEXT NOT NULL CONSTRAINT fk_lem_counter_project REFERENCES project (id),
    last_number INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_lem_counter PRIMARY KEY (client_id, project_id)
) STRICT;

-- What a worker bills as.
CREATE TABLE lem_role (
    id TEXT NOT NULL CONSTRAINT pk_lem_role PRIMARY KEY,
    client_id TEXT NOT NULL CONSTRAINT fk_lem_role_client REFERENCES client (id),
    -- NULL: for all projects of the client.
    project_id TEXT NULL CONSTRAINT fk_lem_role_project REFERENCES project (id),
    name TEXT NOT NULL,
    -- SHA-256 of the name as it is compared, so that no collation decides what is equal.
    name_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_lem_role_name UNIQUE (client_id, name_key)
) STRICT;

CREATE TABLE lem_equipment (
    id TEXT NOT NULL CONSTRAINT pk_lem_equipment PRIMARY KEY,
    client_id TEXT NOT NULL CONSTRAINT fk_lem_equipment_client REFERENCES client (id),
    project_id TEXT NULL CONSTRAINT fk_lem_equipment_project REFERENCES project (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_lem_equipment_name UNIQUE (client_id, name_key)
) STRICT;

-- NULL is a missing rate, 0 is free of charge.
CREATE TABLE lem_worker_rate (
    id TEXT NOT NULL CONSTRAINT pk_lem_worker_rate PRIMARY KEY,
    client_id TEXT NOT NULL CONSTRAINT fk_lem_worker_rate_client REFERENCES client (id),
    project_id TEXT NOT NULL CONSTRAINT fk_lem_worker_rate_project REFERENCES project (id),
    role_id TEXT NOT NULL CONSTRAINT fk_lem_worker_rate_role REFERENCES lem_role (id),
    valid_from TEXT NOT NULL,
    work_rate INTEGER NULL,
    travel_rate INTEGER NULL,
    calc_rate INTEGER NULL,
    meal_rate INTEGER NULL,
    hotel_rate INTEGER NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_lem_worker_rate_valid_from UNIQUE (client_id, project_id, role_id, valid_from)
) STRICT;

CREATE TABLE lem_equipment_rate (
    id TEXT NOT NULL CONSTRAINT pk_lem_equipment_rate PRIMARY KEY,
    client_id TEXT NOT NULL CONSTRAINT fk_lem_equipment_rate_client REFERENCES client (id),
    project_id TEXT NOT NULL CONSTRAINT fk_lem_equipment_rate_project REFERENCES project (id),
    equipment_id TEXT NOT NULL CONSTRAINT fk_lem_equipment_rate_equipment REFERENCES lem_equipment (id),
    valid_from TEXT NOT NULL,
    unit_rate INTEGER NULL,
    day_rate INTEGER NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_lem_equipment_rate_valid_from UNIQUE (client_id, project_id, equipment_id, valid_from)
) STRICT;

CREATE TABLE lem_sheet (
    id TEXT NOT NULL CONSTRAINT pk_lem_sheet PRIMARY KEY,
    workspace_id TEXT NOT NULL CONSTRAINT fk_lem_sheet_workspace REFERENCES workspace (id),
    client_id TEXT NOT NULL CONSTRAINT fk_lem_sheet_client REFERENCES client (id),
    project_id TEXT NOT NULL CONSTRAINT fk_lem_sheet_project REFERENCES project (id),
    number INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    work_date TEXT NOT NULL,
    project_manager_id TEXT NULL CONSTRAINT fk_lem_sheet_project_manager REFERENCES employee (id),
    client_representative TEXT NULL,
    description TEXT NULL,
    notes TEXT NULL,
    status TEXT NOT NULL
        CONSTRAINT ck_lem_sheet_status CHECK (status IN ('draft', 'submitted', 'signed', 'rejected')),
    archived INTEGER NOT NULL,
    -- JSON: the rates as they were at submission.
    frozen_rates TEXT NULL,
    submitted_at TEXT NULL,
    signed_name TEXT NULL,
    signed_at TEXT NULL,
    signature_image BLOB NULL,
    rejection_reason TEXT NULL,
    version INTEGER NOT NULL,
    -- SHA-256 of what its creation asked for: tells a repeated creation from another one of the same id.
    request_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_lem_sheet_number UNIQUE (client_id, project_id, number, revision)
) STRICT;

-- Serves: lists, newest day first; the last sheet of a project; LEM timesheets of a period.
CREATE INDEX ix_lem_sheet_work_date ON lem_sheet (work_date, number, id);
CREATE INDEX ix_lem_sheet_project ON lem_sheet (project_id, work_date);

CREATE TABLE lem_worker_line (
    sheet_id TEXT NOT NULL CONSTRAINT fk_lem_worker_line_sheet REFERENCES lem_sheet (id),
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    worker TEXT NOT NULL,
    -- SHA-256 of the worker's name as it is compared.
    worker_key TEXT NOT NULL,
    employee_id TEXT NULL CONSTRAINT fk_lem_worker_line_employee REFERENCES employee (id),
    role_id TEXT NOT NULL CONSTRAINT fk_lem_worker_line_role REFERENCES lem_role (id),
    work_hours INTEGER NOT NULL,
    travel_hours INTEGER NOT NULL,
    calc_hours INTEGER NOT NULL,
    meals INTEGER NOT NULL,
    hotel_nights INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_lem_worker_line PRIMARY KEY (sheet_id, id),
    CONSTRAINT uq_lem_worker_line_worker UNIQUE (sheet_id, worker_key, role_id)
) STRICT;

CREATE TABLE lem_equipment_line (
    sheet_id TEXT NOT NULL CONSTRAINT fk_lem_equipment_line_sheet REFERENCES lem_sheet (id),
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    equipment_id TEXT NOT NULL CONSTRAINT fk_lem_equipment_line_equipment REFERENCES lem_equipment (id),
    quantity INTEGER NOT NULL,
    basis TEXT NOT NULL CONSTRAINT ck_lem_equipment_line_basis CHECK (basis IN ('unit', 'day')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_lem_equipment_line PRIMARY KEY (sheet_id, id)
) STRICT;

CREATE TABLE lem_material_line (
    sheet_id TEXT NOT NULL CONSTRAINT fk_lem_material_line_sheet REFERENCES lem_sheet (id),
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    description TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit TEXT NOT NULL,
    unit_cost INTEGER NOT NULL,
    -- Thousandths of a percent.
    markup_percent INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT pk_lem_material_line PRIMARY KEY (sheet_id, id)
) STRICT;
