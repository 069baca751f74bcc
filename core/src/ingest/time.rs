//! Times as they stand in alerts.

use chrono::{DateTime, Utc};

/// Nanoseconds since 1970 of an RFC 3339 time; `None` when it is none, has no offset, or lies outside
/// the years 1678 to 2261 that 64 bits of nanoseconds hold.
pub(crate) fn nanos(text: &str) -> Option<i64> {
    fast(text.as_bytes()).or_else(|| DateTime::parse_from_rfc3339(text.trim()).ok()?.timestamp_nanos_opt())
}

/// The form nearly all sources print: `YYYY-MM-DDThh:mm:ss[.fraction]Z`. A tenth of the cost of the
/// general parser, which takes over whenever a byte is not as expected.
fn fast(t: &[u8]) -> Option<i64> {
    let digit = |i: usize| t.get(i).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10).map(i64::from);
    let two = |i: usize| Some(digit(i)? * 10 + digit(i + 1)?);
    if t.len() < 20 || t.last() != Some(&b'Z') {
        return None;
    }
    for (i, b) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
        if t.get(i) != Some(&b) {
            return None;
        }
    }
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    // Days past 28 and leap seconds are rare enough to leave them to the careful parser.
    if !(1700..=2200).contains(&year)
        || !(1..=12).contains(&month)
        || day < 1
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    if day > 28 && day > days_in_month(year, month) {
        return None;
    }
    let fraction = t.get(19..t.len() - 1)?;
    let mut nanos = 0i64;
    if let Some((b'.', digits)) = fraction.split_first() {
        if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        for i in 0..9 {
            nanos = nanos * 10 + digits.get(i).map_or(0, |b| i64::from(b - b'0'));
        }
    } else if !fraction.is_empty() {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counted in eras of 400 years
/// that begin in March, so that the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The time behind `nanos`, as users see it.
pub(crate) fn utc(nanos: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(nanos)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;

    #[test]
    fn the_fast_path_agrees_with_chrono_on_every_day() {
        let mut day = chrono::NaiveDate::from_ymd_opt(1699, 12, 30).unwrap();
        while day < chrono::NaiveDate::from_ymd_opt(2201, 1, 3).unwrap() {
            let text = format!("{day}T23:59:01.1234567Z");
            let want = DateTime::parse_from_rfc3339(&text).unwrap().timestamp_nanos_opt();
            assert_eq!(nanos(&text), want, "{text}");
            day = day.succ_opt().unwrap();
        }
    }

    #[test]
    fn offsets_are_honoured_and_their_absence_is_an_error() {
        assert_eq!(nanos("2021-04-27T14:19:27+02:00"), nanos("2021-04-27T12:19:27Z"));
        for bad in [
            "2021-04-27T12:19:27",
            "2021-02-30T00:00:00Z",
            "yesterday",
            "",
            "2021-04-27T24:00:00Z",
            "2021-04-27T12:19:27.Z",
            "9999-01-01T00:00:00Z",
        ] {
            assert_eq!(nanos(bad), None, "{bad}");
        }
    }
}
