//! A mapping applied to one event as `core/docs/MAPPING.md` reads, slowly: what the engine must agree with.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

use serde_json::Value;

use super::{Mapping, Shape};
use crate::rules::ast::{LogSource, Pattern, Token};
use crate::rules::record::{Record, Scalar};

pub(crate) struct Event<'v> {
    pub(crate) shape: Option<&'v str>,
    pub(crate) logsources: Vec<LogSource>,
    root: &'v Value,
    /// Given names before the record's own: `fields` of the shape, then stripped objects.
    given: Vec<(String, Vec<&'v Value>)>,
    stripped: Vec<&'v Value>,
    times: Vec<String>,
}

/// Members at a dotted path; a member's own name may have dots, a list stands for its items.
fn at<'v>(value: &'v Value, path: &str, out: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| at(item, path, out)),
        Value::Object(members) => {
            for (name, member) in members {
                if name.eq_ignore_ascii_case(path) {
                    out.push(member);
                } else if path.len() > name.len()
                    && path.is_char_boundary(name.len())
                    && path.as_bytes()[name.len()] == b'.'
                    && path[..name.len()].eq_ignore_ascii_case(name)
                {
                    at(member, &path[name.len() + 1..], out);
                } else if let Some(rest) = path.strip_prefix("*.") {
                    at(member, rest, out);
                } else if path == "*" {
                    out.push(member);
                }
            }
        }
        _ => {}
    }
}

fn all<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut out = Vec::new();
    at(value, path, &mut out);
    out
}

fn scalars<'v>(value: &'v Value, each: &mut dyn FnMut(Scalar<'v>)) {
    match value {
        Value::Null => each(Scalar::Null),
        Value::Bool(b) => each(Scalar::Bool(*b)),
        Value::Number(n) => each(n.as_i64().map_or_else(|| Scalar::Float(n.as_f64().unwrap()), Scalar::Int)),
        Value::String(s) => each(Scalar::Text(s)),
        Value::Array(items) => items.iter().for_each(|item| scalars(item, each)),
        Value::Object(members) => members.values().for_each(|member| scalars(member, each)),
    }
}

pub(crate) fn fits(pattern: &Pattern, text: &str) -> bool {
    let text = text.to_lowercase();
    let literal =
        pattern.tokens.iter().find_map(|t| if let Token::Literal(l) = t { Some(l.to_lowercase()) } else { None });
    let literal = literal.unwrap_or_default();
    let starts = pattern.tokens.first() != Some(&Token::Any);
    let ends = pattern.tokens.last() != Some(&Token::Any);
    match (starts, ends) {
        (true, true) => text == literal,
        (true, false) => text.starts_with(&literal),
        (false, true) => text.ends_with(&literal),
        (false, false) => text.contains(&literal),
    }
}

impl<'v> Event<'v> {
    pub(crate) fn new(mapping: &'v Mapping, root: &'v Value) -> Self {
        let fits_shape = |shape: &&Shape| shape.has.iter().any(|list| list.iter().all(|p| !all(root, p).is_empty()));
        let shape = mapping.shapes.iter().find(fits_shape);
        let mut event = Event {
            shape: shape.map(|s| s.name.as_str()),
            logsources: Vec::new(),
            root,
            given: Vec::new(),
            stripped: Vec::new(),
            times: Vec::new(),
        };
        let Some(shape) = shape else { return event };
        event.stripped = shape.strip.iter().flat_map(|path| all(root, path)).collect();
        for (path, field) in &shape.fields {
            event.give(field, all(root, path));
        }
        let mut further: Vec<(&str, Vec<&Value>)> = Vec::new();
        for source in &shape.sources {
            let holds = source.when.iter().all(|(field, patterns)| {
                let mut texts = Vec::new();
                let present = event.values(field, &mut |scalar| texts.push(text(scalar)));
                present && (patterns.is_empty() || texts.iter().any(|t| patterns.iter().any(|p| fits(p, t))))
            });
            if !holds {
                continue;
            }
            event.logsources.extend(source.logsources.iter().cloned());
            for (from, to) in &source.fields {
                if event.find(to).is_empty() {
                    further.push((to, event.find(from)));
                }
            }
        }
        for (field, values) in further {
            event.give(field, values);
        }
        event.times = shape.time.iter().filter_map(|path| event.text(path)).collect();
        event
    }

    /// Does a rule with this logsource apply?
    pub(crate) fn is(&self, category: &str, product: &str, service: &str) -> bool {
        let part = |wanted: &str, has: &Option<String>| wanted.is_empty() || has.as_deref() == Some(wanted);
        self.logsources
            .iter()
            .any(|l| part(category, &l.category) && part(product, &l.product) && part(service, &l.service))
    }

    pub(crate) fn text(&self, field: &str) -> Option<String> {
        let mut first = None;
        self.values(field, &mut |scalar| {
            first.get_or_insert(text(scalar));
        });
        first
    }

    pub(crate) fn time(&self) -> Option<&str> {
        self.times.first().map(String::as_str)
    }

    fn give(&mut self, field: &str, values: Vec<&'v Value>) {
        if !values.is_empty() && !self.given.iter().any(|(name, _)| name.eq_ignore_ascii_case(field)) {
            self.given.push((field.to_owned(), values));
        }
    }

    fn find(&self, field: &str) -> Vec<&'v Value> {
        let given = self.given.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
        if let Some((_, values)) = given {
            return values.clone();
        }
        let own = all(self.root, field);
        let stripped = self.stripped.iter().map(|inner| all(inner, field)).find(|found| !found.is_empty());
        stripped.unwrap_or(own)
    }
}

fn text(scalar: Scalar<'_>) -> String {
    match scalar {
        Scalar::Null => String::new(),
        Scalar::Bool(b) => b.to_string(),
        Scalar::Int(i) => i.to_string(),
        Scalar::Float(f) => f.to_string(),
        Scalar::Text(t) => t.to_owned(),
    }
}

impl Record for Event<'_> {
    fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool {
        let found = self.find(field);
        found.iter().for_each(|value| scalars(value, each));
        !found.is_empty()
    }

    fn all_values<'r>(&'r self, each: &mut dyn FnMut(Scalar<'r>)) {
        scalars(self.root, each);
    }
}
