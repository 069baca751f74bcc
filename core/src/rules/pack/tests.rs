//! Each rule against a record that it fires on and one that it just does not.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::FILES;
use crate::rules::ast::{Body, Document};
use crate::rules::literal;
use crate::rules::read::{self, Options};
use crate::rules::record::{Record, Scalar};
use crate::rules::verdict::{self, VerdictRules};

fn documents() -> Vec<Document> {
    let (limits, placeholders) = (read::Limits::default(), BTreeMap::new());
    let options = Options { limits: &limits, placeholders: &placeholders };
    let mut documents = Vec::new();
    for (name, text) in FILES {
        let (found, problems) = read::documents(name, text.as_bytes(), &options);
        assert_eq!(problems, [], "{name}");
        documents.extend(found);
    }
    documents
}

/// A record whose members are the names that rules use, paths included.
struct Flat(Map<String, Value>);

fn scalar(value: &Value) -> Scalar<'_> {
    match value {
        Value::Bool(b) => Scalar::Bool(*b),
        Value::Number(n) => Scalar::Int(n.as_i64().unwrap()),
        Value::String(text) => Scalar::Text(text),
        _ => Scalar::Null,
    }
}

fn several(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

impl Record for Flat {
    fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool {
        let found = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
        found.into_iter().flat_map(|(_, value)| several(value)).map(scalar).for_each(each);
        found.is_some()
    }

    fn all_values<'r>(&'r self, each: &mut dyn FnMut(Scalar<'r>)) {
        self.0.values().flat_map(several).map(scalar).for_each(each);
    }
}

#[test]
fn every_rule_fires_on_its_case_and_not_on_its_near_miss() {
    let cases: Map<String, Value> = serde_json::from_str(include_str!("cases.json")).unwrap();
    let mut left: BTreeSet<&str> = cases.keys().map(String::as_str).collect();
    for document in documents() {
        let title = document.meta.title.as_str();
        // Correlations look at matches; `tests/tests/rules.rs` runs them.
        let Body::Rule(rule) = &document.body else { continue };
        let case = cases.get(title).unwrap_or_else(|| panic!("no case for `{title}`"));
        left.remove(title);
        for (member, expected) in [("fires", true), ("misses", false)] {
            let record = Flat(case[member].as_object().unwrap().clone());
            let matched = literal::matches(&rule.selections, &rule.conditions, &record);
            assert_eq!(matched, expected, "`{title}` on {}", case[member]);
        }
    }
    assert_eq!(left, BTreeSet::new(), "cases of rules that do not exist");
}

#[test]
fn every_rule_can_be_told_apart_and_says_what_it_is() {
    let documents = documents();
    let mut ids = BTreeSet::new();
    for Document { meta, .. } in &documents {
        let id = meta.id.as_deref().unwrap_or_else(|| panic!("`{}` has no id", meta.title));
        assert!(ids.insert(id), "{id} twice");
        let version = id.split('-').nth(2).and_then(|part| part.chars().next());
        assert_eq!((id.len(), version), (36, Some('4')), "{id}");
        let said = meta.description.is_some() && meta.level.is_some() && !meta.false_positives.is_empty();
        assert!(said && meta.status.is_some(), "{}", meta.title);
        let attack = |r: &String| r.starts_with("https://attack.mitre.org/");
        assert!(meta.references.iter().any(attack), "{}", meta.title);
    }
}

#[test]
fn the_verdict_rules_compile_without_a_doubt_and_have_an_opinion() {
    let documents = documents();
    let verdict_rules = documents.iter().filter(|d| verdict::is_verdict_rule(d)).count();
    assert!(verdict_rules >= 40, "{verdict_rules}");
    let (rules, problems) = VerdictRules::new(&documents, read::Limits::default().path_steps);
    assert_eq!(problems, []);
    assert_eq!(rules.len(), verdict_rules);
    assert!(documents.iter().any(|d| verdict::face(d).is_ok_and(|face| face.exculpates)));
}
