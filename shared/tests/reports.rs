//! The workbooks of `domain.md` §7, made from fixed and from random data, and read back.
//!
//! Golden files stand in `tests/golden`. `UPDATE_GOLDEN=1 cargo test -p shared --test reports` writes
//! them anew; look at each change before it is kept (`tests/print-reports.sh` prints them).

#[path = "reports/banked_time.rs"]
mod banked_time;
#[path = "reports/billable_summary.rs"]
mod billable_summary;
#[path = "reports/billing.rs"]
mod billing;
#[path = "reports/company.rs"]
mod company;
#[path = "reports/edges.rs"]
mod edges;
#[path = "reports/expense_claims.rs"]
mod expense_claims;
#[path = "reports/golden.rs"]
mod golden;
#[path = "reports/lem.rs"]
mod lem;
#[path = "reports/office.rs"]
mod office;
#[path = "reports/payroll.rs"]
mod payroll;
#[path = "reports/random_company.rs"]
mod random_company;
#[path = "reports/read_back.rs"]
mod read_back;
#[path = "reports/stored.rs"]
mod stored;
#[path = "reports/stored_any.rs"]
mod stored_any;
#[path = "reports/stored_lem.rs"]
mod stored_lem;
#[path = "reports/time_status.rs"]
mod time_status;

use shared::{
    domain::{flags::FlagKind, time::CompanyZone},
    reports::{Letterhead, Logo, OpenFlags, Paper},
};

/// The made-up company at a fixed moment: Sunday, 22 November 2026, half past six in the morning.
fn letterhead() -> Letterhead {
    Letterhead {
        company: "Hill Plain".to_owned(),
        logo: Logo::from_bytes(include_bytes!("../../tests/golden/logo.png").to_vec()),
        zone: CompanyZone::named("America/Edmonton").expect("the zone is bundled"),
        paper: Paper::Letter,
        issued_at: "2026-11-22T12:30:00Z".parse().expect("an instant"),
    }
}

/// Some flags that are open.
fn flags() -> OpenFlags {
    OpenFlags::new([
        (FlagKind::EntryOverlap, 3),
        (FlagKind::ProjectWithoutCode, 1),
        (FlagKind::DeadLetter, 0),
    ])
}
