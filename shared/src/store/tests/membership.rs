//! `design.md` §2, *Membership*, and `domain.md` §3, *Deleting*: which timesheet holds an entry, and what a
//! released one shows.

use super::{on_each_engine, read, samples::*, written, written_with};
use crate::{
    domain::{
        ids::{ExpenseId, TimeEntryId, TimesheetId},
        time_entry::TimeEntry,
        timesheet::TimesheetState::{self, Approved, Pending, Rejected},
    },
    store::{
        Store, expense,
        membership::{self, Holdings, Membership},
        ticket, time_entry, timesheet,
    },
};

on_each_engine! {
    a_timesheet_holds_what_its_fresh_pull_listed,
    a_rejected_timesheet_releases_its_entries_until_another_holds_them,
    an_entry_read_by_itself_says_nothing_about_its_timesheet,
    a_slower_pull_does_not_move_entries_back,
    the_detailed_report_says_it_for_single_entries,
    a_timesheet_submitted_again_without_an_entry_leaves_it_unsubmitted,
    expenses_are_held_and_released_as_entries_are,
}

async fn store_week(store: &Store) {
    let entries: Vec<TimeEntry> = ["n1", "n2", "n3"].map(entry).to_vec();
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    set_state(store, "s1", Pending).await;
    set_state(store, "s2", Pending).await;
}

async fn set_state(store: &Store, id: &str, state: TimesheetState) {
    let sheets = vec![timesheet(id, state)];
    written!(store, |tx, spent| timesheet::upsert_page(
        &mut tx, spent, &sheets
    ));
}

fn holdings(timesheet: &str, entries: &[&str]) -> Holdings {
    let entries = entries.iter().map(|id| (*id).into()).collect();
    [(timesheet.into(), entries)].into()
}

async fn hold(store: &Store, timesheet: &str, entries: &[&str]) -> Vec<TimeEntryId> {
    let holdings = holdings(timesheet, entries);
    written!(store, |tx, spent| membership::hold(
        &mut tx, spent, &holdings
    ))
}

/// `n1 n2 n3` as `timesheet:state`, in brackets where it is only what a released one shows.
async fn shown(store: &Store) -> String {
    let entries = read!(store, |tx| time_entry::get_all(
        &mut tx,
        &["n1", "n2", "n3"]
    ));
    let shown: Vec<String> = entries
        .iter()
        .map(|stored| match &stored.membership {
            Membership::None => "-".to_owned(),
            Membership::Held {
                timesheet_id,
                state,
            } => format!("{timesheet_id}:{}", state.as_str()),
            Membership::Released {
                timesheet_id,
                state,
            } => format!("({timesheet_id}:{})", state.as_str()),
        })
        .collect();
    shown.join(" ")
}

async fn a_timesheet_holds_what_its_fresh_pull_listed(store: &Store) {
    store_week(store).await;
    assert_eq!(shown(store).await, "- - -");
    let left = hold(store, "s1", &["n1", "n2", "unknown"]).await;
    assert!(left.is_empty());
    assert_eq!(shown(store).await, "s1:PENDING s1:PENDING -");
    let left = hold(store, "s1", &["n2", "n3"]).await;
    assert_eq!(left, ["n1".into()], "it must be read again");
    assert_eq!(shown(store).await, "- s1:PENDING s1:PENDING");
    let left = hold(store, "s2", &["n3"]).await;
    assert!(left.is_empty());
    assert_eq!(shown(store).await, "- s1:PENDING s2:PENDING");
    set_state(store, "s1", Approved).await;
    assert_eq!(shown(store).await, "- s1:APPROVED s2:PENDING");
    let s1 = TimesheetId::from("s1");
    let held: Vec<TimeEntryId> = read!(store, |tx| membership::held_by(&mut tx, &s1));
    assert_eq!(held, ["n2".into()]);
}

async fn a_rejected_timesheet_releases_its_entries_until_another_holds_them(store: &Store) {
    store_week(store).await;
    hold(store, "s1", &["n1", "n2"]).await;
    set_state(store, "s1", TimesheetState::Returned).await;
    let s1 = [TimesheetId::from("s1")];
    let released = written!(store, |tx, spent| membership::release(
        &mut tx,
        spent.ticket,
        &s1
    ));
    assert_eq!(released, 2);
    assert_eq!(shown(store).await, "(s1:RETURNED) (s1:RETURNED) -");
    set_state(store, "s1", Rejected).await;
    assert_eq!(
        shown(store).await,
        "(s1:REJECTED) (s1:REJECTED) -",
        "it follows its last timesheet"
    );
    hold(store, "s2", &["n1"]).await;
    assert_eq!(shown(store).await, "s2:PENDING (s1:REJECTED) -");
}

async fn an_entry_read_by_itself_says_nothing_about_its_timesheet(store: &Store) {
    store_week(store).await;
    hold(store, "s1", &["n1"]).await;
    let changed = vec![TimeEntry {
        description: "changed".into(),
        ..entry("n1")
    }];
    let changes = written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &changed
    ));
    assert_eq!(changes.updated, 1);
    assert_eq!(shown(store).await, "s1:PENDING - -");
}

async fn a_slower_pull_does_not_move_entries_back(store: &Store) {
    store_week(store).await;
    let slow = ticket::draw(store).await.expect("a ticket");
    hold(store, "s2", &["n1", "n2"]).await;
    let old = holdings("s1", &["n1"]);
    let left = written_with!(store, slow, |tx, spent| membership::hold(
        &mut tx, spent, &old
    ));
    assert!(left.is_empty());
    assert_eq!(shown(store).await, "s2:PENDING s2:PENDING -");

    // Unchanged, but an older reader is out: the newer ticket protects it.
    let slow = ticket::draw(store).await.expect("a ticket");
    hold(store, "s2", &["n1", "n2"]).await;
    let old = holdings("s2", &["n3"]);
    let left = written_with!(store, slow, |tx, spent| membership::hold(
        &mut tx, spent, &old
    ));
    assert!(left.is_empty());
    assert_eq!(shown(store).await, "s2:PENDING s2:PENDING s2:PENDING");
}

async fn the_detailed_report_says_it_for_single_entries(store: &Store) {
    store_week(store).await;
    hold(store, "s1", &["n1", "n2"]).await;
    set_state(store, "s2", Rejected).await;
    hold(store, "s2", &["n3"]).await;
    let s2 = [TimesheetId::from("s2")];
    written!(store, |tx, spent| membership::release(
        &mut tx,
        spent.ticket,
        &s2
    ));
    let report: Vec<(TimeEntryId, Option<TimesheetId>)> = vec![
        ("n1".into(), None),
        ("n2".into(), Some("s1".into())),
        ("n3".into(), None),
    ];
    written!(store, |tx, spent| membership::set_each(
        &mut tx, spent, &report
    ));
    assert_eq!(shown(store).await, "- s1:PENDING (s2:REJECTED)");
    let report = [("n3".into(), Some("s1".into()))];
    written!(store, |tx, spent| membership::set_each(
        &mut tx, spent, &report
    ));
    assert_eq!(shown(store).await, "- s1:PENDING s1:PENDING");
}

async fn a_timesheet_submitted_again_without_an_entry_leaves_it_unsubmitted(store: &Store) {
    store_week(store).await;
    hold(store, "s1", &["n1", "n2"]).await;
    set_state(store, "s1", Rejected).await;
    let s1 = [TimesheetId::from("s1")];
    written!(store, |tx, spent| membership::release(
        &mut tx,
        spent.ticket,
        &s1
    ));
    set_state(store, "s1", Pending).await;
    hold(store, "s1", &["n1"]).await;
    assert_eq!(shown(store).await, "s1:PENDING - -");
}

/// `domain.md` §2: a timesheet "groups entries (and expenses)".
async fn expenses_are_held_and_released_as_entries_are(store: &Store) {
    let expenses = vec![expense("x1"), expense("x2")];
    written!(store, |tx, spent| expense::upsert_page(
        &mut tx, spent, &expenses
    ));
    set_state(store, "s1", Approved).await;
    let slow = ticket::draw(store).await.expect("a ticket");
    let both: Holdings<ExpenseId> = [("s1".into(), ["x1".into(), "x2".into()].into())].into();
    let left = written!(store, |tx, spent| membership::hold(&mut tx, spent, &both));
    assert!(left.is_empty());
    assert_eq!(states_of_expenses(store).await, ["APPROVED", "APPROVED"]);
    let one: Holdings<ExpenseId> = [("s1".into(), ["x1".into()].into())].into();
    let left = written_with!(store, slow, |tx, spent| membership::hold(
        &mut tx, spent, &one
    ));
    assert!(left.is_empty(), "a slower pull says nothing any more");
    let left = written!(store, |tx, spent| membership::hold(&mut tx, spent, &one));
    assert_eq!(left, ["x2".into()], "it must be read again");
    assert_eq!(states_of_expenses(store).await, ["APPROVED", "-"]);
    set_state(store, "s1", Rejected).await;
    let s1 = [TimesheetId::from("s1")];
    let released = written!(store, |tx, spent| membership::release(
        &mut tx,
        spent.ticket,
        &s1
    ));
    assert_eq!(released, 1);
    assert_eq!(states_of_expenses(store).await, ["REJECTED", "-"]);
    let read_by_itself = vec![crate::domain::expense::Expense {
        notes: None,
        ..expense("x1")
    }];
    written!(store, |tx, spent| expense::upsert_page(
        &mut tx,
        spent,
        &read_by_itself
    ));
    assert_eq!(states_of_expenses(store).await, ["REJECTED", "-"]);
}

async fn states_of_expenses(store: &Store) -> Vec<String> {
    let stored = read!(store, |tx| expense::get_all(&mut tx, &["x1", "x2"]));
    stored
        .iter()
        .map(|stored| {
            stored
                .membership
                .state()
                .map_or("-", TimesheetState::as_str)
        })
        .map(str::to_owned)
        .collect()
}
