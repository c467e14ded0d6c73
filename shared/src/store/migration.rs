//! The schema's numbered steps, forward only. File names have refinery's form (`V0001__name.sql`);
//! the runner is our own, because refinery's for SQL Server drops results unread, and with them errors.
//! Each step must be safe while the program before it still runs.

use sha2::{Digest, Sha256};

use super::{Row, Statement, Store, StoreError, Transaction, statement::Dialect};

/// A step of the schema, in each engine's words. On SQL Server a line with `GO` ends a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Migration {
    pub(super) version: u32,
    pub(super) name: &'static str,
    pub(super) sqlite: &'static str,
    pub(super) mssql: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("migrations/sqlite/", $name, ".sql")),
            mssql: include_str!(concat!("migrations/mssql/", $name, ".sql")),
        }
    };
}

/// All steps, oldest first.
pub(super) const MIGRATIONS: &[Migration] = &[
    migration!(1, "V0001__records"),
    migration!(2, "V0002__coordination"),
    migration!(3, "V0003__lem"),
    migration!(4, "V0004__expenses"),
    migration!(5, "V0005__balances"),
    migration!(6, "V0006__report_views"),
    migration!(7, "V0007__exact_leave"),
    migration!(8, "V0008__expense_approvals"),
    migration!(9, "V0009__scan_progress"),
];

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The schema's version before; 0 for an empty database.
    pub from: u32,
    /// The schema's version now.
    pub to: u32,
    /// The steps that were taken.
    pub applied: Vec<&'static str>,
}

const CREATE_HISTORY: Statement = Statement::pair(
    "CREATE TABLE IF NOT EXISTS schema_history (
        version INTEGER NOT NULL CONSTRAINT pk_schema_history PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at TEXT NOT NULL
    ) STRICT",
    "IF OBJECT_ID('schema_history', 'U') IS NULL CREATE TABLE schema_history (
        version INT NOT NULL CONSTRAINT pk_schema_history PRIMARY KEY,
        name NVARCHAR(200) NOT NULL,
        checksum NVARCHAR(64) NOT NULL,
        applied_at DATETIME2(3) NOT NULL
    )",
);

const HISTORY_EXISTS: Statement = Statement::pair(
    "SELECT name FROM sqlite_master WHERE name = 'schema_history'",
    "SELECT name FROM sys.tables WHERE name = 'schema_history'",
);

const HISTORY: Statement =
    Statement::new("SELECT version, name, checksum FROM schema_history ORDER BY version");

const RECORD: Statement = Statement::new(
    "INSERT INTO schema_history (version, name, checksum, applied_at) VALUES (@version, @name, @checksum, {now})",
);

impl Store {
    /// Brings the schema up to this program's version, each step in a transaction of its own, while nobody
    /// else changes it. A database that is newer than the program is refused.
    pub async fn migrate(&self) -> Result<Migrated, StoreError> {
        self.apply(MIGRATIONS).await
    }

    /// The names of the steps that [`Store::migrate`] would take, oldest first.
    pub async fn pending_migrations(&self) -> Result<Vec<&'static str>, StoreError> {
        let done = self.history().await?;
        check(MIGRATIONS, &done, self.dialect())?;
        let pending = MIGRATIONS.iter().skip(done.len());
        Ok(pending.map(|step| step.name).collect())
    }

    /// The schema's version; 0 for an empty database.
    pub async fn schema_version(&self) -> Result<u32, StoreError> {
        version_of(&self.history().await?)
    }

    /// The version that this program's statements are written for.
    pub const fn schema_version_of_program() -> u32 {
        MIGRATIONS[MIGRATIONS.len() - 1].version
    }

    async fn history(&self) -> Result<Vec<Row>, StoreError> {
        self.read(async |mut tx| {
            if tx.query_one(&HISTORY_EXISTS, &[]).await?.is_none() {
                return Ok(Vec::new());
            }
            tx.query(&HISTORY, &[]).await
        })
        .await
    }

    async fn apply(&self, steps: &'static [Migration]) -> Result<Migrated, StoreError> {
        let mut first_version = None;
        let mut applied = Vec::new();
        loop {
            let (version, taken) = self
                .write(async |mut tx| take_next(&mut tx, steps, self.dialect()).await)
                .await?;
            let from = *first_version.get_or_insert(version);
            match taken {
                Some(step) => applied.push(step.name),
                None => {
                    return Ok(Migrated {
                        from,
                        to: version,
                        applied,
                    });
                }
            }
        }
    }
}

/// Takes the first step that the database does not have. Says which version it had, and what was taken.
async fn take_next(
    tx: &mut Transaction,
    steps: &'static [Migration],
    dialect: Dialect,
) -> Result<(u32, Option<&'static Migration>), StoreError> {
    tx.lock_schema().await?;
    tx.execute(&CREATE_HISTORY, &[]).await?;
    let done = tx.query(&HISTORY, &[]).await?;
    check(steps, &done, dialect)?;
    let version = version_of(&done)?;
    let Some(step) = steps.get(done.len()) else {
        return Ok((version, None));
    };
    tx.script(step.text(dialect)).await?;
    let params = [
        ("@version", step.version.into()),
        ("@name", step.name.into()),
        ("@checksum", step.checksum(dialect).into()),
    ];
    tx.execute(&RECORD, &params).await?;
    Ok((version, Some(step)))
}

fn version_of(history: &[Row]) -> Result<u32, StoreError> {
    let Some(row) = history.last() else {
        return Ok(0);
    };
    u32::try_from(row.int("version")?).map_err(|_| StoreError::value("version", "is not a version"))
}

/// What the database has must be the beginning of what the program has.
fn check(steps: &[Migration], done: &[Row], dialect: Dialect) -> Result<(), StoreError> {
    let found = version_of(done)?;
    let known = steps.last().map_or(0, |step| step.version);
    if found > known {
        return Err(StoreError::SchemaTooNew { found, known });
    }
    for (row, step) in done.iter().zip(steps) {
        if row.text("name")? != step.name || row.text("checksum")? != step.checksum(dialect) {
            return Err(StoreError::SchemaDiffers {
                version: step.version,
                cause: format!("the database has {}", row.text("name")?),
            });
        }
    }
    Ok(())
}

impl Migration {
    fn text(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Mssql => self.mssql,
        }
    }

    /// Of the text without the carriage returns that some checkouts add.
    fn checksum(&self, dialect: Dialect) -> String {
        hex::encode(Sha256::digest(self.text(dialect).replace('\r', "")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{Database, on_each_engine};

    const ONE: Migration = Migration {
        version: 1,
        name: "V0001__one",
        sqlite: "CREATE TABLE one (id TEXT NOT NULL) STRICT; CREATE TABLE uno (id TEXT NOT NULL) STRICT;",
        mssql: "CREATE TABLE one (id NVARCHAR(64) NOT NULL);\nGO\nCREATE TABLE uno (id NVARCHAR(64) NOT NULL);",
    };
    const TWO: Migration = Migration {
        version: 2,
        name: "V0002__two",
        sqlite: "CREATE TABLE two (id TEXT NOT NULL) STRICT;",
        mssql: "CREATE TABLE two (id NVARCHAR(64) NOT NULL);",
    };
    const BROKEN: Migration = Migration {
        version: 3,
        name: "V0003__broken",
        sqlite: "CREATE TABLE three (id TEXT NOT NULL) STRICT; CREATE TABLE two (id TEXT) STRICT;",
        mssql: "CREATE TABLE three (id NVARCHAR(64) NOT NULL);\nGO\nCREATE TABLE two (id NVARCHAR(64));",
    };
    const MENDED: Migration = Migration {
        sqlite: "CREATE TABLE three (id TEXT NOT NULL) STRICT;",
        mssql: "CREATE TABLE three (id NVARCHAR(64) NOT NULL);",
        ..BROKEN
    };
    const OTHER: Migration = Migration {
        name: "V0001__other",
        ..ONE
    };

    on_each_engine! {
        empty:
        steps_are_taken_once_and_in_order,
        a_broken_step_leaves_nothing,
        a_newer_or_another_schema_is_refused,
        the_programs_own_steps_run_also_when_two_start_at_once,
    }

    async fn steps_are_taken_once_and_in_order(store: &Store) {
        assert_eq!(store.schema_version().await.expect("a version"), 0);
        let first = store.apply(&[ONE]).await.expect("the first step");
        assert_eq!((first.from, first.to), (0, 1));
        let second = store.apply(&[ONE, TWO]).await.expect("the second step");
        assert_eq!(
            (second.from, second.to, second.applied),
            (1, 2, vec!["V0002__two"])
        );
        let again = store.apply(&[ONE, TWO]).await.expect("nothing to do");
        assert!(again.applied.is_empty());
        assert_eq!(store.schema_version().await.expect("a version"), 2);
    }

    async fn a_broken_step_leaves_nothing(store: &Store) {
        store.apply(&[ONE, TWO]).await.expect("two steps");
        store
            .apply(&[ONE, TWO, BROKEN])
            .await
            .expect_err("a broken step");
        assert_eq!(store.schema_version().await.expect("a version"), 2);
        store
            .apply(&[ONE, TWO, MENDED])
            .await
            .expect("no table three was left behind");
    }

    async fn a_newer_or_another_schema_is_refused(store: &Store) {
        store.apply(&[ONE, TWO]).await.expect("two steps");
        let newer = store.apply(&[ONE]).await;
        assert!(
            matches!(newer, Err(StoreError::SchemaTooNew { found: 2, known: 1 })),
            "{newer:?}"
        );
        let other = store.apply(&[OTHER, TWO]).await;
        assert!(
            matches!(other, Err(StoreError::SchemaDiffers { version: 1, .. })),
            "{other:?}"
        );
    }

    async fn the_programs_own_steps_run_also_when_two_start_at_once(store: &Store) {
        let (one, two) = tokio::join!(store.migrate(), store.migrate());
        let taken = one.expect("one").applied.len() + two.expect("the other").applied.len();
        assert_eq!(taken, MIGRATIONS.len());
        let version = store.schema_version().await.expect("a version");
        assert_eq!(version, Store::schema_version_of_program());
        let pending = store.pending_migrations().await.expect("a plan");
        assert!(pending.is_empty(), "{pending:?}");
    }

    /// Two processes, each with its own connections: the lock is the database's.
    #[tokio::test]
    async fn two_programs_migrate_one_file() {
        let database = Database::empty();
        let (one, other) = (&database.store, database.opened_again());
        let (one, other) = tokio::join!(one.migrate(), other.migrate());
        let taken = one.expect("one").applied.len() + other.expect("the other").applied.len();
        assert_eq!(taken, MIGRATIONS.len());
    }

    #[test]
    fn steps_are_numbered_without_a_gap_as_their_files_are() {
        for (n, step) in (1_u32..).zip(MIGRATIONS) {
            assert_eq!(step.version, n);
            assert!(
                step.name.starts_with(&format!("V{n:04}__")),
                "{}",
                step.name
            );
        }
    }
}
