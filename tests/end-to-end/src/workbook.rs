//! Workbooks read back as a spreadsheet program shows them, by nothing that wrote them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read},
};

use rust_decimal::Decimal;
use zip::ZipArchive;

/// The sheets of a workbook, in their order.
#[derive(Debug)]
pub struct Workbook {
    pub sheets: Vec<Sheet>,
}

/// The cells of a sheet by row and column, both from 0; empty ones are left out.
#[derive(Debug, Default)]
pub struct Sheet {
    pub cells: BTreeMap<(usize, usize), Cell>,
}

/// What a cell shows, and the formula behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    pub shown: String,
    pub formula: Option<String>,
}

/// A row of a table: cells by the headings of their columns.
#[derive(Debug, Clone, Default)]
pub struct TableRow(BTreeMap<String, Cell>);

/// The files of a zip by name.
pub fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..archive.len())
        .map(|index| {
            let mut part = archive.by_index(index).expect("a part");
            let mut content = Vec::new();
            part.read_to_end(&mut content).expect("its content");
            (part.name().to_owned(), content)
        })
        .collect()
}

impl Workbook {
    pub fn read(bytes: &[u8]) -> Self {
        let parts = unzip(bytes);
        let text = |name: &str| {
            let bytes = parts.get(name).cloned().unwrap_or_default();
            String::from_utf8(bytes).expect("UTF-8")
        };
        let strings = text("xl/sharedStrings.xml");
        let strings: Vec<String> = elements(&strings, "si").map(|item| texts(item.1)).collect();
        let number_of = |name: &str| -> Option<u32> {
            let name = name.strip_prefix("xl/worksheets/sheet")?;
            name.strip_suffix(".xml")?.parse().ok()
        };
        let numbers: BTreeSet<u32> = parts.keys().filter_map(|name| number_of(name)).collect();
        let sheets = numbers
            .into_iter()
            .map(|number| text(&format!("xl/worksheets/sheet{number}.xml")))
            .map(|xml| Sheet::read(&xml, &strings))
            .collect();
        Self { sheets }
    }

    /// The rows of the first table with that first heading, from all sheets.
    pub fn table(&self, first_heading: &str) -> Vec<TableRow> {
        self.sheets
            .iter()
            .flat_map(|sheet| sheet.table(first_heading))
            .collect()
    }
}

impl Sheet {
    fn read(xml: &str, strings: &[String]) -> Self {
        let mut cells = BTreeMap::new();
        for (attributes, content) in elements(xml, "c") {
            let place = attribute(attributes, "r").expect("a place");
            let value = element(content, "v").map(unescape);
            let shown = match (attribute(attributes, "t"), value) {
                (Some("s"), Some(index)) => {
                    strings[index.parse::<usize>().expect("an index")].clone()
                }
                (Some("inlineStr"), _) => texts(content),
                (_, value) => value.unwrap_or_default(),
            };
            let formula = element(content, "f").map(unescape);
            if !shown.is_empty() || formula.is_some() {
                cells.insert(place_of(place), Cell { shown, formula });
            }
        }
        Self { cells }
    }

    /// What a cell shows; empty where there is nothing.
    pub fn shown(&self, row: usize, column: usize) -> &str {
        let cell = self.cells.get(&(row, column));
        cell.map_or("", |cell| cell.shown.as_str())
    }

    /// The rows below each heading row that begins so, up to the next empty row.
    pub fn table(&self, first_heading: &str) -> Vec<TableRow> {
        let mut rows = Vec::new();
        let last = self.cells.keys().map(|place| place.0).max().unwrap_or(0);
        let headed = |row: &usize| self.shown(*row, 0) == first_heading && self.width(*row) > 1;
        for head in (0..=last).filter(headed) {
            let headings: Vec<&str> = (0..self.width(head)).map(|c| self.shown(head, c)).collect();
            for row in (head + 1..=last).take_while(|row| self.width(*row) > 0) {
                let cells = headings.iter().enumerate().filter_map(|(column, heading)| {
                    let cell = self.cells.get(&(row, column))?;
                    Some(((*heading).to_owned(), cell.clone()))
                });
                rows.push(TableRow(cells.collect()));
            }
        }
        rows
    }

    /// What stands in the cell right of that label.
    pub fn beside(&self, label: &str) -> &str {
        let found = self.cells.iter().find(|(_, cell)| cell.shown == label);
        let Some((&(row, column), _)) = found else {
            panic!("no cell {label:?}");
        };
        let right = self.cells.range((row, column + 1)..(row + 1, 0)).next();
        right.map_or("", |(_, cell)| cell.shown.as_str())
    }

    fn width(&self, row: usize) -> usize {
        let last = self.cells.range((row, 0)..(row + 1, 0)).next_back();
        last.map_or(0, |((_, column), _)| column + 1)
    }
}

impl TableRow {
    /// What the cell in that column shows.
    pub fn text(&self, heading: &str) -> &str {
        self.0.get(heading).map_or("", |cell| cell.shown.as_str())
    }

    /// The number in that column, 0 where the cell is empty.
    pub fn number(&self, heading: &str) -> Decimal {
        let text = self.text(heading);
        if text.is_empty() {
            return Decimal::ZERO;
        }
        text.parse()
            .or_else(|_| Decimal::from_scientific(text))
            .unwrap_or_else(|_| panic!("{heading} shows {text:?}"))
    }

    /// The formula in that column.
    pub fn formula(&self, heading: &str) -> Option<&str> {
        self.0.get(heading)?.formula.as_deref()
    }

    /// The date in that column, where the cell holds one.
    pub fn date(&self, heading: &str) -> Option<jiff::civil::Date> {
        let days: i64 = self.text(heading).parse().ok()?;
        let day_0 = jiff::civil::date(1899, 12, 30);
        day_0.checked_add(jiff::Span::new().days(days)).ok()
    }
}

/// Attributes and content of each element of that name; none of them holds one of its own name.
fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(&open)?;
            rest = &rest[at + open.len()..];
            if !rest.starts_with([' ', '>', '/']) {
                continue;
            }
            let end = rest.find('>')?;
            let attributes = &rest[..end];
            rest = &rest[end + 1..];
            if let Some(attributes) = attributes.strip_suffix('/') {
                return Some((attributes, ""));
            }
            let end = rest.find(&close)?;
            let content = &rest[..end];
            rest = &rest[end + close.len()..];
            return Some((attributes, content));
        }
    })
}

fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    elements(xml, name).next().map(|(_, content)| content)
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = attributes.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn texts(xml: &str) -> String {
    elements(xml, "t").map(|(_, text)| unescape(text)).collect()
}

fn unescape(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// `C5` is row 4, column 2.
fn place_of(name: &str) -> (usize, usize) {
    let digits = name.find(|c: char| c.is_ascii_digit()).expect("a row");
    let column = name[..digits].bytes().fold(0, |column, letter| {
        column * 26 + usize::from(letter - b'A') + 1
    });
    let row: usize = name[digits..].parse().expect("a number");
    (row - 1, column - 1)
}
