//! Who may call what (`interface.md` §3, *Who may*): every route × every role, no caller, a wrong key.

use crate::support::{App, KEY_WITHOUT_ROLES, key_of};
use handlers::routes::Rule;
use shared::functions::{access::Who, role::Role};

/// A path with its parameters filled in.
fn example(path: &str) -> String {
    let path = path.replace("{kind}", "payroll");
    format!(
        "/api{}",
        path.replace("{id}", "0")
            .replace("{lineId}", "1")
            .replace("{resource}", "nothing")
    )
}

#[tokio::test]
async fn each_route_is_open_to_the_roles_of_the_table_and_to_nobody_else() {
    let app = App::new();
    let mut looked_at = 0;
    for function in handlers::functions().http {
        for route in &function.routes {
            let (method, path) = (route.method.as_str(), example(route.path));
            let Rule::Fixed(who) = route.rule else {
                continue;
            };
            looked_at += 1;
            let code = async |key: Option<&str>| {
                let answer = app.call(method, &path, key, None).await;
                match answer.status.as_u16() {
                    401 | 403 => answer.problem().1,
                    _ => "let in".to_owned(),
                }
            };
            let nobody = if who == Who::Anyone {
                "let in"
            } else {
                "no-caller"
            };
            assert_eq!(code(None).await, nobody, "{method} {path} by nobody");
            let stranger = if who == Who::Anyone {
                "let in"
            } else {
                "unknown-key"
            };
            assert_eq!(
                code(Some("wrong")).await,
                stranger,
                "{method} {path} with a wrong key"
            );
            let roleless = match who {
                Who::Role(_) => "role-missing",
                Who::Anyone | Who::AnyCaller => "let in",
            };
            assert_eq!(
                code(Some(KEY_WITHOUT_ROLES)).await,
                roleless,
                "{method} {path} without a role"
            );
            for role in Role::ALL {
                let expected = match who {
                    Who::Role(needed) if !role.includes(needed) => "role-missing",
                    _ => "let in",
                };
                assert_eq!(
                    code(Some(&key_of(role))).await,
                    expected,
                    "{method} {path} by {role}"
                );
            }
        }
    }
    assert!(looked_at >= 7, "only {looked_at} routes have a fixed rule");
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
}

/// `/jobs`: "one's own; all: `Admin`; files of a report as for the report".
#[tokio::test]
async fn a_job_is_seen_by_who_asked_by_who_may_have_its_report_and_by_admin() {
    let app = App::new();
    let made = app
        .post(
            "/api/reports/payroll",
            Role::PayrollRead,
            serde_json::json!({}),
        )
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
        serde_json::json!({ "kind": "key", "id": "only Lem.Write", "roles": ["Lem.Read", "Lem.Write"] })
    );
}

/// A principal in a header is nobody as long as nothing vouches for it.
#[tokio::test]
async fn a_forged_principal_opens_nothing() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let principal =
        STANDARD.encode(r#"{"claims":[{"typ":"oid","val":"o"},{"typ":"roles","val":"Admin"}]}"#);
    let request = || {
        http::Request::builder()
            .uri("/api/whoami")
            .header("x-ms-client-principal", &principal)
            .body(axum::body::Body::empty())
            .unwrap()
    };
    assert_eq!(App::new().send(request()).await.problem().1, "no-caller");
    assert_eq!(
        App::with(&[("EASY_AUTH", "on")])
            .send(request())
            .await
            .problem()
            .1,
        "no-caller"
    );
    let vouched = App::with(&[("EASY_AUTH", "on"), ("WEBSITE_AUTH_ENABLED", "True")]);
    assert_eq!(vouched.send(request()).await.json()["kind"], "person");
}
