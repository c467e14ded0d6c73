//! The control API under `/_control/`: plays a history, sets switches and faults, and tells what
//! was asked and what was posted. It is ours; Clockify has nothing like it.

mod apply;
mod client;
mod command;
mod serve;

pub use client::{Control, ControlError};
pub use command::{
    Command, Delivered, EntryPlan, EntrySummary, ExpensePlan, Outcome, PersonPlan, PersonSummary,
    Release, SheetSummary, Size, Status, TimeOffPlan,
};
pub(crate) use serve::serve;
