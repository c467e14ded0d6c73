//! What state an entry is in, and which status a day shows (`domain.md` §4, §7 *Payroll*).

use std::fmt;

use crate::domain::timesheet::TimesheetState;

/// How far the timesheet of an entry has come, the worst first: "the day's status is the worst among its
/// entries, in this order in every report".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntryState {
    /// REJECTED; and RETURNED: it left the list and nobody said why.
    Rejected,
    /// The submission or the approval was withdrawn.
    Withdrawn,
    /// In no timesheet, or in one whose state this program does not know.
    NotSubmitted,
    Pending,
    Approved,
}

impl EntryState {
    /// The state that an entry has from the timesheet that holds it, or that held it last.
    pub fn of(timesheet: Option<&TimesheetState>) -> Self {
        match timesheet {
            Some(TimesheetState::Rejected | TimesheetState::Returned) => Self::Rejected,
            Some(TimesheetState::WithdrawnSubmission | TimesheetState::WithdrawnApproval) => {
                Self::Withdrawn
            }
            Some(TimesheetState::Other(_)) | None => Self::NotSubmitted,
            Some(TimesheetState::Pending) => Self::Pending,
            Some(TimesheetState::Approved) => Self::Approved,
        }
    }

    /// The word in reports and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "REJECTED",
            Self::Withdrawn => "WITHDRAWN",
            Self::NotSubmitted => "NO SUBMISSION",
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
        }
    }
}

impl fmt::Display for EntryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a day shows: the timesheet's state where there is work, else why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayStatus {
    Timesheet(EntryState),
    TimeOff,
    Holiday,
    NoTime,
}

impl DayStatus {
    /// The word in reports and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timesheet(state) => state.as_str(),
            Self::TimeOff => "TIME OFF",
            Self::Holiday => "HOLIDAY",
            Self::NoTime => "NO TIME",
        }
    }
}

impl fmt::Display for DayStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
