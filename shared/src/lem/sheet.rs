//! Sheets as a whole: create, change, archive, read, and a draft from the last one.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use super::{
    Act, LemError, Refusal,
    history::{self, Change, Fields, RecordKind},
    references,
};
use crate::{
    domain::{
        flags::FlagKind,
        ids::{ClientId, EmployeeId, LemLineId, LemSheetId, ProjectId},
        lem::{
            EquipmentLine, LemAction, LemSheet, LemStatus, MaterialLine, PricedSheet, SheetRates,
            WorkerLine, comparable_name,
        },
    },
    store::{
        StoreError, Transaction, flag, lem_rate,
        lem_sheet::{self, SheetFilter, StoredSheet},
    },
};

/// A sheet as it is now, with its figures.
#[derive(Clone, Debug)]
pub struct SheetNow {
    pub sheet: LemSheet,
    pub priced: PricedSheet,
    /// A newer revision counts in its place.
    pub is_replaced: bool,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A whole ticket that somebody sends.
#[derive(Clone, Debug)]
pub struct NewSheet {
    pub id: LemSheetId,
    /// SHA-256 of the request, to tell a repeated creation from another one of the same id.
    pub request_hash: String,
    /// None: the project's client.
    pub client_id: Option<ClientId>,
    pub project_id: ProjectId,
    pub date: Date,
    pub project_manager_id: Option<EmployeeId>,
    pub client_representative: Option<String>,
    pub description: Option<String>,
    pub notes: Option<String>,
    pub workers: Vec<WorkerLine>,
    pub equipment: Vec<EquipmentLine>,
    pub materials: Vec<MaterialLine>,
}

/// What came of a creation.
#[derive(Clone, Debug)]
pub struct SheetMade {
    pub now: SheetNow,
    /// False: the same sheet had been made before.
    pub is_new: bool,
}

/// What is to change; None leaves alone.
#[derive(Clone, Debug, Default)]
pub struct SheetChange {
    pub client_id: Option<ClientId>,
    pub project_id: Option<ProjectId>,
    pub date: Option<Date>,
    pub project_manager_id: Option<EmployeeId>,
    pub client_representative: Option<String>,
    pub description: Option<String>,
    pub notes: Option<String>,
    /// Fields to empty.
    pub clear: Vec<SheetField>,
}

/// A field that can be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetField {
    ProjectManagerId,
    ClientRepresentative,
    Description,
    Notes,
}

impl SheetField {
    pub const ALL: [Self; 4] = [
        Self::ProjectManagerId,
        Self::ClientRepresentative,
        Self::Description,
        Self::Notes,
    ];

    /// Its name in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProjectManagerId => "projectManagerId",
            Self::ClientRepresentative => "clientRepresentative",
            Self::Description => "description",
            Self::Notes => "notes",
        }
    }
}

/// Makes a sheet with all its lines. The same request under the same id makes one sheet, however often it comes.
pub async fn create(
    tx: &mut Transaction,
    act: &Act,
    new: &NewSheet,
) -> Result<SheetMade, LemError> {
    if let Some(made) = made_before(tx, &new.id, &new.request_hash).await? {
        return Ok(made);
    }
    let (project, client_id) =
        references::project_of_client(tx, new.client_id.as_ref(), &new.project_id).await?;
    one_line_per_worker_and_role(&new.workers)?;
    let number = lem_sheet::take_number(tx, &client_id, &new.project_id).await?;
    let sheet = LemSheet {
        id: new.id.clone(),
        workspace_id: project.workspace_id,
        client_id,
        project_id: new.project_id.clone(),
        number,
        revision: 1,
        date: new.date,
        project_manager_id: new.project_manager_id.clone(),
        client_representative: new.client_representative.clone(),
        description: new.description.clone(),
        notes: new.notes.clone(),
        workers: new.workers.clone(),
        equipment: new.equipment.clone(),
        materials: new.materials.clone(),
        status: LemStatus::Draft,
        archived: false,
        frozen_rates: None,
        submitted_at: None,
        signature: None,
        rejection_reason: None,
    };
    not_too_many_lines(&sheet)?;
    one_line_per_id(&sheet)?;
    references::check_sheet(tx, &sheet).await?;
    let now = add(tx, act, "create", &sheet, &new.request_hash).await?;
    Ok(SheetMade { now, is_new: true })
}

/// The sheet of that id, if the same request made it before.
pub(super) async fn made_before(
    tx: &mut Transaction,
    id: &LemSheetId,
    request_hash: &str,
) -> Result<Option<SheetMade>, LemError> {
    let Some(stored) = lem_sheet::get(tx, id).await? else {
        return Ok(None);
    };
    if stored.request_hash != request_hash {
        return Err(LemError::Conflict(
            "Another sheet has that id already; send a new id for a new sheet.".to_owned(),
        ));
    }
    let now = present(tx, stored).await?;
    Ok(Some(SheetMade { now, is_new: false }))
}

/// So many lines of one kind that their sum stays within what the database holds, whatever they cost.
const MOST_LINES: usize = 500;

/// A day's ticket has a few lines; more than the limit is a slip.
pub(super) fn not_too_many_lines(sheet: &LemSheet) -> Result<(), LemError> {
    let mut refusals = references::Refusals::default();
    for (kind, lines) in [
        ("workers", sheet.workers.len()),
        ("equipment", sheet.equipment.len()),
        ("materials", sheet.materials.len()),
    ] {
        if lines > MOST_LINES {
            let message =
                format!("must not have over {MOST_LINES} lines; put the rest on another sheet");
            refusals.add(kind, message);
        }
    }
    refusals.finish()
}

/// Two lines of one worker and role in one ticket are a slip: the later would replace the earlier.
fn one_line_per_worker_and_role(workers: &[WorkerLine]) -> Result<(), LemError> {
    let mut seen = BTreeSet::new();
    for (n, line) in workers.iter().enumerate() {
        if !seen.insert((comparable_name(&line.worker), &line.role_id)) {
            return Err(Refusal::new(
                format!("workers[{n}]"),
                "is the same worker and role as an earlier line; put their hours into one",
            )
            .into());
        }
    }
    Ok(())
}

/// Ids differ among the lines of all kinds, so that one id takes one line away.
pub(super) fn one_line_per_id(sheet: &LemSheet) -> Result<(), LemError> {
    let workers = sheet.workers.iter().map(|line| &line.id);
    let equipment = sheet.equipment.iter().map(|line| &line.id);
    let materials = sheet.materials.iter().map(|line| &line.id);
    let lines = (workers.enumerate().map(|(n, id)| ("workers", n, id)))
        .chain(equipment.enumerate().map(|(n, id)| ("equipment", n, id)))
        .chain(materials.enumerate().map(|(n, id)| ("materials", n, id)));
    let mut seen = BTreeSet::new();
    let mut refusals = references::Refusals::default();
    for (kind, n, id) in lines {
        if !seen.insert(id) {
            let message = "is the id of another line; send a new id for a new line";
            refusals.add(format!("{kind}[{n}].id"), message);
        }
    }
    refusals.finish()
}

/// Writes a sheet that is not there yet.
pub(super) async fn add(
    tx: &mut Transaction,
    act: &Act,
    action: &str,
    sheet: &LemSheet,
    request_hash: &str,
) -> Result<SheetNow, LemError> {
    lem_sheet::insert(tx, sheet, request_hash).await?;
    let change = Change {
        kind: RecordKind::Sheet,
        id: sheet.id.as_str(),
        action,
        version: 1,
        before: &Fields::new(),
        after: &history::of_sheet(sheet),
    };
    history::note(tx, act, change).await?;
    written(tx, &sheet.id).await
}

/// Changes a draft's head.
pub async fn change(
    tx: &mut Transaction,
    act: &Act,
    id: &LemSheetId,
    seen: Option<i64>,
    change: &SheetChange,
) -> Result<SheetNow, LemError> {
    let stored = open(tx, id, seen).await?;
    stored.sheet.allows(LemAction::Edit)?;
    never_moves(&stored.sheet, change)?;
    let mut sheet = stored.sheet.clone();
    for field in &change.clear {
        match field {
            SheetField::ProjectManagerId => sheet.project_manager_id = None,
            SheetField::ClientRepresentative => sheet.client_representative = None,
            SheetField::Description => sheet.description = None,
            SheetField::Notes => sheet.notes = None,
        }
    }
    sheet.date = change.date.unwrap_or(sheet.date);
    set(
        &mut sheet.project_manager_id,
        change.project_manager_id.as_ref(),
    );
    set(
        &mut sheet.client_representative,
        change.client_representative.as_ref(),
    );
    set(&mut sheet.description, change.description.as_ref());
    set(&mut sheet.notes, change.notes.as_ref());
    references::check_sheet(tx, &sheet).await?;
    save(tx, act, "change", &stored, sheet).await
}

/// What was not sent stays as it is.
fn set<T: Clone>(field: &mut Option<T>, sent: Option<&T>) {
    if let Some(sent) = sent {
        *field = Some(sent.clone());
    }
}

/// "Client and project of a sheet never change after it got its number."
fn never_moves(sheet: &LemSheet, change: &SheetChange) -> Result<(), LemError> {
    const MESSAGE: &str =
        "cannot change: the number was counted for this client and project; make a new sheet";
    let mut refusals = references::Refusals::default();
    if change
        .client_id
        .as_ref()
        .is_some_and(|id| *id != sheet.client_id)
    {
        refusals.add("clientId", MESSAGE);
    }
    if change
        .project_id
        .as_ref()
        .is_some_and(|id| *id != sheet.project_id)
    {
        refusals.add("projectId", MESSAGE);
    }
    refusals.finish()
}

/// Deletes a sheet; it keeps its number. Deleting it again changes nothing.
pub async fn archive(
    tx: &mut Transaction,
    act: &Act,
    id: &LemSheetId,
    seen: Option<i64>,
) -> Result<SheetNow, LemError> {
    let stored = found(tx, id).await?;
    if stored.sheet.archived {
        return present(tx, stored).await;
    }
    expect(tx, &stored, seen).await?;
    let mut sheet = stored.sheet.clone();
    sheet.archive()?;
    save(tx, act, "archive", &stored, sheet).await
}

/// The sheet of that id, archived or not.
pub async fn get(tx: &mut Transaction, id: &LemSheetId) -> Result<SheetNow, LemError> {
    let stored = found(tx, id).await?;
    present(tx, stored).await
}

/// Sheets, newest day first, at most so many; without the pictures of their signatures.
pub async fn list(
    tx: &mut Transaction,
    filter: &SheetFilter,
    limit: u32,
) -> Result<Vec<SheetNow>, LemError> {
    let stored = lem_sheet::list(tx, filter, limit).await?;
    Ok(price_all(tx, stored).await?)
}

/// What a sheet of that project and day would begin with: the head and the lines of the project's last sheet for its
/// present client. It has no number, and is not stored.
pub async fn draft(
    tx: &mut Transaction,
    project_id: &ProjectId,
    date: Date,
) -> Result<NewSheet, LemError> {
    let (_, client_id) = references::project_of_client(tx, None, project_id).await?;
    let last = lem_sheet::last(tx, &client_id, project_id).await?;
    let mut draft = NewSheet {
        id: LemSheetId(uuid::Uuid::now_v7().to_string()),
        request_hash: String::new(),
        client_id: Some(client_id),
        project_id: project_id.clone(),
        date,
        project_manager_id: None,
        client_representative: None,
        description: None,
        notes: None,
        workers: Vec::new(),
        equipment: Vec::new(),
        materials: Vec::new(),
    };
    if let Some(StoredSheet { sheet, .. }) = last {
        draft.project_manager_id = sheet.project_manager_id;
        draft.client_representative = sheet.client_representative;
        draft.description = sheet.description;
        draft.notes = sheet.notes;
        draft.workers = sheet.workers;
        draft.equipment = sheet.equipment;
        draft.materials = sheet.materials;
    }
    Ok(draft)
}

/// A new id of a line.
pub(super) fn new_line_id() -> LemLineId {
    LemLineId(uuid::Uuid::now_v7().to_string())
}

async fn found(tx: &mut Transaction, id: &LemSheetId) -> Result<StoredSheet, LemError> {
    let stored = lem_sheet::get(tx, id).await?;
    stored.ok_or(LemError::NotFound("There is no LEM sheet with that id."))
}

async fn expect(
    tx: &mut Transaction,
    stored: &StoredSheet,
    seen: Option<i64>,
) -> Result<(), LemError> {
    let record = (RecordKind::Sheet, stored.sheet.id.as_str());
    history::expect_version(tx, record, stored.version, seen).await
}

/// The sheet, to be changed by somebody who saw that version.
pub(super) async fn open(
    tx: &mut Transaction,
    id: &LemSheetId,
    seen: Option<i64>,
) -> Result<StoredSheet, LemError> {
    let stored = found(tx, id).await?;
    expect(tx, &stored, seen).await?;
    Ok(stored)
}

/// Writes a sheet in place of what was read, and notes it; nothing, if nothing differs.
pub(super) async fn save(
    tx: &mut Transaction,
    act: &Act,
    action: &str,
    stored: &StoredSheet,
    sheet: LemSheet,
) -> Result<SheetNow, LemError> {
    if sheet == stored.sheet {
        return present(tx, stored.clone()).await;
    }
    let version = lem_sheet::update(tx, &sheet, stored.version).await?;
    let change = Change {
        kind: RecordKind::Sheet,
        id: sheet.id.as_str(),
        action,
        version,
        before: &history::of_sheet(&stored.sheet),
        after: &history::of_sheet(&sheet),
    };
    history::note(tx, act, change).await?;
    written(tx, &sheet.id).await
}

/// The sheet as it was just written, with its flag raised or cleared, and those of the revisions that it replaces.
async fn written(tx: &mut Transaction, id: &LemSheetId) -> Result<SheetNow, LemError> {
    /// Far more than anybody makes of one sheet.
    const MOST_REVISIONS: u32 = 200;
    let now = get(tx, id).await?;
    flag_missing_rates(tx, std::slice::from_ref(&now)).await?;
    if now.sheet.revision > 1 {
        let filter = SheetFilter {
            client_id: Some(now.sheet.client_id.clone()),
            project_id: Some(now.sheet.project_id.clone()),
            number: Some(now.sheet.number),
            ..SheetFilter::default()
        };
        let revisions = list(tx, &filter, MOST_REVISIONS).await?;
        flag_missing_rates(tx, &revisions).await?;
    }
    Ok(now)
}

impl SheetNow {
    /// "A missing rate … flags the sheet"; a deleted or replaced one is nobody's concern any more.
    pub fn lacks_rate(&self) -> bool {
        !self.sheet.archived && !self.is_replaced && self.priced.has_missing_rate()
    }
}

/// Raises and clears the flags of these sheets.
pub(super) async fn flag_missing_rates(
    tx: &mut Transaction,
    sheets: &[SheetNow],
) -> Result<(), StoreError> {
    let ids: Vec<&str> = sheets.iter().map(|now| now.sheet.id.as_str()).collect();
    let flags: Vec<(&str, FlagKind)> = sheets
        .iter()
        .filter(|now| now.lacks_rate())
        .map(|now| (now.sheet.id.as_str(), FlagKind::LemRateMissing))
        .collect();
    let owned = [FlagKind::LemRateMissing];
    flag::replace(tx, RecordKind::Sheet.as_str(), &owned, &ids, &flags).await?;
    Ok(())
}

pub(super) async fn present(
    tx: &mut Transaction,
    stored: StoredSheet,
) -> Result<SheetNow, LemError> {
    let priced = price_all(tx, vec![stored]).await?;
    let now = priced.into_iter().next();
    now.ok_or(LemError::NotFound("There is no LEM sheet with that id."))
}

/// Prices sheets: a draft by the rates that hold on its date, the others by those that froze.
async fn price_all(
    tx: &mut Transaction,
    sheets: Vec<StoredSheet>,
) -> Result<Vec<SheetNow>, StoreError> {
    let unfrozen: BTreeSet<&ProjectId> = sheets
        .iter()
        .filter(|stored| stored.sheet.frozen_rates.is_none())
        .map(|stored| &stored.sheet.project_id)
        .collect();
    let projects: Vec<ProjectId> = unfrozen.into_iter().cloned().collect();
    let (worker, equipment) = lem_rate::of_projects(tx, &projects).await?;
    let priced = sheets.into_iter().map(|stored| {
        let current = SheetRates::on_the_date_of(&stored.sheet, &worker, &equipment);
        SheetNow {
            priced: stored.sheet.priced(&current),
            sheet: stored.sheet,
            is_replaced: stored.is_replaced,
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    });
    Ok(priced.collect())
}
