//! Timesheets as they stand: the generated ones, with what was handed in, approved, rejected or
//! withdrawn since, and which entries each holds.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use jiff::{ToSpan, civil::Date};

use super::{Fate, World};
use crate::{
    calendar::sunday_of,
    company::{
        claims::Expense,
        history::Entry,
        sheets::{SheetState, sheet_range},
    },
    id::{Id, Kind},
};

#[derive(Clone, Debug)]
pub(crate) struct Timesheet {
    pub(crate) id: Id,
    pub(crate) person: usize,
    pub(crate) sunday: Date,
    pub(crate) state: SheetState,
    pub(crate) updated_at: i64,
    pub(crate) updated_by: usize,
    pub(crate) note: String,
}

/// What a list of timesheets is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SheetKey {
    pub(crate) id: Id,
    pub(crate) person: u32,
    pub(crate) week: u16,
    pub(crate) state: SheetState,
    pub(crate) updated_at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SheetOrder {
    Id,
    Person,
    Start,
    UpdatedAt,
}

#[derive(Debug, Default)]
pub(super) struct Overlay {
    /// Timesheets that were handed in or changed since the beginning.
    pub(super) changed: BTreeMap<Id, Timesheet>,
    /// For entries that a change has touched: the timesheet that holds them, if any.
    pub(super) membership: HashMap<Id, Option<Id>>,
    generated: OnceLock<Vec<SheetKey>>,
}

impl World {
    pub(crate) fn sheet(&self, id: Id) -> Option<Timesheet> {
        if let Some(sheet) = self.sheets.changed.get(&id) {
            return Some(sheet.clone());
        }
        if id.kind() != Kind::Timesheet {
            return None;
        }
        let (person, week, _) = id.place_in_history()?;
        let base = self.company.base_sheet(person, week)?;
        (base.id == id).then(|| Timesheet {
            id,
            person,
            sunday: self.company.calendar.sunday(week),
            state: base.state,
            updated_at: base.updated_at,
            updated_by: base.updated_by,
            note: String::new(),
        })
    }

    fn generated_sheets(&self) -> &[SheetKey] {
        self.sheets.generated.get_or_init(|| {
            let weeks = self.company.calendar.weeks();
            let mut keys: Vec<SheetKey> = (0..weeks)
                .flat_map(|week| (0..self.company.people.len()).map(move |person| (person, week)))
                .filter_map(|(person, week)| {
                    let base = self.company.base_sheet(person, week)?;
                    Some(SheetKey {
                        id: base.id,
                        person: u32::try_from(person).ok()?,
                        week: u16::try_from(week).ok()?,
                        state: base.state,
                        updated_at: base.updated_at,
                    })
                })
                .collect();
            keys.sort_by_key(|key| (key.updated_at, key.id));
            keys
        })
    }

    /// Every timesheet of those states, sorted.
    pub(crate) fn sheets_in(
        &mut self,
        states: &[SheetState],
        order: SheetOrder,
        descending: bool,
    ) -> Arc<Vec<SheetKey>> {
        let question = format!("{states:?} {order:?} {descending}");
        if let Some(keys) = self.sheet_listing.kept(self.changes, &question) {
            return keys;
        }
        let calendar = &self.company.calendar;
        let mut keys: Vec<SheetKey> = self
            .generated_sheets()
            .iter()
            .filter(|key| !self.sheets.changed.contains_key(&key.id))
            .copied()
            .chain(self.sheets.changed.values().map(|sheet| {
                SheetKey {
                    id: sheet.id,
                    person: u32::try_from(sheet.person).unwrap_or(0),
                    week: calendar
                        .week_of(sheet.sunday)
                        .and_then(|week| u16::try_from(week).ok())
                        .unwrap_or(u16::MAX),
                    state: sheet.state,
                    updated_at: sheet.updated_at,
                }
            }))
            .filter(|key| states.contains(&key.state))
            .collect();
        let by = |a: &SheetKey, b: &SheetKey| -> Ordering {
            match order {
                SheetOrder::Id => a.id.cmp(&b.id),
                SheetOrder::Person => (a.person, a.id).cmp(&(b.person, b.id)),
                SheetOrder::Start => (a.week, a.id).cmp(&(b.week, b.id)),
                SheetOrder::UpdatedAt => (a.updated_at, a.id).cmp(&(b.updated_at, b.id)),
            }
        };
        keys.sort_by(|a, b| if descending { by(b, a) } else { by(a, b) });
        self.sheet_listing.keep(self.changes, &question, keys)
    }

    /// The range of a timesheet in its owner's zone, in seconds since 1970.
    pub(crate) fn range_of(&self, sheet: &Timesheet) -> (i64, i64) {
        sheet_range(sheet.sunday, &self.people[sheet.person].zone)
    }

    /// The entries that a timesheet holds, the latest first.
    pub(crate) fn entries_of(&self, sheet: &Timesheet) -> Vec<Entry> {
        if !sheet.state.holds_entries() {
            return Vec::new();
        }
        let (from, to) = self.range_of(sheet);
        // A member may have been moved out of the week since; a day around it is wide enough for
        // zones, and members that were moved further are found among the changed entries.
        let mut entries = self.entries_between(sheet.person, from - 86_400, to + 86_400);
        entries.retain(|entry| {
            self.sheet_of(entry)
                .is_some_and(|holder| holder.id == sheet.id)
        });
        entries
    }

    /// A person's entries of a local week, finished ones alone.
    pub(super) fn finished_in_week(&self, person: usize, sunday: Date) -> Vec<Entry> {
        let (from, to) = sheet_range(sunday, &self.people[person].zone);
        let mut entries = self.entries_between(person, from, to + 1);
        entries.retain(|entry| entry.end.is_some());
        entries
    }

    /// Whether something of a person's waits for approval.
    pub(crate) fn has_pending_sheet(&self, person: usize) -> bool {
        let made = self
            .sheets
            .changed
            .values()
            .any(|sheet| sheet.person == person && sheet.state == SheetState::Pending);
        made || (0..self.company.calendar.weeks())
            .filter_map(|week| self.company.base_sheet(person, week))
            .any(|base| {
                base.state == SheetState::Pending && !self.sheets.changed.contains_key(&base.id)
            })
    }

    /// The timesheet that holds an expense: the one of its week that still stands.
    pub(crate) fn sheet_of_expense(&self, expense: &Expense) -> Option<Timesheet> {
        let sunday = sunday_of(expense.date);
        let week = self.company.calendar.week_of(sunday)?;
        let base = self.company.base_sheet(expense.person, week);
        self.sheets
            .changed
            .values()
            .filter(|sheet| sheet.person == expense.person && sheet.sunday == sunday)
            .map(|sheet| sheet.id)
            .chain(base.map(|base| base.id))
            .filter_map(|id| self.sheet(id))
            .find(|sheet| sheet.state.holds_entries())
    }

    /// The expenses of a timesheet's week.
    pub(crate) fn expenses_of(&self, sheet: &Timesheet) -> Vec<&Expense> {
        if !sheet.state.holds_entries() {
            return Vec::new();
        }
        let last = sheet.sunday.saturating_add(6.days());
        self.expenses
            .of(sheet.person)
            .filter_map(Fate::standing)
            .filter(|expense| (sheet.sunday..=last).contains(&expense.date))
            .collect()
    }
}
