//! Numbers: spellings in, exact comparisons out.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::rules::ast::{Comparison, Number};
use crate::rules::record::Scalar;

/// 2 to the power of 63, the first number above all of `i64`.
const ABOVE: f64 = 9_223_372_036_854_775_808.0;

/// The number that a value is: itself, or a text that spells one.
pub(crate) fn number(value: Scalar<'_>) -> Option<Number> {
    match value {
        Scalar::Int(n) => Some(Number::Int(n)),
        Scalar::Float(n) => Some(Number::Float(n)),
        Scalar::Text(text) => decimal(text),
        Scalar::Null | Scalar::Bool(_) => None,
    }
}

/// The number that `text` spells: an optional sign, digits, and perhaps a point and more digits. Neither
/// blanks nor exponents nor hexadecimal digits.
fn decimal(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    if fraction.bytes().all(|b| b == b'0')
        && let Ok(n) = text.split('.').next().unwrap_or_default().parse()
    {
        return Some(Number::Int(n));
    }
    text.parse().ok().map(Number::Float)
}

/// Compares without rounding; `None` when one is not a number at all.
pub(super) fn order(left: Number, right: Number) -> Option<Ordering> {
    match (left, right) {
        (Number::Int(l), Number::Int(r)) => Some(l.cmp(&r)),
        (Number::Float(l), Number::Float(r)) => l.partial_cmp(&r),
        (Number::Int(l), Number::Float(r)) => int_and_float(l, r),
        (Number::Float(l), Number::Int(r)) => int_and_float(r, l).map(Ordering::reverse),
    }
}

fn int_and_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= ABOVE {
        return Some(Ordering::Less);
    }
    if float < -ABOVE {
        return Some(Ordering::Greater);
    }
    // Within the range of `i64` the whole part converts exactly, and so does the fraction.
    let fraction = if float.fract() > 0.0 {
        Ordering::Less
    } else if float.fract() < 0.0 {
        Ordering::Greater
    } else {
        Ordering::Equal
    };
    Some(int.cmp(&(float.trunc() as i64)).then(fraction))
}

pub(super) fn compares(comparison: Comparison, left: Number, right: Number) -> bool {
    order(left, right).is_some_and(|order| match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
    })
}

/// A value as text: numbers and booleans as JSON spells them; null is no text.
pub(super) fn spelling(value: Scalar<'_>) -> Option<Cow<'_, str>> {
    match value {
        Scalar::Null => None,
        Scalar::Bool(true) => Some(Cow::Borrowed("true")),
        Scalar::Bool(false) => Some(Cow::Borrowed("false")),
        Scalar::Int(n) => Some(Cow::Owned(n.to_string())),
        Scalar::Float(n) => serde_json::Number::from_f64(n).map(|n| Cow::Owned(n.to_string())),
        Scalar::Text(text) => Some(Cow::Borrowed(text)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;

    #[test]
    fn only_decimal_spellings_are_numbers() {
        for (text, expected) in [
            ("1", Some(Number::Int(1))),
            ("+1", Some(Number::Int(1))),
            ("-1", Some(Number::Int(-1))),
            ("007", Some(Number::Int(7))),
            ("1.0", Some(Number::Int(1))),
            ("-1.50", Some(Number::Float(-1.5))),
            ("-9223372036854775808", Some(Number::Int(i64::MIN))),
            ("9223372036854775808", Some(Number::Float(ABOVE))),
            ("0x1", None),
            ("1e3", None),
            ("", None),
            ("-", None),
            (".5", None),
            ("5.", None),
            ("1.2.3", None),
            (" 1", None),
            ("--1", None),
            ("١", None),
            ("NaN", None),
            ("inf", None),
        ] {
            assert_eq!(decimal(text), expected, "{text}");
        }
    }

    #[test]
    fn integers_and_fractions_compare_exactly() {
        let big = 9_007_199_254_740_993; // 2^53 + 1, which f64 cannot hold.
        for (int, float, expected) in [
            (1, 1.0, Ordering::Equal),
            (1, 1.5, Ordering::Less),
            (2, 1.5, Ordering::Greater),
            (-1, -1.5, Ordering::Greater),
            (-2, -1.5, Ordering::Less),
            (0, -0.0, Ordering::Equal),
            (big, 9_007_199_254_740_992.0, Ordering::Greater),
            (i64::MAX, ABOVE, Ordering::Less),
            (i64::MIN, -ABOVE, Ordering::Equal),
            (i64::MIN, f64::NEG_INFINITY, Ordering::Greater),
            (i64::MAX, f64::INFINITY, Ordering::Less),
        ] {
            assert_eq!(order(Number::Int(int), Number::Float(float)), Some(expected), "{int} {float}");
            assert_eq!(order(Number::Float(float), Number::Int(int)), Some(expected.reverse()), "{float} {int}");
        }
        assert_eq!(order(Number::Int(1), Number::Float(f64::NAN)), None);
        assert!(!compares(Comparison::NotEqual, Number::Int(1), Number::Float(f64::NAN)));
    }

    #[test]
    fn spellings_are_those_of_json() {
        for (value, expected) in [
            (Scalar::Int(-7), "-7"),
            (Scalar::Float(1.0), "1.0"),
            (Scalar::Float(0.1), "0.1"),
            (Scalar::Bool(true), "true"),
            (Scalar::Text("A"), "A"),
        ] {
            assert_eq!(spelling(value).unwrap(), expected);
        }
        assert_eq!(spelling(Scalar::Null), None);
    }
}
