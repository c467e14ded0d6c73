//! The JSON that the host posts: `{"Data": {…}, "Metadata": {…}}`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::azure::queues::Message;

use super::{metadata::Metadata, value};

/// What the host knows of a timer before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerStatus {
    /// The run before; None: there was none.
    pub last: Option<Timestamp>,
    /// The run that is due.
    pub next: Timestamp,
    /// When this was written.
    pub last_updated: Timestamp,
}

/// An envelope, and what in it surprises.
#[derive(Debug)]
pub struct Envelope {
    /// The JSON.
    pub json: Value,
    /// Keys of Metadata that a message replaced.
    pub hidden: Vec<String>,
}

/// For a queue function. `text` is the message after its transport encoding was undone.
pub fn queue(
    function: &str,
    binding: &str,
    binary: bool,
    message: &Message,
    text: &str,
    now: Timestamp,
) -> Envelope {
    let mut metadata = Metadata::default();
    metadata.set(
        "DequeueCount",
        value::json_text(&json!(message.dequeue_count)),
    );
    metadata.set("ExpirationTime", value::instant(message.expires_at));
    metadata.set("Id", value::text(&message.id));
    metadata.set("InsertionTime", value::instant(message.inserted_at));
    metadata.set("NextVisibleTime", value::instant(message.next_visible_at));
    metadata.set("PopReceipt", value::text(&message.pop_receipt));
    if let Some(properties) = properties_of(text) {
        metadata.merge(&properties);
    }
    let written = if binary {
        value::bytes(text.as_bytes())
    } else {
        value::text(text)
    };
    let hidden = std::mem::take(&mut metadata.hidden);
    Envelope {
        json: json!({"Data": {binding: written}, "Metadata": metadata.finish(function, now)}),
        hidden,
    }
}

/// For a timer function. Without a monitor there is no status.
pub fn timer(
    function: &str,
    binding: &str,
    status: Option<&TimerStatus>,
    is_past_due: bool,
    now: Timestamp,
) -> Value {
    let status = status.map(|status| {
        let last = status.last.map_or_else(
            || "0001-01-01T00:00:00+00:00".to_owned(),
            value::instant_in_object,
        );
        json!({
            "Last": last,
            "Next": value::instant_in_object(status.next),
            "LastUpdated": value::instant_in_object(status.last_updated),
        })
    });
    json!({
        "Data": {binding: {
            "Schedule": {"AdjustForDST": true},
            "ScheduleStatus": status,
            "IsPastDue": is_past_due,
        }},
        "Metadata": Metadata::default().finish(function, now),
    })
}

/// The top-level properties of a text that is a JSON object.
pub(super) fn properties_of(text: &str) -> Option<Map<String, Value>> {
    let looks_like_an_object = text.trim_start().starts_with('{') && text.trim_end().ends_with('}');
    looks_like_an_object
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}

/// A request to an HTTP function, for an envelope.
#[derive(Debug, Default)]
pub struct HttpRequest {
    /// As the host sees it.
    pub url: String,
    /// Upper case.
    pub method: String,
    /// Name and value as they came, in order.
    pub headers: Vec<(String, String)>,
    /// Decoded; repeated keys are still apart.
    pub query: Vec<(String, String)>,
    /// Route values.
    pub parameters: Vec<(String, Option<String>)>,
    /// None: no Content-Length, or 0.
    pub body: Option<Vec<u8>>,
}

/// For an HTTP function in default payload mode.
pub fn http(function: &str, binding: &str, request: &HttpRequest, now: Timestamp) -> Value {
    let joined = |pairs: &[(String, String)]| {
        let mut map = Map::new();
        for (name, value) in pairs {
            match map.get_mut(name) {
                Some(Value::String(known)) => {
                    known.push(',');
                    known.push_str(value);
                }
                _ => {
                    map.insert(name.clone(), Value::from(value.as_str()));
                }
            }
        }
        map
    };
    let (query, headers) = (joined(&request.query), joined(&request.headers));
    let mut header_lists = Map::new();
    for (name, value) in &request.headers {
        let list = header_lists.entry(name.clone()).or_insert(json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(Value::from(value.as_str()));
        }
    }
    let body = request
        .body
        .as_deref()
        .map(|bytes| written_body(request, bytes));
    let mut metadata = Metadata::default();
    if let Some(Value::String(text)) = &body
        && let Some(properties) = properties_of(text)
    {
        metadata.merge(&properties);
    }
    for (name, value) in &query {
        if name != "code" {
            metadata.set_over(name, value::text(value.as_str().unwrap_or_default()));
        }
    }
    for (name, value) in &request.parameters {
        if let Some(value) = value {
            metadata.set_over(name, value::text(value));
        }
    }
    metadata.set("Query", Value::Object(query.clone()));
    metadata.set("Headers", Value::Object(headers));
    let mut data = json!({
        "Url": request.url,
        "Method": request.method,
        "Query": query,
        "Headers": header_lists,
        "Identities": [{
            "AuthenticationType": null, "IsAuthenticated": false, "Actor": null,
            "BootstrapContext": null, "Claims": [], "Label": null, "Name": null,
            "NameClaimType": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
            "RoleClaimType": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
        }],
    });
    if !request.parameters.is_empty() {
        let parameters = request.parameters.iter().cloned();
        data["Params"] = parameters
            .map(|(name, value)| (name, Value::from(value)))
            .collect::<Map<_, _>>()
            .into();
    }
    if let Some(body) = body {
        data["Body"] = body;
    }
    json!({"Data": {binding: data}, "Metadata": metadata.finish(function, now)})
}

/// Text of any kind is text, also where it is no UTF-8 and gets spoilt; only these two kinds become base64.
fn written_body(request: &HttpRequest, bytes: &[u8]) -> Value {
    let content_type = request
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map_or("", |(_, value)| value);
    let is_binary = content_type.starts_with("application/octet-stream")
        || content_type.starts_with("multipart/");
    if is_binary {
        value::bytes(bytes)
    } else {
        Value::String(String::from_utf8_lossy(bytes).into_owned())
    }
}
