//! Policies, requests and holidays (`domain.md` §3, *Holiday*, *Time off*).

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde_json::Value;

use super::{Conversion, Converted, Unreadable, project::workspace, reading};
use crate::{
    clockify::wire,
    domain::{
        ids::{EmployeeId, GroupId},
        time::CompanyZone,
        time_off::{Assignment, Holiday, Policy, TimeOffRequest, TimeOffStatus, TimeUnit},
    },
};

/// A policy. One that counts in neither hours nor days cannot be used.
pub fn policy(
    row: &wire::Policy,
    conversion: &Conversion,
) -> Result<Converted<Policy>, Unreadable> {
    Ok(Converted::sound(Policy {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        name: row.name.clone().unwrap_or_default(),
        unit: unit_named(row.time_unit.as_deref())
            .ok_or_else(|| reading::unreadable(row, "timeUnit"))?,
        assignment: assignment(
            row.everyone_including_new,
            row.user_ids.as_ref(),
            row.user_group_ids.as_ref(),
        ),
        archived: row.archived.unwrap_or(false),
        is_stub: false,
    }))
}

/// A holiday with its whole period; one without an end lasts a day.
pub fn holiday(
    row: &wire::Holiday,
    conversion: &Conversion,
) -> Result<Converted<Holiday>, Unreadable> {
    let period = row.date_period.as_ref();
    let first_day = period
        .and_then(|period| reading::calendar_date(period.start_date.as_deref()))
        .ok_or_else(|| reading::unreadable(row, "datePeriod.startDate"))?;
    let last_day = match period.and_then(|period| period.end_date.as_deref()) {
        None => first_day,
        Some(end) => reading::calendar_date(Some(end))
            .filter(|last_day| *last_day >= first_day)
            .ok_or_else(|| reading::unreadable(row, "datePeriod.endDate"))?,
    };
    Ok(Converted::sound(Holiday {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        name: row.name.clone().unwrap_or_default(),
        first_day,
        last_day,
        occurs_annually: row.occurs_annually.unwrap_or(false),
        assignment: assignment(
            row.everyone_including_new,
            row.user_ids.as_ref(),
            row.user_group_ids.as_ref(),
        ),
    }))
}

/// A request, its days those of its own zone. Whether any of them counts needs holidays and is judged
/// elsewhere.
pub fn time_off_request(
    row: &wire::TimeOffRequest,
    conversion: &Conversion,
) -> Result<Converted<TimeOffRequest>, Unreadable> {
    let missing = |field: &str| reading::unreadable(row, field);
    let unit = unit_named(row.time_unit.as_deref()).ok_or_else(|| missing("timeUnit"))?;
    let zone = reading::text(row.user_time_zone.as_deref())
        .or_else(|| reading::text(row.time_zone.as_deref()))
        .and_then(|name| CompanyZone::named(&name))
        .unwrap_or_else(|| conversion.zone.clone());
    let time_off = row.time_off_period.as_ref();
    let period = time_off.and_then(|time_off| time_off.period.as_ref());
    let instant = |text: Option<&str>| -> Option<Timestamp> { text?.parse().ok() };
    let start = period
        .and_then(|period| instant(period.start.as_deref()))
        .ok_or_else(|| missing("timeOffPeriod.period.start"))?;
    let end = period
        .and_then(|period| instant(period.end.as_deref()))
        .filter(|end| *end >= start)
        .ok_or_else(|| missing("timeOffPeriod.period.end"))?;
    let (first_day, last_day) = days(start, end, unit, &zone);
    let status = row.status.as_ref();

    Ok(Converted::sound(TimeOffRequest {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        employee_id: reading::id(row.user_id.as_ref()).ok_or_else(|| missing("userId"))?,
        policy_id: reading::id(row.policy_id.as_ref()).ok_or_else(|| missing("policyId"))?,
        status: status
            .and_then(|status| reading::text(status.status_type.as_deref()))
            .map(TimeOffStatus::from)
            .ok_or_else(|| missing("status.statusType"))?,
        first_day,
        last_day,
        half_day: time_off
            .and_then(|time_off| time_off.half_day)
            .unwrap_or(false),
        balance_diff: row.balance_diff.ok_or_else(|| missing("balanceDiff"))?,
        unit,
        excluded_days: row
            .exclude_days
            .as_ref()
            .map(|days| reading::set(days.iter().filter_map(|day| excluded_day(day, &zone)))),
        note: reading::text(row.note.as_deref()),
        status_changed_at: status.and_then(|status| reading::instant(status.changed_at.as_deref())),
    }))
}

/// DAYS or HOURS; no other word is known.
pub fn unit_named(word: Option<&str>) -> Option<TimeUnit> {
    match word? {
        "DAYS" => Some(TimeUnit::Days),
        "HOURS" => Some(TimeUnit::Hours),
        _ => None,
    }
}

/// First and last local day. Leave in days runs from midnight to midnight of the zone as Clockify's
/// server knows it; up to two hours of either end are cut, so that a server with older zone rules, an
/// hour off, does not add a day.
fn days(start: Timestamp, end: Timestamp, unit: TimeUnit, zone: &CompanyZone) -> (Date, Date) {
    let slack = match unit {
        TimeUnit::Hours => SignedDuration::ZERO,
        TimeUnit::Days => (end.duration_since(start) / 2).min(SignedDuration::from_hours(2)),
    };
    // The end itself is no part of the leave: what ends at midnight does not reach into the next day.
    let last = (end - slack - SignedDuration::from_millis(1)).max(start);
    (zone.date_of(start + slack), zone.date_of(last))
}

/// A date, or an instant of that local date.
fn excluded_day(day: &Value, zone: &CompanyZone) -> Option<Date> {
    let text = day.as_str()?;
    reading::date(text).or_else(|| Some(zone.date_of(text.parse().ok()?)))
}

fn assignment(
    everyone: Option<bool>,
    employee_ids: Option<&Vec<EmployeeId>>,
    group_ids: Option<&Vec<GroupId>>,
) -> Assignment {
    Assignment {
        everyone: everyone.unwrap_or(false),
        employee_ids: reading::set(employee_ids.into_iter().flatten().cloned()),
        group_ids: reading::set(group_ids.into_iter().flatten().cloned()),
    }
}
