//! What clockify.md says of the API, row by row, as the simulator does it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use clockify_sim::{
    BalancePatch, Command, Config, EntryChange, ProjectChange, SheetState, Switches,
};
use serde_json::{Value, json};
use support::{Api, config, fixture, id};

/// Somebody who worked every day of the last full week.
async fn someone(api: &Api) -> String {
    api.control().people().await.unwrap()[37].id.to_string()
}

async fn pending(api: &Api) -> Vec<Value> {
    api.get("/approval-requests?status=PENDING&sort-column=UPDATED_AT&sort-order=DESCENDING&page-size=200")
        .await
        .rows()
}

// §2.2 ------------------------------------------------------------------------------------------

#[tokio::test]
async fn exactly_one_of_two_headers_authenticates() {
    let api = Api::start().await;
    let key = api.simulator.api_key();
    let url = format!("{}/user", api.simulator.api_url());
    let cases: [(Vec<(&str, &str)>, u16, &str); 5] = [
        (vec![("x-api-key", key)], 200, ""),
        (vec![], 401, "401-1000.json"),
        (vec![("authorization", "Bearer x")], 401, "401-1000.json"),
        (vec![("x-api-key", "wrong")], 401, "401-4003.json"),
        (vec![("x-addon-token", "wrong")], 401, "401-4017.json"),
    ];
    for (headers, status, error) in cases {
        let mut request = api.http.get(&url);
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{headers:?}");
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

// §2.3 ------------------------------------------------------------------------------------------

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

// §2.4 ------------------------------------------------------------------------------------------

#[tokio::test]
async fn lists_are_paged_from_one_with_the_last_page_header() {
    let api = Api::start().await;
    let person = someone(&api).await;
    let paths = [
        "/clients".to_owned(),
        "/projects".to_owned(),
        "/tags".to_owned(),
        "/user-groups".to_owned(),
        "/approval-requests?status=APPROVED".to_owned(),
        "/users?include-roles=false".to_owned(),
        "/time-off/policies?status=ALL".to_owned(),
        format!("/user/{person}/time-entries"),
    ];
    for path in paths {
        let join = if path.contains('?') { '&' } else { '?' };
        let most = if path.contains("policies") { 200 } else { 2000 };
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

// §2.5 ------------------------------------------------------------------------------------------

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

// §1, §4 ----------------------------------------------------------------------------------------

#[tokio::test]
async fn the_window_of_the_entry_list_is_shifted_into_the_accounts_zone() {
    let api = Api::start().await;
    let person = someone(&api).await;
    let all = api
        .get(&format!("/user/{person}/time-entries?page-size=2000"))
        .await
        .rows();
    let start_of = |row: &Value| row["timeInterval"]["start"].as_str().unwrap().to_owned();
    let asked = api
        .get(&format!(
            "/user/{person}/time-entries?start=2026-10-26T00:00:00Z&end=2026-10-27T00:00:00Z&page-size=200"
        ))
        .await
        .rows();
    // For Edmonton the window lands six hours later than it was asked for.
    let expected: Vec<Value> = all
        .iter()
        .filter(|row| {
            ("2026-10-26T06:00:00Z".to_owned().."2026-10-27T06:00:00Z".to_owned())
                .contains(&start_of(row))
        })
        .cloned()
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(asked, expected);
    assert!(
        all.windows(2)
            .all(|pair| start_of(&pair[0]) >= start_of(&pair[1])),
        "start DESC"
    );
}

#[tokio::test]
async fn the_window_zone_is_a_switch() {
    let api = Api::with(Config {
        switches: Switches {
            window_zone: Some("UTC".to_owned()),
            ..config().switches
        },
        ..config()
    })
    .await;
    let person = someone(&api).await;
    let rows = api
        .get(&format!(
            "/user/{person}/time-entries?start=2026-10-26T00:00:00Z&end=2026-10-27T00:00:00Z"
        ))
        .await
        .rows();
    for row in rows {
        let start = row["timeInterval"]["start"].as_str().unwrap();
        assert!(start.starts_with("2026-10-26T"), "{start}");
    }
}

#[tokio::test]
async fn entries_carry_no_sign_of_when_they_changed_and_nothing_of_approval() {
    let api = Api::start().await;
    let person = someone(&api).await;
    let rows = api
        .get(&format!("/user/{person}/time-entries"))
        .await
        .rows();
    for key in [
        "createdAt",
        "updatedAt",
        "approvalRequestId",
        "approvalStatus",
    ] {
        assert!(rows.iter().all(|row| row.get(key).is_none()), "{key}");
    }
}

#[tokio::test]
async fn running_timers_have_neither_end_nor_duration() {
    let api = Api::start().await;
    let rows = api.get("/time-entries/status/in-progress").await.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["timeInterval"]["end"], Value::Null);
    assert_eq!(rows[0]["timeInterval"]["duration"], Value::Null);
}

#[tokio::test]
async fn an_approved_entry_can_be_neither_edited_nor_deleted_until_approval_is_withdrawn() {
    let api = Api::start().await;
    let approved = api
        .get("/approval-requests?status=APPROVED&page-size=1")
        .await
        .rows();
    let entry = id(&approved[0]["entries"][0]).to_owned();
    let path = format!("/time-entries/{entry}");
    let body = fixture("api/request-bodies/time-entry.create.json");
    for (method, body) in [("DELETE", None), ("PUT", Some(&body))] {
        let refused = api.send(method, &path, body).await;
        assert_eq!(
            (refused.status, refused.json()),
            (403, fixture("errors/403-4005.json"))
        );
    }
    let sheet = id(&approved[0]["approvalRequest"]).to_owned();
    let withdrawn = api
        .send(
            "PATCH",
            &format!("/approval-requests/{sheet}"),
            Some(&json!({"state": "WITHDRAWN_APPROVAL"})),
        )
        .await;
    assert_eq!(withdrawn.status, 200);
    assert_eq!(api.send("DELETE", &path, None).await.status, 204);
    assert_eq!(api.get(&path).await.status, 400);
}

#[tokio::test]
async fn an_entry_is_made_with_the_body_of_the_fixture() {
    let api = Api::start().await;
    let person = someone(&api).await;
    let project = api.get("/projects").await.rows()[3].clone();
    let tasks = api
        .get(&format!("/projects/{}/tasks", id(&project)))
        .await
        .rows();
    let mut body = fixture("api/request-bodies/time-entry.create.json");
    body["projectId"] = project["id"].clone();
    body["taskId"] = tasks[0]["id"].clone();
    body["tagIds"] = json!([id(&api.get("/tags").await.rows()[0])]);
    let made = api
        .send("POST", &format!("/user/{person}/time-entries"), Some(&body))
        .await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(made["timeInterval"]["duration"], "PT1H");
    assert_eq!(made["userId"], person.as_str());
    assert_eq!(
        api.get(&format!("/time-entries/{}", id(&made)))
            .await
            .json(),
        made
    );
}

// §4.2 ------------------------------------------------------------------------------------------

#[tokio::test]
async fn the_detailed_report_names_the_timesheet_of_every_entry_of_the_workspace() {
    let api = Api::start().await;
    let mut question = fixture("api/request-bodies/report.detailed.json");
    question["dateRangeStart"] = "2026-10-25T00:00:00.000".into();
    question["dateRangeEnd"] = "2026-10-31T23:59:59.999".into();
    let report = api.post(&api.reports(), &question).await;
    let rows = report["timeentries"].as_array().unwrap();
    let mut by_report: Vec<(String, String)> = rows
        .iter()
        .filter_map(|row| {
            let sheet = row["approvalRequestId"].as_str()?;
            Some((sheet.to_owned(), row["_id"].as_str()?.to_owned()))
        })
        .collect();
    by_report.sort();
    let mut by_list: Vec<(String, String)> = Vec::new();
    for status in ["PENDING", "APPROVED"] {
        let sheets = api
            .get(&format!(
                "/approval-requests?status={status}&page-size=2000"
            ))
            .await
            .rows();
        for sheet in sheets {
            let request = &sheet["approvalRequest"];
            if !request["dateRange"]["start"]
                .as_str()
                .unwrap()
                .starts_with("2026-10-25")
            {
                continue;
            }
            for entry in sheet["entries"].as_array().unwrap() {
                by_list.push((id(request).to_owned(), id(entry).to_owned()));
            }
        }
    }
    by_list.sort();
    assert!(by_list.len() > 300);
    assert_eq!(by_report, by_list);
    let seconds: i64 = rows
        .iter()
        .map(|row| {
            row["timeInterval"]["duration"]
                .as_i64()
                .expect("integer seconds")
        })
        .sum();
    assert_eq!(report["totals"][0]["totalTime"].as_i64(), Some(seconds));
    assert_eq!(
        report["totals"][0]["entriesCount"].as_u64(),
        Some(rows.len() as u64)
    );
}

#[tokio::test]
async fn the_reports_window_is_read_in_its_own_zone() {
    let api = Api::start().await;
    let rows = |zone: &str| {
        let mut question = fixture("api/request-bodies/report.detailed.json");
        question["dateRangeStart"] = "2026-10-27T00:00:00.000".into();
        question["dateRangeEnd"] = "2026-10-27T23:59:59.999".into();
        question["timeZone"] = zone.into();
        let api = &api;
        async move {
            let report = api.post(&api.reports(), &question).await;
            report["timeentries"].as_array().unwrap().clone()
        }
    };
    for (zone, offset) in [("America/Edmonton", "-06:00"), ("UTC", "Z")] {
        for row in rows(zone).await {
            let start = row["timeInterval"]["start"].as_str().unwrap();
            assert!(
                start.starts_with("2026-10-27T") && start.ends_with(offset),
                "{zone} {start}"
            );
        }
    }
}

#[tokio::test]
async fn the_report_can_be_filtered_by_approval_and_refuses_what_it_must() {
    let api = Api::start().await;
    let question = |change: &dyn Fn(&mut Value)| {
        let mut question = fixture("api/request-bodies/report.detailed.json");
        question["dateRangeStart"] = "2026-10-11T00:00:00.000".into();
        question["dateRangeEnd"] = "2026-10-31T23:59:59.999".into();
        change(&mut question);
        question
    };
    let count = |state: &'static str| {
        let api = &api;
        let body = question(&|body| body["approvalState"] = state.into());
        async move {
            api.post(&api.reports(), &body).await["totals"][0]["entriesCount"]
                .as_u64()
                .unwrap()
        }
    };
    let (all, approved, rest) = (
        count("ALL").await,
        count("APPROVED").await,
        count("UNAPPROVED").await,
    );
    assert!(approved > 0 && rest > 0);
    assert_eq!(all, approved + rest);
    for change in [
        &(|body: &mut Value| body["dateRangeStart"] = Value::Null) as &dyn Fn(&mut Value),
        &|body| body["detailedFilter"] = Value::Null,
        &|body| body["detailedFilter"]["pageSize"] = 1001.into(),
        &|body| body["timeZone"] = "Mars/Olympus".into(),
    ] {
        let answer = api
            .send("POST", &api.reports(), Some(&question(change)))
            .await;
        assert_eq!(answer.status, 400);
    }
}

#[tokio::test]
async fn the_free_plan_reports_at_most_31_days() {
    let api = Api::with(Config {
        switches: Switches {
            report_days: Some(31),
            ..config().switches
        },
        ..config()
    })
    .await;
    let mut question = fixture("api/request-bodies/report.detailed.json");
    question["dateRangeEnd"] = "2026-05-14T23:59:59.999".into();
    let answer = api.send("POST", &api.reports(), Some(&question)).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(4033)));
}

// §5 --------------------------------------------------------------------------------------------

#[tokio::test]
async fn the_list_of_approvals_knows_three_states_and_there_is_no_single_read() {
    let api = Api::start().await;
    for (status, expected) in [
        ("PENDING", 200),
        ("APPROVED", 200),
        ("WITHDRAWN_APPROVAL", 200),
        ("REJECTED", 400),
        ("WITHDRAWN_SUBMISSION", 400),
    ] {
        let answer = api
            .get(&format!("/approval-requests?status={status}"))
            .await;
        assert_eq!(answer.status, expected, "{status}");
    }
    let one = pending(&api).await[0]["approvalRequest"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        api.get(&format!("/approval-requests/{one}")).await.status,
        405
    );
}

#[tokio::test]
async fn approvals_are_sorted_by_when_they_changed_and_ignore_user_and_dates() {
    let api = Api::start().await;
    let rows = pending(&api).await;
    let changed: Vec<&str> = rows
        .iter()
        .map(|row| {
            row["approvalRequest"]["status"]["updatedAt"]
                .as_str()
                .unwrap()
        })
        .collect();
    assert!(changed.windows(2).all(|pair| pair[0] >= pair[1]));
    let filtered = api
        .get("/approval-requests?status=PENDING&sort-column=UPDATED_AT&sort-order=DESCENDING&page-size=200&userId=x&start=2030-01-01T00:00:00Z")
        .await
        .rows();
    assert_eq!(filtered, rows);
}

#[tokio::test]
async fn a_rejected_timesheet_leaves_the_lists_and_its_entries_are_free() {
    let api = Api::start().await;
    let control = api.control();
    let first = pending(&api).await[0].clone();
    let sheet = id(&first["approvalRequest"]).parse().unwrap();
    control
        .decide(sheet, SheetState::Rejected, "Wrong project")
        .await
        .unwrap();
    let listed = |rows: Vec<Value>| {
        rows.iter()
            .any(|row| row["approvalRequest"]["id"] == first["approvalRequest"]["id"])
    };
    for status in ["PENDING", "APPROVED", "WITHDRAWN_APPROVAL"] {
        let rows = api
            .get(&format!(
                "/approval-requests?status={status}&page-size=2000"
            ))
            .await
            .rows();
        assert!(!listed(rows), "{status}");
    }
    let person = first["approvalRequest"]["owner"]["userId"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let week = "2026-10-28".parse().unwrap();
    let free = control.entries(person, week).await.unwrap();
    assert!(free.iter().all(|entry| entry.sheet.is_none()));
    let again = control.submit(person, week).await.unwrap().id().unwrap();
    assert_ne!(again, sheet);
    let held = control.entries(person, week).await.unwrap();
    assert!(held.iter().all(|entry| entry.sheet == Some(again)));
}

#[tokio::test]
async fn a_withdrawn_approval_is_listed_without_entries() {
    let api = Api::start().await;
    for row in api
        .get("/approval-requests?status=WITHDRAWN_APPROVAL")
        .await
        .rows()
    {
        assert_eq!(row["entries"], json!([]));
        assert_eq!(row["trackedTime"], "PT0S");
    }
}

#[tokio::test]
async fn a_timesheets_range_is_its_owners_week() {
    let api = Api::start().await;
    let ranges: Vec<(String, String, String)> = pending(&api)
        .await
        .iter()
        .map(|row| {
            let request = &row["approvalRequest"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                text(&request["owner"]["timeZone"]),
                text(&request["dateRange"]["start"]),
                text(&request["dateRange"]["end"]),
            )
        })
        .collect();
    for (zone, start, end) in [
        (
            "America/Edmonton",
            "2026-10-25T06:00:00Z",
            "2026-11-01T05:59:59Z",
        ),
        (
            "America/Denver",
            "2026-10-25T06:00:00Z",
            "2026-11-01T05:59:59Z",
        ),
        (
            "America/Vancouver",
            "2026-10-25T07:00:00Z",
            "2026-11-01T06:59:59Z",
        ),
    ] {
        let row = (zone.to_owned(), start.to_owned(), end.to_owned());
        assert!(ranges.contains(&row), "{row:?}");
    }
}

#[tokio::test]
async fn some_weeks_are_approved_in_part() {
    let api = Api::start().await;
    let control = api.control();
    let mut partly = 0;
    for person in control.people().await.unwrap() {
        let entries = control
            .entries(person.id, "2026-10-20".parse().unwrap())
            .await
            .unwrap();
        let held = entries.iter().filter(|entry| entry.sheet.is_some()).count();
        if held > 0 && held < entries.len() {
            partly += 1;
        }
    }
    assert!(partly >= 1);
}

// §6 --------------------------------------------------------------------------------------------

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

// §7 --------------------------------------------------------------------------------------------

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

// §8 --------------------------------------------------------------------------------------------

#[tokio::test]
async fn the_time_off_search_knows_no_withdrawn_requests() {
    let api = Api::start().await;
    let control = api.control();
    let search = |status: &'static str| {
        let api = &api;
        async move {
            api.send(
                "POST",
                "/time-off/requests",
                Some(&json!({"statuses": [status], "pageSize": 200})),
            )
            .await
        }
    };
    assert_eq!(search("WITHDRAWN").await.status, 400);
    let pending = search("PENDING").await.json();
    let request = id(&pending["requests"][0]).to_owned();
    control
        .run(&Command::WithdrawTimeOff {
            request: request.parse().unwrap(),
        })
        .await
        .unwrap();
    let all = search("ALL").await.text;
    assert!(!all.contains(&request), "a withdrawn request vanishes");
}

#[tokio::test]
async fn time_off_has_half_days_hours_and_every_state() {
    let api = Api::start().await;
    let all = api
        .post(
            "/time-off/requests",
            &fixture("api/request-bodies/time-off-requests.search.json"),
        )
        .await;
    let rows = all["requests"].as_array().unwrap();
    let some = |what: &str, test: &dyn Fn(&Value) -> bool| {
        assert!(rows.iter().any(test), "no {what}");
    };
    some("half day", &|row| {
        row["timeOffPeriod"]["halfDay"] == true && row["balanceDiff"] == json!(0.5)
    });
    some("hours", &|row| row["timeUnit"] == "HOURS");
    for state in ["PENDING", "APPROVED", "REJECTED"] {
        some(state, &|row| row["status"]["statusType"] == state);
    }
    some("end with milliseconds", &|row| {
        row["timeOffPeriod"]["period"]["end"]
            .as_str()
            .unwrap()
            .ends_with("59.999Z")
    });
    some("end without", &|row| {
        row["timeOffPeriod"]["period"]["end"]
            .as_str()
            .unwrap()
            .ends_with(":59Z")
    });
}

#[tokio::test]
async fn a_balance_patch_is_a_delta_or_absolute_by_switch() {
    for (meaning, expected) in [
        (BalancePatch::Delta, "3.25"),
        (BalancePatch::Absolute, "1.25"),
    ] {
        let api = Api::with(Config {
            switches: Switches {
                balance_patch: meaning,
                ..config().switches
            },
            ..config()
        })
        .await;
        let policy = id(&api.get("/time-off/policies").await.rows()[2]).to_owned();
        let person = someone(&api).await;
        let path = format!("/time-off/balance/policy/{policy}");
        let balance = || {
            let api = &api;
            let (person, policy) = (person.clone(), policy.clone());
            async move {
                let rows = api
                    .get(&format!("/time-off/balance/user/{person}"))
                    .await
                    .json();
                let rows = rows["balances"].as_array().unwrap().clone();
                rows.iter()
                    .find(|row| row["policyId"] == policy.as_str())
                    .unwrap()["balance"]
                    .to_string()
            }
        };
        let patch = |value: Value| {
            let body = json!({"userIds": [person], "value": value, "note": ""});
            let (api, path) = (&api, path.clone());
            async move { api.send("PATCH", &path, Some(&body)).await }
        };
        // Down to a known balance first, whichever way the value is meant.
        let before: String = balance().await;
        let reach_two = match meaning {
            BalancePatch::Absolute => json!(2),
            BalancePatch::Delta => {
                let cents: i64 = before.replace('.', "").parse::<i64>().unwrap()
                    * if before.split('.').nth(1).unwrap().len() == 1 {
                        10
                    } else {
                        1
                    };
                serde_json::from_str(&format!(
                    "{}.{:02}",
                    (200 - cents) / 100,
                    ((200 - cents) % 100).abs()
                ))
                .unwrap()
            }
        };
        assert_eq!(patch(reach_two).await.status, 204);
        assert_eq!(balance().await, "2.0");
        let answer = patch(json!(1.25)).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!(balance().await, expected, "{meaning:?}");
        for value in [json!(10_001), json!("1"), Value::Null] {
            assert_eq!(patch(value).await.status, 400);
        }
    }
}

// §9.1 ------------------------------------------------------------------------------------------

#[tokio::test]
async fn webhooks_are_limited_by_the_plan_and_carry_one_event_each() {
    let api = Api::with(Config {
        switches: Switches {
            webhook_limit: 2,
            ..config().switches
        },
        ..config()
    })
    .await;
    let body = fixture("api/request-bodies/webhook.create.json");
    for expected in [201, 201, 400] {
        assert_eq!(
            api.send("POST", "/webhooks", Some(&body)).await.status,
            expected
        );
    }
    let mut wrong = body.clone();
    wrong["webhookEvent"] = "NO_SUCH_EVENT".into();
    assert_eq!(
        api.send("POST", "/webhooks", Some(&wrong)).await.status,
        400
    );
    let list = api.get("/webhooks").await.json();
    let first = &list["webhooks"][0];
    let path = format!("/webhooks/{}/token", id(first));
    let rotated = api.send("PATCH", &path, None).await.json();
    assert_ne!(rotated["authToken"], first["authToken"]);
    assert_eq!(
        api.send("DELETE", &format!("/webhooks/{}", id(first)), None)
            .await
            .status,
        204
    );
    assert_eq!(
        api.get("/webhooks").await.json()["workspaceWebhookCount"],
        1
    );
}

// The control API -------------------------------------------------------------------------------

#[tokio::test]
async fn a_change_that_clockify_would_refuse_is_refused() {
    let api = Api::start().await;
    let control = api.control();
    let approved = api
        .get("/approval-requests?status=APPROVED&page-size=1")
        .await
        .rows();
    let entry = id(&approved[0]["entries"][0]).parse().unwrap();
    let change = EntryChange {
        description: Some("x".to_owned()),
        ..EntryChange::default()
    };
    let refused = control
        .run(&Command::EditEntry { entry, change })
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("409"), "{refused}");
    let sheet = id(&approved[0]["approvalRequest"]).parse().unwrap();
    let refused = control
        .decide(sheet, SheetState::Rejected, "")
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("APPROVED to REJECTED"),
        "{refused}"
    );
}
