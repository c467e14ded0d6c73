//! What a refusal of LEM's work is to a caller.

use super::problem::{FieldError, Problem, ProblemKind};
use crate::lem::{ChangedField, LemError, Refusal};

impl From<LemError> for Problem {
    fn from(error: LemError) -> Self {
        match error {
            LemError::Store(error) => error.into(),
            LemError::NotFound(sentence) => Self::not_found(sentence),
            LemError::Refused(refusals) => Self::refused(refusals.into_iter().map(fault).collect()),
            LemError::NotNow(refusal) => Self::new(ProblemKind::Conflict, refusal.to_string()),
            LemError::Conflict(sentence) => Self::new(ProblemKind::Conflict, sentence),
            LemError::Stale { changed, version } => stale(&changed, version),
        }
    }
}

fn fault(refusal: Refusal) -> FieldError {
    FieldError {
        field: refusal.field,
        message: refusal.message,
    }
}

/// 412, with what changed and the version that there is now.
fn stale(changed: &[ChangedField], version: i64) -> Problem {
    let fields: Vec<&str> = changed.iter().map(|field| field.field.as_str()).collect();
    let fields = if fields.is_empty() {
        String::new()
    } else {
        format!(" ({})", fields.join(", "))
    };
    let detail = format!(
        "Somebody else changed this in the meantime{fields}: load it again (version {version}), then repeat your change."
    );
    let errors = changed.iter().map(|field| FieldError {
        field: field.field.clone(),
        message: format!(
            "was changed by {} at {}; it is now {}",
            field.by, field.at, field.now
        ),
    });
    Problem::new(ProblemKind::StaleVersion, detail).with_errors(errors.collect())
}
