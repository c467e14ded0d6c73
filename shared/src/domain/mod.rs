//! The rules of the business as pure functions and plain data: no I/O, no clock, no zone lookup.

pub mod employee;
pub mod expense;
pub mod flags;
pub mod ids;
pub mod project;
pub mod time;
pub mod time_entry;
pub mod time_off;
pub mod timesheet;
