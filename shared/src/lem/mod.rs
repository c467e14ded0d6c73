//! LEM sheets as people work on them (`domain.md` §6): what can be done with a sheet, its lines, names and rates.
//!
//! Each function here is a whole piece of work inside the caller's transaction: load, decide by the rules of
//! [`crate::domain::lem`], store, note who did it in the audit, and raise or clear the flag of a missing rate. A
//! caller who saw an older version is refused and told what changed since.

mod catalogue;
mod history;
mod line;
mod rate;
mod references;
mod sheet;
mod sign_off;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use self::{
    catalogue::add_name,
    history::{ChangedField, RecordKind},
    line::{
        LineMade, add_equipment, add_material, put_worker, remove_line, replace_equipment,
        replace_material,
    },
    rate::{RateNow, put_equipment_rate, put_worker_rate},
    sheet::{
        NewSheet, SheetChange, SheetField, SheetMade, SheetNow, archive, change, create, draft,
        get, list,
    },
    sign_off::{reject, revise, sign, submit},
};
use crate::{domain::lem::LemRefusal, store::StoreError};

/// Who does something, and when.
#[derive(Clone, Debug)]
pub struct Act {
    /// As records name callers: `key power-app`.
    pub by: String,
    /// By the business clock.
    pub at: Timestamp,
}

/// A field that a rule refuses; the message completes "`field` …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `workers[2].roleId`.
    pub field: String,
    pub message: String,
}

impl Refusal {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum LemError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such thing; a sentence.
    #[error("{0}")]
    NotFound(&'static str),
    /// What was sent breaks a rule.
    #[error("{} fields are refused by a rule", .0.len())]
    Refused(Vec<Refusal>),
    /// The sheet is not in a state for it.
    #[error(transparent)]
    NotNow(#[from] LemRefusal),
    /// It meets something that is there already; a sentence.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else changed the record since the caller saw it.
    #[error("the record was changed since, in {} fields", .changed.len())]
    Stale {
        changed: Vec<ChangedField>,
        version: i64,
    },
}

impl From<Refusal> for LemError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}
