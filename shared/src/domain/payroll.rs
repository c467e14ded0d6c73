//! The payroll report's figures (`domain.md` §7 *Payroll*): who is listed, with which rows, and what a
//! salaried person should come to.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{
    attendance::{AttendanceDay, Counting, EmployeeTime, Workplace},
    employee::RateType,
    ids::EmployeeId,
    staff_names::{StaffNames, known_name},
    time::{Period, is_weekday},
};

/// What a salaried person is expected to come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayrollRules {
    /// Hours of each weekday employed.
    pub salaried_day: Decimal,
    /// Those for whom a weekday has other hours.
    pub salaried_day_of: HashMap<EmployeeId, Decimal>,
}

impl Default for PayrollRules {
    /// 8 hours for everyone.
    fn default() -> Self {
        Self {
            salaried_day: Decimal::from(8),
            salaried_day_of: HashMap::new(),
        }
    }
}

/// Everyone who was employed or has hours in a period, by rate type, each list by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payroll {
    pub period: Period,
    pub salaried: Vec<PayrollEmployee>,
    pub hourly: Vec<PayrollEmployee>,
    /// They stand in a section of their own in the hourly workbook; the salaried one names them.
    pub without_rate_type: Vec<PayrollEmployee>,
}

/// One person's part of a payroll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayrollEmployee {
    pub employee_id: EmployeeId,
    pub name: String,
    /// The name by which two of one name are told apart.
    pub listed_as: String,
    pub manager: Option<String>,
    pub rate_type: Option<RateType>,
    /// Each Monday to Friday, and each weekend day with something on it.
    pub rows: Vec<AttendanceDay>,
    /// What the person should come to; of salaried staff alone.
    pub expected: Option<Decimal>,
}

impl PayrollEmployee {
    /// The sum of a column.
    pub fn total(&self, column: impl Fn(&AttendanceDay) -> Decimal) -> Decimal {
        self.rows.iter().map(column).sum()
    }

    pub fn total_paid(&self) -> Decimal {
        self.total(|row| row.total_paid)
    }

    /// Green when the total equals what is expected, amber when not; None where nothing is expected.
    pub fn is_as_expected(&self) -> Option<bool> {
        self.expected.map(|expected| self.total_paid() == expected)
    }

    /// "Work outside employment is paid and flagged."
    pub fn has_work_outside_employment(&self) -> bool {
        self.rows
            .iter()
            .any(|row| !row.employed && !row.worked.is_zero())
    }
}

/// The payroll of a period. `people` are all employees, each with the entries of the period's whole weeks.
pub fn payroll(
    period: Period,
    people: &[EmployeeTime],
    workplace: &Workplace<'_>,
    rules: &PayrollRules,
) -> Payroll {
    let mut payroll = Payroll {
        period,
        salaried: Vec::new(),
        hourly: Vec::new(),
        without_rate_type: Vec::new(),
    };
    let mut listed: Vec<PayrollEmployee> = people
        .iter()
        .filter_map(|time| payroll_of(period, time, workplace, rules))
        .collect();
    let names = StaffNames::of(listed.iter().map(|one| (&one.employee_id, &*one.name)));
    listed.sort_by_key(|one| names.place(&one.employee_id));
    for mut person in listed {
        person.listed_as = names.name(&person.employee_id);
        match person.rate_type {
            Some(RateType::Salary) => payroll.salaried.push(person),
            Some(RateType::Hourly) => payroll.hourly.push(person),
            None => payroll.without_rate_type.push(person),
        }
    }
    payroll
}

/// None for who was not employed and has nothing on any day of the period.
fn payroll_of(
    period: Period,
    time: &EmployeeTime,
    workplace: &Workplace<'_>,
    rules: &PayrollRules,
) -> Option<PayrollEmployee> {
    let mut days = workplace.attendance(time, period, Counting::ApprovedAndPending);
    let employment = time.employment();
    if employment.during(period).is_none() && !days.iter().any(AttendanceDay::has_anything) {
        return None;
    }
    days.retain(|day| is_weekday(day.date) || day.has_anything());
    days.shrink_to_fit();
    let employee = &time.employee;
    let expected = (employee.rate_type == Some(RateType::Salary)).then(|| {
        let of_a_day = rules
            .salaried_day_of
            .get(&employee.id)
            .unwrap_or(&rules.salaried_day);
        *of_a_day * Decimal::from(employment.weekdays_of(period).count())
    });
    Some(PayrollEmployee {
        employee_id: employee.id.clone(),
        name: known_name(&employee.id, &employee.name),
        listed_as: String::new(),
        manager: employee.reporting_manager.clone(),
        rate_type: employee.rate_type,
        expected,
        rows: days,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::domain::{
        attendance::{AttendedEntry, DayStatus, EntryState, PayRules},
        employee::EmployeeStatus,
        test_records::{self, attended, hours},
        time_off::Holiday,
    };

    fn two_weeks() -> Period {
        Period::new(date(2026, 10, 25), date(2026, 11, 7)).expect("a period")
    }

    fn person(id: &str, rate_type: Option<RateType>, entries: Vec<AttendedEntry>) -> EmployeeTime {
        let mut time = test_records::employee_time(id, entries);
        time.employee.rate_type = rate_type;
        time
    }

    fn payroll_with(people: &[EmployeeTime], holidays: &[Holiday]) -> Payroll {
        let rules = PayRules::default();
        let policies = ["Vacation", "Sick", "Unpaid Leave"].map(test_records::policy);
        let workplace = Workplace::new(&rules, holidays, &[], &policies);
        payroll(two_weeks(), people, &workplace, &PayrollRules::default())
    }

    fn eight_hours_each_weekday() -> Vec<AttendedEntry> {
        two_weeks()
            .days()
            .filter(|day| is_weekday(*day))
            .map(|day| attended(day, "8"))
            .collect()
    }

    #[test]
    fn staff_are_listed_by_rate_type_and_name_two_of_one_name_are_two() {
        // §7: "One workbook for salaried, one for hourly staff; staff without a rate type stand in a
        // section of their own in the hourly one"; §11: "two people of one name shared pay rows".
        let mut people = vec![
            person(
                "e3",
                Some(RateType::Hourly),
                vec![attended(date(2026, 10, 26), "3")],
            ),
            person(
                "e1",
                Some(RateType::Hourly),
                vec![attended(date(2026, 10, 26), "1")],
            ),
            person("e2", Some(RateType::Salary), Vec::new()),
            person("e4", None, Vec::new()),
        ];
        people[0].employee.name = "Sam Same".into();
        people[1].employee.name = "Sam Same".into();
        let payroll = payroll_with(&people, &[]);
        let ids = |list: &[PayrollEmployee]| -> Vec<String> {
            list.iter().map(|one| one.employee_id.0.clone()).collect()
        };
        assert_eq!(ids(&payroll.hourly), ["e1", "e3"]);
        assert_eq!(ids(&payroll.salaried), ["e2"]);
        assert_eq!(ids(&payroll.without_rate_type), ["e4"]);
        assert_eq!(payroll.hourly[0].total_paid(), hours("1"));
        assert_eq!(payroll.hourly[1].total_paid(), hours("3"));
    }

    #[test]
    fn everyone_employed_or_with_hours_on_any_day_is_listed() {
        // §7: "Everyone employed, or with hours, on any day of the period is listed (work outside
        // employment is paid and flagged)".
        let left = |end: Date, entries| {
            let mut time = person("e1", Some(RateType::Hourly), entries);
            time.employee.status = EmployeeStatus::Inactive;
            time.employee.end_date = Some(end);
            time
        };
        let waiting = AttendedEntry {
            state: EntryState::NotSubmitted,
            ..attended(date(2026, 11, 2), "4")
        };
        let pause = AttendedEntry {
            kind: crate::domain::time_entry::EntryKind::Break,
            ..attended(date(2026, 11, 2), "4")
        };
        let worked = attended(date(2026, 11, 2), "4");
        let before = date(2026, 10, 24);
        let cases = [
            (left(date(2026, 10, 25), vec![]), true, false),
            (left(before, vec![]), false, false),
            (left(before, vec![pause]), false, false),
            (left(before, vec![worked]), true, true),
            (left(before, vec![waiting]), true, false),
        ];
        for (time, listed, flagged) in cases {
            let payroll = payroll_with(std::slice::from_ref(&time), &[]);
            assert_eq!(payroll.hourly.len(), usize::from(listed), "{time:?}");
            assert_eq!(
                payroll
                    .hourly
                    .iter()
                    .any(PayrollEmployee::has_work_outside_employment),
                flagged,
                "{time:?}"
            );
        }
    }

    #[test]
    fn there_is_a_row_for_each_weekday_and_each_weekend_day_with_something_on_it() {
        // §7: "with a row for each Monday to Friday and each weekend day with something on it".
        let entries = vec![
            attended(date(2026, 10, 31), "3"),
            attended(date(2026, 11, 2), "9"),
        ];
        let weekend_holiday = [test_records::holiday(
            "A holiday",
            date(2026, 11, 7),
            date(2026, 11, 7),
        )];
        let payroll = payroll_with(&[person("e1", None, entries)], &weekend_holiday);
        let rows = &payroll.without_rate_type[0].rows;
        let saturdays: Vec<Date> = rows
            .iter()
            .map(|row| row.date)
            .filter(|day| !is_weekday(*day))
            .collect();
        assert_eq!(rows.len(), 11);
        assert_eq!(saturdays, [date(2026, 10, 31)]);
        assert_eq!(rows[0].status, DayStatus::NoTime);
        // "Worked hours over the day's length T are marked red."
        let red: Vec<Date> = rows
            .iter()
            .filter(|row| row.is_over_day_length())
            .map(|row| row.date)
            .collect();
        assert_eq!(red, [date(2026, 11, 2)]);
    }

    #[test]
    fn a_salaried_total_is_expected_to_equal_eight_hours_per_weekday_employed() {
        // §7: "A salaried total is green when it equals the sum of 8 h [config, per employee] over the
        // weekdays employed in the period, amber when not."; §11: "Salary totals were checked against
        // the literal 80".
        let full = person("e1", Some(RateType::Salary), eight_hours_each_weekday());
        let mut hired_late = full.clone();
        hired_late.employee.start_date = Some(date(2026, 10, 28));
        hired_late
            .entries
            .retain(|entry| entry.date >= date(2026, 10, 28));
        let mut part_time = full.clone();
        part_time.employee.id = "part-time".into();
        let mut short = full.clone();
        short.entries.pop();
        let rules = PayrollRules {
            salaried_day_of: HashMap::from([("part-time".into(), hours("4"))]),
            ..PayrollRules::default()
        };
        let pay_rules = PayRules::default();
        let workplace = Workplace::new(&pay_rules, &[], &[], &[]);
        for (time, expected, as_expected) in [
            (&full, "80", true),
            (&hired_late, "64", true),
            (&part_time, "40", false),
            (&short, "80", false),
        ] {
            let payroll = payroll(two_weeks(), std::slice::from_ref(time), &workplace, &rules);
            let person = &payroll.salaried[0];
            assert_eq!(person.expected, Some(hours(expected)));
            assert_eq!(person.is_as_expected(), Some(as_expected), "{expected}");
        }
        let hourly = person("e2", Some(RateType::Hourly), eight_hours_each_weekday());
        assert_eq!(
            payroll_with(&[hourly], &[]).hourly[0].is_as_expected(),
            None
        );
    }

    #[test]
    fn an_empty_period_lists_nobody() {
        let payroll = payroll_with(&[], &[]);
        assert_eq!(payroll.hourly, []);
        assert_eq!(payroll.period, two_weeks());
    }
}
