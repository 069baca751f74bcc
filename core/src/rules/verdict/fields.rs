//! From the members of a JSON object to named values: dotted names, lists as several values.

use serde_json::{Map, Value};

use super::Limits;
use crate::rules::record::Scalar;

/// One value, owned.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Datum {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Box<str>),
}

impl Datum {
    fn read(value: &Value) -> Option<Datum> {
        Some(match value {
            Value::Null => Datum::Null,
            Value::Bool(b) => Datum::Bool(*b),
            Value::Number(n) => match n.as_i64() {
                Some(n) => Datum::Int(n),
                None => Datum::Float(n.as_f64()?),
            },
            Value::String(text) => Datum::Text(text.as_str().into()),
            Value::Array(_) | Value::Object(_) => return None,
        })
    }

    pub(super) fn scalar(&self) -> Scalar<'_> {
        match self {
            Datum::Null => Scalar::Null,
            Datum::Bool(b) => Scalar::Bool(*b),
            Datum::Int(n) => Scalar::Int(*n),
            Datum::Float(n) => Scalar::Float(*n),
            Datum::Text(text) => Scalar::Text(text),
        }
    }

    /// Does it say anything?
    pub(super) fn says(&self) -> bool {
        !matches!(self, Datum::Null) && !matches!(self, Datum::Text(text) if text.is_empty())
    }
}

/// Objects nested deeper than Graph's deepest evidence are not looked into.
const DEPTH: u32 = 8;

/// The values of one entity by name, in order of first appearance.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields(Vec<(Box<str>, Vec<Datum>)>);

impl Fields {
    pub(super) fn get(&self, name: &str) -> Option<&[Datum]> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, values)| values.as_slice())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Datum> {
        self.0.iter().flat_map(|(_, values)| values)
    }

    /// Adds a value that is not known yet; `false` when a limit keeps it out.
    pub(super) fn add(&mut self, name: &str, value: Datum, limits: &Limits) -> bool {
        let at = match self.0.iter().position(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some(at) => at,
            None if self.0.len() >= limits.fields => return false,
            None => {
                self.0.push((name.into(), Vec::new()));
                self.0.len() - 1
            }
        };
        let Some((_, values)) = self.0.get_mut(at) else { return true };
        if values.contains(&value) {
            return true;
        }
        if values.len() >= limits.values {
            return false;
        }
        // Null is what is known when nothing else is.
        match value {
            Datum::Null if !values.is_empty() => {}
            value => {
                values.retain(|known| *known != Datum::Null);
                values.push(value);
            }
        }
        true
    }

    /// Gives a field one value in the place of all others.
    pub(super) fn set(&mut self, name: &str, value: Datum) {
        match self.0.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, values)) => *values = vec![value],
            None => self.0.push((name.into(), vec![value])),
        }
    }

    /// Adds all that `other` holds.
    pub(super) fn merge(&mut self, other: &Fields, limits: &Limits) -> bool {
        let mut whole = true;
        for (name, values) in &other.0 {
            for value in values {
                whole &= self.add(name, value.clone(), limits);
            }
        }
        whole
    }

    /// Adds the members of `object` under `prefix`; `false` when a limit keeps some out.
    pub(super) fn flatten(&mut self, prefix: &str, object: &Map<String, Value>, limits: &Limits) -> bool {
        self.object(prefix, object, limits, 0)
    }

    fn object(&mut self, prefix: &str, object: &Map<String, Value>, limits: &Limits, depth: u32) -> bool {
        let mut whole = true;
        for (name, value) in object {
            let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            whole &= self.value(&name, value, limits, depth);
        }
        whole
    }

    fn value(&mut self, name: &str, value: &Value, limits: &Limits, depth: u32) -> bool {
        if depth > DEPTH {
            return false;
        }
        match value {
            Value::Object(inner) => self.object(name, inner, limits, depth + 1),
            Value::Array(list) => {
                let mut whole = true;
                for value in list {
                    whole &= self.value(name, value, limits, depth + 1);
                }
                whole
            }
            value => Datum::read(value).is_none_or(|datum| self.add(name, datum, limits)),
        }
    }
}
