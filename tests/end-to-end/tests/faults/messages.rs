//! The same message twice, two at once, in another order, late; replies that are lost after the work was done.

use clockify_sim::{Command, Delivery, EntryChange, Release, Switches};
use end_to_end::{
    company::{Company, company},
    story::Story,
};
use local_host::FaultPlan;

use crate::{assert_equals_clockify, record_an_hour};

/// Entries come, change and go, and timesheets are approved.
async fn a_busy_morning(story: &Story) {
    for person in 5..9 {
        let entry = record_an_hour(story, person, 3).await;
        let change = EntryChange {
            description: Some("Corrected".to_owned()),
            ..EntryChange::default()
        };
        story
            .clockify_does(Command::EditEntry { entry, change })
            .await;
        let gone = record_an_hour(story, person, 5).await;
        story.control.delete_entry(gone).await.expect("deleted");
        let back = record_an_hour(story, person, 7).await;
        story.control.delete_entry(back).await.expect("deleted");
        story.control.restore_entry(back).await.expect("restored");
    }
    story.approve_all().await;
}

async fn a_busy_morning_with(company: Company) {
    let story = company.play().await;
    a_busy_morning(&story).await;
    story.settled_for_good().await;
    assert_equals_clockify(&story).await;
    let plan = FaultPlan {
        late_ms: story.host.faults().late_ms,
        ..FaultPlan::default()
    };
    assert_eq!(story.host.faults(), plan, "every fault has happened");
}

fn twenty() -> Company {
    company(20).weeks(1).synced()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_twice() {
    a_busy_morning_with(twenty().deliver_twice(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_on_two_instances_at_once() {
    a_busy_morning_with(twenty().deliver_together(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_the_last_one_first() {
    a_busy_morning_with(twenty().deliver_backward(12)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_that_are_lost_after_the_work_was_done() {
    a_busy_morning_with(twenty().lose_replies(15)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_backward_and_twice() {
    let story = twenty().play().await;
    let switches = story.control.switches().await.expect("switches");
    let held = Switches {
        delivery: Delivery {
            hold: true,
            duplicate_every: 2,
            ..switches.delivery.clone()
        },
        ..switches
    };
    story.control.set_switches(&held).await.expect("held");
    a_busy_morning(&story).await;
    story
        .control
        .release(Release::Backward)
        .await
        .expect("released");
    story.settled_for_good().await;
    assert_equals_clockify(&story).await;
}
