//! Clients, projects, tasks and tags: on the API's lists, read one by one, and in webhooks.

use serde::Deserialize;

use super::page::row;
use crate::domain::ids::{ClientId, ProjectId, TagId, TaskId, WorkspaceId};

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    pub id: ClientId,
    pub workspace_id: Option<WorkspaceId>,
    pub name: Option<String>,
    pub note: Option<String>,
    pub email: Option<String>,
    pub address: Option<String>,
    pub archived: Option<bool>,
}
row!(Client, "client");

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    pub id: ProjectId,
    pub workspace_id: Option<WorkspaceId>,
    /// By the house's convention `CODE - Title`; Clockify itself takes any text.
    pub name: Option<String>,
    /// Empty or null without a client.
    pub client_id: Option<ClientId>,
    pub billable: Option<bool>,
    pub archived: Option<bool>,
}
row!(Project, "project");

/// A task of a project. Webhooks name no workspace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    pub id: TaskId,
    pub workspace_id: Option<WorkspaceId>,
    pub project_id: Option<ProjectId>,
    pub name: Option<String>,
}
row!(Task, "task");

/// A tag of time entries.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    pub id: TagId,
    pub workspace_id: Option<WorkspaceId>,
    pub name: Option<String>,
    pub archived: Option<bool>,
}
row!(Tag, "tag");
