//! The fields of a request as apps send them: `null`, `""` and a missing field mean the same, a date comes in
//! several forms (`interface.md` §3, `domain.md` §6 *Dates*). All faults of a request are told together.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use super::{
    paging::Page,
    problem::{FieldError, Problem, ProblemKind},
};
use crate::{
    domain::time::{CompanyZone, Period},
    settings::{DateOrder, Settings},
};

/// For `#[serde(default, deserialize_with = "fields::text")]`: text that may be missing, null or empty.
pub fn text<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(source)? {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(D::Error::custom("must be text")),
    }
}

/// For `#[serde(default, deserialize_with = "fields::flag")]`: true, or false where it is missing, null or empty.
pub fn flag<'de, D: Deserializer<'de>>(source: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(source)?;
    match &value {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "" | "false" => Ok(false),
            "true" => Ok(true),
            _ => Err(D::Error::custom("must be true or false")),
        },
        _ => Err(D::Error::custom("must be true or false")),
    }
}

/// Reads the fields of one request and gathers what is wrong with them.
#[derive(Debug)]
pub struct Fields<'a> {
    zone: &'a CompanyZone,
    order: DateOrder,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// A reader that knows the company's zone and how it writes dates.
    pub fn new(settings: &'a Settings) -> Self {
        Self {
            zone: &settings.company.zone,
            order: settings.reports.date_order,
            errors: Vec::new(),
        }
    }

    /// Notes a fault; the message completes "`field` …".
    pub fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// Passes if nothing was wrong.
    pub fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid(self.errors))
        }
    }

    /// A day: `2026-10-25`, with slashes in the order of the settings, or an instant (its local date).
    pub fn date(&mut self, field: &str, sent: Option<&str>) -> Option<Date> {
        let sent = filled(sent)?;
        let date = self
            .any_date(sent)
            .filter(|date| (2000..2100).contains(&date.year()));
        if date.is_none() {
            let example = match self.order {
                DateOrder::MonthDayYear => "10/25/2026",
                DateOrder::DayMonthYear => "25/10/2026",
            };
            self.fault(field, format!(
                "must be a day of this century like 2026-10-25, {example} or 2026-10-25T15:00:00Z, and `{}` is none",
                shortened(sent)
            ));
        }
        date
    }

    /// A day that must be sent.
    pub fn required_date(&mut self, field: &str, sent: Option<&str>) -> Option<Date> {
        if filled(sent).is_none() {
            self.fault(field, "is missing; send a day like 2026-10-25");
        }
        self.date(field, sent)
    }

    /// Where a list goes on, and how much of it is wanted.
    pub fn page(&mut self, limit: Option<&str>, cursor: Option<&str>) -> Page {
        Page::read(filled(limit), filled(cursor)).unwrap_or_else(|fault| {
            self.errors.push(fault);
            Page::first()
        })
    }

    fn any_date(&self, sent: &str) -> Option<Date> {
        if sent.contains('/') {
            return self.slashed_date(sent);
        }
        if sent.contains(['T', 't']) {
            let instant: Timestamp = sent.parse().ok()?;
            return Some(self.zone.date_of(instant));
        }
        // The library takes more forms of ISO 8601 than people can read.
        (sent.len() == 10).then(|| sent.parse().ok()).flatten()
    }

    fn slashed_date(&self, sent: &str) -> Option<Date> {
        let parts: Vec<&str> = sent.split('/').collect();
        let [first, second, year] = parts[..] else {
            return None;
        };
        let digits = |text: &str, most: usize| {
            (!text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit()))
                .then(|| text.parse::<i8>().ok())
                .flatten()
        };
        let (first, second) = (digits(first, 2)?, digits(second, 2)?);
        let (month, day) = match self.order {
            DateOrder::MonthDayYear => (first, second),
            DateOrder::DayMonthYear => (second, first),
        };
        let year = (year.len() == 4)
            .then(|| year.parse::<i16>().ok())
            .flatten()?;
        Date::new(year, month, day).ok()
    }
}

/// A period from two days, or 400 with the sentence that says which one to change.
pub fn period(from: Date, to: Date) -> Result<Period, Problem> {
    Period::new(from, to).map_err(|_| {
        Problem::new(
            ProblemKind::InvalidPeriod,
            format!("The period ends on {to}, before it starts on {from}; give an end that is not earlier."),
        )
        .with_errors(vec![FieldError {
            field: "to".to_owned(),
            message: format!("must not be before {from}"),
        }])
    })
}

/// Missing and empty mean the same, in a query as in a body.
pub fn filled(sent: Option<&str>) -> Option<&str> {
    sent.map(str::trim).filter(|text| !text.is_empty())
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(order: &str) -> Settings {
        let order = order.to_owned();
        Settings::from_env(|name| (name == "DATE_ORDER").then(|| order.clone())).unwrap()
    }

    /// `domain.md` §6: "`YYYY-MM-DD`, … an RFC 3339 instant (its local date), or with slashes in the order [config]".
    #[test]
    fn the_forms_of_a_date() {
        let table = [
            ("MDY", "2026-10-25", "2026-10-25"),
            ("MDY", "10/5/2026", "2026-10-05"),
            ("DMY", "10/5/2026", "2026-05-10"),
            ("MDY", "02/03/2026", "2026-02-03"),
            ("MDY", "2026-10-25T05:59:59Z", "2026-10-24"),
            ("MDY", "2026-10-25T00:00:00-06:00", "2026-10-25"),
            ("MDY", " 2026-10-25 ", "2026-10-25"),
        ];
        for (order, sent, expected) in table {
            let settings = settings(order);
            let mut fields = Fields::new(&settings);
            let date = fields.date("from", Some(sent));
            assert_eq!(
                date.map(|d| d.to_string()).as_deref(),
                Some(expected),
                "{sent}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_accepted_forms() {
        let settings = settings("MDY");
        for sent in [
            "2026-02-30",
            "2026-13-01",
            "25/10/2026",
            "10-25-2026",
            "20261025",
            "10/25/26",
            "1/2/3/2026",
            "+1/2/2026",
            "yesterday",
            "0026-10-25",
            "9999-12-31",
            "2026-10-25T25:00:00Z",
            "2026-W43-7",
            "10/25/२०२६",
        ] {
            let mut fields = Fields::new(&settings);
            assert_eq!(fields.date("from", Some(sent)), None, "{sent}");
            assert!(
                fields.errors[0]
                    .message
                    .contains("2026-10-25, 10/25/2026 or"),
                "{sent}"
            );
        }
    }

    #[test]
    fn missing_null_and_empty_are_the_same() {
        #[derive(Deserialize, PartialEq, Debug)]
        struct Body {
            #[serde(default, deserialize_with = "text")]
            from: Option<String>,
            #[serde(default, deserialize_with = "flag")]
            full: bool,
        }
        let nothing = Body {
            from: None,
            full: false,
        };
        for body in [
            "{}",
            r#"{"from":null,"full":null}"#,
            r#"{"from":"","full":""}"#,
        ] {
            assert_eq!(
                serde_json::from_str::<Body>(body).unwrap(),
                nothing,
                "{body}"
            );
        }
        let sent: Body = serde_json::from_str(r#"{"from":7.50,"full":"True"}"#).unwrap();
        assert_eq!(
            sent,
            Body {
                from: Some("7.50".into()),
                full: true
            }
        );
        for body in [r#"{"from":{}}"#, r#"{"full":"maybe"}"#, r#"{"full":1}"#] {
            assert!(serde_json::from_str::<Body>(body).is_err(), "{body}");
        }
    }

    #[test]
    fn all_faults_come_together() {
        let settings = settings("MDY");
        let mut fields = Fields::new(&settings);
        fields.required_date("from", None);
        fields.date("to", Some("soon"));
        fields.page(Some("0"), Some("?"));
        let faults: Vec<String> = fields
            .errors
            .iter()
            .map(|error| error.field.clone())
            .collect();
        assert_eq!(faults, ["from", "to", "limit"]);
        assert!(fields.finish().is_err());
    }

    #[test]
    fn a_period_that_ends_before_it_starts_is_refused() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(period(day("2026-10-25"), day("2026-10-25")).is_ok());
        let problem = period(day("2026-10-25"), day("2026-10-24")).unwrap_err();
        assert_eq!(problem.kind(), ProblemKind::InvalidPeriod);
    }
}
