//! Reading Clockify's texts: ids, instants, dates, durations, cents.

use jiff::{SignedDuration, Timestamp, civil::Date};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::clockify::wire::{Nested, Row, Unreadable};

/// The row lacks `field`, or cannot be understood there.
pub(super) fn unreadable<T: Row>(row: &T, field: &str) -> Unreadable {
    Unreadable {
        resource: T::RESOURCE,
        id: Some(row.id().to_owned()),
        field: field.to_owned(),
    }
}

/// An id; Clockify writes both null and `""` for none.
pub(super) fn id<I>(id: Option<&I>) -> Option<I>
where
    I: Clone + PartialEq + From<String>,
{
    id.filter(|id| **id != I::from(String::new())).cloned()
}

/// An id that stands flat, or else nested.
pub(super) fn flat_or_nested<I>(flat: Option<&I>, nested: Option<&Nested>) -> Option<I>
where
    I: Clone + PartialEq + From<String>,
{
    id(flat).or_else(|| {
        let nested = nested?.id()?;
        id(Some(&I::from(nested.to_owned())))
    })
}

/// A set of ids: sorted, without repeats.
pub(super) fn set<I: Ord>(ids: impl IntoIterator<Item = I>) -> Vec<I> {
    let mut ids: Vec<I> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    ids
}

/// A text without outer blanks; none where nothing is left.
pub(super) fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// An instant, cut to the millisecond.
pub(super) fn instant(text: Option<&str>) -> Option<Timestamp> {
    let instant: Timestamp = text?.parse().ok()?;
    Timestamp::from_millisecond(instant.as_millisecond()).ok()
}

/// An instant, cut to the second.
pub(super) fn whole_second(text: Option<&str>) -> Option<Timestamp> {
    let instant: Timestamp = text?.parse().ok()?;
    Timestamp::from_second(instant.as_second()).ok()
}

/// `YYYY-MM-DD` and nothing else.
pub(super) fn date(text: &str) -> Option<Date> {
    (text.len() == "YYYY-MM-DD".len())
        .then(|| text.parse().ok())
        .flatten()
}

/// A calendar date, also where Clockify wrote it as midnight of that date: what follows the date has
/// no meaning.
pub(super) fn calendar_date(text: Option<&str>) -> Option<Date> {
    date(text?.split('T').next()?)
}

/// Whole seconds of an ISO-8601 duration such as `PT26H30M15S`.
pub(super) fn duration_seconds(text: &str) -> Option<i64> {
    let duration: SignedDuration = text.parse().ok()?;
    Some(duration.as_secs())
}

/// Money from minor units, to the cent, half up.
pub(super) fn money(minor_units: Decimal) -> Decimal {
    (minor_units / Decimal::ONE_HUNDRED)
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
