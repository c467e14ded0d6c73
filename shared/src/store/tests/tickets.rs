//! `design.md` §2, *Tickets*: a slow reader cannot put back what a faster one changed or removed.

use super::{on_each_engine, read, samples::*, written, written_with};
use crate::{
    domain::{
        employee::EmployeeStatus,
        ids::{EmployeeId, ProjectId, TimeEntryId},
        project::Project,
    },
    store::{
        CompleteRead, Missing, Store, StoreError, Ticket, employee, expense, expense_category,
        holiday, project, task, ticket,
        time_entry::{self, ReadOf},
        time_off_request,
    },
};

on_each_engine! {
    a_slower_read_does_not_write_over_a_newer_one,
    an_unchanged_row_gets_the_newer_ticket_while_an_older_one_is_open,
    an_unchanged_row_is_not_written_when_no_older_ticket_is_open,
    a_deleted_record_stays_deleted_until_a_newer_read_finds_it,
    a_record_that_was_never_stored_can_be_buried,
    what_a_complete_read_did_not_list_is_archived_and_comes_back,
    who_left_becomes_inactive,
    a_record_newer_than_the_first_page_is_not_missing,
    missing_entries_are_looked_for_only_where_was_read,
    missing_requests_holidays_and_tasks_are_found,
    missing_expenses_are_looked_for_from_the_first_day_read,
}

fn named(name: &str) -> Vec<Project> {
    vec![Project {
        name: name.into(),
        ..project("p", None)
    }]
}

async fn name_of_project(store: &Store) -> String {
    read!(store, |tx| project::list(&mut tx))[0].name.clone()
}

async fn draw(store: &Store) -> Ticket {
    ticket::draw(store).await.expect("a ticket")
}

async fn a_slower_read_does_not_write_over_a_newer_one(store: &Store) {
    let slow = draw(store).await;
    let fast = draw(store).await;
    written_with!(store, fast, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("new")
    ));
    let changes = written_with!(store, slow, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("old")
    ));
    assert_eq!(changes.refused, ["p".to_owned()].into());
    assert_eq!(
        (changes.inserted, changes.updated, changes.unchanged),
        (0, 0, 0)
    );
    assert_eq!(name_of_project(store).await, "new");
}

async fn an_unchanged_row_gets_the_newer_ticket_while_an_older_one_is_open(store: &Store) {
    written!(store, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("same")
    ));
    let slow = draw(store).await;
    let changes = written!(store, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("same")
    ));
    assert_eq!((changes.updated, changes.unchanged), (0, 1));
    // The slow one read something else before the other read it again: Clockify went A, B, A.
    let changes = written_with!(store, slow, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("other")
    ));
    assert_eq!(changes.refused.len(), 1);
    assert_eq!(name_of_project(store).await, "same");
}

async fn an_unchanged_row_is_not_written_when_no_older_ticket_is_open(store: &Store) {
    let first = draw(store).await;
    written_with!(store, first, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("same")
    ));
    written!(store, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("same")
    ));
    let missing: Missing<ProjectId> = read!(store, |tx| project::missing(
        &mut tx,
        &"ws".into(),
        CompleteRead {
            ids: &[],
            first_ticket: Ticket(first.0 + 1)
        }
    ));
    assert_eq!(missing.ids.len(), 1, "its ticket is still the first");
}

async fn a_deleted_record_stays_deleted_until_a_newer_read_finds_it(store: &Store) {
    let entries = vec![entry("n1"), entry("n2")];
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let slow = draw(store).await;
    let gone = [TimeEntryId::from("n1")];
    let deleted = written!(store, |tx, spent| time_entry::delete(
        &mut tx,
        spent.ticket,
        &gone
    ));
    assert_eq!(deleted, 1);
    let listed = async || -> usize {
        read!(store, |tx| time_entry::list(
            &mut tx,
            date("2026-11-01"),
            date("2026-11-07"),
            None
        ))
        .len()
    };
    assert_eq!(listed().await, 1, "with its tags");
    let changes = written_with!(store, slow, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    assert_eq!(changes.refused, ["n1".to_owned()].into());
    assert_eq!(listed().await, 1);
    let changes = written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    assert_eq!((changes.inserted, changes.unchanged), (1, 1));
    assert_eq!(listed().await, 2);
}

async fn a_record_that_was_never_stored_can_be_buried(store: &Store) {
    let slow = draw(store).await;
    let gone = [ProjectId::from("p")];
    let ended = written!(store, |tx, spent| project::archive(
        &mut tx,
        spent.ticket,
        &gone
    ));
    assert_eq!(ended, 0);
    let changes = written_with!(store, slow, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("late")
    ));
    assert_eq!((changes.inserted, changes.refused.len()), (0, 1));
    assert!(read!(store, |tx| project::list(&mut tx)).is_empty());
}

async fn what_a_complete_read_did_not_list_is_archived_and_comes_back(store: &Store) {
    let all: Vec<Project> = ["a", "b", "c"].map(|id| project(id, None)).to_vec();
    written!(store, |tx, spent| project::upsert_page(
        &mut tx, spent, &all
    ));
    let first_ticket = draw(store).await;
    let missing: Missing<ProjectId> = written_with!(store, first_ticket, |tx, spent| async {
        project::upsert_page(&mut tx, spent, &all[1..]).await?;
        let read = CompleteRead {
            ids: &["b", "c"],
            first_ticket,
        };
        let missing = project::missing(&mut tx, &"ws".into(), read).await?;
        project::archive(&mut tx, first_ticket, &missing.ids).await?;
        Ok::<_, StoreError>(missing)
    });
    assert_eq!((missing.ids, missing.live), (vec!["a".into()], 3));
    let archived = async || -> Vec<bool> {
        read!(store, |tx| project::list(&mut tx))
            .iter()
            .map(|project| project.archived)
            .collect()
    };
    assert_eq!(archived().await, [true, false, false]);
    let read_again = CompleteRead {
        ids: &["b", "c"],
        first_ticket: draw(store).await,
    };
    let missing: Missing<ProjectId> = read!(store, |tx| project::missing(
        &mut tx,
        &"ws".into(),
        read_again
    ));
    assert_eq!(
        (missing.ids.len(), missing.live),
        (0, 2),
        "it is missing once"
    );

    // Its content is the same as before it vanished, and yet it is written.
    let changes = written!(store, |tx, spent| project::upsert_page(
        &mut tx, spent, &all
    ));
    assert_eq!((changes.updated, changes.unchanged), (1, 2));
    assert_eq!(archived().await, [false, false, false]);
}

async fn who_left_becomes_inactive(store: &Store) {
    let people = vec![employee("e1"), employee("e2")];
    written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    let read = CompleteRead {
        ids: &["e2"],
        first_ticket: draw(store).await,
    };
    let missing = read!(store, |tx| employee::missing(&mut tx, &"ws".into(), read));
    assert_eq!(missing.ids, [EmployeeId::from("e1")]);
    written!(store, |tx, spent| employee::deactivate(
        &mut tx,
        spent.ticket,
        &missing.ids
    ));
    let status: Vec<_> = read!(store, |tx| employee::list(&mut tx))
        .iter()
        .map(|person| person.status)
        .collect();
    assert_eq!(status, [EmployeeStatus::Inactive, EmployeeStatus::Active]);
}

async fn a_record_newer_than_the_first_page_is_not_missing(store: &Store) {
    let first_ticket = draw(store).await;
    written!(store, |tx, spent| project::upsert_page(
        &mut tx,
        spent,
        &named("came after the first page")
    ));
    let read = CompleteRead {
        ids: &[],
        first_ticket,
    };
    let missing: Missing<ProjectId> =
        read!(store, |tx| project::missing(&mut tx, &"ws".into(), read));
    assert_eq!((missing.ids.len(), missing.live), (0, 1));
    let late = [ProjectId::from("p")];
    written_with!(store, first_ticket, |tx, spent| project::archive(
        &mut tx,
        spent.ticket,
        &late
    ));
    assert!(!read!(store, |tx| project::list(&mut tx))[0].archived);
}

async fn missing_entries_are_looked_for_only_where_was_read(store: &Store) {
    let mut entries = vec![entry("n1"), running_entry("n2"), entry("n3")];
    entries[2].employee_id = "e2".into();
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let read = CompleteRead {
        ids: &["n2"],
        first_ticket: draw(store).await,
    };
    let (e1, ws) = ("e1".into(), "ws".into());
    for (of, from, until, expected) in [
        (
            ReadOf::Employee(&e1),
            "2026-11-02T15:00:00Z",
            "2026-11-09T00:00:00Z",
            vec!["n1"],
        ),
        (
            ReadOf::Employee(&e1),
            "2026-11-02T15:00:01Z",
            "2026-11-09T00:00:00Z",
            vec![],
        ),
        (
            ReadOf::Employee(&e1),
            "2026-11-01T00:00:00Z",
            "2026-11-02T15:00:00Z",
            vec![],
        ),
        (
            ReadOf::Workspace(&ws),
            "2026-11-01T00:00:00Z",
            "2026-11-09T00:00:00Z",
            vec!["n1", "n3"],
        ),
    ] {
        let missing = read!(store, |tx| time_entry::missing(
            &mut tx,
            of,
            instant(from),
            instant(until),
            read
        ));
        let ids: Vec<&str> = missing.ids.iter().map(TimeEntryId::as_str).collect();
        assert_eq!(ids, expected, "{of:?} from {from}");
    }
}

async fn missing_requests_holidays_and_tasks_are_found(store: &Store) {
    let requests = vec![time_off_request("r1"), time_off_request("r2")];
    written!(store, |tx, spent| time_off_request::upsert_page(
        &mut tx, spent, &requests
    ));
    let holidays = vec![holiday("h1"), holiday("h2")];
    written!(store, |tx, spent| holiday::upsert_page(
        &mut tx, spent, &holidays
    ));
    let tasks = vec![task("t1", "a"), task("t2", "b")];
    written!(store, |tx, spent| task::upsert_page(&mut tx, spent, &tasks));
    let first_ticket = draw(store).await;
    let ws = "ws".into();

    let read = CompleteRead {
        ids: &["r1"],
        first_ticket,
    };
    let missing = read!(store, |tx| time_off_request::missing(
        &mut tx,
        &ws,
        date("2026-11-02"),
        date("2026-11-06"),
        read
    ));
    assert_eq!(missing.ids, ["r2".into()]);
    let outside = read!(store, |tx| time_off_request::missing(
        &mut tx,
        &ws,
        date("2026-11-03"),
        date("2026-12-31"),
        read
    ));
    assert_eq!(
        outside.live, 0,
        "a request that reaches out of what was read is not judged"
    );
    written!(store, |tx, spent| time_off_request::delete(
        &mut tx,
        spent.ticket,
        &missing.ids
    ));
    let id = "r2".into();
    assert_eq!(read!(store, |tx| time_off_request::get(&mut tx, &id)), None);

    let read = CompleteRead {
        ids: &["h2"],
        first_ticket,
    };
    let missing = read!(store, |tx| holiday::missing(&mut tx, &ws, read));
    written!(store, |tx, spent| holiday::delete(
        &mut tx,
        spent.ticket,
        &missing.ids
    ));
    assert_eq!(read!(store, |tx| holiday::list(&mut tx)), holidays[1..]);

    let read = CompleteRead {
        ids: &[],
        first_ticket,
    };
    let of_a = "a".into();
    let missing = read!(store, |tx| task::missing(&mut tx, &of_a, read));
    assert_eq!(
        missing.ids,
        ["t1".into()],
        "tasks of other projects were not read"
    );
}

async fn missing_expenses_are_looked_for_from_the_first_day_read(store: &Store) {
    let slow = draw(store).await;
    let old = crate::domain::expense::Expense {
        date: date("2026-10-31"),
        ..expense("x0")
    };
    let expenses = vec![old, expense("x1"), expense("x2")];
    written!(store, |tx, spent| expense::upsert_page(
        &mut tx, spent, &expenses
    ));
    let categories = vec![expense_category("mileage"), expense_category("meals")];
    written!(store, |tx, spent| expense_category::upsert_page(
        &mut tx,
        spent,
        &categories
    ));
    let first_ticket = draw(store).await;
    let ws = "ws".into();
    let read = CompleteRead {
        ids: &["x1"],
        first_ticket,
    };
    let missing = read!(store, |tx| expense::missing(
        &mut tx,
        &ws,
        date("2026-11-01"),
        read
    ));
    assert_eq!((missing.live, &missing.ids[..]), (2, &["x2".into()][..]));
    let gone = missing.ids;
    written!(store, |tx, spent| expense::delete(
        &mut tx,
        spent.ticket,
        &gone
    ));
    let changes = written_with!(store, slow, |tx, spent| expense::upsert_page(
        &mut tx, spent, &expenses
    ));
    assert!(
        changes.refused.contains("x2"),
        "a slow reader does not put it back"
    );
    let again = vec![expense("x2")];
    let changes = written!(store, |tx, spent| expense::upsert_page(
        &mut tx, spent, &again
    ));
    assert_eq!(changes.inserted, 1, "a newer one does");

    let read = CompleteRead {
        ids: &["mileage"],
        first_ticket,
    };
    let missing = read!(store, |tx| expense_category::missing(&mut tx, &ws, read));
    assert_eq!(missing.ids, ["meals".into()]);
    let gone = missing.ids;
    written!(store, |tx, spent| expense_category::archive(
        &mut tx,
        spent.ticket,
        &gone
    ));
    let listed = read!(store, |tx| expense_category::list(&mut tx));
    assert!(listed[0].archived && !listed[1].archived);
}
