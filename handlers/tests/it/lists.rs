//! Lists: what they hold, how they are filtered, and how one walks through their parts.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::{
    azure::queues::JOBS,
    domain::{
        employee::{Employee, EmployeeStatus, RateType},
        project::{Client, Project},
        time_entry::{EntryKind, TimeEntry},
        timesheet::{Timesheet, TimesheetState},
    },
    functions::role::Role,
    store::{client, dead_letter, employee, membership, project, time_entry, timesheet},
};

use crate::support::{App, written};

fn person(id: &str, name: &str, status: EmployeeStatus) -> Employee {
    Employee {
        id: id.into(),
        workspace_id: "ws".into(),
        name: name.into(),
        email: None,
        status,
        role: Some("Surveyor".into()),
        start_date: Some("2020-01-01".parse().unwrap()),
        end_date: None,
        rate_type: Some(RateType::Hourly),
        reporting_manager: None,
        has_truck: false,
        truck_details: None,
        time_zone: None,
        is_stub: false,
    }
}

fn entry(id: &str, employee: &str, day: &str, hours: &str) -> TimeEntry {
    TimeEntry {
        id: id.into(),
        workspace_id: "ws".into(),
        employee_id: employee.into(),
        project_id: None,
        task_id: None,
        description: String::new(),
        billable: false,
        kind: EntryKind::Regular,
        start: format!("{day}T14:00:00Z").parse().unwrap(),
        end: Some(format!("{day}T23:00:00Z").parse().unwrap()),
        start_date: day.parse().unwrap(),
        duration_seconds: Some(32_400),
        hours: Some(hours.parse().unwrap()),
        hourly_rate: None,
        tag_ids: Vec::new(),
    }
}

/// Two people of one name: one with an approved day, one with a day that waits.
async fn company() -> App {
    let app = App::new();
    let people = [
        person("e1", "Alex Roy", EmployeeStatus::Active),
        person("e2", "Alex Roy", EmployeeStatus::Active),
        person("e3", "Zoë Left", EmployeeStatus::Inactive),
    ];
    written!(app, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    let entries = [
        entry("n1", "e1", "2026-11-02", "9.25"),
        entry("n2", "e1", "2026-11-03", "8"),
        entry("n3", "e2", "2026-11-02", "4"),
    ];
    written!(app, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let sheets = [Timesheet {
        id: "s1".into(),
        workspace_id: "ws".into(),
        employee_id: "e1".into(),
        first_day: "2026-11-01".parse().unwrap(),
        last_day: "2026-11-07".parse().unwrap(),
        state: TimesheetState::Approved,
        state_updated_at: None,
        note: None,
        expenses_only: false,
    }];
    written!(app, |tx, spent| timesheet::upsert_page(
        &mut tx, spent, &sheets
    ));
    let holdings: membership::Holdings =
        BTreeMap::from([("s1".into(), ["n1".into(), "n2".into()].into())]);
    written!(app, |tx, spent| membership::hold(&mut tx, spent, &holdings));
    app
}

const WEEK: &str = "/api/attendance?from=2026-11-01&to=2026-11-07";

/// `interface.md` §3: the fields of a day; numbers are numbers, exact. `domain.md` §11.6: two people of one name are two.
#[tokio::test]
async fn attendance_has_a_row_for_each_employee_and_day_with_anything_on_it() {
    let app = company().await;
    let answer = app.get(WEEK, Role::PayrollRead).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let items = body["items"].as_array().unwrap();
    assert_eq!(body["nextCursor"], Value::Null);
    assert_eq!(items.len(), 3, "{}", answer.text);
    assert_eq!(
        items[0],
        json!({
            "employeeId": "e1", "employeeName": "Alex Roy", "date": "2026-11-02",
            "workedHours": 9.25, "regularHours": 8, "overtimeHours": 1.25, "bankedHours": 0,
            "timeOffHours": 0, "statHours": 0, "totalPaidHours": 9.25,
            "policy": "", "status": "APPROVED", "waitingHours": 0, "reasons": ["overtime: day over 8"],
        })
    );
    let waiting = &items[2];
    assert_eq!(
        (&waiting["employeeId"], &waiting["status"]),
        (&json!("e2"), &json!("NO SUBMISSION"))
    );
    assert_eq!(
        (&waiting["workedHours"], &waiting["waitingHours"]),
        (&json!(0), &json!(4))
    );

    let one = app
        .get(&format!("{WEEK}&employeeId=e2"), Role::PayrollRead)
        .await
        .json();
    assert_eq!(one["items"], json!([waiting]));
}

#[tokio::test]
async fn a_list_is_walked_through_part_by_part() {
    let app = company().await;
    let whole = app.get(WEEK, Role::PayrollRead).await.json();
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let part = app
            .get(
                &format!("{WEEK}&limit=2&cursor={cursor}"),
                Role::PayrollRead,
            )
            .await
            .json();
        let items = part["items"].as_array().unwrap().clone();
        assert!(items.len() <= 2);
        walked.extend(items);
        match part["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(Value::from(walked), whole["items"]);
}

#[tokio::test]
async fn attendance_says_what_is_wrong_with_its_question() {
    let app = company().await;
    let table = [
        (
            "/api/attendance",
            400,
            "invalid-input",
            "`from` is missing; send a day like 2026-10-25.",
        ),
        (
            "/api/attendance?from=2026-11-07&to=2026-11-01",
            400,
            "invalid-period",
            "The period ends on 2026-11-01, before it starts on 2026-11-07; give an end that is not earlier.",
        ),
        (
            "/api/attendance?from=2024-01-01&to=2026-01-01",
            400,
            "invalid-period",
            "The period has 732 days; ask for at most 366 at once.",
        ),
        (
            "/api/attendance?from=2026-11-01&to=2026-11-07&employeeId=e9",
            404,
            "not-found",
            "There is no employee with that id.",
        ),
    ];
    for (path, status, code, sentence) in table {
        let answer = app.get(path, Role::PayrollRead).await;
        assert_eq!(
            answer.problem(),
            (status, code.into(), sentence.into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn lookups_find_by_part_of_a_name_and_by_activity() {
    let app = company().await;
    let clients = [Client {
        id: "c1".into(),
        workspace_id: "ws".into(),
        short_name: "NR".into(),
        long_name: Some("Northern Rail".into()),
        email: None,
        address: None,
        archived: false,
        is_stub: false,
    }];
    written!(app, |tx, spent| client::upsert_page(
        &mut tx, spent, &clients
    ));
    let projects = ["b", "a"].map(|letter| Project {
        id: format!("p-{letter}").into(),
        workspace_id: "ws".into(),
        client_id: Some("c1".into()),
        name: format!("{letter}-001 - River Crossing"),
        code: Some(format!("{letter}-001")),
        title: "River Crossing".into(),
        billable: true,
        archived: letter == "b",
        is_stub: false,
    });
    written!(app, |tx, spent| project::upsert_page(
        &mut tx, spent, &projects
    ));
    let table: [(&str, &[&str]); 9] = [
        ("clients?q=rail", &["c1"]),
        ("clients?q=nothing", &[]),
        ("projects", &["p-a", "p-b"]),
        ("projects?q=RIVER&active=true", &["p-a"]),
        ("employees", &["e1", "e2", "e3"]),
        ("employees?active=false", &["e3"]),
        ("employees?active=False", &["e3"]),
        ("employees?q=zoë", &["e3"]),
        ("employees?q=%27%20OR%201%3D1", &[]),
    ];
    for (path, expected) in table {
        let answer = app
            .get(&format!("/api/lookups/{path}"), Role::LemRead)
            .await
            .json();
        let items = answer["items"].as_array().unwrap();
        let ids: Vec<&str> = items
            .iter()
            .map(|item| item["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, expected, "{path}");
    }
    let one = app
        .get("/api/lookups/projects?q=a-001", Role::LemRead)
        .await
        .json();
    let expected = json!({
        "id": "p-a", "clientId": "c1", "code": "a-001", "title": "River Crossing", "name": "a-001 - River Crossing",
        "active": true,
    });
    assert_eq!(one["items"][0], expected);
}

#[tokio::test]
async fn filters_take_only_words_that_mean_something() {
    let app = App::new();
    let table = [
        ("/api/flags?kind=broken", Role::ReportsRead, "kind"),
        ("/api/flags?since=soon", Role::ReportsRead, "since"),
        ("/api/deliveries?outcome=done", Role::Admin, "outcome"),
        ("/api/deliveries?from=2026-02-30", Role::Admin, "from"),
        ("/api/jobs?status=done", Role::Admin, "status"),
        ("/api/lookups/clients?active=maybe", Role::LemRead, "active"),
        ("/api/dead-letters?cursor=?", Role::Admin, "cursor"),
    ];
    for (path, role, field) in table {
        let answer = app.get(path, role).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{path}");
    }
    for (path, role) in [
        (
            "/api/flags?kind=entry-overlap&since=2026-11-01",
            Role::ReportsRead,
        ),
        (
            "/api/deliveries?outcome=applied&from=2026-11-01&to=2026-11-02",
            Role::Admin,
        ),
        ("/api/jobs?kind=report:payroll&status=failed", Role::Admin),
    ] {
        let answer = app.get(path, role).await;
        assert_eq!(
            answer.json(),
            json!({ "items": [], "nextCursor": null }),
            "{path}"
        );
    }
}

async fn file(app: &App, message_id: &str, message: &str) {
    let store = app.context.store().await.unwrap();
    store
        .write(async |mut tx| {
            dead_letter::file(&mut tx, JOBS, message_id, message, "gave up").await
        })
        .await
        .unwrap();
}

/// A message that was tried for a day would give up at once: what is replayed starts afresh.
#[tokio::test]
async fn dead_letters_are_replayed_one_by_one_or_all_at_once() {
    let app = App::new();
    file(&app, "m1", r#"{"v":1,"job":"j1","tries":{"attempt":9}}"#).await;
    file(&app, "m2", "no json").await;
    file(&app, "m3", "{}").await;
    let listed = app.get("/api/dead-letters", Role::Admin).await;
    assert!(
        !listed.text.contains("j1"),
        "messages can hold bodies: {}",
        listed.text
    );
    let oldest = listed.json()["items"][2].clone();
    assert_eq!(
        (&oldest["queue"], &oldest["error"], &oldest["replayedAt"]),
        (&json!(JOBS), &json!("gave up"), &Value::Null)
    );

    let path = format!(
        "/api/dead-letters/{}/replay",
        oldest["id"].as_str().unwrap()
    );
    assert_eq!(
        app.post(&path, Role::Admin, json!({})).await.json(),
        json!({ "replayed": 1 })
    );
    let again = app.post(&path, Role::Admin, json!({})).await;
    assert_eq!(again.problem().1, "conflict");
    assert_eq!(
        app.post("/api/dead-letters/0/replay", Role::Admin, json!({}))
            .await
            .status,
        404
    );
    let all = app
        .post("/api/dead-letters/replay", Role::Admin, json!({}))
        .await;
    assert_eq!(all.json(), json!({ "replayed": 2 }));

    let queues = app.context.queues();
    let sent = queues
        .receive(JOBS, 10, std::time::Duration::from_mins(1))
        .await
        .unwrap();
    let texts: Vec<&str> = sent.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, [r#"{"job":"j1","v":1}"#, "no json", "{}"]);
    let listed = app.get("/api/dead-letters", Role::Admin).await.json();
    assert_eq!(listed["items"][2]["replayedBy"], "key only Admin");
}
