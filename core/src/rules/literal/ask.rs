//! One question to the values of one field: a test and what was found in, yes or no out.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::IpAddr;

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
                true
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
                let others = others(field, *cased, record);
                self.values.iter().find(|seen| refers(seen, &others, *anchor, *cased)).map(Some)
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
        Test::Reference { field, anchor, cased } => refers(seen, &others(field, *cased, record), *anchor, *cased),
    }
}

/// The texts of the other field, each once and in order.
fn others(field: &str, cased: bool, record: &dyn Record) -> Vec<String> {
    let mut texts = Vec::new();
    record.values(field, &mut |scalar| texts.extend(Seen::new(scalar).text(cased).map(str::to_owned)));
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn refers(seen: &Seen<'_>, others: &[String], anchor: Anchor, cased: bool) -> bool {
    seen.text(cased).is_some_and(|text| match anchor {
        Anchor::Whole => others.binary_search_by(|other| other.as_str().cmp(text)).is_ok(),
        Anchor::Start => others.iter().any(|other| text.starts_with(other)),
        Anchor::End => others.iter().any(|other| text.ends_with(other)),
        Anchor::Anywhere => others.iter().any(|other| text.contains(other)),
    })
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
