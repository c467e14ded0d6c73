//! `enableProxyingHttpRequest`: the request passes as it came, bodies stream, and only what a reverse proxy
//! owns is replaced (`Host`, `X-Forwarded-*`, the host's own headers).

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{Call, headers};
use crate::{
    host::Running,
    invoke::{HOST_VERSION, HOST_VERSION_HEADER, INVOCATION_ID},
};

/// The proxy gives up on a handler that sends nothing for so long.
const ACTIVITY_TIMEOUT: Duration = Duration::from_mins(4);

pub(super) async fn pass(call: &Call<'_>, request: Request, running: Running) -> Response {
    let (mut parts, body) = request.into_parts();
    rewrite(&mut parts.headers, &call.client.ip().to_string());
    let body = limited(body, call.core.body_limit_bytes, &parts.headers);
    let request = Request::from_parts(parts, body);
    let answer = call
        .core
        .caller
        .streamed(&call.function.name, request, running);
    match tokio::time::timeout(ACTIVITY_TIMEOUT, answer).await {
        Ok(Ok(mut response)) => {
            headers::strip_hop_by_hop(response.headers_mut());
            response
        }
        Ok(Err(_)) => StatusCode::BAD_GATEWAY.into_response(),
        Err(_) => StatusCode::GATEWAY_TIMEOUT.into_response(),
    }
}

fn rewrite(headers: &mut HeaderMap, client: &str) {
    headers::strip_hop_by_hop(headers);
    headers.remove(header::FORWARDED);
    let host = headers.remove(header::HOST);
    let invocation = uuid::Uuid::new_v4().to_string();
    let mut set = |name: &str, value: Option<HeaderValue>| {
        if let (Ok(name), Some(value)) = (name.parse::<HeaderName>(), value) {
            headers.insert(name, value);
        }
    };
    // All of these replace what the caller, or the front end, had sent.
    set("X-Forwarded-For", HeaderValue::from_str(client).ok());
    set("X-Forwarded-Host", host);
    set("X-Forwarded-Proto", Some(HeaderValue::from_static("http")));
    set(
        HOST_VERSION_HEADER,
        Some(HeaderValue::from_static(HOST_VERSION)),
    );
    set(INVOCATION_ID, HeaderValue::from_str(&invocation).ok());
    set(
        "x-ms-invocation-id",
        HeaderValue::from_str(&invocation).ok(),
    );
}

/// A body whose length is not known beforehand breaks off at the host's limit.
fn limited(body: Body, limit_bytes: usize, headers: &HeaderMap) -> Body {
    if headers::content_length(headers).is_some() || axum::body::HttpBody::is_end_stream(&body) {
        return body;
    }
    let mut seen = 0;
    Body::from_stream(body.into_data_stream().map(move |chunk| {
        let chunk = chunk.map_err(std::io::Error::other)?;
        seen += chunk.len();
        if seen > limit_bytes {
            Err(std::io::Error::other("over the host's limit"))
        } else {
            Ok(chunk)
        }
    }))
}
