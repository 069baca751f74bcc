//! How rules forget case: text in, the text that all its spellings in capitals and small letters share out.

use std::borrow::Cow;

/// `text` in small letters, character by character, so that two texts that differ only in case fold to
/// the same one, and `?` stands for one character before and after.
///
/// Each character becomes its simple lower-case mapping by Unicode, whatever stands beside it: `Σ` and
/// both small forms `σ` and `ς` become `σ`, `İ` becomes `i`, the Kelvin sign `k`. Nothing is decomposed,
/// and no language's own rules apply (`ı` stays `ı`, `ß` stays `ß`).
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    match text.chars().any(|c| fold_char(c) != c) {
        true => Cow::Owned(text.chars().map(fold_char).collect()),
        false => Cow::Borrowed(text),
    }
}

/// [`fold`] for one character.
pub(crate) fn fold_char(c: char) -> char {
    match c {
        'ς' => 'σ',
        // `İ` alone has a mapping of two characters, whose first is its simple mapping.
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_differ_in_case_fold_to_one() {
        for (left, right) in [
            ("POWERSHELL.exe", "powershell.EXE"),
            ("ÄRGER", "ärger"),
            ("ПРИВЕТ", "привет"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("İSTANBUL", "istanbul"),
            ("\u{212A}elvin", "kelvin"),
            ("STRAẞE", "straße"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} {right}");
        }
        assert_ne!(fold("ı"), fold("i"));
        assert_ne!(fold("ss"), fold("ß"));
    }

    #[test]
    fn folding_keeps_the_number_of_characters_and_is_done_once() {
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let text = c.to_string();
            let folded = fold(&text).into_owned();
            assert_eq!(folded.chars().count(), 1, "{c:?}");
            assert_eq!(fold(&folded), folded, "{c:?}");
        }
    }

    #[test]
    fn nothing_is_copied_that_is_small_already() {
        assert!(matches!(fold("whoami /all"), Cow::Borrowed(_)));
        assert!(matches!(fold("größe"), Cow::Borrowed(_)));
    }
}
