//! Timesheets: Clockify's approval requests, which have no read by id and only three lists.

pub(super) mod leaving;
mod page;
pub mod pages;
pub(super) mod scan;
pub mod settle;

use crate::domain::flags::FlagKind;

/// Flags of timesheets that a scan decides.
const FLAGS: &[FlagKind] = &[
    FlagKind::ApprovedTimesheetWithoutEntries,
    FlagKind::RecordUnreadable,
];
const KIND: &str = "timesheet";
/// For how long a webhook may show that the lists are behind it.
pub(super) const RECENT_SECONDS: i64 = 600;
