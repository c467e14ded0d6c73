-- LEM: the daily ticket of labour, equipment and material, its price lists and its numbers.

-- The last number given to a sheet of that client and project: taken by updating the row first.
CREATE TABLE lem_counter (
    client_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_counter_client REFERENCES client (id),
    project_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_counter_project REFERENCES project (id),
    last_number INT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_lem_counter PRIMARY KEY (client_id, project_id)
);

-- What a worker bills as.
CREATE TABLE lem_role (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_lem_role PRIMARY KEY,
    client_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_role_client REFERENCES client (id),
    -- NULL: for all projects of the client.
    project_id NVARCHAR(64) NULL CONSTRAINT fk_lem_role_project REFERENCES project (id),
    name NVARCHAR(1000) NOT NULL,
    -- SHA-256 of the name as it is compared, so that no collation decides what is equal.
    name_key NVARCHAR(64) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_lem_role_name UNIQUE (client_id, name_key)
);

CREATE TABLE lem_equipment (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_lem_equipment PRIMARY KEY,
    client_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_equipment_client REFERENCES client (id),
    project_id NVARCHAR(64) NULL CONSTRAINT fk_lem_equipment_project REFERENCES project (id),
    name NVARCHAR(1000) NOT NULL,
    name_key NVARCHAR(64) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_lem_equipment_name UNIQUE (client_id, name_key)
);

-- NULL is a missing rate, 0 is free of charge.
CREATE TABLE lem_worker_rate (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_lem_worker_rate PRIMARY KEY,
    client_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_worker_rate_client REFERENCES client (id),
    project_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_worker_rate_project REFERENCES project (id),
    role_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_worker_rate_role REFERENCES lem_role (id),
    valid_from DATE NOT NULL,
    work_rate DECIMAL(12,2) NULL,
    travel_rate DECIMAL(12,2) NULL,
    calc_rate DECIMAL(12,2) NULL,
    meal_rate DECIMAL(12,2) NULL,
    hotel_rate DECIMAL(12,2) NULL,
    version BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_lem_worker_rate_valid_from UNIQUE (client_id, project_id, role_id, valid_from)
);

CREATE TABLE lem_equipment_rate (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_lem_equipment_rate PRIMARY KEY,
    client_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_equipment_rate_client REFERENCES client (id),
    project_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_equipment_rate_project REFERENCES project (id),
    equipment_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_equipment_rate_equipment REFERENCES lem_equipment (id),
    valid_from DATE NOT NULL,
    unit_rate DECIMAL(12,2) NULL,
    day_rate DECIMAL(12,2) NULL,
    version BIGINT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_lem_equipment_rate_valid_from UNIQUE (client_id, project_id, equipment_id, valid_from)
);

CREATE TABLE lem_sheet (
    id NVARCHAR(64) NOT NULL CONSTRAINT pk_lem_sheet PRIMARY KEY,
    workspace_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_sheet_workspace REFERENCES workspace (id),
    client_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_sheet_client REFERENCES client (id),
    project_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_sheet_project REFERENCES project (id),
    number INT NOT NULL,
    revision INT NOT NULL,
    work_date DATE NOT NULL,
    project_manager_id NVARCHAR(64) NULL CONSTRAINT fk_lem_sheet_project_manager REFERENCES employee (id),
    client_representative NVARCHAR(1000) NULL,
    description NVARCHAR(MAX) NULL,
    notes NVARCHAR(MAX) NULL,
    status NVARCHAR(64) NOT NULL
        CONSTRAINT ck_lem_sheet_status CHECK (status IN ('draft', 'submitted', 'signed', 'rejected')),
    archived BIT NOT NULL,
    -- JSON: the rates as they were at submission.
    frozen_rates NVARCHAR(MAX) NULL,
    submitted_at DATETIME2(3) NULL,
    signed_name NVARCHAR(1000) NULL,
    signed_at DATETIME2(3) NULL,
    signature_image VARBINARY(MAX) NULL,
    rejection_reason NVARCHAR(MAX) NULL,
    version BIGINT NOT NULL,
    -- SHA-256 of what its creation asked for: tells a repeated creation from another one of the same id.
    request_hash NVARCHAR(64) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT uq_lem_sheet_number UNIQUE (client_id, project_id, number, revision)
);

-- Serves: lists, newest day first; the last sheet of a project; LEM timesheets of a period.
CREATE INDEX ix_lem_sheet_work_date ON lem_sheet (work_date, number, id);
CREATE INDEX ix_lem_sheet_project ON lem_sheet (project_id, work_date);

CREATE TABLE lem_worker_line (
    sheet_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_worker_line_sheet REFERENCES lem_sheet (id),
    id NVARCHAR(64) NOT NULL,
    position INT NOT NULL,
    worker NVARCHAR(1000) NOT NULL,
    -- SHA-256 of the worker's name as it is compared.
    worker_key NVARCHAR(64) NOT NULL,
    employee_id NVARCHAR(64) NULL CONSTRAINT fk_lem_worker_line_employee REFERENCES employee (id),
    role_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_worker_line_role REFERENCES lem_role (id),
    work_hours DECIMAL(9,2) NOT NULL,
    travel_hours DECIMAL(9,2) NOT NULL,
    calc_hours DECIMAL(9,2) NOT NULL,
    meals INT NOT NULL,
    hotel_nights INT NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_lem_worker_line PRIMARY KEY (sheet_id, id),
    CONSTRAINT uq_lem_worker_line_worker UNIQUE (sheet_id, worker_key, role_id)
);

CREATE TABLE lem_equipment_line (
    sheet_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_equipment_line_sheet REFERENCES lem_sheet (id),
    id NVARCHAR(64) NOT NULL,
    position INT NOT NULL,
    equipment_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_equipment_line_equipment REFERENCES lem_equipment (id),
    quantity DECIMAL(12,2) NOT NULL,
    basis NVARCHAR(64) NOT NULL CONSTRAINT ck_lem_equipment_line_basis CHECK (basis IN ('unit', 'day')),
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_lem_equipment_line PRIMARY KEY (sheet_id, id)
);

CREATE TABLE lem_material_line (
    sheet_id NVARCHAR(64) NOT NULL CONSTRAINT fk_lem_material_line_sheet REFERENCES lem_sheet (id),
    id NVARCHAR(64) NOT NULL,
    position INT NOT NULL,
    description NVARCHAR(MAX) NOT NULL,
    quantity DECIMAL(12,2) NOT NULL,
    unit NVARCHAR(1000) NOT NULL,
    unit_cost DECIMAL(12,2) NOT NULL,
    markup_percent DECIMAL(9,3) NOT NULL,
    created_at DATETIME2(3) NOT NULL,
    updated_at DATETIME2(3) NOT NULL,
    CONSTRAINT pk_lem_material_line PRIMARY KEY (sheet_id, id)
);
