//! Texts of others in Markdown: plain words as they are, everything else as code.
//!
//! In: a text and how much of it is shown. Out: a piece of a line in which no reader of Markdown finds markup, HTML, links
//! or mentions. The file must never know what the text is about.

use crate::report::is_directional;

/// A text in which no reader of Markdown finds markup: plain words as they are, everything else as code.
pub(super) fn safe(text: &str, length: usize) -> String {
    let first = text.starts_with(char::is_alphanumeric) && !text.ends_with(' ');
    let plain = first && is_plain(text) && text.chars().count() <= length;
    if plain { text.to_owned() } else { code(text, length) }
}

/// Words of our own that quote others' in backticks. Whatever the quoted texts hold, each piece by itself is safe.
pub(super) fn prose(text: &str, length: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let cut: String = text.chars().take(length).collect();
    for (number, piece) in cut.split('`').enumerate() {
        let begun = !out.is_empty() || piece.starts_with(char::is_alphanumeric);
        let plain = begun && number % 2 == 0 && is_plain(piece);
        if plain {
            out.push_str(piece);
        } else if !piece.is_empty() {
            // Two fences side by side would be one of another length.
            if out.ends_with('`') {
                out.push(' ');
            }
            out.push_str(&code(piece, length));
        }
    }
    if cut.len() < text.len() {
        out.push('…');
    }
    out
}

/// Is there nothing in a text, which does not begin a line, that Markdown, HTML, or a reader who makes links of addresses
/// and mentions would see?
fn is_plain(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let word = c.is_alphanumeric() || matches!(c, ' ' | ',' | '%' | '(' | ')' | '\'' | '-' | '+' | '=');
        // A full stop or a colon inside of a word may make a link of it.
        let ends = matches!(c, '.' | ':' | ';' | '&') && chars.peek().is_none_or(|next| *next == ' ');
        let number = c == '.' && is_decimal(text);
        if !(word || ends || number) {
            return false;
        }
    }
    true
}

/// Are all full stops of a text inside of numbers, one each, or at the ends of words?
fn is_decimal(text: &str) -> bool {
    let mut words = text.split(' ').map(|word| word.trim_end_matches('.').split('.'));
    words.all(|mut parts| {
        let (whole, part, more) = (parts.next(), parts.next(), parts.next());
        let digits = |text: &str| text.ends_with(|c: char| c.is_ascii_digit());
        part.is_none_or(|part| whole.is_some_and(digits) && part.starts_with(|c: char| c.is_ascii_digit()))
            && more.is_none()
    })
}

/// A text as code. Inside of it only three things mean anything: backticks, of which the fence has one more in a row than the
/// text; line ends, which come out escaped as all control characters and directional marks do; and in a table the
/// pipe, which readers unescape differently and which therefore is shown as a broken bar.
pub(super) fn code(text: &str, length: usize) -> String {
    let mut inner = String::with_capacity(text.len());
    for c in text.chars().take(length) {
        match c {
            '|' => inner.push('¦'),
            c if c.is_control() || is_directional(c) => inner.extend(c.escape_unicode()),
            c => inner.push(c),
        }
    }
    if text.chars().nth(length).is_some() {
        inner.push('…');
    }
    if inner.is_empty() {
        return inner;
    }
    let longest = inner.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = inner.chars().all(|c| c == ' ');
    // A space on each side is not part of the code, and keeps its own backticks from the fence.
    let space = if !blank && (inner.starts_with(['`', ' ']) || inner.ends_with(['`', ' '])) { " " } else { "" };
    format!("{fence}{space}{inner}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_stand_bare() {
        for text in ["Invoice mail reached a mailbox", "2 devices, 1 user (web)", "Earlier: nothing. Later: more"] {
            assert_eq!(safe(text, 100), text);
        }
        for (text, expected) in [
            ("svchost.exe", "`svchost.exe`"),
            ("www.evil.example", "`www.evil.example`"),
            ("a|b", "`a¦b`"),
            ("`", "`` ` ``"),
            ("a``b", "```a``b```"),
            ("a\nb", "`a\\u{a}b`"),
            ("<b>", "`<b>`"),
            ("\u{202e}exe", "`\\u{202e}exe`"),
            (" x", "`  x `"),
            ("  ", "`  `"),
            ("", ""),
        ] {
            assert_eq!(safe(text, 100), expected, "{text:?}");
        }
        assert_eq!(safe("a_long_name", 4), "`a_lo…`");
        for (text, expected) in [
            ("same device `web01` as `a.b`, 5 min apart", "same device `web01` as `a.b`, 5 min apart"),
            ("0.45 high + 0.20 of 2.5", "0.45 high + 0.20 of 2.5"),
            ("- x `y", "` - x  ` `y`"),
            ("file `a.b`c.d`", "file `a.b` `c.d`"),
            ("see 1.a", "`see 1.a`"),
            ("from 192.0.2.7", "`from 192.0.2.7`"),
        ] {
            assert_eq!(prose(text, 100), expected, "{text:?}");
        }
    }
}
