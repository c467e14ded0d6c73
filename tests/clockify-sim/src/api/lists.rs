//! Clients, projects, tasks and tags. Without `archived` the lists hold archived and active rows.

use serde_json::Value;

use super::{
    DEFAULT_PAGE, LARGEST_PAGE,
    call::{Answer, Call, Reply},
};
use crate::{
    company::work::Project,
    id::Id,
    wire::work,
    world::{Refusal, World},
};

fn wanted(call: &Call, name: &str) -> bool {
    call.query("name")
        .is_none_or(|part| name.to_lowercase().contains(&part.to_lowercase()))
}

/// The page of those rows, sorted by name.
fn page_by_name<Row>(
    call: &Call,
    mut rows: Vec<&Row>,
    key: impl Fn(&Row) -> (&str, Id, bool),
    render: impl Fn(&Row) -> Value,
) -> Answer {
    let archived = call.flag("archived")?;
    rows.retain(|row| {
        let (name, _, is_archived) = key(row);
        archived.is_none_or(|archived| archived == is_archived) && wanted(call, name)
    });
    rows.sort_by(|a, b| {
        let ((a_name, a_id, _), (b_name, b_id, _)) = (key(a), key(b));
        (a_name, a_id).cmp(&(b_name, b_id))
    });
    let (rows, last) = call.page(DEFAULT_PAGE, LARGEST_PAGE)?.of(&rows);
    let rows = rows.iter().map(|row| render(row)).collect();
    Ok(Reply::page(Value::Array(rows), last))
}

pub(super) fn list_clients(world: &mut World, call: &Call) -> Answer {
    page_by_name(
        call,
        world.clients.values().collect(),
        |client| (&client.name, client.id, client.archived),
        work::client,
    )
}

pub(super) fn get_client(world: &mut World, call: &Call) -> Answer {
    let id = call.id("client", "Client")?;
    let client = world.clients.get(&id).ok_or(Refusal::Gone("Client"))?;
    Ok(Reply::ok(work::client(client)))
}

pub(super) fn list_projects(world: &mut World, call: &Call) -> Answer {
    let client = call.query("clients");
    let billable = call.flag("billable")?;
    let rows = world
        .projects
        .values()
        .filter(|project| {
            client.is_none_or(|id| project.client.is_some_and(|own| own.to_string() == id))
        })
        .filter(|project| billable.is_none_or(|billable| project.billable == billable))
        .collect();
    page_by_name(
        call,
        rows,
        |project| (&project.name, project.id, project.archived),
        |project| work::project(world, project),
    )
}

fn project<'a>(world: &'a World, call: &Call) -> Result<&'a Project, super::call::ApiError> {
    let id = call.id("project", "Project")?;
    Ok(world.projects.get(&id).ok_or(Refusal::Gone("Project"))?)
}

pub(super) fn get_project(world: &mut World, call: &Call) -> Answer {
    Ok(Reply::ok(work::project(world, project(world, call)?)))
}

pub(super) fn list_tasks(world: &mut World, call: &Call) -> Answer {
    let project = project(world, call)?;
    let (rows, last) = call.page(DEFAULT_PAGE, LARGEST_PAGE)?.of(&project.tasks);
    let rows = rows.iter().map(|task| work::task(project, task)).collect();
    Ok(Reply::page(Value::Array(rows), last))
}

pub(super) fn get_task(world: &mut World, call: &Call) -> Answer {
    let project = project(world, call)?;
    let id = call.id("task", "Task")?;
    let task = project
        .tasks
        .iter()
        .find(|task| task.id == id)
        .ok_or(Refusal::Gone("Task"))?;
    Ok(Reply::ok(work::task(project, task)))
}

pub(super) fn list_tags(world: &mut World, call: &Call) -> Answer {
    page_by_name(
        call,
        world.tags.values().collect(),
        |tag| (&tag.name, tag.id, tag.archived),
        work::tag,
    )
}

pub(super) fn get_tag(world: &mut World, call: &Call) -> Answer {
    let id = call.id("tag", "Tag")?;
    let tag = world.tags.get(&id).ok_or(Refusal::Gone("Tag"))?;
    Ok(Reply::ok(work::tag(tag)))
}
