//! `enableForwardingHttpRequest`: the host builds the request anew (path, query, headers) and reads both bodies
//! whole. What does not survive that is lost here too.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Call, headers, read_body};
use crate::{
    findings::Rule,
    invoke::{HOST_VERSION, HOST_VERSION_HEADER, INVOCATION_ID},
};

const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) async fn pass(call: &Call<'_>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match read_body(call, &parts.headers, body).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let findings = call.core.caller.findings();
    if headers::strip_content_headers(&mut parts.headers) {
        let name = &call.function.name;
        findings.report(Rule::ContentEncodingDropped, name, String::new());
    }
    parts.headers.remove(header::TRANSFER_ENCODING);
    parts.headers.remove(header::CONNECTION);
    add_the_hosts_headers(&mut parts.headers);
    if let Some(query) = parts.uri.query() {
        let (rebuilt, repeats) = rebuild_query(query);
        if repeats {
            findings.report(Rule::RepeatedQueryKeys, &call.function.name, String::new());
        }
        if let Ok(uri) = format!("{}?{rebuilt}", parts.uri.path()).parse::<Uri>() {
            parts.uri = uri;
        }
    }
    let request = Request::from_parts(parts, Body::from(body));
    match call
        .core
        .caller
        .buffered(&call.function.name, request)
        .await
    {
        Ok(response) => {
            let (mut parts, body) = response.into_parts();
            headers::strip_hop_by_hop(&mut parts.headers);
            Response::from_parts(parts, Body::from(body))
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// These are added to what a caller sent under the same name, who can so put a value before ours.
fn add_the_hosts_headers(headers: &mut HeaderMap) {
    let mut append = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    };
    append(INVOCATION_ID, &uuid::Uuid::new_v4().to_string());
    append(HOST_VERSION_HEADER, HOST_VERSION);
    let own = format!("Azure-Functions-Host/{HOST_VERSION}");
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map_or_else(|| own.clone(), |theirs| format!("{theirs} {own}"));
    if let Ok(agent) = HeaderValue::from_str(&agent) {
        headers.insert(header::USER_AGENT, agent);
    }
}

/// A query through a dictionary: repeated keys become one with commas, `k` becomes `k=`. Also says whether
/// a key was repeated.
fn rebuild_query(query: &str) -> (String, bool) {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut repeats = false;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let known = pairs
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(&name));
        if let Some((_, joined)) = known {
            repeats = true;
            joined.push(',');
            joined.push_str(&value);
        } else {
            pairs.push((name.into_owned(), value.into_owned()));
        }
    }
    let written = pairs.iter().map(|(name, value)| {
        let (name, value) = (
            utf8_percent_encode(name, QUERY),
            utf8_percent_encode(value, QUERY),
        );
        format!("{name}={value}")
    });
    (written.collect::<Vec<_>>().join("&"), repeats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_rebuilt_from_a_dictionary() {
        for (given, expected, repeats) in [
            ("a=1&b=2", "a=1&b=2", false),
            ("tag=x&tag=y&a=1", "tag=x%2Cy&a=1", true),
            ("Tag=x&tag=y", "Tag=x%2Cy", true),
            ("k", "k=", false),
            ("q=a+b%20c", "q=a%20b%20c", false),
            ("code=secret", "code=secret", false),
        ] {
            assert_eq!(rebuild_query(given), (expected.to_owned(), repeats));
        }
    }
}
