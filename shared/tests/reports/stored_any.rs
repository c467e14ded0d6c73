//! Every report of random stored companies: what is printed sums to what is printed, and to an independent sum
//! over the stored rows, counted here in whole hundredths (`domain.md` §7, `peers.md` §3: "Lines must add up").

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday, date};
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use shared::{
    domain::{
        employee::{Employee, RateType},
        expense::Expense,
        time_entry::{EntryKind, TimeEntry},
        time_off::TimeOffStatus,
        timesheet::TimesheetState,
    },
    reports::{Kind, NamedFile, Request},
};

use super::{
    company::Company,
    golden::unpack,
    office::Office,
    random_company::{BANKED_POLICY, HOLIDAYS},
    read_back::{Sheet, read},
};

const CASES: usize = 12;

/// Hundredths of an exact figure.
fn hundredths(figure: Decimal) -> i64 {
    let whole = (figure * Decimal::ONE_HUNDRED).normalize();
    assert_eq!(whole.scale(), 0, "{figure} has more than two decimals");
    whole.try_into().expect("a small figure")
}

/// A product of hundredths and hundredths, half up.
fn product(one: i64, other: i64) -> i64 {
    (one * other + 50) / 100
}

fn is_weekday(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn is_holiday(day: Date) -> bool {
    day.month() == 11 && HOLIDAYS.iter().any(|(number, _)| *number == day.day())
}

fn days(first: (i8, i8), last: (i8, i8)) -> impl Fn(Date) -> bool {
    let days = date(2026, first.0, first.1)..=date(2026, last.0, last.1);
    move |day| days.contains(&day)
}

impl Company {
    fn counts(&self, entry: &TimeEntry) -> bool {
        matches!(
            self.state_of(entry),
            Some(TimesheetState::Approved | TimesheetState::Pending)
        )
    }

    fn is_approved(&self, entry: &TimeEntry) -> bool {
        self.state_of(entry) == Some(&TimesheetState::Approved)
    }

    /// Work and its hundredths of an hour.
    fn work(&self) -> impl Iterator<Item = (&TimeEntry, i64)> {
        let work = self.entries.iter();
        work.filter(|entry| entry.kind == EntryKind::Regular)
            .map(|entry| (entry, hundredths(entry.hours.expect("finished"))))
    }

    fn sum(&self, is_wanted: impl Fn(&TimeEntry) -> bool) -> i64 {
        let wanted = self.work().filter(|(entry, _)| is_wanted(entry));
        wanted.map(|(_, hours)| hours).sum()
    }

    /// §4.2, by person and day: over 8 h, or 8.5 h on site; all of a free day.
    fn banked(&self, counts: impl Fn(&TimeEntry) -> bool) -> i64 {
        let mut by_day: BTreeMap<(&str, Date), (i64, i64)> = BTreeMap::new();
        for (entry, hours) in self.work().filter(|(entry, _)| counts(entry)) {
            let day = by_day
                .entry((entry.employee_id.as_str(), entry.start_date))
                .or_default();
            day.0 += hours;
            for tag in &entry.tag_ids {
                let length = match tag.as_str() {
                    "BANKED - SITE" => 850,
                    "banked-office" => 800,
                    _ => 0,
                };
                day.1 = day.1.max(length);
            }
        }
        by_day
            .into_iter()
            .map(|((_, day), (worked, length))| match length {
                0 => 0,
                _ if !is_weekday(day) || is_holiday(day) => worked,
                _ => (worked - length).max(0),
            })
            .sum()
    }

    fn employee(&self, id: &str) -> &Employee {
        let found = self.employees.iter().find(|one| one.id.as_str() == id);
        found.expect("an employee")
    }

    fn claim_state(&self, expense: &Expense) -> Option<&TimesheetState> {
        let mut holders = self.claims.iter();
        let (holder, _) = holders.find(|(_, held)| held.contains(&expense.id))?;
        let sheet = self.timesheets.iter().find(|one| one.id == *holder)?;
        Some(&sheet.state)
    }
}

/// Sums a column over the rows with that label, in hundredths.
fn figure(sheet: &Sheet, label: &str, column: u32) -> i64 {
    let rows = sheet.rows_where(1, |text| text == label);
    let figures = rows.into_iter().filter_map(|row| sheet.number(row, column));
    figures.map(hundredths).sum()
}

fn workbook<'a>(files: &'a [NamedFile], word: &str) -> &'a NamedFile {
    let found = files.iter().find(|file| file.name.contains(word));
    found.expect(word)
}

fn sheets(file: &NamedFile) -> Vec<Sheet> {
    let sheets = read(&file.bytes);
    for sheet in &sheets {
        sheet.check_totals();
    }
    sheets
}

/// Random companies, one after the other, each in a database of its own.
async fn each(check: impl AsyncFn(&Office, &Company)) {
    let mut runner = TestRunner::deterministic();
    for case in 0..CASES {
        let company = Company::random(&mut runner);
        println!("company {case}");
        let office = Office::with(&[("BANKED_POLICY_ID", BANKED_POLICY)]).await;
        office.store(&company).await;
        check(&office, &company).await;
    }
}

#[tokio::test]
async fn any_payroll_adds_up_to_the_stored_hours_leave_and_holidays() {
    each(async |office, company| {
        let (_, files) = office.made(Kind::Payroll, &Request::default()).await;
        let files = unpack(&files[0]);
        let mut printed = [0; 7];
        for word in ["Salary", "Hourly"] {
            let sheet = &sheets(workbook(&files, word))[0];
            for label in [
                "All salaried staff Total",
                "All hourly staff Total",
                "All staff without a rate type Total",
            ] {
                for (sum, column) in printed.iter_mut().zip([4, 5, 6, 7, 8, 10]) {
                    *sum += figure(sheet, label, column);
                }
            }
        }
        let [regular, overtime, banked, time_off, stat, paid, _] = printed;
        let in_period = days((11, 8), (11, 21));
        let counts = |entry: &TimeEntry| in_period(entry.start_date) && company.counts(entry);
        assert_eq!(regular + overtime + banked, company.sum(counts), "worked");
        assert_eq!(banked, company.banked(counts), "banked");
        let leave: i64 = company
            .requests
            .iter()
            .filter(|request| request.status == TimeOffStatus::Approved)
            .filter(|request| {
                let day = request.first_day;
                in_period(day) && is_weekday(day) && !is_holiday(day)
            })
            .filter(|request| match request.policy_id.as_str() {
                BANKED_POLICY => true,
                "policy-vacation" => {
                    let person = company.employee(request.employee_id.as_str());
                    person.rate_type == Some(RateType::Salary)
                }
                _ => false,
            })
            .map(|request| hundredths(request.balance_diff))
            .sum();
        assert_eq!(time_off, leave, "time off");
        // Everyone is employed on Wednesday, 11 November; the holiday on a Saturday pays nothing.
        let people = i64::try_from(company.employees.len()).expect("few");
        assert_eq!(stat, people * 800);
        assert_eq!(paid, regular + overtime + time_off + stat);
    })
    .await;
}

#[tokio::test]
async fn any_billing_adds_up_to_the_stored_hours_times_their_rates() {
    each(async |office, company| {
        let (_, files) = office.made(Kind::Billing, &Request::default()).await;
        let files = unpack(&files[0]);
        let in_period = days((10, 25), (11, 21));
        let (mut labour, mut trucks) = (BTreeMap::new(), BTreeMap::new());
        let mut exceptions = 0;
        for (entry, hours) in company.work() {
            if !entry.billable || !in_period(entry.start_date) {
                continue;
            }
            let is_approved = company.is_approved(entry);
            if !is_approved || entry.hourly_rate.is_none() || entry.project_id.is_none() {
                exceptions += hours;
            }
            if let (true, Some(project)) = (is_approved, &entry.project_id) {
                let rate = hundredths(entry.hourly_rate.unwrap_or_default());
                let person = entry.employee_id.as_str();
                *labour.entry((project.as_str(), person, rate)).or_insert(0) += hours;
                if company.employee(person).has_truck {
                    *trucks.entry((project.as_str(), person)).or_insert(0) += hours;
                }
            }
        }
        let labour: i64 = labour
            .into_iter()
            .map(|((.., rate), hours)| product(hours, rate))
            .sum();
        let trucks: i64 = trucks.into_values().map(|hours| product(hours, 1875)).sum();
        let mut grand = 0;
        for file in files.iter().filter(|file| file.name.starts_with("Nov-P-")) {
            let sheets = sheets(file);
            grand += figure(&sheets[0], "GRAND TOTAL", 6);
        }
        assert_eq!(grand, labour + trucks, "the projects' workbooks");
        let summary = sheets(workbook(&files, "Summary"));
        let heading = summary[0]
            .heading_row(&["Project Number"])
            .expect("headings");
        let column = |name: &str| {
            (1..30)
                .find(|at| summary[0].text(heading, *at) == Some(name))
                .expect(name)
        };
        for (name, expected) in [("Labour", labour), ("Equipment", trucks)] {
            let found = figure(&summary[0], "All projects Total", column(name));
            assert_eq!(found, expected, "{name}");
        }
        let mut pages = summary.iter();
        let page = pages
            .find(|page| page.name == "Exceptions")
            .expect("exceptions");
        assert_eq!(figure(page, "Total", 4), exceptions, "exceptions");
    })
    .await;
}

#[tokio::test]
async fn any_week_report_adds_up_to_the_stored_hours() {
    each(async |office, company| {
        let last_week = days((11, 15), (11, 21));
        let (_, files) = office
            .made(Kind::BillableSummary, &Request::default())
            .await;
        let sheet = &sheets(&files[0])[0];
        let of_week = |entry: &TimeEntry| last_week(entry.start_date);
        for (column, expected) in [
            (
                5,
                company.sum(|one| of_week(one) && company.counts(one) && one.billable),
            ),
            (
                6,
                company.sum(|one| of_week(one) && company.counts(one) && !one.billable),
            ),
            (7, company.sum(|one| of_week(one) && !company.counts(one))),
        ] {
            assert_eq!(
                figure(sheet, "All staff Total", column),
                expected,
                "{column}"
            );
        }

        let (_, files) = office.made(Kind::TimeStatus, &Request::default()).await;
        let pages = sheets(&files[0]);
        let has_sheet = |person: &Employee, state: &TimesheetState| {
            let mut sheets = company.timesheets.iter();
            sheets.any(|sheet| {
                sheet.employee_id == person.id
                    && last_week(sheet.first_day)
                    && sheet.state == *state
            })
        };
        let has_unsent_work = |person: &Employee| {
            let unsent = |entry: &TimeEntry| {
                of_week(entry)
                    && entry.employee_id == person.id
                    && company.state_of(entry).is_none()
            };
            company.sum(unsent) > 0
        };
        let people = |is: &dyn Fn(&Employee) -> bool| {
            company.employees.iter().filter(|person| is(person)).count()
        };
        let heading = pages[0].heading_row(&["Staff Member"]).expect("headings");
        let legend = pages[0].rows_where(1, |text| text == "Legend")[0];
        let rows = |status: &str| {
            let rows = pages[0].rows_where(3, |text| text == status).into_iter();
            rows.filter(|row| (heading..legend).contains(row)).count()
        };
        let rejected = people(&|person| has_sheet(person, &TimesheetState::Rejected));
        let not_submitted = people(&|person| {
            has_sheet(person, &TimesheetState::WithdrawnApproval) || has_unsent_work(person)
        });
        assert_eq!(rows("REJECTED"), rejected);
        assert_eq!(rows("NOT SUBMITTED"), not_submitted);
        let all = [
            "REJECTED",
            "NOT SUBMITTED",
            "NO TIME",
            "SUBMITTED",
            "APPROVED",
            "NOT APPLICABLE",
        ];
        let everyone: usize = all.into_iter().map(rows).sum();
        assert_eq!(everyone, company.employees.len());
        let pending = company.sum(|one| company.state_of(one) == Some(&TimesheetState::Pending));
        assert_eq!(
            figure(&pages[2], "All pending timesheets Total", 5),
            pending
        );
    })
    .await;
}

#[tokio::test]
async fn any_banked_time_adds_up_to_the_stored_hours_and_requests() {
    each(async |office, company| {
        let (_, files) = office.made(Kind::BankedTime, &Request::default()).await;
        let sheet = &sheets(&files[0])[0];
        let accrued = company.banked(|entry| company.is_approved(entry));
        let used: i64 = company
            .requests
            .iter()
            .filter(|request| request.policy_id.as_str() == BANKED_POLICY)
            .map(|request| hundredths(request.balance_diff))
            .sum();
        let total = |column| figure(sheet, "All staff Total", column);
        assert_eq!((total(6), total(7)), (accrued, used));
        assert_eq!(total(9), accrued - used);
        let reasons = sheet.rows_where(3, |what| what == "Accrued");
        for row in reasons {
            let reason = sheet.text(row, 10).expect("a reason");
            let known = ["weekday over 8", "weekday over 8.5", "weekend", "holiday"];
            assert!(known.contains(&reason), "{reason}");
        }
    })
    .await;
}

#[tokio::test]
async fn any_claims_add_up_to_the_stored_expenses() {
    each(async |office, company| {
        let (_, files) = office.made(Kind::ExpenseClaims, &Request::default()).await;
        let pages = sheets(&files[0]);
        let mut expenses: Vec<&Expense> = company.expenses.iter().collect();
        expenses.sort_by_key(|one| (one.date, &one.id));
        let in_october = days((10, 1), (10, 31));
        let mut driven: BTreeMap<&str, i64> = BTreeMap::new();
        let (mut claimed, mut waiting) = (0, 0);
        for expense in expenses {
            let state = company.claim_state(expense);
            let counts = matches!(
                state,
                Some(TimesheetState::Approved | TimesheetState::Pending)
            );
            let amount = if expense.category_id == Some("mileage".into()) {
                let before = driven.entry(expense.employee_id.as_str()).or_default();
                let kilometres = hundredths(expense.quantity);
                let full = kilometres.min((500_000 - *before).max(0));
                if counts {
                    *before += kilometres;
                }
                product(full, 70) + product(kilometres - full, 62)
            } else {
                hundredths(expense.total)
            };
            match (in_october(expense.date), counts) {
                (false, _) => {}
                (true, true) => claimed += amount,
                (true, false) => waiting += amount,
            }
        }
        for (page, expected) in pages.iter().zip([claimed, waiting]) {
            assert_eq!(
                figure(page, "All staff Total", 9),
                expected,
                "{}",
                page.name
            );
        }
    })
    .await;
}
