//! Webhooks as they came in: which event of which record, how often, and what became of it.
//!
//! Clockify sends no id of a delivery, so one is its event, its record and the SHA-256 of its body. A repeat is counted
//! and its record read again all the same: bodies can be equal although something lay between (A → B → A).

use jiff::Timestamp;

use super::{Column, Row, Rows, Statement, StoreError, Transaction};
use crate::domain::{
    ids::{DeliveryId, TimesheetId},
    timesheet::TimesheetState,
};

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Taken, not applied yet; or failed for now and to be tried again.
    Waiting,
    /// The record was read again and what it says is stored.
    Applied,
    /// Clockify says that the record is gone.
    Gone,
    /// An event that nothing here depends on.
    Ignored,
    /// Failed for good.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Applied,
        Self::Gone,
        Self::Ignored,
        Self::Failed,
    ];

    /// The word of the table and of `GET /deliveries`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Applied => "applied",
            Self::Gone => "gone",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
    }

    /// The outcome of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// A delivery as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub event_type: String,
    /// Empty if the body names none.
    pub record_id: String,
    pub times_seen: u32,
    pub first_received_at: Timestamp,
    pub last_received_at: Timestamp,
    pub outcome: Outcome,
    /// Of the last try that failed; kept until one succeeds.
    pub error: Option<String>,
    /// Tries that failed since it last came in.
    pub failed_tries: u32,
}

/// A webhook that came in.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    pub event_type: &'a str,
    pub record_id: &'a str,
    /// SHA-256 of the body, in hex.
    pub body_sha256: &'a str,
    pub received_at: Timestamp,
    /// Made when the webhook came in: the same message again, or its copy, is one arrival.
    pub event_id: &'a str,
    /// For approval events: the state that the body tells, and since when.
    pub told: Option<(&'a TimesheetState, Timestamp)>,
}

/// Records an arrival and says which delivery it is.
pub async fn record(tx: &mut Transaction, arrival: &Arrival<'_>) -> Result<DeliveryId, StoreError> {
    const FIND: Statement = Statement::new(
        "SELECT id, last_event_id FROM delivery \
         WHERE event_type = @event_type AND record_id = @record_id AND body_sha256 = @body_sha256",
    );
    const SEEN_AGAIN: Statement = Statement::new(
        "UPDATE delivery SET times_seen = times_seen + 1, last_event_id = @event_id, last_received_at = @received_at, \
         outcome = 'waiting', failed_tries = 0, updated_at = {now} WHERE id = @id",
    );
    const INSERT: Statement = Statement::new(
        "INSERT INTO delivery (id, event_type, record_id, body_sha256, times_seen, last_event_id, \
         first_received_at, last_received_at, outcome, told_state, told_at, created_at, updated_at) \
         VALUES (@id, @event_type, @record_id, @body_sha256, 1, @event_id, \
         @received_at, @received_at, 'waiting', @told_state, @told_at, {now}, {now})",
    );
    let key = [
        ("@event_type", arrival.event_type.into()),
        ("@record_id", arrival.record_id.into()),
        ("@body_sha256", arrival.body_sha256.into()),
    ];
    if let Some(known) = tx.query_one(&FIND, &key).await? {
        let id: DeliveryId = known.id("id")?;
        if known.text("last_event_id")? != arrival.event_id {
            tx.execute(
                &SEEN_AGAIN,
                &[
                    ("@id", (&id).into()),
                    ("@event_id", arrival.event_id.into()),
                    ("@received_at", arrival.received_at.into()),
                ],
            )
            .await?;
        }
        return Ok(id);
    }
    let id = DeliveryId(uuid::Uuid::now_v7().to_string());
    let [event_type, record_id, body_sha256] = key;
    tx.execute(
        &INSERT,
        &[
            ("@id", (&id).into()),
            event_type,
            record_id,
            body_sha256,
            ("@event_id", arrival.event_id.into()),
            ("@received_at", arrival.received_at.into()),
            (
                "@told_state",
                arrival
                    .told
                    .map(|(state, _)| state.as_str().to_owned())
                    .into(),
            ),
            ("@told_at", arrival.told.map(|(_, at)| at).into()),
        ],
    )
    .await?;
    Ok(id)
}

/// Notes what became of a delivery.
pub async fn settle(
    tx: &mut Transaction,
    id: &DeliveryId,
    outcome: Outcome,
) -> Result<(), StoreError> {
    const SETTLE: Statement = Statement::new(
        "UPDATE delivery SET outcome = @outcome, error = NULL, updated_at = {now} WHERE id = @id",
    );
    tx.execute(
        &SETTLE,
        &[("@id", id.into()), ("@outcome", outcome.as_str().into())],
    )
    .await?;
    Ok(())
}

/// Notes a try that failed; `for_good`: there will be no other by itself.
pub async fn failed(
    tx: &mut Transaction,
    id: &DeliveryId,
    error: &str,
    for_good: bool,
) -> Result<(), StoreError> {
    const FAILED: Statement = Statement::new(
        "UPDATE delivery SET outcome = @outcome, error = @error, failed_tries = failed_tries + 1, \
         updated_at = {now} WHERE id = @id",
    );
    tx.execute(
        &FAILED,
        &[
            ("@id", id.into()),
            ("@outcome", outcome_after(for_good).as_str().into()),
            ("@error", error.into()),
        ],
    )
    .await?;
    Ok(())
}

fn outcome_after(for_good: bool) -> Outcome {
    if for_good {
        Outcome::Failed
    } else {
        Outcome::Waiting
    }
}

/// What a webhook told about a timesheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldState {
    pub timesheet_id: TimesheetId,
    pub state: TimesheetState,
    pub at: Timestamp,
}

/// The newest word of webhooks about each of these timesheets, newest by Clockify's own time.
pub async fn newest_told(
    tx: &mut Transaction,
    timesheets: &[&TimesheetId],
) -> Result<Vec<ToldState>, StoreError> {
    const TOLD: Statement = Statement::new(
        "SELECT record_id, told_state, told_at FROM delivery \
         WHERE told_at IS NOT NULL AND record_id IN (SELECT id FROM {@ids} AS asked) \
         ORDER BY record_id, told_at DESC, updated_at DESC",
    )
    .rows(&[("@ids", &[Column::id("id")])]);
    if timesheets.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Rows = timesheets.iter().map(|id| vec![(*id).into()]).collect();
    newest_of_each(&tx.query(&TOLD, &[("@ids", ids.into())]).await?)
}

/// The newest word about each timesheet that any webhook spoke of within so many seconds.
pub async fn recently_told(
    tx: &mut Transaction,
    within_seconds: i64,
) -> Result<Vec<ToldState>, StoreError> {
    const RECENT: Statement = Statement::new(
        "SELECT record_id, told_state, told_at FROM delivery \
         WHERE told_at IS NOT NULL AND updated_at > {now + @seconds} \
         ORDER BY record_id, told_at DESC, updated_at DESC",
    );
    newest_of_each(
        &tx.query(&RECENT, &[("@seconds", (-within_seconds).into())])
            .await?,
    )
}

fn newest_of_each(rows: &[Row]) -> Result<Vec<ToldState>, StoreError> {
    let mut newest: Vec<ToldState> = Vec::new();
    for row in rows {
        let timesheet_id = row.id("record_id")?;
        if newest
            .last()
            .is_none_or(|last| last.timesheet_id != timesheet_id)
        {
            newest.push(ToldState {
                timesheet_id,
                state: TimesheetState::from(row.text("told_state")?),
                at: row.instant("told_at")?,
            });
        }
    }
    Ok(newest)
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Last received at or after.
    pub from: Option<Timestamp>,
    /// Last received before.
    pub to: Option<Timestamp>,
    pub outcome: Option<Outcome>,
    /// Only deliveries that first came before this one.
    pub before: Option<DeliveryId>,
}

/// Deliveries, newest first.
pub async fn list(
    tx: &mut Transaction,
    filter: &DeliveryFilter,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT * FROM delivery WHERE (@before IS NULL OR id < @before) \
         AND (@from IS NULL OR last_received_at >= @from) AND (@to IS NULL OR last_received_at < @to) \
         AND (@outcome IS NULL OR outcome = @outcome) ORDER BY id DESC {limit}",
    );
    let rows = tx
        .query(
            &LIST,
            &[
                ("@before", filter.before.as_ref().into()),
                ("@from", filter.from.into()),
                ("@to", filter.to.into()),
                (
                    "@outcome",
                    filter
                        .outcome
                        .map(|outcome| outcome.as_str().to_owned())
                        .into(),
                ),
                ("@limit", limit.into()),
            ],
        )
        .await?;
    rows.iter().map(delivery).collect()
}

/// Settles all approval events that are open and name a timesheet: a scan that covers them is done.
pub async fn settle_approvals(tx: &mut Transaction) -> Result<u64, StoreError> {
    const SETTLE: Statement = Statement::new(
        "UPDATE delivery SET outcome = 'applied', error = NULL, updated_at = {now} \
         WHERE outcome IN ('waiting', 'failed') \
         AND record_id <> '' AND event_type IN ('NEW_APPROVAL_REQUEST', 'APPROVAL_REQUEST_STATUS_UPDATED')",
    );
    tx.execute(&SETTLE, &[]).await
}

/// Notes a scan that failed with all approval events that wait for one; `for_good`: no other comes by itself.
pub async fn approvals_failed(
    tx: &mut Transaction,
    error: &str,
    for_good: bool,
) -> Result<u64, StoreError> {
    const FAILED: Statement = Statement::new(
        "UPDATE delivery SET outcome = @outcome, error = @error, failed_tries = failed_tries + 1, \
         updated_at = {now} WHERE outcome IN ('waiting', 'failed') \
         AND record_id <> '' AND event_type IN ('NEW_APPROVAL_REQUEST', 'APPROVAL_REQUEST_STATUS_UPDATED')",
    );
    tx.execute(
        &FAILED,
        &[
            ("@outcome", outcome_after(for_good).as_str().into()),
            ("@error", error.into()),
        ],
    )
    .await
}

/// Why the last scan failed, where approval events are open.
pub async fn error_of_approvals(tx: &mut Transaction) -> Result<Option<String>, StoreError> {
    const ERROR: Statement = Statement::new(
        "SELECT error FROM delivery WHERE outcome IN ('waiting', 'failed') AND error IS NOT NULL \
         AND record_id <> '' AND event_type IN ('NEW_APPROVAL_REQUEST', 'APPROVAL_REQUEST_STATUS_UPDATED') \
         ORDER BY updated_at DESC, id DESC {limit}",
    );
    let row = tx.query_one(&ERROR, &[("@limit", 1_u32.into())]).await?;
    row.map_or(Ok(None), |row| row.opt_text("error"))
}

/// The error of the delivery that a message carried, for its dead letter.
pub async fn error_of(tx: &mut Transaction, event_id: &str) -> Result<Option<String>, StoreError> {
    const ERROR: Statement =
        Statement::new("SELECT error FROM delivery WHERE last_event_id = @event_id");
    let row = tx
        .query_one(&ERROR, &[("@event_id", event_id.into())])
        .await?;
    row.map_or(Ok(None), |row| row.opt_text("error"))
}

fn delivery(row: &Row) -> Result<Delivery, StoreError> {
    let outcome = row.text("outcome")?;
    Ok(Delivery {
        id: row.id("id")?,
        event_type: row.text("event_type")?,
        record_id: row.text("record_id")?,
        times_seen: counted(row, "times_seen")?,
        first_received_at: row.instant("first_received_at")?,
        last_received_at: row.instant("last_received_at")?,
        outcome: Outcome::named(&outcome)
            .ok_or_else(|| StoreError::value("outcome", format!("{outcome} is no outcome")))?,
        error: row.opt_text("error")?,
        failed_tries: counted(row, "failed_tries")?,
    })
}

fn counted(row: &Row, column: &str) -> Result<u32, StoreError> {
    u32::try_from(row.int(column)?).map_err(|_| StoreError::value(column, "is no count"))
}
