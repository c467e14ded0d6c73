//! Timesheets that a complete scan of the approvals lists did not find, and what the scan makes of them.

use std::collections::BTreeSet;

use super::{Column, Row, Statement, StoreError, Ticket, Transaction, Value};
use crate::domain::{ids::TimesheetId, timesheet::Timesheet};

const IDS: &[Column] = &[Column::id("id")];

/// A stored timesheet that stands in one of Clockify's lists by its state, and that a scan has not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    pub timesheet: Timesheet,
    /// An earlier scan missed it too.
    pub missed_before: bool,
}

/// Which states the scan has read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadWhole {
    /// PENDING alone; of the other lists only what is new.
    Pending,
    /// PENDING, APPROVED and WITHDRAWN_APPROVAL.
    AllLists,
}

/// Timesheets in states that were read whole, with tickets older than the scan's first: those that were neither changed
/// nor newly read by it.
pub async fn untouched(
    tx: &mut Transaction,
    read: ReadWhole,
    first_ticket: Ticket,
) -> Result<Vec<Unseen>, StoreError> {
    const PENDING: Statement = Statement::new(
        "SELECT t.*, m.timesheet_id AS missed FROM timesheet AS t \
         LEFT JOIN timesheet_miss AS m ON m.timesheet_id = t.id \
         WHERE t.state = 'PENDING' AND t.ticket < @ticket ORDER BY t.id",
    );
    const ALL_LISTS: Statement = Statement::new(
        "SELECT t.*, m.timesheet_id AS missed FROM timesheet AS t \
         LEFT JOIN timesheet_miss AS m ON m.timesheet_id = t.id \
         WHERE t.state IN ('PENDING', 'APPROVED', 'WITHDRAWN_APPROVAL') AND t.ticket < @ticket ORDER BY t.id",
    );
    let statement = match read {
        ReadWhole::Pending => &PENDING,
        ReadWhole::AllLists => &ALL_LISTS,
    };
    let rows = tx
        .query(statement, &[("@ticket", first_ticket.into())])
        .await?;
    rows.iter().map(unseen).collect()
}

/// How many timesheets stand in the states that were read whole.
pub async fn count_listed(tx: &mut Transaction, read: ReadWhole) -> Result<u64, StoreError> {
    const COUNT: Statement = Statement::new(
        "SELECT COUNT(*) AS listed FROM timesheet WHERE state = 'PENDING' \
         OR (@all_lists = 1 AND state IN ('APPROVED', 'WITHDRAWN_APPROVAL'))",
    );
    let all_lists = read == ReadWhole::AllLists;
    let row = tx
        .query_one(&COUNT, &[("@all_lists", all_lists.into())])
        .await?;
    let listed = row.map(|row| row.int("listed")).transpose()?;
    Ok(listed
        .and_then(|n| u64::try_from(n).ok())
        .unwrap_or_default())
}

/// Remembers which timesheets this scan has missed, and forgets those that it has found or settled.
pub async fn remember(
    tx: &mut Transaction,
    read: ReadWhole,
    missed: &[&TimesheetId],
) -> Result<(), StoreError> {
    const FORGET: Statement = Statement::new(
        "DELETE FROM timesheet_miss WHERE timesheet_id NOT IN (SELECT id FROM {@ids} AS missed) \
         AND (@all_lists = 1 OR timesheet_id NOT IN \
         (SELECT id FROM timesheet WHERE state IN ('APPROVED', 'WITHDRAWN_APPROVAL')))",
    )
    .rows(&[("@ids", IDS)]);
    const REMEMBER: Statement = Statement::new(
        "INSERT INTO timesheet_miss (timesheet_id, created_at, updated_at) \
         SELECT missed.id, {now}, {now} FROM {@ids} AS missed \
         WHERE NOT EXISTS (SELECT 1 FROM timesheet_miss AS known WHERE known.timesheet_id = missed.id)",
    )
    .rows(&[("@ids", IDS)]);
    let missed: BTreeSet<&TimesheetId> = missed.iter().copied().collect();
    let ids = Value::ids(missed.iter().copied());
    let all_lists = read == ReadWhole::AllLists;
    tx.execute(
        &FORGET,
        &[("@ids", ids.clone()), ("@all_lists", all_lists.into())],
    )
    .await?;
    if !missed.is_empty() {
        tx.execute(&REMEMBER, &[("@ids", ids)]).await?;
    }
    Ok(())
}

fn unseen(row: &Row) -> Result<Unseen, StoreError> {
    Ok(Unseen {
        timesheet: super::timesheet::read(row)?,
        missed_before: row.opt_text("missed")?.is_some(),
    })
}
