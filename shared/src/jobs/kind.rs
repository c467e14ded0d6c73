//! What a job does, as one word: `sync:timesheets`, `report:payroll`, `balances:banked`.

use std::fmt;

/// `family:what`. The family decides which [`Work`](super::Work) does it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobKind(String);

/// Family of the syncs with Clockify.
pub const SYNC: &str = "sync";
/// Family of the syncs that only say what they would change.
pub const DRY_RUN: &str = "dry-run";
/// Family of the reports.
pub const REPORT: &str = "report";
/// Family of the trimming of what need not be kept for ever.
pub const RETENTION: &str = "retention";
/// Family of the balances that are pushed to Clockify.
pub const BALANCES: &str = "balances";

impl JobKind {
    /// A kind of that family.
    pub fn new(family: &'static str, what: &str) -> Self {
        Self(format!("{family}:{what}"))
    }

    /// As it stands in the table.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the colon.
    pub fn family(&self) -> &str {
        self.0
            .split_once(':')
            .map_or(&*self.0, |(family, _)| family)
    }

    /// What stands after it.
    pub fn what(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, what)| what)
    }
}

impl From<String> for JobKind {
    fn from(kind: String) -> Self {
        Self(kind)
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
