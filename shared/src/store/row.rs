//! One row of an answer, read by column name into the program's types. Whether the engine keeps
//! hours as integer hundredths or as DECIMAL, and instants as text or as DATETIME2, ends here.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{StoreError, value::units};

/// A row of an answer.
#[derive(Clone, Debug)]
pub struct Row {
    columns: Arc<[String]>,
    cells: Vec<Cell>,
}

/// What an engine gave for a cell. SQLite has whole numbers in the smallest unit for decimals, and text for
/// dates and instants; SQL Server has types for them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Decimal(Decimal),
    Date(Date),
    Instant(Timestamp),
}

impl Row {
    pub(super) fn new(columns: Arc<[String]>, cells: Vec<Cell>) -> Self {
        Self { columns, cells }
    }

    fn cell(&self, column: &str) -> Result<&Cell, StoreError> {
        self.columns
            .iter()
            .position(|name| name == column)
            .and_then(|n| self.cells.get(n))
            .ok_or_else(|| StoreError::value(column, "the answer has no such column"))
    }

    /// Text; NULL is an error.
    pub fn text(&self, column: &str) -> Result<String, StoreError> {
        required(column, self.opt_text(column)?)
    }

    /// Text or NULL.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text.clone())),
            _ => Err(wrong(column, "text")),
        }
    }

    /// An id of any kind: `row.id::<EmployeeId>("employee_id")`.
    pub fn id<T: From<String>>(&self, column: &str) -> Result<T, StoreError> {
        self.text(column).map(T::from)
    }

    /// An id or NULL.
    pub fn opt_id<T: From<String>>(&self, column: &str) -> Result<Option<T>, StoreError> {
        Ok(self.opt_text(column)?.map(T::from))
    }

    /// A whole number; NULL is an error.
    pub fn int(&self, column: &str) -> Result<i64, StoreError> {
        required(column, self.opt_int(column)?)
    }

    /// A whole number or NULL.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Int(number) => Ok(Some(*number)),
            _ => Err(wrong(column, "a whole number")),
        }
    }

    /// Yes or no; NULL is an error.
    pub fn bool(&self, column: &str) -> Result<bool, StoreError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(wrong(column, "0 or 1")),
        }
    }

    /// Money; NULL is an error.
    pub fn money(&self, column: &str) -> Result<Decimal, StoreError> {
        required(column, self.opt_money(column)?)
    }

    /// Money or NULL.
    pub fn opt_money(&self, column: &str) -> Result<Option<Decimal>, StoreError> {
        self.opt_decimal(column, 2)
    }

    /// Hours; NULL is an error.
    pub fn hours(&self, column: &str) -> Result<Decimal, StoreError> {
        required(column, self.opt_hours(column)?)
    }

    /// Hours or NULL.
    pub fn opt_hours(&self, column: &str) -> Result<Option<Decimal>, StoreError> {
        self.opt_decimal(column, 2)
    }

    /// A percentage; NULL is an error.
    pub fn percent(&self, column: &str) -> Result<Decimal, StoreError> {
        required(column, self.opt_percent(column)?)
    }

    /// A percentage or NULL.
    pub fn opt_percent(&self, column: &str) -> Result<Option<Decimal>, StoreError> {
        self.opt_decimal(column, 3)
    }

    fn opt_decimal(&self, column: &str, decimals: u32) -> Result<Option<Decimal>, StoreError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Int(units) => Ok(Some(Decimal::new(*units, decimals))),
            Cell::Decimal(amount) => {
                let units = units(*amount, decimals).map_err(|_| wrong(column, "a decimal"))?;
                Ok(Some(Decimal::new(units, decimals)))
            }
            _ => Err(wrong(column, "a decimal")),
        }
    }

    /// A local date; NULL is an error.
    pub fn date(&self, column: &str) -> Result<Date, StoreError> {
        required(column, self.opt_date(column)?)
    }

    /// A local date or NULL.
    pub fn opt_date(&self, column: &str) -> Result<Option<Date>, StoreError> {
        match self.cell(column)? {
            Cell::Date(date) => Ok(Some(*date)),
            cell => parsed(cell, column, "a date"),
        }
    }

    /// An instant; NULL is an error.
    pub fn instant(&self, column: &str) -> Result<Timestamp, StoreError> {
        required(column, self.opt_instant(column)?)
    }

    /// An instant or NULL.
    pub fn opt_instant(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        match self.cell(column)? {
            Cell::Instant(instant) => Ok(Some(*instant)),
            cell => parsed(cell, column, "an instant"),
        }
    }

    /// Bytes or NULL.
    pub fn opt_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Bytes(bytes) => Ok(Some(bytes.clone())),
            _ => Err(wrong(column, "bytes")),
        }
    }
}

fn parsed<T: std::str::FromStr>(
    cell: &Cell,
    column: &str,
    what: &'static str,
) -> Result<Option<T>, StoreError> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Text(text) => text.parse().map(Some).map_err(|_| wrong(column, what)),
        _ => Err(wrong(column, what)),
    }
}

fn required<T>(column: &str, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::value(column, "is NULL"))
}

fn wrong(column: &str, wanted: &'static str) -> StoreError {
    StoreError::value(column, format!("does not hold {wanted}"))
}
