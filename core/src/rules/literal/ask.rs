//! One question to the values of one field: a test and what was found in, yes or no out.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::IpAddr;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, StartKind};

use super::moment;
use super::number::{compares, number, spelling};
use super::wild::fits;
use crate::rules::ast::{Anchor, Cidr, Comparison, Item, Test};
use crate::rules::fold::fold;
use crate::rules::record::{Record, Scalar};

/// A value of a field with its text, folded at most once however many tests look at it.
pub(super) struct Seen<'r> {
    scalar: Scalar<'r>,
    text: Option<Cow<'r, str>>,
    folded: OnceCell<Option<Cow<'r, str>>>,
}

/// What a record has under a field.
pub(super) struct Found<'r> {
    pub(super) present: bool,
    pub(super) values: Vec<Seen<'r>>,
}

impl<'r> Seen<'r> {
    pub(super) fn new(scalar: Scalar<'r>) -> Self {
        Self { scalar, text: spelling(scalar), folded: OnceCell::new() }
    }

    /// The value as an explanation shows it.
    pub(super) fn shown(&self) -> &str {
        self.text.as_deref().unwrap_or("null")
    }

    fn text(&self, cased: bool) -> Option<&str> {
        match self.scalar {
            Scalar::Text(text) if !cased => self.folded.get_or_init(|| Some(fold(text))).as_deref(),
            // JSON spells numbers and booleans in small letters.
            _ => self.text.as_deref(),
        }
    }
}

impl<'r> Found<'r> {
    /// The values that an item looks at: of its field, or of the whole record when it is a keyword.
    pub(super) fn of(item: &Item, record: &'r dyn Record) -> Self {
        let mut values = Vec::new();
        let mut take = |scalar| values.push(Seen::new(scalar));
        let present = match &item.field {
            Some(field) => record.values(field, &mut take),
            None => {
                record.all_values(&mut take);
                !values.is_empty()
            }
        };
        Self { present, values }
    }

    /// Whether the test holds, and the value on which it does where there is one.
    pub(super) fn holds(&self, test: &Test, record: &dyn Record) -> Option<Option<&Seen<'r>>> {
        match test {
            Test::Exists(wanted) => (self.present == *wanted).then(|| self.values.first()),
            // Absent, or a list without elements.
            Test::Null if self.values.is_empty() => Some(None),
            Test::Reference { field, anchor, cased } => {
                let others = References::new(field, *anchor, *cased, record);
                self.values.iter().find(|seen| others.holds(seen)).map(Some)
            }
            _ => self.values.iter().find(|seen| ask(test, seen, record)).map(Some),
        }
    }
}

/// One test on one present value.
pub(super) fn ask(test: &Test, seen: &Seen<'_>, record: &dyn Record) -> bool {
    match test {
        Test::Text(pattern) => seen.text(pattern.cased).is_some_and(|text| fits(pattern, text)),
        Test::Number(wanted) => number(seen.scalar).is_some_and(|n| compares(Comparison::Equal, n, *wanted)),
        Test::Bool(wanted) => match seen.scalar {
            Scalar::Bool(value) => value == *wanted,
            Scalar::Text(text) => text.eq_ignore_ascii_case(if *wanted { "true" } else { "false" }),
            Scalar::Null | Scalar::Int(_) | Scalar::Float(_) => false,
        },
        Test::Null => seen.scalar == Scalar::Null,
        Test::Exists(wanted) => *wanted,
        Test::Regex(regex) => seen.text.as_deref().is_some_and(|text| regex.compiled.is_match(text)),
        Test::Cidr(range) => seen.text.as_deref().is_some_and(|text| within(range, text)),
        Test::Compare(comparison, wanted) => number(seen.scalar).is_some_and(|n| compares(*comparison, n, *wanted)),
        Test::TimePart(part, comparison, wanted) => {
            moment::part(*part, seen.scalar).is_some_and(|n| compares(*comparison, n, *wanted))
        }
        Test::Reference { field, anchor, cased } => References::new(field, *anchor, *cased, record).holds(seen),
    }
}

/// From this many texts on, one automaton looks for all of them: both fields of an event may be long lists.
const MANY: usize = 8;

/// The texts of another field, ready to be looked for.
struct References {
    /// Each once and in order.
    texts: Vec<String>,
    /// Of many, backwards when they are to stand at the end.
    automaton: Option<AhoCorasick>,
    anchor: Anchor,
    cased: bool,
}

impl References {
    fn new(field: &str, anchor: Anchor, cased: bool, record: &dyn Record) -> Self {
        let mut texts = Vec::new();
        record.values(field, &mut |scalar| texts.extend(Seen::new(scalar).text(cased).map(str::to_owned)));
        texts.sort_unstable();
        texts.dedup();
        let many = anchor != Anchor::Whole && texts.len() >= MANY;
        let automaton = many.then(|| {
            // The table of a DFA costs the square of a long text of one letter.
            let mut builder = AhoCorasick::builder();
            builder.kind(Some(AhoCorasickKind::ContiguousNFA)).start_kind(match anchor {
                Anchor::Anywhere => StartKind::Unanchored,
                _ => StartKind::Anchored,
            });
            match anchor {
                Anchor::End => builder.build(texts.iter().map(|text| backwards(text))).ok(),
                _ => builder.build(&texts).ok(),
            }
        });
        References { texts, automaton: automaton.flatten(), anchor, cased }
    }

    fn holds(&self, seen: &Seen<'_>) -> bool {
        let Some(text) = seen.text(self.cased) else { return false };
        let begins = |automaton: &AhoCorasick, text: &[u8]| {
            let input = Input::new(text).anchored(Anchored::Yes).earliest(true);
            automaton.try_find(input).is_ok_and(|found| found.is_some())
        };
        match (&self.automaton, self.anchor) {
            (_, Anchor::Whole) => self.texts.binary_search_by(|other| other.as_str().cmp(text)).is_ok(),
            (Some(automaton), Anchor::Start) => begins(automaton, text.as_bytes()),
            (Some(automaton), Anchor::End) => begins(automaton, &backwards(text)),
            (Some(automaton), Anchor::Anywhere) => automaton.is_match(text),
            (None, Anchor::Start) => self.texts.iter().any(|other| text.starts_with(other)),
            (None, Anchor::End) => self.texts.iter().any(|other| text.ends_with(other)),
            (None, Anchor::Anywhere) => self.texts.iter().any(|other| text.contains(other)),
        }
    }
}

fn backwards(text: &str) -> Vec<u8> {
    text.bytes().rev().collect()
}

/// Is the text an address, and in the range? An IPv4 address written as IPv6 is an IPv4 address, on both
/// sides; a text with a port, a zone or brackets is no address.
fn within(range: &Cidr, text: &str) -> bool {
    let Ok(address) = text.parse::<IpAddr>() else { return false };
    let (base, bits) = match range.base {
        IpAddr::V6(base) if range.bits >= 96 => match base.to_ipv4_mapped() {
            Some(base) => (IpAddr::V4(base), range.bits - 96),
            None => (range.base, range.bits),
        },
        base => (base, range.bits),
    };
    match (address.to_canonical(), base) {
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            (u32::from(address) ^ u32::from(base)).leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(address), IpAddr::V6(base)) => {
            (u128::from(address) ^ u128::from(base)).leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;

    /// Fields `a` and `b` with lists of texts.
    struct Lists(Vec<String>, Vec<String>);

    impl Record for Lists {
        fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool {
            let list = if field == "a" { &self.0 } else { &self.1 };
            list.iter().for_each(|text| each(Scalar::Text(text)));
            true
        }

        fn all_values<'r>(&'r self, _each: &mut dyn FnMut(Scalar<'r>)) {}
    }

    #[test]
    fn few_references_and_many_say_the_same() {
        let words = |letters: &str| -> Vec<String> {
            let letters: Vec<char> = letters.chars().collect();
            let two = letters.iter().flat_map(|a| letters.iter().map(move |b| format!("{a}{b}")));
            two.collect()
        };
        for text in ["", "a", "ab", "xaay", "bcx", "xbc", "Äß", "xÄäx", "cc", "AB"] {
            for (anchor, cased) in
                [Anchor::Whole, Anchor::Start, Anchor::End, Anchor::Anywhere].map(|a| [(a, true), (a, false)]).concat()
            {
                for others in [words("abcÄä"), vec!["".to_owned(), "q".to_owned()], words("qrst"), words("AB")] {
                    let asked = |others: &[String]| {
                        let record = Lists(Vec::new(), others.to_vec());
                        References::new("b", anchor, cased, &record).holds(&Seen::new(Scalar::Text(text)))
                    };
                    let one_by_one = others.iter().any(|other| asked(std::slice::from_ref(other)));
                    assert_eq!(asked(&others), one_by_one, "{text} {anchor:?} {cased} {others:?}");
                }
            }
        }
    }

    #[test]
    fn two_long_lists_are_compared_at_once() {
        let list = |letter: char| (0..50_000).map(|n| format!("{letter}{n}{letter}")).collect();
        let record = Lists(list('a'), list('b'));
        for anchor in [Anchor::Whole, Anchor::Start, Anchor::End, Anchor::Anywhere] {
            let others = References::new("b", anchor, false, &record);
            assert!(!record.0.iter().any(|text| others.holds(&Seen::new(Scalar::Text(text)))));
        }
    }

    #[test]
    fn ranges() {
        for (base, bits, text, expected) in [
            ("192.0.2.0", 24, "192.0.2.255", true),
            ("192.0.2.0", 24, "192.0.3.0", false),
            ("192.0.2.7", 24, "192.0.2.1", true),
            ("192.0.2.7", 32, "192.0.2.7", true),
            ("192.0.2.7", 32, "192.0.2.6", false),
            ("0.0.0.0", 0, "203.0.113.9", true),
            ("0.0.0.0", 0, "2001:db8::1", false),
            ("::", 0, "2001:db8::1", true),
            ("::", 0, "203.0.113.9", false),
            ("2001:db8::", 32, "2001:db8:ffff::1", true),
            ("2001:db8::", 32, "2001:db9::1", false),
            ("192.0.2.0", 24, "::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.0", 120, "192.0.2.1", true),
            ("::ffff:192.0.2.0", 120, "192.0.3.1", false),
            ("192.0.2.0", 24, "192.0.2.1:443", false),
            ("fe80::", 10, "fe80::1%eth0", false),
            ("fe80::", 10, "[fe80::1]", false),
            ("192.0.2.0", 24, "192.0.2.01", false),
            ("192.0.2.0", 24, " 192.0.2.1", false),
            ("192.0.2.0", 24, "3221225985", false),
            ("192.0.2.0", 24, "", false),
        ] {
            let range = Cidr { base: base.parse().unwrap(), bits };
            assert_eq!(within(&range, text), expected, "{base}/{bits} {text}");
        }
    }
}
