//! `GET /openapi.json`: this interface as OpenAPI 2.0, which Power Apps imports as a custom connector.
//!
//! It is made from the table of routes and from the types that the handlers read and write: there is no second
//! list. `handlers openapi` writes it to `infra/connector`, and a test compares.

mod document;
mod schema;

use axum::{Json, extract::State};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};
use shared::functions::{access::AnyCaller, caller::Caller, context::Context};

pub use self::document::{SignIn, document};
use crate::routes::{HttpFunction, Rule};

/// A type's schema, put among the definitions.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a route is to a maker of apps.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The function's name in Power Fx.
    pub(crate) id: &'static str,
    /// A few words, first letter large.
    pub(crate) summary: &'static str,
    /// Sentences.
    pub(crate) description: &'static str,
    pub(crate) query: Option<SchemaOf>,
    pub(crate) body: Option<SchemaOf>,
    pub(crate) answer: Option<SchemaOf>,
    /// The status of success.
    pub(crate) status: u16,
    /// Other statuses of success, without a schema: the designer takes only one.
    pub(crate) also: Vec<(u16, &'static str)>,
    pub(crate) takes_key: bool,
    /// Hidden from makers: `internal`.
    pub(crate) is_internal: bool,
}

impl Operation {
    pub(crate) fn new(id: &'static str, summary: &'static str, description: &'static str) -> Self {
        Self {
            id,
            summary,
            description,
            query: None,
            body: None,
            answer: None,
            status: 200,
            also: Vec::new(),
            takes_key: false,
            is_internal: false,
        }
    }

    /// Takes these parameters in the query.
    pub(crate) fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(schemars::SchemaGenerator::root_schema_for::<T>);
        self
    }

    /// Takes this body.
    pub(crate) fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// 200 with this.
    pub(crate) fn answers<T: JsonSchema>(mut self) -> Self {
        self.answer = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// 200 with a page of these.
    pub(crate) fn lists<T: JsonSchema>(mut self) -> Self {
        self.answer = Some(schema::page_of::<T>);
        self
    }

    /// 201 with this, or 200 where it was there before; the request can be repeated.
    pub(crate) fn makes<T: JsonSchema>(mut self) -> Self {
        self.answer = Some(SchemaGenerator::subschema_for::<T>);
        self.status = 201;
        self.also
            .push((200, "It was there before; the body is the same."));
        self.repeatable()
    }

    /// 202 with this: a job is on its way.
    pub(crate) fn accepts<T: JsonSchema>(mut self) -> Self {
        self.answer = Some(SchemaGenerator::subschema_for::<T>);
        self.status = 202;
        self
    }

    /// May also answer that.
    pub(crate) fn or(mut self, status: u16, says: &'static str) -> Self {
        self.also.push((status, says));
        self
    }

    /// Takes an `Idempotency-Key`.
    pub(crate) fn repeatable(mut self) -> Self {
        self.takes_key = true;
        self
    }

    /// Not for makers.
    pub(crate) fn internal(mut self) -> Self {
        self.is_internal = true;
        self
    }
}

/// `x-ms-dynamic-values`: a drop-down of the active clients, projects or employees.
pub(crate) fn drop_down(operation: &str) -> Value {
    filled_by(
        operation,
        "name",
        &json!({ "active": "true", "limit": "200" }),
    )
}

/// A drop-down of the roles or the equipment of all clients, each with whose it is: a body's field cannot name its
/// neighbour.
pub(crate) fn all_names(operation: &str) -> Value {
    filled_by(operation, "label", &json!({ "limit": "200" }))
}

/// A drop-down of the roles or the equipment of the client whom the parameter `clientId` beside it names.
pub(crate) fn client_names(operation: &str) -> Value {
    let of_client = json!({ "clientId": { "parameter": "clientId" }, "limit": "200" });
    filled_by(operation, "label", &of_client)
}

/// Filled by another operation's list, asked with these parameters.
fn filled_by(operation: &str, title: &str, parameters: &Value) -> Value {
    json!({
        "operationId": operation,
        "parameters": parameters,
        "value-collection": "items",
        "value-path": "id",
        "value-title": title,
    })
}

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("openapi")
        .get("/openapi.json", Rule::ANY_CALLER, show_document)
        .described(
            Operation::new(
                "GetOpenApi",
                "Get the interface",
                "This interface as OpenAPI 2.0.",
            )
            .internal(),
        )
}

/// The address in the connector's files; whoever imports them puts the app's own in its place.
const PLACE: &str = "https://clocking.azurewebsites.net/api";

/// The files of the connector below `infra/connector`, by name.
pub fn connector() -> Vec<(&'static str, String)> {
    let functions = crate::functions();
    let file = |sign_in| {
        let document = document(&functions, sign_in, PLACE);
        format!("{document:#}\n")
    };
    vec![
        ("apiDefinition.swagger.json", file(SignIn::Key)),
        ("entra/apiDefinition.swagger.json", file(SignIn::Entra)),
    ]
}

async fn show_document(State(context): State<Context>, _: Caller<AnyCaller>) -> Json<Value> {
    let base = context.settings().links.address("/api");
    Json(document(&crate::functions(), SignIn::Key, &base))
}

/// Statuses of refusal that an operation can answer, and what each means.
pub(crate) fn refusals(method: &Method, rule: Rule, has_id: bool) -> Vec<(u16, &'static str)> {
    let mut refusals = vec![(400, "Malformed; the fields are named.")];
    if rule != Rule::ANYONE {
        refusals.push((401, "No key, or a wrong one."));
        refusals.push((403, "The role is missing."));
    }
    if has_id {
        refusals.push((404, "There is no such thing."));
    }
    if method != Method::GET {
        refusals.extend([
            (408, "The body took too long to arrive."),
            (409, "It meets what is there already; the detail says why."),
            (412, "Somebody else changed it since; the errors say what."),
            (413, "Over 1 MB."),
            (415, "Not JSON."),
        ]);
    }
    refusals.extend([
        (422, "Refused by a rule; the fields are named."),
        (429, "Too many requests."),
        (500, "A fault of the service."),
        (503, "The database or storage is away; try again."),
    ]);
    refusals
}
