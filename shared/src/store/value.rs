//! Typed values for parameters. A missing value keeps its type, and money and hours stay exact:
//! each engine stores them in its own unit, and no statement ever converts them.

use std::fmt::Write as _;

use jiff::{Timestamp, civil::Date, tz::Offset};
use rust_decimal::Decimal;

use super::{StoreError, statement::Dialect};
use crate::domain::ids::{
    ClientId, DeliveryId, EmployeeId, EquipmentId, ExpenseCategoryId, ExpenseId, GroupId,
    HolidayId, JobId, LemLineId, LemSheetId, PolicyId, ProjectId, RoleId, TagId, TaskId,
    TimeEntryId, TimeOffRequestId, TimesheetId, WorkspaceId,
};

/// The parameters of a statement: each name (with its `@`) once.
pub type Params = [(&'static str, Value)];

/// One parameter, or one cell of a [`Rows`] parameter. `None` is NULL of that type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    /// Money or hours, exact to 0.01: see [`Value::money`], [`Value::hours`].
    Hundredths(Option<Decimal>),
    /// A percentage, exact to 0.001: see [`Value::percent`].
    Thousandths(Option<Decimal>),
    Date(Option<Date>),
    /// Milliseconds are kept, finer fractions cut.
    Instant(Option<Timestamp>),
    Bytes(Option<Vec<u8>>),
    /// Many rows for a set-based write.
    Rows(Rows),
}

/// Many rows as one JSON parameter. Cells stand in the order of the statement's columns for it.
/// Sort them by key: two writers that lock in the same order do not deadlock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows(pub Vec<Vec<Value>>);

impl Value {
    /// Money in the workspace's currency; more than two decimals are refused when bound.
    pub fn money(amount: impl Into<Option<Decimal>>) -> Self {
        Self::Hundredths(amount.into())
    }

    /// Hours; more than two decimals are refused when bound.
    pub fn hours(hours: impl Into<Option<Decimal>>) -> Self {
        Self::Hundredths(hours.into())
    }

    /// A percentage; more than three decimals are refused when bound.
    pub fn percent(percent: impl Into<Option<Decimal>>) -> Self {
        Self::Thousandths(percent.into())
    }

    /// One column of ids.
    pub fn ids<'a, T>(ids: impl IntoIterator<Item = &'a T>) -> Self
    where
        T: 'a,
        Value: From<&'a T>,
    {
        Self::Rows(Rows(ids.into_iter().map(|id| vec![id.into()]).collect()))
    }
}

impl FromIterator<Vec<Value>> for Rows {
    fn from_iter<I: IntoIterator<Item = Vec<Value>>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl Rows {
    /// The JSON text that the dialect's `{@name}` table reads: an array of arrays.
    pub(super) fn json(&self, dialect: Dialect) -> Result<String, StoreError> {
        json_of(self.0.iter().map(Vec::as_slice), dialect)
    }
}

/// The same of rows that are nobody's parameter.
pub(super) fn json_of<'a>(
    rows: impl IntoIterator<Item = &'a [Value]>,
    dialect: Dialect,
) -> Result<String, StoreError> {
    let mut json = String::with_capacity(1024);
    json.push('[');
    for (n, row) in rows.into_iter().enumerate() {
        json.push_str(if n == 0 { "[" } else { ",[" });
        for (n, cell) in row.iter().enumerate() {
            if n > 0 {
                json.push(',');
            }
            cell.write_json(dialect, &mut json)?;
        }
        json.push(']');
    }
    json.push(']');
    Ok(json)
}

impl Value {
    fn write_json(&self, dialect: Dialect, json: &mut String) -> Result<(), StoreError> {
        let written = match self {
            Self::Text(Some(text)) => {
                push_quoted(json, text)?;
                Ok(())
            }
            Self::Int(Some(number)) => write!(json, "{number}"),
            Self::Bool(Some(yes)) => write!(json, "{}", u8::from(*yes)),
            Self::Hundredths(Some(amount)) => write_decimal(json, dialect, *amount, 2)?,
            Self::Thousandths(Some(amount)) => write_decimal(json, dialect, *amount, 3)?,
            Self::Date(Some(date)) => write!(json, "\"{date}\""),
            Self::Instant(Some(instant)) => {
                let text = instant_text(*instant);
                // DATETIME2 has no zone: all instants are UTC.
                let text = match dialect {
                    Dialect::Sqlite => text.as_str(),
                    Dialect::Mssql => text.trim_end_matches('Z'),
                };
                write!(json, "\"{text}\"")
            }
            Self::Bytes(Some(_)) | Self::Rows(_) => {
                return Err(StoreError::value(
                    "rows",
                    "bytes and rows cannot stand in a row",
                ));
            }
            _ => {
                json.push_str("null");
                Ok(())
            }
        };
        written.map_err(|cause| StoreError::value("rows", cause.to_string()))
    }
}

/// Most texts need nothing but the quotes.
fn push_quoted(json: &mut String, text: &str) -> Result<(), StoreError> {
    if text
        .bytes()
        .any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\'))
    {
        let quoted = serde_json::to_string(text)
            .map_err(|cause| StoreError::value("rows", cause.to_string()))?;
        json.push_str(&quoted);
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
    Ok(())
}

fn write_decimal(
    json: &mut String,
    dialect: Dialect,
    amount: Decimal,
    decimals: u32,
) -> Result<std::fmt::Result, StoreError> {
    let units = units(amount, decimals).map_err(|cause| StoreError::value("rows", cause))?;
    Ok(match dialect {
        Dialect::Sqlite => write!(json, "{units}"),
        Dialect::Mssql => write!(json, "\"{}\"", Decimal::new(units, decimals)),
    })
}

/// The amount in its smallest unit, if it is exact in that unit.
pub(super) fn units(amount: Decimal, decimals: u32) -> Result<i64, &'static str> {
    let scaled = amount
        .normalize()
        .checked_mul(Decimal::from(10_i64.pow(decimals)))
        .ok_or("the amount is too large")?;
    if !scaled.fract().is_zero() {
        return Err("the amount has more decimals than its column");
    }
    i64::try_from(scaled).map_err(|_| "the amount is too large")
}

/// `2024-05-12T06:00:00.000Z`: always that width, so that texts order like instants.
pub(super) fn instant_text(instant: Timestamp) -> String {
    let utc = Offset::UTC.to_datetime(instant);
    let (date, time) = (utc.date(), utc.time());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!(
        "{date}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        time.millisecond()
    )
}

macro_rules! from {
    ($($from:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(Some(value.into()))
            }
        }

        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map(Into::into))
            }
        }
    )+};
}

from! {
    &str => Text,
    String => Text,
    &String => Text,
    i64 => Int,
    i32 => Int,
    u32 => Int,
    bool => Bool,
    Date => Date,
    Timestamp => Instant,
    Vec<u8> => Bytes,
}

macro_rules! from_ids {
    ($($id:ty),+ $(,)?) => {$(
        impl From<&$id> for Value {
            fn from(id: &$id) -> Self {
                Self::Text(Some(id.0.clone()))
            }
        }

        impl From<Option<&$id>> for Value {
            fn from(id: Option<&$id>) -> Self {
                Self::Text(id.map(|id| id.0.clone()))
            }
        }
    )+};
}

from_ids! {
    WorkspaceId, EmployeeId, GroupId, ClientId, ProjectId, TaskId, TagId, PolicyId, HolidayId,
    TimeOffRequestId, TimesheetId, TimeEntryId, ExpenseId, ExpenseCategoryId, JobId, DeliveryId,
    LemSheetId, LemLineId, RoleId, EquipmentId,
}

impl From<Rows> for Value {
    fn from(rows: Rows) -> Self {
        Self::Rows(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn amounts_are_whole_units_or_refused() {
        assert_eq!(units(decimal("12.34"), 2), Ok(1234));
        assert_eq!(units(decimal("-0.5"), 2), Ok(-50));
        assert_eq!(units(decimal("7.500000"), 2), Ok(750));
        assert_eq!(units(decimal("9999999999.99"), 2), Ok(999_999_999_999));
        assert_eq!(units(decimal("12.345"), 3), Ok(12345));
        assert!(units(decimal("0.005"), 2).is_err());
        assert!(units(decimal("9223372036854775807"), 2).is_err());
    }

    #[test]
    fn instants_are_texts_of_one_width() {
        for (instant, text) in [
            ("2024-05-12T06:00:00Z", "2024-05-12T06:00:00.000Z"),
            ("0001-01-01T00:00:00.0019Z", "0001-01-01T00:00:00.001Z"),
            ("9999-12-30T21:59:59.999999Z", "9999-12-30T21:59:59.999Z"),
        ] {
            assert_eq!(instant_text(instant.parse().expect("an instant")), text);
        }
    }

    #[test]
    fn rows_are_written_in_the_unit_of_the_engine() {
        let rows = Rows(vec![vec![
            "a\"é😀\\\n\u{1}".into(),
            Value::hours(decimal("7.75")),
            Value::money(None),
            true.into(),
            "2024-05-12".parse::<Date>().expect("a date").into(),
            "2024-05-12T06:00:00.1239Z"
                .parse::<Timestamp>()
                .expect("an instant")
                .into(),
            3_i64.into(),
        ]]);
        assert_eq!(
            rows.json(Dialect::Sqlite).expect("sqlite"),
            r#"[["a\"é😀\\\n\u0001",775,null,1,"2024-05-12","2024-05-12T06:00:00.123Z",3]]"#
        );
        assert_eq!(
            rows.json(Dialect::Mssql).expect("mssql"),
            r#"[["a\"é😀\\\n\u0001","7.75",null,1,"2024-05-12","2024-05-12T06:00:00.123",3]]"#
        );
    }
}
