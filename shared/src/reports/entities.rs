//! Text as people read it: Clockify sends some names and descriptions with `&` as `&amp;`.
//!
//! They are stored as they came; what is printed is unescaped once, where it enters a cell, a line of a CSV, a
//! heading or a name of a file.

use std::borrow::Cow;

/// `text` with the entities of XML (and the apostrophe's number) replaced by their characters. What `&amp;lt;` comes to is `&lt;`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    // The ampersand last: it must not make an entity that is replaced again.
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
    ];
    let mut plain = text.to_owned();
    for (entity, character) in entities.into_iter().chain([("&amp;", "&")]) {
        plain = plain.replace(entity, character);
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_become_characters_once() {
        for (text, plain) in [
            ("Yard & Shop", "Yard & Shop"),
            ("Yard &amp; Shop", "Yard & Shop"),
            (
                "&lt;5 m&gt; &quot;Z&quot; O&apos;Neil O&#39;Neil",
                "<5 m> \"Z\" O'Neil O'Neil",
            ),
            ("&amp;lt;", "&lt;"),
            ("&copy; &", "&copy; &"),
        ] {
            assert_eq!(unescaped(text), plain);
        }
    }
}
