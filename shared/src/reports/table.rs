//! One table on a page: heading, rows in groups, totals that are formulas, and marks that stay live.
//!
//! The table adds up what it prints. A total can therefore never differ from the sum of the rows above
//! it: its formula says which rows they are, its cached value is their sum in decimals.

use std::borrow::Cow;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_xlsxwriter::{
    ConditionalFormatCell, ConditionalFormatCellRule, ConditionalFormatFormula, Formula,
    utility::column_number_to_name,
};

use super::{
    ReportError,
    entities::unescaped,
    page::{Page, heading_wraps},
    style::{CellKind, Mark, Row},
    text_width::{longest_line, wrapped_lines},
};

/// Lines of text that fit into the highest row that Excel knows (409 points).
pub(super) const LINES_IN_A_ROW: u32 = 29;
/// The height of one line in pixels.
pub(super) const LINE_PIXELS: u32 = 17;
/// The height of headings and totals.
const STRONG_ROW_PIXELS: u32 = 24;

/// One column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    heading: Cow<'static, str>,
    kind: CellKind,
    /// In characters; wider text wraps if the kind is [`CellKind::LongText`].
    widest: u32,
    summed: bool,
}

impl Column {
    pub(super) fn new(heading: impl Into<Cow<'static, str>>, kind: CellKind) -> Self {
        let widest = match kind {
            CellKind::LongText => 40,
            _ => 60,
        };
        Self {
            heading: heading.into(),
            kind,
            widest,
            summed: false,
        }
    }

    /// A column that only keeps the ones after it in line with other tables of the page.
    pub(super) fn empty() -> Self {
        Self::new("", CellKind::Text)
    }

    /// Totals sum this column.
    pub(super) fn summed(mut self) -> Self {
        self.summed = true;
        self
    }

    /// Where its text wraps: the column is wider than its widest text by a distance on both sides.
    fn wraps_at(&self) -> u32 {
        self.widest * 10 + 10
    }

    /// At most that many characters wide.
    pub(super) fn up_to(mut self, characters: u32) -> Self {
        self.widest = characters;
        self
    }
}

/// What stands in one cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Blank,
    /// Never a formula, whatever it begins with.
    Text(Cow<'a, str>),
    Date(Date),
    Number(Decimal),
    /// A number in the format of another kind than its column's.
    As(CellKind, Decimal),
    /// A formula (without its equals sign) and the value that it has now.
    Formula {
        formula: String,
        value: String,
    },
    /// A formula for a number, which totals count.
    Sum {
        formula: String,
        value: Decimal,
    },
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(unescaped(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(unescaped(&text).into_owned()))
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(unescaped(text))
    }
}

impl From<Date> for Cell<'_> {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<Decimal> for Cell<'_> {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Blank, Into::into)
    }
}

/// A table that is being written, from the page's next free row downwards.
#[derive(Debug)]
#[must_use = "end() writes what is known only when all rows are there"]
pub(super) struct Table<'p, 'a> {
    page: &'p mut Page<'a>,
    columns: Vec<Column>,
    header: u32,
    /// First row that the next subtotal sums.
    group_from: u32,
    group_sums: Vec<Decimal>,
    sums: Vec<Decimal>,
    rows_in_group: u32,
    last_body: Option<u32>,
    filtered: bool,
    grouped: bool,
    marks: Vec<LiveMark>,
}

#[derive(Debug)]
enum LiveMark {
    /// Columns from and to, a formula for the first row.
    Formula(usize, usize, String, Mark),
    /// A column whose cell equals the word.
    Word(usize, &'static str, Mark),
}

impl<'p, 'a> Table<'p, 'a> {
    pub(super) fn begin(page: &'p mut Page<'a>, columns: Vec<Column>) -> Result<Self, ReportError> {
        let header = page.next_row();
        for (at, column) in columns.iter().enumerate() {
            page.write_heading(header, at, &column.heading, column.kind)?;
        }
        page.set_height(header, heading_height(&columns))?;
        page.advance_to(header + 1);
        page.table_begins_at(header);
        let count = columns.len();
        Ok(Self {
            page,
            columns,
            header,
            group_from: header + 1,
            group_sums: vec![Decimal::ZERO; count],
            sums: vec![Decimal::ZERO; count],
            rows_in_group: 0,
            last_body: None,
            filtered: false,
            grouped: false,
            marks: Vec::new(),
        })
    }

    /// People filter this table: it gets buttons in its heading, and totals follow what is shown.
    pub(super) fn filtered(mut self) -> Self {
        self.filtered = true;
        self
    }

    /// The row that is written next, counted from 0.
    pub(super) fn next_row(&self) -> u32 {
        self.page.next_row()
    }

    /// Begins a group of rows under a heading of its own.
    pub(super) fn group(&mut self, heading: &str) -> Result<(), ReportError> {
        let row = self.page.next_row();
        self.write(row, 0, &heading.into(), Row::Group, false)?;
        for at in 1..self.columns.len() {
            self.write(row, at, &Cell::Blank, Row::Group, false)?;
        }
        self.page.set_height(row, STRONG_ROW_PIXELS)?;
        self.page.advance_to(row + 1);
        self.start_group();
        Ok(())
    }

    fn start_group(&mut self) {
        self.grouped = true;
        self.group_from = self.page.next_row();
        self.group_sums.fill(Decimal::ZERO);
        self.rows_in_group = 0;
    }

    /// Writes one row; cells that are not given stay empty. Answers its row number.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<u32, ReportError> {
        let row = self.page.next_row();
        let look = if self.rows_in_group % 2 == 1 {
            Row::Band
        } else {
            Row::Body
        };
        let lines = self.lines_needed(cells);
        let high = lines.div_ceil(LINES_IN_A_ROW);
        for at in 0..self.columns.len() {
            let cell = cells.get(at).unwrap_or(&Cell::Blank);
            self.add_up(at, cell);
            self.note_width(at, cell);
            match cell {
                Cell::Text(text) if high > 1 && self.columns[at].kind == CellKind::LongText => {
                    self.page.write_tall(row, at, text, look, high)?;
                }
                cell => self.write(row, at, cell, look, lines > 1)?,
            }
        }
        if lines > 1 {
            for part in 0..high {
                let lines = lines.div_ceil(high);
                self.page.set_height(row + part, lines * LINE_PIXELS + 4)?;
            }
        }
        self.rows_in_group += 1;
        self.last_body = Some(row + high - 1);
        self.page.advance_to(row + high);
        Ok(row)
    }

    /// The lines of the row's longest text. Excel cuts what is higher than a row can be, so a very long
    /// text gets several rows; and not every program finds the height of wrapped text by itself.
    fn lines_needed(&self, cells: &[Cell<'_>]) -> u32 {
        let cells = cells.iter().enumerate();
        let lines = cells.filter_map(|(at, cell)| self.lines_of(at, cell));
        lines.max().unwrap_or(1)
    }

    /// None for what does not wrap.
    fn lines_of(&self, at: usize, cell: &Cell<'_>) -> Option<u32> {
        let column = &self.columns[at];
        match cell {
            Cell::Text(text) if column.kind == CellKind::LongText => {
                Some(wrapped_lines(text, column.wraps_at()))
            }
            _ => None,
        }
    }

    fn add_up(&mut self, at: usize, cell: &Cell<'_>) {
        if let (true, Cell::Number(number) | Cell::Sum { value: number, .. }) =
            (self.columns[at].summed, cell)
        {
            self.group_sums[at] += *number;
            self.sums[at] += *number;
        }
    }

    /// Ends the group: sums the rows since its heading. Answers its row number.
    pub(super) fn subtotal(
        &mut self,
        label: &str,
        extra: &[(usize, Cell<'_>)],
    ) -> Result<u32, ReportError> {
        let sums = self.group_sums.clone();
        let row = self.total_row(label, self.group_from, &sums, extra, Row::Subtotal)?;
        self.start_group();
        Ok(row)
    }

    /// Sums all rows of the table. Answers its row number.
    pub(super) fn total(
        &mut self,
        label: &str,
        extra: &[(usize, Cell<'_>)],
    ) -> Result<u32, ReportError> {
        let sums = self.sums.clone();
        self.total_row(label, self.header + 1, &sums, extra, Row::Total)
    }

    /// A row in the look of a total that sums nothing by itself.
    pub(super) fn closing(
        &mut self,
        label: &str,
        cells: &[(usize, Cell<'_>)],
    ) -> Result<u32, ReportError> {
        let row = self.page.next_row();
        for at in 0..self.columns.len() {
            let given = cells.iter().find(|(column, _)| *column == at);
            let cell = match given {
                Some((_, cell)) => cell.clone(),
                None if at == 0 => label.into(),
                None => Cell::Blank,
            };
            self.note_width(at, &cell);
            self.write(row, at, &cell, Row::Total, false)?;
        }
        self.page.set_height(row, STRONG_ROW_PIXELS)?;
        self.page.advance_to(row + 1);
        Ok(row)
    }

    fn total_row(
        &mut self,
        label: &str,
        from: u32,
        sums: &[Decimal],
        extra: &[(usize, Cell<'_>)],
        look: Row,
    ) -> Result<u32, ReportError> {
        let row = self.page.next_row();
        let lines = extra
            .iter()
            .filter_map(|(at, cell)| self.lines_of(*at, cell));
        let lines = lines.max().unwrap_or(1).min(LINES_IN_A_ROW);
        for (at, sum) in sums.iter().enumerate() {
            let given = extra.iter().find(|(column, _)| *column == at);
            let cell = match given {
                Some((_, cell)) => cell.clone(),
                None if at == 0 => label.into(),
                None if self.columns[at].summed && row > from => Cell::Formula {
                    formula: self.sum_formula(at, from, row - 1),
                    value: sum.normalize().to_string(),
                },
                None if self.columns[at].summed => Cell::Number(*sum),
                None => Cell::Blank,
            };
            self.note_width(at, &cell);
            self.write(row, at, &cell, look, lines > 1)?;
        }
        let pixels = STRONG_ROW_PIXELS.max(lines * LINE_PIXELS + 4);
        self.page.set_height(row, pixels)?;
        self.page.advance_to(row + 1);
        Ok(row)
    }

    /// SUBTOTAL leaves other subtotals out, and what a filter hides.
    fn sum_formula(&self, at: usize, from: u32, to: u32) -> String {
        let range = format!("{}:{}", cell_name(at, from), cell_name(at, to));
        if self.filtered || self.grouped {
            format!("SUBTOTAL(9,{range})")
        } else {
            format!("SUM({range})")
        }
    }

    /// Says in place of rows that there are none.
    pub(super) fn nothing(&mut self, sentence: &str) -> Result<(), ReportError> {
        self.row(&[])?;
        self.page.write_nothing(self.page.next_row() - 1, sentence)
    }

    /// Marks cells of the columns `from` to `to` where the formula holds. It is made for the first row:
    /// from the name of the cell that is marked, and a function that names the cell of a column.
    pub(super) fn mark(
        &mut self,
        from: usize,
        to: usize,
        mark: Mark,
        formula: impl Fn(&str, &dyn Fn(usize) -> String) -> String,
    ) {
        let first = self.header + 1;
        let own = cell_name(from, first);
        let named = |column: usize| format!("${}", cell_name(column, first));
        self.marks
            .push(LiveMark::Formula(from, to, formula(&own, &named), mark));
    }

    /// Marks the cells of a column that hold one of the words.
    pub(super) fn mark_words(&mut self, column: usize, words: &[(&'static str, Mark)]) {
        for (word, mark) in words {
            self.marks.push(LiveMark::Word(column, word, *mark));
        }
    }

    /// Writes what needs all rows: filter and marks.
    pub(super) fn end(self) -> Result<(), ReportError> {
        let Some(last_body) = self.last_body else {
            return Ok(());
        };
        let first = self.header + 1;
        let last = self.page.next_row() - 1;
        for mark in self.marks {
            match mark {
                LiveMark::Formula(from, to, formula, mark) => {
                    let format = ConditionalFormatFormula::new()
                        .set_rule(formula.as_str())
                        .set_format(mark.format());
                    self.page.mark(first, from, last, to, &format)?;
                }
                LiveMark::Word(at, word, mark) => {
                    let format = ConditionalFormatCell::new()
                        .set_rule(ConditionalFormatCellRule::EqualTo(word))
                        .set_format(mark.format());
                    self.page.mark(first, at, last, at, &format)?;
                }
            }
        }
        if self.filtered {
            self.page
                .filter(self.header, last_body, self.columns.len() - 1)?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        row: u32,
        at: usize,
        cell: &Cell<'_>,
        look: Row,
        several_lines: bool,
    ) -> Result<(), ReportError> {
        let column = &self.columns[at];
        let kind = match (column.kind, look) {
            // A label stands where the column has its dates.
            (CellKind::Date, _) if matches!(cell, Cell::Text(_)) => CellKind::Text,
            // A total of nothing is a figure, not a dash.
            (CellKind::Hours, Row::Subtotal | Row::Total) => CellKind::TotalHours,
            // A heading or a label never wraps: it runs on over empty cells.
            (CellKind::LongText, Row::Group) => CellKind::Text,
            (CellKind::LongText, Row::Subtotal | Row::Total) if at == 0 => CellKind::Text,
            (kind, _) => kind,
        };
        self.page
            .write_cell(row, at, cell, kind, look, several_lines)
    }

    fn note_width(&mut self, at: usize, cell: &Cell<'_>) {
        let column = &self.columns[at];
        let width = cell_width(cell, column.kind).min(column.widest * 10);
        self.page.note_width(at, width);
    }
}

/// A heading wraps at its blanks.
fn heading_height(columns: &[Column]) -> u32 {
    let wraps = columns
        .iter()
        .any(|column| heading_wraps(&column.heading, column.kind));
    (u32::from(wraps) + 1) * LINE_PIXELS + 8
}

/// What the cell takes, in tenths of a character.
fn cell_width(cell: &Cell<'_>, kind: CellKind) -> u32 {
    match cell {
        Cell::Blank => 0,
        Cell::Text(text) => longest_line(text),
        Cell::Date(_) => 165,
        Cell::Number(number) | Cell::Sum { value: number, .. } => number_width(*number, kind),
        Cell::As(kind, number) => number_width(*number, *kind),
        Cell::Formula { value, .. } => match value.parse() {
            Ok(number) => number_width(number, kind),
            Err(_) => longest_line(value),
        },
    }
}

/// Digits, thousands separators, two decimals, and what the format adds.
fn number_width(number: Decimal, kind: CellKind) -> u32 {
    let whole = number.abs().trunc().to_string();
    let digits = u32::try_from(whole.len()).unwrap_or(u32::MAX);
    let separators = (digits.saturating_sub(1)) / 3;
    let sign = u32::from(number.is_sign_negative());
    let rest = match kind {
        CellKind::Count => 0,
        CellKind::ExpectedHours => 6,
        CellKind::Money | CellKind::Percent => 5,
        _ => 4,
    };
    (digits + separators + sign + rest) * 10
}

/// `D8` for column 3 and row 7, both counted from 0.
pub(super) fn cell_name(column: usize, row: u32) -> String {
    let column = u16::try_from(column).unwrap_or(u16::MAX);
    format!("{}{}", column_number_to_name(column), row + 1)
}

/// A formula's text as the library takes it.
pub(super) fn formula(text: &str, value: &str) -> Formula {
    Formula::new(text).set_result(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_excel_names_them() {
        assert_eq!(cell_name(0, 0), "A1");
        assert_eq!(cell_name(3, 7), "D8");
        assert_eq!(cell_name(27, 99), "AB100");
    }

    #[test]
    fn numbers_are_as_wide_as_they_print() {
        let cases = [
            ("0", CellKind::Hours, 50),
            ("7.5", CellKind::Hours, 50),
            ("-1234.5", CellKind::Hours, 100),
            ("1234567.89", CellKind::Money, 140),
            ("12", CellKind::Count, 20),
        ];
        for (number, kind, width) in cases {
            assert_eq!(
                number_width(number.parse().unwrap(), kind),
                width,
                "{number}"
            );
        }
    }
}
