//! Queue `jobs`: works on one job for a slice.

use axum::extract::State;
use shared::{
    azure::queues::JOBS,
    functions::{
        context::Context,
        envelope::QueueInvocation,
        reply::{Done, Failure, Outcome},
    },
    jobs::Delivered,
};

use crate::routes::{Trigger, TriggerFunction};

pub(crate) fn function() -> TriggerFunction {
    TriggerFunction::new("run-jobs", Trigger::Queue(JOBS), run_job)
}

async fn run_job(State(context): State<Context>, invocation: QueueInvocation) -> Outcome {
    let message_id = invocation
        .message_id
        .ok_or_else(|| Failure::new("the envelope names no message id"))?;
    let delivered = Delivered {
        message_id: &message_id,
        text: &invocation.text,
    };
    context.jobs().await?.run(delivered).await?;
    Ok(Done)
}
