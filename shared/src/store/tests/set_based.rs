//! `design.md` §3: "Writes of many rows are set-based … Never a row-by-row loop": what that is worth.

use std::time::{Duration, Instant};

use super::{Database, samples::*, written};
use crate::{
    domain::time_entry::TimeEntry,
    store::{Store, time_entry},
};

const ENTRIES: usize = 2_000;
const IN_ONE_SET: usize = 200;
const ONE_BY_ONE: usize = 200;
/// Some 20 to 40 were measured, also while other work kept the processors busy.
const AT_LEAST: u32 = 10;

fn entries(count: usize) -> Vec<TimeEntry> {
    (0..count)
        .map(|n| TimeEntry {
            description: format!("Layout of pier {n}, north abutment"),
            ..entry(&format!("{n:024x}"))
        })
        .collect()
}

/// Time per entry, stored in pages of so many into an empty database.
async fn time_each(entries: &[TimeEntry], page: usize) -> Duration {
    let database = Database::empty().migrated().await;
    let store: &Store = &database.store;
    // What all of them refer to, and the statements, are there before the clock runs.
    let first = vec![entry("first")];
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &first
    ));
    let started = Instant::now();
    for page in entries.chunks(page) {
        let changes = written!(store, |tx, spent| time_entry::upsert_page(
            &mut tx, spent, page
        ));
        assert_eq!(changes.inserted, page.len() as u64);
    }
    started.elapsed() / u32::try_from(entries.len()).expect("not so many")
}

#[tokio::test]
async fn a_set_is_stored_ten_times_as_fast_as_its_rows() {
    let all = entries(ENTRIES);
    let mut times_faster = Vec::new();
    for _ in 0..3 {
        let as_sets = time_each(&all, IN_ONE_SET).await;
        let as_rows = time_each(&all[..ONE_BY_ONE], 1).await;
        times_faster.push(as_rows.as_nanos() / as_sets.as_nanos().max(1));
    }
    times_faster.sort_unstable();
    println!("set-based storing is {times_faster:?} times as fast");
    assert!(times_faster[1] >= AT_LEAST.into(), "{times_faster:?}");
}
