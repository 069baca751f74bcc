//! Dates in fields: a value in, a part of its date out.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc};

use super::number::number;
use crate::rules::ast::{Number, TimePart};
use crate::rules::record::Scalar;

/// The part of the date that the value holds, in UTC; weeks are those of ISO 8601, 1 to 53.
pub(super) fn part(part: TimePart, value: Scalar<'_>) -> Option<Number> {
    let time = moment(value)?;
    Some(Number::Int(match part {
        TimePart::Minute => time.minute().into(),
        TimePart::Hour => time.hour().into(),
        TimePart::Day => time.day().into(),
        TimePart::Week => time.iso_week().week().into(),
        TimePart::Month => time.month().into(),
        TimePart::Year => time.year().into(),
    }))
}

/// RFC 3339; a date and a time without offset, which is UTC; or seconds since 1970.
fn moment(value: Scalar<'_>) -> Option<DateTime<Utc>> {
    if let Scalar::Text(text) = value {
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(time.to_utc());
        }
        let naive = |format| NaiveDateTime::parse_from_str(text, format).ok();
        if let Some(time) = naive("%Y-%m-%d %H:%M:%S%.f").or_else(|| naive("%Y-%m-%dT%H:%M:%S%.f")) {
            return Some(time.and_utc());
        }
    }
    let seconds = match number(value)? {
        Number::Int(seconds) => seconds,
        Number::Float(seconds) if seconds.is_finite() => seconds.floor() as i64,
        Number::Float(_) => return None,
    };
    DateTime::from_timestamp(seconds, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(value: Scalar<'_>) -> Option<[i64; 6]> {
        let of = |which| match part(which, value) {
            Some(Number::Int(n)) => Some(n),
            _ => None,
        };
        Some([
            of(TimePart::Year)?,
            of(TimePart::Month)?,
            of(TimePart::Week)?,
            of(TimePart::Day)?,
            of(TimePart::Hour)?,
            of(TimePart::Minute)?,
        ])
    }

    #[test]
    fn the_spellings_that_logs_use() {
        let expected = Some([2024, 12, 1, 30, 23, 59]);
        for text in [
            "2024-12-30T23:59:58Z",
            "2024-12-30T23:59:58.1234567Z",
            "2024-12-31T01:59:58+02:00",
            "2024-12-30 23:59:58",
            "2024-12-30 23:59:58.123",
            "2024-12-30T23:59:58",
            "1735603198",
            "1735603198.9",
        ] {
            assert_eq!(parts(Scalar::Text(text)), expected, "{text}");
        }
        assert_eq!(parts(Scalar::Int(1_735_603_198)), expected);
        assert_eq!(parts(Scalar::Float(1_735_603_198.5)), expected);
        assert_eq!(parts(Scalar::Int(-1)), Some([1969, 12, 1, 31, 23, 59]));
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in ["", "yesterday", "30.12.2024", "2024-13-01 00:00:00", "2024-12-30 25:00:00"] {
            assert_eq!(parts(Scalar::Text(text)), None, "{text}");
        }
        for value in [Scalar::Null, Scalar::Bool(true), Scalar::Float(f64::NAN), Scalar::Int(i64::MAX)] {
            assert_eq!(parts(value), None, "{value:?}");
        }
    }
}
