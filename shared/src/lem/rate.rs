//! Rates: what a role or a machine costs one client on one project from a day on. Drafts are priced anew by
//! themselves; what was submitted keeps its prices.

use jiff::civil::Date;

use super::{
    Act, LemError,
    history::{self, Change, Fields, RecordKind},
    references::{self, Names, Refusals},
    sheet::{flag_missing_rates, list},
};
use crate::{
    domain::{
        ids::{ClientId, ProjectId},
        lem::{EquipmentRate, LemStatus, WorkerRate},
    },
    store::{
        Transaction,
        lem_name::NameList,
        lem_rate::{self, StoredRate},
        lem_sheet::{self, Place, SheetFilter},
    },
};

/// A rate as it is now.
pub type RateNow<R> = StoredRate<R>;

/// Whom a rate is for.
struct Holder<'a> {
    client_id: &'a ClientId,
    project_id: &'a ProjectId,
    list: NameList,
    field: &'static str,
    id: &'a str,
}

async fn check(tx: &mut Transaction, holder: &Holder<'_>) -> Result<(), LemError> {
    // A project that moved to another client leaves its sheets with the old one, and they are priced by his rates.
    if !lem_sheet::has_numbers(tx, holder.client_id, holder.project_id).await? {
        references::project_of_client(tx, Some(holder.client_id), holder.project_id).await?;
    }
    let names = Names::of(tx, holder.list, holder.client_id).await?;
    let mut refusals = Refusals::default();
    names.check(&mut refusals, holder.field, holder.id, holder.project_id);
    refusals.finish()
}

macro_rules! put_rate {
    ($(#[$doc:meta])* $put:ident, $rate:ty, $kind:expr, $list:expr, $of:ident, $field:literal,
     $get:path, $write:path, $fields:path) => {
        $(#[$doc])*
        pub async fn $put(
            tx: &mut Transaction,
            act: &Act,
            rate: &$rate,
            seen: Option<i64>,
        ) -> Result<RateNow<$rate>, LemError> {
            let holder = Holder {
                client_id: &rate.client_id,
                project_id: &rate.project_id,
                list: $list,
                field: $field,
                id: rate.$of.as_str(),
            };
            check(tx, &holder).await?;
            let stored = $get(tx, rate).await?;
            if let Some(stored) = &stored {
                let record = ($kind, stored.id.as_str());
                history::expect_version(tx, record, stored.version, seen).await?;
                if stored.rate == *rate {
                    return Ok(stored.clone());
                }
            }
            let now = $write(tx, rate, stored.as_ref()).await?;
            let before = stored.map_or_else(Fields::new, |stored| $fields(&stored.rate));
            let change = Change {
                kind: $kind,
                id: &now.id,
                action: if now.version == 1 { "create" } else { "change" },
                version: now.version,
                before: &before,
                after: &$fields(rate),
            };
            history::note(tx, act, change).await?;
            flag_drafts(tx, &rate.project_id, rate.valid_from).await?;
            Ok(now)
        }
    };
}

put_rate!(
    /// Sets the prices of a role from a day on.
    put_worker_rate, WorkerRate, RecordKind::WorkerRate, NameList::Roles, role_id, "roleId",
    lem_rate::get_worker, lem_rate::put_worker, history::of_worker_rate
);
put_rate!(
    /// Sets the prices of a machine from a day on.
    put_equipment_rate, EquipmentRate, RecordKind::EquipmentRate, NameList::Equipment, equipment_id,
    "equipmentId", lem_rate::get_equipment, lem_rate::put_equipment, history::of_equipment_rate
);

/// Raises and clears the flag of a missing rate on the project's drafts of that day and later, whose prices the rate
/// may have changed.
async fn flag_drafts(
    tx: &mut Transaction,
    project_id: &ProjectId,
    valid_from: Date,
) -> Result<(), LemError> {
    const AT_ONCE: u32 = 200;
    let mut filter = SheetFilter {
        project_id: Some(project_id.clone()),
        from: Some(valid_from),
        status: Some(LemStatus::Draft),
        archived: Some(false),
        ..SheetFilter::default()
    };
    loop {
        let drafts = list(tx, &filter, AT_ONCE).await?;
        flag_missing_rates(tx, &drafts).await?;
        let Some(last) = drafts.last().filter(|_| drafts.len() == AT_ONCE as usize) else {
            return Ok(());
        };
        filter.after = Some(Place {
            date: last.sheet.date,
            number: last.sheet.number.get(),
            revision: last.sheet.revision,
            id: last.sheet.id.clone(),
        });
    }
}
