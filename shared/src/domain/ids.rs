//! Ids as types of their own, so that an employee's id is never taken for a project's.
//!
//! Ids of what comes from Clockify are Clockify's (24 hex digits today, but any text is taken);
//! all others are UUIDs in text, made by this program or by the app that sends them.

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

id! {
    /// The company in Clockify.
    WorkspaceId,
    /// A person: Clockify's user id.
    EmployeeId,
    /// A Clockify user group.
    GroupId,
    /// A client of the company.
    ClientId,
    /// A project of a client.
    ProjectId,
    /// A task of a project.
    TaskId,
    /// A tag of time entries.
    TagId,
    /// A time-off policy.
    PolicyId,
    /// A statutory holiday.
    HolidayId,
    /// A request under a time-off policy.
    TimeOffRequestId,
    /// A timesheet: Clockify's approval request.
    TimesheetId,
    /// A time entry.
    TimeEntryId,
    /// An expense.
    ExpenseId,
    /// A category of expenses.
    ExpenseCategoryId,
    /// A job of this program: a sync, a balance run or a report.
    JobId,
    /// A webhook as it came in.
    DeliveryId,
    /// A LEM sheet.
    LemSheetId,
    /// A line of a LEM sheet.
    LemLineId,
    /// What a worker bills as on a LEM, per client.
    RoleId,
    /// A machine that bills on a LEM, per client.
    EquipmentId,
}
