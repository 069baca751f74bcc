//! Casebooks with all that a verdict may rest on, and everything that can be done to the JSON of a proof.

use casegraph::model::{Decision, Indicator, Retraction};
use casegraph::rules::RuleSet;
use casegraph::verdict::Explanation;
use casegraph::{Casebook, Policy};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{lines, policy, random};

/// Verdict rules of every sort: by entity, alert and incident, with a `not`, along a relation, and exculpating.
const RULES: &str = "
title: Dropped file
id: 0e5aae11-a475-4c5b-ab00-c66de400274e
logsource: {product: casegraph, category: file}
detection: {s: {fileDetails.fileName|endswith: 'drop.exe'}, condition: s}
level: medium
---
title: Signed by us
logsource: {product: casegraph, category: file}
detection: {s: {fileDetails.filePath|contains: Windows}, condition: s}
exculpates: true
confidence: 75
---
title: Started by a dropped file
logsource: {product: casegraph, category: process}
detection: {s: {parent.imageFile.fileName|endswith: 'drop.exe'}, condition: s}
level: high
---
title: Known scanner
logsource: {product: casegraph, category: ip}
detection: {s: {ipAddress: '203.0.113.7'}, condition: s}
exculpates: true
confidence: 40
---
title: Seen by many
logsource: {product: casegraph, category: ip}
detection: {s: {counts.detectors|gte: 2}, condition: s}
level: low
---
title: Bad category
logsource: {product: casegraph, category: alert}
detection: {s: {category: Exfiltration}, n: {severity: low}, condition: s and not n}
verdict: malicious
confidence: 55
---
title: Long incident
logsource: {product: casegraph, category: incident}
detection: {s: {counts.alerts|gte: 3}, condition: s}
level: medium
---
title: Harmless site
logsource: {product: casegraph, category: url}
detection: {s: {url|contains: good.example}, condition: s}
verdict: noThreatsFound
confidence: 60
";

/// What a random casebook is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Alerts, as JSON; ids repeat.
    pub alerts: Vec<String>,
    /// Entries of lists, as JSON.
    pub indicators: Vec<String>,
    /// Decisions, as JSON; some are about no alert of the casebook.
    pub decisions: Vec<String>,
    /// Facts that are withdrawn, one after the other.
    pub retracted: Vec<prop::sample::Index>,
    /// Are [`RULES`] in use?
    pub rules: bool,
    /// The policy.
    pub policy: Policy,
}

/// Up to `most` alerts with indicators, decisions, retractions, rules or none, and other policies.
pub fn parts(most: usize) -> impl Strategy<Value = Parts> {
    let policies = prop_oneof![
        4 => Just("{}"),
        1 => Just(r#"{"correlate": {"hubAssets": 2, "maxAlertsPerIncident": 4}, "judge": {"pathLength": 1}}"#),
        1 => Just(r#"{"judge": {"pathLength": 2, "providerMalicious": 35, "roleAttacker": 61, "severity": [5, 5, 11, 21, 36]}}"#),
        1 => Just(r#"{"judge": {"malicious": 0.6, "suspicious": 0.15, "relations": {"on": [0.5, 0.9], "runsAs": [1.0, 0.3]}},
                      "rules": {"pathWork": 9, "entityViews": 1}}"#),
    ];
    let said = (random::dated_indicators(3), random::decisions(2), random::verdicts(3));
    (random::records(most), said, vec(any::<prop::sample::Index>(), 0..3), weighted(0.8, Just(())), policies).prop_map(
        |(alerts, (indicators, mut decisions, verdicts), retracted, rules, text)| {
            decisions.extend(verdicts);
            Parts { alerts, indicators, decisions, retracted, rules: rules.is_some(), policy: policy(text) }
        },
    )
}

/// The casebook of these parts.
///
/// # Panics
/// When something is refused that should not be.
#[must_use]
#[expect(clippy::expect_used, reason = "tests say with a panic what failed")]
pub fn book(parts: &Parts) -> Casebook {
    let mut book = Casebook::with_policy(parts.policy.clone());
    if parts.rules {
        let rules = RuleSet::builder().add_text("test.yml", RULES).strict().build().expect("sound rules");
        book.set_rules(rules).expect("room for all");
    }
    book.ingest("alerts", lines(&parts.alerts).as_bytes()).expect("no limit is near");
    for indicator in &parts.indicators {
        book.add_indicator(&Indicator::from_json(indicator).expect("an indicator")).expect("an indicator that can hit");
    }
    for decision in &parts.decisions {
        // One about alerts that are not there is refused, which is fine.
        let _ = book.decide(&Decision::from_json(decision).expect("a decision"));
    }
    for index in &parts.retracted {
        let ids: Vec<_> = book.facts().map(|fact| fact.id).collect();
        if !ids.is_empty() {
            book.retract(&Retraction::new(*index.get(&ids), "ada")).expect("it is there");
        }
    }
    book
}

/// The proof of every verdict, of each entity in each incident.
///
/// # Panics
/// When one cannot be given.
#[must_use]
#[expect(clippy::expect_used, reason = "tests say with a panic what failed")]
pub fn proofs(book: &Casebook) -> Vec<Explanation> {
    let of = |incident: &casegraph::IncidentSummary| {
        let proofs = incident.entities.iter().map(|entity| book.explain(&incident.id, &entity.id));
        proofs.collect::<casegraph::Result<Vec<_>>>().expect("entities of the incident")
    };
    // An alert id may stand in two tenants, and then means the first.
    let unique = |incident: &casegraph::IncidentSummary| {
        book.incident(&incident.id).is_ok_and(|found| found.tenant_id == incident.tenant_id)
    };
    book.incidents().filter(|incident| unique(incident)).flat_map(|incident| of(&incident)).collect()
}

/// Every way to change one thing in a document: each value by others of its type, each element and each member
/// away, each element twice, two neighbours swapped, a member more.
#[must_use]
pub fn mutations(document: &Value) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    let mut paths = Vec::new();
    walk(document, String::new(), &mut paths);
    let texts: Vec<&str> = paths.iter().filter_map(|path| document.pointer(path)?.as_str()).collect();
    for path in &paths {
        let Some(value) = document.pointer(path) else { continue };
        let mut put = |what: &str, new: Value| {
            if new != *value {
                let mut changed = document.clone();
                if let Some(slot) = changed.pointer_mut(path) {
                    *slot = new;
                    out.push((format!("{path} {what}"), changed));
                }
            }
        };
        match value {
            Value::Null => put("set", json!("x")),
            Value::Bool(yes) => put("flipped", json!(!yes)),
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                let others = [0.0, 1.0, number + 1.0, number + 0.000_001, number / 2.0, -number];
                for new in others.into_iter().filter(|new| *new != number) {
                    put(
                        "other",
                        if new.fract() == 0.0 && new.abs() < 1e6 && number.fract() == 0.0 {
                            json!(new as i64)
                        } else {
                            json!(new)
                        },
                    );
                }
                put("a text", json!(number.to_string()));
            }
            Value::String(text) => {
                put("longer", json!(format!("{text}x")));
                put("empty", json!(""));
                put("upper", json!(text.to_uppercase()));
                // Another text of the document in its place.
                let at = path.len() + text.len();
                for step in [1, 5, 17] {
                    put("another", json!(texts.get((at + step * 7) % texts.len())));
                }
            }
            Value::Array(list) => {
                for i in 0..list.len() {
                    let mut fewer = list.clone();
                    let held = fewer.remove(i);
                    put("fewer", json!(fewer));
                    let mut twice = list.clone();
                    twice.insert(i, held);
                    put("twice", json!(twice));
                    if i > 0 {
                        let mut swapped = list.clone();
                        swapped.swap(i - 1, i);
                        put("swapped", json!(swapped));
                    }
                }
                put("more", json!(list.iter().cloned().chain([json!("x")]).collect::<Vec<_>>()));
            }
            Value::Object(members) => {
                for name in members.keys() {
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    put(&format!("without {name}"), json!(fewer));
                }
                let mut more = members.clone();
                more.insert("more".into(), json!(1));
                put("more", json!(more));
            }
        }
    }
    out
}

fn walk(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| walk(v, format!("{path}/{i}"), out)),
        Value::Object(members) => members.iter().for_each(|(name, v)| walk(v, format!("{path}/{name}"), out)),
        _ => {}
    }
    out.push(path);
}

/// The casebook without the fact at this position, as if it had never come in.
///
/// # Panics
/// When the log cannot be read back.
#[must_use]
#[expect(clippy::expect_used, reason = "tests say with a panic what failed")]
pub fn without(book: &Casebook, position: usize) -> Casebook {
    let mut log = Vec::new();
    book.save(&mut log).expect("memory");
    let kept = log.split_inclusive(|b| *b == b'\n').enumerate().filter(|(i, _)| *i != position + 1);
    let log: Vec<u8> = kept.flat_map(|(_, line)| line).copied().collect();
    let loaded = Casebook::load(log.as_slice(), book.policy().clone()).expect("a log");
    assert!(loaded.damage.is_empty());
    let mut other = loaded.casebook;
    if let Some(rules) = book.rules() {
        other.set_rules(rules.clone()).expect("room for all");
    }
    other
}
