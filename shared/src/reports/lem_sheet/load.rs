//! A LEM sheet from the store: its head, its lines, and its figures as `domain.md` §6 *Cost* prices them.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Equipment, LemSheet, Material, Signature, SummaryRow, Worker};
use crate::{
    domain::{
        employee::Employee,
        ids::{ClientId, LemSheetId},
        lem::LemStatus,
        project::{Client, Project},
    },
    lem::{self, LemError, SheetNow},
    reports::{ReportError, RequestError},
    store::{
        Store, StoreError, Transaction, client, employee,
        lem_name::{self, NameList},
        project,
    },
};

/// Reads one sheet. A deleted one is printed too: whoever knows its id wants to see it.
pub(in crate::reports) async fn load(
    store: &Store,
    id: &LemSheetId,
) -> Result<LemSheet, ReportError> {
    let read = store
        .read(async |mut tx| {
            let now = lem::get(&mut tx, id).await?;
            let sheet = &now.sheet;
            let names = LemNames::read(&mut tx, &sheet.client_id).await?;
            let client = client::get(&mut tx, &sheet.client_id).await?;
            let project = project::get(&mut tx, &sheet.project_id).await?;
            let manager = match &sheet.project_manager_id {
                Some(id) => employee::get(&mut tx, id).await?,
                None => None,
            };
            Ok::<_, LemError>(sheet_of(now, &names, client, project, manager))
        })
        .await;
    read.map_err(|error| match error {
        LemError::Store(error) => ReportError::Store(error),
        // Reading refuses nothing else.
        _ => RequestError::UnknownLemSheet(id.to_string()).into(),
    })
}

/// What lines are called after.
pub(in crate::reports) struct LemNames {
    roles: HashMap<String, String>,
    equipment: HashMap<String, String>,
}

impl LemNames {
    /// All names of a client.
    pub(in crate::reports) async fn read(
        tx: &mut Transaction,
        client_id: &ClientId,
    ) -> Result<Self, StoreError> {
        let mut of = async |list| {
            let names = lem_name::of_client(tx, list, client_id).await?;
            Ok::<_, StoreError>(names.into_iter().map(|one| (one.id, one.name)).collect())
        };
        Ok(Self {
            roles: of(NameList::Roles).await?,
            equipment: of(NameList::Equipment).await?,
        })
    }

    pub(in crate::reports) fn role(&self, id: &str) -> String {
        self.roles.get(id).map_or(id, String::as_str).to_owned()
    }

    pub(in crate::reports) fn machine(&self, id: &str) -> String {
        self.equipment.get(id).map_or(id, String::as_str).to_owned()
    }
}

/// The word of a sheet's state on paper.
pub(in crate::reports) fn status_word(status: LemStatus, archived: bool) -> &'static str {
    match status {
        _ if archived => "DELETED",
        LemStatus::Draft => "DRAFT",
        LemStatus::Submitted => "SUBMITTED",
        LemStatus::Signed => "SIGNED",
        LemStatus::Rejected => "REJECTED",
    }
}

fn sheet_of(
    now: SheetNow,
    names: &LemNames,
    client: Option<Client>,
    project: Option<Project>,
    manager: Option<Employee>,
) -> LemSheet {
    let SheetNow { sheet, priced, .. } = now;
    let client_id = sheet.client_id.to_string();
    let (project_code, project_title) = match project {
        Some(project) => (project.code, project.title),
        None => (None, sheet.project_id.to_string()),
    };
    LemSheet {
        number: sheet.number.to_string(),
        revision: sheet.revision,
        status: status_word(sheet.status, sheet.archived),
        rejection_reason: sheet.rejection_reason,
        client: client.map_or(client_id, |client| client.document_name().to_owned()),
        representative: sheet.client_representative.unwrap_or_default(),
        date: sheet.date,
        project_manager: manager.map(|manager| manager.name),
        project_code,
        project_title,
        task_description: sheet.notes.unwrap_or_default(),
        work_description: sheet.description.unwrap_or_default(),
        workers: sheet
            .workers
            .into_iter()
            .map(|line| Worker {
                role: names.role(line.role_id.as_str()),
                name: line.worker,
                work: line.work_hours,
                travel: line.travel_hours,
                calc: line.calc_hours,
                meals: Decimal::from(line.meals),
                hotel_nights: Decimal::from(line.hotel_nights),
            })
            .collect(),
        equipment: priced
            .equipment
            .into_iter()
            .map(|line| Equipment {
                name: names.machine(line.equipment_id.as_str()),
                quantity: line.quantity,
                basis: line.basis.as_str(),
                rate: line.rate,
                cost: line.cost.unwrap_or_default(),
            })
            .collect(),
        // A price for each line, in their order.
        materials: sheet
            .materials
            .into_iter()
            .zip(priced.materials)
            .map(|(line, price)| Material {
                description: line.description,
                quantity: line.quantity,
                unit: line.unit,
                unit_cost: line.unit_cost,
                markup_percent: line.markup_percent,
                cost: price.cost,
            })
            .collect(),
        summary: priced
            .summary
            .into_iter()
            .map(|row| SummaryRow {
                role_and_kind: format!(
                    "{} - {}",
                    names.role(row.role_id.as_str()),
                    row.kind.label()
                ),
                quantity: row.quantity,
                rate: row.rate,
                cost: row.cost.unwrap_or_default(),
            })
            .collect(),
        signature: sheet.signature.map(|signature| Signature {
            name: signature.name,
            signed_at: signature.signed_at,
            picture: Some(signature.image).filter(|image| !image.is_empty()),
        }),
    }
}
