//! "Approve all" (`domain.md` §1, §11.1): hundreds of approvals at once, the handler killed meanwhile, nothing lost.
//!
//! `tests/burst.sh` runs the large one and prints its figures.

use std::time::Duration;

use clockify_sim::SheetState;
use end_to_end::{
    burst::Burst,
    company::{Company, company},
    database::assert_same,
    people::Person,
    story::{PATIENCE, Story},
};
use local_host::waiting::until;

/// All that was approved is approved in the database, with its hours, however often the handler died; a replay of all
/// webhooks changes no row; the list of approvals was read at most five times.
async fn approve_all(company: Company, webhooks: usize, burst: Burst) {
    let story = company
        .weeks(1)
        .without_webhooks()
        .synced()
        .approve_all()
        .play()
        .await;
    let told = story.webhooks_of("APPROVAL_REQUEST_STATUS_UPDATED").await;
    assert!(told.len() >= webhooks, "{} webhooks", told.len());
    let told = &told[..webhooks];
    let lives = story.lives().await;
    story.control.forget_requests().await.expect("forgotten");

    let figures = burst.post(&story, told).await;
    recorded(&story, webhooks).await;
    story.settled_for_good().await;
    let scans = story.scans().await;
    println!(
        "{webhooks} webhooks from {} connections in {:.2?}, {} requests repeated, {scans} scans; answered within p50 {:.1?}, p99 {:.1?}",
        burst.connections,
        figures.took,
        figures.unanswered,
        figures.percentile(50),
        figures.percentile(99),
    );
    assert_eq!(figures.answered.len(), webhooks);
    assert_eq!(
        story.lives().await - lives,
        u32::try_from(burst.kills).expect("a few")
    );
    assert!((1..=5).contains(&scans), "{scans} scans");

    let database = story.database();
    let sheets = story.control.sheets().await.expect("timesheets");
    let approved: Vec<_> = sheets
        .iter()
        .filter(|sheet| sheet.state == SheetState::Approved)
        .collect();
    for sheet in &approved {
        let of = format!(
            "FROM timesheet t WHERE t.id = '{}' AND t.state = 'APPROVED'",
            sheet.id
        );
        assert_eq!(
            database.number(&format!("SELECT COUNT(*) {of}")),
            1,
            "{sheet:?}"
        );
        let held = format!(
            "SELECT COUNT(*) FROM time_entry WHERE timesheet_id = '{}'",
            sheet.id
        );
        let entries = i64::try_from(sheet.entries).expect("a few");
        assert_eq!(database.number(&held), entries, "{sheet:?}");
    }
    assert!(approved.len() >= webhooks);
    let seen = "SELECT COUNT(*) FROM delivery WHERE outcome = 'applied'";
    assert_eq!(
        database.number(seen),
        i64::try_from(webhooks).expect("a few")
    );

    let before = database.domain_and_its_writes();
    let again = Burst { kills: 0, ..burst };
    let so_far = seen_times(&story);
    assert_eq!(again.post(&story, told).await.answered.len(), webhooks);
    recorded(&story, so_far + webhooks).await;
    story.settled_for_good().await;
    assert_same(&database.domain_and_its_writes(), &before);
    let rest = story
        .api(Person::ItAdministrator)
        .list("/dead-letters")
        .await;
    assert!(rest.is_empty(), "{rest:?}");
}

/// How many webhooks the app has looked at, repeats counted.
fn seen_times(story: &Story) -> usize {
    let seen = "SELECT COALESCE(SUM(times_seen), 0) FROM delivery";
    usize::try_from(story.database().number(seen)).expect("a number")
}

async fn recorded(story: &Story, times: usize) {
    let all = async || (seen_times(story) >= times).then_some(());
    until(PATIENCE, all)
        .await
        .expect("every webhook is looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_approvals_at_once_survive_a_kill() {
    let burst = Burst {
        connections: 20,
        within: Duration::from_millis(200),
        kills: 1,
    };
    approve_all(company(120), 100, burst).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approvals_at_once_survive_a_kill_on_azure_storage() {
    let burst = Burst {
        connections: 10,
        within: Duration::from_millis(200),
        kills: 1,
    };
    approve_all(company(60).on_azure(), 50, burst).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approvals_at_once_survive_a_kill_of_the_unpacked_package() {
    let burst = Burst {
        connections: 10,
        within: Duration::from_millis(200),
        kills: 1,
    };
    approve_all(company(60).packaged(), 50, burst).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "tests/burst.sh runs it"]
async fn five_hundred_approvals_within_a_second_survive_two_kills() {
    let burst = Burst {
        connections: 50,
        within: Duration::from_millis(900),
        kills: 2,
    };
    approve_all(company(620), 500, burst).await;
}
