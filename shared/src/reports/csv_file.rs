//! CSV beside a workbook, for programs: UTF-8 with a byte order mark (Excel needs it), ISO dates, a
//! point before decimals, lines that end in CRLF.

use super::{NamedFile, ReportError, entities::unescaped, page::looks_like_formula};

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A CSV file while it is written.
#[derive(Debug)]
pub(super) struct CsvFile {
    writer: csv::Writer<Vec<u8>>,
}

impl CsvFile {
    pub(super) fn new(headings: &[&str]) -> Result<Self, ReportError> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.to_vec());
        writer.write_record(headings)?;
        Ok(Self { writer })
    }

    /// Writes one line. Dates come as [`jiff::civil::Date`] prints them, numbers as decimals do.
    pub(super) fn line(&mut self, fields: &[String]) -> Result<(), ReportError> {
        self.writer.write_record(fields)?;
        Ok(())
    }

    pub(super) fn into_file(self, name: String) -> Result<NamedFile, ReportError> {
        let bytes = self
            .writer
            .into_inner()
            .map_err(|error| csv::Error::from(error.into_error()))?;
        Ok(NamedFile {
            name,
            content_type: NamedFile::CSV,
            bytes,
        })
    }
}

/// A text that somebody typed. What a spreadsheet would take for a formula gets an apostrophe in front.
pub(super) fn typed(text: &str) -> String {
    let text = unescaped(text);
    if looks_like_formula(&text) {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_opens_in_excel_as_it_is_meant() {
        let mut file = CsvFile::new(&["Name", "Hours"]).unwrap();
        file.line(&[typed("Zoë \"Z\", Łuk"), "-7.50".into()])
            .unwrap();
        file.line(&[typed("=1+1"), String::new()]).unwrap();
        let file = file.into_file("a.csv".into()).unwrap();
        assert_eq!(
            String::from_utf8(file.bytes).unwrap(),
            "\u{FEFF}Name,Hours\r\n\"Zoë \"\"Z\"\", Łuk\",-7.50\r\n'=1+1,\r\n"
        );
    }

    #[test]
    fn typed_text_never_becomes_a_formula() {
        for text in ["=a", "+a", "-a", "@a", "\ta", "\ra"] {
            assert_eq!(typed(text), format!("'{text}"));
        }
        assert_eq!(typed("a=b"), "a=b");
        assert_eq!(typed("Yard &amp; Shop"), "Yard & Shop");
    }
}
