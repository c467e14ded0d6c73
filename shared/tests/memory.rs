//! How much memory a large workbook takes, from the database to the stored zip. A program of its own with one
//! test: what the system says of this process is of that test alone.

#[path = "reports/company.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod company;
#[path = "reports/golden.rs"]
#[expect(dead_code, reason = "nothing is golden here")]
mod golden;
#[path = "reports/large.rs"]
mod large;
#[path = "reports/office.rs"]
mod office;

use golden::{unpack, unzip};
use office::Office;
use shared::reports::{Kind, Request};

/// 200 MB.
const MOST_BYTES: u64 = 200_000_000;

#[tokio::test]
async fn a_payroll_of_100_000_rows_takes_less_than_200_mb() {
    let office = Office::open().await;
    for part in large::hourly(large::PEOPLE) {
        office.store(&part).await;
    }
    let before = large::most_memory_bytes();
    let (_, files) = office.made(Kind::Payroll, &Request::default()).await;
    let bytes = large::most_memory_bytes();

    let files = unpack(&files[0]);
    let workbook = files.iter().find(|file| file.name.contains("Hourly"));
    let sheet = &unzip(&workbook.expect("a workbook").bytes)["xl/worksheets/sheet1.xml"];
    let rows = String::from_utf8_lossy(sheet).matches("<row ").count();
    assert!(rows > large::ROWS, "{rows} rows");
    match bytes {
        Some(bytes) => {
            println!("at most {bytes} bytes, {before:?} before the report");
            assert!(bytes < MOST_BYTES, "{bytes} bytes");
        }
        None => println!("this system does not say how much memory a process has had"),
    }
}
