//! What can go wrong when Clockify is asked, told apart by what the caller should do.

use std::{fmt, time::Duration};

/// Why a call gave no answer. No variant holds Clockify's own message: it can repeat what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockifyError {
    /// A setting is missing; nothing was sent.
    #[error("{0}")]
    NotConfigured(String),
    /// Clockify does not know the record: it was deleted, or never was (status 400 with code 501).
    #[error("Clockify does not know this record ({operation})")]
    Gone { operation: &'static str },
    /// Try the same again, later.
    #[error("Clockify gave no usable answer ({operation}): {cause}")]
    Transient {
        operation: &'static str,
        cause: TransientCause,
        /// Not before so long from now, where Clockify or our own pace says so.
        retry_after: Option<Duration>,
    },
    /// A change was sent and nobody knows whether it was made: read before trying again.
    #[error("nobody knows whether Clockify made the change ({operation}): {cause}")]
    Unclear {
        operation: &'static str,
        cause: TransientCause,
    },
    /// The same call fails again until somebody changes something.
    #[error("Clockify refuses ({operation}): {refusal}")]
    Permanent {
        operation: &'static str,
        refusal: Refusal,
    },
}

impl ClockifyError {
    /// Whether Clockify does not know the record, which for a read is an answer.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone { .. })
    }

    /// Whether the same call can succeed later without anybody's doing.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient { .. })
    }

    /// How long Clockify asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Transient { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What stood in the way of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransientCause {
    /// Status 429.
    TooManyRequests,
    /// Status 408 or 5xx.
    Status(u16),
    TimedOut,
    CannotConnect,
    /// The connection ended before the answer did.
    CutOff,
    /// The status said success, the body is no whole JSON.
    BrokenJson,
}

impl fmt::Display for TransientCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyRequests => f.write_str("too many requests (status 429)"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::TimedOut => f.write_str("it took too long"),
            Self::CannotConnect => f.write_str("no connection"),
            Self::CutOff => f.write_str("the connection was cut"),
            Self::BrokenJson => f.write_str("the answer is not whole JSON"),
        }
    }
}

/// Why a call cannot succeed as it is. Codes are Clockify's own, from the error's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 401: no key, or one that Clockify does not know.
    Key { code: Option<u64> },
    /// 403 with code 4005: the entry belongs to an approved timesheet.
    ApprovedEntry,
    /// 403: the key's user lacks the role, or the workspace forbids it.
    Forbidden { code: Option<u64> },
    /// 400 with code 4033.
    PlanLimit,
    /// 404 with an empty body.
    UnknownWorkspace,
    /// Any other status: the request is not as Clockify wants it.
    Request { status: u16, code: Option<u64> },
    /// Success, but not in the form that is documented; where it departs from it.
    UnknownForm { field: String },
    /// The id cannot be one of Clockify's; nothing was sent.
    ImpossibleId,
    /// The answer is larger than any page can be.
    TooLarge,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { .. } => f.write_str("it does not know the key of CLOCKIFY_API_KEY")?,
            Self::ApprovedEntry => f.write_str("the entry belongs to an approved timesheet")?,
            Self::Forbidden { .. } => {
                f.write_str("the key's user may not do this; it takes an owner or admin")?;
            }
            Self::PlanLimit => f.write_str("the workspace's plan does not allow more")?,
            Self::UnknownWorkspace => {
                f.write_str("it does not know the workspace of CLOCKIFY_WORKSPACE_ID")?;
            }
            Self::Request { status, .. } => write!(f, "status {status}")?,
            Self::UnknownForm { field } => {
                write!(
                    f,
                    "its answer has a form that is not documented, at `{field}`"
                )?;
            }
            Self::ImpossibleId => f.write_str("the id cannot be one of Clockify's")?,
            Self::TooLarge => f.write_str("the answer is too large")?,
        }
        match self {
            Self::Key { code: Some(code) }
            | Self::Forbidden { code: Some(code) }
            | Self::Request {
                code: Some(code), ..
            } => write!(f, " (code {code})"),
            _ => Ok(()),
        }
    }
}
