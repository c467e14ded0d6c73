//! A job as callers see it, and the answers that name one.

use std::time::Duration;

use axum::{Json, response::IntoResponse};
use http::{HeaderName, StatusCode, header};
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    domain::ids::JobId,
    functions::{caller::Identity, context::Context, problem::Problem},
    jobs::{Job, JobFile, JobStatus, Stats},
};

use crate::report_access;

/// When a caller should look at a job again.
const POLL_AFTER_SECONDS: u32 = 2;
const SECONDS_PER_HOUR: u64 = 3600;

/// A job, as `GET /jobs/{id}` shows it.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobView {
    /// Its id.
    #[schemars(with = "String")]
    id: JobId,
    /// Its kind.
    kind: String,
    /// Its state.
    #[schemars(with = "String")]
    status: JobStatus,
    /// Who asked for it.
    requested_by: String,
    /// When it was asked for.
    #[schemars(with = "String")]
    requested_at: Timestamp,
    /// When it began.
    #[schemars(with = "Option<String>")]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schemars(with = "Option<String>")]
    finished_at: Option<Timestamp>,
    /// How many rows were read and written.
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    stats: Stats,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What was made.
    pub(crate) files: Vec<FileView>,
}

/// A file of a job, with a fresh link.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileView {
    /// Its name.
    name: String,
    /// Where to fetch it.
    pub(crate) url: String,
    /// When the link ends.
    #[schemars(with = "String")]
    expires_at: Timestamp,
    /// Its size.
    bytes: u64,
}

impl JobView {
    /// The job with links to its files, for who may read them; the files of a report are open as the report is.
    pub(crate) async fn of(
        context: &Context,
        job: Job,
        viewer: &Identity,
    ) -> Result<Self, Problem> {
        let mut files = Vec::with_capacity(job.files.len());
        if report_access::may_read_files(&job.kind, viewer) {
            for file in &job.files {
                files.push(link(context, file).await?);
            }
        }
        Ok(Self {
            id: job.id,
            kind: job.kind,
            status: job.status,
            requested_by: job.requested_by,
            requested_at: job.requested_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            stats: job.stats,
            error: job.error,
            files,
        })
    }
}

async fn link(context: &Context, file: &JobFile) -> Result<FileView, Problem> {
    let hours = u64::from(context.settings().links.report_link_hours);
    let valid_for = Duration::from_secs(hours * SECONDS_PER_HOUR);
    let link = context
        .blobs()
        .link(&file.blob, &file.name, &file.content_type, valid_for)
        .await?;
    Ok(FileView {
        name: file.name.clone(),
        url: link.url,
        expires_at: link.expires_at,
        bytes: file.size_bytes,
    })
}

/// What a caller needs to follow a job.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted {
    /// The job, by the name that it has in the finished job too.
    #[schemars(with = "String")]
    id: JobId,
    /// The job.
    #[schemars(with = "String")]
    job_id: JobId,
    /// Its state.
    #[schemars(with = "String")]
    status: JobStatus,
    /// Where to ask how far it is.
    status_url: String,
    /// When to ask again.
    poll_after_seconds: u32,
}

/// 202: the job is on its way. The address is built from the settings, never from the request.
pub(crate) fn accepted(
    context: &Context,
    id: JobId,
    status: JobStatus,
) -> impl IntoResponse + use<> {
    let status_url = context.settings().links.address(&format!("/api/jobs/{id}"));
    let headers: [(HeaderName, String); 2] = [
        (header::LOCATION, status_url.clone()),
        (header::RETRY_AFTER, POLL_AFTER_SECONDS.to_string()),
    ];
    let body = Accepted {
        id: id.clone(),
        job_id: id,
        status,
        status_url,
        poll_after_seconds: POLL_AFTER_SECONDS,
    };
    (StatusCode::ACCEPTED, headers, Json(body))
}
