//! `GET /deliveries`: webhooks as they came in, and what became of each.

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::ids::DeliveryId,
    functions::{
        access::Admin,
        body::Query,
        caller::Caller,
        context::Context,
        fields::{Fields, filled},
        paging::Listing,
        problem::Problem,
        role::Role,
    },
    store::delivery::{self, Delivery, DeliveryFilter, Outcome},
};

use crate::{
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("deliveries")
        .get("/deliveries", Rule::role(Role::Admin), list_deliveries)
        .described(
            Operation::new(
                "ListDeliveries",
                "List deliveries",
                "Webhooks as they came in, newest first.",
            )
            .query::<DeliveryQuery>()
            .lists::<DeliveryView>(),
        )
}

#[derive(Deserialize, schemars::JsonSchema)]
struct DeliveryQuery {
    /// From this day on.
    from: Option<String>,
    /// Up to this day.
    to: Option<String>,
    /// What became of it.
    outcome: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeliveryView {
    /// Its id.
    #[schemars(with = "String")]
    id: DeliveryId,
    /// Clockify's name of the event.
    event_type: String,
    /// Which record it is about.
    record_id: String,
    /// How often it came.
    times_seen: u32,
    /// When it first came.
    #[schemars(with = "String")]
    first_received_at: Timestamp,
    /// When it last came.
    #[schemars(with = "String")]
    last_received_at: Timestamp,
    /// What became of it.
    outcome: &'static str,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// How often it failed.
    failed_tries: u32,
}

async fn list_deliveries(
    State(context): State<Context>,
    _: Caller<Admin>,
    Query(query): Query<DeliveryQuery>,
) -> Result<Json<Listing<DeliveryView>>, Problem> {
    let mut fields = Fields::new(context.settings());
    let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
    let outcome = filled(query.outcome.as_deref()).and_then(|word| {
        let outcome = Outcome::named(word);
        if outcome.is_none() {
            let words = Outcome::ALL.map(Outcome::as_str).join(", ");
            fields.fault("outcome", format!("must be one of {words}"));
        }
        outcome
    });
    let filter = DeliveryFilter {
        from: fields.since("from", query.from.as_deref()),
        to: fields.until("to", query.to.as_deref()),
        outcome,
        before: page.after.clone().map(DeliveryId),
    };
    fields.finish()?;
    let store = context.store().await?;
    let deliveries = store
        .read(async |mut tx| delivery::list(&mut tx, &filter, page.rows()).await)
        .await?;
    let listing = page.listing(deliveries, |delivery| delivery.id.to_string());
    Ok(Json(listing.map(view)))
}

fn view(delivery: Delivery) -> DeliveryView {
    DeliveryView {
        id: delivery.id,
        event_type: delivery.event_type,
        record_id: delivery.record_id,
        times_seen: delivery.times_seen,
        first_received_at: delivery.first_received_at,
        last_received_at: delivery.last_received_at,
        outcome: delivery.outcome.as_str(),
        error: delivery.error,
        failed_tries: delivery.failed_tries,
    }
}
