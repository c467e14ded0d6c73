//! Lists in pages: `?limit=` and `?cursor=`, answered as `{items, nextCursor}` (`interface.md` §3).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::problem::FieldError;

const DEFAULT_LIMIT: u32 = 50;
const MOST: u32 = 200;

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many items, 1 to 200.
    pub limit: u32,
    /// Items that follow the one with this key; None for the beginning.
    pub after: Option<String>,
}

/// Part of a list, and how to get the next one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing<T> {
    pub items: Vec<T>,
    /// None: this was the last part.
    pub next_cursor: Option<String>,
}

impl Page {
    /// The beginning of a list.
    pub(super) fn first() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            after: None,
        }
    }

    /// Reads what was asked for, both without blanks and not empty.
    pub(super) fn read(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, FieldError> {
        let fault = |field: &str, message: String| FieldError {
            field: field.to_owned(),
            message,
        };
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| {
                    fault("limit", format!("must be a whole number from 1 to {MOST}"))
                })?,
        };
        let decode = |cursor: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
            String::from_utf8(bytes).ok().filter(|key| !key.is_empty())
        };
        let after = cursor
            .map(|cursor| {
                decode(cursor).ok_or_else(|| {
                    fault("cursor", "must be the `nextCursor` of an answer".to_owned())
                })
            })
            .transpose()?;
        Ok(Self { limit, after })
    }

    /// How many rows to read: one more than is shown tells whether there is a next part.
    pub fn rows(&self) -> u32 {
        self.limit + 1
    }

    /// The items of this part, of the rows that were read; `key` is what `after` takes.
    pub fn listing<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> String) -> Listing<T> {
        let limit = self.limit as usize;
        let has_more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| has_more);
        Listing {
            next_cursor: last.map(|item| URL_SAFE_NO_PAD.encode(key(item))),
            items,
        }
    }
}

impl<T> Listing<T> {
    /// The same with every item shown in another form.
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Listing<U> {
        Listing {
            items: self.items.into_iter().map(show).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(limit: u32, rows: &[u32]) -> Vec<Vec<u32>> {
        let mut parts = Vec::new();
        let mut page = Page { limit, after: None };
        loop {
            let after: u32 = page.after.as_deref().map_or(0, |key| key.parse().unwrap());
            let read: Vec<u32> = rows
                .iter()
                .copied()
                .filter(|row| *row > after)
                .take(page.rows() as usize)
                .collect();
            let listing = page.listing(read, ToString::to_string);
            parts.push(listing.items);
            match listing.next_cursor {
                Some(cursor) => page = Page::read(Some(&limit.to_string()), Some(&cursor)).unwrap(),
                None => return parts,
            }
        }
    }

    #[test]
    fn every_item_stands_in_one_part_and_the_last_has_no_cursor() {
        assert_eq!(walk(2, &[1, 2, 3, 4, 5]), [vec![1, 2], vec![3, 4], vec![5]]);
        assert_eq!(walk(2, &[1, 2]), [[1, 2]]);
        assert_eq!(walk(2, &[]), [Vec::<u32>::new()]);
    }

    #[test]
    fn limits_and_cursors_that_nobody_gave_are_refused() {
        for limit in ["0", "201", "-1", "ten"] {
            assert_eq!(Page::read(Some(limit), None).unwrap_err().field, "limit");
        }
        for cursor in ["?", "a", "_w"] {
            assert_eq!(
                Page::read(None, Some(cursor)).unwrap_err().field,
                "cursor",
                "{cursor}"
            );
        }
        assert_eq!(
            Page::read(None, None).unwrap(),
            Page {
                limit: 50,
                after: None
            }
        );
    }
}
