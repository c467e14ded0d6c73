//! Timer: banked time, then vacation (`domain.md` §8, *balances*).

use axum::extract::State;
use shared::{
    balances::{BalanceKind, BalanceParams},
    functions::{
        context::Context, envelope::TimerInvocation, invocation::InvocationId, reply::Outcome,
    },
    jobs::BALANCES,
};

use crate::{
    routes::{Trigger, TriggerFunction},
    timers::{self, Wanted},
};

pub(crate) fn function() -> TriggerFunction {
    TriggerFunction::new("daily-balances", Trigger::Timer("BALANCES_SCHEDULE"), tick)
}

/// A balance without a policy in the settings is not pushed, and no job fails each day because of it.
async fn tick(
    State(context): State<Context>,
    invocation: InvocationId,
    tick: TimerInvocation,
) -> Outcome {
    let mut wanted = Vec::new();
    for kind in BalanceKind::ALL {
        match kind.policy_id(&context.settings().balances) {
            Ok(_) => {
                let params = BalanceParams::default();
                wanted.push(Wanted::new(BALANCES, kind.as_str(), &params)?);
            }
            Err(cause) => tracing::info!(balance = kind.as_str(), cause, "nothing is pushed"),
        }
    }
    timers::request(&context, "daily-balances", &tick, &invocation, wanted).await
}
