//! What clockify.md §6 and §7 say of users, groups, projects and expenses.

use clockify_sim::{Command, ProjectChange};
use serde_json::{Value, json};

use crate::support::{Api, id};

#[tokio::test]
async fn archived_rows_are_listed_unless_asked_otherwise() {
    let api = Api::start().await;
    for path in ["/clients", "/projects", "/tags"] {
        let count = |query: &'static str| {
            let api = &api;
            async move {
                api.get(&format!("{path}?page-size=200{query}"))
                    .await
                    .rows()
                    .len()
            }
        };
        let (all, active, archived) = (
            count("").await,
            count("&archived=false").await,
            count("&archived=true").await,
        );
        assert!(archived > 0, "{path}");
        assert_eq!(all, active + archived, "{path}");
    }
}

#[tokio::test]
async fn a_project_must_be_archived_before_it_is_deleted_and_vanishes_then() {
    let api = Api::start().await;
    let control = api.control();
    let project = id(&api.get("/projects?archived=false").await.rows()[0])
        .parse()
        .unwrap();
    assert!(
        control
            .run(&Command::DeleteProject { project })
            .await
            .is_err()
    );
    let change = ProjectChange {
        archived: Some(true),
        ..ProjectChange::default()
    };
    control
        .run(&Command::EditProject { project, change })
        .await
        .unwrap();
    control
        .run(&Command::DeleteProject { project })
        .await
        .unwrap();
    assert_eq!(api.get(&format!("/projects/{project}")).await.status, 400);
    let rows = api.get("/projects?page-size=200").await.rows();
    assert!(
        rows.iter()
            .all(|row| row["id"] != project.to_string().as_str())
    );
}

#[tokio::test]
async fn users_need_include_roles_and_show_memberships_only_when_asked() {
    let api = Api::start().await;
    assert_eq!(api.get("/users").await.status, 400);
    let plain = api.get("/users?include-roles=false").await.rows();
    assert!(plain.iter().all(|row| row["memberships"] == json!([])));
    let emails: Vec<&str> = plain
        .iter()
        .map(|row| row["email"].as_str().unwrap())
        .collect();
    assert!(emails.is_sorted(), "by e-mail");
    let rows = api
        .get("/users?include-roles=false&memberships=WORKSPACE&status=PENDING")
        .await
        .rows();
    assert_eq!(rows.len(), 1);
    for (key, value) in [
        ("name", Value::Null),
        ("settings", Value::Null),
        ("customFields", json!([])),
    ] {
        assert_eq!(rows[0][key], value, "{key} of an invitation");
    }
    assert_eq!(rows[0]["memberships"][0]["membershipStatus"], "PENDING");
}

#[tokio::test]
async fn groups_have_no_single_read() {
    let api = Api::start().await;
    let group = id(&api.get("/user-groups").await.rows()[0]).to_owned();
    assert_eq!(api.get(&format!("/user-groups/{group}")).await.status, 405);
}

#[tokio::test]
async fn expenses_ignore_dates_and_come_in_two_envelopes() {
    let api = Api::start().await;
    let all = api.get("/expenses?page-size=500").await.json();
    let dated = api
        .get("/expenses?page-size=500&start=2030-01-01T00:00:00Z&end=2030-02-01T00:00:00Z")
        .await
        .json();
    assert_eq!(all, dated);
    let rows = all["expenses"]["expenses"].as_array().unwrap();
    assert_eq!(all["expenses"]["count"].as_u64(), Some(rows.len() as u64));
    for key in ["category", "project", "fileId", "notes"] {
        assert!(
            rows.iter().any(|row| row[key].is_null()),
            "{key} is null somewhere"
        );
        assert!(
            rows.iter().any(|row| !row[key].is_null()),
            "{key} is set somewhere"
        );
    }
}

#[tokio::test]
async fn archived_categories_must_be_asked_for() {
    let api = Api::start().await;
    let names = |query: &'static str| {
        let api = &api;
        async move {
            api.get(&format!("/expenses/categories{query}"))
                .await
                .json()["count"]
                .as_u64()
                .unwrap()
        }
    };
    assert_eq!((names("").await, names("?archived=true").await), (4, 1));
}
