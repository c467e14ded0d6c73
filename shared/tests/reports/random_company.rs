//! Random companies: people of any kind, four weeks of any work in timesheets of any state, leave and expenses.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::date};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use rust_decimal::Decimal;
use shared::domain::{
    employee::RateType,
    expense::{Expense, ExpenseCategory},
    project::Tag,
    time::Week,
    time_entry::{EntryKind, TimeEntry},
    time_off::{Assignment, Holiday, Policy, TimeOffRequest, TimeOffStatus, TimeUnit},
    timesheet::{Timesheet, TimesheetState},
};

use super::company::Company;

pub(crate) const BANKED_POLICY: &str = "policy-banked";
/// A weekday and a Saturday on which everyone has a holiday.
pub(crate) const HOLIDAYS: [(i8, &str); 2] = [(11, "Remembrance Day"), (7, "Founders' Day")];
const STATES: [Option<TimesheetState>; 6] = [
    None,
    Some(TimesheetState::Pending),
    Some(TimesheetState::Approved),
    Some(TimesheetState::Approved),
    Some(TimesheetState::Rejected),
    Some(TimesheetState::WithdrawnApproval),
];
const TAGS: [&str; 3] = ["BANKED - SITE", "banked-office", "Travel"];
const POLICIES: [(&str, &str); 3] = [
    ("policy-vacation", "Vacation"),
    (BANKED_POLICY, "Banked Time"),
    ("policy-unpaid", "Unpaid Leave"),
];

/// One entry: day of the week, quarters of an hour, project, billable, cents an hour, tag, work or pause.
type Work = (
    i64,
    i64,
    Option<usize>,
    bool,
    Option<i64>,
    Option<usize>,
    bool,
);
/// One person: rate type, truck, name, and for each week its timesheet and work.
type Person = (Option<RateType>, bool, String, Vec<(usize, Vec<Work>)>);

fn work() -> impl Strategy<Value = Work> {
    (
        0_i64..7,
        1_i64..50,
        prop::option::weighted(0.9, 0_usize..3),
        prop::bool::weighted(0.7),
        prop::option::weighted(0.8, prop::sample::select(vec![9550_i64, 13125, 8333])),
        prop::option::weighted(0.4, 0_usize..3),
        prop::bool::weighted(0.9),
    )
}

fn person() -> impl Strategy<Value = Person> {
    (
        prop::sample::select(vec![Some(RateType::Salary), Some(RateType::Hourly), None]),
        any::<bool>(),
        "[A-Z][a-zé🚧]{1,12} [א-ת]{0,6}[=+@-]?[A-Z]{1,9}",
        prop::collection::vec(
            (0_usize..STATES.len(), prop::collection::vec(work(), 1..9)),
            4,
        ),
    )
}

/// Day of October or November, hundredths of an hour or of a kilometre, and a choice.
fn movements(most: usize) -> impl Strategy<Value = Vec<(usize, i64, i64, usize)>> {
    prop::collection::vec(
        (0_usize..8, 0_i64..50, 1_i64..300_000, 0_usize..12),
        0..most,
    )
}

impl Company {
    pub(crate) fn random(runner: &mut TestRunner) -> Self {
        let tree = (
            prop::collection::vec(person(), 1..8),
            movements(12),
            movements(20),
        )
            .new_tree(runner);
        let (people, leave, claims) = tree.expect("a company").current();
        let mut company = Self::without_work(people.len().max(12));
        company.employees.truncate(people.len());
        company.add_lists();
        for (number, (rate_type, has_truck, name, weeks)) in people.into_iter().enumerate() {
            let employee = &mut company.employees[number];
            employee.rate_type = rate_type;
            employee.has_truck = has_truck;
            employee.name = name;
            let mut week = Week::of(date(2026, 10, 25));
            for (state, work) in weeks {
                company.add_random_week(number, week, STATES[state].clone(), work);
                week = week.next();
            }
        }
        for (person, day, hundredths, choice) in leave {
            company.add_leave(person, day, hundredths % 1200, choice);
        }
        for (person, day, hundredths, choice) in claims {
            company.add_claim(person, day, hundredths, choice);
        }
        company
    }

    fn add_lists(&mut self) {
        let everyone = Assignment {
            everyone: true,
            ..Assignment::default()
        };
        self.tags = TAGS
            .map(|name| Tag {
                id: name.into(),
                workspace_id: "ws".into(),
                name: name.to_owned(),
                archived: false,
                is_stub: false,
            })
            .into();
        self.policies = POLICIES
            .map(|(id, name)| Policy {
                id: id.into(),
                workspace_id: "ws".into(),
                name: name.to_owned(),
                unit: TimeUnit::Hours,
                assignment: everyone.clone(),
                archived: false,
                is_stub: false,
            })
            .into();
        self.holidays = HOLIDAYS
            .map(|(day, name)| Holiday {
                id: name.into(),
                workspace_id: "ws".into(),
                name: name.to_owned(),
                first_day: date(2020, 11, day),
                last_day: date(2020, 11, day),
                occurs_annually: true,
                assignment: everyone.clone(),
            })
            .into();
        self.categories = [("mileage", "km", Some(70)), ("meals", "", None)]
            .map(|(id, unit, price)| ExpenseCategory {
                id: id.into(),
                workspace_id: "ws".into(),
                name: id.to_owned(),
                unit_price: price.map(|cents| Decimal::new(cents, 2)),
                unit: Some(unit.to_owned()),
                archived: false,
                is_stub: false,
            })
            .into();
    }

    fn add_random_week(
        &mut self,
        person: usize,
        week: Week,
        state: Option<TimesheetState>,
        work: Vec<Work>,
    ) {
        let employee_id = self.employees[person].id.clone();
        let timesheet_id = format!("timesheet-{person}-{}", week.sunday());
        let mut held = std::collections::BTreeSet::new();
        for (day, quarters, project, billable, rate, tag, is_work) in work {
            let id = format!("entry-{person}-{}-{}", week.sunday(), held.len());
            held.insert(id.clone().into());
            let day = week.sunday().saturating_add(day.days());
            let start: Timestamp = format!("{day}T14:00:00Z").parse().expect("an instant");
            self.entries.push(TimeEntry {
                id: id.into(),
                workspace_id: "ws".into(),
                employee_id: employee_id.clone(),
                project_id: project.map(|number| format!("project-{number}").into()),
                task_id: None,
                description: "=Staked the abutment 🚧".to_owned(),
                billable,
                kind: if is_work {
                    EntryKind::Regular
                } else {
                    EntryKind::Break
                },
                start,
                end: Some(start + SignedDuration::from_mins(15 * quarters)),
                start_date: day,
                duration_seconds: Some(quarters * 900),
                hours: Some(Decimal::new(quarters * 25, 2)),
                hourly_rate: rate.map(|cents| Decimal::new(cents, 2)),
                tag_ids: tag.map(|tag| TAGS[tag].into()).into_iter().collect(),
            });
        }
        if let Some(state) = state {
            self.holdings.insert(timesheet_id.clone().into(), held);
            self.timesheets.push(Timesheet {
                id: timesheet_id.into(),
                workspace_id: "ws".into(),
                employee_id,
                first_day: week.sunday(),
                last_day: week.saturday(),
                state,
                state_updated_at: "2026-11-21T20:00:00Z".parse().ok(),
                note: None,
                expenses_only: false,
            });
        }
    }

    /// Leave of one day; on a Saturday, a Sunday or a holiday nothing of it counts.
    fn add_leave(&mut self, person: usize, day: i64, hundredths: i64, choice: usize) {
        let employee_id = self.employees[person % self.employees.len()].id.clone();
        let first_day = date(2026, 10, 5).saturating_add(day.days());
        self.requests.push(TimeOffRequest {
            id: format!("request-{}", self.requests.len()).into(),
            workspace_id: "ws".into(),
            employee_id,
            policy_id: POLICIES[choice % 3].0.into(),
            status: [
                TimeOffStatus::Approved,
                TimeOffStatus::Approved,
                TimeOffStatus::Pending,
            ][choice % 4 % 3]
                .clone(),
            first_day,
            last_day: first_day,
            half_day: false,
            balance_diff: Decimal::new(hundredths, 2),
            unit: TimeUnit::Hours,
            excluded_days: None,
            note: None,
            status_changed_at: None,
        });
    }

    /// A claim of October or November; every third in no timesheet.
    fn add_claim(&mut self, person: usize, day: i64, hundredths: i64, choice: usize) {
        let person = person % self.employees.len();
        let is_mileage = choice.is_multiple_of(2);
        let id = format!("expense-{:02}", self.expenses.len());
        let sent: Vec<usize> = (0..self.timesheets.len())
            .filter(|at| self.timesheets[*at].employee_id == self.employees[person].id)
            .collect();
        if !choice.is_multiple_of(3) && !sent.is_empty() {
            let timesheet = &self.timesheets[sent[choice % sent.len()]];
            let held = self.claims.entry(timesheet.id.clone()).or_default();
            held.insert(id.clone().into());
        }
        self.expenses.push(Expense {
            id: id.into(),
            workspace_id: "ws".into(),
            employee_id: self.employees[person].id.clone(),
            date: date(2026, 10, 1).saturating_add(day.days()),
            category_id: Some(if is_mileage { "mileage" } else { "meals" }.into()),
            project_id: Some("project-0".into()),
            task_id: None,
            notes: Some("@lunch".to_owned()),
            quantity: Decimal::new(if is_mileage { hundredths } else { 100 }, 2),
            total: Decimal::new(hundredths, 2),
            billable: false,
            has_receipt: false,
        });
    }
}
