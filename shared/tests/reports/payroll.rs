//! Payroll on a fixed company, on nobody, and on random people.

use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::employee::RateType,
    reports::{
        NamedFile,
        payroll::{CsvColumn, Day, Payroll, Person, files},
    },
};

use super::{
    golden::{assert_golden, unpack},
    letterhead,
    read_back::{Sheet, read},
};

const HEADINGS: [&str; 11] = [
    "Staff Member",
    "Type",
    "Date",
    "REG",
    "OT",
    "BANKED",
    "Used PTO",
    "STAT",
    "Policy",
    "Total Paid",
    "Status",
];

fn hours(text: &str) -> Decimal {
    text.parse().expect("hours")
}

fn day(date: Date, status: &'static str) -> Day {
    Day {
        date,
        regular: Decimal::ZERO,
        overtime: Decimal::ZERO,
        banked: Decimal::ZERO,
        time_off: Vec::new(),
        stat: Decimal::ZERO,
        status,
        day_length: hours("8"),
        waiting: Decimal::ZERO,
        is_holiday: false,
        reasons: Vec::new(),
    }
}

fn weekdays() -> impl Iterator<Item = Date> {
    date(2026, 11, 8)
        .series(jiff::Span::new().days(1))
        .take(14)
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
}

fn person(id: &str, name: &str, manager: Option<&str>, rate_type: Option<RateType>) -> Person {
    let remembrance = date(2026, 11, 11);
    let days = weekdays()
        .map(|date| {
            if date == remembrance {
                Day {
                    stat: hours("8"),
                    is_holiday: true,
                    reasons: vec!["Remembrance Day".into()],
                    ..day(date, "HOLIDAY")
                }
            } else {
                Day {
                    regular: hours("8"),
                    ..day(date, "APPROVED")
                }
            }
        })
        .collect();
    Person {
        id: id.into(),
        name: name.into(),
        manager: manager.map(Into::into),
        rate_type,
        days,
        expected_hours: (rate_type == Some(RateType::Salary)).then(|| hours("80")),
        remarks: Vec::new(),
    }
}

/// Fixed people, each with something that payroll must see.
pub(crate) fn company() -> Payroll {
    let salary = Some(RateType::Salary);
    let hourly = Some(RateType::Hourly);

    let mut ada = person("64a1", "Ada Marlowe", Some("Ines Quill"), salary);
    ada.days[4] = Day {
        time_off: vec![("Vacation".into(), hours("8"))],
        reasons: vec!["Vacation, approved, pays salaried staff".into()],
        ..day(ada.days[4].date, "TIME OFF")
    };

    let mut bruno = person("64a2", "Bruno Achterberg", None, salary);
    bruno.days[1].regular = hours("6.5");
    bruno.days[8] = Day {
        regular: hours("8.5"),
        banked: hours("1.75"),
        day_length: hours("8.5"),
        reasons: vec!["Banked: weekday over 8.5 h (BANKED - SITE)".into()],
        ..day(bruno.days[8].date, "APPROVED")
    };
    bruno.days.push(Day {
        banked: hours("5"),
        reasons: vec!["Banked: Saturday, all hours".into()],
        ..day(date(2026, 11, 21), "APPROVED")
    });
    bruno.remarks.push("No manager is set in Clockify".into());

    let mut chen = person("64a3", "Chen Wei 陳偉", Some("Ines Quill"), hourly);
    chen.days[0] = Day {
        regular: hours("8"),
        overtime: hours("4.5"),
        reasons: vec!["Overtime: daily 4.50 h, weekly 2.50 h; the greater holds".into()],
        ..day(chen.days[0].date, "APPROVED")
    };
    chen.days[2] = Day {
        regular: hours("6"),
        stat: hours("8"),
        is_holiday: true,
        reasons: vec!["Remembrance Day".into(), "worked on holiday".into()],
        ..day(chen.days[2].date, "APPROVED")
    };
    chen.days[6] = Day {
        waiting: hours("7.75"),
        reasons: vec!["7.75 h wait: not submitted".into()],
        ..day(chen.days[6].date, "NO SUBMISSION")
    };
    for at in 7..10 {
        chen.days[at].status = "PENDING";
    }

    let mut dara = person("64a4", "=Dara O'Neil", Some("Théo Lemaître"), hourly);
    dara.days[3] = day(dara.days[3].date, "NO TIME");
    dara.days[5] = Day {
        waiting: hours("8"),
        reasons: vec!["8.00 h wait: timesheet rejected".into()],
        ..day(dara.days[5].date, "REJECTED")
    };
    dara.days[9] = Day {
        time_off: vec![
            ("Banked Time".into(), hours("4")),
            ("Vacation".into(), Decimal::ZERO),
        ],
        regular: hours("4"),
        reasons: vec![
            "Banked Time, approved, pays all".into(),
            "Vacation, approved, does not pay hourly staff".into(),
        ],
        ..day(dara.days[9].date, "APPROVED")
    };

    let dara_too = person("64a5", "=Dara O'Neil", Some("Ines Quill"), hourly);

    let mut emil = person("64a6", "Emil Sørensen 🚧", Some("Théo Lemaître"), None);
    emil.remarks
        .push("No rate type is set in Clockify: paid as hourly".into());

    Payroll {
        from: date(2026, 11, 8),
        to: date(2026, 11, 21),
        people: vec![ada, bruno, chen, dara, dara_too, emil],
    }
}

fn made(payroll: &Payroll) -> Vec<NamedFile> {
    let made = files(payroll, &letterhead(), &CsvColumn::ALL).expect("payroll");
    assert_eq!(made.len(), 1);
    assert_eq!(
        made[0].name,
        format!("Payroll-{}-{}.zip", payroll.from, payroll.to)
    );
    unpack(&made[0])
}

/// The first sheet of the workbook whose name holds `word`.
fn sheet(files: &[NamedFile], word: &str) -> Sheet {
    let file = files
        .iter()
        .find(|file| file.name.contains(word))
        .expect("the workbook");
    read(&file.bytes).remove(0)
}

#[test]
fn the_fixed_company_is_golden() {
    let files = made(&company());
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Payroll-2026-11-08-2026-11-21.csv",
            "Payroll-Hourly-2026-11-08-2026-11-21.xlsx",
            "Payroll-Salary-2026-11-08-2026-11-21.xlsx",
        ]
    );
    for file in &files {
        assert_golden(file);
    }
}

/// Equal data and an equal time of issue give equal bytes.
#[test]
fn the_same_twice_is_the_same() {
    assert_eq!(made(&company()), made(&company()));
}

/// `interface.md` §4: headings, and total rows that begin with the name and `Total`.
#[test]
fn headings_and_total_rows_are_as_agreed() {
    let files = made(&company());
    let salaried = sheet(&files, "Salary");
    let heading = salaried.heading_row(&HEADINGS).expect("the heading row");
    let totals = salaried.rows_where(1, |text| text == "Ada Marlowe Total");
    assert_eq!(totals.len(), 1);
    assert!(totals[0] > heading);
    assert_eq!(salaried.number(totals[0], 10), Some(hours("80")));
    assert_eq!(salaried.number(totals[0], 12), Some(hours("80")));
    let bruno = salaried.rows_where(1, |text| text == "Bruno Achterberg Total")[0];
    assert_eq!(salaried.number(bruno, 10), Some(hours("79")));
    assert_eq!(salaried.number(bruno, 6), Some(hours("6.75")));
}

/// `domain.md` §7: the salaried workbook names staff without a rate type, the hourly one lists them.
#[test]
fn staff_without_a_rate_type_stand_apart() {
    let files = made(&company());
    let salaried = sheet(&files, "Salary");
    let named = salaried.rows_where(1, |text| text == "Emil Sørensen 🚧");
    assert_eq!(named.len(), 1);
    assert_eq!(salaried.number(named[0], 4), None);
    let hourly = sheet(&files, "Hourly");
    let section = hourly.rows_where(1, |text| text.starts_with("Staff without a rate type"))[0];
    let rows = hourly.rows_where(1, |text| text == "Emil Sørensen 🚧");
    assert_eq!(rows.len(), 10);
    assert!(rows.iter().all(|row| *row > section));
}

/// `domain.md` §11.6: two people of one name are two people.
#[test]
fn two_people_of_one_name_have_two_totals() {
    let hourly = sheet(&made(&company()), "Hourly");
    let totals = hourly.rows_where(1, |text| text == "=Dara O'Neil Total");
    assert_eq!(totals.len(), 2);
    assert_eq!(hourly.number(totals[0], 10), Some(hours("64")));
    assert_eq!(hourly.number(totals[1], 10), Some(hours("80")));
}

#[test]
fn an_empty_period_says_so() {
    let nobody = Payroll {
        people: Vec::new(),
        ..company()
    };
    for word in ["Salary", "Hourly"] {
        let sheet = sheet(&made(&nobody), word);
        assert!(sheet.heading_row(&HEADINGS).is_some());
        assert_eq!(
            sheet
                .rows_where(1, |text| text.starts_with("Nothing"))
                .len(),
            1
        );
    }
}

/// A made-up day: quarter hours, sometimes leave, sometimes a holiday.
fn any_day(date: Date) -> impl Strategy<Value = Day> {
    (
        0u32..60,
        0u32..20,
        0u32..20,
        0u32..801,
        any::<bool>(),
        0usize..4,
    )
        .prop_map(
            move |(regular, overtime, banked, leave, is_holiday, status)| {
                let quarters = |count: u32| Decimal::from(count) / Decimal::from(4);
                Day {
                    regular: quarters(regular),
                    overtime: quarters(overtime),
                    banked: quarters(banked),
                    time_off: vec![("Vacation".into(), Decimal::new(i64::from(leave), 2))],
                    stat: if is_holiday {
                        hours("8")
                    } else {
                        Decimal::ZERO
                    },
                    is_holiday,
                    ..day(date, ["APPROVED", "PENDING", "NO TIME", "REJECTED"][status])
                }
            },
        )
}

fn any_person() -> impl Strategy<Value = Person> {
    let days: Vec<_> = weekdays().map(any_day).collect();
    (days, 0usize..3, "[a-zA-Z =+éß🚧א]{1,30}").prop_map(|(days, kind, name)| Person {
        days,
        ..person(
            &name,
            &name,
            None,
            [Some(RateType::Salary), Some(RateType::Hourly), None][kind],
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Printed lines sum to printed totals, and those to what the rules say (`peers.md`: "lines must add up").
    #[test]
    fn printed_lines_sum_to_printed_totals(people in prop::collection::vec(any_person(), 0..12)) {
        let payroll = Payroll { people, ..company() };
        let files = made(&payroll);
        let mut printed = Decimal::ZERO;
        for word in ["Salary", "Hourly"] {
            let sheet = sheet(&files, word);
            sheet.check_totals();
            for row in sheet.rows_where(1, |text| text.starts_with("All ") && text.ends_with("Total")) {
                printed += sheet.number(row, 10).unwrap_or_default();
            }
        }
        let paid: Decimal = payroll.people.iter().map(Person::total_paid).sum();
        prop_assert_eq!(printed, paid);
        prop_assert_eq!(csv_hours(&files), paid);
    }
}

/// The hours of all pay codes other than banked.
fn csv_hours(files: &[NamedFile]) -> Decimal {
    let file = files
        .iter()
        .find(|file| file.content_type == NamedFile::CSV)
        .expect("the CSV");
    csv::Reader::from_reader(file.bytes.as_slice())
        .records()
        .map(|record| record.expect("a record"))
        .filter(|record| &record[6] != "Banked")
        .map(|record| hours(&record[7]))
        .sum()
}
