//! Handing in, approving, rejecting and withdrawing timesheets.

use jiff::civil::Date;

use super::{Refusal, Timesheet, World};
use crate::{
    calendar::sunday_of,
    company::sheets::SheetState,
    id::{Id, Kind},
    wire,
    world::sheets::SheetOrder,
};

impl World {
    /// Hands in a person's finished entries of the week that holds a date, those which no other
    /// timesheet holds: a new timesheet each time.
    pub(crate) fn submit_week(&mut self, person: usize, date: Date) -> Result<Id, Refusal> {
        let sunday = sunday_of(date);
        let free: Vec<Id> = self
            .finished_in_week(person, sunday)
            .iter()
            .filter(|entry| self.sheet_of(entry).is_none())
            .map(|entry| entry.id)
            .collect();
        if free.is_empty() {
            return Err(Refusal::Invalid(
                "There are no time entries to submit".to_owned(),
            ));
        }
        let updated_at = self.tick();
        let id = self.made_id(Kind::Timesheet);
        for entry in free {
            self.sheets.membership.insert(entry, Some(id));
        }
        let sheet = Timesheet {
            id,
            person,
            sunday,
            state: SheetState::Pending,
            updated_at,
            updated_by: person,
            note: String::new(),
        };
        self.tell(
            "NEW_APPROVAL_REQUEST",
            wire::sheets::webhook_body(self, &sheet),
        );
        self.sheets.changed.insert(id, sheet);
        Ok(id)
    }

    /// Moves a timesheet to another state, where Clockify allows the step.
    pub(crate) fn decide_sheet(
        &mut self,
        id: Id,
        state: SheetState,
        note: &str,
    ) -> Result<(), Refusal> {
        use SheetState::{Approved, Pending, Rejected, WithdrawnApproval, WithdrawnSubmission};
        let mut sheet = self.sheet(id).ok_or(Refusal::Gone("Approval request"))?;
        if !matches!(
            (sheet.state, state),
            (Pending, Approved | Rejected | WithdrawnSubmission) | (Approved, WithdrawnApproval)
        ) {
            return Err(Refusal::Invalid(format!(
                "Approval request cannot go from {} to {}",
                sheet.state.text(),
                state.text()
            )));
        }
        sheet.updated_at = self.tick();
        sheet.updated_by = if state == WithdrawnSubmission {
            sheet.person
        } else {
            self.company.approver(sheet.person)
        };
        sheet.state = state;
        note.clone_into(&mut sheet.note);
        self.tell(
            "APPROVAL_REQUEST_STATUS_UPDATED",
            wire::sheets::webhook_body(self, &sheet),
        );
        self.sheets.changed.insert(id, sheet);
        Ok(())
    }

    /// What a click on "Approve all" does: every pending timesheet of a week, or of all weeks.
    pub(crate) fn approve_all(&mut self, week_of: Option<Date>) -> Result<Vec<Id>, Refusal> {
        let sunday = week_of.map(sunday_of);
        let keys = self.sheets_in(&[SheetState::Pending], SheetOrder::UpdatedAt, false);
        let mut approved = Vec::new();
        for key in keys.iter() {
            let wanted = sunday.is_none()
                || self
                    .sheet(key.id)
                    .is_some_and(|sheet| Some(sheet.sunday) == sunday);
            if wanted {
                self.decide_sheet(key.id, SheetState::Approved, "")?;
                approved.push(key.id);
            }
        }
        Ok(approved)
    }
}
