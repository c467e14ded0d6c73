//! `domain.md` §9: flags are raised where the data changes, and cleared when it is right again.

use serde_json::json;

use super::house::{House, decide, entry, entry_body, leave, project};
use crate::{
    domain::{
        flags::FlagKind,
        time_entry::{EntryKind, TimeEntry},
    },
    store::{StoreError, ticket, time_entry},
    sync::overlaps,
};

async fn flagged(house: &House, kind: FlagKind) -> Vec<String> {
    let flags = house.flags().await.into_iter();
    flags
        .filter(|(raised, _)| *raised == kind)
        .map(|(_, id)| id)
        .collect()
}

async fn synced() -> House {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    assert_eq!(house.flags().await, []);
    house
}

/// A custom field of ann's.
fn set_field(house: &House, name: &str, value: &str) {
    let mut world = house.clockify.world();
    let fields = world.users[0]["customFields"].as_array_mut().unwrap();
    fields.retain(|field| field["customFieldName"] != name);
    fields.push(json!({"customFieldName": name, "value": value}));
}

/// §3, *Time off*: "A request without a counted day pays 0 and is flagged."
#[tokio::test]
async fn leave_without_a_counted_day() {
    let kind = FlagKind::TimeOffWithoutCountedDay;
    let house = synced().await;
    let on = |day: u32, status: &str| {
        let mut request = leave("leave-2", "bob");
        request["timeOffPeriod"]["period"] = json!({
            "start": format!("2026-11-{day:02}T07:00:00Z"),
            "end": format!("2026-11-{:02}T05:59:59Z", day + 1),
        });
        request["status"]["statusType"] = json!(status);
        request
    };
    let body = json!({"id": "leave-2", "workspaceId": "ws-1", "userId": "bob"});
    // 14 November 2026 is a Saturday, the 11th Remembrance Day, the 16th a Monday.
    for (day, status, expected) in [
        (14, "PENDING", 1),
        (16, "PENDING", 0),
        (11, "APPROVED", 1),
        (11, "REJECTED", 0),
        (11, "APPROVED", 1),
    ] {
        {
            let mut world = house.clockify.world();
            world.time_off.truncate(1);
            world.time_off.push(on(day, status));
        }
        house
            .event("TIME_OFF_REQUEST_UPDATED", &body)
            .await
            .unwrap();
        assert_eq!(
            flagged(&house, kind).await.len(),
            expected,
            "on the {day}th, {status}"
        );
    }
    // The holiday holds for him no more: a day counts again. Then it does again.
    let holidays = std::mem::take(&mut house.clockify.world().holidays);
    house.sync("holidays", json!({})).await;
    assert_eq!(flagged(&house, kind).await, [""; 0]);
    house.clockify.world().holidays = holidays;
    house.sync("all", json!({"night": 2})).await;
    assert_eq!(flagged(&house, kind).await, ["leave-2"]);
    house.clockify.world().time_off.truncate(1);
    house
        .event("TIME_OFF_REQUEST_WITHDRAWN", &body)
        .await
        .unwrap();
    assert_eq!(flagged(&house, kind).await, [""; 0]);
}

/// §7, *Payroll*: "work outside employment is paid and flagged".
#[tokio::test]
async fn work_outside_employment() {
    let kind = FlagKind::WorkOutsideEmployment;
    let house = synced().await;
    set_field(&house, "Start Date", "2026-11-04");
    house
        .event("USER_UPDATED", &json!({"id": "ann"}))
        .await
        .unwrap();
    assert_eq!(flagged(&house, kind).await, ["ann-2", "ann-3"]);
    set_field(&house, "End Date", "2026-11-05");
    house.sync("users", json!({})).await;
    assert_eq!(flagged(&house, kind).await, ["ann-2", "ann-3", "ann-6"]);
    set_field(&house, "End Date", "2026-11-30");
    set_field(&house, "Start Date", "2025-01-01");
    house.sync("users", json!({"night": 2})).await;
    assert_eq!(flagged(&house, kind).await, [""; 0]);

    let early = entry(
        "early",
        "ann",
        "2024-12-30T16:00:00Z",
        Some("2024-12-30T17:00:00Z"),
    );
    house.clockify.world().entries.insert("early".into(), early);
    house
        .event("NEW_TIME_ENTRY", &entry_body("early"))
        .await
        .unwrap();
    assert_eq!(flagged(&house, kind).await, ["early"]);
    house.clockify.world().entries.get_mut("early").unwrap()["timeInterval"] =
        json!({"start": "2026-10-30T16:00:00Z", "end": "2026-10-30T17:00:00Z"});
    house
        .event("TIME_ENTRY_UPDATED", &entry_body("early"))
        .await
        .unwrap();
    assert_eq!(flagged(&house, kind).await, [""; 0]);
}

#[tokio::test]
async fn what_is_missing_on_an_employee() {
    let house = synced().await;
    for (field, good, bad, kind) in [
        (
            "Start Date",
            "2025-01-01",
            "someday",
            FlagKind::EmployeeWithoutStartDate,
        ),
        ("Rate Type", "1", "", FlagKind::EmployeeWithoutRateType),
        (
            "Reporting Manager",
            "Mia",
            "",
            FlagKind::EmployeeWithoutManager,
        ),
        (
            "End Date",
            "2030-01-01",
            "never",
            FlagKind::EmployeeFieldMalformed,
        ),
    ] {
        let told = json!({"id": "ann"});
        set_field(&house, field, bad);
        house.event("USER_UPDATED", &told).await.unwrap();
        assert_eq!(flagged(&house, kind).await, ["ann"], "{field}");
        set_field(&house, field, good);
        house.event("USER_UPDATED", &told).await.unwrap();
        assert_eq!(flagged(&house, kind).await, [""; 0], "{field}");
    }
}

#[tokio::test]
async fn a_project_without_code_or_client() {
    let house = synced().await;
    let told = json!({"id": "river", "workspaceId": "ws-1"});
    {
        let mut world = house.clockify.world();
        world.projects[0]["name"] = json!("River Crossing");
        world.projects[0]["clientId"] = json!("");
    }
    house.event("PROJECT_UPDATED", &told).await.unwrap();
    for kind in [FlagKind::ProjectWithoutCode, FlagKind::ProjectWithoutClient] {
        assert_eq!(flagged(&house, kind).await, ["river"]);
    }
    house.clockify.world().projects[0] = project("river", "ABC-001 - River Crossing");
    house.event("PROJECT_UPDATED", &told).await.unwrap();
    assert_eq!(house.flags().await, []);
}

#[tokio::test]
async fn an_entry_without_rate_or_project_too_long_or_overlapping() {
    let house = synced().await;
    let body = entry_body("bob-2");
    for (field, wrong, kind) in [
        (
            "hourlyRate",
            json!(null),
            FlagKind::BillableEntryWithoutRate,
        ),
        ("projectId", json!(null), FlagKind::EntryWithoutProject),
        (
            "timeInterval",
            json!({"start": "2026-11-08T01:00:00Z", "end": "2026-11-08T17:00:01Z"}),
            FlagKind::EntryTooLong,
        ),
        (
            "timeInterval",
            json!({"start": "2026-11-03T14:00:00Z", "end": "2026-11-03T15:00:00Z"}),
            FlagKind::EntryOverlap,
        ),
    ] {
        let sound = house.clockify.world().entries["bob-2"].clone();
        house.clockify.world().entries.get_mut("bob-2").unwrap()[field] = wrong;
        house.event("TIME_ENTRY_UPDATED", &body).await.unwrap();
        let found = flagged(&house, kind).await;
        assert!(found.contains(&"bob-2".to_owned()), "{kind}: {found:?}");
        house.clockify.world().entries.insert("bob-2".into(), sound);
        house.event("TIME_ENTRY_UPDATED", &body).await.unwrap();
        assert_eq!(house.flags().await, [], "{kind}");
    }
}

/// §9, "entry that overlaps another of the same person": judged anew for the day that the entry left and for the one that
/// it came to.
#[tokio::test]
async fn an_overlap_ends_on_the_day_that_an_entry_left() {
    let kind = FlagKind::EntryOverlap;
    let house = synced().await;
    let on =
        |day: &str| json!({"start": format!("{day}T14:00:00Z"), "end": format!("{day}T22:00:00Z")});
    for (day, user, flagged_now) in [
        ("2026-11-03", "bob", vec!["bob-2", "bob-3"]),
        // The days between are judged by neither.
        ("2026-11-30", "bob", vec![]),
        ("2026-11-05", "bob", vec!["bob-2", "bob-5"]),
        // Given to another person.
        ("2026-11-05", "ann", vec!["ann-5", "bob-2"]),
        ("2026-10-05", "ann", vec![]),
    ] {
        {
            let mut world = house.clockify.world();
            let entry = world.entries.get_mut("bob-2").unwrap();
            entry["timeInterval"] = on(day);
            entry["userId"] = json!(user);
        }
        let body = entry_body("bob-2");
        house.event("TIME_ENTRY_UPDATED", &body).await.unwrap();
        assert_eq!(flagged(&house, kind).await, flagged_now, "{day} {user}");
    }
}

/// Also of those that reach over days.
#[tokio::test]
async fn overlaps_of_entries_over_a_weekend() {
    let kind = FlagKind::EntryOverlap;
    let house = synced().await;
    let set = async |id: &str, start: &str, end: &str| {
        let row = entry(id, "ann", start, Some(end));
        house.clockify.world().entries.insert(id.into(), row);
        let body = entry_body(id);
        house.event("TIME_ENTRY_UPDATED", &body).await.unwrap();
        flagged(&house, kind).await
    };
    // The Friday's evening to Monday; then what lies within.
    let long = ["2026-11-14T05:30:00Z", "2026-11-16T16:00:00Z"];
    assert_eq!(set("long", long[0], long[1]).await, [""; 0]);
    let monday = ["2026-11-16T14:00:00Z", "2026-11-16T17:00:00Z"];
    assert_eq!(
        set("monday", monday[0], monday[1]).await,
        ["long", "monday"]
    );
    let saturday = ["2026-11-14T18:00:00Z", "2026-11-14T19:00:00Z"];
    let all = ["long", "monday", "saturday"];
    assert_eq!(set("saturday", saturday[0], saturday[1]).await, all);
    // Monday's goes to another week, and the long one still overlaps Saturday's.
    let away = ["2026-11-25T14:00:00Z", "2026-11-25T17:00:00Z"];
    assert_eq!(set("monday", away[0], away[1]).await, ["long", "saturday"]);
    assert_eq!(set("monday", monday[0], monday[1]).await, all);
    assert_eq!(set("long", long[0], "2026-11-14T05:45:00Z").await, [""; 0]);
    assert_eq!(set("long", long[0], long[1]).await, all);
}

/// `design.md` §3: never a row-by-row loop, nor a person-by-person one.
#[tokio::test]
async fn overlaps_take_as_many_statements_whatever_the_number_of_people_and_days() {
    let house = House::new().await;
    let statements_for = async |people: usize, days: u32| {
        let entries: Vec<TimeEntry> = (0..people)
            .flat_map(|person| (1..=days).map(move |day| (person, day)))
            .flat_map(|(person, day)| ["a", "b"].map(|which| (person, day, which)))
            .map(|(person, day, which)| worked(&format!("p{person}"), day, which))
            .collect();
        let days = overlaps::days_of(entries.iter());
        let store = &house.store;
        store
            .write(async |mut tx| {
                let ticket = ticket::draw_in(&mut tx).await?;
                let spent = ticket::spend(&mut tx, ticket).await?.unwrap();
                time_entry::upsert_page(&mut tx, spent, &entries).await?;
                let before = store.statements_run();
                let raised = overlaps::refresh_around(&mut tx, &days).await?;
                Ok::<_, StoreError>((raised, store.statements_run() - before))
            })
            .await
            .unwrap()
    };
    assert_eq!(statements_for(1, 1).await, (2, 3));
    // What is flagged already is not raised again.
    assert_eq!(statements_for(20, 9).await, (358, 3));
}

/// An hour and a half of two that overlap.
fn worked(who: &str, day: u32, which: &str) -> TimeEntry {
    let minutes = if which == "a" { "00" } else { "30" };
    let at = |hour: u32| {
        format!("2026-11-{day:02}T{hour}:{minutes}:00Z")
            .parse()
            .unwrap()
    };
    TimeEntry {
        id: format!("{who}-{day}-{which}").into(),
        workspace_id: "ws-1".into(),
        employee_id: who.into(),
        project_id: None,
        task_id: None,
        description: String::new(),
        billable: false,
        kind: EntryKind::Regular,
        start: at(15),
        end: Some(at(16)),
        start_date: format!("2026-11-{day:02}").parse().unwrap(),
        duration_seconds: Some(3600),
        hours: None,
        hourly_rate: None,
        tag_ids: vec![],
    }
}

#[tokio::test]
async fn an_approved_timesheet_without_entries() {
    let kind = FlagKind::ApprovedTimesheetWithoutEntries;
    let house = synced().await;
    {
        let mut world = house.clockify.world();
        decide(&mut world, "bob-week", "APPROVED", 10);
        world.approvals.get_mut("bob-week").unwrap().entries.clear();
    }
    house.approval_event("bob-week").await.unwrap();
    assert_eq!(flagged(&house, kind).await, ["bob-week"]);
    decide(
        &mut house.clockify.world(),
        "bob-week",
        "WITHDRAWN_APPROVAL",
        20,
    );
    house.approval_event("bob-week").await.unwrap();
    assert_eq!(flagged(&house, kind).await, [""; 0]);
}

/// `sync-stopped` is cleared by the next sync that need not stop.
#[tokio::test]
async fn a_sync_that_stopped() {
    let kind = FlagKind::SyncStopped;
    let house = House::with_company().await;
    let many = |n: usize| json!({"id": format!("t-{n}"), "name": format!("T {n}"), "workspaceId": "ws-1", "archived": false});
    house.clockify.world().tags.extend((0..60).map(many));
    house.sync("all", json!({})).await;
    let all = house.clockify.world().tags.clone();
    house.clockify.world().tags.truncate(1);
    house.sync("tags", json!({})).await;
    assert_eq!(flagged(&house, kind).await, ["tag"]);
    house.clockify.world().tags = all;
    house.sync("tags", json!({"night": 2})).await;
    assert_eq!(flagged(&house, kind).await, [""; 0]);
}

/// Clockify shows it no more, so nobody need look at it.
#[tokio::test]
async fn an_unreadable_record_that_vanishes() {
    let house = synced().await;
    let mut unreadable = house.clockify.world().holidays[0].clone();
    unreadable["id"] = json!("someday");
    unreadable["datePeriod"] = json!(null);
    house.clockify.world().holidays.push(unreadable);
    house.sync("holidays", json!({"night": 2})).await;
    assert_eq!(
        flagged(&house, FlagKind::RecordUnreadable).await,
        ["someday"]
    );
    house.clockify.world().holidays.pop();
    house.sync("holidays", json!({"night": 3})).await;
    assert_eq!(house.flags().await, []);
}
