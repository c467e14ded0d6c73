//! Tickets: numbers that say which of two readers of Clockify came later (`design.md` §2).

use super::Value;

/// A number from the database, drawn before a read of Clockify's API. What was read is written only
/// over rows and tombstones with a smaller one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub i64);

impl From<Ticket> for Value {
    fn from(ticket: Ticket) -> Self {
        Self::Int(Some(ticket.0))
    }
}
