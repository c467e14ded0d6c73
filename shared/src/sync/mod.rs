//! Keeping the database equal to Clockify: by webhooks at once, by syncs for certain.

pub mod approvals;
pub mod envelope;
