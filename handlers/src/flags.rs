//! `GET /flags`: what a person must look at (`domain.md` §9).

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    domain::flags::FlagKind,
    functions::{
        access::ReportsRead,
        body::Query,
        caller::Caller,
        context::Context,
        fields::{Fields, filled},
        paging::Listing,
        problem::Problem,
        role::Role,
    },
    store::flag::{self, Flag, FlagFilter},
};

use crate::routes::{HttpFunction, Rule};

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("flags").get("/flags", Rule::role(Role::ReportsRead), list_flags)
}

#[derive(Deserialize)]
struct FlagQuery {
    kind: Option<String>,
    since: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlagView {
    id: String,
    kind: FlagKind,
    record_kind: String,
    record_id: String,
    raised_at: Timestamp,
}

async fn list_flags(
    State(context): State<Context>,
    _: Caller<ReportsRead>,
    Query(query): Query<FlagQuery>,
) -> Result<Json<Listing<FlagView>>, Problem> {
    let mut fields = Fields::new(context.settings());
    let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
    let kind = filled(query.kind.as_deref()).and_then(|word| {
        let kind = FlagKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        if kind.is_none() {
            let kinds = FlagKind::ALL.map(FlagKind::as_str).join(", ");
            fields.fault("kind", format!("must be one of {kinds}"));
        }
        kind
    });
    let since = fields.since("since", query.since.as_deref());
    fields.finish()?;
    let filter = FlagFilter {
        kind,
        since,
        before: page.after.clone(),
    };
    let store = context.store().await?;
    let flags = store
        .read(async |mut tx| flag::list(&mut tx, &filter, page.rows()).await)
        .await?;
    Ok(Json(page.listing(flags, |flag| flag.id.clone()).map(view)))
}

fn view(flag: Flag) -> FlagView {
    FlagView {
        id: flag.id,
        kind: flag.kind,
        record_kind: flag.record_kind,
        record_id: flag.record_id,
        raised_at: flag.raised_at,
    }
}
