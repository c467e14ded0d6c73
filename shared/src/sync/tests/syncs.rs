//! Whole syncs: first, quiet, killed, and those that find what changed late or vanished.

use std::time::Duration;

use serde_json::json;

use super::house::{House, entry, leave, project};
use crate::{
    crash_point::killed_at,
    domain::{flags::FlagKind, time::Rounding},
    jobs::{JobStatus, Stats},
    store::{
        References, client, employee, expense_category, group, holiday, policy,
        project as projects, tag, task, time_off_request,
    },
};

#[tokio::test]
async fn the_first_sync_stores_all_that_clockify_has() {
    let house = House::with_company().await;
    let job = house.sync("all", json!({})).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    let counts = house
        .store
        .read(async |mut tx| {
            let day = |text: &str| text.parse().unwrap();
            Ok::<_, crate::store::StoreError>([
                employee::list(&mut tx).await?.len(),
                group::list(&mut tx).await?.len(),
                client::list(&mut tx).await?.len(),
                projects::list(&mut tx).await?.len(),
                task::list(&mut tx).await?.len(),
                tag::list(&mut tx).await?.len(),
                policy::list(&mut tx).await?.len(),
                holiday::list(&mut tx).await?.len(),
                time_off_request::list(&mut tx, day("2026-01-01"), day("2026-12-31"), None)
                    .await?
                    .len(),
                expense_category::list(&mut tx).await?.len(),
            ])
        })
        .await
        .unwrap();
    assert_eq!(counts, [2, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    assert_eq!(house.expenses().await.len(), 2);
    assert_eq!(house.entries().await.len(), 10);
    assert_eq!(house.shown_state("ann-2").await, "PENDING");
    assert_eq!(house.flags().await, []);
}

/// `domain.md` §3: rounding is no rule of the record, so another one reaches entries that are read no more.
#[tokio::test]
async fn another_rounding_reaches_every_entry_once() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    // To three hours: a day of 8 h is 9 h.
    let rounding = Rounding { step_minutes: 180 };
    let house = house.rounding_by(rounding);
    for (night, updated) in [(2, 10), (3, 0)] {
        let job = house
            .sync("all", json!({"from": "2026-11-09", "night": night}))
            .await;
        assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
        assert_eq!(job.stats.updated, updated, "night {night}");
        for stored in house.entries().await {
            let seconds = stored.entry.duration_seconds;
            let hours = seconds.map(|seconds| rounding.hours(seconds));
            assert_eq!(stored.entry.hours, hours, "{}", stored.entry.id);
        }
    }
}

#[tokio::test]
async fn a_quiet_night_reads_little_and_writes_nothing() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    house.clockify.forget_requests();
    let before = super::dry_runs::all_rows(&house).await;
    let job = house.sync("all", json!({"night": 2})).await;
    assert_eq!(job.status, JobStatus::Succeeded);
    let after = super::dry_runs::all_rows(&house).await;
    assert_eq!(after, before, "no row is written");
    let written = Stats {
        read: 0,
        ..job.stats
    };
    assert_eq!(written, Stats::default(), "{:?}", job.stats);
    assert!(job.stats.read > 0);
    let requests = house.clockify.requests();
    assert!(requests.len() < 20, "{requests:#?}");
    assert!(
        !requests
            .iter()
            .any(|request| request.starts_with("GET user/"))
    );
    assert!(requests.contains(&"GET expenses page=1".to_owned()));
}

#[tokio::test]
async fn what_changed_late_and_what_vanished_is_found() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    {
        let mut world = house.clockify.world();
        // Late: an entry typed today for a month ago, one edited, one deleted; a project archived, a tag deleted.
        let late = entry(
            "ann-late",
            "ann",
            "2026-10-12T14:00:00Z",
            Some("2026-10-12T15:00:00Z"),
        );
        world.entries.insert("ann-late".into(), late);
        world.entries.get_mut("bob-3").unwrap()["description"] = json!("edited");
        world.entries.remove("bob-4");
        world
            .approvals
            .get_mut("bob-week")
            .unwrap()
            .entries
            .retain(|id| id != "bob-4");
        world.projects[0]["archived"] = json!(true);
        world
            .projects
            .push(project("bridge", "Bridge without a code"));
        world.time_off.clear();
    }
    let job = house.sync("all", json!({"night": 2})).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    assert!(house.entry("ann-late").await.is_some());
    assert_eq!(
        house.entry("bob-3").await.unwrap().entry.description,
        "edited"
    );
    assert!(house.entry("bob-4").await.is_none());
    let (archived, leave) = house
        .store
        .read(async |mut tx| {
            let river = projects::get(&mut tx, &"river".into()).await?.unwrap();
            let leave = time_off_request::get(&mut tx, &"leave-1".into()).await?;
            Ok::<_, crate::store::StoreError>((river.archived, leave))
        })
        .await
        .unwrap();
    assert!(archived);
    assert!(leave.is_none(), "withdrawn leave vanishes from the search");
    assert_eq!(
        house.flags().await,
        [(FlagKind::ProjectWithoutCode, "bridge".to_owned())]
    );
}

#[tokio::test]
async fn a_vanished_entry_is_deleted_only_if_clockify_says_that_it_is_gone() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    // The report and the person's list both lack it for a moment, yet it is there.
    let missing = house.clockify.world().entries.remove("ann-5").unwrap();
    house
        .clockify
        .before("GET time-entries/ann-5", move |world| {
            world.entries.insert("ann-5".into(), missing);
        });
    house.sync("all", json!({"night": 2})).await;
    assert!(house.entry("ann-5").await.is_some());
}

/// The first sync reaches back to `SYNC_FROM` (`domain.md` §8), also where somebody has synced a few days before it.
#[tokio::test]
async fn a_sync_of_chosen_days_is_not_the_first_sync() {
    let house = House::with_company().await;
    let start = "2026-08-04T15:00:00Z";
    let old = entry("old", "ann", start, Some("2026-08-04T23:00:00Z"));
    house.clockify.world().entries.insert("old".into(), old);
    let days = json!({"from": "2026-11-01", "to": "2026-11-14"});
    house.sync("all", days).await;
    assert!(house.entry("old").await.is_none());
    house.sync("all", json!({})).await;
    assert!(house.entry("old").await.is_some());
}

/// Rows slide between the pages of a list while it is read: somebody withdraws a request on the first page, and the
/// first row of the second page is never seen (`design.md` §5, *pages that shift while being read*).
#[tokio::test]
async fn a_row_that_slid_onto_a_page_already_read_has_not_vanished() {
    let house = House::with_company().await;
    house.clockify.world().time_off = (0..250)
        .map(|n| leave(&format!("leave-{n:03}"), "ann"))
        .collect();
    house.sync("all", json!({})).await;
    house
        .clockify
        .after("POST time-off/requests page=1", |world| {
            world.time_off.remove(0);
        });
    let job = house.sync("time-off", json!({})).await;
    assert_eq!(job.stats.deleted, 0, "{:?}", job.stats);
    let next = house.sync("time-off", json!({})).await;
    assert_eq!(next.stats.deleted, 1, "the one that was withdrawn");
}

#[tokio::test]
async fn a_sync_that_would_delete_too_much_stops_and_flags() {
    let house = House::with_company().await;
    {
        let mut world = house.clockify.world();
        for n in 0..60 {
            let start = format!("2026-10-{:02}T{:02}:00:00Z", 12 + n / 6, 10 + n % 6);
            let end = start.replace(":00:00Z", ":30:00Z");
            let id = format!("many-{n:02}");
            world
                .entries
                .insert(id.clone(), entry(&id, "ann", &start, Some(&end)));
        }
    }
    house.sync("all", json!({})).await;
    assert_eq!(house.entries().await.len(), 70);
    house
        .clockify
        .world()
        .entries
        .retain(|id, _| !id.starts_with("many"));
    let job = house.sync("all", json!({"night": 2})).await;
    assert_eq!(job.status, JobStatus::Failed);
    assert!(job.error.unwrap().contains("remove 60 of 66"));
    assert_eq!(house.entries().await.len(), 70, "nothing was deleted");
    let stopped = (FlagKind::SyncStopped, "time_entry".to_owned());
    assert!(house.flags().await.contains(&stopped));
}

/// `domain.md` §3, *A reference to something unknown*.
/// `TASK_UPDATED` is none of the ten webhooks that most plans allow, and a task's new name changes no row of its project:
/// the detailed report, which every night reads anyway, shows it. A night without one asks for no task.
#[tokio::test]
async fn a_renamed_task_is_followed_by_the_night() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    let tasks_asked = || -> Vec<String> {
        let requests = house.clockify.requests().into_iter();
        requests
            .filter(|request| request.contains("/tasks"))
            .collect()
    };
    let name = async || {
        house
            .store
            .read(async |mut tx| task::get(&mut tx, &"survey".into()).await)
            .await
            .unwrap()
            .unwrap()
            .name
    };
    for (night, renamed, asked) in [
        (2, "Survey", vec![]),
        (3, "Layout", vec!["GET projects/river/tasks/survey"]),
        (4, "Layout", vec![]),
    ] {
        house.clockify.world().tasks[0]["name"] = json!(renamed);
        house.clockify.forget_requests();
        house.sync("all", json!({"night": night})).await;
        assert_eq!(name().await, renamed, "night {night}");
        assert_eq!(tasks_asked(), asked, "night {night}");
    }
}

/// `design.md` §3: never a row-by-row loop. Clockify reads no user singly: its list is read once for all who are unknown.
#[tokio::test]
async fn all_unknown_people_are_looked_for_in_one_reading_of_the_list() {
    let house = House::new().await;
    let user =
        |n: usize| json!({"id": format!("u-{n:03}"), "name": format!("U {n}"), "status": "ACTIVE"});
    house.clockify.world().users.extend((0..250).map(user));
    let fetch = async |ids: Vec<String>| {
        house.clockify.forget_requests();
        let before = house.store.statements_run();
        let references = References {
            employees: ids.into_iter().map(Into::into).collect(),
            ..References::default()
        };
        let mirror = &house.events.mirror;
        mirror.fetch_unknown(references).await.unwrap();
        let statements = house.store.statements_run() - before;
        (house.clockify.requests(), statements)
    };
    let ids = |range: std::ops::Range<usize>| range.map(|n| format!("u-{n:03}")).collect();
    // The first leaves a stub of the workspace too.
    fetch(ids(0..1)).await;
    let (requests, for_one) = fetch(ids(1..2)).await;
    assert_eq!(requests, ["GET users page=1"]);
    let (requests, for_many) = fetch(ids(2..150)).await;
    assert_eq!(requests, ["GET users page=1"], "as far as the last of them");
    assert_eq!(for_one, for_many);
    let mut with_nobody: Vec<String> = ids(150..250);
    with_nobody.push("nobody".to_owned());
    let (requests, _) = fetch(with_nobody).await;
    // Twice, before anybody is called gone: a row may have slid from one page to the other.
    let once = ["GET users page=1", "GET users page=2"];
    assert_eq!(requests, [once, once].concat());
    let stored = house
        .store
        .read(async |mut tx| employee::list(&mut tx).await)
        .await
        .unwrap();
    assert_eq!(
        stored.len(),
        250,
        "whom Clockify does not know is no employee"
    );
}

#[tokio::test]
async fn what_is_referred_to_and_unknown_is_fetched_or_becomes_a_flagged_stub() {
    let house = House::with_company().await;
    {
        let mut world = house.clockify.world();
        world.entries.get_mut("ann-2").unwrap()["projectId"] = json!("ghost");
        world.entries.get_mut("ann-2").unwrap()["taskId"] = json!(null);
    }
    // Only timesheets: nothing that they refer to is known yet.
    let job = house.sync("timesheets", json!({})).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    assert_eq!(house.entries().await.len(), 10);
    let (river, ghost, ann) = house
        .store
        .read(async |mut tx| {
            Ok::<_, crate::store::StoreError>((
                projects::get(&mut tx, &"river".into()).await?.unwrap(),
                projects::get(&mut tx, &"ghost".into()).await?.unwrap(),
                employee::get(&mut tx, &"ann".into()).await?.unwrap(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(river.code.as_deref(), Some("ABC-001"));
    assert!(ghost.is_stub && !river.is_stub && !ann.is_stub);
    assert_eq!(
        house.flags().await,
        [(FlagKind::UnknownRecord, "ghost".to_owned())]
    );
    // It turns up: the flag goes.
    house
        .clockify
        .world()
        .projects
        .push(project("ghost", "G-1 - Ghost"));
    house.sync("projects", json!({})).await;
    assert_eq!(house.flags().await, []);
}

#[tokio::test]
async fn killed_in_mid_sync_it_goes_on_and_ends_the_same() {
    let calm = House::with_company().await;
    calm.sync("all", json!({})).await;
    for (place, passages) in [
        ("job.page_read", 8),
        ("job.page_applied", 14),
        ("reference.applied", 1),
    ] {
        for passage in 1..=passages {
            let house = calm.beside().await;
            let id = house.request("all", json!({})).await;
            let message = house.receive(crate::azure::queues::JOBS).await.unwrap();
            let run = house.jobs.run(super::house::delivered(&message));
            let killed = killed_at(place, passage, run).await.is_none();
            if place != "reference.applied" {
                assert!(killed, "{place} was not passed {passage} times");
            }
            house
                .jobs
                .run(super::house::delivered(&message))
                .await
                .unwrap();
            let job = house.job(&id).await;
            assert_eq!(
                job.status,
                JobStatus::Succeeded,
                "{place} {passage}: {:?}",
                job.error
            );
            assert_eq!(
                house.entries().await,
                calm.entries().await,
                "{place} {passage}"
            );
            assert_eq!(
                house.expenses().await,
                calm.expenses().await,
                "{place} {passage}"
            );
            assert_eq!(house.flags().await, calm.flags().await, "{place} {passage}");
        }
    }
}

#[tokio::test]
async fn in_slices_of_no_length_it_ends_the_same() {
    let calm = House::with_company().await;
    calm.sync("all", json!({})).await;
    let mut house = calm.beside().await;
    house.jobs = house.jobs.clone().with_slices_of(Duration::ZERO);
    let job = house.sync("all", json!({})).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    assert_eq!(house.entries().await, calm.entries().await);
    let again = house.sync("all", json!({"night": 2})).await;
    assert_eq!((again.stats.inserted, again.stats.updated), (0, 0));
}

#[tokio::test]
async fn clockify_away_for_a_while_fails_no_job() {
    let house = House::with_company().await;
    house.clockify.fail("GET tags", 503);
    let id = house.request("all", json!({})).await;
    house.run_jobs().await;
    let job = house.job(&id).await;
    assert_eq!(job.status, JobStatus::Running);
    assert!(job.error.unwrap().contains("status 503"));
    assert_eq!(
        house
            .queues
            .count(crate::azure::queues::JOBS)
            .await
            .unwrap(),
        1,
        "a copy waits"
    );

    house.clockify.fail("GET clients", 401);
    let refused = house.sync("clients", json!({})).await;
    assert_eq!(refused.status, JobStatus::Failed);
}

#[tokio::test]
async fn an_unknown_resource_or_a_window_that_ends_before_it_begins_fails_the_job() {
    let house = House::with_company().await;
    let unknown = house.sync("weather", json!({})).await;
    assert_eq!(unknown.status, JobStatus::Failed);
    let backwards = house
        .sync(
            "timesheets",
            json!({"from": "2026-03-02", "to": "2026-03-01"}),
        )
        .await;
    assert_eq!(backwards.status, JobStatus::Failed);
    assert!(house.entries().await.is_empty());
}

/// One record that Clockify refuses, otherwise than by calling it gone, hinders no other.
#[tokio::test]
async fn a_record_that_clockify_refuses_is_flagged_and_the_night_goes_on() {
    let house = House::with_company().await;
    let night = json!({"id": "night", "name": "NIGHT", "workspaceId": "ws-1"});
    house.clockify.world().tags.push(night);
    house.sync("all", json!({})).await;
    house.clockify.world().tags.pop();
    house.clockify.fail("GET tags/night", 409);
    let job = house.sync("all", json!({"night": 2})).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    let refused = (FlagKind::RecordUnreadable, "night".to_owned());
    assert_eq!(house.flags().await, [refused]);
    house.sync("all", json!({"night": 3})).await;
    assert_eq!(house.flags().await, []);
}

/// `domain.md` §3: a rejected request counts as deleted, whether an event or the night tells of it.
#[tokio::test]
async fn rejected_leave_is_deleted() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    let body = json!({"id": "leave-1", "workspaceId": "ws-1", "userId": "ann"});
    let set = |status: &str| {
        house.clockify.world().time_off[0]["status"]["statusType"] = json!(status);
    };
    let stored = async || {
        let day = |text: &str| text.parse().unwrap();
        let (first, last) = (day("2020-01-01"), day("2030-12-31"));
        house
            .store
            .read(async |mut tx| time_off_request::list(&mut tx, first, last, None).await)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(stored().await, 1);
    set("REJECTED");
    house
        .event("TIME_OFF_REQUEST_REJECTED", &body)
        .await
        .unwrap();
    assert_eq!(stored().await, 0);
    set("APPROVED");
    house
        .event("TIME_OFF_REQUEST_APPROVED", &body)
        .await
        .unwrap();
    assert_eq!(stored().await, 1);
    set("REJECTED");
    house.sync("time-off", json!({"night": 2})).await;
    assert_eq!(stored().await, 0);
}
