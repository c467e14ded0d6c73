//! Asking for work: every 202 is the same, equal work is one job, and a tick of a timer makes one job and never two.

use std::time::Duration;

use http::header;
use serde_json::{Value, json};
use shared::{azure::queues::JOBS, functions::role::Role, jobs::JobFilter, store::Statement};

use crate::{
    host::{envelope, trigger},
    support::{Answer, App, NOW},
};

/// A tick that was planned for that instant.
pub(crate) fn tick(planned: &str) -> String {
    json!({
        "Data": { "timer": {
            "Schedule": { "AdjustForDST": true },
            "ScheduleStatus": { "Last": "0001-01-01T00:00:00+00:00", "Next": planned, "LastUpdated": planned },
            "IsPastDue": false,
        } },
        "Metadata": {},
    })
    .to_string()
}

async fn jobs(app: &App) -> Vec<(String, Value, String)> {
    let jobs = app.context.jobs().await.unwrap();
    let all = jobs.list(&JobFilter::default(), 200).await.unwrap();
    let told = all
        .into_iter()
        .map(|job| (job.kind, job.params, job.requested_by));
    told.collect()
}

fn job_id(answer: &Answer) -> String {
    answer.json()["jobId"].as_str().unwrap().to_owned()
}

/// `interface.md` §3: "202 `{jobId, status, statusUrl, pollAfterSeconds}` with `Location` and `Retry-After`".
#[tokio::test]
async fn a_sync_is_a_job_that_can_be_watched() {
    let app = App::with(&[("PUBLIC_BASE_URL", "https://clocking.example/")]);
    let body = json!({ "from": "11/1/2026", "to": "", "full": null });
    let answer = app.post("/api/sync/timesheets", Role::Admin, body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let id = job_id(&answer);
    let status_url = format!("https://clocking.example/api/jobs/{id}");
    let expected = json!({ "id": id, "jobId": id, "status": "queued", "statusUrl": status_url, "pollAfterSeconds": 2 });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.headers[header::LOCATION], status_url);
    assert_eq!(answer.headers[header::RETRY_AFTER], "2");

    let job = app
        .get(&format!("/api/jobs/{id}"), Role::Admin)
        .await
        .json();
    let stats =
        json!({ "read": 0, "inserted": 0, "updated": 0, "deleted": 0, "skipped": 0, "flagged": 0 });
    assert_eq!(job["kind"], "sync:timesheets");
    assert_eq!(job["requestedBy"], "key only Admin");
    assert_eq!((&job["stats"], &job["files"]), (&stats, &json!([])));
    assert_eq!(jobs(&app).await[0].1, json!({ "from": "2026-11-01" }));
}

/// `domain.md` §8: "The same work asked for twice while the first is open is one job."
#[tokio::test]
async fn equal_work_is_one_job_whoever_asks() {
    let app = App::new();
    let first = app.post("/api/sync/all", Role::Admin, json!({})).await;
    let again = app
        .call("POST", "/api/sync/all", Some("key-Admin"), None)
        .await;
    let other = app
        .post("/api/sync/all", Role::Admin, json!({ "full": true }))
        .await;
    assert_eq!(job_id(&first), job_id(&again));
    assert_ne!(job_id(&first), job_id(&other));
    assert_eq!(app.written().await.0, 2);
}

/// `domain.md` §7: the default is the last complete pay period; on this Monday it ended two days ago.
#[tokio::test]
async fn payroll_without_days_is_of_the_last_complete_pay_period() {
    let app = App::new();
    let usual = app
        .post("/api/reports/payroll", Role::PayrollRead, json!({}))
        .await;
    let days = json!({ "from": "2026-10-25", "to": "11/07/2026" });
    let given = app
        .post("/api/reports/payroll", Role::PayrollRead, days)
        .await;
    assert_eq!(job_id(&usual), job_id(&given));
}

/// Nobody works here, so that the wait ends with the job still open.
#[tokio::test]
async fn a_report_that_is_not_done_in_time_is_answered_with_its_job() {
    let app = App::new();
    let answer = app
        .post("/api/reports/payroll?wait=0", Role::PayrollRead, json!({}))
        .await;
    assert_eq!(answer.status, 202);
    let listed = app.get("/api/reports", Role::PayrollRead).await;
    assert_eq!(listed.json(), json!({ "items": [], "nextCursor": null }));
}

/// `design.md` §2: "a late or repeated tick creates nothing new".
#[tokio::test]
async fn a_repeated_tick_makes_no_second_job_and_another_timer_its_own() {
    let app = App::new();
    for _ in 0..2 {
        let answer = trigger(&app, "nightly-sync", &tick(NOW)).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
    }
    assert_eq!(trigger(&app, "weekly-sync", &tick(NOW)).await.status, 200);
    let told = jobs(&app).await;
    let of = |kind: &str, timer: &str, params: Value| {
        (kind.to_owned(), params, format!("timer {timer}"))
    };
    assert_eq!(
        told,
        [
            of("retention:all", "weekly-sync", json!({})),
            of("sync:all", "weekly-sync", json!({ "deep": true })),
            of("sync:all", "nightly-sync", json!({})),
        ]
    );
}

/// `domain.md` §8: "*balances* daily 06:00: banked, then vacation"; without its policy a balance is not pushed.
#[tokio::test]
async fn the_balances_timer_asks_for_banked_time_and_then_for_vacation() {
    let banked = ("BANKED_POLICY_ID", "p1");
    let vacation = ("VACATION_POLICY_ID", "p2");
    for (settings, expected) in [
        (
            &[banked, vacation][..],
            &["balances:banked", "balances:vacation"][..],
        ),
        (&[vacation][..], &["balances:vacation"][..]),
        (&[][..], &[][..]),
    ] {
        let app = App::with(settings);
        for _ in 0..2 {
            let answer = trigger(&app, "daily-balances", &tick(NOW)).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let mut kinds: Vec<_> = jobs(&app)
            .await
            .into_iter()
            .map(|(kind, ..)| kind)
            .collect();
        kinds.reverse();
        assert_eq!(kinds, expected);
    }
}

/// Without a key a sync cannot work: the job says so, and nothing else is disturbed.
#[tokio::test]
async fn a_sync_without_clockifys_key_fails_with_a_clear_message() {
    let app = App::new();
    let id = job_id(&app.post("/api/sync/tags", Role::Admin, json!({})).await);
    let message = json!({ "v": 1, "job": id }).to_string();
    assert_eq!(
        trigger(&app, "run-jobs", &envelope(&message, "m-1"))
            .await
            .status,
        200
    );
    let job = app
        .get(&format!("/api/jobs/{id}"), Role::Admin)
        .await
        .json();
    assert_eq!(job["status"], "failed", "{job}");
    assert!(
        job["error"].as_str().unwrap().contains("CLOCKIFY_API_KEY"),
        "{job}"
    );
}

/// An event that changes nothing here needs no Clockify: it is counted, through the whole path.
#[tokio::test]
async fn an_unused_event_is_counted_as_a_delivery() {
    let app = App::new();
    let at = "2026-11-09T12:00:00Z".parse().unwrap();
    let event = shared::sync::envelope::Envelope::with_body(
        "e-1".into(),
        "NEW_INVOICE",
        at,
        b"{\"id\":\"i1\"}",
    );
    let answer = trigger(&app, "clockify-events", &envelope(&event.to_text(), "m-1")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let listed = app.get("/api/deliveries", Role::Admin).await.json();
    assert_eq!(listed["items"][0]["eventType"], "NEW_INVOICE");
    assert_eq!(listed["items"][0]["outcome"], "ignored");
    assert_eq!(
        trigger(&app, "clockify-events", &envelope("no event", "m-2"))
            .await
            .status,
        500
    );
}

/// `design.md` §2: the watchdog "files poison messages as dead letters with their error, and a person can replay them".
#[tokio::test]
async fn what_failed_for_good_is_filed_by_the_watchdog_and_replayed_by_a_person() {
    let app = App::new();
    let queues = app.context.queues();
    queues
        .send(JOBS, "no message of ours", Duration::ZERO)
        .await
        .unwrap();
    let message = queues
        .receive(JOBS, 1, Duration::from_mins(1))
        .await
        .unwrap()
        .remove(0);
    queues.poison(&message).await.unwrap();

    assert_eq!(trigger(&app, "watchdog", &tick(NOW)).await.status, 200);
    let letters = app.get("/api/dead-letters", Role::Admin).await.json();
    assert_eq!(letters["items"][0]["error"], "the message cannot be read");
    let flags = app
        .get("/api/flags?kind=dead-letter", Role::ReportsRead)
        .await
        .json();
    assert_eq!(flags["items"].as_array().unwrap().len(), 1);

    let replayed = app
        .post("/api/dead-letters/replay", Role::Admin, json!({}))
        .await;
    assert_eq!(replayed.json(), json!({ "replayed": 1 }));
    assert_eq!(queues.count(JOBS).await.unwrap(), 1);
}

/// The weekly timer trims what need not be kept for ever, by the days of the settings (`domain.md` §10).
#[tokio::test]
async fn the_weekly_job_trims_old_answers_and_deliveries_and_keeps_the_rest() {
    let app = App::new();
    let store = app.context.store().await.unwrap().clone();
    // An answer is kept for 7 days, a delivery for 400, the audit for five years.
    for (days, table) in [
        (8_i64, "idempotency"),
        (8, "delivery"),
        (401, "delivery"),
        (1096, "audit"),
    ] {
        store
            .write(async |mut tx| {
                let id = format!("{table} {days}");
                let params = [
                    ("@id", id.as_str().into()),
                    ("@seconds", (-days * 24 * 3600).into()),
                ];
                tx.execute(&old_row(table), &params).await
            })
            .await
            .unwrap();
    }
    assert_eq!(trigger(&app, "weekly-sync", &tick(NOW)).await.status, 200);
    let jobs = app.context.jobs().await.unwrap();
    let filter = JobFilter {
        kind_prefix: Some("retention:".to_owned()),
        ..JobFilter::default()
    };
    let id = jobs.list(&filter, 1).await.unwrap()[0].id.to_string();
    let message = json!({ "v": 1, "job": id }).to_string();
    let done = trigger(&app, "run-jobs", &envelope(&message, "m-1")).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let job = app
        .get(&format!("/api/jobs/{id}"), Role::Admin)
        .await
        .json();
    assert_eq!(job["status"], "succeeded", "{job}");
    assert_eq!(job["stats"]["deleted"], 2, "{job}");
    let kept = app.get("/api/deliveries", Role::Admin).await.json();
    assert_eq!(kept["items"][0]["id"], "delivery 8");
    let kept = app.get("/api/audit", Role::Admin).await.json();
    assert_eq!(
        kept["items"].as_array().unwrap().len(),
        1,
        "over three years old, and kept"
    );
}

fn old_row(table: &str) -> Statement {
    match table {
        "idempotency" => Statement::new(
            "INSERT INTO idempotency (caller, operation, key_hash, body_hash, status, answer, created_at, updated_at) \
             VALUES ('key a', 'POST /x', @id, '', 201, '', {now + @seconds}, {now})",
        ),
        "delivery" => Statement::new(
            "INSERT INTO delivery (id, event_type, record_id, body_sha256, times_seen, last_event_id, \
             first_received_at, last_received_at, outcome, created_at, updated_at) \
             VALUES (@id, 'NEW_TAG', @id, @id, 1, @id, {now}, {now + @seconds}, 'applied', {now}, {now})",
        ),
        _ => Statement::new(
            "INSERT INTO audit (id, at, caller, action, record_kind, record_id, change, created_at, updated_at) \
             VALUES (@id, {now + @seconds}, 'key a', 'create', 'lem_sheet', @id, 'null', {now}, {now})",
        ),
    }
}

/// Two kinds of work that one tick asks for are two jobs: a Monday after a pay period has time status and payroll.
#[tokio::test]
async fn a_tick_that_asks_for_two_reports_gets_both() {
    let app = App::new();
    for _ in 0..2 {
        assert_eq!(trigger(&app, "due-reports", &tick(NOW)).await.status, 200);
    }
    let mut kinds: Vec<String> = jobs(&app)
        .await
        .into_iter()
        .map(|(kind, ..)| kind)
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["report:payroll", "report:time-status"]);
}
