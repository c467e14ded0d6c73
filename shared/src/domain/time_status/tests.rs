//! One test per sentence of `domain.md` §7 *Time status* that is a rule.

use super::*;
use crate::domain::{
    attendance::{AttendedEntry, PayRules},
    employee::EmployeeStatus,
    test_records::{self, attended, holiday, time_off_request},
    time_entry::EntryKind,
    time_off::{Holiday, TimeOffRequest},
};

/// The week of 18 to 24 October 2026; asked for on the Monday after it.
fn week() -> Week {
    Week::of(date(2026, 10, 18))
}

const TODAY: Date = date(2026, 10, 26);

fn monday_to(last: i8, state: EntryState) -> Vec<AttendedEntry> {
    (19..=last)
        .map(|day| AttendedEntry {
            state,
            ..attended(date(2026, 10, day), "8")
        })
        .collect()
}

fn sheet(first: Date, last: Date, state: EntryState) -> SubmittedTimesheet {
    SubmittedTimesheet {
        timesheet_id: format!("{first} {state}").into(),
        employee_id: "e1".into(),
        days: Period::new(first, last).expect("a period"),
        state,
        expenses_only: false,
        state_since: Some(date(2026, 10, 25)),
        hours: Decimal::from(40),
    }
}

fn of_week(state: EntryState) -> SubmittedTimesheet {
    sheet(week().sunday(), week().saturday(), state)
}

fn report(
    time: &EmployeeTime,
    timesheets: &[SubmittedTimesheet],
    holidays: &[Holiday],
    rules: &TimeStatusRules,
) -> TimeStatus {
    let pay_rules = PayRules::default();
    let policies = [test_records::policy("Vacation")];
    let workplace = Workplace::new(&pay_rules, holidays, &[], &policies);
    time_status(
        week().period(),
        std::slice::from_ref(time),
        timesheets,
        &workplace,
        rules,
        TODAY,
    )
}

fn status_of(
    time: &EmployeeTime,
    timesheets: &[SubmittedTimesheet],
    holidays: &[Holiday],
) -> StaffStatus {
    report(time, timesheets, holidays, &TimeStatusRules::default()).weeks[0].staff[0].clone()
}

#[test]
fn the_worst_open_state_wins() {
    // §7: "the worst open state wins: REJECTED, NOT SUBMITTED or withdrawn (has entries, sent nothing),
    // NO TIME (a weekday without entry, leave or holiday), SUBMITTED, APPROVED, NOT APPLICABLE (off or
    // holiday all week)."
    use EntryState::{Approved, NotSubmitted, Pending, Rejected, Withdrawn};
    let with = |days: Vec<AttendedEntry>, more: Vec<AttendedEntry>| [days, more].concat();
    let on = |day, state| {
        vec![AttendedEntry {
            state,
            ..attended(date(2026, 10, day), "2")
        }]
    };
    let cases = [
        (monday_to(23, Approved), vec![of_week(Approved)], "APPROVED"),
        (monday_to(23, Pending), vec![of_week(Pending)], "SUBMITTED"),
        (monday_to(23, Rejected), vec![of_week(Rejected)], "REJECTED"),
        (monday_to(23, NotSubmitted), vec![], "NOT SUBMITTED"),
        (
            monday_to(23, Withdrawn),
            vec![of_week(Withdrawn)],
            "NOT SUBMITTED",
        ),
        (vec![], vec![], "NO TIME"),
        (monday_to(22, Approved), vec![of_week(Approved)], "NO TIME"),
        (monday_to(22, Rejected), vec![of_week(Rejected)], "REJECTED"),
        (monday_to(22, NotSubmitted), vec![], "NOT SUBMITTED"),
        (
            with(monday_to(23, Approved), on(24, Pending)),
            vec![of_week(Approved), of_week(Pending)],
            "SUBMITTED",
        ),
        (
            with(monday_to(23, Approved), on(24, NotSubmitted)),
            vec![of_week(Approved)],
            "NOT SUBMITTED",
        ),
        (
            with(monday_to(23, NotSubmitted), on(20, Rejected)),
            vec![],
            "REJECTED",
        ),
        // A rejected timesheet that was sent again is not open any more.
        (
            monday_to(23, Pending),
            vec![of_week(Rejected), of_week(Pending)],
            "SUBMITTED",
        ),
        // One without entries is.
        (vec![], vec![of_week(Rejected)], "REJECTED"),
        (vec![], vec![of_week(Withdrawn)], "NOT SUBMITTED"),
        (vec![], vec![of_week(Pending)], "NO TIME"),
    ];
    for (entries, timesheets, status) in cases {
        let time = test_records::employee_time("e1", entries.clone());
        let found = status_of(&time, &timesheets, &[]);
        assert_eq!(found.status.as_str(), status, "{entries:?}, {timesheets:?}");
    }
    let words: Vec<&str> = WeekStatus::ALL
        .iter()
        .map(|status| status.as_str())
        .collect();
    assert_eq!(
        words,
        [
            "REJECTED",
            "NOT SUBMITTED",
            "NO TIME",
            "SUBMITTED",
            "APPROVED",
            "NOT APPLICABLE"
        ]
    );
}

#[test]
fn expenses_that_were_sent_are_no_sent_week() {
    // §7: "NOT SUBMITTED or withdrawn (has entries, sent nothing)"; §2: a timesheet "groups entries (and expenses)".
    use EntryState::{Approved, NotSubmitted, Pending, Rejected};
    let claim = |state| SubmittedTimesheet {
        expenses_only: true,
        ..of_week(state)
    };
    let cases = [
        (NotSubmitted, vec![claim(Approved)], "NOT SUBMITTED", 1),
        (NotSubmitted, vec![claim(Pending)], "NOT SUBMITTED", 1),
        (
            Approved,
            vec![of_week(Approved), claim(Rejected)],
            "APPROVED",
            0,
        ),
        (
            Approved,
            vec![of_week(Approved), claim(Pending)],
            "APPROVED",
            0,
        ),
        (
            Rejected,
            vec![of_week(Rejected), claim(Approved)],
            "REJECTED",
            1,
        ),
    ];
    for (entries, timesheets, status, missing) in cases {
        let time = test_records::employee_time("e1", monday_to(23, entries));
        let rules = TimeStatusRules {
            records_start: week().sunday(),
            ..TimeStatusRules::default()
        };
        let found = report(&time, &timesheets, &[], &rules);
        assert_eq!(
            found.weeks[0].staff[0].status.as_str(),
            status,
            "{timesheets:?}"
        );
        assert_eq!(found.missing.len(), missing, "{timesheets:?}");
        // "Third: every pending timesheet with the days it has waited": somebody has to decide on the expenses too.
        let waiting = timesheets.iter().filter(|one| one.state == Pending);
        assert_eq!(found.pending.len(), waiting.count(), "{timesheets:?}");
    }
}

#[test]
fn leave_and_holidays_are_no_missing_time() {
    // §7: "NO TIME (a weekday without entry, leave or holiday) … NOT APPLICABLE (off or holiday all
    // week)".
    let friday = date(2026, 10, 23);
    let off = |first, last, status: &str| TimeOffRequest {
        status: TimeOffStatus::from(status.to_owned()),
        ..time_off_request("Vacation", first, last, "1")
    };
    let monday = date(2026, 10, 19);
    let thursday = date(2026, 10, 22);
    let thanks = || vec![holiday("A holiday", friday, friday)];
    let approved = || monday_to(22, EntryState::Approved);
    let cases = [
        (
            approved(),
            vec![],
            thanks(),
            "APPROVED",
            "A holiday Fri, Oct 23",
        ),
        (
            approved(),
            vec![off(friday, friday, "APPROVED")],
            vec![],
            "APPROVED",
            "Vacation 8.00 h",
        ),
        (
            approved(),
            vec![off(friday, friday, "PENDING")],
            vec![],
            "NO TIME",
            "no time on Fri, Oct 23; leave not decided for Fri, Oct 23",
        ),
        (
            approved(),
            vec![off(friday, friday, "REJECTED")],
            vec![],
            "NO TIME",
            "no time on Fri, Oct 23",
        ),
        (
            vec![],
            vec![off(monday, friday, "APPROVED")],
            vec![],
            "NOT APPLICABLE",
            "Vacation 8.00 h",
        ),
        (
            vec![],
            vec![off(monday, thursday, "APPROVED")],
            thanks(),
            "NOT APPLICABLE",
            "Vacation 8.00 h; A holiday Fri, Oct 23",
        ),
    ];
    for (entries, time_off, holidays, status, notes) in cases {
        let mut time = test_records::employee_time("e1", entries);
        time.time_off = time_off;
        let found = status_of(&time, &[], &holidays);
        assert_eq!(found.status.as_str(), status, "{time:?}");
        assert_eq!(found.notes.join("; "), notes);
    }
}

#[test]
fn what_clockify_made_of_leave_is_no_entry() {
    // §3: "BREAK, HOLIDAY and TIME_OFF entries (Clockify can create them by itself) are … not work".
    let entries = monday_to(23, EntryState::NotSubmitted)
        .into_iter()
        .map(|entry| AttendedEntry {
            kind: EntryKind::TimeOff,
            ..entry
        })
        .collect();
    let time = test_records::employee_time("e1", entries);
    assert_eq!(status_of(&time, &[], &[]).status, WeekStatus::NoTime);
}

#[test]
fn everyone_employed_on_any_day_of_the_week_is_listed() {
    // §7: "Everyone employed on any day of it".
    let between = |start, end, status| {
        let mut time = test_records::employee_time("e1", Vec::new());
        time.employee.start_date = Some(start);
        time.employee.end_date = end;
        time.employee.status = status;
        report(&time, &[], &[], &TimeStatusRules::default()).weeks[0]
            .staff
            .len()
    };
    let active = EmployeeStatus::Active;
    let inactive = EmployeeStatus::Inactive;
    assert_eq!(between(date(2026, 10, 24), None, active), 1);
    assert_eq!(between(date(2026, 10, 25), None, active), 0);
    assert_eq!(
        between(date(2020, 1, 6), Some(date(2026, 10, 18)), inactive),
        1
    );
    assert_eq!(
        between(date(2020, 1, 6), Some(date(2026, 10, 17)), inactive),
        0
    );
    // Days before the start are no missing time.
    let mut time = test_records::employee_time("e1", monday_to(23, EntryState::Approved));
    time.entries
        .retain(|entry| entry.date >= date(2026, 10, 22));
    time.employee.start_date = Some(date(2026, 10, 22));
    assert_eq!(status_of(&time, &[], &[]).status, WeekStatus::Approved);
}

#[test]
fn a_timesheet_counts_for_the_weeks_its_days_touch() {
    // §7: "A timesheet counts for the weeks its days touch."
    let mut time = test_records::employee_time("e1", Vec::new());
    time.time_off = vec![time_off_request(
        "Vacation",
        date(2026, 10, 19),
        date(2026, 10, 23),
        "5",
    )];
    for (first, last, status) in [
        (
            date(2026, 10, 11),
            date(2026, 10, 18),
            WeekStatus::Submitted,
        ),
        (
            date(2026, 10, 24),
            date(2026, 10, 31),
            WeekStatus::Submitted,
        ),
        (
            date(2026, 10, 11),
            date(2026, 10, 17),
            WeekStatus::NotApplicable,
        ),
        (
            date(2026, 10, 25),
            date(2026, 10, 31),
            WeekStatus::NotApplicable,
        ),
    ] {
        let sent = [sheet(first, last, EntryState::Pending)];
        assert_eq!(
            status_of(&time, &sent, &[]).status,
            status,
            "{first} to {last}"
        );
    }
}

#[test]
fn weeks_are_missing_since_the_later_of_start_date_and_records_start() {
    // §7: "missing weeks since the later of the start date and RECORDS_START [config, 2023-12-31], weeks
    // of leave skipped, people who need not submit left out [config]".
    assert_eq!(TimeStatusRules::default().records_start, date(2023, 12, 31));
    let rules = TimeStatusRules {
        records_start: date(2026, 10, 4),
        ..TimeStatusRules::default()
    };
    let missing = |time: &EmployeeTime, sent: &[SubmittedTimesheet], rules: &TimeStatusRules| {
        report(time, sent, &[], rules)
            .missing
            .iter()
            .map(|one| (one.week.sunday(), one.status))
            .collect::<Vec<_>>()
    };
    let no_time = |day| (date(2026, 10, day), WeekStatus::NoTime);
    let mut time = test_records::employee_time("e1", Vec::new());
    // Through the last complete week: that of 18 October.
    assert_eq!(missing(&time, &[], &rules), [4, 11, 18].map(no_time));
    // The start date is later.
    time.employee.start_date = Some(date(2026, 10, 14));
    assert_eq!(missing(&time, &[], &rules), [11, 18].map(no_time));
    // A week of leave is skipped, and so is one that was sent, whatever is missing in it.
    time.time_off = vec![time_off_request(
        "Vacation",
        date(2026, 10, 14),
        date(2026, 10, 16),
        "3",
    )];
    assert_eq!(missing(&time, &[], &rules), [18].map(no_time));
    for (state, is_missing) in [
        (EntryState::Pending, false),
        (EntryState::Approved, false),
        (EntryState::Rejected, true),
        (EntryState::Withdrawn, true),
    ] {
        assert_eq!(
            !missing(&time, &[of_week(state)], &rules).is_empty(),
            is_missing,
            "{state}"
        );
    }
    // Entries that were never sent.
    time.entries = monday_to(23, EntryState::NotSubmitted);
    assert_eq!(
        missing(&time, &[], &rules),
        [(date(2026, 10, 18), WeekStatus::NotSubmitted)]
    );
    // Who has left owes nothing for later weeks.
    time.employee.end_date = Some(date(2026, 10, 17));
    assert_eq!(missing(&time, &[], &rules), []);
    time.employee.end_date = None;
    // Who need not submit is left out, of this sheet alone.
    let rules = TimeStatusRules {
        need_not_submit: BTreeSet::from(["e1".into()]),
        ..rules
    };
    assert_eq!(missing(&time, &[], &rules), []);
    assert_eq!(report(&time, &[], &[], &rules).weeks[0].staff.len(), 1);
}

#[test]
fn every_pending_timesheet_shows_the_days_it_has_waited() {
    // §7: "Third: every pending timesheet with the days it has waited."
    let time = test_records::employee_time("e1", Vec::new());
    let long_ago = SubmittedTimesheet {
        state_since: Some(date(2026, 9, 1)),
        ..sheet(date(2026, 8, 23), date(2026, 8, 29), EntryState::Pending)
    };
    let unknown = SubmittedTimesheet {
        state_since: None,
        ..sheet(date(2026, 10, 4), date(2026, 10, 10), EntryState::Pending)
    };
    let timesheets = [
        of_week(EntryState::Pending),
        of_week(EntryState::Approved),
        unknown,
        long_ago,
    ];
    let report = report(&time, &timesheets, &[], &TimeStatusRules::default());
    let waited: Vec<Option<i64>> = report.pending.iter().map(|one| one.days_waited).collect();
    assert_eq!(waited, [Some(55), None, Some(1)]);
    assert_eq!(report.pending[0].hours, Decimal::from(40));
}

#[test]
fn a_longer_period_has_each_of_its_weeks() {
    // §7: "The last complete week, or each week of a longer period."; "A week report's start moves back
    // to Sunday and its end on to Saturday."
    let time = test_records::employee_time("e1", Vec::new());
    let rules = PayRules::default();
    let workplace = Workplace::new(&rules, &[], &[], &[]);
    let asked = Period::new(date(2026, 10, 7), date(2026, 10, 19)).expect("a period");
    let report = time_status(
        asked,
        std::slice::from_ref(&time),
        &[],
        &workplace,
        &TimeStatusRules::default(),
        TODAY,
    );
    let sundays: Vec<Date> = report.weeks.iter().map(|one| one.week.sunday()).collect();
    assert_eq!(
        sundays,
        [date(2026, 10, 4), date(2026, 10, 11), date(2026, 10, 18)]
    );
    assert_eq!(report.period.last_day(), date(2026, 10, 24));
}
