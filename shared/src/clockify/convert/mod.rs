//! From Clockify's rows to the domain's records (`domain.md` §3): pure, no clock, no I/O.
//!
//! What is missing or malformed becomes an empty field and a flag. Only what cannot be stored at all, an
//! entry without a start, say, is [`Unreadable`].

mod employee;
mod expense;
mod project;
mod reading;
mod time_entry;
mod time_off;
mod timesheet;

use crate::domain::{
    flags::{FlagKind, FlagRules},
    ids::WorkspaceId,
    time::{CompanyZone, Rounding},
};

pub use super::wire::Unreadable;
pub use employee::{employee, group};
pub use expense::{expense, expense_category};
pub use project::{client, project, tag, task};
pub use time_entry::{Reported, reported_entry, time_entry};
pub use time_off::{holiday, policy, time_off_request, unit_named};
pub use timesheet::{SubmittedTimesheet, submitted_timesheet, timesheet};

/// What the meaning of a row depends on besides the row.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// Whose row it is where the row does not say.
    pub workspace_id: WorkspaceId,
    /// The company's zone: days and weeks are local to it.
    pub zone: CompanyZone,
    pub rounding: Rounding,
    pub flag_rules: FlagRules,
}

/// A record, and what a person must look at in it. The flags are all that the row by itself can tell:
/// flags of this record that are missing here no longer hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted<T> {
    pub record: T,
    pub flags: Vec<FlagKind>,
}

impl<T> Converted<T> {
    fn sound(record: T) -> Self {
        Self {
            record,
            flags: Vec::new(),
        }
    }
}
