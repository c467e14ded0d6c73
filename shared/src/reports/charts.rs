//! Native charts, where people would rather look than read: each on a sheet of its own, its figures below it.

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    Chart, ChartAxisCrossing, ChartFont, ChartLegendPosition, ChartLine, ChartSolidFill, ChartType,
    Color,
};

use super::{
    ReportError,
    book::Book,
    page::{Head, Orientation},
    style::{CHART_COLOURS, CellKind},
    table::Column,
};

/// Width of a chart in pixels: what fits a portrait page.
pub(super) const CHART_WIDTH: u32 = 860;
/// A chart and the head of its sheet are never higher than a portrait page.
const HIGHEST: u32 = 980;
const PIXELS_PER_BAR: u32 = 26;
const PIXELS_AROUND: u32 = 150;
/// More bars than these cannot be told apart on one page.
const MOST_BARS: usize = 60;
/// A longer name would leave no room for its bar.
const LONGEST_NAME: usize = 40;
const SHEET: &str = "Chart";

/// One horizontal bar per row; its parts are the series.
#[derive(Clone, Debug)]
pub(super) struct Bars {
    pub(super) title: &'static str,
    pub(super) axis: &'static str,
    /// All bars are equally long: parts of 100 %.
    pub(super) are_shares: bool,
    /// What a row is: `Project`.
    pub(super) row_heading: &'static str,
    pub(super) series: Vec<String>,
    /// A name, and a figure for each series.
    pub(super) rows: Vec<(String, Vec<Decimal>)>,
}

impl Bars {
    /// Leaves the rows without a figure out, and of very many the smaller ones; says so in the title.
    fn shown(&self) -> (String, Vec<&(String, Vec<Decimal>)>) {
        let size = |row: &(String, Vec<Decimal>)| row.1.iter().sum::<Decimal>();
        let mut rows: Vec<_> = self.rows.iter().enumerate().collect();
        rows.retain(|(_, row)| !size(row).is_zero());
        let all = rows.len();
        if all <= MOST_BARS {
            return (
                self.title.to_owned(),
                rows.into_iter().map(|(_, row)| row).collect(),
            );
        }
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(size(row)));
        rows.truncate(MOST_BARS);
        rows.sort_by_key(|(at, _)| *at);
        let title = format!("{}, the {MOST_BARS} largest of {all}", self.title);
        (title, rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Adds the sheet; none for a chart of nothing.
    pub(super) fn add_to(&self, book: &mut Book<'_>, head: Head) -> Result<(), ReportError> {
        let (title, rows) = self.shown();
        if rows.is_empty() {
            return Ok(());
        }
        let mut page = book.page(SHEET, head, Orientation::Portrait)?.document();
        let bars = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let height = (PIXELS_AROUND + bars * PIXELS_PER_BAR).min(HIGHEST);
        let at = page.next_row();
        page.leave_room(height);
        page.gap();
        let mut columns = vec![Column::new(self.row_heading, CellKind::LongText).up_to(46)];
        let series = self.series.iter().cloned();
        columns.extend(series.map(|name| Column::new(name, CellKind::Hours)));
        let mut table = page.table(columns)?;
        let first = table.next_row();
        for (name, figures) in rows {
            let mut cells = vec![shortened(name).into()];
            cells.extend(figures.iter().map(|figure| (*figure).into()));
            table.row(&cells)?;
        }
        let last = table.next_row() - 1;
        table.end()?;
        page.chart(at, &self.drawn(&title, (first, last), height))?;
        book.add(page)
    }

    fn drawn(&self, title: &str, (first, last): (u32, u32), height: u32) -> Chart {
        let mut chart = Chart::new(if self.are_shares {
            ChartType::BarPercentStacked
        } else {
            ChartType::BarStacked
        });
        let columns = 1_u16..;
        let colours = CHART_COLOURS.iter().cycle();
        for ((name, column), colour) in self.series.iter().zip(columns).zip(colours) {
            chart
                .add_series()
                .set_name(name.as_str())
                .set_categories((SHEET, first, 0, last, 0))
                .set_values((SHEET, first, column, last, column))
                .set_gap(50)
                .set_format(ChartSolidFill::new().set_color(Color::RGB(*colour)));
        }
        chart.set_width(CHART_WIDTH).set_height(height);
        chart
            .title()
            .set_name(title)
            .set_font(ChartFont::new().set_size(13).set_bold());
        chart.legend().set_position(ChartLegendPosition::Bottom);
        chart
            .x_axis()
            .set_name(self.axis)
            .set_major_gridlines(true)
            .set_major_gridlines_line(ChartLine::new().set_color(Color::RGB(0xD5_DC_E2)));
        if self.are_shares {
            chart.x_axis().set_num_format("0%");
        }
        // The first row of the table is the uppermost bar, and the figures still stand below the last.
        chart
            .y_axis()
            .set_reverse()
            .set_crossing(ChartAxisCrossing::Max)
            .set_major_gridlines(false)
            .set_label_interval(1)
            .set_font(ChartFont::new().set_size(if last - first < 30 { 10 } else { 8 }));
        chart.set_alt_text(format!("{title}: {} per row of the table below", self.axis));
        chart
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    let start = name.chars().take(LONGEST_NAME - 1);
    start.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(rows: u32) -> Bars {
        Bars {
            title: "Hours",
            axis: "Hours",
            are_shares: false,
            row_heading: "Project",
            series: vec!["Week".to_owned()],
            rows: (0..rows)
                .map(|n| (format!("P-{n}"), vec![Decimal::from(n)]))
                .collect(),
        }
    }

    #[test]
    fn of_very_many_bars_the_largest_are_drawn() {
        let all = bars(61);
        let (title, rows) = all.shown();
        assert_eq!(
            (title.as_str(), rows.len()),
            ("Hours", 60),
            "none of 0 hours"
        );
        let all = bars(101);
        let (title, rows) = all.shown();
        assert_eq!(title, "Hours, the 60 largest of 100");
        assert_eq!(rows.len(), 60);
        // In their own order.
        assert_eq!((rows[0].0.as_str(), rows[59].0.as_str()), ("P-41", "P-100"));
    }
}
