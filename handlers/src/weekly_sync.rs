//! Timer: reads the deep window again, for what changed late (`domain.md` §8, *weekly*), and trims what need not be
//! kept for ever.

use axum::extract::State;
use shared::{
    functions::{
        context::Context, envelope::TimerInvocation, invocation::InvocationId, reply::Outcome,
    },
    jobs::{RETENTION, SYNC},
    sync::SyncParams,
};

use crate::{
    routes::{Trigger, TriggerFunction},
    timers::{self, Wanted},
};

pub(crate) fn function() -> TriggerFunction {
    TriggerFunction::new("weekly-sync", Trigger::Timer("WEEKLY_SCHEDULE"), tick)
}

async fn tick(
    State(context): State<Context>,
    invocation: InvocationId,
    tick: TimerInvocation,
) -> Outcome {
    let deep = SyncParams {
        deep: true,
        ..SyncParams::default()
    };
    let wanted = vec![
        Wanted::new(SYNC, "all", &deep)?,
        Wanted::new(RETENTION, "all", &serde_json::json!({}))?,
    ];
    timers::request(&context, "weekly-sync", &tick, &invocation, wanted).await
}
