//! `/rates/workers`, `/rates/equipment`: what a role or a machine costs one client on one project from a day on.

use axum::{Json, extract::State};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    domain::lem::{Amount, EquipmentPrices, EquipmentRate, WorkerPrices, WorkerRate},
    functions::{
        access::{LemRates, LemRead},
        body::{JsonBody, Query},
        caller::Caller,
        context::Context,
        fields::filled,
        paging::{Listing, Page},
        problem::Problem,
        role::Role,
    },
    lem::{self, RateNow},
    store::lem_rate::{self, RateFilter, RatePlace},
};

use crate::{
    lem_sheets::act,
    once::{Answer, Asked},
    openapi::Operation,
    reading::{Reading, own_form},
    routes::{HttpFunction, Rule},
    sent::{Exact, Number, Text},
};

pub(crate) fn function() -> HttpFunction {
    let readers = Rule::role(Role::LemRead);
    let keepers = Rule::role(Role::LemRates);
    HttpFunction::new("rates")
        .get("/rates/workers", readers, list_worker_rates)
        .described(
            Operation::new("ListWorkerRates", "List worker rates", "Rates of roles, by project and day.")
                .query::<RateQuery>()
                .lists::<WorkerRateView>(),
        )
        .put("/rates/workers", keepers, put_worker_rate)
        .described(
            Operation::new(
                "PutWorkerRate",
                "Set a worker rate",
                "Sets the prices of a role from a day on. Empty is missing, 0 is free of charge. Submitted sheets \
                 keep their prices.",
            )
            .body::<WorkerRateBody>()
            .repeatable()
            .answers::<WorkerRateView>(),
        )
        .get("/rates/equipment", readers, list_equipment_rates)
        .described(
            Operation::new(
                "ListEquipmentRates",
                "List equipment rates",
                "Rates of machines, by project and day.",
            )
            .query::<RateQuery>()
            .lists::<EquipmentRateView>(),
        )
        .put("/rates/equipment", keepers, put_equipment_rate)
        .described(
            Operation::new(
                "PutEquipmentRate",
                "Set an equipment rate",
                "Sets the prices of a machine from a day on. Empty is missing, 0 is free of charge. Submitted sheets \
                 keep their prices.",
            )
            .body::<EquipmentRateBody>()
            .repeatable()
            .answers::<EquipmentRateView>(),
        )
}

/// The prices of a role from a day on.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct WorkerRateBody {
    /// The version that was shown, if there was one.
    version: Number,
    /// The client. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients")))]
    client_id: Text,
    /// The project. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects")))]
    project_id: Text,
    /// The role. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::all_names("ListRoles")))]
    role_id: Text,
    /// The first day that it holds for. Required.
    valid_from: Text,
    /// Price of an hour of work.
    work_rate: Number,
    /// Price of an hour of travel.
    travel_rate: Number,
    /// Price of an hour of calculations.
    calc_rate: Number,
    /// Price of a meal.
    meal_rate: Number,
    /// Price of a night in a hotel.
    hotel_rate: Number,
}

/// The prices of a machine from a day on.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct EquipmentRateBody {
    /// The version that was shown, if there was one.
    version: Number,
    /// The client. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients")))]
    client_id: Text,
    /// The project. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects")))]
    project_id: Text,
    /// The machine. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::all_names("ListEquipment")))]
    equipment_id: Text,
    /// The first day that it holds for. Required.
    valid_from: Text,
    /// Price of a unit.
    unit_rate: Number,
    /// Price of a day.
    day_rate: Number,
}

/// A worker rate.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WorkerRate")]
struct WorkerRateView {
    /// Its UUID.
    id: String,
    /// One more with every change.
    version: i64,
    /// The client.
    client_id: String,
    /// The project.
    project_id: String,
    /// The role.
    role_id: String,
    /// The first day that it holds for.
    #[schemars(with = "String")]
    valid_from: Date,
    /// Price of an hour of work; empty is missing.
    work_rate: Option<Exact>,
    /// Price of an hour of travel; empty is missing.
    travel_rate: Option<Exact>,
    /// Price of an hour of calculations; empty is missing.
    calc_rate: Option<Exact>,
    /// Price of a meal; empty is missing.
    meal_rate: Option<Exact>,
    /// Price of a night in a hotel; empty is missing.
    hotel_rate: Option<Exact>,
}

/// An equipment rate.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "EquipmentRate")]
struct EquipmentRateView {
    /// Its UUID.
    id: String,
    /// One more with every change.
    version: i64,
    /// The client.
    client_id: String,
    /// The project.
    project_id: String,
    /// The machine.
    equipment_id: String,
    /// The first day that it holds for.
    #[schemars(with = "String")]
    valid_from: Date,
    /// Price of a unit; empty is missing.
    unit_rate: Option<Exact>,
    /// Price of a day; empty is missing.
    day_rate: Option<Exact>,
}

/// Which rates to list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RateQuery {
    /// Only rates of this client.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients")))]
    client_id: Option<String>,
    /// Only rates of this project.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects")))]
    project_id: Option<String>,
    /// Only rates of this role.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::client_names("ListRoles")))]
    role_id: Option<String>,
    /// Only rates of this machine.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::client_names("ListEquipment")))]
    equipment_id: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

impl RateQuery {
    fn read(&self, context: &Context, of: Option<&str>) -> Result<(RateFilter, Page), Problem> {
        let mut reading = Reading::new(context);
        let page = reading
            .fields
            .page(self.limit.as_deref(), self.cursor.as_deref());
        let after = page.after.as_deref().and_then(|key| {
            let place = place(key);
            if place.is_none() {
                let message = "must be the `nextCursor` of an answer";
                reading.fields.fault("cursor", message);
            }
            place
        });
        reading.finish()?;
        let id = |sent: Option<&str>| filled(sent).map(own_form);
        let filter = RateFilter {
            client_id: id(self.client_id.as_deref()).map(Into::into),
            project_id: id(self.project_id.as_deref()).map(Into::into),
            of: id(of),
            after,
        };
        Ok((filter, page))
    }
}

fn place(key: &str) -> Option<RatePlace> {
    let mut parts = key.split('\n');
    Some(RatePlace {
        client_id: parts.next()?.into(),
        project_id: parts.next()?.into(),
        of: parts.next()?.to_owned(),
        valid_from: parts.next()?.parse().ok()?,
    })
}

async fn list_worker_rates(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<RateQuery>,
) -> Result<Json<Listing<WorkerRateView>>, Problem> {
    let (filter, page) = query.read(&context, query.role_id.as_deref())?;
    let store = context.store().await?;
    let rates = store
        .read(async |mut tx| lem_rate::list_worker(&mut tx, &filter, page.rows()).await)
        .await?;
    let listing = page.listing(rates, |RateNow { rate, .. }| {
        format!(
            "{}\n{}\n{}\n{}",
            rate.client_id, rate.project_id, rate.role_id, rate.valid_from
        )
    });
    Ok(Json(listing.map(WorkerRateView::from)))
}

async fn list_equipment_rates(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<RateQuery>,
) -> Result<Json<Listing<EquipmentRateView>>, Problem> {
    let (filter, page) = query.read(&context, query.equipment_id.as_deref())?;
    let store = context.store().await?;
    let rates = store
        .read(async |mut tx| lem_rate::list_equipment(&mut tx, &filter, page.rows()).await)
        .await?;
    let listing = page.listing(rates, |RateNow { rate, .. }| {
        format!(
            "{}\n{}\n{}\n{}",
            rate.client_id, rate.project_id, rate.equipment_id, rate.valid_from
        )
    });
    Ok(Json(listing.map(EquipmentRateView::from)))
}

async fn put_worker_rate(
    State(context): State<Context>,
    caller: Caller<LemRates>,
    asked: Asked,
    JsonBody(body): JsonBody<WorkerRateBody>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let mut price =
        |field, sent: &Number| -> Option<Decimal> { reading.amount(field, sent, Amount::Money) };
    let prices = WorkerPrices {
        work_rate: price("workRate", &body.work_rate),
        travel_rate: price("travelRate", &body.travel_rate),
        calc_rate: price("calcRate", &body.calc_rate),
        meal_rate: price("mealRate", &body.meal_rate),
        hotel_rate: price("hotelRate", &body.hotel_rate),
    };
    let rate = WorkerRate {
        client_id: reading.required_id("clientId", &body.client_id),
        project_id: reading.required_id("projectId", &body.project_id),
        role_id: reading.required_id("roleId", &body.role_id),
        valid_from: reading.required_date("validFrom", &body.valid_from),
        prices,
    };
    reading.finish()?;
    let act = act(&context, &caller.identity);
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let now = lem::put_worker_rate(&mut tx, &act, &rate, seen).await?;
            Ok((tx, Answer::ok(&WorkerRateView::from(now))?))
        })
        .await
}

async fn put_equipment_rate(
    State(context): State<Context>,
    caller: Caller<LemRates>,
    asked: Asked,
    JsonBody(body): JsonBody<EquipmentRateBody>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let prices = EquipmentPrices {
        unit_rate: reading.amount("unitRate", &body.unit_rate, Amount::Money),
        day_rate: reading.amount("dayRate", &body.day_rate, Amount::Money),
    };
    let rate = EquipmentRate {
        client_id: reading.required_id("clientId", &body.client_id),
        project_id: reading.required_id("projectId", &body.project_id),
        equipment_id: reading.required_id("equipmentId", &body.equipment_id),
        valid_from: reading.required_date("validFrom", &body.valid_from),
        prices,
    };
    reading.finish()?;
    let act = act(&context, &caller.identity);
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let now = lem::put_equipment_rate(&mut tx, &act, &rate, seen).await?;
            Ok((tx, Answer::ok(&EquipmentRateView::from(now))?))
        })
        .await
}

impl From<RateNow<WorkerRate>> for WorkerRateView {
    fn from(now: RateNow<WorkerRate>) -> Self {
        let rate = now.rate;
        Self {
            id: now.id,
            version: now.version,
            client_id: rate.client_id.0,
            project_id: rate.project_id.0,
            role_id: rate.role_id.0,
            valid_from: rate.valid_from,
            work_rate: rate.prices.work_rate.map(Exact),
            travel_rate: rate.prices.travel_rate.map(Exact),
            calc_rate: rate.prices.calc_rate.map(Exact),
            meal_rate: rate.prices.meal_rate.map(Exact),
            hotel_rate: rate.prices.hotel_rate.map(Exact),
        }
    }
}

impl From<RateNow<EquipmentRate>> for EquipmentRateView {
    fn from(now: RateNow<EquipmentRate>) -> Self {
        let rate = now.rate;
        Self {
            id: now.id,
            version: now.version,
            client_id: rate.client_id.0,
            project_id: rate.project_id.0,
            equipment_id: rate.equipment_id.0,
            valid_from: rate.valid_from,
            unit_rate: rate.prices.unit_rate.map(Exact),
            day_rate: rate.prices.day_rate.map(Exact),
        }
    }
}
