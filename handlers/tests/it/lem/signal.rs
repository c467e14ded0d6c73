//! Bad lines of signal (`interface.md` §3): what comes twice, late, or from two phones at once.

use axum::body::Body;
use http::{Request, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::{
    functions::{problem::Problem, role::Role},
    store::{
        Statement, StoreError,
        idempotency::{self, RepeatKey},
        retention::{self, Trimmed},
    },
};

use super::{RATES, SHEETS, Site, path_of};
use crate::support::{Answer, key_of};

pub(super) const TICKET_ID: &str = "0191f3c0-0000-7000-8000-000000000001";

impl Site {
    /// Sends a request with an `Idempotency-Key`.
    async fn send(&self, role: Role, method: &str, path: &str, key: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", key_of(role))
            .header("idempotency-key", key)
            .header(header::CONTENT_TYPE, "application/json");
        self.app
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    async fn count(&self) -> usize {
        let all = format!("{SHEETS}?archived=all");
        self.app.get(&all, Role::LemRead).await.json()["items"]
            .as_array()
            .unwrap()
            .len()
    }

    /// What the weekly trimming does to answers, by the settings' days.
    async fn trim_answers(&self) {
        const DAYS: u32 = 7;
        let store = self.app.context.store().await.unwrap();
        store
            .write(async |mut tx| retention::trim(&mut tx, Trimmed::Answers, DAYS).await)
            .await
            .unwrap();
    }

    /// Makes what is kept so much older.
    async fn age_kept_answers(&self, by: SignedDuration) {
        const AGE: Statement = Statement::new("UPDATE idempotency SET created_at = @at");
        let at = Timestamp::now() - by;
        let store = self.app.context.store().await.unwrap();
        let aged = store
            .write::<_, StoreError, _, _>(async |mut tx| {
                tx.execute(&AGE, &[("@at", at.into())]).await
            })
            .await;
        assert_eq!(aged.unwrap(), 1);
    }
}

/// The same ticket by two phones and an office at the same moment, and once more by each: one sheet, one number.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_ticket_from_two_phones_at_once_is_one_sheet() {
    let site = Site::new().await;
    let mut ticket = site.ticket("p1");
    ticket["id"] = json!(TICKET_ID);
    let post = |role| site.app.post(SHEETS, role, ticket.clone());
    let (one, other, office) = tokio::join!(
        post(Role::LemWrite),
        post(Role::LemWrite),
        post(Role::Admin)
    );
    let again = post(Role::LemWrite).await;
    let answers = [one, other, office, again];
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in &answers {
        assert!(
            matches!(answer.status.as_u16(), 200 | 201),
            "{}",
            answer.text
        );
        assert_eq!(answer.json(), answers[0].json());
    }
    assert_eq!(site.count().await, 1);
    let next = site.create(site.ticket("p1")).await.json();
    assert_eq!(next["number"], "LEM-0002");
}

/// "A create takes an `Idempotency-Key` header, scoped to caller and operation": every kind of creation.
#[tokio::test]
async fn a_key_holds_for_one_caller_and_one_operation() {
    let site = Site::new().await;
    let sheet = site.create(site.ticket("p1")).await.json();
    let below = |what: &str| format!("{}/{what}", path_of(&sheet));
    let writer = Role::LemWrite;
    let table: [(String, Value, &str); 5] = [
        (SHEETS.into(), site.ticket("p2"), "notes"),
        (
            "/api/roles".into(),
            json!({ "clientId": "c1", "name": "Chainman" }),
            "name",
        ),
        (
            "/api/equipment".into(),
            json!({ "clientId": "c1", "name": "Quad" }),
            "name",
        ),
        (
            below("equipment"),
            json!({ "equipmentId": site.machine, "quantity": 1, "basis": "unit" }),
            "quantity",
        ),
        (
            below("materials"),
            json!({ "description": "Lath", "quantity": 2, "unitCost": 1 }),
            "quantity",
        ),
    ];
    for (path, body, field) in table {
        let first = site.send(writer, "POST", &path, "tap", &body).await;
        assert_eq!(first.status, 201, "{path}: {}", first.text);
        let again = site.send(writer, "POST", &path, "tap", &body).await;
        assert_eq!(
            (again.status, again.json()),
            (first.status, first.json()),
            "{path}"
        );
        let mut other = body.clone();
        other[field] = json!(7);
        let refused = site.send(writer, "POST", &path, "tap", &other).await;
        let (status, code, sentence) = refused.problem();
        assert_eq!((status, code.as_str()), (409, "conflict"), "{path}");
        assert!(sentence.contains("Idempotency-Key"), "{sentence}");
        // Another caller's key of the same text is another key: his request is done, or meets what is there.
        let his = site.send(Role::Admin, "POST", &path, "tap", &other).await;
        assert!(
            !his.text.contains("Idempotency-Key") && his.json()["id"] != first.json()["id"],
            "{path}: {}",
            his.text
        );
    }
}

/// A change whose answer was lost is sent again with the version of before, which by itself would be stale.
#[tokio::test]
async fn a_change_that_is_repeated_with_its_key_is_answered_as_before() {
    let site = Site::new().await;
    let sheet = site.create(site.ticket("p1")).await.json();
    let path = path_of(&sheet);
    let line = json!({ "version": 2, "worker": "Kim Osei", "roleId": site.role, "workHours": 4 });
    let rate = json!({
        "clientId": "c1", "projectId": "p1", "roleId": site.role, "validFrom": "2026-01-01", "workRate": 90,
    });
    let of_line = format!(
        "{path}/materials/{}?version=3",
        sheet["materials"][0]["id"].as_str().unwrap()
    );
    let table: [(Role, &str, String, Value); 5] = [
        (
            Role::LemWrite,
            "PATCH",
            path.clone(),
            json!({ "version": 1, "notes": "Other" }),
        ),
        (Role::LemWrite, "PUT", format!("{path}/workers"), line),
        (Role::LemWrite, "DELETE", of_line, Value::Null),
        (Role::LemRates, "PUT", RATES.into(), rate),
        (
            Role::LemWrite,
            "POST",
            format!("{path}/submit"),
            json!({ "version": 4 }),
        ),
    ];
    for (role, method, path, body) in table {
        let body = if body.is_null() { json!({}) } else { body };
        let first = site.send(role, method, &path, "tap", &body).await;
        assert_eq!(first.status, 200, "{method} {path}: {}", first.text);
        let again = site.send(role, method, &path, "tap", &body).await;
        assert_eq!(
            (again.status, again.json()),
            (first.status, first.json()),
            "{method} {path}"
        );
    }
}

/// "kept 7 days".
#[tokio::test]
async fn an_answer_is_kept_for_seven_days() {
    let site = Site::new().await;
    let ticket = site.ticket("p1");
    let send = || site.send(Role::LemWrite, "POST", SHEETS, "tap", &ticket);
    let first = send().await.json();
    let (week, minute) = (
        SignedDuration::from_hours(7 * 24),
        SignedDuration::from_mins(1),
    );
    site.age_kept_answers(week - minute).await;
    site.trim_answers().await;
    assert_eq!(send().await.json(), first);
    site.age_kept_answers(week + minute).await;
    site.trim_answers().await;
    assert_eq!(send().await.json()["number"], "LEM-0002");
}

/// "5xx is not kept": the key is claimed in the transaction of the work, and goes with it.
#[tokio::test]
async fn what_failed_on_our_side_is_not_kept() {
    let site = Site::new().await;
    let key = RepeatKey {
        caller: "key phone".into(),
        operation: "POST /lem-sheets".into(),
        key_hash: "tap".into(),
    };
    let store = site.app.context.store().await.unwrap();
    for _ in 0..2 {
        let failed = store
            .write::<(), Problem, _, _>(async |mut tx| {
                assert_eq!(idempotency::claim(&mut tx, &key, "body").await?, None);
                Err(Problem::internal("the disk is full"))
            })
            .await;
        assert!(failed.is_err());
    }
}

/// A revision is a creation too.
#[tokio::test]
async fn a_revision_with_the_apps_own_id_is_begun_once() {
    let site = Site::new().await;
    let sheet = site.create(site.ticket("p1")).await.json();
    let path = path_of(&sheet);
    site.write("POST", &format!("{path}/submit"), json!({}))
        .await;
    let rejection = json!({ "reason": "Hours" });
    site.app
        .post(&format!("{path}/reject"), Role::LemSign, rejection)
        .await;
    let revise = json!({ "id": TICKET_ID, "version": 3 });
    let path = format!("{path}/revise");
    let revise = || site.write("POST", &path, revise.clone());
    let first = revise().await;
    assert_eq!(
        (first.status.as_u16(), &first.json()["revision"]),
        (201, &json!(2))
    );
    let again = revise().await;
    assert_eq!((again.status.as_u16(), again.json()), (200, first.json()));
    let mut ticket = site.ticket("p1");
    ticket["id"] = json!(TICKET_ID);
    assert_eq!(site.create(ticket).await.problem().1, "conflict");
}

/// Ids of lines that the app makes differ among all kinds: one id names one line.
#[tokio::test]
async fn an_id_of_another_line_is_refused() {
    let site = Site::new().await;
    let mut ticket = site.ticket("p1");
    for kind in ["workers", "equipment", "materials"] {
        ticket[kind][0]["id"] = json!(TICKET_ID);
    }
    let refused = site.create(ticket.clone()).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(refused.json()["errors"][0]["field"], "equipment[0].id");
    ticket["equipment"] = json!([]);
    ticket["materials"] = json!([]);
    let sheet = site.create(ticket).await.json();
    let path = path_of(&sheet);
    let worker = json!({ "id": TICKET_ID, "worker": "Kim Osei", "roleId": site.role });
    let machine =
        json!({ "id": TICKET_ID, "equipmentId": site.machine, "quantity": 1, "basis": "day" });
    for (method, what, line) in [("PUT", "workers", worker), ("POST", "equipment", machine)] {
        let refused = site.write(method, &format!("{path}/{what}"), line).await;
        assert_eq!(
            (
                refused.status.as_u16(),
                &refused.json()["errors"][0]["field"]
            ),
            (422, &json!("id")),
            "{}",
            refused.text
        );
    }
}

/// "A repeated client-made `id` with an equal body": equal is what it says, not how it is spelled.
#[tokio::test]
async fn an_equal_ticket_is_the_same_however_it_is_spelled() {
    const LINE_ID: &str = "0191f3c0-0000-7000-8000-00000000000b";
    let site = Site::new().await;
    let mut ticket = site.ticket("p1");
    ticket["id"] = json!(TICKET_ID);
    ticket["workers"][0]["id"] = json!(LINE_ID);
    let first = site.create(ticket.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let mut spelled = ticket.clone();
    spelled["id"] = json!(TICKET_ID.to_uppercase());
    spelled["date"] = json!("11/3/2026");
    spelled["notes"] = json!("Stake the ramp ");
    spelled["description"] = json!("");
    spelled["workers"][0]["id"] = json!(LINE_ID.to_uppercase());
    spelled["workers"][0]["workHours"] = json!("8.250");
    let again = site.create(spelled).await;
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(again.json(), first.json());
    for (field, value) in [("workHours", json!(8)), ("id", Value::Null)] {
        let mut other = ticket.clone();
        other["workers"][0][field] = value;
        assert_eq!(site.create(other).await.problem().1, "conflict", "{field}");
    }
}

/// Its answer was lost, and the app knows no newer version: nobody else changed anything.
#[tokio::test]
async fn a_worker_line_that_is_sent_again_is_answered_as_it_is() {
    let site = Site::new().await;
    let sheet = site.create(site.ticket("p1")).await.json();
    let path = format!("{}/workers", path_of(&sheet));
    let mut line =
        json!({ "version": 1, "worker": "Kim Osei", "roleId": site.role, "workHours": 4 });
    let first = site.write("PUT", &path, line.clone()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let again = site.write("PUT", &path, line.clone()).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, first.json()));
    line["workHours"] = json!(5);
    assert_eq!(site.write("PUT", &path, line).await.problem().0, 412);
}
