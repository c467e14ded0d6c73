//! Asking for time off, deciding about it, withdrawing it; and balances that are set or moved.

use jiff::civil::Date;
use serde_json::json;

use super::{Fate, Refusal, TimeOffRequest, World, time_off::Decision};
use crate::{
    company::{
        leave::{DayPart, LeaveState, Unit, working_days},
        work::workspace_id,
    },
    id::{Id, Kind},
    switches::BalancePatch,
    wire::{self, hundredths_text},
};

const WHAT: &str = "Time off request";

#[derive(Clone, Debug)]
pub(crate) struct NewRequest {
    pub(crate) person: usize,
    pub(crate) policy: Id,
    pub(crate) first: Date,
    pub(crate) last: Date,
    pub(crate) part: DayPart,
    pub(crate) note: Option<String>,
}

impl World {
    pub(crate) fn ask_for_time_off(&mut self, new: NewRequest) -> Result<Id, Refusal> {
        let policy = self
            .policy(new.policy)
            .ok_or(Refusal::Gone("Policy"))?
            .clone();
        if new.last < new.first {
            return Err(Refusal::Invalid("End date is before start date".to_owned()));
        }
        if new.part != DayPart::Whole && !policy.half_days {
            return Err(Refusal::Invalid(
                "Policy doesn't allow half day requests".to_owned(),
            ));
        }
        let days = working_days(new.first, new.last, |day| {
            self.company.is_general_holiday(day)
        });
        let whole = match policy.unit {
            Unit::Days => 100 * days,
            Unit::Hours => 800 * days,
        };
        let created_at = self.tick();
        let request = TimeOffRequest {
            id: self.made_id(Kind::TimeOffRequest),
            policy: new.policy,
            person: new.person,
            first: new.first,
            last: new.last,
            part: new.part,
            state: LeaveState::Pending,
            note: new.note,
            taken: if new.part == DayPart::Whole {
                whole
            } else {
                whole / 2
            },
            created_at,
            decided: None,
            excluded_days: Vec::new(),
        };
        let id = request.id;
        self.tell(
            "TIME_OFF_REQUESTED",
            wire::time_off::webhook_body(self, &request),
        );
        self.requests.put(request.person, id, Fate::Stands(request));
        Ok(id)
    }

    pub(crate) fn decide_time_off(
        &mut self,
        id: Id,
        state: LeaveState,
        note: Option<String>,
    ) -> Result<(), Refusal> {
        let mut request = self.request(id).ok_or(Refusal::Gone(WHAT))?.clone();
        if request.state != LeaveState::Pending {
            return Err(Refusal::Invalid(format!(
                "Time off request is already {}",
                request.state.text()
            )));
        }
        let event = match state {
            LeaveState::Approved => "TIME_OFF_REQUEST_APPROVED",
            LeaveState::Rejected => "TIME_OFF_REQUEST_REJECTED",
            LeaveState::Pending => {
                return Err(Refusal::Invalid("Status is not valid".to_owned()));
            }
        };
        request.state = state;
        request.decided = Some(Decision {
            at: self.tick(),
            by: self.company.approver(request.person),
            note,
        });
        self.tell(event, wire::time_off::webhook_body(self, &request));
        self.requests.put(request.person, id, Fate::Stands(request));
        Ok(())
    }

    /// Moves a pending request to other days.
    pub(crate) fn move_time_off(&mut self, id: Id, first: Date, last: Date) -> Result<(), Refusal> {
        let mut request = self.request(id).ok_or(Refusal::Gone(WHAT))?.clone();
        if last < first {
            return Err(Refusal::Invalid("End date is before start date".to_owned()));
        }
        let days =
            |first, last| working_days(first, last, |day| self.company.is_general_holiday(day));
        let (old, new) = (days(request.first, request.last), days(first, last));
        request.taken = if old == 0 {
            request.taken
        } else {
            request.taken / old * new
        };
        request.first = first;
        request.last = last;
        self.tick();
        self.tell(
            "TIME_OFF_REQUEST_UPDATED",
            wire::time_off::webhook_body(self, &request),
        );
        self.requests.put(request.person, id, Fate::Stands(request));
        Ok(())
    }

    /// A withdrawn request vanishes from the search; the webhook still shows its last state
    /// (clockify.md §9.4).
    pub(crate) fn withdraw_time_off(&mut self, id: Id) -> Result<(), Refusal> {
        let request = self.request(id).ok_or(Refusal::Gone(WHAT))?.clone();
        self.tick();
        self.tell(
            "TIME_OFF_REQUEST_WITHDRAWN",
            wire::time_off::webhook_body(self, &request),
        );
        self.requests
            .put(request.person, id, Fate::Deleted(request));
        Ok(())
    }

    /// The day of an approved request has come.
    pub(crate) fn start_time_off(&mut self, id: Id) -> Result<(), Refusal> {
        let request = self.request(id).ok_or(Refusal::Gone(WHAT))?.clone();
        self.tick();
        self.tell(
            "TIME_OFF_REQUEST_STARTED",
            wire::time_off::webhook_body(self, &request),
        );
        Ok(())
    }

    /// Clockify's PATCH of a balance: what `value` (hundredths) means is a switch.
    pub(crate) fn patch_balance(&mut self, person: usize, policy: Id, value: i64, note: &str) {
        let delta = match self.switches.balance_patch {
            BalancePatch::Delta => value,
            BalancePatch::Absolute => value - self.standing(person, policy).balance(),
        };
        *self.balance_changes.entry((person, policy)).or_default() += delta;
        self.tick();
        let body = json!({
            "workspaceId": workspace_id(),
            "userId": self.people[person].id,
            "value": hundredths_text(value),
            "note": note,
            "updatedBy": self.people[0].id,
        });
        self.tell("BALANCE_UPDATED", body);
    }
}
