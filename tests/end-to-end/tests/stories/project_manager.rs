//! Project manager: "approves timesheets in Clockify; wants the monthly billing workbook per project".

use std::collections::BTreeMap;

use clockify_sim::SheetState;
use end_to_end::{
    clockify::Work,
    company::company,
    people::Person,
    workbook::{TableRow, Workbook},
};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use crate::site::Site;

const FROM: &str = "2026-10-18";
const TO: &str = "2026-10-31";

fn to_the_cent(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Name, hours, rate, amount: one row per person and rate (§7), reckoned from Clockify's entries.
type Labour = Vec<(String, Decimal, Decimal, Decimal)>;

fn expected_labour(work: &[Work], project: &str) -> Labour {
    let mut hours: BTreeMap<(&str, &str, Decimal), Decimal> = BTreeMap::new();
    let billed = |one: &&Work| {
        one.project.as_deref() == Some(project)
            && one.billable
            && one.state == Some(SheetState::Approved)
    };
    for one in work.iter().filter(billed) {
        let key = (
            one.name.as_str(),
            one.person.as_str(),
            one.rate.unwrap_or_default(),
        );
        *hours.entry(key).or_default() += one.hours;
    }
    let mut rows: Labour = hours
        .into_iter()
        .filter(|(_, hours)| !hours.is_zero())
        .map(|((name, _, rate), hours)| (name.to_owned(), hours, rate, to_the_cent(hours * rate)))
        .collect();
    rows.sort();
    rows
}

fn shown_labour(rows: &[TableRow]) -> Labour {
    let labour = rows.iter().filter(|row| row.text("Unit") == "hour");
    let row = |row: &TableRow| {
        let number = |heading: &str| row.number(heading);
        (
            row.text("Staff Member").to_owned(),
            number("Qty"),
            number("Rate"),
            number("Amount"),
        )
    };
    let mut rows: Labour = labour.map(row).collect();
    rows.sort();
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_project_manager_approves_and_gets_what_can_be_billed() {
    let story = company(45).with_strict_clockify().synced().play().await;
    let database = story.database();
    let pending = "SELECT COUNT(*) FROM timesheet WHERE state = 'PENDING'";
    assert!(database.number(pending) > 30);
    let sheets = story.control.sheets().await.expect("timesheets");
    let waiting: Vec<_> = sheets
        .iter()
        .filter(|sheet| sheet.state == SheetState::Pending)
        .collect();
    // One he sends back, one he approves by itself, the rest with one click.
    let (rejected, approved) = (waiting[0], waiting[1]);
    let decide = story
        .control
        .decide(rejected.id, SheetState::Rejected, "Which project?");
    decide.await.expect("rejected");
    let decide = story.control.decide(approved.id, SheetState::Approved, "");
    decide.await.expect("approved");
    story.approve_all().await;
    story.settled_for_good().await;
    assert_eq!(database.number(pending), 0);
    let released = format!(
        "SELECT COUNT(*) FROM time_entry WHERE released_by_id = '{}'",
        rejected.id
    );
    assert_eq!(
        database.number(&released),
        i64::try_from(rejected.entries).expect("a few")
    );

    let period = json!({"from": FROM, "to": TO});
    let files = story
        .report(Person::ProjectManager, "billing", &period)
        .await;
    let work = story
        .clockify()
        .work(FROM.parse().expect("a date"), TO.parse().expect("a date"))
        .await;
    let projects = story.clockify().list("/projects").await;
    let with_trucks: Vec<String> = story
        .clockify()
        .users()
        .await
        .iter()
        .filter(|user| {
            let fields = user["customFields"].as_array().into_iter().flatten();
            let mut trucks = fields.filter(|field| field["customFieldName"] == "Truck");
            trucks.any(|field| field["value"] == true)
        })
        .map(|user| user["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    let (mut billed, mut trucks) = (0, 0);
    for project in &projects {
        let name = project["name"].as_str().expect("a name");
        let expected = expected_labour(&work, project["id"].as_str().expect("an id"));
        if expected.is_empty() {
            continue;
        }
        let code = name.split_once(" - ").map_or(name, |(code, _)| code);
        let file = files
            .iter()
            .find(|file| file.name == format!("Oct-{code}.xlsx"));
        let file = file.unwrap_or_else(|| panic!("no workbook for {name}"));
        let book = Workbook::read(&file.bytes);
        let table = book.sheets[0].table("Staff Member");
        let end = table
            .iter()
            .position(|row| row.text("Staff Member") == "SUB TOTAL");
        let (labour, equipment) = table.split_at(end.expect("a sub-total"));
        assert_eq!(shown_labour(labour), expected, "{name}");
        let of_labour: Decimal = expected.iter().map(|row| row.3).sum();
        assert_eq!(equipment[0].number("Amount"), of_labour, "{name}");

        // A truck is billed with its driver's hours at 18.75 (§7).
        let mut of_trucks = Decimal::ZERO;
        for (who, quantity, rate, amount) in shown_labour(&equipment[1..]) {
            let hours: Decimal = expected
                .iter()
                .filter(|row| row.0 == who)
                .map(|row| row.1)
                .sum();
            assert_eq!(
                (quantity, rate),
                (hours, Decimal::new(1875, 2)),
                "{name}: {who}"
            );
            assert!(with_trucks.contains(&who), "{who} has a truck");
            of_trucks += amount;
            trucks += 1;
        }
        let drivers = expected
            .iter()
            .filter(|row| with_trucks.contains(&row.0))
            .count();
        assert_eq!(
            of_trucks.is_zero(),
            drivers == 0,
            "{name}: {drivers} drivers"
        );
        let grand = table
            .iter()
            .find(|row| row.text("Staff Member") == "GRAND TOTAL");
        let grand = grand.expect("a grand total");
        assert_eq!(grand.number("Amount"), of_labour + of_trucks, "{name}");
        assert!(grand.formula("Amount").is_some(), "{name}");
        billed += 1;
    }
    assert!(
        billed > 5 && trucks > 0,
        "{billed} projects, {trucks} trucks"
    );
    let made = files
        .iter()
        .filter(|file| file.name.starts_with("Oct-") && !file.name.contains("Summary"));
    assert_eq!(
        made.count(),
        billed,
        "no workbook for a project without billable work"
    );
}

/// "…and the LEM sheet to hand to the client".
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_project_manager_gets_the_lem_sheet_to_hand_to_the_client() {
    let story = company(12).synced().play().await;
    let site = Site::of(&story).await;
    let foreman = story.api(Person::Foreman);
    let sheet = foreman
        .post("/lem-sheets", &site.ticket())
        .await
        .expect(201);
    let wanted = json!({"lemSheetId": sheet["id"]});
    let files = story
        .report(Person::ProjectManager, "lem-sheet", &wanted)
        .await;
    assert_eq!(files.len(), 1);
    assert!(
        files[0].name.ends_with("-LEM-0001.xlsx"),
        "{}",
        files[0].name
    );
    let book = Workbook::read(&files[0].bytes);
    let cells = || book.sheets.iter().flat_map(|page| page.cells.values());
    let shows = |wanted: &str| cells().any(|cell| cell.shown.contains(wanted));
    for wanted in [
        "LEM-0001",
        "Dana Poole",
        "Kim Osei",
        "Total station",
        "Lath",
    ] {
        assert!(shows(wanted), "{wanted}");
    }
    // By hand, as in the foreman's story: 1292.13 + 350 + 3.88.
    let grand = Decimal::new(164_601, 2);
    let is_grand = |shown: &str| shown.parse() == Ok(grand);
    assert!(cells().any(|cell| is_grand(&cell.shown)), "{grand}");
}
