//! Numbers that can be added in any order: texts in, whole billionths out.
//!
//! Sums of floating point depend on the order; sums of whole numbers do not, and taking a value out of a
//! window gives back exactly what was there before.

/// Billionths.
pub(super) type Fixed = i128;

const ONE: Fixed = 1_000_000_000;
const DIGITS: usize = 9;
/// Values from here on are left out as if they were no numbers: a sum of as many as there can be events
/// stays within 128 bits.
const LIMIT: f64 = 1e19;

/// The number that the text spells in decimal, with or without exponent, rounded towards zero to billionths.
pub(super) fn fixed(text: &str) -> Option<Fixed> {
    let plausible = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.bytes().all(plausible) {
        return None;
    }
    let float = text.parse::<f64>().ok().filter(|n| n.abs() < LIMIT)?;
    exact(text).or(Some(float.trunc() as Fixed * ONE + (float.fract() * ONE as f64) as Fixed))
}

/// Without exponent.
fn exact(text: &str) -> Option<Fixed> {
    if text.contains(['e', 'E']) {
        return None;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let fraction = fraction.get(..DIGITS.min(fraction.len()))?;
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: Fixed = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut billionths: Fixed = 0;
    for at in 0..DIGITS {
        let digit = fraction.as_bytes().get(at).map_or(0, |b| Fixed::from(b - b'0'));
        billionths = billionths * 10 + digit;
    }
    let value = whole * ONE + billionths;
    Some(if text.starts_with('-') { -value } else { value })
}

pub(super) fn float(value: Fixed) -> f64 {
    value as f64 / ONE as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("0", Some(0)),
            ("12", Some(12 * ONE)),
            ("-0.5", Some(-ONE / 2)),
            ("+1.25", Some(ONE + ONE / 4)),
            ("0.1", Some(100_000_000)),
            ("0.1234567899", Some(123_456_789)),
            ("1e3", Some(1000 * ONE)),
            ("2.5E-1", Some(ONE / 4)),
            ("0.1234567890625e10", Some(1_234_567_890_625_000_000)),
            ("9007199254740993", Some(9_007_199_254_740_993 * ONE)),
            ("1e19", None),
            ("-10000000000000000000", None),
            ("0x10", None),
            ("", None),
            ("-", None),
            (".", None),
            ("1.2.3", None),
            ("NaN", None),
            ("inf", None),
            ("12 KB", None),
        ] {
            assert_eq!(fixed(text), expected, "{text}");
        }
    }

    #[test]
    fn tenths_add_up() {
        let sum: Fixed = ["0.1", "0.2"].into_iter().filter_map(fixed).sum();
        assert!((float(sum) - 0.3).abs() < f64::EPSILON / 8.0);
    }
}
