//! The figures of `domain.md` §4 that are settings.

use rust_decimal::Decimal;

use super::EntryState;
use crate::domain::{employee::RateType, leave::LeaveRules};

/// How work becomes pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRules {
    /// T, the hours of a day after which overtime begins.
    pub day_length: Decimal,
    /// Tags that make a day a banked one, each with the day length T that then holds.
    pub banked_tags: Vec<BankedTag>,
    /// Whose overtime is tested by the week as well.
    pub weekly_test_for: WeeklyTest,
    /// Unbanked hours of a week after which overtime begins.
    pub weekly_limit: Decimal,
    /// Hours paid for a holiday from Monday to Friday.
    pub stat_hours: Decimal,
    pub leave: LeaveRules,
}

impl Default for PayRules {
    /// 8 hours, 8.5 with `BANKED - SITE`; 44 a week for hourly staff; 8 hours of STAT.
    fn default() -> Self {
        let eight = Decimal::from(8);
        let tag = |name: &str, day_length| BankedTag {
            name: name.to_owned(),
            day_length,
        };
        Self {
            day_length: eight,
            banked_tags: vec![
                tag("BANKED - OFFICE", eight),
                tag("BANKED - SITE", Decimal::new(85, 1)),
                tag("BANKED", eight),
            ],
            weekly_test_for: WeeklyTest::Hourly,
            weekly_limit: Decimal::from(44),
            stat_hours: eight,
            leave: LeaveRules::default(),
        }
    }
}

/// A tag that makes a day a banked one. Compared without case and without spaces around the dash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankedTag {
    pub name: String,
    pub day_length: Decimal,
}

/// Whose overtime is tested by the week as well as by the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeeklyTest {
    /// All but salaried staff: who has no rate type is treated as hourly.
    Hourly,
    Everyone,
    Nobody,
}

impl WeeklyTest {
    pub(super) fn holds_for(self, rate_type: Option<RateType>) -> bool {
        match self {
            Self::Hourly => rate_type != Some(RateType::Salary),
            Self::Everyone => true,
            Self::Nobody => false,
        }
    }
}

/// Which timesheets make hours count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// APPROVED and PENDING: attendance, pay and most reports (§4).
    ApprovedAndPending,
    /// APPROVED alone: banked balances (§5).
    ApprovedOnly,
}

impl Counting {
    /// Whether work in a timesheet of that state counts.
    pub fn counts(self, state: EntryState) -> bool {
        match self {
            Self::ApprovedAndPending => {
                matches!(state, EntryState::Approved | EntryState::Pending)
            }
            Self::ApprovedOnly => state == EntryState::Approved,
        }
    }
}
