//! Approval requests: what Clockify calls a submitted timesheet.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Expense, Row, TimeEntry, page::Held};
use crate::domain::ids::{EmployeeId, TimesheetId, WorkspaceId};

/// A row of the approval requests list: the request with all that it holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    pub approval_request: ApprovalRequest,
    /// Without user and workspace: the owner of the request is meant.
    pub entries: Option<Held<TimeEntry>>,
    pub expenses: Option<Held<Expense>>,
}

impl Row for Approval {
    const RESOURCE: &'static str = "approval request";

    fn id(&self) -> &str {
        self.approval_request.id.as_str()
    }

    fn id_in(row: &RawValue) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct IdOnly {
            approval_request: RequestId,
        }
        #[derive(Deserialize)]
        struct RequestId {
            id: String,
        }
        let row: IdOnly = serde_json::from_str(row.get()).ok()?;
        Some(row.approval_request.id)
    }
}

/// The request without what it holds: also the whole body of an approval webhook.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalRequest {
    pub id: TimesheetId,
    pub workspace_id: Option<WorkspaceId>,
    /// TIMESHEET, EXPENSE, TIMESHEET_AND_EXPENSE; webhooks and older answers do not say.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub date_range: Option<InstantRange>,
    pub owner: Option<Owner>,
    pub status: Option<ApprovalStatus>,
}

/// From when to when, both RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InstantRange {
    pub start: Option<String>,
    pub end: Option<String>,
}

/// Whose timesheet it is. May be an inactive user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    pub user_id: Option<EmployeeId>,
    pub user_name: Option<String>,
}

/// The state, and when it became so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalStatus {
    /// PENDING, APPROVED, REJECTED, WITHDRAWN_SUBMISSION, WITHDRAWN_APPROVAL.
    pub state: Option<String>,
    pub updated_at: Option<String>,
    pub note: Option<String>,
}
