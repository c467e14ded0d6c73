//! Queue `jobs`: works on one job for a slice.

use axum::extract::State;
use shared::{
    azure::queues::JOBS,
    functions::{
        context::Context,
        envelope::QueueInvocation,
        reply::{Done, Outcome},
    },
};

use crate::routes::{Trigger, TriggerFunction};

pub(crate) fn function() -> TriggerFunction {
    TriggerFunction::new("run-jobs", Trigger::Queue(JOBS), run_job)
}

async fn run_job(State(context): State<Context>, invocation: QueueInvocation) -> Outcome {
    let delivered = invocation.delivered()?;
    context.jobs().await?.run(delivered).await?;
    Ok(Done)
}
