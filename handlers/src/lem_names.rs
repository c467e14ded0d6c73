//! What `/roles` and `/equipment` have in common: names per client, for the lines of LEM sheets.

use axum::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    functions::{
        caller::Identity, context::Context, fields::filled, paging::Listing, problem::Problem,
    },
    lem,
    store::lem_name::{self, LemName, NameFilter, NameList},
};

use crate::{
    lem_sheets::act,
    once::{Answer, Asked},
    reading::{LONGEST_NAME, Reading, own_form},
    sent::Text,
};

/// A role or a machine to be made.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewLemName {
    /// A UUID that the app makes.
    id: Text,
    /// The client. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients", "name")))]
    client_id: Text,
    /// The name; the client must not have it yet. Required.
    name: Text,
    /// The only project that it is for; left out, all projects of the client.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects", "name")))]
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
}

/// Which names to list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NameQuery {
    /// Only those of this client.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients", "name")))]
    client_id: Option<String>,
    /// Only those of this project, or for all projects.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects", "name")))]
    project_id: Option<String>,
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
    let store = context.store().await?;
    let found = store
        .read(async |mut tx| lem_name::list(&mut tx, names, &filter, page.rows()).await)
        .await?;
    let listing = page.listing(found, |name| format!("{}/{}", name.id, name.name));
    Ok(Json(listing.map(LemNameView::from)))
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
            Ok((tx, Answer::made(&LemNameView::from(name.clone()), is_new)?))
        })
        .await
}

impl From<LemName> for LemNameView {
    fn from(name: LemName) -> Self {
        Self {
            id: name.id,
            client_id: name.client_id.0,
            project_id: name.project_id.map(|id| id.0),
            name: name.name,
        }
    }
}
