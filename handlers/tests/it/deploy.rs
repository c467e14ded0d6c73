//! `infra/deploy.sh`, with stand-ins for `az`, `curl`, `sleep` and the package's program: what it does, and in which order.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/deploy.sh");

const AZ: &str = r#"#!/bin/sh
echo "az $*" >>"$LOG"
case "$*" in
    *outputs.appHost*) echo app.example ;;
    *outputs.sqlServer*) echo server.example ;;
    *outputs*) echo name ;;
    *publicNetworkAccess\ -o*) echo Disabled ;;
esac
"#;
const CURL: &str = r#"#!/bin/sh
case "$*" in
    *ipify*) echo 203.0.113.7; exit ;;
esac
echo "asked for its health" >>"$LOG"
[ "$(grep -c 'asked for its health' "$LOG")" -gt 2 ] && commit=new || commit=old
echo "{\"status\":\"ok\",\"version\":\"$commit\"}"
"#;
const SLEEP: &str = "#!/bin/sh\necho \"sleep $*\" >>\"$LOG\"\n";
/// Lets in the third who asks.
const PROGRAM: &str = r#"#!/bin/sh
echo "handlers $*" >>"$LOG"
case "$*" in
    --version) echo "handlers new" ;;
    "migrate version")
        [ "$(grep -c 'migrate version' "$LOG")" -gt 2 ] || exit 1
        echo "database $STORED, program 9" ;;
    migrate) [ "$STORED" -le 9 ] ;;
esac
"#;

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs it against a database of that version. What was done, line by line, and whether it succeeded.
fn deploy(stored: u32) -> (Vec<String>, bool) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, text) in [("az", AZ), ("curl", CURL), ("sleep", SLEEP)] {
        write_program(&at(name), text);
    }
    write_program(&at("handlers"), PROGRAM);
    pack(folder.path());
    fs::remove_file(at("handlers")).unwrap();
    let path = std::env::var("PATH").unwrap();
    let done = Command::new(SCRIPT)
        .args(["group", "clocking.zip"])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("LOG", at("log"))
        .env("STORED", stored.to_string())
        .output()
        .unwrap();
    let log = fs::read_to_string(at("log")).unwrap();
    (
        log.lines().map(str::to_owned).collect(),
        done.status.success(),
    )
}

fn pack(folder: &Path) {
    let packed = Command::new("python3")
        .args(["-m", "zipfile", "-c", "clocking.zip", "handlers"])
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(packed.success());
}

/// Where in the log a line begins so.
fn find(log: &[String], beginning: &str) -> usize {
    log.iter()
        .position(|line| line.starts_with(beginning))
        .unwrap_or_else(|| panic!("no {beginning:?} in {log:#?}"))
}

#[test]
fn it_waits_for_the_database_migrates_deploys_and_waits_for_the_new_program() {
    let (log, succeeded) = deploy(8);
    assert!(succeeded, "{log:#?}");
    let count = |what: &str| log.iter().filter(|line| *line == what).count();
    assert_eq!(count("handlers migrate version"), 3, "until it is let in");
    let steps = [
        "az sql server firewall-rule create",
        "handlers migrate version",
        "handlers migrate",
        "az functionapp deployment source config-zip",
        "asked for its health",
        "az sql server firewall-rule delete",
    ];
    let places = steps.map(|step| match step {
        "handlers migrate" => log.iter().position(|line| line == step).unwrap(),
        _ => find(&log, step),
    });
    assert!(places.is_sorted(), "{log:#?}");
    assert_eq!(
        count("asked for its health"),
        3,
        "the program before it answered at first"
    );
    assert_eq!(
        find(
            &log,
            "az sql server update -g group -n server --set publicNetworkAccess=Disabled"
        ),
        log.len() - 1
    );
}

#[test]
fn an_earlier_package_goes_out_over_a_newer_database() {
    let (log, succeeded) = deploy(10);
    assert!(succeeded, "{log:#?}");
    assert!(!log.contains(&"handlers migrate".to_owned()), "{log:#?}");
    find(&log, "az functionapp deployment source config-zip");
}
