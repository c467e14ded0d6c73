//! Billable against non-billable hours (`domain.md` §7) as a workbook.

use super::{
    Letterhead, NamedFile, OpenFlags, ReportError,
    book::Book,
    charts::Bars,
    letterhead::long_period,
    page::{Head, Orientation},
    style::CellKind,
    table::{Cell, Column, cell_name},
};
use crate::{
    domain::{
        attendance::{PayRules, Workplace},
        billable_summary::{BillableSummary, SummaryHours, billable_summary},
        time::Period,
    },
    store::{Store, StoreError, attendance, project, work},
};

/// Reads and computes the summary of the whole weeks that a period touches.
pub(super) async fn load(
    store: &Store,
    period: Period,
    rules: &PayRules,
) -> Result<BillableSummary, ReportError> {
    let period = period.whole_weeks();
    let (records, work, projects) = store
        .read(async |mut tx| {
            Ok::<_, StoreError>((
                attendance::read(&mut tx, period, None).await?,
                work::read(&mut tx, period).await?,
                project::list(&mut tx).await?,
            ))
        })
        .await?;
    let workplace = Workplace::new(rules, &records.holidays, &records.groups, &records.policies);
    Ok(billable_summary(
        period,
        &records.people,
        &work,
        &projects,
        &workplace,
    ))
}

const BILLABLE: usize = 4;
const NON_BILLABLE: usize = 5;
const SHARE: usize = 7;

/// The workbook `BillableSummary-FROM-TO.xlsx`.
pub fn files(
    data: &BillableSummary,
    flags: &OpenFlags,
    letterhead: &Letterhead,
) -> Result<Vec<NamedFile>, ReportError> {
    let mut book = Book::new(letterhead, "Billable and non-billable hours")?;
    projects_page(&mut book, data)?;
    shares_page(&mut book, data)?;
    flags.write(&mut book)?;
    let (from, to) = (data.period.first_day(), data.period.last_day());
    Ok(vec![NamedFile::workbook(
        format!("BillableSummary-{from}-{to}.xlsx"),
        book.into_bytes()?,
    )])
}

fn head(data: &BillableSummary, title: &str) -> Head {
    Head {
        title: title.to_owned(),
        subtitle: long_period(data.period.first_day(), data.period.last_day()),
    }
}

fn projects_page(book: &mut Book<'_>, data: &BillableSummary) -> Result<(), ReportError> {
    let head = head(data, "Billable and non-billable hours");
    let mut page = book.long_page("Hours", head, Orientation::Landscape)?;
    let mut table = page
        .table(vec![
            Column::new("Staff Member", CellKind::LongText).up_to(30),
            Column::new("Manager", CellKind::LongText).up_to(26),
            Column::new("Project Code", CellKind::LongText).up_to(18),
            Column::new("Project", CellKind::LongText).up_to(36),
            Column::new("Billable", CellKind::Hours).summed(),
            Column::new("Non-billable", CellKind::Hours).summed(),
            Column::new("Waiting", CellKind::Hours).summed(),
            Column::new("Billable %", CellKind::Percent),
            Column::new("Notes", CellKind::LongText).up_to(40),
        ])?
        .filtered();
    if data.people.is_empty() {
        table.nothing("Nothing: nobody was employed or has hours in this period.")?;
    }
    for person in &data.people {
        table.group(&person.name)?;
        for project in &person.projects {
            table.row(&[
                (&person.name).into(),
                person.manager.as_deref().into(),
                project.code.as_deref().into(),
                (&project.title).into(),
                project.hours.billable.into(),
                project.hours.non_billable.into(),
                project.hours.waiting.into(),
            ])?;
        }
        let row = table.next_row();
        let share = share((BILLABLE, NON_BILLABLE), row, person.total());
        let notes = person.notes.join("; ").into();
        table.subtotal(
            &format!("{} Total", person.name),
            &[(SHARE, share), (SHARE + 1, notes)],
        )?;
    }
    let share = share((BILLABLE, NON_BILLABLE), table.next_row(), data.total());
    table.total("All staff Total", &[(SHARE, share)])?;
    table.end()?;
    page.gap();
    page.remark(
        "Approved and submitted time counts. Hours that wait (rejected, withdrawn or not submitted) stand \
         in a column of their own and in no percentage.",
    )?;
    book.add(page)
}

/// Billable hours in all that count; `n/a` where none do.
fn share(columns: (usize, usize), row: u32, hours: SummaryHours) -> Cell<'static> {
    let (left, right) = (cell_name(columns.0, row), cell_name(columns.1, row));
    Cell::Formula {
        formula: format!("IF({left}+{right}=0,\"n/a\",ROUND({left}/({left}+{right}),4))"),
        value: match hours.billable_share() {
            Some(share) => share.normalize().to_string(),
            None => "n/a".to_owned(),
        },
    }
}

/// One row per person, for the chart and for those who want no projects.
fn shares_page(book: &mut Book<'_>, data: &BillableSummary) -> Result<(), ReportError> {
    const SHEET: &str = "Shares";
    let mut page = book.page(
        SHEET,
        head(data, "Billable share per person"),
        Orientation::Portrait,
    )?;
    let mut table = page.table(vec![
        Column::new("Staff Member", CellKind::LongText).up_to(32),
        Column::new("Manager", CellKind::LongText).up_to(28),
        Column::new("Billable", CellKind::Hours).summed(),
        Column::new("Non-billable", CellKind::Hours).summed(),
        Column::new("Waiting", CellKind::Hours).summed(),
        Column::new("Billable %", CellKind::Percent),
    ])?;
    if data.people.is_empty() {
        table.nothing("Nothing in this period.")?;
    }
    for person in &data.people {
        let hours = person.total();
        table.row(&[
            (&person.name).into(),
            person.manager.as_deref().into(),
            hours.billable.into(),
            hours.non_billable.into(),
            hours.waiting.into(),
            share((2, 3), table.next_row(), hours),
        ])?;
    }
    let share = share((2, 3), table.next_row(), data.total());
    table.total("All staff Total", &[(5, share)])?;
    table.end()?;
    book.add(page)?;
    let chart = Bars {
        title: "Billable and non-billable time",
        axis: "Part of the hours that count",
        are_shares: true,
        row_heading: "Staff Member",
        series: vec!["Billable".to_owned(), "Non-billable".to_owned()],
        rows: data
            .people
            .iter()
            .map(|person| {
                let hours = person.total();
                (
                    person.name.clone(),
                    vec![hours.billable, hours.non_billable],
                )
            })
            .collect(),
    };
    chart.add_to(book, head(data, "Billable share per person"))
}
