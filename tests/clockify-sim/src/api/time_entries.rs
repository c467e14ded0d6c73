//! Time entries: the list per user with its shifted window, the single read, and their changes.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{
    DEFAULT_PAGE, LARGEST_PAGE,
    call::{Answer, ApiError, Call, Reply},
};
use crate::{
    calendar::zone_named,
    company::history::{Entry, EntryKind},
    id::Id,
    wire::entries,
    world::{EntryChange, NewEntry, Refusal, World},
};

fn user(world: &World, call: &Call) -> Result<usize, ApiError> {
    let id = call.id("user", "User")?;
    Ok(world.person_with(id).ok_or(Refusal::Gone("User"))?)
}

/// Whole seconds in UTC and nothing else (clockify.md §3).
fn instant(text: &str) -> Result<Timestamp, ApiError> {
    let whole_seconds = text.len() == "2026-03-16T14:00:00Z".len() && text.ends_with('Z');
    text.parse()
        .ok()
        .filter(|_| whole_seconds)
        .ok_or_else(|| ApiError::unreadable(format!("{text:?} is not yyyy-MM-ddThh:mm:ssZ")))
}

/// An instant of the window is taken apart again: its UTC wall clock is read in the account's zone
/// (clockify.md §1), so that for Edmonton the window lands six or seven hours later than asked.
pub(super) fn shifted(text: &str, zone: &TimeZone) -> Result<i64, ApiError> {
    let wall_clock = instant(text)?.to_zoned(TimeZone::UTC).datetime();
    zone.to_ambiguous_timestamp(wall_clock)
        .compatible()
        .map(Timestamp::as_second)
        .map_err(|_| ApiError::unreadable(format!("{text:?} is out of range")))
}

pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    let person = user(world, call)?;
    let account = world
        .switches
        .window_zone
        .as_deref()
        .and_then(zone_named)
        .unwrap_or_else(|| world.zone_of(0));
    let bound = |name: &str, open: i64| {
        call.query(name)
            .map_or(Ok(open), |text| shifted(text, &account))
    };
    let (from, to) = (bound("start", 0)?, bound("end", 1 << 40)?);
    let page = call.page(DEFAULT_PAGE, LARGEST_PAGE)?;
    let mut rows = if call.flag("in-progress")?.unwrap_or(false) {
        let mut rows = world.running_entries();
        rows.retain(|entry| entry.person == person);
        rows
    } else {
        world.entries_between(person, from, to)
    };
    retain_asked_for(call, &mut rows)?;
    let hydrated = call.flag("hydrated")?.unwrap_or(false);
    let (rows, last) = page.of(&rows);
    let rows = rows
        .iter()
        .map(|entry| render(world, entry, hydrated))
        .collect();
    Ok(Reply::page(Value::Array(rows), last))
}

fn retain_asked_for(call: &Call, rows: &mut Vec<Entry>) -> Result<(), ApiError> {
    let id = |id: Option<Id>| id.map_or_else(String::new, |id| id.to_string());
    if let Some(project) = call.query("project") {
        rows.retain(|entry| id(entry.project) == project);
    }
    if let Some(task) = call.query("task") {
        rows.retain(|entry| id(entry.task) == task);
    }
    if let Some(text) = call.query("description") {
        rows.retain(|entry| entry.description.contains(text));
    }
    let tags: Vec<&str> = call
        .query
        .iter()
        .filter(|(name, _)| name == "tags" || name == "tags[]")
        .map(|(_, value)| value.as_str())
        .collect();
    if !tags.is_empty() {
        rows.retain(|entry| {
            entry
                .tags
                .iter()
                .any(|tag| tags.contains(&tag.to_string().as_str()))
        });
    }
    if call.flag("project-required")? == Some(true) {
        rows.retain(|entry| entry.project.is_some());
    }
    if call.flag("task-required")? == Some(true) {
        rows.retain(|entry| entry.task.is_some());
    }
    Ok(())
}

fn render(world: &World, entry: &Entry, hydrated: bool) -> Value {
    if hydrated {
        entries::hydrated_row(world, entry)
    } else {
        entries::row(world, entry)
    }
}

pub(super) fn list_in_progress(world: &mut World, call: &Call) -> Answer {
    let page = call.page(10, 1_000)?;
    let rows = world.running_entries();
    let (rows, last) = page.of(&rows);
    let rows = rows
        .iter()
        .map(|entry| entries::row(world, entry))
        .collect();
    Ok(Reply::page(Value::Array(rows), last))
}

fn entry_id(call: &Call) -> Result<Id, ApiError> {
    call.id("entry", "Time entry")
}

fn reply(world: &World, id: Id, hydrated: bool) -> Answer {
    let entry = world.entry(id).ok_or(Refusal::Gone("Time entry"))?;
    Ok(Reply::ok(render(world, &entry, hydrated)))
}

pub(super) fn get(world: &mut World, call: &Call) -> Answer {
    let hydrated = call.flag("hydrated")?.unwrap_or(false);
    reply(world, entry_id(call)?, hydrated)
}

/// What a request body says about an entry.
struct Asked {
    start: Timestamp,
    end: Option<Timestamp>,
    project: Option<Id>,
    task: Option<Id>,
    tags: Vec<Id>,
    billable: Option<bool>,
    description: String,
    kind: EntryKind,
}

fn asked(call: &Call) -> Result<Asked, ApiError> {
    let body = call.json()?;
    let id = |name: &str, what: &'static str| match body[name].as_str() {
        None | Some("") => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| ApiError::from(Refusal::Gone(what))),
    };
    let at = |name: &str| body[name].as_str().map(instant).transpose();
    Ok(Asked {
        start: at("start")?.ok_or_else(|| ApiError::unreadable("start must not be null"))?,
        end: at("end")?,
        project: id("projectId", "Project")?,
        task: id("taskId", "Task")?,
        tags: body["tagIds"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|tag| {
                tag.as_str()
                    .and_then(|tag| tag.parse().ok())
                    .ok_or_else(|| ApiError::from(Refusal::Gone("Tag")))
            })
            .collect::<Result<_, _>>()?,
        billable: body["billable"].as_bool(),
        description: body["description"].as_str().unwrap_or_default().to_owned(),
        kind: if body["type"] == "BREAK" {
            EntryKind::Break
        } else {
            EntryKind::Regular
        },
    })
}

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let person = user(world, call)?;
    let asked = asked(call)?;
    let id = world.record_entry(NewEntry {
        person,
        start: asked.start.as_second(),
        end: asked.end.map(Timestamp::as_second),
        kind: asked.kind,
        project: asked.project,
        task: asked.task,
        tags: asked.tags,
        billable: asked.billable,
        description: asked.description,
        fields: None,
    })?;
    let entry = world.entry(id).ok_or(Refusal::Gone("Time entry"))?;
    Ok(Reply::created(entries::row(world, &entry)))
}

/// A PUT replaces the whole entry.
pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let id = entry_id(call)?;
    let asked = asked(call)?;
    world.edit_entry(
        id,
        EntryChange {
            start: Some(asked.start),
            end: Some(asked.end),
            project: Some(asked.project),
            task: Some(asked.task),
            tags: Some(asked.tags),
            billable: asked.billable,
            description: Some(asked.description),
        },
    )?;
    reply(world, id, false)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    world.delete_entry(entry_id(call)?)?;
    Ok(Reply::no_content())
}
