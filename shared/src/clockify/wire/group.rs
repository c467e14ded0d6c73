//! User groups.

use serde::Deserialize;

use super::page::row;
use crate::domain::ids::{EmployeeId, GroupId, WorkspaceId};

/// A user group; in a webhook too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    pub id: GroupId,
    pub workspace_id: Option<WorkspaceId>,
    pub name: Option<String>,
    pub user_ids: Option<Vec<EmployeeId>>,
}
row!(Group, "user group");
