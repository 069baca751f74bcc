//! What every adapter shares: taking a source record apart without losing anything.
//!
//! An adapter wraps a JSON object in a [`Source`], takes the members that it knows out of it, mostly by a
//! table of [`Field`]s, and hands what is left to [`Source::into_alert`], [`Source::into_incident`] or
//! [`Source::into_part`]. What was taken but could not be read, or was renamed with loss, is kept as it was.

use serde_json::{Map, Value};

mod names;
mod values;

pub(crate) use names::{
    Aliases, CLASSIFICATION, DETECTION_SOURCE, DETERMINATION, SERVICE_SOURCE, SEVERITY, VERDICT, alias, camel,
};
pub(crate) use values::{Kind, integer, shallow, shorten};

use self::values::{Reading, convert, describe};
use super::format::Format;
use crate::error::{Problem, ProblemCode};

pub(crate) type Object = Map<String, Value>;

/// What one or more source records became.
#[derive(Debug, Default)]
pub(crate) struct Converted {
    pub(crate) alerts: Vec<ConvertedAlert>,
    /// Graph incidents, without their alerts.
    pub(crate) incidents: Vec<Object>,
    pub(crate) problems: Vec<Problem>,
}

/// One alert in Graph form.
#[derive(Debug)]
pub(crate) struct ConvertedAlert {
    pub(crate) alert: Object,
    /// One of several rows that together make the alert: their evidence adds up.
    pub(crate) fragment: bool,
}

/// Where an alert's `additionalData`, an incident or an evidence keeps what the Graph form has no place for.
pub(crate) const SOURCE_KEY: &str = "casegraph.source";

/// Member of the source, member of the output (dots lead into objects), how to read it.
pub(crate) type Field = (&'static str, &'static str, Kind);

/// One object of a source record, being taken apart.
pub(crate) struct Source<'a> {
    rest: Object,
    /// Originals of members that were taken and cannot be told from the output.
    kept: Object,
    path: String,
    blank_is_null: bool,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(rest: Object, path: impl Into<String>, problems: &'a mut Vec<Problem>) -> Self {
        Source { rest, kept: Object::new(), path: path.into(), blank_is_null: false, problems }
    }

    /// The same for Kusto tables, where a text cannot be null and an empty one says so.
    pub(crate) fn kusto(rest: Object, path: impl Into<String>, problems: &'a mut Vec<Problem>) -> Self {
        Source { blank_is_null: true, ..Source::new(rest, path, problems) }
    }

    /// A part of this object that was taken out of it.
    pub(crate) fn part(&mut self, part: Object, path: impl Into<String>) -> Source<'_> {
        let blank_is_null = self.blank_is_null;
        Source { blank_is_null, ..Source::new(part, path, self.problems) }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.rest.get(name).filter(|value| !self.is_null(value))
    }

    fn is_null(&self, value: &Value) -> bool {
        value.is_null() || (self.blank_is_null && value.as_str() == Some(""))
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let value = self.rest.remove(name)?;
        (!self.is_null(&value)).then_some(value)
    }

    /// Takes a member that has this value, which says nothing.
    pub(crate) fn take_if(&mut self, name: &str, value: &Value) {
        if self.rest.get(name) == Some(value) {
            self.rest.remove(name);
        }
    }

    /// Puts a member that was taken back.
    pub(crate) fn restore(&mut self, name: &str, value: Value) {
        self.rest.insert(name.to_owned(), value);
    }

    /// Keeps the original of a member that was taken.
    pub(crate) fn keep(&mut self, name: &str, value: Value) {
        let value = shallow(value);
        match (self.kept.get_mut(name), value) {
            (_, Value::Null) => {}
            (None, value) => {
                self.kept.insert(name.to_owned(), value);
            }
            (Some(Value::Array(there)), Value::Array(mut more)) => there.append(&mut more),
            (Some(there), value) => *there = Value::Array(vec![there.take(), value]),
        }
    }

    /// The JSON path of a member.
    pub(crate) fn at(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn problem(&mut self, code: ProblemCode, path: String, message: impl Into<String>) {
        self.problems.push(Problem::new(code, path, message));
    }

    pub(crate) fn wrong_type(&mut self, name: &str, value: Value, expected: &str) {
        let message = format!("expected {expected}, found {}", describe(&value));
        self.problem(ProblemCode::WrongType, self.at(name), message);
        self.keep(name, value);
    }

    pub(crate) fn missing(&mut self, name: &str, message: &str) {
        self.problem(ProblemCode::Missing, self.at(name), message);
    }

    /// Takes every member that the table names. The first of several for one place wins; the others are
    /// kept, unless they say the same.
    pub(crate) fn fields(&mut self, table: &[Field], into: &mut Object) {
        for &(from, to, kind) in table {
            let Some(value) = self.read(from, kind) else {
                continue;
            };
            if let Some(other) = put(into, to, value)
                && !self.kept.contains_key(from)
            {
                self.keep(from, other);
            }
        }
    }

    /// Takes one member; one that cannot be read is a problem and is kept.
    pub(crate) fn read(&mut self, name: &str, kind: Kind) -> Option<Value> {
        let value = self.take(name)?;
        match kind {
            Kind::Any => Some(shallow(value)),
            Kind::Texts | Kind::Names => self.read_list(name, value, kind),
            _ => match convert(&value, kind) {
                Ok(Reading::Same) => Some(value),
                Ok(Reading::Respelled(new)) => Some(new),
                Ok(Reading::Renamed(new)) => {
                    self.keep(name, value);
                    Some(new)
                }
                Err(expected) => {
                    if let (Kind::Time | Kind::Utc, Some(text)) = (kind, value.as_str()) {
                        let message = format!("`{}` is no RFC 3339 time with an offset", shorten(text));
                        self.problem(ProblemCode::BadTime, self.at(name), message);
                        self.keep(name, value);
                    } else {
                        self.wrong_type(name, value, expected);
                    }
                    None
                }
            },
        }
    }

    fn read_list(&mut self, name: &str, value: Value, kind: Kind) -> Option<Value> {
        let item_kind = if matches!(kind, Kind::Names) { Kind::Name(&[]) } else { Kind::Text };
        let items = match value {
            Value::Array(items) => items,
            Value::String(_) => vec![value],
            other => {
                self.wrong_type(name, other, "a list of texts");
                return None;
            }
        };
        let (mut good, mut bad) = (Vec::with_capacity(items.len()), Vec::new());
        for (index, item) in items.into_iter().enumerate() {
            match convert(&item, item_kind) {
                Ok(Reading::Same) => good.push(item),
                Ok(Reading::Respelled(new) | Reading::Renamed(new)) => good.push(new),
                Err(_) if item.is_null() => {}
                Err(expected) => {
                    let message = format!("expected {expected}, found {}", describe(&item));
                    self.problem(ProblemCode::WrongType, format!("{}[{index}]", self.at(name)), message);
                    bad.push(item);
                }
            }
        }
        if !bad.is_empty() {
            self.keep(name, Value::Array(bad));
        }
        Some(Value::Array(good))
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.read(name, Kind::Id) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Takes a member that is an object, or JSON text of one.
    pub(crate) fn object(&mut self, name: &str) -> Option<Object> {
        match self.json(name)? {
            Value::Object(object) => Some(object),
            other => {
                self.wrong_type(name, other, "an object");
                None
            }
        }
    }

    /// Takes a member that is a list of objects, or one object in its place, each with its path.
    /// Items that are no objects are problems and are kept.
    pub(crate) fn objects(&mut self, name: &str) -> Vec<(String, Object)> {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for (path, item) in self.items(name) {
            match item {
                Value::Object(object) => good.push((path, object)),
                other => {
                    let message = format!("expected an object, found {}", describe(&other));
                    self.problem(ProblemCode::WrongType, path, message);
                    bad.push(other);
                }
            }
        }
        if !bad.is_empty() {
            self.keep(name, Value::Array(bad));
        }
        good
    }

    /// Takes a member that is a list, JSON text of one, or one value in its place.
    pub(crate) fn items(&mut self, name: &str) -> Vec<(String, Value)> {
        match self.json(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => items
                .into_iter()
                .enumerate()
                .filter(|(_, item)| !item.is_null())
                .map(|(index, item)| (format!("{}[{index}]", self.at(name)), item))
                .collect(),
            Some(one @ Value::Object(_)) => vec![(self.at(name), one)],
            Some(other) => {
                self.wrong_type(name, other, "a list");
                Vec::new()
            }
        }
    }

    /// Takes a member that may be JSON text where an object or a list is meant.
    pub(crate) fn json(&mut self, name: &str) -> Option<Value> {
        let value = self.take(name)?;
        let Some(text) = value.as_str() else {
            return Some(value);
        };
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Null) => None,
            Ok(parsed) => Some(parsed),
            Err(_) => {
                let message = format!("`{}` is no JSON", shorten(text));
                self.problem(ProblemCode::WrongType, self.at(name), message);
                self.keep(name, value);
                None
            }
        }
    }

    /// Takes the comments of an alert or incident.
    pub(crate) fn comments(&mut self, into: &mut Object) {
        const COMMENT: &[Field] = &[
            ("comment", "comment", Kind::Text),
            ("createdBy", "createdByDisplayName", Kind::Text),
            ("createdTime", "createdDateTime", Kind::Time),
        ];
        let listed = self.get("comments").is_some_and(Value::is_array);
        let mut comments = Vec::new();
        for (path, comment) in self.objects("comments") {
            let mut source = self.part(comment, path);
            let mut out = Object::new();
            source.fields(COMMENT, &mut out);
            comments.push(source.into_part(out));
        }
        if listed || !comments.is_empty() {
            into.insert("comments".to_owned(), Value::Array(comments));
        }
    }

    /// Everything that is left, with the originals of what was kept.
    pub(crate) fn leftover(self) -> Object {
        let blank_is_null = self.blank_is_null;
        let mut out = self.kept;
        for (name, value) in self.rest {
            if value.is_null() || (blank_is_null && value.as_str() == Some("")) {
                continue;
            }
            out.insert(name, shallow(value));
        }
        out
    }

    /// Ends a part such as one evidence: the unknown members stay beside the known ones, and what would
    /// stand in their way goes below [`SOURCE_KEY`].
    pub(crate) fn into_part(self, mut part: Object) -> Value {
        let Source { rest, mut kept, blank_is_null, .. } = self;
        for (name, value) in rest {
            if value.is_null() || (blank_is_null && value.as_str() == Some("")) {
                continue;
            }
            if part.contains_key(&name) || name == SOURCE_KEY {
                kept.insert(name, shallow(value));
            } else {
                part.insert(name, shallow(value));
            }
        }
        if !kept.is_empty() {
            part.insert(SOURCE_KEY.to_owned(), Value::Object(kept));
        }
        Value::Object(part)
    }

    /// Ends an alert: what is left goes to its `additionalData`.
    pub(crate) fn into_alert(self, mut alert: Object, evidence: Vec<Value>, format: Format) -> Object {
        alert.insert("@odata.type".to_owned(), "#microsoft.graph.security.alert".into());
        alert.insert("evidence".to_owned(), Value::Array(evidence));
        let mut additional = Object::new();
        additional.insert(SOURCE_KEY.to_owned(), origin(format, self.leftover()));
        alert.insert("additionalData".to_owned(), Value::Object(additional));
        alert
    }

    /// Ends an incident, which has no `additionalData` in Graph: what is left stands in it directly.
    pub(crate) fn into_incident(self, mut incident: Object, format: Format) -> Object {
        incident.insert("@odata.type".to_owned(), "#microsoft.graph.security.incident".into());
        incident.insert(SOURCE_KEY.to_owned(), origin(format, self.leftover()));
        incident
    }
}

fn origin(format: Format, rest: Object) -> Value {
    let mut origin = Object::new();
    origin.insert("format".to_owned(), format.name().into());
    if !rest.is_empty() {
        origin.insert("rest".to_owned(), Value::Object(rest));
    }
    Value::Object(origin)
}

/// A new evidence of a Graph type, named without its `Evidence`.
pub(crate) fn evidence(kind: &str) -> Object {
    let mut evidence = Object::new();
    evidence.insert("@odata.type".to_owned(), format!("#microsoft.graph.security.{kind}Evidence").into());
    evidence
}

/// A new evidence of a type that Graph does not have, named after the source's own.
pub(crate) fn unknown_evidence(kind: &str) -> Object {
    let name = camel(kind);
    let name = if name.is_empty() { "unknown" } else { name.as_str() };
    let mut evidence = Object::new();
    evidence.insert("@odata.type".to_owned(), format!("#casegraph.{name}Evidence").into());
    evidence
}

/// Puts a value at a dotted place; gives it back when another value stands there already.
pub(crate) fn put(into: &mut Object, place: &str, value: Value) -> Option<Value> {
    let Some((head, tail)) = place.split_once('.') else {
        return match into.get(place) {
            None => {
                into.insert(place.to_owned(), value);
                None
            }
            Some(there) => (*there != value).then_some(value),
        };
    };
    match into.entry(head).or_insert_with(|| Value::Object(Object::new())) {
        Value::Object(inner) => put(inner, tail, value),
        _ => Some(value),
    }
}
