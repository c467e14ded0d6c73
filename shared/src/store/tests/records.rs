//! Every record comes back as it went in, references to unknown records keep what refers to them, and a
//! page takes as many statements as another.

use super::{on_each_engine, read, samples::*, written};
use crate::{
    domain::{
        attendance::EntryState,
        employee::EmployeeStatus,
        expense::{Expense, ExpenseCategory},
        ids::{EmployeeId, ProjectId, TagId, TaskId},
        leave::LeaveRules,
        time::{Period, Rounding},
        time_entry::TimeEntry,
        timesheet::TimesheetState,
        workspace::Workspace,
    },
    store::{
        Changes, References, Statement, Store, client, employee, expense, expense_category, group,
        holiday, membership::Membership, policy, project, rounding, tag, task, time_entry,
        time_off_request, timesheet, workspace,
    },
};

on_each_engine! {
    people_and_their_groups_come_back,
    projects_and_what_belongs_to_them_come_back,
    names_that_differ_only_in_case_blanks_or_emoji_stay_apart,
    policies_holidays_and_requests_come_back,
    timesheets_come_back_by_period_and_state,
    entries_come_back_by_period_and_person,
    another_rounding_rounds_every_entry,
    another_rounding_is_not_done_before_its_end,
    a_reference_to_something_unknown_leaves_a_stub,
    a_balance_of_a_third_of_a_day_stays_exact,
    a_page_takes_as_many_statements_whatever_its_length,
    expenses_and_their_categories_come_back,
    claims_reach_back_to_the_first_of_january,
}

async fn people_and_their_groups_come_back(store: &Store) {
    let company = Workspace {
        id: "ws".into(),
        name: "Hill Plain".into(),
    };
    written!(store, |tx, spent| workspace::upsert(
        &mut tx, spent, &company
    ));
    let found = read!(store, |tx| workspace::get(&mut tx, &company.id));
    assert_eq!(found.as_ref(), Some(&company));

    let people = vec![employee("e1"), bare_employee("e2")];
    let changes = written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    assert_eq!(
        (changes.inserted, changes.updated, changes.unchanged),
        (2, 0, 0)
    );
    assert_eq!(read!(store, |tx| employee::list(&mut tx)), people);
    let first = read!(store, |tx| employee::get(&mut tx, &people[0].id));
    assert_eq!(first.as_ref(), Some(&people[0]));
    let nobody = EmployeeId::from("nobody");
    assert_eq!(read!(store, |tx| employee::get(&mut tx, &nobody)), None);

    // Members are ids as Clockify lists them, known here or not.
    let groups = vec![group("g1", &["e1", "left-long-ago"]), group("g2", &[])];
    written!(store, |tx, spent| group::upsert_page(
        &mut tx, spent, &groups
    ));
    assert_eq!(read!(store, |tx| group::list(&mut tx)), groups);
    let fewer = vec![group("g1", &["e2"])];
    let changes = written!(store, |tx, spent| group::upsert_page(
        &mut tx, spent, &fewer
    ));
    assert_eq!((changes.inserted, changes.updated), (0, 1));
    assert_eq!(read!(store, |tx| group::list(&mut tx))[0], fewer[0]);
}

async fn projects_and_what_belongs_to_them_come_back(store: &Store) {
    let clients = vec![client("c1")];
    let projects = vec![project("ABC-001", Some("c1")), project("NO-CLIENT", None)];
    let tasks = vec![task("t1", "ABC-001")];
    let tags = vec![tag("banked-office", "BANKED - OFFICE")];
    written!(store, |tx, spent| client::upsert_page(
        &mut tx, spent, &clients
    ));
    written!(store, |tx, spent| project::upsert_page(
        &mut tx, spent, &projects
    ));
    written!(store, |tx, spent| task::upsert_page(&mut tx, spent, &tasks));
    written!(store, |tx, spent| tag::upsert_page(&mut tx, spent, &tags));
    assert_eq!(read!(store, |tx| client::list(&mut tx)), clients);
    assert_eq!(read!(store, |tx| project::list(&mut tx)), projects);
    assert_eq!(read!(store, |tx| task::list(&mut tx)), tasks);
    assert_eq!(read!(store, |tx| tag::list(&mut tx)), tags);
    let id = ProjectId::from("NO-CLIENT");
    assert_eq!(
        read!(store, |tx| project::get(&mut tx, &id)).as_ref(),
        Some(&projects[1])
    );
}

/// SQL Server's usual collation ignores case and trailing blanks and takes emoji for equal.
async fn names_that_differ_only_in_case_blanks_or_emoji_stay_apart(store: &Store) {
    let names = ["Crew", "crew", "crew ", "👷", "🚧", ""];
    let tags: Vec<_> = (0..)
        .zip(names)
        .map(|(n, name)| tag(&format!("tag{n}"), name))
        .collect();
    written!(store, |tx, spent| tag::upsert_page(&mut tx, spent, &tags));
    assert_eq!(read!(store, |tx| tag::list(&mut tx)), tags);
    // Only the case changes: it is a change.
    let renamed = vec![tag("tag0", "CREW")];
    let changes = written!(store, |tx, spent| tag::upsert_page(
        &mut tx, spent, &renamed
    ));
    assert_eq!(changes.updated, 1);
    assert_eq!(read!(store, |tx| tag::list(&mut tx))[0].name, "CREW");
}

async fn policies_holidays_and_requests_come_back(store: &Store) {
    let policies = vec![policy("p1"), policy("p2")];
    written!(store, |tx, spent| policy::upsert_page(
        &mut tx, spent, &policies
    ));
    assert_eq!(read!(store, |tx| policy::list(&mut tx)), policies);
    let mut holidays = vec![holiday("h1")];
    written!(store, |tx, spent| holiday::upsert_page(
        &mut tx, spent, &holidays
    ));
    assert_eq!(read!(store, |tx| holiday::list(&mut tx)), holidays);
    holidays[0].assignment.group_ids.clear();
    written!(store, |tx, spent| holiday::upsert_page(
        &mut tx, spent, &holidays
    ));
    assert_eq!(read!(store, |tx| holiday::list(&mut tx)), holidays);

    let mut requests = vec![time_off_request("r1"), time_off_request("r2")];
    requests[1].employee_id = "e2".into();
    requests[1].excluded_days = Some(Vec::new());
    requests[1].note = None;
    requests[1].status_changed_at = None;
    written!(store, |tx, spent| time_off_request::upsert_page(
        &mut tx, spent, &requests
    ));
    let id = requests[0].id.clone();
    let found = read!(store, |tx| time_off_request::get(&mut tx, &id));
    assert_eq!(found.as_ref(), Some(&requests[0]));
    for (from, to, whose, expected) in [
        ("2026-11-06", "2026-11-30", None, 2),
        ("2026-10-01", "2026-11-02", None, 2),
        ("2026-11-04", "2026-11-04", Some("e2"), 1),
        ("2026-11-07", "2026-11-30", None, 0),
        ("2026-10-01", "2026-11-01", None, 0),
    ] {
        let whose: Option<EmployeeId> = whose.map(Into::into);
        let found = read!(store, |tx| time_off_request::list(
            &mut tx,
            date(from),
            date(to),
            whose.as_ref()
        ));
        assert_eq!(found.len(), expected, "{from} to {to}");
    }
    assert_eq!(
        read!(store, |tx| time_off_request::list(
            &mut tx,
            date("2026-11-02"),
            date("2026-11-02"),
            None
        )),
        requests
    );
}

async fn timesheets_come_back_by_period_and_state(store: &Store) {
    let mut sheets = vec![
        timesheet("s1", TimesheetState::Pending),
        timesheet("s2", TimesheetState::Other("SOMETHING_NEW".into())),
    ];
    sheets[1].employee_id = "e2".into();
    sheets[1].state_updated_at = None;
    sheets[1].note = Some("late".into());
    written!(store, |tx, spent| timesheet::upsert_page(
        &mut tx, spent, &sheets
    ));
    let id = sheets[1].id.clone();
    assert_eq!(
        read!(store, |tx| timesheet::get(&mut tx, &id)).as_ref(),
        Some(&sheets[1])
    );
    let listed = read!(store, |tx| timesheet::list(
        &mut tx,
        date("2026-11-07"),
        date("2026-11-30"),
        None
    ));
    assert_eq!(listed, sheets);
    let later = read!(store, |tx| timesheet::list(
        &mut tx,
        date("2026-11-08"),
        date("2026-11-30"),
        None
    ));
    assert!(later.is_empty());
    let pending = read!(store, |tx| timesheet::list_in_state(
        &mut tx,
        &TimesheetState::Pending
    ));
    assert_eq!(pending, sheets[..1]);
}

async fn entries_come_back_by_period_and_person(store: &Store) {
    let mut other = entry("n3");
    other.employee_id = "e2".into();
    other.kind = crate::domain::time_entry::EntryKind::Break;
    let entries = vec![entry("n1"), running_entry("n2"), other];
    let changes = written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    assert_eq!(changes.inserted, 3);
    let listed = async |from, to, whose: Option<&str>| -> Vec<TimeEntry> {
        let whose: Option<EmployeeId> = whose.map(Into::into);
        read!(store, |tx| time_entry::list(
            &mut tx,
            date(from),
            date(to),
            whose.as_ref()
        ))
        .into_iter()
        .map(|stored| stored.entry)
        .collect()
    };
    assert_eq!(listed("2026-11-01", "2026-11-07", None).await, entries);
    assert_eq!(
        listed("2026-11-02", "2026-11-02", Some("e1")).await,
        entries[..1]
    );
    assert_eq!(listed("2026-11-04", "2026-11-07", None).await, []);
    let found = read!(store, |tx| time_entry::get_all(&mut tx, &["n2", "nothing"]));
    assert_eq!(found[0].entry, entries[1]);
    assert_eq!(found.len(), 1);

    // domain.md §3: "a tag that left the entry leaves the row too".
    let mut fewer_tags = vec![entry("n1")];
    fewer_tags[0].tag_ids = vec!["banked-site".into(), "night".into()];
    let changes = written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx,
        spent,
        &fewer_tags
    ));
    assert_eq!((changes.updated, changes.unchanged), (1, 0));
    assert_eq!(
        listed("2026-11-02", "2026-11-02", Some("e1")).await,
        fewer_tags
    );
}

/// `domain.md` §3: never drop the entry, never file it under another project.
/// §3: "The unrounded seconds are stored too: rounding is a rule of reports and pay, not of the record."
async fn another_rounding_rounds_every_entry(store: &Store) {
    let quarter = Rounding { step_minutes: 15 };
    // Around the halves of each step, and a running timer, which has no hours.
    let mut entries: Vec<TimeEntry> = [0, 89, 90, 179, 180, 449, 450, 28_350, 86_399, 86_400]
        .into_iter()
        .map(|seconds| TimeEntry {
            duration_seconds: Some(seconds),
            hours: Some(quarter.hours(seconds)),
            ..entry(&format!("n{seconds}"))
        })
        .collect();
    entries.push(running_entry("running"));
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    for step_minutes in [3, 60, 6, 30, 12, 15] {
        let rounding = Rounding { step_minutes };
        assert!(
            written!(store, |tx, _spent| rounding::begin(&mut tx, rounding)),
            "{step_minutes} is another rule"
        );
        assert!(round_all(store, rounding).await > 0, "{step_minutes}");
        let stored = read!(store, |tx| time_entry::get_all(&mut tx, &ids));
        for stored in stored {
            let expected = stored.entry.duration_seconds.map(|n| rounding.hours(n));
            assert_eq!(stored.entry.hours, expected, "{:?}", stored.entry);
        }
        assert_eq!(round_all(store, rounding).await, 0, "{step_minutes}");
        assert!(
            !written!(store, |tx, _spent| rounding::begin(&mut tx, rounding)),
            "{step_minutes} is in force"
        );
    }
}

/// A rule is in force only when all entries follow it, however long that takes.
async fn another_rounding_is_not_done_before_its_end(store: &Store) {
    let rounding = Rounding { step_minutes: 6 };
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx,
        spent,
        &[entry("n1"), entry("n2")]
    ));
    for _killed in 0..2 {
        assert!(written!(store, |tx, _spent| rounding::begin(
            &mut tx, rounding
        )));
        let all = written!(store, |tx, _spent| rounding::go_on(&mut tx, rounding, None));
        assert_eq!(all.expect("some").last, "n2".into());
    }
    let after = Some(&"n1".into());
    let rest = written!(store, |tx, _spent| rounding::go_on(
        &mut tx, rounding, after
    ));
    assert_eq!(rest.expect("one").last, "n2".into());
    round_all(store, rounding).await;
    assert!(!written!(store, |tx, _spent| rounding::begin(
        &mut tx, rounding
    )));
}

/// How many entries had other hours.
async fn round_all(store: &Store, rounding: Rounding) -> u64 {
    let (mut after, mut changed) = (None, 0);
    while let Some(rounded) = written!(store, |tx, _spent| rounding::go_on(
        &mut tx,
        rounding,
        after.as_ref()
    )) {
        changed += rounded.changed;
        after = Some(rounded.last);
    }
    changed
}

async fn a_reference_to_something_unknown_leaves_a_stub(store: &Store) {
    let entries = vec![entry("n1")];
    let refers_to = time_entry::references(&entries);
    let unknown = read!(store, |tx| refers_to.clone().unknown(&mut tx));
    assert_eq!(unknown, refers_to, "all of it can be fetched first");

    let changes = written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let expected = References {
        workspaces: ["ws".into()].into(),
        employees: ["e1".into()].into(),
        projects: ["ABC-001".into()].into(),
        tasks: [(TaskId::from("t1"), ProjectId::from("ABC-001"))].into(),
        tags: [TagId::from("banked-office"), TagId::from("banked-site")].into(),
        ..References::default()
    };
    assert_eq!(changes.stubs, expected);
    let staff = read!(store, |tx| employee::list(&mut tx));
    assert!(staff[0].is_stub && staff[0].status == EmployeeStatus::Inactive);
    assert!(read!(store, |tx| project::list(&mut tx))[0].is_stub);
    assert!(read!(store, |tx| task::list(&mut tx))[0].is_stub);
    assert!(
        read!(store, |tx| tag::list(&mut tx))
            .iter()
            .all(|tag| tag.is_stub)
    );

    // The record itself writes over its stub; a second page finds nothing unknown.
    let people = vec![employee("e1")];
    let changes = written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    assert_eq!((changes.updated, changes.stubs), (1, References::default()));
    let again = written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    assert_eq!(
        again,
        Changes {
            unchanged: 1,
            ..Changes::default()
        }
    );
    assert_eq!(read!(store, |tx| employee::list(&mut tx)), people);

    let requests = vec![time_off_request("r1")];
    let changes = written!(store, |tx, spent| time_off_request::upsert_page(
        &mut tx, spent, &requests
    ));
    assert_eq!(changes.stubs.policies, ["p1".into()].into());
    let projects = vec![project("ABC-001", Some("c1"))];
    let changes = written!(store, |tx, spent| project::upsert_page(
        &mut tx, spent, &projects
    ));
    assert_eq!(changes.stubs.clients, ["c1".into()].into());
}

async fn a_balance_of_a_third_of_a_day_stays_exact(store: &Store) {
    const FORGET: Statement =
        Statement::new("UPDATE time_off_request SET exact_balance_diff = NULL WHERE id = 'r1'");
    let mut requests = vec![time_off_request("r1")];
    requests[0].balance_diff = decimal("0.3333333333333333");
    written!(store, |tx, spent| time_off_request::upsert_page(
        &mut tx, spent, &requests
    ));
    let id = requests[0].id.clone();
    let stored = read!(store, |tx| time_off_request::get(&mut tx, &id)).expect("a request");
    assert_eq!(stored.balance_diff, requests[0].balance_diff);
    // `domain.md` §3, §4.5: days of 8 hours, spread to 0.01 h: a third of a day is 2.67 h, where 0.33 days were 2.64 h.
    assert_eq!(
        LeaveRules::default().request_hours(&stored),
        decimal("2.67")
    );
    // What the program before wrote: it knew hundredths alone.
    store
        .write(async |mut tx| tx.execute(&FORGET, &[]).await)
        .await
        .expect("forgotten");
    let (from, to) = (date("2026-11-02"), date("2026-11-02"));
    let listed = read!(store, |tx| time_off_request::list(&mut tx, from, to, None));
    assert_eq!(listed[0].balance_diff, decimal("0.33"));
}

/// `design.md` §3: writes of many rows are set-based, never a row-by-row loop.
async fn a_page_takes_as_many_statements_whatever_its_length(store: &Store) {
    let page = |from: u32, rows: u32, rate: &str| -> Vec<TimeEntry> {
        (from..from + rows)
            .map(|n| TimeEntry {
                description: "layout".into(),
                hourly_rate: Some(decimal(rate)),
                ..entry(&format!("n{n:05}"))
            })
            .collect()
    };
    let statements_for = async |entries: &[TimeEntry]| {
        let before = store.statements_run();
        written!(store, |tx, spent| time_entry::upsert_page(
            &mut tx, spent, entries
        ));
        store.statements_run() - before
    };
    statements_for(&page(0, 1, "10")).await;
    let inserting_one = statements_for(&page(1, 1, "10")).await;
    let inserting_many = statements_for(&page(2, 500, "10")).await;
    assert_eq!(inserting_one, inserting_many);
    let nothing_new = statements_for(&page(2, 500, "10")).await;
    assert!(nothing_new < inserting_many);
    let updating_one = statements_for(&page(0, 1, "11")).await;
    let updating_many = statements_for(&page(1, 501, "11")).await;
    assert_eq!(updating_one, updating_many);
    // The ticket is drawn (3) and spent (2); then what is unknown, stored and buried is asked for, and the
    // difference written.
    assert_eq!((nothing_new, inserting_many, updating_many), (8, 10, 11));
}

async fn expenses_and_their_categories_come_back(store: &Store) {
    let bare = Expense {
        employee_id: "e2".into(),
        category_id: None,
        project_id: None,
        task_id: None,
        notes: None,
        quantity: decimal("1"),
        total: decimal("0"),
        billable: false,
        has_receipt: false,
        ..expense("x2")
    };
    let expenses = vec![expense("x1"), bare];
    let refers_to = expense::references(&expenses);
    let changes = written!(store, |tx, spent| expense::upsert_page(
        &mut tx, spent, &expenses
    ));
    assert_eq!(changes.inserted, 2);
    assert_eq!(
        changes.stubs,
        References {
            workspaces: ["ws".into()].into(),
            ..refers_to
        },
        "nothing that refers to something unknown is dropped"
    );
    let stored = read!(store, |tx| expense::get_all(&mut tx, &["x1", "x2"]));
    let (found, memberships): (Vec<_>, Vec<_>) = stored
        .into_iter()
        .map(|stored| (stored.expense, stored.membership))
        .unzip();
    assert_eq!(found, expenses);
    assert_eq!(memberships, [Membership::None, Membership::None]);

    let stub = read!(store, |tx| expense_category::list(&mut tx));
    assert!(stub[0].is_stub && stub[0].archived);
    let categories = vec![
        ExpenseCategory {
            unit_price: None,
            unit: None,
            archived: true,
            ..expense_category("meals")
        },
        expense_category("mileage"),
    ];
    let changes = written!(store, |tx, spent| expense_category::upsert_page(
        &mut tx,
        spent,
        &categories
    ));
    assert_eq!((changes.inserted, changes.updated), (1, 1), "over its stub");
    assert_eq!(
        read!(store, |tx| expense_category::list(&mut tx)),
        categories
    );
    let a_third = vec![Expense {
        quantity: decimal("33.333333333333336"),
        ..expense("x1")
    }];
    written!(store, |tx, spent| expense::upsert_page(
        &mut tx, spent, &a_third
    ));
    let stored = read!(store, |tx| expense::get_all(&mut tx, &["x1"]));
    assert_eq!(stored[0].expense.quantity, decimal("33.33"));
}

/// `domain.md` §7: kilometres are paid by calendar year, so the claims before the period are read with it.
async fn claims_reach_back_to_the_first_of_january(store: &Store) {
    let on = |id: &str, day: &str, whose: &str| Expense {
        date: date(day),
        employee_id: whose.into(),
        ..expense(id)
    };
    let expenses = vec![
        on("x1", "2026-11-30", "e1"),
        on("x2", "2026-01-01", "e1"),
        on("x3", "2025-12-31", "e1"),
        on("x4", "2026-12-01", "e1"),
        on("x5", "2026-11-01", "e0"),
    ];
    written!(store, |tx, spent| expense::upsert_page(
        &mut tx, spent, &expenses
    ));
    let november = Period::new(date("2026-11-01"), date("2026-11-30")).expect("a period");
    let claimed = read!(store, |tx| expense::claimed(&mut tx, november, None));
    let ids: Vec<&str> = claimed.iter().map(|one| one.expense.id.as_str()).collect();
    assert_eq!(ids, ["x5", "x2", "x1"], "by employee and date");
    assert!(
        claimed
            .iter()
            .all(|one| one.state == EntryState::NotSubmitted)
    );
    let whose = EmployeeId::from("e0");
    let of_one = read!(store, |tx| expense::claimed(
        &mut tx,
        november,
        Some(&whose)
    ));
    assert_eq!(of_one.len(), 1);
}
