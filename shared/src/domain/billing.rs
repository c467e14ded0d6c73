//! What a project is billed (`domain.md` §7 *Billing*): APPROVED, billable work of a period, and what is
//! wrong with it or missing from it.
//!
//! Each row is hours × rate to the cent; sub-totals are sums of printed rows.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{
    attendance::EntryState,
    calendar::Month,
    employee::Employee,
    ids::{ClientId, EmployeeId, ProjectId},
    project::{Client, Project},
    staff_names::{StaffNames, sort_key},
    time::{CompanyZone, Period, half_up},
    work::WorkEntry,
};

/// Prices of billing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillingRules {
    /// Dollars per hour of a person with a truck.
    pub truck_rate: Decimal,
    /// The client of projects that have none.
    pub internal_client: String,
}

impl Default for BillingRules {
    /// 18.75 an hour; the internal client is called so.
    fn default() -> Self {
        Self {
            truck_rate: Decimal::new(1875, 2),
            internal_client: "Internal".to_owned(),
        }
    }
}

/// Everything that one billing is made from.
#[derive(Clone, Copy, Debug)]
pub struct BillingInput<'a> {
    pub period: Period,
    /// Only this project, which then stands there also without anything to bill.
    pub only: Option<&'a ProjectId>,
    /// Of the period and of earlier ones.
    pub work: &'a [WorkEntry],
    pub employees: &'a [Employee],
    pub projects: &'a [Project],
    pub clients: &'a [Client],
    /// The bills that were made.
    pub billed: &'a [Billed],
}

/// A finished job that billed a whole month after its period had ended. A preview before that, and a job of any other
/// period, bill nothing: what they show is billed with its month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    pub period: Period,
    /// None: all projects.
    pub project_id: Option<ProjectId>,
    /// It read what was known then.
    pub began_at: Timestamp,
}

impl Billed {
    /// None: the job was no bill.
    pub fn of(
        period: Period,
        project_id: Option<ProjectId>,
        began_at: Timestamp,
        zone: &CompanyZone,
    ) -> Option<Self> {
        let is_month = Month::billed_on(period.last_day()).billing_period() == period;
        let is_over = zone.date_of(began_at) > period.last_day();
        (is_month && is_over).then_some(Self {
            period,
            project_id,
            began_at,
        })
    }
}

/// Everything that the billing of one period prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billing {
    pub period: Period,
    /// Those with something to bill or to look at; by code, then title.
    pub projects: Vec<ProjectBilling>,
    /// Billable work without a project: of the period, and what was approved after an earlier one was billed.
    pub without_project: Vec<Exception>,
}

/// One project in the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectBilling {
    pub project_id: ProjectId,
    pub code: Option<String>,
    pub title: String,
    /// The client's long name, or the short one where it is empty.
    pub client: String,
    /// By name, then rate.
    pub labour: Vec<LabourRow>,
    /// One row per person with a truck.
    pub equipment: Vec<EquipmentRow>,
    /// The work behind the rows, by name.
    pub staff: Vec<StaffWork>,
    /// By date.
    pub exceptions: Vec<Exception>,
}

/// One person at one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabourRow {
    pub employee_id: EmployeeId,
    pub name: String,
    pub position: Option<String>,
    pub hours: Decimal,
    /// Per hour; 0 where Clockify gave none.
    pub rate: Decimal,
    /// To the cent.
    pub amount: Decimal,
}

/// One person with a truck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EquipmentRow {
    pub employee_id: EmployeeId,
    pub name: String,
    pub equipment: String,
    pub hours: Decimal,
    pub rate: Decimal,
    /// To the cent.
    pub amount: Decimal,
}

/// What one employee did on the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffWork {
    pub employee_id: EmployeeId,
    pub name: String,
    /// By date.
    pub lines: Vec<WorkLine>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkLine {
    pub date: Date,
    pub hours: Decimal,
    pub task: Option<String>,
    pub description: String,
}

/// Billable time that this bill does not hold, or holds at a rate of 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub kind: ExceptionKind,
    pub employee_id: EmployeeId,
    pub name: String,
    pub date: Date,
    pub hours: Decimal,
    pub state: EntryState,
    pub description: String,
}

/// Why it must be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExceptionKind {
    /// Of an earlier period, approved after that period was billed.
    ApprovedLate,
    /// Of this period and not approved: pending, rejected, or never sent.
    Pending,
    /// Billed at 0.
    MissingRate,
    /// Of this period, or approved after an earlier one was billed; nobody can be billed for it.
    WithoutProject,
}

impl ProjectBilling {
    pub fn labour_total(&self) -> Decimal {
        self.labour.iter().map(|row| row.amount).sum()
    }

    pub fn equipment_total(&self) -> Decimal {
        self.equipment.iter().map(|row| row.amount).sum()
    }

    pub fn grand_total(&self) -> Decimal {
        self.labour_total() + self.equipment_total()
    }
}

/// The billing of a period.
pub fn billing(input: &BillingInput<'_>, rules: &BillingRules) -> Billing {
    let names = Names::new(input);
    let mut of_projects: BTreeMap<&ProjectId, Vec<&WorkEntry>> = BTreeMap::new();
    let mut without_project = Vec::new();
    if let Some(only) = input.only {
        of_projects.insert(only, Vec::new());
    }
    for work in input.work.iter().filter(|work| work.billable) {
        match &work.project_id {
            Some(project) if input.only.is_none_or(|only| only == project) => {
                of_projects.entry(project).or_default().push(work);
            }
            None if input.only.is_none()
                && (input.period.contains(work.date) || is_approved_late(work, None, input)) =>
            {
                without_project.push(names.exception(ExceptionKind::WithoutProject, work));
            }
            _ => {}
        }
    }
    let mut projects: Vec<ProjectBilling> = of_projects
        .into_iter()
        .map(|(project, work)| project_billing(project, work, input, &names, rules))
        .filter(|billed| {
            input.only.is_some() || !billed.labour.is_empty() || !billed.exceptions.is_empty()
        })
        .collect();
    projects.sort_by_cached_key(|one| {
        let id = one.project_id.clone();
        (one.code.clone(), sort_key(&one.title), id)
    });
    by_date(&mut without_project);
    Billing {
        period: input.period,
        projects,
        without_project,
    }
}

fn project_billing(
    project_id: &ProjectId,
    mut work: Vec<&WorkEntry>,
    input: &BillingInput<'_>,
    names: &Names<'_>,
    rules: &BillingRules,
) -> ProjectBilling {
    work.sort_by(|one, other| (one.date, &one.entry_id).cmp(&(other.date, &other.entry_id)));
    let of_period = || {
        work.iter()
            .copied()
            .filter(|work| input.period.contains(work.date))
    };
    let approved: Vec<&WorkEntry> = of_period()
        .filter(|work| work.state == EntryState::Approved)
        .collect();

    // A client sees an id only where two of one name worked for him.
    let staff = names.staff_of(approved.iter().copied());

    let of_kind = |kind| move |work| names.exception(kind, work);
    let pending = of_period().filter(|work| work.state != EntryState::Approved);
    let missing_rate = approved.iter().filter(|work| work.hourly_rate.is_none());
    let late = work
        .iter()
        .filter(|work| is_approved_late(work, Some(project_id), input));
    let mut exceptions: Vec<Exception> = late
        .map(|work| names.exception(ExceptionKind::ApprovedLate, work))
        .chain(pending.map(of_kind(ExceptionKind::Pending)))
        .chain(missing_rate.map(|work| names.exception(ExceptionKind::MissingRate, work)))
        .collect();
    by_date(&mut exceptions);

    let project = names.projects.get(project_id).copied();
    let title = project.map(|one| one.title.clone());
    ProjectBilling {
        project_id: project_id.clone(),
        code: project.and_then(|project| project.code.clone()),
        // A project that Clockify does not know has none.
        title: title
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| project_id.to_string()),
        client: names.client(project, rules),
        labour: labour_rows(&approved, names, &staff),
        equipment: equipment_rows(&approved, names, &staff, rules),
        staff: staff_work(&approved, &staff),
        exceptions,
    }
}

/// "Billable time of an earlier period approved after that period was billed (billed = its first finished
/// billing job)." What counts is when we learnt of the approval: a bill holds what was known when it was made. It is
/// listed by the first bill after that, and not for ever.
fn is_approved_late(
    work: &WorkEntry,
    project: Option<&ProjectId>,
    input: &BillingInput<'_>,
) -> bool {
    let Some(approved_at) = work.state_known_since else {
        return false;
    };
    let of_project = || {
        let billed = input.billed.iter();
        billed.filter(|billed| {
            let only = billed.project_id.as_ref();
            only.is_none_or(|only| Some(only) == project)
        })
    };
    let first_billed = of_project()
        .filter(|billed| billed.period.contains(work.date))
        .map(|billed| billed.began_at)
        .min();
    let was_listed_since = of_project().any(|billed| {
        work.date < billed.period.first_day()
            && billed.period.last_day() < input.period.first_day()
            && approved_at <= billed.began_at
    });
    work.state == EntryState::Approved
        && work.date < input.period.first_day()
        && first_billed.is_some_and(|billed_at| billed_at < approved_at)
        && !was_listed_since
}

fn labour_rows(approved: &[&WorkEntry], names: &Names<'_>, staff: &StaffNames) -> Vec<LabourRow> {
    let mut hours: BTreeMap<(usize, &EmployeeId, Decimal), Decimal> = BTreeMap::new();
    for work in approved {
        let rate = work.hourly_rate.unwrap_or_default();
        let person = (staff.place(&work.employee_id), &work.employee_id);
        *hours.entry((person.0, person.1, rate)).or_default() += work.hours;
    }
    hours
        .into_iter()
        .map(|((_, employee_id, rate), hours)| LabourRow {
            employee_id: employee_id.clone(),
            name: staff.name(employee_id),
            position: names
                .employees
                .get(employee_id)
                .and_then(|one| one.role.clone()),
            hours,
            rate,
            amount: half_up(hours * rate, 2),
        })
        .collect()
}

fn equipment_rows(
    approved: &[&WorkEntry],
    names: &Names<'_>,
    staff: &StaffNames,
    rules: &BillingRules,
) -> Vec<EquipmentRow> {
    let mut hours: BTreeMap<usize, (&Employee, Decimal)> = BTreeMap::new();
    for work in approved {
        if let Some(employee) = names.employees.get(&work.employee_id)
            && employee.has_truck
        {
            let person = staff.place(&employee.id);
            hours.entry(person).or_insert((employee, Decimal::ZERO)).1 += work.hours;
        }
    }
    hours
        .into_values()
        .map(|(employee, hours)| EquipmentRow {
            employee_id: employee.id.clone(),
            name: staff.name(&employee.id),
            equipment: employee
                .truck_details
                .clone()
                .unwrap_or_else(|| "Truck".to_owned()),
            hours,
            rate: rules.truck_rate,
            amount: half_up(hours * rules.truck_rate, 2),
        })
        .collect()
}

fn staff_work(approved: &[&WorkEntry], staff: &StaffNames) -> Vec<StaffWork> {
    let mut lines: BTreeMap<(usize, &EmployeeId), Vec<WorkLine>> = BTreeMap::new();
    for work in approved {
        let person = (staff.place(&work.employee_id), &work.employee_id);
        lines.entry(person).or_default().push(WorkLine {
            date: work.date,
            hours: work.hours,
            task: work.task.clone(),
            description: work.description.clone(),
        });
    }
    lines
        .into_iter()
        .map(|((_, employee_id), lines)| StaffWork {
            employee_id: employee_id.clone(),
            name: staff.name(employee_id),
            lines,
        })
        .collect()
}

fn by_date(exceptions: &mut [Exception]) {
    exceptions.sort_by_cached_key(|one| (one.kind, one.date, sort_key(&one.name)));
}

/// The records that rows are named after.
struct Names<'a> {
    staff: StaffNames,
    employees: HashMap<&'a EmployeeId, &'a Employee>,
    projects: HashMap<&'a ProjectId, &'a Project>,
    clients: HashMap<&'a ClientId, &'a Client>,
}

impl<'a> Names<'a> {
    fn new(input: &BillingInput<'a>) -> Self {
        let employees: HashMap<&EmployeeId, &Employee> =
            input.employees.iter().map(|one| (&one.id, one)).collect();
        let names = Self {
            staff: StaffNames::default(),
            employees,
            projects: input.projects.iter().map(|one| (&one.id, one)).collect(),
            clients: input.clients.iter().map(|one| (&one.id, one)).collect(),
        };
        Self {
            staff: names.staff_of(input.work),
            ..names
        }
    }

    /// What they are called among those who did this work.
    fn staff_of<'w>(&self, work: impl IntoIterator<Item = &'w WorkEntry>) -> StaffNames {
        StaffNames::of(work.into_iter().map(|work| {
            let known = self.employees.get(&work.employee_id);
            (&work.employee_id, known.map_or("", |one| &*one.name))
        }))
    }

    fn client(&self, project: Option<&Project>, rules: &BillingRules) -> String {
        project
            .and_then(|project| project.client_id.as_ref())
            .and_then(|id| self.clients.get(id))
            .map_or_else(
                || rules.internal_client.clone(),
                |client| client.document_name().to_owned(),
            )
    }

    fn exception(&self, kind: ExceptionKind, work: &WorkEntry) -> Exception {
        Exception {
            kind,
            employee_id: work.employee_id.clone(),
            name: self.staff.name(&work.employee_id),
            date: work.date,
            hours: work.hours,
            state: work.state,
            description: work.description.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
