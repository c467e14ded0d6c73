//! What is sent to Clockify, what is held, and what is not sent at all (`domain.md` §5).

use rust_decimal::Decimal;

use crate::domain::{
    employee::{Employee, EmployeeStatus},
    leave::LeaveRules,
    time::half_up,
    time_off::TimeUnit,
};

/// How balances are pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushRules {
    pub mode: PushMode,
    /// Hours; a smaller difference is none.
    pub smallest: Decimal,
    /// Hours; a greater difference waits for a person.
    pub held_over: Decimal,
}

impl Default for PushRules {
    /// The difference is sent, from 0.01 h to 40 h.
    fn default() -> Self {
        Self {
            mode: PushMode::Delta,
            smallest: Decimal::new(1, 2),
            held_over: Decimal::from(40),
        }
    }
}

/// What Clockify does with the number that it is sent: its documents say one thing, use says another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushMode {
    /// It adds the number.
    Delta,
    /// It takes the number for the new balance.
    Absolute,
}

/// One employee whose balance was computed.
#[derive(Clone, Copy, Debug)]
pub struct PushCandidate<'a> {
    pub employee: &'a Employee,
    /// An entry or a request of his refers to a stub.
    pub refers_to_stub: bool,
    pub computed_hours: Decimal,
    /// Clockify's balance, in the policy's unit; None where it lists none for him.
    pub in_clockify: Option<Decimal>,
    /// Vacation is counted for salaried staff alone, banked time for everyone.
    pub is_counted: bool,
    /// A person released a held difference: this one, as [`kept_difference`] makes it.
    pub released: Option<Decimal>,
}

/// What to do for one employee. Amounts are in the policy's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    /// Clockify's balance is what it should be.
    Nothing,
    /// Send `value`; read back, the balance must then be `meant`.
    Send {
        value: Decimal,
        meant: Decimal,
    },
    /// The difference is so great that a person must release it.
    Held {
        difference: Decimal,
        meant: Decimal,
    },
    NotSent(NotSent),
}

/// Why nothing is sent for an employee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotSent {
    NotActive,
    WithoutStartDate,
    WithoutRateType,
    NotSalaried,
    RefersToStub,
    /// Clockify lists no balance for him: the policy is not his.
    NotInPolicy,
}

impl NotSent {
    /// The reason for a person.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotActive => "not active in Clockify",
            Self::WithoutStartDate => "no start date",
            Self::WithoutRateType => "no rate type",
            Self::NotSalaried => "not salaried",
            Self::RefersToStub => {
                "an entry or request refers to a record that Clockify does not know"
            }
            Self::NotInPolicy => "Clockify lists no balance under this policy",
        }
    }
}

impl PushRules {
    /// "For every active employee whose balance differs by at least 0.01 hours send the difference."
    /// Differences are taken in the policy's unit.
    pub fn decide(
        &self,
        candidate: &PushCandidate<'_>,
        unit: TimeUnit,
        leave: &LeaveRules,
    ) -> Push {
        let before = match (not_sent(candidate), candidate.in_clockify) {
            (Some(reason), _) => return Push::NotSent(reason),
            (None, None) => return Push::NotSent(NotSent::NotInPolicy),
            (None, Some(before)) => before,
        };
        let meant = leave.in_unit(candidate.computed_hours, unit);
        let difference = meant - before;
        let hours = match unit {
            TimeUnit::Hours => difference,
            TimeUnit::Days => difference * leave.hours_per_day,
        };
        if hours.abs() < self.smallest {
            return Push::Nothing;
        }
        let is_released = candidate.released == Some(kept_difference(meant, before));
        if hours.abs() > self.held_over && !is_released {
            return Push::Held { difference, meant };
        }
        let value = match self.mode {
            PushMode::Delta => difference,
            PushMode::Absolute => meant,
        };
        Push::Send { value, meant }
    }
}

/// A difference as it is kept: to 0.01, like the balance that it is from. Clockify reckons in binary fractions.
pub fn kept_difference(meant: Decimal, before: Decimal) -> Decimal {
    meant - half_up(before, 2)
}

fn not_sent(candidate: &PushCandidate<'_>) -> Option<NotSent> {
    let employee = candidate.employee;
    if employee.status != EmployeeStatus::Active || employee.is_stub {
        Some(NotSent::NotActive)
    } else if employee.start_date.is_none() {
        Some(NotSent::WithoutStartDate)
    } else if employee.rate_type.is_none() {
        Some(NotSent::WithoutRateType)
    } else if !candidate.is_counted {
        Some(NotSent::NotSalaried)
    } else if candidate.refers_to_stub {
        Some(NotSent::RefersToStub)
    } else {
        None
    }
}

/// What the balance that was read after a push, or after an unclear failure, says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBack {
    /// The push did what was meant.
    AsMeant,
    /// The push did not arrive: the balance is what it was.
    Unchanged,
    /// Neither: the job stops and flags. A wrong [`PushMode`] shows here at the first push.
    Surprise,
}

impl ReadBack {
    /// Compared to 0.01 of the policy's unit: Clockify computes in floating point.
    pub fn of(before: Decimal, meant: Decimal, read: Decimal) -> Self {
        let same = |one, other| half_up(one, 2) == half_up(other, 2);
        if same(read, meant) {
            Self::AsMeant
        } else if same(read, before) {
            Self::Unchanged
        } else {
            Self::Surprise
        }
    }
}

/// "A leaver with a balance is flagged": who is not active, or past his end date, and is owed hours or
/// owes them.
pub fn is_leaver_with_balance(
    employee: &Employee,
    balance_hours: Decimal,
    today: jiff::civil::Date,
) -> bool {
    let has_left = employee.status == EmployeeStatus::Inactive
        || employee.end_date.is_some_and(|end_date| end_date < today);
    has_left && balance_hours.abs() >= Decimal::new(1, 2)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::test_records::{self, hours};

    fn candidate<'a>(
        employee: &'a Employee,
        computed: &str,
        in_clockify: &str,
    ) -> PushCandidate<'a> {
        PushCandidate {
            employee,
            refers_to_stub: false,
            computed_hours: hours(computed),
            in_clockify: Some(hours(in_clockify)),
            is_counted: true,
            released: None,
        }
    }

    fn send(value: &str, meant: &str) -> Push {
        Push::Send {
            value: hours(value),
            meant: hours(meant),
        }
    }

    #[test]
    fn the_difference_is_sent_from_0_01_to_40_hours() {
        // §5: "for every active employee whose balance differs by at least 0.01 hours send the
        // difference"; "A difference over 40 hours [config] is not sent: it is recorded as held".
        let held = |difference: &str, meant: &str| Push::Held {
            difference: hours(difference),
            meant: hours(meant),
        };
        let cases = [
            ("10", "10", Push::Nothing),
            ("10", "9.995", Push::Nothing),
            ("10", "9.99", send("0.01", "10")),
            ("10", "10.01", send("-0.01", "10")),
            ("-2.5", "4", send("-6.5", "-2.5")),
            ("40", "0", send("40", "40")),
            ("40.01", "0", held("40.01", "40.01")),
            ("0", "40", send("-40", "0")),
            ("0", "40.25", held("-40.25", "0")),
        ];
        let employee = test_records::employee("e1");
        let rules = PushRules::default();
        for (computed, before, push) in cases {
            assert_eq!(
                rules.decide(
                    &candidate(&employee, computed, before),
                    TimeUnit::Hours,
                    &LeaveRules::default()
                ),
                push,
                "{computed} against {before}"
            );
        }
    }

    #[test]
    fn a_policy_of_days_is_compared_and_sent_in_days() {
        // §5: "In a policy of days, hours are divided by 8 and rounded half up to 0.01 day; differences
        // are taken and read back in the policy's unit."
        let employee = test_records::employee("e1");
        let cases = [
            ("8", "1", Push::Nothing),
            ("8.04", "1", send("0.01", "1.01")), // 1.005 days
            ("8.03", "1", Push::Nothing),
            ("20", "1.5", send("1", "2.5")),
            // 0.004 days are 0.03 h: more than 0.01 h.
            ("20", "2.496", send("0.004", "2.5")),
            ("20", "2.499", Push::Nothing),
            (
                "48",
                "0.99",
                Push::Held {
                    difference: hours("5.01"),
                    meant: hours("6"),
                },
            ),
        ];
        for (computed, before, push) in cases {
            assert_eq!(
                PushRules::default().decide(
                    &candidate(&employee, computed, before),
                    TimeUnit::Days,
                    &LeaveRules::default()
                ),
                push,
                "{computed} h against {before} days"
            );
        }
    }

    #[test]
    fn nothing_is_sent_for_who_is_not_known_well_enough() {
        // §5: "Nothing is sent for an employee without start date or rate type, or with an entry or
        // request that refers to a stub."; "for every active employee".
        type Change = fn(&mut Employee);
        let cases: [(Change, NotSent); 5] = [
            (
                |one| one.status = EmployeeStatus::Inactive,
                NotSent::NotActive,
            ),
            (
                |one| one.status = EmployeeStatus::Pending,
                NotSent::NotActive,
            ),
            (|one| one.is_stub = true, NotSent::NotActive),
            (|one| one.start_date = None, NotSent::WithoutStartDate),
            (|one| one.rate_type = None, NotSent::WithoutRateType),
        ];
        let decide = |candidate: &PushCandidate<'_>| {
            PushRules::default().decide(candidate, TimeUnit::Hours, &LeaveRules::default())
        };
        for (change, reason) in cases {
            let mut employee = test_records::employee("e1");
            change(&mut employee);
            let push = decide(&candidate(&employee, "10", "0"));
            assert_eq!(push, Push::NotSent(reason));
        }
        let employee = test_records::employee("e1");
        let stub = PushCandidate {
            refers_to_stub: true,
            ..candidate(&employee, "10", "0")
        };
        assert_eq!(decide(&stub), Push::NotSent(NotSent::RefersToStub));
        let hourly = PushCandidate {
            is_counted: false,
            ..candidate(&employee, "10", "0")
        };
        assert_eq!(decide(&hourly), Push::NotSent(NotSent::NotSalaried));
        let elsewhere = PushCandidate {
            in_clockify: None,
            ..candidate(&employee, "10", "0")
        };
        assert_eq!(decide(&elsewhere), Push::NotSent(NotSent::NotInPolicy));
    }

    #[test]
    fn a_released_difference_is_sent_and_no_other() {
        // §5: "it is recorded as held, for a person to release".
        let employee = test_records::employee("e1");
        for (released, push) in [
            ("50", send("50", "50")),
            (
                "45",
                Push::Held {
                    difference: hours("50"),
                    meant: hours("50"),
                },
            ),
        ] {
            let candidate = PushCandidate {
                released: Some(hours(released)),
                ..candidate(&employee, "50", "0")
            };
            let rules = PushRules::default();
            assert_eq!(
                rules.decide(&candidate, TimeUnit::Hours, &LeaveRules::default()),
                push
            );
        }
    }

    /// Clockify's balance can have any fraction: what is kept of the difference is what a person releases.
    #[test]
    fn what_was_held_is_sent_once_it_is_released_whatever_clockifys_fraction() {
        let employee = test_records::employee("e1");
        let leave = LeaveRules::default();
        let rules = PushRules::default();
        for before in ["0.125", "0.124", "-0.125", "12.3450000001", "0"].map(hours) {
            let one = PushCandidate {
                in_clockify: Some(before),
                ..candidate(&employee, "480", "0")
            };
            let Push::Held { meant, .. } = rules.decide(&one, TimeUnit::Days, &leave) else {
                panic!("it is great")
            };
            let released = PushCandidate {
                released: Some(kept_difference(meant, before)),
                ..one
            };
            let decided = rules.decide(&released, TimeUnit::Days, &leave);
            let value = meant - before;
            assert_eq!(decided, Push::Send { value, meant }, "{before}");
        }
    }

    #[test]
    fn the_balance_read_back_must_be_what_was_meant() {
        // §5: "after each push the balance is read back and must be what was meant, else the job stops
        // and flags"; "a repeat after an unclear failure must re-read first".
        let cases = [
            ("4", "10", "10", ReadBack::AsMeant),
            ("4", "10", "10.0000001", ReadBack::AsMeant),
            ("4", "10", "4", ReadBack::Unchanged),
            ("4", "10", "14", ReadBack::Surprise), // an absolute value that was added
            ("4", "10", "6", ReadBack::Surprise),  // a difference taken for the balance
            ("4", "10", "10.01", ReadBack::Surprise),
        ];
        for (before, meant, read, expected) in cases {
            assert_eq!(
                ReadBack::of(hours(before), hours(meant), hours(read)),
                expected,
                "{before} to {meant}, read {read}"
            );
        }
    }

    #[test]
    fn a_leaver_with_a_balance_is_flagged() {
        // §5: "A leaver with a balance is flagged."
        let today = date(2026, 11, 22);
        let active = test_records::employee("e1");
        let inactive = Employee {
            status: EmployeeStatus::Inactive,
            ..active.clone()
        };
        let past_end = Employee {
            end_date: Some(date(2026, 11, 21)),
            ..active.clone()
        };
        let last_day = Employee {
            end_date: Some(today),
            ..active.clone()
        };
        let cases = [
            (&active, "10", false),
            (&inactive, "10", true),
            (&inactive, "-0.01", true),
            (&inactive, "0", false),
            (&past_end, "10", true),
            (&last_day, "10", false),
        ];
        for (employee, balance, flagged) in cases {
            assert_eq!(
                is_leaver_with_balance(employee, hours(balance), today),
                flagged,
                "{balance}, {:?}",
                employee.end_date
            );
        }
    }

    proptest! {
        #[test]
        fn after_one_push_nothing_is_left_to_send(
            computed in -30_000_i64..30_000,
            before in -30_000_i64..30_000,
            in_days in any::<bool>(),
            absolute in any::<bool>(),
        ) {
            let employee = test_records::employee("e1");
            let unit = if in_days { TimeUnit::Days } else { TimeUnit::Hours };
            let leave = LeaveRules::default();
            let rules = PushRules {
                mode: if absolute { PushMode::Absolute } else { PushMode::Delta },
                held_over: Decimal::from(1_000_000),
                ..PushRules::default()
            };
            let before = Decimal::new(before, 2);
            let one = PushCandidate {
                computed_hours: Decimal::new(computed, 2),
                in_clockify: Some(before),
                ..candidate(&employee, "0", "0")
            };
            if let Push::Send { value, meant } = rules.decide(&one, unit, &leave) {
                let after = if absolute { value } else { before + value };
                prop_assert_eq!(ReadBack::of(before, meant, after), ReadBack::AsMeant);
                let again = PushCandidate { in_clockify: Some(after), ..one };
                prop_assert_eq!(rules.decide(&again, unit, &leave), Push::Nothing);
            }
        }
    }
}
