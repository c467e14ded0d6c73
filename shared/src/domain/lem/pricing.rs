//! What a sheet costs (`domain.md` §6 *Cost*): what is printed is what is multiplied.
//!
//! Labour is priced per summary row, equipment and material per line, each to the cent, half up; totals
//! are sums of printed rows. A missing rate counts 0 and is shown.

use rust_decimal::Decimal;

use super::{EquipmentBasis, LemSheet, MaterialLine, SheetRates, WorkerLine, WorkerPrices};
use crate::domain::{
    ids::{EquipmentId, LemLineId, RoleId},
    time::half_up,
};

/// A sheet's figures as they are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedSheet {
    /// Roles in the order in which the sheet first names them, each by kind.
    pub summary: Vec<SummaryRow>,
    pub equipment: Vec<PricedEquipment>,
    pub materials: Vec<PricedMaterial>,
    pub totals: LemTotals,
}

/// All hours, meals or nights of a role, and their price. A kind with nothing in it has no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    pub role_id: RoleId,
    pub kind: LabourKind,
    /// Hours, or a count.
    pub quantity: Decimal,
    /// None prints `Missing rate`.
    pub rate: Option<Decimal>,
    /// To the cent; None counts 0.
    pub cost: Option<Decimal>,
}

/// What labour is billed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LabourKind {
    Work,
    Travel,
    Calc,
    Meals,
    HotelNights,
}

impl LabourKind {
    pub const ALL: [Self; 5] = [
        Self::Work,
        Self::Travel,
        Self::Calc,
        Self::Meals,
        Self::HotelNights,
    ];

    /// What stands behind the role, as in `Surveyor - Travel`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Work => "Work",
            Self::Travel => "Travel",
            Self::Calc => "Calc",
            Self::Meals => "Meals",
            Self::HotelNights => "Hotel",
        }
    }

    fn quantity(self, line: &WorkerLine) -> Decimal {
        match self {
            Self::Work => line.work_hours,
            Self::Travel => line.travel_hours,
            Self::Calc => line.calc_hours,
            Self::Meals => Decimal::from(line.meals),
            Self::HotelNights => Decimal::from(line.hotel_nights),
        }
    }

    fn rate(self, prices: &WorkerPrices) -> Option<Decimal> {
        match self {
            Self::Work => prices.work_rate,
            Self::Travel => prices.travel_rate,
            Self::Calc => prices.calc_rate,
            Self::Meals => prices.meal_rate,
            Self::HotelNights => prices.hotel_rate,
        }
    }
}

/// One equipment line with its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedEquipment {
    pub line_id: LemLineId,
    pub equipment_id: EquipmentId,
    pub basis: EquipmentBasis,
    pub quantity: Decimal,
    /// None prints `Missing rate`.
    pub rate: Option<Decimal>,
    /// To the cent; None counts 0.
    pub cost: Option<Decimal>,
}

/// One material line with its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedMaterial {
    pub line_id: LemLineId,
    /// To the cent, rounded once, after the markup.
    pub cost: Decimal,
}

/// Sums of printed rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LemTotals {
    /// Meals and nights included.
    pub labour: Decimal,
    pub equipment: Decimal,
    pub materials: Decimal,
    pub grand: Decimal,
}

impl PricedSheet {
    /// "A missing rate … flags the sheet."
    pub fn has_missing_rate(&self) -> bool {
        self.summary.iter().any(|row| row.cost.is_none())
            || self.equipment.iter().any(|line| line.cost.is_none())
    }
}

pub(super) fn price(sheet: &LemSheet, rates: &SheetRates) -> PricedSheet {
    let summary = summary_rows(sheet, rates);
    let equipment: Vec<PricedEquipment> = sheet
        .equipment
        .iter()
        .map(|line| {
            let prices = rates.equipment.get(&line.equipment_id);
            let rate = prices.and_then(|prices| match line.basis {
                EquipmentBasis::Unit => prices.unit_rate,
                EquipmentBasis::Day => prices.day_rate,
            });
            PricedEquipment {
                line_id: line.id.clone(),
                equipment_id: line.equipment_id.clone(),
                basis: line.basis,
                quantity: line.quantity,
                rate,
                cost: rate.map(|rate| half_up(line.quantity * rate, 2)),
            }
        })
        .collect();
    let materials: Vec<PricedMaterial> = sheet
        .materials
        .iter()
        .map(|line| PricedMaterial {
            line_id: line.id.clone(),
            cost: material_cost(line),
        })
        .collect();

    let labour_total: Decimal = summary.iter().filter_map(|row| row.cost).sum();
    let equipment_total: Decimal = equipment.iter().filter_map(|line| line.cost).sum();
    let material_total: Decimal = materials.iter().map(|line| line.cost).sum();
    PricedSheet {
        summary,
        equipment,
        materials,
        totals: LemTotals {
            labour: labour_total,
            equipment: equipment_total,
            materials: material_total,
            grand: labour_total + equipment_total + material_total,
        },
    }
}

/// "Labour is priced per summary row (role, kind, rate): summed hours × rate". A role has one rate per
/// kind on a sheet.
fn summary_rows(sheet: &LemSheet, rates: &SheetRates) -> Vec<SummaryRow> {
    let mut roles: Vec<&RoleId> = Vec::new();
    for line in &sheet.workers {
        if !roles.contains(&&line.role_id) {
            roles.push(&line.role_id);
        }
    }
    let row = |role: &RoleId, kind: LabourKind| {
        let of_role = sheet.workers.iter().filter(|line| line.role_id == *role);
        let quantity: Decimal = of_role.map(|line| kind.quantity(line)).sum();
        let rate = rates.roles.get(role).and_then(|prices| kind.rate(prices));
        (!quantity.is_zero()).then(|| SummaryRow {
            role_id: role.clone(),
            kind,
            quantity,
            rate,
            cost: rate.map(|rate| half_up(quantity * rate, 2)),
        })
    };
    roles
        .into_iter()
        .flat_map(|role| LabourKind::ALL.map(|kind| row(role, kind)))
        .flatten()
        .collect()
}

fn material_cost(line: &MaterialLine) -> Decimal {
    let with_markup = Decimal::ONE + line.markup_percent / Decimal::ONE_HUNDRED;
    half_up(line.quantity * line.unit_cost * with_markup, 2)
}

#[cfg(test)]
pub(super) mod tests;
