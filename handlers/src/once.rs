//! Requests that come twice, and callers who saw an older version (`interface.md` §3): `Idempotency-Key`,
//! `If-Match`, and the answers that carry an `ETag`.

use axum::{
    Json,
    extract::{FromRequestParts, MatchedPath},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::{
    functions::{
        caller::Identity,
        context::Context,
        problem::{Problem, ProblemKind},
    },
    store::{
        Transaction,
        idempotency::{self, RepeatKey},
    },
};

const KEY_HEADER: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;

/// What a request says of itself beside its body.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    key: Option<String>,
    operation: String,
    path: String,
    if_match: Option<i64>,
}

/// A request that is answered once, however often it comes.
#[derive(Clone, Debug)]
pub(crate) struct Once {
    key: Option<RepeatKey>,
    /// SHA-256 of the address and the body as it was read.
    body_hash: String,
}

/// An answer that can be kept; a `version` in it is its `ETag`.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Value,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let route = parts.extensions.get::<MatchedPath>();
        let route = route.map_or("", MatchedPath::as_str);
        Ok(Self {
            key: key(&parts.headers)?,
            operation: format!("{} {route}", parts.method),
            path: parts.uri.path().to_owned(),
            if_match: if_match(&parts.headers)?,
        })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(KEY_HEADER) else {
        return Ok(None);
    };
    match key.to_str().map(str::trim) {
        Ok("") => Ok(None),
        Ok(key) if key.len() <= LONGEST_KEY => Ok(Some(key.to_owned())),
        _ => Err(Problem::invalid_field(
            "Idempotency-Key",
            format!("must have 1 to {LONGEST_KEY} visible characters"),
        )),
    }
}

/// `"5"`, `W/"5"` or `*`, which any version is.
fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(tag) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let tag = tag.to_str().unwrap_or_default().trim();
    if tag.is_empty() || tag == "*" {
        return Ok(None);
    }
    let bare = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    let fault = || Problem::invalid_field("If-Match", "must be the `ETag` of an answer");
    bare.parse().map(Some).map_err(|_| fault())
}

impl Asked {
    /// The version that the caller saw: by the header, by the body, or the older of the two.
    pub(crate) fn seen(&self, in_body: Option<i64>) -> Option<i64> {
        match (self.if_match, in_body) {
            (Some(tag), Some(version)) => Some(tag.min(version)),
            (tag, version) => tag.or(version),
        }
    }

    /// The request of that caller, with that body.
    pub(crate) fn once(&self, caller: &Identity, body: &impl Serialize) -> Once {
        Once {
            key: self.key.as_ref().map(|key| RepeatKey {
                caller: caller.to_string(),
                operation: self.operation.clone(),
                key_hash: hex::encode(Sha256::digest(key)),
            }),
            body_hash: fingerprint(&(&self.path, body)),
        }
    }
}

/// SHA-256 of what was asked for, whichever way it was written.
pub(crate) fn fingerprint(body: &impl Serialize) -> String {
    let json = serde_json::to_vec(body).unwrap_or_default();
    hex::encode(Sha256::digest(json))
}

impl Once {
    /// What the work answers, all of it in one transaction, which the work hands back; or what it answered before.
    pub(crate) async fn answer<F, W>(&self, context: &Context, work: F) -> Result<Answer, Problem>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<(Transaction, Answer), Problem>>,
    {
        let store = context.store().await?;
        store
            .write(async |mut tx| {
                if let Some(answer) = self.answered(&mut tx).await? {
                    return Ok(answer);
                }
                let (mut tx, answer) = work(tx).await?;
                self.keep(&mut tx, answer).await
            })
            .await
    }

    /// The answer that was given before; None: do the work, and [`Self::keep`] its answer.
    async fn answered(&self, tx: &mut Transaction) -> Result<Option<Answer>, Problem> {
        let Some(key) = &self.key else {
            return Ok(None);
        };
        let Some(kept) = idempotency::claim(tx, key, &self.body_hash).await? else {
            return Ok(None);
        };
        if kept.body_hash != self.body_hash {
            return Err(Problem::new(
                ProblemKind::Conflict,
                "This `Idempotency-Key` was used for another request; send a new key with a new request.",
            ));
        }
        let body = serde_json::from_str(&kept.answer).map_err(Problem::internal)?;
        let status = StatusCode::from_u16(kept.status).map_err(Problem::internal)?;
        Ok(Some(Answer { status, body }))
    }

    /// Keeps the answer for who asks the same again.
    async fn keep(&self, tx: &mut Transaction, answer: Answer) -> Result<Answer, Problem> {
        if let Some(key) = &self.key {
            let text = answer.body.to_string();
            idempotency::keep(tx, key, answer.status.as_u16(), &text).await?;
        }
        Ok(answer)
    }
}

impl Answer {
    fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_value(body).map_err(Problem::internal)?;
        Ok(Self { status, body })
    }

    /// 200.
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        Self::new(StatusCode::OK, body)
    }

    /// 201, or 200 if it was there before.
    pub(crate) fn made(body: &impl Serialize, is_new: bool) -> Result<Self, Problem> {
        let status = if is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Self::new(status, body)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let tag = self.body["version"]
            .as_i64()
            .and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok());
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
