//! `/balances`: asking for pushes, correcting, explaining, releasing (`domain.md` §5).

use serde_json::{Value, json};
use shared::{
    domain::{
        employee::{Employee, EmployeeStatus, RateType},
        time_off::{Assignment, Policy, TimeUnit},
    },
    functions::role::Role,
    store::{
        balance::{self, Balance, Outcome},
        balance_push::{self, BalancePush, PushResult},
        employee, policy,
    },
};

use crate::support::{App, key_of, written};

async fn company() -> App {
    company_with(&[]).await
}

pub(crate) async fn company_with(more: &[(&str, &str)]) -> App {
    let app = App::with(&[&[("BANKED_POLICY_ID", "p-banked")], more].concat());
    let people = [Employee {
        id: "e1".into(),
        workspace_id: "ws".into(),
        name: "Alex Roy".into(),
        email: None,
        status: EmployeeStatus::Active,
        role: None,
        start_date: Some("2020-01-01".parse().unwrap()),
        end_date: None,
        rate_type: Some(RateType::Hourly),
        reporting_manager: None,
        has_truck: false,
        truck_details: None,
        time_zone: None,
        is_stub: false,
    }];
    written!(app, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    let policies = [Policy {
        id: "p-banked".into(),
        workspace_id: "ws".into(),
        name: "Banked Time".into(),
        unit: TimeUnit::Hours,
        assignment: Assignment::default(),
        archived: false,
        is_stub: false,
    }];
    written!(app, |tx, spent| policy::upsert_page(
        &mut tx, spent, &policies
    ));
    app
}

pub(crate) fn correction() -> Value {
    json!({
        "employeeId": "e1", "policyId": "p-banked", "hours": "-7.5", "reason": "paid out in October", "paidOut": true,
        "date": "10/31/2026",
    })
}

/// `interface.md` §3: "`POST /balances/{banked,vacation}` body `{dryRun?}`; 202 with a job".
#[tokio::test]
async fn a_push_is_a_job_and_a_balance_without_a_policy_says_which_setting_is_missing() {
    let app = company().await;
    let first = app
        .post("/api/balances/banked", Role::Admin, json!({}))
        .await;
    assert_eq!(first.status, 202, "{}", first.text);
    let again = json!({ "dryRun": false });
    let again = app.post("/api/balances/banked", Role::Admin, again).await;
    assert_eq!(
        first.json()["jobId"],
        again.json()["jobId"],
        "the same work"
    );
    let dry = json!({ "dryRun": "true" });
    let dry = app.post("/api/balances/banked", Role::Admin, dry).await;
    assert_ne!(first.json()["jobId"], dry.json()["jobId"]);

    let unset = app
        .post("/api/balances/vacation", Role::Admin, json!({}))
        .await;
    let (status, code, detail) = unset.problem();
    assert_eq!((status, code.as_str()), (409, "conflict"));
    assert!(detail.contains("VACATION_POLICY_ID"), "{detail}");
}

/// §5: "Corrections … are entries of the ledger with who, when and why".
#[tokio::test]
async fn a_correction_is_entered_once_told_to_the_audit_and_explains_the_balance() {
    let app = company().await;
    let send = async |body: &Value| {
        let request = http::Request::builder()
            .method("POST")
            .uri("/api/balances/corrections")
            .header("x-api-key", key_of(Role::Admin))
            .header("content-type", "application/json")
            .header("idempotency-key", "one tap");
        let body = axum::body::Body::from(body.to_string());
        app.send(request.body(body).unwrap()).await
    };
    let made = send(&correction()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(send(&correction()).await.json(), made.json());
    let other = json!({ "hours": 1 });
    assert_eq!(send(&other).await.status, 400, "it lacks what is required");

    let more = json!({ "employeeId": "e1", "policyId": "p-banked", "hours": 20, "reason": "opening balance",
        "date": "2026-01-01" });
    let more = app
        .post("/api/balances/corrections", Role::Admin, more)
        .await;
    assert_eq!(more.status, 201, "{}", more.text);

    let path = "/api/balances/ledger?employeeId=e1&policyId=p-banked";
    let ledger = app.get(path, Role::PayrollRead).await.json();
    let told: Vec<Value> = ledger["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            json!([
                row["date"],
                row["kind"],
                row["hours"],
                row["balanceHours"],
                row["enteredBy"]
            ])
        })
        .collect();
    let by = "key only Admin";
    assert_eq!(
        told,
        [
            json!(["2026-01-01", "corrected", 20, 20, by]),
            json!(["2026-10-31", "corrected", -7.5, 12.5, by]),
        ]
    );
    let page = format!("{path}&limit=1");
    let first = app.get(&page, Role::PayrollRead).await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    let cursor = first["nextCursor"].as_str().expect("more");
    let page = format!("{page}&cursor={cursor}");
    let next = app.get(&page, Role::PayrollRead).await.json();
    assert_eq!(next["items"][0], ledger["items"][1]);

    let audit = app.get("/api/audit", Role::Admin).await.json();
    let audit = audit["items"].as_array().unwrap();
    assert_eq!(audit.len(), 2, "{audit:?}");
    assert_eq!(audit[1]["recordKind"], "balance_ledger");
    assert_eq!(audit[1]["recordId"], made.json()["id"]);
}

#[tokio::test]
async fn a_correction_that_breaks_a_rule_is_refused_with_the_field() {
    let app = company().await;
    let cases = [
        ("employeeId", json!("e9"), 422),
        ("policyId", json!("p-sick"), 422),
        ("hours", json!(0), 422),
        ("hours", json!("7.505"), 422),
        ("hours", json!(7), 422), // paid out, but added
        ("hours", json!(-10_001), 422),
        ("date", json!("2026-11-10"), 422), // tomorrow
        ("reason", json!(" "), 400),
        ("hours", json!(null), 400),
        ("employeeId", json!(""), 400),
    ];
    for (field, value, status) in cases {
        let mut body = correction();
        body[field] = value;
        let answer = app
            .post("/api/balances/corrections", Role::Admin, body.clone())
            .await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}");
    }
    let path = "/api/balances/ledger?employeeId=e1&policyId=p-banked";
    let ledger = app.get(path, Role::PayrollRead).await.json();
    assert_eq!(ledger["items"], json!([]));
}

fn held(id: &str) -> BalancePush {
    BalancePush {
        id: id.into(),
        employee_id: "e1".into(),
        policy_id: "p-banked".into(),
        job_id: "j1".into(),
        unit: TimeUnit::Hours,
        before: 0.into(),
        computed_hours: 48.into(),
        computed: 48.into(),
        difference: 48.into(),
        result: PushResult::Held,
        read_back: None,
        decided_at: "2026-11-09T12:00:00Z".parse().unwrap(),
        sent_at: None,
        settled_at: None,
        released_by: None,
        released_at: None,
    }
}

/// §5: "it is recorded as held, for a person to release"; the release asks for the job that sends it.
#[tokio::test]
async fn a_held_push_is_listed_with_its_balance_and_released_once() {
    const ID: &str = "0199aaaa-0000-7000-8000-000000000001";
    let app = company().await;
    let balance = Balance {
        id: "b1".into(),
        employee_id: "e1".into(),
        policy_id: "p-banked".into(),
        job_id: "j1".into(),
        unit: TimeUnit::Hours,
        computed_hours: 48.into(),
        computed: 48.into(),
        in_clockify: Some(0.into()),
        outcome: Outcome::Held,
        reason: None,
        pay_out_hours: 0.into(),
        computed_at: "2026-11-09T12:00:00Z".parse().unwrap(),
    };
    let store = app.context.store().await.unwrap();
    store
        .write(async |mut tx| {
            balance::put(&mut tx, std::slice::from_ref(&balance)).await?;
            balance_push::insert(&mut tx, &[held(ID)]).await
        })
        .await
        .unwrap();
    let listed = app.get("/api/balances", Role::PayrollRead).await.json();
    let shown = &listed["items"][0];
    assert_eq!(shown["employeeName"], "Alex Roy");
    assert_eq!(shown["policyName"], "Banked Time");
    assert_eq!(
        (&shown["difference"], &shown["outcome"]),
        (&json!(48), &json!("held"))
    );
    assert_eq!(
        (&shown["pushId"], &shown["pushResult"]),
        (&json!(ID), &json!("held"))
    );
    let pushes = app.get("/api/balances/pushes?result=held", Role::PayrollRead);
    assert_eq!(pushes.await.json()["items"][0]["id"], ID);
    let none = app.get("/api/balances/pushes?result=confirmed", Role::PayrollRead);
    assert_eq!(none.await.json()["items"], json!([]));
    let wrong = app.get("/api/balances/pushes?result=lost", Role::PayrollRead);
    assert_eq!(wrong.await.status, 400);

    let path = format!("/api/balances/held/{ID}/release");
    let released = app.post(&path, Role::Admin, json!({})).await;
    assert_eq!(released.status, 202, "{}", released.text);
    let job = released.json()["jobId"].as_str().unwrap().to_owned();
    let job = app
        .get(&format!("/api/jobs/{job}"), Role::Admin)
        .await
        .json();
    assert_eq!(job["kind"], "balances:banked");
    let pushes = app
        .get("/api/balances/pushes", Role::PayrollRead)
        .await
        .json();
    assert_eq!(pushes["items"][0]["result"], "released");
    assert_eq!(pushes["items"][0]["releasedBy"], "key only Admin");
    let audit = app.get("/api/audit", Role::Admin).await.json();
    assert_eq!(audit["items"][0]["action"], "release");

    let (status, _, detail) = app.post(&path, Role::Admin, json!({})).await.problem();
    assert_eq!(status, 409, "{detail}");
    let unknown = app.post("/api/balances/held/0/release", Role::Admin, json!({}));
    assert_eq!(unknown.await.status, 404);
}
