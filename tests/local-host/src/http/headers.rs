//! Which headers pass, and which do not.

use http::{HeaderMap, HeaderName, header};

/// Headers of one connection, not of the message: a proxy drops them.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// What .NET counts as headers of the content: a rebuilt request carries of them only length and type.
const CONTENT_HEADERS: [&str; 9] = [
    "allow",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-location",
    "content-md5",
    "content-range",
    "expires",
    "last-modified",
];

/// Names that the host's server knows: it writes them so, however they came.
const KNOWN: [&str; 43] = [
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    "Allow",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-MD5",
    "Content-Range",
    "Content-Type",
    "Cookie",
    "Date",
    "Expect",
    "Expires",
    "From",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Last-Modified",
    "Max-Forwards",
    "Origin",
    "Pragma",
    "Range",
    "Referer",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
    "Via",
    "Warning",
];

/// The name as the host shows it. The case of others is lost on receipt.
pub(super) fn known_name(name: &str) -> String {
    let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name));
    known.map_or(name, |known| known).to_owned()
}

/// The length that a request names.
pub(super) fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// App Service Authentication removes what a caller forged.
pub(super) fn strip_principal(headers: &mut HeaderMap) {
    let forged = |name: &HeaderName| {
        name.as_str().starts_with("x-ms-client-principal")
            || name.as_str().starts_with("x-ms-token-")
    };
    remove(headers, forged);
}

/// Removes the headers of the connection, and those that `Connection` names.
pub(super) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    remove(headers, |name| {
        HOP_BY_HOP.contains(&name.as_str()) || named.iter().any(|n| n == name.as_str())
    });
}

/// Removes what a rebuilt request loses, and says whether that was a Content-Encoding.
pub(super) fn strip_content_headers(headers: &mut HeaderMap) -> bool {
    let had_encoding = headers.contains_key(header::CONTENT_ENCODING);
    remove(headers, |name| CONTENT_HEADERS.contains(&name.as_str()));
    had_encoding
}

fn remove(headers: &mut HeaderMap, unwanted: impl Fn(&HeaderName) -> bool) {
    let names: Vec<HeaderName> = headers.keys().filter(|n| unwanted(n)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(names: &[&'static str]) -> HeaderMap {
        names
            .iter()
            .map(|name| {
                (
                    HeaderName::from_static(name),
                    http::HeaderValue::from_static("x-extra"),
                )
            })
            .collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn headers_of_the_connection_do_not_pass_nor_those_that_it_names() {
        let mut all = headers(&["connection", "te", "upgrade", "x-extra", "x-stays"]);
        strip_hop_by_hop(&mut all);
        assert_eq!(names(&all), ["x-stays"]);
    }

    #[test]
    fn a_forged_principal_does_not_pass() {
        let mut all = headers(&[
            "x-ms-client-principal",
            "x-ms-client-principal-id",
            "x-ms-token-aad-id-token",
            "x-stays",
        ]);
        strip_principal(&mut all);
        assert_eq!(names(&all), ["x-stays"]);
    }

    #[test]
    fn a_rebuilt_request_keeps_of_the_content_only_length_and_type() {
        let mut all = headers(&[
            "content-encoding",
            "content-language",
            "content-length",
            "content-type",
        ]);
        assert!(strip_content_headers(&mut all));
        assert_eq!(names(&all), ["content-length", "content-type"]);
    }
}
