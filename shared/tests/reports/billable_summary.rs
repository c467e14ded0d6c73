//! Billable against non-billable hours on a fixed company, on nobody, and on random people.

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::{
        billable_summary::{BillableSummary, PersonSummary, ProjectHours, SummaryHours},
        time::Week,
    },
    reports::billable_summary::files,
};

use super::{
    flags,
    golden::assert_golden,
    letterhead,
    read_back::{Sheet, read},
};

fn project(code: Option<&str>, title: &str, hours: [&str; 3]) -> ProjectHours {
    let [billable, non_billable, waiting] = hours.map(|text| text.parse().expect("hours"));
    ProjectHours {
        project_id: None,
        code: code.map(Into::into),
        title: title.into(),
        hours: SummaryHours {
            billable,
            non_billable,
            waiting,
        },
    }
}

fn company() -> BillableSummary {
    BillableSummary {
        period: Week::of(date(2026, 11, 15)).period(),
        people: vec![
            PersonSummary {
                employee_id: "e".into(),
                name: "Ada Marlowe".into(),
                manager: Some("Ines Quill".into()),
                projects: vec![
                    project(Some("ABC-001"), "River Crossing", ["31.25", "0", "0"]),
                    project(Some("HP-000"), "Overhead", ["0", "8.75", "0"]),
                ],
                notes: Vec::new(),
            },
            PersonSummary {
                employee_id: "e".into(),
                name: "Bruno Achterberg".into(),
                manager: None,
                projects: vec![project(None, "Yard & Shop", ["12", "4", "7.5"])],
                notes: vec![
                    "Vacation 16.00 h".into(),
                    "left on Thu, Nov 19, 2026".into(),
                ],
            },
            PersonSummary {
                employee_id: "e".into(),
                name: "Emil Sørensen".into(),
                manager: Some("Théo Lemaître".into()),
                projects: Vec::new(),
                notes: vec!["Vacation 40.00 h".into()],
            },
        ],
    }
}

fn sheets(data: &BillableSummary) -> Vec<Sheet> {
    read(&files(data, &flags(), &letterhead()).expect("the summary")[0].bytes)
}

#[test]
fn the_fixed_company_is_golden() {
    let files = files(&company(), &flags(), &letterhead()).expect("the summary");
    assert_eq!(files[0].name, "BillableSummary-2026-11-15-2026-11-21.xlsx");
    assert_golden(&files[0]);
}

/// `domain.md` §7: "waiting hours stand in a column of their own"; "percentages".
#[test]
fn waiting_hours_are_in_no_percentage() {
    let hours = &sheets(&company())[0];
    let row = hours.rows_where(1, |text| text == "Bruno Achterberg Total")[0];
    assert_eq!(hours.number(row, 5), Some("12".parse().expect("hours")));
    assert_eq!(hours.number(row, 7), Some("7.5".parse().expect("hours")));
    assert_eq!(hours.number(row, 8), Some("0.75".parse().expect("a share")));
    let off = hours.rows_where(1, |text| text == "Emil Sørensen Total")[0];
    assert_eq!(hours.number(off, 8), None);
}

#[test]
fn an_empty_period_says_so() {
    let nobody = BillableSummary {
        people: Vec::new(),
        ..company()
    };
    let sheets = sheets(&nobody);
    assert_eq!(sheets.len(), 2, "no chart of nothing");
    assert_eq!(
        sheets[0]
            .rows_where(1, |text| text.starts_with("Nothing: "))
            .len(),
        1
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn printed_lines_sum_to_printed_totals(
        staff in prop::collection::vec(
            prop::collection::vec((0i64..100_000, 0i64..100_000, 0i64..100_000), 0..5), 0..8)
    ) {
        let hours = |hundredths| Decimal::new(hundredths, 2);
        let people: Vec<PersonSummary> = staff.into_iter().map(|projects| PersonSummary {
            employee_id: "e".into(),
            name: "Somebody".into(),
            manager: None,
            projects: projects.into_iter().map(|(billable, non_billable, waiting)| ProjectHours {
                hours: SummaryHours {
                    billable: hours(billable),
                    non_billable: hours(non_billable),
                    waiting: hours(waiting),
                },
                ..project(None, "Title", ["0"; 3])
            }).collect(),
            notes: Vec::new(),
        }).collect();
        let data = BillableSummary { people, ..company() };
        let sheets = sheets(&data);
        let all = || data.people.iter().flat_map(|person| &person.projects);
        let sums: [Decimal; 3] = [
            all().map(|project| project.hours.billable).sum(),
            all().map(|project| project.hours.non_billable).sum(),
            all().map(|project| project.hours.waiting).sum(),
        ];
        for (sheet, first) in sheets.iter().zip([5, 3]) {
            sheet.check_totals();
            let row = sheet.rows_where(1, |text| text == "All staff Total")[0];
            for (column, sum) in (first..).zip(sums) {
                prop_assert_eq!(sheet.number(row, column), Some(sum));
            }
        }
    }
}
