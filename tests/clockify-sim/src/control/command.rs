//! What the control API can be told, and what it tells. Every command is posted to
//! `/_control/{name}` with its fields as JSON, and answered with an [`Outcome`].

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    company::{leave::DayPart, sheets::SheetState},
    id::Id,
    world::{
        ClientChange, EntryChange, GroupChange, PersonChange, ProjectChange, TagChange, TaskChange,
    },
};

/// A time entry to be recorded; without an end it is a running timer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryPlan {
    pub person: Id,
    pub start: Timestamp,
    #[serde(default)]
    pub end: Option<Timestamp>,
    #[serde(default)]
    pub project: Option<Id>,
    #[serde(default)]
    pub task: Option<Id>,
    #[serde(default)]
    pub tags: Vec<Id>,
    #[serde(default)]
    pub billable: Option<bool>,
    #[serde(default)]
    pub description: String,
    /// A pause instead of work.
    #[serde(default)]
    pub is_break: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeOffPlan {
    pub person: Id,
    pub policy: Id,
    pub first: Date,
    pub last: Date,
    #[serde(default)]
    pub part: DayPart,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpensePlan {
    pub person: Id,
    pub date: Date,
    #[serde(default)]
    pub project: Option<Id>,
    #[serde(default)]
    pub category: Option<Id>,
    /// Hundredths of a unit: 18240 is 182.4 km.
    pub quantity_hundredths: i64,
    /// By the category's price when None.
    #[serde(default)]
    pub cents: Option<i64>,
    #[serde(default)]
    pub notes: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonPlan {
    pub name: String,
    pub email: String,
    pub first_day: Date,
    /// By the name of the custom field.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
}

/// The order in which webhooks that were held back go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    Forward,
    Backward,
    Shuffled,
}

/// Something that happens in the company. Weeks are named by any date in them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Command {
    RecordEntry(EntryPlan),
    EditEntry {
        entry: Id,
        change: EntryChange,
    },
    SplitEntry {
        entry: Id,
        at: Timestamp,
    },
    DeleteEntry {
        entry: Id,
    },
    RestoreEntry {
        entry: Id,
    },
    Submit {
        person: Id,
        week: Date,
    },
    ApproveAll {
        #[serde(default)]
        week: Option<Date>,
    },
    Decide {
        sheet: Id,
        state: SheetState,
        #[serde(default)]
        note: String,
    },
    AddPerson(PersonPlan),
    InvitePerson {
        email: String,
    },
    EditPerson {
        person: Id,
        change: PersonChange,
    },
    RemovePerson {
        person: Id,
    },
    AddClient {
        name: String,
        #[serde(default)]
        note: Option<String>,
    },
    EditClient {
        client: Id,
        change: ClientChange,
    },
    DeleteClient {
        client: Id,
    },
    AddProject {
        name: String,
        #[serde(default)]
        client: Option<Id>,
        #[serde(default)]
        tasks: Vec<String>,
    },
    EditProject {
        project: Id,
        change: ProjectChange,
    },
    DeleteProject {
        project: Id,
    },
    AddTask {
        project: Id,
        name: String,
    },
    EditTask {
        task: Id,
        change: TaskChange,
    },
    DeleteTask {
        task: Id,
    },
    AddTag {
        name: String,
    },
    EditTag {
        tag: Id,
        change: TagChange,
    },
    DeleteTag {
        tag: Id,
    },
    AddGroup {
        name: String,
        members: Vec<Id>,
    },
    EditGroup {
        group: Id,
        change: GroupChange,
    },
    DeleteGroup {
        group: Id,
    },
    AskForTimeOff(TimeOffPlan),
    MoveTimeOff {
        request: Id,
        first: Date,
        last: Date,
    },
    ApproveTimeOff {
        request: Id,
    },
    RejectTimeOff {
        request: Id,
        #[serde(default)]
        note: Option<String>,
    },
    WithdrawTimeOff {
        request: Id,
    },
    StartTimeOff {
        request: Id,
    },
    Claim(ExpensePlan),
    EditClaim {
        expense: Id,
        #[serde(default)]
        cents: Option<i64>,
        #[serde(default)]
        notes: Option<String>,
    },
    DeleteClaim {
        expense: Id,
    },
    RestoreClaim {
        expense: Id,
    },
    /// Moves the simulation's clock, from which the next changes take their instants.
    LetTimePass {
        seconds: i64,
    },
    /// One webhook for every event, to one address; with one secret for all of them, or each with
    /// a token of its own.
    AddWebhooks {
        url: String,
        #[serde(default)]
        secret: Option<String>,
    },
    /// Lets go of the webhooks that were held back.
    Release {
        order: Release,
    },
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The records that were made or changed.
    pub ids: Vec<Id>,
    /// Webhooks that are on their way because of it, repeats included.
    pub webhooks: usize,
}

impl Outcome {
    /// The record that was made, where the command makes one.
    pub fn id(&self) -> Option<Id> {
        self.ids.first().copied()
    }
}

/// One attempt to post a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivered {
    /// Counts the webhooks of the simulation; repeats and further attempts keep it.
    pub number: u64,
    pub event: String,
    pub body: String,
    pub attempt: u32,
    /// None: no answer at all.
    pub status: Option<u16>,
    pub idempotency_key: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The simulation's own time.
    pub now: Timestamp,
    /// The Sunday of the last full week.
    pub last_full_week: Date,
    pub workspace: Id,
    pub changes: u64,
    pub webhooks_under_way: usize,
    pub webhooks_held: usize,
    /// Faults that are not used up.
    pub faults_left: usize,
}

/// How large the generated history is; counting takes a while in a large company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Size {
    pub people: usize,
    pub projects: usize,
    pub weeks: usize,
    pub time_entries: usize,
    pub timesheets: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonSummary {
    pub id: Id,
    pub name: Option<String>,
    pub email: String,
    pub status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SheetSummary {
    pub id: Id,
    pub person: Id,
    pub state: SheetState,
    /// The Sunday of its week.
    pub week: Date,
    pub entries: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntrySummary {
    pub id: Id,
    pub start: Timestamp,
    pub end: Option<Timestamp>,
    pub project: Option<Id>,
    pub tags: Vec<Id>,
    /// The timesheet that holds it.
    pub sheet: Option<Id>,
}
