//! The workbooks that people get (`domain.md` §7).
//!
//! Each report is three steps: load from the store, one pure function of plain data, bytes. The rules
//! behind the figures are the domain's; a report only prints them, and adds up what it prints.
//! Memory does not grow with the rows that are printed: those of long sheets go to a temporary file.

mod archive;
pub mod banked_time;
pub mod billable_summary;
pub mod billing;
mod book;
mod charts;
mod csv_file;
mod entities;
pub mod expense_claims;
pub mod lem_sheet;
pub mod lem_timesheet;
pub mod letterhead;
mod making;
mod open_flags;
mod page;
pub mod payroll;
mod request;
mod sheet_names;
mod style;
mod table;
mod text_width;
pub mod time_status;

pub use letterhead::{Letterhead, Logo, Paper, is_drawable};
pub use making::{OrderError, ReportMaker, make, order};
pub use open_flags::OpenFlags;
pub use request::{Kind, Order, Request, RequestError};

use crate::store::StoreError;

/// A file as it is put into storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    pub name: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

impl NamedFile {
    pub const WORKBOOK: &'static str =
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    pub const ZIP: &'static str = "application/zip";
    pub const CSV: &'static str = "text/csv; charset=utf-8";

    fn workbook(name: String, bytes: Vec<u8>) -> Self {
        Self {
            name,
            content_type: Self::WORKBOOK,
            bytes,
        }
    }
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error("the zip could not be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("the CSV could not be written: {0}")]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("the report was interrupted while it was printed")]
    Interrupted,
}
