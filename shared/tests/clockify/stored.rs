//! The fixtures' company as a sync stores it: all that its lists and its report show, read by the real client.

use std::{collections::BTreeMap, time::Duration};

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    azure::queues::{JOBS, Queues},
    clock::Clock,
    clockify::client::Retries,
    domain::{
        flags::FlagKind,
        ids::{ProjectId, TimesheetId},
        time_entry::TimeEntry,
        timesheet::Timesheet,
    },
    jobs::{Delivered, Job, JobKind, JobRequest, JobStatus, Jobs, SYNC},
    settings::{DatabaseUrl, QueueUrl, SyncSettings},
    store::{Store, StoreError, flag, membership::Membership, project, time_entry, timesheet},
    sync::{Mirror, SyncRules},
};
use url::Url;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, method, path, query_param},
};

use crate::{
    fixture::{Fixture, client_of, conversion},
    time_entries::{Derived, listed_entries},
    timesheets::timesheets,
};

/// What Clockify answers to a sync of everything.
const ANSWERS: [&str; 27] = [
    "user",
    "workspaces",
    "users",
    "user-groups",
    "clients",
    "projects",
    "tasks.ridge",
    "tasks.fitup",
    "tasks.legacy",
    "tags",
    "time-off-policies",
    "holidays",
    "time-off-requests",
    "expense-categories",
    "expense-categories.archived",
    "expenses",
    "approval-requests.pending",
    "approval-requests.approved",
    "approval-requests.withdrawn-approval",
    "time-entries.avery",
    "time-entries.jordan",
    "time-entries.zoe",
    "time-entries.morgan",
    "time-entries.priya",
    "time-entries.sam.empty",
    "time-entries.in-progress",
    "report.detailed.edmonton",
];

/// Serves the fixtures together. What is asked besides is gone.
async fn clockify() -> MockServer {
    let server = MockServer::start().await;
    for name in ANSWERS {
        let fixture = Fixture::named(&format!("api/{name}.json"));
        let entry = fixture.entry();
        let url = entry["url"].as_str().unwrap().replace('…', "");
        let url = Url::parse(&url).unwrap();
        let mut answer = ResponseTemplate::new(200)
            .set_body_raw(fixture.bytes.clone(), "application/json;charset=utf-8");
        for (name, value) in entry["response_headers"].as_object().into_iter().flatten() {
            answer = answer.insert_header(name.as_str(), value.as_str().unwrap());
        }
        let mut mock = Mock::given(method(entry["method"].as_str().unwrap())).and(path(url.path()));
        for (name, value) in url.query_pairs() {
            if ["status", "archived"].contains(&name.as_ref()) {
                mock = mock.and(query_param(name, value));
            }
        }
        mock.respond_with(answer).mount(&server).await;
    }
    let gone = ResponseTemplate::new(400).set_body_json(json!({"message": "gone", "code": 501}));
    Mock::given(any())
        .respond_with(gone)
        .with_priority(u8::MAX)
        .mount(&server)
        .await;
    server
}

async fn synced() -> (tempfile::TempDir, Store, Job) {
    let server = clockify().await;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("clocking.db"))).unwrap();
    store.migrate().await.unwrap();
    let queues = Queues::open(&QueueUrl::Sqlite(folder.path().join("queue.db"))).unwrap();
    let conversion = conversion();
    let mirror = Mirror {
        store: store.clone(),
        client: client_of(&server, Retries::default()),
        clock: Clock::standing_at("2026-11-16T18:00:00Z".parse().unwrap()),
        rules: SyncRules {
            windows: SyncSettings {
                from: "2024-01-01".parse().unwrap(),
                nightly_days: 35,
                weekly_days: 400,
                stop_percent: 20,
                stop_rows: 50,
                delivery_days: 90,
            },
            zone: conversion.zone,
            rounding: conversion.rounding,
            flags: conversion.flag_rules,
        },
        dry_run: false,
    };
    let jobs = Jobs::new(store.clone(), queues.clone()).with(SYNC, mirror);
    let request = JobRequest {
        kind: JobKind::new(SYNC, "all"),
        params: json!({}),
        requested_by: "test".to_owned(),
        occasion: None,
    };
    let id = jobs.request(&request).await.unwrap().id;
    let hour = Duration::from_hours(1);
    while let Some(message) = queues.receive(JOBS, 1, hour).await.unwrap().pop() {
        let delivered = Delivered {
            message_id: &message.id,
            text: &message.text,
        };
        jobs.run(delivered).await.unwrap();
        queues.delete(&message).await.unwrap();
    }
    let job = jobs.get(&id).await.unwrap().unwrap();
    (folder, store, job)
}

#[derive(Debug, Deserialize)]
struct NameSplit {
    name: String,
    code: Option<String>,
    title: String,
}

/// `domain.md` §3, from Clockify's answers to the rows: nothing is lost, doubled or filed elsewhere.
#[tokio::test]
async fn the_fixtures_company_is_stored_as_the_rules_say() {
    let (_folder, store, job) = synced().await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    let (entries, sheets, projects, flags) = store
        .read(async |mut tx| {
            let (first, last) = ("2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap());
            Ok::<_, StoreError>((
                time_entry::list(&mut tx, first, last, None).await?,
                timesheet::list(&mut tx, first, last, None).await?,
                project::list(&mut tx).await?,
                flag::list(&mut tx, &flag::FlagFilter::default(), 1000).await?,
            ))
        })
        .await
        .unwrap();

    let stored: BTreeMap<String, TimeEntry> = entries
        .iter()
        .map(|stored| (stored.entry.id.to_string(), stored.entry.clone()))
        .collect();
    let derived: Derived = Fixture::named("expected/time-entries.derived.json").read();
    for expected in &derived.entries {
        let (entry, key) = (&stored[&expected.id], &expected.key);
        assert_eq!(entry.start, expected.start_utc, "{key}");
        assert_eq!(entry.end, expected.end_utc, "{key}");
        assert_eq!(entry.duration_seconds, expected.elapsed_seconds, "{key}");
        assert_eq!(entry.start_date, expected.edmonton_start_date, "{key}");
        // The nearest quarter hour, half up.
        let quarters = expected
            .elapsed_seconds
            .map(|seconds| (seconds + 450) / 900);
        let hours = quarters.map(|quarters| Decimal::new(quarters * 25, 2));
        assert_eq!(entry.hours, hours, "{key}");
    }
    let listed = listed_entries();
    assert_eq!(stored.len(), listed.len());
    for (id, read) in &listed {
        let kept = (
            &stored[id].employee_id,
            &stored[id].project_id,
            &stored[id].tag_ids,
        );
        let read = &read.record;
        assert_eq!(
            kept,
            (&read.employee_id, &read.project_id, &read.tag_ids),
            "{id}"
        );
    }

    let sheets: BTreeMap<&TimesheetId, &Timesheet> =
        sheets.iter().map(|sheet| (&sheet.id, sheet)).collect();
    let submitted = timesheets();
    assert_eq!(sheets.len(), submitted.len());
    for sheet in &submitted {
        assert_eq!(*sheets[&sheet.timesheet.id], sheet.timesheet);
        if sheet.timesheet.state.holds_entries() {
            for held in &sheet.entries {
                let stored = entries
                    .iter()
                    .find(|stored| stored.entry.id == held.record.id);
                let membership = &stored.unwrap().membership;
                let is_held = matches!(membership, Membership::Held { timesheet_id, .. }
                    if *timesheet_id == sheet.timesheet.id);
                assert!(is_held, "{} of {}", held.record.id, sheet.timesheet.id);
            }
        }
    }

    let splits: Vec<NameSplit> = Fixture::named("expected/project-name-split.json").read();
    for split in splits {
        let project = projects.iter().find(|project| project.name == split.name);
        let project = project.unwrap_or_else(|| panic!("{}", split.name));
        assert_eq!((&project.code, &project.title), (&split.code, &split.title));
    }
    // An entry stands on a project that Clockify does not know any more: on a stub, which is flagged.
    let known: Vec<Value> = Fixture::named("api/projects.json").read();
    let is_known = |id: &ProjectId| known.iter().any(|row| row["id"] == id.as_str());
    let stubs: Vec<&str> = projects
        .iter()
        .filter(|project| !is_known(&project.id))
        .map(|project| {
            assert!(project.is_stub);
            project.id.as_str()
        })
        .collect();
    assert_eq!(stubs.len(), 1, "{stubs:?}");
    assert!(flags.iter().any(|flag| {
        (flag.kind, flag.record_id.as_str()) == (FlagKind::UnknownRecord, stubs[0])
    }));
}
