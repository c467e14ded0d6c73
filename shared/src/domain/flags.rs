//! What a person must look at (`domain.md` §9), as kinds with stable words.
//!
//! A flag is computed where the record changes and cleared when the record is right again.

use std::fmt;

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FlagKind {
    /// The project's name holds no ` - `.
    ProjectWithoutCode,
    /// The project stands under the internal client.
    ProjectWithoutClient,
    /// Missing or malformed; employed since always, and no balance is pushed.
    EmployeeWithoutStartDate,
    /// Missing or malformed; treated as hourly, and no balance is pushed.
    EmployeeWithoutRateType,
    EmployeeWithoutManager,
    /// Another custom field of the employee, or his status, cannot be understood; it is left empty.
    EmployeeFieldMalformed,
    /// Bills at 0.
    BillableEntryWithoutRate,
    EntryWithoutProject,
    /// Overlaps another entry of the same person.
    EntryOverlap,
    /// Longer than the settings allow for one entry.
    EntryTooLong,
    ApprovedTimesheetWithoutEntries,
    /// None of its days counts, so it pays 0.
    TimeOffWithoutCountedDay,
    /// Something refers to a record that Clockify does not know either.
    UnknownRecord,
    /// Clockify sent a record that lacks what it cannot be stored without.
    RecordUnreadable,
    LemRateMissing,
    /// The difference is over the limit of the settings; a person must release it.
    BalancePushHeld,
    /// An employee left with hours or days on his balance.
    LeaverWithBalance,
    /// A sync would have deleted more than the settings allow, and stopped.
    SyncStopped,
    /// A webhook is missing, disabled, or Clockify gave up delivering it.
    WebhookUnhealthy,
    DeadLetter,
}

impl FlagKind {
    /// Every kind, in the order of `domain.md` §9.
    pub const ALL: [Self; 20] = [
        Self::ProjectWithoutCode,
        Self::ProjectWithoutClient,
        Self::EmployeeWithoutStartDate,
        Self::EmployeeWithoutRateType,
        Self::EmployeeWithoutManager,
        Self::EmployeeFieldMalformed,
        Self::BillableEntryWithoutRate,
        Self::EntryOverlap,
        Self::EntryTooLong,
        Self::EntryWithoutProject,
        Self::ApprovedTimesheetWithoutEntries,
        Self::TimeOffWithoutCountedDay,
        Self::UnknownRecord,
        Self::RecordUnreadable,
        Self::LemRateMissing,
        Self::BalancePushHeld,
        Self::LeaverWithBalance,
        Self::SyncStopped,
        Self::WebhookUnhealthy,
        Self::DeadLetter,
    ];

    /// The word that the database and `GET /flags` use; it never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProjectWithoutCode => "project-without-code",
            Self::ProjectWithoutClient => "project-without-client",
            Self::EmployeeWithoutStartDate => "employee-without-start-date",
            Self::EmployeeWithoutRateType => "employee-without-rate-type",
            Self::EmployeeWithoutManager => "employee-without-manager",
            Self::EmployeeFieldMalformed => "employee-field-malformed",
            Self::BillableEntryWithoutRate => "billable-entry-without-rate",
            Self::EntryWithoutProject => "entry-without-project",
            Self::EntryOverlap => "entry-overlap",
            Self::EntryTooLong => "entry-too-long",
            Self::ApprovedTimesheetWithoutEntries => "approved-timesheet-without-entries",
            Self::TimeOffWithoutCountedDay => "time-off-without-counted-day",
            Self::UnknownRecord => "unknown-record",
            Self::RecordUnreadable => "record-unreadable",
            Self::LemRateMissing => "lem-rate-missing",
            Self::BalancePushHeld => "balance-push-held",
            Self::LeaverWithBalance => "leaver-with-balance",
            Self::SyncStopped => "sync-stopped",
            Self::WebhookUnhealthy => "webhook-unhealthy",
            Self::DeadLetter => "dead-letter",
        }
    }

    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for FlagKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_word_and_no_word_stands_twice() {
        for kind in FlagKind::ALL {
            assert_eq!(FlagKind::named(kind.as_str()), Some(kind));
        }
        assert_eq!(FlagKind::named("project"), None);
    }
}
