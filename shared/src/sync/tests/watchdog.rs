//! The watchdog: what failed for good is filed, what lost its message gets it again.

use std::time::Duration;

use serde_json::json;

use super::house::{House, entry_body, envelope};
use crate::{
    azure::queues::{CLOCKIFY_EVENTS, JOBS},
    crash_point::killed_at,
    domain::flags::FlagKind,
    jobs::{Delivered, JobStatus},
    store::{
        Statement, StoreError,
        dead_letter::{self, DeadLetter},
        scan,
    },
    sync::watchdog::{Found, Watchdog},
};

fn watchdog(house: &House) -> Watchdog {
    Watchdog::new(
        house.store.clone(),
        house.queues.clone(),
        house.jobs.clone(),
    )
}

async fn letters(house: &House) -> Vec<DeadLetter> {
    house
        .store
        .read(async |mut tx| dead_letter::list(&mut tx, None, 100).await)
        .await
        .unwrap()
}

/// Sends a message and lets it fail for good.
async fn poison(house: &House, queue: &str, text: &str) {
    house
        .queues
        .send(queue, text, Duration::ZERO)
        .await
        .unwrap();
    let message = house.receive(queue).await.unwrap();
    house.queues.poison(&message).await.unwrap();
}

#[tokio::test]
async fn an_event_that_failed_for_good_is_filed_with_its_error_and_can_be_replayed() {
    let house = House::with_company().await;
    let text = envelope("e-1", "NEW_TIME_ENTRY", &entry_body("ann-2")).to_text();
    house.clockify.fail("GET time-entries/ann-2", 403);
    let delivered = Delivered {
        message_id: "m",
        text: &text,
    };
    house.events.apply(delivered).await.unwrap_err();
    poison(&house, CLOCKIFY_EVENTS, &text).await;

    let found = watchdog(&house).run().await.unwrap();
    assert_eq!(found.filed, 1);
    let letters = letters(&house).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].queue, CLOCKIFY_EVENTS);
    assert!(
        letters[0].error.contains("Clockify refuses"),
        "{}",
        letters[0].error
    );
    assert_eq!(
        house.flags().await,
        [(FlagKind::DeadLetter, letters[0].id.clone())]
    );

    let replayed = Delivered {
        message_id: "m-2",
        text: &letters[0].message,
    };
    house.events.apply(replayed).await.unwrap();
    assert!(house.entry("ann-2").await.is_some());
    house
        .store
        .write(async |mut tx| dead_letter::mark_replayed(&mut tx, &letters[0].id, "mia").await)
        .await
        .unwrap();
    assert_eq!(house.flags().await, []);
}

#[tokio::test]
async fn killed_after_filing_it_files_nothing_twice() {
    let house = House::with_company().await;
    poison(&house, CLOCKIFY_EVENTS, "nonsense").await;
    let dog = watchdog(&house);
    assert!(killed_at("dead_letter.filed", 1, dog.run()).await.is_none());
    house.show_hidden_messages().await;
    assert_eq!(dog.run().await.unwrap().filed, 0);
    assert_eq!(letters(&house).await.len(), 1);
    house.show_hidden_messages().await;
    assert_eq!(dog.run().await.unwrap().filed, 0);
}

#[tokio::test]
async fn a_poisoned_job_has_failed_and_its_letter_makes_a_new_one() {
    let house = House::with_company().await;
    let id = house.request("tags", json!({})).await;
    let message = house.receive(JOBS).await.unwrap();
    house.queues.poison(&message).await.unwrap();
    watchdog(&house).run().await.unwrap();
    let job = house.job(&id).await;
    assert_eq!(job.status, JobStatus::Failed);
    assert!(job.error.unwrap().contains("five times"));
    let letter = letters(&house).await.remove(0);
    house
        .queues
        .send(JOBS, &letter.message, Duration::ZERO)
        .await
        .unwrap();
    house.run_jobs().await;
    let newest = house
        .jobs
        .list(&crate::jobs::JobFilter::default(), 1)
        .await
        .unwrap();
    assert_ne!(newest[0].id, id);
    assert_eq!(
        (newest[0].status, newest[0].kind.as_str()),
        (JobStatus::Succeeded, "sync:tags")
    );
}

#[tokio::test]
async fn an_open_job_that_nobody_works_on_gets_its_message_again() {
    const AGE: Statement = Statement::new("UPDATE job SET updated_at = {now + @seconds}");
    let house = House::with_company().await;
    let id = house.request("tags", json!({})).await;
    let lost = house.receive(JOBS).await.unwrap();
    house.queues.delete(&lost).await.unwrap();
    let dog = watchdog(&house);
    assert_eq!(dog.run().await.unwrap().jobs_sent, 0, "it is young");
    house
        .store
        .write(async |mut tx| tx.execute(&AGE, &[("@seconds", (-301_i64).into())]).await)
        .await
        .unwrap();
    assert_eq!(watchdog(&house).run().await.unwrap().jobs_sent, 1);
    house.run_jobs().await;
    assert_eq!(house.job(&id).await.status, JobStatus::Succeeded);
}

#[tokio::test]
async fn a_scan_that_nobody_makes_is_checked() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    let run = house.approval_event("ann-week");
    assert!(
        killed_at("scan.page_applied", 1, Box::pin(run))
            .await
            .is_none()
    );
    let dog = watchdog(&house);
    assert!(!dog.run().await.unwrap().scan_was_left, "its lease lives");
    house.expire_leases().await;
    assert!(dog.run().await.unwrap().scan_was_left);
    let check = house.receive(CLOCKIFY_EVENTS).await.unwrap();
    house
        .events
        .apply(super::house::delivered(&check))
        .await
        .unwrap();
    let (wanted, done, owned) = house.scan_row().await;
    assert_eq!((wanted, owned), (done, false));
}

/// `design.md` §3: idle connections are closed so that a serverless database can sleep; the watchdog looks at queues
/// first.
#[tokio::test]
async fn with_empty_queues_it_lets_the_database_sleep() {
    let house = House::with_company().await;
    let dog = watchdog(&house);
    dog.run().await.unwrap();
    let statements = house.store.statements_run();
    assert_eq!(dog.run().await.unwrap(), Found::default());
    assert_eq!(house.store.statements_run(), statements);
}

/// A scan that fails for good, as with a key that is no longer valid, is told once, until a scan succeeds.
#[tokio::test]
async fn a_scan_that_always_fails_leaves_one_letter() {
    let house = House::with_company().await;
    let dog = watchdog(&house);
    house
        .store
        .write(async |mut tx| {
            scan::want(&mut tx, "m-1").await?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    house.expire_leases().await;
    assert!(dog.run().await.unwrap().scan_was_left);
    let check = house.receive(CLOCKIFY_EVENTS).await.unwrap();
    house.queues.poison(&check).await.unwrap();
    for _ in 0..3 {
        assert!(!watchdog(&house).run().await.unwrap().scan_was_left);
    }
    assert_eq!(
        house
            .receive(CLOCKIFY_EVENTS)
            .await
            .map(|message| message.text),
        None
    );
    let waiting = letters(&house).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(house.flags().await.len(), 1);

    house.approval_event("ann-week").await.unwrap();
    assert_eq!(house.flags().await, []);
    let letters = letters(&house).await;
    assert_eq!(letters[0].replayed_by.as_deref(), Some("a later scan"));
}
