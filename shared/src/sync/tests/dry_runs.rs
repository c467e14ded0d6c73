//! Dry runs: they count what a sync would change, and change nothing.

use serde_json::json;

use super::house::{House, decide, entry, expense};
use crate::{
    jobs::{JobStatus, Stats},
    store::{Statement, StoreError},
};

/// Every row, with all its columns, of what a dry run and a quiet night leave alone.
pub(super) async fn all_rows(house: &House) -> Vec<String> {
    const TABLES: &[Statement] = &[
        Statement::new("SELECT * FROM employee ORDER BY id"),
        Statement::new("SELECT * FROM employee_group ORDER BY id"),
        Statement::new("SELECT * FROM client ORDER BY id"),
        Statement::new("SELECT * FROM project ORDER BY id"),
        Statement::new("SELECT * FROM task ORDER BY id"),
        Statement::new("SELECT * FROM tag ORDER BY id"),
        Statement::new("SELECT * FROM policy ORDER BY id"),
        Statement::new("SELECT * FROM holiday ORDER BY id"),
        Statement::new("SELECT * FROM time_off_request ORDER BY id"),
        Statement::new("SELECT * FROM timesheet ORDER BY id"),
        Statement::new("SELECT * FROM time_entry ORDER BY id"),
        Statement::new("SELECT * FROM time_entry_tag ORDER BY time_entry_id, tag_id"),
        Statement::new("SELECT * FROM expense_category ORDER BY id"),
        Statement::new("SELECT * FROM expense ORDER BY id"),
        Statement::new("SELECT * FROM flag ORDER BY id"),
        Statement::new("SELECT * FROM tombstone ORDER BY kind, record_id"),
        Statement::new("SELECT * FROM to_reread ORDER BY kind, record_id"),
        Statement::new("SELECT * FROM timesheet_miss ORDER BY timesheet_id"),
        Statement::new("SELECT * FROM scan ORDER BY name"),
        Statement::new("SELECT * FROM ticket ORDER BY number"),
    ];
    house
        .store
        .read(async |mut tx| {
            let mut all = Vec::new();
            for table in TABLES {
                let rows = tx.query(table, &[]).await?;
                all.extend(rows.iter().map(|row| format!("{row:?}")));
            }
            Ok::<_, StoreError>(all)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn a_dry_run_counts_what_the_sync_then_does() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    {
        let mut world = house.clockify.world();
        let late = entry(
            "ann-late",
            "ann",
            "2026-10-12T14:00:00Z",
            Some("2026-10-12T15:00:00Z"),
        );
        world.entries.insert("ann-late".into(), late);
        world.entries.get_mut("bob-3").unwrap()["description"] = json!("edited");
        world.projects[0]["name"] = json!("ABC-001 - Renamed");
        world.tags.clear();
        world.time_off.clear();
        world.expenses.remove("lunch");
        let taxi = expense("taxi", "bob", "2026-11-05");
        world.expenses.insert("taxi".into(), taxi);
        decide(&mut world, "bob-week", "REJECTED", 10);
        decide(&mut world, "ann-week", "APPROVED", 20);
    }
    let before = all_rows(&house).await;
    let dry = house.dry_run("all", json!({})).await;
    assert_eq!(dry.status, JobStatus::Succeeded, "{:?}", dry.error);
    assert_eq!(all_rows(&house).await, before, "nothing is written");

    let real = house.sync("all", json!({"night": 2})).await;
    let changed = |stats: Stats| (stats.inserted, stats.updated, stats.deleted);
    assert_eq!(changed(dry.stats), changed(real.stats));
    assert!(dry.stats.inserted >= 2 && dry.stats.updated >= 4 && dry.stats.deleted >= 3);
    let quiet = house.dry_run("all", json!({"night": 2})).await;
    assert_eq!(changed(quiet.stats), (0, 0, 0), "nothing is left to change");
}

#[tokio::test]
async fn a_dry_run_over_an_empty_database_says_how_much_there_is() {
    let house = House::with_company().await;
    let before = all_rows(&house).await;
    let dry = house.dry_run("all", json!({})).await;
    assert_eq!(dry.status, JobStatus::Succeeded, "{:?}", dry.error);
    assert_eq!(all_rows(&house).await, before);
    assert!(dry.stats.inserted >= 22, "{:?}", dry.stats);
    // It is no sync: the next one is still the first, and reads all of it.
    let first = house.sync("all", json!({})).await;
    assert_eq!(first.status, JobStatus::Succeeded);
    let requests = house.clockify.requests();
    assert!(
        requests
            .iter()
            .any(|request| request.starts_with("GET user/ann/time-entries"))
    );
}

#[tokio::test]
async fn a_dry_run_that_would_delete_too_much_says_so_and_flags_nothing() {
    let house = House::with_company().await;
    {
        let mut world = house.clockify.world();
        for n in 0..60 {
            let start = format!("2026-10-{:02}T{:02}:00:00Z", 12 + n / 6, 10 + n % 6);
            let end = start.replace(":00:00Z", ":30:00Z");
            let id = format!("many-{n:02}");
            let row = entry(&id, "ann", &start, Some(&end));
            world.entries.insert(id, row);
        }
    }
    house.sync("all", json!({})).await;
    let flags = house.flags().await;
    {
        let mut world = house.clockify.world();
        world.entries.retain(|id, _| !id.starts_with("many"));
    }
    let dry = house.dry_run("all", json!({})).await;
    assert_eq!(dry.status, JobStatus::Failed);
    assert!(dry.error.unwrap().contains("remove 60 of 66"));
    assert_eq!(house.flags().await, flags);
}

#[tokio::test]
async fn a_dry_run_goes_on_between_slices() {
    let mut house = House::with_company().await;
    house.jobs = house.jobs.clone().with_slices_of(std::time::Duration::ZERO);
    let before = all_rows(&house).await;
    let dry = house.dry_run("all", json!({})).await;
    assert_eq!(dry.status, JobStatus::Succeeded, "{:?}", dry.error);
    assert_eq!(all_rows(&house).await, before);
}
