//! Alerts in Graph form, made by hand: what a case does not name is absent.

use serde_json::{Map, Value, json};

/// An alert under construction.
#[derive(Debug, Clone)]
pub struct Record(Map<String, Value>);

/// An alert with an id, its first activity (`HH:MM`, on 10 March 2026) and a title; every one has a
/// detector of its own.
#[must_use]
pub fn alert(id: &str, time: &str) -> Record {
    let mut record = Map::new();
    record.insert("@odata.type".into(), json!("#microsoft.graph.security.alert"));
    record.insert("id".into(), json!(id));
    record.insert("title".into(), json!(format!("Alert {id}")));
    record.insert("severity".into(), json!("medium"));
    record.insert("detectorId".into(), json!(format!("detector-of-{id}")));
    record.insert("firstActivityDateTime".into(), json!(at(time)));
    record.insert("lastUpdateDateTime".into(), json!("2026-04-01T00:00:00Z"));
    record.insert("evidence".into(), json!([]));
    Record(record)
}

/// A full time from `HH:MM` or `DD HH:MM` in March 2026.
#[must_use]
pub fn at(time: &str) -> String {
    let (day, clock) = time.split_once(' ').unwrap_or(("10", time));
    format!("2026-03-{day}T{clock}:00Z")
}

impl Record {
    /// Sets a member.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Record {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Adds an evidence item.
    #[must_use]
    pub fn with(mut self, evidence: Value) -> Record {
        if let Some(Value::Array(list)) = self.0.get_mut("evidence") {
            list.push(evidence);
        }
        self
    }

    /// Sets a member of the evidence item added last.
    #[must_use]
    pub fn its(mut self, name: &str, value: impl Into<Value>) -> Record {
        let last = self.0.get_mut("evidence").and_then(Value::as_array_mut).and_then(|list| list.last_mut());
        if let Some(Value::Object(last)) = last {
            last.insert(name.to_owned(), value.into());
        }
        self
    }

    /// The record as one line of JSON.
    #[must_use]
    pub fn line(self) -> String {
        Value::Object(self.0).to_string()
    }
}

/// An evidence item of a Graph type, with members.
#[must_use]
pub fn evidence(kind: &str, members: Value) -> Value {
    let mut item = Map::new();
    item.insert("@odata.type".into(), json!(format!("#microsoft.graph.security.{kind}Evidence")));
    if let Value::Object(members) = members {
        item.extend(members);
    }
    Value::Object(item)
}

/// A device by its host name.
#[must_use]
pub fn host(name: &str) -> Value {
    evidence("device", json!({"hostName": name}))
}

/// An address.
#[must_use]
pub fn ip(address: &str) -> Value {
    evidence("ip", json!({"ipAddress": address}))
}

/// A URL.
#[must_use]
pub fn url(text: &str) -> Value {
    evidence("url", json!({"url": text}))
}

/// A file by its SHA-256, made from one hex digit.
#[must_use]
pub fn file(digit: char) -> Value {
    let hash: String = std::iter::repeat_n(digit, 64).collect();
    evidence("file", json!({"fileDetails": {"sha256": hash, "fileName": format!("{digit}.bin")}}))
}

/// A user by UPN.
#[must_use]
pub fn upn(name: &str) -> Value {
    evidence("user", json!({"userAccount": {"userPrincipalName": name}}))
}
