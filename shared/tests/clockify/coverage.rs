//! No fixture lies unread.

use std::fs;

use crate::fixture::{Fixture, folder, manifest};

/// All files below the folder, except the two that describe it.
fn files_on_disk() -> Vec<String> {
    let mut folders = vec![folder()];
    let mut files = Vec::new();
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let file = path.strip_prefix(folder()).unwrap();
                files.push(file.to_str().unwrap().to_owned());
            }
        }
    }
    files.retain(|file| file != "README.md" && file != "manifest.json");
    files.sort();
    files
}

#[test]
fn the_manifest_lists_every_fixture_and_no_other() {
    let mut listed: Vec<_> = manifest().keys().cloned().collect();
    listed.sort();
    assert_eq!(files_on_disk(), listed);
}

#[tokio::test]
async fn every_fixture_is_read() {
    for file in files_on_disk() {
        let fixture = Fixture::named(&file);
        let is_read = crate::people::read(&fixture).await
            || crate::projects::read(&fixture).await
            || crate::time_entries::read(&fixture).await
            || crate::timesheets::read(&fixture).await
            || crate::windows::read(&fixture).await
            || crate::time_off::read(&fixture).await
            || crate::expenses::read(&fixture).await
            || crate::requests::read(&fixture).await
            || crate::errors::read(&fixture).await
            || crate::events::read(&fixture);
        assert!(is_read, "no test reads {file}");
    }
}
