//! The generated history of timesheets: whether a person's week was handed in, and what became of
//! it. Older weeks are approved, the last full week waits for somebody to click "Approve all".

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{
    Company,
    people::{part, part_of},
};
use crate::{
    calendar::zone_named,
    id::{Id, Kind},
};

/// The states of Clockify's approval requests (clockify.md §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SheetState {
    Pending,
    Approved,
    WithdrawnSubmission,
    WithdrawnApproval,
    Rejected,
}

impl SheetState {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::WithdrawnSubmission => "WITHDRAWN_SUBMISSION",
            Self::WithdrawnApproval => "WITHDRAWN_APPROVAL",
            Self::Rejected => "REJECTED",
        }
    }

    /// A timesheet that is rejected or withdrawn lets its entries go.
    pub(crate) fn holds_entries(self) -> bool {
        matches!(self, Self::Pending | Self::Approved)
    }
}

/// What the generated history says about one person's week.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BaseSheet {
    pub(crate) id: Id,
    pub(crate) state: SheetState,
    pub(crate) updated_at: i64,
    /// Who changed the state last.
    pub(crate) updated_by: usize,
}

const HOUR: i64 = 3600;

impl Company {
    pub(crate) fn base_sheet(&self, person: usize, week: usize) -> Option<BaseSheet> {
        let age = self.calendar.weeks().checked_sub(week + 1)?;
        if !self.works_in(person, week) {
            return None;
        }
        let mut chance = self.chance_of(super::SHEETS, person, week);
        let part = part_of(person);
        let state = match age {
            0 if part::NOT_SUBMITTED.contains(&part) => return None,
            0 if part == part::APPROVED_EARLY => SheetState::Approved,
            0 => SheetState::Pending,
            1 => match part {
                part::STILL_PENDING => SheetState::Pending,
                part::REJECTED => SheetState::Rejected,
                part::APPROVAL_WITHDRAWN => SheetState::WithdrawnApproval,
                part::SUBMISSION_WITHDRAWN => SheetState::WithdrawnSubmission,
                _ => SheetState::Approved,
            },
            _ => match chance.below(300) {
                0 | 1 => return None,
                2 => SheetState::WithdrawnApproval,
                3 => SheetState::Rejected,
                _ => SheetState::Approved,
            },
        };
        // Handed in between Friday afternoon and Saturday evening, looked at on the Monday after.
        let handed_in = self.calendar.instant(week, 5, 16 * HOUR) + chance.between(0, 27 * HOUR);
        let decided = self.calendar.instant(week + 1, 1, 9 * HOUR) + chance.between(0, 8 * HOUR);
        let by_owner = matches!(state, SheetState::Pending | SheetState::WithdrawnSubmission);
        let updated_at = match state {
            SheetState::Pending => handed_in,
            SheetState::WithdrawnSubmission => handed_in + HOUR,
            _ if age == 0 => handed_in + 600,
            _ => decided,
        };
        Some(BaseSheet {
            id: Id::in_week(Kind::Timesheet, handed_in, person, week, 0),
            state,
            updated_at,
            updated_by: if by_owner {
                person
            } else {
                self.approver(person)
            },
        })
    }

    /// Who decides about a person's timesheets and requests.
    pub(crate) fn approver(&self, person: usize) -> usize {
        if person == 0 {
            1.min(self.people.len() - 1)
        } else {
            0
        }
    }
}

/// The range of a timesheet: local midnight of the Sunday to local midnight after the Saturday,
/// minus a second, in the owner's zone (clockify.md §3), as seconds since 1970.
pub(crate) fn sheet_range(sunday: Date, zone: &str) -> (i64, i64) {
    let midnight = |date: Date| {
        zone_named(zone)
            .and_then(|zone| date.to_zoned(zone).ok())
            .map_or(0, |at| Timestamp::as_second(at.timestamp()))
    };
    (
        midnight(sunday),
        midnight(sunday.saturating_add(1.week())) - 1,
    )
}
