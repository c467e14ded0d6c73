//! Clients, projects, tasks, tags and groups.

use serde_json::{Map, Value, json};

use super::{bare_rate, rate};
use crate::{
    calendar::instant_text,
    company::work::{Client, Group, Project, Tag, Task, workspace_id},
    id::{Id, Kind},
    world::World,
};

pub(crate) fn currency_id(code: &str) -> Id {
    Id::new(
        Kind::Currency,
        0x5ca2_2770,
        if code == "CAD" { 1 } else { 2 },
    )
}

pub(crate) fn client(client: &Client) -> Value {
    json!({
        "id": client.id,
        "name": client.name,
        "email": client.email,
        "workspaceId": workspace_id(),
        "archived": client.archived,
        "address": client.address,
        "note": client.note,
        "currencyId": currency_id(client.currency),
        "currencyCode": client.currency,
        "ccEmails": client.email.as_ref().map(|email| [email]),
    })
}

/// The body of client events: e-mail, address and note only where there are any.
pub(crate) fn client_webhook(client: &Client) -> Value {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(client.id));
    body.insert("name".to_owned(), json!(client.name));
    body.insert("workspaceId".to_owned(), json!(workspace_id()));
    body.insert("archived".to_owned(), json!(client.archived));
    for (key, value) in [
        ("email", &client.email),
        ("address", &client.address),
        ("note", &client.note),
    ] {
        if let Some(value) = value {
            body.insert(key.to_owned(), json!(value));
        }
    }
    Value::Object(body)
}

/// An id as the project webhook shows the currency of its client: taken apart (clockify.md §9.4).
fn exploded(id: Id) -> Value {
    let seconds = i64::from(id.created());
    json!({
        "timestamp": seconds,
        "counter": id.number(),
        "machineIdentifier": 6400,
        "processIdentifier": 0,
        "timeSecond": seconds,
        "time": seconds * 1000,
        "date": instant_text(seconds).replace('Z', ".000+00:00"),
    })
}

fn members(world: &World, project: &Project, full: bool) -> Vec<Value> {
    world
        .people
        .iter()
        .take(2)
        .map(|person| {
            let mut row = json!({
                "userId": person.id,
                "hourlyRate": null,
                "costRate": null,
            });
            if full && let Some(row) = row.as_object_mut() {
                row.insert("targetId".to_owned(), json!(project.id));
                row.insert("membershipType".to_owned(), json!("PROJECT"));
                row.insert("membershipStatus".to_owned(), json!("ACTIVE"));
            }
            row
        })
        .collect()
}

pub(crate) fn client_of<'a>(world: &'a World, project: &Project) -> Option<&'a Client> {
    project.client.and_then(|id| world.clients.get(&id))
}

fn client_name(world: &World, project: &Project) -> String {
    client_of(world, project).map_or_else(String::new, |client| client.name.clone())
}

/// `""` where a project has no client (clockify.md §6).
fn client_id(project: &Project) -> String {
    project.client.map_or_else(String::new, |id| id.to_string())
}

/// How long has been worked on a project; it can be huge.
fn duration(project: &Project) -> String {
    let hours = project.id.number() * 997 % 20_000;
    format!("PT{hours}H{}M48S", hours % 59 + 1)
}

fn time_estimate() -> Value {
    json!({
        "estimate": "PT0S", "type": "AUTO", "resetOption": null, "active": false,
        "includeNonBillable": true,
    })
}

/// A row of the projects list.
pub(crate) fn project(world: &World, project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "hourlyRate": rate(project.rate),
        "clientId": client_id(project),
        "workspaceId": workspace_id(),
        "billable": project.billable,
        "memberships": members(world, project, true),
        "color": project.color,
        "estimate": {"estimate": "PT0S", "type": "AUTO"},
        "archived": project.archived,
        "duration": duration(project),
        "clientName": client_name(world, project),
        "note": project.note,
        "costRate": null,
        "timeEstimate": time_estimate(),
        "budgetEstimate": null,
        "estimateReset": null,
        "template": false,
        "public": true,
    })
}

/// The body of project events: the whole project, its tasks and its client.
pub(crate) fn project_webhook(world: &World, row: &Project) -> Value {
    let client = client_of(world, row);
    json!({
        "id": row.id,
        "name": row.name,
        "hourlyRate": bare_rate(row.rate),
        "costRate": null,
        "clientId": client_id(row),
        "workspaceId": workspace_id(),
        "billable": row.billable,
        "memberships": members(world, row, true),
        "color": row.color,
        "estimate": {"estimate": "PT0S", "type": "AUTO"},
        "archived": row.archived,
        "duration": "PT0S",
        "clientName": client_name(world, row),
        "note": row.note,
        "timeEstimate": time_estimate(),
        "budgetEstimate": null,
        "estimateReset": null,
        "currency": client.map(|client| {
            json!({"id": currency_id(client.currency), "code": client.currency})
        }),
        "template": false,
        "public": true,
        "tasks": row.tasks.iter().map(|task| task_inside(row, task)).collect::<Vec<_>>(),
        "client": client.map(|client| json!({
            "name": client.name,
            "email": client.email,
            "address": client.address,
            "workspaceId": workspace_id(),
            "archived": client.archived,
            "note": client.note,
            "currencyId": exploded(currency_id(client.currency)),
            "id": client.id,
        })),
    })
}

/// The project inside a time entry's webhook: the same things under partly other keys.
pub(crate) fn project_inside(world: &World, project: &Project) -> Value {
    json!({
        "name": project.name,
        "hourlyRate": bare_rate(project.rate),
        "costRate": null,
        "clientId": client_id(project),
        "workspaceId": workspace_id(),
        "billable": project.billable,
        "memberships": members(world, project, false),
        "estimate": {"estimate": "PT0S", "type": "AUTO"},
        "color": project.color,
        "archived": project.archived,
        "clientName": client_name(world, project),
        "duration": duration(project),
        "note": project.note,
        "activeEstimate": "NONE",
        "timeEstimate": {
            "includeNonBillable": true, "estimate": 0, "type": "AUTO", "resetOption": null,
        },
        "budgetEstimate": null,
        "estimateReset": null,
        "sourceType": null,
        "auditMetadata": null,
        "accessOnPaidPlan": null,
        "id": project.id,
        "public": true,
        "template": false,
    })
}

/// The short form inside timesheets and expenses.
pub(crate) fn project_brief(world: &World, id: Option<Id>) -> Value {
    id.and_then(|id| world.projects.get(&id))
        .map_or(Value::Null, |project| {
            json!({
                "id": project.id,
                "name": project.name,
                "color": project.color,
                "clientId": client_id(project),
                "clientName": client_name(world, project),
            })
        })
}

fn status(task: &Task) -> &'static str {
    if task.done { "DONE" } else { "ACTIVE" }
}

/// A row of the tasks list.
pub(crate) fn task(project: &Project, task: &Task) -> Value {
    json!({
        "id": task.id,
        "name": task.name,
        "projectId": project.id,
        "assigneeIds": [],
        "assigneeId": "",
        "userGroupIds": [],
        "estimate": "PT0S",
        "status": status(task),
        "budgetEstimate": 0,
        "billable": project.billable,
        "hourlyRate": null,
        "costRate": null,
        "progress": null,
        "duration": "PT17H30M",
    })
}

/// The body of task events: it has no workspace.
pub(crate) fn task_webhook(project: &Project, task: &Task) -> Value {
    json!({
        "id": task.id,
        "name": task.name,
        "projectId": project.id,
        "assigneeIds": [],
        "assigneeId": "",
        "userGroupIds": [],
        "estimate": "PT0S",
        "status": status(task),
        "duration": "PT0S",
    })
}

/// The task inside another record's webhook.
pub(crate) fn task_inside(project: &Project, task: &Task) -> Value {
    json!({
        "name": task.name,
        "projectId": project.id,
        "assigneeId": "",
        "assigneeIds": [],
        "userGroupIds": [],
        "estimate": "PT0S",
        "status": status(task),
        "workspaceId": workspace_id(),
        "budgetEstimate": 0,
        "billable": project.billable,
        "hourlyRate": null,
        "costRate": null,
        "sourceType": "PRODUCTION",
        "id": task.id,
        "duration": "PT0S",
    })
}

pub(crate) fn tag(tag: &Tag) -> Value {
    json!({
        "id": tag.id,
        "name": tag.name,
        "workspaceId": workspace_id(),
        "archived": tag.archived,
    })
}

/// A group, as the list and the webhooks show it.
pub(crate) fn group(world: &World, group: &Group) -> Value {
    let managers: Vec<Value> = group
        .managers
        .iter()
        .filter_map(|id| world.person_with(*id))
        .map(|index| {
            let person = &world.people[index];
            json!({"id": person.id, "name": person.name})
        })
        .collect();
    json!({
        "id": group.id,
        "name": group.name,
        "workspaceId": workspace_id(),
        "userIds": group.members,
        "teamManagers": managers,
    })
}
