//! One workbook: its sheets in order, its properties, its bytes.

use rust_xlsxwriter::{DocProperties, Workbook, Worksheet};

use super::{
    ReportError,
    letterhead::Letterhead,
    page::{Head, Orientation, Page},
    sheet_names::SheetNames,
};

/// A workbook while it is written. Equal data and an equal time of issue give equal bytes.
pub(super) struct Book<'a> {
    workbook: Workbook,
    names: SheetNames,
    letterhead: &'a Letterhead,
}

impl std::fmt::Debug for Book<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl<'a> Book<'a> {
    pub(super) fn new(letterhead: &'a Letterhead, title: &str) -> Result<Self, ReportError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(
            &DocProperties::new()
                .set_title(title)
                .set_company(&letterhead.company)
                .set_author(&letterhead.company)
                .set_creation_datetime(&letterhead.created()?),
        );
        Ok(Self {
            workbook,
            names: SheetNames::default(),
            letterhead,
        })
    }

    /// Begins a sheet that is kept in memory until the workbook is saved: a document, a sheet of one
    /// person, or one that a chart takes its figures from. Its name is made legal and unique.
    pub(super) fn page(
        &mut self,
        name: &str,
        head: Head,
        orientation: Orientation,
    ) -> Result<Page<'a>, ReportError> {
        let name = self.names.legal(name);
        Page::begin(Worksheet::new(), &name, self.letterhead, head, orientation)
    }

    /// Begins a sheet with a row for each person, day or claim of the company. Each row goes to a temporary
    /// file when the next one is begun, so that memory does not grow with the rows.
    pub(super) fn long_page(
        &mut self,
        name: &str,
        head: Head,
        orientation: Orientation,
    ) -> Result<Page<'a>, ReportError> {
        let name = self.names.legal(name);
        let sheet = self.workbook.new_worksheet_with_low_memory()?;
        let page = Page::begin(sheet, &name, self.letterhead, head, orientation)?;
        Ok(page.written_through())
    }

    /// Ends a sheet: it stands behind those that were added before.
    pub(super) fn add(&mut self, page: Page<'a>) -> Result<(), ReportError> {
        self.workbook.push_worksheet(page.finish()?);
        Ok(())
    }

    /// The `.xlsx` file.
    pub(super) fn into_bytes(mut self) -> Result<Vec<u8>, ReportError> {
        Ok(self.workbook.save_to_buffer()?)
    }
}
