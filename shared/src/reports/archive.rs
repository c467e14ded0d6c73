//! Several files in one `.zip`.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{NamedFile, ReportError, letterhead::Letterhead};

/// Packs the files in their order. Their time is the time of issue, so that equal files give equal bytes.
pub(super) fn zip(
    name: String,
    files: &[NamedFile],
    letterhead: &Letterhead,
) -> Result<NamedFile, ReportError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(issued(letterhead));
    for file in files {
        // A workbook is a zip itself: packing it again would cost time and win nothing.
        let method = if file.content_type == NamedFile::WORKBOOK {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        archive.start_file(file.name.as_str(), options.compression_method(method))?;
        archive
            .write_all(&file.bytes)
            .map_err(zip::result::ZipError::from)?;
    }
    let bytes = archive.finish()?.into_inner();
    Ok(NamedFile {
        name,
        content_type: NamedFile::ZIP,
        bytes,
    })
}

/// The local time of issue; a zip knows the years 1980 to 2107, in steps of two seconds.
fn issued(letterhead: &Letterhead) -> DateTime {
    let local = letterhead
        .issued_at
        .to_zoned(letterhead.zone.time_zone().clone())
        .datetime();
    DateTime::from_date_and_time(
        local.year().unsigned_abs(),
        local.month().unsigned_abs(),
        local.day().unsigned_abs(),
        local.hour().unsigned_abs(),
        local.minute().unsigned_abs(),
        local.second().unsigned_abs(),
    )
    .unwrap_or_default()
}
