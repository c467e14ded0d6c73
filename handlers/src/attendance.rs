//! `GET /attendance`: what each employee worked, banked and is paid, day by day (`domain.md` §4).

use axum::{Json, extract::State};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use shared::{
    domain::{
        attendance::{AttendanceDay, Counting, Workplace},
        ids::EmployeeId,
        staff_names::known_name,
    },
    functions::{
        access::PayrollRead,
        body::Query,
        caller::Caller,
        context::Context,
        fields::{self, Fields, filled},
        paging::Listing,
        problem::Problem,
        role::Role,
    },
    store::attendance,
};

use crate::{
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

/// A year at once: the answer is computed whole before it is cut into pages.
const MOST_DAYS: i64 = 366;

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("attendance")
        .get(
            "/attendance",
            Rule::role(Role::PayrollRead),
            list_attendance,
        )
        .described(
            Operation::new(
                "ListAttendance",
                "List attendance",
                "What each employee worked, banked and is paid, day by day.",
            )
            .query::<AttendanceQuery>()
            .lists::<DayView>(),
        )
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AttendanceQuery {
    /// From this day on.
    from: Option<String>,
    /// Up to this day.
    to: Option<String>,
    /// The employee.
    employee_id: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

/// One employee and day with anything on it.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DayView {
    /// The employee.
    #[schemars(with = "String")]
    employee_id: EmployeeId,
    /// The name of the employee.
    employee_name: String,
    /// The day.
    #[schemars(with = "String")]
    date: Date,
    /// Worked hours.
    #[serde(serialize_with = "hours")]
    #[schemars(with = "crate::sent::Exact")]
    worked_hours: Decimal,
    /// Regular hours.
    #[serde(serialize_with = "hours")]
    #[schemars(with = "crate::sent::Exact")]
    regular_hours: Decimal,
    /// Overtime hours.
    #[serde(serialize_with = "hours")]
    #[schemars(with = "crate::sent::Exact")]
    overtime_hours: Decimal,
    /// Banked hours.
    #[serde(serialize_with = "hours")]
    #[schemars(with = "crate::sent::Exact")]
    banked_hours: Decimal,
    /// Paid leave.
    #[serde(serialize_with = "hours")]
    #[schemars(with = "crate::sent::Exact")]
    time_off_hours: Decimal,
    /// Stat hours.
    #[serde(serialize_with = "hours")]
    #[schemars(with = "crate::sent::Exact")]
    stat_hours: Decimal,
    /// Total paid hours.
    #[serde(serialize_with = "hours")]
    #[schemars(with = "crate::sent::Exact")]
    total_paid_hours: Decimal,
    /// The policies of leave.
    policy: String,
    /// Its state.
    status: &'static str,
    /// Hours of work in timesheets that are neither approved nor pending.
    #[serde(serialize_with = "hours")]
    #[schemars(with = "crate::sent::Exact")]
    waiting_hours: Decimal,
    /// Why the hours are what they are.
    reasons: Vec<String>,
}

async fn list_attendance(
    State(context): State<Context>,
    _: Caller<PayrollRead>,
    Query(query): Query<AttendanceQuery>,
) -> Result<Json<Listing<DayView>>, Problem> {
    let settings = context.settings();
    let mut fields = Fields::new(settings);
    let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
    let from = fields.required_date("from", query.from.as_deref());
    let to = fields.required_date("to", query.to.as_deref());
    fields.finish()?;
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Problem::internal(
            "a required day is neither there nor at fault",
        ));
    };
    let period = fields::period(from, to)?;
    fields::at_most(period, MOST_DAYS)?;
    let employee = filled(query.employee_id.as_deref()).map(EmployeeId::from);

    let store = context.store().await?;
    let records = store
        .read(async |mut tx| attendance::read(&mut tx, period, employee.as_ref()).await)
        .await?;
    if employee.is_some() && records.people.is_empty() {
        return Err(Problem::not_found("There is no employee with that id."));
    }
    let rules = &settings.pay.rules;
    let workplace = Workplace::new(rules, &records.holidays, &records.groups, &records.policies);
    let days = records.people.iter().flat_map(|time| {
        let days = workplace.attendance(time, period, Counting::ApprovedAndPending);
        let with_anything = days.into_iter().filter(AttendanceDay::has_anything);
        let name = known_name(&time.employee.id, &time.employee.name);
        with_anything.map(move |day| view(day, &name))
    });
    let wanted = days.skip_while(|day| page.after.as_ref().is_some_and(|after| key(day) <= *after));
    let rows = wanted.take(page.rows() as usize).collect();
    Ok(Json(page.listing(rows, key)))
}

/// The order of the answer: by employee id, then by day.
fn key(day: &DayView) -> String {
    format!("{}/{}", day.employee_id, day.date)
}

fn view(day: AttendanceDay, name: &str) -> DayView {
    DayView {
        employee_name: name.to_owned(),
        date: day.date,
        worked_hours: day.worked,
        regular_hours: day.regular,
        overtime_hours: day.overtime,
        banked_hours: day.banked,
        time_off_hours: day.paid_time_off(),
        stat_hours: day.stat,
        total_paid_hours: day.total_paid,
        policy: day.policy_names(),
        status: day.status.as_str(),
        waiting_hours: day.waiting,
        reasons: day.reasons.iter().map(ToString::to_string).collect(),
        employee_id: day.employee_id,
    }
}

/// A JSON number, exact, without needless zeros.
fn hours<S: Serializer>(hours: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    rust_decimal::serde::arbitrary_precision::serialize(&hours.normalize(), serializer)
}
