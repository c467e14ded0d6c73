//! The faults of `design.md` §5, caused on purpose, with the real handler in a process of its own. Each is judged by the
//! database afterwards: it must hold what a full sync into an empty one makes of Clockify.

mod clockify;
mod killed;
mod messages;
mod people;
mod start;
mod storage;
mod table;

use clockify_sim::{Command, EntryPlan, Id};
use end_to_end::{database::assert_same, story::Story};

/// Somebody records an hour of work; each hour is recorded once.
async fn record_an_hour(story: &Story, person: usize, hour: i8) -> Id {
    let people = story.control.people().await.expect("people");
    let start = jiff::civil::date(2026, 11, 1).at(hour, 0, 0, 0);
    let start = start.to_zoned(jiff::tz::TimeZone::UTC).expect("an instant");
    let start = start.timestamp();
    story
        .clockify_makes(Command::RecordEntry(EntryPlan {
            person: people[person].id,
            start,
            end: Some(start + jiff::SignedDuration::from_mins(60)),
            project: None,
            task: None,
            tags: Vec::new(),
            billable: None,
            description: format!("hour {hour} of {person}"),
            is_break: false,
        }))
        .await
}

/// The database holds what Clockify has, though no sync has repaired it.
async fn assert_equals_clockify(story: &Story) {
    let expected = story.as_a_fresh_sync_tells().await;
    assert_same(&story.database().as_clockify_lists(), &expected);
    let failed = "SELECT COUNT(*) FROM delivery WHERE outcome IN ('waiting', 'failed')";
    assert_eq!(
        story.database().number(failed),
        0,
        "every delivery is settled"
    );
}
