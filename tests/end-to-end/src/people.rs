//! The people and programs of `domain.md` §1 who call the app, each with a key of his own and the roles that his work
//! needs, and no other.

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest, Sha256};

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Fills in LEMs and has them signed.
    Foreman,
    /// Wants the billing workbook and the LEM sheet.
    ProjectManager,
    /// Wants payroll in which every row adds up.
    PayrollAdministrator,
    /// Wants to know who has submitted, and what can be billed.
    OfficeManager,
    /// Sees what failed, and replays it.
    ItAdministrator,
    /// The LEM Generator app.
    PowerApps,
    /// Sets prices.
    Bookkeeper,
}

impl Person {
    const ALL: [Self; 7] = [
        Self::Foreman,
        Self::ProjectManager,
        Self::PayrollAdministrator,
        Self::OfficeManager,
        Self::ItAdministrator,
        Self::PowerApps,
        Self::Bookkeeper,
    ];

    /// The name under which he calls.
    pub fn name(self) -> &'static str {
        match self {
            Self::Foreman => "foreman",
            Self::ProjectManager => "project-manager",
            Self::PayrollAdministrator => "payroll-administrator",
            Self::OfficeManager => "office-manager",
            Self::ItAdministrator => "it-administrator",
            Self::PowerApps => "power-apps",
            Self::Bookkeeper => "bookkeeper",
        }
    }

    fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Foreman => &["Lem.Write", "Lem.Sign"],
            Self::ProjectManager => &["Reports.Read", "Lem.Read"],
            Self::PayrollAdministrator => &["Reports.Read", "Payroll.Read"],
            Self::OfficeManager => &["Reports.Read"],
            Self::ItAdministrator => &["Admin"],
            Self::PowerApps => &["Lem.Write"],
            Self::Bookkeeper => &["Lem.Rates"],
        }
    }

    /// His key.
    pub fn key(self) -> String {
        format!("the key of the {}", self.name())
    }
}

/// What `CALLER_KEYS` says of all of them.
pub fn caller_keys() -> String {
    let callers: BTreeMap<&str, _> = Person::ALL
        .into_iter()
        .map(|person| {
            let hash = hex::encode(Sha256::digest(person.key()));
            (
                person.name(),
                json!({"sha256": [hash], "roles": person.roles()}),
            )
        })
        .collect();
    json!(callers).to_string()
}
