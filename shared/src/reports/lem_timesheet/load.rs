//! The lines of a project's LEM sheets in a period, from the store.

use rust_decimal::Decimal;

use super::{EquipmentLine, LemTimesheet, WorkerLine};
use crate::{
    domain::{
        ids::ProjectId,
        lem::{LemSheet, timesheet_revisions},
        project::Project,
        time::Period,
    },
    reports::{
        ReportError, RequestError,
        lem_sheet::{LemNames, status_word},
    },
    store::{
        Store, StoreError, client,
        lem_sheet::{self, SheetFilter},
        project,
    },
};

/// All sheets of a project are read, also those of other days: which revision of a number counts is
/// decided before the period is looked at, because a revision may have moved to another day.
const MOST_SHEETS: u32 = 1_000_000;

/// Reads the lines of a project's sheets in a period.
pub(in crate::reports) async fn load(
    store: &Store,
    period: Period,
    project_id: &ProjectId,
) -> Result<LemTimesheet, ReportError> {
    let filter = SheetFilter {
        project_id: Some(project_id.clone()),
        archived: Some(false),
        ..SheetFilter::default()
    };
    let read = store
        .read(async |mut tx| {
            let Some(project) = project::get(&mut tx, project_id).await? else {
                return Ok(None);
            };
            let stored = lem_sheet::list(&mut tx, &filter, MOST_SHEETS).await?;
            let sheets: Vec<LemSheet> = stored.into_iter().map(|stored| stored.sheet).collect();
            // A project that moved to another client leaves its sheets with the old one.
            let mut names = Vec::new();
            for sheet in timesheet_revisions(&sheets) {
                if !names.iter().any(|(id, _)| *id == sheet.client_id) {
                    let of_client = LemNames::read(&mut tx, &sheet.client_id).await?;
                    names.push((sheet.client_id.clone(), of_client));
                }
            }
            let client = match &project.client_id {
                Some(id) => client::get(&mut tx, id).await?,
                None => None,
            };
            let client = client.map(|client| client.document_name().to_owned());
            Ok::<_, StoreError>(Some((project, client, sheets, names)))
        })
        .await?;
    let Some((project, client, sheets, names)) = read else {
        return Err(RequestError::UnknownProjectId(project_id.to_string()).into());
    };
    let mut timesheet = empty(period, project, client);
    for sheet in timesheet_revisions(&sheets) {
        let of_client = names.iter().find(|(id, _)| *id == sheet.client_id);
        if let Some((_, names)) = of_client.filter(|_| period.contains(sheet.date)) {
            add(&mut timesheet, sheet, names);
        }
    }
    Ok(timesheet)
}

fn empty(period: Period, project: Project, client: Option<String>) -> LemTimesheet {
    LemTimesheet {
        period,
        project_code: project.code,
        project_title: project.title,
        client: client.unwrap_or_default(),
        workers: Vec::new(),
        equipment: Vec::new(),
    }
}

fn add(timesheet: &mut LemTimesheet, sheet: &LemSheet, names: &LemNames) {
    let status = status_word(sheet.status, sheet.archived);
    let number = match sheet.revision {
        0 | 1 => sheet.number.to_string(),
        later => format!("{}-R{later}", sheet.number),
    };
    let workers = sheet.workers.iter().map(|line| WorkerLine {
        date: sheet.date,
        worker: line.worker.clone(),
        role: names.role(line.role_id.as_str()),
        work: line.work_hours,
        calc: line.calc_hours,
        travel: line.travel_hours,
        meals: Decimal::from(line.meals),
        hotel_nights: Decimal::from(line.hotel_nights),
        number: number.clone(),
        status,
    });
    timesheet.workers.extend(workers);
    let equipment = sheet.equipment.iter().map(|line| EquipmentLine {
        date: sheet.date,
        equipment: names.machine(line.equipment_id.as_str()),
        quantity: line.quantity,
        basis: line.basis.as_str(),
        number: number.clone(),
        status,
    });
    timesheet.equipment.extend(equipment);
}
