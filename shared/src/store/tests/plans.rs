//! Every query has its index: none that a test runs reads a table that grows from end to end.

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::store::{Statement, migration::MIGRATIONS, statement::Dialect};

/// Tables that grow with the years.
const GROWING: &[&str] = &[
    "time_entry",
    "time_entry_tag",
    "timesheet",
    "time_off_request",
    "delivery",
    "audit",
    "job",
    "job_occasion",
    "idempotency",
    "lem_sheet",
    "lem_worker_line",
    "lem_equipment_line",
    "lem_material_line",
];

/// Read from end to end, once a day: who has work that refers to a stub.
const ONCE_A_DAY: &str = "SELECT e.employee_id FROM time_entry AS e JOIN project AS p";

/// An empty database with the schema, and the texts that were looked at.
static PLANS: LazyLock<Mutex<(rusqlite::Connection, HashSet<String>)>> = LazyLock::new(|| {
    let database = rusqlite::Connection::open_in_memory().expect("a database");
    for step in MIGRATIONS {
        database.execute_batch(step.sqlite).expect(step.name);
    }
    Mutex::new((database, HashSet::new()))
});

/// Fails where the statement reads such a table without an index. Called for every statement that a test runs.
pub(super) fn check(statement: &Statement) {
    let sql = statement.text(Dialect::Sqlite);
    let finds_rows = ["SELECT", "UPDATE", "DELETE"]
        .iter()
        .any(|verb| sql.starts_with(verb));
    // A report author's query reads what he asks for.
    if !finds_rows
        || sql.contains("report_")
        || sql.starts_with(ONCE_A_DAY)
        || lets_jobs_grow_old(&sql)
    {
        return;
    }
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    if !plans.1.insert(sql.to_string()) {
        return;
    }
    for step in plan(&plans.0, &sql) {
        let scanned = step
            .strip_prefix("SCAN ")
            .filter(|rest| !rest.contains(" USING "));
        let Some(table) = scanned.map(|name| table_of(&sql, name)) else {
            continue;
        };
        assert!(
            !GROWING.contains(&table),
            "no index serves this, which reads a whole table ({step}):\n{sql}"
        );
    }
}

/// Whether it is one of the tests' own.
fn lets_jobs_grow_old(sql: &str) -> bool {
    sql.starts_with("UPDATE job SET ")
        && (!sql.contains(" WHERE ")
            || sql.ends_with(" WHERE owner IS NOT NULL")
            || sql.ends_with(" WHERE expires_at IS NOT NULL"))
}

/// SQLite's words for how it would run it; nothing for tables that only a test has.
fn plan(database: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let Ok(mut explained) = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")) else {
        return Vec::new();
    };
    // Its parameters stay unbound: the plan is made without them.
    let steps = explained.raw_query().mapped(|row| row.get("detail"));
    steps.collect::<Result<_, _>>().expect("a plan")
}

/// The table that goes by that name in the statement: `time_entry` for `e` in `time_entry AS e`.
fn table_of<'a>(sql: &'a str, name: &'a str) -> &'a str {
    let words: Vec<&str> = sql.split_whitespace().collect();
    words
        .windows(3)
        .find(|words| words[1] == "AS" && words[2].trim_end_matches([',', ')']) == name)
        .map_or(name, |words| words[0])
}

#[test]
fn a_scan_is_seen() {
    let plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let sql = "SELECT e.id FROM time_entry AS e WHERE e.description = 'x'";
    let steps = plan(&plans.0, sql);
    assert_eq!(steps, ["SCAN e"]);
    assert_eq!(table_of(sql, "e"), "time_entry");
    for change in [
        "UPDATE time_entry SET hours = 0 WHERE hours <> 0",
        "DELETE FROM time_entry WHERE hours = 0",
    ] {
        assert_eq!(plan(&plans.0, change)[0], "SCAN time_entry");
    }
    let steps = plan(
        &plans.0,
        "SELECT id FROM time_entry WHERE start_date = '2026-11-01'",
    );
    assert!(
        steps[0].contains("USING INDEX ix_time_entry_start_date"),
        "{steps:?}"
    );
}

#[test]
fn every_index_says_which_query_it_serves() {
    for step in MIGRATIONS {
        for sql in [step.sqlite, step.mssql] {
            let silent = sql.split("\n\n").find(|paragraph| {
                paragraph.contains("INDEX ") && !paragraph.contains("-- Serves: ")
            });
            assert_eq!(silent, None, "{}", step.name);
        }
    }
}
