//! What a newer revision replaces, and a project that moved to another client (`domain.md` §6).

use serde_json::{Value, json};
use shared::{domain::project::Project, functions::role::Role, store::project};

use super::{RATES, SHEETS, Site, path_of, project_of};
use crate::support::{key_of, written};

/// Sorts before every id that is made here.
const FIRST_ID: &str = "00000000-0000-4000-8000-000000000001";

impl Site {
    async fn submit(&self, sheet: &Value) {
        let path = format!("{}/submit", path_of(sheet));
        let submitted = self.write("POST", &path, json!({})).await;
        assert_eq!(submitted.status, 200, "{}", submitted.text);
    }

    async fn reject(&self, sheet: &Value) {
        self.submit(sheet).await;
        let path = format!("{}/reject", path_of(sheet));
        let reason = json!({ "reason": "Hours" });
        let rejected = self.app.post(&path, Role::LemSign, reason).await;
        assert_eq!(rejected.status, 200, "{}", rejected.text);
    }

    async fn sign(&self, sheet: &Value) {
        self.submit(sheet).await;
        let path = format!("{}/sign", path_of(sheet));
        let signature = json!({ "name": "R. Ives", "signaturePng": super::PNG });
        let signed = self.app.post(&path, Role::LemSign, signature).await;
        assert_eq!(signed.status, 200, "{}", signed.text);
    }

    async fn revise(&self, sheet: &Value, id: Option<&str>) -> Value {
        let path = format!("{}/revise", path_of(sheet));
        let revised = self.write("POST", &path, json!({ "id": id })).await;
        assert_eq!(revised.status, 201, "{}", revised.text);
        revised.json()
    }

    async fn draft(&self, project: &str) -> Value {
        let path = format!("{SHEETS}/draft?projectId={project}&date=2026-11-10");
        self.app.get(&path, Role::LemRead).await.json()
    }

    /// The sheets that lack a rate, by the list of flags and by themselves.
    async fn flagged(&self) -> Vec<Value> {
        let path = "/api/flags?kind=lem-rate-missing";
        let flags = self.app.get(path, Role::ReportsRead).await.json();
        let mut raised: Vec<Value> = flags["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|flag| flag["recordId"].clone())
            .collect();
        let all = format!("{SHEETS}?archived=all");
        let sheets = self.app.get(&all, Role::LemRead).await.json();
        let mut told: Vec<Value> = sheets["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|sheet| sheet["flags"] != json!([]))
            .map(|sheet| sheet["id"].clone())
            .collect();
        raised.sort_by_key(Value::to_string);
        told.sort_by_key(Value::to_string);
        assert_eq!(raised, told);
        raised
    }

    /// A ticket that needs the role's rate alone.
    fn labour(&self, project: &str) -> Value {
        let mut ticket = self.ticket(project);
        ticket["equipment"] = json!([]);
        ticket
    }
}

/// A correction takes the place of what it corrects, also where its day is an earlier one or its id sorts first.
#[tokio::test]
async fn a_draft_begins_with_the_newest_revision_of_the_last_sheet() {
    let site = Site::new().await;
    let sheet = site.create(site.ticket("p1")).await.json();
    site.reject(&sheet).await;
    let revised = site.revise(&sheet, Some(FIRST_ID)).await;
    let change = json!({ "notes": "Corrected" });
    assert_eq!(
        site.write("PATCH", &path_of(&revised), change).await.status,
        200
    );
    assert_eq!(site.draft("p1").await["notes"], "Corrected");
    // In lists the revisions of a number stand newest first, also where a part ends between them.
    let mut revisions = Vec::new();
    let mut cursor = String::new();
    for _ in 0..2 {
        let path = format!("{SHEETS}?limit=1&cursor={cursor}");
        let part = site.app.get(&path, Role::LemRead).await.json();
        revisions.push(part["items"][0]["revision"].clone());
        cursor = part["nextCursor"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(revisions, [2, 1]);
    assert_eq!(cursor, "");
    let earlier = json!({ "date": "2026-10-30" });
    site.write("PATCH", &path_of(&revised), earlier).await;
    assert_eq!(site.draft("p1").await["notes"], "Corrected");
    // A deleted correction is none.
    site.write("DELETE", &path_of(&revised), json!({})).await;
    assert_eq!(site.draft("p1").await["notes"], "Stake the ramp");
}

/// §6: "a missing rate … flags the sheet". What a newer revision replaces is past mending, and nobody's concern: any
/// for a rejected sheet, a signed one for a signed sheet, which counts until then.
#[tokio::test]
async fn a_replaced_revision_flags_nothing() {
    let site = Site::new().await;
    let sheet = site.create(site.labour("p1")).await.json();
    let id = |sheet: &Value| sheet["id"].clone();
    assert_eq!(site.flagged().await, [id(&sheet)]);
    site.reject(&sheet).await;
    assert_eq!(site.flagged().await, [id(&sheet)]);
    let second = site.revise(&sheet, Some(FIRST_ID)).await;
    assert_eq!(site.flagged().await, [id(&second)]);
    site.write("DELETE", &path_of(&second), json!({})).await;
    assert_eq!(site.flagged().await, [id(&sheet)]);

    let third = site.revise(&sheet, None).await;
    site.sign(&third).await;
    assert_eq!(site.flagged().await, [id(&third)]);
    let fourth = site.revise(&third, Some(super::signal::TICKET_ID)).await;
    assert_eq!(site.flagged().await.len(), 2);
    site.rate("2026-01-01", json!(100)).await;
    assert_eq!(site.flagged().await, [id(&third)]);
    site.sign(&fourth).await;
    assert_eq!(site.flagged().await, [] as [Value; 0]);
}

/// §6: a sheet keeps its client, and is priced by the rates of that client and project.
#[tokio::test]
async fn a_project_that_moves_to_another_client_leaves_its_sheets_and_their_rates() {
    let site = Site::new().await;
    let sheet = site.create(site.labour("p1")).await.json();
    let moved = [Project {
        client_id: Some("c2".into()),
        ..project_of("p1")
    }];
    written!(site.app, |tx, spent| project::upsert_page(
        &mut tx, spent, &moved
    ));
    site.rate("2026-01-01", json!(100)).await;
    let priced = site.app.get(&path_of(&sheet), Role::LemRead).await.json();
    assert_eq!(priced["totals"]["labour"], 825);
    assert_eq!(priced["flags"], json!([]));
    // The new client begins anew: with a draft that can be sent, and a number of his own.
    let draft = site.draft("p1").await;
    assert_eq!(
        (&draft["clientId"], &draft["workers"]),
        (&json!("c2"), &json!([]))
    );
    let made = site.create(draft).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["number"], "LEM-0001");
    // Where no sheet was counted there is nothing to price.
    let rate = json!({ "clientId": "c1", "projectId": "p2", "roleId": site.role, "validFrom": "2026-01-01" });
    let mut foreign = rate.clone();
    foreign["clientId"] = json!("c2");
    for (body, status) in [(rate, 200), (foreign, 422)] {
        let key = key_of(Role::LemRates);
        let answer = site.app.call("PUT", RATES, Some(&key), Some(body)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}
