//! The rules of the business as pure functions and plain data: no I/O, no clock, no zone lookup.

pub mod absence;
pub mod attendance;
pub mod balances;
pub mod banked_time;
pub mod billable_summary;
pub mod billing;
pub mod calendar;
pub mod employee;
pub mod employment;
pub mod expense;
pub mod expense_claims;
pub mod flags;
pub mod form_date;
pub mod holiday;
pub mod ids;
pub mod leave;
pub mod lem;
pub mod payroll;
pub mod project;
pub mod staff_names;
#[cfg(test)]
pub(crate) mod test_records;
pub mod time;
pub mod time_entry;
pub mod time_off;
pub mod time_status;
pub mod timesheet;
pub mod work;
pub mod workspace;
