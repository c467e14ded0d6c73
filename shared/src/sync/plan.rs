//! What a sync reads, in which order, and how far it got (`domain.md` §8).

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::{jobs::WorkError, settings::SyncSettings, store::Ticket};

/// How far ahead entries are read: Clockify makes entries for approved leave and holidays that are still to come.
const NIGHTLY_DAYS_AHEAD: i32 = 31;
const DEEP_DAYS_AHEAD: i32 = 366;

/// What is asked for, besides the resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SyncParams {
    /// First day of the entries to read again; by default as deep as the settings say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Everything since `SYNC_FROM`, whatever seems unchanged.
    #[serde(skip_serializing_if = "is_false")]
    pub full: bool,
    /// The weekly window instead of the nightly one.
    #[serde(skip_serializing_if = "is_false")]
    pub deep: bool,
}

// serde hands the field over by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// A part of a sync, in the order in which they refer to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Step {
    Groups,
    Users,
    Clients,
    Projects,
    Tasks,
    Tags,
    Policies,
    Holidays,
    TimeOff,
    /// Leave of which no day counts: that depends on holidays and groups too.
    CountedDays,
    ExpenseCategories,
    /// The lists of approval requests, with what they hold.
    Timesheets,
    /// The entries of everyone, person by person: only where nothing is taken for unchanged.
    EveryonesEntries,
    /// The detailed report against what is stored, and the entries of those of whom it differs.
    Entries,
    Expenses,
}

/// What can be synced by itself, and all of it together.
pub const RESOURCES: [&str; 10] = [
    "timesheets",
    "clients",
    "users",
    "projects",
    "tags",
    "policies",
    "time-off",
    "holidays",
    "expenses",
    "all",
];

/// The steps of a resource as `POST /sync/{resource}` names it. None: there is no such resource.
pub(super) fn steps(resource: &str, thorough: bool) -> Option<Vec<Step>> {
    use Step::{
        Clients, CountedDays, Entries, EveryonesEntries, ExpenseCategories, Expenses, Groups,
        Holidays, Policies, Projects, Tags, Tasks, TimeOff, Timesheets, Users,
    };
    let steps: &[Step] = match resource {
        "users" => &[Groups, Users],
        "clients" => &[Clients],
        "projects" => &[Clients, Projects, Tasks],
        "tags" => &[Tags],
        "policies" => &[Policies],
        "holidays" => &[Holidays, CountedDays],
        "time-off" => &[TimeOff, CountedDays],
        "timesheets" => &[Timesheets, EveryonesEntries, Entries],
        "expenses" => &[ExpenseCategories, Expenses],
        "all" => &[
            Groups,
            Users,
            Clients,
            Projects,
            Tasks,
            Tags,
            Policies,
            Holidays,
            TimeOff,
            CountedDays,
            ExpenseCategories,
            Timesheets,
            EveryonesEntries,
            Entries,
            Expenses,
        ],
        _ => return None,
    };
    let wanted = steps.iter().copied();
    Some(
        wanted
            .filter(|step| thorough || *step != EveryonesEntries)
            .collect(),
    )
}

/// The days whose entries are read, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Days {
    pub(super) first: Date,
    pub(super) last: Date,
}

/// Which days a sync reads. `thorough`: the first sync, or one asked to be full.
pub(super) fn days(
    params: SyncParams,
    thorough: bool,
    today: Date,
    settings: &SyncSettings,
) -> Result<Days, String> {
    let back = |days: u32| today.saturating_sub(i64::from(days).days());
    let first = if thorough {
        settings.from
    } else if params.deep {
        back(settings.weekly_days)
    } else {
        back(settings.nightly_days)
    };
    let ahead = if thorough || params.deep {
        DEEP_DAYS_AHEAD
    } else {
        NIGHTLY_DAYS_AHEAD
    };
    let days = Days {
        first: params.from.unwrap_or(first),
        last: params.to.unwrap_or(today.saturating_add(ahead.days())),
    };
    if days.first > days.last {
        return Err(format!(
            "the sync would begin on {} and end before that, on {}",
            days.first, days.last
        ));
    }
    Ok(days)
}

/// Refuses days that no sync could read. What begins with the company's first day is known when the job runs.
pub fn check_days(params: SyncParams, today: Date, settings: &SyncSettings) -> Result<(), String> {
    let nightly = days(params, false, today, settings).map(drop);
    nightly.or_else(|error| {
        days(params, true, today, settings)
            .map(drop)
            .map_err(|_| error)
    })
}

/// How far a sync got. It is decided once, when the sync begins, what "today" is and how thorough it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checkpoint {
    pub(super) days: Days,
    pub(super) thorough: bool,
    /// The weekly window: whole lists, though unchanged records are taken for unchanged.
    pub(super) deep: bool,
    /// The step under way first.
    pub(super) steps: Vec<Step>,
    /// Of the step under way, in its own form; null at its start.
    position: Json,
    /// The ticket of the first page of projects: what has a newer one was changed by this sync.
    pub(super) projects_since: Option<Ticket>,
    /// Whether the approvals lists are read whole, and whether they have been.
    pub(super) reads_lists_whole: bool,
    pub(super) lists_read_whole: bool,
}

impl Checkpoint {
    pub(super) fn new(steps: Vec<Step>, days: Days, thorough: bool, deep: bool) -> Self {
        Self {
            days,
            thorough,
            deep,
            steps,
            position: Json::Null,
            projects_since: None,
            reads_lists_whole: thorough || deep,
            lists_read_whole: false,
        }
    }

    /// Where the step under way stands. None: at its start.
    pub(super) fn position<T: DeserializeOwned>(&self) -> Result<Option<T>, WorkError> {
        Option::deserialize(&self.position).map_err(|cause| {
            WorkError::Permanent(format!("the checkpoint cannot be read: {cause}"))
        })
    }

    /// The same, with the step under way at `position`.
    pub(super) fn at(&self, position: &impl Serialize) -> Self {
        let position =
            serde_json::to_value(position).expect("positions are plain data with text as keys");
        Self {
            position,
            ..self.clone()
        }
    }

    /// The same, with the step under way done.
    pub(super) fn next(&self) -> Self {
        Self {
            steps: self.steps.iter().skip(1).copied().collect(),
            position: Json::Null,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const SETTINGS: SyncSettings = SyncSettings {
        from: date(2024, 1, 1),
        nightly_days: 35,
        weekly_days: 400,
        stop_percent: 20,
        stop_rows: 50,
        delivery_days: 90,
    };

    /// `domain.md` §8: "groups, users, clients, projects, tags, policies, holidays, time off, timesheets with
    /// entries, expenses"; categories before the timesheets whose expenses refer to them.
    #[test]
    fn the_nightly_sync_reads_in_the_order_of_the_references() {
        use Step::*;
        assert_eq!(
            steps("all", false).unwrap(),
            [
                Groups,
                Users,
                Clients,
                Projects,
                Tasks,
                Tags,
                Policies,
                Holidays,
                TimeOff,
                CountedDays,
                ExpenseCategories,
                Timesheets,
                Entries,
                Expenses
            ]
        );
        assert_eq!(
            steps("timesheets", true).unwrap(),
            [Timesheets, EveryonesEntries, Entries]
        );
        assert_eq!(
            steps("expenses", false).unwrap(),
            [ExpenseCategories, Expenses]
        );
        assert_eq!(steps("weather", false), None);
    }

    #[test]
    fn each_depth_has_its_window_and_a_callers_days_win() {
        let today = date(2026, 11, 22);
        let deep = SyncParams {
            deep: true,
            ..SyncParams::default()
        };
        let asked = SyncParams {
            from: Some(date(2026, 3, 1)),
            to: Some(date(2026, 3, 31)),
            ..SyncParams::default()
        };
        let cases = [
            (
                SyncParams::default(),
                false,
                date(2026, 10, 18),
                date(2026, 12, 23),
            ),
            (deep, false, date(2025, 10, 18), date(2027, 11, 23)),
            (
                SyncParams::default(),
                true,
                date(2024, 1, 1),
                date(2027, 11, 23),
            ),
            (asked, false, date(2026, 3, 1), date(2026, 3, 31)),
            (asked, true, date(2026, 3, 1), date(2026, 3, 31)),
        ];
        for (params, thorough, first, last) in cases {
            let found = days(params, thorough, today, &SETTINGS).unwrap();
            assert_eq!(found, Days { first, last }, "{params:?} {thorough}");
        }
        let backwards = SyncParams {
            from: Some(date(2026, 3, 2)),
            to: Some(date(2026, 3, 1)),
            ..SyncParams::default()
        };
        assert!(days(backwards, false, today, &SETTINGS).is_err());
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_saved() {
        let days = Days {
            first: date(2026, 10, 18),
            last: date(2026, 11, 24),
        };
        let checkpoint = Checkpoint::new(steps("users", false).unwrap(), days, false, true);
        let checkpoint = checkpoint.at(&7);
        let saved = serde_json::to_string(&checkpoint).unwrap();
        let read: Checkpoint = serde_json::from_str(&saved).unwrap();
        assert_eq!(read, checkpoint);
        assert_eq!(read.position::<u32>().unwrap(), Some(7));
        assert_eq!(read.next().position::<u32>().unwrap(), None);
        assert_eq!(read.next().steps, [Step::Users]);
    }
}
