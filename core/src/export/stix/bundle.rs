//! A bundle in the making: objects by id, each once, with the members that all of them have.
//!
//! In: the members of objects. Out: one JSON document. What comes twice is put together: the first word stands, lists
//! grow. This file must never know what an incident is.

use std::cell::Cell;

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use hashbrown::HashSet;
use indexmap::IndexMap;
use indexmap::map::Entry;
use serde_json::{Value, json};

use super::{Object, id};

/// Characters of a text that somebody wrote; what is longer is cut, and the cuts are counted.
pub(super) const TEXT: usize = 10_000;

/// `created` of what many incidents share, such as a technique or a device: nobody knows when it began, and an object
/// must say the same in every bundle.
const SHARED: &str = "2020-01-01T00:00:00.000Z";

/// Our own name in the document.
const MAKER: &str = "casegraph";

pub(in crate::export) struct Bundle {
    objects: IndexMap<String, Object>,
    created: String,
    modified: String,
    maker: String,
    shortened: Cell<usize>,
}

impl Bundle {
    /// For an incident that began at a time, as of another.
    pub(in crate::export) fn new(began: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Bundle {
        let modified = stamp(at).unwrap_or_else(|| SHARED.to_owned());
        let created = began.and_then(stamp).filter(|began| *began <= modified);
        let maker = id::own("identity", &[MAKER]);
        let mut bundle = Bundle {
            objects: IndexMap::new(),
            created: created.unwrap_or_else(|| modified.clone()),
            modified,
            maker: maker.clone(),
            shortened: Cell::new(0),
        };
        let identity = json!({"name": MAKER, "identity_class": "system",
            "description": "The library that put this incident together from alerts."});
        bundle.put("identity", &maker, identity, (SHARED, SHARED));
        bundle
    }

    /// An object about this incident alone. Gives its id back.
    pub(in crate::export) fn add(&mut self, kind: &str, parts: &[&str], members: Value) -> String {
        let id = id::own(kind, parts);
        let (created, modified) = (self.created.clone(), self.modified.clone());
        self.put(kind, &id, members, (&created, &modified));
        id
    }

    /// An object that other incidents may tell of as well, with what this one knows.
    pub(in crate::export) fn add_shared(&mut self, kind: &str, parts: &[&str], members: Value) -> String {
        let id = id::own(kind, parts);
        let modified = self.modified.as_str().max(SHARED).to_owned();
        self.put(kind, &id, members, (SHARED, &modified));
        id
    }

    /// An object that says the same in every bundle.
    pub(in crate::export) fn add_fixed(&mut self, kind: &str, parts: &[&str], members: Value) -> String {
        let id = id::own(kind, parts);
        self.put(kind, &id, members, (SHARED, SHARED));
        id
    }

    fn put(&mut self, kind: &str, id: &str, members: Value, (created, modified): (&str, &str)) {
        let Value::Object(mut object) = members else { return };
        object.insert("created".to_owned(), created.into());
        object.insert("modified".to_owned(), modified.into());
        object.entry("created_by_ref").or_insert_with(|| self.maker.clone().into());
        self.insert(kind, id, object);
    }

    /// An observable, or an object of somebody else that comes with all its members.
    pub(in crate::export) fn insert(&mut self, kind: &str, id: &str, mut object: Object) {
        object.retain(|_, value| !is_empty(value));
        object.insert("type".to_owned(), kind.into());
        object.insert("spec_version".to_owned(), "2.1".into());
        object.insert("id".to_owned(), id.into());
        match self.objects.entry(id.to_owned()) {
            Entry::Vacant(place) => {
                place.insert(object);
            }
            Entry::Occupied(mut there) => merge(there.get_mut(), object),
        }
    }

    /// Drops what nothing refers to, from these objects on, be it over other objects.
    pub(in crate::export) fn keep(&mut self, from: Vec<String>) {
        let (mut next, mut kept) = (from, HashSet::new());
        while let Some(id) = next.pop() {
            if let Some(object) = self.objects.get(&id).filter(|_| !kept.contains(&id)) {
                object.iter().for_each(|(name, value)| references(name, value, &mut next));
                kept.insert(id);
            }
        }
        self.objects.retain(|id, _| kept.contains(id));
    }

    /// A text that somebody wrote, cut where it is too long.
    pub(in crate::export) fn text(&self, text: &str) -> Value {
        match text.char_indices().nth(TEXT) {
            None => text.into(),
            Some((end, _)) => {
                self.shortened.set(self.shortened.get() + 1);
                format!("{}…", text.get(..end).unwrap_or_default()).into()
            }
        }
    }

    /// How many texts were cut.
    pub(in crate::export) fn shortened(&self) -> usize {
        self.shortened.get()
    }

    pub(in crate::export) fn maker(&self) -> &str {
        &self.maker
    }

    /// The document; its id follows from the incident and the time.
    pub(in crate::export) fn write(self, incident: &str) -> String {
        let id = id::own("bundle", &[incident, &self.modified]);
        let objects: Vec<Value> = self.objects.into_values().map(Value::Object).collect();
        let mut bundle = json!({"type": "bundle", "id": id, "objects": objects});
        // Whatever map the build uses, the members stand in one order.
        bundle.sort_all_objects();
        serde_json::to_string_pretty(&bundle).unwrap_or_default() + "\n"
    }
}

/// The ids that a member refers to.
fn references(name: &str, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(id) if name.ends_with("_ref") || name.ends_with("_refs") => into.push(id.clone()),
        Value::Array(items) => items.iter().for_each(|item| references(name, item, into)),
        Value::Object(members) => members.iter().for_each(|(name, value)| references(name, value, into)),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn merge(there: &mut Object, more: Object) {
    for (name, value) in more {
        match (there.get_mut(&name), value) {
            (None, value) => {
                there.insert(name, value);
            }
            (Some(Value::Array(old)), Value::Array(new)) => {
                for item in new {
                    if !old.contains(&item) {
                        old.push(item);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A time as STIX writes it; nothing for years that not every reader can hold.
pub(in crate::export) fn stamp(at: DateTime<Utc>) -> Option<String> {
    (1..=9999).contains(&at.year()).then(|| at.to_rfc3339_opts(SecondsFormat::Millis, true))
}
