//! The host's invocation id: the join key between its log, our log lines and what a caller is told.

use std::{convert::Infallible, fmt};

use axum::{extract::FromRequestParts, http::request::Parts};
use http::HeaderMap;

const HEADER: &str = "x-azure-functions-invocationid";
const LONGEST: usize = 64;

/// Names one call of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvocationId(String);

impl InvocationId {
    /// The id that the host gave. It appends its own to whatever a caller sent, so only the last value counts;
    /// without a usable one (a test, a probe) a new id is made.
    pub fn of(headers: &HeaderMap) -> Self {
        let last = headers
            .get_all(HEADER)
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
            .map(str::trim)
            .filter(|id| is_plain(id));
        Self(last.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

impl fmt::Display for InvocationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for InvocationId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The edge puts one id into the request, so that an invented id is the same everywhere.
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_else(|| Self::of(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, value.parse().unwrap());
        }
        headers
    }

    /// `custom-handler.md` §2.3: appended to what the client supplied, "do not trust the first one".
    #[test]
    fn the_last_value_is_the_hosts() {
        for values in [&["forged", "real-1"][..], &["forged, real-1"], &["real-1"]] {
            assert_eq!(
                InvocationId::of(&headers(values)).as_str(),
                "real-1",
                "{values:?}"
            );
        }
    }

    #[test]
    fn what_is_no_id_is_replaced() {
        for value in ["", "a b", "x\"y", &"a".repeat(65)] {
            let id = InvocationId::of(&headers(&[value]));
            assert!(is_plain(id.as_str()), "{id}");
            assert_ne!(id.as_str(), value);
        }
    }
}
