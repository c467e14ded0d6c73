//! Two people do the same thing at once.

use end_to_end::{company::company, people::Person};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_sign_one_lem_at_once() {
    let story = company(12).weeks(1).synced().play().await;
    let foreman = story.api(Person::Foreman);
    let projects = foreman.list("/lookups/projects?active=true").await;
    let project = projects
        .iter()
        .find(|project| project["clientId"].is_string());
    let project = project.expect("a project of a client");
    for round in 1..=5 {
        let ticket = json!({
            "clientId": project["clientId"], "projectId": project["id"], "date": "2026-11-02",
            "materials": [{"description": "Lath", "quantity": 1, "unitCost": 2, "markupPercent": 0}],
        });
        let sheet = foreman.post("/lem-sheets", &ticket).await.expect(201);
        let path = format!("/lem-sheets/{}", sheet["id"].as_str().expect("an id"));
        foreman
            .post(&format!("{path}/submit"), &json!({}))
            .await
            .expect(200);
        let sign = format!("{path}/sign");
        let signature = |name: &str| json!({"name": name, "signaturePng": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABc3UBGAAAAABJRU5ErkJggg=="});
        let (one, other) = (signature("R. Client"), signature("S. Client"));
        let (one, other) = tokio::join!(foreman.post(&sign, &one), foreman.post(&sign, &other));
        let signed = foreman.get(&path).await.expect(200);
        let (won, lost, name) = if one.status == 200 {
            (one, other, "R. Client")
        } else {
            (other, one, "S. Client")
        };
        assert_eq!(
            (won.status.as_u16(), lost.status.as_u16()),
            (200, 409),
            "{}",
            lost.text
        );
        assert_eq!(
            (&signed["status"], &signed["signedName"]),
            (&json!("signed"), &json!(name))
        );
        let audited = "SELECT COUNT(*) FROM audit WHERE action LIKE '%sign%'";
        assert_eq!(
            story.database().number(audited),
            round,
            "one signature, one line of the audit"
        );
    }
}
