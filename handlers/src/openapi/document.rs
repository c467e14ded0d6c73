//! The document: one operation per route, one definition per type.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{Operation, refusals, schema};
use crate::routes::{Functions, Route, Rule};

/// How people and programs show who they are. A connector takes one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// A secret key in a header.
    Key,
    /// Microsoft Entra, as the person who uses the app.
    Entra,
}

/// The interface of these functions; `base` is the address below which the paths lie.
pub fn document(functions: &Functions, sign_in: SignIn, base: &str) -> Value {
    let mut generator = SchemaSettings::draft07().into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in functions.http.iter().flat_map(|function| &function.routes) {
        let Some(operation) = &route.operation else {
            continue;
        };
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = described(route, operation, &mut generator);
    }
    let mut definitions: Map<String, Value> = generator
        .take_definitions(true)
        .into_iter()
        .map(|(name, schema)| (name, schema::plain(schema)))
        .collect();
    definitions.insert("Problem".to_owned(), problem());
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (name, security) = security(sign_in);
    json!({
        "swagger": "2.0",
        "info": {
            "title": "Clocking",
            "description": "Time, reports and LEM sheets of a construction company.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "host": host,
        "basePath": format!("/{path}"),
        "schemes": [scheme],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": paths,
        "definitions": definitions,
        "parameters": {},
        "responses": {},
        "securityDefinitions": { name: security },
        "security": [{ name: [] }],
        "tags": [],
        "x-ms-capabilities": { "testConnection": { "operationId": "WhoAmI", "parameters": {} } },
    })
}

fn described(route: &Route, operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = Vec::new();
    for name in path_parameters(route.path) {
        parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "type": "string",
            "description": format!("Which one: its {}.", schema::title(name).to_lowercase()),
            "x-ms-summary": schema::title(name),
            "x-ms-url-encoding": "single",
        }));
    }
    if let Some(query) = operation.query {
        let query = schema::plain(query(generator).to_value());
        parameters.extend(query_parameters(&query));
    }
    if operation.takes_key {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "type": "string",
            "description": "Text of the caller's own; the same request with the same key is done once.",
            "x-ms-summary": "Idempotency Key",
            "x-ms-visibility": "advanced",
        }));
    }
    if let Some(body) = operation.body {
        let schema = schema::plain(body(generator).to_value());
        parameters.push(json!({
            "name": "body",
            "in": "body",
            "required": true,
            "description": sentence_of(&schema, generator),
            "schema": schema,
            "x-ms-summary": "Body",
        }));
    }
    let has_id = !path_parameters(route.path).is_empty() || operation.query.is_some();
    let mut responses = Map::new();
    for (status, says) in refusals(&route.method, route.rule, has_id) {
        responses.insert(status.to_string(), json!({ "description": says }));
    }
    for (status, says) in &operation.also {
        responses.insert(status.to_string(), json!({ "description": says }));
    }
    let mut success = json!({ "description": success(operation.status) });
    success["schema"] = match operation.answer {
        Some(answer) => schema::plain(answer(generator).to_value()),
        None => json!({ "type": "object" }),
    };
    responses.insert(operation.status.to_string(), success);
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
        "parameters": parameters,
        "responses": responses,
    });
    if route.rule == Rule::ANYONE {
        described["security"] = json!([]);
    }
    if operation.is_internal {
        described["x-ms-visibility"] = "internal".into();
    }
    described
}

/// What the definition that a schema refers to says of itself.
fn sentence_of(schema: &Value, generator: &SchemaGenerator) -> Value {
    let name = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next());
    let definition = name.and_then(|name| generator.definitions().get(name));
    definition.map_or(Value::Null, |definition| definition["description"].clone())
}

fn success(status: u16) -> &'static str {
    match status {
        201 => "It was made.",
        202 => "It is on its way; ask at the status address.",
        303 => "The file is there.",
        _ => "As asked.",
    }
}

fn path_parameters(path: &'static str) -> Vec<&'static str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect()
}

fn query_parameters(query: &Value) -> Vec<Value> {
    let none = Map::new();
    let properties = query["properties"].as_object().unwrap_or(&none);
    let required = query["required"].as_array();
    properties
        .iter()
        .map(|(name, property)| {
            let mut parameter = property.clone();
            if let Some(parameter) = parameter.as_object_mut() {
                parameter.remove("x-nullable");
            }
            parameter["name"] = name.clone().into();
            parameter["in"] = "query".into();
            parameter["required"] = required
                .is_some_and(|names| names.contains(&json!(name)))
                .into();
            parameter
        })
        .collect()
}

/// What every refusal answers. The designer takes one schema per operation, so no response names this one.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "A refusal (RFC 9457), with the media type application/problem+json.",
        "required": ["type", "title", "status", "code", "detail", "requestId"],
        "properties": {
            "type": { "type": "string", "description": "The code as a URN.", "x-ms-summary": "Type" },
            "title": { "type": "string", "description": "The code in words.", "x-ms-summary": "Title" },
            "status": { "type": "integer", "format": "int32", "description": "The HTTP status.", "x-ms-summary": "Status" },
            "code": { "type": "string", "description": "Stable, for programs.", "x-ms-summary": "Code" },
            "detail": { "type": "string", "description": "One sentence to show.", "x-ms-summary": "Detail" },
            "requestId": { "type": "string", "description": "For the administrator.", "x-ms-summary": "Request Id" },
            "errors": {
                "type": "array",
                "description": "The fields at fault.",
                "x-ms-summary": "Errors",
                "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": {
                        "field": { "type": "string", "description": "Its name.", "x-ms-summary": "Field" },
                        "message": { "type": "string", "description": "What it must be.", "x-ms-summary": "Message" },
                    },
                },
            },
        },
    })
}

fn security(sign_in: SignIn) -> (&'static str, Value) {
    match sign_in {
        SignIn::Key => (
            "api_key",
            json!({ "type": "apiKey", "in": "header", "name": "x-api-key" }),
        ),
        SignIn::Entra => (
            "oauth2_auth",
            json!({
                "type": "oauth2",
                "flow": "accessCode",
                "authorizationUrl": "https://login.microsoftonline.com/common/oauth2/authorize",
                "tokenUrl": "https://login.microsoftonline.com/common/oauth2/token",
                "scopes": {},
            }),
        ),
    }
}
