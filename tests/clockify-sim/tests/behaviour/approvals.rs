//! What clockify.md §5 says of approval requests.

use clockify_sim::{Command, EntryChange, SheetState};
use serde_json::{Value, json};

use crate::support::{Api, id, pending};

#[tokio::test]
async fn the_list_of_approvals_knows_three_states_and_there_is_no_single_read() {
    let api = Api::start().await;
    for (status, expected) in [
        ("PENDING", 200),
        ("APPROVED", 200),
        ("WITHDRAWN_APPROVAL", 200),
        ("REJECTED", 400),
        ("WITHDRAWN_SUBMISSION", 400),
    ] {
        let answer = api
            .get(&format!("/approval-requests?status={status}"))
            .await;
        assert_eq!(answer.status, expected, "{status}");
    }
    let one = pending(&api).await[0]["approvalRequest"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        api.get(&format!("/approval-requests/{one}")).await.status,
        405
    );
}

#[tokio::test]
async fn approvals_are_sorted_by_when_they_changed_and_ignore_user_and_dates() {
    let api = Api::start().await;
    let rows = pending(&api).await;
    let changed: Vec<&str> = rows
        .iter()
        .map(|row| {
            row["approvalRequest"]["status"]["updatedAt"]
                .as_str()
                .unwrap()
        })
        .collect();
    assert!(changed.windows(2).all(|pair| pair[0] >= pair[1]));
    let filtered = api
        .get("/approval-requests?status=PENDING&sort-column=UPDATED_AT&sort-order=DESCENDING&page-size=200&userId=x&start=2030-01-01T00:00:00Z")
        .await
        .rows();
    assert_eq!(filtered, rows);
}

#[tokio::test]
async fn a_rejected_timesheet_leaves_the_lists_and_its_entries_are_free() {
    let api = Api::start().await;
    let control = api.control();
    let first = pending(&api).await[0].clone();
    let sheet = id(&first["approvalRequest"]).parse().unwrap();
    control
        .decide(sheet, SheetState::Rejected, "Wrong project")
        .await
        .unwrap();
    let listed = |rows: Vec<Value>| {
        rows.iter()
            .any(|row| row["approvalRequest"]["id"] == first["approvalRequest"]["id"])
    };
    for status in ["PENDING", "APPROVED", "WITHDRAWN_APPROVAL"] {
        let rows = api
            .get(&format!("/approval-requests?status={status}&sort-column=START&sort-order=DESCENDING&page-size=200"))
            .await
            .rows();
        assert!(!listed(rows), "{status}");
    }
    let person = first["approvalRequest"]["owner"]["userId"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let week = "2026-10-28".parse().unwrap();
    let free = control.entries(person, week).await.unwrap();
    assert!(free.iter().all(|entry| entry.sheet.is_none()));
    let again = control.submit(person, week).await.unwrap().id().unwrap();
    assert_ne!(again, sheet);
    let held = control.entries(person, week).await.unwrap();
    assert!(held.iter().all(|entry| entry.sheet == Some(again)));
}

#[tokio::test]
async fn a_withdrawn_approval_is_listed_without_entries() {
    let api = Api::start().await;
    for row in api
        .get("/approval-requests?status=WITHDRAWN_APPROVAL")
        .await
        .rows()
    {
        assert_eq!(row["entries"], json!([]));
        assert_eq!(row["trackedTime"], "PT0S");
    }
}

#[tokio::test]
async fn a_timesheets_range_is_its_owners_week() {
    let api = Api::start().await;
    let ranges: Vec<(String, String, String)> = pending(&api)
        .await
        .iter()
        .map(|row| {
            let request = &row["approvalRequest"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                text(&request["owner"]["timeZone"]),
                text(&request["dateRange"]["start"]),
                text(&request["dateRange"]["end"]),
            )
        })
        .collect();
    for (zone, start, end) in [
        (
            "America/Edmonton",
            "2026-10-25T06:00:00Z",
            "2026-11-01T05:59:59Z",
        ),
        (
            "America/Denver",
            "2026-10-25T06:00:00Z",
            "2026-11-01T05:59:59Z",
        ),
        (
            "America/Vancouver",
            "2026-10-25T07:00:00Z",
            "2026-11-01T06:59:59Z",
        ),
    ] {
        let row = (zone.to_owned(), start.to_owned(), end.to_owned());
        assert!(ranges.contains(&row), "{row:?}");
    }
}

#[tokio::test]
async fn some_weeks_are_approved_in_part() {
    let api = Api::start().await;
    let control = api.control();
    let mut partly = 0;
    for person in control.people().await.unwrap() {
        let entries = control
            .entries(person.id, "2026-10-20".parse().unwrap())
            .await
            .unwrap();
        let held = entries.iter().filter(|entry| entry.sheet.is_some()).count();
        if held > 0 && held < entries.len() {
            partly += 1;
        }
    }
    assert!(partly >= 1);
}

#[tokio::test]
async fn a_change_that_clockify_would_refuse_is_refused() {
    let api = Api::start().await;
    let control = api.control();
    let approved = api
        .get("/approval-requests?status=APPROVED&page-size=1")
        .await
        .rows();
    let entry = id(&approved[0]["entries"][0]).parse().unwrap();
    let change = EntryChange {
        description: Some("x".to_owned()),
        ..EntryChange::default()
    };
    let refused = control
        .run(&Command::EditEntry { entry, change })
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("409"), "{refused}");
    let sheet = id(&approved[0]["approvalRequest"]).parse().unwrap();
    let refused = control
        .decide(sheet, SheetState::Rejected, "")
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("APPROVED to REJECTED"),
        "{refused}"
    );
}
