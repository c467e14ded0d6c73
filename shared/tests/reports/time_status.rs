//! Time status on a fixed company and on nobody.

use jiff::civil::date;
use shared::{
    domain::{
        time::{Period, Week},
        time_status::{
            MissingWeek, PendingTimesheet, StaffStatus, StaffWeek, TimeStatus, WeekStatus,
        },
    },
    reports::{NamedFile, time_status},
};

use super::{
    flags,
    golden::assert_golden,
    letterhead,
    read_back::{Read, read},
};

fn staff(name: &str, manager: Option<&str>, status: WeekStatus, notes: &[&str]) -> StaffStatus {
    StaffStatus {
        employee_id: name.into(),
        name: name.into(),
        manager: manager.map(Into::into),
        status,
        notes: notes.iter().map(|note| (*note).into()).collect(),
    }
}

fn company() -> TimeStatus {
    let ines = Some("Ines Quill");
    let week = Week::of(date(2026, 11, 15));
    TimeStatus {
        period: week.period(),
        weeks: vec![StaffWeek {
            week,
            staff: vec![
                staff("Ada Marlowe", ines, WeekStatus::Approved, &[]),
                staff(
                    "Bruno Achterberg",
                    None,
                    WeekStatus::NoTime,
                    &["no time on Tue, Nov 17", "no manager is set in Clockify"],
                ),
                staff(
                    "Chen Wei",
                    ines,
                    WeekStatus::NotSubmitted,
                    &["38.50 h wait"],
                ),
                staff(
                    "Dara O'Neil",
                    Some("Théo Lemaître"),
                    WeekStatus::Rejected,
                    &[
                        "8.00 h wait: \"please split the travel to the Rivière site from the work there, \
                       and name the task of each\"",
                    ],
                ),
                staff("Dara O'Neil", ines, WeekStatus::Submitted, &[]),
                staff(
                    "Emil Sørensen",
                    Some("Théo Lemaître"),
                    WeekStatus::NotApplicable,
                    &["Vacation all week"],
                ),
            ],
        }],
        missing: vec![
            MissingWeek {
                employee_id: "Bruno Achterberg".into(),
                name: "Bruno Achterberg".into(),
                manager: None,
                week: Week::of(date(2026, 9, 13)),
                status: WeekStatus::NoTime,
            },
            MissingWeek {
                employee_id: "Chen Wei".into(),
                name: "Chen Wei".into(),
                manager: ines.map(Into::into),
                week,
                status: WeekStatus::NotSubmitted,
            },
        ],
        pending: vec![
            PendingTimesheet {
                timesheet_id: "Dara O'Neil".into(),
                employee_id: "Dara O'Neil".into(),
                name: "Dara O'Neil".into(),
                manager: ines.map(Into::into),
                days: week.period(),
                waits_since: Some(date(2026, 11, 20)),
                days_waited: Some(2),
                hours: "40".parse().expect("hours"),
            },
            PendingTimesheet {
                timesheet_id: "Fatima Benali".into(),
                employee_id: "Fatima Benali".into(),
                name: "Fatima Benali".into(),
                manager: ines.map(Into::into),
                days: Week::of(date(2026, 11, 1)).period(),
                waits_since: None,
                days_waited: None,
                hours: "36.25".parse().expect("hours"),
            },
        ],
    }
}

fn files(data: &TimeStatus) -> Vec<NamedFile> {
    time_status::files(data, &flags(), date(2023, 12, 31), &letterhead()).expect("time status")
}

#[test]
fn the_fixed_company_is_golden() {
    let files = files(&company());
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].name, "TimeStatus-2026-11-15.xlsx");
    assert_golden(&files[0]);
    for sheet in read(&files[0].bytes) {
        sheet.check_totals();
    }
}

#[test]
fn the_legend_counts_each_status() {
    let files = files(&company());
    let sheet = &read(&files[0].bytes)[0];
    for status in WeekStatus::ALL {
        let row = sheet.rows_where(1, |text| text == status.as_str())[0];
        let Some(Read::Formula(formula, count)) = sheet.cells.get(&(row, 2)) else {
            panic!("{} has no count", status.as_str());
        };
        assert_eq!(*formula, format!("COUNTIF(C7:C12,A{row})"));
        assert_eq!(count, "1");
    }
}

/// `domain.md` §7: "or each week of a longer period".
#[test]
fn each_week_of_a_longer_period_has_its_heading() {
    let one = company();
    let earlier = StaffWeek {
        week: Week::of(date(2026, 11, 8)),
        ..one.weeks[0].clone()
    };
    let two = TimeStatus {
        period: Period::new(date(2026, 11, 8), date(2026, 11, 21)).expect("a period"),
        weeks: vec![earlier, one.weeks[0].clone()],
        ..one
    };
    let files = files(&two);
    assert_eq!(files[0].name, "TimeStatus-2026-11-08.xlsx");
    let sheet = &read(&files[0].bytes)[0];
    assert_eq!(
        sheet.rows_where(1, |text| text.starts_with("Week ")).len(),
        2
    );
}

#[test]
fn an_empty_period_says_so() {
    let nobody = TimeStatus {
        weeks: Vec::new(),
        missing: Vec::new(),
        pending: Vec::new(),
        ..company()
    };
    let files = files(&nobody);
    for (sheet, sentence) in
        read(&files[0].bytes)
            .iter()
            .zip(["Nothing: ", "Nothing is", "No timesheet"])
    {
        assert_eq!(
            sheet.rows_where(1, |text| text.starts_with(sentence)).len(),
            1,
            "{}",
            sheet.name
        );
    }
}
