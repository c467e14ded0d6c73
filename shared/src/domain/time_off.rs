//! Policies, requests under them, and holidays (`domain.md` §3, *Holiday*, *Time off*).

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::{EmployeeId, GroupId, HolidayId, PolicyId, TimeOffRequestId, WorkspaceId};

/// Who a policy or a holiday is for. Sets: sorted, without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub everyone: bool,
    pub employee_ids: Vec<EmployeeId>,
    pub group_ids: Vec<GroupId>,
}

/// A kind of paid or unpaid leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub id: PolicyId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub unit: TimeUnit,
    pub assignment: Assignment,
    pub archived: bool,
    /// Known only by reference.
    pub is_stub: bool,
}

/// What a policy and its requests count in. A day is 8 hours by the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TimeUnit {
    Hours,
    Days,
}

/// Leave that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeOffRequest {
    pub id: TimeOffRequestId,
    pub workspace_id: WorkspaceId,
    pub employee_id: EmployeeId,
    pub policy_id: PolicyId,
    pub status: TimeOffStatus,
    /// In the request's own `userTimeZone`.
    pub first_day: Date,
    pub last_day: Date,
    pub half_day: bool,
    /// What it takes from the balance, in `unit`; for a half day it already is the half.
    pub balance_diff: Decimal,
    pub unit: TimeUnit,
    /// Days of the range that do not count. A set: sorted, without repeats. None: what was read does not tell them.
    pub excluded_days: Option<Vec<Date>>,
    pub note: Option<String>,
    /// When Clockify last changed its status; milliseconds kept, finer fractions cut.
    pub status_changed_at: Option<Timestamp>,
}

/// Only APPROVED pays; an unknown status is kept and pays nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum TimeOffStatus {
    Pending,
    Approved,
    Rejected,
    Withdrawn,
    Other(String),
}

impl TimeOffStatus {
    /// Clockify's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for TimeOffStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "PENDING" => Self::Pending,
            "APPROVED" => Self::Approved,
            "REJECTED" => Self::Rejected,
            "WITHDRAWN" => Self::Withdrawn,
            _ => Self::Other(word),
        }
    }
}

impl From<TimeOffStatus> for String {
    fn from(status: TimeOffStatus) -> Self {
        status.as_str().to_owned()
    }
}

/// A statutory holiday: its whole period, each year where it says so, for those it is assigned to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    pub id: HolidayId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub first_day: Date,
    pub last_day: Date,
    pub occurs_annually: bool,
    pub assignment: Assignment,
}
