//! One sheet of a workbook, written from top to bottom: title block, tables, paragraphs, print setup.
//!
//! Every sheet prints one page wide and centred, repeats its heading rows, says in its foot who issued
//! it, when, and which page this is.

use std::{borrow::Cow, collections::HashMap};

use rust_decimal::Decimal;
use rust_xlsxwriter::{Chart, ConditionalFormat, Format, Image, ObjectMovement, Worksheet};

use super::{
    ReportError,
    charts::CHART_WIDTH,
    entities::unescaped,
    letterhead::{Letterhead, excel_date},
    style::{self, CellKind, Row},
    table::{Cell, Column, LINE_PIXELS, LINES_IN_A_ROW, Table, formula},
    text_width::{longest_line, wrapped_lines},
};

/// Heights of the title block's rows in pixels: company, title, subtitle, issue time, a gap.
const TITLE_HEIGHTS: [u32; 5] = [20, 30, 22, 18, 10];
/// A document of so many pixels' height is still easy to read when it is put on one page.
const ONE_PAGE_PIXELS: u32 = 72 * ROW_PIXELS;
/// The height of a row with one line of text.
const ROW_PIXELS: u32 = 21;
/// The height of a row to write in by hand.
const WRITING_PIXELS: u32 = 36;
/// The height of a row with the name of a part.
const SECTION_PIXELS: u32 = 26;
/// The logo is drawn at most this high and wide, in pixels.
const LOGO_HEIGHT: u32 = 64;
const LOGO_WIDTH: u32 = 200;
/// What title and subtitle take beside it, in pixels.
const TITLE_WIDTHS: (u32, u32) = (380, 1200);
/// The width of a document of which no table is written yet, in pixels: no narrower one has paragraphs above its tables.
const NARROWEST_DOCUMENT: u32 = 380;
/// No column is narrower: room for `0.00` and for a heading of a few letters.
const NARROWEST: u32 = 70;

/// What the head of a sheet says.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) title: String,
    /// The period, or what else tells this sheet from its sisters.
    pub(super) subtitle: String,
}

/// How the paper lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Orientation {
    Portrait,
    Landscape,
}

/// A sheet while it is written.
pub(super) struct Page<'a> {
    sheet: Worksheet,
    letterhead: &'a Letterhead,
    head: Head,
    orientation: Orientation,
    next: u32,
    /// In tenths of a character.
    widths: Vec<u32>,
    /// Those that cells of its tables have had so far.
    formats: HashMap<(CellKind, Row, bool), Format>,
    first_table: Option<u32>,
    /// Only the title stays in view when a document with several tables is scrolled.
    is_document: bool,
    /// A row cannot be changed any more once the next is begun.
    writes_through: bool,
    paragraphs: Vec<Paragraph>,
    /// What rows are higher than [`ROW_PIXELS`], in all.
    higher_by: u32,
    /// In pixels: room for title and logo side by side, or for a chart.
    at_least_wide: u32,
}

impl std::fmt::Debug for Page<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page")
            .field("head", &self.head)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

struct Paragraph {
    row: u32,
    /// It covers so many: Excel cuts what is higher than a row can be.
    rows: u32,
    text: String,
    format: Format,
    /// The size of its type.
    points: u32,
}

impl<'a> Page<'a> {
    pub(super) fn begin(
        mut sheet: Worksheet,
        name: &str,
        letterhead: &'a Letterhead,
        mut head: Head,
        orientation: Orientation,
    ) -> Result<Self, ReportError> {
        sheet.set_name(name)?;
        head.title = unescaped(&head.title).into_owned();
        head.subtitle = unescaped(&head.subtitle).into_owned();
        sheet.set_default_row_height_pixels(ROW_PIXELS);
        let lines = [
            (letterhead.company.clone(), style::company()),
            (head.title.clone(), style::title()),
            (head.subtitle.clone(), style::subtitle()),
            (
                format!("Issued {}", letterhead.issued()),
                style::remark_line(),
            ),
        ];
        let mut next = 0;
        for height in TITLE_HEIGHTS {
            sheet.set_row_height_pixels(next, height)?;
            next += 1;
        }
        for (row, (text, format)) in (0..).zip(&lines) {
            sheet.write_string_with_format(row, 0, text, format)?;
        }
        // Bold type of 16 points, and type of 11.
        let title = longest_line(&head.title) * 6 / 5;
        let subtitle = longest_line(&head.subtitle) * 4 / 5;
        let (least, most) = TITLE_WIDTHS;
        let at_least_wide = (title.max(subtitle) + 20).clamp(least, most) + LOGO_WIDTH;
        Ok(Self {
            sheet,
            letterhead,
            head,
            orientation,
            next,
            widths: Vec::new(),
            formats: HashMap::new(),
            first_table: None,
            is_document: false,
            writes_through: false,
            paragraphs: Vec::new(),
            higher_by: 0,
            at_least_wide,
        })
    }

    /// Makes the page one that is read like a letter: headings of its tables do not stay in view.
    pub(super) fn document(mut self) -> Self {
        self.is_document = true;
        self
    }

    /// The sheet keeps no row: its paragraphs take the width of the tables above them.
    pub(super) fn written_through(mut self) -> Self {
        self.writes_through = true;
        self
    }

    /// Begins a table at the next free row.
    pub(super) fn table(&mut self, columns: Vec<Column>) -> Result<Table<'_, 'a>, ReportError> {
        Table::begin(self, columns)
    }

    /// Leaves a row empty.
    pub(super) fn gap(&mut self) {
        self.next += 1;
    }

    /// The name of the part that follows.
    pub(super) fn section(&mut self, name: &str) -> Result<(), ReportError> {
        self.sheet
            .write_string_with_format(self.next, 0, name, &style::section())?;
        self.set_height(self.next, SECTION_PIXELS)?;
        self.next += 1;
        Ok(())
    }

    /// A line `label  value`, the value in the column `at`.
    pub(super) fn fact(
        &mut self,
        label: &str,
        at: usize,
        value: &Cell<'_>,
        kind: CellKind,
    ) -> Result<(), ReportError> {
        self.sheet
            .write_string_with_format(self.next, 0, label, &style::label())?;
        let row = self.next;
        put(&mut self.sheet, row, at, value, &style::fact(kind))?;
        self.next += 1;
        Ok(())
    }

    /// A label and a line to write on, over the whole width.
    pub(super) fn blank_line(&mut self, label: &str) -> Result<(), ReportError> {
        let row = self.next;
        self.sheet
            .write_string_with_format(row, 0, label, &style::label())?;
        for at in 1..=self.last_column() {
            self.sheet.write_blank(row, at, &style::writing_line())?;
        }
        self.set_height(row, WRITING_PIXELS)?;
        self.next += 1;
        Ok(())
    }

    /// A line of plain text.
    pub(super) fn line(&mut self, text: &str) -> Result<(), ReportError> {
        let row = self.next;
        put(&mut self.sheet, row, 0, &text.into(), &style::subtitle())?;
        self.next += 1;
        Ok(())
    }

    /// An explanation in small type over the whole width.
    pub(super) fn remark(&mut self, text: &str) -> Result<(), ReportError> {
        self.add_paragraph(text, style::remark(), 9)
    }

    /// A framed text over the whole width.
    pub(super) fn paragraph(&mut self, text: &str) -> Result<(), ReportError> {
        self.add_paragraph(text, style::paragraph(), 10)
    }

    fn add_paragraph(
        &mut self,
        text: &str,
        format: Format,
        points: u32,
    ) -> Result<(), ReportError> {
        let text = unescaped(text).into_owned();
        // Columns only become wider.
        let width = self.tables_width().max(NARROWEST_DOCUMENT);
        let lines = wrapped_lines(&text, paragraph_wraps_at(width, points));
        let rows = lines.div_ceil(LINES_IN_A_ROW);
        self.paragraphs.push(Paragraph {
            row: self.next,
            rows,
            text,
            format,
            points,
        });
        self.next += rows;
        if self.writes_through {
            self.write_paragraphs()?;
        }
        Ok(())
    }

    /// Leaves rows of that many pixels' height empty.
    pub(super) fn leave_room(&mut self, height: u32) {
        self.next += height.div_ceil(ROW_PIXELS);
    }

    /// A chart over rows that were left empty.
    pub(super) fn chart(&mut self, row: u32, chart: &Chart) -> Result<(), ReportError> {
        self.sheet.insert_chart(row, 0, chart)?;
        self.at_least_wide = self.at_least_wide.max(CHART_WIDTH);
        Ok(())
    }

    /// A picture of that many pixels' height below what is written so far.
    pub(super) fn picture(&mut self, image: &Image, height: u32) -> Result<(), ReportError> {
        self.sheet.insert_image(self.next, 0, image)?;
        self.leave_room(height);
        Ok(())
    }

    /// The row that is written next, counted from 0.
    pub(super) fn next_row(&self) -> u32 {
        self.next
    }

    pub(super) fn advance_to(&mut self, row: u32) {
        self.next = row;
    }

    pub(super) fn table_begins_at(&mut self, header: u32) {
        self.first_table.get_or_insert(header);
    }

    pub(super) fn note_width(&mut self, at: usize, tenths: u32) {
        if self.widths.len() <= at {
            self.widths.resize(at + 1, NARROWEST);
        }
        self.widths[at] = self.widths[at].max(tenths + 24);
    }

    pub(super) fn write_heading(
        &mut self,
        row: u32,
        at: usize,
        heading: &str,
        kind: CellKind,
    ) -> Result<(), ReportError> {
        self.sheet.write_string_with_format(
            row,
            column(at),
            heading,
            &style::column_heading(kind),
        )?;
        let width = if heading_wraps(heading, kind) {
            width_on_two_lines(heading)
        } else {
            longest_line(heading)
        };
        // Bold type, and room for the filter's button.
        self.note_width(at, width + 20);
        Ok(())
    }

    pub(super) fn write_cell(
        &mut self,
        row: u32,
        at: usize,
        cell: &Cell<'_>,
        kind: CellKind,
        look: Row,
        several_lines: bool,
    ) -> Result<(), ReportError> {
        let kind = match cell {
            Cell::As(kind, _) => *kind,
            _ => kind,
        };
        let format = self
            .formats
            .entry((kind, look, several_lines))
            .or_insert_with(|| style::cell(kind, look, several_lines));
        put(&mut self.sheet, row, at, cell, format)
    }

    /// A text that is higher than a row can be: its cell covers several rows.
    pub(super) fn write_tall(
        &mut self,
        row: u32,
        at: usize,
        text: &str,
        look: Row,
        rows: u32,
    ) -> Result<(), ReportError> {
        let format = style::cell(CellKind::LongText, look, true);
        let (format, last) = (as_text(text, &format), row + rows - 1);
        self.sheet
            .merge_range(row, column(at), last, column(at), text, &format)?;
        Ok(())
    }

    pub(super) fn set_height(&mut self, row: u32, pixels: u32) -> Result<(), ReportError> {
        self.sheet.set_row_height_pixels(row, pixels)?;
        self.higher_by += pixels.saturating_sub(ROW_PIXELS);
        Ok(())
    }

    pub(super) fn write_nothing(&mut self, row: u32, sentence: &str) -> Result<(), ReportError> {
        self.sheet
            .write_string_with_format(row, 0, sentence, &style::remark_line())?;
        Ok(())
    }

    pub(super) fn mark(
        &mut self,
        first: u32,
        from: usize,
        last: u32,
        to: usize,
        format: &(impl ConditionalFormat + Send + Sync + 'static + Clone),
    ) -> Result<(), ReportError> {
        self.sheet
            .add_conditional_format(first, column(from), last, column(to), format)?;
        Ok(())
    }

    pub(super) fn filter(
        &mut self,
        header: u32,
        last: u32,
        last_column: usize,
    ) -> Result<(), ReportError> {
        self.sheet
            .autofilter(header, 0, last, column(last_column))?;
        Ok(())
    }

    /// Sets what is known only at the end: widths, wrapped paragraphs, logo, print setup.
    pub(super) fn finish(mut self) -> Result<Worksheet, ReportError> {
        for (at, width) in (0..).zip(&self.widths) {
            self.sheet.set_column_width_pixels(at, pixels(*width))?;
        }
        self.write_paragraphs()?;
        self.place_logo()?;
        self.set_up_print()?;
        Ok(self.sheet)
    }

    fn last_column(&self) -> u16 {
        column(self.widths.len().max(2) - 1)
    }

    /// In pixels.
    fn tables_width(&self) -> u32 {
        self.widths.iter().map(|width| pixels(*width)).sum()
    }

    fn write_paragraphs(&mut self) -> Result<(), ReportError> {
        let width = self.tables_width().max(NARROWEST_DOCUMENT);
        let last = self.last_column();
        for paragraph in std::mem::take(&mut self.paragraphs) {
            let Paragraph { row, rows, .. } = paragraph;
            let text = &paragraph.text;
            let format = as_text(text, &paragraph.format);
            self.sheet
                .merge_range(row, 0, row + rows - 1, last, text, &format)?;
            let wraps_at = paragraph_wraps_at(width, paragraph.points);
            let lines = wrapped_lines(text, wraps_at).div_ceil(rows);
            for row in row..row + rows {
                self.set_height(row, lines * LINE_PIXELS + 4)?;
            }
        }
        Ok(())
    }

    /// At the right end of the title block.
    fn place_logo(&mut self) -> Result<(), ReportError> {
        let Some(logo) = &self.letterhead.logo else {
            return Ok(());
        };
        let (image, width) = logo.drawn(LOGO_WIDTH, LOGO_HEIGHT)?;
        let image = image
            .set_alt_text(format!("Logo of {}", self.letterhead.company))
            .set_object_movement(ObjectMovement::DontMoveOrSizeWithCells);
        let room = self
            .tables_width()
            .max(self.at_least_wide)
            .saturating_sub(width);
        self.sheet.insert_image_with_offset(0, 0, &image, room, 4)?;
        Ok(())
    }

    fn set_up_print(&mut self) -> Result<(), ReportError> {
        let (repeat, freeze) = match self.first_table {
            Some(header) if !self.is_document => ((header, header), header + 1),
            // All of the title block but the gap, so that the logo stays whole.
            _ => ((0, 3), 2),
        };
        let height = self.next * ROW_PIXELS + self.higher_by;
        let pages_high = u16::from(self.is_document && height <= ONE_PAGE_PIXELS);
        let footer = format!(
            "&L&9 {}&C&9 Page &P of &N&R&9 {}",
            printable(&self.letterhead.company, 40),
            self.letterhead.issue_date()
        );
        let header = format!(
            "&R&9 {}, {}",
            printable(&self.head.title, 80),
            printable(&last_of(&self.head.subtitle, 80), 160)
        );
        let sheet = &mut self.sheet;
        sheet
            .set_freeze_panes(freeze, 0)?
            .set_repeat_rows(repeat.0, repeat.1)?
            .set_paper_size(self.letterhead.paper.code())
            .set_print_fit_to_pages(1, pages_high)
            .set_print_center_horizontally(true)
            .set_margins(0.5, 0.5, 0.7, 0.7, 0.3, 0.3)
            .set_header(header)
            .set_footer(footer)
            .set_screen_gridlines(false);
        match self.orientation {
            Orientation::Portrait => sheet.set_portrait(),
            Orientation::Landscape => sheet.set_landscape(),
        };
        Ok(())
    }
}

fn put(
    sheet: &mut Worksheet,
    row: u32,
    at: usize,
    cell: &Cell<'_>,
    format: &Format,
) -> Result<(), ReportError> {
    let at = column(at);
    match cell {
        Cell::Blank => sheet.write_blank(row, at, format)?,
        Cell::Text(text) => {
            sheet.write_string_with_format(row, at, text.as_ref(), &as_text(text, format))?
        }
        Cell::Date(date) => {
            sheet.write_datetime_with_format(row, at, &excel_date(*date)?, format)?
        }
        Cell::Number(number) | Cell::As(_, number) => {
            sheet.write_number_with_format(row, at, float(*number), format)?
        }
        Cell::Formula {
            formula: text,
            value,
        } => sheet.write_formula_with_format(row, at, formula(text, value), format)?,
        Cell::Sum {
            formula: text,
            value,
        } => {
            let value = value.normalize().to_string();
            sheet.write_formula_with_format(row, at, formula(text, &value), format)?
        }
    };
    Ok(())
}

/// So that a text stays one when somebody edits its cell.
fn as_text<'f>(text: &str, format: &'f Format) -> Cow<'f, Format> {
    if looks_like_formula(text) {
        Cow::Owned(format.clone().set_quote_prefix())
    } else {
        Cow::Borrowed(format)
    }
}

/// A long heading over figures wraps at its blanks, all others widen their column.
pub(super) fn heading_wraps(heading: &str, kind: CellKind) -> bool {
    kind.is_figure() && heading.contains(' ') && heading.chars().count() > 12
}

/// The width of a heading where it is split best.
fn width_on_two_lines(heading: &str) -> u32 {
    let blanks = heading.match_indices(' ').map(|(at, _)| at);
    let splits = blanks.map(|at| {
        let (first, second) = heading.split_at(at);
        longest_line(first).max(longest_line(second.trim_start()))
    });
    splits.min().unwrap_or_else(|| longest_line(heading))
}

/// Excel takes a text that begins like this for a formula when it is typed.
pub(super) fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Page headers read `&` as the start of a code, and end at 255 characters.
fn printable(text: &str, longest: usize) -> String {
    let mut length = 0;
    text.chars()
        .take_while(|c| {
            length += c.len_utf16() + usize::from(*c == '&');
            length <= longest
        })
        .collect::<String>()
        .replace('&', "&&")
}

/// The last characters of a long text: a subtitle ends with its period or day.
fn last_of(text: &str, longest: usize) -> String {
    let length = text.chars().count();
    if length <= longest {
        return text.to_owned();
    }
    let end = text.chars().skip(length - longest + 1);
    std::iter::once('…').chain(end).collect()
}

/// Where a text over so many pixels wraps, in tenths of a digit of its type: a digit of 10 points is 7 pixels wide.
fn paragraph_wraps_at(width: u32, points: u32) -> u32 {
    // Distance on both sides.
    width.saturating_sub(14) * 100 / (7 * points)
}

fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// The pixels of a column that is so many tenths of a character wide.
fn pixels(tenths: u32) -> u32 {
    tenths * 7 / 10 + 5
}

/// The nearest float: only here does a decimal become one.
fn float(number: Decimal) -> f64 {
    number
        .to_string()
        .parse()
        .expect("a decimal prints as digits, a sign and a point")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_heading_takes_two_lines() {
        assert_eq!(
            width_on_two_lines("Week to Nov 21"),
            longest_line("Week to")
        );
        assert_eq!(
            width_on_two_lines("Non-billable"),
            longest_line("Non-billable")
        );
    }

    /// The page header holds 255 characters, and the period is what tells one print from another.
    #[test]
    fn the_head_of_a_printed_page_ends_with_the_period() {
        let period = "Sun, Oct 25, 2026 to Sat, Nov 7, 2026";
        let subtitle = format!(
            "{}, Client & Sons, {period}",
            "A long title of a project ".repeat(5)
        );
        let short = last_of(&subtitle, 80);
        assert_eq!(short.chars().count(), 80);
        assert!(short.starts_with('…') && short.ends_with(period), "{short}");
        assert_eq!(last_of(period, 80), period);
        assert_eq!(printable("Sons & Sons", 7), "Sons &&");
    }
}
