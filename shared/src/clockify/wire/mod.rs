//! What Clockify sends, as it sends it.
//!
//! Unknown fields are ignored, every field but the id may be missing or null, and words of an
//! enumeration are kept as text, so that a new one breaks nothing. Instants and dates stay text here:
//! what they mean is decided in [`super::convert`], and one that cannot be read costs its own field, not
//! the page it came on.

mod approval;
mod expense;
mod group;
mod page;
mod project;
mod time_entry;
mod time_off;
mod user;
mod webhook;
mod workspace;

use rust_decimal::Decimal;
use serde::Deserialize;

pub use approval::{Approval, ApprovalRequest, ApprovalStatus, InstantRange, Owner};
pub use expense::{Expense, ExpenseCategories, ExpenseCategory, ExpensePage};
pub use group::Group;
pub use page::{Row, Unreadable, read, read_rows};
pub use project::{Client, Project, Tag, Task};
pub use time_entry::{Interval, ReportInterval, ReportPage, ReportedEntry, TimeEntry};
pub use time_off::{
    Balance, BalancePage, Holiday, HolidayPeriod, Policy, TimeOffPage, TimeOffPeriod,
    TimeOffRequest, TimeOffRequestStatus,
};
pub use user::{CustomField, MemberProfile, Membership, User, UserSettings};
pub use webhook::{Webhook, WebhookDelivery, WebhookList};
pub use workspace::{CustomFieldDefinition, Workspace};

/// A price: cents, and in whose money.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rate {
    /// Minor units: 9500 is 95.00.
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub amount: Option<Decimal>,
    /// Absent inside webhook bodies.
    pub currency: Option<String>,
}

/// Another record, nested where its id alone would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Nested {
    id: Option<String>,
    /// So the detailed report writes it.
    #[serde(rename = "_id")]
    report_id: Option<String>,
    pub name: Option<String>,
}

impl Nested {
    /// The id, however it is written.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref().or(self.report_id.as_deref())
    }
}
