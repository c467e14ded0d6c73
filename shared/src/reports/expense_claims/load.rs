//! The claims of a period from the store, priced by the rules of [`crate::domain::expense_claims`].

use std::collections::{BTreeMap, HashMap};

use super::{Claim, Claimant, ExpenseClaims};
use crate::{
    domain::{
        attendance::Counting,
        employee::Employee,
        expense::MileageRules,
        expense_claims::{ClaimLine, expense_claims},
        ids::{EmployeeId, ProjectId},
        project::Project,
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
    let lines = expense_claims(period, &claimed, &categories, rules);
    let names = Names::of(&people, &projects);
    let is_open = |line: &ClaimLine| Counting::ApprovedAndPending.counts(line.status);
    Ok(ExpenseClaims {
        period,
        claimants: names.claimants(&lines, rules, is_open),
        waiting: names.claimants(&lines, rules, |line| !is_open(line)),
        mileage_rule: mileage_rule(rules),
    })
}

/// The sentence that explains the price of a kilometre.
fn mileage_rule(rules: &MileageRules) -> String {
    format!(
        "A kilometre is paid at the category's price up to {} km in a calendar year (approved and pending claims, \
         by date), and at ${:.2} beyond.",
        rules.kilometres_at_full_price.normalize(),
        rules.reduced_price
    )
}

/// Why a kilometre pays what it pays, where that is unusual: beyond the year's limit, and both parts of the claim
/// that crosses it.
fn mileage_note(line: &ClaimLine, all: &[ClaimLine], rules: &MileageRules) -> Option<String> {
    let limit = rules.kilometres_at_full_price.normalize();
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

/// The records that lines are named after.
struct Names<'a> {
    people: HashMap<&'a EmployeeId, &'a Employee>,
    projects: HashMap<&'a ProjectId, &'a Project>,
}

impl<'a> Names<'a> {
    fn of(people: &'a [Employee], projects: &'a [Project]) -> Self {
        Self {
            people: people.iter().map(|one| (&one.id, one)).collect(),
            projects: projects.iter().map(|one| (&one.id, one)).collect(),
        }
    }

    /// Who has lines of that sort, by name; two of one name are two.
    fn claimants(
        &self,
        lines: &BTreeMap<EmployeeId, Vec<ClaimLine>>,
        rules: &MileageRules,
        is_wanted: impl Fn(&ClaimLine) -> bool,
    ) -> Vec<Claimant> {
        let mut claimants: Vec<(Claimant, &EmployeeId)> = lines
            .iter()
            .filter_map(|(id, lines)| {
                let of_sort = lines.iter().filter(|line| is_wanted(line));
                let claim = |line| self.claim(line, mileage_note(line, lines, rules));
                let claims: Vec<Claim> = of_sort.map(claim).collect();
                let person = self.people.get(id);
                let claimant = Claimant {
                    name: person.map_or_else(|| id.to_string(), |person| person.name.clone()),
                    manager: person.and_then(|person| person.reporting_manager.clone()),
                    claims,
                };
                (!claimant.claims.is_empty()).then_some((claimant, id))
            })
            .collect();
        claimants.sort_by(|one, other| (&one.0.name, one.1).cmp(&(&other.0.name, other.1)));
        claimants
            .into_iter()
            .map(|(claimant, _)| claimant)
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
