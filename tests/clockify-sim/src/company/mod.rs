//! The made-up company as it stood when the simulation began. Small lists are kept; what people
//! recorded week by week is generated whenever it is asked for, so that ten thousand people with
//! years of history cost nothing to start and little to hold.

pub(crate) mod claims;
pub(crate) mod history;
pub(crate) mod leave;
mod names;
pub(crate) mod people;
pub(crate) mod sheets;
pub(crate) mod work;

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use crate::{
    calendar::{Calendar, zone_named},
    chance::Chance,
};
use claims::Category;
use leave::{Holiday, Policy};
use people::{CustomField, Person};
use work::{Client, Group, Project, Tag};

/// An hourly rate in the minor unit of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) cents: i64,
    pub(crate) currency: &'static str,
}

impl Rate {
    pub(crate) fn cad(cents: i64) -> Self {
        Self {
            cents,
            currency: "CAD",
        }
    }
}

// Places of the seeded choices; see `chance`.
const PEOPLE: u64 = 1;
const PROJECTS: u64 = 2;
const HISTORY: u64 = 3;
const HOME: u64 = 4;
const LEAVE: u64 = 5;
const SHEETS: u64 = 6;
const CLAIMS: u64 = 7;

/// The zone in which the company works.
pub(crate) const COMPANY_ZONE: &str = "America/Edmonton";

#[derive(Clone, Debug)]
pub(crate) struct Company {
    chance: Chance,
    pub(crate) calendar: Calendar,
    pub(crate) people: Vec<Person>,
    pub(crate) groups: Vec<Group>,
    pub(crate) clients: Vec<Client>,
    pub(crate) projects: Vec<Project>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) holidays: Vec<Holiday>,
    general_holidays: BTreeSet<Date>,
    pub(crate) categories: Vec<Category>,
    pub(crate) fields: Vec<CustomField>,
}

impl Company {
    /// A company of so many people whose last full week ended just before `now`.
    pub(crate) fn founded(seed: u64, people: usize, weeks: usize, now: Timestamp) -> Self {
        let zone = zone_named(COMPANY_ZONE).unwrap_or(jiff::tz::TimeZone::UTC);
        let calendar = Calendar::ending_before(now, weeks, zone);
        let chance = Chance::seeded(seed);
        let (first, last) = (calendar.sunday(0), calendar.date(weeks, 6));
        let staff = people::people(people.max(1), seed, chance.at(PEOPLE), first, last);
        let clients = work::clients(people);
        let holidays = leave::holidays(first.year(), last.year() + 1);
        Self {
            chance,
            groups: work::groups(&staff),
            projects: work::projects(people, &clients, chance.at(PROJECTS)),
            clients,
            tags: work::tags(),
            policies: leave::policies(),
            general_holidays: leave::general_holidays(&holidays, calendar.dates()),
            holidays,
            categories: claims::categories(),
            fields: people::custom_fields(&staff),
            people: staff,
            calendar,
        }
    }

    /// The seed's own stream, for what is no part of the company.
    pub(crate) fn chance(&self) -> Chance {
        self.chance
    }

    fn chance_of(&self, what: u64, person: usize, week: usize) -> Chance {
        self.chance.at(what).at(person as u64).at(week as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{
        calendar::sunday_of,
        company::{
            history::EntryKind,
            people::{Membership, part},
            sheets::SheetState,
        },
        id::Id,
    };

    fn sixty() -> Company {
        Company::founded(1, 60, 12, "2026-11-02T15:00:00Z".parse().unwrap())
    }

    fn all_entries(company: &Company) -> Vec<history::Entry> {
        (0..company.people.len())
            .flat_map(|person| (0..=12).map(move |week| (person, week)))
            .flat_map(|(person, week)| company.week_of_entries(person, week))
            .collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_company_and_another_seed_another() {
        let entries = |seed| {
            let now = "2026-11-02T15:00:00Z".parse().unwrap();
            all_entries(&Company::founded(seed, 60, 4, now))
        };
        assert_eq!(entries(5), entries(5));
        assert_ne!(entries(5), entries(6));
    }

    #[test]
    fn sixty_people_hold_one_of_each_kind_that_makes_trouble() {
        let company = sixty();
        let people = &company.people;
        assert_eq!(people.len(), 60);
        assert_eq!(
            people[part::NAMESAKE].name,
            people[part::OTHER_NAMESAKE].name
        );
        assert_ne!(
            people[part::NAMESAKE].email,
            people[part::OTHER_NAMESAKE].email
        );
        assert_eq!(people[part::LEAVER].membership, Membership::Inactive);
        assert!(people[part::INVITED].name.is_none());
        let emails: HashSet<&str> = people.iter().map(|person| person.email.as_str()).collect();
        assert_eq!(emails.len(), 60);
    }

    #[test]
    fn the_last_full_week_waits_for_more_than_fifty_approvals() {
        let company = sixty();
        let waiting = (0..60)
            .filter_map(|person| company.base_sheet(person, 11))
            .filter(|sheet| sheet.state == SheetState::Pending)
            .count();
        assert!((50..60).contains(&waiting), "{waiting}");
    }

    #[test]
    fn the_history_holds_what_the_rules_stumble_over() {
        let company = sixty();
        let entries = all_entries(&company);
        let zone = company.calendar.zone();
        let local = |seconds: i64| {
            Timestamp::from_second(seconds)
                .unwrap()
                .to_zoned(zone.clone())
                .date()
        };
        let some = |what: &str, test: &dyn Fn(&history::Entry) -> bool| {
            assert!(entries.iter().any(test), "no entry with {what}");
        };
        some("a running timer", &|entry| entry.end.is_none());
        some("a break", &|entry| entry.kind == EntryKind::Break);
        some("a holiday's own entry", &|entry| {
            entry.kind == EntryKind::Holiday
        });
        some("automatic time off", &|entry| {
            entry.kind == EntryKind::TimeOff
        });
        some("no project", &|entry| {
            entry.kind == EntryKind::Regular && entry.project.is_none()
        });
        some("midnight inside", &|entry| {
            entry
                .end
                .is_some_and(|end| local(end) != local(entry.start))
        });
        some("more than eight hours", &|entry| entry.seconds() > 8 * 3600);
        some("odd minutes", &|entry| entry.seconds() % 900 != 0);
        some("work on a Saturday", &|entry| {
            local(entry.start).weekday() == jiff::civil::Weekday::Saturday
        });
        some("no rate although billable", &|entry| {
            entry.billable && entry.rate.is_none()
        });
        some("a late recording", &|entry| entry.late);
        for tag in [work::TAG_BANKED_OFFICE, work::TAG_BANKED_SITE] {
            some("a banked day", &|entry| {
                entry.tags.contains(&work::tag_id(tag))
            });
        }
    }

    #[test]
    fn entries_have_ids_of_their_own_that_lead_back_to_their_week() {
        let company = sixty();
        let mut seen: HashSet<Id> = HashSet::new();
        for entry in all_entries(&company) {
            assert!(seen.insert(entry.id), "{} twice", entry.id);
            let (person, week, _) = entry.id.place_in_history().unwrap();
            assert_eq!(person, entry.person);
            let date = Timestamp::from_second(entry.start)
                .unwrap()
                .to_zoned(company.calendar.zone().clone())
                .date();
            if entry.end.is_some() {
                assert_eq!(sunday_of(date), company.calendar.sunday(week));
            }
        }
    }

    #[test]
    fn a_week_with_something_to_hand_in_has_entries() {
        let company = sixty();
        for person in 0..60 {
            for week in 0..12 {
                let finished = !company.week_of_entries(person, week).is_empty();
                assert_eq!(finished, company.works_in(person, week), "{person} {week}");
            }
        }
    }
}
