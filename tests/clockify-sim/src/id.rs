//! Clockify's ids: 24 hex digits, of which the first eight are the moment of creation. The rest is
//! ours: four digits for the kind of record and twelve for its number, so that an id alone says
//! which record of the generated history it means.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What kind of record an id names; the digits are those of the fixtures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum Kind {
    Workspace = 0x0001,
    Policy = 0x0011,
    TimeOffRequest = 0x0012,
    Balance = 0x0013,
    Holiday = 0x0014,
    CustomField = 0x0015,
    Webhook = 0x0016,
    Currency = 0x0019,
    File = 0x001a,
    WebhookLog = 0x001b,
    WebhookStatus = 0x001c,
    User = 0x00a1,
    UserGroup = 0x00a2,
    Project = 0x00b1,
    Task = 0x00b2,
    Client = 0x00c1,
    Tag = 0x00d1,
    TimeEntry = 0x00e1,
    Timesheet = 0x00e2,
    Expense = 0x00f1,
    Category = 0x00f2,
}

const KINDS: [Kind; 21] = [
    Kind::Workspace,
    Kind::Policy,
    Kind::TimeOffRequest,
    Kind::Balance,
    Kind::Holiday,
    Kind::CustomField,
    Kind::Webhook,
    Kind::Currency,
    Kind::File,
    Kind::WebhookLog,
    Kind::WebhookStatus,
    Kind::User,
    Kind::UserGroup,
    Kind::Project,
    Kind::Task,
    Kind::Client,
    Kind::Tag,
    Kind::TimeEntry,
    Kind::Timesheet,
    Kind::Expense,
    Kind::Category,
];

/// Set in the number of a record that was made by a change, clear in that of one which belongs to
/// the generated history.
const MADE: u64 = 1 << 47;
const NUMBER: u64 = (1 << 48) - 1;

/// An id in its compact form. Ids order as their text does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    created: u32,
    kind: Kind,
    number: u64,
}

impl Id {
    /// `created` in seconds since 1970.
    pub(crate) fn new(kind: Kind, created: i64, number: u64) -> Self {
        Self {
            created: u32::try_from(created).unwrap_or(0),
            kind,
            number: number & NUMBER,
        }
    }

    /// The id of a record that a change makes; `number` counts the changes.
    pub(crate) fn made(kind: Kind, created: i64, number: u64) -> Self {
        Self::new(kind, created, number | MADE)
    }

    /// The id of the `index`th record of that kind in one person's week.
    pub(crate) fn in_week(
        kind: Kind,
        created: i64,
        person: usize,
        week: usize,
        index: usize,
    ) -> Self {
        let [person, week, index] = [person, week, index].map(|n| n as u64);
        Self::new(
            kind,
            created,
            (person & 0xF_FFFF) << 24 | (week & 0xFFF) << 12 | (index & 0xFFF),
        )
    }

    /// Person, week and index, if the id belongs to the generated history.
    pub(crate) fn place_in_history(self) -> Option<(usize, usize, usize)> {
        let part = |shift: u32, mask: u64| usize::try_from((self.number >> shift) & mask).ok();
        if self.number & MADE != 0 {
            return None;
        }
        Some((part(24, 0xF_FFFF)?, part(12, 0xFFF)?, part(0, 0xFFF)?))
    }

    pub(crate) fn kind(self) -> Kind {
        self.kind
    }

    /// Seconds since 1970.
    pub(crate) fn created(self) -> u32 {
        self.created
    }

    pub(crate) fn number(self) -> u64 {
        self.number
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:08x}{:04x}{:012x}",
            self.created, self.kind as u16, self.number
        )
    }
}

/// The text is not an id that this workspace could have given.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an id of this workspace")]
pub struct ForeignId(String);

impl FromStr for Id {
    type Err = ForeignId;

    fn from_str(text: &str) -> Result<Self, ForeignId> {
        let foreign = || ForeignId(text.to_owned());
        if text.len() != 24 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(foreign());
        }
        let code = u16::from_str_radix(&text[8..12], 16).map_err(|_| foreign())?;
        Ok(Self {
            created: u32::from_str_radix(&text[..8], 16).map_err(|_| foreign())?,
            kind: *KINDS
                .iter()
                .find(|kind| **kind as u16 == code)
                .ok_or_else(foreign)?,
            number: u64::from_str_radix(&text[12..], 16).map_err(|_| foreign())?,
        })
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = Id::in_week(Kind::TimeEntry, 0x69b0_efc8, 9_999, 103, 12);
        assert_eq!(id.to_string(), "69b0efc800e100270f06700c");
        assert_eq!(id.to_string().parse::<Id>().unwrap(), id);
        assert_eq!(id.place_in_history(), Some((9_999, 103, 12)));
    }

    #[test]
    fn a_made_record_has_no_place_in_history() {
        assert_eq!(Id::made(Kind::TimeEntry, 1, 5).place_in_history(), None);
    }

    #[test]
    fn foreign_text_is_refused() {
        for text in [
            "",
            "69b0",
            "zzzzzzzz00e1000000000001",
            "69b0efc8ffff000000000001",
        ] {
            assert!(text.parse::<Id>().is_err(), "{text}");
        }
    }
}
