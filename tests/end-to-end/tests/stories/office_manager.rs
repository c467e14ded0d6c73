//! Office manager: "each week: who has submitted, who has not, who was off; billable against non-billable hours".

use std::collections::BTreeSet;

use clockify_sim::SheetState;
use end_to_end::{company::company, people::Person, workbook::Workbook};
use jiff::civil::{Date, Weekday};
use rust_decimal::Decimal;
use serde_json::json;

const SUNDAY: &str = "2026-10-25";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_office_manager_sees_who_has_submitted_and_what_can_be_billed() {
    let story = company(60)
        .week(SUNDAY)
        .with_strict_clockify()
        .synced()
        .play()
        .await;
    let sunday: Date = SUNDAY.parse().expect("a date");
    let saturday = sunday.saturating_add(jiff::Span::new().days(6));
    assert_eq!(
        (sunday.weekday(), saturday.weekday()),
        (Weekday::Sunday, Weekday::Saturday)
    );
    let people = story.control.people().await.expect("people");
    let name = |id| {
        people
            .iter()
            .find(|one| one.id == id)
            .and_then(|one| one.name.clone())
    };
    let sheets = story.control.sheets().await.expect("timesheets");
    let of_week = |state: SheetState| -> BTreeSet<String> {
        let some = sheets
            .iter()
            .filter(|sheet| sheet.week == sunday && sheet.state == state);
        some.filter_map(|sheet| name(sheet.person)).collect()
    };
    let work = story.clockify().work(sunday, saturday).await;

    // Time status of the last complete week, which nobody has to name.
    let manager = Person::OfficeManager;
    let files = story.report(manager, "time-status", &json!({})).await;
    assert_eq!(files[0].name, "TimeStatus-2026-10-25.xlsx");
    let book = Workbook::read(&files[0].bytes);
    let status = book.sheets[0].table("Staff Member");
    let with = |wanted: &str| -> BTreeSet<String> {
        let rows = status.iter().filter(|row| row.text("Status") == wanted);
        rows.map(|row| name_of(row.text("Staff Member")).to_owned())
            .collect()
    };
    // Has time in no timesheet: part of the week that was recorded late, or all of it.
    let left_out: BTreeSet<String> = work
        .iter()
        .filter(|one| !one.counts())
        .map(|one| one.name.clone())
        .collect();
    assert!(left_out.len() > 1, "{left_out:?}");
    assert_eq!(with("NOT SUBMITTED"), left_out);
    // Neither worked nor on leave on some weekday of his employment; there was no holiday.
    let weekdays: BTreeSet<Date> = (1..=5)
        .map(|days| sunday.saturating_add(jiff::Span::new().days(days)))
        .collect();
    let leave = story.clockify().leave().await;
    let users = story.clockify().users().await;
    let field = |id: &str, name: &str| -> Option<Date> {
        let user = users.iter().find(|user| user["id"] == id)?;
        let mut fields = user["customFields"].as_array()?.iter();
        let field = fields.find(|field| field["customFieldName"] == name)?;
        field["value"].as_str()?.parse().ok()
    };
    let without_time = |id: &str| {
        let (first, last) = (field(id, "Start Date"), field(id, "End Date"));
        let is_employed = |day: &Date| {
            first.is_none_or(|first| first <= *day) && last.is_none_or(|last| *day <= last)
        };
        let worked = work.iter().filter(|one| one.person == id);
        let off = leave.iter().filter(|(person, ..)| person == id);
        let covered: BTreeSet<Date> = worked
            .map(|one| one.date)
            .chain(off.flat_map(|(_, _, days)| days.clone()))
            .collect();
        let mut employed = weekdays.iter().filter(|day| is_employed(day));
        employed.any(|day| !covered.contains(day))
    };
    let listed: BTreeSet<&str> = status
        .iter()
        .map(|row| name_of(row.text("Staff Member")))
        .collect();
    let no_time: BTreeSet<String> = people
        .iter()
        .filter(|one| without_time(&one.id.to_string()))
        // Who was invited and has not come yet is named by his address.
        .map(|one| one.name.clone().unwrap_or_else(|| one.email.clone()))
        .filter(|name| listed.contains(name.as_str()) && !left_out.contains(name))
        .collect();
    assert_eq!(with("NO TIME"), no_time);
    // Who was off is named with the policy of his leave.
    let mut were_off = 0;
    for (person, policy, days) in &leave {
        let name = people.iter().find(|one| one.id.to_string() == *person);
        let name = name.and_then(|one| one.name.as_deref()).unwrap_or_default();
        if !days.iter().any(|day| weekdays.contains(day)) || !listed.contains(name) {
            continue;
        }
        let rows = status
            .iter()
            .filter(|row| name_of(row.text("Staff Member")) == name);
        let notes: Vec<&str> = rows.map(|row| row.text("Notes")).collect();
        assert!(
            notes.iter().any(|notes| notes.contains(policy)),
            "{name}: {notes:?}"
        );
        were_off += 1;
    }
    assert!(were_off > 0, "somebody was off");
    let submitted: BTreeSet<String> = of_week(SheetState::Pending)
        .into_iter()
        .filter(|one| !left_out.contains(one) && !no_time.contains(one))
        .collect();
    assert_eq!(with("SUBMITTED"), submitted);
    assert!(submitted.len() > 30, "{}", submitted.len());
    let approved: BTreeSet<String> = of_week(SheetState::Approved)
        .into_iter()
        .filter(|one| !left_out.contains(one) && !no_time.contains(one))
        .collect();
    assert_eq!(with("APPROVED"), approved);
    assert!(!approved.is_empty());
    // Who owes a timesheet of the week, which nobody has sent.
    let owing: BTreeSet<String> = book.sheets[1]
        .table("Staff Member")
        .iter()
        .filter(|row| row.date("Week From") == Some(sunday))
        .map(|row| name_of(row.text("Staff Member")).to_owned())
        .collect();
    let sent: BTreeSet<String> = [SheetState::Pending, SheetState::Approved]
        .into_iter()
        .flat_map(of_week)
        .collect();
    let open: BTreeSet<String> = left_out.union(&no_time).cloned().collect();
    assert_eq!(owing, open.difference(&sent).cloned().collect());
    // Every pending timesheet, of whatever week.
    let pending = sheets
        .iter()
        .filter(|sheet| sheet.state == SheetState::Pending)
        .count();
    let waiting = book.sheets[2].table("Staff Member");
    let waiting = waiting
        .iter()
        .filter(|row| !row.text("Staff Member").ends_with("Total"))
        .count();
    assert_eq!(waiting, pending);

    // Billable against non-billable, of the same week.
    let files = story.report(manager, "billable-summary", &json!({})).await;
    assert_eq!(files[0].name, "BillableSummary-2026-10-25-2026-10-31.xlsx");
    let rows = Workbook::read(&files[0].bytes).sheets[0].table("Staff Member");
    let total = rows
        .iter()
        .find(|row| row.text("Staff Member") == "All staff Total");
    let total = total.expect("a grand total");
    // Who was invited and has not come yet has no name, and is named by his address.
    assert!(
        rows.iter()
            .all(|row| !row.text("Staff Member").starts_with(" Total"))
    );
    let sum = |wanted: &dyn Fn(&end_to_end::clockify::Work) -> bool| -> Decimal {
        work.iter()
            .filter(|one| wanted(one))
            .map(|one| one.hours)
            .sum()
    };
    let billable = sum(&|one| one.counts() && one.billable);
    assert!(billable > Decimal::from(500), "{billable}");
    assert_eq!(total.number("Billable"), billable);
    assert_eq!(
        total.number("Non-billable"),
        sum(&|one| one.counts() && !one.billable)
    );
    assert_eq!(total.number("Waiting"), sum(&|one| !one.counts()));
    let names: BTreeSet<&str> = work.iter().map(|one| one.name.as_str()).collect();
    for person in names {
        let is_total = |label: &str| label.strip_suffix(" Total").map(name_of) == Some(person);
        let shown: Decimal = rows
            .iter()
            .filter(|row| is_total(row.text("Staff Member")))
            .map(|row| row.number("Billable"))
            .sum();
        assert_eq!(
            shown,
            sum(&|one| one.name == person && one.counts() && one.billable),
            "{person}"
        );
    }
    // Pay figures are not for her.
    let refused = story
        .api(manager)
        .post("/reports/payroll", &json!({}))
        .await;
    assert_eq!(refused.status, 403);
}

/// Two of one name are shown with their ids.
fn name_of(shown: &str) -> &str {
    shown.split(" (id ").next().unwrap_or(shown)
}
