//! What attendance needs of a period is read whole, with the state that each entry shows.

use super::{on_each_engine, read, samples::*, written};
use crate::{
    domain::{
        attendance::EntryState,
        employee::EmployeeStatus,
        ids::EmployeeId,
        time::Period,
        time_entry::{EntryKind, TimeEntry},
        timesheet::TimesheetState,
    },
    store::{
        Store, attendance, employee, group, holiday, membership, policy, tag, time_entry,
        time_off_request, timesheet,
    },
};

on_each_engine! {
    a_period_is_read_with_its_whole_weeks,
    who_left_without_an_end_date_has_his_last_entry,
}

fn period(from: &str, to: &str) -> Period {
    Period::new(date(from), date(to)).expect("a period")
}

async fn a_period_is_read_with_its_whole_weeks(store: &Store) {
    let people = vec![employee("e1"), employee("e2")];
    written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    let tags = vec![tag("banked-office", "BANKED - OFFICE")];
    written!(store, |tx, spent| tag::upsert_page(&mut tx, spent, &tags));
    let (groups, holidays, policies) = (
        vec![group("g1", &["e1"])],
        vec![holiday("h1")],
        vec![policy("p1")],
    );
    written!(store, |tx, spent| group::upsert_page(
        &mut tx, spent, &groups
    ));
    written!(store, |tx, spent| holiday::upsert_page(
        &mut tx, spent, &holidays
    ));
    written!(store, |tx, spent| policy::upsert_page(
        &mut tx, spent, &policies
    ));
    let mut entries = vec![entry("n1"), entry("n2"), running_entry("n3")];
    entries[0].tag_ids = vec!["banked-office".into()];
    entries[1].employee_id = "e2".into();
    entries[1].tag_ids = vec![];
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let sheets = vec![timesheet("s1", TimesheetState::Approved)];
    written!(store, |tx, spent| timesheet::upsert_page(
        &mut tx, spent, &sheets
    ));
    let holdings: membership::Holdings = [("s1".into(), ["n1".into()].into())].into();
    written!(store, |tx, spent| membership::hold(
        &mut tx, spent, &holdings
    ));
    let requests = vec![time_off_request("r1")];
    written!(store, |tx, spent| time_off_request::upsert_page(
        &mut tx, spent, &requests
    ));

    // Friday alone; what is on Monday of that week belongs to it.
    let before = store.statements_run();
    let records = read!(store, |tx| attendance::read(
        &mut tx,
        period("2026-11-06", "2026-11-06"),
        None
    ));
    assert_eq!(store.statements_run() - before, 11);
    assert_eq!(
        (&records.groups, &records.holidays, &records.policies),
        (&groups, &holidays, &policies)
    );
    let [first, second] = &records.people[..] else {
        panic!("{} people", records.people.len())
    };
    assert_eq!(first.employee, people[0]);
    assert_eq!(first.time_off, requests);
    let [attended] = &first.entries[..] else {
        panic!("a running timer is not time: {:?}", first.entries)
    };
    assert_eq!(
        (attended.date, attended.hours),
        (date("2026-11-02"), decimal("7.75"))
    );
    assert_eq!(
        (attended.state, &attended.tags[..]),
        (EntryState::Approved, &["BANKED - OFFICE".to_owned()][..])
    );
    assert_eq!(second.entries[0].state, EntryState::NotSubmitted);
    assert!(second.time_off.is_empty());

    let e2 = EmployeeId::from("e2");
    let one = read!(store, |tx| attendance::read(
        &mut tx,
        period("2026-11-06", "2026-11-06"),
        Some(&e2)
    ));
    assert_eq!(one.people, records.people[1..]);
    let week_after = read!(store, |tx| attendance::read(
        &mut tx,
        period("2026-11-08", "2026-11-08"),
        None
    ));
    assert!(
        week_after
            .people
            .iter()
            .all(|person| person.entries.is_empty() && person.time_off.is_empty())
    );
}

async fn who_left_without_an_end_date_has_his_last_entry(store: &Store) {
    let mut people = vec![employee("e1"), employee("e2"), employee("e3")];
    people[0].status = EmployeeStatus::Inactive;
    people[0].end_date = None;
    people[1].status = EmployeeStatus::Inactive;
    written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    // A holiday to come, which Clockify entered before he left, does not keep him.
    let entries: Vec<TimeEntry> = [
        ("n1", "e1", "2026-11-02", EntryKind::Regular),
        ("n2", "e1", "2026-11-05", EntryKind::TimeOff),
        ("n3", "e1", "2026-12-25", EntryKind::Holiday),
        ("n4", "e2", "2026-11-05", EntryKind::Regular),
    ]
    .map(|(id, employee, day, kind)| TimeEntry {
        employee_id: employee.into(),
        start_date: date(day),
        kind,
        ..entry(id)
    })
    .to_vec();
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let records = read!(store, |tx| attendance::read(
        &mut tx,
        period("2026-01-01", "2026-01-01"),
        None
    ));
    let last: Vec<_> = records
        .people
        .iter()
        .map(|person| person.last_entry)
        .collect();
    assert_eq!(last, [Some(date("2026-11-05")), None, None]);
}
