//! How wide a text prints: what column widths and row heights are reckoned from.
//!
//! Widths are tenths of a digit's width, Excel's unit for columns. They are estimates for Calibri, a
//! little on the wide side, so that no value shows as `####`.

/// The width of the longest line of `text`.
pub(super) fn longest_line(text: &str) -> u32 {
    text.lines().map(line_width).max().unwrap_or(0)
}

/// The lines that `text` takes when it wraps at `width`.
pub(super) fn wrapped_lines(text: &str, width: u32) -> u32 {
    let lines = text
        .lines()
        .map(|line| wrapped_line(line, width.max(20)))
        .sum::<u32>();
    lines.max(1)
}

/// Wraps at blanks; a word wider than the column breaks inside.
fn wrapped_line(line: &str, width: u32) -> u32 {
    let mut lines = 1;
    let mut used = 0;
    for word in line.split_inclusive(' ') {
        let word = line_width(word);
        if used > 0 && used + word > width {
            lines += 1;
            used = 0;
        }
        used += word;
        if used > width {
            lines += (used - 1) / width;
            used = (used - 1) % width + 1;
        }
    }
    lines
}

fn line_width(line: &str) -> u32 {
    line.chars().map(char_width).sum()
}

fn char_width(c: char) -> u32 {
    match c {
        'i' | 'j' | 'l' | 'f' | 't' | 'r' | 'I' | ' ' | '\'' | '.' | ',' | ';' | ':' | '!'
        | '|' | '(' | ')' | '[' | ']' | '-' => 6,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 16,
        'A'..='Z' => 12,
        // Marks that stand over the letter before, joiners, variation selectors, control characters.
        '\u{0300}'..='\u{036F}' | '\u{200B}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}' => 0,
        c if c.is_control() => 0,
        '\u{0}'..='\u{7F}' => 10,
        '\u{80}'..='\u{2E7F}' => 11,
        // Chinese, Japanese, Korean, emoji.
        _ => 22,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_follow_the_letters() {
        let cases = [
            ("", 0),
            ("2026", 40),
            ("ill", 18),
            ("WM", 32),
            ("Zoë", 33),
            ("e\u{301}", 10),
            ("🚧", 22),
            ("one\nlonger", 52),
        ];
        for (text, width) in cases {
            assert_eq!(longest_line(text), width, "for {text:?}");
        }
    }

    #[test]
    fn lines_wrap_at_blanks() {
        let cases = [
            ("", 50, 1),
            ("aaaa", 50, 1),
            ("aaaa bbbb", 50, 2),
            ("aaaa\nbbbb", 500, 2),
            ("aaaaaaaaaaaaaaaaaaaaaaaaa", 50, 5),
            ("aaaa bbbbbbbbbbbb cc", 50, 4),
        ];
        for (text, width, lines) in cases {
            assert_eq!(wrapped_lines(text, width), lines, "for {text:?}");
        }
    }
}
