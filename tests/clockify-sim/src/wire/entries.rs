//! Time entries: five shapes of one record (clockify.md §4, §5, §9.4).

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::{bare_rate, number, rate, whole_double, work};
use crate::{
    calendar::{instant_text, iso_duration},
    company::{
        history::{Entry, Sheet},
        people::{FIELD_NAMES, field_id},
        sheets::SheetState,
        work::{Project, Task, workspace_id},
    },
    world::{Timesheet, World},
};

/// The values of the entry's custom fields, by the index of the field; null where unset.
fn field_values(fields: Option<Sheet>) -> [(usize, Value); 4] {
    let Some(fields) = fields else {
        return [8, 9, 10, 11].map(|index| (index, Value::Null));
    };
    let kilometres = fields.tenths_of_kilometre;
    [
        (8, json!(format!("WO-2026-{:04}", fields.work_order))),
        (
            9,
            number(&format!("{}.{}", kilometres / 10, kilometres % 10)),
        ),
        (10, json!(true)),
        (11, json!(if fields.night { "Night" } else { "Day" })),
    ]
}

fn tag_ids(entry: &Entry) -> Value {
    // An entry without a project never met a tag: null instead of an empty list (clockify.md §4.1).
    if entry.tags.is_empty() && entry.project.is_none() {
        Value::Null
    } else {
        json!(entry.tags)
    }
}

fn is_locked(sheet: Option<&Timesheet>) -> bool {
    sheet.is_some_and(|sheet| sheet.state == SheetState::Approved)
}

/// A row of the list, and the single read.
pub(crate) fn row(world: &World, entry: &Entry) -> Value {
    let fields: Vec<Value> = field_values(entry.fields)
        .into_iter()
        .filter(|_| entry.fields.is_some())
        .map(|(index, value)| {
            json!({
                "customFieldId": field_id(index),
                "timeEntryId": entry.id,
                "value": value,
                "name": FIELD_NAMES[index].0,
                "type": FIELD_NAMES[index].1,
            })
        })
        .collect();
    json!({
        "id": entry.id,
        "description": entry.description,
        "tagIds": tag_ids(entry),
        "userId": world.people[entry.person].id,
        "billable": entry.billable,
        "taskId": entry.task,
        "projectId": entry.project,
        "workspaceId": workspace_id(),
        "timeInterval": {
            "start": instant_text(entry.start),
            "end": entry.end.map(instant_text),
            "duration": entry.end.map(|end| iso_duration(end - entry.start)),
        },
        "customFieldValues": fields,
        "type": entry.kind.text(),
        "kioskId": null,
        "hourlyRate": rate(entry.rate),
        "costRate": null,
        "isLocked": is_locked(world.sheet_of(entry).as_ref()),
    })
}

fn project_and_task<'a>(
    world: &'a World,
    entry: &Entry,
) -> Option<(&'a Project, Option<&'a Task>)> {
    let project = world.projects.get(&entry.project?)?;
    let task = entry
        .task
        .and_then(|id| project.tasks.iter().find(|task| task.id == id));
    Some((project, task))
}

fn tags(world: &World, entry: &Entry) -> Vec<Value> {
    entry
        .tags
        .iter()
        .filter_map(|id| world.tags.get(id))
        .map(work::tag)
        .collect()
}

/// The row with its project, task, tags and user.
pub(crate) fn hydrated_row(world: &World, entry: &Entry) -> Value {
    let mut value = row(world, entry);
    let found = project_and_task(world, entry);
    let person = &world.people[entry.person];
    if let Some(row) = value.as_object_mut() {
        let mut project = found.map_or(Value::Null, |(project, _)| work::project(world, project));
        if let Some(members) = project.get_mut("memberships") {
            *members = json!([]);
        }
        row.insert("project".to_owned(), project);
        row.insert(
            "task".to_owned(),
            found
                .and_then(|(project, task)| task.map(|task| work::task(project, task)))
                .unwrap_or(Value::Null),
        );
        row.insert("tags".to_owned(), json!(tags(world, entry)));
        row.insert(
            "user".to_owned(),
            json!({"id": person.id, "name": person.name, "status": person.membership.text()}),
        );
    }
    value
}

fn local(seconds: i64, zone: &TimeZone) -> (String, i32) {
    Timestamp::from_second(seconds).map_or_else(
        |_| (String::new(), 0),
        |at| {
            let zoned = at.to_zoned(zone.clone());
            (zoned.datetime().to_string(), zoned.offset().seconds())
        },
    )
}

/// The interval with the owner's zone and local times.
fn zoned_interval(world: &World, entry: &Entry) -> Value {
    let zone = world.zone_of(entry.person);
    let (start, start_offset) = local(entry.start, &zone);
    let end = entry.end.map(|end| local(end, &zone));
    json!({
        "start": instant_text(entry.start),
        "end": entry.end.map(instant_text),
        "duration": entry.end.map(|end| iso_duration(end - entry.start)),
        "timeZone": world.people[entry.person].zone,
        "offsetStart": start_offset,
        "offsetEnd": end.as_ref().map(|(_, offset)| offset),
        "zonedStart": start,
        "zonedEnd": end.as_ref().map(|(text, _)| text),
    })
}

/// The body of time entry events: flat, no task or tag ids, and its rates always null.
pub(crate) fn webhook_body(world: &World, entry: &Entry) -> Value {
    let found = project_and_task(world, entry);
    let person = &world.people[entry.person];
    let fields: Vec<Value> = field_values(entry.fields)
        .into_iter()
        .map(|(index, value)| {
            json!({
                "customFieldId": field_id(index),
                "timeEntryId": entry.id,
                "value": value,
                "name": FIELD_NAMES[index].0,
            })
        })
        .collect();
    let tags: Vec<Value> = tags(world, entry);
    json!({
        "id": entry.id,
        "description": entry.description,
        "userId": person.id,
        "billable": entry.billable,
        "projectId": entry.project,
        "timeInterval": zoned_interval(world, entry),
        "workspaceId": workspace_id(),
        "isLocked": is_locked(world.sheet_of(entry).as_ref()),
        "hourlyRate": null,
        "costRate": null,
        "customFieldValues": fields,
        "type": entry.kind.text(),
        "kioskId": null,
        "approvalStatus": null,
        "detailedApprovalStatus": null,
        "projectCurrency": null,
        "currentlyRunning": entry.end.is_none(),
        "project": found.map(|(project, _)| work::project_inside(world, project)),
        "task": found.and_then(|(project, task)| {
            task.map(|task| work::task_inside(project, task))
        }),
        "user": {
            "id": person.id,
            "name": person.name,
            "status": person.membership.text(),
            "hourlyRate": bare_rate(person.rate),
            "costRate": bare_rate(person.cost_rate),
        },
        "tags": tags,
    })
}

/// An entry inside a timesheet: no owner, nested project, task and tags.
pub(crate) fn in_sheet(world: &World, sheet: &Timesheet, entry: &Entry) -> Value {
    let fields: Vec<Value> = field_values(entry.fields)
        .into_iter()
        .filter(|_| entry.fields.is_some())
        .map(|(index, value)| {
            json!({
                "customFieldId": field_id(index),
                "timeEntryId": entry.id,
                "value": value,
                "sourceType": "TIMEENTRY",
            })
        })
        .collect();
    let task = project_and_task(world, entry).and_then(|(_, task)| task);
    json!({
        "id": entry.id,
        "description": entry.description,
        "billable": entry.billable,
        "project": work::project_brief(world, entry.project),
        "task": task.map(|task| json!({"id": task.id, "name": task.name})),
        "tags": tags(world, entry),
        "timeInterval": zoned_interval(world, entry),
        "hourlyRate": rate(entry.rate),
        "costRate": null,
        "customFieldValues": fields,
        "type": entry.kind.text(),
        "isLocked": is_locked(Some(sheet)),
        "approvalRequestId": sheet.id,
    })
}

/// What a billable stretch earns, in minor units, half up.
pub(crate) fn earned(entry: &Entry) -> i64 {
    match entry.rate {
        Some(rate) if entry.billable => (entry.seconds() * rate.cents + 1_800) / 3_600,
        _ => 0,
    }
}

/// Instants of the reports host: in the zone that was asked for, with its offset.
fn instant_in(seconds: i64, zone: &TimeZone) -> String {
    let (text, offset) = local(seconds, zone);
    if offset == 0 {
        format!("{text}Z")
    } else {
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.abs() / 60;
        format!("{text}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// A row of the detailed report.
pub(crate) fn report_row(world: &World, entry: &Entry, zone: &TimeZone) -> Value {
    let person = &world.people[entry.person];
    let found = project_and_task(world, entry);
    let client = found.and_then(|(project, _)| work::client_of(world, project));
    let sheet = world.sheet_of(entry);
    let fields: Vec<Value> = field_values(entry.fields)
        .into_iter()
        .filter(|_| entry.fields.is_some())
        .map(|(index, value)| {
            json!({
                "customFieldId": field_id(index),
                "name": FIELD_NAMES[index].0,
                "type": FIELD_NAMES[index].1,
                "value": value,
            })
        })
        .collect();
    let amount = whole_double(earned(entry));
    let mut row = Map::new();
    let mut put = |key: &str, value: Value| row.insert(key.to_owned(), value);
    put("_id", json!(entry.id));
    put("description", json!(entry.description));
    put("userId", json!(person.id));
    put("userName", json!(person.name));
    put("userEmail", json!(person.email));
    put("billable", json!(entry.billable));
    put("projectId", json!(entry.project));
    put(
        "projectName",
        json!(found.map(|(project, _)| &project.name)),
    );
    put(
        "projectColor",
        json!(found.map(|(project, _)| project.color)),
    );
    put("clientId", json!(client.map(|client| client.id)));
    put("clientName", json!(client.map(|client| &client.name)));
    put("taskId", json!(entry.task));
    put(
        "taskName",
        json!(found.and_then(|(_, task)| task.map(|task| &task.name))),
    );
    put(
        "approvalRequestId",
        json!(sheet.as_ref().map(|sheet| sheet.id)),
    );
    put("isLocked", json!(is_locked(sheet.as_ref())));
    put("type", json!(entry.kind.text()));
    put(
        "timeInterval",
        json!({
            "start": instant_in(entry.start, zone),
            "end": entry.end.map(|end| instant_in(end, zone)),
            "duration": entry.end.map(|end| end - entry.start),
        }),
    );
    put(
        "tags",
        entry
            .tags
            .iter()
            .filter_map(|id| world.tags.get(id))
            .map(|tag| json!({"_id": tag.id, "name": tag.name}))
            .collect(),
    );
    put("customFields", json!(fields));
    put("rate", json!(entry.rate.map_or(0, |rate| rate.cents)));
    put("amount", amount.clone());
    put("amounts", json!([{"type": "EARNED", "value": amount}]));
    put(
        "currency",
        json!(entry.rate.map_or("CAD", |rate| rate.currency)),
    );
    Value::Object(row)
}
