//! The door: every request passes faults, limits, the key, the workspace and the table of routes,
//! in this order, and is counted.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use serde_json::Value;

use crate::{
    api::{
        call::{ApiError, Call, Reply},
        routes::{Found, Host, find},
    },
    company::work::workspace_id,
    faults::Trouble,
    hub::{Hub, SeenRequest},
};

/// What the door has decided: to answer, or to hang up.
enum Outcome {
    Answer(Response),
    HalfAnswer(Response),
    HangUp,
}

pub(crate) async fn enter(
    hub: Arc<Hub>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let place = place_of(uri.path());
    let route = place.map_or_else(
        || uri.path().to_owned(),
        |(host, path)| route_name(&method, host, path),
    );
    let mut seen = SeenRequest {
        method: method.to_string(),
        path: uri.to_string(),
        body: String::from_utf8_lossy(&body).into_owned(),
        status: 0,
    };
    let outcome = decide(&hub, &method, &uri, &headers, body, place).await;
    if let Outcome::Answer(response) | Outcome::HalfAnswer(response) = &outcome {
        seen.status = response.status().as_u16();
    }
    hub.count(&route, seen);
    match outcome {
        Outcome::Answer(response) => response,
        Outcome::HalfAnswer(response) => half(response).await,
        Outcome::HangUp => hang_up(),
    }
}

/// Which host a path belongs to, and the path below the host's base.
fn place_of(path: &str) -> Option<(Host, &str)> {
    [("/api/v1/", Host::Main), ("/v1/", Host::Reports)]
        .into_iter()
        .find_map(|(base, host)| path.strip_prefix(base).map(|rest| (host, rest)))
}

/// `GET workspaces/{ws}/users`; an unknown path counts under its own name.
fn route_name(method: &Method, host: Host, path: &str) -> String {
    match find(method, host, path) {
        Found::Route(route, _) => format!("{method} {}", route.path),
        Found::OtherMethods(_) | Found::Nothing => format!("{method} {path}"),
    }
}

async fn decide(
    hub: &Hub,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
    place: Option<(Host, &str)>,
) -> Outcome {
    let mut shifted = 0;
    let mut half = false;
    let mut lose = false;
    let is_later_page = is_later_page(uri, &body);
    for trouble in hub.troubles(method.as_str(), uri.path(), is_later_page) {
        match trouble {
            Trouble::Slow(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Trouble::Status(status) => {
                let code = u32::from(status);
                return Outcome::Answer(error(&ApiError::new(
                    status,
                    code,
                    "Something went wrong",
                )));
            }
            Trouble::Html => return Outcome::Answer(gateway_error()),
            Trouble::TooMany(after) => return Outcome::Answer(too_many(after)),
            Trouble::Cut => return Outcome::HangUp,
            Trouble::HalfBody => half = true,
            Trouble::LoseReply => lose = true,
            Trouble::Shift(rows) => shifted = rows,
        }
    }
    let response = answer(hub, method, uri, headers, body, place, shifted);
    match (lose, half) {
        (true, _) => Outcome::HangUp,
        (false, true) => Outcome::HalfAnswer(response),
        (false, false) => Outcome::Answer(response),
    }
}

/// Whether a page after the first is asked for, in the query or, by searches, in the body.
fn is_later_page(uri: &Uri, body: &[u8]) -> bool {
    let query = uri.query().unwrap_or_default();
    let in_query = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "page")
        .and_then(|(_, number)| number.parse::<u64>().ok());
    let in_body = || {
        let body: Value = serde_json::from_slice(body).ok()?;
        let page = body.pointer("/detailedFilter/page");
        page.or_else(|| body.get("page"))?.as_u64()
    };
    in_query.or_else(in_body).is_some_and(|number| number > 1)
}

fn answer(
    hub: &Hub,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
    place: Option<(Host, &str)>,
    shifted: isize,
) -> Response {
    let switches = hub.world().switches.clone();
    if !hub.within_limits(&switches) {
        return too_many(switches.retry_after);
    }
    if let Err(refused) = check_key(hub, headers) {
        return error(&refused);
    }
    let (route, params) = match place.map(|(host, path)| (path, find(method, host, path))) {
        Some((_, Found::Route(route, params))) => (route, params),
        Some((_, Found::OtherMethods(methods))) => {
            let mut response = error(&ApiError::new(
                405,
                3000,
                format!("Request method '{method}' is not supported"),
            ));
            if let Ok(methods) = HeaderValue::from_str(&methods) {
                response.headers_mut().insert(header::ALLOW, methods);
            }
            return response;
        }
        Some((_, Found::Nothing)) | None => {
            let path = uri
                .path()
                .trim_start_matches("/api")
                .trim_start_matches('/');
            return error(&ApiError::new(
                404,
                3000,
                format!("No static resource {path}."),
            ));
        }
    };
    let call = Call {
        params: params.into_iter().collect(),
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        body,
        shifted,
    };
    let foreign = call
        .params
        .get("ws")
        .is_some_and(|id| *id != workspace_id().to_string());
    if foreign {
        // No JSON at all for a workspace that does not exist (clockify.md §2.5).
        return StatusCode::NOT_FOUND.into_response();
    }
    let (answer, _) = hub.change(|world| (route.handler)(world, &call));
    answer.map_or_else(|refused| error(&refused), reply)
}

/// Exactly one of the two headers, and the right key in it (clockify.md §2.2).
fn check_key(hub: &Hub, headers: &HeaderMap) -> Result<(), ApiError> {
    match (headers.get("x-api-key"), headers.get("x-addon-token")) {
        (Some(key), None) if key.as_bytes() == hub.api_key.as_bytes() => Ok(()),
        (Some(_), None) => Err(ApiError::new(401, 4003, "Api key does not exist")),
        (None, Some(_)) => Err(ApiError::new(401, 4017, "Token is not valid")),
        _ => Err(ApiError::new(
            401,
            1000,
            "Multiple or none auth tokens present",
        )),
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn json_response(status: u16, body: String) -> Response {
    (
        status_of(status),
        [(header::CONTENT_TYPE, "application/json")],
        body,
    )
        .into_response()
}

fn error(error: &ApiError) -> Response {
    json_response(error.status, error.body().to_string())
}

fn reply(reply: Reply) -> Response {
    let mut response = match reply.body {
        Some(body) => json_response(reply.status, body.to_string()),
        None => status_of(reply.status).into_response(),
    };
    if let Some(last) = reply.last_page {
        response.headers_mut().insert(
            "last-page",
            HeaderValue::from_static(if last { "true" } else { "false" }),
        );
    }
    response
}

fn too_many(retry_after: Option<u32>) -> Response {
    let mut response = error(&ApiError::new(429, 429, "Too Many Requests"));
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn gateway_error() -> Response {
    const PAGE: &str =
        "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";
    (
        StatusCode::BAD_GATEWAY,
        [(header::CONTENT_TYPE, "text/html")],
        PAGE,
    )
        .into_response()
}

/// A body that fails before its first byte makes the server close the connection unanswered.
fn hang_up() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
    Response::new(Body::from_stream(broken))
}

/// The answer with its whole length announced, and half of it sent.
async fn half(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let sent = bytes.slice(..bytes.len() / 2);
    let stream =
        stream::once(async move { Ok::<_, std::io::Error>(sent) }).chain(stream::once(async {
            // Long enough for the first half to leave.
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(std::io::Error::other("cut"))
        }));
    Response::from_parts(parts, Body::from_stream(stream))
}
