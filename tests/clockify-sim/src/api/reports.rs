//! The detailed report: the only read of a whole workspace's time entries (clockify.md §4.2).

use std::sync::Arc;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Value, json};

use super::call::{Answer, ApiError, Call, Page, Reply};
use crate::{
    calendar::zone_named,
    company::sheets::SheetState,
    wire::{entries, whole_double},
    world::{ReportKey, World},
};

/// What a report is asked for.
struct Question {
    from: i64,
    to: i64,
    zone: TimeZone,
    page: Page,
    descending: bool,
    with_totals: bool,
    approved: Option<bool>,
    users: Vec<String>,
    projects: Vec<String>,
}

/// A bound is a wall clock: an offset in it is dropped, and it is read in the report's zone.
fn bound(body: &Value, name: &str, zone: &TimeZone) -> Result<i64, ApiError> {
    let text = body[name]
        .as_str()
        .ok_or_else(|| ApiError::new(400, 3001, format!("{name} must not be null")))?;
    let wrong = || ApiError::unreadable(format!("{name} {text:?} is not a date and time"));
    let wall_clock: DateTime = match text.parse::<Timestamp>() {
        Ok(instant) => instant.to_zoned(TimeZone::UTC).datetime(),
        Err(_) => text.parse().map_err(|_| wrong())?,
    };
    zone.to_ambiguous_timestamp(wall_clock)
        .compatible()
        .map(Timestamp::as_second)
        .map_err(|_| wrong())
}

fn ids(body: &Value, name: &str) -> Vec<String> {
    body[name]["ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

fn question(world: &World, call: &Call) -> Result<Question, ApiError> {
    let body = call.json()?;
    let zone = match body["timeZone"].as_str() {
        None => world.zone_of(0),
        Some(name) => zone_named(name)
            .ok_or_else(|| ApiError::unreadable(format!("{name:?} is not a time zone")))?,
    };
    let filter = &body["detailedFilter"];
    if !filter.is_object() {
        return Err(ApiError::new(400, 3001, "detailedFilter must not be null"));
    }
    let number = |name: &str, default: u64| {
        usize::try_from(filter[name].as_u64().unwrap_or(default)).unwrap_or(usize::MAX)
    };
    let (from, to) = (
        bound(&body, "dateRangeStart", &zone)?,
        bound(&body, "dateRangeEnd", &zone)?,
    );
    if let Some(days) = world.switches.report_days
        && to - from > i64::from(days) * 86_400
    {
        return Err(ApiError::new(
            400,
            4033,
            format!("Date range must not be longer than {days} days"),
        ));
    }
    Ok(Question {
        from,
        to,
        zone,
        page: Page::new(
            number("page", 1),
            number("pageSize", 50),
            1_000,
            call.shifted,
        )?,
        descending: body["sortOrder"].as_str() != Some("ASCENDING"),
        with_totals: filter["options"]["totals"].as_str() != Some("EXCLUDE"),
        approved: match body["approvalState"].as_str() {
            None | Some("ALL") => None,
            Some("APPROVED") => Some(true),
            Some("UNAPPROVED") => Some(false),
            Some(other) => {
                return Err(ApiError::unreadable(format!(
                    "{other:?} is not an approvalState"
                )));
            }
        },
        users: ids(&body, "users"),
        projects: ids(&body, "projects"),
    })
}

/// The rows of the report in order, as start and id: made once for all pages.
fn rows(world: &mut World, asked: &Question) -> Arc<Vec<ReportKey>> {
    let key = format!(
        "{} {} {} {:?} {:?} {:?}",
        asked.from, asked.to, asked.descending, asked.approved, asked.users, asked.projects
    );
    let revision = world.revision();
    if let Some(rows) = world.report_listing.kept(revision, &key) {
        return rows;
    }
    let mut rows: Vec<ReportKey> = Vec::new();
    for person in 0..world.people.len() {
        let user = world.people[person].id.to_string();
        if !asked.users.is_empty() && !asked.users.contains(&user) {
            continue;
        }
        // A running timer is not in a report yet.
        let found = world.entries_between(person, asked.from, asked.to + 1);
        rows.extend(
            found
                .iter()
                .filter(|entry| entry.end.is_some())
                .filter(|entry| {
                    asked.projects.is_empty()
                        || entry
                            .project
                            .is_some_and(|id| asked.projects.contains(&id.to_string()))
                })
                .filter(|entry| {
                    asked.approved.is_none_or(|approved| {
                        let is_approved = world
                            .sheet_of(entry)
                            .is_some_and(|sheet| sheet.state == SheetState::Approved);
                        is_approved == approved
                    })
                })
                .map(|entry| ReportKey {
                    start: entry.start,
                    id: entry.id,
                    seconds: entry.seconds(),
                    billable: entry.billable,
                    earned: entries::earned(entry),
                }),
        );
    }
    rows.sort_unstable_by_key(|row| (row.start, row.id));
    if asked.descending {
        rows.reverse();
    }
    world.report_listing.keep(revision, &key, rows)
}

pub(super) fn detailed(world: &mut World, call: &Call) -> Answer {
    let asked = question(world, call)?;
    let keys = rows(world, &asked);
    let (shown, last) = asked.page.of(&keys);
    let entries: Vec<_> = shown.iter().filter_map(|key| world.entry(key.id)).collect();
    let rows: Vec<Value> = entries
        .iter()
        .map(|entry| entries::report_row(world, entry, &asked.zone))
        .collect();
    let totals = if asked.with_totals {
        let time: i64 = keys.iter().map(|key| key.seconds).sum();
        let billable: i64 = keys
            .iter()
            .filter(|key| key.billable)
            .map(|key| key.seconds)
            .sum();
        let amount: i64 = keys.iter().map(|key| key.earned).sum();
        json!([{
            "_id": "",
            "totalTime": time,
            "totalBillableTime": billable,
            "entriesCount": keys.len(),
            "totalAmount": whole_double(amount),
            "amounts": [{"type": "EARNED", "value": whole_double(amount)}],
        }])
    } else {
        json!([])
    };
    Ok(Reply::page(
        json!({"totals": totals, "timeentries": rows}),
        last,
    ))
}
