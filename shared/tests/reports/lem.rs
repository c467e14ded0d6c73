//! The two LEM reports on fixed sheets, on nothing, and on random lines.

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::time::Period,
    reports::{lem_sheet, lem_timesheet},
};

use super::{
    golden::assert_golden,
    letterhead,
    read_back::{Sheet, read},
};

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn worker(
    name: &str,
    role: &str,
    hours: [&str; 3],
    meals: &str,
    nights: &str,
) -> lem_sheet::Worker {
    let [work, travel, calc] = hours.map(decimal);
    lem_sheet::Worker {
        name: name.into(),
        role: role.into(),
        work,
        travel,
        calc,
        meals: decimal(meals),
        hotel_nights: decimal(nights),
    }
}

fn priced(what: &str, quantity: &str, rate: Option<&str>, cost: &str) -> lem_sheet::SummaryRow {
    lem_sheet::SummaryRow {
        role_and_kind: what.into(),
        quantity: decimal(quantity),
        rate: rate.map(decimal),
        cost: decimal(cost),
    }
}

fn ticket() -> lem_sheet::LemSheet {
    lem_sheet::LemSheet {
        number: "LEM-0001".into(),
        revision: 1,
        status: "SIGNED",
        rejection_reason: None,
        client: "Northbank Utilities Ltd.".into(),
        representative: "Rosa Ferreira".into(),
        date: date(2026, 11, 17),
        project_manager: Some("Ines Quill".into()),
        project_code: Some("ABC-001".into()),
        project_title: "River Crossing".into(),
        task_description: "Pile layout, north abutment".into(),
        work_description:
            "Staked 24 piles to plan C-104 rev. 3 and checked the control network after the frost. \
                           Two piles were moved 0.15 m west on the engineer's word.\n\
                           - Waited 45 min for the crane.\n\
                           - Travel from the yard and back."
                .into(),
        workers: vec![
            worker("Ada Marlowe", "Party Chief", ["8.5", "1.5", "2"], "1", "0"),
            worker(
                "J. Okafor (Bluewater Piling)",
                "Survey Assistant",
                ["8.5", "1.5", "0"],
                "1",
                "1",
            ),
        ],
        equipment: vec![
            lem_sheet::Equipment {
                name: "Total station".into(),
                quantity: decimal("1"),
                basis: "day",
                rate: Some(decimal("145")),
                cost: decimal("145"),
            },
            lem_sheet::Equipment {
                name: "Side-by-side".into(),
                quantity: decimal("1"),
                basis: "day",
                rate: None,
                cost: Decimal::ZERO,
            },
        ],
        materials: vec![lem_sheet::Material {
            description: "Wooden stakes, 4 ft".into(),
            quantity: decimal("48"),
            unit: "piece".into(),
            unit_cost: decimal("1.35"),
            markup_percent: decimal("12.5"),
            cost: decimal("72.9"),
        }],
        summary: vec![
            priced("Party Chief - Work", "8.5", Some("118"), "1003"),
            priced("Party Chief - Travel", "1.5", Some("95"), "142.5"),
            priced("Party Chief - Calc", "2", Some("125"), "250"),
            priced("Party Chief - Meal", "1", Some("25"), "25"),
            priced("Survey Assistant - Work", "8.5", Some("84.5"), "718.25"),
            priced("Survey Assistant - Travel", "1.5", Some("70"), "105"),
            priced("Survey Assistant - Meal", "1", Some("25"), "25"),
            priced("Survey Assistant - Hotel", "1", None, "0"),
        ],
        signature: Some(lem_sheet::Signature {
            name: "Rosa Ferreira".into(),
            signed_at: "2026-11-18T00:12:00Z".parse().expect("an instant"),
            picture: Some(include_bytes!("../../../tests/golden/signature.png").to_vec()),
        }),
    }
}

fn ticket_sheet(ticket: &lem_sheet::LemSheet) -> Sheet {
    let files = lem_sheet::files(ticket, &letterhead()).expect("the sheet");
    read(&files[0].bytes).remove(0)
}

#[test]
fn the_fixed_ticket_is_golden() {
    let files = lem_sheet::files(&ticket(), &letterhead()).expect("the sheet");
    assert_eq!(files[0].name, "LEM-ABC-001-LEM-0001.xlsx");
    assert_golden(&files[0]);
}

/// `interface.md` §4: `Labour Total, Equipment Total, Material Total, Grand Total`.
#[test]
fn totals_are_as_agreed() {
    let sheet = ticket_sheet(&ticket());
    for (label, amount) in [
        ("Labour Total", "2268.75"),
        ("Equipment Total", "145"),
        ("Material Total", "72.9"),
        ("Grand Total", "2486.65"),
    ] {
        let row = sheet.rows_where(1, |text| text == label)[0];
        assert_eq!(sheet.number(row, 7), Some(decimal(amount)), "{label}");
    }
    // Labour, equipment, materials, workers' hours and counts, and the grand total.
    assert_eq!(sheet.check_totals(), 9);
}

/// `domain.md` §6: "A missing rate shows as `Missing rate`, counts 0".
#[test]
fn a_missing_rate_is_said() {
    let sheet = ticket_sheet(&ticket());
    assert_eq!(sheet.rows_where(6, |text| text == "Missing rate").len(), 2);
}

/// Excel cuts a row at 409 points: a long description covers several.
#[test]
fn a_description_of_many_lines_is_never_cut() {
    let lines = 140;
    let long = lem_sheet::LemSheet {
        work_description: "- Waited for the crane.\n".repeat(lines),
        ..ticket()
    };
    let sheet = ticket_sheet(&long);
    let row = sheet.rows_where(1, |text| text.starts_with("- Waited"))[0];
    let room = sheet.heights(row, 1);
    assert!(room.iter().all(|pixels| *pixels <= 545), "{room:?}");
    let needed = u32::try_from(lines).expect("few") * 17;
    assert!(room.iter().sum::<u32>() >= needed, "{room:?}");
}

#[test]
fn an_unsigned_revision_has_room_to_sign() {
    let unsigned = lem_sheet::LemSheet {
        revision: 2,
        signature: None,
        status: "DRAFT",
        ..ticket()
    };
    let files = lem_sheet::files(&unsigned, &letterhead()).expect("the sheet");
    assert_eq!(files[0].name, "LEM-ABC-001-LEM-0001-R2.xlsx");
    let sheet = ticket_sheet(&unsigned);
    let section = sheet.rows_where(1, |text| text == "Client's signature")[0];
    for (row, label) in (section + 1..).zip(["Name", "Signature", "Date"]) {
        assert_eq!(sheet.text(row, 1), Some(label));
    }
}

#[test]
fn an_empty_ticket_says_so() {
    let empty = lem_sheet::LemSheet {
        workers: Vec::new(),
        equipment: Vec::new(),
        materials: Vec::new(),
        summary: Vec::new(),
        signature: None,
        ..ticket()
    };
    let sheet = ticket_sheet(&empty);
    let row = sheet.rows_where(1, |text| text == "Grand Total")[0];
    assert_eq!(sheet.number(row, 7), Some(Decimal::ZERO));
    for sentence in ["Nobody.", "No labour.", "No equipment.", "No materials."] {
        assert_eq!(sheet.rows_where(1, |text| text == sentence).len(), 1);
    }
}

fn worker_line(day: i8, worker: &str, status: &'static str) -> lem_timesheet::WorkerLine {
    lem_timesheet::WorkerLine {
        date: date(2026, 11, day),
        worker: worker.into(),
        role: "Party Chief".into(),
        work: decimal("8.5"),
        calc: decimal("2"),
        travel: decimal("1.5"),
        meals: decimal("1"),
        hotel_nights: Decimal::ZERO,
        number: "LEM-0001".into(),
        status,
    }
}

fn project() -> lem_timesheet::LemTimesheet {
    lem_timesheet::LemTimesheet {
        period: Period::new(date(2026, 11, 15), date(2026, 11, 21)).expect("a period"),
        project_code: Some("ABC-001".into()),
        project_title: "River Crossing".into(),
        client: "Northbank Utilities Ltd.".into(),
        workers: vec![
            worker_line(16, "Ada Marlowe", "SIGNED"),
            worker_line(17, "Ada Marlowe", "SUBMITTED"),
            worker_line(17, "J. Okafor (Bluewater Piling)", "DRAFT"),
        ],
        equipment: vec![lem_timesheet::EquipmentLine {
            date: date(2026, 11, 16),
            equipment: "Total station".into(),
            quantity: decimal("1"),
            basis: "day",
            number: "LEM-0001".into(),
            status: "SIGNED",
        }],
    }
}

#[test]
fn the_fixed_timesheet_is_golden() {
    let files = lem_timesheet::files(&project(), &letterhead()).expect("the timesheet");
    assert_eq!(
        files[0].name,
        "LEM-Timesheet-ABC-001-2026-11-15-2026-11-21.xlsx"
    );
    assert_golden(&files[0]);
}

#[test]
fn a_timesheet_without_lines_says_so() {
    let empty = lem_timesheet::LemTimesheet {
        workers: Vec::new(),
        equipment: Vec::new(),
        ..project()
    };
    let files = lem_timesheet::files(&empty, &letterhead()).expect("the timesheet");
    for sheet in read(&files[0].bytes) {
        assert_eq!(
            sheet
                .rows_where(1, |text| text.starts_with("Nothing: "))
                .len(),
            1,
            "{}",
            sheet.name
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn printed_lines_sum_to_printed_totals(
        labour in prop::collection::vec(0i64..10_000_000, 0..10),
        equipment in prop::collection::vec(0i64..10_000_000, 0..10),
        materials in prop::collection::vec(0i64..10_000_000, 0..10),
    ) {
        let cents = |count: &i64| Decimal::new(*count, 2);
        let ticket = lem_sheet::LemSheet {
            summary: labour.iter().map(|count| lem_sheet::SummaryRow {
                cost: cents(count),
                ..priced("Role - Work", "1", Some("1"), "0")
            }).collect(),
            equipment: equipment.iter().map(|count| lem_sheet::Equipment {
                cost: cents(count),
                ..ticket().equipment[0].clone()
            }).collect(),
            materials: materials.iter().map(|count| lem_sheet::Material {
                cost: cents(count),
                ..ticket().materials[0].clone()
            }).collect(),
            ..ticket()
        };
        let sheet = ticket_sheet(&ticket);
        sheet.check_totals();
        let all: Decimal = labour.iter().chain(&equipment).chain(&materials).map(cents).sum();
        let row = sheet.rows_where(1, |text| text == "Grand Total")[0];
        prop_assert_eq!(sheet.number(row, 7), Some(all));
    }
}
