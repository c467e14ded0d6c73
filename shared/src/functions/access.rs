//! The access rules as types, for [`super::caller::Caller`], and as values, for the table of routes.

use std::fmt;

use super::role::Role;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Nobody in particular.
    Anyone,
    /// Whoever shows a valid key or is signed in.
    AnyCaller,
    /// Who holds that role, or one that includes it.
    Role(Role),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("anyone"),
            Self::AnyCaller => f.write_str("any caller"),
            Self::Role(role) => write!(f, "`{role}`"),
        }
    }
}

/// A rule of access as a type: `Caller<PayrollRead>`.
pub trait Access: Send + Sync + 'static {
    /// The rule as a value.
    const WHO: Who;
}

macro_rules! access {
    ($($(#[$doc:meta])* $name:ident = $who:expr),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl Access for $name {
            const WHO: Who = $who;
        }
    )+};
}

access! {
    /// Whoever shows a valid key or is signed in.
    AnyCaller = Who::AnyCaller,
    /// Reports without pay figures, and flags.
    ReportsRead = Who::Role(Role::ReportsRead),
    /// Pay figures.
    PayrollRead = Who::Role(Role::PayrollRead),
    /// LEM sheets and the app's drop-downs.
    LemRead = Who::Role(Role::LemRead),
    /// Changing LEM sheets, new roles and equipment.
    LemWrite = Who::Role(Role::LemWrite),
    /// Signing and rejecting LEM sheets.
    LemSign = Who::Role(Role::LemSign),
    /// Changing rates.
    LemRates = Who::Role(Role::LemRates),
    /// The administrator's work.
    Admin = Who::Role(Role::Admin),
}
