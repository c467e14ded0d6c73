//! The lines of LEM sheets, kept in their order. They are written with their sheet alone, as a set: its version
//! guards them.

use std::collections::HashMap;

use super::{
    Column, Row, Rows, Statement, StoreError, Transaction, Value, lem_name, lem_sheet::SHEETS,
};
use crate::domain::{
    ids::LemSheetId,
    lem::{EquipmentBasis, EquipmentLine, LemSheet, MaterialLine, WorkerLine},
};

const WORKERS: &[Column] = &[
    Column::id("id"),
    Column::int("position"),
    Column::text("worker"),
    Column::id("worker_key"),
    Column::id("employee_id"),
    Column::id("role_id"),
    Column::hours("work_hours"),
    Column::hours("travel_hours"),
    Column::hours("calc_hours"),
    Column::int("meals"),
    Column::int("hotel_nights"),
];
const EQUIPMENT: &[Column] = &[
    Column::id("id"),
    Column::int("position"),
    Column::id("equipment_id"),
    Column::money("quantity"),
    Column::id("basis"),
];
const MATERIALS: &[Column] = &[
    Column::id("id"),
    Column::int("position"),
    Column::text("description"),
    Column::money("quantity"),
    Column::text("unit"),
    Column::money("unit_cost"),
    Column::percent("markup_percent"),
];

/// The statements of one kind of line.
struct LineTable {
    insert: Statement,
    delete: Statement,
    select: Statement,
}

macro_rules! line_table {
    ($table:literal, $columns:ident) => {
        LineTable {
            insert: Statement::new(concat!(
                "INSERT INTO ",
                $table,
                " (sheet_id, {columns @rows}, created_at, updated_at) \
                 SELECT @sheet_id, {values @rows}, {now}, {now} FROM {@rows} AS r"
            ))
            .rows(&[("@rows", $columns)]),
            delete: Statement::new(concat!(
                "DELETE FROM ",
                $table,
                " WHERE sheet_id = @sheet_id"
            )),
            select: Statement::new(concat!(
                "SELECT * FROM ",
                $table,
                " WHERE sheet_id IN (SELECT id FROM {@sheets} AS wanted) ORDER BY sheet_id, position"
            ))
            .rows(&[("@sheets", SHEETS)]),
        }
    };
}

const WORKER_LINES: LineTable = line_table!("lem_worker_line", WORKERS);
const EQUIPMENT_LINES: LineTable = line_table!("lem_equipment_line", EQUIPMENT);
const MATERIAL_LINES: LineTable = line_table!("lem_material_line", MATERIALS);

/// Writes the lines of a sheet that has none yet.
pub(super) async fn insert(tx: &mut Transaction, sheet: &LemSheet) -> Result<(), StoreError> {
    let workers = (0_i64..)
        .zip(&sheet.workers)
        .map(|(n, line)| worker(n, line));
    let equipment = (0_i64..)
        .zip(&sheet.equipment)
        .map(|(n, line)| machine(n, line));
    let materials = (0_i64..)
        .zip(&sheet.materials)
        .map(|(n, line)| material(n, line));
    for (table, rows) in [
        (&WORKER_LINES, workers.collect::<Rows>()),
        (&EQUIPMENT_LINES, equipment.collect()),
        (&MATERIAL_LINES, materials.collect()),
    ] {
        if !rows.0.is_empty() {
            let params = [("@sheet_id", (&sheet.id).into()), ("@rows", rows.into())];
            tx.execute(&table.insert, &params).await?;
        }
    }
    Ok(())
}

/// Writes the lines of a sheet in place of those that it has.
pub(super) async fn replace(tx: &mut Transaction, sheet: &LemSheet) -> Result<(), StoreError> {
    for table in [&WORKER_LINES, &EQUIPMENT_LINES, &MATERIAL_LINES] {
        tx.execute(&table.delete, &[("@sheet_id", (&sheet.id).into())])
            .await?;
    }
    insert(tx, sheet).await
}

/// Puts into each sheet the lines that it has.
pub(super) async fn fill(
    tx: &mut Transaction,
    sheets: &mut [&mut LemSheet],
) -> Result<(), StoreError> {
    if sheets.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<LemSheetId> = sheets.iter().map(|sheet| sheet.id.clone()).collect();
    ids.sort_unstable();
    let mut by_id: HashMap<LemSheetId, &mut LemSheet> = sheets
        .iter_mut()
        .map(|sheet| (sheet.id.clone(), &mut **sheet))
        .collect();
    let mut lines = Vec::with_capacity(3);
    for table in [&WORKER_LINES, &EQUIPMENT_LINES, &MATERIAL_LINES] {
        let params = [("@sheets", Value::ids(&ids))];
        lines.push(tx.query(&table.select, &params).await?);
    }
    for (kind, rows) in lines.iter().enumerate() {
        for row in rows {
            let Some(sheet) = by_id.get_mut(&row.id::<LemSheetId>("sheet_id")?) else {
                continue;
            };
            match kind {
                0 => sheet.workers.push(read_worker(row)?),
                1 => sheet.equipment.push(read_machine(row)?),
                _ => sheet.materials.push(read_material(row)?),
            }
        }
    }
    Ok(())
}

fn worker(position: i64, line: &WorkerLine) -> Vec<Value> {
    vec![
        (&line.id).into(),
        position.into(),
        (&line.worker).into(),
        lem_name::key(&line.worker).into(),
        line.employee_id.as_ref().into(),
        (&line.role_id).into(),
        Value::hours(line.work_hours),
        Value::hours(line.travel_hours),
        Value::hours(line.calc_hours),
        line.meals.into(),
        line.hotel_nights.into(),
    ]
}

fn machine(position: i64, line: &EquipmentLine) -> Vec<Value> {
    vec![
        (&line.id).into(),
        position.into(),
        (&line.equipment_id).into(),
        Value::Hundredths(Some(line.quantity)),
        line.basis.as_str().into(),
    ]
}

fn material(position: i64, line: &MaterialLine) -> Vec<Value> {
    vec![
        (&line.id).into(),
        position.into(),
        (&line.description).into(),
        Value::Hundredths(Some(line.quantity)),
        (&line.unit).into(),
        Value::money(line.unit_cost),
        Value::percent(line.markup_percent),
    ]
}

fn read_worker(row: &Row) -> Result<WorkerLine, StoreError> {
    Ok(WorkerLine {
        id: row.id("id")?,
        worker: row.text("worker")?,
        employee_id: row.opt_id("employee_id")?,
        role_id: row.id("role_id")?,
        work_hours: row.hours("work_hours")?.normalize(),
        travel_hours: row.hours("travel_hours")?.normalize(),
        calc_hours: row.hours("calc_hours")?.normalize(),
        meals: count(row, "meals")?,
        hotel_nights: count(row, "hotel_nights")?,
    })
}

fn read_machine(row: &Row) -> Result<EquipmentLine, StoreError> {
    Ok(EquipmentLine {
        id: row.id("id")?,
        equipment_id: row.id("equipment_id")?,
        quantity: row.hours("quantity")?.normalize(),
        basis: match row.text("basis")?.as_str() {
            "unit" => EquipmentBasis::Unit,
            "day" => EquipmentBasis::Day,
            _ => return Err(StoreError::value("basis", "is neither unit nor day")),
        },
    })
}

fn read_material(row: &Row) -> Result<MaterialLine, StoreError> {
    Ok(MaterialLine {
        id: row.id("id")?,
        description: row.text("description")?,
        quantity: row.hours("quantity")?.normalize(),
        unit: row.text("unit")?,
        unit_cost: row.money("unit_cost")?.normalize(),
        markup_percent: row.percent("markup_percent")?.normalize(),
    })
}

fn count(row: &Row, column: &str) -> Result<u32, StoreError> {
    u32::try_from(row.int(column)?).map_err(|_| StoreError::value(column, "is not a count"))
}
