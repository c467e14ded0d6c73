//! Time-off requests and balances as they stand.

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{Fate, World};
use crate::{
    calendar::zone_named,
    company::{
        Company,
        leave::{BANKED, DayPart, LeaveState, Policy, VACATION, policy_id},
    },
    id::{Id, Kind},
};

#[derive(Clone, Debug)]
pub(crate) struct TimeOffRequest {
    pub(crate) id: Id,
    pub(crate) policy: Id,
    pub(crate) person: usize,
    pub(crate) first: Date,
    pub(crate) last: Date,
    pub(crate) part: DayPart,
    pub(crate) state: LeaveState,
    pub(crate) note: Option<String>,
    /// Hundredths of the policy's unit.
    pub(crate) taken: i64,
    pub(crate) created_at: i64,
    /// When, by whom and with which words the state was changed.
    pub(crate) decided: Option<Decision>,
    pub(crate) excluded_days: Vec<Date>,
}

#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) at: i64,
    pub(crate) by: usize,
    pub(crate) note: Option<String>,
}

impl TimeOffRequest {
    /// From local midnight of the first day to local midnight after the last, in the zone of who
    /// asked, as seconds since 1970; the end is written as `…59.999Z`.
    pub(crate) fn period(&self, zone: &str) -> (i64, i64) {
        let midnight = |date: Date| {
            zone_named(zone)
                .and_then(|zone| date.to_zoned(zone).ok())
                .map_or(0, |at| at.timestamp().as_second())
        };
        (
            midnight(self.first),
            midnight(self.last.saturating_add(1.day())) - 1,
        )
    }
}

/// Every request of the generated history.
pub(super) fn generated(company: &Company) -> impl Iterator<Item = TimeOffRequest> {
    (0..company.people.len()).flat_map(move |person| {
        (0..company.calendar.weeks() + 4).filter_map(move |week| asked_in(company, person, week))
    })
}

fn asked_in(company: &Company, person: usize, week: usize) -> Option<TimeOffRequest> {
    let leave = company.leave_in_week(person, week)?;
    let created_at = company
        .calendar
        .instant(week.saturating_sub(2), 1, 9 * 3600)
        .min(company.calendar.now() - 86_400);
    Some(TimeOffRequest {
        id: Id::in_week(Kind::TimeOffRequest, created_at, person, week, 0),
        policy: policy_id(leave.policy),
        person,
        first: leave.first,
        last: leave.last,
        part: leave.part,
        state: leave.state,
        note: week.is_multiple_of(2).then(|| "Family trip ⛷️".to_owned()),
        taken: leave.hundredths(|day| company.is_general_holiday(day)),
        created_at,
        decided: (leave.state != LeaveState::Pending).then(|| Decision {
            at: created_at + 6 * 3600,
            by: company.approver(person),
            note: (leave.state == LeaveState::Rejected).then(|| "Coverage needed".to_owned()),
        }),
        excluded_days: Vec::new(),
    })
}

/// A person's standing under a policy, in hundredths of the policy's unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) total: i64,
    pub(crate) used: i64,
}

impl Standing {
    pub(crate) fn balance(self) -> i64 {
        self.total - self.used
    }
}

impl World {
    pub(crate) fn policy(&self, id: Id) -> Option<&Policy> {
        self.company.policies.iter().find(|policy| policy.id == id)
    }

    pub(crate) fn request(&self, id: Id) -> Option<&TimeOffRequest> {
        self.requests.get(id).and_then(Fate::standing)
    }

    /// Everybody's requests, the oldest first.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &TimeOffRequest> {
        self.requests.all().filter_map(Fate::standing)
    }

    /// What a person was given, what requests took of it this year, and so what is left.
    pub(crate) fn standing(&self, person: usize, policy: Id) -> Standing {
        let given = if policy == policy_id(VACATION) {
            // Days: two to four weeks a year, in quarter days.
            1_000 + 25 * i64::try_from(person % 41).unwrap_or(0)
        } else if policy == policy_id(BANKED) {
            50 * i64::try_from(person % 23).unwrap_or(0)
        } else {
            500
        };
        let changed = self
            .balance_changes
            .get(&(person, policy))
            .copied()
            .unwrap_or(0);
        Standing {
            total: given + changed,
            used: self.used(person, policy),
        }
    }

    /// What requests of the year of "now" take, the pending ones too.
    fn used(&self, person: usize, policy: Id) -> i64 {
        let zone = self.company.calendar.zone().clone();
        let year = Timestamp::from_second(self.now()).map_or(0, |now| now.to_zoned(zone).year());
        self.requests_of(person)
            .filter(|request| {
                request.policy == policy
                    && request.state != LeaveState::Rejected
                    && request.first.year() == year
            })
            .map(|request| request.taken)
            .sum()
    }

    /// A person's requests; withdrawn ones are gone, as they are from Clockify's search.
    pub(crate) fn requests_of(&self, person: usize) -> impl Iterator<Item = &TimeOffRequest> {
        self.requests.of(person).filter_map(Fate::standing)
    }
}
