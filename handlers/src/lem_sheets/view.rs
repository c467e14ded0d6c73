//! Sheets and lines as callers see them.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    domain::{
        flags::FlagKind,
        lem::{EquipmentLine, LemTotals, MaterialLine, Signature, SummaryRow, WorkerLine},
    },
    functions::problem::Problem,
    lem::{LineMade, NewSheet, SheetNow},
};

use crate::sent::Exact;

/// A LEM sheet with its lines and figures.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LemSheet {
    /// The sheet's UUID.
    id: String,
    /// LEM-0001 and so on, counted per client and project.
    number: String,
    /// 1 for the first.
    revision: u32,
    /// One of draft, submitted, signed or rejected.
    status: &'static str,
    /// Whether it was deleted; it keeps its number.
    archived: bool,
    /// Send it back with a change; one more with every change.
    pub(super) version: i64,
    /// The client.
    client_id: String,
    /// The project.
    project_id: String,
    /// The day of the work.
    #[schemars(with = "String")]
    date: Date,
    /// The employee who manages the project.
    project_manager_id: Option<String>,
    /// Who signs for the client.
    client_representative: Option<String>,
    /// On paper the Description of Work Performed.
    description: Option<String>,
    /// On paper the Task Description.
    notes: Option<String>,
    /// Who worked.
    workers: Vec<SheetWorker>,
    /// Which machines were used, priced.
    equipment: Vec<SheetEquipment>,
    /// What was used up, priced.
    materials: Vec<SheetMaterial>,
    /// Labour as it is priced, per role and kind.
    summary: Vec<LemSummaryRow>,
    /// Sums of the printed rows.
    totals: Totals,
    /// What a person must look at, such as lem-rate-missing.
    flags: Vec<String>,
    /// When its prices froze.
    #[schemars(with = "Option<String>")]
    submitted_at: Option<Timestamp>,
    /// The representative who signed.
    signed_name: Option<String>,
    /// When it was signed.
    #[schemars(with = "Option<String>")]
    signed_at: Option<Timestamp>,
    /// Why it was rejected.
    rejection_reason: Option<String>,
    /// When it was made.
    #[schemars(with = "String")]
    created_at: Timestamp,
    /// When it was last changed.
    #[schemars(with = "String")]
    updated_at: Timestamp,
}

/// What one worker did in one role.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LemWorker {
    /// The worker's name.
    worker: String,
    /// The employee, if the worker is one.
    employee_id: Option<String>,
    /// What the worker bills as.
    role_id: String,
    /// Hours of work.
    work_hours: Exact,
    /// Hours of travel.
    travel_hours: Exact,
    /// Hours of calculations.
    calc_hours: Exact,
    /// Number of meals.
    meals: u32,
    /// Number of nights in a hotel.
    hotel_nights: u32,
}

/// A machine on the job.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LemEquipment {
    /// The machine.
    equipment_id: String,
    /// How many units or days.
    quantity: Exact,
    /// What it bills per, unit or day.
    basis: &'static str,
}

/// Something used up on the job.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LemMaterial {
    /// What it is.
    description: String,
    /// How much of it.
    quantity: Exact,
    /// What is counted.
    unit: String,
    /// The cost of one unit.
    unit_cost: Exact,
    /// The markup in percent.
    markup_percent: Exact,
}

/// A worker line of a sheet.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SheetWorker {
    /// The line's id.
    id: String,
    #[serde(flatten)]
    line: LemWorker,
}

/// An equipment line of a sheet with its price.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SheetEquipment {
    /// The line's id.
    id: String,
    #[serde(flatten)]
    line: LemEquipment,
    /// Price of a unit or day; empty is a missing rate.
    rate: Option<Exact>,
    /// To the cent; empty counts 0.
    cost: Option<Exact>,
}

/// A material line of a sheet with its price.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SheetMaterial {
    /// The line's id.
    id: String,
    #[serde(flatten)]
    line: LemMaterial,
    /// To the cent, after the markup.
    cost: Exact,
}

/// A line that was written, and what it makes of its sheet.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Written{L}")]
pub(super) struct Written<L> {
    /// The sheet that it stands on.
    sheet_id: String,
    /// The sheet's version.
    version: i64,
    /// The sheet's totals with this line.
    totals: Totals,
    #[serde(flatten)]
    line: L,
}

/// All hours, meals or nights of a role, and their price.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LemSummaryRow {
    /// The role.
    role_id: String,
    /// One of Work, Travel, Calc, Meals or Hotel.
    kind: &'static str,
    /// Hours, or a count.
    quantity: Exact,
    /// Empty is a missing rate.
    rate: Option<Exact>,
    /// To the cent; empty counts 0.
    cost: Option<Exact>,
}

/// Sums of the printed rows.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LemTotals")]
pub(super) struct Totals {
    /// Hours, meals and nights.
    labour: Exact,
    /// Equipment.
    equipment: Exact,
    /// Materials, with their markup.
    materials: Exact,
    /// All of it.
    grand: Exact,
}

impl From<SheetNow> for LemSheet {
    fn from(now: SheetNow) -> Self {
        let flags = if now.lacks_rate() {
            vec![FlagKind::LemRateMissing.as_str().to_owned()]
        } else {
            Vec::new()
        };
        let (workers, equipment, materials) = (workers(&now), equipment(&now), materials(&now));
        let sheet = now.sheet;
        let (signed_name, signed_at) = match sheet.signature {
            Some(signature) => (Some(signature.name), Some(signature.signed_at)),
            None => (None, None),
        };
        Self {
            id: sheet.id.0,
            number: sheet.number.to_string(),
            revision: sheet.revision,
            status: sheet.status.as_str(),
            archived: sheet.archived,
            version: now.version,
            client_id: sheet.client_id.0,
            project_id: sheet.project_id.0,
            date: sheet.date,
            project_manager_id: sheet.project_manager_id.map(|id| id.0),
            client_representative: sheet.client_representative,
            description: sheet.description,
            notes: sheet.notes,
            workers,
            equipment,
            materials,
            summary: now
                .priced
                .summary
                .into_iter()
                .map(LemSummaryRow::from)
                .collect(),
            totals: now.priced.totals.into(),
            flags,
            submitted_at: sheet.submitted_at,
            signed_name,
            signed_at,
            rejection_reason: sheet.rejection_reason,
            created_at: now.created_at,
            updated_at: now.updated_at,
        }
    }
}

fn workers(now: &SheetNow) -> Vec<SheetWorker> {
    let shown = |line: &WorkerLine| SheetWorker {
        id: line.id.0.clone(),
        line: line.into(),
    };
    now.sheet.workers.iter().map(shown).collect()
}

fn equipment(now: &SheetNow) -> Vec<SheetEquipment> {
    let priced = now.sheet.equipment.iter().zip(&now.priced.equipment);
    priced
        .map(|(line, price)| SheetEquipment {
            id: line.id.0.clone(),
            line: line.into(),
            rate: price.rate.map(Exact),
            cost: price.cost.map(Exact),
        })
        .collect()
}

fn materials(now: &SheetNow) -> Vec<SheetMaterial> {
    let priced = now.sheet.materials.iter().zip(&now.priced.materials);
    priced
        .map(|(line, price)| SheetMaterial {
            id: line.id.0.clone(),
            line: line.into(),
            cost: Exact(price.cost),
        })
        .collect()
}

impl From<&WorkerLine> for LemWorker {
    fn from(line: &WorkerLine) -> Self {
        Self {
            worker: line.worker.clone(),
            employee_id: line.employee_id.as_ref().map(|id| id.0.clone()),
            role_id: line.role_id.0.clone(),
            work_hours: Exact(line.work_hours),
            travel_hours: Exact(line.travel_hours),
            calc_hours: Exact(line.calc_hours),
            meals: line.meals,
            hotel_nights: line.hotel_nights,
        }
    }
}

impl From<&EquipmentLine> for LemEquipment {
    fn from(line: &EquipmentLine) -> Self {
        Self {
            equipment_id: line.equipment_id.0.clone(),
            quantity: Exact(line.quantity),
            basis: line.basis.as_str(),
        }
    }
}

impl From<&MaterialLine> for LemMaterial {
    fn from(line: &MaterialLine) -> Self {
        Self {
            description: line.description.clone(),
            quantity: Exact(line.quantity),
            unit: line.unit.clone(),
            unit_cost: Exact(line.unit_cost),
            markup_percent: Exact(line.markup_percent),
        }
    }
}

impl From<SummaryRow> for LemSummaryRow {
    fn from(row: SummaryRow) -> Self {
        Self {
            role_id: row.role_id.0,
            kind: row.kind.label(),
            quantity: Exact(row.quantity),
            rate: row.rate.map(Exact),
            cost: row.cost.map(Exact),
        }
    }
}

impl From<LemTotals> for Totals {
    fn from(totals: LemTotals) -> Self {
        Self {
            labour: Exact(totals.labour),
            equipment: Exact(totals.equipment),
            materials: Exact(totals.materials),
            grand: Exact(totals.grand),
        }
    }
}

impl<L> Written<L> {
    fn of(
        made: &LineMade,
        lines: fn(&SheetNow) -> Vec<L>,
        id: fn(&L) -> &str,
    ) -> Result<Self, Problem> {
        let mut lines = lines(&made.now).into_iter();
        let line = lines.find(|line| id(line) == made.line_id.as_str());
        Ok(Self {
            sheet_id: made.now.sheet.id.0.clone(),
            version: made.now.version,
            totals: made.now.priced.totals.into(),
            line: line
                .ok_or_else(|| Problem::internal("a line that was written is not on its sheet"))?,
        })
    }
}

impl Written<SheetWorker> {
    pub(super) fn worker(made: &LineMade) -> Result<Self, Problem> {
        Self::of(made, workers, |line| &line.id)
    }
}

impl Written<SheetEquipment> {
    pub(super) fn equipment(made: &LineMade) -> Result<Self, Problem> {
        Self::of(made, equipment, |line| &line.id)
    }
}

impl Written<SheetMaterial> {
    pub(super) fn material(made: &LineMade) -> Result<Self, Problem> {
        Self::of(made, materials, |line| &line.id)
    }
}

/// The client's consent as it was drawn.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LemSignatureView {
    /// The representative who signed.
    name: String,
    /// When it was signed.
    #[schemars(with = "String")]
    signed_at: Timestamp,
    /// The drawn signature, a PNG as base64.
    signature_png: String,
}

impl From<Signature> for LemSignatureView {
    fn from(signature: Signature) -> Self {
        Self {
            name: signature.name,
            signed_at: signature.signed_at,
            signature_png: STANDARD.encode(signature.image),
        }
    }
}

/// What a new sheet can begin with; send it to create the sheet.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LemSheetDraft {
    /// The id that the sheet would get.
    id: String,
    /// The project's client.
    client_id: Option<String>,
    /// The project.
    project_id: String,
    /// The day that was asked for.
    #[schemars(with = "String")]
    date: Date,
    /// The project manager of the project's last sheet.
    project_manager_id: Option<String>,
    /// The representative of the project's last sheet.
    client_representative: Option<String>,
    /// The description of the project's last sheet.
    description: Option<String>,
    /// The notes of the project's last sheet.
    notes: Option<String>,
    /// The crew of the project's last sheet.
    workers: Vec<LemWorker>,
    /// The machines of the project's last sheet.
    equipment: Vec<LemEquipment>,
    /// The materials of the project's last sheet.
    materials: Vec<LemMaterial>,
}

impl From<NewSheet> for LemSheetDraft {
    fn from(draft: NewSheet) -> Self {
        Self {
            id: draft.id.0,
            client_id: draft.client_id.map(|id| id.0),
            project_id: draft.project_id.0,
            date: draft.date,
            project_manager_id: draft.project_manager_id.map(|id| id.0),
            client_representative: draft.client_representative,
            description: draft.description,
            notes: draft.notes,
            workers: draft.workers.iter().map(LemWorker::from).collect(),
            equipment: draft.equipment.iter().map(LemEquipment::from).collect(),
            materials: draft.materials.iter().map(LemMaterial::from).collect(),
        }
    }
}
