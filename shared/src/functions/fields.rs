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
    domain::{
        calendar::Month,
        form_date::{SlashOrder, form_date},
        time::{CompanyZone, Period},
    },
    settings::Settings,
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
    order: SlashOrder,
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
        match form_date(sent, self.order, self.zone) {
            Ok(date) if (2000..2100).contains(&date.year()) => Some(date),
            Ok(date) => {
                self.fault(
                    field,
                    format!("must lie between 2000 and 2099, and {date} does not"),
                );
                None
            }
            Err(fault) => {
                self.fault(field, format!("must be a date: {fault}"));
                None
            }
        }
    }

    /// A calendar month: `2026-11`.
    pub fn month(&mut self, field: &str, sent: Option<&str>) -> Option<Month> {
        let month = filled(sent)?.parse();
        month
            .map_err(|fault| self.fault(field, format!("must be a month: {fault}")))
            .ok()
    }

    /// A day that must be sent.
    pub fn required_date(&mut self, field: &str, sent: Option<&str>) -> Option<Date> {
        if filled(sent).is_none() {
            self.fault(field, "is missing; send a day like 2026-10-25");
        }
        self.date(field, sent)
    }

    /// A moment from which on something is wanted: an instant, or a day, of which it is the local start.
    pub fn since(&mut self, field: &str, sent: Option<&str>) -> Option<Timestamp> {
        self.moment(field, sent, Some)
    }

    /// A moment up to which something is wanted: an instant, or a day, of which it is the local end.
    pub fn until(&mut self, field: &str, sent: Option<&str>) -> Option<Timestamp> {
        self.moment(field, sent, |day| day.tomorrow().ok())
    }

    fn moment(
        &mut self,
        field: &str,
        sent: Option<&str>,
        border: impl Fn(Date) -> Option<Date>,
    ) -> Option<Timestamp> {
        if let Some(instant) = filled(sent).and_then(|text| text.parse().ok()) {
            return Some(instant);
        }
        let day = border(self.date(field, sent)?)?;
        let start = day.to_zoned(self.zone.time_zone().clone()).ok()?;
        Some(start.timestamp())
    }

    /// Where a list goes on, and how much of it is wanted.
    pub fn page(&mut self, limit: Option<&str>, cursor: Option<&str>) -> Page {
        Page::read(filled(limit), filled(cursor)).unwrap_or_else(|fault| {
            self.errors.push(fault);
            Page::first()
        })
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

/// Refuses a period of more days than that.
pub fn at_most(period: Period, days: i64) -> Result<(), Problem> {
    if period.day_count() <= days {
        return Ok(());
    }
    let detail = format!(
        "The period has {} days; ask for at most {days} at once.",
        period.day_count()
    );
    Err(Problem::new(ProblemKind::InvalidPeriod, detail))
}

/// Missing and empty mean the same, in a query as in a body.
pub fn filled(sent: Option<&str>) -> Option<&str> {
    sent.map(str::trim).filter(|text| !text.is_empty())
}

/// One of a few words, in any case.
pub fn word(sent: Option<&str>) -> Option<String> {
    filled(sent).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(order: &str) -> Settings {
        let order = order.to_owned();
        Settings::from_env(|name| (name == "DATE_ORDER").then(|| order.clone())).unwrap()
    }

    /// `domain.md` §6: the order of a date with slashes is a setting; what is no date is refused with the forms.
    #[test]
    fn dates_are_read_by_the_settings_and_refused_with_the_accepted_forms() {
        for (order, expected) in [("MDY", "2026-10-05"), ("DMY", "2026-05-10")] {
            let settings = settings(order);
            let date = Fields::new(&settings).date("from", Some("10/5/2026"));
            assert_eq!(date, Some(expected.parse().unwrap()), "{order}");
        }
        let settings = settings("MDY");
        for sent in ["2026-02-30", "yesterday", "1999-12-31", "2100-01-01"] {
            let mut fields = Fields::new(&settings);
            assert_eq!(fields.date("from", Some(sent)), None, "{sent}");
            assert_eq!(fields.errors[0].field, "from");
        }
        let mut fields = Fields::new(&settings);
        fields.date("from", Some("2026-02-30"));
        assert_eq!(
            fields.errors[0].message,
            "must be a date: \"2026-02-30\" is not a date that can be read: send YYYY-MM-DD, M/D/YYYY, or an RFC 3339 instant such as 2026-03-07T15:00:00Z"
        );
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
    fn a_day_begins_and_ends_at_local_midnight() {
        let settings = settings("MDY");
        let mut fields = Fields::new(&settings);
        let text = |instant: Option<Timestamp>| instant.map(|instant| instant.to_string());
        let day = Some("2026-10-25");
        assert_eq!(
            text(fields.since("from", day)).as_deref(),
            Some("2026-10-25T06:00:00Z")
        );
        assert_eq!(
            text(fields.until("to", day)).as_deref(),
            Some("2026-10-26T06:00:00Z")
        );
        let instant = Some("2026-10-25T15:00:00-06:00");
        assert_eq!(
            text(fields.until("to", instant)).as_deref(),
            Some("2026-10-25T21:00:00Z")
        );
        assert_eq!(fields.since("from", Some("soon")), None);
        assert!(fields.finish().is_err());
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
