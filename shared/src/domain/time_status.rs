//! Who has submitted, who has not, who was off (`domain.md` §7 *Time status*).

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::{
    absence::{absence_notes, listed},
    attendance::{AttendanceDay, Counting, DayStatus, EmployeeTime, EntryState, Workplace},
    ids::{EmployeeId, TimesheetId},
    leave::counted_days,
    staff_names::StaffNames,
    time::{Period, Week, days_from, is_weekday},
    time_off::TimeOffStatus,
};

/// Who owes timesheets since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStatusRules {
    /// The first day for which a missing timesheet is reported.
    pub records_start: Date,
    /// People who need not submit: left out of the missing weeks.
    pub need_not_submit: BTreeSet<EmployeeId>,
}

impl Default for TimeStatusRules {
    /// Since 31 December 2023, and everyone.
    fn default() -> Self {
        Self {
            records_start: date(2023, 12, 31),
            need_not_submit: BTreeSet::new(),
        }
    }
}

impl TimeStatusRules {
    /// The whole weeks of a report's period and of all that can be missing.
    pub fn looked_at(&self, period: Period, today: Date) -> Period {
        let first_day = period.first_day().min(self.records_start);
        let last_day = period.last_day().max(Week::last_complete(today).saturday());
        Period::new(first_day, last_day)
            .unwrap_or(period)
            .whole_weeks()
    }
}

/// A timesheet as this report sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedTimesheet {
    pub timesheet_id: TimesheetId,
    pub employee_id: EmployeeId,
    pub days: Period,
    pub state: EntryState,
    /// It asks for expenses alone: no time was sent with it.
    pub expenses_only: bool,
    /// The local date on which it came into its state, where Clockify says so.
    pub state_since: Option<Date>,
    /// Of the entries that it holds.
    pub hours: Decimal,
}

/// Everything that the report prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStatus {
    /// Whole weeks.
    pub period: Period,
    pub weeks: Vec<StaffWeek>,
    /// The last day for which something can be missing.
    pub missing_through: Date,
    /// Weeks for which somebody owes a timesheet.
    pub missing: Vec<MissingWeek>,
    /// Every timesheet that nobody has decided on, the longest waiting first.
    pub pending: Vec<PendingTimesheet>,
}

/// Everyone employed on any day of one week, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffWeek {
    pub week: Week,
    pub staff: Vec<StaffStatus>,
}

/// One employee in one week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffStatus {
    pub employee_id: EmployeeId,
    pub name: String,
    pub manager: Option<String>,
    pub status: WeekStatus,
    pub notes: Vec<String>,
}

/// A week for which nothing is submitted or approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingWeek {
    pub employee_id: EmployeeId,
    pub name: String,
    pub manager: Option<String>,
    pub week: Week,
    pub status: WeekStatus,
}

/// A timesheet that nobody has decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTimesheet {
    pub timesheet_id: TimesheetId,
    pub employee_id: EmployeeId,
    pub name: String,
    pub manager: Option<String>,
    pub days: Period,
    /// None where Clockify does not say since when.
    pub waits_since: Option<Date>,
    pub days_waited: Option<i64>,
    pub hours: Decimal,
}

/// How a week stands; the worst first: "the worst open state wins".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WeekStatus {
    Rejected,
    /// Has entries and sent nothing, or took back what was sent.
    NotSubmitted,
    /// A weekday without entry, leave or holiday.
    NoTime,
    Submitted,
    Approved,
    /// Off, or holiday, all week.
    NotApplicable,
}

impl WeekStatus {
    pub const ALL: [Self; 6] = [
        Self::Rejected,
        Self::NotSubmitted,
        Self::NoTime,
        Self::Submitted,
        Self::Approved,
        Self::NotApplicable,
    ];

    /// The word in the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "REJECTED",
            Self::NotSubmitted => "NOT SUBMITTED",
            Self::NoTime => "NO TIME",
            Self::Submitted => "SUBMITTED",
            Self::Approved => "APPROVED",
            Self::NotApplicable => "NOT APPLICABLE",
        }
    }

    fn of(state: EntryState) -> Self {
        match state {
            EntryState::Rejected => Self::Rejected,
            EntryState::Withdrawn | EntryState::NotSubmitted => Self::NotSubmitted,
            EntryState::Pending => Self::Submitted,
            EntryState::Approved => Self::Approved,
        }
    }
}

/// The report on the whole weeks that a period touches, as of a local date. `people` are all employees,
/// each with the entries of those weeks and, for the missing weeks, of all weeks since the records began.
pub fn time_status(
    period: Period,
    people: &[EmployeeTime],
    timesheets: &[SubmittedTimesheet],
    workplace: &Workplace<'_>,
    rules: &TimeStatusRules,
    today: Date,
) -> TimeStatus {
    let period = period.whole_weeks();
    let looked_at = rules.looked_at(period, today);
    let mut sent: HashMap<&EmployeeId, Vec<&SubmittedTimesheet>> = HashMap::new();
    for timesheet in timesheets {
        sent.entry(&timesheet.employee_id)
            .or_default()
            .push(timesheet);
    }
    let mut staff: Vec<Submitter<'_>> = people
        .iter()
        .map(|time| {
            let timesheets = sent.remove(&time.employee.id).unwrap_or_default();
            Submitter {
                time,
                name: String::new(),
                by_week: by_week(&timesheets, looked_at),
                timesheets,
                workplace,
            }
        })
        .collect();
    // Who left long ago shares no name with anybody here.
    staff.retain(|one| {
        !one.timesheets.is_empty() || one.time.employment().during(looked_at).is_some()
    });
    let names = StaffNames::of(staff.iter().map(|one| {
        let employee = &one.time.employee;
        (&employee.id, employee.name.as_str())
    }));
    staff.sort_by_key(|one| names.place(&one.time.employee.id));
    for one in &mut staff {
        one.name = names.name(&one.time.employee.id);
    }

    let mut weeks: Vec<StaffWeek> = period
        .weeks()
        .map(|week| StaffWeek {
            week,
            staff: Vec::new(),
        })
        .collect();
    for one in &staff {
        for (week, (_, days)) in weeks.iter_mut().zip(one.days_by_week(period)) {
            week.staff.extend(one.status_in(week.week, &days));
        }
    }
    let missing = staff
        .iter()
        .filter(|one| !rules.need_not_submit.contains(&one.time.employee.id))
        .flat_map(|one| one.missing_weeks(rules, today))
        .collect();
    let mut pending: Vec<PendingTimesheet> = staff
        .iter()
        .flat_map(|one| one.pending_timesheets(today))
        .collect();
    // Who says nothing of since when counts from the timesheet's last day.
    pending.sort_by_key(|one| (one.waits_since.unwrap_or(one.days.last_day()), one.days));
    TimeStatus {
        period,
        weeks,
        missing_through: Week::last_complete(today).saturday(),
        missing,
        pending,
    }
}

/// "A timesheet counts for the weeks its days touch", as far as they are looked at; one of expenses alone says nothing of
/// the time of any week.
fn by_week<'a>(
    timesheets: &[&'a SubmittedTimesheet],
    looked_at: Period,
) -> HashMap<Week, Vec<&'a SubmittedTimesheet>> {
    let mut by_week: HashMap<Week, Vec<&SubmittedTimesheet>> = HashMap::new();
    for timesheet in timesheets.iter().copied().filter(|one| !one.expenses_only) {
        let days = timesheet.days.overlap(looked_at);
        for week in days.into_iter().flat_map(Period::weeks) {
            by_week.entry(week).or_default().push(timesheet);
        }
    }
    by_week
}

/// One employee with all that he sent.
struct Submitter<'a> {
    time: &'a EmployeeTime,
    name: String,
    timesheets: Vec<&'a SubmittedTimesheet>,
    by_week: HashMap<Week, Vec<&'a SubmittedTimesheet>>,
    workplace: &'a Workplace<'a>,
}

impl Submitter<'_> {
    /// None for who was not employed on any day of the week.
    fn status_in(&self, week: Week, days: &[AttendanceDay]) -> Option<StaffStatus> {
        let employment = self.time.employment();
        employment.during(week.period())?;
        let without_time = days_without_time(days);
        let mut notes = absence_notes(days, employment, week.period());
        if !without_time.is_empty() {
            notes.push(format!("no time on {}", listed(&without_time)));
        }
        let asked_for = self.leave_asked_for(&without_time);
        if !asked_for.is_empty() {
            notes.push(format!("leave not decided for {}", listed(&asked_for)));
        }
        let waiting: Decimal = days.iter().map(|day| day.waiting).sum();
        if !waiting.is_zero() {
            notes.push(format!("{waiting:.2} h wait"));
        }
        let employee = &self.time.employee;
        Some(StaffStatus {
            employee_id: employee.id.clone(),
            name: self.name.clone(),
            manager: employee.reporting_manager.clone(),
            status: self.week_status(week, days),
            notes,
        })
    }

    /// Attendance once for all weeks that a period touches.
    fn days_by_week(&self, period: Period) -> Vec<(Week, Vec<AttendanceDay>)> {
        let mut days = self
            .workplace
            .attendance(
                self.time,
                period.whole_weeks(),
                Counting::ApprovedAndPending,
            )
            .into_iter()
            .peekable();
        period
            .weeks()
            .map(|week| {
                let of_week =
                    std::iter::from_fn(|| days.next_if(|day| week.period().contains(day.date)));
                (week, of_week.collect())
            })
            .collect()
    }

    /// The worst of the entries' states, of the timesheets that touch the week, and of weekdays without
    /// anything. A timesheet that was rejected or withdrawn is open only while no other has been sent for
    /// the week; its entries say so themselves.
    fn week_status(&self, week: Week, days: &[AttendanceDay]) -> WeekStatus {
        let of_entries = days.iter().filter_map(|day| match day.status {
            DayStatus::Timesheet(state) => Some(WeekStatus::of(state)),
            _ => None,
        });
        let was_sent = self.has_sent(week);
        let of_timesheets = self
            .touching(week)
            .map(|timesheet| WeekStatus::of(timesheet.state))
            .filter(|status| !was_sent || *status >= WeekStatus::Submitted);
        let no_time = (!days_without_time(days).is_empty()).then_some(WeekStatus::NoTime);
        of_entries
            .chain(of_timesheets)
            .chain(no_time)
            .min()
            .unwrap_or(WeekStatus::NotApplicable)
    }

    fn touching(&self, week: Week) -> impl Iterator<Item = &SubmittedTimesheet> {
        self.by_week.get(&week).into_iter().flatten().copied()
    }

    fn has_sent(&self, week: Week) -> bool {
        self.touching(week)
            .any(|timesheet| matches!(timesheet.state, EntryState::Pending | EntryState::Approved))
    }

    /// "Missing weeks since the later of the start date and RECORDS_START, weeks of leave skipped",
    /// through the last complete week and the end of employment.
    fn missing_weeks(&self, rules: &TimeStatusRules, today: Date) -> Vec<MissingWeek> {
        let employee = &self.time.employee;
        let since = employee
            .start_date
            .map_or(rules.records_start, |start| start.max(rules.records_start));
        let through = Week::last_complete(today).saturday();
        let Some(owed) = Period::new(since, through)
            .ok()
            .and_then(|owed| self.time.employment().during(owed))
        else {
            return Vec::new();
        };
        self.days_by_week(owed)
            .into_iter()
            .filter(|(week, _)| !self.has_sent(*week))
            .filter_map(|(week, days)| {
                let status = self.week_status(week, &days);
                (status < WeekStatus::Submitted).then(|| MissingWeek {
                    employee_id: employee.id.clone(),
                    name: self.name.clone(),
                    manager: employee.reporting_manager.clone(),
                    week,
                    status,
                })
            })
            .collect()
    }

    fn pending_timesheets(&self, today: Date) -> Vec<PendingTimesheet> {
        let employee = &self.time.employee;
        self.timesheets
            .iter()
            .filter(|timesheet| timesheet.state == EntryState::Pending)
            .map(|timesheet| PendingTimesheet {
                timesheet_id: timesheet.timesheet_id.clone(),
                employee_id: employee.id.clone(),
                name: self.name.clone(),
                manager: employee.reporting_manager.clone(),
                days: timesheet.days,
                waits_since: timesheet.state_since,
                days_waited: timesheet.state_since.map(|since| days_from(since, today)),
                hours: timesheet.hours,
            })
            .collect()
    }

    /// Those of the dates that lie in a request which nobody has decided on.
    fn leave_asked_for(&self, dates: &[Date]) -> Vec<Date> {
        let holidays = self.workplace.holidays_of(&self.time.employee.id);
        let asked: HashSet<Date> = self
            .time
            .time_off
            .iter()
            .filter(|request| request.status == TimeOffStatus::Pending)
            .flat_map(|request| counted_days(request, &holidays))
            .collect();
        dates
            .iter()
            .copied()
            .filter(|date| asked.contains(date))
            .collect()
    }
}

/// "NO TIME (a weekday without entry, leave or holiday)", of the days employed.
fn days_without_time(days: &[AttendanceDay]) -> Vec<Date> {
    days.iter()
        .filter(|day| day.employed && is_weekday(day.date) && day.status == DayStatus::NoTime)
        .map(|day| day.date)
        .collect()
}

#[cfg(test)]
mod tests;
