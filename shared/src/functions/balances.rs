//! What a refusal about balances is to a caller.

use super::problem::{FieldError, Problem, ProblemKind};
use crate::balances::BalanceError;

impl From<BalanceError> for Problem {
    fn from(error: BalanceError) -> Self {
        match error {
            BalanceError::Store(error) => error.into(),
            BalanceError::NotFound(sentence) => Self::not_found(sentence),
            BalanceError::Refused { field, message } => Self::refused(vec![FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
            }]),
            BalanceError::NotNow(sentence) => Self::new(ProblemKind::Conflict, sentence),
        }
    }
}
