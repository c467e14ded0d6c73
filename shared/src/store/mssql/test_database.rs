//! A database of its own for each test, on the server that `TEST_MSSQL_URL` names; dropped with the value.

use std::thread;

use bb8::ManageConnection;
use tokio::{runtime, sync::Mutex};

use super::link::{Link, Links};
use crate::{settings::SqlServerUrl, store::StoreError};

/// SQL Server copies a model that only one at a time may copy.
static CREATING: Mutex<()> = Mutex::const_new(());

/// An empty database, by its server's address and its own.
pub(in crate::store) struct TestDatabase {
    admin: SqlServerUrl,
    url: SqlServerUrl,
}

impl TestDatabase {
    /// Creates it through a login that may: its address's database is any that is there, such as `master`.
    pub(in crate::store) async fn create(admin: SqlServerUrl) -> Self {
        let name = format!("clocking_test_{}", uuid::Uuid::new_v4().simple());
        let url = SqlServerUrl {
            database: name.clone(),
            ..admin.clone()
        };
        let mut server = connect(&admin).await.expect("the server of TEST_MSSQL_URL");
        let _alone = CREATING.lock().await;
        // The collation of a new Azure SQL database.
        let create = format!("CREATE DATABASE [{name}] COLLATE SQL_Latin1_General_CP1_CI_AS");
        server.batch(&create).await.expect("a new database");
        let database = Self { admin, url };
        // As it is in Azure SQL: readers do not wait for writers. A server that has no such setting never lets them.
        let settings = format!("ALTER DATABASE [{name}] SET READ_COMMITTED_SNAPSHOT ON");
        let _ = server.batch(&settings).await;
        database
    }

    pub(in crate::store) fn url(&self) -> SqlServerUrl {
        self.url.clone()
    }
}

impl Drop for TestDatabase {
    /// On a thread of its own: the test's runtime is busy dropping.
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.url.database.clone());
        let dropped = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime
                .expect("a runtime")
                .block_on(drop_database(&admin, &name))
        })
        .join();
        let is_gone = matches!(dropped, Ok(Ok(())));
        assert!(
            is_gone || thread::panicking(),
            "a test's database stayed: {dropped:?}"
        );
    }
}

async fn drop_database(admin: &SqlServerUrl, name: &str) -> Result<(), StoreError> {
    let mut server = connect(admin).await?;
    // Connections of the test may still be open.
    let alone = format!("ALTER DATABASE [{name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE");
    let _ = server.batch(&alone).await;
    server.batch(&format!("DROP DATABASE [{name}]")).await
}

async fn connect(url: &SqlServerUrl) -> Result<Link, StoreError> {
    Links::new(url.clone(), None).connect().await
}
