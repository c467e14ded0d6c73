//! Timesheets: Clockify's approval requests, which have no read by id and only three lists.

pub mod pages;
pub(super) mod scan;
pub mod settle;
