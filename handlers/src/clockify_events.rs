//! Queue `clockify-events`: applies one webhook, by reading again what it names.

use axum::extract::State;
use shared::{
    azure::queues::CLOCKIFY_EVENTS,
    functions::{
        context::Context,
        envelope::QueueInvocation,
        reply::{Done, Failure, Outcome},
    },
    jobs::Delivered,
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
    let message_id = invocation
        .message_id
        .ok_or_else(|| Failure::new("the envelope names no message id"))?;
    let delivered = Delivered {
        message_id: &message_id,
        text: &invocation.text,
    };
    context
        .events()
        .await?
        .apply(delivered)
        .await
        .map_err(Failure::new)?;
    Ok(Done)
}
