//! Wildcards: a pattern and a text in, whether the whole text fits out, in one pass over the text.

use std::borrow::Cow;

use memchr::memmem;

use crate::rules::ast::{Pattern, Token};
use crate::rules::fold::fold;

/// A pattern made ready: what stands between the `*`, one run more than there are `*`, empty ones included.
#[derive(Debug)]
pub(crate) struct Wild<'p> {
    first: Run<'p>,
    /// The runs after the first; the last of them ends the text.
    others: Vec<Run<'p>>,
}

type Run<'p> = Vec<Part<'p>>;

#[derive(Debug)]
enum Part<'p> {
    /// With what looks for it in a text, in a pattern that is kept.
    Literal(Cow<'p, str>, Option<Box<memmem::Finder<'static>>>),
    One,
}

/// Does all of `text` fit? A pattern that is not `cased` wants `text` folded already.
pub(crate) fn fits(pattern: &Pattern, text: &str) -> bool {
    Wild::new(pattern).fits(text)
}

impl<'p> Wild<'p> {
    pub(crate) fn new(pattern: &'p Pattern) -> Wild<'p> {
        let part = |token: &'p Token| match token {
            Token::Literal(text) if pattern.cased => Some(Part::Literal(Cow::Borrowed(text), None)),
            Token::Literal(text) => Some(Part::Literal(fold(text), None)),
            Token::One => Some(Part::One),
            Token::Any => None,
        };
        let mut runs =
            pattern.tokens.split(|token| *token == Token::Any).map(|run| run.iter().filter_map(part).collect());
        Wild { first: runs.next().unwrap_or_default(), others: runs.collect() }
    }

    /// The same with texts of its own, for those who keep it.
    pub(crate) fn into_owned(self) -> Wild<'static> {
        let own = |run: Run<'p>| -> Run<'static> {
            let part = |part| match part {
                Part::Literal(text, _) => {
                    let finder = memmem::Finder::new(text.as_bytes()).into_owned();
                    Part::Literal(Cow::Owned(text.into_owned()), Some(Box::new(finder)))
                }
                Part::One => Part::One,
            };
            run.into_iter().map(part).collect()
        };
        Wild { first: own(self.first), others: self.others.into_iter().map(own).collect() }
    }

    /// Does all of `text` fit?
    ///
    /// The runs between two `*` have a fixed number of characters each, so taking every run at the first
    /// place where it fits leaves the most for those after it: no way back is ever needed.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let Some((last, middle)) = self.others.split_last() else { return after(&self.first, text) == Some("") };
        let Some(mut rest) = after(&self.first, text) else { return false };
        for run in middle {
            let Some(left) = after_first(run, rest) else { return false };
            rest = left;
        }
        ends(last, rest)
    }
}

/// What of `text` follows when it begins with the run.
fn after<'t>(run: &[Part<'_>], text: &'t str) -> Option<&'t str> {
    run.iter().try_fold(text, |text, part| match part {
        Part::Literal(literal, _) => text.strip_prefix(literal.as_ref()),
        Part::One => after_one(text),
    })
}

fn after_one(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next()?;
    Some(chars.as_str())
}

/// What of `text` follows the first place where the run fits.
fn after_first<'t>(run: &[Part<'_>], mut text: &'t str) -> Option<&'t str> {
    if let [Part::Literal(literal, finder)] = run {
        let at = match finder {
            Some(finder) => finder.find(text.as_bytes())?,
            None => memmem::find(text.as_bytes(), literal.as_bytes())?,
        };
        return text.get(at + literal.len()..);
    }
    loop {
        if let Some(rest) = after(run, text) {
            return Some(rest);
        }
        text = after_one(text)?;
    }
}

fn ends(run: &[Part<'_>], text: &str) -> bool {
    if let [Part::Literal(literal, _)] = run {
        return text.ends_with(literal.as_ref());
    }
    let characters: usize =
        run.iter().map(|part| if let Part::Literal(l, _) = part { l.chars().count() } else { 1 }).sum();
    if characters == 0 {
        return true;
    }
    let tail = text.char_indices().rev().nth(characters - 1).and_then(|(at, _)| text.get(at..));
    tail.is_some_and(|tail| after(run, tail) == Some(""))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;

    fn pattern(text: &str, cased: bool) -> Pattern {
        let mut tokens: Vec<Token> = Vec::new();
        for c in text.chars() {
            match (c, tokens.last_mut()) {
                ('*', Some(Token::Any)) => {}
                ('*', _) => tokens.push(Token::Any),
                ('?', _) => tokens.push(Token::One),
                (c, Some(Token::Literal(literal))) => literal.push(c),
                (c, _) => tokens.push(Token::Literal(c.to_string())),
            }
        }
        Pattern { tokens, cased }
    }

    /// The definition itself, exponential in the worst case.
    fn oracle(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=text.len()).any(|n| oracle(rest, &text[n..])),
            (['?', rest @ ..], [_, text @ ..]) => oracle(rest, text),
            ([c, rest @ ..], [d, text @ ..]) => c == d && oracle(rest, text),
            _ => false,
        }
    }

    #[test]
    fn whole_value_unless_wildcards() {
        for (wanted, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("?", "", false),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("abc", "xabc", false),
            ("abc*", "abcd", true),
            ("*abc", "xabc", true),
            ("*abc", "abcx", false),
            ("*abc*", "xabcx", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a??", "ab", false),
            ("?*", "x", true),
            ("*?", "", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("ab*ba", "aba", false),
            ("*a*b*", "xxbxxa", false),
            ("*a*b*", "xxbxxaxxb", true),
            ("*ab*ab", "xabab", true),
            ("*ab*ab", "xab", false),
            ("*aab", "aaab", true),
            ("*a?b*", "aab", true),
            ("*a?b*", "ab aab", true),
        ] {
            assert_eq!(fits(&pattern(wanted, false), text), expected, "{wanted} {text}");
        }
    }

    #[test]
    fn one_is_a_character_of_any_number_of_bytes() {
        for text in ["xay", "xäy", "x€y", "x😀y"] {
            assert!(fits(&pattern("x?y", false), text), "{text}");
            assert!(fits(&pattern("*?y", false), text), "{text}");
            assert!(fits(&pattern("???", false), text), "{text}");
            assert!(!fits(&pattern("x??y", false), text), "{text}");
        }
        assert!(fits(&pattern("*?ü", false), &fold("GRÜ ÄÜ")));
    }

    #[test]
    fn case_counts_only_when_asked() {
        assert!(fits(&pattern("*ÄB*", false), &fold("xäbx")));
        assert!(!fits(&pattern("*ÄB*", true), "xäbx"));
        assert!(fits(&pattern("*äb*", true), "xäbx"));
    }

    #[test]
    fn agrees_with_the_definition_on_all_short_texts() {
        fn all(letters: &[char], length: usize) -> Vec<String> {
            let mut texts = vec![String::new()];
            let mut from = 0;
            for _ in 0..length {
                let to = texts.len();
                for i in from..to {
                    texts.extend(letters.iter().map(|c| format!("{}{c}", texts[i])).collect::<Vec<_>>());
                }
                from = to;
            }
            texts
        }
        let texts = all(&['a', 'b'], 5);
        for wanted in all(&['a', 'b', '*', '?'], 5) {
            let chars: Vec<char> = wanted.chars().collect();
            let pattern = pattern(&wanted, true);
            for text in &texts {
                let expected = oracle(&chars, &text.chars().collect::<Vec<_>>());
                assert_eq!(fits(&pattern, text), expected, "{wanted} {text}");
            }
        }
    }

    #[test]
    fn a_megabyte_and_many_stars() {
        let text = "a".repeat(1 << 20);
        assert!(!fits(&pattern("*a*a*a*a*a*a*a*a*b", false), &text));
        assert!(!fits(&pattern("*a?a*a?a*a?b*", false), &text));
        assert!(!fits(&pattern(&format!("*{}b*", "a".repeat(1000)), false), &text));
        assert!(fits(&pattern("*a*a*a*a*a*a*a*a", false), &text));
    }
}
