//! How long 10 000 time entries take: stored as sets against one by one, read again unchanged, and read for
//! a report. `cargo bench -p shared --bench store` prints the two figures that must hold, then Criterion's.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use shared::{
    domain::time_entry::{EntryKind, TimeEntry},
    settings::DatabaseUrl,
    store::{Spent, Store, StoreError, ticket, time_entry},
};
use tokio::runtime::Runtime;

const ENTRIES: usize = 10_000;
const ENTRIES_ONE_BY_ONE: usize = 1_000;
const PAGE: usize = 200;

struct Database {
    store: Store,
    _folder: tempfile::TempDir,
}

async fn database() -> Database {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("clocking.db"));
    let store = Store::open(&url).expect("a database");
    store.migrate().await.expect("the schema");
    Database {
        store,
        _folder: folder,
    }
}

fn entries(count: usize) -> Vec<TimeEntry> {
    let first_day = jiff::civil::date(2026, 1, 4);
    (0..count)
        .map(|n| {
            let day = i64::try_from(n / 60).expect("a day");
            let start_date = first_day.saturating_add(jiff::Span::new().days(day));
            let start = format!("{start_date}T15:00:00Z")
                .parse()
                .expect("an instant");
            TimeEntry {
                id: format!("{n:024x}").into(),
                workspace_id: "ws".into(),
                employee_id: format!("e{:02}", n % 60).into(),
                project_id: Some(format!("p{:02}", n % 40).into()),
                task_id: None,
                description: format!("Layout of pier {n}, north abutment"),
                billable: n % 5 != 0,
                kind: EntryKind::Regular,
                start,
                end: Some(start + jiff::SignedDuration::from_mins(465)),
                start_date,
                duration_seconds: Some(27_900),
                hours: Some("7.75".parse().expect("hours")),
                hourly_rate: Some("95.00".parse().expect("a rate")),
                tag_ids: if n % 10 == 0 {
                    vec!["banked".into()]
                } else {
                    vec![]
                },
            }
        })
        .collect()
}

/// Stores them in pages of so many.
async fn store_in_pages(store: &Store, entries: &[TimeEntry], page: usize) {
    for page in entries.chunks(page) {
        let drawn = ticket::draw(store).await.expect("a ticket");
        store
            .write(async |mut tx| {
                let spent = Spent {
                    ticket: drawn,
                    older_is_open: false,
                };
                time_entry::upsert_page(&mut tx, spent, page).await?;
                ticket::spend(&mut tx, drawn).await
            })
            .await
            .expect("stored");
    }
}

/// Time to store so many entries in such pages into an empty database: the median of five.
fn median(runtime: &Runtime, entries: &[TimeEntry], page: usize) -> Duration {
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let database = runtime.block_on(database());
            let started = Instant::now();
            runtime.block_on(store_in_pages(&database.store, entries, page));
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[2]
}

/// 10 000 entries in less than a second, and as a set at least ten times as fast as row by row.
fn figures(_criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let all = entries(ENTRIES);
    let as_sets = median(&runtime, &all, PAGE);
    let as_rows = median(&runtime, &all[..ENTRIES_ONE_BY_ONE], 1);
    let times_faster =
        as_rows.as_micros() * (ENTRIES / ENTRIES_ONE_BY_ONE) as u128 / as_sets.as_micros().max(1);
    println!("{ENTRIES} entries stored in {as_sets:?} (median of 5; must be < 1 s)");
    println!("as sets {times_faster} times as fast as row by row (must be >= 10)");
}

fn store_entries(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10);
    let all = entries(ENTRIES);
    for (name, count, page) in [
        ("10 000 new entries in pages of 200", ENTRIES, PAGE),
        ("1 000 new entries one by one", ENTRIES_ONE_BY_ONE, 1),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || runtime.block_on(database()),
                |database| {
                    runtime.block_on(store_in_pages(&database.store, &all[..count], page));
                    database
                },
                BatchSize::PerIteration,
            );
        });
    }
    let database = runtime.block_on(database());
    runtime.block_on(store_in_pages(&database.store, &all, PAGE));
    group.bench_function("10 000 unchanged entries in pages of 200", |bencher| {
        bencher.iter(|| runtime.block_on(store_in_pages(&database.store, &all, PAGE)));
    });
    group.bench_function("two weeks of 60 people, read", |bencher| {
        bencher.iter(|| {
            let (from, to) = (
                jiff::civil::date(2026, 2, 1),
                jiff::civil::date(2026, 2, 14),
            );
            let read = database
                .store
                .read(async |mut tx| time_entry::list(&mut tx, from, to, None).await);
            let read: Result<_, StoreError> = runtime.block_on(read);
            black_box(read.expect("entries"))
        });
    });
    group.finish();
}

criterion_group!(benches, figures, store_entries);
criterion_main!(benches);
