//! G8: no input panics, aborts or overflows the stack, and none costs an earlier fact.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::model::{Decision, Indicator, Retraction};
use casegraph::report::TextReport;
use casegraph::{Casebook, Format, IngestOptions, Policy, sample};
use casegraph_tests::record::{alert, ip};
use casegraph_tests::{book, random};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

fn config(cases: u32) -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    ProptestConfig {
        cases: cases * number("CASEGRAPH_CASES").unwrap_or(1),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(u64::from(number("CASEGRAPH_SEED").unwrap_or(0x0CA5_E64A))),
        ..ProptestConfig::default()
    }
}

/// Feeds one input, named as every format in turn, and asks everything that can be asked.
fn survives(input: &[u8], formats: &[Option<Format>]) {
    let first = alert("first", "08:00").with(ip("203.0.113.9")).line();
    for format in formats {
        let mut book = book(std::slice::from_ref(&first));
        let earlier = book.facts().next().unwrap().id;
        let mut options = IngestOptions::new();
        if let Some(format) = format {
            options = options.with_format(*format);
        }
        let report = book.ingest_with("hostile", input, options).expect("no limit is near");
        assert_eq!(report.new as usize + 1, book.len(), "{report:?}");
        assert!(book.fact(earlier).is_ok());
        let standing = book.incidents().flat_map(|i| i.alerts).filter(|a| a.id == "first").count();
        // An input may hold a newer version of the alert, but never takes it away.
        assert_eq!(standing, 1);
        assert!(serde_json::from_str::<Value>(&book.to_json()).is_ok());
        for incident in book.incidents() {
            let _ = TextReport::new().incident(&incident);
            let _ = book.graph(&incident.id).unwrap().to_json();
            if let Some(entity) = incident.entities.first() {
                let _ = book.explain(&incident.id, &entity.id);
            }
            let _ = incident.alerts.iter().map(|a| book.alert(&a.id)).collect::<Vec<_>>();
        }
        let mut saved = Vec::new();
        book.save(&mut saved).unwrap();
        let loaded = Casebook::load(saved.as_slice(), Policy::default()).unwrap();
        assert!(loaded.damage.is_empty(), "{:?}", loaded.damage);
        assert_eq!(loaded.casebook.to_json(), book.to_json());
    }
}

fn all_formats() -> Vec<Option<Format>> {
    std::iter::once(None).chain(Format::ALL.map(Some)).collect()
}

/// Names that the formats know, so that made-up documents reach their readers.
const NAMES: &[&str] = &[
    "id",
    "evidence",
    "@odata.type",
    "alerts",
    "value",
    "title",
    "severity",
    "status",
    "incidentId",
    "alertId",
    "entities",
    "devices",
    "Entities",
    "SystemAlertId",
    "AlertId",
    "Timestamp",
    "properties",
    "firstActivityDateTime",
    "tenantId",
    "machineId",
    "alertCreationTime",
    "userStates",
    "hostStates",
    "fileStates",
    "vendorInformation",
    "displayName",
    "hostName",
    "ipAddress",
    "url",
    "fileDetails",
    "imageFile",
    "processId",
    "processCreationDateTime",
    "userAccount",
    "roles",
    "tags",
    "urls",
    "category",
    "mitreTechniques",
    "ExtendedProperties",
    "EntityType",
    "AdditionalFields",
    "$id",
    "$ref",
    "Type",
    "loggedOnUsers",
    "relatedUser",
    "networkMessageId",
    "comments",
    "incidentName",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::sample::select(
            &[
                "2026-03-10T08:00:00Z",
                "#microsoft.graph.security.deviceEvidence",
                "first",
                "high",
                "0001-01-01T00:00:00Z",
                "9999-12-31T23:59:59.9999999Z",
                "{\"a\":[",
                "[{\"$id\":\"1\",\"$ref\":\"1\",\"Type\":\"host\"}]",
                "",
                "\u{202e}\u{0}\u{1b}[31m",
                "User",
                "Process",
                "AdvancedHunting-AlertEvidence",
                "#microsoft.graph.security.processEvidence",
                "1e999",
            ][..]
        )
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..5).prop_map(Value::from),
            4 => vec((proptest::sample::select(NAMES), inner), 0..10)
                .prop_map(|members| members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn sample_line(at: Index) -> &'static str {
    let lines: Vec<&str> = sample::ALERTS.lines().collect();
    lines[at.index(lines.len())]
}

/// The `n`-th value of a document, counted in depth.
fn nth<'v>(value: &'v mut Value, n: &mut usize) -> Option<&'v mut Value> {
    if *n == 0 {
        return Some(value);
    }
    *n -= 1;
    match value {
        Value::Array(list) => list.iter_mut().find_map(|v| nth(v, n)),
        Value::Object(members) => members.values_mut().find_map(|v| nth(v, n)),
        _ => None,
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..300)) {
        survives(&bytes, &all_formats());
    }

    #[test]
    fn random_documents_in_every_format(documents in vec(any_json(), 1..4)) {
        let lines: String = documents.iter().map(|d| format!("{d}\n")).collect();
        survives(lines.as_bytes(), &all_formats());
        survives(json!({"value": documents}).to_string().as_bytes(), &[None]);
    }

    #[test]
    fn a_sample_with_bits_flipped_bytes_cut_and_inserted(
        line in any::<Index>(), flips in vec((any::<Index>(), 0u8..8), 0..4), cut in any::<Option<Index>>(),
        insert in vec((any::<Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = sample_line(line).as_bytes().to_vec();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        for (at, byte) in insert {
            bytes.insert(at.index(bytes.len()), byte);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        survives(&bytes, &[None]);
    }

    #[test]
    fn a_sample_with_values_of_other_types(line in any::<Index>(), swaps in vec((any::<Index>(), any_json()), 1..4)) {
        let mut document: Value = serde_json::from_str(sample_line(line)).unwrap();
        for (at, value) in swaps {
            let mut n = at.index(150);
            if let Some(slot) = nth(&mut document, &mut n) {
                *slot = value;
            }
        }
        survives(document.to_string().as_bytes(), &[None, Some(Format::GraphAlerts)]);
    }

    #[test]
    fn random_indicators_decisions_retractions_and_policies(documents in vec(any_json(), 1..4), text in ".{0,60}") {
        let mut book = book(&[alert("first", "08:00").with(ip("203.0.113.9")).line()]);
        let before = book.to_json();
        for document in &documents {
            let _ = Indicator::from_json(&document.to_string()).map(|i| book.add_indicator(&i));
            let _ = Decision::from_json(&document.to_string()).map(|d| book.decide(&d));
            let _ = Retraction::from_json(&document.to_string()).map(|r| book.retract(&r));
            let _ = book.add_indicators("feed", &document.to_string());
            let _ = Policy::from_json(&document.to_string());
        }
        let _ = book.add_indicators("feed", &text);
        prop_assert_eq!(&before, &book.to_json());
        for id in [text.as_str(), "first"] {
            let _ = (book.incident(id), book.explain(id, &text), book.graph(id).map(|g| g.to_json()), book.alert(id));
        }
        for kind in ["ip", "url", "dns", "file", "user", "device", "mailbox", "process", "other"] {
            let _ = book.add_indicator(&Indicator::new(kind, text.as_str(), casegraph::model::Verdict::Malicious));
        }
        let _ = book.to_json();
    }

    #[test]
    fn decisions_in_any_mix(alerts in random::records(8), decisions in random::decisions(12), indicators in random::indicators(4)) {
        let mut book = book(&alerts);
        let standing = |book: &Casebook| book.queue().iter().map(|l| l.alerts).sum::<usize>();
        let before = standing(&book);
        for decision in &decisions {
            let _ = book.decide(&Decision::from_json(decision).unwrap());
        }
        for indicator in &indicators {
            book.add_indicator(&Indicator::from_json(indicator).unwrap()).unwrap();
        }
        // Whatever people decide, every alert stands exactly once.
        prop_assert_eq!(before, standing(&book));
        let listed: Vec<String> = book.incidents().flat_map(|i| i.alerts).flat_map(|a| std::iter::once(a.id).chain(a.repeats)).collect();
        prop_assert_eq!(before, listed.len());
    }
}

#[test]
fn hostile_documents_by_hand() {
    let deep = |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    let in_alert = |value: &str| {
        format!(
            r##"{{"@odata.type":"#microsoft.graph.security.alert","id":"x","title":{value},"evidence":[{value}]}}"##
        )
        .replace("\u{0}", "")
    };
    let mut inputs: Vec<Vec<u8>> = vec![
        deep("[", "]", 10_000).into_bytes(),
        deep("{\"a\":", "}", 10_000).into_bytes(),
        deep("{\"value\":[", "]}", 10_000).into_bytes(),
        deep("{\"alerts\":[", "]}", 10_000).into_bytes(),
        "[".repeat(200_000).into_bytes(),
        "{\"a\":".repeat(200_000).into_bytes(),
        in_alert(&deep("[", "]", 10_000)).into_bytes(),
        in_alert(&deep("{\"host\":", "}", 10_000)).into_bytes(),
        in_alert(&format!("{{\"{}\":1}}", "k".repeat(100_000))).into_bytes(),
        in_alert("1e400").into_bytes(),
        in_alert("-0").into_bytes(),
        in_alert(&"9".repeat(5_000)).into_bytes(),
        in_alert("123456789012345678901234567890.5e-300").into_bytes(),
        in_alert(r#""\ud800""#).into_bytes(),
        in_alert(r#""\udc00\ud800 \u0000""#).into_bytes(),
        br##"{"@odata.type":"#microsoft.graph.security.alert","id":"\ud800","title":"t"}"##.to_vec(),
        br##"{"@odata.type":"#microsoft.graph.security.alert","id":"a","id":"b","title":"t","title":"u","evidence":[],"evidence":[{}]}"##.to_vec(),
        br##"{"@odata.type":"#microsoft.graph.security.alert","id":"","title":"t"}"##.to_vec(),
        br##"{"@odata.type":"#microsoft.graph.security.alert","id":7,"title":"t"}"##.to_vec(),
        b"{\"id\":\"a\0b\",\"evidence\":[],\"serviceSource\":\"x\",\"title\":\"NUL\"}".to_vec(),
        b"\xef\xbb\xbf\xef\xbb\xbf{}".to_vec(),
        b"\xff\xfe{\0}\0".to_vec(),
        b"\0".repeat(1_000),
        b"\n".repeat(10_000),
        b"{}\n".repeat(3_000),
        b"null\n[]\n{}\n\"x\"\n1\n".to_vec(),
        b"{\"@odata.type\":\"#microsoft.graph.security.alert\",\"id\":\"x\",\"title\":\"\xff\xfe\"}".to_vec(),
    ];
    // Every alert its own parent, and processes in a ring.
    let process = |pid: u32, parent: u32| {
        json!({"@odata.type": "#microsoft.graph.security.processEvidence", "processId": pid, "parentProcessId": parent,
               "processCreationDateTime": "2026-03-10T08:00:00Z", "parentProcessCreationDateTime": "2026-03-10T08:00:00Z",
               "mdeDeviceId": "m"})
    };
    let ring: Vec<Value> = (0..400).map(|n| process(n, (n + 1) % 400)).chain([process(9, 9)]).collect();
    inputs.push(
        json!({"@odata.type": "#microsoft.graph.security.alert", "id": "ring", "title": "t", "evidence": ring})
            .to_string()
            .into_bytes(),
    );
    for (n, input) in inputs.into_iter().enumerate() {
        eprintln!("input {n}: {}", String::from_utf8_lossy(&input[..input.len().min(40)]));
        let formats = if input.len() > 5_000 {
            vec![None, Some(Format::GraphAlerts), Some(Format::SentinelAlerts)]
        } else {
            all_formats()
        };
        survives(&input, &formats);
        let _ = Casebook::load(input.as_slice(), Policy::default());
        let text = String::from_utf8_lossy(&input);
        let mut book = Casebook::new();
        let _ = book.add_indicators("feed", &text);
        let _ = (
            Policy::from_json(&text),
            Decision::from_json(&text),
            Indicator::from_json(&text),
            Retraction::from_json(&text),
        );
        let _ = Format::detect(&input);
    }
}

#[test]
fn long_chains_of_processes_do_not_overflow_the_stack() {
    let chain: Vec<Value> = (1..6_000)
        .map(|n| {
            json!({"@odata.type": "#microsoft.graph.security.processEvidence", "processId": n, "parentProcessId": n - 1,
                   "processCreationDateTime": "2026-03-10T08:00:00Z", "parentProcessCreationDateTime": "2026-03-10T08:00:00Z",
                   "mdeDeviceId": "m", "verdict": "malicious"})
        })
        .collect();
    let text =
        json!({"@odata.type": "#microsoft.graph.security.alert", "id": "chain", "title": "t", "evidence": chain})
            .to_string();
    survives(text.as_bytes(), &[None]);
}

/// A typing error in a verdict must not clear an entity.
#[test]
fn a_decision_with_a_misspelt_value_is_refused() {
    let mut book = book(&[alert("first", "08:00").with(ip("203.0.113.9")).line()]);
    for what in [
        json!({"decision": "setVerdict", "entity": "ip:address:203.0.113.9", "verdict": "malicous"}),
        json!({"decision": "setStatus", "status": "done"}),
        json!({"decision": "classify", "classification": "good"}),
        json!({"decision": "setSeverity", "severity": "very high"}),
    ] {
        let mut decision = json!({"by": "ada", "at": "2026-03-12T09:00:00Z", "alerts": ["first"]});
        decision.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        let refused = Decision::from_json(&decision.to_string()).and_then(|d| book.decide(&d));
        assert_eq!(refused.map_err(|e| e.code()), Err(casegraph::ErrorCode::InvalidArgument), "{what}");
    }
}
