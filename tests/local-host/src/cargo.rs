//! Started by cargo (`cargo run`, `cargo test`), the programs that belong to this one are built first, with
//! the profile that it was built with itself.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::host::HostError;

/// The programs of the workspace that a local run needs.
const PROGRAMS: [&str; 2] = ["handlers", "clockify-sim"];
/// A test of the workspace that is quickly built.
const SMALL_TEST: &str = "large";

/// The folder in which this program and its sisters lie.
pub fn program_folder() -> Option<PathBuf> {
    let own = own_folder()?;
    if runs_in_a_test() {
        own.parent().map(Path::to_owned)
    } else {
        Some(own)
    }
}

fn own_folder() -> Option<PathBuf> {
    env::current_exe().ok()?.parent().map(Path::to_owned)
}

/// Cargo puts tests one folder deeper than programs.
fn runs_in_a_test() -> bool {
    own_folder().is_some_and(|folder| folder.file_name().is_some_and(|name| name == "deps"))
}

/// A program beside this one.
pub fn sister(name: &str) -> Option<PathBuf> {
    let path = program_folder()?.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    path.is_file().then_some(path)
}

/// Builds the programs if cargo started this one; cargo itself knows which are older than their sources.
/// Done once per process.
pub fn build_programs() -> Result<(), HostError> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    let Some(cargo) = env::var_os("CARGO") else {
        return Ok(());
    };
    BUILT
        .get_or_init(|| build(&cargo))
        .clone()
        .map_err(HostError::Build)
}

fn build(cargo: &OsString) -> Result<(), String> {
    let profile = program_folder()
        .and_then(|folder| folder.file_name().map(ToOwned::to_owned))
        .ok_or("cannot tell with which profile this program was built")?;
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--profile"]);
    // The folder of the profile `dev` is named `debug`.
    if profile == "debug" {
        build.arg("dev");
    } else {
        build.arg(profile);
    }
    if runs_in_a_test() {
        // With a test among them cargo gives the dependencies the features that `cargo test --workspace` gave
        // them, and finds all built; without, it would build a second set.
        build.args(["--workspace", "--bins", "--test", SMALL_TEST]);
    } else {
        for program in PROGRAMS {
            build.args(["--package", program, "--bin", program]);
        }
    }
    // What cargo told this process about its own package must not pass for news about others.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_BIN_") {
            build.env_remove(name);
        }
    }
    if let Some(folder) = env::var_os("CARGO_MANIFEST_DIR") {
        build.current_dir(folder);
    }
    match build.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo build ended with {status}")),
        Err(error) => Err(format!("cargo could not be started: {error}")),
    }
}
