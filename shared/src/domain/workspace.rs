//! The company in Clockify.

use serde::{Deserialize, Serialize};

use super::ids::WorkspaceId;

/// Every record belongs to one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
}
