//! Stands in for Clockify's API and its webhooks, for the demo, the tests and the benchmarks. It
//! keeps to what `clockify.md` says, as strictly as Clockify does, and to the shapes of the
//! fixtures, so that we do not prove our beliefs with our beliefs.

mod api;
mod calendar;
mod chance;
mod company;
mod control;
mod courier;
mod door;
pub mod events;
mod faults;
mod hub;
mod id;
mod server;
mod switches;
mod wire;
mod world;

pub use company::{leave::DayPart, sheets::SheetState};
pub use control::{
    Command, Control, ControlError, Delivered, EntryPlan, EntrySummary, ExpensePlan, Outcome,
    PersonPlan, PersonSummary, Release, SheetSummary, Size, Status, TimeOffPlan,
};
pub use faults::{Fault, Trouble};
pub use hub::SeenRequest;
pub use id::{ForeignId, Id, Kind};
pub use server::{Config, Simulator, StartError};
pub use switches::{BalancePatch, Delivery, Switches, TimeOffWindow};
pub use world::{
    ClientChange, EntryChange, GroupChange, PersonChange, ProjectChange, TagChange, TaskChange,
};
