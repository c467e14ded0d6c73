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

use crate::{
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("flags")
        .get("/flags", Rule::role(Role::ReportsRead), list_flags)
        .described(
            Operation::new("ListFlags", "List flags", "What a person must look at.")
                .query::<FlagQuery>()
                .lists::<FlagView>(),
        )
}

#[derive(Deserialize, schemars::JsonSchema)]
struct FlagQuery {
    /// Its kind.
    kind: Option<String>,
    /// From this day or instant on.
    since: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FlagView {
    /// Its id.
    id: String,
    /// Its kind.
    #[schemars(with = "String")]
    kind: FlagKind,
    /// What kind of record it is about.
    record_kind: String,
    /// Which record it is about.
    record_id: String,
    /// When it was raised.
    #[schemars(with = "String")]
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
