//! What people work on: clients, projects, tasks and tags, and the groups they work in.

use std::collections::BTreeMap;

use super::{Rate, names, people::Person};
use crate::{
    chance::Chance,
    id::{Id, Kind},
};

/// The only workspace that the simulator knows.
pub(crate) fn workspace_id() -> Id {
    Id::new(Kind::Workspace, 0x5ca2_2770, 1)
}

#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) note: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) currency: &'static str,
    pub(crate) archived: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) client: Option<Id>,
    pub(crate) billable: bool,
    pub(crate) rate: Option<Rate>,
    pub(crate) color: &'static str,
    pub(crate) note: String,
    pub(crate) archived: bool,
    pub(crate) tasks: Vec<Task>,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) done: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) archived: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) members: Vec<Id>,
    pub(crate) managers: Vec<Id>,
}

pub(crate) const TAG_BANKED_OFFICE: usize = 0;
pub(crate) const TAG_BANKED_SITE: usize = 1;
pub(crate) const TAG_TRAVEL: usize = 2;
const TAGS: [(&str, bool); 6] = [
    ("BANKED - OFFICE", false),
    ("BANKED - SITE", false),
    ("🚚 Travel / déplacement", false),
    ("Night shift", false),
    ("BANKED", true),
    ("Old tag – do not use", true),
];

pub(crate) fn tag_id(index: usize) -> Id {
    let made = 0x651a_db2c + 60 * i64::try_from(index).unwrap_or(0);
    Id::new(Kind::Tag, made, index as u64 + 1)
}

pub(super) fn tags() -> Vec<Tag> {
    TAGS.iter()
        .enumerate()
        .map(|(index, &(name, archived))| Tag {
            id: tag_id(index),
            name: name.to_owned(),
            archived,
        })
        .collect()
}

fn client_id(index: usize) -> Id {
    Id::new(Kind::Client, 0x5ff3_4990, index as u64 + 1)
}

/// Twelve clients, and one more for every two hundred people beyond sixty.
pub(super) fn clients(people: usize) -> Vec<Client> {
    (0..12 + people.saturating_sub(60) / 200)
        .map(|index| {
            let (code, long_name) = names::CLIENTS[index % names::CLIENTS.len()];
            let round = index / names::CLIENTS.len();
            let suffix = if round == 0 {
                String::new()
            } else {
                (round + 1).to_string()
            };
            let known = !long_name.is_empty();
            Client {
                id: client_id(index),
                name: format!("{code}{suffix}"),
                note: match index % 5 {
                    1 if !known => None,
                    _ => Some(long_name.to_owned()),
                },
                email: known.then(|| format!("ap@{}{suffix}.example.com", code.to_lowercase())),
                address: known.then(|| format!("{} Example Ave, Calgary, AB", 100 + index)),
                currency: if code == "CMD" { "USD" } else { "CAD" },
                archived: code == "OMC",
            }
        })
        .collect()
}

fn project_id(index: usize) -> Id {
    let made = 0x6638_f0ac + 60 * i64::try_from(index).unwrap_or(0);
    Id::new(Kind::Project, made, index as u64 + 1)
}

/// Projects that stand for the office itself, after the clients' own.
pub(crate) const INTERNAL_PROJECTS: usize = 3;
const COLORS: [&str; 5] = ["#03A9F4", "#4CAF50", "#9E9E9E", "#FF5722", "#673AB7"];

/// Sixty projects, and one more for every twenty people beyond sixty. The last three are the
/// office's own: one without a client, one without a separator in its name, one for time off.
pub(super) fn projects(people: usize, clients: &[Client], chance: Chance) -> Vec<Project> {
    let count = 60 + people.saturating_sub(60) / 20;
    (0..count)
        .map(|index| project(index, count, clients, chance.at(index as u64)))
        .collect()
}

fn project(index: usize, count: usize, clients: &[Client], mut chance: Chance) -> Project {
    let own = index + INTERNAL_PROJECTS >= count;
    let client = &clients[index % clients.len()];
    let number = 101 + index / clients.len();
    let title = names::PROJECT_TITLES[index % names::PROJECT_TITLES.len()];
    let (name, client_of) = match count - index {
        3 => ("INT-001 - Office Administration".to_owned(), None),
        2 => ("Shop and Yard".to_owned(), Some(&clients[0])),
        1 => ("INT-002 - Time Off".to_owned(), None),
        _ => (format!("{}-{number} - {title}", client.name), Some(client)),
    };
    let billable = !own;
    let currency = client_of.map_or("CAD", |client| client.currency);
    let rate = match chance.below(10) {
        _ if own => Some(Rate { cents: 0, currency }),
        // A project may have no rate of its own: then the member's holds.
        0..=2 => None,
        _ => Some(Rate {
            cents: chance.between(90, 150) * 100,
            currency,
        }),
    };
    let id = project_id(index);
    Project {
        id,
        name,
        client: client_of.map(|client| client.id),
        billable,
        rate,
        color: COLORS[index % COLORS.len()],
        note: if index.is_multiple_of(3) {
            format!("PO 4500-EX-{index}")
        } else {
            String::new()
        },
        archived: client_of.is_some_and(|client| client.archived) && index % 2 == 1,
        tasks: (0..if own { 0 } else { 2 + index % 3 })
            .map(|task| Task {
                id: Id::new(
                    Kind::Task,
                    i64::from(id.created()) + 86_400,
                    id.number() * 8 + task as u64,
                ),
                name: names::TASKS[task % names::TASKS.len()].to_owned(),
                done: false,
            })
            .collect(),
    }
}

fn group_id(index: usize) -> Id {
    Id::new(Kind::UserGroup, 0x621e_4300, index as u64 + 1)
}

/// Which group is which, for holidays and policies that are assigned to one.
pub(crate) const GROUP_OFFICE: usize = 2;

pub(super) fn groups(people: &[Person]) -> Vec<Group> {
    use super::people::Crew;
    let of_crew = |crew: Crew| -> Vec<Id> {
        people
            .iter()
            .filter(|person| person.name.is_some() && person.crew == crew)
            .map(|person| person.id)
            .collect()
    };
    let managers: Vec<Id> = people
        .iter()
        .skip(1)
        .take(2)
        .map(|person| person.id)
        .collect();
    [
        ("Field Crew", of_crew(Crew::Field), managers.clone()),
        ("Night Crew", of_crew(Crew::Nights), managers),
        ("Office", of_crew(Crew::Office), Vec::new()),
        ("Contractors (empty)", Vec::new(), Vec::new()),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, (name, members, managers))| Group {
        id: group_id(index),
        name: name.to_owned(),
        members,
        managers,
    })
    .collect()
}

pub(super) fn group(index: usize) -> Id {
    group_id(index)
}

/// Records by id, as the world keeps those that can be changed.
pub(crate) fn by_id<T>(records: Vec<T>, id: impl Fn(&T) -> Id) -> BTreeMap<Id, T> {
    records
        .into_iter()
        .map(|record| (id(&record), record))
        .collect()
}
