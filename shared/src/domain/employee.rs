//! Employees and the groups they stand in (`domain.md` §3, *Employee*).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ids::{EmployeeId, GroupId, WorkspaceId};

/// A person of the workspace. Never deleted: who vanishes becomes [`EmployeeStatus::Inactive`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employee {
    pub id: EmployeeId,
    pub workspace_id: WorkspaceId,
    /// Empty for an invited person who has not joined, and for a stub.
    pub name: String,
    pub email: Option<String>,
    pub status: EmployeeStatus,
    /// Custom field `Role`: the position printed on billing sheets.
    pub role: Option<String>,
    /// Custom field `Start Date`; employed from this day on. Missing: always was.
    pub start_date: Option<Date>,
    /// Custom field `End Date`; employed through this day.
    pub end_date: Option<Date>,
    /// Custom field `Rate Type`. Without one a person is treated as hourly, and flagged.
    pub rate_type: Option<RateType>,
    /// Custom field `Reporting Manager`: a name, as it was typed.
    pub reporting_manager: Option<String>,
    /// Custom field `Truck`; a missing checkbox is no truck.
    pub has_truck: bool,
    /// Custom field `Truck Details`.
    pub truck_details: Option<String>,
    /// The zone of the person's Clockify profile; may be out of date.
    pub time_zone: Option<String>,
    /// Known only by reference: Clockify did not know the id either (`domain.md` §3).
    pub is_stub: bool,
}

/// Membership in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EmployeeStatus {
    Active,
    Inactive,
    /// Invited, has not joined.
    Pending,
}

/// How a person is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RateType {
    /// `"0"` in Clockify's custom field.
    Salary,
    /// `"1"` in Clockify's custom field.
    Hourly,
}

/// A Clockify user group: policies and holidays are assigned to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    /// A set: sorted, without repeats.
    pub member_ids: Vec<EmployeeId>,
    /// What Clockify no longer lists is archived, not deleted.
    pub archived: bool,
}
