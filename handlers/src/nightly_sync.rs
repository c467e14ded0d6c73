//! Timer: reads everything again that is likely to have changed (`domain.md` §8, *nightly*).

use axum::extract::State;
use shared::{
    functions::{
        context::Context, envelope::TimerInvocation, invocation::InvocationId, reply::Outcome,
    },
    jobs::SYNC,
    sync::SyncParams,
};

use crate::{
    routes::{Trigger, TriggerFunction},
    timers::{self, Wanted},
};

pub(crate) fn function() -> TriggerFunction {
    TriggerFunction::new("nightly-sync", Trigger::Timer("NIGHTLY_SCHEDULE"), tick)
}

async fn tick(
    State(context): State<Context>,
    invocation: InvocationId,
    tick: TimerInvocation,
) -> Outcome {
    let all = Wanted::new(SYNC, "all", &SyncParams::default())?;
    timers::request(&context, "nightly-sync", &tick, &invocation, vec![all]).await
}
