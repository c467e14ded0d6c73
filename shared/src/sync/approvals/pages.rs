//! How a list that shifts while it is read is read without a gap.
//!
//! Clockify knows only a page's number and size, so pages of one size never overlap. Here every page after the first
//! gets the size whose grid has a line just before the end of what was read: it begins at least one row early. If
//! none of the rows read last comes again, rows have left the part already read, by more than the overlap, and some
//! may have slipped past: the reading steps back until it meets rows that it knows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Approval requests carry all their entries, so their pages stay short.
const MOST_ROWS: u32 = 100;
const FEWEST_ROWS: u32 = 75;
/// How far the first step back goes; each further one goes twice as far.
const STEP_BACK_ROWS: u32 = 150;
/// A list that slips away more often than this within one scan cannot be read completely now.
const MOST_STEPS_BACK: u32 = 8;

/// Where the reading of one list stands. Serialised as part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The number of the page to ask for, from 1.
    pub page: u32,
    /// How many rows to ask for.
    pub page_rows: u32,
    /// The rows of the last page that followed without a gap.
    known: BTreeSet<String>,
    steps_back: u32,
}

/// What to do after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask for the page that the reading now names. What was read is right in any case.
    Page,
    /// The list is complete.
    Complete,
    /// It shifts too fast to be read completely now.
    GiveUp,
}

impl Reading {
    /// At the start of a list.
    pub fn begin() -> Self {
        Self {
            page: 1,
            page_rows: MOST_ROWS,
            known: BTreeSet::new(),
            steps_back: 0,
        }
    }

    /// Takes the ids of the page that was asked for. `enough`: it is the last one, or reaches down to the watermark.
    pub fn took<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>, enough: bool) -> Next {
        let ids: BTreeSet<String> = ids.into_iter().map(str::to_owned).collect();
        let first_row = (self.page - 1) * self.page_rows;
        if first_row > 0 && self.known.is_disjoint(&ids) {
            if self.steps_back == MOST_STEPS_BACK {
                return Next::GiveUp;
            }
            let back = STEP_BACK_ROWS << self.steps_back;
            self.steps_back += 1;
            self.ask_from(first_row.saturating_sub(back));
            return Next::Page;
        }
        if enough {
            return Next::Complete;
        }
        // Repeats within a page do not happen, so the count of ids is the count of rows.
        let rows = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        self.known = ids;
        self.ask_from((first_row + rows).saturating_sub(1));
        Next::Page
    }

    /// Names the page that begins at `row` (from 0) or as little before it as can be.
    fn ask_from(&mut self, row: u32) {
        let rows = (FEWEST_ROWS..=MOST_ROWS)
            .rev()
            .min_by_key(|rows| row % rows)
            .unwrap_or(MOST_ROWS);
        self.page = row / rows + 1;
        self.page_rows = rows;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list as Clockify pages it; rows can be removed between two reads.
    struct List(Vec<String>);

    impl List {
        fn of(rows: usize) -> Self {
            Self((0..rows).map(|n| format!("row-{n:06}")).collect())
        }

        fn page(&self, number: u32, size: u32) -> (&[String], bool) {
            let start = ((number - 1) * size) as usize;
            let rows = self.0.get(start..).unwrap_or_default();
            let count = rows.len().min(size as usize);
            (&rows[..count], rows.len() <= size as usize)
        }

        /// Reads it whole; `between(list, reads)` changes it after each page. Says what was seen, how it ended, and
        /// how many pages that took.
        fn read(&mut self, mut between: impl FnMut(&mut Self, u32)) -> (usize, Next, u32) {
            let (mut reading, mut seen, mut reads) = (Reading::begin(), BTreeSet::new(), 0);
            loop {
                let (rows, last) = self.page(reading.page, reading.page_rows);
                reads += 1;
                seen.extend(rows.iter().cloned());
                let next = reading.took(rows.iter().map(String::as_str), last);
                if next != Next::Page {
                    return (seen.len(), next, reads);
                }
                between(self, reads);
            }
        }
    }

    #[test]
    fn every_row_is_read_whatever_the_length() {
        for rows in [0, 1, 199, 200, 201, 399, 400, 1000, 8000, 100_000] {
            let (seen, next, reads) = List::of(rows).read(|_, _| {});
            assert_eq!((seen, next), (rows, Next::Complete), "{rows} rows");
            let fewest = rows.div_ceil(100).max(1);
            assert!(
                (reads as usize) <= fewest * 5 / 4 + 2,
                "{rows} rows took {reads} pages"
            );
        }
    }

    #[test]
    fn a_row_that_leaves_a_read_page_hides_no_other() {
        let mut list = List::of(500);
        let (seen, next, _) = list.read(|list, reads| {
            if reads == 1 {
                list.0.remove(7);
            }
        });
        assert_eq!((seen, next), (500, Next::Complete));
    }

    #[test]
    fn many_rows_that_leave_at_once_make_it_step_back() {
        for leave in [2, 50, 199] {
            let mut list = List::of(5000);
            let (seen, next, _) = list.read(|list, reads| {
                if reads == 12 {
                    list.0.drain(0..leave);
                }
            });
            assert_eq!((seen, next), (5000, Next::Complete), "{leave} left");
        }
    }

    #[test]
    fn a_list_that_never_stands_still_is_given_up() {
        let mut list = List::of(20_000);
        let (_, next, _) = list.read(|list, _| {
            list.0.drain(0..400);
        });
        assert_eq!(next, Next::GiveUp);
    }

    #[test]
    fn a_reading_goes_on_from_a_checkpoint() {
        let list = List::of(1000);
        let mut reading = Reading::begin();
        let (rows, last) = list.page(reading.page, reading.page_rows);
        assert_eq!(
            reading.took(rows.iter().map(String::as_str), last),
            Next::Page
        );
        let saved = serde_json::to_string(&reading).unwrap();
        assert_eq!(serde_json::from_str::<Reading>(&saved).unwrap(), reading);
    }
}
