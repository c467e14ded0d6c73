//! The look that all workbooks share: fonts, colours, number formats, and the marks for what a person
//! must look at.
//!
//! Colours come in pairs of a light fill and a dark ink with a contrast of at least 7:1, from a palette
//! that the colour-blind can tell apart. A colour never stands alone: the word in the cell, or bold
//! type, says the same on a grey printout.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

const FONT: &str = "Calibri";
const FONT_SIZE: u8 = 10;

const INK: u32 = 0x1F_29_33;
const FAINT_INK: u32 = 0x52_60_6D;
const RULE: u32 = 0xD5_DC_E2;
const STRONG_RULE: u32 = 0x2F_48_58;
const HEADER_FILL: u32 = 0x2F_48_58;
const HEADER_INK: u32 = 0xFF_FF_FF;
const GROUP_FILL: u32 = 0xDF_E7_EC;
const BAND_FILL: u32 = 0xF6_F8_F9;
const SUBTOTAL_FILL: u32 = 0xEF_F3_F5;
const TOTAL_FILL: u32 = 0xD3_DE_E5;

/// Colours of charts, dark to light, in the order of their series.
pub(super) const CHART_COLOURS: [u32; 8] = [
    0x2F_48_58, 0xE6_9F_00, 0x56_B4_E9, 0x00_9E_73, 0xD5_5E_00, 0xCC_79_A7, 0x8A_9B_A8, 0xF0_E4_42,
];

/// What a cell holds, as far as its format cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum CellKind {
    Text,
    /// Text that wraps where its column would become too wide.
    LongText,
    /// Text in the middle of its column.
    Word,
    Date,
    /// Two decimals; nothing is a dash.
    Hours,
    /// Two decimals; nothing is `0.00`.
    TotalHours,
    /// Hours that a total is held against: `of 80.00`.
    ExpectedHours,
    Money,
    /// Two decimals.
    Quantity,
    /// Per cent as people say them, 12.5 for 12.5 %: two decimals, or three where there are three.
    Markup,
    Count,
    Percent,
}

impl CellKind {
    /// Figures keep the width of a digit from the right edge (`_0`).
    pub(super) fn number_format(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::LongText | Self::Word => None,
            Self::Date => Some("ddd, mmm d, yyyy"),
            Self::Hours => Some("#,##0.00_0;-#,##0.00_0;\"–\"_0"),
            Self::TotalHours | Self::Quantity => Some("#,##0.00_0;-#,##0.00_0"),
            Self::Markup => Some("#,##0.00#_0;-#,##0.00#_0"),
            Self::ExpectedHours => Some("\"of \"#,##0.00_0"),
            Self::Money => Some("\"$\"#,##0.00_0;-\"$\"#,##0.00_0"),
            Self::Count => Some("#,##0_0;-#,##0_0;\"–\"_0"),
            Self::Percent => Some("0.0%_0"),
        }
    }

    /// Whether figures stand in the column, at its right edge.
    pub(super) fn is_figure(self) -> bool {
        self.align() == FormatAlign::Right
    }

    fn align(self) -> FormatAlign {
        match self {
            Self::Text | Self::LongText | Self::Date => FormatAlign::Left,
            Self::Word => FormatAlign::Center,
            _ => FormatAlign::Right,
        }
    }
}

/// Which row of a table a cell stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Row {
    Body,
    /// Every second body row.
    Band,
    /// The heading of a group of rows.
    Group,
    Subtotal,
    Total,
}

/// A mark for cells that a person must look at, or need not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    /// As it should be.
    Good,
    /// Not what was expected.
    Amber,
    /// Waits for somebody.
    Yellow,
    /// Wrong, or beyond a limit.
    Red,
    /// Worth knowing, nothing to do.
    Blue,
    /// Does not apply.
    Grey,
}

impl Mark {
    fn colours(self) -> (u32, u32) {
        match self {
            Self::Good => (0xC8_EB_DD, 0x00_3D_2C),
            Self::Amber => (0xFF_D8_9B, 0x4F_2B_00),
            Self::Yellow => (0xFF_F3_A6, 0x42_37_00),
            Self::Red => (0xF9_C9_BF, 0x6F_10_00),
            Self::Blue => (0xD0_E4_F7, 0x0A_31_57),
            Self::Grey => (0xE6_E9_EC, 0x3A_44_4E),
        }
    }

    /// Fill, ink and bold type: what a conditional format lays over a cell.
    pub(super) fn format(self) -> Format {
        let (fill, ink) = self.colours();
        let format = Format::new()
            .set_background_color(Color::RGB(fill))
            .set_font_color(Color::RGB(ink));
        match self {
            Self::Red | Self::Amber => format.set_bold(),
            Self::Grey => format.set_italic(),
            Self::Good | Self::Yellow | Self::Blue => format,
        }
    }
}

fn base() -> Format {
    Format::new()
        .set_font_name(FONT)
        .set_font_size(FONT_SIZE)
        .set_font_color(Color::RGB(INK))
}

/// The format of a cell of a table. In a row of several lines everything stands at the top.
pub(super) fn cell(kind: CellKind, row: Row, several_lines: bool) -> Format {
    let mut format = aligned(base(), kind)
        .set_align(if several_lines {
            FormatAlign::Top
        } else {
            FormatAlign::VerticalCenter
        })
        .set_border_bottom(FormatBorder::Hair)
        .set_border_bottom_color(Color::RGB(RULE));
    if let Some(number) = kind.number_format() {
        format = format.set_num_format(number);
    }
    if kind == CellKind::LongText {
        format = format.set_text_wrap();
    }
    match row {
        Row::Body => format,
        Row::Band => format.set_background_color(Color::RGB(BAND_FILL)),
        Row::Group => format
            .set_bold()
            .set_background_color(Color::RGB(GROUP_FILL)),
        Row::Subtotal => format
            .set_bold()
            .set_background_color(Color::RGB(SUBTOTAL_FILL))
            .set_border_top(FormatBorder::Thin)
            .set_border_top_color(Color::RGB(STRONG_RULE)),
        Row::Total => format
            .set_bold()
            .set_background_color(Color::RGB(TOTAL_FILL))
            .set_border_top(FormatBorder::Thin)
            .set_border_top_color(Color::RGB(STRONG_RULE))
            .set_border_bottom(FormatBorder::Double)
            .set_border_bottom_color(Color::RGB(STRONG_RULE)),
    }
}

/// The heading of a column, aligned like what stands below it.
pub(super) fn column_heading(kind: CellKind) -> Format {
    let format = aligned(base(), kind);
    let format = if kind.is_figure() {
        format.set_num_format("@_0")
    } else {
        format
    };
    format
        .set_bold()
        .set_font_color(Color::RGB(HEADER_INK))
        .set_background_color(Color::RGB(HEADER_FILL))
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
}

/// What stands in a cell keeps a little distance from the next column.
fn aligned(format: Format, kind: CellKind) -> Format {
    match kind.align() {
        FormatAlign::Left => format.set_align(FormatAlign::Left).set_indent(1),
        other => format.set_align(other),
    }
}

/// The company's name over the title.
pub(super) fn company() -> Format {
    base()
        .set_bold()
        .set_font_color(Color::RGB(FAINT_INK))
        .set_align(FormatAlign::VerticalCenter)
}

/// The title of a sheet.
pub(super) fn title() -> Format {
    base()
        .set_bold()
        .set_font_size(16)
        .set_align(FormatAlign::VerticalCenter)
}

/// The period under the title.
pub(super) fn subtitle() -> Format {
    base()
        .set_font_size(11)
        .set_align(FormatAlign::VerticalCenter)
}

/// Issue time, explanations, remarks.
pub(super) fn remark() -> Format {
    base()
        .set_font_size(9)
        .set_font_color(Color::RGB(FAINT_INK))
        .set_align(FormatAlign::Top)
        .set_text_wrap()
}

/// One remark on a line of its own.
pub(super) fn remark_line() -> Format {
    base()
        .set_font_size(9)
        .set_font_color(Color::RGB(FAINT_INK))
}

/// The name of a part of a sheet: `LABOUR`.
pub(super) fn section() -> Format {
    base()
        .set_bold()
        .set_font_size(12)
        .set_font_color(Color::RGB(STRONG_RULE))
}

/// The left side of a line such as `Client: …`.
pub(super) fn label() -> Format {
    base()
        .set_font_color(Color::RGB(FAINT_INK))
        .set_align(FormatAlign::Top)
}

/// The right side of it.
pub(super) fn fact(kind: CellKind) -> Format {
    let format = base()
        .set_bold()
        .set_align(FormatAlign::Left)
        .set_align(FormatAlign::Top);
    match kind.number_format() {
        Some(number) => format.set_num_format(number),
        None => format,
    }
}

/// Where somebody writes by hand.
pub(super) fn writing_line() -> Format {
    base()
        .set_border_bottom(FormatBorder::Thin)
        .set_border_bottom_color(Color::RGB(FAINT_INK))
}

/// A paragraph in a frame: descriptions, notes.
pub(super) fn paragraph() -> Format {
    base()
        .set_text_wrap()
        .set_align(FormatAlign::Left)
        .set_indent(1)
        .set_align(FormatAlign::Top)
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(RULE))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance by WCAG 2, in ten-thousandths; integers are exact enough for a ratio of 7.
    #[expect(clippy::float_arithmetic, reason = "a colour is not money")]
    fn luminance(colour: u32) -> f64 {
        let channel = |shift: u32| {
            let value = f64::from((colour >> shift) & 0xFF) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    }

    /// Dark ink on light fill, also where the printer knows only grey.
    #[test]
    fn marks_can_be_read() {
        for mark in [
            Mark::Good,
            Mark::Amber,
            Mark::Yellow,
            Mark::Red,
            Mark::Blue,
            Mark::Grey,
        ] {
            let (fill, ink) = mark.colours();
            let contrast = (luminance(fill) + 0.05) / (luminance(ink) + 0.05);
            assert!(contrast >= 7.0, "{mark:?}: {contrast}");
        }
    }
}
