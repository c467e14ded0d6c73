//! Which rates hold on a sheet's date, and their freezing (`domain.md` §6 *Rate sheets*).

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::LemSheet;
use crate::domain::ids::{ClientId, EquipmentId, ProjectId, RoleId};

/// Prices of a role for one client and project, from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerRate {
    pub client_id: ClientId,
    pub project_id: ProjectId,
    pub role_id: RoleId,
    pub valid_from: Date,
    pub prices: WorkerPrices,
}

/// Per hour, meal or night. None is missing, 0 is free of charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerPrices {
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option", default)]
    pub work_rate: Option<Decimal>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option", default)]
    pub travel_rate: Option<Decimal>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option", default)]
    pub calc_rate: Option<Decimal>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option", default)]
    pub meal_rate: Option<Decimal>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option", default)]
    pub hotel_rate: Option<Decimal>,
}

/// Prices of a machine for one client and project, from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EquipmentRate {
    pub client_id: ClientId,
    pub project_id: ProjectId,
    pub equipment_id: EquipmentId,
    pub valid_from: Date,
    pub prices: EquipmentPrices,
}

/// Per unit or day. None is missing, 0 is free of charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EquipmentPrices {
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option", default)]
    pub unit_rate: Option<Decimal>,
    #[serde(with = "rust_decimal::serde::arbitrary_precision_option", default)]
    pub day_rate: Option<Decimal>,
}

/// All prices that one sheet needs. Kept with the sheet from its submission on, so that no later change
/// of a rate alters it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SheetRates {
    /// Of the roles on the sheet; a role without a rate sheet stands there with nothing but Nones, so
    /// that a rate entered later does not price a frozen sheet.
    pub roles: BTreeMap<RoleId, WorkerPrices>,
    pub equipment: BTreeMap<EquipmentId, EquipmentPrices>,
}

impl SheetRates {
    /// The rates that hold on the sheet's date, of its client and project: the latest that is valid from
    /// that day or an earlier one. A None in it is missing, whatever an older one said.
    pub fn on_the_date_of(
        sheet: &LemSheet,
        worker_rates: &[WorkerRate],
        equipment_rates: &[EquipmentRate],
    ) -> Self {
        let roles = sheet.workers.iter().map(|line| {
            let of_role = worker_rates.iter().filter(|rate| {
                (&rate.client_id, &rate.project_id, &rate.role_id)
                    == (&sheet.client_id, &sheet.project_id, &line.role_id)
                    && rate.valid_from <= sheet.date
            });
            let holds = of_role.max_by_key(|rate| rate.valid_from);
            (
                line.role_id.clone(),
                holds.map(|rate| rate.prices).unwrap_or_default(),
            )
        });
        let equipment = sheet.equipment.iter().map(|line| {
            let of_equipment = equipment_rates.iter().filter(|rate| {
                (&rate.client_id, &rate.project_id, &rate.equipment_id)
                    == (&sheet.client_id, &sheet.project_id, &line.equipment_id)
                    && rate.valid_from <= sheet.date
            });
            let holds = of_equipment.max_by_key(|rate| rate.valid_from);
            (
                line.equipment_id.clone(),
                holds.map(|rate| rate.prices).unwrap_or_default(),
            )
        });
        Self {
            roles: roles.collect(),
            equipment: equipment.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{
        lem::{
            EquipmentBasis, EquipmentLine,
            tests::{draft, worker},
        },
        test_records::hours,
    };

    fn rate(valid_from: Date, work: Option<&str>) -> WorkerRate {
        WorkerRate {
            client_id: "c1".into(),
            project_id: "p1".into(),
            role_id: "surveyor".into(),
            valid_from,
            prices: WorkerPrices {
                work_rate: work.map(hours),
                ..WorkerPrices::default()
            },
        }
    }

    #[test]
    fn a_sheet_is_priced_with_the_rates_that_held_on_its_date() {
        // §6: "Rates carry a valid-from date: a sheet is priced with the rates that held on its date".
        let rates = [
            rate(date(2026, 6, 1), Some("110")),
            rate(date(2026, 11, 3), Some("120")),
            rate(date(2026, 12, 1), None),
            rate(date(2026, 1, 1), Some("100")),
            WorkerRate {
                project_id: "p2".into(),
                ..rate(date(2026, 1, 1), Some("999"))
            },
            WorkerRate {
                client_id: "c2".into(),
                ..rate(date(2026, 1, 1), Some("999"))
            },
            WorkerRate {
                role_id: "chainman".into(),
                ..rate(date(2026, 1, 1), Some("999"))
            },
        ];
        for (day, work_rate) in [
            (date(2025, 12, 31), None),
            (date(2026, 1, 1), Some("100")),
            (date(2026, 5, 31), Some("100")),
            (date(2026, 6, 1), Some("110")),
            (date(2026, 11, 2), Some("110")),
            (date(2026, 11, 3), Some("120")),
            // "null is missing", whatever held before.
            (date(2026, 12, 1), None),
        ] {
            let mut sheet = draft("s1");
            sheet.date = day;
            sheet.put_worker(worker("Dana Poole", "surveyor"));
            let held = SheetRates::on_the_date_of(&sheet, &rates, &[]);
            assert_eq!(
                held.roles[&RoleId::from("surveyor")].work_rate,
                work_rate.map(hours),
                "{day}"
            );
        }
    }

    #[test]
    fn equipment_has_unit_and_day_rates_per_client_and_project() {
        // §6: "equipment: unit and day rate per client, equipment and project".
        let rate = |project: &str, valid_from, day: &str| EquipmentRate {
            client_id: "c1".into(),
            project_id: project.into(),
            equipment_id: "gps".into(),
            valid_from,
            prices: EquipmentPrices {
                unit_rate: None,
                day_rate: Some(hours(day)),
            },
        };
        let rates = [
            rate("p1", date(2026, 1, 1), "150"),
            rate("p1", date(2026, 11, 4), "175"),
            rate("p2", date(2026, 11, 1), "999"),
        ];
        let mut sheet = draft("s1");
        sheet.equipment.push(EquipmentLine {
            id: "l1".into(),
            equipment_id: "gps".into(),
            quantity: hours("1"),
            basis: EquipmentBasis::Day,
        });
        let held = SheetRates::on_the_date_of(&sheet, &[], &rates);
        let gps = held.equipment[&EquipmentId::from("gps")];
        assert_eq!((gps.unit_rate, gps.day_rate), (None, Some(hours("150"))));
    }

    #[test]
    fn frozen_rates_survive_their_storage() {
        let mut rates = SheetRates::default();
        rates.roles.insert(
            "surveyor".into(),
            WorkerPrices {
                work_rate: Some(hours("120.10")),
                travel_rate: Some(Decimal::ZERO),
                ..WorkerPrices::default()
            },
        );
        rates
            .equipment
            .insert("gps".into(), EquipmentPrices::default());
        let text = serde_json::to_string(&rates).expect("JSON");
        assert!(text.contains("\"workRate\":120.10"), "{text}");
        assert_eq!(
            serde_json::from_str::<SheetRates>(&text).expect("rates"),
            rates
        );
    }
}
