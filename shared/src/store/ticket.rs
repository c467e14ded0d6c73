//! Tickets: numbers that say which of two reads of Clockify is the newer one (`design.md` §2, *Tickets*).
//!
//! One is drawn before every read and stands on what that read writes. A write goes only over rows and tombstones with
//! a smaller ticket, so that a slow reader cannot put back what a faster one changed or removed. A ticket is an open row
//! from its drawing to its write. One that is open for over ten minutes is void: what it read must be read again.

use serde::{Deserialize, Serialize};

use super::{Statement, Store, StoreError, Transaction, Value};

/// How old an open ticket may grow before it is void.
const VOID_AFTER_SECONDS: i64 = 600;
/// A minute longer than that counts as possibly open, so that no write slips in between the two clocks.
const OPEN_FOR_SECONDS: i64 = 660;

/// A number from the database, larger than every one drawn before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub i64);

impl From<Ticket> for Value {
    fn from(ticket: Ticket) -> Self {
        Self::Int(Some(ticket.0))
    }
}

/// A ticket at the moment of its write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    pub ticket: Ticket,
    /// A reader with an older ticket has not written yet: unchanged rows must get this ticket too, or it would put
    /// what it read before us over them.
    pub older_is_open: bool,
}

/// Draws a ticket. In a transaction of its own, that ends before the read begins: the row of the counter is locked until
/// then, so that tickets are drawn in the order of their numbers.
pub async fn draw(store: &Store) -> Result<Ticket, StoreError> {
    store.write(async |mut tx| draw_in(&mut tx).await).await
}

/// Draws a ticket at the end of a transaction that does something else as well. The read may begin when that is
/// committed, not before.
pub async fn draw_in(tx: &mut Transaction) -> Result<Ticket, StoreError> {
    const COUNT: Statement = Statement::new(
        "UPDATE counter SET value = value + 1, updated_at = {now} WHERE name = 'ticket'",
    );
    const NUMBER: Statement = Statement::new("SELECT value FROM counter WHERE name = 'ticket'");
    const OPEN: Statement = Statement::new(
        "INSERT INTO ticket (number, created_at, updated_at) VALUES (@number, {now}, {now})",
    );
    tx.execute(&COUNT, &[]).await?;
    let number = tx
        .query_one(&NUMBER, &[])
        .await?
        .ok_or_else(|| StoreError::statement("the ticket counter is missing"))?
        .int("value")?;
    tx.execute(&OPEN, &[("@number", number.into())]).await?;
    Ok(Ticket(number))
}

/// Closes a ticket in the transaction that writes what was read with it. None: it is void, nothing may be written.
pub async fn spend(tx: &mut Transaction, ticket: Ticket) -> Result<Option<Spent>, StoreError> {
    const CLOSE: Statement = Statement::new(
        "DELETE FROM ticket WHERE number = @number AND created_at > {now + @seconds}",
    );
    const OLDER: Statement = Statement::new(
        "SELECT COUNT(*) AS open_tickets FROM ticket WHERE number < @number AND created_at > {now + @seconds}",
    );
    let closed = tx
        .execute(
            &CLOSE,
            &[
                ("@number", ticket.0.into()),
                ("@seconds", (-VOID_AFTER_SECONDS).into()),
            ],
        )
        .await?;
    if closed == 0 {
        return Ok(None);
    }
    let older = tx
        .query_one(
            &OLDER,
            &[
                ("@number", ticket.0.into()),
                ("@seconds", (-OPEN_FOR_SECONDS).into()),
            ],
        )
        .await?;
    let open_tickets = older.map_or(Ok(0), |row| row.int("open_tickets"))?;
    Ok(Some(Spent {
        ticket,
        older_is_open: open_tickets > 0,
    }))
}

/// Closes a ticket whose read failed.
pub async fn give_back(store: &Store, ticket: Ticket) -> Result<(), StoreError> {
    const CLOSE: Statement = Statement::new("DELETE FROM ticket WHERE number = @number");
    store
        .write(async |mut tx| tx.execute(&CLOSE, &[("@number", ticket.0.into())]).await)
        .await?;
    Ok(())
}

/// Removes tickets that are long void: their readers died.
pub async fn sweep(tx: &mut Transaction) -> Result<u64, StoreError> {
    const SWEEP: Statement =
        Statement::new("DELETE FROM ticket WHERE created_at <= {now + @seconds}");
    tx.execute(&SWEEP, &[("@seconds", (-OPEN_FOR_SECONDS).into())])
        .await
}
