//! What a person must look at (`domain.md` §9), beside the record that it is about.
//!
//! Flags are written where the record is written: each writer owns some kinds, sets those that hold now and clears the
//! others of his kinds. A flag that still holds is left alone, with the time when it was raised.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Column, Row, Rows, Statement, StoreError, Transaction, Value};
use crate::domain::flags::FlagKind;

/// A flag as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// A UUID.
    pub id: String,
    pub kind: FlagKind,
    /// The table of the record: `project`, `time_entry` …
    pub record_kind: String,
    pub record_id: String,
    pub raised_at: Timestamp,
}

/// How many flags were raised and cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlagChanges {
    pub raised: u64,
    pub cleared: u64,
}

/// Makes `flags` the only ones of the kinds `owned` that these records have.
pub async fn replace(
    tx: &mut Transaction,
    record_kind: &str,
    owned: &[FlagKind],
    record_ids: &[&str],
    flags: &[(&str, FlagKind)],
) -> Result<FlagChanges, StoreError> {
    const CLEAR: Statement = Statement::new(
        "DELETE FROM flag WHERE record_kind = @record_kind AND record_id IN (SELECT id FROM {@ids} AS record) \
         AND kind IN (SELECT kind FROM {@kinds} AS owned) \
         AND NOT EXISTS (SELECT 1 FROM {@flags} AS holds WHERE holds.record_id = flag.record_id AND holds.kind = flag.kind)",
    )
    .rows(&[("@ids", IDS), ("@kinds", KINDS), ("@flags", FLAGS)]);
    if record_ids.is_empty() {
        return Ok(FlagChanges::default());
    }
    let cleared = tx
        .execute(
            &CLEAR,
            &[
                ("@record_kind", record_kind.into()),
                ("@ids", sorted(record_ids.iter().copied())),
                ("@kinds", sorted(owned.iter().map(|kind| kind.as_str()))),
                ("@flags", flag_rows(flags)),
            ],
        )
        .await?;
    let raised = raise(tx, record_kind, flags).await?;
    Ok(FlagChanges { raised, cleared })
}

/// Raises flags that are not raised yet.
pub async fn raise(
    tx: &mut Transaction,
    record_kind: &str,
    flags: &[(&str, FlagKind)],
) -> Result<u64, StoreError> {
    const RAISE: Statement = Statement::new(
        "INSERT INTO flag (id, kind, record_kind, record_id, raised_at, created_at, updated_at) \
         SELECT holds.id, holds.kind, @record_kind, holds.record_id, {now}, {now}, {now} FROM {@flags} AS holds \
         WHERE NOT EXISTS (SELECT 1 FROM flag AS known WHERE known.record_kind = @record_kind \
         AND known.record_id = holds.record_id AND known.kind = holds.kind)",
    )
    .rows(&[("@flags", FLAGS)]);
    if flags.is_empty() {
        return Ok(0);
    }
    tx.execute(
        &RAISE,
        &[
            ("@record_kind", record_kind.into()),
            ("@flags", flag_rows(flags)),
        ],
    )
    .await
}

/// Clears the flags of that kind whose records are not among these. Says how many.
pub async fn keep_only(
    tx: &mut Transaction,
    record_kind: &str,
    kind: FlagKind,
    record_ids: &[String],
) -> Result<u64, StoreError> {
    const FLAGGED: Statement = Statement::new(
        "SELECT record_id FROM flag WHERE record_kind = @record_kind AND kind = @kind ORDER BY record_id",
    );
    let params = [
        ("@record_kind", record_kind.into()),
        ("@kind", kind.as_str().into()),
    ];
    let rows = tx.query(&FLAGGED, &params).await?;
    let mut flagged = BTreeSet::new();
    for row in &rows {
        flagged.insert(row.text("record_id")?);
    }
    for id in record_ids {
        flagged.remove(id);
    }
    let others: Vec<&str> = flagged.iter().map(String::as_str).collect();
    Ok(replace(tx, record_kind, &[kind], &others, &[])
        .await?
        .cleared)
}

/// Which flags to list.
#[derive(Clone, Debug, Default)]
pub struct FlagFilter {
    pub kind: Option<FlagKind>,
    pub since: Option<Timestamp>,
    /// Only flags raised before this one.
    pub before: Option<String>,
}

/// Flags, newest first.
pub async fn list(
    tx: &mut Transaction,
    filter: &FlagFilter,
    limit: u32,
) -> Result<Vec<Flag>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT * FROM flag WHERE (@before IS NULL OR id < @before) AND (@kind IS NULL OR kind = @kind) \
         AND (@since IS NULL OR raised_at >= @since) ORDER BY id DESC {limit}",
    );
    let rows = tx
        .query(
            &LIST,
            &[
                ("@before", filter.before.clone().into()),
                (
                    "@kind",
                    filter.kind.map(|kind| kind.as_str().to_owned()).into(),
                ),
                ("@since", filter.since.into()),
                ("@limit", limit.into()),
            ],
        )
        .await?;
    rows.iter().map(flag).collect()
}

/// How many flags of each kind are raised.
pub async fn counts(tx: &mut Transaction) -> Result<Vec<(FlagKind, u64)>, StoreError> {
    const COUNTS: Statement =
        Statement::new("SELECT kind, COUNT(*) AS flags FROM flag GROUP BY kind ORDER BY kind");
    let rows = tx.query(&COUNTS, &[]).await?;
    rows.iter()
        .map(|row| {
            let flags = u64::try_from(row.int("flags")?).unwrap_or_default();
            Ok((kind(row)?, flags))
        })
        .collect()
}

const IDS: &[Column] = &[Column::id("id")];
const KINDS: &[Column] = &[Column::id("kind")];
const FLAGS: &[Column] = &[
    Column::id("id"),
    Column::id("record_id"),
    Column::id("kind"),
];

fn flag_rows(flags: &[(&str, FlagKind)]) -> Value {
    let flags: BTreeSet<_> = flags.iter().copied().collect();
    let rows: Rows = flags
        .into_iter()
        .map(|(record_id, kind)| {
            let id = uuid::Uuid::now_v7().to_string();
            vec![id.into(), record_id.into(), kind.as_str().into()]
        })
        .collect();
    rows.into()
}

fn sorted<'a>(words: impl Iterator<Item = &'a str>) -> Value {
    let words: BTreeSet<&str> = words.collect();
    let rows: Rows = words.into_iter().map(|word| vec![word.into()]).collect();
    rows.into()
}

fn flag(row: &Row) -> Result<Flag, StoreError> {
    Ok(Flag {
        id: row.text("id")?,
        kind: kind(row)?,
        record_kind: row.text("record_kind")?,
        record_id: row.text("record_id")?,
        raised_at: row.instant("raised_at")?,
    })
}

fn kind(row: &Row) -> Result<FlagKind, StoreError> {
    let word = row.text("kind")?;
    FlagKind::named(&word)
        .ok_or_else(|| StoreError::value("kind", format!("{word} is no kind of flag")))
}
