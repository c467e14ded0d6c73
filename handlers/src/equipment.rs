//! `/equipment`: the machines of each client, for the lines of LEM sheets.

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
    HttpFunction::new("equipment")
        .get("/equipment", Rule::role(Role::LemRead), list_equipment)
        .described(
            Operation::new(
                "ListEquipment",
                "List equipment",
                "For the drop-down of equipment.",
            )
            .query::<NameQuery>()
            .lists::<LemNameView>(),
        )
        .post("/equipment", Rule::role(Role::LemWrite), create_equipment)
        .described(
            Operation::new(
                "CreateEquipment",
                "Create equipment",
                "Makes a new name; it has no rate yet.",
            )
            .body::<NewLemName>()
            .makes::<LemNameView>(),
        )
}

async fn list_equipment(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<NameQuery>,
) -> Result<Json<Listing<LemNameView>>, Problem> {
    lem_names::list(&context, NameList::Equipment, &query).await
}

async fn create_equipment(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    asked: Asked,
    JsonBody(body): JsonBody<NewLemName>,
) -> Result<Answer, Problem> {
    lem_names::create(
        &context,
        NameList::Equipment,
        &caller.identity,
        &asked,
        &body,
    )
    .await
}
