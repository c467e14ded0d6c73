//! Jobs, scans, deliveries, dead letters, flags, kept answers and the audit, on each engine alike.

use serde_json::json;

use super::{on_each_engine, read, samples::*, written};
use crate::{
    domain::{flags::FlagKind, ids::JobId, timesheet::TimesheetState},
    store::{
        Store, StoreError,
        audit::{self, AuditEntry, AuditFilter},
        dead_letter,
        delivery::{self, Arrival, DeliveryFilter, Outcome},
        flag::{self, FlagChanges, FlagFilter},
        idempotency::{self, KeptAnswer, RepeatKey},
        job::{self, JobFile, JobFilter, JobStatus, NewJob, Stats},
        lease::{Claim, Fence},
        scan::{self, Finish, Watermarks},
        timesheet,
        timesheet_miss::{self, ReadWhole},
        to_reread,
        tombstone::Grave,
    },
};

on_each_engine! {
    a_job_is_leased_saved_and_finished_under_its_fence,
    the_same_work_and_the_same_occasion_are_one_job,
    events_share_a_scan,
    a_delivery_is_counted_and_settled,
    a_dead_letter_is_filed_once_and_flagged_until_it_is_replayed,
    flags_are_raised_and_cleared_as_sets,
    an_answer_is_kept_for_who_repeats_the_question,
    the_audit_is_listed_newest_first,
    what_is_to_be_read_again_is_remembered,
    a_timesheet_that_was_missed_is_remembered,
}

/// A unit of work that must succeed.
macro_rules! done {
    ($store:expr, |$tx:ident| $work:expr) => {
        $store
            .write(async |mut $tx| $work.await)
            .await
            .expect("written")
    };
}

fn new_job<'a>(
    id: &'a JobId,
    params: &'a serde_json::Value,
    occasion: Option<&'a str>,
) -> NewJob<'a> {
    NewJob {
        id,
        kind: "sync:timesheets",
        params,
        requested_by: "timer nightly-sync",
        work_key: "sync:timesheets {}",
        occasion,
    }
}

async fn a_job_is_leased_saved_and_finished_under_its_fence(store: &Store) {
    let (id, params) = (JobId::from("j1"), json!({"full": true}));
    let requested = done!(store, |tx| job::request(
        &mut tx,
        &new_job(&id, &params, None)
    ));
    assert!(requested.is_new && requested.needs_message);

    let claimed = done!(store, |tx| job::claim(&mut tx, &id, "message 1"));
    let Claim::Ours(owned) = claimed else {
        panic!("{claimed:?}");
    };
    assert_eq!(
        (owned.fence, owned.job.status),
        (Fence(1), JobStatus::Running)
    );
    assert_eq!(owned.job.params, params);
    let other = done!(store, |tx| job::claim(&mut tx, &id, "message 2"));
    assert!(
        matches!(
            other,
            Claim::Held {
                seconds_left: 1..=60
            }
        ),
        "by the database's clock: {other:?}"
    );
    let again = done!(store, |tx| job::claim(&mut tx, &id, "message 1"));
    assert!(
        matches!(&again, Claim::Ours(owned) if owned.fence == Fence(2)),
        "{again:?}"
    );
    assert!(
        !done!(store, |tx| job::renew(&mut tx, &id, Fence(1))),
        "fenced off"
    );
    assert!(done!(store, |tx| job::renew(&mut tx, &id, Fence(2))));

    let (checkpoint, stats) = (
        json!({"page": 2}),
        Stats {
            read: 200,
            inserted: 3,
            ..Stats::default()
        },
    );
    for _ in 0..2 {
        done!(store, |tx| job::save(&mut tx, &id, &checkpoint, stats));
    }
    let files = [JobFile {
        name: "Nov-ABC-001.xlsx".into(),
        blob: "reports/j1/Nov-ABC-001.xlsx".into(),
        content_type: "application/zip".into(),
        size_bytes: 5_000_000_000,
    }];
    assert!(!done!(store, |tx| job::finish(
        &mut tx,
        &id,
        Fence(1),
        Ok(&files)
    )));
    assert!(done!(store, |tx| job::finish(
        &mut tx,
        &id,
        Fence(2),
        Ok(&files)
    )));
    let finished = read!(store, |tx| job::get(&mut tx, &id)).expect("the job");
    assert_eq!(
        (finished.status, &finished.files[..]),
        (JobStatus::Succeeded, &files[..])
    );
    assert_eq!((finished.stats.read, finished.stats.inserted), (400, 6));
    assert_eq!(finished.checkpoint, Some(checkpoint));
    let last = read!(store, |tx| job::last_success(&mut tx, "sync:timesheets"));
    assert_eq!(last, finished.finished_at);
    let claimed = done!(store, |tx| job::claim(&mut tx, &id, "message 3"));
    assert_eq!(claimed, Claim::NothingToDo);
}

async fn the_same_work_and_the_same_occasion_are_one_job(store: &Store) {
    let params = json!({});
    let [one, two, three] = ["j1", "j2", "j3"].map(JobId::from);
    let first = done!(store, |tx| job::request(
        &mut tx,
        &new_job(&one, &params, Some("nightly 1"))
    ));
    let same = done!(store, |tx| job::request(
        &mut tx,
        &new_job(&two, &params, Some("nightly 2"))
    ));
    assert_eq!((first.is_new, same.is_new, &same.id), (true, false, &one));
    assert!(done!(store, |tx| job::fail(
        &mut tx, &one, "message", "poisoned"
    )));
    let late = done!(store, |tx| job::request(
        &mut tx,
        &new_job(&two, &params, Some("nightly 1"))
    ));
    assert_eq!(
        (late.is_new, &late.id, late.needs_message),
        (false, &one, false)
    );
    let next = done!(store, |tx| job::request(
        &mut tx,
        &new_job(&three, &params, Some("nightly 3"))
    ));
    assert!(next.is_new);

    let filter = JobFilter {
        kind_prefix: Some("sync:".into()),
        ..JobFilter::default()
    };
    let listed = read!(store, |tx| job::list(&mut tx, &filter, 10));
    assert_eq!(
        listed.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(),
        ["j3", "j1"]
    );
    assert_eq!(listed[1].error.as_deref(), Some("poisoned"));
    for sign in ["%", "sync_", "[rst]ync", "!"] {
        let no_pattern = JobFilter {
            kind_prefix: Some(sign.into()),
            ..JobFilter::default()
        };
        assert_eq!(read!(store, |tx| job::list(&mut tx, &no_pattern, 10)), []);
    }
    let failed = JobFilter {
        status: Some(JobStatus::Failed),
        ..filter
    };
    assert_eq!(read!(store, |tx| job::list(&mut tx, &failed, 10)).len(), 1);
    assert_eq!(read!(store, |tx| job::abandoned(&mut tx, 300)), []);
    assert_eq!(read!(store, |tx| job::abandoned(&mut tx, -5)), [three]);
}

async fn events_share_a_scan(store: &Store) {
    let first = done!(store, |tx| scan::want(&mut tx, "message 1"));
    let Claim::Ours(owned) = first else {
        panic!("{first:?}");
    };
    let second = done!(store, |tx| scan::want(&mut tx, "message 2"));
    assert!(
        matches!(
            second,
            Claim::Held {
                seconds_left: 1..=60
            }
        ),
        "{second:?}"
    );
    assert_eq!(
        done!(store, |tx| scan::renew(&mut tx, owned.fence)),
        Some(2)
    );
    assert_eq!(
        done!(store, |tx| scan::finish(&mut tx, owned.fence, 1)),
        Finish::MoreWanted
    );
    assert_eq!(
        done!(store, |tx| scan::finish(&mut tx, owned.fence, 2)),
        Finish::Done
    );
    assert_eq!(
        done!(store, |tx| scan::finish(&mut tx, owned.fence, 2)),
        Finish::Lost
    );
    assert!(!read!(store, |tx| scan::is_left(&mut tx)));
    assert_eq!(
        done!(store, |tx| scan::claim(&mut tx, "message 3")),
        Claim::NothingToDo
    );

    let marks = |at: &str| Watermarks {
        approved: Some(instant(at)),
        withdrawn_approval: None,
    };
    for at in ["2026-11-08T15:00:00.123Z", "2026-11-08T15:00:00.122Z"] {
        done!(store, |tx| scan::raise_watermarks(&mut tx, &marks(at)));
    }
    let kept = read!(store, |tx| scan::watermarks(&mut tx));
    assert_eq!(kept, marks("2026-11-08T15:00:00.123Z"), "never back");
}

async fn a_delivery_is_counted_and_settled(store: &Store) {
    let state = TimesheetState::Approved;
    let arrival = |event_id: &'static str, at: &str| Arrival {
        event_type: "APPROVAL_REQUEST_STATUS_UPDATED",
        record_id: "s1",
        body_sha256: "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
        received_at: instant(at),
        event_id,
        told: Some((&state, instant("2026-11-08T15:00:00.123Z"))),
    };
    let mut ids = Vec::new();
    for (event, at) in [
        ("one", "2026-11-08T15:00:01Z"),
        ("one", "2026-11-08T15:00:02Z"),
        ("two", "2026-11-08T15:00:03Z"),
    ] {
        ids.push(done!(store, |tx| delivery::record(
            &mut tx,
            &arrival(event, at)
        )));
    }
    assert!(
        ids.iter().all(|id| *id == ids[0]),
        "equal bodies are one delivery"
    );
    done!(store, |tx| delivery::failed(
        &mut tx,
        &ids[0],
        "Clockify is away",
        false
    ));
    assert_eq!(
        read!(store, |tx| delivery::error_of(&mut tx, "two")).as_deref(),
        Some("Clockify is away")
    );
    let told = read!(store, |tx| delivery::recently_told(&mut tx, 600));
    assert_eq!(told[0].at, instant("2026-11-08T15:00:00.123Z"));
    let sheet = "s1".into();
    assert_eq!(
        read!(store, |tx| delivery::newest_told(&mut tx, &[&sheet])),
        told
    );
    assert_eq!(done!(store, |tx| delivery::settle_approvals(&mut tx)), 1);
    let filter = DeliveryFilter {
        outcome: Some(Outcome::Applied),
        ..DeliveryFilter::default()
    };
    let listed = read!(store, |tx| delivery::list(&mut tx, &filter, 10));
    assert_eq!((listed[0].times_seen, listed[0].failed_tries), (2, 1));
    assert_eq!(listed[0].last_received_at, instant("2026-11-08T15:00:03Z"));
}

async fn a_dead_letter_is_filed_once_and_flagged_until_it_is_replayed(store: &Store) {
    for is_new in [true, false] {
        let filed = done!(store, |tx| dead_letter::file(
            &mut tx,
            "jobs",
            "m1",
            "{\"👷\": 1}",
            "poisoned"
        ));
        assert_eq!(filed, is_new);
    }
    let waiting = read!(store, |tx| dead_letter::waiting(&mut tx, 10));
    assert_eq!(waiting[0].message, "{\"👷\": 1}");
    let id = &waiting[0].id;
    assert_eq!(
        read!(store, |tx| flag::list(&mut tx, &FlagFilter::default(), 10)).len(),
        1
    );
    done!(store, |tx| dead_letter::mark_replayed(
        &mut tx, id, "key it"
    ));
    let listed = read!(store, |tx| dead_letter::list(&mut tx, None, 10));
    assert_eq!(listed[0].replayed_by.as_deref(), Some("key it"));
    assert!(listed[0].replayed_at >= Some(listed[0].filed_at));
    assert_eq!(read!(store, |tx| dead_letter::waiting(&mut tx, 10)), []);
    assert_eq!(
        read!(store, |tx| flag::list(&mut tx, &FlagFilter::default(), 10)),
        []
    );
}

async fn flags_are_raised_and_cleared_as_sets(store: &Store) {
    use FlagKind::{EntryOverlap, EntryTooLong, EntryWithoutProject};
    let owned = [EntryTooLong, EntryWithoutProject];
    let changes = done!(store, |tx| flag::replace(
        &mut tx,
        "time_entry",
        &owned,
        &["n1", "n2"],
        &[("n1", EntryTooLong), ("n2", EntryWithoutProject)]
    ));
    assert_eq!(
        changes,
        FlagChanges {
            raised: 2,
            cleared: 0
        }
    );
    assert_eq!(
        done!(store, |tx| flag::raise(
            &mut tx,
            "time_entry",
            &[("n1", EntryOverlap)]
        )),
        1
    );
    let changes = done!(store, |tx| flag::replace(
        &mut tx,
        "time_entry",
        &owned,
        &["n1", "n2"],
        &[("n2", EntryWithoutProject), ("n2", EntryTooLong)]
    ));
    assert_eq!(
        changes,
        FlagChanges {
            raised: 1,
            cleared: 1
        },
        "another's kind stays"
    );
    let only = FlagFilter {
        kind: Some(EntryTooLong),
        ..FlagFilter::default()
    };
    let listed = read!(store, |tx| flag::list(&mut tx, &only, 10));
    assert_eq!(
        listed
            .iter()
            .map(|flag| flag.record_id.as_str())
            .collect::<Vec<_>>(),
        ["n2"]
    );
}

async fn an_answer_is_kept_for_who_repeats_the_question(store: &Store) {
    let key = RepeatKey {
        caller: "key power-app".into(),
        operation: "POST /lem-sheets".into(),
        key_hash: "k".repeat(64),
    };
    assert_eq!(
        done!(store, |tx| idempotency::claim(&mut tx, &key, "body")),
        None
    );
    done!(store, |tx| idempotency::keep(
        &mut tx,
        &key,
        201,
        "{\"id\": \"é👷\"}"
    ));
    let kept = done!(store, |tx| idempotency::claim(&mut tx, &key, "body"));
    let expected = KeptAnswer {
        body_hash: "body".into(),
        status: 201,
        answer: "{\"id\": \"é👷\"}".into(),
    };
    assert_eq!(kept, Some(expected));
    // A claim whose work failed is gone with it.
    let other = RepeatKey {
        key_hash: "l".repeat(64),
        ..key
    };
    let failed: Result<(), StoreError> = store
        .write(async |mut tx| {
            idempotency::claim(&mut tx, &other, "body").await?;
            Err(StoreError::Aborted)
        })
        .await;
    failed.expect_err("the work failed");
    assert_eq!(
        done!(store, |tx| idempotency::claim(&mut tx, &other, "body")),
        None
    );
}

async fn the_audit_is_listed_newest_first(store: &Store) {
    let change = |n: u32| AuditEntry {
        id: format!("a{n}"),
        at: instant("2026-11-08T15:00:00.123Z"),
        caller: "key power-app".into(),
        action: "sign".into(),
        record_kind: "lem_sheet".into(),
        record_id: format!("s{n}"),
        change: json!({"version": n, "after": {"notes": "½ 👷"}}),
    };
    for n in [1, 2] {
        done!(store, |tx| audit::record(&mut tx, &change(n)));
    }
    let all = read!(store, |tx| audit::list(
        &mut tx,
        &AuditFilter::default(),
        10
    ));
    assert_eq!(all, [change(2), change(1)]);
    let filter = AuditFilter {
        before: Some("a2".into()),
        record_kind: Some("lem_sheet".into()),
        ..AuditFilter::default()
    };
    assert_eq!(
        read!(store, |tx| audit::list(&mut tx, &filter, 10)),
        [change(1)]
    );
}

async fn what_is_to_be_read_again_is_remembered(store: &Store) {
    for _ in 0..2 {
        done!(store, |tx| to_reread::add(
            &mut tx,
            Grave::TimeEntry,
            &["n2", "n1", "n2"]
        ));
    }
    let listed = read!(store, |tx| to_reread::list(&mut tx, Grave::TimeEntry, 10));
    let [(first, first_noted), (second, second_noted)] = &listed[..] else {
        panic!("{listed:?}");
    };
    assert_eq!([first, second], ["n1", "n2"]);
    // Noted once more while it was read: it stays.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    done!(store, |tx| to_reread::add(
        &mut tx,
        Grave::TimeEntry,
        &["n2"]
    ));
    for (id, noted_at) in [("n1", first_noted), ("n2", second_noted)] {
        done!(store, |tx| to_reread::remove(
            &mut tx,
            Grave::TimeEntry,
            id,
            *noted_at
        ));
    }
    let left = read!(store, |tx| to_reread::list(&mut tx, Grave::TimeEntry, 10));
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].0, "n2");
}

async fn a_timesheet_that_was_missed_is_remembered(store: &Store) {
    let sheets = vec![
        timesheet("s1", TimesheetState::Pending),
        timesheet("s2", TimesheetState::Approved),
    ];
    written!(store, |tx, spent| timesheet::upsert_page(
        &mut tx, spent, &sheets
    ));
    let ticket = crate::store::ticket::draw(store).await.expect("a ticket");
    let untouched = async |read| -> Vec<(String, bool)> {
        read!(store, |tx| timesheet_miss::untouched(&mut tx, read, ticket))
            .into_iter()
            .map(|unseen| (unseen.timesheet.id.0, unseen.missed_before))
            .collect()
    };
    assert_eq!(
        untouched(ReadWhole::Pending).await,
        [("s1".to_owned(), false)]
    );
    let missed = "s1".into();
    done!(store, |tx| timesheet_miss::remember(
        &mut tx,
        ReadWhole::Pending,
        &[&missed]
    ));
    assert_eq!(
        untouched(ReadWhole::AllLists).await,
        [("s1".to_owned(), true), ("s2".to_owned(), false)]
    );
    done!(store, |tx| timesheet_miss::remember(
        &mut tx,
        ReadWhole::AllLists,
        &[]
    ));
    assert_eq!(
        untouched(ReadWhole::Pending).await,
        [("s1".to_owned(), false)]
    );
}
