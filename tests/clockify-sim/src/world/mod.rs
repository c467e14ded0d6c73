//! The company as it stands now: the generated history, and over it what has been changed since.
//! Every change tells what it did in events, as Clockify would post them, and moves the clock on
//! by a second, so that the same changes always give the same instants.

mod change_claims;
mod change_entries;
mod change_lists;
mod change_people;
mod change_sheets;
mod change_time_off;
mod entries;
mod listing;
mod of_people;
mod sheets;
mod time_off;
mod webhooks;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

pub(crate) use change_claims::NewExpense;
pub use change_entries::EntryChange;
pub(crate) use change_entries::NewEntry;
pub use change_lists::{ClientChange, GroupChange, ProjectChange, TagChange, TaskChange};
pub use change_people::PersonChange;
pub(crate) use change_time_off::NewRequest;
pub(crate) use listing::Listing;
use of_people::OfPeople;
pub(crate) use sheets::{SheetKey, SheetOrder, Timesheet};
pub(crate) use time_off::TimeOffRequest;
pub(crate) use webhooks::{Attempt, Parcel, Webhook};

use crate::{
    calendar::zone_named,
    company::{
        Company,
        claims::Expense,
        history::Entry,
        people::Person,
        work::{Client, Group, Project, Tag, by_id},
    },
    id::{Id, Kind},
    switches::Switches,
    wire,
};

/// Place of the seeded choice of rare forms; those before it are the company's and the webhooks' own.
const RARE: u64 = 103;
const ONE_IN: usize = 60;

/// Why a change was refused, in Clockify's terms.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// Deleted, never made, or of another workspace: 400 with code 501 (clockify.md §1).
    #[error("{0} doesn't belong to Workspace")]
    Gone(&'static str),
    /// The entry stands in an approved timesheet: 403 with code 4005.
    #[error("Can't edit approved time entry.")]
    Approved,
    /// Clockify's own rules forbid it: 400 with code 501.
    #[error("{0}")]
    Invalid(String),
}

/// A field that a change names: `null` is given too, and means that it is taken away.
#[allow(
    clippy::option_option,
    reason = "absent, null and given are three things"
)]
fn given<'de, D, T>(field: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    Option::<T>::deserialize(field).map(Some)
}

/// What a change tells Clockify's webhooks: an event's name and its body.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    pub(crate) body: Value,
}

/// A record that can be deleted, and restored after.
#[derive(Debug)]
enum Fate<Record> {
    Stands(Record),
    Deleted(Record),
}

impl<Record> Fate<Record> {
    fn standing(&self) -> Option<&Record> {
        match self {
            Self::Stands(record) => Some(record),
            Self::Deleted(_) => None,
        }
    }
}

/// What the detailed report is sorted by, and what its totals need of each row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReportKey {
    pub(crate) start: i64,
    pub(crate) id: Id,
    pub(crate) seconds: i64,
    pub(crate) billable: bool,
    pub(crate) earned: i64,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) company: Company,
    pub(crate) people: Vec<Person>,
    pub(crate) groups: BTreeMap<Id, Group>,
    pub(crate) clients: BTreeMap<Id, Client>,
    pub(crate) projects: BTreeMap<Id, Project>,
    pub(crate) tags: BTreeMap<Id, Tag>,
    pub(crate) switches: Switches,
    /// Entries that were made or changed since the beginning.
    entries: OfPeople<Fate<Entry>>,
    sheets: sheets::Overlay,
    requests: OfPeople<Fate<TimeOffRequest>>,
    expenses: OfPeople<Fate<Expense>>,
    /// What has been added to a balance since the beginning, in hundredths of the policy's unit.
    balance_changes: BTreeMap<(usize, Id), i64>,
    /// Seconds since 1970.
    clock: i64,
    changes: u64,
    outbox: Vec<Event>,
    /// How many bodies could have had their rare form, by event.
    could_be_rare: BTreeMap<&'static str, usize>,
    post: webhooks::Post,
    pub(crate) sheet_listing: Listing<SheetKey>,
    pub(crate) report_listing: Listing<ReportKey>,
}

impl World {
    pub(crate) fn of(company: Company, switches: Switches) -> Self {
        let people = company.people.clone();
        let mut requests = OfPeople::default();
        requests.extend(
            time_off::generated(&company)
                .map(|request| (request.person, request.id, Fate::Stands(request))),
        );
        let mut expenses = OfPeople::default();
        expenses.extend((0..people.len()).flat_map(|person| {
            let company = &company;
            (0..company.calendar.weeks())
                .filter_map(move |week| company.week_of_expenses(person, week))
                .map(move |expense| (person, expense.id, Fate::Stands(expense)))
        }));
        Self {
            groups: by_id(company.groups.clone(), |group| group.id),
            clients: by_id(company.clients.clone(), |client| client.id),
            projects: by_id(company.projects.clone(), |project| project.id),
            tags: by_id(company.tags.clone(), |tag| tag.id),
            clock: company.calendar.now(),
            people,
            company,
            switches,
            entries: OfPeople::default(),
            sheets: sheets::Overlay::default(),
            requests,
            expenses,
            balance_changes: BTreeMap::new(),
            changes: 0,
            outbox: Vec::new(),
            could_be_rare: BTreeMap::new(),
            post: webhooks::Post::default(),
            sheet_listing: Listing::default(),
            report_listing: Listing::default(),
        }
    }

    /// The simulation's own time, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock
    }

    pub(crate) fn let_time_pass(&mut self, seconds: i64) {
        self.clock += seconds.max(0);
    }

    /// How many changes there have been; what was listed before the last one is out of date.
    pub(crate) fn revision(&self) -> u64 {
        self.changes
    }

    /// Counts a change and moves the clock: the instant at which it happened.
    fn tick(&mut self) -> i64 {
        self.changes += 1;
        self.clock += 1;
        self.clock
    }

    fn made_id(&mut self, kind: Kind) -> Id {
        self.changes += 1;
        Id::made(kind, self.clock, self.changes)
    }

    /// One body in sixty has its rare form; the seed says which.
    fn tell(&mut self, name: &'static str, mut body: Value) {
        if let Some(rare) = wire::rare::form(name, &body) {
            let place = self.company.chance().at(RARE).below(ONE_IN);
            let count = self.could_be_rare.entry(name).or_default();
            if *count % ONE_IN == place {
                body = rare;
            }
            *count += 1;
        }
        self.outbox.push(Event { name, body });
    }

    /// The events since the last time that this was asked.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.outbox)
    }

    /// The person with that id, unless he left the workspace altogether.
    pub(crate) fn person_with(&self, id: Id) -> Option<usize> {
        let index = usize::try_from(id.number()).ok()?.checked_sub(1)?;
        let person = self.people.get(index)?;
        (person.id == id && !person.removed).then_some(index)
    }

    pub(crate) fn zone_of(&self, person: usize) -> TimeZone {
        zone_named(&self.people[person].zone)
            .unwrap_or_else(|| self.company.calendar.zone().clone())
    }

    pub(crate) fn expense(&self, id: Id) -> Option<&Expense> {
        self.expenses.get(id).and_then(Fate::standing)
    }

    /// All expenses, the oldest first.
    pub(crate) fn expenses(&self) -> impl DoubleEndedIterator<Item = &Expense> {
        self.expenses.all().filter_map(Fate::standing)
    }
}
