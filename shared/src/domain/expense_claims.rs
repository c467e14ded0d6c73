//! What employees claim for a month (`domain.md` §7 *Expense claims*).
//!
//! Clockify's data holds no tax: the report leaves that column empty, and the total is the sub-total.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    attendance::{Counting, EntryState},
    expense::{Expense, ExpenseCategory, MileageRules},
    ids::{EmployeeId, ExpenseCategoryId, ExpenseId, ProjectId},
    time::{Period, half_up},
};

/// An expense and how far its timesheet has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedExpense {
    pub expense: Expense,
    pub state: EntryState,
}

/// One printed line: an expense, or one of the two parts of a mileage claim that crosses the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimLine {
    pub expense_id: ExpenseId,
    pub date: Date,
    pub category_id: Option<ExpenseCategoryId>,
    /// The category's name; empty where the expense has none.
    pub category: String,
    pub project_id: Option<ProjectId>,
    pub quantity: Decimal,
    /// What is counted, such as `km`.
    pub unit: Option<String>,
    /// None where quantity × price is not what is claimed.
    pub unit_price: Option<Decimal>,
    /// To the cent.
    pub sub_total: Decimal,
    /// Of mileage alone: whether it is paid at the reduced price.
    pub is_beyond: Option<bool>,
    pub status: EntryState,
    pub notes: Option<String>,
}

/// What a line pays.
struct Amount {
    quantity: Decimal,
    unit_price: Option<Decimal>,
    sub_total: Decimal,
    is_beyond: Option<bool>,
}

/// The claims of a period, each employee's by date. `expenses` reach back to 1 January of the period's
/// first year, because kilometres are counted by calendar year.
pub fn expense_claims(
    period: Period,
    expenses: &[ClaimedExpense],
    categories: &[ExpenseCategory],
    rules: &MileageRules,
) -> BTreeMap<EmployeeId, Vec<ClaimLine>> {
    let categories: HashMap<&ExpenseCategoryId, &ExpenseCategory> =
        categories.iter().map(|one| (&one.id, one)).collect();
    let mut by_date: Vec<&ClaimedExpense> = expenses.iter().collect();
    by_date.sort_by(|one, other| {
        (one.expense.date, &one.expense.id).cmp(&(other.expense.date, &other.expense.id))
    });

    let mut driven: HashMap<(&EmployeeId, i16), Decimal> = HashMap::new();
    let mut claims: BTreeMap<EmployeeId, Vec<ClaimLine>> = BTreeMap::new();
    for claimed in by_date {
        let expense = &claimed.expense;
        let category = expense
            .category_id
            .as_ref()
            .and_then(|id| categories.get(id).copied());
        let mileage_price = category
            .filter(|category| category.is_mileage(rules))
            .and_then(|category| category.unit_price);
        let amounts = match mileage_price {
            Some(price) => {
                let of_year = driven
                    .entry((&expense.employee_id, expense.date.year()))
                    .or_default();
                let parts = rules.parts(*of_year, expense.quantity, price);
                if Counting::ApprovedAndPending.counts(claimed.state) {
                    *of_year += expense.quantity;
                }
                parts
                    .into_iter()
                    .map(|part| Amount {
                        quantity: part.kilometres,
                        unit_price: Some(part.unit_price),
                        sub_total: part.amount,
                        is_beyond: Some(part.is_beyond),
                    })
                    .collect()
            }
            None => vec![plain_amount(expense, category)],
        };
        if !period.contains(expense.date) {
            continue;
        }
        let of_employee = claims.entry(expense.employee_id.clone()).or_default();
        of_employee.extend(amounts.into_iter().map(|amount| ClaimLine {
            expense_id: expense.id.clone(),
            date: expense.date,
            category_id: expense.category_id.clone(),
            category: category.map_or_else(String::new, |category| category.name.clone()),
            project_id: expense.project_id.clone(),
            quantity: amount.quantity,
            unit: category.and_then(|category| category.unit.clone()),
            unit_price: amount.unit_price,
            sub_total: amount.sub_total,
            is_beyond: amount.is_beyond,
            status: claimed.state,
            notes: expense.notes.clone(),
        }));
    }
    claims
}

/// What Clockify says; with the category's price only where the two multiply to it, because a price may
/// have changed since.
fn plain_amount(expense: &Expense, category: Option<&ExpenseCategory>) -> Amount {
    let unit_price = category
        .and_then(|category| category.unit_price)
        .filter(|price| half_up(expense.quantity * price, 2) == expense.total);
    Amount {
        quantity: expense.quantity,
        unit_price,
        sub_total: expense.total,
        is_beyond: None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::test_records::hours as decimal;

    fn category(id: &str, unit: &str, price: Option<&str>) -> ExpenseCategory {
        ExpenseCategory {
            id: id.into(),
            workspace_id: "ws".into(),
            name: id.to_owned(),
            unit_price: price.map(decimal),
            unit: Some(unit.to_owned()),
            archived: false,
            is_stub: false,
        }
    }

    fn categories() -> [ExpenseCategory; 3] {
        [
            category("Mileage", "km", Some("0.72")),
            category("Meals", "", None),
            category("Site camera", "day", Some("12.50")),
        ]
    }

    fn claim(id: &str, category: &str, date: Date, quantity: &str, total: &str) -> ClaimedExpense {
        ClaimedExpense {
            expense: Expense {
                id: id.into(),
                workspace_id: "ws".into(),
                employee_id: "e1".into(),
                date,
                category_id: Some(category.into()),
                project_id: Some("p1".into()),
                task_id: None,
                notes: None,
                quantity: decimal(quantity),
                total: decimal(total),
                billable: true,
                has_receipt: false,
            },
            state: EntryState::Approved,
        }
    }

    fn march() -> Period {
        Period::new(date(2026, 3, 1), date(2026, 3, 31)).expect("a month")
    }

    /// Date, quantity, unit price and sub-total of each line of `e1`.
    fn lines(claims: &[ClaimedExpense]) -> Vec<(Date, Decimal, Option<Decimal>, Decimal)> {
        expense_claims(march(), claims, &categories(), &MileageRules::default())
            .remove(&EmployeeId::from("e1"))
            .unwrap_or_default()
            .into_iter()
            .map(|line| (line.date, line.quantity, line.unit_price, line.sub_total))
            .collect()
    }

    #[test]
    fn mileage_pays_the_categorys_price_up_to_5000_km_and_0_62_beyond() {
        // §7: "Mileage is paid per kilometre at the category's price up to 5 000 km [config] in a calendar
        // year (APPROVED and PENDING, by date) and at 0.62 [config] beyond; the claim that crosses the
        // limit is split."
        use EntryState::{Approved, NotSubmitted, Pending, Rejected};
        let day = |day| date(2026, 3, day);
        let line = |on, quantity: &str, price: &str, amount: &str| {
            (on, decimal(quantity), Some(decimal(price)), decimal(amount))
        };
        let before = |state, kilometres| ClaimedExpense {
            state,
            ..claim("a", "Mileage", date(2026, 1, 15), kilometres, "0")
        };
        let now = || claim("b", "Mileage", day(2), "100", "72");
        let full = vec![line(day(2), "100", "0.72", "72")];
        let beyond = vec![line(day(2), "100", "0.62", "62")];
        let split = vec![
            line(day(2), "60.5", "0.72", "43.56"),
            line(day(2), "39.5", "0.62", "24.49"),
        ];
        let cases = [
            (vec![now()], full.clone()),
            (vec![before(Approved, "4900"), now()], full.clone()),
            (vec![before(Approved, "4939.5"), now()], split.clone()),
            (vec![before(Pending, "4939.5"), now()], split.clone()),
            (vec![before(Approved, "5000"), now()], beyond.clone()),
            // What does not count uses nothing up.
            (vec![before(Rejected, "5000"), now()], full.clone()),
            (vec![before(NotSubmitted, "5000"), now()], full.clone()),
            // By date, in whatever order they come.
            (vec![now(), before(Approved, "4939.5")], split),
            (
                vec![now(), claim("c", "Mileage", day(3), "5000", "0")],
                vec![
                    full[0],
                    line(day(3), "4900", "0.72", "3528"),
                    line(day(3), "100", "0.62", "62"),
                ],
            ),
            // A new year begins at 0; another employee's kilometres are his own.
            (
                vec![
                    claim("a", "Mileage", date(2025, 12, 31), "9000", "0"),
                    now(),
                ],
                full.clone(),
            ),
            (
                vec![
                    {
                        let mut other = before(Approved, "9000");
                        other.expense.employee_id = "e2".into();
                        other
                    },
                    now(),
                ],
                full,
            ),
        ];
        for (claims, expected) in cases {
            assert_eq!(lines(&claims), expected, "{claims:?}");
        }
    }

    #[test]
    fn other_claims_are_what_clockify_says_by_date_with_their_status() {
        // §7: "per employee date, category, project, quantity, unit price, sub-total, tax, total, status".
        let rejected = ClaimedExpense {
            state: EntryState::Rejected,
            ..claim("c", "Meals", date(2026, 3, 1), "1", "18.99")
        };
        let mut nameless = claim("d", "Meals", date(2026, 3, 31), "3", "300");
        nameless.expense.category_id = None;
        let claims = [
            nameless,
            claim("a", "Site camera", date(2026, 3, 5), "3", "37.50"),
            // The price has changed since: what was claimed stands.
            claim("b", "Site camera", date(2026, 3, 6), "3", "36"),
            rejected,
            claim("e", "Meals", date(2026, 2, 28), "1", "1"),
            claim("f", "Meals", date(2026, 4, 1), "1", "1"),
        ];
        assert_eq!(
            lines(&claims),
            [
                (date(2026, 3, 1), decimal("1"), None, decimal("18.99")),
                (
                    date(2026, 3, 5),
                    decimal("3"),
                    Some(decimal("12.50")),
                    decimal("37.50")
                ),
                (date(2026, 3, 6), decimal("3"), None, decimal("36")),
                (date(2026, 3, 31), decimal("3"), None, decimal("300")),
            ]
        );
        let all = expense_claims(march(), &claims, &categories(), &MileageRules::default());
        let of_e1 = &all[&EmployeeId::from("e1")];
        assert_eq!(of_e1[0].status, EntryState::Rejected);
        assert_eq!(of_e1[0].category, "Meals");
        assert_eq!(of_e1[3].category, "");
    }

    proptest! {
        #[test]
        fn the_parts_of_a_year_pay_no_more_than_5000_km_at_full_price(
            driven in prop::collection::vec((1_i8..=31, 1_i64..300_000), 0..12),
        ) {
            let claims: Vec<ClaimedExpense> = driven
                .iter()
                .enumerate()
                .map(|(index, (day, kilometres))| {
                    let mut one = claim(&index.to_string(), "Mileage", date(2026, 3, *day), "0", "0");
                    one.expense.quantity = Decimal::new(*kilometres, 2);
                    one
                })
                .collect();
            let lines = lines(&claims);
            let of_price = |price: &str| -> Decimal {
                lines.iter().filter(|line| line.2 == Some(decimal(price))).map(|line| line.1).sum()
            };
            let all: Decimal = claims.iter().map(|one| one.expense.quantity).sum();
            prop_assert_eq!(of_price("0.72"), all.min(decimal("5000")));
            prop_assert_eq!(of_price("0.72") + of_price("0.62"), all);
        }
    }
}
