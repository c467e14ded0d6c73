//! Recording, editing, splitting, deleting and restoring time entries.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fate, Refusal, World, given};
use crate::{
    company::{
        history::{Entry, EntryKind, Sheet},
        sheets::SheetState,
    },
    id::{Id, Kind},
    wire,
};

const WHAT: &str = "Time entry";

/// A time entry to be recorded; without an end it is a timer that runs.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    pub(crate) person: usize,
    pub(crate) start: i64,
    pub(crate) end: Option<i64>,
    pub(crate) kind: EntryKind,
    pub(crate) project: Option<Id>,
    pub(crate) task: Option<Id>,
    pub(crate) tags: Vec<Id>,
    /// The project's own setting when None.
    pub(crate) billable: Option<bool>,
    pub(crate) description: String,
    pub(crate) fields: Option<Sheet>,
}

/// What to change about an entry; None leaves it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryChange {
    pub start: Option<Timestamp>,
    /// Null lets it run again.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub end: Option<Option<Timestamp>>,
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub project: Option<Option<Id>>,
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub task: Option<Option<Id>>,
    pub tags: Option<Vec<Id>>,
    pub billable: Option<bool>,
    pub description: Option<String>,
}

impl World {
    pub(crate) fn record_entry(&mut self, new: NewEntry) -> Result<Id, Refusal> {
        if new.end.is_some_and(|end| end < new.start) {
            return Err(Refusal::Invalid(
                "Start datetime is after end datetime".to_owned(),
            ));
        }
        for tag in &new.tags {
            self.tags.get(tag).ok_or(Refusal::Gone("Tag"))?;
        }
        let mut entry = Entry {
            id: Id::made(Kind::TimeEntry, 0, 0),
            person: new.person,
            start: new.start,
            end: new.end,
            kind: new.kind,
            project: None,
            task: None,
            tags: new.tags,
            billable: new.billable.unwrap_or(false),
            description: Cow::Owned(new.description),
            rate: None,
            fields: new.fields,
            late: true,
        };
        self.put_on_project(&mut entry, new.project, new.task)?;
        if new.billable.is_none() {
            entry.billable = self.is_billable(entry.project);
        }
        entry.rate = self.rate_of(&entry);
        self.tick();
        entry.id = self.made_id(Kind::TimeEntry);
        let event = if entry.end.is_some() {
            "NEW_TIME_ENTRY"
        } else {
            "NEW_TIMER_STARTED"
        };
        let id = entry.id;
        self.store_entry(entry, event);
        Ok(id)
    }

    fn put_on_project(
        &self,
        entry: &mut Entry,
        project: Option<Id>,
        task: Option<Id>,
    ) -> Result<(), Refusal> {
        // The API accepts entries on archived projects (clockify.md §4.1).
        let found = match project {
            None => None,
            Some(id) => Some(self.projects.get(&id).ok_or(Refusal::Gone("Project"))?),
        };
        if let Some(task) = task {
            found
                .and_then(|project| project.tasks.iter().find(|row| row.id == task))
                .ok_or(Refusal::Gone("Task"))?;
        }
        entry.project = project;
        entry.task = task;
        Ok(())
    }

    fn is_billable(&self, project: Option<Id>) -> bool {
        project
            .and_then(|id| self.projects.get(&id))
            .is_some_and(|project| project.billable)
    }

    fn rate_of(&self, entry: &Entry) -> Option<crate::company::Rate> {
        let of_project = entry
            .project
            .filter(|_| entry.billable)
            .and_then(|id| self.projects.get(&id))
            .and_then(|project| project.rate);
        of_project.or(self.people[entry.person].rate)
    }

    fn store_entry(&mut self, entry: Entry, event: &'static str) {
        self.tell(event, wire::entries::webhook_body(self, &entry));
        self.entries
            .put(entry.person, entry.id, Fate::Stands(entry));
    }

    /// The entry, if it stands and its timesheet is not approved.
    fn open_entry(&self, id: Id) -> Result<Entry, Refusal> {
        let entry = self.entry(id).ok_or(Refusal::Gone(WHAT))?;
        match self.sheet_of(&entry) {
            Some(sheet) if sheet.state == SheetState::Approved => Err(Refusal::Approved),
            _ => Ok(entry),
        }
    }

    pub(crate) fn edit_entry(&mut self, id: Id, change: EntryChange) -> Result<(), Refusal> {
        let mut entry = self.open_entry(id)?;
        let was_running = entry.end.is_none();
        let project = change.project.unwrap_or(entry.project);
        let task = change.task.unwrap_or(if project == entry.project {
            entry.task
        } else {
            None
        });
        self.put_on_project(&mut entry, project, task)?;
        if let Some(start) = change.start {
            entry.start = start.as_second();
        }
        if let Some(end) = change.end {
            entry.end = end.map(Timestamp::as_second);
        }
        if let Some(tags) = change.tags {
            entry.tags = tags;
        }
        if let Some(billable) = change.billable {
            entry.billable = billable;
        }
        if let Some(description) = change.description {
            entry.description = Cow::Owned(description);
        }
        if entry.end.is_some_and(|end| end < entry.start) {
            return Err(Refusal::Invalid(
                "Start datetime is after end datetime".to_owned(),
            ));
        }
        entry.rate = self.rate_of(&entry);
        self.tick();
        let event = if was_running && entry.end.is_some() {
            "TIMER_STOPPED"
        } else {
            "TIME_ENTRY_UPDATED"
        };
        self.store_entry(entry, event);
        Ok(())
    }

    /// Cuts an entry in two at an instant: it keeps the first part, a new one takes the rest. The
    /// only event names the first, so that the second must be looked for (clockify.md §9.3: U).
    pub(crate) fn split_entry(&mut self, id: Id, at: i64) -> Result<Id, Refusal> {
        let mut first = self.open_entry(id)?;
        let end = first.end.unwrap_or(first.start);
        if at <= first.start || at >= end {
            return Err(Refusal::Invalid(
                "Split time must lie within the time entry".to_owned(),
            ));
        }
        self.tick();
        let mut second = first.clone();
        second.id = self.made_id(Kind::TimeEntry);
        second.start = at;
        second.late = true;
        if let Some(sheet) = self.sheet_of(&first) {
            self.sheets.membership.insert(second.id, Some(sheet.id));
        }
        first.end = Some(at);
        let new = second.id;
        self.entries
            .put(second.person, second.id, Fate::Stands(second));
        self.store_entry(first, "TIME_ENTRY_SPLIT");
        Ok(new)
    }

    pub(crate) fn delete_entry(&mut self, id: Id) -> Result<(), Refusal> {
        let entry = self.open_entry(id)?;
        self.tick();
        self.tell(
            "TIME_ENTRY_DELETED",
            wire::entries::webhook_body(self, &entry),
        );
        self.entries
            .put(entry.person, entry.id, Fate::Deleted(entry));
        Ok(())
    }

    pub(crate) fn restore_entry(&mut self, id: Id) -> Result<(), Refusal> {
        let Some(Fate::Deleted(entry)) = self.entries.get(id) else {
            return Err(Refusal::Gone(WHAT));
        };
        let entry = entry.clone();
        self.tick();
        self.store_entry(entry, "TIME_ENTRY_RESTORED");
        Ok(())
    }
}
