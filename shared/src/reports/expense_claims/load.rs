//! The claims of a period from the store, priced by the rules of [`crate::domain::expense_claims`].

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::{Claim, Claimant, ExpenseClaims};
use crate::{
    domain::{
        attendance::Counting,
        employee::Employee,
        expense::{ExpenseCategory, MileageRules},
        expense_claims::{ClaimLine, ClaimedExpense, expense_claims},
        ids::{EmployeeId, ProjectId},
        project::Project,
        staff_names::StaffNames,
        time::Period,
    },
    reports::ReportError,
    store::{Store, StoreError, employee, expense, expense_category, project},
};

/// Reads and prices the claims of a period.
pub(in crate::reports) async fn load(
    store: &Store,
    period: Period,
    rules: &MileageRules,
) -> Result<ExpenseClaims, ReportError> {
    let (claimed, categories, people, projects) = store
        .read(async |mut tx| {
            Ok::<_, StoreError>((
                expense::claimed(&mut tx, period, None).await?,
                expense_category::list(&mut tx).await?,
                employee::list(&mut tx).await?,
                project::list(&mut tx).await?,
            ))
        })
        .await?;
    Ok(claims_of(
        period,
        &claimed,
        &categories,
        &people,
        &projects,
        rules,
    ))
}

/// Prices the claims of a period; `claimed` reaches back as [`expense_claims`] needs it.
pub fn claims_of(
    period: Period,
    claimed: &[ClaimedExpense],
    categories: &[ExpenseCategory],
    people: &[Employee],
    projects: &[Project],
    rules: &MileageRules,
) -> ExpenseClaims {
    let lines = expense_claims(period, claimed, categories, rules);
    let names = Names::of(people, projects, lines.keys());
    let is_open = |line: &ClaimLine| Counting::ApprovedAndPending.counts(line.status);
    ExpenseClaims {
        period,
        claimants: names.claimants(&lines, rules, is_open),
        waiting: names.claimants(&lines, rules, |line| !is_open(line)),
        mileage_rule: mileage_rule(rules),
    }
}

/// The sentence that explains the price of a kilometre.
fn mileage_rule(rules: &MileageRules) -> String {
    format!(
        "A kilometre is paid at the category's price up to {} km in a calendar year (approved and pending claims, \
         by date), and at ${:.2} beyond.",
        with_thousands(rules.kilometres_at_full_price),
        rules.reduced_price
    )
}

/// Why a kilometre pays what it pays, where that is unusual: beyond the year's limit, and both parts of the claim
/// that crosses it.
fn mileage_note(line: &ClaimLine, all: &[ClaimLine], rules: &MileageRules) -> Option<String> {
    let limit = with_thousands(rules.kilometres_at_full_price);
    let is_split = || {
        let parts = all.iter().filter(|one| one.expense_id == line.expense_id);
        parts.count() > 1
    };
    if line.is_beyond? {
        Some(format!("beyond {limit} km of the year"))
    } else {
        is_split().then(|| format!("up to {limit} km of the year"))
    }
}

/// `5,000` or `4,999.5`.
fn with_thousands(number: Decimal) -> String {
    let text = number.normalize().to_string();
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut printed = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            printed.push(',');
        }
        printed.push(digit);
    }
    printed + rest
}

/// The records that lines are named after.
struct Names<'a> {
    staff: StaffNames,
    people: HashMap<&'a EmployeeId, &'a Employee>,
    projects: HashMap<&'a ProjectId, &'a Project>,
}

impl<'a> Names<'a> {
    fn of<'b>(
        people: &'a [Employee],
        projects: &'a [Project],
        claimants: impl Iterator<Item = &'b EmployeeId>,
    ) -> Self {
        let people: HashMap<&EmployeeId, &Employee> =
            people.iter().map(|one| (&one.id, one)).collect();
        let name_of = |id: &EmployeeId| people.get(id).map_or("", |one| one.name.as_str());
        Self {
            staff: StaffNames::of(claimants.map(|id| (id, name_of(id)))),
            people,
            projects: projects.iter().map(|one| (&one.id, one)).collect(),
        }
    }

    /// Who has lines of that sort, by name.
    fn claimants(
        &self,
        lines: &BTreeMap<EmployeeId, Vec<ClaimLine>>,
        rules: &MileageRules,
        is_wanted: impl Fn(&ClaimLine) -> bool,
    ) -> Vec<Claimant> {
        let mut by_name: Vec<_> = lines.iter().collect();
        by_name.sort_by_key(|(id, _)| self.staff.place(id));
        by_name
            .into_iter()
            .filter_map(|(id, lines)| {
                let of_sort = lines.iter().filter(|line| is_wanted(line));
                let claim = |line| self.claim(line, mileage_note(line, lines, rules));
                let claims: Vec<Claim> = of_sort.map(claim).collect();
                let person = self.people.get(id);
                let claimant = Claimant {
                    name: self.staff.name(id),
                    manager: person.and_then(|person| person.reporting_manager.clone()),
                    claims,
                };
                (!claimant.claims.is_empty()).then_some(claimant)
            })
            .collect()
    }

    fn claim(&self, line: &ClaimLine, reason: Option<String>) -> Claim {
        let project = line.project_id.as_ref().map(|id| {
            let project = self.projects.get(id);
            project.map_or_else(|| id.to_string(), |project| project.name.clone())
        });
        let typed = line.notes.clone().filter(|notes| !notes.trim().is_empty());
        let notes: Vec<String> = reason.into_iter().chain(typed).collect();
        Claim {
            date: line.date,
            category: line.category.clone(),
            project,
            quantity: line.quantity,
            unit: line.unit.clone(),
            unit_price: line.unit_price,
            sub_total: line.sub_total,
            // Clockify's data holds none.
            tax: None,
            status: line.status.as_str(),
            notes: notes.join("; "),
        }
    }
}
