//! One call: sent, repeated where that is safe and useful, and its failure told apart.

use std::time::Duration;

use jiff::Timestamp;
use rand::Rng;
use reqwest::{Method, Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, error::Category};
use url::Url;

use super::{Client, ClockifyError, Refusal, TransientCause};
use crate::clockify::wire;

/// How often a read is tried, and how long anybody waits.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    /// Tries in all, at least 1.
    pub attempts: u32,
    /// Before the second try; doubled before each further one, give or take a half.
    pub first_delay: Duration,
    /// A longer wait is left to the caller, as [`ClockifyError::Transient`] with `retry_after`.
    pub longest_wait: Duration,
    /// For one try, from the first byte sent to the last one received.
    pub time_limit: Duration,
    /// Between two requests to a workspace with an hourly limit that does not say when to come back.
    pub hourly_pause: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_delay: Duration::from_millis(500),
            longest_wait: Duration::from_secs(20),
            time_limit: Duration::from_secs(30),
            // 30 requests, spread over the hour.
            hourly_pause: Duration::from_mins(2),
        }
    }
}

/// No page of ours comes near this.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// What a call is, which decides how its failures are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Reads many records.
    List,
    /// Reads one record, or what belongs to one: 400 with code 501 says that the record is gone.
    Record,
    /// Changes something and must not happen twice: tried once.
    Change,
}

/// A request to be sent.
#[derive(Debug)]
pub(super) struct Call {
    /// For errors and logs: "list users". The address is never told: it can hold personal data.
    pub(super) operation: &'static str,
    pub(super) kind: Kind,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<Value>,
}

/// A whole answer of Clockify.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) body: T,
    /// The header `Last-Page`.
    pub(super) last_page: Option<bool>,
}

/// One try that failed.
struct Failure {
    cause: Result<TransientCause, Box<ClockifyError>>,
    retry_after: Option<Duration>,
}

impl Failure {
    fn transient(cause: TransientCause) -> Self {
        Self {
            cause: Ok(cause),
            retry_after: None,
        }
    }

    fn permanent(operation: &'static str, refusal: Refusal) -> Self {
        Self {
            cause: Err(Box::new(ClockifyError::Permanent { operation, refusal })),
            retry_after: None,
        }
    }
}

impl Client {
    /// Sends the call and reads its answer as JSON.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call,
    ) -> Result<Answer<T>, ClockifyError> {
        self.send(&call, |bytes| match wire::read::<T>(bytes) {
            Ok(body) => Ok(body),
            Err(error) => Err(match error.inner().classify() {
                Category::Data => Failure::permanent(
                    call.operation,
                    Refusal::UnknownForm {
                        field: error.path().to_string(),
                    },
                ),
                Category::Io | Category::Syntax | Category::Eof => {
                    Failure::transient(TransientCause::BrokenJson)
                }
            }),
        })
        .await
    }

    /// Sends a call whose answer has no body.
    pub(super) async fn tell(&self, call: Call) -> Result<(), ClockifyError> {
        self.send(&call, |_| Ok(())).await?;
        Ok(())
    }

    async fn send<T>(
        &self,
        call: &Call,
        read: impl Fn(&[u8]) -> Result<T, Failure>,
    ) -> Result<Answer<T>, ClockifyError> {
        let retries = self.retries();
        let attempts = match call.kind {
            Kind::Change => 1,
            Kind::List | Kind::Record => retries.attempts.max(1),
        };
        let mut attempt = 1;
        loop {
            let failure = match self.attempt(call, &read).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let cause = failure.cause.map_err(|error| *error)?;
            if call.kind == Kind::Change && may_have_happened(cause) {
                return Err(ClockifyError::Unclear {
                    operation: call.operation,
                    cause,
                });
            }
            let refused = cause == TransientCause::TooManyRequests;
            let is_last = attempt >= attempts;
            // A known hourly limit is left alone at once: each further try would take a request out of so few.
            let is_meant = refused && (is_last || self.pace().has_hourly_limit());
            let is_of_hour =
                is_meant && failure.retry_after.is_none() && self.pace().meets_hourly_limit();
            let hourly_pause = is_of_hour.then_some(retries.hourly_pause);
            let asked_for = failure.retry_after.or(hourly_pause);
            let delay = asked_for.unwrap_or_else(|| waiting_time(retries.first_delay, attempt));
            if refused {
                self.pace().be_silent_for(delay);
            }
            if is_last || is_of_hour || delay > retries.longest_wait {
                return Err(ClockifyError::Transient {
                    operation: call.operation,
                    cause,
                    retry_after: asked_for,
                });
            }
            tracing::info!(
                clockify.operation = call.operation,
                clockify.cause = %cause,
                attempt,
                delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
                "asking Clockify again"
            );
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    async fn attempt<T>(
        &self,
        call: &Call,
        read: &impl Fn(&[u8]) -> Result<T, Failure>,
    ) -> Result<Answer<T>, Failure> {
        let key = self.api_key().map_err(|error| Failure {
            cause: Err(Box::new(error)),
            retry_after: None,
        })?;
        let retries = self.retries();
        let _lane = self
            .pace()
            .turn(retries.longest_wait)
            .await
            .map_err(|silence| Failure {
                cause: Err(Box::new(ClockifyError::Transient {
                    operation: call.operation,
                    cause: TransientCause::TooManyRequests,
                    retry_after: Some(silence),
                })),
                retry_after: None,
            })?;
        let mut request = self
            .http()
            .request(call.method.clone(), call.url.clone())
            .header("X-Api-Key", key)
            .header(header::ACCEPT, "application/json")
            .timeout(retries.time_limit);
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| broken(&error))?;
        let status = response.status();
        let last_page = last_page(&response);
        let retry_after = retry_after(&response);
        let bytes = whole_body(call.operation, response).await;
        if status != StatusCode::TOO_MANY_REQUESTS {
            self.pace().was_answered();
        }
        if status.is_success() {
            return Ok(Answer {
                body: read(&bytes?)?,
                last_page,
            });
        }
        let mut failure = refused(call, status, &bytes.unwrap_or_default());
        failure.retry_after = retry_after;
        Err(failure)
    }
}

/// Whether Clockify may have acted although no answer came.
fn may_have_happened(cause: TransientCause) -> bool {
    !matches!(
        cause,
        TransientCause::TooManyRequests | TransientCause::CannotConnect
    )
}

/// Doubled with each attempt, between half and one and a half of that.
fn waiting_time(first_delay: Duration, attempt: u32) -> Duration {
    let delay = first_delay.saturating_mul(2_u32.saturating_pow(attempt - 1));
    rand::rng().random_range(delay / 2..=delay.saturating_mul(3) / 2)
}

/// No answer at all.
fn broken(error: &reqwest::Error) -> Failure {
    Failure::transient(if error.is_connect() {
        TransientCause::CannotConnect
    } else if error.is_timeout() {
        TransientCause::TimedOut
    } else {
        TransientCause::CutOff
    })
}

async fn whole_body(operation: &'static str, mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Failure::permanent(operation, Refusal::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn last_page(response: &Response) -> Option<bool> {
    let header = response.headers().get("Last-Page")?.to_str().ok()?;
    header.trim().to_ascii_lowercase().parse().ok()
}

/// Seconds, or the date of the HTTP standard; an hour at most.
fn retry_after(response: &Response) -> Option<Duration> {
    let header = response.headers().get(header::RETRY_AFTER)?;
    let text = header.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = text.parse() {
        Duration::from_secs(seconds)
    } else {
        let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default()
    };
    Some(wait.min(Duration::from_hours(1)))
}

#[derive(Deserialize)]
struct ErrorBody {
    code: Option<u64>,
}

/// What an answer that is no success means (`clockify.md` §2.5).
fn refused(call: &Call, status: StatusCode, body: &[u8]) -> Failure {
    let code = serde_json::from_slice::<ErrorBody>(body)
        .ok()
        .and_then(|body| body.code);
    let refusal = match (status.as_u16(), code) {
        (429, _) => return Failure::transient(TransientCause::TooManyRequests),
        (408 | 500..=599, _) => {
            return Failure::transient(TransientCause::Status(status.as_u16()));
        }
        (400, Some(501)) if call.kind == Kind::Record => {
            return Failure {
                cause: Err(Box::new(ClockifyError::Gone {
                    operation: call.operation,
                })),
                retry_after: None,
            };
        }
        (400, Some(4033)) => Refusal::PlanLimit,
        (401, code) => Refusal::Key { code },
        (403, Some(4005)) => Refusal::ApprovedEntry,
        (403, code) => Refusal::Forbidden { code },
        (404, None) if body.is_empty() => Refusal::UnknownWorkspace,
        (status, code) => Refusal::Request { status, code },
    };
    Failure::permanent(call.operation, refusal)
}
