//! G7: every limit is a number of the policy, and reaching one is said where the user looks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::{Casebook, ErrorCode, IngestReport, ProblemCode};
use casegraph_tests::record::{alert, evidence, file, host, ip};
use casegraph_tests::{lines, policy};
use serde_json::json;

fn ingest(limits: &str, text: &str) -> (Casebook, IngestReport) {
    let mut book = Casebook::with_policy(policy(limits));
    let report = book.ingest("test", text.as_bytes()).unwrap();
    (book, report)
}

#[test]
fn techniques_of_one_alert_are_bounded_and_said() {
    let techniques: Vec<String> = (0..100_000).map(|i| format!("T{i:06}")).collect();
    let record = serde_json::json!({"id": "a", "title": "t", "serviceSource": "microsoftSentinel",
        "createdDateTime": "2026-03-10T08:00:00Z", "mitreTechniques": techniques});
    let mut book = casegraph::Casebook::new();
    let report = book.ingest("many", record.to_string().as_bytes()).unwrap();
    let problem = report.problems.first().unwrap();
    assert_eq!((report.problems.len(), problem.path.as_str()), (1, "$.mitreTechniques"));
    let incident = book.incident("a").unwrap();
    assert_eq!(incident.alerts.first().unwrap().mitre_techniques.len(), 200);
}

#[test]
fn a_record_over_record_bytes_is_left_out_and_reported() {
    let small = |id: &str| alert(id, "08:00").line();
    let big = alert("big", "08:00").set("description", "x".repeat(2_000)).line();
    let limits = r#"{"limits": {"recordBytes": 1000}}"#;
    for text in [
        lines(&[small("a"), big.clone(), small("b")]),
        format!("[{},{big},{}]", small("a"), small("b")),
        format!("{{\"value\": [{},\n{big},\n{}]}}", small("a"), small("b")),
        format!("{}\n\n{big}\r\n{}", small("a"), small("b")),
    ] {
        let (book, report) = ingest(limits, &text);
        assert_eq!((book.len(), report.new, report.records), (2, 2, 3), "{text}");
        assert_eq!(report.problems.len(), 1, "{text}");
        assert_eq!((report.problems[0].code, report.problems[0].record), (ProblemCode::Limit, 2), "{text}");
    }
    // The first record too.
    let (book, report) = ingest(limits, &lines(&[big.clone(), small("a")]));
    assert_eq!((book.len(), report.problems.len()), (1, 1), "{report:?}");
    let (book, report) = ingest(limits, &big);
    assert_eq!((book.len(), report.problems.len()), (0, 1), "{report:?}");
}

#[test]
fn an_alert_inside_an_incident_is_bounded_too() {
    let big = alert("big", "08:00").set("description", "x".repeat(2_000)).line();
    let incident = format!(
        r##"{{"@odata.type":"#microsoft.graph.security.incident","id":"7","displayName":"x","alerts":[{big}]}}"##
    );
    let (book, report) = ingest(r#"{"limits": {"recordBytes": 1000}}"#, &incident);
    assert_eq!((book.len(), report.problems.len()), (0, 1), "the whole record is over the limit: {report:?}");
    assert_eq!(report.problems[0].code, ProblemCode::Limit);
}

#[test]
fn evidence_over_evidence_per_alert_is_reported_and_kept() {
    let mut record = alert("a", "08:00");
    for n in 1..=5 {
        record = record.with(ip(&format!("203.0.113.{n}")));
    }
    let (book, report) = ingest(r#"{"limits": {"evidencePerAlert": 3}}"#, &record.line());
    assert_eq!((report.problems.len(), report.problems[0].code), (1, ProblemCode::Limit));
    assert_eq!(report.problems[0].path, "$.evidence[3]");
    assert_eq!(book.incident("a").unwrap().entities.len(), 3);
    assert_eq!(book.alert("a").unwrap().evidence.len(), 5, "the fact keeps all of it");
}

#[test]
fn problems_over_the_limit_are_counted() {
    let text = "{\"id\":1}\n".repeat(9);
    let (_, report) = ingest(r#"{"limits": {"problems": 4}}"#, &text);
    assert_eq!((report.problems.len(), report.more_problems), (4, 5));
    let mut book = Casebook::with_policy(policy(r#"{"limits": {"problems": 4}}"#));
    let report = book.add_indicators("feed", &"{\"kind\":\"ip\"}\n".repeat(9)).unwrap();
    assert_eq!((report.problems.len(), report.more_problems), (4, 5), "indicators are an ingest too");
}

#[test]
fn a_full_casebook_refuses_with_a_typed_error_and_keeps_what_it_has() {
    let records: Vec<String> = (0..5).map(|n| alert(&format!("a{n}"), "08:00").line()).collect();
    let mut book = Casebook::with_policy(policy(r#"{"limits": {"facts": 3}}"#));
    let error = book.ingest("test", lines(&records).as_bytes()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Limit);
    assert!(error.message().contains("limits.facts"), "{error}");
    assert_eq!(book.len(), 3);
    // What it has already is no new fact.
    assert_eq!(book.ingest("again", records[0].as_bytes()).unwrap().duplicates, 1);
    let indicator = casegraph::model::Indicator::new("ip", "203.0.113.1", casegraph::model::Verdict::Malicious);
    assert_eq!(book.add_indicator(&indicator).unwrap_err().code(), ErrorCode::Limit);
}

#[test]
fn an_incident_at_max_alerts_says_that_it_stopped_growing() {
    let records: Vec<String> =
        (0..6).map(|n| alert(&format!("a{n}"), &format!("08:0{n}")).with(file('a')).line()).collect();
    let (book, _) = ingest(r#"{"correlate": {"maxAlertsPerIncident": 4}}"#, &lines(&records));
    let sizes: Vec<usize> = book.queue().iter().map(|l| l.alerts).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 6);
    assert!(sizes.iter().all(|n| *n <= 4), "{sizes:?}");
    let said = book.incidents().filter(|i| i.truncated.iter().any(|t| t.contains("maxAlertsPerIncident"))).count();
    assert!(said >= 1);
}

#[test]
fn near_misses_beyond_the_limit_are_counted() {
    let mut records =
        vec![alert("a", "08:00").with(ip("203.0.113.1")).with(ip("203.0.113.2")).with(ip("203.0.113.3")).line()];
    // Three days is the window of an address.
    records.extend((1..=3).map(|n| alert(&format!("late{n}"), "20 08:00").with(ip(&format!("203.0.113.{n}"))).line()));
    let (book, _) = ingest(r#"{"correlate": {"nearMisses": 2}}"#, &lines(&records));
    let incident = book.incident("a").unwrap();
    assert_eq!((incident.near_misses.len(), incident.more_near_misses), (2, 1));
}

#[test]
fn assets_beyond_top_assets_are_counted() {
    let mut record = alert("a", "08:00");
    for n in 0..4 {
        record = record.with(host(&format!("host{n}")));
        record =
            record.with(evidence("user", json!({"userAccount": {"userPrincipalName": format!("u{n}@corp.example")}})));
    }
    let (book, _) = ingest(r#"{"summary": {"topAssets": 2}}"#, &record.line());
    let scope = book.incident("a").unwrap().scope;
    assert_eq!((scope.devices.len(), scope.device_count), (2, 4));
    assert_eq!((scope.users.len(), scope.user_count), (2, 4));
}

#[test]
fn urls_of_one_message_are_bounded_and_said() {
    let urls: Vec<String> = (0..1_200).map(|n| format!("https://example.org/{n}")).collect();
    let message = evidence("analyzedMessage", json!({"networkMessageId": "m1", "urls": urls}));
    let (book, report) = ingest("{}", &alert("a", "08:00").with(message).line());
    let incident = book.incident("a").unwrap();
    let read = incident.entities.iter().filter(|e| e.id.starts_with("url:")).count();
    assert!(read == 1_200 || !report.problems.is_empty(), "{read} of 1,200 URLs were read, and nothing says so");
}

#[test]
fn evidence_nested_deeper_than_is_read_is_said() {
    let mut inner = json!({"@odata.type": "#microsoft.graph.security.blobContainerEvidence", "name": "deepest"});
    for n in 0..9 {
        inner = json!({"@odata.type": "#microsoft.graph.security.containerImageEvidence", "imageId": format!("i{n}"), "digestImage": inner});
    }
    let (book, report) = ingest("{}", &alert("a", "08:00").with(inner).line());
    let read = book.incident("a").unwrap().entities.len();
    assert!(read >= 9 || !report.problems.is_empty(), "{read} levels were read, and nothing says so");
}

#[test]
fn a_loaded_record_over_the_limit_is_damage() {
    let (book, _) = ingest("{}", &alert("big", "08:00").set("description", "x".repeat(2_000)).line());
    let mut saved = Vec::new();
    book.save(&mut saved).unwrap();
    let loaded = Casebook::load(saved.as_slice(), policy(r#"{"limits": {"recordBytes": 1000}}"#)).unwrap();
    assert_eq!((loaded.casebook.len(), loaded.damage.len()), (0, 1));
}

#[test]
fn evidence_over_the_limit_is_reported_in_converted_formats_too() {
    let entities: Vec<_> =
        (1..=5).map(|n| json!({"entityType": "Ip", "ipAddress": format!("203.0.113.{n}")})).collect();
    let record = json!({"alertId": "a", "title": "t", "creationTime": "2026-03-10T08:00:00Z", "entities": entities});
    let (book, report) = ingest(r#"{"limits": {"evidencePerAlert": 3}}"#, &record.to_string());
    assert_eq!((report.alerts, book.incident("a").unwrap().entities.len()), (1, 3));
    assert_eq!(report.problems.iter().filter(|p| p.code == ProblemCode::Limit).count(), 1, "{report:?}");
}
