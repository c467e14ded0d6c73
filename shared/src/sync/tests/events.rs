//! Single records after webhooks: any order, any repeats, slow reads, failures, kills.

use serde_json::{Value, json};

use super::{
    clockify::WORKSPACE,
    house::{House, at, entry, entry_body, envelope, leave},
};
use crate::{
    azure::queues::CLOCKIFY_EVENTS,
    crash_point::killed_at,
    domain::flags::FlagKind,
    jobs::Delivered,
    store::{delivery::Outcome, employee, project, tag, time_off_request},
    sync::SyncError,
};

fn new_entry(house: &House, id: &str) {
    let entry = entry(
        id,
        "ann",
        "2026-11-09T14:00:00Z",
        Some("2026-11-09T15:07:30Z"),
    );
    house.clockify.world().entries.insert(id.to_owned(), entry);
}

#[tokio::test]
async fn an_event_has_its_record_read_again_and_believes_nothing_in_the_body() {
    let house = House::with_company().await;
    new_entry(&house, "new");
    house
        .event("NEW_TIME_ENTRY", &entry_body("new"))
        .await
        .unwrap();
    let stored = house.entry("new").await.unwrap().entry;
    assert_eq!(stored.description, "work");
    assert_eq!(stored.hours.unwrap().to_string(), "1.25");
    let deliveries = house.deliveries().await;
    assert_eq!(deliveries.len(), 1);
    assert_eq!(
        (deliveries[0].outcome, deliveries[0].times_seen),
        (Outcome::Applied, 1)
    );
}

/// Bodies can be equal although something lay between (A → B → A): a repeat is counted and read again.
#[tokio::test]
async fn a_repeat_is_counted_and_read_again() {
    let house = House::with_company().await;
    new_entry(&house, "new");
    house
        .event("TIME_ENTRY_UPDATED", &entry_body("new"))
        .await
        .unwrap();
    house.clockify.world().entries.get_mut("new").unwrap()["description"] = json!("changed");
    house
        .event("TIME_ENTRY_UPDATED", &entry_body("new"))
        .await
        .unwrap();
    assert_eq!(
        house.entry("new").await.unwrap().entry.description,
        "changed"
    );
    let deliveries = house.deliveries().await;
    assert_eq!((deliveries.len(), deliveries[0].times_seen), (1, 2));
    // The same message delivered twice by the queue is one arrival.
    house
        .event_in("m", "TIME_ENTRY_UPDATED", &entry_body("new"))
        .await
        .unwrap();
    house
        .event_in("m", "TIME_ENTRY_UPDATED", &entry_body("new"))
        .await
        .unwrap();
    assert_eq!(house.deliveries().await[0].times_seen, 3);
}

#[tokio::test]
async fn deleted_after_restored_in_arrival_leaves_what_clockify_says() {
    let house = House::with_company().await;
    new_entry(&house, "new");
    house
        .event("NEW_TIME_ENTRY", &entry_body("new"))
        .await
        .unwrap();
    let gone = house.clockify.world().entries.remove("new").unwrap();
    house
        .event("TIME_ENTRY_DELETED", &entry_body("new"))
        .await
        .unwrap();
    assert!(house.entry("new").await.is_none());
    assert_eq!(house.deliveries().await[0].outcome, Outcome::Gone);

    // Late update after the deletion: does not bring it back.
    house
        .event("TIME_ENTRY_UPDATED", &entry_body("new"))
        .await
        .unwrap();
    assert!(house.entry("new").await.is_none());

    // Restored; the notice of the deletion comes once more, after that of the restoring.
    house.clockify.world().entries.insert("new".into(), gone);
    house
        .event("TIME_ENTRY_RESTORED", &entry_body("new"))
        .await
        .unwrap();
    house
        .event("TIME_ENTRY_DELETED", &entry_body("new"))
        .await
        .unwrap();
    assert!(house.entry("new").await.is_some());
}

#[tokio::test]
async fn a_slow_read_that_finishes_after_a_newer_one_changes_nothing() {
    let house = House::with_company().await;
    new_entry(&house, "new");
    // The slow read sees the first description, and arrives when the second is stored.
    let release = house.clockify.hold("GET time-entries/new");
    let body = entry_body("new");
    let slow = house.event("NEW_TIME_ENTRY", &body);
    let fast = async {
        while house.clockify.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        house.clockify.world().entries.get_mut("new").unwrap()["description"] = json!("second");
        house.event("TIME_ENTRY_UPDATED", &body).await.unwrap();
        release.send(()).unwrap();
    };
    let (slow, ()) = tokio::join!(slow, fast);
    slow.unwrap();
    assert_eq!(
        house.entry("new").await.unwrap().entry.description,
        "second"
    );
}

#[tokio::test]
async fn a_slow_read_does_not_bring_back_what_a_faster_one_saw_deleted() {
    let house = House::with_company().await;
    new_entry(&house, "new");
    let release = house.clockify.hold("GET time-entries/new");
    let body = entry_body("new");
    let slow = house.event("NEW_TIME_ENTRY", &body);
    let fast = async {
        while house.clockify.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        house.clockify.world().entries.remove("new");
        house.event("TIME_ENTRY_DELETED", &body).await.unwrap();
        release.send(()).unwrap();
    };
    let (slow, ()) = tokio::join!(slow, fast);
    slow.unwrap();
    assert!(house.entry("new").await.is_none());
}

/// A → B → A: the reader of the second A writes nothing, yet the slow reader of B must not come after it.
#[tokio::test]
async fn an_unchanged_read_keeps_an_older_slow_one_out() {
    let house = House::with_company().await;
    new_entry(&house, "new");
    let body = entry_body("new");
    house.event("NEW_TIME_ENTRY", &body).await.unwrap();
    house.clockify.forget_requests();
    house.clockify.world().entries.get_mut("new").unwrap()["description"] = json!("B");
    let release = house.clockify.hold("GET time-entries/new");
    let slow = house.event("TIME_ENTRY_UPDATED", &body);
    let fast = async {
        while house.clockify.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        house.clockify.world().entries.get_mut("new").unwrap()["description"] = json!("work");
        house.event("TIME_ENTRY_UPDATED", &body).await.unwrap();
        release.send(()).unwrap();
    };
    let (slow, ()) = tokio::join!(slow, fast);
    slow.unwrap();
    assert_eq!(house.entry("new").await.unwrap().entry.description, "work");
}

#[tokio::test]
async fn killed_anywhere_the_same_message_again_finishes_it() {
    for place in [
        "event.recorded",
        "event.read",
        "event.applied",
        "reference.read",
        "reference.applied",
    ] {
        let house = House::with_company().await;
        new_entry(&house, "new");
        let body = entry_body("new");
        let run = house.event_in("m", "NEW_TIME_ENTRY", &body);
        assert!(
            killed_at(place, 1, Box::pin(run)).await.is_none(),
            "{place} was not passed"
        );
        house.event_in("m", "NEW_TIME_ENTRY", &body).await.unwrap();
        assert!(house.entry("new").await.is_some(), "{place}");
        let deliveries = house.deliveries().await;
        assert_eq!(deliveries.len(), 1, "{place}");
        assert_eq!(
            (deliveries[0].outcome, deliveries[0].times_seen),
            (Outcome::Applied, 1),
            "{place}"
        );
    }
}

#[tokio::test]
async fn what_passes_is_sent_again_and_what_does_not_is_an_error() {
    let house = House::with_company().await;
    new_entry(&house, "new");
    let body = entry_body("new");
    house.clockify.fail("GET time-entries/new", 502);
    house.event("NEW_TIME_ENTRY", &body).await.unwrap();
    let delivery = house.deliveries().await.remove(0);
    assert_eq!(
        (delivery.outcome, delivery.failed_tries),
        (Outcome::Waiting, 1)
    );
    assert!(delivery.error.unwrap().contains("status 502"));
    assert_eq!(house.waiting_events().await, 1);
    assert!(
        house.receive(CLOCKIFY_EVENTS).await.is_none(),
        "it comes a minute later"
    );

    house.clockify.fail("GET time-entries/new", 403);
    let error = house.event("NEW_TIME_ENTRY", &body).await.unwrap_err();
    assert!(!error.is_transient());
    assert_eq!(house.deliveries().await[0].outcome, Outcome::Failed);
    house.event("NEW_TIME_ENTRY", &body).await.unwrap();
    assert_eq!(house.deliveries().await[0].outcome, Outcome::Applied);
}

#[tokio::test]
async fn a_failure_that_lasts_a_day_is_a_failure_for_good() {
    let house = House::with_company().await;
    house.clockify.fail("GET time-entries/new", 502);
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(25);
    let mut old = envelope("m", "NEW_TIME_ENTRY", &entry_body("new"));
    old.tries = Some(crate::jobs::resend::Tries::after(None, "away", yesterday));
    let text = old.to_text();
    let delivered = Delivered {
        message_id: "m",
        text: &text,
    };
    assert!(house.events.apply(delivered).await.is_err());
    assert_eq!(house.deliveries().await[0].outcome, Outcome::Failed);
    assert_eq!(house.waiting_events().await, 0);
}

#[tokio::test]
async fn bodies_that_name_no_record_are_refused_and_unused_events_counted() {
    let house = House::with_company().await;
    for body in [
        json!({}),
        json!([]),
        json!("x"),
        json!({"id": ""}),
        json!({"id": 7}),
    ] {
        let error = house.event("NEW_TIME_ENTRY", &body).await.unwrap_err();
        assert!(matches!(error, SyncError::Malformed(_)), "{body}");
    }
    let failed = house.deliveries().await;
    assert!(
        failed
            .iter()
            .all(|delivery| delivery.outcome == Outcome::Failed)
    );
    for unused in ["NEW_INVOICE", "TIME_ENTRY_EATEN"] {
        house.event(unused, &json!({"id": "1"})).await.unwrap();
    }
    let elsewhere = json!({"id": "1", "workspaceId": "another"});
    house.event("NEW_TAG", &elsewhere).await.unwrap();
    let ignored = house.deliveries().await;
    let ignored = ignored
        .iter()
        .filter(|delivery| delivery.outcome == Outcome::Ignored);
    assert_eq!(ignored.count(), 3);
    for text in ["", "nonsense", "{}", "{\"v\":1}"] {
        let delivered = Delivered {
            message_id: "m",
            text,
        };
        assert!(house.events.apply(delivered).await.is_err(), "{text}");
    }
}

#[tokio::test]
async fn every_kind_of_record_follows_its_events() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    {
        let mut world = house.clockify.world();
        world.projects[0]["name"] = json!("ABC-002 - Other River");
        world.tags[0]["archived"] = json!(true);
        world.users[1]["status"] = json!("INACTIVE");
        world.users[1]["name"] = json!("Robert");
        world.time_off.push(leave("leave-2", "bob"));
        world.clients.clear();
    }
    let events: [(&str, Value); 6] = [
        (
            "PROJECT_UPDATED",
            json!({"id": "river", "workspaceId": WORKSPACE}),
        ),
        (
            "TAG_UPDATED",
            json!({"id": "banked", "workspaceId": WORKSPACE}),
        ),
        ("USER_DEACTIVATED_ON_WORKSPACE", json!({"id": "bob"})),
        (
            "TIME_OFF_REQUESTED",
            json!({
                "id": "leave-2", "workspaceId": WORKSPACE, "userId": "bob",
                "timeOffPeriod": {"period": {"start": "2026-11-12T06:00:00Z", "end": "2026-11-13T05:59:59Z"}},
            }),
        ),
        (
            "CLIENT_DELETED",
            json!({"id": "acme", "workspaceId": WORKSPACE}),
        ),
        (
            "TASK_UPDATED",
            json!({"id": "survey", "projectId": "river"}),
        ),
    ];
    for (event, body) in events {
        house.event(event, &body).await.unwrap();
    }
    house
        .store
        .read(async |mut tx| {
            let river = project::get(&mut tx, &"river".into()).await?.unwrap();
            assert_eq!(river.code.as_deref(), Some("ABC-002"));
            assert!(tag::get(&mut tx, &"banked".into()).await?.unwrap().archived);
            let bob = employee::get(&mut tx, &"bob".into()).await?.unwrap();
            assert_eq!(bob.name, "Robert");
            assert_eq!(
                bob.status,
                crate::domain::employee::EmployeeStatus::Inactive
            );
            assert!(
                time_off_request::get(&mut tx, &"leave-2".into())
                    .await?
                    .is_some()
            );
            let acme = crate::store::client::get(&mut tx, &"acme".into())
                .await?
                .unwrap();
            assert!(acme.archived, "what vanished is archived, not deleted");
            Ok::<_, crate::store::StoreError>(())
        })
        .await
        .unwrap();
    house.clockify.world().time_off.clear();
    house
        .event(
            "TIME_OFF_REQUEST_WITHDRAWN",
            &json!({"id": "leave-2", "userId": "bob"}),
        )
        .await
        .unwrap();
    let left = house
        .store
        .read(async |mut tx| time_off_request::get(&mut tx, &"leave-2".into()).await)
        .await
        .unwrap();
    assert!(left.is_none());
}

/// `domain.md` §3: "without the request's `excludeDays`". Clockify's search lacks them, only the event tells: what it told
/// holds until it tells otherwise, and as long as it speaks of the days that the request is for.
#[tokio::test]
async fn excluded_days_are_taken_from_the_event_and_kept() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    let leave_1 = async || {
        let id = "leave-1".into();
        let stored = house
            .store
            .read(async |mut tx| time_off_request::get(&mut tx, &id).await)
            .await;
        stored.unwrap().unwrap()
    };
    let period = house.clockify.world().time_off[0]["timeOffPeriod"]["period"].clone();
    let told = async |period: &Value, days: Value| {
        let body = json!({
            "id": "leave-1", "workspaceId": WORKSPACE, "userId": "ann",
            "timeOffPeriod": {"period": period}, "excludeDays": days,
        });
        house
            .event("TIME_OFF_REQUEST_APPROVED", &body)
            .await
            .unwrap();
    };
    assert_eq!(leave_1().await.excluded_days, Some(Vec::new()));
    let day = leave_1().await.first_day;
    told(&period, json!([day])).await;
    assert_eq!(leave_1().await.excluded_days, Some(vec![day]));
    house.sync("all", json!({"full": true})).await;
    assert_eq!(leave_1().await.excluded_days, Some(vec![day]));
    // A late event about other days.
    let other = json!({"start": "2025-11-12T07:00:00Z", "end": "2025-11-13T06:59:59Z"});
    told(&other, json!([])).await;
    assert_eq!(leave_1().await.excluded_days, Some(vec![day]));
    told(&period, json!([])).await;
    assert_eq!(leave_1().await.excluded_days, Some(Vec::new()));
}

#[tokio::test]
async fn a_split_brings_the_entries_that_the_body_does_not_name() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    {
        let mut world = house.clockify.world();
        world.entries.get_mut("ann-6").unwrap()["timeInterval"]["end"] =
            json!("2026-11-06T18:00:00Z");
        let rest = entry(
            "ann-6-rest",
            "ann",
            "2026-11-06T18:00:00Z",
            Some("2026-11-06T22:00:00Z"),
        );
        world.entries.insert("ann-6-rest".into(), rest);
    }
    let mut body = entry_body("ann-6");
    body["timeInterval"] = json!({"start": "2026-11-06T14:00:00Z", "end": "2026-11-06T18:00:00Z"});
    house.event("TIME_ENTRY_SPLIT", &body).await.unwrap();
    assert!(house.entry("ann-6-rest").await.is_some());
    let end = house.entry("ann-6").await.unwrap().entry.end;
    assert_eq!(end, Some(at("2026-11-06T18:00:00Z")));
}

/// `domain.md` §9: computed where the data changes, cleared when it is right again.
#[tokio::test]
async fn flags_come_and_go_with_the_record() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    {
        let mut world = house.clockify.world();
        let mut overlapping = entry(
            "twin",
            "ann",
            "2026-11-06T20:00:00Z",
            Some("2026-11-06T23:00:00Z"),
        );
        overlapping["hourlyRate"] = json!(null);
        world.entries.insert("twin".into(), overlapping);
    }
    house
        .event("NEW_TIME_ENTRY", &entry_body("twin"))
        .await
        .unwrap();
    assert_eq!(
        house.flags().await,
        [
            (FlagKind::BillableEntryWithoutRate, "twin".to_owned()),
            (FlagKind::EntryOverlap, "ann-6".to_owned()),
            (FlagKind::EntryOverlap, "twin".to_owned()),
        ]
    );
    house.clockify.world().entries.remove("twin");
    house
        .event("TIME_ENTRY_DELETED", &entry_body("twin"))
        .await
        .unwrap();
    assert_eq!(house.flags().await, []);
}
