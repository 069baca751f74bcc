//! What the evidence of an incident says of each entity, put together.
//!
//! In: the alerts with their evidence, and the relations between entities. Out: one object in Graph form for each
//! entity; where alerts differ, the newest that says anything stands.

use hashbrown::HashMap;
use serde_json::Value;

use super::Object;
use crate::graph::EdgeKind;
use crate::report::CaseFile;
use crate::resolve::Relation;
use crate::summary::EntityLine;

/// One entity.
pub(in crate::export) struct Facts<'c> {
    pub(in crate::export) line: &'c EntityLine,
    json: Object,
}

/// All of them, in the order of the incident, and which lead where.
pub(in crate::export) struct World<'c> {
    pub(in crate::export) entities: Vec<Facts<'c>>,
    from: HashMap<&'c str, Vec<(Relation, &'c str)>>,
}

impl<'c> World<'c> {
    /// Of the first `most` entities.
    pub(in crate::export) fn of(case: &'c CaseFile, most: usize) -> World<'c> {
        let mut found: HashMap<&str, Object> = HashMap::new();
        for alert in case.alerts.iter().rev() {
            for (evidence, entity) in alert.record.evidence.iter().zip(&alert.items) {
                if let (Some(entity), Ok(Value::Object(said))) = (entity, serde_json::to_value(evidence)) {
                    fill(found.entry(entity).or_default(), said);
                }
            }
        }
        let mut from: HashMap<&str, Vec<(Relation, &str)>> = HashMap::new();
        for edge in case.graph.edges() {
            if let EdgeKind::Relation(relation) = edge.kind() {
                from.entry(edge.from().id()).or_default().push((relation, edge.to().id()));
            }
        }
        nested(&mut found, &from, case);
        let facts = |line: &'c EntityLine| Facts { line, json: found.remove(line.id.as_str()).unwrap_or_default() };
        let entities = case.incident.entities.iter().take(most).map(facts).collect();
        World { entities, from }
    }

    /// Where a relation leads from an entity, in the order of the graph.
    pub(in crate::export) fn to(&self, id: &str, relation: Relation) -> impl Iterator<Item = &'c str> {
        let all = self.from.get(id).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(move |(kind, _)| *kind == relation).map(|(_, to)| *to)
    }
}

/// A process tells of its image, its parent and its user: those may have no evidence of their own.
fn nested<'c>(
    found: &mut HashMap<&'c str, Object>,
    from: &HashMap<&'c str, Vec<(Relation, &'c str)>>,
    case: &'c CaseFile,
) {
    const PARENT: [(&str, &str); 3] = [
        ("parentProcessId", "processId"),
        ("parentProcessCreationDateTime", "processCreationDateTime"),
        ("parentProcessImageFile", "imageFile"),
    ];
    for line in &case.incident.entities {
        let Some(process) = found.get(line.id.as_str()).cloned() else { continue };
        for (relation, to) in from.get(line.id.as_str()).into_iter().flatten() {
            let mut said = Object::new();
            let mut say = |from: &str, to: &str| {
                if let Some(value) = process.get(from) {
                    said.insert(to.to_owned(), value.clone());
                }
            };
            match relation {
                Relation::Image => say("imageFile", "fileDetails"),
                Relation::RunsAs | Relation::Owner => say("userAccount", "userAccount"),
                Relation::Parent => PARENT.iter().for_each(|(from, to)| say(from, to)),
                _ => continue,
            }
            fill(found.entry(to).or_default(), said);
        }
    }
}

/// Puts in what is not there yet.
fn fill(into: &mut Object, said: Object) {
    for (name, value) in said {
        let silent = value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        match (into.get_mut(&name), value) {
            _ if silent => {}
            (None, value) => {
                into.insert(name, value);
            }
            (Some(Value::Object(there)), Value::Object(more)) => fill(there, more),
            _ => {}
        }
    }
}

impl Facts<'_> {
    /// The value at a dotted place.
    pub(in crate::export) fn value(&self, place: &str) -> Option<&Value> {
        let (head, tail) = place.split_once('.').map_or((place, None), |(head, tail)| (head, Some(tail)));
        let value = self.json.get(head)?;
        tail.map_or(Some(value), |tail| value.get(tail)).filter(|value| !value.is_null())
    }

    pub(in crate::export) fn text(&self, place: &str) -> Option<&str> {
        self.value(place).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(in crate::export) fn int(&self, place: &str) -> Option<i64> {
        self.value(place).and_then(Value::as_i64)
    }

    /// A time, as STIX writes it.
    pub(in crate::export) fn time(&self, place: &str) -> Option<String> {
        let time = chrono::DateTime::parse_from_rfc3339(self.text(place)?).ok()?;
        super::bundle::stamp(time.to_utc())
    }

    /// The value in the entity's id, if that is of a type: `sha256` in `file:sha256:...`.
    pub(in crate::export) fn named(&self, by: &str) -> Option<&str> {
        let (_, rest) = self.line.id.split_once(':')?;
        let (kind, value) = rest.split_once(':')?;
        (kind == by && !value.is_empty()).then_some(value)
    }
}
