//! Reading a JSON value into a typed field without losing what the type cannot hold.
//!
//! INVARIANT: the original of a field is left in `extra` whenever writing the typed field would not
//! give the same JSON back. On writing, the original is used as long as it still reads as the
//! field's present value. So nothing has to remember whether a field was touched.

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::{Map, Value};

use super::{EvidenceKind, Path};
use crate::error::{Problem, ProblemCode};

/// A type that one JSON value is read into.
pub(crate) trait Item: Sized {
    /// What a message says was expected.
    const EXPECTED: &'static str;

    /// Whether writing what was read gives this value back; asked only of values that can be read.
    fn faithful(value: &Value) -> bool;

    /// Reads the value, or hands it back.
    fn read(value: Value, hint: EvidenceKind, path: &Path<'_>, problems: &mut Vec<Problem>) -> Result<Self, Value>;

    /// What kind of problem it is when the value cannot be read.
    fn problem_code(_: &Value) -> ProblemCode {
        ProblemCode::WrongType
    }
}

/// The type of a field: one [`Item`] or a list of them, or nothing.
pub(crate) trait Slot: Sized + Default + PartialEq + Serialize {
    /// Reads a value, and gives back the original if it must be kept. `null` is always kept.
    fn read(value: Value, hint: EvidenceKind, path: &Path<'_>, problems: &mut Vec<Problem>) -> (Self, Option<Value>);

    /// Whether there is nothing to write.
    fn is_unset(&self) -> bool;
}

impl<T: Item + PartialEq + Serialize> Slot for Option<T> {
    fn read(value: Value, hint: EvidenceKind, path: &Path<'_>, problems: &mut Vec<Problem>) -> (Self, Option<Value>) {
        if value.is_null() {
            return (None, Some(value));
        }
        let original = (!T::faithful(&value)).then(|| value.clone());
        match T::read(value, hint, path, problems) {
            Ok(item) => (Some(item), original),
            Err(value) => {
                problems.push(unreadable::<T>(&value, path));
                (None, Some(value))
            }
        }
    }

    fn is_unset(&self) -> bool {
        self.is_none()
    }
}

impl<T: Item + PartialEq + Serialize> Slot for Vec<T> {
    fn read(value: Value, hint: EvidenceKind, path: &Path<'_>, problems: &mut Vec<Problem>) -> (Self, Option<Value>) {
        let list = match value {
            Value::Array(list) if !list.is_empty() => list,
            Value::Array(_) | Value::Null => return (Vec::new(), Some(value)),
            other => {
                let message = format!("expected a list, found {}", Found(&other));
                problems.push(Problem::new(ProblemCode::WrongType, path.to_string(), message));
                return (Vec::new(), Some(other));
            }
        };
        // Decided before anything is taken apart: asking afterwards would cost a second reading per level.
        let original = (!list.iter().all(T::faithful)).then(|| Value::Array(list.clone()));
        let mut items = Vec::with_capacity(list.len());
        for (index, value) in list.into_iter().enumerate() {
            let path = path.index(index);
            match T::read(value, hint, &path, problems) {
                Ok(item) => items.push(item),
                Err(value) => problems.push(unreadable::<T>(&value, &path)),
            }
        }
        (items, original)
    }

    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

/// Reads a field; what is returned belongs in `extra` under the field's name.
pub(crate) fn take<T: Slot>(
    slot: &mut T,
    value: Value,
    hint: EvidenceKind,
    path: &Path<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Value> {
    let (read, original) = T::read(value, hint, path, problems);
    *slot = read;
    original
}

/// Writes a field: the original while it still means the same, else the typed value.
pub(crate) fn put<T: Slot, M: SerializeMap>(
    out: &mut M,
    name: &'static str,
    slot: &T,
    hint: EvidenceKind,
    extra: &Map<String, Value>,
) -> Result<(), M::Error> {
    match extra.get(name) {
        Some(original) if still_means(slot, original, hint) => out.serialize_entry(name, original),
        _ if slot.is_unset() => Ok(()),
        _ => out.serialize_entry(name, slot),
    }
}

fn still_means<T: Slot>(slot: &T, original: &Value, hint: EvidenceKind) -> bool {
    if original.is_null() {
        return slot.is_unset();
    }
    T::read(original.clone(), hint, &Path::root(), &mut Vec::new()).0 == *slot
}

/// The JSON object that a noun writes.
pub(crate) fn to_map(object: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(object) {
        Ok(Value::Object(map)) => map,
        // Nouns write objects with text keys only, which cannot fail.
        _ => Map::new(),
    }
}

fn unreadable<T: Item>(value: &Value, path: &Path<'_>) -> Problem {
    let message = format!("expected {}, found {}", T::EXPECTED, Found(value));
    Problem::new(T::problem_code(value), path.to_string(), message)
}

/// A value as a message shows it: in one line, cut when long.
struct Found<'a>(&'a Value);

impl std::fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const LONGEST: usize = 60;
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Array(_) => f.write_str("a list"),
            Value::Object(_) => f.write_str("an object"),
            Value::Bool(value) => write!(f, "`{value}`"),
            Value::Number(value) => write!(f, "`{value}`"),
            Value::String(text) => {
                f.write_str("`")?;
                for c in text.chars().take(LONGEST) {
                    if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
                }
                f.write_str(if text.chars().nth(LONGEST).is_some() { "...`" } else { "`" })
            }
        }
    }
}

/// An item that reads without hint, path and problems of its own.
macro_rules! plain_item {
    ($type:ty, $expected:literal, $faithful:expr, $read:expr) => {
        impl Item for $type {
            const EXPECTED: &'static str = $expected;

            fn faithful(value: &Value) -> bool {
                $faithful(value)
            }

            fn read(value: Value, _: EvidenceKind, _: &Path<'_>, _: &mut Vec<Problem>) -> Result<Self, Value> {
                $read(value)
            }
        }
    };
}

plain_item!(String, "text", Value::is_string, |value| match value {
    Value::String(text) => Ok(text),
    other => Err(other),
});
plain_item!(bool, "true or false", Value::is_boolean, |value: Value| { value.as_bool().ok_or(value) });
plain_item!(i64, "a whole number", Value::is_i64, |value: Value| value.as_i64().ok_or(value));
plain_item!(i32, "a whole number of 32 bits", Value::is_i64, |value: Value| {
    value.as_i64().and_then(|number| i32::try_from(number).ok()).ok_or(value)
});
plain_item!(f64, "a number", Value::is_f64, |value: Value| value.as_f64().ok_or(value));
plain_item!(Map<String, Value>, "an object", Value::is_object, |value| match value {
    Value::Object(map) => Ok(map),
    other => Err(other),
});

impl<T: Item> Item for Box<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn faithful(value: &Value) -> bool {
        T::faithful(value)
    }

    fn read(value: Value, hint: EvidenceKind, path: &Path<'_>, problems: &mut Vec<Problem>) -> Result<Self, Value> {
        T::read(value, hint, path, problems).map(Box::new)
    }
}
