//! Approvals: many events, one scan; owners that die; timesheets that move, leave and come back.

use std::time::Duration;

use serde_json::json;

use super::{
    clockify::Approval,
    house::{House, at, decide, delivered, submit},
};
use crate::{
    azure::queues::{CLOCKIFY_EVENTS, JOBS},
    crash_point::killed_at,
    domain::flags::FlagKind,
    jobs::{Delivered, JobStatus},
    store::delivery::Outcome,
    sync::{SyncError, coalesce::ScanPace},
};

async fn synced() -> House {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    house.clockify.forget_requests();
    house
}

/// How often the list of pending requests was begun.
fn scans(house: &House) -> usize {
    let requests = house.clockify.requests();
    let begun = requests
        .iter()
        .filter(|request| request.as_str() == "GET approval-requests PENDING page=1");
    begun.count()
}

/// A check message comes, in a message of that id.
async fn check(house: &House, message_id: &str) -> Result<(), SyncError> {
    let text = r#"{"v":1,"check":"approvals"}"#;
    house.events.apply(Delivered { message_id, text }).await
}

/// A slice is over after each page and each record.
fn slice_by_page(house: &mut House) {
    house.events = house.events.clone().with_pace(ScanPace {
        longest: Duration::ZERO,
        ..house.events.pace
    });
}

/// Handles the messages that owners send who stopped; says how many those were.
async fn go_on(house: &House) -> usize {
    let mut messages = 0;
    while let Some(message) = house.receive(CLOCKIFY_EVENTS).await {
        messages += 1;
        assert!(messages < 20, "the scan does not get on");
        house.events.apply(delivered(&message)).await.unwrap();
        house.queues.delete(&message).await.unwrap();
    }
    messages
}

#[tokio::test]
async fn an_approval_reaches_the_entries() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(house.state_of("ann-week").await, "APPROVED");
    assert_eq!(house.shown_state("ann-2").await, "APPROVED");
    assert_eq!(house.shown_state("bob-2").await, "PENDING");
    assert_eq!(house.scan_row().await, (1, 1, false));
    assert_eq!(house.deliveries().await[0].outcome, Outcome::Applied);
    // The check message that waits finds nothing to do.
    assert_eq!(house.waiting_events().await, 1);
}

/// `domain.md` §3: "Fifty approvals at once need one or two scans of the approvals list, not fifty."
#[tokio::test]
async fn fifty_events_at_once_need_one_or_two_scans() {
    let house = synced().await;
    let bodies: Vec<_> = {
        let mut world = house.clockify.world();
        decide(&mut world, "ann-week", "APPROVED", 10);
        (0..50)
            .map(|n| {
                let mut body =
                    super::clockify::request_body("ann-week", &world.approvals["ann-week"]);
                body["note"] = json!(n);
                body
            })
            .collect()
    };
    let events = bodies
        .iter()
        .map(|body| house.event("APPROVAL_REQUEST_STATUS_UPDATED", body));
    for applied in futures::future::join_all(events).await {
        applied.unwrap();
    }
    assert!(scans(&house) <= 2, "{} scans", scans(&house));
    assert_eq!(house.scan_row().await, (50, 50, false));
    assert_eq!(house.shown_state("ann-2").await, "APPROVED");
    let deliveries = house.deliveries().await;
    assert_eq!(deliveries.len(), 50);
    assert!(
        deliveries
            .iter()
            .all(|delivery| delivery.outcome == Outcome::Applied)
    );
}

#[tokio::test]
async fn two_events_during_the_last_page_of_a_scan_are_seen_by_its_owner() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    // While the last list is on its way, bob's week is approved and two events come.
    let release = house
        .clockify
        .hold("GET approval-requests WITHDRAWN_APPROVAL");
    let owner = house.approval_event("ann-week");
    let others = async {
        while !house
            .clockify
            .requests()
            .iter()
            .any(|r| r.contains("WITHDRAWN_APPROVAL"))
        {
            tokio::task::yield_now().await;
        }
        decide(&mut house.clockify.world(), "bob-week", "APPROVED", 20);
        house.approval_event("bob-week").await.unwrap();
        house.approval_event("bob-week").await.unwrap();
        release.send(()).unwrap();
    };
    let (owner, ()) = tokio::join!(owner, others);
    owner.unwrap();
    assert_eq!(house.state_of("bob-week").await, "APPROVED");
    assert_eq!(house.scan_row().await, (3, 3, false));
    assert_eq!(scans(&house), 2);
}

#[tokio::test]
async fn an_owner_killed_anywhere_loses_nothing() {
    let places = [
        ("scan.wanted", 1),
        ("scan.page_read", 1),
        ("scan.page_read", 2),
        ("scan.page_applied", 1),
        ("scan.page_applied", 3),
        ("scan.applied", 1),
        ("scan.finished", 1),
    ];
    for (place, passage) in places {
        let house = synced().await;
        decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
        let body = {
            let world = house.clockify.world();
            super::clockify::request_body("ann-week", &world.approvals["ann-week"])
        };
        let run = house.event_in("m", "APPROVAL_REQUEST_STATUS_UPDATED", &body);
        assert!(
            killed_at(place, passage, Box::pin(run)).await.is_none(),
            "{place} was not passed"
        );
        // The same message comes again, and takes the lease at once.
        house
            .event_in("m", "APPROVAL_REQUEST_STATUS_UPDATED", &body)
            .await
            .unwrap();
        assert_eq!(house.shown_state("ann-2").await, "APPROVED", "{place}");
        let (wanted, done, owned) = house.scan_row().await;
        assert_eq!((wanted, owned), (done, false), "{place}");
        assert_eq!(
            house.deliveries().await[0].outcome,
            Outcome::Applied,
            "{place}"
        );
    }
}

/// The owner's message is lost for good; the check message that he sent first takes over when his lease has run out.
#[tokio::test]
async fn a_check_message_takes_over_from_an_owner_that_died_for_good() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    let run = house.approval_event("ann-week");
    assert!(
        killed_at("scan.page_applied", 1, Box::pin(run))
            .await
            .is_none()
    );
    let deliver = |id: &'static str| check(&house, id);
    // While the lease lives it sends itself again.
    let waiting = house.waiting_events().await;
    deliver("check-1").await.unwrap();
    assert_eq!(house.waiting_events().await, waiting + 1);
    assert_eq!(house.scan_row().await, (1, 0, true));

    house.expire_leases().await;
    deliver("check-2").await.unwrap();
    assert_eq!(house.scan_row().await, (1, 1, false));
    assert_eq!(house.shown_state("ann-2").await, "APPROVED");
    // Another finds nothing to do, and sends nothing.
    let waiting = house.waiting_events().await;
    deliver("check-3").await.unwrap();
    assert_eq!(house.waiting_events().await, waiting);
}

#[tokio::test]
async fn an_owner_that_wakes_after_his_lease_expired_writes_nothing() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    let release = house.clockify.hold("GET approval-requests PENDING");
    let sleeper = house.approval_event("ann-week");
    let other = async {
        while house.clockify.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        house.expire_leases().await;
        decide(&mut house.clockify.world(), "bob-week", "APPROVED", 20);
        house.approval_event("bob-week").await.unwrap();
        assert_eq!(house.scan_row().await, (2, 2, false));
        house.clockify.forget_requests();
        release.send(()).unwrap();
    };
    let (sleeper, ()) = tokio::join!(sleeper, other);
    sleeper.unwrap();
    assert_eq!(scans(&house), 0, "it stopped at its first write");
    assert_eq!(house.shown_state("ann-2").await, "APPROVED");
    assert_eq!(house.shown_state("bob-2").await, "APPROVED");
    assert_eq!(house.scan_row().await, (2, 2, false));
}

#[tokio::test]
async fn a_request_that_moves_between_the_lists_keeps_its_hours() {
    let house = synced().await;
    // Approved after PENDING was read and before APPROVED is.
    house
        .clockify
        .after("GET approval-requests PENDING", |world| {
            decide(world, "ann-week", "APPROVED", 10);
        });
    house.approval_event("bob-week").await.unwrap();
    assert_eq!(house.state_of("ann-week").await, "APPROVED");
    assert_eq!(house.shown_state("ann-4").await, "APPROVED");

    // Withdrawn and submitted again after PENDING was read: found in no list, it is only missed, and keeps its hours.
    decide(&mut house.clockify.world(), "bob-week", "SOMEWHERE", 20);
    house
        .clockify
        .after("GET approval-requests WITHDRAWN_APPROVAL", |world| {
            decide(world, "bob-week", "PENDING", 30);
        });
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(house.shown_state("bob-4").await, "PENDING");
    house.approval_event("bob-week").await.unwrap();
    assert_eq!(house.state_of("bob-week").await, "PENDING");
    assert_eq!(house.shown_state("bob-4").await, "PENDING");
}

/// `design.md` §2: REJECTED stands in no list; one scan that misses it and a webhook that says so settle it.
#[tokio::test]
async fn a_rejection_releases_the_entries_which_show_it_until_another_holds_them() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "REJECTED", 10);
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(house.state_of("ann-week").await, "REJECTED");
    assert_eq!(house.shown_state("ann-2").await, "REJECTED");
    assert_eq!(house.shown_state("bob-2").await, "PENDING");

    {
        let mut world = house.clockify.world();
        let rejected = world.approvals.remove("ann-week").unwrap();
        submit(&mut world, "ann");
        let mut again = world.approvals.remove("ann-week").unwrap();
        again.updated_at = at("2026-11-09T17:00:00Z");
        world.approvals.insert("ann-again".into(), again);
        world.approvals.insert("ann-week".into(), rejected);
    }
    house.approval_event("ann-again").await.unwrap();
    assert_eq!(house.shown_state("ann-2").await, "PENDING");
    assert_eq!(house.state_of("ann-week").await, "REJECTED");
}

#[tokio::test]
async fn without_a_webhook_two_scans_that_miss_it_return_it() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "REJECTED", 10);
    // Events about bob alone: nobody says what became of ann's week.
    house.approval_event("bob-week").await.unwrap();
    assert_eq!(
        house.state_of("ann-week").await,
        "PENDING",
        "one miss proves nothing"
    );
    assert_eq!(house.shown_state("ann-2").await, "PENDING");
    house.approval_event("bob-week").await.unwrap();
    assert_eq!(house.state_of("ann-week").await, "RETURNED");
    assert_eq!(house.shown_state("ann-2").await, "RETURNED");
    // The webhook comes late, and says more.
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(house.state_of("ann-week").await, "REJECTED");
}

/// A sync scans a second time where the first missed something: it must leave what a later one would.
#[tokio::test]
async fn a_sync_settles_what_left_the_lists_by_itself() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "REJECTED", 10);
    house.sync("timesheets", json!({"night": 2})).await;
    assert_eq!(house.state_of("ann-week").await, "RETURNED");
    assert_eq!(scans(&house), 2);
}

/// Killed after it has missed a timesheet once, it reads the lists again before it counts a second miss.
#[tokio::test]
async fn a_sync_killed_after_one_miss_counts_no_second_from_the_same_lists() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "SOMEWHERE", 10);
    house.request("timesheets", json!({"night": 2})).await;
    let message = house.receive(JOBS).await.unwrap();
    let settled = 4; // after a page of each of the three lists
    let run = Box::pin(house.jobs.run(delivered(&message)));
    assert!(killed_at("job.page_applied", settled, run).await.is_none());

    decide(&mut house.clockify.world(), "ann-week", "PENDING", 20);
    let jobs = house.jobs.clone().with_slices_of(Duration::ZERO);
    jobs.run(delivered(&message)).await.unwrap();
    house.queues.delete(&message).await.unwrap();
    loop {
        // At no moment do the hours count for nothing.
        assert_eq!(house.state_of("ann-week").await, "PENDING");
        assert_eq!(house.shown_state("ann-2").await, "PENDING");
        let Some(message) = house.receive(JOBS).await else {
            break;
        };
        jobs.run(delivered(&message)).await.unwrap();
        house.queues.delete(&message).await.unwrap();
    }
    assert_eq!(scans(&house), 2);
}

/// What has left its timesheet is read again within slices too.
#[tokio::test]
async fn a_sync_reads_what_left_in_slices_and_scans_once() {
    let house = synced().await;
    for id in ["ann-2", "ann-3", "ann-4"] {
        let mut world = house.clockify.world();
        world.entries.remove(id);
        let week = world.approvals.get_mut("ann-week").unwrap();
        week.entries.retain(|held| held != id);
    }
    let jobs = house.jobs.clone().with_slices_of(Duration::ZERO);
    house.request("timesheets", json!({"night": 2})).await;
    let mut slices = 0;
    while let Some(message) = house.receive(JOBS).await {
        jobs.run(delivered(&message)).await.unwrap();
        house.queues.delete(&message).await.unwrap();
        slices += 1;
    }
    // A page of each of the three lists, and the three entries.
    assert!(slices >= 6, "{slices} slices");
    for id in ["ann-2", "ann-3", "ann-4"] {
        assert!(house.entry(id).await.is_none(), "{id}");
    }
    assert_eq!(scans(&house), 1);
}

/// The webhook is faster than the list.
#[tokio::test]
async fn a_list_older_than_the_webhook_is_read_again() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    let body = {
        let world = house.clockify.world();
        super::clockify::request_body("ann-week", &world.approvals["ann-week"])
    };
    // The lists show the old state through the first scan.
    decide(&mut house.clockify.world(), "ann-week", "PENDING", 0);
    house
        .clockify
        .after("GET approval-requests WITHDRAWN_APPROVAL", |world| {
            decide(world, "ann-week", "APPROVED", 10);
        });
    house
        .event("APPROVAL_REQUEST_STATUS_UPDATED", &body)
        .await
        .unwrap();
    assert_eq!(house.state_of("ann-week").await, "APPROVED");
    assert_eq!(scans(&house), 2);
}

/// `domain.md` §3: an entry that a fresh pull of its timesheet no longer holds is released and read again.
#[tokio::test]
async fn an_entry_that_left_its_timesheet_is_read_again() {
    let house = synced().await;
    {
        let mut world = house.clockify.world();
        world.entries.remove("ann-2");
        let week = world.approvals.get_mut("ann-week").unwrap();
        week.entries.retain(|id| id != "ann-2" && id != "ann-3");
        decide(&mut world, "ann-week", "PENDING", 10);
    }
    house.approval_event("ann-week").await.unwrap();
    assert!(
        house.entry("ann-2").await.is_none(),
        "Clockify says that it is gone"
    );
    assert_eq!(
        house.shown_state("ann-3").await,
        "none",
        "it only left the timesheet"
    );
    assert_eq!(house.shown_state("ann-4").await, "PENDING");
}

/// `design.md` §2: after 4 minutes the owner releases and sends the next message, which goes on where he stopped.
#[tokio::test]
async fn a_scan_longer_than_a_slice_goes_on_and_begins_no_page_anew() {
    let mut house = synced().await;
    slice_by_page(&mut house);
    {
        let mut world = house.clockify.world();
        world.entries.remove("ann-2");
        let week = world.approvals.get_mut("ann-week").unwrap();
        week.entries.retain(|id| id != "ann-2" && id != "ann-3");
        decide(&mut world, "ann-week", "APPROVED", 10);
    }
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(
        house.scan_row().await,
        (1, 0, false),
        "released with work left"
    );
    let slices = 1 + go_on(&house).await;
    assert_eq!(house.scan_row().await, (1, 1, false));
    let read: Vec<_> = house
        .clockify
        .requests()
        .into_iter()
        .filter(|request| !request.contains("projects") && !request.contains("tags"))
        .collect();
    assert_eq!(
        read,
        [
            "GET approval-requests PENDING page=1",
            "GET approval-requests APPROVED page=1",
            "GET approval-requests WITHDRAWN_APPROVAL page=1",
            "GET time-entries/ann-2",
            "GET time-entries/ann-3",
        ],
        "each once"
    );
    assert_eq!(slices, 6);
    assert!(house.entry("ann-2").await.is_none());
    assert_eq!(house.shown_state("ann-3").await, "none");
    assert_eq!(house.shown_state("ann-4").await, "APPROVED");
    assert_eq!(house.deliveries().await[0].outcome, Outcome::Applied);
}

/// An event that comes between two slices is not covered by the pass under way, which began before it.
#[tokio::test]
async fn an_event_between_two_slices_gets_a_pass_of_its_own() {
    let mut house = synced().await;
    slice_by_page(&mut house);
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    house.approval_event("ann-week").await.unwrap();
    // PENDING has been read, with bob's week in it; now that is rejected.
    decide(&mut house.clockify.world(), "bob-week", "REJECTED", 20);
    house.approval_event("bob-week").await.unwrap();
    go_on(&house).await;
    assert_eq!(house.scan_row().await, (2, 2, false));
    assert_eq!(scans(&house), 2);
    assert_eq!(house.state_of("ann-week").await, "APPROVED");
    assert_eq!(house.state_of("bob-week").await, "REJECTED");
}

/// A page that fails passes by: the scan goes on at it. One that fails for good has the scan begun anew.
#[tokio::test]
async fn a_scan_goes_on_after_a_failure_that_passes() {
    for (status, begun) in [(500, 1), (401, 2)] {
        let house = synced().await;
        decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
        house
            .clockify
            .fail("GET approval-requests APPROVED", status);
        house.approval_event("ann-week").await.unwrap();
        assert_eq!(house.scan_row().await, (1, 0, false));
        check(&house, "check-1").await.unwrap();
        assert_eq!(house.scan_row().await, (1, 1, false));
        assert_eq!(scans(&house), begun, "status {status}");
        assert_eq!(house.shown_state("ann-2").await, "APPROVED");
    }
}

#[tokio::test]
async fn a_scan_that_fails_gives_its_lease_back_and_leaves_one_check_message() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    house.clockify.fail("GET approval-requests APPROVED", 500);
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(house.scan_row().await, (1, 0, false));
    assert_eq!(house.waiting_events().await, 1, "the check message");
    assert!(
        house.receive(CLOCKIFY_EVENTS).await.is_none(),
        "it comes later"
    );
    let delivery = &house.deliveries().await[0];
    assert_eq!(delivery.outcome, Outcome::Waiting);
    assert!(delivery.error.is_some(), "it says why it waits");
    // A check message that fails in its turn leaves one copy of itself, and no other message.
    house.clockify.fail("GET approval-requests APPROVED", 500);
    check(&house, "check-1").await.unwrap();
    assert_eq!(house.waiting_events().await, 2);
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(house.scan_row().await, (2, 2, false));
    assert_eq!(house.shown_state("ann-2").await, "APPROVED");
}

/// A key that Clockify no longer takes: the check message ends as a dead letter that says so, and the next scan
/// that succeeds settles what waited.
#[tokio::test]
async fn a_scan_that_fails_for_good_says_why_and_the_next_one_settles_its_events() {
    let house = synced().await;
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    house.clockify.fail("GET approval-requests APPROVED", 401);
    house.approval_event("ann-week").await.unwrap();
    house.clockify.fail("GET approval-requests APPROVED", 401);
    check(&house, "check-1")
        .await
        .expect_err("its message must fail too");
    let failed = house.deliveries().await.remove(0);
    assert_eq!(failed.outcome, Outcome::Failed);
    assert!(failed.error.unwrap().starts_with("Clockify refuses"));
    decide(&mut house.clockify.world(), "bob-week", "APPROVED", 11);
    house.approval_event("bob-week").await.unwrap();
    for delivery in house.deliveries().await {
        assert_eq!(delivery.outcome, Outcome::Applied, "{delivery:?}");
    }
}

/// The detailed report is the cross-check: it knows which timesheet holds an entry where the lists were read too early.
#[tokio::test]
async fn the_report_finds_an_approval_that_no_scan_has_seen() {
    let house = synced().await;
    {
        let mut world = house.clockify.world();
        // Approved so long ago, by Clockify's time, that the lists are not read down to it.
        decide(&mut world, "ann-week", "APPROVED", 0);
        world.approvals.get_mut("ann-week").unwrap().updated_at = at("2026-11-01T00:00:00Z");
        decide(&mut world, "bob-week", "APPROVED", 30);
    }
    house.approval_event("bob-week").await.unwrap();
    {
        let mut world = house.clockify.world();
        let mut old = world.approvals.remove("ann-week").unwrap();
        old.updated_at = at("2026-11-01T00:00:00Z");
        world.approvals.insert("ann-other".into(), old);
    }
    house.sync("all", json!({"night": 2})).await;
    assert_eq!(house.state_of("ann-other").await, "APPROVED");
    assert_eq!(house.shown_state("ann-2").await, "APPROVED");
}

/// `design.md` §3: nothing is inferred from a partial reading. A field that cannot be read costs its own record at most.
#[tokio::test]
async fn what_cannot_be_read_of_a_timesheet_takes_no_hours_away() {
    let house = synced().await;
    house.clockify.world().entries.get_mut("ann-3").unwrap()["billable"] = json!("yes");
    for full in [false, true, true] {
        let params = json!({"full": full, "night": house.scan_row().await.0});
        house.sync("timesheets", params).await;
    }
    assert_eq!(house.state_of("ann-week").await, "PENDING");
    for id in ["ann-2", "ann-3", "ann-4"] {
        assert_eq!(house.shown_state(id).await, "PENDING", "{id}");
    }
    let unreadable = (FlagKind::RecordUnreadable, "ann-3".to_owned());
    assert_eq!(house.flags().await, [unreadable]);
    house.clockify.world().entries.get_mut("ann-3").unwrap()["billable"] = json!(true);
    house.sync("timesheets", json!({"night": 3})).await;
    assert_eq!(house.flags().await, []);
}

#[tokio::test]
async fn a_timesheet_that_cannot_be_read_has_not_left_the_lists() {
    let house = synced().await;
    let week = house.clockify.world().approvals["ann-week"].week;
    // (the week's begin, what is flagged): the second row does not even show its id.
    for (begin, flagged) in [("long ago", "ann-week"), ("", "without-id")] {
        let changed = [begin, week[1]];
        let set = |week| {
            let mut world = house.clockify.world();
            world.approvals.get_mut("ann-week").unwrap().week = week;
        };
        set(changed);
        for night in 0..3 {
            let params = json!({"full": true, "night": [begin.len(), night]});
            house.sync("timesheets", params).await;
        }
        house.approval_event("bob-week").await.unwrap();
        house.approval_event("bob-week").await.unwrap();
        assert_eq!(house.state_of("ann-week").await, "PENDING");
        assert_eq!(house.shown_state("ann-3").await, "PENDING");
        let unreadable = (FlagKind::RecordUnreadable, flagged.to_owned());
        assert_eq!(house.flags().await, [unreadable]);
        set(week);
        let params = json!({"full": true, "right": begin.len()});
        house.sync("timesheets", params).await;
        assert_eq!(house.flags().await, []);
    }
}

/// `domain.md` §8: what a sync would take away beyond the limits waits for a person, timesheets too.
#[tokio::test]
async fn lists_that_lack_most_timesheets_return_none() {
    let house = House::with_company().await;
    {
        let mut world = house.clockify.world();
        let week = world.approvals["bob-week"].clone();
        for n in 0..60 {
            let id = format!("week-{n}");
            let none = Approval {
                entries: vec![],
                ..week.clone()
            };
            world.approvals.insert(id, none);
        }
    }
    house.sync("all", json!({})).await;
    let approvals = std::mem::take(&mut house.clockify.world().approvals);
    let job = house.sync("timesheets", json!({"night": 2})).await;
    assert_eq!(job.status, JobStatus::Failed);
    let error = job.error.unwrap();
    assert!(error.contains("62 of 62 records (timesheet)"), "{error}");
    let stopped = (FlagKind::SyncStopped, "timesheet".to_owned());
    assert_eq!(house.flags().await, std::slice::from_ref(&stopped));
    // Nor does a scan for an event, which settles what webhooks tell all the same.
    house
        .event(
            "APPROVAL_REQUEST_STATUS_UPDATED",
            &super::clockify::request_body(
                "bob-week",
                &Approval {
                    state: "REJECTED".to_owned(),
                    updated_at: at("2026-11-09T16:30:00Z"),
                    ..approvals["bob-week"].clone()
                },
            ),
        )
        .await
        .unwrap();
    assert_eq!(house.state_of("bob-week").await, "REJECTED");
    assert_eq!(house.shown_state("ann-3").await, "PENDING");
    assert_eq!(house.flags().await, [stopped]);

    house.clockify.world().approvals = approvals;
    let job = house.sync("timesheets", json!({"night": 3})).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    assert_eq!(house.flags().await, []);
}

/// The scan that another event needed says nothing of one that names no timesheet.
#[tokio::test]
async fn an_approval_event_that_names_nothing_stays_failed() {
    let house = synced().await;
    let refused = house
        .event("NEW_APPROVAL_REQUEST", &json!({"nothing": 1}))
        .await;
    assert!(refused.is_err());
    house.approval_event("bob-week").await.unwrap();
    let deliveries = house.deliveries().await;
    let outcomes: Vec<_> = deliveries
        .iter()
        .map(|delivery| (delivery.record_id.as_str(), delivery.outcome))
        .collect();
    assert!(outcomes.contains(&("", Outcome::Failed)), "{outcomes:?}");
    assert!(
        outcomes.contains(&("bob-week", Outcome::Applied)),
        "{outcomes:?}"
    );
}
