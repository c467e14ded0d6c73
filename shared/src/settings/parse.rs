//! The forms that settings take. Each parser answers with what it expects, which completes "must be …".

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use url::Url;

/// Words with commas between them.
pub(super) fn list(value: &str) -> Result<Vec<String>, String> {
    let words: Vec<String> = value
        .split(',')
        .map(|word| word.trim().to_owned())
        .collect();
    if words.iter().all(|word| !word.is_empty()) {
        Ok(words)
    } else {
        Err("words with commas between them".to_owned())
    }
}

pub(super) fn date(value: &str) -> Result<Date, String> {
    value
        .parse()
        .map_err(|_| "a date like 2024-01-31".to_owned())
}

pub(super) fn instant(value: &str) -> Result<Timestamp, String> {
    value
        .parse()
        .map_err(|_| "an instant of RFC 3339, like 2026-11-09T12:00:00Z".to_owned())
}

pub(super) fn switch(value: &str) -> Result<bool, String> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("`on` or `off`".to_owned()),
    }
}

/// A whole number in a range.
pub(super) fn count(from: u32, to: u32) -> impl Fn(&str) -> Result<u32, String> {
    move |value| {
        value
            .parse()
            .ok()
            .filter(|n| (from..=to).contains(n))
            .ok_or_else(|| format!("a whole number from {from} to {to}"))
    }
}

/// A decimal number from 0 up to `most`, with at most two decimals.
pub(super) fn hundredths(most: u32) -> impl Fn(&str) -> Result<Decimal, String> {
    move |value| {
        Decimal::from_str_exact(value)
            .ok()
            .filter(|number| within(*number, most))
            .ok_or_else(|| format!("a number from 0 to {most} with at most two decimals"))
    }
}

/// Hours of one day.
pub(super) fn day_hours(value: &str) -> Result<Decimal, String> {
    hundredths(24)(value)
}

/// Whether a number lies between 0 and `most` and has at most two decimals.
pub(super) fn within(number: Decimal, most: u32) -> bool {
    number >= Decimal::ZERO && number <= Decimal::from(most) && number.normalize().scale() <= 2
}

/// An http(s) address without a slash at its end.
pub(super) fn web_address(value: &str) -> Result<Url, String> {
    let expected = || "an address that begins with https:// or http://".to_owned();
    let url = Url::parse(value.trim_end_matches('/')).map_err(|_| expected())?;
    match url.scheme() {
        "http" | "https" if url.has_host() && url.query().is_none() => Ok(url),
        _ => Err(expected()),
    }
}

/// Origins with commas between them, each as a browser writes it: scheme, host and port alone.
pub(super) fn origins(value: &str) -> Result<Vec<String>, String> {
    let expected = || "origins like https://app.example.com, with commas between them".to_owned();
    let origins = list(value).map_err(|_| expected())?;
    let is_origin = |text: &String| {
        web_address(text).is_ok_and(|url| url.origin().ascii_serialization() == *text)
    };
    if origins.iter().all(is_origin) {
        Ok(origins)
    } else {
        Err(expected())
    }
}

/// Six fields of NCRONTAB, of which the Functions host makes the schedule. Only their alphabet and their
/// number are looked at here: it is the host that fires.
pub(super) fn schedule(value: &str) -> Result<String, String> {
    let fields: Vec<&str> = value.split_whitespace().collect();
    let legible = |field: &&str| {
        field
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "*,-/".contains(c))
    };
    if fields.len() == 6 && fields.iter().all(legible) {
        Ok(fields.join(" "))
    } else {
        Err(
            "NCRONTAB with six fields: second minute hour day month weekday, like `0 0 10 * * *`"
                .to_owned(),
        )
    }
}
