//! Native charts, where people would rather look than read.

use rust_xlsxwriter::{
    Chart, ChartAxisCrossing, ChartFont, ChartLegendPosition, ChartLine, ChartSolidFill, ChartType,
    Color,
};

use super::style::CHART_COLOURS;

/// Width of a chart in pixels: what fits a portrait page.
pub(super) const CHART_WIDTH: u32 = 860;
/// A chart is never higher than a portrait page.
const HIGHEST: u32 = 1080;
const PIXELS_PER_BAR: u32 = 26;
const PIXELS_AROUND: u32 = 150;

/// Where the figures of a chart stand: a sheet, its rows, the column of names, the columns of series.
#[derive(Clone, Debug)]
pub(super) struct Figures<'a> {
    pub(super) sheet: &'a str,
    pub(super) first_row: u32,
    pub(super) last_row: u32,
    pub(super) names: usize,
    pub(super) series: Vec<(String, usize)>,
}

/// One horizontal bar per row, in the order of the rows; its parts are the series.
pub(super) fn stacked_bars(title: &str, axis: &str, figures: &Figures<'_>) -> (Chart, u32) {
    let column = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    let mut chart = Chart::new(ChartType::BarStacked);
    let (first, last) = (figures.first_row, figures.last_row);
    let names = column(figures.names);
    for ((name, values), colour) in figures.series.iter().zip(CHART_COLOURS.iter().cycle()) {
        let values = column(*values);
        chart
            .add_series()
            .set_name(name.as_str())
            .set_categories((figures.sheet, first, names, last, names))
            .set_values((figures.sheet, first, values, last, values))
            .set_gap(50)
            .set_format(ChartSolidFill::new().set_color(Color::RGB(*colour)));
    }
    let bars = last - first + 1;
    let height = (PIXELS_AROUND + bars * PIXELS_PER_BAR).min(HIGHEST);
    chart.set_width(CHART_WIDTH).set_height(height);
    chart
        .title()
        .set_name(title)
        .set_font(ChartFont::new().set_size(13).set_bold());
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart
        .x_axis()
        .set_name(axis)
        .set_major_gridlines(true)
        .set_major_gridlines_line(ChartLine::new().set_color(Color::RGB(0xD5_DC_E2)));
    // The first row of the table is the uppermost bar, and the figures still stand below the last.
    chart
        .y_axis()
        .set_reverse()
        .set_crossing(ChartAxisCrossing::Max)
        .set_major_gridlines(false)
        .set_label_interval(1);
    chart.set_alt_text(format!(
        "{title}: {axis} per row of the sheet {}",
        figures.sheet
    ));
    (chart, height)
}
