//! `core/schema/queue-1.json` says exactly what `investigate --json` writes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use std::collections::BTreeSet;

use casegraph::model::{Decision, Indicator};
use casegraph::{Casebook, sample};
use casegraph_tests::{policy, random};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Value, json};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../core/schema/queue-1.json")).unwrap()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema()).unwrap()
}

fn complaints(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(text).unwrap();
    validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).take(5).collect()
}

/// The sample, worked on: every kind of decision, a near miss, problems of an input.
fn worked_on() -> String {
    let mut book = Casebook::with_policy(policy(r#"{"correlate": {"maxAlertsPerIncident": 9}}"#));
    let mut reports = vec![
        book.ingest("sample", sample::ALERTS.as_bytes()).unwrap(),
        book.add_indicators("indicators", sample::INDICATORS).unwrap(),
        book.ingest("broken", b"{\"id\": 1}\nnonsense").unwrap(),
    ];
    let id = book.queue()[0].id.clone();
    reports.push(
        book.ingest("copy", sample::ALERTS.lines().next().unwrap().replace("fa6deb8122", "copy").as_bytes()).unwrap(),
    );
    reports.push(
        book.ingest("vendor", br#"{"id":"v","title":"t","incidentId":"7","serviceSource":"s","detectorId":"d"}"#)
            .unwrap(),
    );
    for what in [
        json!({"decision": "setVerdict", "entity": "ip:address:203.0.113.188", "verdict": "malicious", "reason": "known"}),
        json!({"decision": "join"}),
        json!({"decision": "assign", "to": "ada@alderfinch.example"}),
        json!({"decision": "assign", "to": null}),
        json!({"decision": "setStatus", "status": "inProgress"}),
        json!({"decision": "classify", "classification": "truePositive", "determination": "malware"}),
        json!({"decision": "setSeverity", "severity": "high"}),
        json!({"decision": "rename", "title": "The freight invoice"}),
        json!({"decision": "tag", "tag": "phish"}),
        json!({"decision": "untag", "tag": "phish"}),
        json!({"decision": "comment", "text": "looked at it"}),
        json!({"decision": "part"}),
        json!({"decision": "part", "from": ["v"]}),
        json!({"decision": "move", "into": ["v"], "from": ["copy"]}),
    ] {
        let mut decision = json!({"by": "ada", "at": "2026-03-12T09:00:00+02:00", "alerts": [id]});
        decision.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        book.decide(&Decision::from_json(&decision.to_string()).unwrap()).unwrap();
    }
    let mut out = Vec::new();
    book.write_json(&reports, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn the_sample_and_an_empty_casebook_are_valid() {
    let validator = validator();
    let mut book = Casebook::new();
    assert_eq!(complaints(&validator, &book.to_json()), [""; 0]);
    book.ingest("sample", sample::ALERTS.as_bytes()).unwrap();
    assert_eq!(complaints(&validator, &book.to_json()), [""; 0]);
    assert_eq!(complaints(&validator, &worked_on()), [""; 0]);
}

#[test]
fn random_casebooks_are_valid() {
    let validator = validator();
    let config = ProptestConfig {
        cases: 80,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    };
    let inputs = (random::records(14), random::indicators(3), random::decisions(6));
    TestRunner::new(config)
        .run(&inputs, |(alerts, indicators, decisions)| {
            let mut book = casegraph_tests::book(&alerts);
            for indicator in &indicators {
                book.add_indicator(&Indicator::from_json(indicator).unwrap()).unwrap();
            }
            for decision in &decisions {
                let _ = book.decide(&Decision::from_json(decision).unwrap());
            }
            prop_assert_eq!(complaints(&validator, &book.to_json()), Vec::<String>::new());
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_member_that_the_schema_does_not_name_is_refused() {
    let validator = validator();
    let mut document: Value = serde_json::from_str(&worked_on()).unwrap();
    for pointer in
        ["", "/ingest", "/incidents/0", "/incidents/0/alerts/0", "/incidents/0/killChain/stages/0", "/ingest/sources/0"]
    {
        let place = document.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        place.insert("surprise".into(), json!(1));
        assert!(!validator.is_valid(&document), "{pointer}");
        document.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove("surprise");
    }
    assert!(validator.is_valid(&document));
}

/// Every key and every object of the schema says what it is.
#[test]
fn everything_is_described() {
    fn walk(value: &Value, path: &str, bare: &mut Vec<String>) {
        let Value::Object(members) = value else { return };
        if let Some(Value::Object(properties)) = members.get("properties") {
            if members.get("title").is_none() || members.get("description").is_none() {
                bare.push(path.to_owned());
            }
            if members.get("additionalProperties") != Some(&Value::Bool(false)) {
                bare.push(format!("{path} is open"));
            }
            for (name, property) in properties {
                if property.get("description").is_none() {
                    bare.push(format!("{path}.{name}"));
                }
            }
        }
        for (name, inner) in members {
            walk(inner, &format!("{path}.{name}"), bare);
        }
    }
    let mut bare = Vec::new();
    walk(&schema(), "$", &mut bare);
    assert_eq!(bare, [""; 0]);
}

/// No key of the schema is a leftover: the worked-on sample shows every one.
#[test]
fn every_described_key_occurs() {
    fn described(value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::Object(properties)) = members.get("properties") {
                    out.extend(properties.keys().cloned());
                }
                members.values().for_each(|v| described(v, out));
            }
            Value::Array(list) => list.iter().for_each(|v| described(v, out)),
            _ => {}
        }
    }
    fn written(value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, v)| {
                out.insert(name.clone());
                written(v, out);
            }),
            Value::Array(list) => list.iter().for_each(|v| written(v, out)),
            _ => {}
        }
    }
    let (mut named, mut seen) = (BTreeSet::new(), BTreeSet::new());
    described(&schema(), &mut named);
    written(&serde_json::from_str(&worked_on()).unwrap(), &mut seen);
    assert_eq!(named.difference(&seen).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(seen.difference(&named).collect::<Vec<_>>(), [""; 0]);
}
