//! Jobs on a real database and real queues, killed where it hurts (`design.md` §2, *Jobs*; §5).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use serde_json::json;

use super::{
    Delivered, JobKind, JobMessage, JobRequest, JobStatus, Jobs, Progress, SYNC, Slice, Stats,
    Work, WorkError,
};
use crate::{
    azure::queues::{JOBS, Message, Queues},
    crash_point::{crash_point, killed_at},
    domain::ids::JobId,
    settings::{DatabaseUrl, QueueUrl},
    store::{Statement, Store},
};

const PAGES: u32 = 5;
const LATER: Duration = Duration::from_hours(1);

/// Adds one to a counter per page: a page done twice, or never, shows.
#[derive(Clone, Default)]
struct Counting {
    /// How many more pages fail in a way that passes.
    failing: Arc<AtomicU32>,
    /// Fails for good at this page.
    refused_page: Option<u32>,
    /// What another does to the job just before a page is written.
    disturbance: Option<Arc<dyn Fn(u32) -> BoxFuture<'static, ()> + Send + Sync>>,
}

impl Work for Counting {
    fn run<'a>(&'a self, slice: &'a Slice) -> BoxFuture<'a, Result<Progress, WorkError>> {
        Box::pin(async move {
            let first: u32 = slice.checkpoint()?.unwrap_or(0);
            for page in first..PAGES {
                if page > first && slice.is_spent() {
                    return Ok(Progress::More);
                }
                if self
                    .failing
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                        left.checked_sub(1)
                    })
                    .is_ok()
                {
                    return Err(WorkError::Transient {
                        cause: "the other side is away".into(),
                        retry_after: None,
                    });
                }
                if self.refused_page == Some(page) {
                    return Err(WorkError::Permanent("page refused".into()));
                }
                if let Some(disturbance) = &self.disturbance {
                    disturbance(page).await;
                }
                slice
                    .store()
                    .write(async |mut tx| {
                        const ADD: Statement = Statement::new(
                            "UPDATE counter SET value = value + 1 WHERE name = 'test'",
                        );
                        slice.hold(&mut tx).await?;
                        tx.execute(&ADD, &[]).await?;
                        let done = Stats {
                            read: 1,
                            updated: 1,
                            ..Stats::default()
                        };
                        slice.save(&mut tx, &(page + 1), done).await
                    })
                    .await?;
                crash_point("job.page_applied");
            }
            Ok(Progress::Done(vec![]))
        })
    }
}

struct House {
    store: Store,
    queues: Queues,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("clocking.db"))).unwrap();
        store.migrate().await.unwrap();
        store
            .write(async |mut tx| {
                const COUNTER: Statement = Statement::new(
                    "INSERT INTO counter (name, value, created_at, updated_at) VALUES ('test', 0, {now}, {now})",
                );
                tx.execute(&COUNTER, &[]).await
            })
            .await
            .unwrap();
        let queues = Queues::open(&QueueUrl::Sqlite(folder.path().join("queue.db"))).unwrap();
        Self {
            store,
            queues,
            _folder: folder,
        }
    }

    fn jobs(&self, work: Counting) -> Jobs {
        Jobs::new(self.store.clone(), self.queues.clone()).with(SYNC, work)
    }

    async fn counted(&self) -> i64 {
        const READ: Statement = Statement::new("SELECT value FROM counter WHERE name = 'test'");
        self.store
            .read(async |mut tx| tx.query_one(&READ, &[]).await?.unwrap().int("value"))
            .await
            .unwrap()
    }

    /// All messages that are visible now.
    async fn messages(&self) -> Vec<Message> {
        self.queues.receive(JOBS, 32, LATER).await.unwrap()
    }

    async fn only_message(&self) -> Message {
        let mut messages = self.messages().await;
        assert_eq!(messages.len(), 1, "{messages:?}");
        messages.remove(0)
    }

    async fn expire_leases(&self) {
        const EXPIRE: Statement =
            Statement::new("UPDATE job SET expires_at = {now} WHERE expires_at IS NOT NULL");
        self.store
            .write(async |mut tx| tx.execute(&EXPIRE, &[]).await)
            .await
            .unwrap();
    }
}

fn wanted(params: serde_json::Value) -> JobRequest {
    JobRequest {
        kind: JobKind::new(SYNC, "tags"),
        params,
        requested_by: "test".into(),
        occasion: None,
    }
}

fn delivered(message: &Message) -> Delivered<'_> {
    Delivered {
        message_id: &message.id,
        text: &message.text,
    }
}

async fn status(jobs: &Jobs, id: &JobId) -> JobStatus {
    jobs.get(id).await.unwrap().unwrap().status
}

#[tokio::test]
async fn a_job_runs_to_its_end_and_says_what_it_did() {
    let house = House::new().await;
    let jobs = house.jobs(Counting::default());
    let id = jobs.request(&wanted(json!({}))).await.unwrap().id;
    assert_eq!(status(&jobs, &id).await, JobStatus::Queued);
    jobs.run(delivered(&house.only_message().await))
        .await
        .unwrap();
    let job = jobs.get(&id).await.unwrap().unwrap();
    assert_eq!(job.status, JobStatus::Succeeded);
    assert_eq!((job.stats.read, job.stats.updated), (5, 5));
    assert!(job.started_at.is_some() && job.finished_at.is_some());
    assert_eq!(house.counted().await, 5);
    assert!(house.messages().await.is_empty());
}

#[tokio::test]
async fn the_same_work_asked_twice_while_open_is_one_job() {
    let house = House::new().await;
    let jobs = house.jobs(Counting::default());
    let first = jobs
        .request(&wanted(json!({"from": "2026-01-01", "to": "2026-01-31"})))
        .await
        .unwrap();
    let same = jobs
        .request(&wanted(json!({"to": "2026-01-31", "from": "2026-01-01"})))
        .await
        .unwrap();
    let other = jobs
        .request(&wanted(json!({"from": "2026-02-01"})))
        .await
        .unwrap();
    assert_eq!(first.id, same.id);
    assert!(first.is_new && !same.is_new && other.is_new);
    assert_ne!(first.id, other.id);
    for message in house.messages().await {
        jobs.run(delivered(&message)).await.unwrap();
    }
    let again = jobs
        .request(&wanted(json!({"from": "2026-01-01", "to": "2026-01-31"})))
        .await
        .unwrap();
    assert!(again.is_new, "a closed job serves no new request");
}

#[tokio::test]
async fn an_occasion_makes_one_job_ever() {
    let house = House::new().await;
    let jobs = house.jobs(Counting::default());
    let tick = JobRequest {
        occasion: Some("nightly 2026-11-02T11:00:00Z".into()),
        ..wanted(json!({}))
    };
    let first = jobs.request(&tick).await.unwrap();
    jobs.run(delivered(&house.only_message().await))
        .await
        .unwrap();
    let late = jobs.request(&tick).await.unwrap();
    assert_eq!((late.id, late.is_new), (first.id, false));
    assert!(
        house.messages().await.is_empty(),
        "a late tick starts nothing"
    );
    let next = JobRequest {
        occasion: Some("nightly 2026-11-03T11:00:00Z".into()),
        ..wanted(json!({}))
    };
    assert!(jobs.request(&next).await.unwrap().is_new);
}

#[tokio::test]
async fn killed_anywhere_it_goes_on_from_its_checkpoint_and_does_no_page_twice() {
    let places = [
        ("job.claimed", 1),
        ("job.page_applied", 1),
        ("job.page_applied", 3),
        ("job.page_applied", 5),
        ("job.released", 2),
        ("job.passed_on", 2),
        ("job.finished", 1),
    ];
    for (place, passage) in places {
        let house = House::new().await;
        // One page per slice, so that every place is passed.
        let jobs = house
            .jobs(Counting::default())
            .with_slices_of(Duration::ZERO);
        let id = jobs.request(&wanted(json!({}))).await.unwrap().id;
        let (mut kills, mut runs) = (0, 0);
        let mut waiting = house.messages().await;
        let work = async {
            while let Some(message) = waiting.first().cloned() {
                runs += 1;
                assert!(runs < 30, "{place}: the messages do not end");
                jobs.run(delivered(&message)).await.unwrap();
                waiting.remove(0);
                waiting.extend(house.messages().await);
            }
        };
        if killed_at(place, passage, work).await.is_none() {
            kills += 1;
        }
        assert_eq!(kills, 1, "{place} was never passed");
        // The message that was being handled comes again, whatever else was sent.
        waiting.extend(house.messages().await);
        while let Some(message) = waiting.first().cloned() {
            jobs.run(delivered(&message)).await.unwrap();
            waiting.remove(0);
            waiting.extend(house.messages().await);
        }
        assert_eq!(status(&jobs, &id).await, JobStatus::Succeeded, "{place}");
        assert_eq!(house.counted().await, 5, "{place}");
    }
}

#[tokio::test]
async fn killed_before_its_message_was_sent_a_job_is_sent_by_whoever_finds_it() {
    let house = House::new().await;
    let jobs = house.jobs(Counting::default());
    let request = wanted(json!({}));
    assert!(
        killed_at("job.created", 1, jobs.request(&request))
            .await
            .is_none()
    );
    assert!(house.messages().await.is_empty());
    let found = jobs.request(&request).await.unwrap();
    assert!(!found.is_new);
    jobs.run(delivered(&house.only_message().await))
        .await
        .unwrap();
    assert_eq!(status(&jobs, &found.id).await, JobStatus::Succeeded);
}

#[tokio::test]
async fn another_message_waits_for_the_lease_and_the_same_one_takes_it_at_once() {
    let house = House::new().await;
    let jobs = house.jobs(Counting::default());
    let id = jobs.request(&wanted(json!({}))).await.unwrap().id;
    let message = house.only_message().await;
    let killed = killed_at("job.page_applied", 2, jobs.run(delivered(&message))).await;
    assert!(killed.is_none());

    let other = Delivered {
        message_id: "another",
        text: &message.text,
    };
    jobs.run(other).await.unwrap();
    assert_eq!(house.counted().await, 2, "the lease is not the other's");
    assert!(house.messages().await.is_empty(), "its copy is delayed");
    assert_eq!(house.queues.count(JOBS).await.unwrap(), 2);

    jobs.run(delivered(&message)).await.unwrap();
    assert_eq!(house.counted().await, 5);
    assert_eq!(status(&jobs, &id).await, JobStatus::Succeeded);
}

#[tokio::test]
async fn after_the_lease_expired_any_message_goes_on() {
    let house = House::new().await;
    let jobs = house.jobs(Counting::default());
    jobs.request(&wanted(json!({}))).await.unwrap();
    let message = house.only_message().await;
    assert!(
        killed_at("job.page_applied", 2, jobs.run(delivered(&message)))
            .await
            .is_none()
    );
    house.expire_leases().await;
    let other = Delivered {
        message_id: "another",
        text: &message.text,
    };
    jobs.run(other).await.unwrap();
    assert_eq!(house.counted().await, 5);
}

#[tokio::test]
async fn an_owner_that_wakes_after_another_took_over_writes_nothing() {
    let house = House::new().await;
    let request = wanted(json!({}));
    let plain = house.jobs(Counting::default());
    plain.request(&request).await.unwrap();
    let message = house.only_message().await;

    // While the first owner sleeps before page 2, the message is delivered again and does everything.
    let text = message.text.clone();
    let id = message.id.clone();
    let again = plain.clone();
    let sleeper = house.jobs(Counting {
        disturbance: Some(Arc::new(move |page| {
            let (text, id, again) = (text.clone(), id.clone(), again.clone());
            Box::pin(async move {
                if page == 2 {
                    let delivered = Delivered {
                        message_id: &id,
                        text: &text,
                    };
                    again.run(delivered).await.unwrap();
                }
            })
        })),
        ..Counting::default()
    });
    sleeper.run(delivered(&message)).await.unwrap();
    assert_eq!(house.counted().await, 5);
    assert!(house.messages().await.is_empty());
}

#[tokio::test]
async fn what_passes_is_tried_again_later_and_what_does_not_fails_the_job() {
    let house = House::new().await;
    let failing = Arc::new(AtomicU32::new(1));
    let jobs = house.jobs(Counting {
        failing: Arc::clone(&failing),
        ..Counting::default()
    });
    let id = jobs.request(&wanted(json!({}))).await.unwrap().id;
    let message = house.only_message().await;
    jobs.run(delivered(&message)).await.unwrap();
    let job = jobs.get(&id).await.unwrap().unwrap();
    assert_eq!(job.status, JobStatus::Running);
    assert_eq!(job.error.as_deref(), Some("the other side is away"));
    assert!(
        house.messages().await.is_empty(),
        "the copy comes a minute later"
    );
    assert_eq!(house.queues.count(JOBS).await.unwrap(), 2);

    let mut copy: JobMessage = serde_json::from_str(&message.text).unwrap();
    assert_eq!(copy.job, id);
    copy.tries = None;
    let text = copy.to_text();
    let delivered_copy = Delivered {
        message_id: "copy",
        text: &text,
    };
    jobs.run(delivered_copy).await.unwrap();
    let job = jobs.get(&id).await.unwrap().unwrap();
    assert_eq!((job.status, job.error), (JobStatus::Succeeded, None));

    let refusing = house.jobs(Counting {
        refused_page: Some(1),
        ..Counting::default()
    });
    let id = refusing
        .request(&wanted(json!({"other": 1})))
        .await
        .unwrap()
        .id;
    refusing
        .run(delivered(&house.only_message().await))
        .await
        .unwrap();
    let job = refusing.get(&id).await.unwrap().unwrap();
    assert_eq!(job.status, JobStatus::Failed);
    assert_eq!(job.error.as_deref(), Some("page refused"));
    assert_eq!(job.stats.updated, 1, "what was done before stays");
}

#[tokio::test]
async fn a_failure_that_lasts_a_day_fails_the_job() {
    let house = House::new().await;
    let jobs = house.jobs(Counting {
        failing: Arc::new(AtomicU32::new(9)),
        ..Counting::default()
    });
    let id = jobs.request(&wanted(json!({}))).await.unwrap().id;
    let message = house.only_message().await;
    let mut old: JobMessage = serde_json::from_str(&message.text).unwrap();
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(25);
    old.tries = Some(super::resend::Tries::after(None, "away", yesterday));
    let text = old.to_text();
    let delivered = Delivered {
        message_id: "old",
        text: &text,
    };
    jobs.run(delivered).await.unwrap();
    let job = jobs.get(&id).await.unwrap().unwrap();
    assert_eq!(job.status, JobStatus::Failed);
    assert!(job.error.unwrap().contains("gave up after 2 tries"));
}

#[tokio::test]
async fn a_message_of_another_kind_is_an_error_and_an_unknown_family_fails_the_job() {
    let house = House::new().await;
    let jobs = house.jobs(Counting::default());
    for text in ["", "{}", "[1]", "{\"v\":1}"] {
        let delivered = Delivered {
            message_id: "m",
            text,
        };
        assert!(jobs.run(delivered).await.is_err(), "{text}");
    }
    let request = JobRequest {
        kind: JobKind::new("dance", "tango"),
        ..wanted(json!({}))
    };
    let id = jobs.request(&request).await.unwrap().id;
    jobs.run(delivered(&house.only_message().await))
        .await
        .unwrap();
    assert_eq!(status(&jobs, &id).await, JobStatus::Failed);
}

/// `design.md` §3: "retried with growing waits up to 90 s in jobs, 5 s in HTTP".
#[tokio::test]
async fn work_waits_longer_for_a_sleeping_database_than_callers_do() {
    struct Waits;
    impl Work for Waits {
        fn run<'a>(&'a self, slice: &'a Slice) -> BoxFuture<'a, Result<Progress, WorkError>> {
            Box::pin(async move {
                assert_eq!(slice.store().patience(), Duration::from_secs(90));
                Ok(Progress::Done(vec![]))
            })
        }
    }
    let house = House::new().await;
    assert_eq!(house.store.patience(), Duration::from_secs(5));
    let jobs = Jobs::new(house.store.clone(), house.queues.clone()).with(SYNC, Waits);
    let id = jobs.request(&wanted(json!({}))).await.unwrap().id;
    jobs.run(delivered(&house.only_message().await))
        .await
        .unwrap();
    assert_eq!(status(&jobs, &id).await, JobStatus::Succeeded);
}
