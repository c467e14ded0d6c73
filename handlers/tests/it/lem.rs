//! LEM sheets over HTTP (`domain.md` §6, `interface.md` §3): numbers, repeats, stale versions, frozen prices.

mod life;
mod revisions;
mod signal;

use std::{collections::BTreeMap, sync::Arc};

use axum::body::Body;
use http::{Request, header};
use serde_json::{Value, json};
use shared::{
    domain::project::{Client, Project},
    domain::workspace::Workspace,
    functions::role::Role,
    store::{Spent, StoreError, client, project, ticket, workspace},
};

use crate::support::{Answer, App, key_of};

const RATES: &str = "/api/rates/workers";
const SHEETS: &str = "/api/lem-sheets";
/// As the pen control gives it.
const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABc3UBGAAAAABJRU5ErkJggg==";

fn client_of(id: &str) -> Client {
    Client {
        id: id.into(),
        workspace_id: "ws".into(),
        short_name: format!("Client {id}"),
        long_name: None,
        email: None,
        address: None,
        archived: false,
        is_stub: false,
    }
}

fn project_of(id: &str) -> Project {
    Project {
        id: id.into(),
        workspace_id: "ws".into(),
        client_id: Some("c1".into()),
        name: format!("{id} - Road"),
        code: Some(id.to_owned()),
        title: "Road".to_owned(),
        billable: true,
        archived: false,
        is_stub: false,
    }
}

/// An app with a client, five projects, a role and a machine.
pub(crate) struct Site {
    pub(crate) app: App,
    role: String,
    machine: String,
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::of(App::new(), &key_of(Role::LemWrite)).await
    }

    /// With these callers instead; that key may write.
    pub(crate) async fn with_caller(callers: &str, key: &str) -> Self {
        Self::of(App::with(&[("CALLER_KEYS", callers)]), key).await
    }

    async fn of(app: App, key: &str) -> Self {
        let store = app.context.store().await.unwrap().clone();
        let ticket = ticket::draw(&store).await.unwrap();
        store
            .write::<_, StoreError, _, _>(async |mut tx| {
                let spent: Spent = ticket::spend(&mut tx, ticket)
                    .await?
                    .expect("a fresh ticket");
                let company = Workspace {
                    id: "ws".into(),
                    name: "Hill Plain".to_owned(),
                };
                workspace::upsert(&mut tx, spent, &company).await?;
                client::upsert_page(&mut tx, spent, &[client_of("c1"), client_of("c2")]).await?;
                let projects: Vec<Project> =
                    (1..=5).map(|n| project_of(&format!("p{n}"))).collect();
                project::upsert_page(&mut tx, spent, &projects).await
            })
            .await
            .unwrap();
        let mut made = Vec::new();
        for (path, name) in [
            ("/api/roles", "Surveyor"),
            ("/api/equipment", "Total station"),
        ] {
            let body = json!({ "clientId": "c1", "name": name });
            let answer = app.call("POST", path, Some(key), Some(body)).await;
            assert_eq!(answer.status, 201, "{}", answer.text);
            made.push(answer.json()["id"].as_str().unwrap().to_owned());
        }
        let machine = made.pop().unwrap();
        let role = made.pop().unwrap();
        Self { app, role, machine }
    }

    /// A whole ticket with every kind of line.
    pub(crate) fn ticket(&self, project: &str) -> Value {
        json!({
            "clientId": "c1", "projectId": project, "date": "2026-11-03", "notes": "Stake the ramp",
            "workers": [{ "worker": "Dana Poole", "roleId": self.role, "workHours": "8.25", "meals": 1 }],
            "equipment": [{ "equipmentId": self.machine, "quantity": 1, "basis": "day" }],
            "materials": [{ "description": "Lath", "quantity": 3, "unitCost": 1.15, "markupPercent": "12.5" }],
        })
    }

    async fn rate(&self, from: &str, work: Value) {
        let body = json!({
            "clientId": "c1", "projectId": "p1", "roleId": self.role, "validFrom": from, "workRate": work, "mealRate": 0,
        });
        let answer = self
            .app
            .call("PUT", RATES, Some(&key_of(Role::LemRates)), Some(body))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub(crate) async fn create(&self, body: Value) -> Answer {
        self.app.post(SHEETS, Role::LemWrite, body).await
    }

    async fn write(&self, method: &str, path: &str, body: Value) -> Answer {
        self.app
            .call(method, path, Some(&key_of(Role::LemWrite)), Some(body))
            .await
    }
}

fn path_of(sheet: &Value) -> String {
    format!("{SHEETS}/{}", sheet["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_whole_ticket_is_priced_as_it_is_printed() {
    let site = Site::new().await;
    site.rate("2026-01-01", json!(100)).await;
    site.rate("2026-11-04", json!(999)).await;
    let answer = site.create(site.ticket("p1")).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.headers[header::ETAG], "\"1\"");
    let sheet = answer.json();
    assert_eq!(sheet["number"], "LEM-0001");
    assert_eq!(sheet["status"], "draft");
    // 8.25 h × 100 and a free meal; no rate for the machine; 3 × 1.15 × 1.125 = 3.88125, rounded once.
    assert_eq!(
        sheet["totals"],
        json!({ "labour": 825, "equipment": 0, "materials": 3.88, "grand": 828.88 })
    );
    assert_eq!(sheet["flags"], json!(["lem-rate-missing"]));
    let read = site.app.get(&path_of(&sheet), Role::LemRead).await.json();
    assert_eq!(read, sheet);
}

/// "200 sheets created at once by 50 connections for 5 projects: numbers 1 to 40 for each".
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_no_gap_and_no_repeat_however_many_write_at_once() {
    let site = Arc::new(Site::new().await);
    let tasks: Vec<_> = (0..50)
        .map(|n: usize| {
            let site = Arc::clone(&site);
            tokio::spawn(async move {
                let mut numbers = Vec::new();
                for m in 0..4 {
                    let project = format!("p{}", (n * 4 + m) % 5 + 1);
                    let answer = site.create(site.ticket(&project)).await;
                    assert_eq!(answer.status, 201, "{}", answer.text);
                    numbers.push((
                        project,
                        answer.json()["number"].as_str().unwrap().to_owned(),
                    ));
                }
                numbers
            })
        })
        .collect();
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for task in tasks {
        for (project, number) in task.await.unwrap() {
            given.entry(project).or_default().push(number);
        }
    }
    let expected: Vec<String> = (1..=40).map(|n| format!("LEM-{n:04}")).collect();
    assert_eq!(given.len(), 5);
    for (project, mut numbers) in given {
        numbers.sort();
        assert_eq!(numbers, expected, "{project}");
    }
}

#[tokio::test]
async fn the_same_ticket_three_times_is_one_sheet() {
    let site = Site::new().await;
    let mut ticket = site.ticket("p1");
    ticket["id"] = json!("0191F3C0-0000-7000-8000-000000000001");
    let first = site.create(ticket.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text);
    for _ in 0..2 {
        let again = site.create(ticket.clone()).await;
        assert_eq!(again.status, 200);
        assert_eq!(again.json(), first.json());
    }
    ticket["notes"] = json!("Another one");
    assert_eq!(site.create(ticket).await.problem().1, "conflict");
    // A refused creation takes no number.
    assert_eq!(
        site.create(site.ticket("p1")).await.json()["number"],
        "LEM-0002"
    );
}

#[tokio::test]
async fn a_repeated_key_gives_the_same_answer_and_refuses_another_body() {
    let site = Site::new().await;
    let send = async |key: &str, body: Value| {
        let request = Request::builder()
            .method("POST")
            .uri(SHEETS)
            .header("x-api-key", key_of(Role::LemWrite))
            .header("idempotency-key", key)
            .header(header::CONTENT_TYPE, "application/json");
        site.app
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await
    };
    let (first, twin) = tokio::join!(
        send("tap", site.ticket("p1")),
        send("tap", site.ticket("p1"))
    );
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!((twin.status, twin.json()), (first.status, first.json()));
    assert_eq!(twin.headers[header::ETAG], "\"1\"");
    assert_eq!(send("tap", site.ticket("p2")).await.problem().1, "conflict");
    // What was refused is not kept: the corrected request may use the key.
    let mut wrong = site.ticket("p1");
    wrong["projectId"] = json!("nowhere");
    assert_eq!(send("other", wrong).await.status, 422);
    assert_eq!(
        send("other", site.ticket("p1")).await.json()["number"],
        "LEM-0002"
    );
}

/// "lines edited on two phones at once (412 with what changed)".
#[tokio::test]
async fn the_second_of_two_phones_is_told_what_changed() {
    let site = Site::new().await;
    let sheet = site.create(site.ticket("p1")).await.json();
    let line = json!({ "version": 1, "worker": "Kim Osei", "roleId": site.role, "workHours": 4 });
    let put = site
        .write("PUT", &format!("{}/workers", path_of(&sheet)), line)
        .await;
    assert_eq!(
        (put.status.as_u16(), put.json()["version"].clone()),
        (200, json!(2)),
        "{}",
        put.text
    );
    let change = json!({ "version": 1, "description": "Ramp staked" });
    let stale = site.write("PATCH", &path_of(&sheet), change.clone()).await;
    let (status, code, detail) = stale.problem();
    assert_eq!((status, code.as_str()), (412, "stale-version"));
    assert!(
        detail.contains("(workers)") && detail.contains("version 2"),
        "{detail}"
    );
    assert_eq!(stale.json()["errors"][0]["field"], "workers");
    let mut fresh = change;
    fresh["version"] = json!(2);
    assert_eq!(
        site.write("PATCH", &path_of(&sheet), fresh).await.status,
        200
    );
}

#[tokio::test]
async fn prices_freeze_at_submission_and_a_signed_sheet_never_changes() {
    let site = Site::new().await;
    site.rate("2026-01-01", json!(100)).await;
    let sheet = site.create(site.ticket("p1")).await.json();
    let path = path_of(&sheet);
    let submitted = site
        .write("POST", &format!("{path}/submit"), json!({}))
        .await
        .json();
    assert_eq!(submitted["status"], "submitted");
    site.rate("2026-01-01", json!(250)).await;
    let now = site.app.get(&path, Role::LemRead).await.json();
    assert_eq!(now["totals"], submitted["totals"]);
    let signature = json!({ "version": 2, "name": "R. Client", "signaturePng": PNG });
    let signed = site
        .app
        .post(&format!("{path}/sign"), Role::LemSign, signature)
        .await;
    assert_eq!(signed.status, 200, "{}", signed.text);
    let signed = signed.json();
    assert_eq!(
        (&signed["status"], &signed["signedName"]),
        (&json!("signed"), &json!("R. Client"))
    );
    let line = json!({ "worker": "X", "roleId": site.role });
    for (method, path, body) in [
        ("PATCH", path.clone(), json!({ "notes": "x" })),
        ("PUT", format!("{path}/workers"), line),
        ("POST", format!("{path}/submit"), json!({})),
        ("DELETE", path.clone(), json!({})),
    ] {
        let refused = site.write(method, &path, body).await;
        assert_eq!(refused.problem().1, "conflict", "{method} {path}");
    }
    assert_eq!(site.app.get(&path, Role::LemRead).await.json(), signed);
    // The correction: a draft of the same number, priced by the rates of now.
    let revised = site
        .write("POST", &format!("{path}/revise"), json!({}))
        .await;
    assert_eq!(revised.status, 201, "{}", revised.text);
    let revised = revised.json();
    assert_eq!(
        (&revised["number"], &revised["revision"]),
        (&json!("LEM-0001"), &json!(2))
    );
    assert_eq!(revised["totals"]["labour"], json!(2062.5));
    assert_eq!(
        site.write("POST", &format!("{path}/revise"), json!({}))
            .await
            .problem()
            .1,
        "conflict"
    );
    // A deleted revision keeps its place; the next one comes after it.
    assert_eq!(
        site.write("DELETE", &path_of(&revised), json!({}))
            .await
            .json()["archived"],
        true
    );
    let third = site
        .write("POST", &format!("{path}/revise"), json!({}))
        .await
        .json();
    assert_eq!(third["revision"], 3);
    let audit = site
        .app
        .get("/api/audit?recordKind=lem_sheet", Role::Admin)
        .await
        .json();
    let actions: Vec<&str> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        ["revise", "archive", "revise", "sign", "submit", "create"]
    );
}

#[tokio::test]
async fn dates_come_in_the_forms_of_the_specification() {
    let site = Site::new().await;
    for sent in [
        "2026-03-07",
        "3/7/2026",
        "03/07/2026",
        "2026-03-08T05:30:00Z",
    ] {
        let mut ticket = site.ticket("p1");
        ticket["date"] = json!(sent);
        assert_eq!(
            site.create(ticket).await.json()["date"],
            "2026-03-07",
            "{sent}"
        );
    }
    for sent in ["7.3.2026", "2026-13-01"] {
        let mut ticket = site.ticket("p1");
        ticket["date"] = json!(sent);
        let (status, _, detail) = site.create(ticket).await.problem();
        assert_eq!(status, 400);
        assert!(detail.contains("YYYY-MM-DD, M/D/YYYY"), "{detail}");
    }
}

#[tokio::test]
async fn a_patch_leaves_alone_what_is_empty_and_clears_what_is_named() {
    let site = Site::new().await;
    let sheet = site.create(site.ticket("p1")).await.json();
    let path = path_of(&sheet);
    let body = json!({ "notes": "", "description": null, "clientId": "c1" });
    assert_eq!(site.write("PATCH", &path, body).await.json(), sheet);
    let cleared = site
        .write("PATCH", &path, json!({ "clear": ["notes"] }))
        .await
        .json();
    assert_eq!(
        (&cleared["notes"], &cleared["version"]),
        (&Value::Null, &json!(2))
    );
    for (body, field) in [
        (json!({ "projectId": "p2" }), "projectId"),
        (json!({ "clear": ["workers"] }), "clear"),
    ] {
        let refused = site.write("PATCH", &path, body).await;
        assert_eq!(
            (
                refused.status.as_u16(),
                &refused.json()["errors"][0]["field"]
            ),
            (422, &json!(field))
        );
    }
}

#[tokio::test]
async fn what_a_rule_refuses_names_the_field_and_takes_no_number() {
    let site = Site::new().await;
    let line = |field: &str, value: Value| {
        let mut ticket = site.ticket("p1");
        ticket["workers"][0][field] = value;
        ticket
    };
    let mut twice = site.ticket("p1");
    let same = twice["workers"][0].clone();
    twice["workers"].as_array_mut().unwrap().push(same);
    let mut foreign = site.ticket("p1");
    foreign["clientId"] = json!("c2");
    let mut too_many = site.ticket("p1");
    too_many["materials"] = vec![too_many["materials"][0].clone(); 501].into();
    for (ticket, status, field) in [
        (line("workHours", json!(8.125)), 422, "workers[0].workHours"),
        (line("workHours", json!(-1)), 422, "workers[0].workHours"),
        (line("meals", json!(1.5)), 422, "workers[0].meals"),
        (line("roleId", json!("nobody")), 422, "workers[0].roleId"),
        (
            line("employeeId", json!("nobody")),
            422,
            "workers[0].employeeId",
        ),
        (line("worker", json!("")), 400, "workers[0].worker"),
        (
            line("workHours", json!("eight")),
            400,
            "workers[0].workHours",
        ),
        (line("hours", json!(8)), 400, "workers[0].hours"),
        (too_many, 422, "materials"),
        (twice, 422, "workers[1]"),
        (foreign, 422, "projectId"),
    ] {
        let answer = site.create(ticket).await;
        let told = (
            answer.status.as_u16(),
            answer.json()["errors"][0]["field"].clone(),
        );
        assert_eq!(told, (status, json!(field)), "{}", answer.text);
    }
    assert_eq!(
        site.create(site.ticket("p1")).await.json()["number"],
        "LEM-0001"
    );
}

#[tokio::test]
async fn lines_are_added_once_replaced_and_taken_away() {
    let site = Site::new().await;
    let sheet = site
        .create(json!({ "projectId": "p1", "date": "2026-11-03" }))
        .await
        .json();
    let path = path_of(&sheet);
    let id = "0191f3c0-0000-7000-8000-00000000000a";
    let material = json!({ "id": id, "description": "Lath", "quantity": 2, "unitCost": "5", "unit": "bundle" });
    let added = site
        .write("POST", &format!("{path}/materials"), material.clone())
        .await;
    assert_eq!(
        (added.status.as_u16(), &added.json()["cost"]),
        (201, &json!(10)),
        "{}",
        added.text
    );
    assert_eq!(
        site.write("POST", &format!("{path}/materials"), material.clone())
            .await
            .status,
        200
    );
    let mut more = material;
    more["quantity"] = json!(3);
    assert_eq!(
        site.write("POST", &format!("{path}/materials"), more.clone())
            .await
            .problem()
            .1,
        "conflict"
    );
    more["id"] = Value::Null;
    let replaced = site
        .write("PUT", &format!("{path}/materials/{id}"), more)
        .await
        .json();
    assert_eq!(
        (&replaced["id"], &replaced["totals"]["grand"]),
        (&json!(id), &json!(15))
    );
    let machine = json!({ "equipmentId": site.machine, "quantity": 1, "basis": "week" });
    let refused = site
        .write("POST", &format!("{path}/equipment"), machine)
        .await;
    assert_eq!(refused.json()["errors"][0]["field"], "basis");
    let bare = site
        .write(
            "DELETE",
            &format!("{path}/materials/{id}?version=3"),
            json!({}),
        )
        .await;
    assert_eq!(
        (bare.status.as_u16(), &bare.json()["materials"]),
        (200, &json!([]))
    );
    assert_eq!(
        site.write("DELETE", &format!("{path}/materials/{id}"), json!({}))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn lists_are_filtered_and_paged_and_a_draft_begins_with_the_last_sheet() {
    let site = Site::new().await;
    for (project, day) in [
        ("p1", "2026-11-01"),
        ("p1", "2026-11-02"),
        ("p2", "2026-11-02"),
    ] {
        let mut ticket = site.ticket(project);
        ticket["date"] = json!(day);
        assert_eq!(site.create(ticket).await.status, 201);
    }
    let list = async |query: &str| {
        site.app
            .get(&format!("{SHEETS}?{query}"), Role::LemRead)
            .await
            .json()
    };
    let count = |listing: &Value| listing["items"].as_array().unwrap().len();
    for (query, expected) in [
        ("", 3),
        ("archived=FALSE&status=Draft", 3),
        ("archived=All", 3),
        ("projectId=p1", 2),
        ("from=2026-11-02", 2),
        ("to=11/1/2026", 1),
        ("status=signed", 0),
        ("archived=true", 0),
        ("clientId=c2", 0),
        ("number=LEM-0002", 1),
    ] {
        assert_eq!(count(&list(query).await), expected, "{query}");
    }
    let first = list("limit=2").await;
    let rest = list(&format!(
        "limit=2&cursor={}",
        first["nextCursor"].as_str().unwrap()
    ))
    .await;
    assert_eq!(
        (count(&first), count(&rest), &rest["nextCursor"]),
        (2, 1, &Value::Null)
    );
    let draft = site
        .app
        .get(
            &format!("{SHEETS}/draft?projectId=p1&date=2026-11-04"),
            Role::LemRead,
        )
        .await
        .json();
    assert_eq!(
        (&draft["date"], &draft["workers"][0]["worker"]),
        (&json!("2026-11-04"), &json!("Dana Poole"))
    );
    let made = site.create(draft).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["number"]),
        (201, &json!("LEM-0003")),
        "{}",
        made.text
    );
}

#[tokio::test]
async fn a_client_has_each_name_once_and_a_rate_of_nothing_is_missing() {
    let site = Site::new().await;
    let twin = json!({ "clientId": "c1", "name": " SURVEYOR " });
    assert_eq!(
        site.app
            .post("/api/roles", Role::LemWrite, twin)
            .await
            .problem()
            .1,
        "conflict"
    );
    let other = json!({ "clientId": "c2", "name": "Surveyor" });
    assert_eq!(
        site.app
            .post("/api/roles", Role::LemWrite, other)
            .await
            .status,
        201
    );
    site.rate("2026-01-01", Value::Null).await;
    let rates = site
        .app
        .get(&format!("{RATES}?projectId=p1"), Role::LemRead)
        .await
        .json();
    assert_eq!(
        (
            &rates["items"][0]["workRate"],
            &rates["items"][0]["mealRate"]
        ),
        (&Value::Null, &json!(0))
    );
    let sheet = site.create(site.ticket("p1")).await.json();
    assert_eq!(sheet["summary"][0]["rate"], Value::Null);
    assert_eq!(sheet["summary"][1]["cost"], json!(0));
}

/// Each kind of line has its bound, low enough that the dearest lines can be summed and stored.
#[tokio::test]
async fn a_sheet_takes_five_hundred_of_the_dearest_lines() {
    let site = Site::new().await;
    let dear = json!({ "description": "Gold", "quantity": 999_999, "unitCost": 999_999, "markupPercent": 1000 });
    let mut ticket = site.ticket("p1");
    ticket["materials"] = vec![dear.clone(); 500].into();
    let sheet = site.create(ticket).await;
    assert_eq!(sheet.status, 201, "{}", sheet.text);
    let path = path_of(&sheet.json());
    let more = site.write("POST", &format!("{path}/materials"), dear).await;
    let (status, _, sentence) = more.problem();
    assert_eq!(status, 422);
    assert_eq!(
        sentence,
        "`materials` must not have over 500 lines; put the rest on another sheet."
    );
    let submitted = site
        .write("POST", &format!("{path}/submit"), json!({}))
        .await;
    assert_eq!(submitted.status, 200, "{}", submitted.text);
}

/// `interface.md` §3: `detail` is "one sentence that a foreman can act on"; what is nothing is left out.
#[tokio::test]
async fn what_is_malformed_is_told_in_plain_words() {
    let site = Site::new().await;
    let unknown = "is an unknown field; check how it is spelled, or leave it out.";
    for (workers, detail) in [
        (json!({}), "`workers` must be a list.".to_owned()),
        (
            json!(["Dana"]),
            "`workers[0]` must be an object with fields.".to_owned(),
        ),
        (
            json!([{ "name": "Dana" }]),
            format!("`workers[0].name` {unknown}"),
        ),
        (
            json!([{ "worker": {} }]),
            "`workers[0].worker` must be text.".to_owned(),
        ),
    ] {
        let mut ticket = site.ticket("p1");
        ticket["workers"] = workers;
        let (status, _, told) = site.create(ticket).await.problem();
        assert_eq!((status, told), (400, detail));
    }
    let mut ticket = site.ticket("p1");
    ticket["workers"]
        .as_array_mut()
        .unwrap()
        .insert(0, Value::Null);
    let made = site.create(ticket).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["workers"][0]["worker"], "Dana Poole");
}

/// Drop-downs search by part of a name, and show whose it is where they hold the names of several clients.
#[tokio::test]
async fn names_are_found_by_a_part_of_them_and_say_whose_they_are() {
    let site = Site::new().await;
    let other = json!({ "clientId": "c2", "name": "Site surveyor" });
    let made = site.app.post("/api/roles", Role::LemWrite, other).await;
    assert_eq!(made.json()["label"], "Site surveyor — Client c2");
    for (query, expected) in [
        (
            "",
            vec!["Site surveyor — Client c2", "Surveyor — Client c1"],
        ),
        ("q=SURV&clientId=c1", vec!["Surveyor — Client c1"]),
        ("q=site", vec!["Site surveyor — Client c2"]),
        ("q=chainman", vec![]),
    ] {
        let path = format!("/api/roles?{query}");
        let found = site.app.get(&path, Role::LemRead).await.json();
        let labels: Vec<&str> = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name["label"].as_str().unwrap())
            .collect();
        assert_eq!(labels, expected, "{query}");
    }
    let first = site
        .app
        .get("/api/roles?q=surv&limit=1", Role::LemRead)
        .await
        .json();
    let path = format!(
        "/api/roles?q=surv&limit=1&cursor={}",
        first["nextCursor"].as_str().unwrap()
    );
    let rest = site.app.get(&path, Role::LemRead).await.json();
    assert_eq!(rest["items"][0]["name"], "Surveyor");
    assert_eq!(rest["nextCursor"], Value::Null);
}
