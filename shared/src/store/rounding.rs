//! Hours follow the rule of rounding that is in force, those of entries that are read no more as well (`domain.md` §3).
//! Which rule they follow stands in a row, so that all of them are gone through only where it is another.

use super::{Statement, StoreError, Transaction};
use crate::domain::{ids::TimeEntryId, time::Rounding};

/// Entries in one transaction: far below what a server does within the time of a command.
const AT_ONCE: u32 = 10_000;

/// The hours of some entries, rounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounded {
    /// The greatest id among them; the next are those after it.
    pub last: TimeEntryId,
    /// How many had other hours.
    pub changed: u64,
}

/// Says whether the hours may follow another rule than this one. Until [`go_on`] has come to the end they do.
pub async fn begin(tx: &mut Transaction, rounding: Rounding) -> Result<bool, StoreError> {
    const BEGIN: Statement = Statement::new(
        "UPDATE counter SET value = 0, updated_at = {now} WHERE name = 'rounding' AND value <> @minutes",
    );
    let params = [("@minutes", rounding.step_minutes.into())];
    Ok(tx.execute(&BEGIN, &params).await? > 0)
}

/// Rounds the next entries after that id; a step is a multiple of 3 minutes. None: there are no more.
pub async fn go_on(
    tx: &mut Transaction,
    rounding: Rounding,
    after: Option<&TimeEntryId>,
) -> Result<Option<Rounded>, StoreError> {
    const LAST: Statement = Statement::new(
        "SELECT MAX(c.id) AS id FROM (SELECT id FROM time_entry WHERE id > @after ORDER BY id {limit}) AS c",
    );
    const ROUND: Statement = Statement::pair(
        "UPDATE time_entry SET hours = (duration_seconds + @half) / @step * @minutes * 5 / 3, updated_at = {now} \
         WHERE id > @after AND id <= @last \
         AND hours IS NOT NULL AND hours <> (duration_seconds + @half) / @step * @minutes * 5 / 3",
        "UPDATE time_entry SET updated_at = {now}, \
         hours = CAST(CAST((duration_seconds + @half) / @step * @minutes AS DECIMAL(18,2)) / 60 AS DECIMAL(9,2)) \
         WHERE id > @after AND id <= @last AND hours IS NOT NULL AND hours \
         <> CAST(CAST((duration_seconds + @half) / @step * @minutes AS DECIMAL(18,2)) / 60 AS DECIMAL(9,2))",
    );
    const END: Statement = Statement::new(
        "UPDATE counter SET value = @minutes, updated_at = {now} WHERE name = 'rounding'",
    );
    let minutes = i64::from(rounding.step_minutes);
    let after = after.map_or("", TimeEntryId::as_str);
    let params = [("@after", after.into()), ("@limit", AT_ONCE.into())];
    let last = match tx.query_one(&LAST, &params).await? {
        Some(row) => row.opt_id::<TimeEntryId>("id")?,
        None => None,
    };
    let Some(last) = last else {
        tx.execute(&END, &[("@minutes", minutes.into())]).await?;
        return Ok(None);
    };
    let params = [
        ("@after", after.into()),
        ("@last", (&last).into()),
        ("@minutes", minutes.into()),
        ("@step", (minutes * 60).into()),
        ("@half", (minutes * 30).into()),
    ];
    let changed = tx.execute(&ROUND, &params).await?;
    Ok(Some(Rounded { last, changed }))
}
