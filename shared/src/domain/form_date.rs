//! Dates as Power Apps sends them (`domain.md` §6, *Dates*; `interface.md` §3).

use jiff::{Timestamp, civil::Date};

use super::time::CompanyZone;

/// Which comes first in a date with slashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlashOrder {
    /// `3/7/2026` is 7 March.
    #[default]
    MonthFirst,
    /// `3/7/2026` is 3 July.
    DayFirst,
}

impl SlashOrder {
    /// How to write such a date, for messages.
    fn form(self) -> &'static str {
        match self {
            Self::MonthFirst => "M/D/YYYY",
            Self::DayFirst => "D/M/YYYY",
        }
    }
}

/// Text that is no date in an accepted form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given:?} is not a date that can be read: send YYYY-MM-DD, {slashes}, or an RFC 3339 instant such as \
     2026-03-07T15:00:00Z"
)]
pub struct FormDateError {
    /// What was sent, cut after 40 characters.
    given: String,
    slashes: &'static str,
}

/// The local date of `YYYY-MM-DD`, of an RFC 3339 instant in the company's zone, or of a date with
/// slashes in the order of the settings. Outer blanks do not matter; anything else is refused.
pub fn form_date(text: &str, order: SlashOrder, zone: &CompanyZone) -> Result<Date, FormDateError> {
    let trimmed = text.trim();
    iso_date(trimmed)
        .or_else(|| slash_date(trimmed, order))
        .or_else(|| rfc_3339(trimmed).map(|instant| zone.date_of(instant)))
        .ok_or_else(|| FormDateError {
            given: text.chars().take(40).collect(),
            slashes: order.form(),
        })
}

fn iso_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || month.len() != 2 || day.len() != 2 {
        return None;
    }
    Date::new(year_of(year)?, digits(month)?, digits(day)?).ok()
}

fn slash_date(text: &str, order: SlashOrder) -> Option<Date> {
    let mut parts = text.split('/');
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || first.len() > 2 || second.len() > 2 {
        return None;
    }
    let (month, day) = match order {
        SlashOrder::MonthFirst => (first, second),
        SlashOrder::DayFirst => (second, first),
    };
    Date::new(year_of(year)?, digits(month)?, digits(day)?).ok()
}

/// Four digits: a year of two could mean either century.
fn year_of(text: &str) -> Option<i16> {
    (text.len() == 4).then(|| digits(text)).flatten()
}

/// ASCII digits alone: no sign, no blank.
fn digits<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// jiff reads more than RFC 3339 (weeks, bracketed zones, offsets without minutes), so the shape is
/// looked at first: `YYYY-MM-DDThh:mm:ss`, an optional fraction, then `Z` or `±hh:mm`.
fn rfc_3339(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = b"0000-00-00T00:00:00";
    if bytes.len() <= shape.len() {
        return None;
    }
    let (local, rest) = bytes.split_at(shape.len());
    let local_fits = local.iter().zip(shape).all(|(byte, wanted)| match wanted {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        _ => byte == wanted,
    });
    let offset = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            &fraction[length..]
        }
        None => rest,
    };
    let offset_fits = match offset {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].into_iter().all(u8::is_ascii_digit),
        _ => false,
    };
    (local_fits && offset_fits)
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn edmonton() -> CompanyZone {
        CompanyZone::named("America/Edmonton").expect("a known zone")
    }

    #[test]
    fn dates_of_power_apps_are_taken_in_three_forms() {
        // domain.md §6: "as YYYY-MM-DD, as an RFC 3339 instant (its local date), or with slashes in the
        // order [config: MDY | DMY], MDY by default".
        use SlashOrder::{DayFirst, MonthFirst};
        let cases = [
            ("2026-03-07", MonthFirst, date(2026, 3, 7)),
            (" 2026-03-07 ", MonthFirst, date(2026, 3, 7)),
            ("3/7/2026", MonthFirst, date(2026, 3, 7)),
            ("03/07/2026", MonthFirst, date(2026, 3, 7)),
            ("3/7/2026", DayFirst, date(2026, 7, 3)),
            ("31/12/2026", DayFirst, date(2026, 12, 31)),
            ("2/29/2028", MonthFirst, date(2028, 2, 29)),
            ("2026-03-08T05:30:00Z", MonthFirst, date(2026, 3, 7)),
            ("2026-03-08T05:30:00.123Z", MonthFirst, date(2026, 3, 7)),
            ("2026-03-08t05:30:00z", MonthFirst, date(2026, 3, 7)),
            ("2026-03-08 05:30:00Z", MonthFirst, date(2026, 3, 7)),
            ("2026-03-07T23:30:00-07:00", DayFirst, date(2026, 3, 7)),
            ("2026-12-15T05:59:59Z", MonthFirst, date(2026, 12, 14)),
            ("2026-12-15T06:00:00Z", MonthFirst, date(2026, 12, 15)),
        ];
        assert_eq!(SlashOrder::default(), MonthFirst);
        for (text, order, expected) in cases {
            assert_eq!(form_date(text, order, &edmonton()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_accepted_forms() {
        // domain.md §6: "Anything else is refused with a message that names the accepted forms."
        let refused = [
            "7.3.2026",
            "2026-13-01",
            "2026-02-30",
            "2026-2-3",
            "2026-03-07T12:00:00", // no offset: whose noon?
            "2026-03-07T12:00Z",
            "2026-03-07T12:00:00+06",
            "2026-03-07T12:00:00.Z",
            "2026-03-07T12:00:00-06:00[America/Edmonton]",
            "2026-03-07T25:00:00Z",
            "20260307",
            "2026-W10-6",
            "13/7/2026", // month 13
            "3/7/26",
            "3/7",
            "3/7/2026/1",
            "-3/7/2026",
            "+2026-03-07",
            "Mar 7, 2026",
            "２０２６-０３-０７",
            "",
        ];
        for text in refused {
            let error = form_date(text, SlashOrder::MonthFirst, &edmonton()).expect_err(text);
            let message = error.to_string();
            for form in ["YYYY-MM-DD", "M/D/YYYY", "RFC 3339"] {
                assert!(message.contains(form), "{message}");
            }
        }
        let error =
            form_date("3/31/2026", SlashOrder::DayFirst, &edmonton()).expect_err("month 31");
        assert!(error.to_string().contains("D/M/YYYY"), "{error}");
        let long = form_date(&"9".repeat(5000), SlashOrder::MonthFirst, &edmonton());
        assert!(long.expect_err("too long").to_string().len() < 200);
    }

    proptest! {
        #[test]
        fn every_date_comes_back_from_each_of_its_forms(year in 1_i16..=9999, month in 1_i8..=12, day in 1_i8..=31) {
            prop_assume!(Date::new(year, month, day).is_ok());
            let wanted = date(year, month, day);
            let zone = edmonton();
            for (text, order) in [
                (wanted.to_string(), SlashOrder::MonthFirst),
                (format!("{month}/{day}/{year:04}"), SlashOrder::MonthFirst),
                (format!("{day:02}/{month:02}/{year:04}"), SlashOrder::DayFirst),
            ] {
                prop_assert_eq!(form_date(&text, order, &zone), Ok(wanted));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = form_date(&text, SlashOrder::MonthFirst, &edmonton());
        }
    }
}
