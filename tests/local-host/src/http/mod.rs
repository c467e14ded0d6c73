//! What the host answers over HTTP: functions by their routes, links to files, the platform's admin endpoints,
//! and (here alone) the control endpoints for faults.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use http::{HeaderMap, StatusCode};
use subtle::ConstantTimeEq as _;

use crate::{
    app::{AuthLevel, Function, HttpTrigger, route::RouteValues},
    findings::Rule,
    handler::State as HandlerState,
    host::Core,
};

mod admin;
mod control;
mod files;
mod forwarding;
mod headers;
mod payload;
mod proxying;

/// Kestrel's limit, unless `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT` says otherwise.
pub(crate) const BODY_LIMIT_BYTES: usize = 104_857_600;

/// A request to a function, after the host's own checks.
struct Call<'a> {
    core: &'a Core,
    function: &'a Function,
    values: RouteValues,
    client: SocketAddr,
}

/// All routes.
pub(crate) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/", any(home))
        .route("/admin/host/ping", get(admin::ping).post(admin::ping))
        .route("/admin/host/status", get(admin::status))
        .route("/admin/functions", get(admin::list_functions))
        .route("/admin/functions/{name}", post(admin::run_function))
        .route("/control", get(control::show))
        .route("/control/faults", post(control::add_faults))
        .route("/control/kill", post(control::kill))
        .route("/control/queues/{queue}/hasten", post(control::hasten))
        .route("/files/{*path}", get(files::download))
        .fallback(call_function)
        .with_state(core)
}

async fn home(State(core): State<Arc<Core>>) -> Response {
    if core.homepage_is_off {
        StatusCode::NO_CONTENT.into_response()
    } else {
        "Your Functions app is up and running (local-host).\n".into_response()
    }
}

async fn call_function(
    State(core): State<Arc<Core>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Response {
    let Some((function, trigger, values)) = find(&core, &request) else {
        // The host's own, and empty: also for a method that the route does not take.
        return StatusCode::NOT_FOUND.into_response();
    };
    if !may_call(&core, trigger, &request) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if core.caller.handler().state() == HandlerState::Stopped {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "Function host is not running.",
        )
            .into_response();
    }
    if headers::content_length(request.headers()).is_some_and(|n| n > core.body_limit_bytes) {
        let findings = core.caller.findings();
        findings.report(Rule::BodyTooLarge, &function.name, String::new());
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    if !core.trusts_principal {
        headers::strip_principal(request.headers_mut());
    }
    let running = core.activity.begin(&function.name);
    let call = Call {
        core: &core,
        function,
        values,
        client,
    };
    let passes = function.is_http_in_and_out();
    if passes && core.app.host.proxies_http_requests && !core.plays_old_host {
        proxying::pass(&call, request, running).await
    } else if passes && core.app.host.forwards_http_requests {
        forwarding::pass(&call, request).await
    } else {
        payload::pass(&call, request).await
    }
}

fn find<'a>(
    core: &'a Core,
    request: &Request,
) -> Option<(&'a Function, &'a HttpTrigger, RouteValues)> {
    let path = request.uri().path().trim_start_matches('/');
    let prefix = core.app.host.route_prefix.as_str();
    let rest = if prefix.is_empty() {
        path
    } else {
        let start = path.get(..prefix.len())?;
        let rest = path.get(prefix.len()..)?;
        if !start.eq_ignore_ascii_case(prefix) {
            return None;
        }
        match rest.strip_prefix('/') {
            Some(rest) => rest,
            None if rest.is_empty() => rest,
            None => return None,
        }
    };
    let method = request.method().as_str();
    core.app
        .http()
        .filter(|(_, t)| t.methods.is_empty() || t.methods.iter().any(|m| m == method))
        .filter_map(|(f, t)| t.route.matches(rest).map(|values| (f, t, values)))
        .min_by(|(_, a, _), (_, b, _)| a.route.precedence(&b.route))
}

fn may_call(core: &Core, trigger: &HttpTrigger, request: &Request) -> bool {
    match trigger.auth_level {
        AuthLevel::Anonymous => true,
        AuthLevel::Function | AuthLevel::Admin => {
            has_key(core, request.headers(), request.uri().query())
        }
    }
}

/// The one key of this stand-in is function key, host key and master key alike.
fn has_key(core: &Core, headers: &HeaderMap, query: Option<&str>) -> bool {
    let in_header = headers
        .get("x-functions-key")
        .map(|value| value.as_bytes().to_vec());
    let in_query = || {
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .find(|(name, _)| name == "code")
            .map(|(_, value)| value.into_owned().into_bytes())
    };
    in_header
        .or_else(in_query)
        .is_some_and(|given| is_key(core, &given))
}

fn is_key(core: &Core, given: &[u8]) -> bool {
    given.ct_eq(core.key.as_bytes()).into()
}

/// A body for the modes that read it whole: it is lost where no length is given.
async fn read_body(call: &Call<'_>, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Response> {
    match headers::content_length(headers) {
        Some(0) => Ok(Vec::new()),
        Some(_) => axum::body::to_bytes(body, call.core.body_limit_bytes)
            .await
            .map(Vec::from)
            .map_err(|_| StatusCode::BAD_REQUEST.into_response()),
        None => {
            if headers.contains_key(http::header::TRANSFER_ENCODING) {
                let findings = call.core.caller.findings();
                findings.report(Rule::BodyWithoutLength, &call.function.name, String::new());
            }
            Ok(Vec::new())
        }
    }
}
