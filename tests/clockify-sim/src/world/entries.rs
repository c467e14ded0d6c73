//! Time entries as they stand: the generated weeks, minus what was deleted, with what was made or
//! edited since.

use super::{Fate, Timesheet, World};
use crate::{
    company::history::Entry,
    id::{Id, Kind},
};

impl World {
    /// The entry with that id, unless it was deleted or never existed.
    pub(crate) fn entry(&self, id: Id) -> Option<Entry> {
        match self.entries.get(id) {
            Some(fate) => fate.standing().cloned(),
            None => self.generated_entry(id),
        }
    }

    fn generated_entry(&self, id: Id) -> Option<Entry> {
        if id.kind() != Kind::TimeEntry {
            return None;
        }
        let (person, week, _) = id.place_in_history()?;
        self.company
            .week_of_entries(person, week)
            .into_iter()
            .find(|entry| entry.id == id)
    }

    /// A person's entries that start in `from..to` (seconds since 1970), the latest first, as
    /// Clockify lists them (clockify.md §4).
    pub(crate) fn entries_between(&self, person: usize, from: i64, to: i64) -> Vec<Entry> {
        let mut rows: Vec<Entry> = self
            .company
            .calendar
            .weeks_between(from, to)
            .flat_map(|week| self.company.week_of_entries(person, week))
            .filter(|entry| self.entries.get(entry.id).is_none())
            .chain(self.changed_entries(person).cloned())
            .filter(|entry| (from..to).contains(&entry.start))
            .collect();
        rows.sort_by_key(|entry| std::cmp::Reverse((entry.start, entry.id)));
        rows
    }

    fn changed_entries(&self, person: usize) -> impl Iterator<Item = &Entry> {
        self.entries.of(person).filter_map(Fate::standing)
    }

    /// All running timers.
    pub(crate) fn running_entries(&self) -> Vec<Entry> {
        let week = self.company.calendar.weeks();
        let mut rows: Vec<Entry> = (0..self.people.len())
            .filter_map(|person| self.company.running_timer(person, week))
            .filter(|entry| self.entries.get(entry.id).is_none())
            .chain((0..self.people.len()).flat_map(|person| {
                self.changed_entries(person)
                    .filter(|entry| entry.end.is_none())
                    .cloned()
            }))
            .collect();
        rows.sort_by_key(|entry| std::cmp::Reverse((entry.start, entry.id)));
        rows
    }

    /// The timesheet that holds an entry: none that was rejected or withdrawn does.
    pub(crate) fn sheet_of(&self, entry: &Entry) -> Option<Timesheet> {
        let id = match self.sheets.membership.get(&entry.id) {
            Some(sheet) => (*sheet)?,
            None if entry.late || entry.end.is_none() => return None,
            None => {
                let (person, week, _) = entry.id.place_in_history()?;
                self.company.base_sheet(person, week)?.id
            }
        };
        self.sheet(id).filter(|sheet| sheet.state.holds_entries())
    }
}
