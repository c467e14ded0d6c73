//! What people see: one line per step, with bars that go away on a terminal, and plain lines elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A step that worked.
pub(super) fn done(step: &str, figures: &str) {
    println!("ok   {step:<17} {figures}");
}

/// A step that did not.
pub(super) fn failed(step: &str, why: &str) {
    println!("FAIL {step:<17} {why}");
}

/// For something whose end is known.
pub(super) fn bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("     {bar:30} {pos}/{len} {msg}");
    let bar = ProgressBar::new(length as u64);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// For something whose end is not known.
pub(super) fn spinner(message: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(message);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// `0.42 s`, `12.3 s`.
pub(super) fn seconds(duration: Duration) -> String {
    let digits = if duration.as_secs() < 10 { 2 } else { 1 };
    format!("{:.digits$} s", duration.as_secs_f64())
}
