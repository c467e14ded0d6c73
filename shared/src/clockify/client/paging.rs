//! Lists come in pages, which can shift while they are read (`clockify.md` §2.4).

use std::{collections::HashMap, future::Future};

use serde_json::value::RawValue;

use super::ClockifyError;
use crate::clockify::wire::{self, Row, Unreadable};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Rows that stand in the list and cannot be read: their records are not gone.
    pub unreadable: Vec<Unreadable>,
    /// Whether no page follows.
    pub is_last: bool,
}

impl<T: Row> Page<T> {
    /// The page ends the list if the header says so or, where there is none, if it is shorter than asked
    /// for; an empty page ends it in any case.
    pub(super) fn new(rows: &[Box<RawValue>], page_size: usize, last_page: Option<bool>) -> Self {
        let is_last = rows.is_empty() || last_page.unwrap_or(rows.len() < page_size);
        let (rows, unreadable) = wire::read_rows(rows);
        Self {
            rows,
            unreadable,
            is_last,
        }
    }
}

/// A list read from its first page to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete<T> {
    /// Each id once, as it was read last.
    pub rows: Vec<T>,
    /// As in [`Page`].
    pub unreadable: Vec<Unreadable>,
}

/// Reads all pages of a list: `read_all(|page| client.list_tags(page))`. Pages are numbered from 1.
pub async fn read_all<T, F>(list: impl Fn(u32) -> F) -> Result<Complete<T>, ClockifyError>
where
    T: Row,
    F: Future<Output = Result<Page<T>, ClockifyError>>,
{
    let mut complete = Complete {
        rows: Vec::new(),
        unreadable: Vec::new(),
    };
    let mut places: HashMap<String, usize> = HashMap::new();
    for number in 1.. {
        let page = list(number).await?;
        for row in page.rows {
            if let Some(place) = places.get(row.id()) {
                complete.rows[*place] = row;
            } else {
                places.insert(row.id().to_owned(), complete.rows.len());
                complete.rows.push(row);
            }
        }
        complete.unreadable.extend(page.unreadable);
        if page.is_last {
            break;
        }
    }
    Ok(complete)
}

/// Looks for one record in a list, for resources that cannot be read singly. [`ClockifyError::Gone`] if
/// the whole list does not hold it; a list of several pages is read twice before, for the record may have slid from an
/// unread page onto a read one.
pub async fn find<T, F>(
    operation: &'static str,
    id: &str,
    list: impl Fn(u32) -> F,
) -> Result<T, ClockifyError>
where
    T: Row,
    F: Future<Output = Result<Page<T>, ClockifyError>>,
{
    let mut number = 1;
    let mut is_second_reading = false;
    loop {
        let page = list(number).await?;
        if let Some(row) = page.rows.into_iter().find(|row| row.id() == id) {
            return Ok(row);
        }
        if page
            .unreadable
            .iter()
            .any(|row| row.id.as_deref().is_none_or(|unreadable| unreadable == id))
        {
            return Err(ClockifyError::Permanent {
                operation,
                refusal: super::Refusal::UnknownForm {
                    field: "row".to_owned(),
                },
            });
        }
        if !page.is_last {
            number += 1;
        } else if number == 1 || is_second_reading {
            return Err(ClockifyError::Gone { operation });
        } else {
            number = 1;
            is_second_reading = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::clockify::wire::Tag;

    fn page(ids: &[&str], is_last: bool) -> Page<Tag> {
        let row = |id: &&str| serde_json::from_value(serde_json::json!({"id": id, "name": id}));
        Page {
            rows: ids.iter().map(|id| row(id).unwrap()).collect(),
            unreadable: Vec::new(),
            is_last,
        }
    }

    /// `clockify.md` §2.4: what slid from the second page onto the first, while the first was read, is not gone.
    #[tokio::test]
    async fn a_row_that_slid_between_pages_is_found() {
        for (id, found, pages) in [("c", true, 3), ("gone", false, 4)] {
            let read = AtomicU32::new(0);
            let list = async |number: u32| {
                let is_first_reading = read.fetch_add(1, Ordering::Relaxed) < 2;
                Ok(match (number, is_first_reading) {
                    (1, true) => page(&["a", "b"], false),
                    (1, false) => page(&["b", "c"], false),
                    _ => page(&["d"], true),
                })
            };
            let row = find("find a tag", id, list).await;
            assert_eq!(row.is_ok(), found, "{id}");
            assert_eq!(read.into_inner(), pages, "{id}");
        }
        let list = async |_| Ok(page(&["a"], true));
        let gone = find("find a tag", "b", list).await;
        assert!(matches!(gone, Err(ClockifyError::Gone { .. })));
    }
}
