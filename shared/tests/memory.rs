//! How much memory a large workbook takes, with all that it is made from. A program of its own with one test:
//! what the system says of this process is of that test alone.

#[path = "reports/company.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod company;
#[path = "reports/large.rs"]
mod large;

use shared::{
    domain::time::CompanyZone,
    reports::{Letterhead, Paper},
};

/// 200 MB.
const MOST_BYTES: u64 = 200_000_000;

fn letterhead() -> Letterhead {
    Letterhead {
        company: "Hill Plain".to_owned(),
        logo: None,
        zone: CompanyZone::named("America/Edmonton").expect("the zone is bundled"),
        paper: Paper::Letter,
        issued_at: "2026-11-22T12:30:00Z".parse().expect("an instant"),
    }
}

#[test]
fn a_workbook_of_100_000_rows_takes_less_than_200_mb() {
    let data = large::large_payroll();
    let rows: usize = data.hourly.iter().map(|person| person.rows.len()).sum();
    assert_eq!(rows, large::ROWS);
    let before = large::most_memory_bytes();
    let files = large::payroll_files(&data);
    assert!(files[0].bytes.len() > rows, "all of them are printed");
    let Some(bytes) = large::most_memory_bytes() else {
        eprintln!("this system does not say how much memory a process has had");
        return;
    };
    println!("at most {bytes} bytes, {before:?} of them before the workbook");
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
}
