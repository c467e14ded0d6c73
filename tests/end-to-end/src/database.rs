//! The database as somebody with a SQL client sees it: what a story is judged by in the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, types::ValueRef};

/// Tables that say how the records came, not what they are.
const OF_THE_WORK: [&str; 13] = [
    "audit",
    "counter",
    "dead_letter",
    "delivery",
    "idempotency",
    "job",
    "job_occasion",
    "scan",
    "schema_history",
    "ticket",
    "timesheet_miss",
    "to_reread",
    "tombstone",
];
/// Columns that say when a row was written and by which read.
const OF_THE_WRITING: [&str; 6] = [
    "created_at",
    "updated_at",
    "raised_at",
    "source_hash",
    "ticket",
    "membership_ticket",
];
/// States in which Clockify lists no timesheet: `domain.md` §3 counts those as absent when records are compared.
const UNLISTED: [&str; 3] = ["REJECTED", "WITHDRAWN_SUBMISSION", "RETURNED"];

/// A database file, looked at while others write it.
#[derive(Debug, Clone)]
pub struct Database {
    path: PathBuf,
}

/// A row: its columns by name, each as text.
pub type Row = BTreeMap<String, String>;
/// The rows of tables, in an order of their own.
pub type Tables = BTreeMap<String, BTreeSet<Row>>;

impl Database {
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Whether there is one yet: it is made when it is first needed.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// The domain's tables without timestamps and tickets.
    pub fn domain(&self) -> Tables {
        self.tables(|column| !OF_THE_WRITING.contains(&column))
    }

    /// The domain's tables with everything that a write would change; a ticket alone is no change.
    pub fn domain_and_its_writes(&self) -> Tables {
        self.tables(|column| !matches!(column, "ticket" | "membership_ticket"))
    }

    /// The domain's tables as `domain.md` §3 compares them: what Clockify no longer lists counts as absent.
    pub fn as_clockify_lists(&self) -> Tables {
        let mut tables = self.domain();
        let column = |row: &Row, name: &str| row.get(name).cloned().unwrap_or_default();
        let unlisted: BTreeSet<String> = tables["timesheet"]
            .iter()
            .filter(|row| UNLISTED.contains(&column(row, "state").as_str()))
            .map(|row| column(row, "id"))
            .collect();
        let referred: BTreeSet<String> = tables
            .values()
            .flatten()
            .flat_map(|row| row.iter().filter(|(name, _)| name.ends_with("_id")))
            .map(|(_, id)| id.clone())
            .collect();
        let mut gone = unlisted;
        for rows in tables.values_mut() {
            rows.retain(|row| {
                let is_leftover = column(row, "archived") == "1" || column(row, "is_stub") == "1";
                let stays = !is_leftover || referred.contains(&column(row, "id"));
                if !stays {
                    gone.insert(column(row, "id"));
                }
                stays && !gone.contains(&column(row, "id"))
            });
        }
        // Flags of what is absent, and the trace of a timesheet that is.
        for (table, rows) in &mut tables {
            let kept = std::mem::take(rows).into_iter().filter_map(|mut row| {
                if table == "flag" && gone.contains(&column(&row, "record_id")) {
                    return None;
                }
                if gone.contains(&column(&row, "released_by_id")) {
                    row.remove("released_by_id");
                }
                row.retain(|_, value| value != "NULL");
                Some(row)
            });
            *rows = kept.collect();
        }
        tables
    }

    /// A number that the database holds.
    pub fn number(&self, sql: &str) -> i64 {
        self.connection()
            .query_row(sql, [], |row| row.get(0))
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The rows that a question finds, each as text.
    pub fn rows(&self, sql: &str) -> Vec<Row> {
        let connection = self.connection();
        let mut statement = connection
            .prepare(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let rows = statement.query_map([], |row| {
            let cells = names.iter().enumerate();
            cells
                .map(|(index, name)| Ok((name.clone(), text(row.get_ref(index)?))))
                .collect::<rusqlite::Result<Row>>()
        });
        rows.and_then(Iterator::collect)
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn tables(&self, wanted: impl Fn(&str) -> bool) -> Tables {
        let names =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
        self.rows(names)
            .into_iter()
            .map(|row| row["name"].clone())
            .filter(|name| !OF_THE_WORK.contains(&name.as_str()))
            .map(|name| {
                let rows = self.rows(&format!("SELECT * FROM {name}"));
                let rows = rows.into_iter().map(|mut row| {
                    row.retain(|column, _| wanted(column));
                    // A flag's id is made by the program, anew each time.
                    if name == "flag" {
                        row.remove("id");
                    }
                    row
                });
                let rows = rows.collect();
                (name, rows)
            })
            .collect()
    }

    fn connection(&self) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)
            .unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        connection
            .busy_timeout(std::time::Duration::from_secs(10))
            .expect("a timeout");
        connection
    }
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Blob(bytes) => hex::encode(bytes),
    }
}

/// Fails with the first rows that one has and the other has not.
#[track_caller]
pub fn assert_same(found: &Tables, expected: &Tables) {
    for (table, expected) in expected {
        let found = &found[table];
        let missing: Vec<&Row> = expected.difference(found).take(3).collect();
        let too_many: Vec<&Row> = found.difference(expected).take(3).collect();
        assert!(
            missing.is_empty() && too_many.is_empty(),
            "{table} ({} rows, expected {}):\nmissing {missing:#?}\ntoo many {too_many:#?}",
            found.len(),
            expected.len(),
        );
    }
    assert_eq!(found.len(), expected.len(), "tables");
}
