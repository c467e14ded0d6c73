//! Why a figure of a day is what it is (`domain.md` §4, §7 *Banked time*).

use std::fmt;

use rust_decimal::Decimal;

use super::EntryState;
use crate::domain::ids::PolicyId;

/// Why hours of a day were banked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BankedReason {
    /// Hours over that day length, Monday to Friday.
    WeekdayOver(Decimal),
    Weekend,
    Holiday,
}

impl fmt::Display for BankedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WeekdayOver(day_length) => write!(f, "weekday over {}", day_length.normalize()),
            Self::Weekend => f.write_str("weekend"),
            Self::Holiday => f.write_str("holiday"),
        }
    }
}

/// Why a figure of a day is what it is; printed beside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    Banked(BankedReason),
    WorkedOnHoliday,
    /// Hours over that day length.
    DailyOvertime(Decimal),
    /// Moved from regular by the weekly test, hours over that limit.
    WeeklyOvertime(Decimal),
    /// Before the start date or after the end date: paid, and flagged.
    WorkedOutsideEmployment,
    /// Leave before the start date or after the end date: paid, and said.
    LeaveOutsideEmployment,
    /// Clockify does not know the policy of that id: nobody can tell whether it pays.
    UnknownPolicy(PolicyId),
    /// Hours do not count; the worst state among them.
    Waiting(EntryState),
    /// Leave that this policy pays to the employee.
    PaidUnder(String),
    /// Leave that this policy does not pay to the employee.
    NotPaidUnder(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Banked(reason) => write!(f, "banked: {reason}"),
            Self::WorkedOnHoliday => f.write_str("worked on holiday"),
            Self::DailyOvertime(day_length) => {
                write!(f, "overtime: day over {}", day_length.normalize())
            }
            Self::WeeklyOvertime(limit) => write!(f, "overtime: week over {}", limit.normalize()),
            Self::WorkedOutsideEmployment => f.write_str("worked outside employment"),
            Self::LeaveOutsideEmployment => f.write_str("leave outside employment"),
            Self::UnknownPolicy(policy) => write!(f, "the policy is unknown: {policy}"),
            Self::Waiting(state) => write!(f, "hours wait: {state}"),
            Self::PaidUnder(policy) => write!(f, "paid under {policy}"),
            Self::NotPaidUnder(policy) => write!(f, "not paid under {policy}"),
        }
    }
}
