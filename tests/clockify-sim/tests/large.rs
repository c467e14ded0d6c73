//! A company of ten thousand people starts at once and stays small (issue 3, point 2). It has this
//! file, and so a process, to itself: what it measures is the process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "behaviour/support/mod.rs"]
mod support;

use std::{fs, time::Instant};

use clockify_sim::{Config, Simulator};
use support::{Api, config, fixture};

/// The most memory that this process ever had, in MB, where the system tells.
fn most_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

#[tokio::test]
async fn ten_thousand_people_start_in_under_five_seconds_and_stay_under_300_mb() {
    let began = Instant::now();
    let simulator = Simulator::start(Config {
        people: 10_000,
        weeks: 28,
        ..config()
    })
    .await
    .unwrap();
    let started = began.elapsed();
    assert!(started.as_secs() < 5, "{started:?}");
    let api = Api {
        simulator,
        http: reqwest::Client::new(),
    };
    let size = api.control().size().await.unwrap();
    assert_eq!(size.people, 10_000);
    assert!(size.time_entries > 2_000_000, "{size:?}");
    // The lists that need the whole company, in their largest pages.
    let users = "/users?memberships=WORKSPACE&include-roles=false&page-size=5000";
    assert_eq!(api.get(users).await.rows().len(), 5_000);
    for state in ["PENDING", "APPROVED"] {
        let list = format!("/approval-requests?status={state}&sort-column=UPDATED_AT");
        let sheets = api.get(&format!("{list}&page-size=200")).await;
        assert_eq!(sheets.rows().len(), 200);
    }
    let expenses = api.get("/expenses?page-size=5000").await.json();
    assert!(expenses["expenses"]["count"].as_u64().unwrap() > 10_000);
    // The longest period for which every plan gives a report.
    let mut question = fixture("api/request-bodies/report.detailed.json");
    question["dateRangeStart"] = "2026-10-01T00:00:00.000".into();
    question["dateRangeEnd"] = "2026-10-31T23:59:59.999".into();
    question["detailedFilter"]["pageSize"] = 1_000.into();
    for page in [1, 200] {
        question["detailedFilter"]["page"] = page.into();
        let report = api.post(&api.reports(), &question).await;
        assert_eq!(report["timeentries"].as_array().unwrap().len(), 1_000);
    }
    if let Some(megabytes) = most_mb() {
        println!("{megabytes} MB, started in {started:?}, {size:?}");
        assert!(megabytes < 300, "{megabytes} MB");
    }
}
