//! Queue `clockify-events`: applies one webhook, by reading again what it names.

use axum::extract::State;
use shared::{
    azure::queues::CLOCKIFY_EVENTS,
    functions::{
        context::Context,
        envelope::QueueInvocation,
        reply::{Done, Outcome},
    },
};

use crate::routes::{Trigger, TriggerFunction};

pub(crate) fn function() -> TriggerFunction {
    TriggerFunction::new(
        "clockify-events",
        Trigger::Queue(CLOCKIFY_EVENTS),
        apply_event,
    )
}

async fn apply_event(State(context): State<Context>, invocation: QueueInvocation) -> Outcome {
    let delivered = invocation.delivered()?;
    context.events().await?.apply(delivered).await?;
    Ok(Done)
}
