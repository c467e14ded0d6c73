//! Reading a request's values: what is malformed is told as 400, what a rule refuses as 422, all faults of a
//! request together. What is missing or wrong reads as nothing, and [`Reading::finish`] then refuses the request.

use jiff::civil::Date;
use rust_decimal::Decimal;
use shared::{
    domain::lem::Amount,
    functions::{
        context::Context,
        fields::Fields,
        problem::{FieldError, Problem},
    },
};

use crate::sent::{Number, Text};

/// Names: of people, roles, machines, units.
pub(crate) const LONGEST_NAME: usize = 200;
/// Descriptions, notes, reasons.
pub(crate) const LONGEST_TEXT: usize = 10_000;
/// Ids, also Clockify's.
const LONGEST_ID: usize = 64;
/// Meals and nights of one worker on one day.
const MOST_COUNTED: u32 = 9_999;

pub(crate) struct Reading<'a> {
    pub(crate) fields: Fields<'a>,
    refusals: Vec<FieldError>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(context: &'a Context) -> Self {
        Self {
            fields: Fields::new(context.settings()),
            refusals: Vec::new(),
        }
    }

    /// Notes what a rule refuses; the message completes "`field` …".
    pub(crate) fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.refusals.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// Passes if nothing was wrong.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        self.fields.finish()?;
        if self.refusals.is_empty() {
            Ok(())
        } else {
            Err(Problem::refused(self.refusals))
        }
    }

    fn missing<T: Default>(&mut self, field: &str, value: Option<T>, is_sent: bool) -> T {
        if value.is_none() && !is_sent {
            self.fields.fault(field, "is missing");
        }
        value.unwrap_or_default()
    }

    /// Text of at most so many characters, without outer blanks.
    pub(crate) fn text(&mut self, field: &str, sent: &Text, longest: usize) -> Option<String> {
        let text = sent.as_deref()?.trim();
        let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if text.chars().count() > longest {
            self.refuse(field, format!("must have at most {longest} characters"));
        } else if text.contains(is_odd) {
            self.refuse(field, "must not hold control characters");
        } else {
            return Some(text.to_owned());
        }
        None
    }

    /// Text that must be sent.
    pub(crate) fn required_text(&mut self, field: &str, sent: &Text, longest: usize) -> String {
        let text = self.text(field, sent, longest);
        self.missing(field, text, sent.0.is_some())
    }

    /// An id of something that is there already.
    pub(crate) fn id<T: From<String>>(&mut self, field: &str, sent: &Text) -> Option<T> {
        self.text(field, sent, LONGEST_ID)
            .map(|id| T::from(own_form(&id)))
    }

    /// Such an id that must be sent.
    pub(crate) fn required_id<T: From<String>>(&mut self, field: &str, sent: &Text) -> T {
        let id = self.text(field, sent, LONGEST_ID);
        T::from(own_form(&self.missing(field, id, sent.0.is_some())))
    }

    /// The id of something new: the app's own, which is a UUID, or one that is made here.
    pub(crate) fn new_id<T: From<String>>(&mut self, field: &str, sent: &Text) -> T {
        let id = match sent.as_deref().map(str::trim) {
            None => uuid::Uuid::now_v7().to_string(),
            Some(text) => uuid::Uuid::parse_str(text).map_or_else(
                |_| {
                    self.fields
                        .fault(field, "must be a UUID, such as GUID() makes");
                    String::new()
                },
                |id| id.to_string(),
            ),
        };
        T::from(id)
    }

    /// A day that must be sent.
    pub(crate) fn required_date(&mut self, field: &str, sent: &Text) -> Date {
        let date = self.fields.required_date(field, sent.as_deref());
        date.unwrap_or_default()
    }

    /// A number that a sheet takes.
    pub(crate) fn amount(&mut self, field: &str, sent: &Number, amount: Amount) -> Option<Decimal> {
        match amount.checked(sent.0?) {
            Ok(number) => Some(number),
            Err(error) => {
                self.refuse(field, error.to_string());
                None
            }
        }
    }

    /// Such a number that must be sent.
    pub(crate) fn required_amount(
        &mut self,
        field: &str,
        sent: &Number,
        amount: Amount,
    ) -> Decimal {
        let number = self.amount(field, sent, amount);
        self.missing(field, number, sent.0.is_some())
    }

    /// A count; nothing is 0.
    pub(crate) fn count(&mut self, field: &str, sent: &Number) -> u32 {
        let Some(number) = sent.0 else {
            return 0;
        };
        let count = Some(number.normalize())
            .filter(rust_decimal::Decimal::is_integer)
            .and_then(|number| u32::try_from(number).ok())
            .filter(|count| *count <= MOST_COUNTED);
        if count.is_none() {
            let message = format!("must be a whole number from 0 to {MOST_COUNTED}");
            self.refuse(field, message);
        }
        count.unwrap_or_default()
    }

    /// The version that the caller saw, if he says so.
    pub(crate) fn version(&mut self, sent: &Number) -> Option<i64> {
        let version = i64::try_from(sent.0?).ok();
        if version.is_none() {
            self.fields
                .fault("version", "must be the version of an answer");
        }
        version
    }
}

/// UUIDs are kept in one form, whatever an app makes of them.
pub(crate) fn own_form(id: &str) -> String {
    uuid::Uuid::parse_str(id).map_or_else(|_| id.to_owned(), |id| id.to_string())
}
