//! `handlers migrate plan`, `apply` and `version`.

use std::path::Path;

use handlers::migrate;
use shared::{
    settings::Settings,
    store::{Store, StoreError},
};

fn settings(data: &Path) -> Settings {
    let at = |name: &str| data.join(name).display().to_string();
    Settings::from_env(|name| match name {
        "DATABASE_URL" => Some(format!("sqlite:{}", at("clocking.db"))),
        "QUEUE_URL" => Some(format!("sqlite:{}", at("queue.db"))),
        "STORAGE_URL" => Some(format!("file:{}", at("storage"))),
        _ => None,
    })
    .expect("the settings are right")
}

#[tokio::test]
async fn the_schema_is_planned_applied_and_then_up_to_date() {
    let data = tempfile::tempdir().expect("a folder");
    let settings = settings(data.path());
    let known = Store::schema_version_of_program();

    let plan = migrate::plan(&settings).await.expect("a plan");
    assert!(plan.starts_with("to apply  V0001__records\n"), "{plan}");
    let version = migrate::version(&settings).await.expect("a version");
    assert_eq!(
        version,
        format!("database 0, program {known}\n"),
        "a plan changes nothing"
    );

    let done = migrate::apply(&settings).await.expect("applied");
    assert_eq!(
        done,
        format!(
            "{}database {known}, program {known}\n",
            plan.replace("to apply ", "applied  ")
        )
    );
    let again = migrate::apply(&settings).await.expect("applied again");
    assert_eq!(again, format!("database {known}, program {known}\n"));
    assert_eq!(
        migrate::plan(&settings).await.expect("a plan"),
        "nothing to do\n"
    );
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() {
    let data = tempfile::tempdir().expect("a folder");
    let settings = settings(data.path());
    migrate::apply(&settings).await.expect("applied");
    let newer = Store::schema_version_of_program() + 1;
    let database = rusqlite::Connection::open(data.path().join("clocking.db")).expect("the file");
    database
        .execute(
            "INSERT INTO schema_history (version, name, checksum, applied_at) VALUES (?1, 'V9999__newer', '', '')",
            [newer],
        )
        .expect("a newer program was here");

    for refused in [
        migrate::plan(&settings).await,
        migrate::apply(&settings).await,
    ] {
        let error = refused.expect_err("this program is too old");
        assert!(
            matches!(error, StoreError::SchemaTooNew { found, .. } if found == newer),
            "{error}"
        );
    }
    let version = migrate::version(&settings).await.expect("a version");
    assert_eq!(
        version,
        format!("database {newer}, program {}\n", newer - 1)
    );
}
