//! What stands at the head and foot of every sheet: company, logo, paper, and when it was issued.

use jiff::{Timestamp, civil::Date};
use rust_xlsxwriter::{ExcelDateTime, Image};

use super::ReportError;
use crate::domain::time::CompanyZone;

/// The company as its reports show it, and the moment of issue.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// `COMPANY_NAME`.
    pub company: String,
    /// The PNG behind `COMPANY_LOGO`.
    pub logo: Option<Logo>,
    /// The zone in which the moment of issue is printed.
    pub zone: CompanyZone,
    pub paper: Paper,
    /// From the business clock. The workbook's creation time too, so that equal data gives equal bytes.
    pub issued_at: Timestamp,
}

impl Letterhead {
    /// The moment of issue in local time: `Mon, Nov 9, 2026 at 06:30 (America/Edmonton)`.
    pub fn issued(&self) -> String {
        local_time(self.issued_at, &self.zone)
    }

    /// The local date of issue.
    pub fn issue_date(&self) -> Date {
        self.zone.date_of(self.issued_at)
    }

    pub(super) fn created(&self) -> Result<ExcelDateTime, ReportError> {
        let utc = self.issued_at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let second = u16::from(utc.second().unsigned_abs());
        Ok(excel_date(utc.date())?.and_hms(
            u16::from(utc.hour().unsigned_abs()),
            utc.minute().unsigned_abs(),
            second,
        )?)
    }
}

/// What the printer holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paper {
    #[default]
    Letter,
    A4,
}

impl Paper {
    /// Excel's number for it.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Letter => 1,
            Self::A4 => 9,
        }
    }
}

/// A picture that a workbook can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo(Vec<u8>);

impl Logo {
    /// Takes the bytes of a PNG (or JPEG) file; None if they are no picture.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        Image::new_from_buffer(&bytes).ok()?;
        Some(Self(bytes))
    }

    /// The picture, at most so many pixels wide and high, and its width then.
    pub(super) fn drawn(&self, widest: u32, highest: u32) -> Result<(Image, u32), ReportError> {
        let image = Image::new_from_buffer(&self.0)?;
        let (width, height) = (pixels(image.width()), pixels(image.height()));
        let drawn_width = widest.min(width * highest / height.max(1));
        Ok((image.set_scale_to_size(widest, highest, true), drawn_width))
    }
}

/// Whether a picture can stand on a sheet: bytes that a workbook takes, of 1 to 10 000 pixels each way.
pub fn is_drawable(picture: &[u8]) -> bool {
    const MOST_PIXELS: u32 = 10_000;
    let is_fit = |length| (1..=MOST_PIXELS).contains(&pixels(length));
    Image::new_from_buffer(picture)
        .is_ok_and(|image| is_fit(image.width()) && is_fit(image.height()))
}

/// A length in pixels to the nearest whole one; the library keeps them as floats.
fn pixels(length: f64) -> u32 {
    format!("{length:.0}").parse().unwrap_or(0)
}

/// `Mon, Nov 9, 2026 at 06:30 (America/Edmonton)`.
pub fn local_time(instant: Timestamp, zone: &CompanyZone) -> String {
    let zone = zone.time_zone();
    let local = instant.to_zoned(zone.clone()).datetime();
    format!(
        "{} at {:02}:{:02} ({})",
        long_date(local.date()),
        local.hour(),
        local.minute(),
        zone.iana_name().unwrap_or("local time")
    )
}

/// `Mon, Nov 9, 2026`.
pub fn long_date(date: Date) -> String {
    date.strftime("%a, %b %-d, %Y").to_string()
}

/// `Sun, Oct 25, 2026 to Sat, Nov 7, 2026`.
pub fn long_period(from: Date, to: Date) -> String {
    if from == to {
        return long_date(from);
    }
    format!("{} to {}", long_date(from), long_date(to))
}

/// A date as a workbook keeps it: Excel knows the years 1900 to 9999.
pub(super) fn excel_date(date: Date) -> Result<ExcelDateTime, ReportError> {
    Ok(ExcelDateTime::from_ymd(
        date.year().unsigned_abs(),
        date.month().unsigned_abs(),
        date.day().unsigned_abs(),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letterhead(at: &str) -> Letterhead {
        Letterhead {
            company: "Hill Plain".into(),
            logo: None,
            zone: CompanyZone::named("America/Edmonton").unwrap(),
            paper: Paper::Letter,
            issued_at: at.parse().unwrap(),
        }
    }

    /// `domain.md` §3: since 8 March 2026 Edmonton is UTC−06:00 all year.
    #[test]
    fn the_issue_time_is_local() {
        assert_eq!(
            letterhead("2026-01-05T13:30:00Z").issued(),
            "Mon, Jan 5, 2026 at 06:30 (America/Edmonton)"
        );
        assert_eq!(
            letterhead("2026-11-09T12:30:00Z").issued(),
            "Mon, Nov 9, 2026 at 06:30 (America/Edmonton)"
        );
        assert_eq!(
            letterhead("2026-11-10T05:59:00Z").issue_date(),
            jiff::civil::date(2026, 11, 9)
        );
    }

    #[test]
    fn a_logo_must_be_a_picture() {
        assert_eq!(Logo::from_bytes(b"not a picture".to_vec()), None);
    }
}
