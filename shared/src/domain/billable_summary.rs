//! Billable against non-billable hours (`domain.md` §7 *Billable vs non-billable*).

use std::{
    collections::{BTreeMap, HashMap},
    iter::Sum,
    ops::Add,
};

use rust_decimal::Decimal;

use super::{
    absence::absence_notes,
    attendance::{Counting, EmployeeTime, EntryState, Workplace},
    ids::{EmployeeId, ProjectId},
    project::Project,
    staff_names::{StaffNames, sort_key},
    time::{Period, half_up},
    work::WorkEntry,
};

/// Everyone's hours in whole weeks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillableSummary {
    pub period: Period,
    /// Who was employed or has work, leavers included; by name.
    pub people: Vec<PersonSummary>,
}

/// One employee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSummary {
    pub employee_id: EmployeeId,
    pub name: String,
    pub manager: Option<String>,
    /// By code, then title.
    pub projects: Vec<ProjectHours>,
    /// Leave, holidays, first or last day.
    pub notes: Vec<String>,
}

/// One employee on one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectHours {
    /// None: work without a project.
    pub project_id: Option<ProjectId>,
    pub code: Option<String>,
    pub title: String,
    pub hours: SummaryHours,
}

/// Hours by what they are. APPROVED and PENDING count; the rest waits, billable or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SummaryHours {
    pub billable: Decimal,
    pub non_billable: Decimal,
    pub waiting: Decimal,
}

impl SummaryHours {
    fn of(work: &WorkEntry) -> Self {
        let mut hours = Self::default();
        match work.state {
            EntryState::Approved | EntryState::Pending if work.billable => {
                hours.billable = work.hours;
            }
            EntryState::Approved | EntryState::Pending => hours.non_billable = work.hours,
            _ => hours.waiting = work.hours,
        }
        hours
    }

    /// The billable part of the hours that count, 0 to 1, to four decimals half up; None without any.
    pub fn billable_share(self) -> Option<Decimal> {
        let counted = self.billable + self.non_billable;
        (!counted.is_zero()).then(|| half_up(self.billable / counted, 4))
    }
}

impl Add for SummaryHours {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            billable: self.billable + other.billable,
            non_billable: self.non_billable + other.non_billable,
            waiting: self.waiting + other.waiting,
        }
    }
}

impl Sum for SummaryHours {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl PersonSummary {
    /// The sub-total.
    pub fn total(&self) -> SummaryHours {
        self.projects.iter().map(|project| project.hours).sum()
    }
}

impl BillableSummary {
    /// The grand total.
    pub fn total(&self) -> SummaryHours {
        self.people.iter().map(PersonSummary::total).sum()
    }
}

/// The summary of the whole weeks that a period touches. `people` are all employees; `work` is theirs.
pub fn billable_summary(
    period: Period,
    people: &[EmployeeTime],
    work: &[WorkEntry],
    projects: &[Project],
    workplace: &Workplace<'_>,
) -> BillableSummary {
    let period = period.whole_weeks();
    let projects: HashMap<&ProjectId, &Project> = projects
        .iter()
        .map(|project| (&project.id, project))
        .collect();
    let mut hours: HashMap<&EmployeeId, BTreeMap<Option<&ProjectId>, SummaryHours>> =
        HashMap::new();
    for work in work.iter().filter(|work| period.contains(work.date)) {
        let of_person = hours.entry(&work.employee_id).or_default();
        let of_project = of_person.entry(work.project_id.as_ref()).or_default();
        *of_project = *of_project + SummaryHours::of(work);
    }

    let mut summaries: Vec<PersonSummary> = people
        .iter()
        .filter_map(|time| {
            let of_person = hours.remove(&time.employee.id).unwrap_or_default();
            let employment = time.employment();
            if of_person.is_empty() && employment.during(period).is_none() {
                return None;
            }
            let days = workplace.attendance(time, period, Counting::ApprovedAndPending);
            Some(PersonSummary {
                employee_id: time.employee.id.clone(),
                name: time.employee.name.clone(),
                manager: time.employee.reporting_manager.clone(),
                projects: project_rows(of_person, &projects),
                notes: absence_notes(&days, employment, period),
            })
        })
        .collect();
    let names = StaffNames::of(summaries.iter().map(|one| (&one.employee_id, &*one.name)));
    summaries.sort_by_key(|one| names.place(&one.employee_id));
    for one in &mut summaries {
        one.name = names.name(&one.employee_id);
    }
    BillableSummary {
        period,
        people: summaries,
    }
}

fn project_rows(
    hours: BTreeMap<Option<&ProjectId>, SummaryHours>,
    projects: &HashMap<&ProjectId, &Project>,
) -> Vec<ProjectHours> {
    let mut rows: Vec<ProjectHours> = hours
        .into_iter()
        .map(|(project_id, hours)| {
            let project = project_id.and_then(|id| projects.get(id));
            ProjectHours {
                project_id: project_id.cloned(),
                code: project.and_then(|project| project.code.clone()),
                title: match (project, project_id) {
                    (Some(project), _) => project.title.clone(),
                    (None, Some(id)) => id.to_string(),
                    (None, None) => "Without project".to_owned(),
                },
                hours,
            }
        })
        .collect();
    rows.sort_by_cached_key(|one| (one.code.clone(), sort_key(&one.title)));
    rows
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        attendance::PayRules,
        employee::EmployeeStatus,
        test_records::{self, hours, time_off_request},
    };

    fn week() -> Period {
        Period::new(date(2026, 10, 18), date(2026, 10, 24)).expect("a week")
    }

    fn work(employee: &str, project: Option<&str>, day: Date, amount: &str) -> WorkEntry {
        WorkEntry {
            employee_id: employee.into(),
            project_id: project.map(ProjectId::from),
            date: day,
            hours: hours(amount),
            ..test_records::work_entry("t1")
        }
    }

    fn summary(people: &[EmployeeTime], work: &[WorkEntry]) -> BillableSummary {
        let rules = PayRules::default();
        let policies = [test_records::policy("Vacation")];
        let workplace = Workplace::new(&rules, &[], &[], &policies);
        let projects = [
            test_records::project("p1", Some("ABC-001"), "River Crossing"),
            test_records::project("p2", Some("ABC-002"), "Yard"),
        ];
        billable_summary(week(), people, work, &projects, &workplace)
    }

    #[test]
    fn approved_and_pending_count_and_waiting_hours_stand_apart() {
        // §7: "APPROVED and PENDING count, waiting hours stand in a column of their own".
        use EntryState::{Approved, NotSubmitted, Pending, Rejected, Withdrawn};
        let people = [test_records::employee_time("e1", Vec::new())];
        let cases = [
            (Approved, true, ["4", "0", "0"]),
            (Pending, true, ["4", "0", "0"]),
            (Approved, false, ["0", "4", "0"]),
            (Pending, false, ["0", "4", "0"]),
            (Rejected, true, ["0", "0", "4"]),
            (Withdrawn, true, ["0", "0", "4"]),
            (NotSubmitted, false, ["0", "0", "4"]),
        ];
        for (state, billable, [expected_billable, non_billable, waiting]) in cases {
            let entry = WorkEntry {
                billable,
                state,
                ..work("e1", Some("p1"), date(2026, 10, 20), "4")
            };
            let total = summary(&people, &[entry]).total();
            assert_eq!(
                total,
                SummaryHours {
                    billable: hours(expected_billable),
                    non_billable: hours(non_billable),
                    waiting: hours(waiting),
                },
                "{state}, billable: {billable}"
            );
        }
    }

    #[test]
    fn per_employee_and_project_with_sub_totals_percentages_and_a_grand_total() {
        // §7: "Per employee: manager, project code and name, billable, non-billable, waiting, notes;
        // sub-total, percentages, grand total."
        let mut people = vec![
            test_records::employee_time("e2", Vec::new()),
            test_records::employee_time("e1", Vec::new()),
        ];
        people[1].time_off = vec![time_off_request(
            "Vacation",
            date(2026, 10, 23),
            date(2026, 10, 23),
            "1",
        )];
        let inside = WorkEntry {
            billable: false,
            ..work("e1", None, date(2026, 10, 18), "1")
        };
        let entries = [
            work("e1", Some("p2"), date(2026, 10, 19), "2"),
            work("e1", Some("p1"), date(2026, 10, 19), "1"),
            work("e1", Some("p1"), date(2026, 10, 24), "2"),
            inside,
            work("e1", Some("p1"), date(2026, 10, 25), "8"), // the next week
            work("e2", Some("p1"), date(2026, 10, 20), "3"),
        ];
        let summary = summary(&people, &entries);
        let first = &summary.people[0];
        assert_eq!(first.employee_id.as_str(), "e1");
        assert_eq!(first.manager.as_deref(), Some("Morgan Reyes"));
        assert_eq!(first.notes, ["Vacation 8.00 h"]);
        let rows: Vec<(Option<&str>, &str, Decimal, Decimal)> = first
            .projects
            .iter()
            .map(|row| {
                let hours = row.hours;
                (
                    row.code.as_deref(),
                    row.title.as_str(),
                    hours.billable,
                    hours.non_billable,
                )
            })
            .collect();
        let zero = Decimal::ZERO;
        assert_eq!(
            rows,
            [
                (None, "Without project", zero, hours("1")),
                (Some("ABC-001"), "River Crossing", hours("3"), zero),
                (Some("ABC-002"), "Yard", hours("2"), zero),
            ]
        );
        assert_eq!(first.total().billable_share(), Some(hours("0.8333")));
        assert_eq!(summary.people[1].total().billable_share(), Some(hours("1")));
        assert_eq!(summary.total().billable, hours("8"));
        assert_eq!(SummaryHours::default().billable_share(), None);
    }

    #[test]
    fn the_weeks_are_whole() {
        // §7: "A week report's start moves back to Sunday and its end on to Saturday."
        let rules = PayRules::default();
        let workplace = Workplace::new(&rules, &[], &[], &[]);
        let people = [test_records::employee_time("e1", Vec::new())];
        let sunday = [work("e1", Some("p1"), date(2026, 10, 18), "4")];
        let asked = Period::day(date(2026, 10, 20));
        let summary = billable_summary(asked, &people, &sunday, &[], &workplace);
        assert_eq!(summary.period, week());
        assert_eq!(summary.total().billable, hours("4"));
    }

    #[test]
    fn leavers_of_the_week_are_included() {
        // §7: "leavers of that week included".
        let left_on = |day| {
            let mut time = test_records::employee_time("e1", Vec::new());
            time.employee.status = EmployeeStatus::Inactive;
            time.employee.end_date = Some(day);
            time
        };
        let in_week = [left_on(date(2026, 10, 18))];
        assert_eq!(summary(&in_week, &[]).people.len(), 1);
        assert_eq!(
            summary(&in_week, &[]).people[0].notes,
            ["through Sun, Oct 18"]
        );
        let before = [left_on(date(2026, 10, 17))];
        assert_eq!(summary(&before, &[]).people.len(), 0);
        let late_work = [work("e1", Some("p1"), date(2026, 10, 19), "2")];
        assert_eq!(summary(&before, &late_work).people.len(), 1);
    }

    proptest! {
        #[test]
        fn no_hour_is_lost_or_counted_twice(
            entries in prop::collection::vec((0_i64..7, 1_i64..50, 0_i64..3, any::<bool>(), 0_usize..5), 0..40),
        ) {
            let states = [
                EntryState::Approved,
                EntryState::Pending,
                EntryState::Rejected,
                EntryState::Withdrawn,
                EntryState::NotSubmitted,
            ];
            let people = [test_records::employee_time("e1", Vec::new())];
            let entries: Vec<WorkEntry> = entries
                .into_iter()
                .map(|(offset, quarters, project, billable, state)| WorkEntry {
                    hours: Decimal::new(quarters * 25, 2),
                    billable,
                    state: states[state],
                    ..work(
                        "e1",
                        [Some("p1"), Some("p2"), None][usize::try_from(project).expect("small")],
                        week().first_day().saturating_add(jiff::Span::new().days(offset)),
                        "0",
                    )
                })
                .collect();
            let total = summary(&people, &entries).total();
            let sum: Decimal = entries.iter().map(|entry| entry.hours).sum();
            prop_assert_eq!(total.billable + total.non_billable + total.waiting, sum);
        }
    }
}
