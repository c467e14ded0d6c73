//! The life of a sheet over HTTP (`domain.md` §6 *Sign-off*): each state × each act.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use shared::functions::role::Role;

use super::{PNG, Site, path_of};
use crate::support::{Answer, key_of};

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Draft,
    Submitted,
    Signed,
    Rejected,
    Archived,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    ChangeHead,
    PutWorker,
    AddEquipment,
    ReplaceMaterial,
    RemoveLine,
    Submit,
    Sign,
    Reject,
    Revise,
    Archive,
}

impl Site {
    /// A sheet in that state, with a line of every kind.
    async fn sheet_in(&self, state: State) -> Value {
        let sheet = self.create(self.ticket("p1")).await.json();
        let acts: &[Act] = match state {
            State::Draft => &[],
            State::Submitted => &[Act::Submit],
            State::Signed => &[Act::Submit, Act::Sign],
            State::Rejected => &[Act::Submit, Act::Reject],
            State::Archived => &[Act::Archive],
        };
        for act in acts {
            let answer = self.act(&sheet, *act).await;
            assert_eq!(answer.status, 200, "{act:?}: {}", answer.text);
        }
        self.app.get(&path_of(&sheet), Role::LemRead).await.json()
    }

    async fn act(&self, sheet: &Value, act: Act) -> Answer {
        let id_of = |kind: &str| sheet[kind][0]["id"].as_str().unwrap().to_owned();
        let (method, below, body) = match act {
            Act::ChangeHead => ("PATCH", String::new(), json!({ "notes": "Another task" })),
            Act::PutWorker => {
                let line = json!({ "worker": "Kim Osei", "roleId": self.role, "workHours": 4 });
                ("PUT", "/workers".to_owned(), line)
            }
            Act::AddEquipment => {
                let line = json!({ "equipmentId": self.machine, "quantity": 2, "basis": "unit" });
                ("POST", "/equipment".to_owned(), line)
            }
            Act::ReplaceMaterial => {
                let line = json!({ "description": "Stakes", "quantity": 9, "unitCost": 2 });
                ("PUT", format!("/materials/{}", id_of("materials")), line)
            }
            Act::RemoveLine => (
                "DELETE",
                format!("/workers/{}", id_of("workers")),
                Value::Null,
            ),
            Act::Submit => ("POST", "/submit".to_owned(), json!({})),
            Act::Sign => {
                let signature = json!({ "name": "R. Ives", "signaturePng": PNG });
                ("POST", "/sign".to_owned(), signature)
            }
            Act::Reject => ("POST", "/reject".to_owned(), json!({ "reason": "Hours" })),
            Act::Revise => ("POST", "/revise".to_owned(), json!({})),
            Act::Archive => ("DELETE", String::new(), Value::Null),
        };
        let role = match act {
            Act::Sign | Act::Reject => Role::LemSign,
            _ => Role::LemWrite,
        };
        let path = format!("{}{below}", path_of(sheet));
        let body = (!body.is_null()).then_some(body);
        self.app
            .call(method, &path, Some(&key_of(role)), body)
            .await
    }
}

/// Whether a sheet is flagged is up to its revisions too.
fn without_flags(mut sheet: Value) -> Value {
    sheet["flags"].take();
    sheet
}

/// §6: "draft → submitted → signed (…) or rejected (reason). A signed sheet is frozen; a correction is a new
/// revision of it"; "Deleting archives". What is refused leaves no trace; deleting twice is no fault.
#[tokio::test]
async fn each_state_takes_what_leads_on_and_refuses_the_rest_without_a_trace() {
    use Act::{
        AddEquipment, Archive, ChangeHead, PutWorker, Reject, RemoveLine, ReplaceMaterial, Revise,
        Sign, Submit,
    };
    use State::{Archived, Draft, Rejected, Signed, Submitted};
    let acts = [
        ChangeHead,
        PutWorker,
        AddEquipment,
        ReplaceMaterial,
        RemoveLine,
        Submit,
        Sign,
        Reject,
        Revise,
        Archive,
    ];
    let table: [(State, [u16; 10]); 5] = [
        (Draft, [200, 200, 201, 200, 200, 200, 409, 409, 409, 200]),
        (
            Submitted,
            [409, 409, 409, 409, 409, 409, 200, 200, 409, 200],
        ),
        (Signed, [409, 409, 409, 409, 409, 409, 409, 409, 201, 409]),
        (Rejected, [409, 409, 409, 409, 409, 409, 409, 409, 201, 200]),
        (Archived, [409, 409, 409, 409, 409, 409, 409, 409, 409, 200]),
    ];
    let site = Site::new().await;
    for (state, expected) in table {
        for (act, status) in acts.into_iter().zip(expected) {
            let before = site.sheet_in(state).await;
            let answer = site.act(&before, act).await;
            assert_eq!(answer.status.as_u16(), status, "{act:?} of {state:?}");
            let after = site.app.get(&path_of(&before), Role::LemRead).await.json();
            if status == 409 {
                let (_, code, sentence) = answer.problem();
                assert_eq!(code, "conflict", "{act:?} of {state:?}: {sentence}");
            }
            // A revision is another sheet; the one that it corrects stays as it was.
            let leaves_it = status == 409 || status == 201 && matches!(act, Revise);
            let is_deleted_again = state == Archived && matches!(act, Archive);
            let stays = leaves_it || is_deleted_again;
            let is_same = without_flags(after) == without_flags(before);
            assert_eq!(is_same, stays, "{act:?} of {state:?}");
        }
    }
}

/// The picture is large: a sheet, and lists all the more, do without it; it has a route of its own.
#[tokio::test]
async fn a_signature_is_read_by_a_route_of_its_own() {
    let site = Site::new().await;
    let sheet = site.sheet_in(State::Signed).await;
    assert!(!sheet.to_string().contains("iVBORw0KGgo"));
    let path = format!("{}/signature", path_of(&sheet));
    let signature = site.app.get(&path, Role::LemRead).await.json();
    assert_eq!(signature["name"], "R. Ives");
    assert_eq!(signature["signedAt"], sheet["signedAt"]);
    assert_eq!(
        signature["signaturePng"],
        PNG.trim_start_matches("data:image/png;base64,")
    );
    let unsigned = site.sheet_in(State::Submitted).await;
    let path = format!("{}/signature", path_of(&unsigned));
    let none = site.app.get(&path, Role::LemRead).await;
    assert_eq!(none.problem().0, 404);
}

/// A signed sheet never changes: what cannot be drawn is refused before.
#[tokio::test]
async fn a_signature_that_cannot_be_printed_is_refused() {
    let site = Site::new().await;
    let sheet = site.sheet_in(State::Submitted).await;
    let path = format!("{}/sign", path_of(&sheet));
    let sized = |width: u32, height: u32| {
        let mut picture = STANDARD.decode(PNG.rsplit(',').next().unwrap()).unwrap();
        picture[16..20].copy_from_slice(&width.to_be_bytes());
        picture[20..24].copy_from_slice(&height.to_be_bytes());
        STANDARD.encode(picture)
    };
    let table = [
        ("iVBORw0KGgoAAAAA".to_owned(), 422),
        (sized(0, 80), 422),
        (sized(300, 10_001), 422),
        (sized(u32::MAX, 80), 422),
        ("not base64".to_owned(), 400),
        (sized(300, 80), 200),
    ];
    for (picture, status) in table {
        let signature = json!({ "name": "R. Ives", "signaturePng": picture });
        let answer = site.app.post(&path, Role::LemSign, signature).await;
        assert_eq!(answer.status, status, "{picture}: {}", answer.text);
        if status != 200 {
            assert_eq!(answer.json()["errors"][0]["field"], "signaturePng");
        }
    }
}
