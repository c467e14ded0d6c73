//! `POST` and `GET /reports/{kind}`, `GET /reports`: making reports, and what has been made.

use std::time::{Duration, Instant};

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    domain::ids::JobId,
    functions::{
        access::AnyCaller,
        body::{JsonBody, Query},
        caller::{Caller, Identity},
        context::Context,
        fields::{self, Fields, filled},
        paging::Listing,
        problem::{Problem, ProblemKind},
    },
    jobs::{Job, JobFilter, JobKind, JobRequest, JobStatus, REPORT},
};

use crate::{
    job_view::{FileView, JobView, accepted},
    report_access::{REPORTS, may_read_files, role_for},
    routes::{HttpFunction, Rule},
};

const RULE: Rule =
    Rule::Varies("`Reports.Read`; payroll, banked-time, expense-claims: `Payroll.Read`");
/// The platform cuts an answer after 230 s, Power Apps after 120 s.
const LONGEST_WAIT_SECONDS: u64 = 100;
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// No report reaches further than a leap year.
const MOST_DAYS: i64 = 366;

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("reports")
        .get("/reports", RULE, list_reports)
        .post("/reports/{kind}", RULE, make_report)
        .get("/reports/{kind}", RULE, open_report)
}

/// What a report is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default, deserialize_with = "fields::text")]
    from: Option<String>,
    #[serde(default, deserialize_with = "fields::text")]
    to: Option<String>,
}

#[derive(Deserialize)]
struct Wait {
    wait: Option<String>,
}

async fn make_report(
    State(context): State<Context>,
    caller: Caller<AnyCaller>,
    Path(kind): Path<String>,
    Query(wait): Query<Wait>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Response, Problem> {
    let request = request(&context, &kind, &asked, &caller.identity)?;
    let wait = wait_time(wait.wait.as_deref())?;
    let id = context.jobs().await?.request(&request).await?.id;
    let job = closed_within(&context, &id, wait).await?;
    if job.status.is_open() {
        return Ok(accepted(&context, job.id, job.status).into_response());
    }
    Ok(Json(JobView::of(&context, job, &caller.identity).await?).into_response())
}

/// The same by address alone, to bookmark: the browser is sent on to the file.
async fn open_report(
    State(context): State<Context>,
    caller: Caller<AnyCaller>,
    Path(kind): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let request = request(&context, &kind, &asked, &caller.identity)?;
    let id = context.jobs().await?.request(&request).await?.id;
    let job = closed_within(&context, &id, Duration::from_secs(LONGEST_WAIT_SECONDS)).await?;
    if job.status.is_open() {
        return Ok(accepted(&context, job.id, job.status).into_response());
    }
    let made = JobView::of(&context, job, &caller.identity).await?;
    match made.files.first() {
        Some(file) => Ok(Redirect::to(&file.url).into_response()),
        None => Err(Problem::new(
            ProblemKind::Internal,
            format!("The report could not be made; `/api/jobs/{id}` says why."),
        )),
    }
}

/// The job that makes the report, if there is such a report, the caller may have it and the period makes sense.
/// A default period is fixed here, so that the same report asked for twice is the same work.
fn request(
    context: &Context,
    kind: &str,
    asked: &Asked,
    identity: &Identity,
) -> Result<JobRequest, Problem> {
    if !REPORTS.contains(&kind) {
        return Err(Problem::not_found(format!(
            "There is no such report; there are {}.",
            REPORTS.join(", ")
        )));
    }
    identity.require(role_for(kind))?;
    let settings = context.settings();
    let mut fields = Fields::new(settings);
    let from = fields.date("from", asked.from.as_deref());
    let to = fields.date("to", asked.to.as_deref());
    fields.finish()?;
    let period = match (from, to) {
        (None, None) => {
            let today = context.clock().today(&settings.company.zone);
            settings.pay.calendar.last_complete(today)
        }
        (Some(from), Some(to)) => fields::period(from, to)?,
        (Some(_), None) => return Err(one_end("to")),
        (None, Some(_)) => return Err(one_end("from")),
    };
    fields::at_most(period, MOST_DAYS)?;
    Ok(JobRequest {
        kind: JobKind::new(REPORT, kind),
        params: json!({ "from": period.first_day(), "to": period.last_day() }),
        requested_by: identity.to_string(),
        occasion: None,
    })
}

fn one_end(missing: &str) -> Problem {
    Problem::invalid_field(
        missing,
        "is missing; send both days, or none for the usual period",
    )
}

fn wait_time(sent: Option<&str>) -> Result<Duration, Problem> {
    let Some(sent) = filled(sent) else {
        return Ok(Duration::ZERO);
    };
    sent.parse()
        .ok()
        .filter(|seconds| *seconds <= LONGEST_WAIT_SECONDS)
        .map(Duration::from_secs)
        .ok_or_else(|| {
            let expected = format!("must be whole seconds, at most {LONGEST_WAIT_SECONDS}");
            Problem::invalid_field("wait", expected)
        })
}

/// The job as it is when it is closed, or when the time is over.
async fn closed_within(context: &Context, id: &JobId, wait: Duration) -> Result<Job, Problem> {
    let began = Instant::now();
    loop {
        let job = context.jobs().await?.get(id).await?;
        let job = job.ok_or_else(|| Problem::internal("a requested job has no row"))?;
        if !job.status.is_open() || began.elapsed() >= wait {
            return Ok(job);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[derive(Deserialize)]
struct ReportQuery {
    kind: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// A report that has been made.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MadeReport {
    job_id: JobId,
    kind: String,
    /// What it was asked for: its period, its project.
    params: serde_json::Value,
    finished_at: Option<Timestamp>,
    files: Vec<FileView>,
}

/// Newest first; a part can hold fewer than asked for, because what the caller may not see is left out.
async fn list_reports(
    State(context): State<Context>,
    caller: Caller<AnyCaller>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Listing<MadeReport>>, Problem> {
    let viewer = caller.identity;
    if !REPORTS.iter().any(|report| viewer.may(role_for(report))) {
        viewer.require(shared::functions::role::Role::ReportsRead)?;
    }
    let mut fields = Fields::new(context.settings());
    let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
    fields.finish()?;
    let filter = JobFilter {
        kind_prefix: Some(format!(
            "{REPORT}:{}",
            filled(query.kind.as_deref()).unwrap_or_default()
        )),
        status: Some(JobStatus::Succeeded),
        before: page.after.clone().map(JobId),
        ..JobFilter::default()
    };
    let jobs = context.jobs().await?.list(&filter, page.rows()).await?;
    let Listing {
        items: jobs,
        next_cursor,
    } = page.listing(jobs, |job| job.id.to_string());
    let mut items = Vec::new();
    for job in jobs
        .into_iter()
        .filter(|job| may_read_files(&job.kind, &viewer))
    {
        items.push(MadeReport {
            job_id: job.id.clone(),
            kind: JobKind::from(job.kind.clone()).what().to_owned(),
            params: job.params.clone(),
            finished_at: job.finished_at,
            files: JobView::of(&context, job, &viewer).await?.files,
        });
    }
    Ok(Json(Listing { items, next_cursor }))
}
