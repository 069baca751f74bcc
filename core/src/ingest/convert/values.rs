//! Reading one value: what kind it should be, and whether its output says the same.

use serde_json::{Number, Value};

use super::names::{Aliases, name};

/// A leftover deeper than this is kept as JSON text, so that the output can be read back by any JSON reader.
const MAX_DEPTH: usize = 100;

/// How the value of a member is read.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    /// Text, or a number that is written as text.
    Id,
    /// A whole number, or its decimal or `0x` text.
    Int,
    /// Any number, or its text.
    Real,
    Flag,
    /// RFC 3339; without an offset it is no point in time.
    Time,
    /// The same, in a member that is UTC by its definition and often written without offset.
    Utc,
    /// A name in Graph's lower camel case.
    Name(Aliases),
    /// A list of texts; one text is a list of one.
    Texts,
    /// A list of names.
    Names,
    /// Kept as it is.
    Any,
}

pub(super) enum Reading {
    /// The value is its own reading.
    Same,
    /// Another spelling that says the same.
    Respelled(Value),
    /// Another name; the original is to be kept.
    Renamed(Value),
}

pub(super) fn convert(value: &Value, kind: Kind) -> Result<Reading, &'static str> {
    let same = |is: bool, expected| if is { Ok(Reading::Same) } else { Err(expected) };
    match kind {
        Kind::Text => same(value.is_string(), "a text"),
        Kind::Flag => same(value.is_boolean(), "true or false"),
        Kind::Id => match value {
            Value::String(_) => Ok(Reading::Same),
            Value::Number(number) => Ok(Reading::Respelled(number.to_string().into())),
            _ => Err("a text or a number"),
        },
        Kind::Int => match value {
            Value::Number(number) => same(!number.is_f64(), "a whole number"),
            Value::String(text) => integer(text).map(|n| Reading::Respelled(Value::Number(n))).ok_or("a whole number"),
            _ => Err("a whole number"),
        },
        Kind::Real => match value {
            Value::Number(_) => Ok(Reading::Same),
            Value::String(text) => {
                let number = text.parse().ok().and_then(Number::from_f64).ok_or("a number")?;
                Ok(Reading::Respelled(Value::Number(number)))
            }
            _ => Err("a number"),
        },
        Kind::Time | Kind::Utc => {
            let text = value.as_str().ok_or("a time")?;
            let time = rfc3339(text, matches!(kind, Kind::Utc)).ok_or("a time")?;
            Ok(if time == text { Reading::Same } else { Reading::Respelled(time.into()) })
        }
        Kind::Name(aliases) => {
            let text = value.as_str().ok_or("a name")?;
            let name = name(text, aliases).ok_or("a name")?;
            Ok(if name == text {
                Reading::Same
            } else if name.eq_ignore_ascii_case(text) {
                Reading::Respelled(name.into())
            } else {
                Reading::Renamed(name.into())
            })
        }
        Kind::Texts | Kind::Names | Kind::Any => Err("a text"),
    }
}

/// The whole number that a text says, decimal or hexadecimal.
pub(crate) fn integer(text: &str) -> Option<Number> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
        return u64::from_str_radix(digits, 16).ok().filter(|_| plain).map(Number::from);
    }
    text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok()
}

/// A time as RFC 3339. One that is so already stays as it is, to the last digit.
pub(crate) fn rfc3339(text: &str, utc: bool) -> Option<String> {
    let parses = |text: &str| chrono::DateTime::parse_from_rfc3339(text).is_ok();
    let with_t = text.replacen(' ', "T", 1);
    if parses(&with_t) {
        return Some(with_t);
    }
    let with_z = with_t + "Z";
    (utc && parses(&with_z)).then_some(with_z)
}

/// The start of a text that someone else wrote, on one line.
pub(crate) fn shorten(text: &str) -> String {
    let more = if text.chars().nth(60).is_some() { "..." } else { "" };
    text.chars().take(60).flat_map(char::escape_debug).chain(more.chars()).collect()
}

pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("`{number}`"),
        Value::String(text) => format!("`{}`", shorten(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The value, or its JSON text if it is nested too deep to be nested further.
pub(crate) fn shallow(value: Value) -> Value {
    if deeper_than(&value, MAX_DEPTH) { Value::String(value.to_string()) } else { value }
}

fn deeper_than(value: &Value, levels: usize) -> bool {
    let Some(inner) = levels.checked_sub(1) else {
        return true;
    };
    match value {
        Value::Array(items) => items.iter().any(|item| deeper_than(item, inner)),
        Value::Object(members) => members.values().any(|member| deeper_than(member, inner)),
        _ => false,
    }
}
