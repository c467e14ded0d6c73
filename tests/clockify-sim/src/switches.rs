//! What the simulator does where Clockify's behaviour is contested, limited or unreliable. Each
//! switch can be set while it runs, through the control API.

use serde::{Deserialize, Serialize};

/// What `value` means in the PATCH of a balance (clockify.md §8.3: contested).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BalancePatch {
    /// Added to the balance, as a year of production use says.
    Delta,
    /// The new balance, as the documents say.
    Absolute,
}

/// What `start` and `end` of the time-off search select by (clockify.md §8.1: contested).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeOffWindow {
    Leave,
    Creation,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Switches {
    pub balance_patch: BalancePatch,
    pub time_off_window: TimeOffWindow,
    /// Paid workspaces: 50 a second. None: no limit.
    pub requests_per_second: Option<u32>,
    /// New free workspaces: 30 an hour.
    pub requests_per_hour: Option<u32>,
    /// Seconds in `Retry-After` on a 429; unverified that Clockify sends one.
    pub retry_after: Option<u32>,
    /// Whose zone shifts the window of the entry list; the caller's account when None.
    pub window_zone: Option<String>,
    /// The longest span of a detailed report in days, as on the free plan; None: any.
    pub report_days: Option<u32>,
    /// The most webhooks that the plan allows.
    pub webhook_limit: u32,
    pub delivery: Delivery,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            balance_patch: BalancePatch::Delta,
            time_off_window: TimeOffWindow::Leave,
            requests_per_second: Some(50),
            requests_per_hour: None,
            retry_after: None,
            window_zone: None,
            report_days: None,
            webhook_limit: 100,
            delivery: Delivery::default(),
        }
    }
}

/// How webhooks are posted. Which are repeated and in which order they go follows from the seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Delivery {
    /// Keep them back until they are released.
    pub hold: bool,
    /// Shuffle each burst.
    pub shuffle: bool,
    /// Post every nth webhook twice; 0: none.
    pub duplicate_every: u32,
    /// Wait before each first attempt.
    pub delay_ms: u64,
    /// Waits before each further attempt after one that was not answered 2xx; captures show 14 to
    /// 70 s. When they are used up the webhook is given up.
    pub retry_gaps_ms: Vec<u64>,
    /// So many failed attempts of one webhook in a row switch it off (`deliveryEnabled: false`);
    /// Clockify's own threshold is unknown. 0: never.
    pub switch_off_after: u32,
    /// How many are posted at a time.
    pub parallel: usize,
    pub timeout_ms: u64,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            hold: false,
            shuffle: false,
            duplicate_every: 0,
            delay_ms: 0,
            retry_gaps_ms: vec![14_000, 30_000, 70_000],
            switch_off_after: 100,
            parallel: 16,
            timeout_ms: 8_000,
        }
    }
}
