//! `/roles`: the roles of each client, which workers bill as, for the lines of LEM sheets.

use axum::{Json, extract::State};
use shared::{
    functions::{
        access::{LemRead, LemWrite},
        body::{JsonBody, Query},
        caller::Caller,
        context::Context,
        paging::Listing,
        problem::Problem,
        role::Role,
    },
    store::lem_name::NameList,
};

use crate::{
    lem_names::{self, LemNameView, NameQuery, NewLemName},
    once::{Answer, Asked},
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("roles")
        .get("/roles", Rule::role(Role::LemRead), list_roles)
        .described(
            Operation::new("ListRoles", "List roles", "For the drop-down of roles.")
                .query::<NameQuery>()
                .lists::<LemNameView>(),
        )
        .post("/roles", Rule::role(Role::LemWrite), create_role)
        .described(
            Operation::new(
                "CreateRole",
                "Create a role",
                "Makes a new name; it has no rate yet.",
            )
            .body::<NewLemName>()
            .makes::<LemNameView>(),
        )
}

async fn list_roles(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<NameQuery>,
) -> Result<Json<Listing<LemNameView>>, Problem> {
    lem_names::list(&context, NameList::Roles, &query).await
}

async fn create_role(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    asked: Asked,
    JsonBody(body): JsonBody<NewLemName>,
) -> Result<Answer, Problem> {
    lem_names::create(&context, NameList::Roles, &caller.identity, &asked, &body).await
}
