//! Values on their way to SQL Server and back: names become the driver's numbers, dates and instants its
//! own types, decimals stay exact.

use std::{borrow::Cow, sync::Arc};

use jiff::{Timestamp, civil::Date, tz::Offset};
use rust_decimal::Decimal;
use tiberius::{
    ColumnData,
    numeric::Numeric,
    time::{Date as WireDate, DateTime2, Time},
};

use crate::store::{Params, Row, StoreError, Value, row::Cell, statement::Dialect, value::units};

/// SQL Server counts days from here.
const FIRST_DAY: Date = Date::constant(1, 1, 1);
const MILLISECONDS: u8 = 3;

/// The statement with `@P1`, `@P2` … in the place of its names, numbered as the parameters stand. Each name
/// must have a parameter, and each parameter a name.
pub(super) fn numbered(sql: &str, params: &Params) -> Result<String, StoreError> {
    let mut numbered = String::with_capacity(sql.len());
    let mut seen = vec![false; params.len()];
    let mut rest = sql;
    while let Some(at) = rest.find(['@', '\'']) {
        numbered.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if let Some(quoted) = rest.strip_prefix('\'') {
            quoted.find('\'').map_or(rest.len(), |end| end + 2)
        } else {
            let name = rest.trim_start_matches('@');
            let name_end = name.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            rest.len() - name.len() + name_end.unwrap_or(name.len())
        };
        let (word, after) = rest.split_at(end);
        if word.starts_with('\'') || word.starts_with("@@") {
            numbered.push_str(word);
        } else {
            let index = params
                .iter()
                .position(|(name, _)| *name == word)
                .ok_or_else(|| StoreError::statement(format!("there is no value for {word}")))?;
            seen[index] = true;
            numbered.push_str("@P");
            numbered.push_str(&(index + 1).to_string());
        }
        rest = after;
    }
    numbered.push_str(rest);
    match params.iter().zip(seen).find(|(_, seen)| !seen) {
        Some(((name, _), _)) => Err(StoreError::statement(format!(
            "the statement has no {name}"
        ))),
        None => Ok(numbered),
    }
}

/// The parameters in the driver's types, in their order.
pub(super) fn values(params: &Params) -> Result<Vec<ColumnData<'static>>, StoreError> {
    params
        .iter()
        .map(|(name, value)| wire_value(value).map_err(|cause| StoreError::value(name, cause)))
        .collect()
}

fn wire_value(value: &Value) -> Result<ColumnData<'static>, Cow<'static, str>> {
    Ok(match value {
        Value::Text(text) => ColumnData::String(text.clone().map(Cow::Owned)),
        Value::Int(number) => ColumnData::I64(*number),
        Value::Bool(yes) => ColumnData::Bit(*yes),
        Value::Hundredths(amount) => ColumnData::Numeric(wire_decimal(*amount, 2)?),
        Value::Thousandths(amount) => ColumnData::Numeric(wire_decimal(*amount, 3)?),
        Value::Date(date) => ColumnData::Date(date.map(wire_date).transpose()?),
        Value::Instant(instant) => ColumnData::DateTime2(instant.map(wire_instant).transpose()?),
        Value::Bytes(bytes) => ColumnData::Binary(bytes.clone().map(Cow::Owned)),
        Value::Rows(rows) => {
            let json = rows
                .json(Dialect::Mssql)
                .map_err(|error| error.to_string())?;
            ColumnData::String(Some(Cow::Owned(json)))
        }
    })
}

fn wire_decimal(amount: Option<Decimal>, decimals: u8) -> Result<Option<Numeric>, &'static str> {
    amount
        .map(|amount| {
            let units = units(amount, decimals.into())?;
            Ok(Numeric::new_with_scale(units.into(), decimals))
        })
        .transpose()
}

fn wire_date(date: Date) -> Result<WireDate, &'static str> {
    let days = date.duration_since(FIRST_DAY).as_hours() / 24;
    u32::try_from(days)
        .map(WireDate::new)
        .map_err(|_| "the date is before the year 1")
}

fn wire_instant(instant: Timestamp) -> Result<DateTime2, &'static str> {
    let local = Offset::UTC.to_datetime(instant);
    let midnight = local.date().to_datetime(jiff::civil::Time::midnight());
    let milliseconds = local.duration_since(midnight).as_millis();
    let milliseconds =
        u64::try_from(milliseconds).map_err(|_| "the instant is not within its day")?;
    Ok(DateTime2::new(
        wire_date(local.date())?,
        Time::new(milliseconds, MILLISECONDS),
    ))
}

/// Rows in the store's form.
pub(super) fn rows(rows: Vec<tiberius::Row>) -> Result<Vec<Row>, StoreError> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let columns: Arc<[String]> = first
        .columns()
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    rows.into_iter()
        .map(|row| {
            let cells = row
                .cells()
                .map(|(column, data)| {
                    cell(data).map_err(|cause| StoreError::value(column.name(), cause))
                })
                .collect::<Result<_, _>>()?;
            Ok(Row::new(Arc::clone(&columns), cells))
        })
        .collect()
}

fn cell(data: &ColumnData<'static>) -> Result<Cell, &'static str> {
    Ok(match data {
        ColumnData::U8(Some(number)) => Cell::Int((*number).into()),
        ColumnData::I16(Some(number)) => Cell::Int((*number).into()),
        ColumnData::I32(Some(number)) => Cell::Int((*number).into()),
        ColumnData::I64(Some(number)) => Cell::Int(*number),
        ColumnData::Bit(Some(yes)) => Cell::Int((*yes).into()),
        ColumnData::String(Some(text)) => Cell::Text(text.clone().into_owned()),
        ColumnData::Numeric(Some(amount)) => {
            let decimal = Decimal::try_from_i128_with_scale(amount.value(), amount.scale().into());
            Cell::Decimal(decimal.map_err(|_| "is larger than a decimal can be")?)
        }
        ColumnData::Date(Some(date)) => Cell::Date(date_of(*date)?),
        ColumnData::DateTime2(Some(instant)) => Cell::Instant(instant_of(*instant)?),
        ColumnData::Binary(Some(bytes)) => Cell::Bytes(bytes.clone().into_owned()),
        ColumnData::U8(None)
        | ColumnData::I16(None)
        | ColumnData::I32(None)
        | ColumnData::I64(None)
        | ColumnData::Bit(None)
        | ColumnData::String(None)
        | ColumnData::Numeric(None)
        | ColumnData::Date(None)
        | ColumnData::DateTime2(None)
        | ColumnData::Binary(None) => Cell::Null,
        _ => return Err("is of a type that the store does not use"),
    })
}

fn date_of(date: WireDate) -> Result<Date, &'static str> {
    FIRST_DAY
        .checked_add(jiff::Span::new().days(i64::from(date.days())))
        .map_err(|_| "is not a date")
}

fn instant_of(instant: DateTime2) -> Result<Timestamp, &'static str> {
    let wrong = "is not an instant";
    let fractions = 10_u64
        .checked_pow(instant.time().scale().into())
        .ok_or(wrong)?;
    let milliseconds = u128::from(instant.time().increments()) * 1000 / u128::from(fractions);
    let since_midnight = i64::try_from(milliseconds).map_err(|_| wrong)?;
    date_of(instant.date())?
        .to_datetime(jiff::civil::Time::midnight())
        .checked_add(jiff::SignedDuration::from_millis(since_midnight))
        .and_then(|local| Offset::UTC.to_timestamp(local))
        .map_err(|_| wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_numbers_in_the_order_of_the_parameters() {
        let params = [("@b", Value::from("x")), ("@ids", Value::from(1_i64))];
        let numbered = |sql: &str| super::numbered(sql, &params).map_err(|error| error.to_string());
        assert_eq!(
            numbered("SELECT '@a', @ids FROM t WHERE b = @b AND c = @b AND @@TRANCOUNT > 0")
                .as_deref(),
            Ok("SELECT '@a', @P2 FROM t WHERE b = @P1 AND c = @P1 AND @@TRANCOUNT > 0")
        );
        numbered("SELECT @b").expect_err("@ids has no place");
        numbered("SELECT @b, @ids, @idsx").expect_err("@idsx has no value");
    }

    #[test]
    fn dates_and_instants_come_back_to_the_last_millisecond() {
        for text in ["0001-01-01", "1899-12-31", "2026-03-08", "9999-12-31"] {
            let date: Date = text.parse().expect("a date");
            let wire = wire_date(date).expect("a wire date");
            assert_eq!(date_of(wire), Ok(date), "{text}");
        }
        assert_eq!(
            wire_date("2020-01-01".parse().expect("a date")).map(WireDate::days),
            Ok(737_424)
        );
        for text in [
            "2026-11-01T08:00:00.123Z",
            "0001-01-01T00:00:00Z",
            "9999-12-30T21:59:59.999Z",
        ] {
            let instant: Timestamp = text.parse().expect("an instant");
            let wire = wire_instant(instant).expect("a wire instant");
            assert_eq!(instant_of(wire), Ok(instant), "{text}");
        }
        // A column of full precision.
        let wire = DateTime2::new(WireDate::new(737_424), Time::new(1_234_567, 7));
        assert_eq!(
            instant_of(wire).map(|instant| instant.to_string()),
            Ok("2020-01-01T00:00:00.123Z".into())
        );
    }

    #[test]
    fn decimals_keep_their_scale_and_their_limits() {
        let amount: Decimal = "-9999999999.99".parse().expect("a decimal");
        let wire = wire_decimal(Some(amount), 2)
            .expect("a wire decimal")
            .expect("a value");
        assert_eq!((wire.value(), wire.scale()), (-999_999_999_999, 2));
        assert_eq!(
            cell(&ColumnData::Numeric(Some(wire))),
            Ok(Cell::Decimal(amount))
        );
        wire_decimal("0.005".parse().ok(), 2).expect_err("not rounded silently");
        assert_eq!(cell(&ColumnData::Numeric(None)), Ok(Cell::Null));
        cell(&ColumnData::F64(Some(1.5))).expect_err("no float comes in");
    }
}
