//! Time entries in the forms in which they come: list row, hydrated row, single read, inside an approval
//! request, in a webhook; and as a row of the detailed report.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Nested, Rate, page::row};
use crate::domain::ids::{
    EmployeeId, ProjectId, TagId, TaskId, TimeEntryId, TimesheetId, WorkspaceId,
};

/// One entry. Ids stand flat on lists (`projectId`, `taskId`, `tagIds`) and nested elsewhere
/// (`project.id`, …); hydrated rows and old webhooks have both.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeEntry {
    pub id: TimeEntryId,
    pub workspace_id: Option<WorkspaceId>,
    /// Missing inside an approval request: there the owner of the request is meant.
    pub user_id: Option<EmployeeId>,
    pub description: Option<String>,
    pub billable: Option<bool>,
    /// REGULAR, BREAK, HOLIDAY, TIME_OFF; absent in old webhooks.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub tag_ids: Option<Vec<TagId>>,
    pub project: Option<Nested>,
    pub task: Option<Nested>,
    pub tags: Option<Vec<Nested>>,
    pub time_interval: Option<Interval>,
    /// Always null in webhooks.
    pub hourly_rate: Option<Rate>,
    /// Only inside an approval request.
    pub approval_request_id: Option<TimesheetId>,
}
row!(TimeEntry, "time entry");

/// From when to when. The duration is ISO-8601, `PT26H30M15S`; null while a timer runs, and once seen
/// null on an ended entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Interval {
    pub start: Option<String>,
    pub end: Option<String>,
    pub duration: Option<String>,
}

/// A row of the detailed report, the only list that says which timesheet holds each entry of the whole
/// workspace. Which of its rate and amount fields come is not certain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportedEntry {
    #[serde(rename = "_id")]
    pub id: TimeEntryId,
    pub user_id: Option<EmployeeId>,
    pub description: Option<String>,
    pub billable: Option<bool>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub task_name: Option<String>,
    pub tags: Option<Vec<Nested>>,
    pub time_interval: Option<ReportInterval>,
    /// Minor units. 0 also where the API says null.
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub rate: Option<Decimal>,
    pub approval_request_id: Option<TimesheetId>,
}
row!(ReportedEntry, "row of the detailed report");

/// Instants carry the offset of the zone that the report was asked for; the duration is in seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ReportInterval {
    pub start: Option<String>,
    pub end: Option<String>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub duration: Option<Decimal>,
}

/// The envelope of the detailed report.
#[derive(Debug, Deserialize)]
pub struct ReportPage {
    #[serde(default, rename = "timeentries")]
    pub time_entries: Vec<Box<RawValue>>,
}
