//! LEM sheets, each with its lines, its version and its number (`domain.md` §6).
//!
//! A number comes from the counter row of its client and project, updated first and in the transaction of the
//! creation: whoever comes second waits, and a creation that is rolled back gives its number back.

use jiff::{Timestamp, civil::Date};

use super::{Column, Params, Row, Statement, StoreError, Transaction, Value, lem_line};
use crate::domain::{
    ids::{ClientId, LemSheetId, ProjectId},
    lem::{LemNumber, LemSheet, LemStatus, SheetRates, Signature},
};

/// A sheet as it lies in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSheet {
    pub sheet: LemSheet,
    /// 1 at first, one more with every change.
    pub version: i64,
    /// SHA-256 of what its creation asked for.
    pub request_hash: String,
    /// A newer revision, not deleted, counts in its place: any for a sheet that is not signed, a signed one for others.
    pub is_replaced: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which sheets to list.
#[derive(Clone, Debug, Default)]
pub struct SheetFilter {
    pub client_id: Option<ClientId>,
    pub project_id: Option<ProjectId>,
    pub number: Option<LemNumber>,
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub status: Option<LemStatus>,
    /// None: both.
    pub archived: Option<bool>,
    /// Only sheets that come after this one in the list.
    pub after: Option<Place>,
}

/// Where a sheet stands in the list: newest day first, then the highest number, then the newest revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub date: Date,
    pub number: u32,
    pub revision: u32,
    pub id: LemSheetId,
}

/// Whether sheets of that client and project have been numbered.
pub async fn has_numbers(
    tx: &mut Transaction,
    client_id: &ClientId,
    project_id: &ProjectId,
) -> Result<bool, StoreError> {
    const COUNTER: Statement = Statement::new(
        "SELECT last_number FROM lem_counter WHERE client_id = @client_id AND project_id = @project_id",
    );
    let key: &Params = &[
        ("@client_id", client_id.into()),
        ("@project_id", project_id.into()),
    ];
    Ok(tx.query_one(&COUNTER, key).await?.is_some())
}

/// The next number of that client and project.
pub async fn take_number(
    tx: &mut Transaction,
    client_id: &ClientId,
    project_id: &ProjectId,
) -> Result<LemNumber, StoreError> {
    const TAKE: Statement = Statement::new(
        "UPDATE lem_counter SET last_number = last_number + 1, updated_at = {now} \
         WHERE client_id = @client_id AND project_id = @project_id",
    );
    const BEGIN: Statement = Statement::new(
        "INSERT INTO lem_counter (client_id, project_id, last_number, created_at, updated_at) \
         VALUES (@client_id, @project_id, 1, {now}, {now})",
    );
    const TAKEN: Statement = Statement::new(
        "SELECT last_number FROM lem_counter WHERE client_id = @client_id AND project_id = @project_id",
    );
    let key: &Params = &[
        ("@client_id", client_id.into()),
        ("@project_id", project_id.into()),
    ];
    if tx.execute(&TAKE, key).await? == 0 {
        tx.execute(&BEGIN, key).await?;
    }
    let row = tx.query_one(&TAKEN, key).await?;
    let row = row.ok_or_else(|| StoreError::value("last_number", "has no row"))?;
    number(&row, "last_number")
}

/// Writes a sheet that is not there yet.
pub async fn insert(
    tx: &mut Transaction,
    sheet: &LemSheet,
    request_hash: &str,
) -> Result<(), StoreError> {
    const INSERT: Statement = Statement::new(
        "INSERT INTO lem_sheet (id, workspace_id, client_id, project_id, number, revision, work_date, \
         project_manager_id, client_representative, description, notes, status, archived, frozen_rates, \
         submitted_at, signed_name, signed_at, signature_image, rejection_reason, labour_total, equipment_total, \
         material_total, has_missing_rate, priced_version, version, request_hash, created_at, updated_at) \
         VALUES (@id, @workspace_id, @client_id, @project_id, @number, @revision, @work_date, \
         @project_manager_id, @client_representative, @description, @notes, @status, @archived, @frozen_rates, \
         @submitted_at, @signed_name, @signed_at, @signature_image, @rejection_reason, @labour_total, \
         @equipment_total, @material_total, @has_missing_rate, @version, @version, @request_hash, {now}, {now})",
    );
    let mut params = changing(sheet)?;
    params.extend([
        ("@workspace_id", (&sheet.workspace_id).into()),
        ("@client_id", (&sheet.client_id).into()),
        ("@project_id", (&sheet.project_id).into()),
        ("@number", sheet.number.get().into()),
        ("@revision", sheet.revision.into()),
        ("@request_hash", request_hash.into()),
        ("@version", 1_i64.into()),
    ]);
    tx.execute(&INSERT, &params).await?;
    lem_line::insert(tx, sheet).await
}

/// Writes a sheet over the version that was read; answers the new version.
pub async fn update(
    tx: &mut Transaction,
    sheet: &LemSheet,
    version: i64,
) -> Result<i64, StoreError> {
    const UPDATE: Statement = Statement::new(
        "UPDATE lem_sheet SET work_date = @work_date, project_manager_id = @project_manager_id, \
         client_representative = @client_representative, description = @description, notes = @notes, \
         status = @status, archived = @archived, frozen_rates = @frozen_rates, submitted_at = @submitted_at, \
         signed_name = @signed_name, signed_at = @signed_at, signature_image = @signature_image, \
         rejection_reason = @rejection_reason, labour_total = @labour_total, equipment_total = @equipment_total, \
         material_total = @material_total, has_missing_rate = @has_missing_rate, priced_version = version + 1, \
         version = version + 1, updated_at = {now} \
         WHERE id = @id AND version = @version",
    );
    let mut params = changing(sheet)?;
    params.push(("@version", version.into()));
    if tx.execute(&UPDATE, &params).await? == 0 {
        return Err(tx.met_another_writer());
    }
    lem_line::replace(tx, sheet).await?;
    Ok(version + 1)
}

/// The id, and all columns that can change.
fn changing(sheet: &LemSheet) -> Result<Vec<(&'static str, Value)>, StoreError> {
    let frozen = sheet
        .frozen_rates
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|error| StoreError::value("frozen_rates", error.to_string()))?;
    let signature = sheet.signature.as_ref();
    // For report authors: prices freeze at submission, and what they come to with them.
    let priced = sheet.frozen_rates.as_ref().map(|rates| sheet.priced(rates));
    let totals = priced.as_ref().map(|priced| priced.totals);
    Ok(vec![
        ("@id", (&sheet.id).into()),
        ("@work_date", sheet.date.into()),
        (
            "@project_manager_id",
            sheet.project_manager_id.as_ref().into(),
        ),
        (
            "@client_representative",
            sheet.client_representative.as_deref().into(),
        ),
        ("@description", sheet.description.as_deref().into()),
        ("@notes", sheet.notes.as_deref().into()),
        ("@status", sheet.status.as_str().into()),
        ("@archived", sheet.archived.into()),
        ("@frozen_rates", frozen.into()),
        ("@submitted_at", sheet.submitted_at.into()),
        (
            "@signed_name",
            signature.map(|signature| signature.name.as_str()).into(),
        ),
        (
            "@signed_at",
            signature.map(|signature| signature.signed_at).into(),
        ),
        (
            "@signature_image",
            signature.map(|signature| signature.image.clone()).into(),
        ),
        (
            "@rejection_reason",
            sheet.rejection_reason.as_deref().into(),
        ),
        (
            "@labour_total",
            Value::money(totals.map(|totals| totals.labour)),
        ),
        (
            "@equipment_total",
            Value::money(totals.map(|totals| totals.equipment)),
        ),
        (
            "@material_total",
            Value::money(totals.map(|totals| totals.materials)),
        ),
        (
            "@has_missing_rate",
            priced.map(|priced| priced.has_missing_rate()).into(),
        ),
    ])
}

/// The sheet of that id, archived or not.
pub async fn get(tx: &mut Transaction, id: &LemSheetId) -> Result<Option<StoredSheet>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT id, workspace_id, client_id, project_id, number, revision, work_date, project_manager_id, \
         client_representative, description, notes, status, archived, frozen_rates, submitted_at, signed_name, \
         signed_at, signature_image, rejection_reason, version, request_hash, created_at, updated_at, \
         CASE WHEN EXISTS (SELECT 1 FROM lem_sheet AS newer WHERE newer.client_id = lem_sheet.client_id \
         AND newer.project_id = lem_sheet.project_id AND newer.number = lem_sheet.number \
         AND newer.revision > lem_sheet.revision AND newer.archived = 0 \
         AND (lem_sheet.status <> 'signed' OR newer.status = 'signed')) THEN 1 ELSE 0 END AS is_replaced \
         FROM lem_sheet WHERE id = @id",
    );
    let rows = tx.query(&GET, &[("@id", id.into())]).await?;
    Ok(with_lines(tx, &rows).await?.into_iter().next())
}

/// Whether there is a sheet of that id, archived or not.
pub async fn exists(tx: &mut Transaction, id: &LemSheetId) -> Result<bool, StoreError> {
    const EXISTS: Statement = Statement::new("SELECT id FROM lem_sheet WHERE id = @id");
    Ok(tx
        .query_one(&EXISTS, &[("@id", id.into())])
        .await?
        .is_some())
}

/// Sheets, newest day first, at most so many; without the pictures of their signatures.
pub async fn list(
    tx: &mut Transaction,
    filter: &SheetFilter,
    limit: u32,
) -> Result<Vec<StoredSheet>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, client_id, project_id, number, revision, work_date, project_manager_id, \
         client_representative, description, notes, status, archived, frozen_rates, submitted_at, signed_name, \
         signed_at, NULL AS signature_image, rejection_reason, version, request_hash, created_at, updated_at, \
         CASE WHEN EXISTS (SELECT 1 FROM lem_sheet AS newer WHERE newer.client_id = lem_sheet.client_id \
         AND newer.project_id = lem_sheet.project_id AND newer.number = lem_sheet.number \
         AND newer.revision > lem_sheet.revision AND newer.archived = 0 \
         AND (lem_sheet.status <> 'signed' OR newer.status = 'signed')) THEN 1 ELSE 0 END AS is_replaced \
         FROM lem_sheet \
         WHERE (@client_id IS NULL OR client_id = @client_id) \
         AND (@project_id IS NULL OR project_id = @project_id) \
         AND (@number IS NULL OR number = @number) \
         AND (@from IS NULL OR work_date >= @from) AND (@to IS NULL OR work_date <= @to) \
         AND (@status IS NULL OR status = @status) AND (@archived IS NULL OR archived = @archived) \
         AND (@after_date IS NULL OR work_date < @after_date \
         OR (work_date = @after_date AND (number < @after_number OR (number = @after_number \
         AND (revision < @after_revision OR (revision = @after_revision AND id < @after_id)))))) \
         ORDER BY work_date DESC, number DESC, revision DESC, id DESC {limit}",
    );
    let after = filter.after.as_ref();
    let params = [
        ("@client_id", filter.client_id.as_ref().into()),
        ("@project_id", filter.project_id.as_ref().into()),
        ("@number", filter.number.map(LemNumber::get).into()),
        ("@from", filter.from.into()),
        ("@to", filter.to.into()),
        ("@status", filter.status.map(LemStatus::as_str).into()),
        ("@archived", filter.archived.into()),
        ("@after_date", after.map(|place| place.date).into()),
        ("@after_number", after.map(|place| place.number).into()),
        ("@after_revision", after.map(|place| place.revision).into()),
        ("@after_id", after.map(|place| &place.id).into()),
        ("@limit", limit.into()),
    ];
    let rows = tx.query(&LIST, &params).await?;
    with_lines(tx, &rows).await
}

/// The last sheet of that client and project: of the newest day, then the highest number, each number in its newest
/// revision.
pub async fn last(
    tx: &mut Transaction,
    client_id: &ClientId,
    project_id: &ProjectId,
) -> Result<Option<StoredSheet>, StoreError> {
    const LAST: Statement = Statement::new(
        "SELECT id FROM lem_sheet WHERE client_id = @client_id AND project_id = @project_id AND archived = 0 \
         AND NOT EXISTS (SELECT 1 FROM lem_sheet AS newer WHERE newer.client_id = lem_sheet.client_id \
         AND newer.project_id = lem_sheet.project_id AND newer.number = lem_sheet.number \
         AND newer.revision > lem_sheet.revision AND newer.archived = 0) \
         ORDER BY work_date DESC, number DESC {limit}",
    );
    let params = [
        ("@client_id", client_id.into()),
        ("@project_id", project_id.into()),
        ("@limit", 1_u32.into()),
    ];
    match tx.query_one(&LAST, &params).await? {
        Some(row) => get(tx, &row.id("id")?).await,
        None => Ok(None),
    }
}

/// The highest revision of that number, archived ones included or not; 0: none.
pub async fn newest_revision(
    tx: &mut Transaction,
    sheet: &LemSheet,
    with_archived: bool,
) -> Result<u32, StoreError> {
    const NEWEST: Statement = Statement::new(
        "SELECT MAX(revision) AS revision FROM lem_sheet WHERE client_id = @client_id \
         AND project_id = @project_id AND number = @number AND (@with_archived = 1 OR archived = 0)",
    );
    let params = [
        ("@client_id", (&sheet.client_id).into()),
        ("@project_id", (&sheet.project_id).into()),
        ("@number", sheet.number.get().into()),
        ("@with_archived", with_archived.into()),
    ];
    let row = tx.query_one(&NEWEST, &params).await?;
    let newest = row
        .map(|row| row.opt_int("revision"))
        .transpose()?
        .flatten();
    u32::try_from(newest.unwrap_or_default()).map_err(|_| wrong("revision"))
}

async fn with_lines(tx: &mut Transaction, rows: &[Row]) -> Result<Vec<StoredSheet>, StoreError> {
    let mut sheets = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut bare: Vec<&mut LemSheet> = sheets.iter_mut().map(|stored| &mut stored.sheet).collect();
    lem_line::fill(tx, &mut bare).await?;
    Ok(sheets)
}

fn read(row: &Row) -> Result<StoredSheet, StoreError> {
    let frozen = row.opt_text("frozen_rates")?;
    let frozen_rates: Option<SheetRates> = frozen
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|error| StoreError::value("frozen_rates", error.to_string()))?;
    let signature = match (row.opt_text("signed_name")?, row.opt_instant("signed_at")?) {
        (Some(name), Some(signed_at)) => Some(Signature {
            name,
            signed_at,
            image: row.opt_bytes("signature_image")?.unwrap_or_default(),
        }),
        _ => None,
    };
    let sheet = LemSheet {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        client_id: row.id("client_id")?,
        project_id: row.id("project_id")?,
        number: number(row, "number")?,
        revision: u32::try_from(row.int("revision")?).map_err(|_| wrong("revision"))?,
        date: row.date("work_date")?,
        project_manager_id: row.opt_id("project_manager_id")?,
        client_representative: row.opt_text("client_representative")?,
        description: row.opt_text("description")?,
        notes: row.opt_text("notes")?,
        workers: Vec::new(),
        equipment: Vec::new(),
        materials: Vec::new(),
        status: LemStatus::named(&row.text("status")?).ok_or_else(|| wrong("status"))?,
        archived: row.bool("archived")?,
        frozen_rates,
        submitted_at: row.opt_instant("submitted_at")?,
        signature,
        rejection_reason: row.opt_text("rejection_reason")?,
    };
    Ok(StoredSheet {
        sheet,
        version: row.int("version")?,
        request_hash: row.text("request_hash")?,
        is_replaced: row.bool("is_replaced")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}

fn number(row: &Row, column: &str) -> Result<LemNumber, StoreError> {
    u32::try_from(row.int(column)?)
        .ok()
        .and_then(LemNumber::new)
        .ok_or_else(|| wrong(column))
}

fn wrong(column: &str) -> StoreError {
    StoreError::value(column, "is not what a sheet has")
}

/// One column of sheet ids.
pub(super) const SHEETS: &[Column] = &[Column::id("id")];
