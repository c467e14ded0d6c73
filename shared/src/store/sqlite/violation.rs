//! What SQLite's errors mean, and which constraint it was. SQLite names only CHECK constraints; the
//! names of the others follow from the migrations' rule: `pk_TABLE`, `fk_TABLE_COLUMN`, and unique
//! indexes under their own name.

use rusqlite::{Connection, Error, ErrorCode, ffi};

use super::super::StoreError;

/// The error of a statement, with the constraint's name. A foreign key is found by running the
/// statement again with the check put off, and asking what then points at nothing: nothing of it
/// lasts, because a transaction in which a statement failed is always rolled back.
pub(super) fn named<T>(
    sqlite: &Connection,
    error: Error,
    again: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> StoreError {
    let Error::SqliteFailure(failure, Some(words)) = &error else {
        return plain(&error);
    };
    match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => StoreError::Duplicate {
            constraint: unique_name(sqlite, words),
        },
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
            let name = sqlite
                .execute_batch("PRAGMA defer_foreign_keys = ON")
                .and_then(|()| again(sqlite))
                .and_then(|_| foreign_key_name(sqlite));
            StoreError::Reference {
                constraint: name.unwrap_or_else(|_| "foreign key".to_owned()),
            }
        }
        _ => plain(&error),
    }
}

/// The error of anything else: what is known without asking the database again.
pub(super) fn plain(error: &Error) -> StoreError {
    let Error::SqliteFailure(failure, words) = error else {
        return StoreError::statement(error.to_string());
    };
    let words = words.clone().unwrap_or_else(|| failure.to_string());
    let after = |start: &str| words.strip_prefix(start).unwrap_or(&words).to_owned();
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy { cause: words },
        ErrorCode::CannotOpen
        | ErrorCode::SystemIoFailure
        | ErrorCode::DiskFull
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::OutOfMemory => StoreError::unavailable(words),
        ErrorCode::ConstraintViolation => match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => StoreError::Duplicate {
                constraint: after("UNIQUE constraint failed: "),
            },
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::Reference {
                constraint: "foreign key".to_owned(),
            },
            ffi::SQLITE_CONSTRAINT_CHECK => StoreError::Refused {
                constraint: after("CHECK constraint failed: "),
            },
            ffi::SQLITE_CONSTRAINT_NOTNULL => StoreError::Refused {
                constraint: after("NOT NULL constraint failed: "),
            },
            _ => StoreError::Refused { constraint: words },
        },
        _ => StoreError::statement(words),
    }
}

/// `UNIQUE constraint failed: project.client_id, project.code` → the index over these columns.
fn unique_name(sqlite: &Connection, words: &str) -> String {
    let listed = words.rsplit(": ").next().unwrap_or(words);
    if let Some(index) = listed.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let Some((table, _)) = listed.split_once('.') else {
        return listed.to_owned();
    };
    let columns: Vec<&str> = listed
        .split(", ")
        .filter_map(|column| column.split_once('.').map(|(_, name)| name))
        .collect();
    index_over(sqlite, table, &columns).unwrap_or_else(|_| format!("pk_{table}"))
}

fn index_over(sqlite: &Connection, table: &str, columns: &[&str]) -> rusqlite::Result<String> {
    sqlite.query_row(
        "SELECT i.name FROM pragma_index_list(?1) AS i \
         WHERE i.origin <> 'pk' AND i.\"unique\" = 1 AND ?2 = \
         (SELECT group_concat(c.name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) AS c)",
        (table, columns.join(",")),
        |row| row.get(0),
    )
}

/// The first foreign key that now points at nothing.
fn foreign_key_name(sqlite: &Connection) -> rusqlite::Result<String> {
    sqlite.query_row(
        "SELECT 'fk_' || v.\"table\" || '_' || \
         (SELECT group_concat(k.\"from\", '_') FROM pragma_foreign_key_list(v.\"table\") AS k WHERE k.id = v.fkid) \
         FROM pragma_foreign_key_check AS v LIMIT 1",
        (),
        |row| row.get(0),
    )
}
