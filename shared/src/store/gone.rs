//! What Clockify no longer has: found by set difference against a complete read, never inferred from a
//! failed or partial one, and ended under a ticket (`design.md` §2 and §3).

use std::collections::HashSet;

use super::{
    Statement, StoreError, Ticket, Transaction, Value,
    record::{RecordTable, ids_of},
    tombstone,
};

/// All that Clockify listed of something.
#[derive(Clone, Copy, Debug)]
pub struct CompleteRead<'a> {
    /// The ids of all pages.
    pub ids: &'a [&'a str],
    /// The ticket of the first page: a record with a newer one may have come after that page was read.
    pub first_ticket: Ticket,
}

/// Records that a complete read did not list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing<T> {
    /// In the order of their text.
    pub ids: Vec<T>,
    /// How many live records stand where was read, the missing ones included.
    pub live: u64,
}

impl<T> Missing<T> {
    /// Whether that is more than a read may remove without a person's word: over `percent` of what is live
    /// and over `rows` records (`domain.md` §8, 20 % and 50 by default).
    pub fn is_too_many(&self, percent: u32, rows: u32) -> bool {
        let missing = self.ids.len() as u64;
        missing > u64::from(rows) && missing * 100 > self.live * u64::from(percent)
    }
}

/// The statements that find what is missing.
#[derive(Debug)]
pub(super) struct Vanishing {
    pub(super) missing: Statement,
    pub(super) live: Statement,
}

/// Makes a [`Vanishing`] of a table's name and of what makes its row `t` a live one in the range of the read.
macro_rules! vanishing {
    ($table:literal, $live:literal) => {
        $crate::store::gone::Vanishing {
            missing: $crate::store::Statement::new(concat!(
                "SELECT t.id FROM ",
                $table,
                " AS t WHERE ",
                $live,
                " AND t.ticket < @ticket AND t.id NOT IN (SELECT r.id FROM {@ids} AS r) ORDER BY t.id"
            ))
            .rows(&[("@ids", $crate::store::record::IDS)]),
            live: $crate::store::Statement::new(concat!(
                "SELECT COUNT(*) AS live FROM ",
                $table,
                " AS t WHERE ",
                $live
            )),
        }
    };
}
pub(super) use vanishing;

/// What was live in that range and not listed. `range` are the parameters of the table's condition.
pub(super) async fn find<T: From<String>>(
    tx: &mut Transaction,
    table: &Vanishing,
    range: Vec<(&'static str, Value)>,
    read: CompleteRead<'_>,
) -> Result<Missing<T>, StoreError> {
    let live = tx.query_one(&table.live, &range).await?;
    let live = live.map_or(Ok(0), |row| row.int("live"))?;
    let mut params = range;
    params.push(("@ids", ids_of(read.ids)));
    params.push(("@ticket", read.first_ticket.into()));
    let rows = tx.query(&table.missing, &params).await?;
    Ok(Missing {
        ids: rows
            .iter()
            .map(|row| row.id("id"))
            .collect::<Result<_, _>>()?,
        live: live.unsigned_abs(),
    })
}

/// Ends records (archives, deactivates or deletes them) where no newer read has seen them, and leaves a
/// tombstone for each of which no row stands, so that a slower reader cannot put it there. Says how many
/// rows were ended.
pub(super) async fn end(
    tx: &mut Transaction,
    table: &RecordTable,
    statements: &[Statement],
    ticket: Ticket,
    ids: &[&str],
) -> Result<u64, StoreError> {
    if ids.is_empty() {
        return Ok(0);
    }
    let mut ended = 0;
    for statement in statements {
        let params = [("@ids", ids_of(ids)), ("@ticket", ticket.into())];
        ended = tx.execute(statement, &params).await?;
    }
    let rows = tx.query(&table.known, &[("@ids", ids_of(ids))]).await?;
    let standing: HashSet<String> = rows
        .iter()
        .map(|row| row.text("id"))
        .collect::<Result<_, _>>()?;
    let without_row: Vec<&str> = ids
        .iter()
        .copied()
        .filter(|id| !standing.contains(*id))
        .collect();
    if let Some(kind) = table.kind {
        tombstone::bury(tx, kind, ticket, &without_row).await?;
    }
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_stops_only_over_the_share_and_over_the_rows() {
        for (missing, live, stops) in [
            (0, 0, false),
            (50, 50, false),
            (51, 51, true),
            (51, 254, true),
            (51, 255, false),
            (200, 1000, false),
            (201, 1000, true),
        ] {
            let found = Missing {
                ids: vec![(); missing],
                live,
            };
            assert_eq!(found.is_too_many(20, 50), stops, "{missing} of {live}");
        }
    }
}
