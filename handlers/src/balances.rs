//! `/balances`: banked time and vacation as they were computed last, what was sent, what waits, and why; and what a
//! person does about them (`domain.md` §5).

mod view;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    balances::{self, BalanceKind, BalanceParams, NewCorrection},
    domain::ids::PolicyId,
    functions::{
        access::{Admin, PayrollRead},
        body::{JsonBody, Query},
        caller::{Caller, Identity},
        context::Context,
        fields::{self, filled},
        paging::Listing,
        problem::{Problem, ProblemKind},
        role::Role,
    },
    jobs::{BALANCES, JobKind, JobRequest, JobStatus, Jobs},
    store::{
        balance::{self, BalanceFilter},
        balance_ledger,
        balance_push::{self, PushFilter, PushResult},
    },
};

use self::view::{BalanceView, LedgerView, PushView};
use crate::{
    job_view::{Accepted, accepted},
    lem_sheets::act,
    once::{Answer, Asked},
    openapi::Operation,
    reading::{LONGEST_TEXT, Reading, own_form},
    routes::{HttpFunction, Rule},
    sent::{Number, Text},
};

/// Far over anything that a person can be owed.
const MOST_HOURS: i64 = 10_000;

pub(crate) fn function() -> HttpFunction {
    let readers = Rule::role(Role::PayrollRead);
    let keepers = Rule::role(Role::Admin);
    HttpFunction::new("balances")
        .get("/balances", readers, list_balances)
        .described(
            Operation::new(
                "ListBalances",
                "List balances",
                "Banked time and vacation of each employee as they were computed last, and what was sent or held.",
            )
            .query::<BalanceQuery>()
            .lists::<BalanceView>(),
        )
        .get("/balances/pushes", readers, list_pushes)
        .described(
            Operation::new(
                "ListBalancePushes",
                "List balance pushes",
                "Every difference that was to be sent to Clockify, and what became of it, newest first.",
            )
            .query::<PushQuery>()
            .lists::<PushView>(),
        )
        .get("/balances/ledger", readers, list_ledger)
        .described(
            Operation::new(
                "ListBalanceLedger",
                "Explain a balance",
                "What makes up one employee's balance, day by day.",
            )
            .query::<LedgerQuery>()
            .lists::<LedgerView>(),
        )
        .post("/balances/banked", keepers, push_banked)
        .described(start("PushBankedTime", "Push banked time"))
        .post("/balances/vacation", keepers, push_vacation)
        .described(start("PushVacation", "Push vacation"))
        .post("/balances/corrections", keepers, correct_balance)
        .described(
            Operation::new(
                "CorrectBalance",
                "Correct a balance",
                "Enters an opening balance, a pay-out or a mistake put right. The next push follows it.",
            )
            .body::<CorrectionBody>()
            .makes::<LedgerView>(),
        )
        .post("/balances/held/{id}/release", keepers, release_push)
        .described(
            Operation::new(
                "ReleaseBalancePush",
                "Release a balance push",
                "Sends a held difference, or says that a push that was not as meant has been looked at.",
            )
            .accepts::<Accepted>(),
        )
}

fn start(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(
        id,
        summary,
        "Computes the balances and sends Clockify the differences; a dry run sends nothing.",
    )
    .body::<PushBody>()
    .accepts::<Accepted>()
}

/// How balances are pushed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "BalancePushRequest")]
struct PushBody {
    /// Compute and record, send nothing.
    #[serde(deserialize_with = "fields::flag")]
    dry_run: bool,
}

/// A correction of a balance.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "BalanceCorrection")]
struct CorrectionBody {
    /// The employee. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListEmployees")))]
    employee_id: Text,
    /// The policy: that of banked time or of vacation. Required.
    policy_id: Text,
    /// Hours that are added; below 0 they are taken away. Required.
    hours: Number,
    /// Why. Required.
    reason: Text,
    /// Whether the hours are paid out.
    #[serde(deserialize_with = "fields::flag")]
    paid_out: bool,
    /// The day for which it counts; today if empty.
    date: Text,
}

/// Which balances to list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BalanceQuery {
    /// Only balances of this employee.
    employee_id: Option<String>,
    /// Only balances under this policy.
    policy_id: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

/// Which pushes to list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PushQuery {
    /// Only pushes of this employee.
    employee_id: Option<String>,
    /// Only pushes under this policy.
    policy_id: Option<String>,
    /// Only pushes of which this became, such as held.
    result: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

/// Whose balance to explain.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LedgerQuery {
    /// The employee. Required.
    employee_id: Option<String>,
    /// The policy. Required.
    policy_id: Option<String>,
    /// Only from this day on.
    from: Option<String>,
    /// Only up to this day.
    to: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

async fn list_balances(
    State(context): State<Context>,
    _: Caller<PayrollRead>,
    Query(query): Query<BalanceQuery>,
) -> Result<Json<Listing<BalanceView>>, Problem> {
    let mut reading = Reading::new(&context);
    let page = reading
        .fields
        .page(query.limit.as_deref(), query.cursor.as_deref());
    reading.finish()?;
    let filter = BalanceFilter {
        employee_id: filled(query.employee_id.as_deref()).map(Into::into),
        policy_id: filled(query.policy_id.as_deref()).map(Into::into),
        after: page.after.clone(),
    };
    let store = context.store().await?;
    let balances = store
        .read(async |mut tx| balance::list(&mut tx, &filter, page.rows()).await)
        .await?;
    let listing = page.listing(balances, |listed| listed.balance.id.clone());
    Ok(Json(listing.map(BalanceView::from)))
}

async fn list_pushes(
    State(context): State<Context>,
    _: Caller<PayrollRead>,
    Query(query): Query<PushQuery>,
) -> Result<Json<Listing<PushView>>, Problem> {
    let mut reading = Reading::new(&context);
    let page = reading
        .fields
        .page(query.limit.as_deref(), query.cursor.as_deref());
    let result = filled(query.result.as_deref()).and_then(|word| {
        let result = PushResult::named(word);
        if result.is_none() {
            let known = PushResult::ALL.map(PushResult::as_str).join(", ");
            let message = format!("must be one of {known}");
            reading.fields.fault("result", message);
        }
        result
    });
    reading.finish()?;
    let filter = PushFilter {
        employee_id: filled(query.employee_id.as_deref()).map(Into::into),
        policy_id: filled(query.policy_id.as_deref()).map(Into::into),
        result,
        before: page.after.clone(),
    };
    let store = context.store().await?;
    let pushes = store
        .read(async |mut tx| balance_push::list(&mut tx, &filter, page.rows()).await)
        .await?;
    let listing = page.listing(pushes, |push| push.id.clone());
    Ok(Json(listing.map(PushView::from)))
}

/// Rows by day, with the balance after each. One employee's rows are few enough to be read whole.
async fn list_ledger(
    State(context): State<Context>,
    _: Caller<PayrollRead>,
    Query(query): Query<LedgerQuery>,
) -> Result<Json<Listing<LedgerView>>, Problem> {
    let mut reading = Reading::new(&context);
    let employee_id = reading.required_id("employeeId", &Text(query.employee_id));
    let policy_id: PolicyId = reading.required_id("policyId", &Text(query.policy_id));
    let from = reading.fields.date("from", query.from.as_deref());
    let to = reading.fields.date("to", query.to.as_deref());
    let page = reading
        .fields
        .page(query.limit.as_deref(), query.cursor.as_deref());
    reading.finish()?;
    let store = context.store().await?;
    let rows = store
        .read(async |mut tx| balance_ledger::list(&mut tx, &policy_id, &employee_id).await)
        .await?;
    let rows = view::explained(rows).into_iter().filter(|row| {
        from.is_none_or(|from| row.date >= from) && to.is_none_or(|to| row.date <= to)
    });
    let most = page.rows() as usize;
    let rows: Vec<LedgerView> = match &page.after {
        Some(last) => rows
            .skip_while(|row| row.id != *last)
            .skip(1)
            .take(most)
            .collect(),
        None => rows.take(most).collect(),
    };
    Ok(Json(page.listing(rows, |row| row.id.clone())))
}

async fn push_banked(
    State(context): State<Context>,
    caller: Caller<Admin>,
    JsonBody(body): JsonBody<PushBody>,
) -> Result<Response, Problem> {
    push(&context, &caller.identity, BalanceKind::Banked, &body).await
}

async fn push_vacation(
    State(context): State<Context>,
    caller: Caller<Admin>,
    JsonBody(body): JsonBody<PushBody>,
) -> Result<Response, Problem> {
    push(&context, &caller.identity, BalanceKind::Vacation, &body).await
}

async fn push(
    context: &Context,
    caller: &Identity,
    kind: BalanceKind,
    body: &PushBody,
) -> Result<Response, Problem> {
    if let Err(cause) = kind.policy_id(&context.settings().balances) {
        return Err(Problem::new(ProblemKind::Conflict, cause));
    }
    let request = job(kind, body.dry_run, caller)?;
    let jobs = context.jobs().await?;
    let id = jobs.request(&request).await?.id;
    let job = jobs.get(&id).await?;
    let status = job.map_or(JobStatus::Queued, |job| job.status);
    Ok(accepted(context, id, status).into_response())
}

fn job(kind: BalanceKind, dry_run: bool, caller: &Identity) -> Result<JobRequest, Problem> {
    let params = BalanceParams { dry_run };
    Ok(JobRequest {
        kind: JobKind::new(BALANCES, kind.as_str()),
        params: serde_json::to_value(params).map_err(Problem::internal)?,
        requested_by: caller.to_string(),
        occasion: None,
    })
}

async fn correct_balance(
    State(context): State<Context>,
    caller: Caller<Admin>,
    asked: Asked,
    JsonBody(body): JsonBody<CorrectionBody>,
) -> Result<Answer, Problem> {
    let settings = context.settings();
    let today = context.clock().today(&settings.company.zone);
    let mut reading = Reading::new(&context);
    let new = NewCorrection {
        employee_id: reading.required_id("employeeId", &body.employee_id),
        policy_id: reading.required_id("policyId", &body.policy_id),
        date: reading
            .fields
            .date("date", body.date.as_deref())
            .unwrap_or(today),
        hours: hours(&mut reading, &body.hours),
        reason: reading.required_text("reason", &body.reason, LONGEST_TEXT),
        paid_out: body.paid_out,
    };
    reading.finish()?;
    let once = asked.once(&caller.identity, &body);
    let act = act(&context, &caller.identity);
    once.answer(&context, async |mut tx| {
        let row = balances::correct(&mut tx, &act, &settings.balances, today, &new).await?;
        Ok((tx, Answer::made(&LedgerView::from(row), true)?))
    })
    .await
}

/// Signed hours, exact to 0.01.
fn hours(reading: &mut Reading<'_>, sent: &Number) -> Decimal {
    let Some(hours) = sent.0 else {
        reading.fields.fault("hours", "is missing");
        return Decimal::ZERO;
    };
    if hours.normalize().scale() > 2 {
        reading.refuse("hours", "must not have more than 2 decimals");
    } else if hours.abs() > Decimal::from(MOST_HOURS) {
        let message = format!("must lie between -{MOST_HOURS} and {MOST_HOURS}");
        reading.refuse("hours", message);
    }
    hours
}

/// The job is made in the transaction of the release, so that none is released and forgotten.
async fn release_push(
    State(context): State<Context>,
    caller: Caller<Admin>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let settings = &context.settings().balances;
    let act = act(&context, &caller.identity);
    let id = own_form(&id);
    let (store, jobs) = (context.store().await?, context.jobs().await?);
    let requested = store
        .write(async |mut tx| {
            let push = balances::release(&mut tx, &act, &id).await?;
            let kind = BalanceKind::of_policy(&push.policy_id, settings).ok_or_else(|| {
                Problem::new(
                    ProblemKind::Conflict,
                    "The settings name this push's policy no more: it cannot be sent.",
                )
            })?;
            let request = job(kind, false, &caller.identity)?;
            Ok::<_, Problem>(Jobs::request_in(&mut tx, &request).await?)
        })
        .await?;
    jobs.announce(&requested).await?;
    Ok(accepted(&context, requested.id, JobStatus::Queued).into_response())
}
