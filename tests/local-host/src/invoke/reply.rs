//! What the host makes of the handler's reply to an envelope, and where the real host would hang or be confused.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value};

use super::value::{dotnet_date, is_dotnet_base64};
use crate::findings::Rule;

/// A reply as it came.
#[derive(Debug, Clone)]
pub struct RawReply {
    /// The handler's own status.
    pub status: StatusCode,
    /// Empty if there was none.
    pub content_type: String,
    /// All of it.
    pub body: Bytes,
}

/// A reply that the host understands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// None: the reply has no `Outputs`.
    pub outputs: Option<Map<String, Value>>,
    /// Lines for the log.
    pub logs: Vec<String>,
    /// For the binding `$return`.
    pub return_value: Value,
}

/// The rule that a reply broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// What was seen.
    pub detail: String,
    /// Another rule that was broken by the way.
    pub also: Option<Rule>,
}

/// The answer that an `http` output asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// 200 unless it says otherwise.
    pub status: StatusCode,
    /// Without the content type.
    pub headers: Vec<(String, String)>,
    /// As said, else that of plain text.
    pub content_type: String,
    /// As it goes out.
    pub body: String,
}

fn broken(rule: Rule, detail: impl Into<String>) -> Broken {
    Broken {
        rule,
        detail: detail.into(),
        also: None,
    }
}

/// Reads a reply. `redirects_are_followed`: the host forwards no requests.
pub fn read(raw: &RawReply, redirects_are_followed: bool) -> Result<Reply, Broken> {
    check_status(raw, redirects_are_followed)?;
    let text = raw.body.trim_ascii();
    if text.is_empty() {
        let detail = format!("{} without a body", raw.status);
        return Err(broken(Rule::EmptyReply, detail));
    }
    let kind = raw
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if !["application/json", "text/json"].contains(&kind.to_ascii_lowercase().as_str()) {
        return Err(broken(Rule::ReplyContentType, format!("it is {kind:?}")));
    }
    match serde_json::from_slice(text) {
        Err(error) => Err(broken(Rule::ReplyNotJson, error.to_string())),
        Ok(Value::Null) => Err(broken(Rule::EmptyReply, "null")),
        Ok(Value::Object(object)) => from_object(object),
        Ok(_) => Err(broken(Rule::ReplyNotObject, excerpt(text))),
    }
}

fn check_status(raw: &RawReply, redirects_are_followed: bool) -> Result<(), Broken> {
    let status = raw.status;
    if status.is_success() {
        return Ok(());
    }
    if status == StatusCode::NOT_FOUND {
        return Err(broken(Rule::NoRouteForEnvelope, ""));
    }
    if status.is_redirection() {
        let what = if redirects_are_followed {
            "would be followed"
        } else {
            "fails"
        };
        return Err(broken(Rule::Redirect, format!("{status} {what}")));
    }
    let logs = serde_json::from_slice::<Map<String, Value>>(&raw.body)
        .is_ok_and(|object| find(&object, "logs").is_some());
    Err(Broken {
        rule: Rule::ReplyStatus,
        detail: format!("{status}: {}", excerpt(&raw.body)),
        also: logs.then_some(Rule::LogsDiscarded),
    })
}

fn from_object(mut object: Map<String, Value>) -> Result<Reply, Broken> {
    let mut take = |name: &str| {
        let key = object.keys().find(|key| key.eq_ignore_ascii_case(name));
        let key = key.cloned();
        key.and_then(|key| object.remove(&key))
            .unwrap_or(Value::Null)
    };
    let wrong = |name: &str, value: &Value| {
        let detail = excerpt(format!("{name} is {value}").as_bytes());
        broken(Rule::ReplyNotObject, detail)
    };
    let logs = match take("Logs") {
        Value::Null => Vec::new(),
        Value::Array(lines) => {
            if let Some(line) = lines
                .iter()
                .find(|line| line.is_object() || line.is_array())
            {
                return Err(wrong("a line of Logs", line));
            }
            lines.iter().map(as_text).collect()
        }
        other => return Err(wrong("Logs", &other)),
    };
    let outputs = match take("Outputs") {
        Value::Null => None,
        Value::Object(outputs) => Some(outputs),
        other => return Err(wrong("Outputs", &other)),
    };
    Ok(Reply {
        outputs,
        logs,
        return_value: take("ReturnValue"),
    })
}

impl Reply {
    /// The value of an output binding; None where the reply has none.
    pub fn output(&self, name: &str) -> Option<&Value> {
        let value = if name == "$return" {
            Some(&self.return_value)
        } else {
            self.outputs.as_ref().and_then(|outputs| outputs.get(name))
        };
        value.filter(|value| !value.is_null())
    }

    /// A name in `Outputs` that is the binding's but for its case, which is never found.
    pub fn misspelt(&self, name: &str) -> Option<&str> {
        let mut names = self.outputs.iter().flat_map(Map::keys);
        names
            .find(|key| key.eq_ignore_ascii_case(name) && *key != name)
            .map(String::as_str)
    }

    /// What an HTTP function answers to its caller.
    pub fn http_answer(&self, name: &str) -> Result<HttpAnswer, Broken> {
        let value = self.output(name).ok_or_else(|| {
            let detail = if self.outputs.is_some() {
                "200 {}"
            } else {
                "204"
            };
            broken(Rule::HttpOutputMissing, format!("{name}: {detail}"))
        })?;
        if name == "$return"
            && let Value::String(text) = value
        {
            check_text(text)?;
        }
        let Value::Object(answer) = value else {
            return Err(broken(Rule::HttpOutputNotObject, value.to_string()));
        };
        http_answer(answer)
    }
}

fn http_answer(answer: &Map<String, Value>) -> Result<HttpAnswer, Broken> {
    let status = match (find(answer, "statusCode"), find(answer, "status")) {
        (Some(code), _) => as_text(code)
            .parse::<u16>()
            .ok()
            .and_then(|code| StatusCode::from_u16(code).ok())
            .ok_or_else(|| broken(Rule::HttpOutputStatus, code.to_string()))?,
        (None, Some(status)) => return Err(broken(Rule::StatusField, status.to_string())),
        (None, None) => StatusCode::OK,
    };
    let mut headers = Vec::new();
    let mut content_type = "text/plain; charset=utf-8".to_owned();
    let none = Map::new();
    let written = match find(answer, "headers") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(written)) => written,
        Some(other) => return Err(broken(Rule::HttpOutputHeader, other.to_string())),
    };
    for (name, value) in written {
        let Value::String(value) = value else {
            return Err(broken(Rule::HttpOutputHeader, format!("{name}: {value}")));
        };
        if name.eq_ignore_ascii_case("content-type") {
            content_type.clone_from(value);
        } else {
            headers.push((name.clone(), value.clone()));
        }
    }
    let body = match find(answer, "body") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Object(_) | Value::Array(_))) => indented(value)?,
        Some(value) => value.to_string(),
    };
    Ok(HttpAnswer {
        status,
        headers,
        content_type,
        body,
    })
}

/// The messages that a queue output writes. Texts that the host would change on the way are refused.
pub fn queue_messages(value: &Value) -> Result<Vec<String>, Broken> {
    match value {
        Value::Array(elements) => elements.iter().map(element).collect(),
        Value::Object(_) => Ok(vec![indented(value)?]),
        Value::String(text) => {
            check_text(text)?;
            match serde_json::from_str(text) {
                // The host parses it, and writes it anew.
                Ok(Value::Array(elements)) => elements.iter().map(element).collect(),
                Ok(object @ Value::Object(_)) => Ok(vec![indented(&object)?]),
                _ => Ok(vec![text.clone()]),
            }
        }
        other => Ok(vec![other.to_string()]),
    }
}

fn element(value: &Value) -> Result<String, Broken> {
    match value {
        Value::String(text) => {
            check_date(text)?;
            Ok(text.clone())
        }
        other => indented(other),
    }
}

fn check_text(text: &str) -> Result<(), Broken> {
    check_date(text)?;
    if is_dotnet_base64(text) {
        return Err(broken(Rule::Base64Text, text));
    }
    Ok(())
}

fn check_date(text: &str) -> Result<(), Broken> {
    match dotnet_date(text) {
        Some(_) => Err(broken(Rule::DateText, text)),
        None => Ok(()),
    }
}

/// The host parses it and writes it anew, dates inside of it too.
fn indented(value: &Value) -> Result<String, Broken> {
    check_dates(value)?;
    Ok(serde_json::to_string_pretty(value).unwrap_or_default())
}

fn check_dates(value: &Value) -> Result<(), Broken> {
    match value {
        Value::String(text) => check_date(text),
        Value::Array(elements) => elements.iter().try_for_each(check_dates),
        Value::Object(object) => object.values().try_for_each(check_dates),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn find<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(200).collect()
}

#[cfg(test)]
mod tests;
