//! `GET /jobs`, `GET /jobs/{id}`: what is being worked on, and what came of it. One's own; all for `Admin`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use shared::{
    domain::ids::JobId,
    functions::{
        access::AnyCaller,
        body::Query,
        caller::{Caller, Identity},
        context::Context,
        fields::{Fields, filled},
        paging::Listing,
        problem::Problem,
        role::Role,
    },
    jobs::{Job, JobFilter, JobStatus},
};

use crate::{
    job_view::JobView,
    openapi::Operation,
    report_access::may_read_files,
    routes::{HttpFunction, Rule},
};

const RULE: Rule = Rule::Varies("any caller: his own; `Admin`: all. Files: as for the report");

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("jobs")
        .get("/jobs", RULE, list_jobs)
        .described(
            Operation::new(
                "ListJobs",
                "List jobs",
                "What is being worked on, newest first.",
            )
            .query::<JobQuery>()
            .lists::<JobView>(),
        )
        .get("/jobs/{id}", RULE, show_job)
        .described(
            Operation::new(
                "GetJob",
                "Get a job",
                "How far a job is, and the links to its files.",
            )
            .answers::<JobView>(),
        )
}

#[derive(Deserialize, schemars::JsonSchema)]
struct JobQuery {
    /// Its kind.
    kind: Option<String>,
    /// Its state.
    status: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

async fn list_jobs(
    State(context): State<Context>,
    caller: Caller<AnyCaller>,
    Query(query): Query<JobQuery>,
) -> Result<Json<Listing<JobView>>, Problem> {
    let viewer = caller.identity;
    let mut fields = Fields::new(context.settings());
    let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
    let status = filled(query.status.as_deref()).and_then(|word| {
        let status = status_named(word);
        if status.is_none() {
            fields.fault("status", "must be queued, running, succeeded or failed");
        }
        status
    });
    fields.finish()?;
    let filter = JobFilter {
        kind_prefix: filled(query.kind.as_deref()).map(str::to_owned),
        requested_by: (!sees_all(&viewer)).then(|| viewer.to_string()),
        status,
        before: page.after.clone().map(JobId),
    };
    let jobs = context.jobs().await?.list(&filter, page.rows()).await?;
    let listing = page.listing(jobs, |job| job.id.to_string());
    let mut items = Vec::with_capacity(listing.items.len());
    for job in listing.items {
        items.push(JobView::of(&context, job, &viewer).await?);
    }
    Ok(Json(Listing {
        items,
        next_cursor: listing.next_cursor,
    }))
}

async fn show_job(
    State(context): State<Context>,
    caller: Caller<AnyCaller>,
    Path(id): Path<String>,
) -> Result<Json<JobView>, Problem> {
    let viewer = caller.identity;
    let job = context.jobs().await?.get(&JobId(id)).await?;
    // Another's job is answered like none, so that ids cannot be tried.
    let job = job
        .filter(|job| may_see(job, &viewer))
        .ok_or_else(|| Problem::not_found("There is no such job, or it is not yours."))?;
    Ok(Json(JobView::of(&context, job, &viewer).await?))
}

/// Two who ask for the same report share its job: who may have the report may see the job, whoever asked first.
fn may_see(job: &Job, viewer: &Identity) -> bool {
    sees_all(viewer) || job.requested_by == viewer.to_string() || may_read_files(&job.kind, viewer)
}

fn sees_all(viewer: &Identity) -> bool {
    viewer.may(Role::Admin)
}

fn status_named(word: &str) -> Option<JobStatus> {
    use JobStatus::{Failed, Queued, Running, Succeeded};
    [Queued, Running, Succeeded, Failed]
        .into_iter()
        .find(|status| status.as_str() == word)
}
