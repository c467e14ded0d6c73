//! Which days a sync reads (`domain.md` §8): the night, the week's deep window, and those that a person names.

use serde_json::{Value, json};

use super::house::{House, entry};

/// Today is 9 November 2026; each entry is edited where no night looks any more.
async fn with_late_edits() -> House {
    let house = House::with_company().await;
    let days = ["2026-10-09", "2026-03-09"];
    for day in days {
        let id = format!("on-{day}");
        let start = format!("{day}T15:00:00Z");
        let end = format!("{day}T16:00:00Z");
        let row = entry(&id, "bob", &start, Some(&end));
        house.clockify.world().entries.insert(id, row);
    }
    // 35 days back is 5 October.
    let old = entry(
        "old",
        "bob",
        "2026-10-04T15:00:00Z",
        Some("2026-10-04T16:00:00Z"),
    );
    house.clockify.world().entries.insert("old".into(), old);
    house.sync("all", json!({})).await;
    for row in house.clockify.world().entries.values_mut() {
        row["description"] = json!("edited late");
    }
    house
}

/// The ids of entries that show the edit.
async fn edited(house: &House) -> Vec<String> {
    let entries = house.entries().await.into_iter();
    entries
        .filter(|stored| stored.entry.description == "edited late")
        .map(|stored| stored.entry.id.to_string())
        .filter(|id| !id.starts_with("ann"))
        .collect()
}

#[tokio::test]
async fn the_night_the_week_and_a_person_look_back_as_far_as_they_should() {
    let week = ["bob-2", "bob-3", "bob-4", "bob-5", "bob-6"];
    let cases: [(Value, Vec<&str>); 4] = [
        (json!({}), vec!["on-2026-10-09"]),
        (
            json!({"deep": true}),
            vec!["on-2026-03-09", "old", "on-2026-10-09"],
        ),
        (
            json!({"full": true}),
            vec!["on-2026-03-09", "old", "on-2026-10-09"],
        ),
        (
            json!({"from": "2026-03-01", "to": "2026-03-31"}),
            vec!["on-2026-03-09"],
        ),
    ];
    for (params, expected) in cases {
        let house = with_late_edits().await;
        house.sync("timesheets", params.clone()).await;
        let found = edited(&house).await;
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let within: Vec<&str> = found
            .iter()
            .copied()
            .filter(|id| !week.contains(id))
            .collect();
        assert_eq!(within, expected, "{params}");
    }
}

/// What vanished long ago is found by the week's sync, and by no night.
#[tokio::test]
async fn the_deep_window_finds_what_vanished_long_ago() {
    let house = with_late_edits().await;
    house.clockify.world().entries.remove("on-2026-03-09");
    house.sync("all", json!({"night": 2})).await;
    assert!(house.entry("on-2026-03-09").await.is_some());
    house.sync("all", json!({"deep": true})).await;
    assert!(house.entry("on-2026-03-09").await.is_none());
}

/// Archived projects stay readable: their late entries count, and that one is taken up again is seen.
#[tokio::test]
async fn work_on_an_archived_project_is_stored_and_the_project_comes_back() {
    let house = House::with_company().await;
    house.clockify.world().projects[0]["archived"] = json!(true);
    house.sync("all", json!({})).await;
    assert_eq!(house.entries().await.len(), 10);
    assert_eq!(house.flags().await, [], "neither stub nor flag");
    let late = entry(
        "late",
        "ann",
        "2026-11-08T15:00:00Z",
        Some("2026-11-08T16:00:00Z"),
    );
    house.clockify.world().entries.insert("late".into(), late);
    house.clockify.world().projects[0]["archived"] = json!(false);
    house.sync("all", json!({"night": 2})).await;
    assert!(house.entry("late").await.is_some());
    let river = house
        .store
        .read(async |mut tx| crate::store::project::get(&mut tx, &"river".into()).await)
        .await
        .unwrap()
        .unwrap();
    assert!(!river.archived);
}
