//! `POST` and `GET /reports/{kind}`, `GET /reports`: making reports, and what has been made.

use std::time::{Duration, Instant};

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::ids::{JobId, LemSheetId, ProjectId},
    functions::{
        access::AnyCaller,
        body::{JsonBody, Query},
        caller::{Caller, Identity},
        context::Context,
        fields::{self, Fields, filled},
        paging::Listing,
        problem::{Problem, ProblemKind},
        role::Role,
    },
    jobs::{Job, JobFilter, JobKind, JobRequest, JobStatus, REPORT},
    reports::{self, Kind, OrderError, Request, RequestError},
};

use crate::{
    job_view::{FileView, JobView, accepted},
    openapi::Operation,
    reading::own_form,
    report_access::{may_read_files, role_for},
    routes::{HttpFunction, Rule},
};

const RULE: Rule = Rule::Varies(
    "`Reports.Read` (also `Admin`); payroll, banked-time, expense-claims: `Payroll.Read` alone",
);
/// The platform cuts an answer after 230 s, Power Apps after 120 s.
const LONGEST_WAIT_SECONDS: u64 = 100;
const LOOK_EVERY: Duration = Duration::from_millis(250);

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("reports")
        .get("/reports", RULE, list_reports)
        .described(
            Operation::new(
                "ListReports",
                "List reports",
                "What has been made, newest first, with fresh links.",
            )
            .query::<ReportQuery>()
            .lists::<MadeReport>(),
        )
        .post("/reports/{kind}", RULE, make_report)
        .described(
            Operation::new(
                "MakeReport",
                "Make a report",
                "Makes a report, or begins to; ask for the job until it is done.",
            )
            .query::<Wait>()
            .body::<Asked>()
            .answers::<JobView>()
            .or(202, "It is on its way; ask at the status address."),
        )
        .get("/reports/{kind}", RULE, open_report)
        .described(
            Operation::new(
                "OpenReport",
                "Open a report",
                "The same by address alone: sends a browser on to the file.",
            )
            .query::<Asked>()
            .answers::<JobView>()
            .or(202, "It is on its way.")
            .or(303, "The address of the file.")
            .internal(),
        )
}

/// What a report is asked for; which of it a report takes, it says itself.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "ReportRequest")]
struct Asked {
    /// From this day on.
    #[serde(deserialize_with = "fields::text")]
    from: Option<String>,
    /// Up to this day.
    #[serde(deserialize_with = "fields::text")]
    to: Option<String>,
    /// The month, such as 2024-11.
    #[serde(deserialize_with = "fields::text")]
    month: Option<String>,
    /// The project's code.
    #[serde(deserialize_with = "fields::text")]
    project_code: Option<String>,
    /// The project.
    #[serde(deserialize_with = "fields::text")]
    project_id: Option<String>,
    /// The LEM sheet.
    #[serde(deserialize_with = "fields::text")]
    lem_sheet_id: Option<String>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Wait {
    /// Wait so many seconds for the report, at most 100.
    wait: Option<String>,
}

async fn make_report(
    State(context): State<Context>,
    caller: Caller<AnyCaller>,
    Path(kind): Path<String>,
    Query(wait): Query<Wait>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Response, Problem> {
    let request = request(&context, &kind, asked, &caller.identity).await?;
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
    let request = request(&context, &kind, asked, &caller.identity).await?;
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

/// The job that makes the report, if there is such a report, the caller may have it and the request makes sense.
/// A default period is fixed here, so that the same report asked for twice is the same work.
async fn request(
    context: &Context,
    kind: &str,
    asked: Asked,
    identity: &Identity,
) -> Result<JobRequest, Problem> {
    let kind = Kind::named(kind).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::as_str).join(", ");
        Problem::not_found(format!("There is no such report; there are: {known}."))
    })?;
    identity.require(role_for(kind))?;
    let settings = context.settings();
    let mut fields = Fields::new(settings);
    let request = Request {
        from: fields.date("from", asked.from.as_deref()),
        to: fields.date("to", asked.to.as_deref()),
        month: fields.month("month", asked.month.as_deref()),
        project_code: asked.project_code,
        project_id: asked.project_id.map(ProjectId),
        lem_sheet_id: asked.lem_sheet_id.map(|id| LemSheetId(own_form(&id))),
    };
    fields.finish()?;
    let store = context.store().await?;
    let order = reports::order(store, settings, context.clock(), kind, &request)
        .await
        .map_err(refused)?;
    Ok(JobRequest {
        kind: JobKind::new(REPORT, kind.as_str()),
        params: serde_json::to_value(order).map_err(Problem::internal)?,
        requested_by: identity.to_string(),
        occasion: None,
    })
}

fn refused(error: OrderError) -> Problem {
    let error = match error {
        OrderError::Request(error) => error,
        OrderError::Store(error) => return error.into(),
    };
    let kind = match &error {
        error if error.is_unknown() => ProblemKind::NotFound,
        RequestError::EndsBeforeStart(_) | RequestError::TooLong(_) | RequestError::OutOfReach => {
            ProblemKind::InvalidPeriod
        }
        _ => ProblemKind::InvalidInput,
    };
    Problem::about(kind, error.field(), &error)
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

#[derive(Deserialize, schemars::JsonSchema)]
struct ReportQuery {
    /// Its kind.
    kind: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

/// A report that has been made.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MadeReport {
    /// The job.
    #[schemars(with = "String")]
    job_id: JobId,
    /// Its kind.
    kind: String,
    /// What it was asked for: its period, its project.
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    params: serde_json::Value,
    /// When it ended.
    #[schemars(with = "Option<String>")]
    finished_at: Option<Timestamp>,
    /// What was made.
    files: Vec<FileView>,
}

/// Newest first; a part can hold fewer than asked for, because what the caller may not see is left out.
async fn list_reports(
    State(context): State<Context>,
    caller: Caller<AnyCaller>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<Listing<MadeReport>>, Problem> {
    let viewer = caller.identity;
    if !viewer.may(Role::PayrollRead) {
        viewer.require(Role::ReportsRead)?;
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
