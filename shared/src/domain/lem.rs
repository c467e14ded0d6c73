//! LEM sheets: the daily ticket of labour, equipment and material that a client's representative signs
//! (`domain.md` §6).
//!
//! The rules kept here: what is printed is what is multiplied; prices freeze at submission; a signed
//! sheet never changes, its correction is a new revision of the same number.

mod amounts;
mod life;
mod number;
mod pricing;
mod rates;
mod revisions;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::ids::{
    ClientId, EmployeeId, EquipmentId, LemLineId, LemSheetId, ProjectId, RoleId, WorkspaceId,
};
pub use amounts::{Amount, AmountError};
pub use life::{LemAction, LemRefusal, LemStatus};
pub use number::{LemNumber, NotALemNumber};
pub use pricing::{
    LabourKind, LemTotals, PricedEquipment, PricedMaterial, PricedSheet, SummaryRow,
};
pub use rates::{EquipmentPrices, EquipmentRate, SheetRates, WorkerPrices, WorkerRate};
pub use revisions::{counting_revisions, timesheet_revisions};

/// One ticket, in one of its revisions. Client and project never change after it got its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LemSheet {
    pub id: LemSheetId,
    pub workspace_id: WorkspaceId,
    pub client_id: ClientId,
    pub project_id: ProjectId,
    /// On paper the *Timesheet No.*; counted per client and project, shared by all revisions.
    pub number: LemNumber,
    /// 1 for the first.
    pub revision: u32,
    pub date: Date,
    pub project_manager_id: Option<EmployeeId>,
    pub client_representative: Option<String>,
    /// On paper the *Description of Work Performed*.
    pub description: Option<String>,
    /// On paper the *Task Description*.
    pub notes: Option<String>,
    pub workers: Vec<WorkerLine>,
    pub equipment: Vec<EquipmentLine>,
    pub materials: Vec<MaterialLine>,
    pub status: LemStatus,
    /// Deleted; it keeps its number.
    pub archived: bool,
    /// The rates as they were at submission; None for a draft.
    pub frozen_rates: Option<SheetRates>,
    pub submitted_at: Option<Timestamp>,
    pub signature: Option<Signature>,
    /// Why it was rejected.
    pub rejection_reason: Option<String>,
}

/// What one worker did in one role. One line per worker and role on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerLine {
    pub id: LemLineId,
    /// Free text: often a subcontractor who has no Clockify user.
    pub worker: String,
    pub employee_id: Option<EmployeeId>,
    pub role_id: RoleId,
    pub work_hours: Decimal,
    pub travel_hours: Decimal,
    /// Hours of calculations for the job, billed at their own rate.
    pub calc_hours: Decimal,
    pub meals: u32,
    pub hotel_nights: u32,
}

/// A machine on the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EquipmentLine {
    pub id: LemLineId,
    pub equipment_id: EquipmentId,
    pub quantity: Decimal,
    pub basis: EquipmentBasis,
}

/// What a machine bills per.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EquipmentBasis {
    Unit,
    Day,
}

impl EquipmentBasis {
    /// The word in requests, answers and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Day => "day",
        }
    }
}

/// Something used up on the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialLine {
    pub id: LemLineId,
    pub description: String,
    pub quantity: Decimal,
    /// What is counted, such as `each` or `m`.
    pub unit: String,
    pub unit_cost: Decimal,
    pub markup_percent: Decimal,
}

/// The client's consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The representative, as he wrote his name.
    pub name: String,
    pub signed_at: Timestamp,
    /// PNG.
    pub image: Vec<u8>,
}

/// A name as it is compared: "without case and outer blanks". For roles, equipment, and the worker of a
/// line.
pub fn comparable_name(name: &str) -> String {
    name.trim().to_lowercase()
}

impl LemSheet {
    /// Adds a worker line, or replaces the one of the same worker and role, whose id then stays.
    pub fn put_worker(&mut self, line: WorkerLine) {
        let key = |line: &WorkerLine| (comparable_name(&line.worker), line.role_id.clone());
        match self.workers.iter_mut().find(|old| key(old) == key(&line)) {
            Some(old) => {
                let id = old.id.clone();
                *old = WorkerLine { id, ..line };
            }
            None => self.workers.push(line),
        }
    }

    /// The sheet's figures: by its frozen rates, or while it is a draft by those given, which are the
    /// ones that hold on its date.
    pub fn priced(&self, current: &SheetRates) -> PricedSheet {
        pricing::price(self, self.frozen_rates.as_ref().unwrap_or(current))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) use super::pricing::tests::{any_rates, any_sheet};
    use jiff::civil::date;

    use super::*;
    use crate::domain::test_records::hours;

    /// A draft without lines.
    pub(crate) fn draft(id: &str) -> LemSheet {
        LemSheet {
            id: id.into(),
            workspace_id: "ws".into(),
            client_id: "c1".into(),
            project_id: "p1".into(),
            number: LemNumber::new(1).expect("a number"),
            revision: 1,
            date: date(2026, 11, 3),
            project_manager_id: None,
            client_representative: None,
            description: None,
            notes: None,
            workers: Vec::new(),
            equipment: Vec::new(),
            materials: Vec::new(),
            status: LemStatus::Draft,
            archived: false,
            frozen_rates: None,
            submitted_at: None,
            signature: None,
            rejection_reason: None,
        }
    }

    /// A worker without hours.
    pub(crate) fn worker(name: &str, role: &str) -> WorkerLine {
        WorkerLine {
            id: format!("{name}/{role}").into(),
            worker: name.to_owned(),
            employee_id: None,
            role_id: role.into(),
            work_hours: Decimal::ZERO,
            travel_hours: Decimal::ZERO,
            calc_hours: Decimal::ZERO,
            meals: 0,
            hotel_nights: 0,
        }
    }

    #[test]
    fn one_line_per_worker_and_role_posting_it_again_replaces_it() {
        // §6: "One line per worker and role on a sheet; posting it again replaces it."
        let mut sheet = draft("s1");
        sheet.put_worker(worker("Dana Poole", "surveyor"));
        sheet.put_worker(worker("Dana Poole", "chainman"));
        sheet.put_worker(worker("Kim Osei", "surveyor"));
        assert_eq!(sheet.workers.len(), 3);
        sheet.put_worker(WorkerLine {
            id: "a-second-tap".into(),
            work_hours: hours("8"),
            ..worker(" dana poole ", "surveyor")
        });
        assert_eq!(sheet.workers.len(), 3);
        assert_eq!(sheet.workers[0].work_hours, hours("8"));
        assert_eq!(sheet.workers[0].id.as_str(), "Dana Poole/surveyor");
    }

    #[test]
    fn names_are_compared_without_case_and_outer_blanks() {
        // §6: "a name per client (compared without case and outer blanks)".
        for (one, other, same) in [
            ("Surveyor", " SURVEYOR ", true),
            ("Émile", "émile", true),
            ("Total  station", "Total station", false),
            ("Surveyor", "Surveyor 2", false),
        ] {
            assert_eq!(
                comparable_name(one) == comparable_name(other),
                same,
                "{one}, {other}"
            );
        }
    }
}
