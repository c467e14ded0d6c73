//! One request as the handlers see it, and what they answer.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::{id::Id, world::Refusal};

/// A request that passed the door: its route is known, its caller too.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) params: HashMap<&'static str, String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// By how many rows the pages after the first begin early, or late (a fault).
    pub(crate) shifted: isize,
}

/// An answer with a body of JSON, or none.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) last_page: Option<bool>,
    pub(crate) body: Option<Value>,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            last_page: None,
            body: Some(body),
        }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self {
            status: 201,
            ..Self::ok(body)
        }
    }

    pub(crate) fn no_content() -> Self {
        Self {
            status: 204,
            last_page: None,
            body: None,
        }
    }

    /// A page of a list, with its `Last-Page` header.
    pub(crate) fn page(body: Value, last: bool) -> Self {
        Self {
            last_page: Some(last),
            ..Self::ok(body)
        }
    }
}

/// An answer that Clockify gives instead: `{message, code}` (clockify.md §2.5).
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// A parameter or the body cannot be read.
    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(400, 3002, message)
    }

    pub(crate) fn body(&self) -> Value {
        json!({"message": self.message, "code": self.code})
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Approved => Self::new(403, 4005, refusal.to_string()),
            Refusal::Gone(_) | Refusal::Invalid(_) => Self::new(400, 501, refusal.to_string()),
        }
    }
}

pub(crate) type Answer = Result<Reply, ApiError>;

/// Which rows of a list a page shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    number: usize,
    size: usize,
    shifted: isize,
}

impl Page {
    pub(crate) fn new(
        number: usize,
        size: usize,
        most: usize,
        shifted: isize,
    ) -> Result<Self, ApiError> {
        if size == 0 || size > most {
            return Err(ApiError::unreadable(format!(
                "page size must be between 1 and {most}"
            )));
        }
        if number == 0 {
            return Err(ApiError::unreadable("page must be greater than 0"));
        }
        Ok(Self {
            number,
            size,
            shifted,
        })
    }

    /// The page's rows, and whether it is the last page.
    pub(crate) fn of<Row>(self, rows: &[Row]) -> (&[Row], bool) {
        let from = (self.number - 1).saturating_mul(self.size);
        let from = if self.number > 1 {
            from.saturating_add_signed(self.shifted.saturating_neg())
        } else {
            from
        };
        let from = from.min(rows.len());
        let to = from.saturating_add(self.size).min(rows.len());
        (&rows[from..to], to == rows.len())
    }
}

impl Call {
    pub(crate) fn param(&self, name: &'static str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// The id in the path; one that is not ours means a record that does not exist.
    pub(crate) fn id(&self, name: &'static str, what: &'static str) -> Result<Id, ApiError> {
        self.param(name)
            .parse()
            .map_err(|_| Refusal::Gone(what).into())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.query(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ApiError::unreadable(format!(
                "Failed to convert {name} {other:?} to boolean"
            ))),
        }
    }

    fn count(&self, name: &str, default: usize) -> Result<usize, ApiError> {
        self.query(name).map_or(Ok(default), |text| {
            text.parse()
                .map_err(|_| ApiError::unreadable(format!("{name} {text:?} is not a number")))
        })
    }

    /// `page` (1-based) and `page-size` of the query.
    pub(crate) fn page(&self, default: usize, most: usize) -> Result<Page, ApiError> {
        Page::new(
            self.count("page", 1)?,
            self.count("page-size", default)?,
            most,
            self.shifted,
        )
    }

    /// `page` counted from 0 and `size`, as the webhooks' logs have them.
    pub(crate) fn page_from_zero(&self, default: usize) -> Result<Page, ApiError> {
        Page::new(
            self.count("page", 0)? + 1,
            self.count("size", default)?,
            1_000,
            self.shifted,
        )
    }

    pub(crate) fn json(&self) -> Result<Value, ApiError> {
        serde_json::from_slice(&self.body)
            .map_err(|_| ApiError::unreadable("Required request body is missing or malformed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_count_from_one_and_the_last_says_so() {
        let rows: Vec<u32> = (0..5).collect();
        for (number, shown, last) in [
            (1, vec![0, 1], false),
            (2, vec![2, 3], false),
            (3, vec![4], true),
            (4, vec![], true),
        ] {
            let page = Page::new(number, 2, 10, 0).unwrap();
            assert_eq!(page.of(&rows), (shown.as_slice(), last), "page {number}");
        }
    }

    #[test]
    fn a_shifted_page_repeats_the_end_of_the_one_before() {
        let rows: Vec<u32> = (0..5).collect();
        let page = |number| Page::new(number, 2, 10, 1).unwrap().of(&rows).0.to_vec();
        assert_eq!((page(1), page(2)), (vec![0, 1], vec![1, 2]));
    }

    #[test]
    fn a_page_shifted_the_other_way_leaves_out_a_row() {
        let rows: Vec<u32> = (0..5).collect();
        let page = |number| Page::new(number, 2, 10, -1).unwrap().of(&rows).0.to_vec();
        assert_eq!((page(1), page(2)), (vec![0, 1], vec![3, 4]));
    }

    #[test]
    fn page_zero_and_sizes_over_the_limit_are_refused() {
        assert!(Page::new(0, 10, 10, 0).is_err());
        assert!(Page::new(1, 11, 10, 0).is_err());
        assert!(Page::new(1, 0, 10, 0).is_err());
    }
}
