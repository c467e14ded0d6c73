//! `[-][d.]hh:mm:ss[.fffffff]`, .NET's way to write a duration.

use std::time::Duration;

/// Reads a duration that is not negative.
pub fn parse(text: &str) -> Option<Duration> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if clock.contains(':') => (days.parse().ok()?, clock),
        _ => (0_u64, text),
    };
    let (hours, minutes, seconds) = match clock.split(':').collect::<Vec<_>>()[..] {
        [hours, minutes] => (hours, minutes, "0"),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if fraction.len() > 7 {
        return None;
    }
    let below = |text: &str, limit: u64| text.parse().ok().filter(|&n: &u64| n < limit);
    let (hours, minutes, seconds) = (below(hours, 24)?, below(minutes, 60)?, below(seconds, 60)?);
    let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
    let whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
    Some(Duration::new(whole, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_dotnet_writes_them() {
        for (text, expected_ms) in [
            ("00:00:30", Some(30_000)),
            ("00:05:00", Some(300_000)),
            ("1.02:00:00", Some(93_600_000)),
            ("00:00:00.5", Some(500)),
            ("00:01", Some(60_000)),
            ("24:00:00", None),
            ("00:60:00", None),
            ("30", None),
            ("-00:00:01", None),
            ("", None),
        ] {
            let expected = expected_ms.map(Duration::from_millis);
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
