//! Reports over HTTP (`interface.md` §3): made, waited for, opened by address, listed; and what is refused.

use std::time::Duration;

use http::header;
use serde_json::{Value, json};
use shared::{azure::queues::JOBS, functions::role::Role, reports::Kind};

use crate::{
    host::{envelope, trigger},
    lem::Site,
    support::{Answer, App, key_of},
    work::tick,
};

/// Who may have a report of that kind.
fn reader(kind: Kind) -> Role {
    match kind {
        Kind::Payroll | Kind::BankedTime | Kind::ExpenseClaims => Role::PayrollRead,
        _ => Role::ReportsRead,
    }
}

/// Hands the next job to the handler, as the host does with a message.
async fn work_on_a_job(app: &App) {
    let queues = app.context.queues();
    let message = loop {
        let received = queues.receive(JOBS, 1, Duration::from_mins(1)).await;
        if let Some(message) = received.unwrap().pop() {
            break message;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let answer = trigger(app, "run-jobs", &envelope(&message.text, &message.id)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    queues.delete(&message).await.unwrap();
}

/// Asks, while somebody does the work that is asked for.
async fn asked(app: &App, method: &str, path: &str, role: Role, body: Option<Value>) -> Answer {
    let key = key_of(role);
    let (answer, ()) = tokio::join!(app.call(method, path, Some(&key), body), work_on_a_job(app));
    answer
}

/// A site with a LEM sheet, and what each report must be told.
async fn site() -> (Site, String) {
    let site = Site::new().await;
    let sheet = site.create(site.ticket("p1")).await;
    let id = sheet.json()["id"].as_str().unwrap().to_owned();
    (site, id)
}

fn needed(kind: Kind, sheet: &str) -> Value {
    match kind {
        Kind::LemSheet => json!({ "lemSheetId": sheet }),
        Kind::LemTimesheet => json!({ "projectCode": "p1", "month": "2026-11" }),
        _ => json!({}),
    }
}

/// "`POST /reports/{kind}` … with `?wait=30` 200 with the finished job"; `GET /reports`: "what has been made,
/// newest first, each with a fresh link".
#[tokio::test]
async fn every_kind_is_made_waited_for_and_listed() {
    let (site, sheet) = site().await;
    let app = &site.app;
    for kind in Kind::ALL {
        let path = format!("/api/reports/{kind}?wait=30");
        let answer = asked(app, "POST", &path, reader(kind), Some(needed(kind, &sheet))).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text);
        let job = answer.json();
        assert_eq!(job["status"], "succeeded", "{kind}: {job}");
        assert_eq!(job["files"].as_array().unwrap().len(), 1, "{kind}");
        let url = job["files"][0]["url"].as_str().unwrap();
        assert!(url.contains("/files/reports/"), "{url}");
    }
    let listed = app.get("/api/reports", Role::ReportsRead).await.json();
    let kinds: Vec<&str> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|made| made["kind"].as_str())
        .collect();
    // Pay figures are for `Payroll.Read` alone.
    let mut open: Vec<&str> = Kind::ALL
        .into_iter()
        .filter(|kind| reader(*kind) == Role::ReportsRead)
        .map(Kind::as_str)
        .collect();
    open.reverse();
    assert_eq!(kinds, open);
}

/// "`GET /reports/{kind}?…`: the same by address alone, to bookmark: makes the report and answers 303 to its link".
#[tokio::test]
async fn an_address_alone_makes_the_report_and_leads_to_its_file() {
    let (site, sheet) = site().await;
    for (kind, query, file) in [
        (
            Kind::LemSheet,
            format!("?lemSheetId={}", sheet.to_uppercase()),
            "LEM-p1-LEM-0001.xlsx",
        ),
        (
            Kind::LemTimesheet,
            "?projectId=p1&from=11/1/2026&to=2026-11-07".to_owned(),
            "LEM-Timesheet-p1-2026-11-01-2026-11-07.xlsx",
        ),
        (
            Kind::TimeStatus,
            String::new(),
            "TimeStatus-2026-11-01.xlsx",
        ),
    ] {
        let path = format!("/api/reports/{kind}{query}");
        let answer = asked(&site.app, "GET", &path, reader(kind), None).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let link = answer.headers[header::LOCATION].to_str().unwrap();
        assert!(link.contains(file), "{link}");
    }
}

/// `domain.md` §7: "An unknown project, LEM or a period that ends before it starts is a 404 or 400 with a message,
/// never an empty workbook."
#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_sentence() {
    let (site, sheet) = site().await;
    for (kind, body, status, said) in [
        ("lem-sheet", json!({}), 400, "lemSheetId"),
        (
            "lem-sheet",
            json!({ "lemSheetId": "no-such" }),
            404,
            "no LEM sheet",
        ),
        (
            "lem-sheet",
            json!({ "lemSheetId": sheet, "month": "2026-11" }),
            400,
            "month",
        ),
        (
            "lem-timesheet",
            json!({ "month": "2026-11" }),
            400,
            "projectId",
        ),
        ("lem-timesheet", json!({ "projectId": "p1" }), 400, "from"),
        (
            "lem-timesheet",
            json!({ "projectId": "p9", "month": "2026-11" }),
            404,
            "no project",
        ),
        ("payroll", json!({ "lemSheetId": sheet }), 400, "lemSheetId"),
        (
            "banked-time",
            json!({ "from": "2026-02-01", "to": "2026-01-01" }),
            400,
            "before",
        ),
        (
            "expense-claims",
            json!({ "projectCode": "p1" }),
            400,
            "projectCode",
        ),
        ("pay-roll", json!({}), 404, "lem-timesheet"),
    ] {
        let path = format!("/api/reports/{kind}");
        let role = Kind::named(kind).map_or(Role::ReportsRead, reader);
        let (found, _, sentence) = site.app.post(&path, role, body.clone()).await.problem();
        assert_eq!(found, status, "{kind} {body}: {sentence}");
        let answer = site.app.post(&path, role, body).await.text;
        assert!(answer.contains(said), "{kind}: {answer}");
    }
    assert_eq!(site.app.written().await.0, 0);
}

/// `interface.md` §3, *Who may*: "payroll, banked-time, expense-claims … need `Payroll.Read`", the others `Reports.Read`.
#[tokio::test]
async fn each_report_is_for_its_readers_alone() {
    let app = App::new();
    for kind in Kind::ALL {
        for role in Role::ALL {
            // A wrong day ends the request right after the question who may.
            let path = format!("/api/reports/{kind}?from=never");
            let found = app.get(&path, role).await.status;
            let may = role.includes(reader(kind));
            assert_eq!(found, if may { 400 } else { 403 }, "{kind} by {role}");
        }
    }
}

/// `domain.md` §8: "The same work asked for twice while the first is open is one job."
#[tokio::test]
async fn the_same_report_asked_for_twice_at_once_is_made_once() {
    let (site, sheet) = site().await;
    let app = &site.app;
    let body = needed(Kind::LemSheet, &sheet);
    let path = "/api/reports/lem-sheet?wait=30";
    let (one, other, ()) = tokio::join!(
        app.post(path, Role::ReportsRead, body.clone()),
        app.post(path, Role::ReportsRead, body),
        work_on_a_job(app)
    );
    assert_eq!(one.json()["id"], other.json()["id"]);
    assert_eq!(app.written().await.0, 1);
}

/// `domain.md` §8, *reports*: "whatever report is due that day (time status on Mondays, payroll the Monday after a pay
/// period ended …)"; on Monday, 9 November 2026, that is both, and a repeated tick makes neither again.
#[tokio::test]
async fn the_timer_makes_what_is_due_once() {
    let app = App::new();
    let planned = "2026-11-09T12:00:00Z";
    for _ in 0..2 {
        let answer = trigger(&app, "due-reports", &tick(planned)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(app.written().await.0, 2);
    // The repeated tick found both open and sent their messages again: those find the work done.
    for _ in 0..4 {
        work_on_a_job(&app).await;
    }
    assert_eq!(app.written().await, (2, 0, 0));
    let listed = app.get("/api/reports", Role::PayrollRead).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(
        listed["items"][0]["files"][0]["name"],
        "Payroll-2026-10-25-2026-11-07.zip"
    );
    let listed = app.get("/api/reports", Role::ReportsRead).await.json();
    assert_eq!(
        listed["items"][0]["files"][0]["name"],
        "TimeStatus-2026-11-01.xlsx"
    );
}
