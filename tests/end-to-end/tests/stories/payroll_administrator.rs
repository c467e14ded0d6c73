//! Payroll administrator: "one workbook for salaried and one for hourly staff, in which every row adds up".

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::{
    clockify::Work,
    company::{Company, company},
    people::Person,
    story::ReportFile,
    workbook::{TableRow, Workbook},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Hours of two weeks, among them Thanksgiving.
const FROM: &str = "2026-10-04";
const TO: &str = "2026-10-17";
const THANKSGIVING: &str = "2026-10-12";

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// Total rows, each with the sum of the rows above since the last total; and the sum of all of them.
fn assert_totals_are_sums(table: &[TableRow]) {
    let columns = ["REG", "OT", "BANKED", "Used PTO", "STAT", "Total Paid"];
    let (mut of_person, mut of_all) = ([Decimal::ZERO; 6], [Decimal::ZERO; 6]);
    let mut totals = 0;
    for row in table {
        let label = row.text("Staff Member");
        let is_total = label.ends_with(" Total");
        if row.date("Date").is_some() {
            for (index, column) in columns.iter().enumerate() {
                of_person[index] += row.number(column);
                of_all[index] += row.number(column);
            }
        } else if is_total {
            let is_grand = label.starts_with("All ");
            let expected = if is_grand { &of_all } else { &of_person };
            for (column, expected) in columns.iter().zip(expected) {
                assert_eq!(row.number(column), *expected, "{label}, {column}");
                assert!(
                    row.formula(column).is_some(),
                    "{label}, {column} is a formula"
                );
            }
            of_person = [Decimal::ZERO; 6];
            if is_grand {
                of_all = [Decimal::ZERO; 6];
            }
            totals += 1;
        }
    }
    assert!(totals > 1, "totals were found");
}

/// Overtime of a week of days without holiday, banked day or leave: the law's greater of two sums (§4, point 4).
fn lawful_overtime(days: &BTreeMap<Date, Decimal>) -> Decimal {
    let daily: Decimal = days
        .values()
        .map(|hours| (*hours - Decimal::from(8)).max(Decimal::ZERO))
        .sum();
    let all: Decimal = days.values().sum();
    daily.max(all - Decimal::from(44))
}

fn per_day(work: &[Work]) -> BTreeMap<(String, Date), Decimal> {
    let mut days = BTreeMap::new();
    for one in work.iter().filter(|one| one.counts()) {
        *days.entry((one.name.clone(), one.date)).or_default() += one.hours;
    }
    days
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_payroll_administrator_gets_workbooks_in_which_every_row_adds_up() {
    every_row_adds_up(company(60).with_strict_clockify()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_payroll_administrator_gets_the_same_from_azure_storage() {
    every_row_adds_up(company(60).on_azure()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_payroll_administrator_gets_the_same_from_the_unpacked_package() {
    every_row_adds_up(company(60).packaged()).await;
}

/// "…banked overtime and vacation balances correct in Clockify without typing".
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_payroll_administrator_types_no_balance_into_clockify() {
    let story = company(12).synced().play().await;
    let policies = story.clockify().list("/time-off/policies").await;
    let policy = |name: &str| -> String {
        let found = policies.iter().find(|policy| policy["name"] == name);
        let id = found.expect("a policy")["id"].as_str();
        id.expect("an id").to_owned()
    };
    let (banked, vacation) = (policy("Banked Time"), policy("Vacation"));
    let story = story
        .restarted_with(&[
            ("BANKED_POLICY_ID", &banked),
            ("VACATION_POLICY_ID", &vacation),
            ("BALANCE_HOLD_HOURS", "10000"),
            ("SYNC_FROM", "2026-01-01"),
            ("VACATION_FIRST_YEAR", "2026"),
        ])
        .await;
    let in_clockify = async |policy: &str| -> BTreeMap<String, Value> {
        let path = format!("/time-off/balance/policy/{policy}?page-size=200");
        let listed = story.clockify().get(&path).await;
        let rows = listed["balances"].as_array().expect("balances").iter();
        rows.map(|row| {
            let person = row["userId"].as_str().expect("a user").to_owned();
            (person, row["balance"].clone())
        })
        .collect()
    };
    let hours = |value: &Value| -> Decimal { value.to_string().parse().expect("a number") };
    let jobs = story.goes_off("daily-balances").await;
    assert_eq!(jobs.len(), 2, "{jobs:?}");
    for policy in [&banked, &vacation] {
        let theirs = in_clockify(policy).await;
        let path = format!("/balances?policyId={policy}");
        let ours = story.api(Person::PayrollAdministrator).list(&path).await;
        let mut sent = 0;
        for balance in &ours {
            let outcome = balance["outcome"].as_str().expect("an outcome");
            if outcome == "not sent" {
                continue;
            }
            assert!(["sent", "equal"].contains(&outcome), "{balance}");
            sent += usize::from(outcome == "sent");
            let person = balance["employeeId"].as_str().expect("an employee");
            assert_eq!(
                hours(&theirs[person]),
                hours(&balance["computed"]),
                "{balance}"
            );
        }
        assert!(sent > 0, "{sent} of {}", ours.len());
    }
    // The next day there is nothing left to send.
    let patches = async || {
        let requests = story.control.requests().await.expect("requests");
        requests.iter().filter(|one| one.method == "PATCH").count()
    };
    let before = patches().await;
    story.goes_off("daily-balances").await;
    assert_eq!(patches().await, before);
}

async fn every_row_adds_up(company: Company) {
    let story = company.week("2026-10-11").synced().play().await;
    let period = json!({"from": FROM, "to": TO});
    let files = story
        .report(Person::PayrollAdministrator, "payroll", &period)
        .await;
    let salary = Workbook::read(
        &ReportFile::named(&files, "Payroll-Salary-2026-10-04-2026-10-17.xlsx").bytes,
    );
    let hourly = Workbook::read(
        &ReportFile::named(&files, "Payroll-Hourly-2026-10-04-2026-10-17.xlsx").bytes,
    );
    let tables = [salary.table("Staff Member"), hourly.table("Staff Member")];
    for table in &tables {
        assert_totals_are_sums(table);
    }
    let rows: Vec<&TableRow> = tables
        .iter()
        .flatten()
        .filter(|row| row.date("Date").is_some())
        .collect();

    // What was worked, by Clockify's own entries, is regular, overtime or banked, to the quarter of an hour.
    let work = story.clockify().work(date(FROM), date(TO)).await;
    let expected = per_day(&work);
    let mut found: BTreeMap<(String, Date), Decimal> = BTreeMap::new();
    for row in &rows {
        let day = row.date("Date").expect("a date");
        let worked = row.number("REG") + row.number("OT") + row.number("BANKED");
        *found
            .entry((row.text("Staff Member").to_owned(), day))
            .or_default() += worked;
        let paid =
            row.number("REG") + row.number("OT") + row.number("Used PTO") + row.number("STAT");
        assert_eq!(row.number("Total Paid"), paid, "{row:?}");
        assert!(row.number("REG") <= row.number("Day Length"), "{row:?}");
        // Nobody here is paid a holiday but that one (§4, point 6).
        let stat = if day == date(THANKSGIVING) {
            Decimal::from(8)
        } else {
            Decimal::ZERO
        };
        assert!(
            row.number("STAT") == stat || row.number("STAT").is_zero(),
            "{row:?}"
        );
    }
    found.retain(|_, worked| !worked.is_zero());
    assert_eq!(found, expected);
    let stat = rows
        .iter()
        .filter(|row| !row.number("STAT").is_zero())
        .count();
    assert!(stat >= 50, "{stat} were employed on Thanksgiving");
    let banked = rows
        .iter()
        .filter(|row| !row.number("BANKED").is_zero())
        .count();
    assert!(banked > 0, "some day was banked");

    // Hourly staff in the week without a holiday: the law's test.
    let names: BTreeSet<&str> = rows.iter().map(|row| row.text("Staff Member")).collect();
    let mut tested = 0;
    for name in names {
        let week = |row: &&&TableRow| {
            row.text("Staff Member") == name && row.date("Date") <= Some(date("2026-10-10"))
        };
        let week: Vec<_> = rows.iter().filter(week).collect();
        let is_plain = week
            .iter()
            .all(|row| row.number("BANKED").is_zero() && row.text("Type") == "Hourly");
        let namesakes = week.len() > 7;
        if week.is_empty() || !is_plain || namesakes {
            continue;
        }
        let days = expected
            .iter()
            .filter(|((who, day), _)| who == name && *day <= date("2026-10-10"));
        let days = days.map(|((_, day), hours)| (*day, *hours)).collect();
        let overtime: Decimal = week.iter().map(|row| row.number("OT")).sum();
        assert_eq!(overtime, lawful_overtime(&days), "{name}: {days:?}");
        tested += usize::from(!overtime.is_zero());
    }
    assert!(tested > 3, "{tested} people had overtime");

    // The CSV pays the same: the codes other than banked sum to Total Paid.
    let csv = ReportFile::named(&files, "Payroll-2026-10-04-2026-10-17.csv");
    let csv = String::from_utf8(csv.bytes.clone()).expect("UTF-8");
    let paid = csv
        .lines()
        .skip(1)
        .filter(|line| !line.contains(",Banked,"));
    let paid: Decimal = paid
        .filter_map(|line| line.trim().rsplit(',').next()?.parse::<Decimal>().ok())
        .sum();
    assert_eq!(
        paid,
        rows.iter()
            .map(|row| row.number("Total Paid"))
            .sum::<Decimal>()
    );

    // The interface tells the same figures, and tells them to nobody without the role.
    let path = format!("/attendance?from={FROM}&to={TO}");
    let days = story.api(Person::PayrollAdministrator).list(&path).await;
    let total = |name: &str| -> Decimal {
        let hours = |day: &Value| day[name].to_string().parse::<Decimal>().expect("hours");
        days.iter().map(hours).sum()
    };
    assert_eq!(total("workedHours"), expected.values().sum::<Decimal>());
    assert_eq!(total("totalPaidHours"), paid);
    for who in [Person::OfficeManager, Person::ItAdministrator] {
        assert_eq!(story.api(who).get(&path).await.status, 403, "{who:?}");
        let refused = story.api(who).post("/reports/payroll", &period).await;
        assert_eq!(refused.status, 403, "{who:?}");
    }
}
