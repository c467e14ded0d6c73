//! What timers have in common: a tick only asks for jobs, keyed by the time it was planned for, so that a late or
//! repeated tick makes nothing new (`design.md` §2, *Jobs*).

use serde::Serialize;
use shared::{
    functions::{
        context::Context,
        envelope::TimerInvocation,
        invocation::InvocationId,
        reply::{Done, Failure, Outcome},
    },
    jobs::{JobKind, JobRequest},
};

/// A job that a timer wants.
pub(crate) struct Wanted {
    pub(crate) kind: JobKind,
    pub(crate) params: serde_json::Value,
}

impl Wanted {
    /// A job of that family.
    pub(crate) fn new(
        family: &'static str,
        what: &str,
        params: &impl Serialize,
    ) -> Result<Self, Failure> {
        Ok(Self {
            kind: JobKind::new(family, what),
            params: serde_json::to_value(params).map_err(Failure::new)?,
        })
    }
}

/// Asks for the jobs of this tick.
pub(crate) async fn request(
    context: &Context,
    timer: &'static str,
    tick: &TimerInvocation,
    invocation: &InvocationId,
    wanted: Vec<Wanted>,
) -> Outcome {
    let occasion = tick.occasion(context.clock().now(), invocation);
    let jobs = context.jobs().await?.patient();
    for job in wanted {
        let request = JobRequest {
            // Of each kind one: several can be due at once.
            occasion: Some(format!("{timer} {} {occasion}", job.kind)),
            kind: job.kind,
            params: job.params,
            requested_by: format!("timer {timer}"),
        };
        let requested = jobs.request(&request).await?;
        tracing::info!(job.id = %requested.id, job.kind = %request.kind, timer, "a timer asked for a job");
    }
    Ok(Done)
}
