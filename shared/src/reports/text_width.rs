//! How wide a text prints: what column widths and row heights are reckoned from.
//!
//! Widths are tenths of a digit's width, Excel's unit for columns. They are estimates for Calibri, none of them
//! narrower than the letter, so that no value shows as `####` and no line of a wrapped text is cut.

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
        'i' | 'j' | 'l' | 'I' | ' ' | '\'' | '.' | ',' => 5,
        'f' | 'r' | 't' | 'J' | ';' | ':' | '!' | '(' | ')' | '[' | ']' | '{' | '}' | '-' | '`' => {
            7
        }
        'b' | 'd' | 'h' | 'n' | 'o' | 'p' | 'q' | 'u' => 11,
        'D' | 'G' | 'H' | 'N' | 'O' | 'Q' | 'U' | '&' => 14,
        'm' | 'w' | '%' => 16,
        'M' | 'W' | '@' | '—' => 18,
        'A'..='Z' => 12,
        // Marks that stand over the letter before, joiners, variation selectors, control characters.
        '\u{0300}'..='\u{036F}' | '\u{200B}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}' => 0,
        c if c.is_control() => 0,
        '\u{0}'..='\u{7F}' => 10,
        c if c.is_uppercase() => 16,
        '\u{80}'..='\u{2E7F}' => 12,
        // Chinese, Japanese, Korean, emoji.
        _ => 22,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The widths of Calibri's letters from the blank to the tilde, in hundredths of a digit.
    const CALIBRI: [u32; 95] = [
        45, 64, 79, 98, 100, 141, 135, 44, 60, 60, 98, 98, 49, 60, 50, 76, 100, 100, 100, 100, 100,
        100, 100, 100, 100, 100, 53, 53, 98, 98, 98, 91, 176, 114, 107, 105, 121, 96, 91, 124, 123,
        50, 63, 103, 83, 169, 127, 131, 102, 133, 107, 91, 96, 127, 112, 176, 102, 96, 92, 61, 76,
        61, 98, 98, 57, 95, 104, 83, 104, 98, 60, 93, 104, 45, 47, 90, 45, 158, 104, 104, 104, 104,
        69, 77, 66, 104, 89, 141, 85, 89, 78, 62, 91, 62, 98,
    ];

    fn printed_width(text: &str) -> u32 {
        let of = |c: char| CALIBRI[usize::try_from(u32::from(c) - 32).expect("small")];
        text.chars().map(of).sum()
    }

    /// The lines of a text without long words as it prints: a blank at a line's end takes no room.
    fn printed_lines(text: &str, width: u32) -> u32 {
        let (mut lines, mut used) = (1, 0);
        for word in text.split(' ') {
            if used > 0 && used + printed_width(word) > width * 10 {
                lines += 1;
                used = 0;
            }
            used += printed_width(word) + printed_width(" ");
        }
        lines
    }

    #[test]
    fn no_letter_is_wider_than_its_estimate() {
        for (c, printed) in (' '..='~').zip(CALIBRI) {
            assert!(char_width(c) * 10 >= printed, "{c:?}");
        }
    }

    #[test]
    fn no_text_takes_more_lines_than_its_estimate() {
        let texts = [
            "Staked the north abutment and checked the control network; ".repeat(9),
            "2026 11 20 1234567.89 ".repeat(20),
            "RIVER CROSSING NORTH ABUTMENT HQ ".repeat(14),
        ];
        for text in &texts {
            for width in 150..900 {
                let (estimated, printed) = (wrapped_lines(text, width), printed_lines(text, width));
                assert!(
                    estimated >= printed,
                    "{estimated} for {printed}: {width}, {text}"
                );
            }
        }
    }

    #[test]
    fn widths_follow_the_letters() {
        let cases = [
            ("", 0),
            ("2026", 40),
            ("ill", 15),
            ("WM", 36),
            ("Zoë", 35),
            ("e\u{301}", 10),
            ("🚧", 22),
            ("one\nlonger", 54),
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
            ("aaaa bbbbbbbbbbbb cc", 50, 5),
        ];
        for (text, width, lines) in cases {
            assert_eq!(wrapped_lines(text, width), lines, "for {text:?}");
        }
    }
}
