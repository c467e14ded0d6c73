//! When timers fire, and what they tell (custom-handler.md §3.5, §6.2). The plan itself is tested beside its code.

use std::{fs, time::Duration};

use jiff::Timestamp;
use local_host::waiting::until;
use serde_json::{Value, json};

use crate::support::{App, LIMIT, envelope_in, timer_function};

fn app(behaviour: &[&str], schedule: &str) -> App {
    App::with_handler(behaviour)
        .function("Nightly", &timer_function(schedule))
        .options(|options| options.timers = true)
}

#[tokio::test]
async fn a_timer_fires_and_posts_to_the_folders_name() {
    let running = app(&["ok"], "* * * * * *").start().await;
    let got = running.until_got(2).await;
    assert_eq!(got[0]["uri"], "/Nightly");
    let envelope = envelope_in(&got[0]);
    assert_eq!(envelope["Data"]["tick"]["IsPastDue"], false);
    // More than one run a minute: no status is kept.
    assert_eq!(envelope["Data"]["tick"]["ScheduleStatus"], Value::Null);
    let keys: Vec<&String> = envelope["Metadata"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(keys, ["sys"]);
}

#[tokio::test]
async fn runs_never_overlap_and_what_came_due_meanwhile_is_skipped() {
    let running = app(&["slow", "1300"], "* * * * * *").start().await;
    let got = running.until_got(3).await;
    let at = |n: usize| -> Timestamp {
        let envelope = envelope_in(&got[n]);
        let text = envelope["Metadata"]["sys"]["UtcNow"]
            .as_str()
            .expect("text")
            .to_owned();
        text.parse().expect("an instant")
    };
    for n in 1..3 {
        let gap = at(n).duration_since(at(n - 1));
        assert!(gap.as_millis() >= 1300, "{gap:?}");
    }
}

#[tokio::test]
async fn a_failure_does_not_change_the_schedule() {
    let app = app(&["reply", "500", "text/plain", "no"], "* * * * * *");
    let running = app.start().await;
    running.until_got(2).await;
}

#[tokio::test]
async fn a_missed_run_is_made_up_for_at_the_start_and_the_status_tells_which() {
    let app = app(&["ok"], "0 0 10 * * *");
    let folder = app.path().join("data/timers");
    fs::create_dir_all(&folder).expect("a folder");
    // Yesterday's run is the last one that is known; today's was missed long ago.
    let status = json!({
        "Last": "2026-03-02T10:00:00Z", "Next": "2026-03-03T10:00:00Z",
        "LastUpdated": "2026-03-02T10:00:00Z",
    });
    fs::write(folder.join("Nightly.json"), status.to_string()).expect("written");
    let app = app.setting("CLOCKING_NOW", "2026-03-05T12:00:00Z");
    let running = app.start().await;
    let got = running.until_got(1).await.remove(0);
    let tick = &envelope_in(&got)["Data"]["tick"];
    assert_eq!(tick["IsPastDue"], true);
    assert_eq!(tick["ScheduleStatus"]["Next"], "2026-03-03T10:00:00+00:00");
    // Afterwards the plan goes on from the business clock's now.
    let file = running.data_dir.join("timers/Nightly.json");
    let next = until(LIMIT, async || {
        let status: Value = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
        (status["Next"] == "2026-03-06T10:00:00Z").then_some(())
    });
    next.await.expect("the next run is planned");
    assert_eq!(running.heard("GOT").len(), 1);
}

#[tokio::test]
async fn the_business_clock_shifts_the_planned_times() {
    let app = app(&["ok"], "0 0 10 * * *").setting("CLOCKING_NOW", "2026-03-05T09:59:59Z");
    let running = app.start().await;
    let got = running.until_got(1).await.remove(0);
    let tick = &envelope_in(&got)["Data"]["tick"];
    assert_eq!(tick["ScheduleStatus"]["Next"], "2026-03-05T10:00:00+00:00");
    assert_eq!(tick["ScheduleStatus"]["Last"], "0001-01-01T00:00:00+00:00");
}

#[tokio::test]
async fn the_first_start_ever_runs_nothing() {
    let app = app(&["ok"], "0 0 10 * * *").setting("CLOCKING_NOW", "2026-03-05T12:00:00Z");
    let running = app.start().await;
    let file = running.data_dir.join("timers/Nightly.json");
    let noted = until(LIMIT, async || file.is_file().then_some(()));
    noted.await.expect("the status is noted");
    let run = until(Duration::from_millis(200), async || {
        Some(()).filter(|()| !running.heard("GOT").is_empty())
    });
    run.await.expect_err("no run");
}
