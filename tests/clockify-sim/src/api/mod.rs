//! Clockify's API: the table of its routes, and one file of handlers for each resource.

#![allow(
    clippy::unnecessary_wraps,
    reason = "the table of routes wants one signature of all handlers"
)]

mod approvals;
pub(crate) mod call;
mod expenses;
mod lists;
mod reports;
pub(crate) mod routes;
mod time_entries;
mod time_off;
mod users;
mod webhooks;

/// Where Clockify documents no limit for a page, the largest that has been seen to work
/// (clockify.md §2.4).
const LARGEST_PAGE: usize = 5_000;
/// Rows that carry all the entries of a week: more than the safe choice is not asked for.
const LARGEST_PAGE_OF_SHEETS: usize = 200;
const DEFAULT_PAGE: usize = 50;
