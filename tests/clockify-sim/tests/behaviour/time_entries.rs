//! What clockify.md §1 and §4 say of time entries and the detailed report.

use clockify_sim::{Config, EntryPlan, Id, Switches};
use serde_json::{Value, json};

use crate::support::{Api, config, fixture, id, receiver::Receiver, someone};

/// Somebody records an hour of the second of November, or starts a timer then.
async fn record(api: &Api, is_running: bool) -> Id {
    let control = api.control();
    let start: jiff::Timestamp = "2026-11-02T13:00:00Z".parse().unwrap();
    let plan = EntryPlan {
        person: control.people().await.unwrap()[40].id,
        start,
        end: (!is_running).then(|| start + jiff::SignedDuration::from_hours(1)),
        project: None,
        task: None,
        tags: Vec::new(),
        billable: None,
        description: String::new(),
        is_break: false,
    };
    let recorded = control.run(&clockify_sim::Command::RecordEntry(plan)).await;
    recorded.unwrap().id().unwrap()
}

/// The rows of that day in the detailed report.
async fn reported(api: &Api) -> Vec<Value> {
    let mut question = fixture("api/request-bodies/report.detailed.json");
    question["dateRangeStart"] = "2026-11-02T00:00:00.000".into();
    question["dateRangeEnd"] = "2026-11-02T23:59:59.999".into();
    question["timeZone"] = "America/Edmonton".into();
    let report = api.post(&api.reports(), &question).await;
    report["timeentries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_split_entry_is_told_of_by_its_first_part_alone() {
    let receiver = Receiver::start().await;
    let api = Api::with(Config {
        webhook_url: Some(receiver.url.clone()),
        ..config()
    })
    .await;
    let entry = record(&api, false).await;
    let half = "2026-11-02T13:30:00Z".parse().unwrap();
    api.control().split_entry(entry, half).await.unwrap();
    let patience = std::time::Duration::from_secs(20);
    api.control().settled(patience).await.unwrap();
    let mut told: Vec<(String, Value)> = receiver
        .received()
        .iter()
        .map(|hook| (hook.event.clone(), hook.json()["id"].clone()))
        .collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    let first = json!(entry);
    let expected = ["NEW_TIME_ENTRY", "TIME_ENTRY_SPLIT"];
    assert_eq!(
        told,
        expected.map(|event| (event.to_owned(), first.clone()))
    );
}

#[tokio::test]
async fn a_running_timer_is_in_no_report() {
    let api = Api::start().await;
    let (timer, done) = (record(&api, true).await, record(&api, false).await);
    let rows = reported(&api).await;
    let holds = |wanted: Id| rows.iter().any(|row| row["_id"] == json!(wanted));
    assert!(holds(done) && !holds(timer));
}

/// Six hours behind UTC, as since March.
#[tokio::test]
async fn albertas_clocks_do_not_change_in_november() {
    let api = Api::start().await;
    record(&api, false).await;
    let rows = reported(&api).await;
    assert!(!rows.is_empty());
    for row in rows {
        let start = row["timeInterval"]["start"].as_str().unwrap();
        assert!(start.ends_with("-06:00"), "{start}");
    }
}

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
async fn instants_are_sent_in_whole_seconds() {
    let api = Api::start().await;
    let person = someone(&api).await;
    for (start, status) in [
        ("2026-10-26T00:00:00Z", 200),
        ("2026-10-26T00:00:00.000Z", 400),
        ("2026-10-26T00:00:00", 400),
        ("2026-10-26", 400),
    ] {
        let answer = api
            .get(&format!("/user/{person}/time-entries?start={start}"))
            .await;
        assert_eq!(answer.status, status, "{start}");
    }
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
            .get(&format!("/approval-requests?status={status}&sort-column=START&sort-order=DESCENDING&page-size=200"))
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
