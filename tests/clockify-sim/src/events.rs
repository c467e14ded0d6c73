//! The names of Clockify's webhook events (clockify.md §9.3), all 51 that can be subscribed to.

/// Those that changes in the simulator lead to.
pub const TOLD: [&str; 37] = [
    "NEW_TIME_ENTRY",
    "TIME_ENTRY_UPDATED",
    "TIME_ENTRY_DELETED",
    "TIME_ENTRY_RESTORED",
    "TIME_ENTRY_SPLIT",
    "NEW_TIMER_STARTED",
    "TIMER_STOPPED",
    "NEW_APPROVAL_REQUEST",
    "APPROVAL_REQUEST_STATUS_UPDATED",
    "NEW_PROJECT",
    "PROJECT_UPDATED",
    "PROJECT_DELETED",
    "NEW_TASK",
    "TASK_UPDATED",
    "TASK_DELETED",
    "NEW_CLIENT",
    "CLIENT_UPDATED",
    "CLIENT_DELETED",
    "NEW_TAG",
    "TAG_UPDATED",
    "TAG_DELETED",
    "USER_JOINED_WORKSPACE",
    "USER_UPDATED",
    "USER_EMAIL_CHANGED",
    "USER_ACTIVATED_ON_WORKSPACE",
    "USER_DEACTIVATED_ON_WORKSPACE",
    "USER_DELETED_FROM_WORKSPACE",
    "USERS_INVITED_TO_WORKSPACE",
    "USER_GROUP_CREATED",
    "USER_GROUP_UPDATED",
    "USER_GROUP_DELETED",
    "TIME_OFF_REQUESTED",
    "TIME_OFF_REQUEST_UPDATED",
    "TIME_OFF_REQUEST_APPROVED",
    "TIME_OFF_REQUEST_REJECTED",
    "TIME_OFF_REQUEST_STARTED",
    "TIME_OFF_REQUEST_WITHDRAWN",
];

/// More of them, which concern balances, expenses and rates.
pub const TOLD_OF_MONEY: [&str; 5] = [
    "BALANCE_UPDATED",
    "EXPENSE_CREATED",
    "EXPENSE_UPDATED",
    "EXPENSE_DELETED",
    "EXPENSE_RESTORED",
];

/// Those that the system does not use and the simulator never posts.
const UNUSED: [&str; 9] = [
    "LIMITED_USERS_ADDED_TO_WORKSPACE",
    "NEW_INVOICE",
    "INVOICE_UPDATED",
    "ASSIGNMENT_CREATED",
    "ASSIGNMENT_UPDATED",
    "ASSIGNMENT_DELETED",
    "ASSIGNMENT_PUBLISHED",
    "BILLABLE_RATE_UPDATED",
    "COST_RATE_UPDATED",
];

/// Every event that a change in the simulator can lead to.
pub fn told() -> impl Iterator<Item = &'static str> {
    TOLD.into_iter().chain(TOLD_OF_MONEY)
}

pub(crate) fn is_known(name: &str) -> bool {
    told().chain(UNUSED).any(|event| event == name)
}
