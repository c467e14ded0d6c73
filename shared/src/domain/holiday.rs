//! On which days a holiday holds, and for whom (`domain.md` §3, *Holiday*).
//!
//! In every rule "holiday" means one that holds for that employee.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    employee::Group,
    ids::{EmployeeId, GroupId},
    time_off::Holiday,
};

impl Holiday {
    /// Whether a day lies in its period or, where it recurs, in the same period of a later year. What
    /// was entered this year says nothing about the years before. 29 February falls on the 28th in
    /// years that have none.
    pub fn falls_on(&self, date: Date) -> bool {
        if (self.first_day..=self.last_day).contains(&date) {
            return true;
        }
        if !self.occurs_annually || date < self.first_day {
            return false;
        }
        let years_long = self.last_day.year() - self.first_day.year();
        (date.year() - years_long.max(0)..=date.year()).any(|year| {
            let first_day = in_year(self.first_day, year);
            let last_day = in_year(self.last_day, year.saturating_add(years_long));
            (first_day..=last_day).contains(&date)
        })
    }
}

/// The same day of another year.
fn in_year(date: Date, year: i16) -> Date {
    Date::new(year, date.month(), date.day())
        .or_else(|_| Date::new(year, date.month(), 28))
        .unwrap_or(Date::MAX)
}

/// All holidays of the company, by whom they are assigned to.
#[derive(Clone, Debug, Default)]
pub struct Holidays<'a> {
    everyone: Vec<&'a Holiday>,
    of_employee: HashMap<&'a EmployeeId, Vec<&'a Holiday>>,
    of_group: HashMap<&'a GroupId, Vec<&'a Holiday>>,
    groups_of: HashMap<&'a EmployeeId, Vec<&'a GroupId>>,
}

impl<'a> Holidays<'a> {
    /// Archived groups have no members any more: Clockify does not list them.
    pub fn new(holidays: &'a [Holiday], groups: &'a [Group]) -> Self {
        let mut all = Self::default();
        for holiday in holidays {
            if holiday.assignment.everyone {
                all.everyone.push(holiday);
            }
            for employee in &holiday.assignment.employee_ids {
                all.of_employee.entry(employee).or_default().push(holiday);
            }
            for group in &holiday.assignment.group_ids {
                all.of_group.entry(group).or_default().push(holiday);
            }
        }
        for group in groups.iter().filter(|group| !group.archived) {
            for member in &group.member_ids {
                all.groups_of.entry(member).or_default().push(&group.id);
            }
        }
        all
    }

    /// The holidays that hold for an employee: assigned to everyone, to him, or to a group of his.
    pub fn of(&self, employee: &EmployeeId) -> EmployeeHolidays<'a> {
        let of_his_groups = self
            .groups_of
            .get(employee)
            .into_iter()
            .flatten()
            .filter_map(|group| self.of_group.get(*group))
            .flatten();
        let holidays = self
            .everyone
            .iter()
            .chain(self.of_employee.get(employee).into_iter().flatten())
            .chain(of_his_groups)
            .copied()
            .collect();
        EmployeeHolidays { holidays }
    }
}

/// The holidays that hold for one employee.
#[derive(Clone, Debug, Default)]
pub struct EmployeeHolidays<'a> {
    holidays: Vec<&'a Holiday>,
}

impl<'a> EmployeeHolidays<'a> {
    /// The holiday of that day, if it is one.
    pub fn on(&self, date: Date) -> Option<&'a Holiday> {
        self.holidays
            .iter()
            .copied()
            .find(|holiday| holiday.falls_on(date))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{
        test_records::{self, holiday},
        time_off::Assignment,
    };

    #[test]
    fn a_holiday_covers_its_whole_period_and_recurs_where_it_says_so() {
        // domain.md §3: "It covers its whole datePeriod, recurs each year where it says so".
        let once = holiday("Company Day", date(2026, 3, 5), date(2026, 3, 6));
        let canada_day = Holiday {
            occurs_annually: true,
            ..holiday("Canada Day", date(2026, 7, 1), date(2026, 7, 1))
        };
        let shutdown = Holiday {
            occurs_annually: true,
            ..holiday("Winter shutdown", date(2026, 12, 24), date(2027, 1, 1))
        };
        let leap_day = Holiday {
            occurs_annually: true,
            ..holiday("Leap Day", date(2028, 2, 29), date(2028, 2, 29))
        };
        let cases = [
            (&once, date(2026, 3, 4), false),
            (&once, date(2026, 3, 5), true),
            (&once, date(2026, 3, 6), true),
            (&once, date(2026, 3, 7), false),
            (&once, date(2027, 3, 5), false),
            (&canada_day, date(2026, 7, 1), true),
            (&canada_day, date(2027, 7, 1), true),
            (&canada_day, date(2041, 7, 1), true),
            (&canada_day, date(2027, 7, 2), false),
            // A recurrence comes after what recurs.
            (&canada_day, date(2025, 7, 1), false),
            // Over New Year.
            (&shutdown, date(2026, 12, 23), false),
            (&shutdown, date(2026, 12, 24), true),
            (&shutdown, date(2027, 1, 1), true),
            (&shutdown, date(2027, 1, 2), false),
            (&shutdown, date(2027, 12, 31), true),
            (&shutdown, date(2028, 1, 1), true),
            (&shutdown, date(2028, 1, 2), false),
            (&shutdown, date(2026, 1, 1), false),
            // 29 February.
            (&leap_day, date(2028, 2, 29), true),
            (&leap_day, date(2028, 2, 28), false),
            (&leap_day, date(2029, 2, 28), true),
            (&leap_day, date(2029, 3, 1), false),
            (&leap_day, date(2032, 2, 29), true),
            (&leap_day, date(2032, 2, 28), false),
        ];
        for (holiday, day, falls) in cases {
            assert_eq!(holiday.falls_on(day), falls, "{} on {day}", holiday.name);
        }
        for day in [Date::MIN, Date::MAX] {
            assert!(!leap_day.falls_on(day));
        }
    }

    #[test]
    fn a_holiday_holds_for_those_to_whom_it_is_assigned() {
        // domain.md §3: "and holds for those to whom it is assigned (everyone, users, groups)".
        let day = date(2026, 7, 1);
        let crew = Group {
            member_ids: vec!["e2".into(), "e3".into()],
            ..test_records::group("g1")
        };
        let gone = Group {
            member_ids: vec!["e4".into()],
            archived: true,
            ..test_records::group("g2")
        };
        let groups = [crew, gone];
        let assigned = |everyone, employees: &[&str], groups: &[&str]| Assignment {
            everyone,
            employee_ids: employees.iter().map(|id| EmployeeId::from(*id)).collect(),
            group_ids: groups.iter().map(|id| GroupId::from(*id)).collect(),
        };
        let cases = [
            (
                assigned(true, &[], &[]),
                ["e1", "e2", "e3", "e4"].as_slice(),
            ),
            (assigned(false, &[], &[]), &[]),
            (assigned(false, &["e1"], &[]), &["e1"]),
            (assigned(false, &[], &["g1"]), &["e2", "e3"]),
            (assigned(false, &["e1"], &["g1"]), &["e1", "e2", "e3"]),
            (assigned(false, &[], &["g2"]), &[]),
        ];
        for (assignment, holds_for) in cases {
            let holidays = [Holiday {
                assignment: assignment.clone(),
                ..holiday("Canada Day", day, day)
            }];
            let all = Holidays::new(&holidays, &groups);
            for employee in ["e1", "e2", "e3", "e4"] {
                assert_eq!(
                    all.of(&EmployeeId::from(employee)).on(day).is_some(),
                    holds_for.contains(&employee),
                    "{employee}, {assignment:?}"
                );
            }
        }
    }
}
