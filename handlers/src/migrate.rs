//! `handlers migrate`: a step of deployment, run by an identity that may change tables, as the app's own may
//! not. A database that sleeps is waited for.

use shared::{
    settings::Settings,
    store::{Store, StoreError},
};

/// The steps that [`apply`] would take, oldest first, for reading. Nothing is changed.
pub async fn plan(settings: &Settings) -> Result<String, StoreError> {
    let steps = open(settings)?.pending_migrations().await?;
    if steps.is_empty() {
        return Ok("nothing to do\n".to_owned());
    }
    Ok(lines(&steps, "to apply  "))
}

/// Takes these steps, each in a transaction of its own. Says what was done; can be run again, and by two at once.
pub async fn apply(settings: &Settings) -> Result<String, StoreError> {
    let migrated = open(settings)?.migrate().await?;
    Ok(lines(&migrated.applied, "applied   ") + &version_line(migrated.to))
}

/// The schema's version, and that of this program.
pub async fn version(settings: &Settings) -> Result<String, StoreError> {
    Ok(version_line(open(settings)?.schema_version().await?))
}

fn lines(steps: &[&str], before: &str) -> String {
    let lines: Vec<String> = steps
        .iter()
        .map(|step| format!("{before}{step}\n"))
        .collect();
    lines.concat()
}

fn version_line(version: u32) -> String {
    let of_program = Store::schema_version_of_program();
    format!("database {version}, program {of_program}\n")
}

/// Nobody waits for an answer here, and the database may be asleep.
fn open(settings: &Settings) -> Result<Store, StoreError> {
    Ok(Store::open(&settings.database)?.patient())
}
