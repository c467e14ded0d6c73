//! Approval requests become timesheets (`domain.md` §3, *Timesheet dates*).

use jiff::{SignedDuration, Timestamp};

use super::{
    Conversion, Converted, Unreadable, expense::expense_of, project::workspace, reading,
    time_entry::entry_of,
};
use crate::{
    clockify::wire::{self, Row},
    domain::{
        expense::Expense,
        time_entry::TimeEntry,
        timesheet::{Timesheet, TimesheetState},
    },
};

/// A timesheet with what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedTimesheet {
    pub timesheet: Timesheet,
    /// The whole set: what is missing here has left the timesheet, unless it is among the unreadable.
    pub entries: Vec<Converted<TimeEntry>>,
    pub expenses: Vec<Converted<Expense>>,
    /// What the timesheet holds and nobody can read.
    pub unreadable: Vec<Unreadable>,
}

/// A row of the approval requests list.
pub fn submitted_timesheet(
    row: &wire::Approval,
    conversion: &Conversion,
) -> Result<SubmittedTimesheet, Unreadable> {
    let mut timesheet = timesheet(&row.approval_request, conversion)?;
    timesheet.expenses_only = holds_expenses_only(row);
    let mut unreadable = Vec::new();
    let mut entries = Vec::new();
    let sent = row.entries.iter();
    unreadable.extend(sent.flat_map(|held| held.unreadable.iter().cloned()));
    for entry in row.entries.iter().flat_map(|held| &held.rows) {
        match entry_of(entry, timesheet.employee_id.clone(), conversion) {
            Ok(entry) => entries.push(entry),
            Err(error) => unreadable.push(error),
        }
    }
    let mut expenses = Vec::new();
    let sent = row.expenses.iter();
    unreadable.extend(sent.flat_map(|held| held.unreadable.iter().cloned()));
    for expense in row.expenses.iter().flat_map(|held| &held.rows) {
        match expense_of(expense, timesheet.employee_id.clone(), conversion) {
            Ok(expense) => expenses.push(expense),
            Err(error) => unreadable.push(error),
        }
    }
    Ok(SubmittedTimesheet {
        timesheet,
        entries,
        expenses,
        unreadable,
    })
}

/// Whether no time was sent with it. What it holds decides; where it holds nothing, Clockify's word.
fn holds_expenses_only(row: &wire::Approval) -> bool {
    let holds_time = row.entries.as_ref().is_some_and(|held| !held.is_empty());
    let holds_expenses = row.expenses.as_ref().is_some_and(|held| !held.is_empty());
    match row.approval_request.kind.as_deref() {
        _ if holds_time => false,
        Some("EXPENSE") => true,
        Some("TIMESHEET" | "TIMESHEET_AND_EXPENSE") => false,
        _ => holds_expenses,
    }
}

/// A timesheet without what it holds: all that an approval webhook tells.
pub fn timesheet(
    request: &wire::ApprovalRequest,
    conversion: &Conversion,
) -> Result<Timesheet, Unreadable> {
    let missing = |field: &str| Unreadable {
        resource: wire::Approval::RESOURCE,
        id: Some(request.id.to_string()),
        field: field.to_owned(),
    };
    let owner = request.owner.as_ref();
    let range = request.date_range.as_ref();
    let status = request.status.as_ref();
    let noon = SignedDuration::from_hours(12);
    let local_date = |text: Option<&str>, shift: SignedDuration| {
        let instant: Timestamp = text?.parse().ok()?;
        Some(conversion.zone.date_of(instant.checked_add(shift).ok()?))
    };
    let state = status
        .and_then(|status| reading::text(status.state.as_deref()))
        .ok_or_else(|| missing("status.state"))?;

    Ok(Timesheet {
        id: request.id.clone(),
        workspace_id: workspace(request.workspace_id.as_ref(), conversion),
        employee_id: owner
            .and_then(|owner| reading::id(owner.user_id.as_ref()))
            .ok_or_else(|| missing("owner.userId"))?,
        first_day: range
            .and_then(|range| local_date(range.start.as_deref(), noon))
            .ok_or_else(|| missing("dateRange.start"))?,
        last_day: range
            .and_then(|range| local_date(range.end.as_deref(), -noon))
            .ok_or_else(|| missing("dateRange.end"))?,
        state: TimesheetState::from(state),
        state_updated_at: status.and_then(|status| reading::instant(status.updated_at.as_deref())),
        note: status.and_then(|status| reading::text(status.note.as_deref())),
        expenses_only: request.kind.as_deref() == Some("EXPENSE"),
    })
}
