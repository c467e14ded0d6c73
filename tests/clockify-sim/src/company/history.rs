//! The generated history of time entries: what one person recorded in one week, as a pure function
//! of the seed, the person and the week.

use std::borrow::Cow;

use super::{
    Company, Rate,
    leave::{Absences, DayPart, SICK},
    names,
    people::{Crew, Person, part, part_of},
    work::{INTERNAL_PROJECTS, TAG_BANKED_OFFICE, TAG_BANKED_SITE, TAG_TRAVEL, tag_id},
};
use crate::{
    chance::Chance,
    id::{Id, Kind},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    Regular,
    Break,
    Holiday,
    TimeOff,
}

impl EntryKind {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Regular => "REGULAR",
            Self::Break => "BREAK",
            Self::Holiday => "HOLIDAY",
            Self::TimeOff => "TIME_OFF",
        }
    }
}

/// What somebody filled into the custom fields of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) work_order: u16,
    pub(crate) tenths_of_kilometre: u16,
    pub(crate) night: bool,
}

/// One stretch of work. Instants are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: Id,
    pub(crate) person: usize,
    pub(crate) start: i64,
    /// None while a timer runs.
    pub(crate) end: Option<i64>,
    pub(crate) kind: EntryKind,
    pub(crate) project: Option<Id>,
    pub(crate) task: Option<Id>,
    pub(crate) tags: Vec<Id>,
    pub(crate) billable: bool,
    pub(crate) description: Cow<'static, str>,
    pub(crate) rate: Option<Rate>,
    pub(crate) fields: Option<Sheet>,
    /// Recorded after the week's timesheet was handed in: no timesheet holds it.
    pub(crate) late: bool,
}

impl Entry {
    pub(crate) fn seconds(&self) -> i64 {
        self.end.map_or(0, |end| end - self.start)
    }
}

const HOUR: i64 = 3600;
const MINUTE: i64 = 60;

/// One person's week while it is being written.
struct Writing<'a> {
    company: &'a Company,
    person: usize,
    week: usize,
    chance: Chance,
    absences: Absences,
    /// The two or three projects that the person worked on that week.
    projects: [usize; 3],
    entries: Vec<Entry>,
}

impl Company {
    /// All that a person recorded in a week, in the order of its start.
    pub(crate) fn week_of_entries(&self, person: usize, week: usize) -> Vec<Entry> {
        let Some(who) = self.people.get(person) else {
            return Vec::new();
        };
        let absences = self.absences(person, week);
        if week > self.calendar.weeks() || !self.works(who, &absences, week) {
            return self.running_timer(person, week).into_iter().collect();
        }
        let mut chance = self.chance_of(super::HISTORY, person, week);
        let clients_projects = self.projects.len() - INTERNAL_PROJECTS;
        let home = self
            .chance_of(super::HOME, person, week / 4)
            .below(clients_projects);
        let projects = [
            home,
            chance.below(clients_projects),
            clients_projects + chance.below(2),
        ];
        let mut writing = Writing {
            company: self,
            person,
            week,
            chance,
            absences,
            projects,
            entries: Vec::new(),
        };
        for day in 0..7 {
            if who.is_employed(self.calendar.date(week, day)) {
                writing.day(day, who.crew);
            }
        }
        let mut entries = writing.entries;
        if week == self.calendar.weeks() {
            entries.retain(|entry| entry.end.is_some_and(|end| end < self.calendar.now()));
        }
        entries.extend(self.running_timer(person, week));
        entries
    }

    /// Whether the person has a day to work in that week, and so something to hand in.
    pub(crate) fn works_in(&self, person: usize, week: usize) -> bool {
        self.people
            .get(person)
            .is_some_and(|who| self.works(who, &self.absences(person, week), week))
    }

    fn works(&self, who: &Person, absences: &Absences, week: usize) -> bool {
        (1..6).any(|day| {
            let date = self.calendar.date(week, day);
            who.is_employed(date)
                && !self.is_general_holiday(date)
                && absences
                    .on(date)
                    .is_none_or(|leave| leave.part != DayPart::Whole)
        })
    }

    /// The timer that a person left running, found in the unfinished week.
    pub(crate) fn running_timer(&self, person: usize, week: usize) -> Option<Entry> {
        let who = self.people.get(person)?;
        if week != self.calendar.weeks() || part_of(person) != part::WITH_RUNNING_TIMER {
            return None;
        }
        let start = self.calendar.now() - 47 * MINUTE - 11;
        let project = &self.projects[person % (self.projects.len() - INTERNAL_PROJECTS)];
        Some(Entry {
            id: Id::in_week(Kind::TimeEntry, start, person, week, 0xFFF),
            person,
            start,
            end: None,
            kind: EntryKind::Regular,
            project: Some(project.id),
            task: project.tasks.first().map(|task| task.id),
            tags: Vec::new(),
            billable: true,
            description: "Timer still running".into(),
            rate: project.rate.or(who.rate),
            fields: None,
            late: false,
        })
    }
}

impl Writing<'_> {
    fn day(&mut self, day: usize, crew: Crew) {
        let date = self.company.calendar.date(self.week, day);
        let weekend = self.company.calendar.is_weekend(self.week, day);
        let leave = self.absences.on(date);
        if let Some(leave) = leave
            && leave.part == DayPart::Whole
        {
            if !weekend && leave.policy == SICK {
                self.made_entry(day, EntryKind::TimeOff, "Sick");
            }
            return;
        }
        if let Some(holiday) = self.company.holiday_with_entries(date) {
            self.made_entry(day, EntryKind::Holiday, holiday.name);
        }
        if self.company.is_general_holiday(date) || weekend {
            let last = self.week + 1 == self.company.calendar.weeks();
            let late = day == 6
                && match part_of(self.person) {
                    part::LATE_ENTRY => last,
                    part::HALF_APPROVED => self.week + 2 == self.company.calendar.weeks(),
                    _ => false,
                };
            let odds = if crew == Crew::Office { 40 } else { 11 };
            if late || (crew != Crew::Nights && self.chance.one_in(odds)) {
                let hours = self.chance.between(3, 9);
                self.stretch(day, 8 * HOUR, hours * HOUR, 0);
                if let Some(entry) = self.entries.last_mut() {
                    entry.late = late;
                }
            }
            return;
        }
        let first_working_day = self.entries.is_empty();
        if !first_working_day && self.chance.one_in(70) {
            return;
        }
        let half = leave.map(|leave| leave.part);
        match crew {
            Crew::Office => self.office_day(day, half),
            Crew::Field => self.field_day(day, half),
            Crew::Nights => self.stretch(day, 19 * HOUR + 30 * MINUTE, 8 * HOUR + 30 * MINUTE, 0),
        }
    }

    fn office_day(&mut self, day: usize, half: Option<DayPart>) {
        if half != Some(DayPart::FirstHalf) {
            let project = usize::from(self.chance.one_in(4)) * 2;
            self.stretch(day, 8 * HOUR, 4 * HOUR, project);
        }
        if half != Some(DayPart::SecondHalf) {
            let longer = match part_of(self.person) {
                part::BANKS_AT_OFFICE if day == 2 => 2 * HOUR,
                _ if self.chance.one_in(9) => self.chance.between(1, 4) * 30 * MINUTE,
                _ => 0,
            };
            let project = self.chance.below(3);
            self.stretch(day, 12 * HOUR + 30 * MINUTE, 4 * HOUR + longer, project);
            if longer >= HOUR && (self.banks() || self.chance.one_in(3)) {
                self.tag(TAG_BANKED_OFFICE);
            }
        }
    }

    fn field_day(&mut self, day: usize, half: Option<DayPart>) {
        let start = self
            .chance
            .pick(&[6 * HOUR + 30 * MINUTE, 7 * HOUR, 7 * HOUR]);
        // Most days are eight to ten hours long; some are timed to the second.
        let mut long = self.chance.pick(&[16, 16, 17, 18, 20, 20, 21, 24]) * 30 * MINUTE;
        if half.is_some() {
            long = 4 * HOUR;
        }
        if self.chance.one_in(6) {
            long += self.chance.between(-9 * MINUTE, 9 * MINUTE);
        }
        let start = if half == Some(DayPart::FirstHalf) {
            12 * HOUR
        } else {
            start
        };
        if long > 6 * HOUR && self.chance.one_in(3) {
            let lunch = start + 5 * HOUR;
            self.stretch(day, start, 5 * HOUR, 0);
            if self.chance.one_in(2) {
                self.pause(day, lunch);
            }
            let project = self.chance.below(2);
            self.stretch(day, lunch + 30 * MINUTE, long - 5 * HOUR, project);
        } else {
            self.stretch(day, start, long, 0);
        }
        if long > 9 * HOUR && (self.banks() || self.chance.one_in(8)) {
            self.tag(TAG_BANKED_SITE);
        } else if self.chance.one_in(12) {
            self.tag(TAG_TRAVEL);
        }
    }

    fn banks(&self) -> bool {
        matches!(
            part_of(self.person),
            part::BANKS_AT_OFFICE | part::BANKS_ON_SITE
        )
    }

    fn tag(&mut self, tag: usize) {
        if let Some(entry) = self.entries.last_mut() {
            entry.tags.push(tag_id(tag));
        }
    }

    /// A stretch of work of so many seconds on one of the week's projects.
    fn stretch(&mut self, day: usize, from: i64, seconds: i64, project: usize) {
        let company = self.company;
        let project = &company.projects[self.projects[project]];
        let forgot_project = self.chance.one_in(120);
        let billable = project.billable && !forgot_project && !self.chance.one_in(15);
        let night = from >= 18 * HOUR;
        let fields = self.chance.one_in(5).then(|| Sheet {
            work_order: u16::try_from(self.chance.below(9_000)).unwrap_or(0) + 1_000,
            tenths_of_kilometre: u16::try_from(self.chance.below(2_500)).unwrap_or(0),
            night,
        });
        let task = project
            .tasks
            .get(self.chance.below(project.tasks.len() + 1))
            .filter(|_| !forgot_project);
        let description = self.chance.pick(&names::DESCRIPTIONS);
        // A billable hour is worth the project's rate, or the member's where the project has none.
        let of_person = company.people[self.person].rate;
        let rate = if billable {
            project.rate.or(of_person)
        } else {
            of_person
        };
        self.push(Entry {
            project: (!forgot_project).then_some(project.id),
            task: task.map(|task| task.id),
            billable,
            description: description.into(),
            rate,
            fields,
            ..self.blank(day, from, seconds, EntryKind::Regular)
        });
    }

    fn pause(&mut self, day: usize, from: i64) {
        let pause = Entry {
            description: "Lunch".into(),
            ..self.blank(day, from, 30 * MINUTE, EntryKind::Break)
        };
        self.push(pause);
    }

    /// An entry that Clockify makes by itself, for time off or a holiday.
    fn made_entry(&mut self, day: usize, kind: EntryKind, description: &'static str) {
        let company = self.company;
        let entry = Entry {
            project: company.projects.last().map(|project| project.id),
            description: description.into(),
            ..self.blank(day, 8 * HOUR, 8 * HOUR, kind)
        };
        self.push(entry);
    }

    fn blank(&self, day: usize, from: i64, seconds: i64, kind: EntryKind) -> Entry {
        let start = self.company.calendar.instant(self.week, day, from);
        Entry {
            id: Id::in_week(
                Kind::TimeEntry,
                start,
                self.person,
                self.week,
                self.entries.len(),
            ),
            person: self.person,
            start,
            end: Some(start + seconds),
            kind,
            project: None,
            task: None,
            tags: Vec::new(),
            billable: false,
            description: Cow::Borrowed(""),
            rate: self.company.people[self.person].rate,
            fields: None,
            late: false,
        }
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }
}
