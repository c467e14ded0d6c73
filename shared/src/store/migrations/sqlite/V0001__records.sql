CREATE TABLE workspace (
    id TEXT NOT NULL CONSTRAINT pk_workspace PRIMARY KEY,
    name TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
