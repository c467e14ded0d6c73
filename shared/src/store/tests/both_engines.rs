//! The same data through both engines gives the same rows, decimals and dates, to the last digit.

use std::fmt::Debug;

use super::{Database, read, samples::*, written};
use crate::{
    domain::{ids::TimeEntryId, time::Period, time_entry::TimeEntry, timesheet::TimesheetState},
    store::{
        Store, attendance, client, employee, group, holiday,
        membership::{self, Holdings},
        policy, project, tag, task, time_entry, time_off_request, timesheet, work,
    },
};

#[tokio::test]
#[cfg_attr(
    not(test_mssql),
    ignore = "SQL Server was not tested: TEST_MSSQL_URL is not set"
)]
async fn both_engines_give_the_same_rows() {
    let sqlite = Database::empty().migrated().await;
    let sql_server = Database::empty_on_sql_server().await.migrated().await;
    for database in [&sqlite, &sql_server] {
        fill(&database.store).await;
    }
    let (one, other) = (all(&sqlite.store).await, all(&sql_server.store).await);
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

/// What the comparison sees is the same each time, and not nothing.
#[tokio::test]
async fn what_is_compared_tells_a_hundredth() {
    let (one, other) = (
        Database::empty().migrated().await,
        Database::empty().migrated().await,
    );
    for database in [&one, &other] {
        fill(&database.store).await;
    }
    assert_eq!(all(&one.store).await, all(&other.store).await);
    let entries = vec![TimeEntry {
        hourly_rate: Some(decimal("9999999999.98")),
        ..entry("n1")
    }];
    let store = &other.store;
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    assert_ne!(all(&one.store).await, all(&other.store).await);
}

async fn fill(store: &Store) {
    let people = vec![employee("e1"), bare_employee("e2")];
    written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    let groups = vec![group("g1", &["e1", "left-long-ago"])];
    written!(store, |tx, spent| group::upsert_page(
        &mut tx, spent, &groups
    ));
    let clients = vec![client("c1")];
    written!(store, |tx, spent| client::upsert_page(
        &mut tx, spent, &clients
    ));
    let projects = vec![project("ABC-001", Some("c1")), project("NO-CLIENT", None)];
    written!(store, |tx, spent| project::upsert_page(
        &mut tx, spent, &projects
    ));
    let tasks = vec![task("t1", "ABC-001")];
    written!(store, |tx, spent| task::upsert_page(&mut tx, spent, &tasks));
    let names = ["Crew", "crew", "crew ", "👷", "🚧", ""];
    let tags: Vec<_> = (0..)
        .zip(names)
        .map(|(n, name)| tag(&format!("tag{n}"), name))
        .collect();
    written!(store, |tx, spent| tag::upsert_page(&mut tx, spent, &tags));
    let (policies, holidays) = (vec![policy("p1")], vec![holiday("h1")]);
    written!(store, |tx, spent| policy::upsert_page(
        &mut tx, spent, &policies
    ));
    written!(store, |tx, spent| holiday::upsert_page(
        &mut tx, spent, &holidays
    ));
    let mut requests = vec![time_off_request("r1"), time_off_request("r2")];
    requests[1].balance_diff = decimal("0.3333333333333333");
    written!(store, |tx, spent| time_off_request::upsert_page(
        &mut tx, spent, &requests
    ));
    let sheets = vec![
        timesheet("s1", TimesheetState::Approved),
        timesheet("s2", TimesheetState::Pending),
    ];
    written!(store, |tx, spent| timesheet::upsert_page(
        &mut tx, spent, &sheets
    ));
    let mut entries = vec![entry("n1"), running_entry("n2"), entry("n3"), entry("n4")];
    entries[2].hours = Some(decimal("0.1"));
    entries[2].hourly_rate = Some(decimal("-0.01"));
    entries[3].start = instant("9999-12-30T21:59:59.999Z");
    entries[3].start_date = date("9999-12-30");
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let holdings: Holdings<TimeEntryId> = [
        ("s1".into(), ["n1".into()].into()),
        ("s2".into(), ["n3".into()].into()),
    ]
    .into();
    written!(store, |tx, spent| membership::hold(
        &mut tx, spent, &holdings
    ));
}

/// Everything that is read of records, in words that show every digit.
async fn all(store: &Store) -> Vec<String> {
    let (from, to) = (date("2026-11-01"), date("9999-12-31"));
    let period = Period::new(from, date("2026-11-14")).expect("a period");
    let (ws, s1) = ("ws".into(), "s1".into());
    vec![
        said(&read!(store, |tx| crate::store::workspace::get(
            &mut tx, &ws
        ))),
        said(&read!(store, |tx| employee::list(&mut tx))),
        said(&read!(store, |tx| group::list(&mut tx))),
        said(&read!(store, |tx| client::list(&mut tx))),
        said(&read!(store, |tx| project::list(&mut tx))),
        said(&read!(store, |tx| task::list(&mut tx))),
        said(&read!(store, |tx| tag::list(&mut tx))),
        said(&read!(store, |tx| policy::list(&mut tx))),
        said(&read!(store, |tx| holiday::list(&mut tx))),
        said(&read!(store, |tx| time_off_request::list(
            &mut tx, from, to, None
        ))),
        said(&read!(store, |tx| timesheet::list(&mut tx, from, to, None))),
        said(&read!(store, |tx| time_entry::list(
            &mut tx, from, to, None
        ))),
        said(&read!(store, |tx| membership::held_by::<TimeEntryId>(
            &mut tx, &s1
        ))),
        said(&read!(store, |tx| attendance::read(&mut tx, period, None))),
        said(&read!(store, |tx| work::read(&mut tx, period))),
        said(&read!(store, |tx| work::pending_hours(&mut tx))),
    ]
}

fn said(rows: &impl Debug) -> String {
    format!("{rows:?}")
}
