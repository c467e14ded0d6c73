//! What holds for any two weeks of any employee (`domain.md` §4).

use proptest::prelude::*;

use super::*;
use crate::domain::time::days_from;

/// Any two weeks of one employee: entries of all kinds, states and tags, holidays and leave.
fn any_time() -> impl Strategy<Value = (EmployeeTime, Vec<Holiday>)> {
    let kind = prop_oneof![
        8 => Just(EntryKind::Regular),
        1 => Just(EntryKind::Break),
        1 => Just(EntryKind::TimeOff),
    ];
    let state = prop_oneof![
        4 => Just(EntryState::Approved),
        2 => Just(EntryState::Pending),
        1 => Just(EntryState::Rejected),
        1 => Just(EntryState::NotSubmitted),
    ];
    let tags = prop::sample::subsequence(
        vec!["BANKED", "banked-site", "BANKED - OFFICE", "Night"],
        0..3,
    );
    let any_entry = (
        0_i64..14,
        0_i64..64,
        kind,
        state,
        prop_oneof![3 => Just(vec![]), 1 => tags],
    )
        .prop_map(|(offset, quarters, kind, state, tags)| AttendedEntry {
            date: day(offset),
            hours: Decimal::new(quarters * 25, 2),
            kind,
            tags: tags.into_iter().map(str::to_owned).collect(),
            state,
        });
    let any_request = (
        0_i64..14,
        0_i64..5,
        0_i64..500,
        prop::sample::select(vec!["Vacation", "Banked Time", "Unpaid Leave"]),
    )
        .prop_map(|(offset, length, hundredths, policy)| TimeOffRequest {
            balance_diff: Decimal::new(hundredths, 2),
            ..time_off_request(policy, day(offset), day(offset + length), "0")
        });
    let any_holiday = (0_i64..14, 0_i64..3)
        .prop_map(|(offset, length)| holiday("A holiday", day(offset), day(offset + length)));
    (
        prop::collection::vec(any_entry, 0..40),
        prop::collection::vec(any_request, 0..3),
        prop::collection::vec(any_holiday, 0..2),
        prop::sample::select(vec![Some(RateType::Hourly), Some(RateType::Salary), None]),
        0_i64..10,
    )
        .prop_map(|(entries, time_off, holidays, rate_type, hired)| {
            let mut time = hourly(entries);
            time.time_off = time_off;
            time.employee.rate_type = rate_type;
            time.employee.start_date = Some(day(hired));
            (time, holidays)
        })
}

fn two_weeks_of(time: &EmployeeTime, holidays: &[Holiday]) -> Vec<AttendanceDay> {
    let policies = ["Vacation", "Banked Time", "Unpaid Leave"].map(policy);
    let rules = PayRules::default();
    let period = Period::new(day(0), day(13)).expect("a period");
    Workplace::new(&rules, holidays, &[], &policies).attendance(
        time,
        period,
        Counting::ApprovedAndPending,
    )
}

proptest! {
    #[test]
    fn the_row_always_adds_up((time, holidays) in any_time()) {
        // §4: "The row adds up, always: worked = regular + overtime + banked."; §4.7.
        for row in two_weeks_of(&time, &holidays) {
            prop_assert_eq!(row.worked, row.regular + row.overtime + row.banked);
            prop_assert_eq!(
                row.total_paid,
                row.regular + row.overtime + row.paid_time_off() + row.stat
            );
            for figure in [row.regular, row.overtime, row.banked, row.stat, row.waiting] {
                prop_assert!(figure >= Decimal::ZERO, "{:?}", row);
                prop_assert_eq!(figure, figure.round_dp(2));
            }
            prop_assert!(row.regular <= row.day_length);
        }
    }

    #[test]
    fn no_hour_of_work_is_lost_or_paid_twice((time, holidays) in any_time()) {
        let rows = two_weeks_of(&time, &holidays);
        let of_entries: Decimal = time
            .entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Regular)
            .map(|entry| entry.hours)
            .sum();
        prop_assert_eq!(
            total(&rows, |row| row.regular + row.overtime + row.banked + row.waiting),
            of_entries
        );
    }

    #[test]
    fn overtime_of_a_week_is_the_greater_of_both_tests((time, holidays) in any_time()) {
        let rows = two_weeks_of(&time, &holidays);
        let daily = |row: &AttendanceDay| (row.worked - row.banked - row.day_length).max(Decimal::ZERO);
        for week in rows.chunks(7) {
            let ordinary = || week.iter().filter(|row| row.holiday.is_none());
            let of_days: Decimal = ordinary().map(daily).sum();
            let unbanked: Decimal = ordinary().map(|row| row.worked - row.banked).sum();
            let of_holidays: Decimal = week.iter().filter(|row| row.holiday.is_some()).map(daily).sum();
            let over_44 = if time.employee.rate_type == Some(RateType::Salary) {
                Decimal::ZERO
            } else {
                (unbanked - Decimal::from(44)).max(Decimal::ZERO)
            };
            prop_assert_eq!(total(week, |row| row.overtime), of_days.max(over_44) + of_holidays);
        }
    }

    #[test]
    fn a_cut_period_shows_the_same_rows_as_the_whole(
        (time, holidays) in any_time(),
        from in 0_i64..14,
        length in 0_i64..14,
    ) {
        let whole = two_weeks_of(&time, &holidays);
        let to = (from + length).min(13);
        let rules = PayRules::default();
        let policies = ["Vacation", "Banked Time", "Unpaid Leave"].map(policy);
        let cut = Workplace::new(&rules, &holidays, &[], &policies).attendance(
            &time,
            Period::new(day(from), day(to)).expect("a period"),
            Counting::ApprovedAndPending,
        );
        let of_whole: Vec<AttendanceDay> = whole
            .into_iter()
            .filter(|row| (from..=to).contains(&days_from(SUNDAY, row.date)))
            .collect();
        prop_assert_eq!(cut, of_whole);
    }
}
