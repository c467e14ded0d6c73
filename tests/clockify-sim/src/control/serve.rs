//! The control API's routes.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{Method, StatusCode, header};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    apply::apply,
    command::{
        Command, Delivered, EntrySummary, Outcome, PersonSummary, Release, SheetSummary, Size,
        Status,
    },
};
use crate::{
    calendar::sunday_of,
    company::{sheets::SheetState, work::workspace_id},
    faults::Fault,
    hub::Hub,
    id::Id,
    switches::Switches,
    world::{Refusal, SheetOrder, World},
};

const ALL_STATES: [SheetState; 5] = [
    SheetState::Pending,
    SheetState::Approved,
    SheetState::WithdrawnSubmission,
    SheetState::WithdrawnApproval,
    SheetState::Rejected,
];

fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_string(body) {
        Ok(text) => (status, [(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn refuse(status: StatusCode, message: impl Into<String>) -> Response {
    answer(status, &json!({"message": message.into()}))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Box<Response>> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Box::new(refuse(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())))
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Answers a request below `/_control/`.
pub(crate) fn serve(hub: &Arc<Hub>, method: &Method, path: &str, body: &Bytes) -> Response {
    route(hub, method, path, body).unwrap_or_else(|refused| *refused)
}

fn route(
    hub: &Arc<Hub>,
    method: &Method,
    path: &str,
    body: &Bytes,
) -> Result<Response, Box<Response>> {
    let ok = StatusCode::OK;
    let segments: Vec<&str> = path.split('/').collect();
    Ok(match (method.as_str(), segments.as_slice()) {
        ("GET", ["status"]) => answer(ok, &status(hub)),
        ("GET", ["size"]) => answer(ok, &size(&hub.world())),
        ("GET", ["people"]) => answer(ok, &people(&hub.world())),
        ("GET", ["sheets"]) => answer(ok, &sheets(&mut hub.world())),
        ("GET", ["people", person, "weeks", week]) => {
            let summaries = entries(&hub.world(), person, week)
                .ok_or_else(|| refuse(StatusCode::NOT_FOUND, "no such person or week"))?;
            answer(ok, &summaries)
        }
        ("GET", ["requests"]) => answer(ok, &hub.requests()),
        ("GET", ["requests", "counts"]) => answer(ok, &hub.counts()),
        ("DELETE", ["requests"]) => {
            hub.forget_requests();
            StatusCode::NO_CONTENT.into_response()
        }
        ("GET", ["deliveries"]) => answer(ok, &deliveries(&hub.world())),
        ("GET", ["webhook-secrets"]) => answer(ok, &secrets(&hub.world())),
        ("GET", ["switches"]) => answer(ok, &hub.world().switches),
        ("PUT", ["switches"]) => {
            let switches: Switches = read(body)?;
            hub.world().switches = switches;
            StatusCode::NO_CONTENT.into_response()
        }
        ("POST", ["faults"]) => {
            hub.add_fault(read::<Fault>(body)?);
            StatusCode::NO_CONTENT.into_response()
        }
        ("DELETE", ["faults"]) => {
            hub.clear_faults();
            StatusCode::NO_CONTENT.into_response()
        }
        ("POST", [name]) => run(hub, name, body)?,
        _ => refuse(StatusCode::NOT_FOUND, format!("no control {method} {path}")),
    })
}

/// Runs the command of that name.
fn run(hub: &Arc<Hub>, name: &str, body: &[u8]) -> Result<Response, Box<Response>> {
    let fields: Value = read(body)?;
    let command: Command = serde_json::from_value(json!({name: fields}))
        .map_err(|error| Box::new(refuse(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())))?;
    if let Command::Release { order } = command {
        return Ok(release(hub, order));
    }
    let (result, webhooks) = hub.change(|world| apply(world, command));
    Ok(match result {
        Ok(ids) => answer(StatusCode::OK, &Outcome { ids, webhooks }),
        Err(refused @ Refusal::Gone(_)) => refuse(StatusCode::NOT_FOUND, refused.to_string()),
        Err(refused) => refuse(StatusCode::CONFLICT, refused.to_string()),
    })
}

fn release(hub: &Arc<Hub>, order: Release) -> Response {
    let parcels = {
        let mut world = hub.world();
        let mut parcels = world.take_held();
        match order {
            Release::Forward => {}
            Release::Backward => parcels.reverse(),
            Release::Shuffled => world.shuffle(&mut parcels),
        }
        parcels
    };
    let webhooks = parcels.len();
    hub.post(parcels);
    answer(
        StatusCode::OK,
        &Outcome {
            ids: Vec::new(),
            webhooks,
        },
    )
}

fn status(hub: &Hub) -> Status {
    let world = hub.world();
    let calendar = &world.company.calendar;
    Status {
        now: instant(world.now()),
        last_full_week: calendar.sunday(calendar.weeks().saturating_sub(1)),
        workspace: workspace_id(),
        changes: world.revision(),
        webhooks_under_way: hub.under_way(),
        webhooks_held: world.held(),
        faults_left: hub.faults_left(),
    }
}

fn size(world: &World) -> Size {
    let weeks = world.company.calendar.weeks();
    let places = || {
        (0..world.company.people.len())
            .flat_map(|person| (0..=weeks).map(move |week| (person, week)))
    };
    Size {
        people: world.people.len(),
        projects: world.projects.len(),
        weeks,
        time_entries: places()
            .map(|(person, week)| world.company.week_of_entries(person, week).len())
            .sum(),
        timesheets: places()
            .filter(|(person, week)| world.company.base_sheet(*person, *week).is_some())
            .count(),
    }
}

fn people(world: &World) -> Vec<PersonSummary> {
    world
        .people
        .iter()
        .filter(|person| !person.removed)
        .map(|person| PersonSummary {
            id: person.id,
            name: person.name.clone(),
            email: person.email.clone(),
            status: person.membership.text().to_owned(),
        })
        .collect()
}

fn sheets(world: &mut World) -> Vec<SheetSummary> {
    let keys = world.sheets_in(&ALL_STATES, SheetOrder::UpdatedAt, false);
    keys.iter()
        .filter_map(|key| world.sheet(key.id))
        .map(|sheet| SheetSummary {
            id: sheet.id,
            person: world.people[sheet.person].id,
            state: sheet.state,
            week: sheet.sunday,
            entries: world.entries_of(&sheet).len(),
        })
        .collect()
}

fn entries(world: &World, person: &str, week: &str) -> Option<Vec<EntrySummary>> {
    let person = world.person_with(person.parse::<Id>().ok()?)?;
    let sunday = sunday_of(week.parse().ok()?);
    let (from, to) = crate::company::sheets::sheet_range(sunday, &world.people[person].zone);
    Some(
        world
            .entries_between(person, from, to + 1)
            .iter()
            .map(|entry| EntrySummary {
                id: entry.id,
                start: instant(entry.start),
                end: entry.end.map(instant),
                project: entry.project,
                tags: entry.tags.clone(),
                sheet: world.sheet_of(entry).map(|sheet| sheet.id),
            })
            .collect(),
    )
}

fn deliveries(world: &World) -> Vec<Delivered> {
    world
        .attempts()
        .iter()
        .map(|attempt| Delivered {
            number: attempt.parcel.number,
            event: attempt.parcel.event.to_owned(),
            body: String::from_utf8_lossy(&attempt.parcel.body).into_owned(),
            attempt: attempt.parcel.attempt,
            status: attempt.status,
            idempotency_key: attempt.idempotency_key.clone(),
        })
        .collect()
}

/// The tokens of all webhooks, in the form of the setting `CLOCKIFY_WEBHOOK_SECRETS`.
fn secrets(world: &World) -> Value {
    let mut secrets: std::collections::BTreeMap<&str, Vec<&str>> =
        std::collections::BTreeMap::new();
    for webhook in world.webhooks() {
        secrets
            .entry(&webhook.event)
            .or_default()
            .push(&webhook.token);
    }
    json!(secrets)
}
