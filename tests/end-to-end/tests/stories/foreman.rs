//! Foreman: "fills in a LEM (the daily ticket that a client's representative signs) in the LEM Generator Power App".

use end_to_end::{company::company, people::Person};
use serde_json::json;

use crate::site::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_foreman_fills_in_a_ticket_and_the_client_signs_it() {
    let story = company(12).with_strict_clockify().synced().play().await;
    let site = Site::of(&story).await;
    let foreman = story.api(Person::Foreman);

    let sheet = foreman
        .post("/lem-sheets", &site.ticket())
        .await
        .expect(201);
    let path = format!("/lem-sheets/{}", sheet["id"].as_str().expect("an id"));
    assert_eq!(sheet["number"], "LEM-0001");
    assert_eq!(sheet["date"], "2026-11-02");
    // By hand (§6, priced per summary row): 11.75 h × 95.50 = 1122.125, half up; 1.5 h × 80; two meals at 25. The
    // machine for a day. Three laths at 1.15 with 12.5 % on top: 3.88125, rounded once.
    let totals = json!({"labour": 1292.13, "equipment": 350, "materials": 3.88, "grand": 1646.01});
    assert_eq!(sheet["totals"], totals, "{sheet}");
    assert_eq!(sheet["flags"], json!([]), "{sheet}");

    // One more hour for Dana, sent again as the whole line: it replaces the line.
    let line = json!({
        "worker": " dana poole ", "roleId": site.role, "workHours": 9.25, "travelHours": 1.5, "meals": 1,
    });
    foreman
        .put(&format!("{path}/workers"), &line)
        .await
        .expect(200);
    let sheet = foreman.get(&path).await.expect(200);
    assert_eq!(
        sheet["workers"].as_array().map(Vec::len),
        Some(2),
        "{sheet}"
    );
    assert_eq!(
        sheet["totals"]["labour"],
        json!(1387.63),
        "12.75 × 95.50 = 1217.625"
    );

    // Handed in: prices freeze, also when the price list changes before the client signs.
    foreman
        .post(&format!("{path}/submit"), &json!({}))
        .await
        .expect(200);
    site.set_work_rate(&story, "200").await;
    let signature = json!({"name": "R. Client", "signaturePng": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABc3UBGAAAAABJRU5ErkJggg=="});
    foreman
        .post(&format!("{path}/sign"), &signature)
        .await
        .expect(200);
    let signed = foreman.get(&path).await.expect(200);
    assert_eq!(signed["status"], "signed");
    assert_eq!(signed["totals"]["grand"], json!(1741.51), "{signed}");
    let change = json!({"notes": "One thing more"});
    let refused = foreman.patch(&path, &change).await.refusal(409);
    assert_eq!(refused, "conflict", "a signed sheet is frozen");

    // A correction is a new revision of the same number, at the new price.
    let revised = foreman
        .post(&format!("{path}/revise"), &json!({}))
        .await
        .expect(201);
    assert_eq!(
        (&revised["number"], &revised["revision"]),
        (&json!("LEM-0001"), &json!(2))
    );
    assert_eq!(
        revised["totals"]["labour"],
        json!(2720),
        "12.75 × 200 + 170"
    );
    let next = foreman
        .post("/lem-sheets", &site.ticket())
        .await
        .expect(201);
    assert_eq!(next["number"], "LEM-0002");

    // Who did what is on record (§10).
    let audit = story.api(Person::ItAdministrator).list("/audit").await;
    let by_foreman = audit
        .iter()
        .filter(|one| one.to_string().contains("foreman"));
    assert!(by_foreman.count() >= 6, "{audit:?}");
}
