//! "The handler killed in the middle of a sync: the job goes on from its checkpoint, and the database ends the same as
//! without the kill": the real handler in a process of its own, ended by SIGKILL or at a crash point.

use end_to_end::{
    company::{Company, company},
    database::{Tables, assert_same},
    story::{PATIENCE, Story},
};
use local_host::{FaultPlan, waiting::until};
use serde_json::json;

fn the_same_company() -> Company {
    company(60).weeks(2)
}

/// What a sync that nobody disturbs leaves.
async fn undisturbed() -> Tables {
    let story = the_same_company().synced().play().await;
    story.database().domain()
}

/// Waits until the running job has stored so many more records than `before`, or has ended.
async fn until_more_is_stored(story: &Story, job: &str, before: i64) {
    let database = story.database();
    let stored = format!("SELECT rows_inserted FROM job WHERE id = '{job}'");
    let open =
        format!("SELECT COUNT(*) FROM job WHERE id = '{job}' AND status IN ('queued', 'running')");
    let more =
        async || (database.number(&stored) > before || database.number(&open) == 0).then_some(());
    until(PATIENCE, more).await.expect("progress");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_whose_handler_is_killed_again_and_again_ends_as_if_nothing_had_happened() {
    let expected = undisturbed().await;
    let story = the_same_company().play().await;
    let job = story.ask_for_sync("all", &json!({})).await;
    // After the first records of all, in the lists, in the timesheets and in the entries: each time a later page.
    for more_than in [0, 100, 500, 1_000] {
        until_more_is_stored(&story, &job, more_than).await;
        story.host.kill_handler().await;
    }
    let done = story.succeeded(&job).await;
    story.settled().await;
    assert_eq!(story.lives().await, 5, "four kills, five lives");
    let database = story.database();
    assert_same(&database.domain(), &expected);
    // From its checkpoint: what was stored before a kill was not stored again.
    let rows: usize = [
        "employee",
        "client",
        "project",
        "tag",
        "timesheet",
        "time_entry",
    ]
    .iter()
    .map(|table| expected[*table].len())
    .sum();
    let inserted = done["stats"]["inserted"].as_u64().expect("a number");
    assert!(inserted >= rows as u64, "{inserted} inserted, {rows} rows");
    assert!(
        inserted < rows as u64 * 2,
        "{inserted} inserted, {rows} rows"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_whose_handler_dies_at_each_named_point_ends_as_if_nothing_had_happened() {
    let expected = undisturbed().await;
    let story = the_same_company().play().await;
    for place in [
        "job.page_applied:9",
        "job.page_read:2",
        "job.claimed",
        "job.created",
        "job.finished",
    ] {
        story
            .host
            .add_faults(FaultPlan {
                crash_at: Some(place.to_owned()),
                ..FaultPlan::default()
            })
            .await;
        let lives = story.lives().await;
        // Whoever asks is not answered where the process dies before it could; the job may be there all the same.
        let answer = story.developer().post("/sync/all", &json!({})).await;
        let status = answer.status.as_u16();
        assert!(matches!(status, 202 | 502), "{place}: {}", answer.text);
        let died = async || (story.lives().await > lives).then_some(());
        let died = until(PATIENCE, died).await;
        died.unwrap_or_else(|_| panic!("nothing died at {place}"));
        // A job whose message was never sent is found by whoever asks for the same work.
        story.sync("all").await;
        assert_same(&story.database().domain(), &expected);
    }
    story.settled_for_good().await;
    let open = "SELECT COUNT(*) FROM job WHERE status <> 'succeeded'";
    assert_eq!(story.database().number(open), 0);
}
