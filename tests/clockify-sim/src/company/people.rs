//! People: who they are, when they were employed, and the custom fields that Clockify keeps on
//! them. A company of any size holds, in every sixty, one of each kind that makes trouble.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};

use super::{Rate, names, work::workspace_id};
use crate::{
    chance::Chance,
    id::{Id, Kind},
};

/// The parts that people play in every sixty; all others are unremarkable.
pub(crate) mod part {
    pub(crate) const OWNER: usize = 0;
    pub(crate) const LAST_MANAGER: usize = 4;
    pub(crate) const NAMESAKE: usize = 7;
    pub(crate) const OTHER_NAMESAKE: usize = 8;
    pub(crate) const LEAVER: usize = 9;
    pub(crate) const INVITED: usize = 10;
    pub(crate) const WITHOUT_RATE_TYPE: usize = 11;
    pub(crate) const WITHOUT_START_DATE: usize = 12;
    pub(crate) const WITH_ODD_START_DATE: usize = 13;
    pub(crate) const WITHOUT_MANAGER: usize = 14;
    pub(crate) const WITHOUT_FIELDS: usize = 15;
    pub(crate) const IN_DENVER: usize = 16;
    pub(crate) const IN_VANCOUVER: usize = 17;
    pub(crate) const WITH_RUNNING_TIMER: usize = 18;
    pub(crate) const ON_NIGHTS: usize = 19;
    pub(crate) const HALF_DAY_OFF: usize = 20;
    pub(crate) const BANKED_DAY_OFF: usize = 21;
    pub(crate) const WEEK_OFF: usize = 22;
    pub(crate) const UNPAID_DAY: usize = 23;
    pub(crate) const LEAVE_ASKED_FOR: usize = 24;
    pub(crate) const LEAVE_OVER_WEEKEND: usize = 25;
    pub(crate) const LEAVE_REJECTED: usize = 26;
    pub(crate) const NOT_SUBMITTED: [usize; 2] = [27, 28];
    pub(crate) const APPROVED_EARLY: usize = 29;
    pub(crate) const LATE_ENTRY: usize = 30;
    pub(crate) const STILL_PENDING: usize = 31;
    pub(crate) const REJECTED: usize = 32;
    pub(crate) const APPROVAL_WITHDRAWN: usize = 33;
    pub(crate) const SUBMISSION_WITHDRAWN: usize = 34;
    pub(crate) const HALF_APPROVED: usize = 35;
    pub(crate) const ON_SICK_DAY: usize = 36;
    pub(crate) const BANKS_AT_OFFICE: usize = 37;
    pub(crate) const BANKS_ON_SITE: usize = 38;
    pub(crate) const WITHOUT_RATE: usize = 39;
}

/// The part that a person plays: after the first sixty the parts repeat, except for the owner and
/// the managers.
pub(crate) fn part_of(person: usize) -> usize {
    let part = person % 60;
    if person >= 60 && part <= part::LAST_MANAGER {
        59
    } else {
        part
    }
}

/// How somebody's week goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crew {
    Office,
    Field,
    Nights,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    Active,
    Inactive,
    Pending,
}

impl Membership {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Pending => "PENDING",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: Id,
    /// None for an invitation that nobody has taken up.
    pub(crate) name: Option<String>,
    pub(crate) email: String,
    pub(crate) membership: Membership,
    pub(crate) zone: String,
    pub(crate) rate: Option<Rate>,
    pub(crate) cost_rate: Option<Rate>,
    /// By custom field; absent when never filled in, null when cleared.
    pub(crate) fields: BTreeMap<Id, Value>,
    pub(crate) crew: Crew,
    pub(crate) first_day: Date,
    pub(crate) last_day: Option<Date>,
    /// Left the workspace altogether: no list shows him any more.
    pub(crate) removed: bool,
}

impl Person {
    pub(crate) fn is_employed(&self, date: Date) -> bool {
        self.membership != Membership::Pending
            && date >= self.first_day
            && self.last_day.is_none_or(|last| date <= last)
    }

    pub(crate) fn shown_name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

/// A custom field of people or of time entries.
#[derive(Clone, Debug)]
pub(crate) struct CustomField {
    pub(crate) id: Id,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) of_people: bool,
    pub(crate) allowed: Vec<String>,
}

pub(crate) const FIELD_NAMES: [(&str, &str, bool); 12] = [
    ("Role", "DROPDOWN_SINGLE", true),
    ("Start Date", "TXT", true),
    ("End Date", "TXT", true),
    ("Truck", "CHECKBOX", true),
    ("Truck Details", "TXT", true),
    ("Rate Type", "DROPDOWN_SINGLE", true),
    ("Reporting Manager", "DROPDOWN_SINGLE", true),
    ("Safety Tickets", "DROPDOWN_MULTIPLE", true),
    ("Work Order", "TXT", false),
    ("Kilometres", "NUMBER", false),
    ("On Site", "CHECKBOX", false),
    ("Shift", "DROPDOWN_SINGLE", false),
];

/// The id of the nth custom field.
pub(crate) fn field_id(index: usize) -> Id {
    Id::new(Kind::CustomField, 0x64f7_5e90, index as u64 + 1)
}

pub(super) fn custom_fields(people: &[Person]) -> Vec<CustomField> {
    FIELD_NAMES
        .iter()
        .enumerate()
        .map(|(index, &(name, kind, of_people))| CustomField {
            id: field_id(index),
            name,
            kind,
            of_people,
            allowed: match name {
                "Role" => names::ROLES.map(str::to_owned).to_vec(),
                "Rate Type" => vec!["0".to_owned(), "1".to_owned()],
                "Reporting Manager" => people
                    .iter()
                    .take(part::LAST_MANAGER + 1)
                    .filter_map(|person| person.name.clone())
                    .collect(),
                "Safety Tickets" => ["H2S", "First Aid", "Confined Space"]
                    .map(str::to_owned)
                    .to_vec(),
                "Shift" => ["Day", "Night"].map(str::to_owned).to_vec(),
                _ => Vec::new(),
            },
        })
        .collect()
}

pub(crate) fn user_id(person: usize) -> Id {
    // Every later person joined a little later, over the years before the history begins.
    let joined = i64::from(workspace_id().created())
        + 37 * 86_400
        + i64::try_from(person).unwrap_or(0) * 3_600;
    Id::new(Kind::User, joined, person as u64 + 1)
}

fn name_of(person: usize, seed: u64) -> (String, String) {
    let (firsts, lasts) = (names::FIRST_NAMES, names::LAST_NAMES);
    let shift = usize::try_from(seed % 53).unwrap_or(0);
    let like = if part_of(person) == part::OTHER_NAMESAKE {
        person - (part::OTHER_NAMESAKE - part::NAMESAKE)
    } else {
        person
    };
    let first = firsts[(like * 7 + shift) % firsts.len()];
    let last = lasts[(like * 11 + shift + like / (firsts.len() * lasts.len())) % lasts.len()];
    (first.to_owned(), last.to_owned())
}

fn plain_letters(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|letter| match letter {
            'é' | 'è' | 'ë' | 'ê' | 'ễ' => 'e',
            'ö' | 'ō' | 'ơ' => 'o',
            'ü' | 'ư' => 'u',
            'í' | 'ï' => 'i',
            'å' | 'ä' | 'á' => 'a',
            other => other,
        })
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

/// The people of a company of that size, in a fixed order: the owner of the API key first.
pub(super) fn people(
    count: usize,
    seed: u64,
    chance: Chance,
    first: Date,
    now: Date,
) -> Vec<Person> {
    let managers: Vec<String> = (0..=part::LAST_MANAGER)
        .map(|person| {
            let (first, last) = name_of(person, seed);
            format!("{first} {last}")
        })
        .collect();
    (0..count)
        .map(|index| person(index, seed, chance.at(index as u64), &managers, first, now))
        .collect()
}

fn person(
    index: usize,
    seed: u64,
    mut chance: Chance,
    managers: &[String],
    first: Date,
    now: Date,
) -> Person {
    let part = part_of(index);
    let (first_name, last_name) = name_of(index, seed);
    let number = if index < 60 && part != part::OTHER_NAMESAKE {
        String::new()
    } else {
        (index + 1).to_string()
    };
    let email = format!(
        "{}.{}{number}@example.com",
        plain_letters(&first_name),
        plain_letters(&last_name)
    );
    let crew = match part {
        part::ON_NIGHTS => Crew::Nights,
        0..=part::LAST_MANAGER | part::BANKS_AT_OFFICE => Crew::Office,
        _ if chance.one_in(4) => Crew::Office,
        _ => Crew::Field,
    };
    let span = first
        .until(now)
        .map_or(0, |span| i64::from(span.get_days()));
    // One in eight was hired while the history ran, the rest before it began.
    let first_day = if part > part::HALF_APPROVED && chance.one_in(8) {
        first.saturating_add(chance.between(7, (span / 2).max(8)).days())
    } else {
        first.saturating_sub(chance.between(30, 2_000).days())
    };
    let last_day = (part == part::LEAVER).then(|| now.saturating_sub((span / 3).max(3).days()));
    let membership = match part {
        part::LEAVER => Membership::Inactive,
        part::INVITED => Membership::Pending,
        _ => Membership::Active,
    };
    let salaried = crew == Crew::Office;
    let cents = if salaried {
        chance.between(85, 160) * 100
    } else {
        chance.between(60, 115) * 100
    };
    let invited = membership == Membership::Pending;
    let rate = (part != part::WITHOUT_RATE && !invited).then(|| Rate::cad(cents));
    let cost_rate = (rate.is_some() && chance.one_in(2)).then(|| Rate::cad(cents / 2));
    let mut fields = BTreeMap::new();
    if !invited && part != part::WITHOUT_FIELDS {
        let role = match (index, crew) {
            (part::OWNER, _) => "Office Manager",
            (1..=part::LAST_MANAGER, _) => "Project Manager",
            (_, Crew::Office) => chance.pick(&["Engineer", "Drafter", "Safety Officer"]),
            _ => chance.pick(&names::ROLES[2..7]),
        };
        let mut put = |field: usize, value: Value| fields.insert(field_id(field), value);
        put(0, json!(role));
        match part {
            part::WITHOUT_START_DATE => None,
            part::WITH_ODD_START_DATE => put(1, json!("June 5th, 2023")),
            _ => put(1, json!(first_day.to_string())),
        };
        if let Some(day) = last_day {
            put(2, json!(day.to_string()));
        }
        let truck = crew == Crew::Field && chance.one_in(3);
        put(3, json!(truck));
        if truck {
            put(4, json!(chance.pick(&names::TRUCKS)));
        }
        if part != part::WITHOUT_RATE_TYPE {
            put(5, json!(if salaried { "0" } else { "1" }));
        }
        match index {
            part::OWNER => put(6, Value::Null),
            _ if part == part::WITHOUT_MANAGER => None,
            1..=part::LAST_MANAGER => put(6, json!(managers[part::OWNER])),
            _ => put(6, json!(managers[1 + chance.below(part::LAST_MANAGER)])),
        };
        if crew == Crew::Field && chance.one_in(5) {
            put(7, json!(["H2S", "First Aid"]));
        }
    }
    Person {
        id: user_id(index),
        name: (!invited).then(|| format!("{first_name} {last_name}")),
        email,
        membership,
        zone: match part {
            part::IN_DENVER => "America/Denver",
            part::IN_VANCOUVER => "America/Vancouver",
            _ => "America/Edmonton",
        }
        .to_owned(),
        rate,
        cost_rate,
        fields,
        crew,
        first_day,
        last_day,
        removed: false,
    }
}
