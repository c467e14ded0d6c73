//! Webhook bodies, their headers, and the order in which they may come.

use serde_json::Value;
use shared::{
    clockify::{
        convert,
        events::{Action, EVENTS, Event, Resource},
        webhook::verify,
        wire::ApprovalRequest,
    },
    domain::timesheet::TimesheetState,
    settings::{Secret, WebhookSecrets},
};

use crate::fixture::{Fixture, JORDAN, WORKSPACE, conversion, manifest};

pub(crate) fn read(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "webhooks/_headers.json" => {
            let headers = &fixture.json()["headers"];
            let text = |name: &str| headers[name].as_str().unwrap();
            let event = text("clockify-webhook-event-type");
            let signature = text("clockify-signature");
            let secrets: WebhookSecrets = [(event.to_owned(), vec![Secret::from(signature)])]
                .into_iter()
                .collect();
            assert!(verify(&secrets, event, signature));
            assert!(!verify(&secrets, event, text("idempotency-key")));
        }
        "sequences/out-of-order-duplicates.json" => {
            let deliveries = fixture.json()["deliveries"].clone();
            for delivery in deliveries.as_array().unwrap() {
                let event = Event::named(delivery["event"].as_str().unwrap()).unwrap();
                let body = Fixture::named(delivery["file"].as_str().unwrap()).json();
                let reference = event.reference(&body).unwrap();
                assert_eq!(reference.id, "69b0efc800e1000000000006", "one entry");
                assert_eq!(event.action, Action::Reread, "deletions too");
            }
        }
        file if file.starts_with("webhooks/") => read_body(fixture),
        _ => return false,
    }
    true
}

/// Every body names its record where the table says; the few that we ignore need not.
fn read_body(fixture: &Fixture) {
    let name = fixture.entry()["event"].as_str().unwrap();
    let event = Event::named(name).unwrap_or_else(|| panic!("{name} is not in the table"));
    let body: Value = fixture.json();
    let reference = event.reference(&body);
    if event.resource == Resource::Invitation {
        assert_eq!(reference, None);
        return;
    }
    let reference = reference.unwrap_or_else(|| panic!("{} names no record", fixture.file));
    if fixture.file.ends_with(".malformed.json") {
        assert_eq!(reference.id, "not-an-object-id");
        assert_ne!(
            reference.workspace_id.as_deref(),
            Some(WORKSPACE),
            "foreign"
        );
        return;
    }
    assert_eq!(reference.id.len(), 24, "{}", fixture.file);
    if let Some(workspace) = &reference.workspace_id {
        assert_eq!(workspace, WORKSPACE, "{}", fixture.file);
    }
    match event.resource {
        Resource::TimeEntry | Resource::TimeOffRequest => {
            assert!(reference.user_id.is_some(), "{}", fixture.file);
            let when = reference.when.unwrap();
            assert!(when.from <= when.to, "{}", fixture.file);
        }
        Resource::Task => assert!(reference.project_id.is_some(), "{}", fixture.file),
        Resource::Balance => assert_eq!(reference.id, JORDAN),
        Resource::Timesheet => {
            let request: ApprovalRequest = fixture.read();
            let timesheet = convert::timesheet(&request, &conversion()).unwrap();
            assert_eq!(timesheet.id.as_str(), reference.id);
        }
        _ => {}
    }
}

#[test]
fn every_event_of_clockify_is_in_the_table_and_has_a_fixture() {
    for event in &EVENTS {
        assert!(
            manifest().contains_key(&format!("webhooks/{}.json", event.name)),
            "{}",
            event.name
        );
    }
    let mut with_fixture: Vec<_> = manifest()
        .values()
        .filter_map(|entry| entry["event"].as_str())
        .collect();
    with_fixture.sort_unstable();
    with_fixture.dedup();
    assert_eq!(with_fixture.len(), EVENTS.len());
}

#[test]
fn only_what_is_not_ours_is_ignored() {
    let ignored: Vec<_> = EVENTS
        .iter()
        .filter(|event| !event.is_used())
        .map(|event| event.name)
        .collect();
    assert_eq!(
        ignored,
        [
            "USERS_INVITED_TO_WORKSPACE",
            "LIMITED_USERS_ADDED_TO_WORKSPACE",
            // Balances are recomputed and compared each day.
            "BALANCE_UPDATED",
            "NEW_INVOICE",
            "INVOICE_UPDATED",
            "ASSIGNMENT_CREATED",
            "ASSIGNMENT_UPDATED",
            "ASSIGNMENT_DELETED",
            "ASSIGNMENT_PUBLISHED",
            "BILLABLE_RATE_UPDATED",
            "COST_RATE_UPDATED"
        ]
    );
}

/// The webhook alone tells of a rejected or withdrawn timesheet: no list of Clockify's holds it.
#[test]
fn an_approval_body_carries_the_state() {
    for (variant, state) in [
        ("", TimesheetState::Approved),
        (".pending", TimesheetState::Pending),
        (".rejected", TimesheetState::Rejected),
        (".withdrawn-submission", TimesheetState::WithdrawnSubmission),
        (".withdrawn-approval", TimesheetState::WithdrawnApproval),
    ] {
        let file = format!("webhooks/APPROVAL_REQUEST_STATUS_UPDATED{variant}.json");
        let request: ApprovalRequest = Fixture::named(&file).read();
        let timesheet = convert::timesheet(&request, &conversion()).unwrap();
        assert_eq!(timesheet.state, state);
        assert!(timesheet.state_updated_at.is_some());
    }
}

#[test]
fn the_expense_events_name_their_record_in_two_ways() {
    for (file, id) in [
        ("EXPENSE_CREATED", "69b0784000f1000000000001"),
        ("EXPENSE_UPDATED", "69b1c9c000f1000000000002"),
        ("EXPENSE_DELETED", "69af26c000f1000000000004"),
        ("EXPENSE_RESTORED", "69af26c000f1000000000004"),
    ] {
        let body = Fixture::named(&format!("webhooks/{file}.json")).json();
        let reference = Event::named(file).unwrap().reference(&body).unwrap();
        assert_eq!(reference.id, id, "{file}");
    }
}
