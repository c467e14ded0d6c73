//! The detailed report, some days at a time, and what follows where it differs from what is stored.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::compare::{Compared, Differences, compare};
use crate::{
    clockify::{
        client::Window,
        convert::{self, Conversion, Reported, Unreadable},
        events::Reference,
    },
    crash_point::crash_point,
    domain::{
        ids::{EmployeeId, TimeEntryId, TimesheetId},
        project::Task,
        timesheet::Timesheet,
    },
    jobs::{Slice, Stats},
    store::{
        Missing, Ticket, employee,
        membership::{self, Membership},
        rounding, task,
        ticket::{self},
        time_entry::{self, StoredEntry},
        timesheet,
    },
    sync::{
        Mirror, SyncError,
        hold::JobRecord,
        lists::ListPosition,
        plan::{Checkpoint, Days, Step},
        work::StepEnd,
    },
};

/// Rows of the report that are compared at once, about; and the longest period that every plan of Clockify allows.
const ROWS_AT_ONCE: usize = 20_000;
const ROWS_PER_PERSON_AND_DAY: usize = 2;
const MOST_DAYS: usize = 31;

/// Where the reading of entries stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntriesPosition {
    /// Up to where all entries, those that are read no more as well, follow the rule of rounding.
    #[serde(default)]
    rounding: RoundAgain,
    /// Of the running timers, which come first. None: they are read.
    running: Option<ListPosition>,
    /// The first day that is not compared yet.
    from: Date,
    /// The days under way, where the report has been read.
    under_way: Option<UnderWay>,
    /// The lists of timesheets have to be read whole.
    needs_lists: bool,
}

/// How far the stored hours have come to follow the rule of rounding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum RoundAgain {
    ToBeLookedAt,
    UpTo(TimeEntryId),
    #[default]
    Done,
}

/// What is to be done about some days of which the report has been read.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnderWay {
    days: Days,
    /// Of the report: open until its memberships are written.
    ticket: Ticket,
    /// Whose entries are still to be read; the first one's list stands at `list`.
    employees: Vec<EmployeeId>,
    list: ListPosition,
    memberships: Vec<(TimeEntryId, Option<TimesheetId>)>,
}

impl Mirror {
    pub(in crate::sync) async fn mirror_entries(
        &self,
        slice: &Slice,
        checkpoint: &mut Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        let mut position: EntriesPosition =
            checkpoint.position()?.unwrap_or_else(|| EntriesPosition {
                rounding: RoundAgain::ToBeLookedAt,
                running: Some(ListPosition::start()),
                from: checkpoint.days.first,
                under_way: None,
                needs_lists: false,
            });
        if !self.dry_run
            && self.round_again(slice, checkpoint, &mut position).await? == StepEnd::Spent
        {
            return Ok(StepEnd::Spent);
        }
        if let Some(list) = position.running.take() {
            let at = |list: &ListPosition| {
                checkpoint.at(&EntriesPosition {
                    running: Some(list.clone()),
                    ..position.clone()
                })
            };
            if self.mirror_running(slice, list, at).await? == StepEnd::Spent {
                return Ok(StepEnd::Spent);
            }
            self.save(slice, &checkpoint.at(&position)).await?;
        }
        while position.from <= checkpoint.days.last {
            let under_way = if let Some(under_way) = position.under_way.take() {
                under_way
            } else {
                let (under_way, needs_lists) =
                    self.read_report(slice, checkpoint, position.from).await?;
                position.needs_lists |= needs_lists;
                under_way
            };
            let days = under_way.days;
            match self
                .follow_up(slice, checkpoint, &position, under_way)
                .await?
            {
                FollowedUp::Spent => return Ok(StepEnd::Spent),
                FollowedUp::Void => {}
                FollowedUp::Done => position.from = days.last.saturating_add(1.day()),
            }
            if slice.is_spent() {
                return Ok(StepEnd::Spent);
            }
        }
        if position.needs_lists && !checkpoint.lists_read_whole {
            checkpoint.steps.insert(1, Step::Timesheets);
            checkpoint.reads_lists_whole = true;
        }
        Ok(StepEnd::Done)
    }

    /// "Rounding is a rule of reports and pay, not of the record" (`domain.md` §3): when it changes, it changes for entries
    /// too that are read no more. Once a week all are looked at, for what was written under a rule that was taken back.
    async fn round_again(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
        position: &mut EntriesPosition,
    ) -> Result<StepEnd, SyncError> {
        let rule = self.rules.rounding;
        if position.rounding == RoundAgain::ToBeLookedAt {
            let is_another = self
                .store
                .write(async |mut tx| {
                    slice.hold(&mut tx).await?;
                    Ok::<_, SyncError>(rounding::begin(&mut tx, rule).await?)
                })
                .await?;
            if !is_another && !checkpoint.deep && !checkpoint.thorough {
                position.rounding = RoundAgain::Done;
            }
        }
        while position.rounding != RoundAgain::Done {
            position.rounding = self
                .store
                .write(async |mut tx| {
                    slice.hold(&mut tx).await?;
                    let after = match &position.rounding {
                        RoundAgain::UpTo(id) => Some(id),
                        RoundAgain::ToBeLookedAt | RoundAgain::Done => None,
                    };
                    let rounded = rounding::go_on(&mut tx, rule, after).await?;
                    let (next, changed) = match rounded {
                        Some(rounded) => (RoundAgain::UpTo(rounded.last), rounded.changed),
                        None => (RoundAgain::Done, 0),
                    };
                    let at = checkpoint.at(&EntriesPosition {
                        rounding: next.clone(),
                        ..position.clone()
                    });
                    let done = Stats {
                        updated: changed,
                        ..Stats::default()
                    };
                    slice.save(&mut tx, &at, done).await?;
                    Ok::<_, SyncError>(next)
                })
                .await?;
            if slice.is_spent() {
                return Ok(StepEnd::Spent);
            }
        }
        Ok(StepEnd::Done)
    }

    /// Reads the report of the next days and compares.
    async fn read_report(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
        first: Date,
    ) -> Result<(UnderWay, bool), SyncError> {
        let people = self
            .store
            .read(async |mut tx| employee::list(&mut tx).await)
            .await?;
        let length =
            (ROWS_AT_ONCE / (people.len().max(1) * ROWS_PER_PERSON_AND_DAY)).clamp(1, MOST_DAYS);
        let length = i64::try_from(length).unwrap_or(1);
        let days = Days {
            first,
            last: first
                .saturating_add((length - 1).days())
                .min(checkpoint.days.last),
        };
        let ticket = ticket::draw(&self.store).await?;
        let compared = self.read_and_compare(slice, days).await;
        if compared.is_err() {
            self.give_back(ticket).await;
        }
        let (report, differences) = compared?;
        let read = Stats {
            read: report.rows.len() as u64,
            skipped: report.unreadable.len() as u64,
            ..Stats::default()
        };
        self.store
            .write(async |mut tx| {
                slice.hold(&mut tx).await?;
                slice.count(&mut tx, read).await?;
                Ok::<_, SyncError>(())
            })
            .await?;
        let under_way = UnderWay {
            days,
            ticket,
            employees: differences.employees.into_iter().collect(),
            list: ListPosition::start(),
            memberships: differences.memberships,
        };
        Ok((under_way, differences.needs_lists))
    }

    /// What the report of these days shows, and where it differs from what is stored.
    async fn read_and_compare(
        &self,
        slice: &Slice,
        days: Days,
    ) -> Result<(Report, Differences), SyncError> {
        let conversion = self.conversion().await?;
        let report = self.whole_report(self.window(days)?, &conversion).await?;
        crash_point("job.page_read");
        self.reread_renamed_tasks(slice, &report).await?;
        let differences = self.differences(days, &report).await?;
        let missing = Missing {
            ids: vec![(); differences.missing],
            live: differences.live,
        };
        self.refuse_too_many(slice, "time_entry", &missing).await?;
        Ok((report, differences))
    }

    async fn whole_report(
        &self,
        window: Window,
        conversion: &Conversion,
    ) -> Result<Report, SyncError> {
        let mut report = Report::default();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        for number in 1.. {
            let page = self.client.list_reported_entries(window, number).await?;
            report.unreadable.extend(page.unreadable);
            for row in &page.rows {
                match convert::reported_entry(row, conversion) {
                    // A row that moved to the next page meanwhile comes twice.
                    Ok(row) if ids.insert(row.entry.id.to_string()) => report.rows.push(row),
                    Ok(_) => {}
                    Err(error) => report.unreadable.push(error),
                }
            }
            if page.is_last {
                break;
            }
        }
        Ok(report)
    }

    /// Clockify lists tasks project by project alone, too many requests for a night: that one has another name shows in
    /// the report, and it is read again by itself.
    async fn reread_renamed_tasks(&self, slice: &Slice, report: &Report) -> Result<(), SyncError> {
        let named = report.rows.iter();
        let names: BTreeMap<&str, &str> = named
            .filter_map(|row| {
                Some((
                    row.entry.task_id.as_ref()?.as_str(),
                    row.task_name.as_deref()?,
                ))
            })
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = names.keys().copied().collect();
        let stored = self
            .store
            .read(async |mut tx| task::get_all(&mut tx, &ids).await)
            .await?;
        let renamed = stored
            .iter()
            .filter(|task| !task.is_stub && !task.archived)
            .filter(|task| names.get(task.id.as_str()) != Some(&task.name.trim()));
        for task in renamed {
            let of = Reference {
                project_id: Some(task.project_id.to_string()),
                ..Reference::to_id(task.id.to_string())
            };
            self.reread::<Task, _>(&of, |_| JobRecord(slice)).await?;
        }
        Ok(())
    }

    async fn differences(&self, days: Days, report: &Report) -> Result<Differences, SyncError> {
        let (stored, timesheets) = self
            .store
            .read(async |mut tx| {
                let stored = time_entry::list(&mut tx, days.first, days.last, None).await?;
                let named = timesheets_named(report, &stored);
                let named: Vec<&str> = named.iter().map(TimesheetId::as_str).collect();
                let timesheets = timesheet::get_all(&mut tx, &named).await?;
                Ok::<_, SyncError>((stored, timesheets))
            })
            .await?;
        let timesheets: HashMap<TimesheetId, Timesheet> = timesheets
            .into_iter()
            .map(|sheet| (sheet.id.clone(), sheet))
            .collect();
        Ok(compare(&Compared {
            reported: &report.rows,
            unreadable: &report.unreadable,
            stored: &stored,
            timesheets: &timesheets,
            now: Timestamp::now(),
        }))
    }

    /// Reads the entries of those who differ, then writes what the report knows about timesheets.
    async fn follow_up(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
        position: &EntriesPosition,
        mut under_way: UnderWay,
    ) -> Result<FollowedUp, SyncError> {
        let days = under_way.days;
        while let Some(employee_id) = under_way.employees.first().cloned() {
            let at = |list: &ListPosition| {
                checkpoint.at(&EntriesPosition {
                    under_way: Some(UnderWay {
                        list: list.clone(),
                        ..under_way.clone()
                    }),
                    ..position.clone()
                })
            };
            let start = under_way.list.clone();
            let read = self
                .read_entries_of(slice, &employee_id, days, start, at)
                .await?;
            let Some(read) = read else {
                return Ok(FollowedUp::Spent);
            };
            if self
                .confirm_entries_of(slice, &employee_id, days, &read)
                .await?
                == StepEnd::Spent
            {
                return Ok(FollowedUp::Spent);
            }
            under_way.employees.remove(0);
            under_way.list = ListPosition::start();
            if slice.is_spent() {
                let spent = EntriesPosition {
                    under_way: Some(under_way),
                    ..position.clone()
                };
                self.save(slice, &checkpoint.at(&spent)).await?;
                return Ok(FollowedUp::Spent);
            }
        }
        let next = checkpoint.at(&EntriesPosition {
            from: days.last.saturating_add(1.day()),
            ..position.clone()
        });
        let written = self
            .store
            .write(async |mut tx| {
                slice.hold(&mut tx).await?;
                let Some(spent) = ticket::spend(&mut tx, under_way.ticket).await? else {
                    return Ok::<_, SyncError>(FollowedUp::Void);
                };
                if !self.dry_run {
                    membership::set_each(&mut tx, spent, &under_way.memberships).await?;
                }
                let done = Stats {
                    updated: under_way.memberships.len() as u64,
                    ..Stats::default()
                };
                slice.save(&mut tx, &next, done).await?;
                Ok(FollowedUp::Done)
            })
            .await?;
        crash_point("job.page_applied");
        Ok(written)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FollowedUp {
    Done,
    Spent,
    /// The report's ticket has become void meanwhile: its days are read again.
    Void,
}

#[derive(Debug, Default)]
struct Report {
    rows: Vec<Reported>,
    unreadable: Vec<Unreadable>,
}

fn timesheets_named(report: &Report, stored: &[StoredEntry]) -> BTreeSet<TimesheetId> {
    let reported = report
        .rows
        .iter()
        .filter_map(|row| row.timesheet_id.clone());
    let held = stored.iter().filter_map(|stored| match &stored.membership {
        Membership::Held { timesheet_id, .. } => Some(timesheet_id.clone()),
        Membership::None | Membership::Released { .. } => None,
    });
    reported.chain(held).collect()
}
