//! What attendance comes to: one row per employee and local day (`domain.md` §4).

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{BankedReason, DayStatus, Reason};
use crate::domain::ids::{EmployeeId, PolicyId};

/// One employee, one local day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttendanceDay {
    pub employee_id: EmployeeId,
    pub date: Date,
    /// The name of the holiday that the day is for this employee.
    pub holiday: Option<String>,
    pub employed: bool,
    /// T of that day.
    pub day_length: Decimal,
    /// Rounded hours of the work that counts.
    pub worked: Decimal,
    pub regular: Decimal,
    /// Overtime that is paid out.
    pub overtime: Decimal,
    /// Overtime that is saved as time off, hour for hour.
    pub banked: Decimal,
    /// Approved leave, one share per policy, by its name.
    pub time_off: Vec<TimeOffShare>,
    pub stat: Decimal,
    /// Regular, overtime, paid time off and STAT.
    pub total_paid: Decimal,
    pub status: DayStatus,
    /// Hours of work that does not count, because its timesheet is neither approved nor pending.
    pub waiting: Decimal,
    /// Why its figures are what they are.
    pub reasons: Vec<Reason>,
}

impl AttendanceDay {
    /// Hours of leave that are paid.
    pub fn paid_time_off(&self) -> Decimal {
        self.time_off.iter().map(TimeOffShare::paid_hours).sum()
    }

    /// The names of its policies, for a column of a report; empty without leave.
    pub fn policy_names(&self) -> String {
        let names: Vec<&str> = self
            .time_off
            .iter()
            .map(|share| share.policy_name.as_str())
            .collect();
        names.join(", ")
    }

    /// Whether anything stands on the day: work (also where it waits), leave or STAT.
    pub fn has_anything(&self) -> bool {
        matches!(self.status, DayStatus::Timesheet(_))
            || !self.time_off.is_empty()
            || !self.stat.is_zero()
    }

    /// "Worked hours over the day's length T are marked red" (§7 *Payroll*).
    pub fn is_over_day_length(&self) -> bool {
        self.worked > self.day_length
    }
}

/// Leave of one day under one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeOffShare {
    pub policy_id: PolicyId,
    pub policy_name: String,
    pub hours: Decimal,
    /// Whether the policy is paid to the employee.
    pub paid: bool,
}

impl TimeOffShare {
    /// Its hours where they are paid, else 0.
    pub fn paid_hours(&self) -> Decimal {
        if self.paid { self.hours } else { Decimal::ZERO }
    }
}

/// A day on which hours were banked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankedDay {
    pub date: Date,
    pub worked: Decimal,
    pub banked: Decimal,
    pub reason: BankedReason,
}
