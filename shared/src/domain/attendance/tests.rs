//! One test per sentence of `domain.md` §4, quoted.

mod properties;

use jiff::{ToSpan, civil::date};

use super::*;
use crate::domain::{
    employee::{EmployeeStatus, RateType},
    test_records::{self, attended as entry, holiday, hours, policy, time_off_request},
    time::Week,
    time_off::TimeUnit,
    timesheet::TimesheetState,
};

/// A Sunday; the week holds no holiday unless a test makes one.
const SUNDAY: Date = date(2026, 10, 18);

fn day(offset: i64) -> Date {
    SUNDAY.saturating_add(offset.days())
}

fn tagged(date: Date, worked: &str, tags: &[&str]) -> AttendedEntry {
    AttendedEntry {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..entry(date, worked)
    }
}

fn hourly(entries: Vec<AttendedEntry>) -> EmployeeTime {
    test_records::employee_time("e1", entries)
}

fn salaried(entries: Vec<AttendedEntry>) -> EmployeeTime {
    let mut time = hourly(entries);
    time.employee.rate_type = Some(RateType::Salary);
    time
}

/// The week that begins on [`SUNDAY`], by the default rules.
fn week_of(time: &EmployeeTime, holidays: &[Holiday]) -> Vec<AttendanceDay> {
    let policies = [
        policy("Vacation"),
        policy("Sick"),
        policy("Banked Time"),
        policy("Unpaid Leave"),
    ];
    let rules = PayRules::default();
    Workplace::new(&rules, holidays, &[], &policies).attendance(
        time,
        Week::of(SUNDAY).period(),
        Counting::ApprovedAndPending,
    )
}

fn day_of(time: &EmployeeTime, holidays: &[Holiday], date: Date) -> AttendanceDay {
    week_of(time, holidays)
        .into_iter()
        .find(|day| day.date == date)
        .expect("a day of the week")
}

fn total(days: &[AttendanceDay], figure: fn(&AttendanceDay) -> Decimal) -> Decimal {
    days.iter().map(figure).sum()
}

fn reasons(day: &AttendanceDay) -> Vec<String> {
    day.reasons.iter().map(ToString::to_string).collect()
}

#[test]
fn worked_is_the_sum_of_regular_entries_in_approved_or_pending_timesheets() {
    // §4: "worked = sum of the rounded hours of that day's REGULAR entries in timesheets that are
    // APPROVED or PENDING. Other entries count 0: the day shows how many hours wait there".
    use EntryKind::{Break, Holiday, Other, Regular, TimeOff};
    use EntryState::{Approved, NotSubmitted, Pending, Rejected, Withdrawn};
    let cases = [
        (Regular, Approved, "4", "0"),
        (Regular, Pending, "4", "0"),
        (Regular, Rejected, "0", "4"),
        (Regular, Withdrawn, "0", "4"),
        (Regular, NotSubmitted, "0", "4"),
        // §3: "BREAK, HOLIDAY and TIME_OFF entries are stored, and are not work: counting them would
        // pay twice."
        (Break, Approved, "0", "0"),
        (Holiday, Approved, "0", "0"),
        (TimeOff, Approved, "0", "0"),
        (Other("NEW_KIND".into()), Approved, "0", "0"),
        (Break, NotSubmitted, "0", "0"),
    ];
    for (kind, state, worked, waiting) in cases {
        let other = AttendedEntry {
            kind: kind.clone(),
            state,
            ..entry(day(1), "4")
        };
        let row = day_of(&hourly(vec![entry(day(1), "2.5"), other]), &[], day(1));
        assert_eq!(row.worked, hours("2.5") + hours(worked), "{kind:?} {state}");
        assert_eq!(row.waiting, hours(waiting), "{kind:?} {state}");
        assert_eq!(row.total_paid, row.worked, "{kind:?} {state}");
    }
}

#[test]
fn a_running_timer_is_not_time_yet() {
    // §3: "A running timer (no end) is not time yet: it is stored as running, and counted nowhere."
    let mut record = TimeEntry {
        id: "t1".into(),
        workspace_id: "ws".into(),
        employee_id: "e1".into(),
        project_id: None,
        task_id: None,
        description: String::new(),
        billable: false,
        kind: EntryKind::Regular,
        start: "2026-10-19T14:00:00Z".parse().expect("an instant"),
        end: None,
        start_date: day(1),
        duration_seconds: None,
        hours: None,
        hourly_rate: None,
        tag_ids: Vec::new(),
    };
    assert_eq!(
        AttendedEntry::of(&record, Vec::new(), EntryState::NotSubmitted),
        None
    );
    record.hours = Some(hours("2.25"));
    let attended = AttendedEntry::of(&record, Vec::new(), EntryState::Approved);
    assert_eq!(attended, Some(entry(day(1), "2.25")));
}

#[test]
fn the_status_of_a_day_is_the_worst_among_its_entries() {
    // §4: "The day's status is the worst among its entries, in this order in every report: REJECTED
    // (and RETURNED: left the list, nobody said why), WITHDRAWN, NO SUBMISSION, PENDING, APPROVED."
    let order = [
        (Some(TimesheetState::Rejected), "REJECTED"),
        (Some(TimesheetState::Returned), "REJECTED"),
        (Some(TimesheetState::WithdrawnApproval), "WITHDRAWN"),
        (Some(TimesheetState::WithdrawnSubmission), "WITHDRAWN"),
        (None, "NO SUBMISSION"),
        (Some(TimesheetState::Other("NEW".into())), "NO SUBMISSION"),
        (Some(TimesheetState::Pending), "PENDING"),
        (Some(TimesheetState::Approved), "APPROVED"),
    ];
    for (index, (worse, word)) in order.iter().enumerate() {
        for (better, _) in &order[index..] {
            let entries = [better, worse].map(|state| AttendedEntry {
                state: EntryState::of(state.as_ref()),
                ..entry(day(1), "4")
            });
            let row = day_of(&hourly(entries.to_vec()), &[], day(1));
            assert_eq!(row.status.as_str(), *word, "{worse:?} and {better:?}");
        }
    }
}

#[test]
fn a_day_without_work_shows_leave_holiday_or_no_time() {
    // §7 Payroll: "Status is the timesheet's, or TIME OFF, HOLIDAY, NO SUBMISSION, NO TIME."
    let labour_day = [holiday("A holiday", day(2), day(2))];
    let mut time = salaried(vec![AttendedEntry {
        kind: EntryKind::Holiday,
        state: EntryState::NotSubmitted,
        ..entry(day(2), "8")
    }]);
    time.time_off = vec![time_off_request("Vacation", day(1), day(1), "1")];
    for (offset, status, has_anything) in [
        (0, "NO TIME", false),
        (1, "TIME OFF", true),
        (2, "HOLIDAY", true),
        (3, "NO TIME", false),
    ] {
        let row = day_of(&time, &labour_day, day(offset));
        assert_eq!(row.status.as_str(), status, "day {offset}");
        assert_eq!(row.has_anything(), has_anything, "day {offset}");
    }
}

#[test]
fn the_day_is_eight_hours_long_and_eight_and_a_half_on_site() {
    // §4.1: "Day length T = 8 hours [config]; 8.5 [config] on a day where an entry bears the tag
    // BANKED - SITE. A banked day is one where any entry bears BANKED - OFFICE, BANKED - SITE or the
    // older BANKED [config: tag → day length]"; §4.2: "on a banked weekday max(worked − T, 0)".
    let cases: [(&[&str], &str, &str, &str, &str); 16] = [
        // tags, worked, regular, overtime, banked
        (&[], "7.75", "7.75", "0", "0"),
        (&[], "8", "8", "0", "0"),
        (&[], "10", "8", "2", "0"),
        (&["BANKED - OFFICE"], "10", "8", "0", "2"),
        (&["BANKED - SITE"], "10", "8.5", "0", "1.5"),
        (&["BANKED"], "10", "8", "0", "2"),
        (&["BANKED - SITE"], "8.5", "8.5", "0", "0"),
        (&["BANKED - SITE"], "8.25", "8.25", "0", "0"),
        // "compare tags without case and without spaces around the dash"
        (&["Banked-Office"], "10", "8", "0", "2"),
        (&["banked -site"], "10", "8.5", "0", "1.5"),
        (&[" Banked  -  Site "], "10", "8.5", "0", "1.5"),
        (&["BANKED SITE"], "10", "8", "2", "0"),
        (&["BANKED - SITE 2"], "10", "8", "2", "0"),
        (&["Night shift"], "10", "8", "2", "0"),
        // "With both tags on one day the longer day length holds."
        (
            &["BANKED - OFFICE", "BANKED - SITE"],
            "10",
            "8.5",
            "0",
            "1.5",
        ),
        (&["BANKED - SITE", "BANKED"], "10", "8.5", "0", "1.5"),
    ];
    for (tags, worked, regular, overtime, banked) in cases {
        let row = day_of(&hourly(vec![tagged(day(1), worked, tags)]), &[], day(1));
        assert_eq!(row.regular, hours(regular), "{tags:?} {worked}");
        assert_eq!(row.overtime, hours(overtime), "{tags:?} {worked}");
        assert_eq!(row.banked, hours(banked), "{tags:?} {worked}");
    }
}

#[test]
fn one_banked_entry_makes_the_whole_day_a_banked_one() {
    // §4.1: "A banked day is one where any entry bears …".
    let entries = vec![
        entry(day(1), "6"),
        tagged(day(1), "1", &["BANKED - SITE"]),
        entry(day(1), "4"),
        entry(day(2), "10"),
    ];
    let week = week_of(&hourly(entries), &[]);
    assert_eq!(week[1].banked, hours("2.5"));
    assert_eq!(week[1].day_length, hours("8.5"));
    assert_eq!(week[2].banked, Decimal::ZERO);
    assert_eq!(week[2].overtime, hours("2"));
}

#[test]
fn tags_count_only_from_entries_that_count() {
    // §4: "Tags count only from entries that count."
    for (kind, state, banked) in [
        (EntryKind::Regular, EntryState::Pending, "2"),
        (EntryKind::Regular, EntryState::Rejected, "0"),
        (EntryKind::Regular, EntryState::NotSubmitted, "0"),
        (EntryKind::Break, EntryState::Approved, "0"),
    ] {
        let bearer = AttendedEntry {
            kind: kind.clone(),
            state,
            ..tagged(day(1), "0", &["BANKED"])
        };
        let row = day_of(&hourly(vec![entry(day(1), "10"), bearer]), &[], day(1));
        assert_eq!(row.banked, hours(banked), "{kind:?} {state}");
        assert_eq!(row.worked, hours("10"));
    }
}

#[test]
fn all_work_of_a_banked_weekend_or_holiday_is_banked() {
    // §4.2: "on a banked Saturday, Sunday or holiday all of worked; else 0."
    let holidays = [holiday("A holiday", day(3), day(3))];
    let cases = [
        (0, "BANKED - SITE", "10", "banked: weekend"),
        (6, "BANKED", "10", "banked: weekend"),
        (3, "BANKED - OFFICE", "10", "banked: holiday"),
        (1, "BANKED - SITE", "1.5", "banked: weekday over 8.5"),
        (1, "BANKED", "2", "banked: weekday over 8"),
    ];
    for (offset, tag, banked, reason) in cases {
        let time = hourly(vec![tagged(day(offset), "10", &[tag])]);
        let row = day_of(&time, &holidays, day(offset));
        assert_eq!(row.banked, hours(banked), "{tag} on day {offset}");
        assert_eq!(reasons(&row)[0], reason);
    }
    let untagged = day_of(&hourly(vec![entry(day(6), "10")]), &[], day(6));
    assert_eq!(untagged.banked, Decimal::ZERO);
    assert_eq!(untagged.overtime, hours("2"));
}

/// Seven figures, Sunday to Saturday, as entries.
fn worked_week(figures: &str) -> Vec<AttendedEntry> {
    figures
        .split_whitespace()
        .zip(0..)
        .filter(|(worked, _)| *worked != "0")
        .map(|(worked, offset)| entry(day(offset), worked))
        .collect()
}

#[test]
fn weekly_overtime_is_the_greater_of_daily_sum_and_hours_over_44() {
    // §4.4, the worked examples, hours Sunday to Saturday: "0 8 8 8 8 8 8 → 4; 0 5 7 0 0 11 0 → 3;
    // 0 10 10 10 10 10 0 → 10." They are Alberta's law.
    let cases = [
        ("0 8 8 8 8 8 8", "4"),
        ("0 5 7 0 0 11 0", "3"),
        ("0 10 10 10 10 10 0", "10"),
        ("0 8 8 8 8 8 4", "0"),
        ("0 8 8 8 8 8 4.25", "0.25"),
        ("8 8 8 8 8 8 8", "12"),
        ("0 9 9 9 9 9 9", "10"),
        ("0 10 8 8 8 8 8", "6"),
        ("0 0 0 0 0 0 0", "0"),
    ];
    for (figures, overtime) in cases {
        let week = week_of(&hourly(worked_week(figures)), &[]);
        assert_eq!(
            total(&week, |day| day.overtime),
            hours(overtime),
            "{figures}"
        );
    }
}

#[test]
fn the_weekly_test_moves_hours_from_saturday_backwards() {
    // §4.4: "what the weekly test adds moves from regular to overtime, from Saturday backwards."
    let cases = [
        // worked, overtime of each day
        ("0 8 8 8 8 8 8", "0 0 0 0 0 0 4"),
        ("0 8 8 8 8 8 5", "0 0 0 0 0 0 1"),
        ("8 8 8 8 8 8 0", "0 0 0 0 0 4 0"),
        ("8 8 8 8 8 8 2", "0 0 0 0 0 4 2"),
        ("0 10 8 8 8 8 8", "0 2 0 0 0 0 4"),
        ("0 8 8 8 8 8 10", "0 0 0 0 0 0 6"),
    ];
    for (figures, expected) in cases {
        let week = week_of(&hourly(worked_week(figures)), &[]);
        let overtime: Vec<Decimal> = week.iter().map(|day| day.overtime).collect();
        let expected: Vec<Decimal> = expected.split(' ').map(hours).collect();
        assert_eq!(overtime, expected, "{figures}");
    }
    let saturday = week_of(&hourly(worked_week("0 8 8 8 8 8 10")), &[]).remove(6);
    assert_eq!(
        reasons(&saturday),
        ["overtime: day over 8", "overtime: week over 44"]
    );
    assert_eq!(saturday.regular, hours("4"));
}

#[test]
fn the_weekly_test_is_for_hourly_staff_by_the_settings() {
    // §4.4: "For hourly staff [config] the law's weekly test comes on top"; §3: "Without a rate type he
    // is treated as hourly".
    use WeeklyTest::{Everyone, Hourly, Nobody};
    let salary = Some(RateType::Salary);
    let cases = [
        (Hourly, Some(RateType::Hourly), "4"),
        (Hourly, None, "4"),
        (Hourly, salary, "0"),
        (Everyone, salary, "4"),
        (Nobody, Some(RateType::Hourly), "0"),
    ];
    for (weekly_test_for, rate_type, overtime) in cases {
        let rules = PayRules {
            weekly_test_for,
            ..PayRules::default()
        };
        let mut time = hourly(worked_week("0 8 8 8 8 8 8"));
        time.employee.rate_type = rate_type;
        let week = Workplace::new(&rules, &[], &[], &[]).attendance(
            &time,
            Week::of(SUNDAY).period(),
            Counting::ApprovedAndPending,
        );
        assert_eq!(
            total(&week, |day| day.overtime),
            hours(overtime),
            "{weekly_test_for:?}, {rate_type:?}"
        );
    }
}

#[test]
fn the_weekly_test_looks_at_unbanked_hours() {
    // §4.4: "the greater of the sum of the daily overtimes and the unbanked hours over 44".
    let mut entries = worked_week("0 8 8 8 8 8 0");
    entries.push(tagged(day(6), "8", &["BANKED"]));
    let week = week_of(&hourly(entries), &[]);
    assert_eq!(total(&week, |day| day.overtime), Decimal::ZERO);
    assert_eq!(total(&week, |day| day.banked), hours("8"));
    // 8.5 on each of six banked site days: 8.5 regular on weekdays make 42.5, Saturday is banked whole.
    let entries = (1..=6)
        .map(|offset| tagged(day(offset), "9", &["BANKED - SITE"]))
        .collect();
    let week = week_of(&hourly(entries), &[]);
    assert_eq!(total(&week, |day| day.overtime), Decimal::ZERO);
    assert_eq!(total(&week, |day| day.banked), hours("11.5"));
}

#[test]
fn a_holidays_overtime_comes_on_top_and_nothing_moves_out_of_it() {
    // §4.4: "over the days that are no holiday …; a holiday's own daily overtime comes on top, and
    // nothing moves out of a holiday".
    let on = |offset| [holiday("A holiday", day(offset), day(offset))];
    let cases = [
        // holiday, worked, overtime of each day
        (1, "0 10 8 8 8 8 8", "0 2 0 0 0 0 0"), // 40 ordinary hours: no weekly overtime
        (1, "8 10 8 8 8 8 8", "0 2 0 0 0 0 4"), // 48 ordinary hours: 4, and the holiday's 2
        (6, "8 8 8 8 8 8 8", "0 0 0 0 0 4 0"),  // Saturday is the holiday: Friday gives
        (1, "8 12 10 8 8 8 8", "0 4 2 0 0 0 4"), // 50 ordinary: max(2, 6), and the holiday's 4
    ];
    for (offset, figures, expected) in cases {
        let week = week_of(&hourly(worked_week(figures)), &on(offset));
        let overtime: Vec<Decimal> = week.iter().map(|day| day.overtime).collect();
        let expected: Vec<Decimal> = expected.split(' ').map(hours).collect();
        assert_eq!(overtime, expected, "holiday on day {offset}, {figures}");
    }
}

#[test]
fn overtime_runs_on_whole_weeks_also_where_a_period_cuts_one() {
    // §4: "Overtime's weekly test runs on whole weeks, also where a pay period or a report cuts one."
    let time = hourly(worked_week("0 8 8 8 8 8 8"));
    let rules = PayRules::default();
    let workplace = Workplace::new(&rules, &[], &[], &[]);
    let overtime = |first, last| {
        let period = Period::new(first, last).expect("a period");
        let days = workplace.attendance(&time, period, Counting::ApprovedAndPending);
        assert_eq!(days.len(), period.days().count());
        total(&days, |day| day.overtime)
    };
    assert_eq!(overtime(day(6), day(6)), hours("4"));
    assert_eq!(overtime(day(0), day(5)), Decimal::ZERO);
    assert_eq!(overtime(day(-7), day(13)), hours("4"));
}

#[test]
fn only_approved_leave_pays_and_two_policies_on_a_day_add() {
    // §4.5: "only APPROVED requests pay"; "Two policies on one day add, and both are named."
    let request = |policy, amount| TimeOffRequest {
        unit: TimeUnit::Hours,
        ..time_off_request(policy, day(1), day(1), amount)
    };
    let mut time = salaried(Vec::new());
    time.time_off = vec![request("Vacation", "4"), request("Banked Time", "3")];
    for status in ["PENDING", "REJECTED", "WITHDRAWN", "NEW_STATUS"] {
        time.time_off.push(TimeOffRequest {
            status: TimeOffStatus::from(status.to_owned()),
            ..request("Sick", "1")
        });
    }
    let row = day_of(&time, &[], day(1));
    assert_eq!(row.paid_time_off(), hours("7"));
    assert_eq!(row.total_paid, hours("7"));
    assert_eq!(row.policy_names(), "Banked Time, Vacation");
    assert_eq!(
        reasons(&row),
        ["paid under Banked Time", "paid under Vacation"]
    );

    // §11: "two leave policies on a day doubled the worked hours".
    time.entries = vec![entry(day(1), "1")];
    let row = day_of(&time, &[], day(1));
    assert_eq!(row.worked, hours("1"));
    assert_eq!(row.total_paid, hours("8"));

    // Two requests under one policy are one share.
    let mut time = salaried(Vec::new());
    time.time_off = vec![request("Vacation", "4"), request("Vacation", "3")];
    let row = day_of(&time, &[], day(1));
    assert_eq!(row.policy_names(), "Vacation");
    assert_eq!(row.paid_time_off(), hours("7"));
}

#[test]
fn leave_is_named_also_where_it_is_not_paid_to_the_employee() {
    // §4.5: "names holding Unpaid are paid to none; names holding Banked to all; all others to salaried
    // staff".
    let cases = [
        ("Vacation", "0", "not paid under Vacation"),
        ("Banked Time", "8", "paid under Banked Time"),
        ("Unpaid Leave", "0", "not paid under Unpaid Leave"),
    ];
    for (name, paid, reason) in cases {
        let mut time = hourly(Vec::new());
        time.time_off = vec![time_off_request(name, day(1), day(1), "1")];
        let row = day_of(&time, &[], day(1));
        assert_eq!(row.total_paid, hours(paid), "{name}");
        assert_eq!(row.time_off[0].hours, hours("8"), "{name}");
        assert_eq!(row.status, DayStatus::TimeOff, "{name}");
        assert_eq!(reasons(&row), [reason]);
    }
}

#[test]
fn stat_is_paid_on_a_weekday_holiday_to_who_was_employed() {
    // §4.6: "STAT = 8 hours [config] on a holiday that falls Monday to Friday, for an employee who was
    // employed that day and to whom the holiday is assigned. (Holidays on a weekend pay nothing of
    // themselves.)"
    let assigned_to = |offset, employee: &str| {
        let mut one = holiday("A holiday", day(offset), day(offset));
        one.assignment.everyone = false;
        one.assignment.employee_ids = vec![employee.into()];
        [one]
    };
    let everyone = |offset| [holiday("A holiday", day(offset), day(offset))];
    let cases = [
        (everyone(1), 1, true, "8"),
        (everyone(5), 5, true, "8"),
        (everyone(6), 6, true, "0"),
        (everyone(0), 0, true, "0"),
        (everyone(1), 2, true, "0"),
        (everyone(1), 1, false, "0"),
        (assigned_to(1, "e1"), 1, true, "8"),
        (assigned_to(1, "e2"), 1, true, "0"),
    ];
    for (holidays, offset, employed, stat) in cases {
        let mut time = hourly(Vec::new());
        if !employed {
            time.employee.start_date = Some(day(2));
        }
        let row = day_of(&time, &holidays, day(offset));
        assert_eq!(row.stat, hours(stat), "{holidays:?}, day {offset}");
        assert_eq!(row.total_paid, hours(stat));
    }
    // §3: "missing and INACTIVE: through his last entry".
    let mut time = hourly(Vec::new());
    time.employee.status = EmployeeStatus::Inactive;
    time.last_entry = Some(day(1));
    let holidays = [holiday("Two days", day(1), day(2))];
    assert_eq!(day_of(&time, &holidays, day(1)).stat, hours("8"));
    assert_eq!(day_of(&time, &holidays, day(2)).stat, Decimal::ZERO);
}

#[test]
fn hours_worked_on_a_holiday_carry_their_reason_and_are_paid_beside_stat() {
    // §4.6: "Hours worked on a holiday carry the reason worked on holiday."; §4.7: "Total paid =
    // regular + overtime + paid time off + STAT."
    let holidays = [holiday("A holiday", day(1), day(1))];
    let row = day_of(&hourly(vec![entry(day(1), "10")]), &holidays, day(1));
    assert_eq!(
        (row.regular, row.overtime, row.stat),
        (hours("8"), hours("2"), hours("8"))
    );
    assert_eq!(row.total_paid, hours("18"));
    assert_eq!(reasons(&row), ["worked on holiday", "overtime: day over 8"]);
    let weekend = [holiday("A holiday", day(6), day(6))];
    let row = day_of(&hourly(vec![entry(day(6), "3")]), &weekend, day(6));
    assert_eq!(reasons(&row), ["worked on holiday"]);
    assert_eq!(row.total_paid, hours("3"));
}

#[test]
fn work_outside_employment_is_paid_and_says_so() {
    // §7 Payroll: "work outside employment is paid and flagged".
    let mut time = hourly(vec![entry(day(1), "8")]);
    time.employee.start_date = Some(day(2));
    let row = day_of(&time, &[], day(1));
    assert_eq!(row.total_paid, hours("8"));
    assert!(!row.employed);
    assert_eq!(reasons(&row), ["worked outside employment"]);
}

#[test]
fn leave_outside_employment_is_paid_and_says_so() {
    let mut time = salaried(Vec::new());
    time.employee.end_date = Some(day(1));
    time.time_off = vec![time_off_request("Vacation", day(2), day(2), "1")];
    let row = day_of(&time, &[], day(2));
    assert_eq!((row.employed, row.total_paid), (false, hours("8")));
    assert_eq!(
        reasons(&row),
        ["leave outside employment", "paid under Vacation"]
    );
}

#[test]
fn leave_under_a_policy_that_clockify_does_not_know_says_so() {
    let stub = Policy {
        name: String::new(),
        is_stub: true,
        ..policy("6b03")
    };
    let mut time = salaried(Vec::new());
    time.time_off = vec![time_off_request("6b03", day(2), day(2), "8")];
    time.time_off[0].unit = TimeUnit::Hours;
    let rules = PayRules::default();
    for policies in [&[stub][..], &[]] {
        let workplace = Workplace::new(&rules, &[], &[], policies);
        let days = workplace.attendance(&time, Period::day(day(2)), Counting::ApprovedAndPending);
        // §4.5: paid as every policy that is none of those named there.
        assert_eq!(days[0].total_paid, hours("8"));
        assert_eq!(days[0].policy_names(), "6b03");
        assert_eq!(
            reasons(&days[0]),
            ["paid under 6b03", "the policy is unknown: 6b03"]
        );
    }
}

#[test]
fn waiting_hours_say_for_what() {
    // §4: "Other entries count 0: the day shows how many hours wait there, so that payroll can chase
    // them."
    let entries = [EntryState::NotSubmitted, EntryState::Rejected].map(|state| AttendedEntry {
        state,
        ..entry(day(1), "3")
    });
    let row = day_of(&hourly(entries.to_vec()), &[], day(1));
    assert_eq!(row.waiting, hours("6"));
    assert!(row.has_anything());
    assert_eq!(reasons(&row), ["hours wait: REJECTED"]);
}

#[test]
fn banked_days_count_approved_timesheets_alone_where_asked() {
    // §5: "recomputed from entries of APPROVED timesheets alone".
    let pending = AttendedEntry {
        state: EntryState::Pending,
        ..tagged(day(2), "10", &["BANKED"])
    };
    let approved = tagged(day(1), "10", &["BANKED - SITE"]);
    let long_ago = tagged(day(-398), "9", &["BANKED"]);
    let time = hourly(vec![pending, approved, long_ago]);
    let rules = PayRules::default();
    let workplace = Workplace::new(&rules, &[], &[], &[]);
    let banked = |counting| -> Vec<(Date, Decimal)> {
        workplace
            .banked_days(&time, counting)
            .into_iter()
            .map(|day| (day.date, day.banked))
            .collect()
    };
    let long_ago = (day(-398), hours("1"));
    assert_eq!(
        banked(Counting::ApprovedOnly),
        [long_ago, (day(1), hours("1.5"))]
    );
    assert_eq!(
        banked(Counting::ApprovedAndPending),
        [long_ago, (day(1), hours("1.5")), (day(2), hours("2"))]
    );
}
