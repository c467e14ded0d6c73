//! One story per person and program of `domain.md` §1, told over HTTP with the real handler, and judged by figures that
//! were reckoned from Clockify's own answers.

mod clockify;
mod field_staff;
mod foreman;
mod it_administrator;
mod links;
mod office_manager;
mod payroll_administrator;
mod power_apps;
mod project_manager;
mod site;
