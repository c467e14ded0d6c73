//! Golden workbooks: unzipped and compared part by part, so that a difference is named and can be read.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    path::PathBuf,
};

use shared::reports::NamedFile;
use zip::ZipArchive;

/// The files of a zip by name.
pub(crate) fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..archive.len())
        .map(|index| {
            let mut part = archive.by_index(index).expect("a part of the zip");
            let mut content = Vec::new();
            part.read_to_end(&mut content).expect("its content");
            (part.name().to_owned(), content)
        })
        .collect()
}

/// The files inside a report that is delivered as one zip.
pub(crate) fn unpack(report: &NamedFile) -> Vec<NamedFile> {
    assert_eq!(report.content_type, NamedFile::ZIP);
    unzip(&report.bytes)
        .into_iter()
        .map(|(name, bytes)| NamedFile {
            content_type: if bytes.starts_with(b"PK") {
                NamedFile::WORKBOOK
            } else {
                NamedFile::CSV
            },
            name,
            bytes,
        })
        .collect()
}

/// Holds the file against the golden one of its name.
pub(crate) fn assert_golden(file: &NamedFile) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/golden")
        .join(&file.name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &file.bytes).expect("the golden file can be written");
        return;
    }
    let golden = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; see UPDATE_GOLDEN", path.display()));
    if file.content_type == NamedFile::CSV {
        assert_eq!(
            String::from_utf8_lossy(&file.bytes),
            String::from_utf8_lossy(&golden),
            "{}",
            file.name
        );
        return;
    }
    let (expected, found) = (unzip(&golden), unzip(&file.bytes));
    assert_eq!(
        expected.keys().collect::<Vec<_>>(),
        found.keys().collect::<Vec<_>>(),
        "parts of {}",
        file.name
    );
    for (part, expected) in &expected {
        if let Some(difference) = first_difference(expected, &found[part]) {
            panic!("{} differs in {part}:\n{difference}", file.name);
        }
    }
}

/// The first XML element in which two parts differ.
fn first_difference(expected: &[u8], found: &[u8]) -> Option<String> {
    if expected == found {
        return None;
    }
    let (expected, found) = (
        String::from_utf8_lossy(expected),
        String::from_utf8_lossy(found),
    );
    let mut pairs = elements(&expected).zip(elements(&found));
    let difference = pairs.find(|(expected, found)| expected != found);
    Some(match difference {
        Some((expected, found)) => format!("expected {expected}\nfound    {found}"),
        None => format!("{} against {} bytes", expected.len(), found.len()),
    })
}

/// Tags with the text that follows each.
fn elements(xml: &str) -> impl Iterator<Item = &str> {
    xml.split_inclusive('>').filter(|piece| !piece.is_empty())
}
