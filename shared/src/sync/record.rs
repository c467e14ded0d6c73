//! Kinds of records that Clockify lists: how each is read, understood, written, and ended when it is gone.

use std::{collections::BTreeSet, future::Future};

use crate::{
    clockify::{
        client::{Client as Clockify, ClockifyError, Page},
        convert::{self, Conversion, Converted, Unreadable},
        wire::{self, Row},
    },
    domain::{
        employee::{Employee, Group},
        expense::{Expense, ExpenseCategory},
        flags::FlagKind,
        ids::{
            ClientId, EmployeeId, ExpenseCategoryId, ExpenseId, GroupId, HolidayId, PolicyId,
            ProjectId, TagId, TaskId, TimeEntryId, TimeOffRequestId, WorkspaceId,
        },
        project::{Client, Project, Tag, Task},
        time_entry::TimeEntry,
        time_off::{Holiday, Policy, TimeOffRequest},
    },
    store::{
        Changes, CompleteRead, Missing, References, StoreError, Ticket, Transaction, client,
        employee, expense, expense_category, group, holiday, policy, project, tag, task,
        ticket::Spent,
        time_entry::{self, PersonDay},
        time_off_request,
    },
};

use super::{counted_days, outside_employment, overlaps};

/// A kind of record.
pub(super) trait Record: Clone + Send + Sync + Sized + 'static {
    /// Clockify's row.
    type Wire: Row + Send + Sync;
    type Id: From<String> + ToString + Send + Sync;
    /// The word that flags and errors use: the table.
    const KIND: &'static str;
    /// Flags that reading the record decides.
    const FLAGS: &'static [FlagKind];

    fn id(&self) -> &str;

    fn understand(row: &Self::Wire, conversion: &Conversion)
    -> Result<Converted<Self>, Unreadable>;

    fn references(records: &[Self]) -> References;

    fn write(
        tx: &mut Transaction,
        spent: Spent,
        records: &[Self],
    ) -> impl Future<Output = Result<Changes, StoreError>> + Send;

    /// Before records are written: the days on which they stand now, where [`Record::changed`] depends on these.
    fn days_before(
        _tx: &mut Transaction,
        _records: &[Self],
    ) -> impl Future<Output = Result<BTreeSet<PersonDay>, StoreError>> + Send {
        async { Ok(BTreeSet::new()) }
    }

    /// After records have changed: flags that depend on more than one of them. `before` is what
    /// [`Record::days_before`] said. Says how many were raised.
    fn changed(
        _tx: &mut Transaction,
        _records: &[Self],
        _before: BTreeSet<PersonDay>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send {
        async { Ok(0) }
    }

    /// Archives, deactivates or deletes what is gone; says how many rows were ended.
    fn end(
        tx: &mut Transaction,
        ticket: Ticket,
        ids: &[Self::Id],
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// A kind of record of which Clockify has one list for the whole workspace.
pub(super) trait Listed: Record {
    fn list(
        clockify: &Clockify,
        page: u32,
    ) -> impl Future<Output = Result<Page<Self::Wire>, ClockifyError>> + Send;

    fn missing(
        tx: &mut Transaction,
        workspace_id: &WorkspaceId,
        read: CompleteRead<'_>,
    ) -> impl Future<Output = Result<Missing<Self::Id>, StoreError>> + Send;
}

/// Flags of any record that was read.
macro_rules! flags {
    ($($flag:ident),* $(,)?) => {
        &[FlagKind::UnknownRecord, FlagKind::RecordUnreadable $(, FlagKind::$flag)*]
    };
}

macro_rules! record {
    {
        $record:ident($id:ident) of $wire:ident in $store:ident as $kind:literal,
        flags: $flags:expr,
        understood: $understand:expr,
        refers: $references:expr,
        ends: $end:path,
        $($changed:item)*
    } => {
        impl Record for $record {
            type Wire = wire::$wire;
            type Id = $id;
            const KIND: &'static str = $kind;
            const FLAGS: &'static [FlagKind] = $flags;

            fn id(&self) -> &str {
                self.id.as_str()
            }

            fn understand(
                row: &Self::Wire,
                conversion: &Conversion,
            ) -> Result<Converted<Self>, Unreadable> {
                $understand(row, conversion)
            }

            fn references(records: &[Self]) -> References {
                $references(records)
            }

            async fn write(
                tx: &mut Transaction,
                spent: Spent,
                records: &[Self],
            ) -> Result<Changes, StoreError> {
                $store::upsert_page(tx, spent, records).await
            }

            async fn end(
                tx: &mut Transaction,
                ticket: Ticket,
                ids: &[Self::Id],
            ) -> Result<u64, StoreError> {
                $end(tx, ticket, ids).await
            }

            $($changed)*
        }
    };
}

macro_rules! listed {
    ($record:ident, $store:ident, |$clockify:ident, $page:pat_param| $list:expr) => {
        impl Listed for $record {
            async fn list(
                $clockify: &Clockify,
                $page: u32,
            ) -> Result<Page<Self::Wire>, ClockifyError> {
                $list.await
            }

            async fn missing(
                tx: &mut Transaction,
                workspace_id: &WorkspaceId,
                read: CompleteRead<'_>,
            ) -> Result<Missing<Self::Id>, StoreError> {
                $store::missing(tx, workspace_id, read).await
            }
        }
    };
}

fn nothing<R>(_records: &[R]) -> References {
    References::default()
}

record! {
    Group(GroupId) of Group in group as "employee_group",
    flags: flags!(),
    understood: |row, conversion| Ok(convert::group(row, conversion)),
    refers: nothing,
    ends: group::archive,
}

record! {
    Employee(EmployeeId) of User in employee as "employee",
    flags: flags!(
        EmployeeWithoutStartDate,
        EmployeeWithoutRateType,
        EmployeeWithoutManager,
        EmployeeFieldMalformed,
    ),
    understood: |row, conversion| Ok(convert::employee(row, conversion)),
    refers: nothing,
    ends: employee::deactivate,

    async fn changed(
        tx: &mut Transaction,
        records: &[Self],
        _before: BTreeSet<PersonDay>,
    ) -> Result<u64, StoreError> {
        outside_employment::refresh_employees(tx, records).await
    }
}

record! {
    Client(ClientId) of Client in client as "client",
    flags: flags!(),
    understood: |row, conversion| Ok(convert::client(row, conversion)),
    refers: nothing,
    ends: client::archive,
}

record! {
    Project(ProjectId) of Project in project as "project",
    flags: flags!(ProjectWithoutCode, ProjectWithoutClient),
    understood: |row, conversion| Ok(convert::project(row, conversion)),
    refers: project::references,
    ends: project::archive,
}

record! {
    Task(TaskId) of Task in task as "task",
    flags: flags!(),
    understood: convert::task,
    refers: task::references,
    ends: task::archive,
}

record! {
    Tag(TagId) of Tag in tag as "tag",
    flags: flags!(),
    understood: |row, conversion| Ok(convert::tag(row, conversion)),
    refers: nothing,
    ends: tag::archive,
}

record! {
    Policy(PolicyId) of Policy in policy as "policy",
    flags: flags!(),
    understood: convert::policy,
    refers: nothing,
    ends: policy::archive,
}

record! {
    Holiday(HolidayId) of Holiday in holiday as "holiday",
    flags: flags!(),
    understood: convert::holiday,
    refers: nothing,
    ends: holiday::delete,
}

record! {
    TimeOffRequest(TimeOffRequestId) of TimeOffRequest in time_off_request as "time_off_request",
    flags: flags!(),
    understood: convert::time_off_request,
    refers: time_off_request::references,
    ends: time_off_request::delete,

    async fn changed(
        tx: &mut Transaction,
        records: &[Self],
        _before: BTreeSet<PersonDay>,
    ) -> Result<u64, StoreError> {
        counted_days::refresh_read(tx, records).await
    }
}

record! {
    TimeEntry(TimeEntryId) of TimeEntry in time_entry as "time_entry",
    flags: flags!(BillableEntryWithoutRate, EntryTooLong, EntryWithoutProject),
    understood: convert::time_entry,
    refers: time_entry::references,
    ends: delete_entries,

    async fn days_before(
        tx: &mut Transaction,
        records: &[Self],
    ) -> Result<BTreeSet<PersonDay>, StoreError> {
        let ids: Vec<&str> = records.iter().map(|entry| entry.id.as_str()).collect();
        time_entry::days_of(tx, &ids).await
    }

    async fn changed(
        tx: &mut Transaction,
        records: &[Self],
        before: BTreeSet<PersonDay>,
    ) -> Result<u64, StoreError> {
        let outside = outside_employment::refresh_entries(tx, records).await?;
        let mut days = overlaps::days_of(records.iter());
        days.extend(before);
        Ok(outside + overlaps::refresh_around(tx, &days).await?)
    }
}

record! {
    ExpenseCategory(ExpenseCategoryId) of ExpenseCategory in expense_category as "expense_category",
    flags: flags!(),
    understood: |row, conversion| Ok(convert::expense_category(row, conversion)),
    refers: nothing,
    ends: expense_category::archive,
}

record! {
    Expense(ExpenseId) of Expense in expense as "expense",
    flags: flags!(),
    understood: convert::expense,
    refers: expense::references,
    ends: expense::delete,
}

/// What overlapped an entry that is gone may overlap nothing any more.
async fn delete_entries(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[TimeEntryId],
) -> Result<u64, StoreError> {
    let texts: Vec<&str> = ids.iter().map(TimeEntryId::as_str).collect();
    let days = time_entry::days_of(tx, &texts).await?;
    let deleted = time_entry::delete(tx, ticket, ids).await?;
    if deleted > 0 {
        overlaps::refresh_around(tx, &days).await?;
    }
    Ok(deleted)
}

listed!(Group, group, |clockify, page| clockify.list_groups(page));
listed!(Employee, employee, |clockify, page| clockify
    .list_users(page));
listed!(Client, client, |clockify, page| clockify.list_clients(page));
listed!(Project, project, |clockify, page| clockify
    .list_projects(page));
listed!(Tag, tag, |clockify, page| clockify.list_tags(page));
listed!(Policy, policy, |clockify, page| clockify
    .list_policies(page));
listed!(Holiday, holiday, |clockify, _page| clockify.list_holidays());
listed!(ExpenseCategory, expense_category, |clockify, _page| {
    clockify.list_all_expense_categories()
});
