//! The two LEM reports of stored sheets, made as jobs.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use rust_decimal::Decimal;
use shared::{
    domain::{
        ids::LemSheetId,
        lem::{
            EquipmentBasis, EquipmentLine, EquipmentPrices, EquipmentRate, MaterialLine,
            WorkerLine, WorkerPrices, WorkerRate,
        },
    },
    lem::{self, Act, LemError, NewSheet, SheetChange},
    reports::{Kind, Request},
    store::{
        Transaction,
        lem_name::{LemName, NameList},
    },
};

use super::{
    company::Company,
    office::{NOW, Office},
    read_back::{Sheet, read},
};

const ROLES: [&str; 2] = ["Party Chief", "Rod Person"];
const MACHINES: [&str; 2] = ["Total station", "Side-by-side"];

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn act() -> Act {
    Act {
        by: "test".to_owned(),
        at: NOW.parse::<Timestamp>().expect("an instant"),
    }
}

fn worker(name: &str, role: &str, hours: [i64; 3], meals: u32, nights: u32) -> WorkerLine {
    let [work_hours, travel_hours, calc_hours] = hours.map(|count| Decimal::new(count, 2));
    WorkerLine {
        id: format!("{name} {role} {}", uuid()).into(),
        worker: name.to_owned(),
        employee_id: None,
        role_id: role.into(),
        work_hours,
        travel_hours,
        calc_hours,
        meals,
        hotel_nights: nights,
    }
}

/// Lines have ids of their own on every sheet.
fn uuid() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}

fn ticket(id: &str, day: Date) -> NewSheet {
    NewSheet {
        id: id.into(),
        request_hash: id.to_owned(),
        client_id: None,
        project_id: "project-0".into(),
        date: day,
        project_manager_id: Some("employee-1".into()),
        client_representative: Some("Rosa Ferreira".to_owned()),
        description: Some("Staked 24 piles".to_owned()),
        notes: Some("Pile layout".to_owned()),
        workers: vec![worker("Ada Marlowe", "Party Chief", [850, 150, 0], 1, 0)],
        equipment: vec![machine("Total station", 100, EquipmentBasis::Day)],
        materials: Vec::new(),
    }
}

fn machine(name: &str, quantity: i64, basis: EquipmentBasis) -> EquipmentLine {
    EquipmentLine {
        id: uuid().into(),
        equipment_id: name.into(),
        quantity: Decimal::new(quantity, 2),
        basis,
    }
}

/// A company with two roles and two machines; the second of each has no rate.
async fn office() -> Office {
    office_of(4).await
}

/// Of so many people, and a project for every four of them.
async fn office_of(people: usize) -> Office {
    let office = Office::open().await;
    office.store(&Company::of(people)).await;
    let write = office.store.write(async |mut tx| {
        let tx = &mut tx;
        for (list, names) in [(NameList::Roles, ROLES), (NameList::Equipment, MACHINES)] {
            for name in names {
                let name = LemName {
                    id: name.to_owned(),
                    client_id: "client".into(),
                    project_id: None,
                    name: name.to_owned(),
                };
                lem::add_name(tx, &act(), list, &name).await?;
            }
        }
        let worker = WorkerRate {
            client_id: "client".into(),
            project_id: "project-0".into(),
            role_id: "Party Chief".into(),
            valid_from: date(2026, 1, 1),
            prices: WorkerPrices {
                work_rate: Some(decimal("118.35")),
                travel_rate: Some(decimal("95")),
                calc_rate: None,
                meal_rate: Some(decimal("25.55")),
                hotel_rate: Some(Decimal::ZERO),
            },
        };
        lem::put_worker_rate(tx, &act(), &worker, None).await?;
        let machine = EquipmentRate {
            client_id: "client".into(),
            project_id: "project-0".into(),
            equipment_id: "Total station".into(),
            valid_from: date(2026, 1, 1),
            prices: EquipmentPrices {
                unit_rate: Some(decimal("12.01")),
                day_rate: Some(decimal("145.5")),
            },
        };
        lem::put_equipment_rate(tx, &act(), &machine, None).await?;
        Ok::<_, LemError>(())
    });
    write.await.expect("names and rates");
    office
}

impl Office {
    /// Does something to LEM sheets.
    async fn lem<T>(&self, work: impl AsyncFn(&mut Transaction) -> Result<T, LemError>) -> T {
        let done = self.store.write(async |mut tx| work(&mut tx).await);
        done.await.expect("done")
    }

    async fn lem_sheet(&self, id: &str) -> (String, Sheet) {
        let request = Request {
            lem_sheet_id: Some(id.into()),
            ..Request::default()
        };
        let (_, files) = self.made(Kind::LemSheet, &request).await;
        (files[0].name.clone(), read(&files[0].bytes).remove(0))
    }

    async fn lem_timesheet(&self) -> Vec<Sheet> {
        self.lem_timesheet_of("P-000").await
    }

    async fn lem_timesheet_of(&self, code: &str) -> Vec<Sheet> {
        let request = Request {
            from: Some(date(2026, 11, 15)),
            to: Some(date(2026, 11, 21)),
            project_code: Some(code.to_owned()),
            ..Request::default()
        };
        let (_, files) = self.made(Kind::LemTimesheet, &request).await;
        assert_eq!(
            files[0].name,
            format!("LEM-Timesheet-{code}-2026-11-15-2026-11-21.xlsx")
        );
        read(&files[0].bytes)
    }
}

/// `domain.md` §7 *LEM sheet*: what stands on it, under the names that it has on paper (§6).
#[tokio::test]
async fn a_signed_sheet_is_printed_as_it_is_stored() {
    let office = office().await;
    let id = LemSheetId::from("s1");
    let picture = include_bytes!("../../../tests/golden/signature.png");
    office
        .lem(async |tx| {
            let mut sheet = ticket("s1", date(2026, 11, 17));
            sheet
                .workers
                .push(worker("J. Okafor", "Rod Person", [800, 0, 0], 0, 1));
            lem::create(tx, &act(), &sheet).await?;
            lem::submit(tx, &act(), &id, None).await?;
            let signature = ("Rosa Ferreira".to_owned(), picture.to_vec());
            lem::sign(tx, &act(), &id, None, signature).await
        })
        .await;
    let (name, sheet) = office.lem_sheet("s1").await;
    assert_eq!(name, "LEM-P-000-LEM-0001.xlsx");
    for (label, text) in [
        ("Client", "Northbank Utilities Ltd."),
        ("Client Representative", "Rosa Ferreira"),
        ("Project Manager", "Person 00001"),
        ("Timesheet No.", "LEM-0001"),
        ("Project Code", "P-000"),
        ("Status", "SIGNED"),
    ] {
        let row = sheet.rows_where(1, |cell| cell == label)[0];
        assert_eq!(sheet.text(row, 2), Some(text), "{label}");
    }
    // "On paper `notes` is the *Task Description*, `description` the *Description of Work Performed*".
    for (heading, text) in [
        ("Task Description", "Pile layout"),
        ("Description of Work Performed", "Staked 24 piles"),
    ] {
        let row = sheet.rows_where(1, |cell| cell == heading)[0];
        assert_eq!(sheet.text(row + 1, 1), Some(text));
    }
    for row in [
        "Party Chief - Work",
        "Party Chief - Travel",
        "Party Chief - Meals",
    ] {
        assert_eq!(sheet.rows_where(1, |cell| cell == row).len(), 1, "{row}");
    }
    // The role without rates: its hours and its night.
    assert_eq!(sheet.rows_where(6, |cell| cell == "Missing rate").len(), 2);
    // 8.5 × 118.35 = 1005.975, half up; 1.5 × 95; one meal; one day of the machine.
    for (label, amount) in [
        ("Labour Total", "1174.03"),
        ("Equipment Total", "145.5"),
        ("Material Total", "0"),
        ("Grand Total", "1319.53"),
    ] {
        let row = sheet.rows_where(1, |cell| cell == label)[0];
        assert_eq!(sheet.number(row, 7), Some(decimal(amount)), "{label}");
    }
}

/// `domain.md` §6: prices freeze at submission; a rejected sheet says why, a deleted one that it is.
#[tokio::test]
async fn a_later_rate_changes_no_submitted_sheet_and_a_rejection_says_why() {
    let office = office().await;
    let ids = ["s1", "s2", "s3"].map(LemSheetId::from);
    office
        .lem(async |tx| {
            for id in &ids {
                lem::create(tx, &act(), &ticket(id.as_str(), date(2026, 11, 17))).await?;
            }
            lem::submit(tx, &act(), &ids[0], None).await?;
            lem::reject(tx, &act(), &ids[0], None, "Two hours too many".to_owned()).await?;
            lem::archive(tx, &act(), &ids[2], None).await?;
            let rate = WorkerRate {
                client_id: "client".into(),
                project_id: "project-0".into(),
                role_id: "Party Chief".into(),
                valid_from: date(2026, 11, 1),
                prices: WorkerPrices {
                    work_rate: Some(decimal("200")),
                    ..WorkerPrices::default()
                },
            };
            lem::put_worker_rate(tx, &act(), &rate, None).await
        })
        .await;
    for (id, status, labour) in [
        ("s1", "REJECTED", "1174.03"),
        // The draft: 8.5 × 200, and nothing else has a rate any more.
        ("s2", "DRAFT", "1700"),
        ("s3", "DELETED", "1700"),
    ] {
        let (_, sheet) = office.lem_sheet(id).await;
        let row = sheet.rows_where(1, |cell| cell == "Status")[0];
        assert_eq!(sheet.text(row, 2), Some(status));
        let row = sheet.rows_where(1, |cell| cell == "Labour Total")[0];
        assert_eq!(sheet.number(row, 7), Some(decimal(labour)), "{id}");
        let reasons = sheet.rows_where(1, |cell| cell == "Two hours too many");
        assert_eq!(reasons.len(), usize::from(status == "REJECTED"));
    }
}

/// A signature that is no picture after all: the sheet is printed with its name and time.
#[tokio::test]
async fn a_signature_that_cannot_be_drawn_keeps_no_sheet_from_being_printed() {
    let office = office().await;
    let id = LemSheetId::from("s1");
    office
        .lem(async |tx| {
            lem::create(tx, &act(), &ticket("s1", date(2026, 11, 17))).await?;
            lem::submit(tx, &act(), &id, None).await?;
            let broken = ("Rosa Ferreira".to_owned(), b"\x89PNG\r\n\x1a\n".to_vec());
            lem::sign(tx, &act(), &id, None, broken).await
        })
        .await;
    let (_, sheet) = office.lem_sheet("s1").await;
    let row = sheet.rows_where(1, |cell| cell == "Client's signature")[0];
    assert_eq!(sheet.text(row + 1, 2), Some("Rosa Ferreira"));
    assert_eq!(
        sheet.text(row + 3, 1),
        Some("The drawn signature is no picture that can be printed.")
    );
}

/// `domain.md` §7 *LEM timesheet*: "by date, with the sheet's number and status; archived and rejected
/// sheets left out"; §6: "Reports count one revision per number: the newest signed, else the newest."
#[tokio::test]
async fn a_timesheet_counts_one_revision_per_number() {
    let office = office().await;
    office
        .lem(async |tx| {
            let act = act();
            let signed = || ("Rosa Ferreira".to_owned(), Vec::new());
            let days = [18, 16, 17, 17, 17, 22].map(|day| date(2026, 11, day));
            for (number, day) in (1..).zip(days) {
                let mut sheet = ticket(&format!("s{number}"), day);
                sheet.workers[0].worker = format!("Worker {number}");
                lem::create(tx, &act, &sheet).await?;
            }
            // 1: signed on the 18th, and its correction too: of the 19th.
            let ids = ["s1", "s1-r2", "s1-r3"].map(LemSheetId::from);
            lem::submit(tx, &act, &ids[0], None).await?;
            lem::sign(tx, &act, &ids[0], None, signed()).await?;
            lem::revise(tx, &act, &ids[0], None, ids[1].clone()).await?;
            let to_the_19th = SheetChange {
                date: Some(date(2026, 11, 19)),
                ..SheetChange::default()
            };
            lem::change(tx, &act, &ids[1], None, &to_the_19th).await?;
            lem::submit(tx, &act, &ids[1], None).await?;
            lem::sign(tx, &act, &ids[1], None, signed()).await?;
            // A third one, not signed yet, does not count.
            lem::revise(tx, &act, &ids[1], None, ids[2].clone()).await?;
            // 3: rejected. 4: deleted.
            lem::submit(tx, &act, &"s3".into(), None).await?;
            lem::reject(tx, &act, &"s3".into(), None, "No".to_owned()).await?;
            lem::archive(tx, &act, &"s4".into(), None).await?;
            // 5: signed in this week, its signed correction lies in the next.
            lem::submit(tx, &act, &"s5".into(), None).await?;
            lem::sign(tx, &act, &"s5".into(), None, signed()).await?;
            lem::revise(tx, &act, &"s5".into(), None, "s5-r2".into()).await?;
            let out_of_the_week = SheetChange {
                date: Some(date(2026, 11, 23)),
                ..SheetChange::default()
            };
            lem::change(tx, &act, &"s5-r2".into(), None, &out_of_the_week).await?;
            lem::submit(tx, &act, &"s5-r2".into(), None).await?;
            lem::sign(tx, &act, &"s5-r2".into(), None, signed()).await
        })
        .await;
    let sheets = office.lem_timesheet().await;
    let workers = &sheets[0];
    workers.check_totals();
    let heading = workers.heading_row(&["Date", "Worker"]).expect("headings");
    let lines: Vec<[Option<&str>; 3]> = (heading + 1..)
        .map_while(|row| {
            workers.text(row, 2)?;
            Some([2, 9, 10].map(|column| workers.text(row, column)))
        })
        .collect();
    assert_eq!(
        lines,
        [
            [Some("Worker 2"), Some("LEM-0002"), Some("DRAFT")],
            [Some("Worker 1"), Some("LEM-0001-R2"), Some("SIGNED")],
        ]
    );
    let equipment = &sheets[1];
    // Days and units of different machines do not add up.
    assert_eq!(equipment.check_totals(), 0);
}

#[tokio::test]
async fn a_timesheet_of_a_project_without_sheets_says_so() {
    let office = office().await;
    for sheet in office.lem_timesheet().await {
        let said = sheet.rows_where(1, |text| text.starts_with("Nothing: "));
        assert_eq!(said.len(), 1, "{}", sheet.name);
    }
}

/// A product of two figures of two decimals to the cent, half up, in whole numbers alone.
fn cents(hundredths: i64, price_cents: i64) -> i64 {
    (hundredths * price_cents + 50) / 100
}

/// Role, hours of work, travel and calc, meals, nights.
type RandomWorker = (usize, [i64; 3], u32, u32);

/// One random sheet: hours, counts, machines, materials in hundredths.
type RandomSheet = (
    Vec<RandomWorker>,
    Vec<(usize, i64, bool)>,
    Vec<(i64, i64, i64)>,
);

fn random_sheet() -> impl Strategy<Value = RandomSheet> {
    let hours = || 0_i64..1600;
    (
        prop::collection::vec(
            (0_usize..2, [hours(), hours(), hours()], 0_u32..4, 0_u32..3),
            0..12,
        ),
        prop::collection::vec((0_usize..2, 1_i64..500, any::<bool>()), 0..8),
        prop::collection::vec((1_i64..10_000, 0_i64..50_000, 0_i64..4_000), 0..8),
    )
}

/// The sheet with random lines instead of its own.
fn with_lines(sheet: NewSheet, (workers, machines, materials): &RandomSheet) -> NewSheet {
    NewSheet {
        workers: (0..)
            .zip(workers)
            .map(|(n, line)| {
                let name = format!("Worker {n}");
                worker(&name, ROLES[line.0], line.1, line.2, line.3)
            })
            .collect(),
        equipment: machines
            .iter()
            .map(|(which, quantity, by_day)| {
                let basis = [EquipmentBasis::Unit, EquipmentBasis::Day][usize::from(*by_day)];
                machine(MACHINES[*which], *quantity, basis)
            })
            .collect(),
        materials: materials
            .iter()
            .map(|(quantity, cost, markup)| MaterialLine {
                id: uuid().into(),
                description: "Lath".to_owned(),
                quantity: Decimal::new(*quantity, 2),
                unit: "piece".to_owned(),
                unit_cost: Decimal::new(*cost, 2),
                markup_percent: Decimal::new(*markup, 2),
            })
            .collect(),
        ..sheet
    }
}

/// For any sheet: what is printed sums to what is printed, and to a sum of the rows that were stored.
#[tokio::test]
async fn any_stored_sheet_adds_up_to_the_cent() {
    let office = office().await;
    let mut runner = TestRunner::deterministic();
    for case in 0..24 {
        let (workers, machines, materials) = random_sheet()
            .new_tree(&mut runner)
            .expect("a sheet")
            .current();
        // Priced by row: all of a kind together.
        let of_chief = |of: &dyn Fn(&RandomWorker) -> i64| -> i64 {
            workers.iter().filter(|line| line.0 == 0).map(of).sum()
        };
        let labour = cents(of_chief(&|line| line.1[0]), 11835)
            + cents(of_chief(&|line| line.1[1]), 9500)
            + of_chief(&|line| i64::from(line.2)) * 2555;
        let equipment: i64 = machines
            .iter()
            .filter(|line| line.0 == 0)
            .map(|line| cents(line.1, if line.2 { 14550 } else { 1201 }))
            .sum();
        // Hundredths × cents × thousandths of a markup, rounded once.
        let material: i64 = materials
            .iter()
            .map(|(quantity, cost, markup)| {
                (quantity * cost * (100_000 + markup * 10) + 5_000_000) / 10_000_000
            })
            .sum();

        let id = format!("random-{case}");
        let sheet = with_lines(
            ticket(&id, date(2026, 11, 17)),
            &(workers.clone(), machines, materials),
        );
        office
            .lem(async |tx| lem::create(tx, &act(), &sheet).await)
            .await;
        let (_, printed) = office.lem_sheet(&id).await;
        printed.check_totals();
        for (label, expected) in [
            ("Labour Total", labour),
            ("Equipment Total", equipment),
            ("Material Total", material),
            ("Grand Total", labour + equipment + material),
        ] {
            let row = printed.rows_where(1, |cell| cell == label)[0];
            let figure = printed.number(row, 7);
            assert_eq!(
                figure,
                Some(Decimal::new(expected, 2).normalize()),
                "{label}: {sheet:?}"
            );
        }
        let hours: i64 = workers.iter().map(|line| line.1[0]).sum();
        let total = printed.rows_where(1, |cell| cell == "Total")[0];
        assert_eq!(
            printed.number(total, 3),
            Some(Decimal::new(hours, 2).normalize())
        );
    }
}

/// What becomes of a sheet after it is written.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Draft,
    Submitted,
    Signed,
    Rejected,
    Deleted,
    /// Rejected, and written anew for another day.
    Mended,
    /// Signed, and its signed correction moved it to another day.
    Corrected,
    /// Signed, and its correction for another day is not signed yet.
    Reopened,
}

impl Fate {
    const ALL: [Self; 8] = [
        Self::Draft,
        Self::Submitted,
        Self::Signed,
        Self::Rejected,
        Self::Deleted,
        Self::Mended,
        Self::Corrected,
        Self::Reopened,
    ];

    /// `domain.md` §6, "the newest signed, else the newest"; §7, "archived and rejected sheets left out": whether
    /// the other day counts, what follows the number, and the status.
    fn counts_as(self) -> Option<(bool, &'static str, &'static str)> {
        match self {
            Self::Draft => Some((false, "", "DRAFT")),
            Self::Submitted => Some((false, "", "SUBMITTED")),
            Self::Signed | Self::Reopened => Some((false, "", "SIGNED")),
            Self::Rejected | Self::Deleted => None,
            Self::Mended => Some((true, "-R2", "DRAFT")),
            Self::Corrected => Some((true, "-R2", "SIGNED")),
        }
    }

    async fn befall(
        self,
        tx: &mut Transaction,
        id: &LemSheetId,
        other_day: Date,
    ) -> Result<(), LemError> {
        let act = act();
        let signed = || ("Rosa Ferreira".to_owned(), Vec::new());
        match self {
            Self::Draft => return Ok(()),
            Self::Deleted => {
                lem::archive(tx, &act, id, None).await?;
                return Ok(());
            }
            _ => lem::submit(tx, &act, id, None).await?,
        };
        match self {
            Self::Submitted => return Ok(()),
            Self::Rejected | Self::Mended => {
                lem::reject(tx, &act, id, None, "No".to_owned()).await?
            }
            _ => lem::sign(tx, &act, id, None, signed()).await?,
        };
        if matches!(self, Self::Signed | Self::Rejected) {
            return Ok(());
        }
        let revision = LemSheetId::from(format!("{id}-r2"));
        lem::revise(tx, &act, id, None, revision.clone()).await?;
        let moved = SheetChange {
            date: Some(other_day),
            ..SheetChange::default()
        };
        lem::change(tx, &act, &revision, None, &moved).await?;
        if matches!(self, Self::Corrected) {
            lem::submit(tx, &act, &revision, None).await?;
            lem::sign(tx, &act, &revision, None, signed()).await?;
        }
        Ok(())
    }
}

/// A line of a timesheet but for its figures: day of November, number and status of its sheet.
type Origin = (Date, String, String);

/// Day and other day of November, what became of the sheet, its lines.
fn random_tickets() -> impl Strategy<Value = Vec<(i8, i8, Fate, RandomSheet)>> {
    let day = || 12_i8..25;
    prop::collection::vec(
        (
            day(),
            day(),
            prop::sample::select(&Fate::ALL[..]),
            random_sheet(),
        ),
        0..8,
    )
}

/// What is printed in a sheet of the timesheet: where each line is from, and its columns of figures in hundredths.
fn printed(sheet: &Sheet, figures: &[u32], [number, status]: [u32; 2]) -> Vec<(Origin, Vec<i64>)> {
    let heading = sheet.heading_row(&["Date"]).expect("headings");
    (heading + 1..)
        .map_while(|row| {
            let days: i64 = sheet.number(row, 1)?.try_into().expect("a date");
            let day = date(1899, 12, 30).saturating_add(days.days());
            let text = |column| sheet.text(row, column).expect("a text").to_owned();
            let hundredths = |column: &u32| {
                let figure = sheet.number(row, *column).expect("a figure") * Decimal::ONE_HUNDRED;
                i64::try_from(figure).expect("hundredths")
            };
            let figures = figures.iter().map(hundredths).collect();
            Some(((day, text(number), text(status)), figures))
        })
        .collect()
}

fn sum(lines: &[(Origin, Vec<i64>)], column: usize) -> i64 {
    lines.iter().map(|(_, figures)| figures[column]).sum()
}

/// For any sheets of a project, whatever became of them: the lines are those of the revisions that count, by date,
/// and the totals are sums of what was written on them.
#[tokio::test]
async fn any_timesheet_adds_up_to_the_lines_that_count() {
    let office = office_of(64).await;
    let mut runner = TestRunner::deterministic();
    for case in 0..16 {
        let tickets = random_tickets().new_tree(&mut runner).expect("sheets");
        let (mut workers, mut machines) = (Vec::new(), Vec::new());
        for (n, (day, other_day, fate, lines)) in (0..).zip(tickets.current()) {
            let [day, other_day] = [day, other_day].map(|day| date(2026, 11, day));
            let id = LemSheetId::from(format!("random-{case}-{n}"));
            let sheet = NewSheet {
                project_id: format!("project-{case}").into(),
                ..with_lines(ticket(id.as_str(), day), &lines)
            };
            let stored = office
                .lem(async |tx| {
                    let stored = lem::create(tx, &act(), &sheet).await?;
                    fate.befall(tx, &id, other_day).await?;
                    Ok(stored)
                })
                .await;
            let Some((is_moved, revision, status)) = fate.counts_as() else {
                continue;
            };
            let day = if is_moved { other_day } else { day };
            if !(15..=21).contains(&day.day()) {
                continue;
            }
            let origin = || {
                let number = format!("{}{revision}", stored.now.sheet.number);
                (day, number, status.to_owned())
            };
            workers.extend(lines.0.iter().map(|line| {
                let [work, travel, calc] = line.1;
                let [meals, nights] = [line.2, line.3].map(|count| i64::from(count) * 100);
                (origin(), vec![work, calc, travel, meals, nights])
            }));
            machines.extend(lines.1.iter().map(|line| (origin(), vec![line.1])));
        }

        let code = format!("P-{case:03}");
        let sheets = office.lem_timesheet_of(&code).await;
        for (sheet, figures, words, expected) in [
            (&sheets[0], &[4, 5, 6, 7, 8][..], [9, 10], &mut workers),
            (&sheets[1], &[3][..], [5, 6], &mut machines),
        ] {
            expected.sort_by(|one, other| one.0.cmp(&other.0));
            let lines = printed(sheet, figures, words);
            assert_eq!(lines, *expected, "{code}, {}", sheet.name);
            sheet.check_totals();
            let Some(total) = sheet.rows_where(1, |text| text == "Total").first().copied() else {
                assert_eq!(words, [5, 6], "only the machines have no total");
                continue;
            };
            for (at, column) in figures.iter().enumerate() {
                let found = sheet.number(total, *column).expect("a total");
                let hundredths = i64::try_from(found * Decimal::ONE_HUNDRED);
                assert_eq!(hundredths, Ok(sum(expected, at)), "{code}, {}", sheet.name);
            }
        }
    }
}
