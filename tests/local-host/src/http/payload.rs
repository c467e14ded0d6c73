//! Default payload mode: the request becomes JSON, the answer comes as JSON.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;

use super::{Call, headers, read_body};
use crate::{
    app::function_json::OutputKind,
    invoke::{
        envelope::{self, HttpRequest},
        reply::HttpAnswer,
    },
    outputs,
};

pub(super) async fn pass(call: &Call<'_>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match read_body(call, &parts.headers, body).await {
        Ok(body) => Some(body).filter(|body| !body.is_empty()),
        Err(response) => return response,
    };
    let host = text(parts.headers.get(header::HOST));
    let envelope = envelope::http(
        &call.function.name,
        &call.function.trigger_name,
        &HttpRequest {
            url: format!("http://{host}{}", parts.uri),
            method: parts.method.to_string(),
            headers: named_headers(&parts.headers),
            query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            parameters: call.values.clone(),
            body,
        },
        Timestamp::now(),
    );
    answer(call, &envelope)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn answer(call: &Call<'_>, envelope: &serde_json::Value) -> Result<Response, StatusCode> {
    let caller = &call.core.caller;
    let name = &call.function.name;
    let failed = StatusCode::INTERNAL_SERVER_ERROR;
    let reply = caller.post(name, envelope).await.map_err(|_| failed)?;
    outputs::write(call.core, call.function, &reply)
        .await
        .map_err(|_| failed)?;
    let binding = call
        .function
        .outputs
        .iter()
        .find(|output| output.kind == OutputKind::Http);
    let Some(binding) = binding else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let answer = reply.http_answer(&binding.name).map_err(|broken| {
        caller.report(name, broken);
        failed
    })?;
    response(answer).ok_or(failed)
}

fn response(answer: HttpAnswer) -> Option<Response> {
    let mut response = Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, answer.content_type);
    for (name, value) in answer.headers {
        response = response.header(
            name.parse::<HeaderName>().ok()?,
            HeaderValue::from_str(&value).ok()?,
        );
    }
    response.body(Body::from(answer.body)).ok()
}

fn named_headers(received: &HeaderMap) -> Vec<(String, String)> {
    let named = received.iter();
    named
        .map(|(name, value)| (headers::known_name(name.as_str()), text(Some(value))))
        .collect()
}

fn text(value: Option<&HeaderValue>) -> String {
    value
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}
