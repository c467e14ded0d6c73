//! `POST /sync/{resource}`: reads again from Clockify, as a job that can be watched; or says what that would change.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    functions::{
        access::Admin,
        body::JsonBody,
        caller::Caller,
        context::Context,
        fields::{self, Fields},
        problem::Problem,
        role::Role,
    },
    jobs::{DRY_RUN, JobKind, JobRequest, JobStatus, SYNC},
    sync::{RESOURCES, SyncParams, check_days},
};

use crate::{
    job_view::accepted,
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("sync")
        .post("/sync/{resource}", Rule::role(Role::Admin), start_sync)
        .described(
            Operation::new(
                "StartSync",
                "Start a sync",
                "Reads records of Clockify again.",
            )
            .body::<Asked>()
            .accepts::<crate::job_view::Accepted>(),
        )
}

/// What to sync, and how.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "SyncRequest")]
struct Asked {
    /// From this day on.
    #[serde(deserialize_with = "fields::text")]
    from: Option<String>,
    /// Up to this day.
    #[serde(deserialize_with = "fields::text")]
    to: Option<String>,
    /// Read everything again.
    #[serde(deserialize_with = "fields::flag")]
    full: bool,
    /// Only count what would change.
    #[serde(deserialize_with = "fields::flag")]
    dry_run: bool,
}

async fn start_sync(
    State(context): State<Context>,
    caller: Caller<Admin>,
    Path(resource): Path<String>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Response, Problem> {
    if !RESOURCES.contains(&resource.as_str()) {
        let known = RESOURCES.join(", ");
        return Err(Problem::not_found(format!(
            "There is nothing of that name to sync; there are: {known}."
        )));
    }
    let mut fields = Fields::new(context.settings());
    let from = fields.date("from", asked.from.as_deref());
    let to = fields.date("to", asked.to.as_deref());
    fields.finish()?;
    if let (Some(from), Some(to)) = (from, to) {
        fields::period(from, to)?;
    }
    let params = SyncParams {
        from,
        to,
        full: asked.full,
        ..SyncParams::default()
    };
    let settings = context.settings();
    let today = context.clock().today(&settings.company.zone);
    check_days(params, today, &settings.sync)
        .map_err(|error| Problem::invalid_field("from", error))?;
    let family = if asked.dry_run { DRY_RUN } else { SYNC };
    let request = JobRequest {
        kind: JobKind::new(family, &resource),
        params: serde_json::to_value(params).map_err(Problem::internal)?,
        requested_by: caller.identity.to_string(),
        occasion: None,
    };
    let jobs = context.jobs().await?;
    let id = jobs.request(&request).await?.id;
    let job = jobs.get(&id).await?;
    let status = job.map_or(JobStatus::Queued, |job| job.status);
    Ok(accepted(&context, id, status).into_response())
}
