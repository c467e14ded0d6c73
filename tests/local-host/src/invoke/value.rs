//! How the host writes one value of `Data` or `Metadata`: texts, numbers and arrays become JSON text inside a
//! JSON string; bytes base64; instants text cut to whole seconds; objects stay objects.

use base64::{
    Engine as _, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use serde_json::Value;

/// Text: `hi` becomes `"\"hi\""`.
pub fn text(text: &str) -> Value {
    json_text(&Value::from(text))
}

/// A number, a bool, an array: its JSON as a string.
pub fn json_text(value: &Value) -> Value {
    Value::String(value.to_string())
}

/// Bytes: base64, one layer.
pub fn bytes(bytes: &[u8]) -> Value {
    Value::String(STANDARD.encode(bytes))
}

/// An instant: `2026-03-02T09:15:30+00:00`, what is below a second is cut off.
pub fn instant(instant: Timestamp) -> Value {
    Value::String(instant_in_object(whole_seconds(instant)))
}

/// An instant inside of an object keeps its fraction (up to 7 digits, no zeros at its end).
pub fn instant_in_object(instant: Timestamp) -> String {
    let seconds = whole_seconds(instant);
    let written = seconds.strftime("%Y-%m-%dT%H:%M:%S");
    format!("{written}{}+00:00", fraction(instant))
}

/// `2026-03-02T09:15:31.4821093Z`, as `sys.UtcNow` is written.
pub fn utc_now(instant: Timestamp) -> String {
    let written = whole_seconds(instant).strftime("%Y-%m-%dT%H:%M:%S");
    format!("{written}{}Z", fraction(instant))
}

fn whole_seconds(instant: Timestamp) -> Timestamp {
    let to_seconds = TimestampRound::new()
        .smallest(Unit::Second)
        .mode(RoundMode::Floor);
    instant.round(to_seconds).unwrap_or(instant)
}

/// `.4821093`, or nothing.
fn fraction(instant: Timestamp) -> String {
    let rest: SignedDuration = instant.duration_since(whole_seconds(instant));
    let ticks = format!("{:07}", rest.subsec_nanos() / 100);
    let digits = ticks.trim_end_matches('0');
    if digits.is_empty() {
        String::new()
    } else {
        format!(".{digits}")
    }
}

/// Whether .NET's JSON reader takes a text for a date: `2026-03-02T09:15:30`, fraction and zone at will.
pub fn dotnet_date(text: &str) -> Option<jiff::civil::DateTime> {
    let shaped = text.len() >= 19
        && text.is_ascii()
        && text.as_bytes()[10] == b'T'
        && text.as_bytes()[4] == b'-'
        && text.as_bytes()[7] == b'-';
    if !shaped {
        return None;
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(jiff::tz::TimeZone::UTC.to_datetime(instant));
    }
    text.parse().ok()
}

/// Whether .NET takes a text for base64: white space does not count, nor do bits that are left over at the end.
pub fn is_dotnet_base64(text: &str) -> bool {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let bare = text.replace([' ', '\t', '\n', '\r'], "");
    LENIENT.decode(bare).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    #[test]
    fn each_value_is_written_as_the_host_writes_it() {
        for (written, expected) in [
            (text("hi"), json!("\"hi\"")),
            (text("say \"hi\""), json!("\"say \\\"hi\\\"\"")),
            (text("{\"a\":1}"), json!("\"{\\\"a\\\":1}\"")),
            (text("123"), json!("\"123\"")),
            (json_text(&json!(1)), json!("1")),
            (json_text(&json!(true)), json!("true")),
            (json_text(&json!(["a"])), json!("[\"a\"]")),
            (bytes(b"hi"), json!("aGk=")),
            (
                instant(at("2026-03-02T09:15:30.999Z")),
                json!("2026-03-02T09:15:30+00:00"),
            ),
        ] {
            assert_eq!(written, expected);
        }
    }

    #[test]
    fn instants_inside_of_objects_keep_their_fraction() {
        for (given, expected) in [
            (
                "2026-03-02T09:10:00.0123456Z",
                "2026-03-02T09:10:00.0123456+00:00",
            ),
            ("2026-03-02T09:10:00.5Z", "2026-03-02T09:10:00.5+00:00"),
            ("2026-03-02T09:15:00Z", "2026-03-02T09:15:00+00:00"),
        ] {
            assert_eq!(instant_in_object(at(given)), expected);
        }
        assert_eq!(
            utc_now(at("2026-03-02T09:15:31.4821093Z")),
            "2026-03-02T09:15:31.4821093Z"
        );
    }

    #[test]
    fn what_dotnet_takes_for_base64_is_known() {
        for (text, expected) in [
            ("", true),
            ("aGk=", true),
            ("aGl=", true),
            (" aG\r\n\tk = ", true),
            ("refresh cache", true),
            ("aGk", false),
            ("refresh-cache", false),
            ("A-17", false),
        ] {
            assert_eq!(is_dotnet_base64(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_dotnet_takes_for_a_date_is_known() {
        for (text, expected) in [
            ("2026-03-02T09:15:30", true),
            ("2026-03-02T09:15:30Z", true),
            ("2026-03-02T09:15:30.123-06:00", true),
            ("2026-03-02", false),
            ("2026-03-02 09:15:30", false),
            ("hello, this is a text", false),
        ] {
            assert_eq!(dotnet_date(text).is_some(), expected, "{text}");
        }
    }
}
