//! How a page of records that was read from Clockify is written: what is stored is read first, then the
//! difference is written as sets, in a number of statements that does not depend on the number of rows.
//!
//! The rule of tickets (`design.md` §2) is kept here: a write goes only over rows and tombstones with a
//! smaller ticket; what did not change is not written, and gets the newer ticket only while a reader with
//! an older one is still out.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::AddAssign,
};

use sha2::{Digest, Sha256};

use super::{
    Column, Rows, Statement, StoreError, Ticket, Transaction, Value,
    reference::References,
    statement::Dialect,
    ticket::Spent,
    tombstone::{self, Grave},
    value::json_of,
};

pub(super) const IDS: &[Column] = &[Column::id("id")];

/// What became of the rows of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub inserted: u64,
    pub updated: u64,
    /// As they are stored already.
    pub unchanged: u64,
    /// Not written, because a newer read has changed or removed them: neither what was read nor its flags
    /// count.
    pub refused: BTreeSet<String>,
    /// Records that were unknown and now stand there as stubs, to be flagged.
    pub stubs: References,
}

impl AddAssign for Changes {
    fn add_assign(&mut self, more: Self) {
        self.inserted += more.inserted;
        self.updated += more.updated;
        self.unchanged += more.unchanged;
        self.refused.extend(more.refused);
        self.stubs += more.stubs;
    }
}

/// The statements that write one table of records.
#[derive(Debug)]
pub(super) struct RecordTable {
    /// None for records that never leave a tombstone.
    pub(super) kind: Option<Grave>,
    pub(super) known: Statement,
    pub(super) update: Statement,
    pub(super) insert: Statement,
    pub(super) raise: Statement,
}

/// Makes a [`RecordTable`] of a table's name and its columns. The first column is the id, the last
/// `source_hash`.
macro_rules! record_table {
    ($kind:expr, $table:literal, $columns:ident) => {
        $crate::store::record::RecordTable {
            kind: $kind,
            known: $crate::store::Statement::new(concat!(
                "SELECT t.id, t.ticket, t.source_hash FROM ",
                $table,
                " AS t JOIN {@ids} AS r ON r.id = t.id"
            ))
            .rows(&[("@ids", $crate::store::record::IDS)]),
            update: $crate::store::Statement::new(concat!(
                "UPDATE ",
                $table,
                " SET {set @rows}, ticket = @ticket, updated_at = {now} FROM {@rows} AS r WHERE ",
                $table,
                ".id = r.id AND ",
                $table,
                ".ticket < @ticket"
            ))
            .rows(&[("@rows", $columns)]),
            insert: $crate::store::Statement::new(concat!(
                "INSERT INTO ",
                $table,
                " ({columns @rows}, ticket, created_at, updated_at) \
                 SELECT {values @rows}, @ticket, {now}, {now} FROM {@rows} AS r \
                 WHERE NOT EXISTS (SELECT 1 FROM ",
                $table,
                " AS t WHERE t.id = r.id)"
            ))
            .rows(&[("@rows", $columns)]),
            raise: $crate::store::Statement::new(concat!(
                "UPDATE ",
                $table,
                " SET ticket = @ticket FROM {@ids} AS r WHERE ",
                $table,
                ".id = r.id AND ",
                $table,
                ".ticket < @ticket"
            ))
            .rows(&[("@ids", $crate::store::record::IDS)]),
        }
    };
}
pub(super) use record_table;

/// The statements that write a set that belongs to a record: tags, members, assignments.
#[derive(Debug)]
pub(super) struct SetTable {
    pub(super) clear: Statement,
    pub(super) fill: Statement,
}

/// Makes a [`SetTable`] of its name, the column that names the record, the record's table, and the
/// columns, of which the first is that column.
macro_rules! set_table {
    ($table:literal, $owner_id:literal, $owner:literal, $columns:ident) => {
        $crate::store::record::SetTable {
            clear: $crate::store::Statement::new(concat!(
                "DELETE FROM ",
                $table,
                " WHERE ",
                $owner_id,
                " IN (SELECT o.id FROM ",
                $owner,
                " AS o JOIN {@ids} AS r ON r.id = o.id WHERE o.ticket = @ticket)"
            ))
            .rows(&[("@ids", $crate::store::record::IDS)]),
            fill: $crate::store::Statement::new(concat!(
                "INSERT INTO ",
                $table,
                " ({columns @rows}, created_at, updated_at) \
                 SELECT {values @rows}, {now}, {now} FROM {@rows} AS r JOIN ",
                $owner,
                " AS o ON o.id = r.",
                $owner_id,
                " WHERE o.ticket = @ticket"
            ))
            .rows(&[("@rows", $columns)]),
        }
    };
}
pub(super) use set_table;

/// A record as it was read: its cells in the order of the table's columns without `source_hash`, and the
/// rows of the sets that belong to it, in the order of the set tables.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) cells: Vec<Value>,
    pub(super) sets: Vec<Rows>,
}

impl Incoming {
    /// A record without sets.
    pub(super) fn of(cells: Vec<Value>) -> Self {
        Self {
            cells,
            sets: Vec::new(),
        }
    }

    fn hash(&self) -> Result<String, StoreError> {
        let mut hash = Sha256::new();
        hash.update(json_of([self.cells.as_slice()], Dialect::Mssql)?);
        for set in &self.sets {
            hash.update(set.json(Dialect::Mssql)?);
        }
        Ok(hex::encode(hash.finalize()))
    }
}

struct Known {
    ticket: i64,
    source_hash: String,
}

/// Writes a page of records. Where an id comes twice the last one counts.
pub(super) async fn upsert(
    tx: &mut Transaction,
    table: &RecordTable,
    set_tables: &[SetTable],
    spent: Spent,
    page: impl IntoIterator<Item = (String, Incoming)>,
) -> Result<Changes, StoreError> {
    let page: BTreeMap<String, Incoming> = page.into_iter().collect();
    let mut changes = Changes::default();
    if page.is_empty() {
        return Ok(changes);
    }
    let ids: Vec<&str> = page.keys().map(String::as_str).collect();
    let known = read_known(tx, table, &ids).await?;
    let buried = match table.kind {
        Some(kind) => tombstone::lift(tx, kind, spent.ticket, &ids).await?,
        None => HashSet::new(),
    };

    let (mut new, mut changed, mut same) = (Vec::new(), Vec::new(), Vec::new());
    for (id, incoming) in page {
        let source_hash = incoming.hash()?;
        match known.get(&id) {
            None if buried.contains(&id) => {
                changes.refused.insert(id);
            }
            None => new.push(Written::of(id, incoming, source_hash)),
            Some(stored) if stored.ticket >= spent.ticket.0 => {
                changes.refused.insert(id);
            }
            Some(stored) if stored.source_hash == source_hash => same.push(id),
            Some(_) => changed.push(Written::of(id, incoming, source_hash)),
        }
    }
    changes.updated = write(tx, &table.update, spent.ticket, &mut changed).await?;
    changes.inserted = write(tx, &table.insert, spent.ticket, &mut new).await?;
    changes.unchanged = same.len() as u64;
    if spent.older_is_open && !same.is_empty() {
        let same: Vec<&str> = same.iter().map(String::as_str).collect();
        let params = [("@ids", ids_of(&same)), ("@ticket", spent.ticket.into())];
        tx.execute(&table.raise, &params).await?;
    }
    for (n, set_table) in set_tables.iter().enumerate() {
        clear(tx, set_table, spent.ticket, &changed).await?;
        let written = changed.iter_mut().chain(&mut new);
        fill(tx, set_table, n, spent.ticket, written).await?;
    }
    Ok(changes)
}

/// A record on its way into its tables.
struct Written {
    id: String,
    cells: Vec<Value>,
    sets: Vec<Rows>,
}

impl Written {
    fn of(id: String, incoming: Incoming, source_hash: String) -> Self {
        let Incoming { mut cells, sets } = incoming;
        cells.push(source_hash.into());
        Self { id, cells, sets }
    }
}

async fn read_known(
    tx: &mut Transaction,
    table: &RecordTable,
    ids: &[&str],
) -> Result<HashMap<String, Known>, StoreError> {
    let rows = tx.query(&table.known, &[("@ids", ids_of(ids))]).await?;
    rows.iter()
        .map(|row| {
            let known = Known {
                ticket: row.int("ticket")?,
                source_hash: row.text("source_hash")?,
            };
            Ok((row.text("id")?, known))
        })
        .collect()
}

/// Writes the rows, and makes sure that all were written: one that was not has met another writer, and the
/// unit of work must look again.
async fn write(
    tx: &mut Transaction,
    statement: &Statement,
    ticket: Ticket,
    rows: &mut [Written],
) -> Result<u64, StoreError> {
    if rows.is_empty() {
        return Ok(0);
    }
    let json: Rows = rows
        .iter_mut()
        .map(|row| std::mem::take(&mut row.cells))
        .collect();
    let params = [("@rows", json.into()), ("@ticket", ticket.into())];
    let written = tx.execute(statement, &params).await?;
    if written == rows.len() as u64 {
        Ok(written)
    } else {
        Err(tx.met_another_writer())
    }
}

async fn clear(
    tx: &mut Transaction,
    table: &SetTable,
    ticket: Ticket,
    changed: &[Written],
) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = changed.iter().map(|row| row.id.as_str()).collect();
    let params = [("@ids", ids_of(&ids)), ("@ticket", ticket.into())];
    tx.execute(&table.clear, &params).await?;
    Ok(())
}

async fn fill<'a>(
    tx: &mut Transaction,
    table: &SetTable,
    n: usize,
    ticket: Ticket,
    written: impl Iterator<Item = &'a mut Written>,
) -> Result<(), StoreError> {
    let rows: Rows = written
        .filter_map(|row| row.sets.get_mut(n))
        .flat_map(|set| std::mem::take(&mut set.0))
        .collect();
    if rows.0.is_empty() {
        return Ok(());
    }
    let params = [("@rows", rows.into()), ("@ticket", ticket.into())];
    tx.execute(&table.fill, &params).await?;
    Ok(())
}

/// Ids as a parameter, in the order of their text.
pub(super) fn ids_of(ids: &[&str]) -> Value {
    let sorted: BTreeSet<&str> = ids.iter().copied().collect();
    Value::Rows(sorted.into_iter().map(|id| vec![id.into()]).collect())
}
