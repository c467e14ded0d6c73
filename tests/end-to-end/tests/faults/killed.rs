//! The handler dies at each named place, and at random.

use std::time::Duration;

use clockify_sim::{Command, EntryChange, Fault, SheetState, Trouble};
use end_to_end::{burst::Burst, company::company, people::Person, story::Story};
use local_host::FaultPlan;
use serde_json::json;

use crate::{assert_equals_clockify, record_an_hour};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_an_event_is_applied() {
    let story = company(12).weeks(1).synced().play().await;
    for (hour, place) in (2..).zip(["event.recorded", "event.read", "event.applied"]) {
        let recorded = async {
            let _ = record_an_hour(&story, 6, hour).await;
        };
        story.dies_at(place, recorded).await;
    }
    assert_equals_clockify(&story).await;
}

/// An entry on a project that the database has never seen, for its own event is lost: it is fetched for the entry's sake.
async fn record_on_a_new_project(story: &Story, name: &str, hour: i8) {
    let project = story
        .clockify_makes(Command::AddProject {
            name: name.to_owned(),
            client: None,
            tasks: Vec::new(),
        })
        .await;
    let entry = record_an_hour(story, 6, hour).await;
    let change = EntryChange {
        project: Some(Some(project)),
        ..EntryChange::default()
    };
    story
        .clockify_does(Command::EditEntry { entry, change })
        .await;
    let told = story.webhooks_of("TIME_ENTRY_UPDATED").await;
    let burst = Burst {
        connections: 1,
        within: Duration::ZERO,
        kills: 0,
    };
    burst.post(story, &told[told.len() - 1..]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_reference_is_fetched() {
    let story = company(12)
        .weeks(1)
        .without_webhooks()
        .synced()
        .play()
        .await;
    for (hour, place) in (2..).zip(["reference.read", "reference.applied"]) {
        let name = format!("NEW-{hour} - {place}");
        let recorded = record_on_a_new_project(&story, &name, hour);
        story.dies_at(place, recorded).await;
    }
    assert_equals_clockify(&story).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_approvals_are_scanned() {
    let story = company(20).weeks(1).synced().play().await;
    let sheets = story.control.sheets().await.expect("timesheets");
    let mut pending = sheets
        .iter()
        .filter(|sheet| sheet.state == SheetState::Pending);
    let places = [
        "scan.wanted",
        "scan.page_read",
        "scan.page_applied",
        "scan.applied",
        "scan.finished",
    ];
    for (place, state) in places.into_iter().zip(
        [SheetState::Approved, SheetState::Rejected]
            .into_iter()
            .cycle(),
    ) {
        let sheet = pending.next().expect("one more that waits").id;
        let decided = async {
            let decided = story.control.decide(sheet, state, "").await;
            decided.expect("decided");
        };
        story.dies_at(place, decided).await;
    }
    assert_equals_clockify(&story).await;
    let scan = "SELECT wanted - done FROM scan";
    assert_eq!(
        story.database().number(scan),
        0,
        "every approval is covered by a scan"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_what_failed_was_sent_again() {
    let story = company(12).weeks(1).synced().play().await;
    let fault = Fault::once("*/time-entries/*", Trouble::Status(503)).times(4);
    story.control.add_fault(&fault).await.expect("away");
    let recorded = async {
        let _ = record_an_hour(&story, 6, 2).await;
    };
    story.dies_at("resend.sent", recorded).await;
    assert_equals_clockify(&story).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_a_dead_letter_was_filed() {
    let story = company(12).weeks(1).synced().play().await;
    let fault = Fault::once("*/time-entries/*", Trouble::Status(403)).times(5);
    story.control.add_fault(&fault).await.expect("refused");
    record_an_hour(&story, 6, 2).await;
    story.settled().await;
    let watchdog = async { story.host.run_by_hand("watchdog", "").expect("a watchdog") };
    story.dies_at("dead_letter.filed", watchdog).await;
    // The next round finds the message in its queue again, and the letter filed already.
    story.host.run_by_hand("watchdog", "").expect("a watchdog");
    story.settled_for_good().await;
    let letters = "SELECT COUNT(*) FROM dead_letter";
    assert_eq!(story.database().number(letters), 1);
    let it = story.api(Person::ItAdministrator);
    let replayed = it
        .post("/dead-letters/replay", &json!({}))
        .await
        .expect(200);
    assert_eq!(replayed["replayed"], 1);
    story.settled_for_good().await;
    let stored = "SELECT COUNT(*) FROM time_entry WHERE description = 'hour 2 of 6'";
    assert_eq!(story.database().number(stored), 1);
}

/// Kills that are spread over a burst as a seed has it; what dies with them is whatever runs at that moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_of_a_burst() {
    let story = company(40).weeks(1).synced().play().await;
    for (round, after) in [3, 7, 19].into_iter().enumerate() {
        for person in 5..9 {
            record_an_hour(&story, person, i8::try_from(2 + round).expect("an hour")).await;
        }
        if round == 1 {
            story.approve_all().await;
        }
        let plan = FaultPlan {
            kill_after: Some(after),
            ..FaultPlan::default()
        };
        story.host.add_faults(plan).await;
    }
    story.settled_for_good().await;
    assert!(story.lives().await > 2, "it was killed more than once");
    assert_equals_clockify(&story).await;
}
