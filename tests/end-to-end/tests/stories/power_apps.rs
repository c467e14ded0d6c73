//! Power Apps: "calls the LEM API over HTTPS with a key". Lines are bad and people tap twice.

use std::collections::BTreeSet;

use end_to_end::{company::company, people::Person};
use serde_json::{Value, json};

use crate::site::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_apps_repeats_a_tap_and_makes_one_sheet() {
    let story = company(12).with_strict_clockify().synced().play().await;
    let site = Site::of(&story).await;
    let app = story.api(Person::PowerApps);
    let database = story.database();
    let sheets = || database.number("SELECT COUNT(*) FROM lem_sheet");

    // An id made by the app: the repeat on a bad line finds the sheet (200), another body is refused.
    let mut ticket = site.ticket();
    ticket["id"] = json!("0191f3c0-0000-7000-8000-000000000001");
    let first = app.post("/lem-sheets", &ticket).await.expect(201);
    let again = app.post("/lem-sheets", &ticket).await.expect(200);
    assert_eq!(first, again);
    let mut other = ticket.clone();
    other["notes"] = json!("Another ticket");
    assert_eq!(
        app.post("/lem-sheets", &other).await.refusal(409),
        "conflict"
    );
    assert_eq!(sheets(), 1);

    // An Idempotency-Key: the same answer, byte for byte, also for twins that run at the same time.
    let tap = app.clone().with_header("idempotency-key", "tap-1");
    let ticket = site.ticket();
    let (one, twin) = tokio::join!(
        tap.post("/lem-sheets", &ticket),
        tap.post("/lem-sheets", &ticket)
    );
    assert_eq!((one.status.as_u16(), &one.text), (201, &twin.text));
    assert_eq!(
        tap.post("/lem-sheets", &other).await.refusal(409),
        "conflict"
    );
    assert_eq!(sheets(), 2);

    // The key and its answer survive the death of the handler.
    story.host.kill_handler().await;
    assert_eq!(tap.post("/lem-sheets", &ticket).await.text, one.text);
    // An answer that was lost after the work was done: the repeat finds the work.
    let lost = app.clone().with_header("idempotency-key", "tap-2");
    let plan = local_host::FaultPlan {
        lose_replies: Some(1),
        ..local_host::FaultPlan::default()
    };
    story.host.add_faults(plan).await;
    assert_eq!(lost.post("/lem-sheets", &ticket).await.status, 502);
    let found = lost.post("/lem-sheets", &ticket).await.expect(201);
    assert_eq!((&found["number"], sheets()), (&json!("LEM-0003"), 3));

    // Two phones: the second is told what changed, and nothing of the first is lost.
    let path = format!("/lem-sheets/{}", first["id"].as_str().expect("an id"));
    let version = first["version"].clone();
    let change = |field: &str| json!({field: "Two pads", "version": version});
    app.patch(&path, &change("description")).await.expect(200);
    let stale = app.patch(&path, &change("notes")).await;
    assert_eq!(stale.refusal(412), "stale-version");
    assert_eq!(stale.json()["errors"][0]["field"], "description");
    let now = app.get(&path).await;
    assert_eq!(
        (&now.json()["description"], &now.json()["notes"]),
        (&json!("Two pads"), &Value::Null)
    );
    let by_etag = app.clone().with_header("if-match", "\"1\"");
    assert_eq!(
        by_etag
            .patch(&path, &json!({"notes": "x"}))
            .await
            .refusal(412),
        "stale-version"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_drop_downs_of_power_apps_hold_what_clockify_has() {
    let story = company(12).synced().play().await;
    let app = story.api(Person::PowerApps);
    let clockify = story.clockify();
    let ids = |rows: &[Value]| -> BTreeSet<String> {
        rows.iter()
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    for (lookup, list) in [
        ("/lookups/clients?active=true", "/clients?archived=false"),
        ("/lookups/projects?active=true", "/projects?archived=false"),
        ("/lookups/projects?active=false", "/projects?archived=true"),
    ] {
        let (shown, expected) = (
            ids(&app.list(lookup).await),
            ids(&clockify.list(list).await),
        );
        assert!(!expected.is_empty(), "{list}");
        assert_eq!(shown, expected, "{lookup}");
    }
    let users = clockify.users().await;
    let active: Vec<Value> = users
        .iter()
        .filter(|user| user["status"] == "ACTIVE")
        .cloned()
        .collect();
    assert_eq!(
        ids(&app.list("/lookups/employees?active=true").await),
        ids(&active)
    );
    // Two people of one name are two lines.
    let people = story.control.people().await.expect("people");
    assert_eq!(people[7].name, people[8].name);
    let name = people[7].name.clone().expect("a name").replace(' ', "%20");
    let found = app.list(&format!("/lookups/employees?q={name}")).await;
    assert_eq!(found.len(), 2, "{found:?}");
    // What the app may not: pay and administration.
    for (path, roles) in [
        ("/attendance?from=2026-10-25&to=2026-10-31", "pay"),
        ("/deliveries", "administration"),
    ] {
        assert_eq!(app.get(path).await.status, 403, "{roles}");
    }
}
