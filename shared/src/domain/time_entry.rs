//! A stretch of work by one employee (`domain.md` §3, *Time*, *Duration*, *Type*, *Rate*).

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::{EmployeeId, ProjectId, TagId, TaskId, TimeEntryId, WorkspaceId};

/// The content of an entry. Which timesheet holds it is not content: that comes from timesheets and
/// the detailed report alone, and has a ticket of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeEntry {
    pub id: TimeEntryId,
    pub workspace_id: WorkspaceId,
    pub employee_id: EmployeeId,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub description: String,
    pub billable: bool,
    pub kind: EntryKind,
    /// Whole seconds.
    pub start: Timestamp,
    /// None while the timer runs: then the entry is not time yet and counts nowhere.
    pub end: Option<Timestamp>,
    /// The local date of `start` in the company's zone: the day that the entry belongs to.
    pub start_date: Date,
    /// Unrounded; None while the timer runs.
    pub duration_seconds: Option<i64>,
    /// Rounded by the rule of the settings; None while the timer runs.
    pub hours: Option<Decimal>,
    /// Per hour, in the workspace's currency, exact to 0.01. None: Clockify gave no rate.
    pub hourly_rate: Option<Decimal>,
    /// A set: sorted, without repeats.
    pub tag_ids: Vec<TagId>,
}

/// Whose an entry is, of what kind and when: all that overlaps depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntrySpan {
    pub id: TimeEntryId,
    pub employee_id: EmployeeId,
    pub kind: EntryKind,
    pub start: Timestamp,
    pub end: Option<Timestamp>,
    pub start_date: Date,
}

/// Clockify's `type`. Only [`EntryKind::Regular`] is work; an unknown kind is kept and is not work.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum EntryKind {
    Regular,
    Break,
    Holiday,
    TimeOff,
    Other(String),
}

impl EntryKind {
    /// Clockify's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Regular => "REGULAR",
            Self::Break => "BREAK",
            Self::Holiday => "HOLIDAY",
            Self::TimeOff => "TIME_OFF",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for EntryKind {
    fn from(word: String) -> Self {
        match word.as_str() {
            "REGULAR" => Self::Regular,
            "BREAK" => Self::Break,
            "HOLIDAY" => Self::Holiday,
            "TIME_OFF" => Self::TimeOff,
            _ => Self::Other(word),
        }
    }
}

impl From<EntryKind> for String {
    fn from(kind: EntryKind) -> Self {
        kind.as_str().to_owned()
    }
}
