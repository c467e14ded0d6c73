//! Expenses and their categories, and what a kilometre pays (`domain.md` §7, *Expense claims*).

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    ids::{EmployeeId, ExpenseCategoryId, ExpenseId, ProjectId, TaskId, WorkspaceId},
    time::half_up,
};

/// What an employee spent, or drove. Which timesheet holds it is not content, as for time entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expense {
    pub id: ExpenseId,
    pub workspace_id: WorkspaceId,
    pub employee_id: EmployeeId,
    /// A calendar date; no zone takes part.
    pub date: Date,
    pub category_id: Option<ExpenseCategoryId>,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub notes: Option<String>,
    /// Units of the category (kilometres, say); 1 where it has no unit price.
    pub quantity: Decimal,
    /// Clockify's own total, to the cent, half up.
    pub total: Decimal,
    pub billable: bool,
    /// Whether Clockify holds a receipt; it is not copied.
    pub has_receipt: bool,
}

/// A kind of expense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpenseCategory {
    pub id: ExpenseCategoryId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    /// Per unit, exact to 0.01; None where each claim names its amount.
    pub unit_price: Option<Decimal>,
    /// What is counted, such as `km`.
    pub unit: Option<String>,
    pub archived: bool,
    /// Known only by reference.
    pub is_stub: bool,
}

impl ExpenseCategory {
    /// Whether it pays for kilometres: it has a unit price, and its unit is one of the rules' words.
    pub fn is_mileage(&self, rules: &MileageRules) -> bool {
        self.unit_price.is_some()
            && self.unit.as_deref().is_some_and(|unit| {
                let unit = unit.trim();
                rules
                    .units
                    .iter()
                    .any(|word| word.eq_ignore_ascii_case(unit))
            })
    }
}

/// What a kilometre pays within a calendar year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MileageRules {
    /// Kilometres of a calendar year that pay the category's price.
    pub kilometres_at_full_price: Decimal,
    /// What each further kilometre pays.
    pub reduced_price: Decimal,
    /// Units, case ignored, that make a category one of mileage.
    pub units: Vec<String>,
}

impl Default for MileageRules {
    fn default() -> Self {
        Self {
            kilometres_at_full_price: Decimal::new(5_000, 0),
            reduced_price: Decimal::new(62, 2),
            units: ["km", "kilometre", "kilometres", "kilometer", "kilometers"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

/// Kilometres of one claim that pay one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MileagePart {
    pub kilometres: Decimal,
    pub unit_price: Decimal,
    /// To the cent, half up.
    pub amount: Decimal,
    /// Whether they lie beyond the year's kilometres at full price.
    pub is_beyond: bool,
}

impl MileageRules {
    /// What a claim pays after so many kilometres of the same calendar year: one part, or two where the
    /// claim crosses the limit. The caller adds up the year's APPROVED and PENDING claims by date.
    pub fn parts(
        &self,
        driven_before: Decimal,
        kilometres: Decimal,
        full_price: Decimal,
    ) -> Vec<MileagePart> {
        let left_at_full_price = (self.kilometres_at_full_price - driven_before).max(Decimal::ZERO);
        let at_full_price = kilometres.min(left_at_full_price);
        let part = |kilometres: Decimal, unit_price: Decimal, is_beyond| MileagePart {
            kilometres,
            unit_price,
            amount: half_up(kilometres * unit_price, 2),
            is_beyond,
        };
        let mut parts = Vec::with_capacity(2);
        if !at_full_price.is_zero() || kilometres.is_zero() {
            parts.push(part(at_full_price, full_price, false));
        }
        if kilometres > at_full_price {
            parts.push(part(kilometres - at_full_price, self.reduced_price, true));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn a_claim_that_crosses_the_years_limit_is_split() {
        for (before, kilometres, expected) in [
            ("0", "182.4", vec![("182.4", "0.70", "127.68")]),
            ("4900", "100", vec![("100", "0.70", "70.00")]),
            (
                "4900",
                "182.4",
                vec![("100", "0.70", "70.00"), ("82.4", "0.62", "51.09")],
            ),
            ("5000", "10", vec![("10", "0.62", "6.20")]),
            ("7000", "10", vec![("10", "0.62", "6.20")]),
            ("0", "0", vec![("0", "0.70", "0")]),
        ] {
            let parts = MileageRules::default().parts(
                decimal(before),
                decimal(kilometres),
                decimal("0.70"),
            );
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(kilometres, unit_price, amount)| MileagePart {
                    kilometres: decimal(kilometres),
                    unit_price: decimal(unit_price),
                    amount: decimal(amount),
                    is_beyond: unit_price == "0.62",
                })
                .collect();
            assert_eq!(parts, expected, "{kilometres} km after {before} km");
        }
    }

    #[test]
    fn mileage_is_a_category_with_a_price_per_kilometre() {
        let category = |unit: &str, unit_price| ExpenseCategory {
            id: "c".into(),
            workspace_id: "w".into(),
            name: "Driving".into(),
            unit_price,
            unit: Some(unit.into()),
            archived: false,
            is_stub: false,
        };
        let rules = MileageRules::default();
        assert!(category(" KM ", Some(Decimal::new(70, 2))).is_mileage(&rules));
        assert!(!category("km", None).is_mileage(&rules));
        assert!(!category("night", Some(Decimal::new(70, 2))).is_mileage(&rules));
    }
}
