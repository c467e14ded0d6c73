//! One employee's week as he submitted it: Clockify's approval request (`domain.md` §2, §3).

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::ids::{EmployeeId, TimesheetId, WorkspaceId};

/// A timesheet without its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timesheet {
    pub id: TimesheetId,
    pub workspace_id: WorkspaceId,
    pub employee_id: EmployeeId,
    /// Local date of the range's start + 12 h.
    pub first_day: Date,
    /// Local date of the range's end − 12 h.
    pub last_day: Date,
    pub state: TimesheetState,
    /// Clockify's `status.updatedAt`; milliseconds are kept, finer fractions cut.
    pub state_updated_at: Option<Timestamp>,
    pub note: Option<String>,
    /// It asks for expenses alone: nobody has sent his time of the week with it.
    pub expenses_only: bool,
}

/// Clockify's state of an approval request, and one of our own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum TimesheetState {
    Pending,
    Approved,
    Rejected,
    WithdrawnSubmission,
    WithdrawnApproval,
    /// It left Clockify's list of pending ones and nobody said why.
    Returned,
    /// A word that Clockify did not have when this was written; its entries wait.
    Other(String),
}

impl TimesheetState {
    /// Clockify's word (or ours, `RETURNED`).
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::WithdrawnSubmission => "WITHDRAWN_SUBMISSION",
            Self::WithdrawnApproval => "WITHDRAWN_APPROVAL",
            Self::Returned => "RETURNED",
            Self::Other(word) => word,
        }
    }

    /// Whether the timesheet holds entries: PENDING and APPROVED do, all others have released theirs.
    pub fn holds_entries(&self) -> bool {
        matches!(self, Self::Pending | Self::Approved)
    }
}

impl From<String> for TimesheetState {
    fn from(word: String) -> Self {
        match word.as_str() {
            "PENDING" => Self::Pending,
            "APPROVED" => Self::Approved,
            "REJECTED" => Self::Rejected,
            "WITHDRAWN_SUBMISSION" => Self::WithdrawnSubmission,
            "WITHDRAWN_APPROVAL" => Self::WithdrawnApproval,
            "RETURNED" => Self::Returned,
            _ => Self::Other(word),
        }
    }
}

impl From<TimesheetState> for String {
    fn from(state: TimesheetState) -> Self {
        state.as_str().to_owned()
    }
}
