//! Billing on a fixed company, on nobody, and on random projects.

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::{
        attendance::EntryState,
        billing::{
            Billing, EquipmentRow, Exception, ExceptionKind, LabourRow, ProjectBilling, StaffWork,
            WorkLine,
        },
        time::Period,
    },
    reports::{
        NamedFile,
        billing::{CsvColumn, files},
    },
};

use super::{
    flags,
    golden::{assert_golden, unpack},
    letterhead,
    read_back::{Sheet, read},
};

const HEADINGS: [&str; 6] = [
    "Staff Member",
    "Position (Equipment Type)",
    "Qty",
    "Unit",
    "Rate",
    "Amount",
];

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn labour(name: &str, position: Option<&str>, hours: &str, rate: &str, amount: &str) -> LabourRow {
    LabourRow {
        employee_id: name.into(),
        name: name.into(),
        position: position.map(Into::into),
        hours: decimal(hours),
        rate: decimal(rate),
        amount: decimal(amount),
    }
}

fn line(day: i8, hours: &str, task: Option<&str>, description: &str) -> WorkLine {
    WorkLine {
        date: date(2026, 11, day),
        hours: decimal(hours),
        task: task.map(Into::into),
        description: description.into(),
    }
}

fn november() -> Period {
    Period::new(date(2026, 10, 25), date(2026, 11, 21)).expect("a period")
}

fn project(id: &str, code: Option<&str>, title: &str) -> ProjectBilling {
    ProjectBilling {
        project_id: id.into(),
        code: code.map(Into::into),
        title: title.into(),
        client: "Northbank Utilities Ltd.".into(),
        labour: Vec::new(),
        equipment: Vec::new(),
        staff: Vec::new(),
        exceptions: Vec::new(),
    }
}

fn company() -> Billing {
    let long = "Staked the north abutment and checked the control network; ".repeat(52);
    let crossing = ProjectBilling {
        labour: vec![
            labour("Ada Marlowe", Some("Party Chief"), "62.5", "118", "7375"),
            labour("Ada Marlowe", Some("Party Chief"), "4", "131.25", "525"),
            labour(
                "Chen Wei",
                Some("Survey Assistant"),
                "33.25",
                "84.5",
                "2809.63",
            ),
            labour("Dara O'Neil", None, "8", "0", "0"),
        ],
        equipment: vec![EquipmentRow {
            employee_id: "Ada Marlowe".into(),
            name: "Ada Marlowe".into(),
            equipment: "Truck, 3/4 t crew cab".into(),
            hours: decimal("66.5"),
            rate: decimal("18.75"),
            amount: decimal("1246.88"),
        }],
        staff: vec![
            StaffWork {
                employee_id: "Ada Marlowe".into(),
                name: "Ada Marlowe".into(),
                lines: vec![
                    line(2, "31.25", Some("Layout"), "Pile layout, north abutment"),
                    line(9, "31.25", Some("Layout"), &long[..3000]),
                    line(
                        10,
                        "4",
                        None,
                        "=SUM(A1:A9) is what the client wrote on the plan",
                    ),
                ],
            },
            StaffWork {
                employee_id: "Chen Wei".into(),
                name: "Chen Wei".into(),
                lines: vec![line(
                    3,
                    "33.25",
                    Some("Control"),
                    "Levels\nand a second line",
                )],
            },
            StaffWork {
                employee_id: "Dara O'Neil".into(),
                name: "Dara O'Neil: site [A/B]".into(),
                lines: vec![line(17, "8", None, "")],
            },
        ],
        exceptions: vec![
            Exception {
                kind: ExceptionKind::ApprovedLate,
                employee_id: "Bruno Achterberg".into(),
                name: "Bruno Achterberg".into(),
                state: EntryState::Approved,
                date: date(2026, 10, 15),
                hours: decimal("6.5"),
                description: "As-built survey".into(),
            },
            Exception {
                kind: ExceptionKind::Pending,
                employee_id: "Chen Wei".into(),
                name: "Chen Wei".into(),
                state: EntryState::Pending,
                date: date(2026, 11, 20),
                hours: decimal("7.75"),
                description: String::new(),
            },
            Exception {
                kind: ExceptionKind::MissingRate,
                employee_id: "Dara O'Neil".into(),
                name: "Dara O'Neil".into(),
                state: EntryState::Approved,
                date: date(2026, 11, 17),
                hours: decimal("8"),
                description: String::new(),
            },
        ],
        ..project("p1", Some("ABC-001"), "River Crossing")
    };
    let yard = ProjectBilling {
        labour: vec![labour(
            "Bruno Achterberg",
            Some("Engineer"),
            "12",
            "140",
            "1680",
        )],
        staff: vec![StaffWork {
            employee_id: "Bruno Achterberg".into(),
            name: "Bruno Achterberg".into(),
            lines: vec![line(5, "12", Some("Review"), "Drainage review")],
        }],
        // As Clockify sends it.
        ..project("p2", None, "Yard &amp; Shop")
    };
    Billing {
        period: november(),
        projects: vec![crossing, yard],
        without_project: Vec::new(),
    }
}

fn made(billing: &Billing) -> Vec<NamedFile> {
    let made = files(billing, &flags(), &letterhead(), "HP-IND", &CsvColumn::ALL).expect("billing");
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].name, "HP-IND-26-11.zip");
    unpack(&made[0])
}

fn sheets(files: &[NamedFile], name: &str) -> Vec<Sheet> {
    let file = files.iter().find(|file| file.name == name).expect(name);
    read(&file.bytes)
}

#[test]
fn the_fixed_company_is_golden() {
    let files = made(&company());
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "HP-IND-26-11.csv",
            "Nov-ABC-001.xlsx",
            "Nov-Summary.xlsx",
            "Nov-Yard & Shop.xlsx"
        ]
    );
    for file in &files {
        assert_golden(file);
    }
}

/// `interface.md` §4: headings of both tables; `SUB TOTAL` and `GRAND TOTAL` with the figure under Amount.
#[test]
fn headings_and_totals_are_as_agreed() {
    let sheet = &sheets(&made(&company()), "Nov-ABC-001.xlsx")[0];
    assert!(sheet.heading_row(&HEADINGS).is_some());
    for table in ["LABOUR", "EQUIPMENT"] {
        let row = sheet.rows_where(1, |text| text == table)[0];
        assert_eq!(sheet.text(row + 1, 1), Some(HEADINGS[0]), "{table}");
    }
    let sub_totals = sheet.rows_where(1, |text| text == "SUB TOTAL");
    assert_eq!(sub_totals.len(), 2);
    assert_eq!(sheet.number(sub_totals[0], 6), Some(decimal("10709.63")));
    assert_eq!(sheet.number(sub_totals[1], 6), Some(decimal("1246.88")));
    let grand = sheet.rows_where(1, |text| text == "GRAND TOTAL")[0];
    assert_eq!(sheet.number(grand, 6), Some(decimal("11956.51")));
}

/// `domain.md` §7: "a sheet per employee with date, hours, task, description".
#[test]
fn each_employee_has_a_sheet() {
    let sheets = sheets(&made(&company()), "Nov-ABC-001.xlsx");
    let names: Vec<_> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(
        names,
        ["Billing", "Ada Marlowe", "Chen Wei", "Dara O'Neil site A B"]
    );
    let ada = &sheets[1];
    let heading = ada
        .heading_row(&["Date", "Hours", "Task", "Description"])
        .expect("the headings");
    let description = ada.text(heading + 2, 4).expect("the long description");
    assert_eq!(description.chars().count(), 3000);
    let formula = ada.rows_where(4, |text| text.starts_with("=SUM"));
    assert_eq!(formula.len(), 1, "a text stays a text");
}

/// What the office must look at is nothing for the client: it stands in the summary alone, and a project of which
/// nothing is billed gets no workbook.
#[test]
fn the_client_gets_no_exceptions() {
    let mut billing = company();
    billing.projects[1].exceptions = std::mem::take(&mut billing.projects[0].exceptions);
    billing.projects[1].labour.clear();
    let files = made(&billing);
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        ["HP-IND-26-11.csv", "Nov-ABC-001.xlsx", "Nov-Summary.xlsx"]
    );
    let summary = sheets(&files, "Nov-Summary.xlsx");
    let exceptions = summary.iter().find(|sheet| sheet.name == "Exceptions");
    let exceptions = exceptions.expect("the exceptions");
    assert_eq!(
        exceptions.rows_where(1, |text| text == "Yard & Shop").len(),
        3
    );
}

#[test]
fn an_empty_period_says_so() {
    let nothing = Billing {
        projects: Vec::new(),
        ..company()
    };
    let files = made(&nothing);
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["HP-IND-26-11.csv", "Nov-Summary.xlsx"]);
    let summary = &sheets(&files, "Nov-Summary.xlsx")[0];
    assert_eq!(
        summary
            .rows_where(1, |text| text.starts_with("Nothing: "))
            .len(),
        1
    );
}

fn any_project(id: usize) -> impl Strategy<Value = ProjectBilling> {
    let row = (0u32..4000, 0u32..30_000).prop_map(|(quarters, cents)| {
        let hours = Decimal::from(quarters) / Decimal::from(4);
        let rate = Decimal::new(i64::from(cents), 2);
        LabourRow {
            employee_id: "e".into(),
            name: "Somebody".into(),
            position: None,
            hours,
            rate,
            amount: shared::domain::time::half_up(hours * rate, 2),
        }
    });
    prop::collection::vec(row, 0..8).prop_map(move |labour| ProjectBilling {
        staff: vec![StaffWork {
            employee_id: "e".into(),
            name: "Somebody".into(),
            lines: labour
                .iter()
                .map(|row| WorkLine {
                    hours: row.hours,
                    ..line(3, "0", None, "")
                })
                .collect(),
        }],
        labour,
        ..project(&id.to_string(), Some("SAME"), "Title")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Printed lines sum to printed totals, to the cent, in every workbook and in the CSV.
    #[test]
    fn printed_lines_sum_to_printed_totals(
        projects in (0usize..6).prop_flat_map(|count| (0..count).map(any_project).collect::<Vec<_>>())
    ) {
        let billing = Billing { projects, ..company() };
        let files = made(&billing);
        let due: Decimal = billing.projects.iter()
            .map(|project| project.labour_total() + project.equipment_total())
            .sum();
        let mut printed = Decimal::ZERO;
        for file in files.iter().filter(|file| file.content_type == NamedFile::WORKBOOK) {
            for sheet in read(&file.bytes) {
                sheet.check_totals();
                for row in sheet.rows_where(1, |text| text == "GRAND TOTAL") {
                    printed += sheet.number(row, 6).expect("an amount");
                }
            }
        }
        prop_assert_eq!(printed, due);

        let summary = &sheets(&files, "Nov-Summary.xlsx")[0];
        let row = summary.rows_where(1, |text| text == "All projects Total")[0];
        prop_assert_eq!(summary.number(row, 11), Some(due));

        let csv = files.iter().find(|file| file.content_type == NamedFile::CSV).expect("the CSV");
        let of_csv: Decimal = csv::Reader::from_reader(csv.bytes.as_slice())
            .records()
            .map(|record| decimal(&record.expect("a record")[13]))
            .sum();
        prop_assert_eq!(of_csv, due);
    }
}
