//! What callers send for sheets and lines.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        ids::{LemLineId, LemSheetId},
        lem::{Amount, EquipmentBasis, EquipmentLine, MaterialLine, WorkerLine},
    },
    functions::{context::Context, problem::Problem},
    lem::{NewSheet, SheetChange, SheetField},
};

use super::view::LemSheetDraft;
use crate::{
    once::{Asked, fingerprint},
    reading::{LONGEST_NAME, LONGEST_TEXT, Reading, own_form},
    sent::{List, Number, Text},
};

/// A LEM sheet to be made, with all its lines.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewLemSheet {
    /// A UUID that the app makes, so that a repeated tap makes one sheet.
    id: Text,
    /// The client; left out, the project's.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients")))]
    client_id: Text,
    /// The project that the work was done for. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects")))]
    project_id: Text,
    /// The day of the work, as YYYY-MM-DD, an instant, or M/D/YYYY (D/M/YYYY where the company writes so). Required.
    date: Text,
    /// The employee who manages the project.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListEmployees")))]
    project_manager_id: Text,
    /// Who signs for the client.
    client_representative: Text,
    /// On paper the Description of Work Performed.
    description: Text,
    /// On paper the Task Description.
    notes: Text,
    /// Who worked.
    workers: List<WorkerLineBody>,
    /// Which machines were used.
    equipment: List<EquipmentLineBody>,
    /// What was used up.
    materials: List<MaterialLineBody>,
}

/// What is to change in the head of a sheet; empty fields leave alone.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LemSheetChange {
    /// The version of the sheet that was shown when the change was made.
    version: Number,
    /// Cannot change; taken if it is the sheet's own.
    client_id: Text,
    /// Cannot change; taken if it is the sheet's own.
    project_id: Text,
    /// The day of the work.
    date: Text,
    /// The employee who manages the project.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListEmployees")))]
    project_manager_id: Text,
    /// Who signs for the client.
    client_representative: Text,
    /// On paper the Description of Work Performed.
    description: Text,
    /// On paper the Task Description.
    notes: Text,
    /// Names of fields to empty, such as notes.
    clear: List<Text>,
}

/// What one worker did in one role.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WorkerLineBody {
    /// The version of the sheet that was shown; of no meaning within a whole ticket.
    version: Number,
    /// A UUID that the app makes.
    id: Text,
    /// The worker's name, often a subcontractor's. Required.
    worker: Text,
    /// The employee, if the worker is one.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListEmployees")))]
    employee_id: Text,
    /// What the worker bills as. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::all_names("ListRoles")))]
    role_id: Text,
    /// Hours of work.
    work_hours: Number,
    /// Hours of travel.
    travel_hours: Number,
    /// Hours of calculations for the job.
    calc_hours: Number,
    /// Number of meals.
    meals: Number,
    /// Number of nights in a hotel.
    hotel_nights: Number,
}

/// A machine on the job.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EquipmentLineBody {
    /// The version of the sheet that was shown; of no meaning within a whole ticket.
    version: Number,
    /// A UUID that the app makes, so that a repeated tap makes one line.
    id: Text,
    /// The machine. Required.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::all_names("ListEquipment")))]
    equipment_id: Text,
    /// How many units or days. Required.
    quantity: Number,
    /// What it bills per, unit or day. Required.
    basis: Text,
}

/// Something used up on the job.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MaterialLineBody {
    /// The version of the sheet that was shown; of no meaning within a whole ticket.
    version: Number,
    /// A UUID that the app makes, so that a repeated tap makes one line.
    id: Text,
    /// What it is. Required.
    description: Text,
    /// How much of it. Required.
    quantity: Number,
    /// What is counted, such as each or m.
    unit: Text,
    /// The cost of one unit. Required.
    unit_cost: Number,
    /// The markup in percent, such as 12.5.
    markup_percent: Number,
}

/// The version that the caller saw, and the rest of what he sent; or what is wrong with it.
pub(super) fn read<T>(
    context: &Context,
    asked: &Asked,
    version: &Number,
    rest: impl FnOnce(&mut Reading<'_>) -> T,
) -> Result<(Option<i64>, T), Problem> {
    let mut reading = Reading::new(context);
    let seen = asked.seen(reading.version(version));
    let rest = rest(&mut reading);
    reading.finish()?;
    Ok((seen, rest))
}

impl NewLemSheet {
    pub(super) fn read(&self, reading: &mut Reading<'_>) -> NewSheet {
        let workers = (0..).zip(&self.workers.0);
        let equipment = (0..).zip(&self.equipment.0);
        let materials = (0..).zip(&self.materials.0);
        let read = NewSheet {
            id: reading.new_id::<LemSheetId>("id", &self.id),
            request_hash: String::new(),
            client_id: reading.id("clientId", &self.client_id),
            project_id: reading.required_id("projectId", &self.project_id),
            date: reading.required_date("date", &self.date),
            project_manager_id: reading.id("projectManagerId", &self.project_manager_id),
            client_representative: reading.text(
                "clientRepresentative",
                &self.client_representative,
                LONGEST_NAME,
            ),
            description: reading.text("description", &self.description, LONGEST_TEXT),
            notes: reading.text("notes", &self.notes, LONGEST_TEXT),
            workers: workers
                .map(|(n, line)| line.read(reading, &format!("workers[{n}].")))
                .collect(),
            equipment: equipment
                .map(|(n, line)| line.read(reading, &format!("equipment[{n}].")))
                .collect(),
            materials: materials
                .map(|(n, line)| line.read(reading, &format!("materials[{n}].")))
                .collect(),
        };
        NewSheet {
            request_hash: self.fingerprint(&read),
            ..read
        }
    }

    /// SHA-256 of the ticket as it was read, however it was spelled. Ids of lines count where the app made them.
    fn fingerprint(&self, read: &NewSheet) -> String {
        let ids = (self.workers.0.iter().map(|line| &line.id))
            .chain(self.equipment.0.iter().map(|line| &line.id))
            .chain(self.materials.0.iter().map(|line| &line.id));
        let sent: Vec<Option<String>> = ids
            .map(|id| id.as_deref().map(|id| own_form(id.trim())))
            .collect();
        fingerprint(&(LemSheetDraft::from(read.clone()), sent))
    }
}

impl LemSheetChange {
    /// The version that the caller saw, and what is to change.
    pub(super) fn change(
        &self,
        context: &Context,
        asked: &Asked,
    ) -> Result<(Option<i64>, SheetChange), Problem> {
        read(context, asked, &self.version, |reading| self.read(reading))
    }

    fn read(&self, reading: &mut Reading<'_>) -> SheetChange {
        let clear = self.clear.0.iter().filter_map(|sent| {
            let word = sent.as_deref()?.trim();
            let field = SheetField::ALL
                .into_iter()
                .find(|field| field.as_str() == word);
            if field.is_none() {
                let fields = SheetField::ALL.map(SheetField::as_str).join(", ");
                reading.refuse("clear", format!("takes only {fields}"));
            }
            field
        });
        SheetChange {
            clear: clear.collect(),
            client_id: reading.id("clientId", &self.client_id),
            project_id: reading.id("projectId", &self.project_id),
            date: reading.fields.date("date", self.date.as_deref()),
            project_manager_id: reading.id("projectManagerId", &self.project_manager_id),
            client_representative: reading.text(
                "clientRepresentative",
                &self.client_representative,
                LONGEST_NAME,
            ),
            description: reading.text("description", &self.description, LONGEST_TEXT),
            notes: reading.text("notes", &self.notes, LONGEST_TEXT),
        }
    }
}

impl WorkerLineBody {
    /// The version that the caller saw, and the line, which stands alone.
    pub(super) fn line(
        &self,
        context: &Context,
        asked: &Asked,
    ) -> Result<(Option<i64>, WorkerLine), Problem> {
        read(context, asked, &self.version, |reading| {
            self.read(reading, "")
        })
    }

    /// `at` is what stands before the names of its fields.
    fn read(&self, reading: &mut Reading<'_>, at: &str) -> WorkerLine {
        let field = |name: &str| format!("{at}{name}");
        let mut hours = |name: &str, sent: &Number| -> Decimal {
            let hours = reading.amount(&field(name), sent, Amount::Hours);
            hours.unwrap_or_default()
        };
        let (work_hours, travel_hours, calc_hours) = (
            hours("workHours", &self.work_hours),
            hours("travelHours", &self.travel_hours),
            hours("calcHours", &self.calc_hours),
        );
        WorkerLine {
            id: reading.new_id(&field("id"), &self.id),
            worker: reading.required_text(&field("worker"), &self.worker, LONGEST_NAME),
            employee_id: reading.id(&field("employeeId"), &self.employee_id),
            role_id: reading.required_id(&field("roleId"), &self.role_id),
            work_hours,
            travel_hours,
            calc_hours,
            meals: reading.count(&field("meals"), &self.meals),
            hotel_nights: reading.count(&field("hotelNights"), &self.hotel_nights),
        }
    }
}

impl EquipmentLineBody {
    /// The version that the caller saw, and the line, which stands alone.
    pub(super) fn line(
        &self,
        context: &Context,
        asked: &Asked,
    ) -> Result<(Option<i64>, EquipmentLine), Problem> {
        read(context, asked, &self.version, |reading| {
            self.read(reading, "")
        })
    }

    fn read(&self, reading: &mut Reading<'_>, at: &str) -> EquipmentLine {
        let field = |name: &str| format!("{at}{name}");
        let basis = match self.basis.as_deref().map(str::trim) {
            Some("unit") => EquipmentBasis::Unit,
            Some("day") => EquipmentBasis::Day,
            Some(_) => {
                reading.refuse(&field("basis"), "must be unit or day");
                EquipmentBasis::Unit
            }
            None => {
                reading
                    .fields
                    .fault(&field("basis"), "is missing; send unit or day");
                EquipmentBasis::Unit
            }
        };
        EquipmentLine {
            id: reading.new_id::<LemLineId>(&field("id"), &self.id),
            equipment_id: reading.required_id(&field("equipmentId"), &self.equipment_id),
            quantity: reading.required_amount(&field("quantity"), &self.quantity, Amount::Quantity),
            basis,
        }
    }
}

impl MaterialLineBody {
    /// The version that the caller saw, and the line, which stands alone.
    pub(super) fn line(
        &self,
        context: &Context,
        asked: &Asked,
    ) -> Result<(Option<i64>, MaterialLine), Problem> {
        read(context, asked, &self.version, |reading| {
            self.read(reading, "")
        })
    }

    fn read(&self, reading: &mut Reading<'_>, at: &str) -> MaterialLine {
        let field = |name: &str| format!("{at}{name}");
        let unit = reading.text(&field("unit"), &self.unit, LONGEST_NAME);
        let markup = reading.amount(
            &field("markupPercent"),
            &self.markup_percent,
            Amount::Percent,
        );
        MaterialLine {
            id: reading.new_id::<LemLineId>(&field("id"), &self.id),
            description: reading.required_text(
                &field("description"),
                &self.description,
                LONGEST_NAME,
            ),
            quantity: reading.required_amount(&field("quantity"), &self.quantity, Amount::Quantity),
            unit: unit.unwrap_or_else(|| "each".to_owned()),
            unit_cost: reading.required_amount(&field("unitCost"), &self.unit_cost, Amount::Money),
            markup_percent: markup.unwrap_or_default(),
        }
    }
}
