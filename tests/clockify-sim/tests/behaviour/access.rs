//! What clockify.md §2 says of keys, limits, pages and errors.

use clockify_sim::{Config, Switches};
use serde_json::{Value, json};

use crate::support::{Api, config, fixture, id, someone};

#[tokio::test]
async fn exactly_one_of_two_headers_authenticates() {
    let api = Api::start().await;
    let key = api.simulator.api_key();
    let url = format!("{}/user", api.simulator.api_url());
    for (name, value, status, error) in [
        ("x-api-key", key, 200, ""),
        ("accept", "*/*", 401, "401-1000.json"),
        ("authorization", "Bearer x", 401, "401-1000.json"),
        ("x-api-key", "wrong", 401, "401-4003.json"),
        ("x-addon-token", "wrong", 401, "401-4017.json"),
    ] {
        let request = api.http.get(&url).header(name, value);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{name}: {value}");
        if !error.is_empty() {
            let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
            assert_eq!(body, fixture(&format!("errors/{error}")));
        }
    }
    let both = api
        .http
        .get(&url)
        .header("x-api-key", key)
        .header("x-addon-token", "t")
        .send()
        .await
        .unwrap();
    assert_eq!(both.status().as_u16(), 401);
}

#[tokio::test]
async fn a_free_workspace_answers_thirty_requests_an_hour() {
    let api = Api::with(Config {
        switches: Switches {
            requests_per_hour: Some(30),
            retry_after: Some(60),
            ..Switches::default()
        },
        ..config()
    })
    .await;
    for _ in 0..30 {
        assert_eq!(api.get("/tags").await.status, 200);
    }
    let refused = api.get("/tags").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json(), fixture("errors/429.json"));
    assert_eq!(refused.headers["retry-after"], "60");
}

#[tokio::test]
async fn a_paid_workspace_answers_fifty_requests_a_second() {
    let api = Api::with(Config {
        switches: Switches::default(),
        ..config()
    })
    .await;
    let answers = futures::future::join_all((0..60).map(|_| api.get("/tags"))).await;
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert!(refused >= 1, "all 60 at once were answered");
    assert!(refused <= 10, "{refused} of 60 were refused");
}

#[tokio::test]
async fn lists_are_paged_from_one_with_the_last_page_header() {
    let api = Api::start().await;
    let person = someone(&api).await;
    let paths = [
        "/clients".to_owned(),
        "/projects".to_owned(),
        "/tags".to_owned(),
        "/user-groups".to_owned(),
        "/approval-requests?status=PENDING".to_owned(),
        "/users?include-roles=false".to_owned(),
        "/time-off/policies?status=ALL".to_owned(),
        format!("/user/{person}/time-entries"),
    ];
    for path in paths {
        let join = if path.contains('?') { '&' } else { '?' };
        let is_short = path.contains("policies") || path.contains("approval-requests");
        let most = if is_short { 200 } else { 2000 };
        let all = api.get(&format!("{path}{join}page-size={most}")).await;
        assert_eq!(all.last_page(), Some("true"), "{path}");
        let mut paged = Vec::new();
        for page in 1.. {
            let answer = api
                .get(&format!("{path}{join}page={page}&page-size=3"))
                .await;
            paged.extend(answer.rows());
            if answer.last_page() == Some("true") {
                break;
            }
            assert_eq!(answer.rows().len(), 3, "{path} page {page}");
        }
        assert_eq!(paged, all.rows(), "{path}");
    }
}

#[tokio::test]
async fn pages_are_fifty_rows_unless_asked_otherwise() {
    let api = Api::start().await;
    assert_eq!(api.get("/projects").await.rows().len(), 50);
    let by_prose = api.get("/projects?pageSize=5").await;
    assert_eq!(by_prose.rows().len(), 50, "the parameter is page-size");
    assert_eq!(api.get("/projects?page-size=5").await.rows().len(), 5);
}

#[tokio::test]
async fn some_lists_are_not_paginated() {
    let api = Api::start().await;
    for path in ["/custom-fields", "/holidays", "/webhooks"] {
        let answer = api.get(&format!("{path}?page-size=1")).await;
        assert_eq!(answer.last_page(), None, "{path}");
        assert!(answer.text.len() > 30, "{path}");
    }
}

#[tokio::test]
async fn pages_have_limits() {
    let api = Api::start().await;
    let policy = id(&api.get("/time-off/policies").await.rows()[0]).to_owned();
    for (path, status) in [
        ("/time-off/policies?page-size=200".to_owned(), 200),
        ("/time-off/policies?page-size=201".to_owned(), 400),
        (
            format!("/time-off/balance/policy/{policy}?page-size=201"),
            400,
        ),
        (
            "/time-entries/status/in-progress?page-size=1000".to_owned(),
            200,
        ),
        (
            "/time-entries/status/in-progress?page-size=1001".to_owned(),
            400,
        ),
        ("/projects?page-size=5000".to_owned(), 200),
        ("/projects?page-size=5001".to_owned(), 400),
        ("/approval-requests?page-size=200".to_owned(), 200),
        ("/approval-requests?page-size=201".to_owned(), 400),
        ("/projects?page=0".to_owned(), 400),
        ("/projects?page=x".to_owned(), 400),
    ] {
        assert_eq!(api.get(&path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn the_time_off_search_takes_its_page_size_from_the_body_as_camel_case() {
    let api = Api::start().await;
    let search = |body: Value| {
        let api = &api;
        async move {
            let answer = api.post("/time-off/requests", &body).await;
            answer["requests"].as_array().unwrap().len()
        }
    };
    let every = json!({"statuses": ["ALL"], "page": 1});
    let count = |size: Value, key: &str| {
        let mut body = every.clone();
        body[key] = size;
        body
    };
    assert_eq!(search(count(json!(7), "pageSize")).await, 7);
    assert_eq!(
        search(count(json!(7), "page-size")).await,
        50,
        "page-size is ignored"
    );
    let too_many = api
        .send(
            "POST",
            "/time-off/requests",
            Some(&count(json!(201), "pageSize")),
        )
        .await;
    assert_eq!(too_many.status, 400);
}

#[tokio::test]
async fn what_is_gone_is_400_with_code_501_not_404() {
    let api = Api::start().await;
    let missing = [
        (
            "/time-entries/69b0efc800e1000000000006",
            "errors/400-501-does-not-belong.json",
        ),
        (
            "/projects/6638f0ac00b1000000ffffff",
            "errors/400-501-project.json",
        ),
    ];
    for (path, error) in missing {
        let answer = api.get(path).await;
        assert_eq!(
            (answer.status, answer.json()),
            (400, fixture(error)),
            "{path}"
        );
    }
    for path in [
        "/clients/x",
        "/tags/x",
        "/expenses/x",
        "/projects/x/tasks",
        "/webhooks/x",
    ] {
        let answer = api.get(path).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!(501)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn no_such_route_no_such_method_and_no_such_workspace() {
    let api = Api::start().await;
    let route = api.get("/not-a-route").await;
    assert_eq!((route.status, &route.json()["code"]), (404, &json!(3000)));
    let method = api.get("/time-off/requests").await;
    assert_eq!(method.status, 405);
    assert_eq!(method.json(), fixture("errors/405-3000.json"));
    assert_eq!(method.headers["allow"], "POST");
    let foreign = format!(
        "{}/workspaces/5ca227700001000000000009/tags",
        api.simulator.api_url()
    );
    let foreign = api.get(&foreign).await;
    assert_eq!((foreign.status, foreign.text.as_str()), (404, ""));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_400_with_a_parse_error() {
    let api = Api::start().await;
    let response = api
        .request("POST", "/time-off/requests")
        .body("{not json")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 400);
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(body["code"], 3002);
}
