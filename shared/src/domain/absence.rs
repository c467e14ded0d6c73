//! Why somebody was away, in the words that reports print beside a week (`domain.md` §7 *Billable vs
//! non-billable* and *Time status*, notes).

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{attendance::AttendanceDay, employment::Employment, time::Period};

/// Leave by policy with its hours, holidays by name with their days, and where employment began or ended.
/// `days` are one employee's days of the period.
pub fn absence_notes(
    days: &[AttendanceDay],
    employment: Employment,
    period: Period,
) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(employed) = employment.during(period) {
        if employed.first_day() > period.first_day() {
            notes.push(format!("from {}", short_date(employed.first_day())));
        }
        if employed.last_day() < period.last_day() {
            notes.push(format!("through {}", short_date(employed.last_day())));
        }
    }

    let mut leave: Vec<(&str, Decimal)> = Vec::new();
    for share in days.iter().flat_map(|day| &day.time_off) {
        match leave
            .iter_mut()
            .find(|(name, _)| *name == share.policy_name)
        {
            Some((_, hours)) => *hours += share.hours,
            None => leave.push((&share.policy_name, share.hours)),
        }
    }
    notes.extend(
        leave
            .into_iter()
            .map(|(policy, hours)| format!("{policy} {hours:.2} h")),
    );

    let mut holidays: Vec<(&str, Vec<Date>)> = Vec::new();
    for day in days {
        if let Some(holiday) = day.holiday.as_deref() {
            match holidays.iter_mut().find(|(name, _)| *name == holiday) {
                Some((_, dates)) => dates.push(day.date),
                None => holidays.push((holiday, vec![day.date])),
            }
        }
    }
    notes.extend(
        holidays
            .into_iter()
            .map(|(holiday, dates)| format!("{holiday} {}", listed(&dates))),
    );
    notes
}

/// `Mon, Nov 16 to Wed, Nov 18 and Fri, Nov 20`; the dates are in their order.
pub(super) fn listed(dates: &[Date]) -> String {
    let runs = dates.chunk_by(|one, next| one.tomorrow().is_ok_and(|day| day == *next));
    let runs: Vec<String> = runs
        .map(|run| match run {
            [first, .., last] => format!("{} to {}", short_date(*first), short_date(*last)),
            one => one.iter().copied().map(short_date).collect(),
        })
        .collect();
    runs.join(" and ")
}

/// `Tue, Nov 17`: the year stands in the report's period.
fn short_date(date: Date) -> String {
    date.strftime("%a, %b %-d").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{
        attendance::{Counting, PayRules, Workplace},
        test_records::{self, holiday, policy, time_off_request},
    };

    #[test]
    fn dates_are_listed_by_run() {
        let days = [16, 17, 18, 20].map(|day| date(2026, 11, day));
        assert_eq!(listed(&days), "Mon, Nov 16 to Wed, Nov 18 and Fri, Nov 20");
        assert_eq!(listed(&days[3..]), "Fri, Nov 20");
    }

    #[test]
    fn leave_holidays_and_the_ends_of_employment_are_named() {
        let rules = PayRules::default();
        let holidays = [holiday("Shutdown", date(2026, 10, 22), date(2026, 10, 23))];
        let policies = [policy("Vacation"), policy("Unpaid Leave")];
        let workplace = Workplace::new(&rules, &holidays, &[], &policies);
        let mut time = test_records::employee_time("e1", Vec::new());
        time.employee.start_date = Some(date(2026, 10, 19));
        time.employee.end_date = Some(date(2026, 10, 23));
        time.time_off = vec![
            time_off_request("Vacation", date(2026, 10, 19), date(2026, 10, 20), "1.5"),
            time_off_request("Unpaid Leave", date(2026, 10, 21), date(2026, 10, 21), "1"),
        ];
        let week = Period::new(date(2026, 10, 18), date(2026, 10, 24)).expect("a week");
        let days = workplace.attendance(&time, week, Counting::ApprovedAndPending);
        assert_eq!(
            absence_notes(&days, time.employment(), week),
            [
                "from Mon, Oct 19",
                "through Fri, Oct 23",
                "Vacation 12.00 h",
                "Unpaid Leave 8.00 h",
                "Shutdown Thu, Oct 22 to Fri, Oct 23",
            ]
        );
    }
}
