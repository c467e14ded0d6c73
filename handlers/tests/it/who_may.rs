//! Who may call what (`interface.md` §3, *Who may*): every route × every role, as a program and as a person; nobody, a
//! wrong key, a forged header.

use axum::body::Body;
use base64::{Engine, engine::general_purpose::STANDARD};
use handlers::routes::{Route, Rule};
use http::Request;
use serde_json::json;
use shared::{
    functions::{access::Who, role::Role},
    reports::Kind,
};

use crate::{
    balances::{company_with, correction},
    support::{App, KEY_WITHOUT_ROLES, key_of},
};

/// Where the platform signs people in.
const SIGN_IN: [(&str, &str); 2] = [("EASY_AUTH", "on"), ("WEBSITE_AUTH_ENABLED", "True")];

/// The header that App Service Authentication writes, with the roles under claims of that type.
pub(crate) fn principal(role_type: &str, roles: &[Role]) -> String {
    let role_claim = |role: &Role| json!({ "typ": role_type, "val": role });
    let mut claims = vec![json!({ "typ": "oid", "val": "o-1" })];
    claims.extend(roles.iter().map(role_claim));
    STANDARD
        .encode(json!({ "auth_typ": "aad", "role_typ": role_type, "claims": claims }).to_string())
}

const LONG_ROLE_TYPE: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";

/// The route's addresses to try: each kind of report is one. What comes after the question who may is wrong on
/// purpose, so that nothing is made.
fn addresses(route: &Route) -> Vec<(String, Option<Kind>)> {
    let path = route
        .path
        .replace("{id}", "0")
        .replace("{lineId}", "1")
        .replace("{resource}", "nothing");
    if !path.contains("{kind}") {
        return vec![(format!("/api{path}"), None)];
    }
    let of_kind = |kind: Kind| {
        let path = path.replace("{kind}", kind.as_str());
        let wrong = if route.method == "GET" {
            "from"
        } else {
            "wait"
        };
        (format!("/api{path}?{wrong}=never"), Some(kind))
    };
    Kind::ALL.into_iter().map(of_kind).collect()
}

/// What the table says of somebody who is known and holds these roles.
fn for_roles(route: &Route, kind: Option<Kind>, roles: &[Role]) -> &'static str {
    let holds = |needed: Role| roles.iter().any(|role| role.includes(needed));
    let may = match (route.rule, route.path) {
        (Rule::Fixed(Who::Anyone | Who::AnyCaller), _)
        | (Rule::Varies(_), "/jobs" | "/jobs/{id}") => true,
        (Rule::Fixed(Who::Role(needed)), _) => holds(needed),
        (Rule::Varies(_), "/reports") => holds(Role::ReportsRead) || holds(Role::PayrollRead),
        (Rule::Varies(_), "/reports/{kind}") => match kind {
            Some(Kind::Payroll | Kind::BankedTime | Kind::ExpenseClaims) => {
                holds(Role::PayrollRead)
            }
            _ => holds(Role::ReportsRead),
        },
        (Rule::Varies(_), "/clockify/webhooks") => return "webhook-refused",
        (Rule::Varies(_), path) => panic!("say here who may use {path}"),
    };
    if may { "let in" } else { "role-missing" }
}

/// What the table says of somebody who is not known, for that reason.
fn for_a_stranger(route: &Route, code: &'static str) -> &'static str {
    match route.path {
        "/clockify/webhooks" => "webhook-refused",
        _ if route.rule == Rule::ANYONE => "let in",
        _ => code,
    }
}

/// 401 and 403 by their code; all else is let in.
async fn answer(app: &App, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    match answer.status.as_u16() {
        401 | 403 => answer.problem().1,
        // A kind of report that is not served: who may is not asked.
        404 if path.contains("/reports/") => "not served".to_owned(),
        _ => "let in".to_owned(),
    }
}

#[tokio::test]
async fn every_route_answers_each_role_and_each_stranger_as_the_table_says() {
    let signing_in = App::with(&SIGN_IN);
    let plain = App::new();
    let half = App::with(&[SIGN_IN[0]]);
    let admin = principal("roles", &Role::ALL);
    let mut tried = 0;
    for route in handlers::functions()
        .http
        .iter()
        .flat_map(|function| &function.routes)
    {
        for (path, kind) in addresses(route) {
            let method = route.method.as_str();
            let is = async |app: &App, headers: &[(&str, &str)], expected: &str, who: &str| {
                let told = answer(app, method, &path, headers).await;
                if kind.is_none() || told != "not served" {
                    assert_eq!(told, expected, "{method} {path} by {who}");
                }
            };
            let nobody = for_a_stranger(route, "no-caller");
            let unknown = for_a_stranger(route, "unknown-key");
            is(&signing_in, &[], nobody, "nobody").await;
            is(
                &signing_in,
                &[("x-api-key", "wrong")],
                unknown,
                "a wrong key",
            )
            .await;
            let forged = [("x-ms-client-principal", admin.as_str())];
            is(&plain, &forged, nobody, "a forged principal, sign-in off").await;
            is(
                &half,
                &forged,
                nobody,
                "a forged principal, platform silent",
            )
            .await;
            let both = [("x-api-key", "wrong"), forged[0]];
            is(&signing_in, &both, unknown, "a wrong key and a principal").await;
            let twice = [forged[0], forged[0]];
            is(&signing_in, &twice, nobody, "two principals").await;
            let without = for_roles(route, kind, &[]);
            is(
                &signing_in,
                &[("x-api-key", KEY_WITHOUT_ROLES)],
                without,
                "a key without roles",
            )
            .await;
            for role in Role::ALL {
                let expected = for_roles(route, kind, &[role]);
                let key = key_of(role);
                is(&signing_in, &[("x-api-key", &key)], expected, role.name()).await;
                for role_type in ["roles", LONG_ROLE_TYPE] {
                    let person = principal(role_type, &[role]);
                    let person = [("x-ms-client-principal", person.as_str())];
                    is(
                        &signing_in,
                        &person,
                        expected,
                        &format!("a person with {role}"),
                    )
                    .await;
                }
            }
            tried += 1;
        }
    }
    assert!(tried > 50, "only {tried} addresses");
}

/// `domain.md` §10: several keys are valid at once, so that one can be exchanged without a gap.
#[tokio::test]
async fn a_key_is_rotated_without_a_gap_and_the_old_one_ends() {
    use sha2::{Digest, Sha256};
    let with = |keys: &[&str]| {
        let hashes: Vec<String> = keys
            .iter()
            .map(|key| hex::encode(Sha256::digest(key)))
            .collect();
        let keys = json!({ "office": { "sha256": hashes, "roles": ["Admin"] } }).to_string();
        App::with(&[("CALLER_KEYS", &keys)])
    };
    for (valid, old, new) in [
        (&["old"][..], "let in", "unknown-key"),
        (&["old", "new"], "let in", "let in"),
        (&["new"], "unknown-key", "let in"),
    ] {
        let app = with(valid);
        for (key, expected) in [("old", old), ("new", new)] {
            let told = answer(&app, "GET", "/api/whoami", &[("x-api-key", key)]).await;
            assert_eq!(told, expected, "{key} where {valid:?} are valid");
        }
    }
}

/// "reports and their links …: `Reports.Read`; payroll, banked-time, expense-claims … need `Payroll.Read`".
#[tokio::test]
async fn payroll_is_for_payroll_read_alone() {
    let app = App::new();
    for role in Role::ALL {
        for method in ["POST", "GET"] {
            // A wrong day ends the request right after the question who may.
            let path = match method {
                "GET" => "/api/reports/payroll?from=never",
                _ => "/api/reports/payroll?wait=never",
            };
            let answer = app.call(method, path, Some(&key_of(role)), None).await;
            let expected = if role == Role::PayrollRead { 400 } else { 403 };
            assert_eq!(answer.status, expected, "{method} by {role}");
        }
    }
    let answer = app.call("POST", "/api/reports/payroll", None, None).await;
    assert_eq!(answer.problem().1, "no-caller");

    // Who corrected a balance, and when, is for `Admin`; by how much and why is not.
    let app = company_with(&SIGN_IN).await;
    let made = app
        .post("/api/balances/corrections", Role::Admin, correction())
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    for (roles, sees) in [
        (&[Role::Admin][..], false),
        (&[Role::Admin, Role::PayrollRead], true),
    ] {
        let person = principal("roles", roles);
        let request = Request::builder()
            .uri("/api/audit")
            .header("x-ms-client-principal", person);
        let audit = app.send(request.body(Body::empty()).unwrap()).await;
        let change = &audit.json()["items"][0];
        assert_eq!(change["recordId"], made.json()["id"], "{roles:?}");
        let after = if sees {
            &change["after"]["hours"]
        } else {
            &change["after"]
        };
        let expected = if sees { json!(-7.5) } else { json!({}) };
        assert_eq!(*after, expected, "{roles:?}");
        for told in ["paid out in October", "employeeId", "-7.5"] {
            assert_eq!(audit.text.contains(told), sees, "{roles:?}: {}", audit.text);
        }
    }
}

/// `/jobs`: "one's own; all: `Admin`; files of a report as for the report".
#[tokio::test]
async fn a_job_is_seen_by_who_asked_by_who_may_have_its_report_and_by_admin() {
    let app = App::new();
    let made = app
        .post("/api/reports/payroll", Role::PayrollRead, json!({}))
        .await;
    assert_eq!(made.status, 202, "{}", made.text);
    let path = format!("/api/jobs/{}", made.json()["jobId"].as_str().unwrap());
    for role in Role::ALL {
        let may = matches!(role, Role::PayrollRead | Role::Admin);
        let one = app.get(&path, role).await;
        assert_eq!(one.status, if may { 200 } else { 404 }, "{role}");
        let list = app.get("/api/jobs", role).await.json();
        assert_eq!(
            list["items"].as_array().unwrap().len(),
            usize::from(may),
            "{role}"
        );
    }
    assert_eq!(
        app.call("GET", &path, Some(KEY_WITHOUT_ROLES), None)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn whoami_tells_the_roles_with_those_they_include() {
    let app = App::new();
    let answer = app.get("/api/whoami", Role::LemWrite).await;
    assert_eq!(
        answer.json(),
        json!({ "kind": "key", "id": "only Lem.Write", "roles": ["Lem.Read", "Lem.Write"] })
    );
}
