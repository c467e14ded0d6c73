//! `GET /whoami`: who the caller is and which roles he has; also the connector's connection test.

use axum::Json;
use serde::Serialize;
use shared::functions::{
    access::AnyCaller,
    caller::{Caller, IdentityKind},
    role::Role,
};

use crate::{
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("whoami")
        .get("/whoami", Rule::ANY_CALLER, show_caller)
        .described(
            Operation::new(
                "WhoAmI",
                "Show the caller",
                "Who the caller is, and which roles he has.",
            )
            .answers::<Myself>()
            .internal(),
        )
}

#[derive(Serialize, schemars::JsonSchema)]
struct Myself {
    /// Its kind.
    kind: &'static str,
    /// A program's name, or a person's object id.
    id: String,
    /// Roles that others include are among them.
    #[schemars(with = "Vec<String>")]
    roles: Vec<Role>,
}

async fn show_caller(caller: Caller<AnyCaller>) -> Json<Myself> {
    let identity = caller.identity;
    Json(Myself {
        kind: match identity.kind {
            IdentityKind::Program => "key",
            IdentityKind::Person => "person",
        },
        roles: Role::ALL
            .into_iter()
            .filter(|role| identity.may(*role))
            .collect(),
        id: identity.id,
    })
}
