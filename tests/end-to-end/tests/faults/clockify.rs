//! Clockify slow, limited, broken, away; pages that shift while they are read; records that are gone.

use clockify_sim::{Fault, Trouble};
use end_to_end::{company::company, database::assert_same, story::Story};
use serde_json::json;

use crate::{assert_equals_clockify, record_an_hour};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clockify_has_trouble_while_events_are_applied() {
    let story = company(12).weeks(1).synced().play().await;
    let troubles = [
        Trouble::Slow(700),
        Trouble::Status(500),
        Trouble::Html,
        Trouble::TooMany(None),
        Trouble::TooMany(Some(1)),
        Trouble::HalfBody,
        Trouble::Cut,
        Trouble::LoseReply,
    ];
    for (hour, trouble) in (2..).zip(troubles) {
        // More often than one call is repeated: the event itself has to come again.
        let fault = Fault::once("*/time-entries/*", trouble).times(5);
        story.control.add_fault(&fault).await.expect("a fault");
        record_an_hour(&story, 6, hour).await;
        record_an_hour(&story, 7, hour).await;
        story.settled_for_good().await;
        story.control.clear_faults().await.expect("over");
    }
    assert_equals_clockify(&story).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clockify_has_trouble_while_everything_is_synced() {
    let expected = company(12).weeks(2).synced().play().await;
    let expected = expected.database().domain();
    let story = company(12).weeks(2).play().await;
    for (path, trouble) in [
        ("*/users*", Trouble::Html),
        ("*/projects*", Trouble::HalfBody),
        ("*/approval-requests*", Trouble::TooMany(Some(1))),
        ("*/reports/detailed", Trouble::Cut),
        ("*/time-entries*", Trouble::Status(503)),
        ("*/time-off/*", Trouble::LoseReply),
    ] {
        let fault = Fault::once(path, trouble).times(2);
        story.control.add_fault(&fault).await.expect("a fault");
    }
    let slow = Fault::once("*/holidays*", Trouble::Slow(500));
    story.control.add_fault(&slow).await.expect("a fault");
    let job = story.ask_for_sync("all", &json!({})).await;
    story.settled_for_good().await;
    story.succeeded(&job).await;
    no_fault_is_left(&story).await;
    assert_same(&story.database().domain(), &expected);
}

/// Rows put in front of a list make a page repeat some of the page before. Rows taken away make it leave some out,
/// which have not vanished.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_shift_while_everything_is_synced() {
    let story = company(45).weeks(4).synced().play().await;
    let expected = story.database().as_clockify_lists();
    for rows in [2, -2] {
        for path in ["*/approval-requests", "*/reports/detailed"] {
            let fault = Fault::once(path, Trouble::Shift(rows));
            story.control.add_fault(&fault).await.expect("a fault");
        }
        let job = story.ask_for_sync("all", &json!({"full": true})).await;
        let job = story.succeeded(&job).await;
        no_fault_is_left(&story).await;
        assert_eq!(job["stats"]["deleted"], 0, "{rows}: {job}");
        assert_same(&story.database().as_clockify_lists(), &expected);
    }
}

async fn no_fault_is_left(story: &Story) {
    let status = story.control.status().await.expect("a status");
    assert_eq!(status.faults_left, 0, "each trouble was met");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_is_gone_before_its_event_is_applied() {
    let story = company(12).weeks(1).synced().play().await;
    // Away until the entry is deleted, so that NEW_TIME_ENTRY is applied after that.
    let away = Fault::once("*/time-entries/*", Trouble::Status(503)).times(4);
    story.control.add_fault(&away).await.expect("away");
    let entry = record_an_hour(&story, 6, 2).await;
    story.control.delete_entry(entry).await.expect("deleted");
    story.settled_for_good().await;
    let stored = format!("SELECT COUNT(*) FROM time_entry WHERE id = '{entry}'");
    assert_eq!(story.database().number(&stored), 0);
    assert_equals_clockify(&story).await;
    story.control.restore_entry(entry).await.expect("restored");
    story.settled_for_good().await;
    assert_eq!(
        story.database().number(&stored),
        1,
        "a restore lifts the tombstone"
    );
    assert_equals_clockify(&story).await;
}
