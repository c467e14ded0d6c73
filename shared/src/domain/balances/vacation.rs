//! Vacation of salaried staff (`domain.md` §5 *Vacation of salaried staff*).

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::Correction;
use crate::domain::{
    attendance::{EmployeeTime, Workplace},
    employee::RateType,
    ids::{PolicyId, TimeOffRequestId},
    time::{Period, Week},
    time_off::TimeOffStatus,
};

/// How vacation is earned and carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VacationRules {
    /// Hours earned for each calendar day.
    pub hours_per_day: Decimal,
    pub carry_over: CarryOver,
    /// The first year that is recomputed. What was there before stands in the ledger as a correction,
    /// dated before or in that year.
    pub first_year: i16,
}

impl Default for VacationRules {
    /// 0.44 h a day, everything carried over, from 2024.
    fn default() -> Self {
        Self {
            hours_per_day: Decimal::new(44, 2),
            carry_over: CarryOver::All,
            first_year: 2024,
        }
    }
}

/// What becomes of a closing balance at New Year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarryOver {
    All,
    /// At most so many hours; a balance below 0 is carried over whole.
    CappedAt(Decimal),
    None,
}

impl CarryOver {
    fn of(self, closing: Decimal) -> Decimal {
        match self {
            Self::All => closing,
            Self::CappedAt(hours) => closing.min(hours),
            Self::None => Decimal::ZERO,
        }
    }
}

/// One year of one person's vacation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VacationBalance {
    pub year: i16,
    /// Last year's closing balance, as far as it is carried over.
    pub opening: Decimal,
    /// The calendar days for which vacation was earned; None: none yet.
    pub earning: Option<Period>,
    pub earned: Decimal,
    /// This year's days in approved requests, in their order.
    pub taken: Vec<VacationUse>,
    pub corrections: Vec<Correction>,
}

/// Hours taken on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VacationUse {
    pub request_id: TimeOffRequestId,
    pub date: Date,
    pub hours: Decimal,
}

impl VacationBalance {
    pub fn days_earned(&self) -> i64 {
        self.earning.map_or(0, Period::day_count)
    }

    pub fn hours(&self) -> Decimal {
        let taken: Decimal = self.taken.iter().map(|one| one.hours).sum();
        let corrected: Decimal = self.corrections.iter().map(|one| one.hours).sum();
        self.opening + self.earned - taken + corrected
    }
}

/// The vacation of each year from the first of the records through this one, as of a local date. None for who is
/// not salaried: his vacation is not counted here. Closing balances of earlier years are recomputed, never frozen.
pub fn vacation_years(
    time: &EmployeeTime,
    workplace: &Workplace<'_>,
    vacation_policy: &PolicyId,
    corrections: &[Correction],
    rules: &VacationRules,
    today: Date,
) -> Option<Vec<VacationBalance>> {
    if time.employee.rate_type != Some(RateType::Salary) {
        return None;
    }
    let taken = days_taken(time, workplace, vacation_policy);
    let this_year = today.year();
    let first_year = rules.first_year.min(this_year);
    // "Through the last Saturday before today".
    let last_saturday = Week::last_complete(today).saturday();

    let mut opening: Decimal = corrections
        .iter()
        .filter(|one| one.date.year() < first_year)
        .map(|one| one.hours)
        .sum();
    let mut years = Vec::new();
    for year in first_year..=this_year {
        let through = if year < this_year {
            date(year, 12, 31)
        } else {
            last_saturday
        };
        let earning = earning(time, year, through);
        let of_year = VacationBalance {
            year,
            opening,
            earned: rules.hours_per_day * Decimal::from(earning.map_or(0, Period::day_count)),
            earning,
            taken: taken
                .iter()
                .filter(|one| one.date.year() == year)
                .cloned()
                .collect(),
            corrections: corrections
                .iter()
                .filter(|one| one.date.year() == year)
                .cloned()
                .collect(),
        };
        opening = rules.carry_over.of(of_year.hours());
        years.push(of_year);
    }
    Some(years)
}

/// "Each calendar day (both ends counted) from the later of 1 January and the start date, through …, never
/// past the end date, never fewer than 0."
fn earning(time: &EmployeeTime, year: i16, through: Date) -> Option<Period> {
    let of_year = Period::new(date(year, 1, 1), through).ok()?;
    time.employment().during(of_year)
}

/// Hours of approved requests under the policy, by day.
fn days_taken(
    time: &EmployeeTime,
    workplace: &Workplace<'_>,
    vacation_policy: &PolicyId,
) -> Vec<VacationUse> {
    let holidays = workplace.holidays_of(&time.employee.id);
    let leave = &workplace.rules().leave;
    let approved = time.time_off.iter().filter(|request| {
        request.policy_id == *vacation_policy && request.status == TimeOffStatus::Approved
    });
    let mut taken: Vec<VacationUse> = approved
        .flat_map(|request| {
            let days = leave.spread(request, &holidays).into_iter();
            days.map(|(date, hours)| VacationUse {
                request_id: request.id.clone(),
                date,
                hours,
            })
        })
        .collect();
    taken.sort_by(|one, other| (one.date, &one.request_id).cmp(&(other.date, &other.request_id)));
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        attendance::PayRules,
        employee::EmployeeStatus,
        test_records::{self, holiday, hours, time_off_request},
        time_off::TimeOffRequest,
    };

    fn salaried(time_off: Vec<TimeOffRequest>) -> EmployeeTime {
        let mut time = test_records::employee_time("e1", Vec::new());
        time.employee.rate_type = Some(RateType::Salary);
        time.time_off = time_off;
        time
    }

    fn vacation(
        time: &EmployeeTime,
        corrections: &[Correction],
        rules: &VacationRules,
        today: Date,
    ) -> VacationBalance {
        let pay_rules = PayRules::default();
        let holidays = [holiday("New Year", date(2026, 1, 1), date(2026, 1, 1))];
        let workplace = Workplace::new(&pay_rules, &holidays, &[], &[]);
        vacation_years(
            time,
            &workplace,
            &"Vacation".into(),
            corrections,
            rules,
            today,
        )
        .and_then(|mut years| years.pop())
        .expect("salaried")
    }

    fn from_this_year() -> VacationRules {
        VacationRules {
            first_year: 2026,
            ..VacationRules::default()
        }
    }

    #[test]
    fn a_day_earns_0_44_hours_through_the_last_saturday_before_today() {
        // §5: "0.44 h [config] for each calendar day (both ends counted) from the later of 1 January and
        // the start date, through the last Saturday before today, never past the end date, never fewer
        // than 0".
        let cases = [
            // start, end, today, days
            (None, None, date(2026, 1, 4), 3), // Sunday: 1 to 3 January
            (None, None, date(2026, 1, 10), 3), // Saturday: it is not before today
            (None, None, date(2026, 1, 11), 10),
            (None, None, date(2026, 1, 3), 0), // the last Saturday was last year's
            (None, None, date(2026, 1, 1), 0),
            (None, None, date(2026, 12, 31), 360),
            (Some(date(2020, 5, 1)), None, date(2026, 1, 11), 10),
            (Some(date(2026, 1, 1)), None, date(2026, 1, 11), 10),
            (Some(date(2026, 1, 9)), None, date(2026, 1, 11), 2),
            (Some(date(2026, 1, 10)), None, date(2026, 1, 11), 1),
            (Some(date(2026, 1, 12)), None, date(2026, 1, 11), 0),
            (None, Some(date(2026, 1, 5)), date(2026, 1, 11), 5),
            (None, Some(date(2026, 1, 31)), date(2026, 1, 11), 10),
            (None, Some(date(2025, 11, 30)), date(2026, 1, 11), 0),
        ];
        for (start, end, today, days) in cases {
            let mut time = salaried(Vec::new());
            time.employee.start_date = start;
            time.employee.end_date = end;
            let balance = vacation(&time, &[], &from_this_year(), today);
            assert_eq!(
                balance.days_earned(),
                days,
                "{start:?} to {end:?} on {today}"
            );
            assert_eq!(balance.hours(), hours("0.44") * Decimal::from(days));
        }
        // §3: "missing and INACTIVE: through his last entry".
        let mut left = salaried(Vec::new());
        left.employee.status = EmployeeStatus::Inactive;
        left.last_entry = Some(date(2026, 1, 5));
        let balance = vacation(&left, &[], &from_this_year(), date(2026, 6, 1));
        assert_eq!(balance.days_earned(), 5);
    }

    #[test]
    fn this_years_days_of_approved_requests_are_taken() {
        // §5: "− the days of this year in approved requests under the vacation policy [config]".
        let today = date(2026, 1, 4);
        let over_new_year = || {
            // 30 and 31 December, 2 January; New Year is a holiday: 24 h over three days.
            time_off_request("Vacation", date(2025, 12, 30), date(2026, 1, 2), "3")
        };
        let status = |status: &str| TimeOffRequest {
            status: TimeOffStatus::from(status.to_owned()),
            ..over_new_year()
        };
        let cases = [
            (over_new_year(), "8"),
            // Days still to come are taken already.
            (
                time_off_request("Vacation", date(2026, 7, 6), date(2026, 7, 7), "1.5"),
                "12",
            ),
            (
                time_off_request("Vacation", date(2025, 7, 7), date(2025, 7, 7), "1"),
                "0",
            ),
            (
                time_off_request("Sick", date(2026, 1, 5), date(2026, 1, 5), "1"),
                "0",
            ),
            (status("PENDING"), "0"),
            (status("REJECTED"), "0"),
            (status("WITHDRAWN"), "0"),
        ];
        for (request, taken) in cases {
            let balance = vacation(
                &salaried(vec![request.clone()]),
                &[],
                &from_this_year(),
                today,
            );
            let earned = hours("1.32");
            assert_eq!(balance.hours(), earned - hours(taken), "{request:?}");
        }
    }

    #[test]
    fn last_years_closing_balance_opens_the_year_as_far_as_the_settings_carry_it() {
        // §5: "The opening balance is last year's closing balance [config: all | capped at n hours |
        // none] (it counts through 31 December and is recomputed, never frozen)"; §11: "balances were
        // cut at New Year".
        let mut time = salaried(vec![time_off_request(
            "Vacation",
            date(2025, 7, 7),
            date(2025, 7, 11),
            "5",
        )]);
        time.employee.start_date = Some(date(2025, 1, 6));
        // 2025: 360 days earn 158.4 h, less 40 h taken.
        let today = date(2026, 1, 2);
        for (carry_over, opening) in [
            (CarryOver::All, "118.4"),
            (CarryOver::CappedAt(hours("80")), "80"),
            (CarryOver::CappedAt(hours("200")), "118.4"),
            (CarryOver::None, "0"),
        ] {
            let rules = VacationRules {
                carry_over,
                ..VacationRules::default()
            };
            let balance = vacation(&time, &[], &rules, today);
            assert_eq!(balance.opening, hours(opening), "{carry_over:?}");
            assert_eq!(balance.hours(), hours(opening), "{carry_over:?}");
        }
        // The day before and the day after New Year differ by the days since the last Saturday alone.
        let rules = VacationRules::default();
        let before = vacation(&time, &[], &rules, date(2025, 12, 31)).hours();
        let after = vacation(&time, &[], &rules, date(2026, 1, 1)).hours();
        assert_eq!(after - before, hours("0.44") * Decimal::from(4)); // 28 to 31 December
    }

    #[test]
    fn what_was_there_before_the_records_is_a_correction() {
        // §5: "Corrections (a pay-out, a mistake put right) are entries of the ledger".
        let correction = |date, amount| Correction {
            date,
            hours: hours(amount),
            reason: "opening balance".into(),
            paid_out: false,
        };
        let corrections = [
            correction(date(2025, 12, 31), "36"),
            correction(date(2026, 1, 2), "-6"),
            correction(date(2027, 1, 2), "99"),
        ];
        let balance = vacation(
            &salaried(vec![]),
            &corrections,
            &from_this_year(),
            date(2026, 1, 4),
        );
        assert_eq!(balance.opening, hours("36"));
        assert_eq!(balance.hours(), hours("31.32"));
    }

    #[test]
    fn vacation_is_of_salaried_staff() {
        // §5: "Vacation of salaried staff".
        let rules = PayRules::default();
        let workplace = Workplace::new(&rules, &[], &[], &[]);
        for rate_type in [Some(RateType::Hourly), None] {
            let mut time = salaried(Vec::new());
            time.employee.rate_type = rate_type;
            let balance = vacation_years(
                &time,
                &workplace,
                &"Vacation".into(),
                &[],
                &VacationRules::default(),
                date(2026, 6, 1),
            );
            assert_eq!(balance, None);
        }
    }
}
