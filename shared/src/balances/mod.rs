//! Balances: computed from the store, explained in the ledger, and pushed to Clockify (`domain.md` §5).
//!
//! The rules kept here. A difference is sent to Clockify as an intent that is committed first, a single PATCH, and a
//! read of what it did; nothing is ever sent on the strength of a failure: after one, and after a kill, the balance is
//! read and decides. What comes out otherwise than meant stops every push until a person has looked at it. One job of
//! this family works at a time, the older one first.

mod chunk;
mod correction;
mod push;
mod release;
mod work;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::{
    correction::{NewCorrection, correct},
    release::release,
};
use crate::{
    clock::Clock,
    clockify::Client,
    domain::{attendance::PayRules, calendar::PayCalendar, ids::PolicyId, time::CompanyZone},
    settings::{BalanceSettings, Settings},
    store::StoreError,
};

/// Which balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceKind {
    Banked,
    Vacation,
}

impl BalanceKind {
    /// In the order in which a day's jobs go through them.
    pub const ALL: [Self; 2] = [Self::Banked, Self::Vacation];

    /// The word of the route and of the job: `balances:banked`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Banked => "banked",
            Self::Vacation => "vacation",
        }
    }

    /// The balance of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Clockify's policy that holds it; a sentence for a person where the settings name none.
    pub fn policy_id(self, settings: &BalanceSettings) -> Result<&PolicyId, &'static str> {
        match self {
            Self::Banked => settings.banked_policy_id.as_ref().ok_or(
                "BANKED_POLICY_ID is not set: give it Clockify's id of the policy that holds banked time.",
            ),
            Self::Vacation => settings.vacation_policy_id.as_ref().ok_or(
                "VACATION_POLICY_ID is not set: give it Clockify's id of the vacation policy of salaried staff.",
            ),
        }
    }

    /// The balance that a policy holds.
    pub fn of_policy(policy_id: &PolicyId, settings: &BalanceSettings) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.policy_id(settings) == Ok(policy_id))
    }
}

/// What a job of balances is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BalanceParams {
    /// Computes and records, and sends nothing.
    pub dry_run: bool,
}

/// The settings that decide what a balance is and what is sent.
#[derive(Clone, Debug)]
pub struct BalanceRules {
    pub settings: BalanceSettings,
    pub pay: PayRules,
    pub calendar: PayCalendar,
    pub zone: CompanyZone,
}

impl From<&Settings> for BalanceRules {
    fn from(settings: &Settings) -> Self {
        Self {
            settings: settings.balances.clone(),
            pay: settings.pay.rules.clone(),
            calendar: settings.pay.calendar,
            zone: settings.company.zone.clone(),
        }
    }
}

/// The work of the job family `balances`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Balances {
    client: Client,
    clock: Clock,
    rules: BalanceRules,
    settling: Duration,
}

impl Balances {
    /// How long after a change whose answer was lost the balance is read: Clockify may still be at it.
    const SETTLING: Duration = Duration::from_secs(10);

    pub fn new(client: Client, clock: Clock, rules: BalanceRules) -> Self {
        Self {
            client,
            clock,
            rules,
            settling: Self::SETTLING,
        }
    }

    /// Shortens the wait after an unclear failure, for tests of what happens then.
    #[must_use]
    pub fn with_settling_time(mut self, settling: Duration) -> Self {
        self.settling = settling;
        self
    }
}

/// The exact number, without needless zeros.
fn number(number: rust_decimal::Decimal) -> serde_json::Value {
    let exact = number.normalize().to_string().parse();
    exact.map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum BalanceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such thing; a sentence.
    #[error("{0}")]
    NotFound(&'static str),
    /// A field breaks a rule; the message completes "`field` …".
    #[error("{field} {message}")]
    Refused {
        field: &'static str,
        message: &'static str,
    },
    /// It is not in a state for it; a sentence.
    #[error("{0}")]
    NotNow(String),
}
