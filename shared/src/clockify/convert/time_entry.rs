//! Time entries (`domain.md` §3, *Time*, *Duration*, *Rate*, *Type*, *Tags*).

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Conversion, Converted, Unreadable, project::workspace, reading};
use crate::{
    clockify::wire,
    domain::{
        flags::entry_flags,
        ids::{EmployeeId, TimesheetId},
        time_entry::{EntryKind, TimeEntry},
    },
};

/// An entry from a list, a single read or a webhook body.
pub fn time_entry(
    row: &wire::TimeEntry,
    conversion: &Conversion,
) -> Result<Converted<TimeEntry>, Unreadable> {
    let employee_id =
        reading::id(row.user_id.as_ref()).ok_or_else(|| reading::unreadable(row, "userId"))?;
    entry_of(row, employee_id, conversion)
}

/// An entry of that employee; inside an approval request the row does not name him.
pub(super) fn entry_of(
    row: &wire::TimeEntry,
    employee_id: EmployeeId,
    conversion: &Conversion,
) -> Result<Converted<TimeEntry>, Unreadable> {
    let interval = row.time_interval.clone().unwrap_or_default();
    let span = Span::new(
        interval.start.as_deref(),
        interval.end.as_deref(),
        interval
            .duration
            .as_deref()
            .and_then(reading::duration_seconds),
    )
    .map_err(|field| reading::unreadable(row, field))?;

    let tag_ids = match &row.tag_ids {
        Some(ids) => reading::set(ids.iter().cloned()),
        None => reading::set(
            row.tags
                .iter()
                .flatten()
                .filter_map(|tag| reading::flat_or_nested(None, Some(tag))),
        ),
    };
    let record = TimeEntry {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        employee_id,
        project_id: reading::flat_or_nested(row.project_id.as_ref(), row.project.as_ref()),
        task_id: reading::flat_or_nested(row.task_id.as_ref(), row.task.as_ref()),
        description: row.description.clone().unwrap_or_default(),
        billable: row.billable.unwrap_or(false),
        kind: kind(row.kind.as_deref()),
        start: span.start,
        end: span.end,
        start_date: conversion.zone.date_of(span.start),
        duration_seconds: span.seconds,
        hours: span
            .seconds
            .map(|seconds| conversion.rounding.hours(seconds)),
        hourly_rate: row
            .hourly_rate
            .as_ref()
            .and_then(|rate| rate.amount)
            .map(reading::money),
        tag_ids,
    };
    let flags = entry_flags(&record, conversion.flag_rules);
    Ok(Converted { record, flags })
}

/// What the detailed report says of an entry: its content as far as the report has it, and the timesheet
/// that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Good to compare with, not to store: the report writes the rate 0 where the entry has none.
    pub entry: TimeEntry,
    pub timesheet_id: Option<TimesheetId>,
    /// Of the entry's task, as it is called now.
    pub task_name: Option<String>,
    /// None where the report did not carry it.
    rate_in_report: Option<Decimal>,
}

impl Reported {
    /// Whether a stored entry says the same, so that it need not be read by itself.
    pub fn agrees_with(&self, stored: &TimeEntry) -> bool {
        let rate_agrees = self
            .rate_in_report
            .is_none_or(|rate| rate == stored.hourly_rate.unwrap_or_default());
        let reported = TimeEntry {
            hourly_rate: stored.hourly_rate,
            ..self.entry.clone()
        };
        rate_agrees && reported == *stored
    }
}

/// A row of the detailed report.
pub fn reported_entry(
    row: &wire::ReportedEntry,
    conversion: &Conversion,
) -> Result<Reported, Unreadable> {
    let interval = row.time_interval.clone().unwrap_or_default();
    let seconds = interval
        .duration
        .and_then(|seconds| i64::try_from(seconds).ok());
    let span = Span::new(interval.start.as_deref(), interval.end.as_deref(), seconds)
        .map_err(|field| reading::unreadable(row, field))?;
    let rate_in_report = row.rate.map(reading::money);
    let entry = TimeEntry {
        id: row.id.clone(),
        workspace_id: conversion.workspace_id.clone(),
        employee_id: reading::id(row.user_id.as_ref())
            .ok_or_else(|| reading::unreadable(row, "userId"))?,
        project_id: reading::id(row.project_id.as_ref()),
        task_id: reading::id(row.task_id.as_ref()),
        description: row.description.clone().unwrap_or_default(),
        billable: row.billable.unwrap_or(false),
        kind: kind(row.kind.as_deref()),
        start: span.start,
        end: span.end,
        start_date: conversion.zone.date_of(span.start),
        duration_seconds: span.seconds,
        hours: span
            .seconds
            .map(|seconds| conversion.rounding.hours(seconds)),
        hourly_rate: rate_in_report.filter(|rate| !rate.is_zero()),
        tag_ids: reading::set(
            row.tags
                .iter()
                .flatten()
                .filter_map(|tag| reading::flat_or_nested(None, Some(tag))),
        ),
    };
    Ok(Reported {
        entry,
        timesheet_id: reading::id(row.approval_request_id.as_ref()),
        task_name: reading::text(row.task_name.as_deref()),
        rate_in_report,
    })
}

/// Old bodies have no `type`: all entries were work then.
fn kind(word: Option<&str>) -> EntryKind {
    EntryKind::from(word.unwrap_or("REGULAR").to_owned())
}

/// From when to when, and how long.
struct Span {
    start: Timestamp,
    /// None while the timer runs.
    end: Option<Timestamp>,
    seconds: Option<i64>,
}

impl Span {
    /// An ended entry without a duration has the one between its ends. The error names the field.
    fn new(
        start: Option<&str>,
        end: Option<&str>,
        duration_seconds: Option<i64>,
    ) -> Result<Self, &'static str> {
        let start = reading::whole_second(start).ok_or("timeInterval.start")?;
        let end = match end {
            None | Some("") => None,
            Some(end) => Some(reading::whole_second(Some(end)).ok_or("timeInterval.end")?),
        };
        let seconds =
            end.map(|end| duration_seconds.unwrap_or_else(|| end.as_second() - start.as_second()));
        if seconds.is_some_and(|seconds| seconds < 0) {
            return Err("timeInterval.duration");
        }
        Ok(Self {
            start,
            end,
            seconds,
        })
    }
}
