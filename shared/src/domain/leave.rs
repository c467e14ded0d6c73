//! What a time-off request is worth, on which days, and to whom it is paid (`domain.md` §3 *Time off*,
//! §4.5).

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    employee::RateType,
    holiday::EmployeeHolidays,
    ids::PolicyId,
    time::{Period, half_up, is_weekday},
    time_off::{TimeOffRequest, TimeUnit},
};

/// To whom leave under a policy is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidTo {
    All,
    Salary,
    Nobody,
}

impl PaidTo {
    /// Who has no rate type is treated as hourly.
    fn includes(self, rate_type: Option<RateType>) -> bool {
        match self {
            Self::All => true,
            Self::Salary => rate_type == Some(RateType::Salary),
            Self::Nobody => false,
        }
    }
}

/// A policy of which the settings say themselves to whom it is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyPay {
    /// The policy's id or its whole name, case ignored.
    pub policy: String,
    pub paid_to: PaidTo,
}

/// Rules of leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaveRules {
    /// Hours of a day in policies that count days.
    pub hours_per_day: Decimal,
    /// Policies for which the rule by name does not hold.
    pub policy_pay: Vec<PolicyPay>,
}

impl Default for LeaveRules {
    /// A day is 8 hours; every policy is paid by its name.
    fn default() -> Self {
        Self {
            hours_per_day: Decimal::from(8),
            policy_pay: Vec::new(),
        }
    }
}

impl LeaveRules {
    /// To whom a policy is paid: as the settings say, else by its name: names holding `Unpaid` (looked
    /// for first, case ignored) to none, names holding `Banked` to all, all others to salaried staff.
    pub fn paid_to(&self, policy_id: &PolicyId, policy_name: &str) -> PaidTo {
        let name = policy_name.trim().to_lowercase();
        let of_settings = self.policy_pay.iter().find(|setting| {
            setting.policy == policy_id.as_str() || setting.policy.trim().to_lowercase() == name
        });
        match of_settings {
            Some(setting) => setting.paid_to,
            None if name.contains("unpaid") => PaidTo::Nobody,
            None if name.contains("banked") => PaidTo::All,
            None => PaidTo::Salary,
        }
    }

    /// Whether leave under a policy is paid to an employee of that rate type.
    pub fn pays(
        &self,
        policy_id: &PolicyId,
        policy_name: &str,
        rate_type: Option<RateType>,
    ) -> bool {
        self.paid_to(policy_id, policy_name).includes(rate_type)
    }

    /// Hours of an amount in a policy's unit, to 0.01 h.
    pub fn hours(&self, amount: Decimal, unit: TimeUnit) -> Decimal {
        match unit {
            TimeUnit::Hours => half_up(amount, 2),
            TimeUnit::Days => half_up(amount * self.hours_per_day, 2),
        }
    }

    /// Hours in a policy's unit: "in a policy of days, hours are divided by 8 and rounded half up to
    /// 0.01 day" (`domain.md` §5).
    pub fn in_unit(&self, hours: Decimal, unit: TimeUnit) -> Decimal {
        match unit {
            TimeUnit::Days if !self.hours_per_day.is_zero() => {
                half_up(hours / self.hours_per_day, 2)
            }
            TimeUnit::Days | TimeUnit::Hours => hours,
        }
    }

    /// Hours that a request takes from the balance.
    pub fn request_hours(&self, request: &TimeOffRequest) -> Decimal {
        self.hours(request.balance_diff, request.unit)
    }

    /// A request's hours, day by day: "spread evenly over its counted days, to 0.01 h, half up, the last
    /// day taking the rest". Empty where no day counts: such a request pays 0 and is flagged.
    pub fn spread(
        &self,
        request: &TimeOffRequest,
        holidays: &EmployeeHolidays<'_>,
    ) -> Vec<(Date, Decimal)> {
        let days = counted_days(request, holidays);
        let Some((last_day, earlier_days)) = days.split_last() else {
            return Vec::new();
        };
        let hours = self.request_hours(request);
        let share = half_up(hours / Decimal::from(days.len()), 2);
        let rest = hours - share * Decimal::from(earlier_days.len());
        earlier_days
            .iter()
            .map(|day| (*day, share))
            .chain([(*last_day, rest)])
            .collect()
    }
}

/// The days of a request that count: Monday to Friday, without holidays and without the request's
/// excluded days.
pub fn counted_days(request: &TimeOffRequest, holidays: &EmployeeHolidays<'_>) -> Vec<Date> {
    let Ok(period) = Period::new(request.first_day, request.last_day) else {
        return Vec::new();
    };
    let excluded = request.excluded_days.as_deref().unwrap_or_default();
    period
        .days()
        .filter(|day| is_weekday(*day) && holidays.on(*day).is_none() && !excluded.contains(day))
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        holiday::Holidays,
        ids::EmployeeId,
        test_records::{hours, time_off_request},
        time_off::Holiday,
    };

    fn none() -> EmployeeHolidays<'static> {
        EmployeeHolidays::default()
    }

    #[test]
    fn days_counted_are_weekdays_without_holidays_and_excluded_days() {
        // domain.md §3: "Days counted are Monday to Friday, without holidays and without the request's
        // excludeDays."
        let thanksgiving: [Holiday; 1] = [crate::domain::test_records::holiday(
            "Thanksgiving",
            date(2026, 10, 12),
            date(2026, 10, 12),
        )];
        let all = Holidays::new(&thanksgiving, &[]);
        let request = TimeOffRequest {
            excluded_days: Some(vec![date(2026, 10, 14)]),
            ..time_off_request("Vacation", date(2026, 10, 9), date(2026, 10, 16), "4")
        };
        assert_eq!(
            counted_days(&request, &all.of(&EmployeeId::from("e1"))),
            [
                date(2026, 10, 9),
                date(2026, 10, 13),
                date(2026, 10, 15),
                date(2026, 10, 16)
            ]
        );
        let weekend = time_off_request("Vacation", date(2026, 10, 10), date(2026, 10, 11), "2");
        assert_eq!(counted_days(&weekend, &none()), []);
        let backwards = time_off_request("Vacation", date(2026, 10, 13), date(2026, 10, 9), "2");
        assert_eq!(counted_days(&backwards, &none()), []);
    }

    #[test]
    fn hours_are_spread_evenly_and_the_last_day_takes_the_rest() {
        // domain.md §4.5: "A request's hours are spread evenly over its counted days, to 0.01 h, half
        // up, the last day taking the rest."; §3: "hours, or days of 8 hours [config]; for a half day
        // it already is the half".
        use TimeUnit::{Days, Hours};
        let monday = date(2026, 10, 19);
        let cases = [
            (monday, "24", Hours, vec!["8", "8", "8"]),
            (monday, "10", Hours, vec!["3.33", "3.33", "3.34"]),
            (monday, "20", Hours, vec!["6.67", "6.67", "6.66"]),
            (monday, "3", Days, vec!["8", "8", "8"]),
            (monday, "2.5", Days, vec!["6.67", "6.67", "6.66"]),
            (monday, "0", Days, vec!["0", "0", "0"]),
            // A half day.
            (date(2026, 10, 21), "0.5", Days, vec!["4"]),
            (date(2026, 10, 21), "4.5", Hours, vec!["4.5"]),
            (date(2026, 10, 21), "0.333333", Days, vec!["2.67"]),
        ];
        let rules = LeaveRules::default();
        for (first, amount, unit, shares) in cases {
            let request = TimeOffRequest {
                unit,
                ..time_off_request("Vacation", first, date(2026, 10, 21), amount)
            };
            let spread: Vec<Decimal> = rules
                .spread(&request, &none())
                .into_iter()
                .map(|(_, hours)| hours)
                .collect();
            let shares: Vec<Decimal> = shares.into_iter().map(hours).collect();
            assert_eq!(spread, shares, "{amount} {unit:?}");
        }
        // "A request without a counted day pays 0".
        let weekend = time_off_request("Vacation", date(2026, 10, 10), date(2026, 10, 11), "2");
        assert_eq!(rules.spread(&weekend, &none()), []);
    }

    #[test]
    fn a_day_of_leave_is_eight_hours_by_the_settings() {
        // domain.md §3: "days of 8 hours [config]"; §5: "hours are divided by 8 and rounded half up to
        // 0.01 day".
        let rules = LeaveRules::default();
        for (amount, days) in [
            ("8", "1"),
            ("0.44", "0.06"),
            ("0.12", "0.02"),
            ("-2.2", "-0.28"),
        ] {
            assert_eq!(
                rules.in_unit(hours(amount), TimeUnit::Days),
                hours(days),
                "{amount} h"
            );
        }
        assert_eq!(rules.in_unit(hours("0.44"), TimeUnit::Hours), hours("0.44"));
        let shorter = LeaveRules {
            hours_per_day: hours("7.5"),
            ..rules
        };
        assert_eq!(shorter.hours(hours("2"), TimeUnit::Days), hours("15"));
        assert_eq!(shorter.in_unit(hours("15"), TimeUnit::Days), hours("2"));
    }

    #[test]
    fn leave_is_paid_by_the_name_of_its_policy_unless_the_settings_say_otherwise() {
        // domain.md §4.5: "names holding Unpaid (looked for first, case ignored) are paid to none;
        // names holding Banked to all; all others to salaried staff [config]".
        let salary = Some(RateType::Salary);
        let hourly = Some(RateType::Hourly);
        let cases = [
            // policy, salaried, hourly, without rate type
            ("Unpaid Leave", [false, false, false]),
            ("Banked, UNPAID", [false, false, false]),
            ("Sick (unpaid)", [false, false, false]),
            ("Banked Time", [true, true, true]),
            ("banked overtime", [true, true, true]),
            ("Vacation", [true, false, false]),
            ("Sick", [true, false, false]),
            ("", [true, false, false]),
        ];
        let rules = LeaveRules::default();
        for (name, paid) in cases {
            for (rate_type, paid) in [salary, hourly, None].into_iter().zip(paid) {
                assert_eq!(
                    rules.pays(&PolicyId::from("p"), name, rate_type),
                    paid,
                    "{name} to {rate_type:?}"
                );
            }
        }
        let rules = LeaveRules {
            policy_pay: vec![
                PolicyPay {
                    policy: "p-sick".into(),
                    paid_to: PaidTo::All,
                },
                PolicyPay {
                    policy: "Banked Time".into(),
                    paid_to: PaidTo::Nobody,
                },
                PolicyPay {
                    policy: "unpaid leave".into(),
                    paid_to: PaidTo::Salary,
                },
            ],
            ..rules
        };
        assert!(rules.pays(&"p-sick".into(), "Sick", hourly));
        assert!(!rules.pays(&"p-banked".into(), "BANKED TIME", hourly));
        assert!(rules.pays(&"p-unpaid".into(), "Unpaid Leave", salary));
        assert!(!rules.pays(&"p-unpaid".into(), "Unpaid Leave", hourly));
    }

    proptest! {
        #[test]
        fn spread_hours_are_exact_and_sum_to_the_request(
            hundredths in 0_i64..200_000,
            length in 0_i64..60,
            in_days in any::<bool>(),
        ) {
            let first = date(2026, 10, 19);
            let last = first.saturating_add(jiff::Span::new().days(length));
            let amount = Decimal::new(hundredths, 2);
            let request = TimeOffRequest {
                unit: if in_days { TimeUnit::Days } else { TimeUnit::Hours },
                balance_diff: amount,
                ..time_off_request("Vacation", first, last, "0")
            };
            let rules = LeaveRules::default();
            let spread = rules.spread(&request, &none());
            let sum: Decimal = spread.iter().map(|(_, hours)| *hours).sum();
            prop_assert_eq!(sum, rules.request_hours(&request));
            prop_assert_eq!(spread.len(), counted_days(&request, &none()).len());
            for (_, hours) in spread {
                prop_assert_eq!(hours, hours.round_dp(2));
            }
        }
    }
}
