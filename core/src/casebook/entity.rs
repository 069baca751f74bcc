//! Everything that the alerts of an incident say of one entity, merged, newest first.

use serde_json::{Map, Value};

use crate::ingest::canonical;
use crate::resolve::extract::{Extract, flag};
use crate::summary::{Attribute, EntityDetail};

use super::present::Presenter;

/// Members that belong to the evidence, not to the thing.
const OF_EVIDENCE: [&str; 8] = [
    "@odata.type",
    "createdDateTime",
    "detailedRoles",
    "remediationStatus",
    "remediationStatusDetails",
    "roles",
    "tags",
    "verdict",
];

impl Presenter<'_> {
    /// The detail of the first of `entities` that the incident holds.
    pub(super) fn entity(&mut self, incident: u32, entities: &[u32]) -> Option<EntityDetail> {
        self.judge(incident);
        let local = self.scene.entities.iter().position(|e| entities.contains(e))? as u32;
        let entity = self.scene.entities.get(local as usize).copied()?;
        let (kind, common) = self.scene.kinds.get(local as usize).copied()?;
        let mut sources: Vec<(u32, u32)> = self
            .scene
            .rows
            .iter()
            .filter(|row| row.entity == local && row.flags & flag::NESTED == 0)
            .map(|row| (row.source, row.occurrence))
            .collect();
        let updated = |source: u32| self.book.store.alerts.get(source as usize).map(|row| row.updated);
        // Rows stand by time already, so that equal ones stay in an order that the facts give.
        sources.sort_by_key(|(source, _)| std::cmp::Reverse(updated(*source)));
        let mut attributes: Vec<Attribute> = Vec::new();
        for (source, occurrence) in sources {
            self.merge(source, occurrence, &mut attributes);
        }
        attributes.sort_by(|a, b| a.name.cmp(&b.name));
        let mut alerts: Vec<String> = Vec::new();
        for row in self.scene.rows.iter().filter(|row| row.entity == local) {
            let alert = self.scene.alerts.get(row.alert as usize).map(|alert| self.alert_words(*alert).0);
            alerts.extend(alert.filter(|id| alerts.last() != Some(id)));
        }
        Some(EntityDetail {
            id: self.entity_id(local),
            kind,
            name: self.names().get(local as usize).cloned().unwrap_or_default(),
            aliases: self.derived.aliases(&self.book.store, entity),
            common,
            attributes,
            alerts,
        })
    }

    /// Adds what one evidence item says; newer items come first.
    fn merge(&self, source: u32, occurrence: u32, attributes: &mut Vec<Attribute>) {
        let Some(row) = self.book.store.alerts.get(source as usize) else { return };
        let Some((fact, _, json)) = self.book.record(row.fact) else { return };
        let extract = Extract::read_names(json, &self.book.policy.limits);
        let place = occurrence - row.occurrences.0;
        let Some((_, item)) = extract.items.iter().find(|(at, _)| *at == place) else { return };
        let Ok(record) = canonical::read::<Value>(json) else { return };
        let Some(Value::Object(evidence)) = record.get("evidence").and_then(|e| e.get(*item as usize)) else { return };
        let mut members = Vec::new();
        flatten("", evidence, &mut members);
        for (name, value) in members {
            match attributes.iter_mut().find(|a| a.name == name) {
                Some(known) if known.value == *value => known.facts.push(fact.to_string()),
                Some(known) if known.older.contains(value) => {}
                Some(known) => known.older.push(value.clone()),
                None => {
                    let facts = vec![fact.to_string()];
                    attributes.push(Attribute { name, value: value.clone(), facts, older: Vec::new() });
                }
            }
        }
    }
}

/// Members that say something, those of plain objects with a dot.
fn flatten<'v>(prefix: &str, object: &'v Map<String, Value>, out: &mut Vec<(String, &'v Value)>) {
    for (name, value) in object {
        if prefix.is_empty() && OF_EVIDENCE.contains(&name.as_str()) {
            continue;
        }
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::Array(list) if list.is_empty() => {}
            // One level: what lies deeper is another entity or a value of its own.
            Value::Object(inner) if prefix.is_empty() && !inner.contains_key("@odata.type") => {
                flatten(&format!("{name}."), inner, out);
            }
            value => out.push((format!("{prefix}{name}"), value)),
        }
    }
}
