//! From when to when somebody was employed (`domain.md` §3, *Employee*).

use jiff::civil::Date;

use super::{
    employee::{Employee, EmployeeStatus},
    time::{Period, is_weekday},
};

/// The days on which an employee was employed; None where there is no such day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Employment(Option<Period>);

impl Employment {
    /// "From the start date (missing: always) through the end date (missing and INACTIVE: through his
    /// last entry)". `last_entry` is the date of the employee's latest entry but for holidays. Of a stub
    /// nothing is known but his entries, so it ends with the last of them too.
    pub fn of(employee: &Employee, last_entry: Option<Date>) -> Self {
        let first_day = employee.start_date.unwrap_or(Date::MIN);
        let has_left = employee.status == EmployeeStatus::Inactive || employee.is_stub;
        let last_day = match employee.end_date {
            Some(end_date) => Some(end_date),
            None if has_left => last_entry,
            None => Some(Date::MAX),
        };
        Self(last_day.and_then(|last_day| Period::new(first_day, last_day).ok()))
    }

    /// Whether the employee was employed on that day.
    pub fn on(self, date: Date) -> bool {
        self.0.is_some_and(|employed| employed.contains(date))
    }

    /// The part of a period in which he was employed.
    pub fn during(self, period: Period) -> Option<Period> {
        self.0.and_then(|employed| employed.overlap(period))
    }

    /// The days, Monday to Friday, of a period on which he was employed.
    pub fn weekdays_of(self, period: Period) -> impl Iterator<Item = Date> {
        self.during(period)
            .into_iter()
            .flat_map(Period::days)
            .filter(|day| is_weekday(*day))
    }

    /// The last day; None where it has no end, or never was.
    pub fn ended_on(self) -> Option<Date> {
        self.0
            .map(Period::last_day)
            .filter(|last_day| *last_day < Date::MAX)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::test_records;

    #[test]
    fn employed_from_the_start_date_through_the_end_date() {
        // domain.md §3: "He counts as employed from the start date (missing: always) through the end
        // date (missing and INACTIVE: through his last entry)."
        let start = Some(date(2026, 3, 2));
        let end = Some(date(2026, 6, 30));
        let entry = Some(date(2026, 5, 8));
        let active = EmployeeStatus::Active;
        let inactive = EmployeeStatus::Inactive;
        let cases = [
            // start, end, status, last entry, day, employed
            (start, end, active, entry, date(2026, 3, 1), false),
            (start, end, active, entry, date(2026, 3, 2), true),
            (start, end, active, entry, date(2026, 6, 30), true),
            (start, end, active, entry, date(2026, 7, 1), false),
            (None, end, active, entry, date(1999, 1, 1), true),
            (start, None, active, None, date(2999, 1, 1), true),
            // INACTIVE without an end date: through the last entry.
            (start, None, inactive, entry, date(2026, 5, 8), true),
            (start, None, inactive, entry, date(2026, 5, 9), false),
            (start, None, inactive, None, date(2026, 3, 2), false),
            // An end date holds also for who is INACTIVE.
            (start, end, inactive, entry, date(2026, 6, 30), true),
            // "Missing: always" has no exception for who is invited and has not joined.
            (
                None,
                None,
                EmployeeStatus::Pending,
                None,
                date(2026, 3, 2),
                true,
            ),
            // Two dates that contradict each other leave no day.
            (end, start, active, entry, date(2026, 5, 1), false),
        ];
        for (start_date, end_date, status, last_entry, day, employed) in cases {
            let employee = Employee {
                status,
                start_date,
                end_date,
                ..test_records::employee("e1")
            };
            assert_eq!(
                Employment::of(&employee, last_entry).on(day),
                employed,
                "{start_date:?} to {end_date:?}, {status:?}, last entry {last_entry:?}, on {day}"
            );
        }
    }

    #[test]
    fn a_stub_is_employed_through_his_last_entry() {
        let stub = Employee {
            start_date: None,
            is_stub: true,
            ..test_records::employee("e1")
        };
        let employment = Employment::of(&stub, Some(date(2026, 5, 8)));
        assert!(employment.on(date(2026, 5, 8)));
        assert!(!employment.on(date(2026, 5, 9)));
    }

    #[test]
    fn weekdays_employed_in_a_period() {
        let employee = Employee {
            start_date: Some(date(2026, 10, 28)), // a Wednesday
            ..test_records::employee("e1")
        };
        let employment = Employment::of(&employee, None);
        let two_weeks = Period::new(date(2026, 10, 25), date(2026, 11, 7)).expect("a period");
        assert_eq!(employment.weekdays_of(two_weeks).count(), 8);
        assert_eq!(employment.ended_on(), None);
    }
}
