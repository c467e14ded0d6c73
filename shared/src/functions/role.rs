//! The roles, what one includes of another, and nothing about where they come from (`interface.md` §3, *Who may*).

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Reports without pay figures, their links, and flags.
    #[serde(rename = "Reports.Read")]
    ReportsRead,
    /// Pay figures.
    #[serde(rename = "Payroll.Read")]
    PayrollRead,
    /// LEM sheets, roles, equipment, rates, and the app's drop-downs.
    #[serde(rename = "Lem.Read")]
    LemRead,
    /// Changing LEM sheets and their lines, new roles and equipment.
    #[serde(rename = "Lem.Write")]
    LemWrite,
    /// Signing and rejecting LEM sheets.
    #[serde(rename = "Lem.Sign")]
    LemSign,
    /// Changing rates.
    #[serde(rename = "Lem.Rates")]
    LemRates,
    /// Syncs, balances, deliveries, dead letters, everybody's jobs.
    Admin,
}

impl Role {
    /// All of them, in the order of `interface.md` §3.
    pub const ALL: [Self; 7] = [
        Self::ReportsRead,
        Self::PayrollRead,
        Self::LemRead,
        Self::LemWrite,
        Self::LemSign,
        Self::LemRates,
        Self::Admin,
    ];

    /// The role's name in settings, tokens and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReportsRead => "Reports.Read",
            Self::PayrollRead => "Payroll.Read",
            Self::LemRead => "Lem.Read",
            Self::LemWrite => "Lem.Write",
            Self::LemSign => "Lem.Sign",
            Self::LemRates => "Lem.Rates",
            Self::Admin => "Admin",
        }
    }

    /// The role of that name; names are compared as they stand.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether who holds this role may do what `other` allows: `Admin` includes all but `Payroll.Read` and
    /// `Lem.Sign`; `Lem.Write` includes `Lem.Read`.
    pub fn includes(self, other: Self) -> bool {
        match self {
            _ if self == other => true,
            Self::Admin => !matches!(other, Self::PayrollRead | Self::LemSign),
            Self::LemWrite => other == Self::LemRead,
            _ => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `interface.md` §3: "`Admin` includes all but `Payroll.Read` and `Lem.Sign`; `Lem.Write` includes `Lem.Read`".
    #[test]
    fn what_each_role_includes() {
        let included = |holder: Role| -> Vec<&str> {
            Role::ALL
                .into_iter()
                .filter(|other| holder.includes(*other))
                .map(Role::name)
                .collect()
        };
        assert_eq!(
            included(Role::Admin),
            [
                "Reports.Read",
                "Lem.Read",
                "Lem.Write",
                "Lem.Rates",
                "Admin"
            ]
        );
        assert_eq!(included(Role::LemWrite), ["Lem.Read", "Lem.Write"]);
        for alone in [
            Role::ReportsRead,
            Role::PayrollRead,
            Role::LemRead,
            Role::LemSign,
            Role::LemRates,
        ] {
            assert_eq!(included(alone), [alone.name()]);
        }
    }

    #[test]
    fn a_name_and_its_role_find_each_other() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        assert_eq!(Role::named("admin"), None);
    }
}
