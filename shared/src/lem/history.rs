//! Who changed what (`domain.md` §10), and what changed since a caller last looked.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Act, LemError};
use crate::{
    domain::lem::{EquipmentLine, EquipmentRate, LemSheet, MaterialLine, WorkerLine, WorkerRate},
    store::{
        Transaction,
        audit::{self, AuditEntry, AuditFilter},
        lem_name::LemName,
    },
};

/// The kinds of records whose history is kept, by the names of their tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    Sheet,
    Role,
    Equipment,
    WorkerRate,
    EquipmentRate,
}

impl RecordKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sheet => "lem_sheet",
            Self::Role => "lem_role",
            Self::Equipment => "lem_equipment",
            Self::WorkerRate => "lem_worker_rate",
            Self::EquipmentRate => "lem_equipment_rate",
        }
    }
}

/// A field that somebody changed after the caller saw the record.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedField {
    pub field: String,
    pub by: String,
    pub at: Timestamp,
    /// What it is now.
    pub now: Value,
}

/// The fields of a record, as its history keeps them.
pub(super) type Fields = Map<String, Value>;

/// One change of one record.
pub(super) struct Change<'a> {
    pub(super) kind: RecordKind,
    pub(super) id: &'a str,
    /// `create`, `change`, `sign` …
    pub(super) action: &'a str,
    /// The version that the change made.
    pub(super) version: i64,
    /// Empty for a creation.
    pub(super) before: &'a Fields,
    pub(super) after: &'a Fields,
}

/// Notes a change: the fields that differ, before and after.
pub(super) async fn note(
    tx: &mut Transaction,
    act: &Act,
    change: Change<'_>,
) -> Result<(), LemError> {
    let differs = |field: &&String| change.before.get(*field) != change.after.get(*field);
    let side = |side: &Fields| -> Fields {
        change
            .after
            .keys()
            .filter(differs)
            .filter_map(|field| Some((field.clone(), side.get(field)?.clone())))
            .collect()
    };
    let entry = AuditEntry {
        id: uuid::Uuid::now_v7().to_string(),
        at: act.at,
        caller: act.by.clone(),
        action: change.action.to_owned(),
        record_kind: change.kind.as_str().to_owned(),
        record_id: change.id.to_owned(),
        change: json!({
            "version": change.version,
            "before": side(change.before),
            "after": side(change.after),
        }),
    };
    Ok(audit::record(tx, &entry).await?)
}

/// Refuses a caller who saw another version than there is now, and tells him what changed since.
/// None: he did not say which he saw.
pub(super) async fn expect_version(
    tx: &mut Transaction,
    (kind, id): (RecordKind, &str),
    now: i64,
    seen: Option<i64>,
) -> Result<(), LemError> {
    /// Far more than two phones make of one record.
    const MOST_CHANGES: u32 = 100;
    let Some(seen) = seen.filter(|seen| *seen != now) else {
        return Ok(());
    };
    let filter = AuditFilter {
        record_kind: Some(kind.as_str().to_owned()),
        record_id: Some(id.to_owned()),
        ..AuditFilter::default()
    };
    let mut changed: Vec<ChangedField> = Vec::new();
    for entry in audit::list(tx, &filter, MOST_CHANGES).await? {
        let version = entry.change["version"].as_i64().unwrap_or_default();
        let Some(after) = entry.change["after"].as_object().filter(|_| version > seen) else {
            continue;
        };
        for (field, value) in after {
            // Newest first: what is known of a field already is what it is now.
            if !changed.iter().any(|known| known.field == *field) {
                changed.push(ChangedField {
                    field: field.clone(),
                    by: entry.caller.clone(),
                    at: entry.at,
                    now: value.clone(),
                });
            }
        }
    }
    changed.sort_by(|one, other| one.field.cmp(&other.field));
    Err(LemError::Stale {
        changed,
        version: now,
    })
}

/// A sheet's fields; of the signature's picture only what tells it from another.
pub(super) fn of_sheet(sheet: &LemSheet) -> Fields {
    let signature = sheet.signature.as_ref().map(|signature| {
        json!({
            "name": signature.name,
            "signedAt": signature.signed_at,
            "imageSha256": hex::encode(Sha256::digest(&signature.image)),
        })
    });
    let frozen = sheet
        .frozen_rates
        .as_ref()
        .map(|rates| serde_json::to_value(rates).unwrap_or_default());
    fields(json!({
        "clientId": sheet.client_id,
        "projectId": sheet.project_id,
        "number": sheet.number.to_string(),
        "revision": sheet.revision,
        "date": sheet.date,
        "projectManagerId": sheet.project_manager_id,
        "clientRepresentative": sheet.client_representative,
        "description": sheet.description,
        "notes": sheet.notes,
        "workers": sheet.workers.iter().map(worker).collect::<Vec<_>>(),
        "equipment": sheet.equipment.iter().map(machine).collect::<Vec<_>>(),
        "materials": sheet.materials.iter().map(material).collect::<Vec<_>>(),
        "status": sheet.status.as_str(),
        "archived": sheet.archived,
        "frozenRates": frozen,
        "submittedAt": sheet.submitted_at,
        "signature": signature,
        "rejectionReason": sheet.rejection_reason,
    }))
}

fn worker(line: &WorkerLine) -> Value {
    json!({
        "id": line.id,
        "worker": line.worker,
        "employeeId": line.employee_id,
        "roleId": line.role_id,
        "workHours": number(line.work_hours),
        "travelHours": number(line.travel_hours),
        "calcHours": number(line.calc_hours),
        "meals": line.meals,
        "hotelNights": line.hotel_nights,
    })
}

fn machine(line: &EquipmentLine) -> Value {
    json!({
        "id": line.id,
        "equipmentId": line.equipment_id,
        "quantity": number(line.quantity),
        "basis": line.basis.as_str(),
    })
}

fn material(line: &MaterialLine) -> Value {
    json!({
        "id": line.id,
        "description": line.description,
        "quantity": number(line.quantity),
        "unit": line.unit,
        "unitCost": number(line.unit_cost),
        "markupPercent": number(line.markup_percent),
    })
}

pub(super) fn of_name(name: &LemName) -> Fields {
    fields(json!({
        "clientId": name.client_id,
        "projectId": name.project_id,
        "name": name.name,
    }))
}

pub(super) fn of_worker_rate(rate: &WorkerRate) -> Fields {
    fields(json!({
        "clientId": rate.client_id,
        "projectId": rate.project_id,
        "roleId": rate.role_id,
        "validFrom": rate.valid_from,
        "workRate": rate.prices.work_rate.map(number),
        "travelRate": rate.prices.travel_rate.map(number),
        "calcRate": rate.prices.calc_rate.map(number),
        "mealRate": rate.prices.meal_rate.map(number),
        "hotelRate": rate.prices.hotel_rate.map(number),
    }))
}

pub(super) fn of_equipment_rate(rate: &EquipmentRate) -> Fields {
    fields(json!({
        "clientId": rate.client_id,
        "projectId": rate.project_id,
        "equipmentId": rate.equipment_id,
        "validFrom": rate.valid_from,
        "unitRate": rate.prices.unit_rate.map(number),
        "dayRate": rate.prices.day_rate.map(number),
    }))
}

fn fields(record: Value) -> Fields {
    match record {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// The exact number, without needless zeros.
fn number(number: Decimal) -> Value {
    let exact = number.normalize().to_string().parse();
    exact.map_or(Value::Null, Value::Number)
}
