//! Lines of a draft: put, replaced and taken away one by one.

use super::{
    Act, LemError, Refusal, references,
    sheet::{SheetNow, not_too_many_lines, one_line_per_id, open, present, save},
};
use crate::{
    domain::{
        ids::{LemLineId, LemSheetId},
        lem::{EquipmentLine, LemAction, LemSheet, MaterialLine, WorkerLine, comparable_name},
    },
    store::{Transaction, lem_sheet::StoredSheet},
};

/// What came of a line.
#[derive(Clone, Debug)]
pub struct LineMade {
    pub now: SheetNow,
    pub line_id: LemLineId,
    /// False: it was there before.
    pub is_new: bool,
}

/// Opens a draft for a change of its lines.
async fn open_draft(
    tx: &mut Transaction,
    id: &LemSheetId,
    seen: Option<i64>,
) -> Result<(StoredSheet, LemSheet), LemError> {
    let stored = open(tx, id, seen).await?;
    stored.sheet.allows(LemAction::Edit)?;
    let sheet = stored.sheet.clone();
    Ok((stored, sheet))
}

/// Writes the changed lines. What is refused names its field without the place in the ticket.
async fn save_lines(
    tx: &mut Transaction,
    act: &Act,
    stored: &StoredSheet,
    sheet: LemSheet,
) -> Result<SheetNow, LemError> {
    not_too_many_lines(&sheet)?;
    one_line_per_id(&sheet).map_err(without_place)?;
    references::check_sheet(tx, &sheet)
        .await
        .map_err(without_place)?;
    save(tx, act, "change-lines", stored, sheet).await
}

/// `workers[2].roleId` → `roleId`.
fn without_place(error: LemError) -> LemError {
    let LemError::Refused(refusals) = error else {
        return error;
    };
    let bare = refusals.into_iter().map(|refusal| {
        let field = refusal.field.rsplit('.').next().unwrap_or_default();
        Refusal::new(field, refusal.message)
    });
    LemError::Refused(bare.collect())
}

/// Adds a worker line, or replaces the one of the same worker and role, whose id stays. The same line is one line,
/// however often it comes.
pub async fn put_worker(
    tx: &mut Transaction,
    act: &Act,
    sheet_id: &LemSheetId,
    seen: Option<i64>,
    line: &WorkerLine,
) -> Result<LineMade, LemError> {
    let stored = open(tx, sheet_id, None).await?;
    let as_sent = |known: &&WorkerLine| {
        let id = known.id.clone();
        **known == WorkerLine { id, ..line.clone() }
    };
    if let Some(known) = stored.sheet.workers.iter().find(as_sent) {
        let line_id = known.id.clone();
        return Ok(LineMade {
            now: present(tx, stored).await?,
            line_id,
            is_new: false,
        });
    }
    let (stored, mut sheet) = open_draft(tx, sheet_id, seen).await?;
    let before = sheet.workers.len();
    sheet.put_worker(line.clone());
    let is_new = sheet.workers.len() > before;
    let worker = comparable_name(&line.worker);
    let put = sheet
        .workers
        .iter()
        .find(|put| put.role_id == line.role_id && comparable_name(&put.worker) == worker);
    let line_id = put.map_or_else(|| line.id.clone(), |put| put.id.clone());
    let now = save_lines(tx, act, &stored, sheet).await?;
    Ok(LineMade {
        now,
        line_id,
        is_new,
    })
}

macro_rules! lines_by_id {
    ($add:ident, $replace:ident, $lines:ident, $line:ty) => {
        /// Adds a line. The same line under the same id is one line, however often it comes.
        pub async fn $add(
            tx: &mut Transaction,
            act: &Act,
            sheet_id: &LemSheetId,
            seen: Option<i64>,
            line: &$line,
        ) -> Result<LineMade, LemError> {
            let stored = open(tx, sheet_id, None).await?;
            if let Some(known) = stored.sheet.$lines.iter().find(|known| known.id == line.id) {
                if known != line {
                    return Err(LemError::Conflict(
                        "Another line of the sheet has that id already; send a new id for a new line."
                            .to_owned(),
                    ));
                }
                return Ok(LineMade {
                    now: present(tx, stored).await?,
                    line_id: line.id.clone(),
                    is_new: false,
                });
            }
            let (stored, mut sheet) = open_draft(tx, sheet_id, seen).await?;
            sheet.$lines.push(line.clone());
            Ok(LineMade {
                now: save_lines(tx, act, &stored, sheet).await?,
                line_id: line.id.clone(),
                is_new: true,
            })
        }

        /// Writes a line in place of the one of that id.
        pub async fn $replace(
            tx: &mut Transaction,
            act: &Act,
            sheet_id: &LemSheetId,
            seen: Option<i64>,
            line: &$line,
        ) -> Result<LineMade, LemError> {
            let (stored, mut sheet) = open_draft(tx, sheet_id, seen).await?;
            let known = sheet.$lines.iter_mut().find(|known| known.id == line.id);
            *known.ok_or(NO_LINE)? = line.clone();
            Ok(LineMade {
                now: save_lines(tx, act, &stored, sheet).await?,
                line_id: line.id.clone(),
                is_new: false,
            })
        }
    };
}

const NO_LINE: LemError = LemError::NotFound("The sheet has no line with that id.");

lines_by_id!(add_equipment, replace_equipment, equipment, EquipmentLine);
lines_by_id!(add_material, replace_material, materials, MaterialLine);

/// Takes a line of any kind away.
pub async fn remove_line(
    tx: &mut Transaction,
    act: &Act,
    sheet_id: &LemSheetId,
    seen: Option<i64>,
    line_id: &LemLineId,
) -> Result<SheetNow, LemError> {
    let (stored, mut sheet) = open_draft(tx, sheet_id, seen).await?;
    sheet.workers.retain(|line| line.id != *line_id);
    sheet.equipment.retain(|line| line.id != *line_id);
    sheet.materials.retain(|line| line.id != *line_id);
    if sheet == stored.sheet {
        return Err(NO_LINE);
    }
    save(tx, act, "change-lines", &stored, sheet).await
}
