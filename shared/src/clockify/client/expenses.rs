//! Expenses and their categories (`clockify.md` §7).

use super::{
    Answer, Client, ClockifyError, Kind, PAGE_SIZE, Page, checked, number_page, paging, read_all,
};
use crate::{
    clockify::wire::{Expense, ExpenseCategories, ExpenseCategory, ExpensePage},
    domain::ids::{ExpenseCategoryId, ExpenseId},
};

impl Client {
    /// Expenses of everybody. Clockify takes no dates here: a caller that wants the newest stops by date.
    pub async fn list_expenses(&self, page: u32) -> Result<Page<Expense>, ClockifyError> {
        let mut url = self.in_workspace(&["expenses"]).await?;
        number_page(&mut url, page, PAGE_SIZE);
        let answer: Answer<ExpensePage> = self.get("list expenses", Kind::List, url).await?;
        Ok(Page::new(
            &answer.body.expenses.expenses,
            PAGE_SIZE,
            answer.last_page,
        ))
    }

    /// One expense.
    pub async fn read_expense(&self, id: &ExpenseId) -> Result<Expense, ClockifyError> {
        const OPERATION: &str = "read an expense";
        let id = checked(OPERATION, id.as_str())?;
        let url = self.in_workspace(&["expenses", id]).await?;
        Ok(self.get(OPERATION, Kind::Record, url).await?.body)
    }

    /// Categories: either the archived or the active ones, so that all take two lists.
    pub async fn list_expense_categories(
        &self,
        archived: bool,
        page: u32,
    ) -> Result<Page<ExpenseCategory>, ClockifyError> {
        let mut url = self.in_workspace(&["expenses", "categories"]).await?;
        url.query_pairs_mut()
            .append_pair("archived", if archived { "true" } else { "false" })
            .append_pair("sort-column", "NAME");
        number_page(&mut url, page, PAGE_SIZE);
        let answer: Answer<ExpenseCategories> =
            self.get("list expense categories", Kind::List, url).await?;
        Ok(Page::new(
            &answer.body.categories,
            PAGE_SIZE,
            answer.last_page,
        ))
    }

    /// All categories, active and archived: there are few. One that is archived meanwhile stands there twice, as it was
    /// read last at the end.
    pub async fn list_all_expense_categories(
        &self,
    ) -> Result<Page<ExpenseCategory>, ClockifyError> {
        let mut all = Page {
            rows: Vec::new(),
            unreadable: Vec::new(),
            is_last: true,
        };
        for archived in [false, true] {
            let list = read_all(|page| self.list_expense_categories(archived, page)).await?;
            all.rows.extend(list.rows);
            all.unreadable.extend(list.unreadable);
        }
        Ok(all)
    }

    /// One category: Clockify has no read of one.
    pub async fn find_expense_category(
        &self,
        id: &ExpenseCategoryId,
    ) -> Result<ExpenseCategory, ClockifyError> {
        paging::find("find an expense category", id.as_str(), |_| {
            self.list_all_expense_categories()
        })
        .await
    }
}
