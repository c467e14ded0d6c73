//! How long reports take, the median of five, and how much memory a large one needs: `cargo bench -p shared --bench
//! reports`. With `-- --rows FILE` it times one payroll workbook and writes the figures that stand in it, for
//! `tests/compare-xlsxwriter.py`.

#[path = "../tests/reports/company.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod company;
#[path = "../tests/reports/large.rs"]
mod large;
#[path = "../tests/reports/office.rs"]
mod office;

use std::{
    hint::black_box,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use shared::{
    domain::{
        attendance::{EmployeeTime, EntryState, PayRules, Workplace},
        billing::{BillingInput, BillingRules, billing},
        payroll::{Payroll, PayrollRules, payroll},
        time::{CompanyZone, Period},
        work::WorkEntry,
    },
    reports::{self, Kind, Letterhead, NamedFile, OpenFlags, Paper, Request},
};

use crate::{
    company::Company,
    large::{PEOPLE, most_memory_bytes, two_weeks},
    office::Office,
};

const RUNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    if let Some(path) = after("--rows") {
        return write_rows(Path::new(path));
    }
    if arguments.iter().any(|argument| argument == "--large") {
        return large_workbook();
    }
    payroll_of_60_as_a_job();
    let times = Company::of(2000).times();
    let took = median(|| payroll_files(&paid(&times)));
    say(
        "payroll of 2 000 people, by the rules and on paper",
        took,
        "1 s",
    );
    billing_of_60_projects();
    memory_of_a_large_workbook();
}

/// The median time of five runs.
fn median<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            black_box(work());
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn say(what: &str, took: Duration, aim: &str) {
    let tenths = took.as_micros() / 100;
    println!(
        "{what:<55} {:>6}.{} ms (aim: under {aim})",
        tenths / 10,
        tenths % 10
    );
}

fn letterhead() -> Letterhead {
    Letterhead {
        company: "Hill Plain".to_owned(),
        logo: None,
        zone: CompanyZone::named("America/Edmonton").expect("the zone is bundled"),
        paper: Paper::Letter,
        issued_at: office::NOW.parse().expect("an instant"),
    }
}

fn paid(times: &[EmployeeTime]) -> Payroll {
    let rules = PayRules::default();
    let workplace = Workplace::new(&rules, &[], &[], &[]);
    payroll(two_weeks(), times, &workplace, &PayrollRules::default())
}

fn payroll_files(data: &Payroll) -> Vec<NamedFile> {
    let columns = reports::payroll::CsvColumn::ALL;
    let files = reports::payroll::files(data, &OpenFlags::default(), &letterhead(), &columns);
    files.expect("payroll")
}

fn hourly(people: usize) -> Payroll {
    let times: Vec<EmployeeTime> = large::hourly(people)
        .flat_map(|part| part.times())
        .collect();
    paid(&times)
}

/// From the request through the database, the rules and the workbooks to the stored zip.
fn payroll_of_60_as_a_job() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let office = runtime.block_on(async {
        let office = Office::open().await;
        office.store(&Company::of(60)).await;
        office
    });
    let took = median(|| runtime.block_on(office.made(Kind::Payroll, &Request::default())));
    say(
        "payroll of 60 people, as a job from the database",
        took,
        "50 ms",
    );
}

/// 60 people and 60 projects; each works on five, and each project has five.
fn billing_of_60_projects() {
    let mut company = Company::of(240);
    company.employees.truncate(60);
    let period = Period::new(date(2026, 10, 25), date(2026, 11, 21)).expect("a period");
    let days: Vec<Date> = period.days().collect();
    let work: Vec<WorkEntry> = (0..15_000)
        .map(|n| {
            let (person, turn) = (n % 60, n / 60);
            WorkEntry {
                entry_id: format!("entry-{n:05}").into(),
                employee_id: format!("employee-{person}").into(),
                project_id: Some(format!("project-{}", (person + turn % 5 * 12) % 60).into()),
                date: days[turn % days.len()],
                hours: Decimal::new(25 * (1 + i64::try_from(n % 17).expect("small")), 2),
                billable: true,
                hourly_rate: Some(Decimal::new(9550, 2)),
                task: Some("Layout".to_owned()),
                description: "Staked the north abutment and checked the control network".to_owned(),
                state: EntryState::Approved,
                state_known_since: None,
            }
        })
        .collect();
    let took = median(|| {
        let input = BillingInput {
            period,
            only: None,
            work: &work,
            employees: &company.employees,
            projects: &company.projects,
            clients: &company.clients,
            billed: &[],
        };
        let data = billing(&input, &BillingRules::default());
        assert_eq!(data.projects.len(), 60);
        let (flags, columns) = (OpenFlags::default(), reports::billing::CsvColumn::ALL);
        reports::billing::files(&data, &flags, &letterhead(), "HP-IND", &columns).expect("billing")
    });
    say(
        "billing of 60 projects with 15 000 entries, zipped",
        took,
        "1 s",
    );
}

/// A process of its own says how much memory it has had at most: before the workbook, and with it.
fn memory_of_a_large_workbook() {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(this).arg("--large").output();
    let text = output.expect("it runs").stdout;
    print!("{}", String::from_utf8_lossy(&text));
}

fn large_workbook() {
    let data = hourly(PEOPLE);
    let rows: usize = data.hourly.iter().map(|person| person.rows.len()).sum();
    let before = most_memory_mib();
    let began = Instant::now();
    let files = payroll_files(&data);
    println!(
        "a workbook of {rows} rows: {} KiB zipped in {:.1} s; at most {} MiB in memory, of which {before} MiB before \
         it was begun (aim: under 200 MB)",
        files[0].bytes.len() / 1024,
        began.elapsed().as_secs_f64(),
        most_memory_mib(),
    );
}

/// 0 where the system does not say.
fn most_memory_mib() -> u64 {
    most_memory_bytes().unwrap_or_default() / (1024 * 1024)
}

/// The payroll of 2 000 hourly people: times its files, and writes what stands in them with that time.
fn write_rows(path: &Path) {
    let data = hourly(2000);
    let took = median(|| payroll_files(&data));
    let people: Vec<Value> = data
        .hourly
        .iter()
        .map(|person| {
            let days = person.rows.iter().map(|day| {
                let figures = [
                    day.regular,
                    day.overtime,
                    day.banked,
                    day.paid_time_off(),
                    day.stat,
                ];
                let reasons: Vec<String> = day.reasons.iter().map(ToString::to_string).collect();
                json!({
                    "date": day.date,
                    "figures": figures.map(|figure| figure.to_string()),
                    "policy": day.policy_names(),
                    "paid": day.total_paid.to_string(),
                    "status": day.status.as_str(),
                    "length": day.day_length.to_string(),
                    "notes": reasons.join("; "),
                })
            });
            json!({
                "name": person.name,
                "manager": person.manager,
                "days": days.collect::<Vec<_>>(),
            })
        })
        .collect();
    let text = json!({ "seconds": took.as_secs_f64(), "people": people }).to_string();
    std::fs::write(path, text).expect("the rows can be written");
    say("payroll workbooks of 2 000 hourly people", took, "1 s");
}
