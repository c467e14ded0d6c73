//! Balances that are pushed to Clockify: banked time and vacation (`domain.md` §5).
//!
//! A balance is recomputed each time from what is stored, never carried forward from what was pushed;
//! only the difference to Clockify's figure is sent, and what cannot be trusted is not sent at all.

mod banked;
mod ledger;
mod push;
mod vacation;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use banked::{BankedLedger, BankedRules, BankedUse, banked_ledger};
pub use ledger::{LedgerLine, LineKind, vacation_lines};
pub use push::{
    NotSent, Push, PushCandidate, PushMode, PushRules, ReadBack, is_leaver_with_balance,
    kept_difference,
};
pub use vacation::{CarryOver, VacationBalance, VacationRules, VacationUse, vacation_years};

/// An entry of the ledger by hand: an opening balance, a pay-out, a mistake put right. Never edited or
/// deleted: what was wrong is corrected by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The local day for which it counts.
    pub date: Date,
    /// Added to the balance; negative takes away.
    pub hours: Decimal,
    pub reason: String,
    /// The hours left the balance as money.
    pub paid_out: bool,
}
