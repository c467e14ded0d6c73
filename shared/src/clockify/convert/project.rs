//! Clients, projects, tasks and tags (`domain.md` §3, *Project*, *Client*, *Task*, *Tags*).

use super::{Conversion, Converted, Unreadable, reading};
use crate::{
    clockify::wire,
    domain::{
        flags::project_flags,
        ids::WorkspaceId,
        project::{Client, Project, Tag, Task},
    },
};

/// Clockify's `name` is the short code, its `note` the name that documents print.
pub fn client(row: &wire::Client, conversion: &Conversion) -> Converted<Client> {
    Converted::sound(Client {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        short_name: row.name.clone().unwrap_or_default(),
        long_name: reading::text(row.note.as_deref()),
        email: reading::text(row.email.as_deref()),
        address: reading::text(row.address.as_deref()),
        archived: row.archived.unwrap_or(false),
        is_stub: false,
    })
}

/// A project, its name split into code and title.
pub fn project(row: &wire::Project, conversion: &Conversion) -> Converted<Project> {
    let name = row.name.clone().unwrap_or_default();
    let (code, title) = code_and_title(&name);
    let record = Project {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        client_id: reading::id(row.client_id.as_ref()),
        code: code.map(str::to_owned),
        title: title.to_owned(),
        name,
        billable: row.billable.unwrap_or(false),
        archived: row.archived.unwrap_or(false),
        is_stub: false,
    };
    let flags = project_flags(&record);
    Converted { record, flags }
}

/// A task; its project must be known.
pub fn task(row: &wire::Task, conversion: &Conversion) -> Result<Converted<Task>, Unreadable> {
    Ok(Converted::sound(Task {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        project_id: reading::id(row.project_id.as_ref())
            .ok_or_else(|| reading::unreadable(row, "projectId"))?,
        name: row.name.clone().unwrap_or_default(),
        archived: false,
        is_stub: false,
    }))
}

/// A tag, its name as it was typed: rules compare it without case and blanks.
pub fn tag(row: &wire::Tag, conversion: &Conversion) -> Converted<Tag> {
    Converted::sound(Tag {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        name: row.name.clone().unwrap_or_default(),
        archived: row.archived.unwrap_or(false),
        is_stub: false,
    })
}

pub(super) fn workspace(id: Option<&WorkspaceId>, conversion: &Conversion) -> WorkspaceId {
    reading::id(id).unwrap_or_else(|| conversion.workspace_id.clone())
}

/// `CODE - Title`, split at the first ` - `; without it, or with nothing before it, all is title.
fn code_and_title(name: &str) -> (Option<&str>, &str) {
    match name.split_once(" - ") {
        Some((code, title)) if !code.trim().is_empty() => (Some(code.trim()), title.trim()),
        _ => (None, name),
    }
}
