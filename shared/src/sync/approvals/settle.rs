//! What became of a timesheet that no list shows any more, and whether the lists are older than what webhooks say
//! (`design.md` §2, *A scan*).
//!
//! REJECTED and WITHDRAWN_SUBMISSION stand in no list of Clockify. So a timesheet has left the lists only if one
//! complete scan misses it and a webhook says so, or if two scans miss it.

use jiff::Timestamp;

use crate::domain::timesheet::TimesheetState;

/// What the newest webhook about a timesheet said, newest by Clockify's own `status.updatedAt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub state: TimesheetState,
    pub at: Timestamp,
}

/// What is stored of a timesheet that a complete scan did not find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub state: TimesheetState,
    pub state_updated_at: Option<Timestamp>,
    /// An earlier scan missed it as well.
    pub missed_before: bool,
}

/// What follows for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One scan alone proves nothing: lists shift while they are read.
    NotYet,
    /// It has left the lists, in this state; `told_at` is set where a webhook said so.
    Left {
        state: TimesheetState,
        told_at: Option<Timestamp>,
    },
}

/// Whether Clockify has a list in which a timesheet of this state stands.
pub fn is_listed(state: &TimesheetState) -> bool {
    matches!(
        state,
        TimesheetState::Pending | TimesheetState::Approved | TimesheetState::WithdrawnApproval
    )
}

/// Judges a timesheet that stood in no list of a complete scan.
pub fn settle(missed: &Missed, told: Option<&Told>) -> Verdict {
    let news = told.filter(|told| {
        !is_listed(&told.state)
            && missed
                .state_updated_at
                .is_none_or(|stored| told.at > stored)
    });
    match news {
        Some(told) => Verdict::Left {
            state: told.state.clone(),
            told_at: Some(told.at),
        },
        None if missed.missed_before => Verdict::Left {
            state: TimesheetState::Returned,
            told_at: None,
        },
        None => Verdict::NotYet,
    }
}

/// Whether a scan read lists from before the webhook: then it must be repeated a little later. `stored` is the
/// timesheet after the scan was applied and its missing ones were settled; None: it is still unknown.
pub fn lists_are_behind(told: &Told, stored: Option<Option<Timestamp>>) -> bool {
    match stored {
        // Submitted and taken back before any scan: no list ever shows it, and there is nothing to settle.
        None => is_listed(&told.state),
        Some(updated_at) => updated_at.is_none_or(|stored| stored < told.at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TimesheetState::{
        Approved, Pending, Rejected, Returned, WithdrawnApproval, WithdrawnSubmission,
    };

    fn minute(n: i8) -> Timestamp {
        jiff::civil::date(2026, 11, 2)
            .at(10, n, 0, 0)
            .to_zoned(jiff::tz::TimeZone::UTC)
            .unwrap()
            .timestamp()
    }

    fn told(state: TimesheetState, at: i8) -> Told {
        Told {
            state,
            at: minute(at),
        }
    }

    #[test]
    fn one_miss_and_a_webhook_or_two_misses() {
        let some = |state, at| Some(told(state, at));
        let left = |state, at: Option<i8>| Verdict::Left {
            state,
            told_at: at.map(minute),
        };
        // (missed before, what the newest webhook said; the stored row is of minute 5) → verdict
        let cases = [
            (false, None, Verdict::NotYet),
            (true, None, left(Returned, None)),
            (false, some(Rejected, 6), left(Rejected, Some(6))),
            (true, some(Rejected, 6), left(Rejected, Some(6))),
            (
                false,
                some(WithdrawnSubmission, 6),
                left(WithdrawnSubmission, Some(6)),
            ),
            // An old rejection of an earlier submission says nothing about this one.
            (false, some(Rejected, 4), Verdict::NotYet),
            (false, some(Rejected, 5), Verdict::NotYet),
            (true, some(Rejected, 4), left(Returned, None)),
            // The list is behind such a webhook; alone it proves nothing.
            (false, some(Approved, 6), Verdict::NotYet),
            (true, some(WithdrawnApproval, 6), left(Returned, None)),
        ];
        for (missed_before, told, verdict) in cases {
            let missed = Missed {
                state: Pending,
                state_updated_at: Some(minute(5)),
                missed_before,
            };
            assert_eq!(
                settle(&missed, told.as_ref()),
                verdict,
                "missed before: {missed_before}, told: {told:?}"
            );
        }
    }

    #[test]
    fn a_list_older_than_the_webhook_is_read_again() {
        let cases = [
            (told(Approved, 6), Some(Some(5)), true),
            (told(Approved, 6), Some(Some(6)), false),
            (told(Approved, 6), Some(Some(7)), false),
            (told(Rejected, 6), Some(Some(5)), true),
            (told(Rejected, 6), Some(None), true),
            (told(Pending, 6), None, true),
            (told(Rejected, 6), None, false),
        ];
        for (told, stored, behind) in cases {
            let stored = stored.map(|at: Option<i8>| at.map(minute));
            assert_eq!(
                lists_are_behind(&told, stored),
                behind,
                "{told:?} {stored:?}"
            );
        }
    }
}
