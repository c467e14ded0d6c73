//! What payroll must look at before it pays: each with the person, the day and the reason.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{
    attendance::{AttendanceDay, DayStatus, EntryState, Reason},
    payroll::PayrollEmployee,
};

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

/// All exceptions of these people, in their order and that of their days.
pub(super) fn exceptions<'a>(
    people: impl IntoIterator<Item = &'a PayrollEmployee>,
) -> impl Iterator<Item = Exception<'a>> {
    people.into_iter().flat_map(of_person)
}

fn of_person(person: &PayrollEmployee) -> Vec<Exception<'_>> {
    let mut found = Vec::new();
    let mut note = |date, hours, what: String| {
        found.push(Exception {
            name: &person.listed_as,
            date,
            hours,
            what,
        });
    };
    if person.rate_type.is_none() {
        note(
            None,
            None,
            "No rate type in Clockify: paid as hourly".to_owned(),
        );
    }
    if person.manager.is_none() {
        note(None, None, "No reporting manager in Clockify".to_owned());
    }
    if let Some(expected) = person.expected {
        let difference = person.total_paid() - expected;
        if !difference.is_zero() {
            let side = if difference.is_sign_negative() {
                "below"
            } else {
                "above"
            };
            let what = format!(
                "Total paid is {:.2} h {side} the expected {expected:.2} h",
                difference.abs()
            );
            note(None, Some(difference), what);
        }
    }
    for day in &person.rows {
        of_day(day, |hours, what| note(Some(day.date), hours, what));
    }
    found
}

fn of_day(day: &AttendanceDay, mut note: impl FnMut(Option<Decimal>, String)) {
    if !day.waiting.is_zero() {
        let what = format!("Hours wait and are not paid: {}", day.status);
        note(Some(day.waiting), what);
    }
    match day.status {
        DayStatus::Timesheet(EntryState::Pending) => note(
            Some(day.worked),
            "Paid from a timesheet that is not approved yet".to_owned(),
        ),
        DayStatus::NoTime if day.employed => {
            note(None, "No time, leave or holiday on this weekday".to_owned());
        }
        _ => {}
    }
    if day.worked > LONG_DAY_HOURS {
        note(Some(day.worked), "Long day: check the entries".to_owned());
    }
    for reason in &day.reasons {
        match reason {
            Reason::WorkedOutsideEmployment => {
                note(Some(day.worked), "Worked outside employment".to_owned());
            }
            Reason::LeaveOutsideEmployment => note(
                Some(day.paid_time_off()),
                "Leave outside employment is paid".to_owned(),
            ),
            Reason::UnknownPolicy(policy) => {
                let what = format!("The policy of leave is unknown: {policy}");
                note(Some(day.paid_time_off()), what);
            }
            _ => {}
        }
    }
}
