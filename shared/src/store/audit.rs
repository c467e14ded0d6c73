//! Who changed what through the API, and when (`domain.md` §10). Written in the transaction of the change.

use jiff::Timestamp;

use super::{Row, Statement, StoreError, Transaction};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// A UUID that grows with time.
    pub id: String,
    /// By the business clock.
    pub at: Timestamp,
    /// As records name callers: `key power-app`.
    pub caller: String,
    /// What was done: `create`, `change`, `sign` …
    pub action: String,
    /// The table of the record.
    pub record_kind: String,
    pub record_id: String,
    /// `{version, before, after}`, the latter with the fields that differ.
    pub change: serde_json::Value,
}

/// Which changes to list.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub caller: Option<String>,
    pub action: Option<String>,
    pub record_kind: Option<String>,
    pub record_id: Option<String>,
    /// Only changes before this one.
    pub before: Option<String>,
}

/// Notes a change.
pub async fn record(tx: &mut Transaction, entry: &AuditEntry) -> Result<(), StoreError> {
    const RECORD: Statement = Statement::new(
        "INSERT INTO audit (id, at, caller, action, record_kind, record_id, change, created_at, updated_at) \
         VALUES (@id, @at, @caller, @action, @record_kind, @record_id, @change, {now}, {now})",
    );
    let params = [
        ("@id", entry.id.as_str().into()),
        ("@at", entry.at.into()),
        ("@caller", entry.caller.as_str().into()),
        ("@action", entry.action.as_str().into()),
        ("@record_kind", entry.record_kind.as_str().into()),
        ("@record_id", entry.record_id.as_str().into()),
        ("@change", entry.change.to_string().into()),
    ];
    tx.execute(&RECORD, &params).await?;
    Ok(())
}

/// Changes, newest first, at most so many.
pub async fn list(
    tx: &mut Transaction,
    filter: &AuditFilter,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, at, caller, action, record_kind, record_id, change FROM audit \
         WHERE (@before IS NULL OR id < @before) AND (@from IS NULL OR at >= @from) \
         AND (@until IS NULL OR at < @until) AND (@caller IS NULL OR caller = @caller) \
         AND (@action IS NULL OR action = @action) \
         AND (@record_kind IS NULL OR record_kind = @record_kind) \
         AND (@record_id IS NULL OR record_id = @record_id) ORDER BY id DESC {limit}",
    );
    let params = [
        ("@before", filter.before.as_deref().into()),
        ("@from", filter.from.into()),
        ("@until", filter.until.into()),
        ("@caller", filter.caller.as_deref().into()),
        ("@action", filter.action.as_deref().into()),
        ("@record_kind", filter.record_kind.as_deref().into()),
        ("@record_id", filter.record_id.as_deref().into()),
        ("@limit", limit.into()),
    ];
    let rows = tx.query(&LIST, &params).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: row.text("id")?,
        at: row.instant("at")?,
        caller: row.text("caller")?,
        action: row.text("action")?,
        record_kind: row.text("record_kind")?,
        record_id: row.text("record_id")?,
        change: serde_json::from_str(&row.text("change")?)
            .map_err(|error| StoreError::value("change", error.to_string()))?,
    })
}
