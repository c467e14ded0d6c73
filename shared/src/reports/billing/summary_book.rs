//! All projects of a billing period on one sheet: hours by week with a chart, money, exceptions.

use super::{hours_in, project_book::exceptions_table, short_name};
use crate::{
    domain::{billing::Billing, time::Week},
    reports::{
        Letterhead, OpenFlags, ReportError,
        book::Book,
        charts::{Figures, stacked_bars},
        letterhead::long_period,
        page::{Head, Orientation, Page},
        style::CellKind,
        table::Column,
    },
};

/// The column of the projects' titles, and the first of the weeks'.
const PROJECT: usize = 1;
const FIRST_WEEK: usize = 3;
const SHEET: &str = "Summary";

pub(super) fn workbook(
    billing: &Billing,
    flags: &OpenFlags,
    letterhead: &Letterhead,
) -> Result<Vec<u8>, ReportError> {
    let mut book = Book::new(letterhead, "Billing summary")?;
    let subtitle = long_period(billing.period.first_day(), billing.period.last_day());
    let head = Head {
        title: format!(
            "Billing summary, {}",
            billing.period.last_day().strftime("%B %Y")
        ),
        subtitle: subtitle.clone(),
    };
    let mut page = book.page(SHEET, head, Orientation::Landscape)?;
    let figures = projects_table(&mut page, billing)?;
    book.add(page)?;
    if let Some(figures) = figures {
        let head = Head {
            title: "Hours per project and week".to_owned(),
            subtitle: subtitle.clone(),
        };
        let mut page = book.page("Chart", head, Orientation::Portrait)?;
        let (chart, height) = stacked_bars("Approved billable hours", "Hours", &figures);
        page.chart(&chart, height)?;
        book.add(page)?;
    }

    let head = Head {
        title: "Exceptions".to_owned(),
        subtitle,
    };
    let mut page = book.long_page("Exceptions", head, Orientation::Landscape)?;
    let exceptions = billing.projects.iter().flat_map(|project| {
        let of_project = project.exceptions.iter();
        of_project.map(move |exception| (short_name(project), exception))
    });
    let without_project = billing
        .without_project
        .iter()
        .map(|exception| ("no project", exception));
    exceptions_table(&mut page, exceptions.chain(without_project))?;
    flags.write(&mut page)?;
    book.add(page)?;
    book.into_bytes()
}

/// Answers where the chart finds its figures.
fn projects_table(
    page: &mut Page<'_>,
    billing: &Billing,
) -> Result<Option<Figures<'static>>, ReportError> {
    let weeks: Vec<Week> = billing.period.weeks().collect();
    let mut columns = vec![
        Column::new("Project Number", CellKind::Text).up_to(20),
        Column::new("Project", CellKind::Text).up_to(36),
        Column::new("Client", CellKind::Text).up_to(30),
    ];
    let week_name = |week: &Week| week.saturday().strftime("Week to %b %-d").to_string();
    columns.extend(
        weeks
            .iter()
            .map(|week| Column::new(week_name(week), CellKind::Hours).summed()),
    );
    columns.extend([
        Column::new("Hours", CellKind::TotalHours).summed(),
        Column::new("Labour", CellKind::Money).summed(),
        Column::new("Equipment", CellKind::Money).summed(),
        Column::new("Total", CellKind::Money).summed(),
    ]);
    let mut table = page.table(columns)?.filtered();
    if billing.projects.is_empty() {
        table.nothing("Nothing: no approved billable time in this period.")?;
    }
    let first = table.next_row();
    for project in &billing.projects {
        let mut cells = vec![
            project.code.as_deref().into(),
            (&project.title).into(),
            (&project.client).into(),
        ];
        cells.extend(weeks.iter().map(|week| hours_in(project, *week).into()));
        cells.extend(
            [
                project.labour.iter().map(|row| row.hours).sum(),
                project.labour_total(),
                project.equipment_total(),
                project.grand_total(),
            ]
            .map(Into::into),
        );
        table.row(&cells)?;
    }
    let last = table.next_row().saturating_sub(1);
    table.total("All projects Total", &[])?;
    table.end()?;
    let series = weeks.iter().map(week_name).zip(FIRST_WEEK..).collect();
    Ok((!billing.projects.is_empty()).then_some(Figures {
        sheet: SHEET,
        first_row: first,
        last_row: last,
        names: PROJECT,
        series,
    }))
}
