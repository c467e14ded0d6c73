//! Expenses that are claimed, changed, deleted and restored.

use jiff::civil::Date;

use super::{Fate, Refusal, World};
use crate::{
    company::claims::Expense,
    id::{Id, Kind},
    wire,
};

const WHAT: &str = "Expense";

#[derive(Clone, Debug)]
pub(crate) struct NewExpense {
    pub(crate) person: usize,
    pub(crate) date: Date,
    pub(crate) project: Option<Id>,
    pub(crate) category: Option<Id>,
    /// Hundredths of a unit.
    pub(crate) quantity: i64,
    /// Cents; worked out from the category's price when None.
    pub(crate) cents: Option<i64>,
    pub(crate) notes: Option<String>,
}

impl World {
    pub(crate) fn claim(&mut self, new: NewExpense) -> Result<Id, Refusal> {
        let price = match new.category {
            None => None,
            Some(id) => {
                self.company
                    .categories
                    .iter()
                    .find(|category| category.id == id)
                    .ok_or(Refusal::Gone("Expense category"))?
                    .price
            }
        };
        if let Some(project) = new.project {
            self.projects
                .get(&project)
                .ok_or(Refusal::Gone("Project"))?;
        }
        self.tick();
        let by_price = price.map_or(0, |(cents, _)| new.quantity * cents / 100);
        let expense = Expense {
            id: self.made_id(Kind::Expense),
            person: new.person,
            date: new.date,
            project: new.project,
            category: new.category,
            notes: new.notes,
            quantity: new.quantity,
            billable: new.project.is_some(),
            file: None,
            cents: new.cents.unwrap_or(by_price),
        };
        let id = expense.id;
        self.tell(
            "EXPENSE_CREATED",
            wire::claims::created_body(&self.people, &expense, false),
        );
        self.expenses.put(expense.person, id, Fate::Stands(expense));
        Ok(id)
    }

    pub(crate) fn edit_claim(
        &mut self,
        id: Id,
        cents: Option<i64>,
        notes: Option<String>,
    ) -> Result<(), Refusal> {
        let mut expense = self.expense(id).ok_or(Refusal::Gone(WHAT))?.clone();
        if let Some(cents) = cents {
            expense.cents = cents;
        }
        if notes.is_some() {
            expense.notes = notes;
        }
        self.tick();
        self.tell(
            "EXPENSE_UPDATED",
            wire::claims::changed_body(&self.people, &expense),
        );
        self.expenses.put(expense.person, id, Fate::Stands(expense));
        Ok(())
    }

    pub(crate) fn delete_claim(&mut self, id: Id) -> Result<(), Refusal> {
        let expense = self.expense(id).ok_or(Refusal::Gone(WHAT))?.clone();
        self.tick();
        self.tell(
            "EXPENSE_DELETED",
            wire::claims::changed_body(&self.people, &expense),
        );
        self.expenses
            .put(expense.person, id, Fate::Deleted(expense));
        Ok(())
    }

    pub(crate) fn restore_claim(&mut self, id: Id) -> Result<(), Refusal> {
        let Some(Fate::Deleted(expense)) = self.expenses.get(id) else {
            return Err(Refusal::Gone(WHAT));
        };
        let expense = expense.clone();
        self.tick();
        self.tell(
            "EXPENSE_RESTORED",
            wire::claims::created_body(&self.people, &expense, true),
        );
        self.expenses.put(expense.person, id, Fate::Stands(expense));
        Ok(())
    }
}
