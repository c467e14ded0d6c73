use std::collections::HashSet;

use tempfile::TempDir;

use super::*;
use crate::{
    azure::queues::{JOBS, MAX_MESSAGE_BYTES, Queues},
    settings::QueueUrl,
};

const MINUTE: Duration = Duration::from_mins(1);

fn queues() -> (TempDir, Queues) {
    let folder = TempDir::new().expect("a folder for the test");
    let queues = open(&folder);
    (folder, queues)
}

fn open(folder: &TempDir) -> Queues {
    Queues::open(&QueueUrl::Sqlite(folder.path().join("deep/queue.db"))).expect("a queue file")
}

async fn send(queues: &Queues, text: &str) {
    queues
        .send(JOBS, text, Duration::ZERO)
        .await
        .expect("a message is taken");
}

async fn receive_one(queues: &Queues, visibility: Duration) -> Message {
    let mut received = queues.receive(JOBS, 1, visibility).await.expect("received");
    assert_eq!(received.len(), 1);
    received.remove(0)
}

#[tokio::test]
async fn a_received_message_is_hidden_until_its_lease_ends_and_counts_its_tries() {
    let (_folder, queues) = queues();
    send(&queues, "one").await;
    let first = receive_one(&queues, Duration::ZERO).await;
    assert_eq!((first.text.as_str(), first.dequeue_count), ("one", 1));
    let second = receive_one(&queues, MINUTE).await;
    assert_eq!((&second.id, second.dequeue_count), (&first.id, 2));
    assert!(second.next_visible_at > first.next_visible_at);
    assert_eq!(queues.receive(JOBS, 32, MINUTE).await, Ok(vec![]));
}

#[tokio::test]
async fn a_renewal_changes_the_receipt_and_the_old_one_is_worth_nothing() {
    let (_folder, queues) = queues();
    send(&queues, "one").await;
    let stale = receive_one(&queues, MINUTE).await;
    let mut held = stale.clone();
    queues.renew(&mut held, 2 * MINUTE).await.expect("renewed");
    assert_ne!(held.pop_receipt, stale.pop_receipt);
    assert!(held.next_visible_at > stale.next_visible_at);
    let not_found = |outcome| matches!(outcome, Err(StorageError::NotFound(_)));
    assert!(not_found(queues.delete(&stale).await));
    assert!(not_found(queues.release(&stale, Duration::ZERO).await));
    assert!(not_found(queues.poison(&stale).await));
    queues.delete(&held).await.expect("deleted");
    assert_eq!(queues.count(JOBS).await, Ok(0));
}

#[tokio::test]
async fn a_released_message_comes_again_after_its_delay() {
    let (_folder, queues) = queues();
    send(&queues, "one").await;
    let held = receive_one(&queues, MINUTE).await;
    queues.release(&held, MINUTE).await.expect("released");
    assert_eq!(queues.receive(JOBS, 1, MINUTE).await, Ok(vec![]));
    let file = queues.file().expect("a file");
    assert_eq!(file.hasten(JOBS).await, Ok(1));
    assert_eq!(receive_one(&queues, MINUTE).await.dequeue_count, 2);
}

#[tokio::test]
async fn a_delayed_message_is_counted_and_not_received() {
    let (_folder, queues) = queues();
    queues.send(JOBS, "late", MINUTE).await.expect("taken");
    send(&queues, "now").await;
    send(&queues, "next").await;
    assert_eq!(receive_one(&queues, MINUTE).await.text, "now");
    let file = queues.file().expect("a file");
    let expected = Counts {
        ready: 1,
        leased: 1,
        delayed: 1,
    };
    assert_eq!(file.counts(JOBS).await, Ok(expected));
    assert_eq!(queues.count(JOBS).await, Ok(3));
}

#[tokio::test]
async fn a_poisoned_message_moves_with_its_text_and_waits_until_it_is_filed() {
    let (_folder, queues) = queues();
    send(&queues, "bad").await;
    let held = receive_one(&queues, MINUTE).await;
    queues.poison(&held).await.expect("moved");
    assert_eq!(queues.count(JOBS).await, Ok(0));
    let dead = queues.take_poisoned(JOBS, 10).await.expect("taken");
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].text.as_str(), dead[0].dequeue_count), ("bad", 1));
    assert_ne!(dead[0].id, held.id);
    assert_eq!(queues.take_poisoned(JOBS, 10).await, Ok(vec![]));
    queues.delete(&dead[0]).await.expect("filed");
    assert_eq!(queues.count("jobs-poison").await, Ok(0));
}

#[tokio::test]
async fn a_message_holds_64_kib_and_no_byte_more() {
    let (_folder, queues) = queues();
    send(&queues, &"é".repeat(MAX_MESSAGE_BYTES / 2)).await;
    let outcome = queues
        .send(JOBS, &"x".repeat(MAX_MESSAGE_BYTES + 1), Duration::ZERO)
        .await;
    let expected = StorageError::TooLarge {
        size_bytes: 65_537,
        limit_bytes: 65_536,
    };
    assert_eq!(outcome, Err(expected));
}

#[tokio::test]
async fn names_texts_and_delays_that_azure_refuses_are_refused_here() {
    let (_folder, queues) = queues();
    for (queue, text, delay) in [
        ("Jobs", "x", Duration::ZERO),
        ("jo", "x", Duration::ZERO),
        ("jobs--poison", "x", Duration::ZERO),
        ("-jobs", "x", Duration::ZERO),
        ("jobs_1", "x", Duration::ZERO),
        ("jobs", "nul \u{0}", Duration::ZERO),
        ("jobs", "\u{FFFE}", Duration::ZERO),
        ("jobs", "x", Duration::from_secs(604_801)),
    ] {
        let outcome = queues.send(queue, text, delay).await;
        assert!(
            matches!(outcome, Err(StorageError::Refused(_))),
            "{queue:?} {text:?} {delay:?}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn several_processes_share_the_file_and_each_message_goes_to_one_of_them() {
    let folder = TempDir::new().expect("a folder for the test");
    let openings: Vec<_> = (0..4)
        .map(|_| {
            let path = folder.path().join("deep/queue.db");
            std::thread::spawn(move || Queues::open(&QueueUrl::Sqlite(path)))
        })
        .collect();
    let all: Vec<Queues> = openings
        .into_iter()
        .map(|opening| opening.join().expect("no panic").expect("opened"))
        .collect();
    let sends = (0..100).map(|n| {
        let queues = all[n % all.len()].clone();
        tokio::spawn(async move { queues.send(JOBS, &n.to_string(), Duration::ZERO).await })
    });
    for sent in sends.collect::<Vec<_>>() {
        sent.await.expect("no panic").expect("sent");
    }
    let mut seen = HashSet::new();
    for round in 0.. {
        let received = all[round % all.len()].receive(JOBS, 7, MINUTE).await;
        let received = received.expect("received");
        if received.is_empty() {
            break;
        }
        for message in received {
            assert!(seen.insert(message.text), "received twice");
        }
    }
    assert_eq!(seen.len(), 100);
}

#[tokio::test]
async fn what_was_sent_is_there_after_the_process_is_gone() {
    let (folder, queues) = queues();
    send(&queues, "kept").await;
    // As a kill would: nothing is closed.
    std::mem::forget(queues);
    assert_eq!(receive_one(&open(&folder), MINUTE).await.text, "kept");
}
