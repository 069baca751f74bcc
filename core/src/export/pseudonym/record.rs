//! Facts under pseudonyms: which texts of a record are what.

use serde_json::{Map, Value};

use crate::attack::{self, Category};
use crate::model::{FactKind, Time};

use super::Pseudonyms;
use super::table::{Class, class, is_numbered};

impl Pseudonyms {
    /// Notes the names in a record: free texts keep no word of them.
    pub(crate) fn note_names(&mut self, value: &Value, member: &str) {
        match value {
            Value::String(text) if class(member) == Class::Name && Time::parse(text).is_none() => self.note(text),
            Value::String(text) if class(member) == Class::Url => {
                let host = text.split("://").last().and_then(|rest| rest.split(['/', '?', '#']).next());
                self.note(host.unwrap_or_default());
            }
            Value::Array(items) => items.iter().for_each(|item| self.note_names(item, member)),
            Value::Object(members) => members.iter().for_each(|(member, value)| self.note_names(value, member)),
            _ => {}
        }
    }

    /// The record of a fact under pseudonyms.
    pub(crate) fn record(&mut self, kind: FactKind, value: &mut Value) {
        let Value::Object(members) = value else { return };
        match kind {
            FactKind::Indicator => {
                let of = members.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
                if let Some(Value::String(text)) = members.get_mut("value") {
                    *text = self.value_of(&of, text);
                }
                self.members(members, &["value"]);
            }
            FactKind::Decision | FactKind::ActionReport => {
                for member in ["entity", "on"] {
                    if let Some(Value::String(text)) = members.get_mut(member) {
                        *text = self.entity(text);
                    }
                }
                if let Some(Value::String(key)) = members.get_mut("key") {
                    // The end tells which attempt it is, the beginning is a digest of names.
                    let (digest, attempt) = key.split_once('-').unwrap_or((key, ""));
                    *key = format!("{}-{attempt}", self.secret.hex("key", digest, 32));
                }
                self.members(members, &["entity", "on", "key"]);
            }
            _ => self.members(members, &[]),
        }
    }

    fn members(&mut self, members: &mut Map<String, Value>, done: &[&str]) {
        for (member, value) in members.iter_mut().filter(|(member, _)| !done.contains(&member.as_str())) {
            self.value(member, value);
        }
    }

    fn value(&mut self, member: &str, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.said(member, text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(member, item)),
            // Their keys too are somebody's words.
            Value::Object(members) if member == "customDetails" => {
                let mut renamed = Map::new();
                for (key, mut value) in std::mem::take(members) {
                    self.value("", &mut value);
                    renamed.insert(self.text(Class::Prose, &key), value);
                }
                *members = renamed;
            }
            Value::Object(members) => self.members(members, &[]),
            Value::Number(_) if matches!(member, "latitude" | "longitude") => *value = Value::from(0),
            _ => {}
        }
    }

    fn said(&mut self, member: &str, text: &str) -> String {
        let known = matches!(member, "category" | "categories")
            && matches!(attack::category(text), Category::Tactic(_) | Category::Component(_));
        let number = is_numbered(member) && text.bytes().all(|b| b.is_ascii_digit());
        if known || number || Time::parse(text).is_some() {
            return text.to_owned();
        }
        // Some sources put records into texts of records.
        if text.starts_with(['{', '['])
            && let Ok(mut inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(text)
        {
            self.value(member, &mut inner);
            inner.sort_all_objects();
            return inner.to_string();
        }
        self.text(class(member), text)
    }
}
