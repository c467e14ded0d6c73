//! `GET /audit`: who changed what, and when.

use axum::{Json, extract::State};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
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
    store::audit::{self, AuditEntry, AuditFilter},
};

use crate::{
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("audit")
        .get("/audit", Rule::role(Role::Admin), list_audit)
        .described(
            Operation::new(
                "ListAudit",
                "List changes",
                "Who changed what, and when, newest first.",
            )
            .query::<AuditQuery>()
            .lists::<ChangeView>(),
        )
}

/// Which changes to list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AuditQuery {
    /// Only changes from this day or instant on.
    from: Option<String>,
    /// Only changes up to this day or instant.
    to: Option<String>,
    /// Only changes by this caller, as the list names him.
    caller: Option<String>,
    /// Only changes of this kind, such as create or sign.
    action: Option<String>,
    /// Only changes of this kind of record, such as lem_sheet.
    record_kind: Option<String>,
    /// Only changes of this record.
    record_id: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

/// One change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AuditEntry")]
struct ChangeView {
    /// The change's id.
    id: String,
    /// When it was made.
    #[schemars(with = "String")]
    at: Timestamp,
    /// Who made it.
    caller: String,
    /// What was done, such as create or sign.
    action: String,
    /// What kind of record it was.
    record_kind: String,
    /// Which record it was.
    record_id: String,
    /// The version that it made.
    version: Option<i64>,
    /// The fields that differ, as they were. Of balances only Payroll.Read is told.
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    before: serde_json::Value,
    /// The fields that differ, as they became. Of balances only Payroll.Read is told.
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    after: serde_json::Value,
}

async fn list_audit(
    State(context): State<Context>,
    caller: Caller<Admin>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Listing<ChangeView>>, Problem> {
    let mut fields = Fields::new(context.settings());
    let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
    let from = fields.since("from", query.from.as_deref());
    let until = fields.until("to", query.to.as_deref());
    fields.finish()?;
    let word = |sent: Option<&str>| filled(sent).map(str::to_owned);
    let filter = AuditFilter {
        from,
        until,
        caller: word(query.caller.as_deref()),
        action: word(query.action.as_deref()),
        record_kind: word(query.record_kind.as_deref()),
        record_id: word(query.record_id.as_deref()),
        before: page.after.clone(),
    };
    let store = context.store().await?;
    let entries = store
        .read(async |mut tx| audit::list(&mut tx, &filter, page.rows()).await)
        .await?;
    let listing = page.listing(entries, |entry| entry.id.clone());
    let sees_pay = caller.identity.may(Role::PayrollRead);
    Ok(Json(listing.map(|entry| {
        let is_hidden = is_pay(&entry) && !sees_pay;
        let mut change = ChangeView::from(entry);
        if is_hidden {
            (change.before, change.after) = (json!({}), json!({}));
        }
        change
    })))
}

/// Figures of pay: not even for `Admin`.
fn is_pay(entry: &AuditEntry) -> bool {
    ["balance_ledger", "balance_push"].contains(&entry.record_kind.as_str())
}

impl From<AuditEntry> for ChangeView {
    fn from(mut entry: AuditEntry) -> Self {
        Self {
            version: entry.change["version"].as_i64(),
            before: entry.change["before"].take(),
            after: entry.change["after"].take(),
            id: entry.id,
            at: entry.at,
            caller: entry.caller,
            action: entry.action,
            record_kind: entry.record_kind,
            record_id: entry.record_id,
        }
    }
}
