//! Timer, every quarter of an hour: files failures, sends again what was lost, sweeps away what is not needed any more.

use axum::extract::State;
use shared::functions::{
    context::Context,
    envelope::TimerInvocation,
    reply::{Done, Outcome},
};

use crate::routes::{Trigger, TriggerFunction};

pub(crate) fn function() -> TriggerFunction {
    TriggerFunction::new("watchdog", Trigger::Timer("WATCHDOG_SCHEDULE"), go_round)
}

async fn go_round(State(context): State<Context>, _: TimerInvocation) -> Outcome {
    context.watchdog().await?.run().await?;
    Ok(Done)
}
