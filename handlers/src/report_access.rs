//! Which role a report asks for (`interface.md` §3, *Who may*): pay figures are for `Payroll.Read` alone.

use shared::{
    functions::{caller::Identity, role::Role},
    jobs::{JobKind, REPORT},
};

/// The reports that can be asked for.
pub(crate) const REPORTS: [&str; 1] = ["payroll"];

/// The role that the report of that name asks for.
pub(crate) fn role_for(report: &str) -> Role {
    match report {
        "payroll" | "banked-time" | "expense-claims" => Role::PayrollRead,
        _ => Role::ReportsRead,
    }
}

/// Whether somebody may have the files of a job of that kind.
pub(crate) fn may_read_files(kind: &str, viewer: &Identity) -> bool {
    let kind = JobKind::from(kind.to_owned());
    kind.family() == REPORT && viewer.may(role_for(kind.what()))
}
