//! A company of ten thousand people starts at once and stays small (issue 3, point 2). It has this
//! file, and so a process, to itself: what it measures is the process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "behaviour/support/mod.rs"]
mod support;

use std::{fs, time::Instant};

use clockify_sim::{Config, Simulator};
use support::{Api, config};

/// Resident memory of this process in MB, where the system tells.
fn resident_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
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
    // The lists that need the whole company.
    let pending = api
        .get("/approval-requests?status=PENDING&sort-column=UPDATED_AT&page-size=50")
        .await;
    assert_eq!(pending.rows().len(), 50);
    let entries = api.get("/expenses?page-size=200").await.json();
    assert!(entries["expenses"]["count"].as_u64().unwrap() > 10_000);
    if let Some(megabytes) = resident_mb() {
        println!("{megabytes} MB, started in {started:?}, {size:?}");
        assert!(megabytes < 300, "{megabytes} MB");
    }
}
