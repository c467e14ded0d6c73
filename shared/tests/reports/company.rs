//! A made-up company of any size, the same each time: four weeks of work on several projects, in timesheets
//! that are approved, pending or missing.

use std::{collections::HashMap, ops::Range};

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Weekday, date},
};
use rust_decimal::Decimal;
use shared::{
    domain::{
        attendance::{AttendedEntry, EmployeeTime, EntryState},
        employee::{Employee, EmployeeStatus, RateType},
        expense::{Expense, ExpenseCategory},
        ids::{EmployeeId, ExpenseId, TimeEntryId, TimesheetId},
        project::{Client, Project, Tag, Task},
        time::Week,
        time_entry::{EntryKind, TimeEntry},
        time_off::{Holiday, Policy, TimeOffRequest},
        timesheet::{Timesheet, TimesheetState},
        workspace::Workspace,
    },
    store::membership::Holdings,
};

/// The records of a company.
#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) workspace: Workspace,
    pub(crate) clients: Vec<Client>,
    pub(crate) projects: Vec<Project>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) employees: Vec<Employee>,
    pub(crate) timesheets: Vec<Timesheet>,
    pub(crate) entries: Vec<TimeEntry>,
    pub(crate) holdings: Holdings,
    pub(crate) tags: Vec<Tag>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) requests: Vec<TimeOffRequest>,
    pub(crate) holidays: Vec<Holiday>,
    pub(crate) categories: Vec<ExpenseCategory>,
    pub(crate) expenses: Vec<Expense>,
    pub(crate) claims: Holdings<ExpenseId>,
}

impl Company {
    /// So many people, who worked each weekday from 25 October through 21 November 2026. In the last week
    /// every fourth has sent nothing and every fourth waits for approval.
    pub(crate) fn of(people: usize) -> Self {
        Self::numbered(0..people)
    }

    /// The same, of people with these numbers.
    pub(crate) fn numbered(people: Range<usize>) -> Self {
        let mut company = Self::without_work(people.len());
        company.employees = people.clone().map(employee).collect();
        for person in people {
            let mut week = Week::of(date(2026, 10, 25));
            for number in 0..4 {
                company.add_week(person, week, number == 3);
                week = week.next();
            }
        }
        company
    }

    pub(crate) fn without_work(people: usize) -> Self {
        let projects = (people / 4).clamp(1, 60);
        Self {
            workspace: Workspace {
                id: "ws".into(),
                name: "Hill Plain".into(),
            },
            clients: vec![Client {
                id: "client".into(),
                workspace_id: "ws".into(),
                short_name: "NBU".into(),
                long_name: Some("Northbank Utilities Ltd.".into()),
                email: None,
                address: None,
                archived: false,
                is_stub: false,
            }],
            projects: (0..projects).map(project).collect(),
            tasks: (0..projects).map(task).collect(),
            employees: (0..people).map(employee).collect(),
            timesheets: Vec::new(),
            entries: Vec::new(),
            holdings: Holdings::new(),
            tags: Vec::new(),
            policies: Vec::new(),
            requests: Vec::new(),
            holidays: Vec::new(),
            categories: Vec::new(),
            expenses: Vec::new(),
            claims: Holdings::new(),
        }
    }

    fn add_week(&mut self, person: usize, week: Week, is_last: bool) {
        let state = match (is_last, person % 4) {
            (true, 0) => None,
            (true, 1) => Some(TimesheetState::Pending),
            _ => Some(TimesheetState::Approved),
        };
        let timesheet_id = format!("timesheet-{person}-{}", week.sunday());
        let mut held = Vec::new();
        let weekdays = week
            .period()
            .days()
            .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
        for day in weekdays {
            // Eight in the morning in Edmonton, UTC−06:00.
            let start: Timestamp = format!("{day}T14:00:00Z").parse().expect("an instant");
            let quarters = 26 + i64::try_from((person + self.entries.len()) % 13).expect("small");
            let end = start + SignedDuration::from_mins(15 * quarters);
            let project = (person + self.entries.len()) % self.projects.len();
            let id = format!("entry-{person}-{day}");
            held.push(id.clone().into());
            self.entries.push(TimeEntry {
                id: id.into(),
                workspace_id: "ws".into(),
                employee_id: format!("employee-{person}").into(),
                project_id: Some(format!("project-{project}").into()),
                task_id: Some(format!("task-{project}").into()),
                description: "Staked the north abutment and checked the control network".into(),
                billable: !self.entries.len().is_multiple_of(5),
                kind: EntryKind::Regular,
                start,
                end: Some(end),
                start_date: day,
                duration_seconds: Some(quarters * 900),
                hours: Some(Decimal::new(quarters * 25, 2)),
                hourly_rate: Some(Decimal::new(9550, 2)),
                tag_ids: Vec::new(),
            });
        }
        if let Some(state) = state {
            let sent = week.saturday().saturating_add(1.day());
            self.holdings
                .insert(timesheet_id.clone().into(), held.into_iter().collect());
            self.timesheets.push(Timesheet {
                id: timesheet_id.into(),
                workspace_id: "ws".into(),
                employee_id: format!("employee-{person}").into(),
                first_day: week.sunday(),
                last_day: week.saturday(),
                state,
                state_updated_at: format!("{sent}T02:00:00Z").parse().ok(),
                note: None,
                expenses_only: false,
            });
        }
    }

    /// Everyone with his time as attendance sees it.
    pub(crate) fn times(&self) -> Vec<EmployeeTime> {
        let states: HashMap<&TimesheetId, &TimesheetState> = self
            .timesheets
            .iter()
            .map(|sheet| (&sheet.id, &sheet.state))
            .collect();
        let holders: HashMap<&TimeEntryId, &TimesheetId> = self
            .holdings
            .iter()
            .flat_map(|(sheet, entries)| entries.iter().map(move |entry| (entry, sheet)))
            .collect();
        let mut entries: HashMap<&EmployeeId, Vec<AttendedEntry>> = HashMap::new();
        for entry in &self.entries {
            let state = holders.get(&entry.id).and_then(|sheet| states.get(sheet));
            let state = EntryState::of(state.copied());
            let attended = AttendedEntry::of(entry, Vec::new(), state);
            let of_person = entries.entry(&entry.employee_id).or_default();
            of_person.extend(attended);
        }
        self.employees
            .iter()
            .map(|employee| EmployeeTime {
                employee: employee.clone(),
                last_entry: None,
                entries: entries.remove(&employee.id).unwrap_or_default(),
                time_off: Vec::new(),
            })
            .collect()
    }

    /// The state of the timesheet that holds an entry.
    pub(crate) fn state_of(&self, entry: &TimeEntry) -> Option<&TimesheetState> {
        let (holder, _) = self
            .holdings
            .iter()
            .find(|(_, entries)| entries.contains(&entry.id))?;
        let timesheet = self.timesheets.iter().find(|one| one.id == *holder)?;
        Some(&timesheet.state)
    }
}

/// Who works here since 25 October 2026, under that name.
pub(crate) fn named(id: &str, name: &str, manager: Option<&str>) -> Employee {
    Employee {
        id: id.into(),
        name: name.into(),
        reporting_manager: manager.map(Into::into),
        ..employee(1)
    }
}

fn employee(number: usize) -> Employee {
    Employee {
        id: format!("employee-{number}").into(),
        workspace_id: "ws".into(),
        name: format!("Person {number:05}"),
        email: None,
        status: EmployeeStatus::Active,
        role: Some("Surveyor".into()),
        start_date: Some(date(2026, 10, 25)),
        end_date: None,
        rate_type: Some(if number.is_multiple_of(3) {
            RateType::Salary
        } else {
            RateType::Hourly
        }),
        reporting_manager: Some("Ines Quill".into()),
        has_truck: number.is_multiple_of(5),
        truck_details: None,
        time_zone: None,
        is_stub: false,
    }
}

fn project(number: usize) -> Project {
    Project {
        id: format!("project-{number}").into(),
        workspace_id: "ws".into(),
        client_id: Some("client".into()),
        name: format!("P-{number:03} - Project {number}"),
        code: Some(format!("P-{number:03}")),
        title: format!("Project {number}"),
        billable: true,
        archived: false,
        is_stub: false,
    }
}

fn task(number: usize) -> Task {
    Task {
        id: format!("task-{number}").into(),
        workspace_id: "ws".into(),
        project_id: format!("project-{number}").into(),
        name: "Layout".into(),
        archived: false,
        is_stub: false,
    }
}
