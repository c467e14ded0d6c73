//! Approval requests: the list carries entries, expenses and totals, the webhook none of them.

use serde_json::{Value, json};

use super::{claims, entries, whole_double};
use crate::{
    calendar::{instant_text, iso_duration},
    company::{
        history::{Entry, EntryKind},
        sheets::SheetState,
        work::workspace_id,
    },
    world::{Timesheet, World},
};

/// The request itself, as its change answers it.
pub(crate) fn request(world: &World, sheet: &Timesheet) -> Value {
    let owner = &world.people[sheet.person];
    let updated_by = &world.people[sheet.updated_by];
    let (start, end) = world.range_of(sheet);
    // Who takes his week back is asked for no note.
    let has_no_note = sheet.state == SheetState::WithdrawnSubmission && sheet.note.is_empty();
    json!({
        "id": sheet.id,
        "workspaceId": workspace_id(),
        "dateRange": {"start": instant_text(start), "end": instant_text(end)},
        "owner": {
            "userId": owner.id,
            "userName": owner.shown_name(),
            "timeZone": owner.zone,
            "startOfWeek": "SUNDAY",
        },
        "status": {
            "state": sheet.state.text(),
            "updatedBy": updated_by.id,
            "updatedByUserName": updated_by.shown_name(),
            "updatedAt": instant_text(sheet.updated_at),
            "note": (!has_no_note).then_some(&sheet.note),
        },
        "creator": {
            "userId": owner.id,
            "userName": owner.shown_name(),
            "userEmail": owner.email,
        },
    })
}

fn seconds(entries: &[Entry], which: impl Fn(&Entry) -> bool) -> String {
    iso_duration(
        entries
            .iter()
            .filter(|entry| which(entry))
            .map(Entry::seconds)
            .sum(),
    )
}

/// An element of the list.
pub(crate) fn element(world: &World, sheet: &Timesheet) -> Value {
    let held = world.entries_of(sheet);
    let claimed = world.expenses_of(sheet);
    let mut approval_request = request(world, sheet);
    if let Some(row) = approval_request.as_object_mut() {
        let kind = match (held.is_empty(), claimed.is_empty()) {
            (_, true) => "TIMESHEET",
            (true, false) => "EXPENSE",
            (false, false) => "TIMESHEET_AND_EXPENSE",
        };
        row.insert("type".to_owned(), json!(kind));
    }
    let worked = |entry: &Entry| entry.kind != EntryKind::Break;
    let tracked = seconds(&held, worked);
    let (approved, pending) = match sheet.state {
        SheetState::Approved => (tracked.clone(), "PT0S".to_owned()),
        _ => ("PT0S".to_owned(), tracked.clone()),
    };
    json!({
        "approvalRequest": approval_request,
        "entries": held
            .iter()
            .map(|entry| entries::in_sheet(world, sheet, entry))
            .collect::<Vec<_>>(),
        "expenses": claimed
            .iter()
            .map(|expense| claims::in_sheet(world, sheet, expense))
            .collect::<Vec<_>>(),
        "trackedTime": tracked,
        "billableTime": seconds(&held, |entry| entry.billable),
        "breakTime": seconds(&held, |entry| !worked(entry)),
        "approvedTime": approved,
        "pendingTime": pending,
        "billableAmount": whole_double(held.iter().map(entries::earned).sum()),
        "costAmount": 0,
        "expenseTotal": whole_double(claimed.iter().map(|expense| expense.cents).sum()),
    })
}

/// The body of approval events: no entries, no totals.
pub(crate) fn webhook_body(world: &World, sheet: &Timesheet) -> Value {
    let mut body = request(world, sheet);
    if let Some(row) = body.as_object_mut() {
        row.insert("approvalStatuses".to_owned(), json!({}));
    }
    body
}
