//! What payroll must look at before it pays: each with the person, the day and the reason.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Day, Payroll, Person};

/// A day of more hours stands among the exceptions.
const LONG_DAY_HOURS: Decimal = Decimal::from_parts(12, 0, 0, false, 0);

/// One line of the sheet *Exceptions*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exception<'a> {
    pub name: &'a str,
    pub date: Option<Date>,
    pub hours: Option<Decimal>,
    pub what: String,
}

/// All exceptions of the people that `chosen` picks, in the order of the people and their days.
pub(super) fn exceptions(
    payroll: &Payroll,
    chosen: impl Fn(&Person) -> bool,
) -> Vec<Exception<'_>> {
    payroll
        .people
        .iter()
        .filter(|person| chosen(person))
        .flat_map(of_person)
        .collect()
}

fn of_person(person: &Person) -> Vec<Exception<'_>> {
    let mut found = Vec::new();
    let mut note = |date, hours, what: String| {
        found.push(Exception {
            name: &person.name,
            date,
            hours,
            what,
        });
    };
    for remark in &person.remarks {
        note(None, None, remark.clone());
    }
    if let Some(expected) = person.expected_hours {
        let difference = person.total_paid() - expected;
        if !difference.is_zero() {
            let side = if difference.is_sign_negative() {
                "below"
            } else {
                "above"
            };
            note(
                None,
                Some(difference),
                format!(
                    "Total paid is {:.2} h {side} the expected {expected:.2} h",
                    difference.abs()
                ),
            );
        }
    }
    for day in &person.days {
        of_day(day, |hours, what| note(Some(day.date), hours, what));
    }
    found
}

fn of_day(day: &Day, mut note: impl FnMut(Option<Decimal>, String)) {
    if !day.waiting.is_zero() {
        note(
            Some(day.waiting),
            format!("Hours wait and are not paid: timesheet {}", day.status),
        );
    } else if day.status == "PENDING" {
        note(
            Some(day.worked()),
            "Paid from a timesheet that is not approved yet".to_owned(),
        );
    } else if day.status == "NO TIME" {
        note(None, "No time, leave or holiday on this weekday".to_owned());
    }
    if day.worked() > LONG_DAY_HOURS {
        note(Some(day.worked()), "Long day: check the entries".to_owned());
    }
}
