//! All projects of a billing period on one sheet: hours by week with a chart, money, exceptions.

use super::{hours_in, reason, short_name};
use crate::{
    domain::{
        billing::{Billing, Exception, ProjectBilling},
        time::{Period, Week},
    },
    reports::{
        Letterhead, OpenFlags, ReportError,
        book::Book,
        charts::Bars,
        letterhead::long_period,
        page::{Head, Orientation, Page},
        style::CellKind,
        table::Column,
    },
};

/// Of a longer period the hours stand by month.
const MOST_WEEKS: usize = 8;

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
    let mut page = book.page("Summary", head, Orientation::Landscape)?;
    let parts = parts(billing.period);
    projects_table(&mut page, billing, &parts)?;
    book.add(page)?;
    let chart = Bars {
        title: "Approved billable hours",
        axis: "Hours",
        are_shares: false,
        row_heading: "Project",
        series: parts.iter().map(|(name, _)| name.clone()).collect(),
        rows: billing
            .projects
            .iter()
            .map(|project| {
                let hours = parts.iter().map(|(_, part)| hours_in(project, *part));
                (chart_name(project), hours.collect())
            })
            .collect(),
    };
    let head = Head {
        title: "Hours per project".to_owned(),
        subtitle: subtitle.clone(),
    };
    chart.add_to(&mut book, head)?;

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
    book.add(page)?;
    flags.write(&mut book)?;
    book.into_bytes()
}

/// The weeks of a period, or its months where those are too many, each with its name.
fn parts(period: Period) -> Vec<(String, Period)> {
    let weeks: Vec<Week> = period.weeks().collect();
    if weeks.len() <= MOST_WEEKS {
        // Month and day stay together where the heading wraps.
        let name = |week: &Week| week.saturday().strftime("Week to %b\u{a0}%-d").to_string();
        return weeks
            .iter()
            .map(|week| (name(week), week.period()))
            .collect();
    }
    let first_days = period
        .days()
        .filter(|day| *day == period.first_day() || day.day() == 1);
    first_days
        .filter_map(|first| {
            let last = first.last_of_month().min(period.last_day());
            let part = Period::new(first, last).ok()?;
            Some((first.strftime("%b %Y").to_string(), part))
        })
        .collect()
}

/// The code and what it stands for.
fn chart_name(project: &ProjectBilling) -> String {
    match &project.code {
        Some(code) => format!("{code} {}", project.title),
        None => project.title.clone(),
    }
}

fn projects_table(
    page: &mut Page<'_>,
    billing: &Billing,
    parts: &[(String, Period)],
) -> Result<(), ReportError> {
    let mut columns = vec![
        Column::new("Project Number", CellKind::LongText).up_to(20),
        Column::new("Project", CellKind::LongText).up_to(36),
        Column::new("Client", CellKind::LongText).up_to(30),
    ];
    let names = parts.iter().map(|(name, _)| name.clone());
    columns.extend(names.map(|name| Column::new(name, CellKind::Hours).summed()));
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
    for project in &billing.projects {
        let mut cells = vec![
            project.code.as_deref().into(),
            (&project.title).into(),
            (&project.client).into(),
        ];
        cells.extend(
            parts
                .iter()
                .map(|(_, part)| hours_in(project, *part).into()),
        );
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
    table.total("All projects Total", &[])?;
    table.end()
}

fn exceptions_table<'e>(
    page: &mut Page<'_>,
    exceptions: impl Iterator<Item = (&'e str, &'e Exception)>,
) -> Result<(), ReportError> {
    let mut table = page
        .table(vec![
            Column::new("Project", CellKind::LongText).up_to(28),
            Column::new("Staff Member", CellKind::LongText).up_to(28),
            Column::new("Date", CellKind::Date),
            Column::new("Hours", CellKind::TotalHours).summed(),
            Column::new("Reason", CellKind::Text),
            Column::new("Description", CellKind::LongText).up_to(60),
        ])?
        .filtered();
    let mut exceptions = exceptions.peekable();
    if exceptions.peek().is_none() {
        table.nothing("Nothing to look at.")?;
    }
    for (project, exception) in exceptions {
        table.row(&[
            project.into(),
            (&exception.name).into(),
            exception.date.into(),
            exception.hours.into(),
            reason(exception).into(),
            (&exception.description).into(),
        ])?;
    }
    table.total("Total", &[])?;
    table.end()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_long_period_stands_by_month() {
        let names = |first, last| -> Vec<String> {
            let period = Period::new(first, last).expect("a period");
            parts(period).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(
            names(date(2026, 11, 8), date(2026, 11, 21)),
            ["Week to Nov\u{a0}14", "Week to Nov\u{a0}21"]
        );
        assert_eq!(
            names(date(2026, 11, 15), date(2027, 1, 23)),
            ["Nov 2026", "Dec 2026", "Jan 2027"]
        );
        let year = Period::new(date(2025, 12, 28), date(2026, 12, 26)).expect("a year");
        let days: usize = parts(year)
            .iter()
            .map(|(_, part)| part.days().count())
            .sum();
        assert_eq!(days, year.days().count());
    }
}
