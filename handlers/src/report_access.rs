//! Which role a report asks for (`interface.md` §3, *Who may*): pay figures are for `Payroll.Read` alone.

use shared::{
    functions::{caller::Identity, role::Role},
    jobs::{JobKind, REPORT},
    reports::Kind,
};

/// The role that a report asks for.
pub(crate) fn role_for(report: Kind) -> Role {
    if report.shows_pay() {
        Role::PayrollRead
    } else {
        Role::ReportsRead
    }
}

/// Whether somebody may have the files of a job of that kind.
pub(crate) fn may_read_files(kind: &str, viewer: &Identity) -> bool {
    let kind = JobKind::from(kind.to_owned());
    let report = Kind::named(kind.what()).filter(|_| kind.family() == REPORT);
    report.is_some_and(|report| viewer.may(role_for(report)))
}
