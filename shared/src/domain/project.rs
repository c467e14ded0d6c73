//! Clients, projects, tasks and tags (`domain.md` §3, *Project*, *Client*, *Task*, *Tags*).

use serde::{Deserialize, Serialize};

use super::ids::{ClientId, ProjectId, TagId, TaskId, WorkspaceId};

/// Whom the company works for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientId,
    pub workspace_id: WorkspaceId,
    /// Clockify's `name`: the short code.
    pub short_name: String,
    /// Clockify's `note`: the name that client documents print; empty means the short name.
    pub long_name: Option<String>,
    pub email: Option<String>,
    pub address: Option<String>,
    pub archived: bool,
    /// Known only by reference.
    pub is_stub: bool,
}

impl Client {
    /// "Client documents print the long name, and the short one where it is empty."
    pub fn document_name(&self) -> &str {
        self.long_name
            .as_deref()
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .unwrap_or(&self.short_name)
    }
}

/// A job for a client. Its Clockify name is `CODE - Title`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    pub id: ProjectId,
    pub workspace_id: WorkspaceId,
    /// None: the internal client of the settings, applied where it is read.
    pub client_id: Option<ClientId>,
    /// The whole name, as Clockify has it.
    pub name: String,
    /// What stands before the first ` - `; None without that separator.
    pub code: Option<String>,
    /// What stands after it, or the whole name.
    pub title: String,
    pub billable: bool,
    pub archived: bool,
    /// Known only by reference.
    pub is_stub: bool,
}

/// A task of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub workspace_id: WorkspaceId,
    pub project_id: ProjectId,
    pub name: String,
    pub archived: bool,
    /// Known only by reference.
    pub is_stub: bool,
}

/// A tag of time entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    pub id: TagId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub archived: bool,
    /// Known only by reference.
    pub is_stub: bool,
}
