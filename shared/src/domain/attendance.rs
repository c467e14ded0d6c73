//! Attendance: what one employee worked, banked and is paid on one local day (`domain.md` §4).
//!
//! The rule that this module keeps: a row adds up, always. `worked = regular + overtime + banked`, and
//! total paid = regular + overtime + paid time off + STAT. Overtime's weekly test needs whole weeks, so
//! callers give the entries of [`Period::whole_weeks`], also where a pay period or a report cuts one.

mod day;
mod pay_rules;
mod reason;
mod status;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    employee::{Employee, Group},
    employment::Employment,
    holiday::{EmployeeHolidays, Holidays},
    ids::{EmployeeId, PolicyId},
    time::{Period, is_weekday},
    time_entry::{EntryKind, TimeEntry},
    time_off::{Holiday, Policy, TimeOffRequest, TimeOffStatus},
};
pub use day::{AttendanceDay, BankedDay, TimeOffShare};
pub use pay_rules::{BankedTag, Counting, PayRules, WeeklyTest};
pub use reason::{BankedReason, Reason};
pub use status::{DayStatus, EntryState};

/// A finished entry as attendance sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttendedEntry {
    /// The local date on which it starts: it belongs there, also when it crosses midnight.
    pub date: Date,
    /// Rounded.
    pub hours: Decimal,
    /// Only REGULAR entries are work.
    pub kind: EntryKind,
    /// Names, as people wrote them.
    pub tags: Vec<String>,
    pub state: EntryState,
}

impl AttendedEntry {
    /// None while the timer runs: that is not time yet, and counts nowhere.
    pub fn of(entry: &TimeEntry, tags: Vec<String>, state: EntryState) -> Option<Self> {
        Some(Self {
            date: entry.start_date,
            hours: entry.hours?,
            kind: entry.kind.clone(),
            tags,
            state,
        })
    }
}

/// What is known about one employee's time: entries of whole weeks, and every request that touches them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmployeeTime {
    pub employee: Employee,
    /// The date of the latest entry ever but for holidays, which Clockify enters ahead: who is INACTIVE without an end
    /// date was employed through it.
    pub last_entry: Option<Date>,
    pub entries: Vec<AttendedEntry>,
    /// Of any status; only APPROVED ones pay.
    pub time_off: Vec<TimeOffRequest>,
}

impl EmployeeTime {
    pub fn employment(&self) -> Employment {
        Employment::of(&self.employee, self.last_entry)
    }
}

/// What attendance needs to know of the company, made ready once for all employees.
#[derive(Clone, Debug)]
pub struct Workplace<'a> {
    rules: &'a PayRules,
    holidays: Holidays<'a>,
    policies: HashMap<&'a PolicyId, &'a Policy>,
    /// By the tag's comparable form.
    banked_tags: HashMap<String, Decimal>,
}

impl<'a> Workplace<'a> {
    pub fn new(
        rules: &'a PayRules,
        holidays: &'a [Holiday],
        groups: &'a [Group],
        policies: &'a [Policy],
    ) -> Self {
        Self {
            rules,
            holidays: Holidays::new(holidays, groups),
            policies: policies.iter().map(|policy| (&policy.id, policy)).collect(),
            banked_tags: rules
                .banked_tags
                .iter()
                .map(|tag| (comparable_tag(&tag.name), tag.day_length))
                .collect(),
        }
    }

    pub fn rules(&self) -> &'a PayRules {
        self.rules
    }

    /// The holidays that hold for an employee.
    pub fn holidays_of(&self, employee: &EmployeeId) -> EmployeeHolidays<'a> {
        self.holidays.of(employee)
    }

    /// A policy's name; its id where the policy is unknown.
    pub fn policy_name(&self, policy: &PolicyId) -> String {
        self.known_policy_name(policy)
            .unwrap_or(policy.as_str())
            .to_owned()
    }

    /// None also for a stub, which has no name.
    fn known_policy_name(&self, policy: &PolicyId) -> Option<&'a str> {
        let name = self.policies.get(policy)?.name.as_str();
        (!name.trim().is_empty()).then_some(name)
    }

    /// Every day of a period, with or without anything on it. The entries must be those of the period's
    /// whole weeks.
    pub fn attendance(
        &self,
        time: &EmployeeTime,
        period: Period,
        counting: Counting,
    ) -> Vec<AttendanceDay> {
        let holidays = self.holidays_of(&time.employee.id);
        let employment = time.employment();
        let mut entries = entries_by_day(time);
        let mut leave = self.leave_by_day(time, &holidays);
        let tests_weeks = self
            .rules
            .weekly_test_for
            .holds_for(time.employee.rate_type);

        let mut days = Vec::new();
        for week in period.weeks() {
            let mut work: Vec<DayWork> = week
                .period()
                .days()
                .map(|date| {
                    let entries = entries.remove(&date).unwrap_or_default();
                    self.work_of(date, holidays.on(date), &entries, counting)
                })
                .collect();
            if tests_weeks {
                move_weekly_overtime(&mut work, self.rules.weekly_limit);
            }
            let of_period = work.into_iter().filter(|work| period.contains(work.date));
            days.extend(of_period.map(|work| {
                let time_off = leave.remove(&work.date).unwrap_or_default();
                self.row(time, employment.on(work.date), &work, time_off)
            }));
        }
        days
    }

    /// Banked hours of each day that has some, oldest first. The weekly test moves hours from regular
    /// to overtime alone, so that no whole weeks are needed here.
    pub fn banked_days(&self, time: &EmployeeTime, counting: Counting) -> Vec<BankedDay> {
        let holidays = self.holidays_of(&time.employee.id);
        entries_by_day(time)
            .into_iter()
            .filter_map(|(date, entries)| {
                let work = self.work_of(date, holidays.on(date), &entries, counting);
                work.banked_reason.map(|reason| BankedDay {
                    date,
                    worked: work.worked,
                    banked: work.banked,
                    reason,
                })
            })
            .collect()
    }

    /// The approved leave of each day, by policy name.
    fn leave_by_day(
        &self,
        time: &EmployeeTime,
        holidays: &EmployeeHolidays<'_>,
    ) -> HashMap<Date, Vec<TimeOffShare>> {
        let leave = &self.rules.leave;
        let mut by_day: HashMap<Date, Vec<TimeOffShare>> = HashMap::new();
        let approved = time
            .time_off
            .iter()
            .filter(|request| request.status == TimeOffStatus::Approved);
        for request in approved {
            let policy_name = self.policy_name(&request.policy_id);
            let paid = leave.pays(&request.policy_id, &policy_name, time.employee.rate_type);
            for (date, hours) in leave.spread(request, holidays) {
                let shares = by_day.entry(date).or_default();
                match shares
                    .iter_mut()
                    .find(|share| share.policy_id == request.policy_id)
                {
                    Some(share) => share.hours += hours,
                    None => shares.push(TimeOffShare {
                        policy_id: request.policy_id.clone(),
                        policy_name: policy_name.clone(),
                        hours,
                        paid,
                    }),
                }
            }
        }
        for shares in by_day.values_mut() {
            shares.sort_by(|one, other| {
                (&one.policy_name, &one.policy_id).cmp(&(&other.policy_name, &other.policy_id))
            });
        }
        by_day
    }

    /// §4.1 to 4.4 for one day, before the weekly test.
    fn work_of(
        &self,
        date: Date,
        holiday: Option<&'a Holiday>,
        entries: &[&AttendedEntry],
        counting: Counting,
    ) -> DayWork<'a> {
        let work = || {
            entries
                .iter()
                .filter(|entry| entry.kind == EntryKind::Regular)
        };
        let counted = || work().filter(|entry| counting.counts(entry.state));
        let waiting_work = || work().filter(|entry| !counting.counts(entry.state));

        let worked: Decimal = counted().map(|entry| entry.hours).sum();
        let banked_length = counted()
            .flat_map(|entry| &entry.tags)
            .filter_map(|tag| self.banked_tags.get(&comparable_tag(tag)).copied())
            .max();
        let day_length = banked_length.unwrap_or(self.rules.day_length);
        let is_free_day = holiday.is_some() || !is_weekday(date);
        let banked = match banked_length {
            None => Decimal::ZERO,
            Some(_) if is_free_day => worked,
            Some(day_length) => (worked - day_length).max(Decimal::ZERO),
        };
        let banked_reason = (!banked.is_zero()).then_some(match (holiday, is_free_day) {
            (Some(_), _) => BankedReason::Holiday,
            (None, true) => BankedReason::Weekend,
            (None, false) => BankedReason::WeekdayOver(day_length),
        });
        let regular = (worked - banked).min(day_length);
        DayWork {
            date,
            holiday,
            day_length,
            worked,
            banked,
            banked_reason,
            regular,
            overtime: worked - banked - regular,
            weekly_overtime: Decimal::ZERO,
            waiting: waiting_work().map(|entry| entry.hours).sum(),
            waiting_for: waiting_work().map(|entry| entry.state).min(),
            worst_state: work().map(|entry| entry.state).min(),
        }
    }

    /// §4.5 to 4.7: time off, STAT, total, status and reasons.
    fn row(
        &self,
        time: &EmployeeTime,
        employed: bool,
        work: &DayWork<'_>,
        time_off: Vec<TimeOffShare>,
    ) -> AttendanceDay {
        let stat = if work.holiday.is_some() && is_weekday(work.date) && employed {
            self.rules.stat_hours
        } else {
            Decimal::ZERO
        };
        let paid_time_off: Decimal = time_off.iter().map(TimeOffShare::paid_hours).sum();
        AttendanceDay {
            employee_id: time.employee.id.clone(),
            date: work.date,
            holiday: work.holiday.map(|holiday| holiday.name.clone()),
            employed,
            day_length: work.day_length,
            worked: work.worked,
            regular: work.regular,
            overtime: work.overtime,
            banked: work.banked,
            stat,
            total_paid: work.regular + work.overtime + paid_time_off + stat,
            status: match (work.worst_state, time_off.is_empty(), work.holiday) {
                (Some(state), _, _) => DayStatus::Timesheet(state),
                (None, false, _) => DayStatus::TimeOff,
                (None, true, Some(_)) => DayStatus::Holiday,
                (None, true, None) => DayStatus::NoTime,
            },
            waiting: work.waiting,
            reasons: self.reasons(work, employed, &time_off),
            time_off,
        }
    }

    fn reasons(
        &self,
        work: &DayWork<'_>,
        employed: bool,
        time_off: &[TimeOffShare],
    ) -> Vec<Reason> {
        let has_worked = !work.worked.is_zero();
        let has_paid_leave = time_off.iter().any(|share| !share.paid_hours().is_zero());
        let has_daily_overtime = work.overtime > work.weekly_overtime;
        let of_work = [
            work.banked_reason.map(Reason::Banked),
            (has_worked && work.holiday.is_some()).then_some(Reason::WorkedOnHoliday),
            has_daily_overtime.then_some(Reason::DailyOvertime(work.day_length)),
            (!work.weekly_overtime.is_zero())
                .then_some(Reason::WeeklyOvertime(self.rules.weekly_limit)),
            (has_worked && !employed).then_some(Reason::WorkedOutsideEmployment),
            (has_paid_leave && !employed).then_some(Reason::LeaveOutsideEmployment),
            work.waiting_for.map(Reason::Waiting),
        ];
        let of_leave = time_off.iter().map(|share| {
            if share.paid {
                Reason::PaidUnder(share.policy_name.clone())
            } else {
                Reason::NotPaidUnder(share.policy_name.clone())
            }
        });
        let unknown = time_off.iter().map(|share| &share.policy_id);
        let unknown = unknown.filter(|policy| self.known_policy_name(policy).is_none());
        of_work
            .into_iter()
            .flatten()
            .chain(of_leave)
            .chain(unknown.cloned().map(Reason::UnknownPolicy))
            .collect()
    }
}

/// The work of one day on its way to a row.
#[derive(Clone, Debug)]
struct DayWork<'a> {
    date: Date,
    holiday: Option<&'a Holiday>,
    day_length: Decimal,
    worked: Decimal,
    banked: Decimal,
    banked_reason: Option<BankedReason>,
    regular: Decimal,
    overtime: Decimal,
    /// The part of the overtime that the weekly test added.
    weekly_overtime: Decimal,
    waiting: Decimal,
    waiting_for: Option<EntryState>,
    worst_state: Option<EntryState>,
}

/// §4.4, the law's weekly test over one week: overtime is, over the days that are no holiday, the greater
/// of the sum of the daily overtimes and the unbanked hours over the limit. What the test adds moves from
/// regular to overtime, from Saturday backwards; nothing moves out of a holiday.
fn move_weekly_overtime(week: &mut [DayWork<'_>], limit: Decimal) {
    let ordinary = || week.iter().filter(|day| day.holiday.is_none());
    let daily: Decimal = ordinary().map(|day| day.overtime).sum();
    let unbanked: Decimal = ordinary().map(|day| day.worked - day.banked).sum();
    let mut to_move = (unbanked - limit - daily).max(Decimal::ZERO);
    let from_saturday = week.iter_mut().rev().filter(|day| day.holiday.is_none());
    for day in from_saturday {
        let moved = to_move.min(day.regular);
        day.regular -= moved;
        day.overtime += moved;
        day.weekly_overtime = moved;
        to_move -= moved;
    }
}

fn entries_by_day(time: &EmployeeTime) -> BTreeMap<Date, Vec<&AttendedEntry>> {
    let mut by_day: BTreeMap<Date, Vec<&AttendedEntry>> = BTreeMap::new();
    for entry in &time.entries {
        by_day.entry(entry.date).or_default().push(entry);
    }
    by_day
}

/// Without case and without spaces around the dash: `Banked-Office` is `BANKED - OFFICE`.
fn comparable_tag(name: &str) -> String {
    let parts: Vec<String> = name
        .split('-')
        .map(|part| part.trim().to_lowercase())
        .collect();
    parts.join("-")
}
