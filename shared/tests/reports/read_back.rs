//! Reads the workbooks that we write, as far as the tests need it: cells with type, value and formula.
//! It is no reader for other people's files.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::golden::unzip;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Text(String),
    Number(Decimal),
    /// Formula and cached value.
    Formula(String, String),
}

/// A sheet: cells by row and column, both counted from 1.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) cells: BTreeMap<(u32, u32), Read>,
    /// In pixels, of the rows that have one of their own.
    row_heights: BTreeMap<u32, u32>,
    /// In pixels, by column.
    column_widths: BTreeMap<u32, u32>,
    /// First row and column, last row and column.
    merged: Vec<((u32, u32), (u32, u32))>,
}

impl Sheet {
    /// The cells that one text covers.
    fn covered(&self, row: u32, column: u32) -> ((u32, u32), (u32, u32)) {
        let merged = self.merged.iter().find(|one| one.0 == (row, column));
        merged.copied().unwrap_or(((row, column), (row, column)))
    }

    /// The heights of the rows that the text of a cell covers, in pixels.
    pub(crate) fn heights(&self, row: u32, column: u32) -> Vec<u32> {
        let ((first, _), (last, _)) = self.covered(row, column);
        let height = |row| self.row_heights.get(&row).copied().unwrap_or(21);
        (first..=last).map(height).collect()
    }

    /// The width of the columns that the text of a cell covers, in pixels.
    pub(crate) fn width(&self, row: u32, column: u32) -> u32 {
        let ((_, first), (_, last)) = self.covered(row, column);
        let width = |column| self.column_widths.get(&column).copied().unwrap_or(64);
        (first..=last).map(width).sum()
    }

    pub(crate) fn text(&self, row: u32, column: u32) -> Option<&str> {
        match self.cells.get(&(row, column)) {
            Some(Read::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number of a cell, or the cached one of its formula.
    pub(crate) fn number(&self, row: u32, column: u32) -> Option<Decimal> {
        match self.cells.get(&(row, column))? {
            Read::Number(number) => Some(*number),
            Read::Formula(_, value) => value.parse().ok(),
            Read::Text(_) => None,
        }
    }

    /// The rows whose cell in `column` begins or is as given.
    pub(crate) fn rows_where(&self, column: u32, is: impl Fn(&str) -> bool) -> Vec<u32> {
        self.cells
            .iter()
            .filter_map(|((row, at), cell)| match cell {
                Read::Text(text) if *at == column && is(text) => Some(*row),
                _ => None,
            })
            .collect()
    }

    /// The row of texts that begins with these headings in column A.
    pub(crate) fn heading_row(&self, headings: &[&str]) -> Option<u32> {
        let last = self.cells.keys().map(|(row, _)| *row).max()?;
        (1..=last).find(|row| {
            (1..)
                .zip(headings)
                .all(|(column, heading)| self.text(*row, column) == Some(heading))
        })
    }

    /// Checks each SUM and SUBTOTAL against the cells that it names; answers how many there were.
    pub(crate) fn check_totals(&self) -> usize {
        let mut checked = 0;
        for ((row, column), cell) in &self.cells {
            let Read::Formula(formula, value) = cell else {
                continue;
            };
            let Some(sum) = self.evaluate(formula) else {
                continue;
            };
            let cached: Decimal = value.parse().expect("a cached number");
            assert_eq!(
                sum, cached,
                "{}: row {row}, column {column}, {formula}",
                self.name
            );
            checked += 1;
        }
        checked
    }

    fn evaluate(&self, formula: &str) -> Option<Decimal> {
        let (range, skip_subtotals) = match formula.strip_prefix("SUBTOTAL(9,") {
            Some(rest) => (rest.strip_suffix(')')?, true),
            None => (formula.strip_prefix("SUM(")?.strip_suffix(')')?, false),
        };
        let (from, to) = range.split_once(':')?;
        let ((top, left), (bottom, right)) = (position(from), position(to));
        let sum = self
            .cells
            .range((top, 0)..=(bottom, u32::MAX))
            .filter(|((_, column), _)| (left..=right).contains(column))
            .map(|(_, cell)| match cell {
                Read::Number(number) => *number,
                Read::Formula(inner, _) if skip_subtotals && inner.starts_with("SUBTOTAL") => {
                    Decimal::ZERO
                }
                Read::Formula(_, value) => value.parse().unwrap_or_default(),
                Read::Text(_) => Decimal::ZERO,
            })
            .sum();
        Some(sum)
    }
}

/// The sheets of a workbook in their order.
pub(crate) fn read(workbook: &[u8]) -> Vec<Sheet> {
    let parts = unzip(workbook);
    let part = |name: &str| String::from_utf8_lossy(&parts[name]).into_owned();
    let strings: Vec<String> = if parts.contains_key("xl/sharedStrings.xml") {
        part("xl/sharedStrings.xml")
            .split("<si>")
            .skip(1)
            .map(texts)
            .collect()
    } else {
        Vec::new()
    };
    part("xl/workbook.xml")
        .split("<sheet ")
        .skip(1)
        .zip(1..)
        .map(|(tag, number)| {
            let xml = part(&format!("xl/worksheets/sheet{number}.xml"));
            Sheet {
                name: unescape(attribute(tag, "name").expect("a sheet has a name")),
                cells: cells(&xml, &strings),
                row_heights: row_heights(&xml),
                column_widths: column_widths(&xml),
                merged: merged(&xml),
            }
        })
        .collect()
}

fn whole(number: Decimal) -> u32 {
    number.round().to_string().parse().expect("a size")
}

/// A point is 4/3 of a pixel.
fn row_heights(xml: &str) -> BTreeMap<u32, u32> {
    let rows = xml.split("<row ").skip(1);
    rows.filter_map(|row| {
        let tag = row.split('>').next()?;
        let points = decimal(attribute(tag, "ht")?);
        let pixels = points * Decimal::from(4) / Decimal::from(3);
        Some((attribute(tag, "r")?.parse().ok()?, whole(pixels)))
    })
    .collect()
}

/// A digit is 7 pixels wide, and 5 pixels lie around a text.
fn column_widths(xml: &str) -> BTreeMap<u32, u32> {
    let columns = xml.split("<col ").skip(1);
    columns
        .flat_map(|tag| {
            let number = |name| attribute(tag, name).and_then(|text| text.parse().ok());
            let (first, last): (Option<u32>, Option<u32>) = (number("min"), number("max"));
            let width = decimal(attribute(tag, "width").expect("a column has a width"));
            let pixels = whole(width * Decimal::from(7));
            let columns = first.zip(last).map(|(first, last)| first..=last);
            columns.into_iter().flatten().map(move |at| (at, pixels))
        })
        .collect()
}

fn merged(xml: &str) -> Vec<((u32, u32), (u32, u32))> {
    let ranges = xml.split("<mergeCell ").skip(1);
    ranges
        .filter_map(|tag| {
            let (from, to) = attribute(tag, "ref")?.split_once(':')?;
            Some((position(from), position(to)))
        })
        .collect()
}

fn cells(xml: &str, strings: &[String]) -> BTreeMap<(u32, u32), Read> {
    xml.split("<c ")
        .skip(1)
        .filter_map(|cell| {
            let cell = cell.split("</c>").next()?;
            let at = position(attribute(cell, "r")?);
            let read = match (between(cell, "<f>", "</f>"), between(cell, "<v>", "</v>")) {
                (Some(formula), Some(value)) => Read::Formula(unescape(formula), unescape(value)),
                (None, Some(value)) if cell.contains("t=\"s\"") => {
                    Read::Text(strings[value.parse::<usize>().ok()?].clone())
                }
                (None, Some(value)) => Read::Number(decimal(value)),
                (None, None) if cell.contains("inlineStr") => Read::Text(texts(cell)),
                _ => return None,
            };
            Some((at, read))
        })
        .collect()
}

/// A float as the workbook has it, taken back to the decimal that it was made from.
fn decimal(value: &str) -> Decimal {
    Decimal::from_scientific(value)
        .or_else(|_| value.parse())
        .unwrap_or_else(|error| panic!("{value}: {error}"))
        .normalize()
}

fn texts(xml: &str) -> String {
    xml.split("<t")
        .skip(1)
        .map(|piece| {
            let (_, text) = piece.split_once('>').expect("a tag ends");
            unescape(text.split("</t>").next().expect("a piece"))
        })
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    between(tag, &format!("{name}=\""), "\"")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?
        .1
        .split_once(after)
        .map(|(middle, _)| middle)
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// Row and column of `D8` or `$D$8`, counted from 1.
fn position(name: &str) -> (u32, u32) {
    let (mut row, mut column) = (0, 0);
    for c in name.chars().filter(|c| *c != '$') {
        match c.to_digit(10) {
            Some(digit) => row = row * 10 + digit,
            None => column = column * 26 + (u32::from(c) - u32::from('A') + 1),
        }
    }
    (row, column)
}
