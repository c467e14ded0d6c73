//! What the queue `jobs` carries: which job to go on with. Everything else stands in the job's row.

use serde::{Deserialize, Serialize};

use super::resend::Tries;
use crate::domain::ids::JobId;

/// A message that is being handled: its id is given by the queue, and stays the same when it is delivered again.
#[derive(Clone, Copy, Debug)]
pub struct Delivered<'a> {
    pub message_id: &'a str,
    pub text: &'a str,
}

/// A message of the queue `jobs`. Its fields must not bear the names of the host's own metadata, which they would
/// replace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    /// Version of this form: 1.
    pub v: u32,
    pub job: JobId,
    /// Asks for a new job of the same work: the message of a job that failed, replayed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// Set on the copy of a message that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Tries>,
}

impl JobMessage {
    /// Asks to go on with a job.
    pub fn new(job: JobId) -> Self {
        Self {
            v: 1,
            job,
            again: false,
            tries: None,
        }
    }

    /// As it is sent.
    pub fn to_text(&self) -> String {
        serde_json::json!(self).to_string()
    }
}
