//! Sign-off (`domain.md` §6): draft → submitted → signed or rejected → a new revision.

use super::{
    Act, LemError,
    sheet::{SheetMade, SheetNow, add, made_before, new_line_id, open, save},
};
use crate::{
    domain::{
        ids::{LemSheetId, ProjectId},
        lem::{LemAction, SheetRates, Signature},
    },
    store::{Transaction, lem_rate, lem_sheet},
};

/// Hands a draft to the client: its prices freeze, missing ones as missing.
pub async fn submit(
    tx: &mut Transaction,
    act: &Act,
    id: &LemSheetId,
    seen: Option<i64>,
) -> Result<SheetNow, LemError> {
    let stored = open(tx, id, seen).await?;
    stored.sheet.allows(LemAction::Submit)?;
    let mut sheet = stored.sheet.clone();
    let project: [ProjectId; 1] = [sheet.project_id.clone()];
    let (worker, equipment) = lem_rate::of_projects(tx, &project).await?;
    let rates = SheetRates::on_the_date_of(&sheet, &worker, &equipment);
    sheet.submit(rates, act.at)?;
    save(tx, act, "submit", &stored, sheet).await
}

/// The client's representative agrees, now.
pub async fn sign(
    tx: &mut Transaction,
    act: &Act,
    id: &LemSheetId,
    seen: Option<i64>,
    (name, image): (String, Vec<u8>),
) -> Result<SheetNow, LemError> {
    let stored = open(tx, id, seen).await?;
    let mut sheet = stored.sheet.clone();
    sheet.sign(Signature {
        name,
        signed_at: act.at,
        image,
    })?;
    save(tx, act, "sign", &stored, sheet).await
}

/// The client's representative does not agree.
pub async fn reject(
    tx: &mut Transaction,
    act: &Act,
    id: &LemSheetId,
    seen: Option<i64>,
    reason: String,
) -> Result<SheetNow, LemError> {
    let stored = open(tx, id, seen).await?;
    let mut sheet = stored.sheet.clone();
    sheet.reject(reason)?;
    save(tx, act, "reject", &stored, sheet).await
}

/// Begins the next revision, a draft of the same number. A revision that was deleted keeps its own. Asked for again
/// under the same id it is begun once.
pub async fn revise(
    tx: &mut Transaction,
    act: &Act,
    id: &LemSheetId,
    seen: Option<i64>,
    new_id: LemSheetId,
) -> Result<SheetMade, LemError> {
    // No creation of a caller ever hashes to this: a POST with this id is another sheet.
    let request_hash = format!("revision of {id}");
    if let Some(made) = made_before(tx, &new_id, &request_hash).await? {
        return Ok(made);
    }
    let stored = open(tx, id, seen).await?;
    let newest = lem_sheet::newest_revision(tx, &stored.sheet, false).await?;
    let mut next = stored.sheet.revise(newest, new_id, new_line_id)?;
    next.revision = 1 + lem_sheet::newest_revision(tx, &stored.sheet, true).await?;
    let now = add(tx, act, "revise", &next, &request_hash).await?;
    Ok(SheetMade { now, is_new: true })
}
