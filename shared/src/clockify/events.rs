//! What each webhook event is about and what follows from it: one table (`clockify.md` §9.3, §9.4).
//!
//! A body says that something changed, the API says what: so all that is taken from a body is which
//! record it is, and where to look for it. A deletion is read again like any change.

use jiff::Timestamp;
use serde_json::Value;

use self::{
    Action::{Ignore, Reread, RereadDay, ScanApprovals},
    Resource::{
        Assignment, Balance, Client, Employee, Expense, Group, Invitation, Invoice, Project, Rate,
        Tag, Task, TimeEntry, TimeOffRequest, Timesheet,
    },
};
use super::client::Window;

/// A kind of record that events speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    TimeEntry,
    Timesheet,
    Project,
    Task,
    Client,
    Tag,
    Employee,
    Group,
    TimeOffRequest,
    /// A person's balances under all policies.
    Balance,
    Expense,
    Rate,
    Invoice,
    Assignment,
    Invitation,
}

/// What an event makes us do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read the record again; if Clockify says that it is gone, leave a tombstone.
    Reread,
    /// The same, and all entries of the person on that day: a split makes entries that the body does
    /// not name.
    RereadDay,
    /// Scan the approvals list, once for all such events that wait.
    ScanApprovals,
    /// Nothing of ours changes, or only what the nightly sync reads anyway; accepted and counted.
    Ignore,
}

/// A webhook event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// As in the header `Clockify-Webhook-Event-Type`.
    pub name: &'static str,
    pub resource: Resource,
    /// Where the body names the record: a JSON pointer.
    pub id: &'static str,
    pub action: Action,
}

const fn event(name: &'static str, resource: Resource, id: &'static str, action: Action) -> Event {
    Event {
        name,
        resource,
        id,
        action,
    }
}

/// Every event that Clockify can be asked to send.
pub static EVENTS: [Event; 51] = [
    event("NEW_TIME_ENTRY", TimeEntry, "/id", Reread),
    event("TIME_ENTRY_UPDATED", TimeEntry, "/id", Reread),
    event("TIME_ENTRY_DELETED", TimeEntry, "/id", Reread),
    event("TIME_ENTRY_RESTORED", TimeEntry, "/id", Reread),
    event("TIME_ENTRY_SPLIT", TimeEntry, "/id", RereadDay),
    event("NEW_TIMER_STARTED", TimeEntry, "/id", Reread),
    event("TIMER_STOPPED", TimeEntry, "/id", Reread),
    event("NEW_APPROVAL_REQUEST", Timesheet, "/id", ScanApprovals),
    event(
        "APPROVAL_REQUEST_STATUS_UPDATED",
        Timesheet,
        "/id",
        ScanApprovals,
    ),
    event("NEW_PROJECT", Project, "/id", Reread),
    event("PROJECT_UPDATED", Project, "/id", Reread),
    event("PROJECT_DELETED", Project, "/id", Reread),
    event("NEW_TASK", Task, "/id", Reread),
    event("TASK_UPDATED", Task, "/id", Reread),
    event("TASK_DELETED", Task, "/id", Reread),
    event("NEW_CLIENT", Client, "/id", Reread),
    event("CLIENT_UPDATED", Client, "/id", Reread),
    event("CLIENT_DELETED", Client, "/id", Reread),
    event("NEW_TAG", Tag, "/id", Reread),
    event("TAG_UPDATED", Tag, "/id", Reread),
    event("TAG_DELETED", Tag, "/id", Reread),
    event("USER_JOINED_WORKSPACE", Employee, "/id", Reread),
    event("USER_UPDATED", Employee, "/id", Reread),
    event("USER_EMAIL_CHANGED", Employee, "/id", Reread),
    event("USER_ACTIVATED_ON_WORKSPACE", Employee, "/id", Reread),
    event("USER_DEACTIVATED_ON_WORKSPACE", Employee, "/id", Reread),
    event("USER_DELETED_FROM_WORKSPACE", Employee, "/id", Reread),
    event("USERS_INVITED_TO_WORKSPACE", Invitation, "", Ignore),
    event("LIMITED_USERS_ADDED_TO_WORKSPACE", Invitation, "", Ignore),
    event("USER_GROUP_CREATED", Group, "/id", Reread),
    event("USER_GROUP_UPDATED", Group, "/id", Reread),
    event("USER_GROUP_DELETED", Group, "/id", Reread),
    event("TIME_OFF_REQUESTED", TimeOffRequest, "/id", Reread),
    event("TIME_OFF_REQUEST_UPDATED", TimeOffRequest, "/id", Reread),
    event("TIME_OFF_REQUEST_APPROVED", TimeOffRequest, "/id", Reread),
    event("TIME_OFF_REQUEST_REJECTED", TimeOffRequest, "/id", Reread),
    event("TIME_OFF_REQUEST_STARTED", TimeOffRequest, "/id", Reread),
    event("TIME_OFF_REQUEST_WITHDRAWN", TimeOffRequest, "/id", Reread),
    // Balances are recomputed and compared each day.
    event("BALANCE_UPDATED", Balance, "/userId", Ignore),
    event("EXPENSE_CREATED", Expense, "/id", Reread),
    event("EXPENSE_UPDATED", Expense, "/expenseId", Reread),
    event("EXPENSE_DELETED", Expense, "/expenseId", Reread),
    event("EXPENSE_RESTORED", Expense, "/id", Reread),
    event("NEW_INVOICE", Invoice, "/id", Ignore),
    event("INVOICE_UPDATED", Invoice, "/id", Ignore),
    event("ASSIGNMENT_CREATED", Assignment, "/assignmentId", Ignore),
    event("ASSIGNMENT_UPDATED", Assignment, "/assignmentId", Ignore),
    event("ASSIGNMENT_DELETED", Assignment, "/assignmentId", Ignore),
    event("ASSIGNMENT_PUBLISHED", Assignment, "/assignmentId", Ignore),
    // Retroactive: the rates of old entries change, and the detailed report of the next sync shows it.
    event(
        "BILLABLE_RATE_UPDATED",
        Rate,
        "/modifiedEntity/targetId",
        Ignore,
    ),
    event(
        "COST_RATE_UPDATED",
        Rate,
        "/modifiedEntity/targetId",
        Ignore,
    ),
];

/// The record that a body speaks of, and where to look for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Clockify's id of the record; it was not looked up.
    pub id: String,
    /// None in bodies about users and tasks.
    pub workspace_id: Option<String>,
    pub user_id: Option<String>,
    pub project_id: Option<String>,
    /// When the entry or the leave is: its end lies at its start while a timer runs.
    pub when: Option<Window>,
    /// The days of a request on which no leave is taken: only the bodies of time-off events tell them, the search does not.
    pub exclude_days: Option<Vec<Value>>,
}

impl Reference {
    /// A record of which no more than the id is known.
    pub fn to_id(id: String) -> Self {
        Self {
            id,
            workspace_id: None,
            user_id: None,
            project_id: None,
            when: None,
            exclude_days: None,
        }
    }
}

impl Event {
    /// The event of that name; None for one that Clockify did not have when this was written.
    pub fn named(name: &str) -> Option<&'static Self> {
        EVENTS.iter().find(|event| event.name == name)
    }

    /// Whether it changes anything here.
    pub fn is_used(&self) -> bool {
        self.action != Ignore
    }

    /// What the body refers to; None where it names no record.
    pub fn reference(&self, body: &Value) -> Option<Reference> {
        let text = |pointer: &str| {
            let text = body.pointer(pointer)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let instant = |pointer: &str| -> Option<Timestamp> { text(pointer)?.parse().ok() };
        let window = |start: &str, end: &str| {
            let from = instant(start)?;
            let to = instant(end).unwrap_or(from);
            Some(Window { from, to })
        };
        Some(Reference {
            id: text(self.id)?,
            workspace_id: text("/workspaceId"),
            user_id: text("/userId"),
            project_id: text("/projectId"),
            when: window("/timeInterval/start", "/timeInterval/end")
                .or_else(|| window("/timeOffPeriod/period/start", "/timeOffPeriod/period/end")),
            exclude_days: body.get("excludeDays").and_then(Value::as_array).cloned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_event_stands_once_and_is_found_by_its_name() {
        let names: HashSet<_> = EVENTS.iter().map(|event| event.name).collect();
        assert_eq!(names.len(), EVENTS.len());
        for event in &EVENTS {
            assert_eq!(Event::named(event.name), Some(event));
        }
        assert_eq!(Event::named("TIME_ENTRY_EATEN"), None);
    }

    #[test]
    fn a_body_without_its_record_refers_to_nothing() {
        let event = Event::named("EXPENSE_DELETED").unwrap();
        for body in [
            serde_json::json!({"id": "1"}),
            serde_json::json!({"expenseId": ""}),
            serde_json::json!({"expenseId": 7}),
            serde_json::json!([]),
            serde_json::json!("EXPENSE_DELETED"),
        ] {
            assert_eq!(event.reference(&body), None, "{body}");
        }
    }
}
