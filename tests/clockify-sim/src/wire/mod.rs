//! The JSON that Clockify sends, in the shapes of the fixtures: one file per resource, and in each
//! the rows of the API and the bodies of its webhooks, which differ.

pub(crate) mod claims;
pub(crate) mod entries;
pub(crate) mod people;
pub(crate) mod rare;
pub(crate) mod sheets;
pub(crate) mod time_off;
pub(crate) mod webhooks;
pub(crate) mod work;

use std::str::FromStr;

use serde_json::{Number, Value, json};

use crate::company::Rate;

/// `1.25`, `-2.5`, `3.0`: hundredths as Clockify prints its doubles, without computing in them.
pub(crate) fn hundredths_text(hundredths: i64) -> String {
    let (sign, amount) = (if hundredths < 0 { "-" } else { "" }, hundredths.abs());
    let (whole, part) = (amount / 100, amount % 100);
    if part % 10 == 0 {
        format!("{sign}{whole}.{}", part / 10)
    } else {
        format!("{sign}{whole}.{part:02}")
    }
}

/// A double with up to two decimals.
pub(crate) fn hundredths(hundredths: i64) -> Value {
    number(&hundredths_text(hundredths))
}

/// A whole amount that Clockify prints as a double: `4215.0`.
pub(crate) fn whole_double(amount: i64) -> Value {
    number(&format!("{amount}.0"))
}

fn number(text: &str) -> Value {
    Number::from_str(text).map_or(Value::Null, Value::Number)
}

/// A number of the wire in hundredths, half away from zero; None if it is no number.
pub(crate) fn to_hundredths(value: &Value) -> Option<i64> {
    let text = value.as_number()?.to_string();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text.as_str(), 0),
    };
    if exponent != 0 {
        return None;
    }
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, mantissa),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut part = part.to_owned();
    part.truncate(3);
    while part.len() < 3 {
        part.push('0');
    }
    let thousandths: i64 =
        whole.parse::<i64>().ok()?.checked_mul(1000)? + part.parse::<i64>().ok()?;
    Some(sign * ((thousandths + 5) / 10))
}

/// `{amount, currency}`, or null.
pub(crate) fn rate(rate: Option<Rate>) -> Value {
    rate.map_or(
        Value::Null,
        |rate| json!({"amount": rate.cents, "currency": rate.currency}),
    )
}

/// `{amount}`, as rates inside webhook bodies are (clockify.md §3).
pub(crate) fn bare_rate(rate: Option<Rate>) -> Value {
    rate.map_or(Value::Null, |rate| json!({"amount": rate.cents}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_printed_as_doubles_are() {
        for (hundredths, text) in [
            (0, "0.0"),
            (150, "1.5"),
            (-250, "-2.5"),
            (1_205, "12.05"),
            (-4, "-0.04"),
        ] {
            assert_eq!(hundredths_text(hundredths), text);
        }
    }

    #[test]
    fn numbers_of_the_wire_become_hundredths() {
        for (text, hundredths) in [("1.5", 150), ("-2", -200), ("0.005", 1), ("-0.25", -25)] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(to_hundredths(&value), Some(hundredths), "{text}");
        }
        assert_eq!(to_hundredths(&json!("1.5")), None);
    }
}
