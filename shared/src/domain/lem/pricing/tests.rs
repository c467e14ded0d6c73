//! One test per sentence of `domain.md` §6 *Cost*, and the properties that hold for any sheet.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    lem::{
        EquipmentLine, EquipmentPrices,
        tests::{draft, worker},
    },
    test_records::hours,
};

fn prices(work: &str, travel: &str, calc: &str, meal: &str, hotel: &str) -> WorkerPrices {
    let price = |text: &str| (text != "-").then(|| hours(text));
    WorkerPrices {
        work_rate: price(work),
        travel_rate: price(travel),
        calc_rate: price(calc),
        meal_rate: price(meal),
        hotel_rate: price(hotel),
    }
}

fn rates_of(role: &str, prices: WorkerPrices) -> SheetRates {
    let mut rates = SheetRates::default();
    rates.roles.insert(role.into(), prices);
    rates
}

fn material(quantity: &str, unit_cost: &str, markup_percent: &str) -> MaterialLine {
    MaterialLine {
        id: "m1".into(),
        description: "Lath".into(),
        quantity: hours(quantity),
        unit: "each".into(),
        unit_cost: hours(unit_cost),
        markup_percent: hours(markup_percent),
    }
}

#[test]
fn labour_is_priced_per_summary_row_summed_hours_times_rate() {
    // §6: "Labour is priced per summary row (role, kind, rate): summed hours × rate, to the cent, half
    // up; meals and nights are kinds too (count × rate) and belong to the labour total".
    let mut sheet = draft("s1");
    for (name, work, travel) in [("Dana", "0.25", "1"), ("Kim", "0.25", "0")] {
        sheet.put_worker(WorkerLine {
            work_hours: hours(work),
            travel_hours: hours(travel),
            meals: 2,
            hotel_nights: 1,
            ..worker(name, "surveyor")
        });
    }
    sheet.put_worker(WorkerLine {
        work_hours: hours("3"),
        ..worker("Dana", "chainman")
    });
    let mut rates = rates_of("surveyor", prices("95.50", "60", "-", "18.25", "140"));
    rates
        .roles
        .insert("chainman".into(), prices("70", "-", "-", "-", "-"));
    let priced = sheet.priced(&rates);
    let rows: Vec<(&str, &str, Decimal, Option<Decimal>)> = priced
        .summary
        .iter()
        .map(|row| {
            (
                row.role_id.as_str(),
                row.kind.label(),
                row.quantity,
                row.cost,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            // 0.5 × 95.50; two lines of 0.25 h at 23.88 each would come to 47.76.
            ("surveyor", "Work", hours("0.5"), Some(hours("47.75"))),
            ("surveyor", "Travel", hours("1"), Some(hours("60"))),
            ("surveyor", "Meals", hours("4"), Some(hours("73"))),
            ("surveyor", "Hotel", hours("2"), Some(hours("280"))),
            ("chainman", "Work", hours("3"), Some(hours("210"))),
        ]
    );
    assert_eq!(priced.totals.labour, hours("670.75"));
    assert_eq!(priced.totals.grand, hours("670.75"));
    assert!(!priced.has_missing_rate());
}

#[test]
fn a_missing_rate_shows_counts_nothing_and_flags_the_sheet() {
    // §6: "A missing rate shows as Missing rate, counts 0, and flags the sheet."; "a kind with nothing
    // in it needs no rate"; "null is missing, 0 is free of charge".
    let with_travel = |travel: &str| {
        let mut sheet = draft("s1");
        sheet.put_worker(WorkerLine {
            work_hours: hours("8"),
            travel_hours: hours(travel),
            ..worker("Dana", "surveyor")
        });
        sheet
    };
    let cases = [
        ("0", prices("100", "-", "-", "-", "-"), "800", false),
        ("2", prices("100", "-", "-", "-", "-"), "800", true),
        ("2", prices("100", "0", "-", "-", "-"), "800", false),
        ("2", prices("-", "50", "-", "-", "-"), "100", true),
        ("2", WorkerPrices::default(), "0", true),
    ];
    for (travel, prices, labour, missing) in cases {
        let priced = with_travel(travel).priced(&rates_of("surveyor", prices));
        assert_eq!(priced.totals.labour, hours(labour), "{prices:?}");
        assert_eq!(
            priced.has_missing_rate(),
            missing,
            "{prices:?}, travel {travel}"
        );
    }
    // A role that has no rate sheet at all.
    assert!(
        with_travel("0")
            .priced(&SheetRates::default())
            .has_missing_rate()
    );
}

#[test]
fn equipment_is_priced_per_line_by_its_basis() {
    // §6: "Equipment and material are priced per line."; "whether it bills per unit or per day".
    let line = |equipment: &str, quantity: &str, basis| EquipmentLine {
        id: "l".into(),
        equipment_id: equipment.into(),
        quantity: hours(quantity),
        basis,
    };
    let mut sheet = draft("s1");
    sheet.equipment = vec![
        line("gps", "1.5", EquipmentBasis::Day),
        line("gps", "3", EquipmentBasis::Unit),
        line("gps", "0.25", EquipmentBasis::Day),
        line("quad", "1", EquipmentBasis::Day),
    ];
    let mut rates = SheetRates::default();
    rates.equipment.insert(
        "gps".into(),
        EquipmentPrices {
            unit_rate: None,
            day_rate: Some(hours("150.10")),
        },
    );
    rates.equipment.insert(
        "quad".into(),
        EquipmentPrices {
            unit_rate: None,
            day_rate: Some(Decimal::ZERO),
        },
    );
    let priced = sheet.priced(&rates);
    let costs: Vec<Option<Decimal>> = priced.equipment.iter().map(|line| line.cost).collect();
    assert_eq!(
        costs,
        [
            Some(hours("225.15")),
            None,
            Some(hours("37.53")),
            Some(Decimal::ZERO)
        ]
    );
    assert_eq!(priced.totals.equipment, hours("262.68"));
    assert!(priced.has_missing_rate());
}

#[test]
fn material_is_rounded_once_after_the_markup() {
    // §6: "description, quantity, unit, unit cost, markup %; its cost is rounded once, after the
    // markup".
    let cases = [
        ("10", "1.25", "0", "12.50"),
        ("3", "0.35", "15", "1.21"),        // 1.2075
        ("0.5", "0.33", "10", "0.18"),      // 0.1815; rounded twice it would be 0.19
        ("7", "19.99", "12.125", "156.90"), // 156.8965125
        ("1", "0.01", "50", "0.02"),        // 0.015
        ("0", "99", "10", "0"),
    ];
    for (quantity, unit_cost, markup, cost) in cases {
        let mut sheet = draft("s1");
        sheet.materials.push(material(quantity, unit_cost, markup));
        let priced = sheet.priced(&SheetRates::default());
        assert_eq!(
            priced.totals.materials,
            hours(cost),
            "{quantity} × {unit_cost} + {markup} %"
        );
        assert!(!priced.has_missing_rate());
    }
}

/// A draft with lines of roles 0 to 2 and equipment 0 to 2.
pub(crate) fn any_sheet() -> impl Strategy<Value = LemSheet> {
    let worker_line = (0_usize..4, 0_usize..3, 0_i64..2000, 0_i64..500, 0_u32..4).prop_map(
        |(name, role, work, travel, meals)| WorkerLine {
            work_hours: Decimal::new(work, 2),
            travel_hours: Decimal::new(travel, 2),
            calc_hours: Decimal::new(travel, 2),
            meals,
            hotel_nights: meals / 2,
            ..worker(&format!("worker {name}"), &format!("role {role}"))
        },
    );
    let equipment_line =
        (0_usize..3, 0_i64..1000, any::<bool>()).prop_map(|(equipment, quantity, by_day)| {
            EquipmentLine {
                id: "l".into(),
                equipment_id: format!("equipment {equipment}").into(),
                quantity: Decimal::new(quantity, 2),
                basis: if by_day {
                    EquipmentBasis::Day
                } else {
                    EquipmentBasis::Unit
                },
            }
        });
    let material_line =
        (0_i64..10_000, 0_i64..100_000, 0_i64..30_000).prop_map(|(quantity, unit_cost, markup)| {
            MaterialLine {
                quantity: Decimal::new(quantity, 2),
                unit_cost: Decimal::new(unit_cost, 2),
                markup_percent: Decimal::new(markup, 3),
                ..material("0", "0", "0")
            }
        });
    (
        prop::collection::vec(worker_line, 0..8),
        prop::collection::vec(equipment_line, 0..5),
        prop::collection::vec(material_line, 0..5),
    )
        .prop_map(|(workers, equipment, materials)| {
            let mut sheet = draft("s1");
            for line in workers {
                sheet.put_worker(line);
            }
            sheet.equipment = equipment;
            sheet.materials = materials;
            sheet
        })
}

/// Prices of some of these, some of them missing.
pub(crate) fn any_rates() -> impl Strategy<Value = SheetRates> {
    let price = || prop::option::of((0_i64..30_000).prop_map(|cents| Decimal::new(cents, 2)));
    let of_role = (price(), price(), price()).prop_map(|(work, travel, meal)| WorkerPrices {
        work_rate: work,
        travel_rate: travel,
        calc_rate: travel,
        meal_rate: meal,
        hotel_rate: meal,
    });
    let of_equipment = (price(), price()).prop_map(|(unit_rate, day_rate)| EquipmentPrices {
        unit_rate,
        day_rate,
    });
    (
        prop::collection::btree_map(
            (0_usize..3).prop_map(|n| RoleId(format!("role {n}"))),
            of_role,
            0..3,
        ),
        prop::collection::btree_map(
            (0_usize..3).prop_map(|n| EquipmentId(format!("equipment {n}"))),
            of_equipment,
            0..3,
        ),
    )
        .prop_map(|(roles, equipment)| SheetRates { roles, equipment })
}

proptest! {
    #[test]
    fn totals_are_sums_of_printed_rows_and_rows_are_what_is_multiplied(
        sheet in any_sheet(),
        rates in any_rates(),
    ) {
        // §6: "what is printed is what is multiplied"; "Totals are sums of printed rows."
        let priced = sheet.priced(&rates);
        for row in &priced.summary {
            prop_assert_eq!(row.cost, row.rate.map(|rate| half_up(row.quantity * rate, 2)));
        }
        for line in &priced.equipment {
            prop_assert_eq!(line.cost, line.rate.map(|rate| half_up(line.quantity * rate, 2)));
        }
        let labour: Decimal = priced.summary.iter().filter_map(|row| row.cost).sum();
        let equipment: Decimal = priced.equipment.iter().filter_map(|line| line.cost).sum();
        let materials: Decimal = priced.materials.iter().map(|line| line.cost).sum();
        prop_assert_eq!(priced.totals.labour, labour);
        prop_assert_eq!(priced.totals.equipment, equipment);
        prop_assert_eq!(priced.totals.materials, materials);
        prop_assert_eq!(priced.totals.grand, labour + equipment + materials);
        let hours: Decimal = priced
            .summary
            .iter()
            .filter(|row| row.kind <= LabourKind::Calc)
            .map(|row| row.quantity)
            .sum();
        let of_lines: Decimal = sheet
            .workers
            .iter()
            .map(|line| line.work_hours + line.travel_hours + line.calc_hours)
            .sum();
        prop_assert_eq!(hours, of_lines);
    }

    #[test]
    fn a_submitted_sheet_prices_the_same_whatever_becomes_of_the_rates(
        sheet in any_sheet(),
        at_submission in any_rates(),
        later in any_rates(),
    ) {
        // §6: "a later change does not alter a sheet already submitted: prices freeze at submission".
        let mut sheet = sheet;
        let before = sheet.priced(&at_submission);
        sheet
            .submit(at_submission, "2026-11-04T00:00:00Z".parse().expect("an instant"))
            .expect("a draft can be submitted");
        prop_assert_eq!(sheet.priced(&later), before);
    }
}
