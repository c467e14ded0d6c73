//! What SQLite's errors mean, and which constraint it was. SQLite names only CHECK constraints; the
//! names of the others stand in the text of the table's CREATE statement, and are looked up there.

use rusqlite::{Connection, Error, ErrorCode, ffi};

use super::super::StoreError;

/// The error of a statement, with the constraint's name. A foreign key is found by running the
/// statement again with the check put off, and asking what then points at nothing: nothing of it
/// lasts, because a transaction in which a statement failed is always rolled back.
pub(super) fn named<T>(
    sqlite: &Connection,
    error: &Error,
    again: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> StoreError {
    let Error::SqliteFailure(failure, Some(words)) = error else {
        return plain(error);
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
        _ => plain(error),
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
        // The last: so many connections at once to a log whose last writer was killed that its recovery gave up.
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => StoreError::Busy { cause: words },
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

/// `UNIQUE constraint failed: project.client_id, project.code` → the constraint over these columns.
fn unique_name(sqlite: &Connection, words: &str) -> String {
    let listed = words.rsplit(": ").next().unwrap_or(words);
    if let Some(index) = listed.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let columns: Vec<&str> = listed
        .split(", ")
        .filter_map(|column| column.split_once('.').map(|(_, name)| name))
        .collect();
    listed
        .split_once('.')
        .and_then(|(table, _)| {
            let constraints = constraints_of(sqlite, table).ok()?;
            let declared = constraints
                .into_iter()
                .find(|known| known.rule != Rule::Reference && known.columns == columns);
            declared
                .map(|known| known.name)
                .or_else(|| index_over(sqlite, table, &columns).ok())
        })
        .unwrap_or_else(|| listed.to_owned())
}

fn index_over(sqlite: &Connection, table: &str, columns: &[&str]) -> rusqlite::Result<String> {
    sqlite.query_row(
        "SELECT i.name FROM pragma_index_list(?1) AS i \
         WHERE i.origin = 'c' AND i.\"unique\" = 1 AND ?2 = \
         (SELECT group_concat(c.name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) AS c)",
        (table, columns.join(",")),
        |row| row.get(0),
    )
}

/// The first foreign key that now points at nothing.
fn foreign_key_name(sqlite: &Connection) -> rusqlite::Result<String> {
    let (table, columns): (String, String) = sqlite.query_row(
        "SELECT v.\"table\", (SELECT group_concat(k.\"from\", ',') \
         FROM pragma_foreign_key_list(v.\"table\") AS k WHERE k.id = v.fkid) \
         FROM pragma_foreign_key_check AS v LIMIT 1",
        (),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let columns: Vec<&str> = columns.split(',').collect();
    let declared = constraints_of(sqlite, &table)?
        .into_iter()
        .find(|known| known.rule == Rule::Reference && known.columns == columns);
    Ok(declared.map_or_else(
        || format!("{table} ({})", columns.join(", ")),
        |known| known.name,
    ))
}

/// A named constraint as the table's CREATE statement declares it.
struct Declared {
    name: String,
    rule: Rule,
    columns: Vec<String>,
}

#[derive(PartialEq, Eq)]
enum Rule {
    PrimaryKey,
    Unique,
    Reference,
}

fn constraints_of(sqlite: &Connection, table: &str) -> rusqlite::Result<Vec<Declared>> {
    let sql: String = sqlite.query_row(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?1",
        [table],
        |row| row.get(0),
    )?;
    Ok(declared_in(&sql))
}

/// Reads `CONSTRAINT name PRIMARY KEY | UNIQUE | FOREIGN KEY | REFERENCES` out of a CREATE TABLE, behind
/// a column or on its own with its columns in brackets.
fn declared_in(sql: &str) -> Vec<Declared> {
    let without_remarks: Vec<&str> = sql
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("--"))
        .collect();
    let sql = without_remarks.join("\n");
    let body = sql.split_once('(').map_or("", |(_, body)| body);
    let mut depth = 0_i32;
    let parts = body.split(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    parts.flat_map(declared_in_part).collect()
}

fn declared_in_part(part: &str) -> Vec<Declared> {
    let column = part.split_whitespace().next().unwrap_or_default();
    let mut found = Vec::new();
    for declaration in part.split("CONSTRAINT ").skip(1) {
        let Some((name, rest)) = declaration.split_once(char::is_whitespace) else {
            continue;
        };
        let rest = rest.trim_start();
        let rule = if rest.starts_with("PRIMARY KEY") {
            Rule::PrimaryKey
        } else if rest.starts_with("UNIQUE") {
            Rule::Unique
        } else if rest.starts_with("REFERENCES") || rest.starts_with("FOREIGN KEY") {
            Rule::Reference
        } else {
            continue;
        };
        let columns = if column == "CONSTRAINT" {
            let listed = rest.split_once('(').map_or("", |(_, list)| list);
            let listed = listed.split_once(')').map_or(listed, |(list, _)| list);
            listed
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect()
        } else {
            vec![column.to_owned()]
        };
        found.push(Declared {
            name: name.to_owned(),
            rule,
            columns,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_read_from_the_table_as_it_was_created() {
        let sqlite = Connection::open_in_memory().expect("a database");
        let create = "PRAGMA foreign_keys = ON;
            CREATE TABLE parent (id TEXT NOT NULL CONSTRAINT pk_of_parent PRIMARY KEY) STRICT;
            CREATE TABLE child (
                -- a remark, with a comma
                parent_id TEXT CONSTRAINT fk_to_parent REFERENCES parent (id),
                code TEXT NOT NULL CONSTRAINT uq_code UNIQUE,
                a INTEGER NOT NULL CONSTRAINT ck_a CHECK (a IN (1, 2, 3)),
                b INTEGER NOT NULL,
                CONSTRAINT uq_both UNIQUE (a, b),
                CONSTRAINT fk_both FOREIGN KEY (b) REFERENCES other (id)
            ) STRICT;
            CREATE TABLE other (id INTEGER NOT NULL CONSTRAINT pk_other PRIMARY KEY) STRICT;
            CREATE UNIQUE INDEX ux_code_b ON child (code, b);
            INSERT INTO parent VALUES ('p'); INSERT INTO other VALUES (1), (2);
            INSERT INTO child VALUES ('p', 'x', 1, 1);";
        sqlite.execute_batch(create).expect("tables");
        for (sql, name) in [
            ("INSERT INTO parent VALUES ('p')", "pk_of_parent"),
            ("INSERT INTO other VALUES (1)", "pk_other"),
            ("INSERT INTO child VALUES ('p', 'x', 2, 2)", "uq_code"),
            ("INSERT INTO child VALUES ('p', 'y', 1, 1)", "uq_both"),
            ("INSERT INTO child VALUES ('p', 'y', 4, 1)", "ck_a"),
            (
                "INSERT INTO child VALUES ('nobody', 'y', 2, 2)",
                "fk_to_parent",
            ),
            ("INSERT INTO child VALUES ('p', 'y', 2, 9)", "fk_both"),
            ("DELETE FROM parent", "fk_to_parent"),
            ("INSERT INTO child VALUES ('p', NULL, 2, 2)", "child.code"),
        ] {
            let transaction = sqlite.unchecked_transaction().expect("a transaction");
            let error = transaction.execute(sql, ()).expect_err(sql);
            let error = named(&transaction, &error, |sqlite| sqlite.execute(sql, ()));
            assert!(error.violates(name), "{sql}: {error}");
            transaction.rollback().expect("a rollback");
        }
        sqlite
            .execute_batch(
                "DROP TABLE child; CREATE TABLE child (code TEXT, b INTEGER) STRICT;
            CREATE UNIQUE INDEX ux_code_b ON child (code, b); INSERT INTO child VALUES ('x', 1)",
            )
            .expect("a table");
        let error = sqlite
            .execute("INSERT INTO child VALUES ('x', 1)", ())
            .expect_err("a duplicate");
        assert!(named(&sqlite, &error, |_| Ok(0)).violates("ux_code_b"));
    }

    #[test]
    fn a_database_that_others_hold_is_busy() {
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_RECOVERY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_PROTOCOL,
        ] {
            let error = plain(&Error::SqliteFailure(ffi::Error::new(code), None));
            assert!(matches!(error, StoreError::Busy { .. }), "{code}: {error}");
        }
    }
}
