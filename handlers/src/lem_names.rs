//! What `/roles` and `/equipment` have in common: names per client, for the lines of LEM sheets.

use axum::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    domain::project::Client,
    functions::{
        caller::Identity, context::Context, fields::filled, paging::Listing, problem::Problem,
    },
    lem,
    store::{
        StoreError, client,
        lem_name::{self, LemName, NameFilter, NameList},
    },
};

use crate::{
    lem_sheets::act,
    once::{Answer, Asked},
    reading::{LONGEST_NAME, Reading, own_form},
    sent::Text,
};

/// All names that there are: a search goes through them.
const MOST_NAMES: u32 = 1_000_000;

/// A role or a machine to be made.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewLemName {
    /// A UUID that the app makes.
    id: Text,
    /// The client. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients")))]
    client_id: Text,
    /// The name; the client must not have it yet. Required.
    name: Text,
    /// The only project that it is for; left out, all projects of the client.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects")))]
    project_id: Text,
}

/// A role or a machine.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "LemName")]
pub(crate) struct LemNameView {
    /// Its UUID.
    id: String,
    /// The client.
    client_id: String,
    /// The only project that it is for; empty is all of them.
    project_id: Option<String>,
    /// Its name.
    name: String,
    /// The name and whose it is, for a list of several clients.
    label: String,
}

/// Which names to list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NameQuery {
    /// Only those of this client.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients")))]
    client_id: Option<String>,
    /// Only those of this project, or for all projects.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects")))]
    project_id: Option<String>,
    /// Part of the name.
    q: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

pub(crate) async fn list(
    context: &Context,
    names: NameList,
    query: &NameQuery,
) -> Result<Json<Listing<LemNameView>>, Problem> {
    let mut reading = Reading::new(context);
    let page = reading
        .fields
        .page(query.limit.as_deref(), query.cursor.as_deref());
    reading.finish()?;
    let id = |sent: Option<&str>| filled(sent).map(own_form);
    let filter = NameFilter {
        client_id: id(query.client_id.as_deref()).map(Into::into),
        project_id: id(query.project_id.as_deref()).map(Into::into),
        after: page.after.as_deref().map(|key| {
            let (id, name) = key.split_once('/').unwrap_or((key, ""));
            (name.to_owned(), id.to_owned())
        }),
    };
    let text = filled(query.q.as_deref()).map(str::to_lowercase);
    let rows = text.as_ref().map_or(page.rows(), |_| MOST_NAMES);
    let store = context.store().await?;
    let (mut found, clients) = store
        .read::<_, StoreError, _, _>(async |mut tx| {
            let found = lem_name::list(&mut tx, names, &filter, rows).await?;
            Ok((found, client::list(&mut tx).await?))
        })
        .await?;
    if let Some(text) = text {
        found.retain(|name| name.name.to_lowercase().contains(&text));
        found.truncate(page.rows() as usize);
    }
    let listing = page.listing(found, |name| format!("{}/{}", name.id, name.name));
    Ok(Json(listing.map(|name| {
        let client = clients.iter().find(|client| client.id == name.client_id);
        LemNameView::of(name, client)
    })))
}

pub(crate) async fn create(
    context: &Context,
    names: NameList,
    caller: &Identity,
    asked: &Asked,
    body: &NewLemName,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(context);
    let name = LemName {
        id: reading.new_id("id", &body.id),
        client_id: reading.required_id("clientId", &body.client_id),
        project_id: reading.id("projectId", &body.project_id),
        name: reading.required_text("name", &body.name, LONGEST_NAME),
    };
    reading.finish()?;
    let act = act(context, caller);
    asked
        .once(caller, body)
        .answer(context, async |mut tx| {
            let is_new = lem::add_name(&mut tx, &act, names, &name).await?;
            let client = client::get(&mut tx, &name.client_id).await?;
            let made = LemNameView::of(name.clone(), client.as_ref());
            Ok((tx, Answer::made(&made, is_new)?))
        })
        .await
}

impl LemNameView {
    fn of(name: LemName, client: Option<&Client>) -> Self {
        Self {
            label: match client {
                Some(client) => format!("{} — {}", name.name, client.short_name),
                None => name.name.clone(),
            },
            id: name.id,
            client_id: name.client_id.0,
            project_id: name.project_id.map(|id| id.0),
            name: name.name,
        }
    }
}
