//! What can go wrong between the program and its database, told apart by what the caller can do.

use std::borrow::Cow;

/// A failure of the store. Constraint names are those of the migrations, the same on both engines.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with that key is there already: a unique constraint or a primary key (`pk_TABLE`).
    #[error("a row with that key exists already ({constraint})")]
    Duplicate {
        /// The constraint's name.
        constraint: String,
    },
    /// A foreign key points at nothing, or something still points at a row that is to go.
    #[error("a referenced row is missing, or the row is still referenced ({constraint})")]
    Reference {
        /// The constraint's name.
        constraint: String,
    },
    /// A CHECK or NOT NULL constraint refused a value.
    #[error("a value was refused by {constraint}")]
    Refused {
        /// The constraint's name, or `TABLE.COLUMN` where a value is missing.
        constraint: String,
    },
    /// Others held the lock for too long, or this transaction was the victim of a deadlock.
    #[error("the database is busy: {cause}")]
    Busy {
        /// The engine's words.
        cause: String,
    },
    /// The database cannot be reached, is starting, or the connection broke. Worth another try later.
    #[error("the database is not available: {cause}")]
    Unavailable {
        /// The engine's words.
        cause: String,
        /// Known to pass by itself: the database wakes, moves or is throttled, or a connection broke.
        passing: bool,
    },
    /// An earlier statement of this transaction failed, so nothing more of it counts.
    #[error("the transaction failed earlier and was rolled back")]
    Aborted,
    /// The transaction left the closure that it was made for, and was rolled back.
    #[error("the transaction was kept beyond its unit of work and was rolled back")]
    Escaped,
    /// The database has been migrated by a newer program.
    #[error(
        "the database has schema version {found}, this program knows {known}: install the newer program"
    )]
    SchemaTooNew {
        /// Version of the database.
        found: u32,
        /// Newest version of this program.
        known: u32,
    },
    /// A migration that the database has is not the one that this program has under that number.
    #[error("migration {version} of the database differs from this program's: {cause}")]
    SchemaDiffers {
        /// Number of the migration.
        version: u32,
        /// What differs.
        cause: String,
    },
    /// A value that the column cannot hold exactly, or a column that does not hold what was asked for.
    #[error("{name}: {cause}")]
    Value {
        /// The parameter or column.
        name: String,
        /// What is wrong with it.
        cause: Cow<'static, str>,
    },
    /// A statement and its parameters do not fit together, or the engine did not understand it: a fault of the program.
    #[error("the statement failed: {cause}")]
    Statement {
        /// The engine's words.
        cause: String,
    },
}

/// Why a whole unit of work may be run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It was a deadlock's victim, or met a lock: it may well succeed now.
    Contention,
    /// The database was not there, and will be soon.
    Passing,
    /// Another writer may have inserted the same key in between; once seen, it is an update.
    DuplicateRace,
    /// It would fail in the same way.
    Never,
}

impl StoreError {
    pub(super) fn value(name: &str, cause: impl Into<Cow<'static, str>>) -> Self {
        Self::Value {
            name: name.to_owned(),
            cause: cause.into(),
        }
    }

    pub(super) fn statement(cause: impl Into<String>) -> Self {
        Self::Statement {
            cause: cause.into(),
        }
    }

    pub(super) fn unavailable(cause: impl std::fmt::Display) -> Self {
        Self::Unavailable {
            cause: cause.to_string(),
            passing: false,
        }
    }

    pub(super) fn passing(cause: impl std::fmt::Display) -> Self {
        Self::Unavailable {
            cause: cause.to_string(),
            passing: true,
        }
    }

    /// Whether another try in a moment may succeed without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unavailable { .. })
    }

    /// Whether it is a violation of the constraint of that name.
    pub fn violates(&self, name: &str) -> bool {
        match self {
            Self::Duplicate { constraint }
            | Self::Reference { constraint }
            | Self::Refused { constraint } => constraint == name,
            _ => false,
        }
    }

    pub(super) fn repeat(&self) -> Repeat {
        match self {
            Self::Busy { .. } => Repeat::Contention,
            Self::Duplicate { .. } => Repeat::DuplicateRace,
            Self::Unavailable { passing: true, .. } => Repeat::Passing,
            _ => Repeat::Never,
        }
    }
}
