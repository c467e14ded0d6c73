//! Timer: whatever report is due that day (`domain.md` §8, *reports*).

use axum::extract::State;
use shared::{
    domain::calendar::{DueReport, reports_due},
    functions::{
        context::Context, envelope::TimerInvocation, invocation::InvocationId, reply::Outcome,
    },
    jobs::REPORT,
    reports::{Kind, Order},
};

use crate::{
    routes::{Trigger, TriggerFunction},
    timers::{self, Wanted},
};

pub(crate) fn function() -> TriggerFunction {
    TriggerFunction::new("due-reports", Trigger::Timer("REPORTS_SCHEDULE"), tick)
}

async fn tick(
    State(context): State<Context>,
    invocation: InvocationId,
    tick: TimerInvocation,
) -> Outcome {
    let settings = context.settings();
    let due_at = tick.due_at(context.clock().now());
    let today = settings.company.zone.date_of(due_at);
    let wanted = reports_due(today, settings.pay.calendar)
        .into_iter()
        .map(|due| match due {
            DueReport::TimeStatus(week) => (Kind::TimeStatus, week.period()),
            DueReport::Payroll(period) => (Kind::Payroll, period),
            DueReport::Billing(month) => (Kind::Billing, month.billing_period()),
        })
        .map(|(kind, period)| Wanted::new(REPORT, kind.as_str(), &Order::of_period(period)))
        .collect::<Result<Vec<_>, _>>()?;
    timers::request(&context, "due-reports", &tick, &invocation, wanted).await
}
