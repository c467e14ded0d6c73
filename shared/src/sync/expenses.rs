//! Expenses: one list of everybody's, newest first, without dates to ask for. So a sync reads down to its first day;
//! what is newer and not listed has vanished, if Clockify says so when asked.

use jiff::civil::Date;

use super::{
    Mirror, SyncError,
    lists::{ListPosition, ReadPage},
    plan::Checkpoint,
    reading::{Reading, Understood},
    record::Record,
    work::StepEnd,
};
use crate::{
    clockify::{convert::Conversion, events::Reference},
    domain::expense::Expense,
    jobs::{Slice, Stats},
    store::{CompleteRead, References, Transaction, expense, ticket::Spent},
};

struct ExpensesPage<'a> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    first_day: Date,
    page: u32,
}

impl Reading for ExpensesPage<'_> {
    type Read = ReadPage<Expense>;

    async fn read(&self) -> Result<Self::Read, SyncError> {
        let page = self.mirror.client.list_expenses(self.page).await?;
        let rows = Understood::of(&page.rows, page.unreadable, self.conversion);
        Ok(ReadPage {
            is_last: page.is_last || reaches_below(&rows, self.first_day),
            rows,
        })
    }

    fn references(&self, read: &Self::Read) -> References {
        read.rows.references()
    }

    async fn write(
        &self,
        tx: &mut Transaction,
        spent: Spent,
        read: &Self::Read,
    ) -> Result<Stats, SyncError> {
        Ok(read.rows.write(tx, spent).await?)
    }
}

/// Whether all that follows lies before that day. Clockify does not promise the order: a page that does not keep it
/// proves nothing.
fn reaches_below(rows: &Understood<Expense>, first_day: Date) -> bool {
    let dates: Vec<Date> = rows.records.iter().map(|row| row.record.date).collect();
    let newest_first = dates.is_sorted_by(|newer, older| newer >= older);
    newest_first && dates.last().is_some_and(|oldest| *oldest < first_day)
}

impl Mirror {
    pub(super) async fn mirror_expenses(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        let conversion = self.conversion().await?;
        let first_day = checkpoint.days.first;
        let start = checkpoint.position()?.unwrap_or_else(ListPosition::start);
        let page = |page| ExpensesPage {
            mirror: self,
            conversion: &conversion,
            first_day,
            page,
        };
        let read = self
            .read_pages(slice, start, |position| checkpoint.at(position), page)
            .await?;
        let Some(read) = read else {
            return Ok(StepEnd::Spent);
        };
        let Some((ids, first_ticket)) = read.complete() else {
            return Ok(StepEnd::Done);
        };
        let complete = CompleteRead {
            ids: &ids,
            first_ticket,
        };
        let workspace_id = &conversion.workspace_id;
        let missing = self
            .store
            .read(async |mut tx| expense::missing(&mut tx, workspace_id, first_day, complete).await)
            .await?;
        self.refuse_too_many(slice, Expense::KIND, &missing).await?;
        let missing = missing.ids.iter();
        let missing = missing.map(|id| Reference::to_id(id.to_string()));
        self.confirm_missing::<Expense>(slice, missing.collect())
            .await
    }
}
