//! Documents that others wrote: read when `../shared` lies beside the workspace, else skipped with a note.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use casegraph::model::FactKind;
use casegraph::{Casebook, Format, IngestReport, ProblemCode};
use serde_json::Value;

fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(part);
    let found = path.exists().then_some(path);
    if found.is_none() {
        println!("note: ../shared/{part} is not there, nothing was checked");
    }
    found
}

/// What a document holds: alerts read, alerts that stand, vendor incidents, evidence items, problems.
struct Expected {
    file: &'static str,
    format: Option<Format>,
    alerts: u64,
    standing: usize,
    incidents: u64,
    evidence: u64,
    problems: &'static [(ProblemCode, &'static str)],
}

const NO_ALERT: &[(ProblemCode, &str)] = &[(ProblemCode::NotAnAlert, "$")];

const fn alerts(file: &'static str, format: Format, alerts: u64, incidents: u64, evidence: u64) -> Expected {
    Expected { file, format: Some(format), alerts, standing: alerts as usize, incidents, evidence, problems: &[] }
}

/// One document that is no alert is one problem, and nothing else.
const fn other(file: &'static str) -> Expected {
    Expected { file, format: None, alerts: 0, standing: 0, incidents: 0, evidence: 0, problems: NO_ALERT }
}

#[rustfmt::skip]
const TABLE: &[Expected] = &[
    alerts("graph/alert-get.json", Format::GraphAlerts, 1, 0, 4),
    alerts("graph/alert_v2-anonymous-login-event-v2.json", Format::GraphAlerts, 1, 0, 2),
    alerts("graph/alert_v2-informational-severity-event-v2.json", Format::GraphAlerts, 1, 0, 0),
    alerts("graph/alert_v2-resolved-event-v2.json", Format::GraphAlerts, 1, 0, 0),
    alerts("graph/alerts_v2-list.json", Format::GraphAlerts, 1, 0, 4),
    // Incidents without their alerts: the vendor's record is kept, and no incident of ours is made of it.
    alerts("graph/incident-get.json", Format::GraphIncidents, 0, 1, 0),
    alerts("graph/incidents-list.json", Format::GraphIncidents, 0, 1, 0),
    // Bodies of requests name alerts and incidents, and hold none.
    other("graph/alerts-move-request.json"),
    other("graph/incidents-merge-request.json"),
    other("m365d-legacy/incident-update-request.json"),
    alerts("m365d-legacy/incidents-list.json", Format::M365dIncidents, 3, 3, 12),
    // The anonymiser gave nine alerts one id, so they are versions of one alert; all nine are facts.
    Expected { standing: 1, ..alerts("m365d-legacy/incident-automated-investigation-9-alerts.json", Format::M365dIncidents, 9, 1, 9) },
    alerts("mde/alert-get.json", Format::MdeAlerts, 1, 0, 5),
    // An investigation and an action are about alerts, and are none.
    other("mde/investigation.json"),
    other("mde/machineaction-isolate.json"),
    // Two pages print the types of members in place of values: an alert without severity and times.
    Expected { problems: PLACEHOLDERS, ..alerts("graph-legacy-alert/alert-0.json", Format::GraphLegacyAlerts, 1, 0, 9) },
    Expected { problems: MORE_PLACEHOLDERS, ..alerts("graph-legacy-alert/alert-get-1.json", Format::GraphLegacyAlerts, 1, 0, 11) },
    // The page abridges the alert: no id, and one time is a placeholder.
    Expected {
        problems: &[(ProblemCode::BadTime, "$.closedDateTime"), (ProblemCode::Missing, "$.id")],
        ..alerts("graph-legacy-alert/alert-list-1.json", Format::GraphLegacyAlerts, 1, 0, 0)
    },
    alerts("sentinel/incidents-list.json", Format::SentinelIncidents, 0, 1, 0),
    alerts("sentinel/securityalerts-one-host-112.json", Format::SentinelAlerts, 112, 0, 793),
    // The entities of an alert without the alert.
    other("sentinel/entities-by-id.json"),
    alerts("advanced-hunting/alert-evidence-event.json", Format::AdvancedHunting, 1, 0, 1),
    // Nine raw events, which only rules could make alerts of: each is said to be none.
    Expected { format: Some(Format::AdvancedHunting), problems: &[NO_ALERT[0]; 9], ..other("advanced-hunting/deviceevents-golden-saml.json") },
    alerts("ocsf/detection_finding-okta-1.3.0.json", Format::OcsfFindings, 1, 0, 2),
    // Values of 2023: what the observables name are places in the event, not hosts or addresses.
    alerts("ocsf/finding-falco.json", Format::OcsfFindings, 1, 0, 0),
    alerts("ocsf/finding-qradar-offense.json", Format::OcsfFindings, 1, 0, 4),
    alerts("ocsf/security_finding-sechub-1.0.0-rc.2.json", Format::OcsfFindings, 1, 0, 3),
    // Formats that casegraph does not read.
    other("ocsf/raw-guardduty-asff.json"),
    other("ocsf/raw-qradar-offense.json"),
    other("stix/incident-core-extension-2.1.json"),
    other("stix/indicator-for-c2-ip-address.json"),
    other("stix/infrastructure.json"),
    other("stix/malicious-email-indicator-with-attachment.json"),
    other("stix/sighting-of-an-indicator.json"),
    other("stix/sighting-of-observed-data.json"),
    other("stix/threat-actor-leveraging-attack-patterns-and-malware.json"),
    other("navigator/layer-4.5-example.json"),
];

const PLACEHOLDERS: &[(ProblemCode, &str)] = &[
    (ProblemCode::WrongType, "$.severity"),
    (ProblemCode::WrongType, "$.status"),
    (ProblemCode::WrongType, "$.feedback"),
    (ProblemCode::BadTime, "$.createdDateTime"),
    (ProblemCode::BadTime, "$.eventDateTime"),
    (ProblemCode::BadTime, "$.lastModifiedDateTime"),
    (ProblemCode::BadTime, "$.closedDateTime"),
];

const MORE_PLACEHOLDERS: &[(ProblemCode, &str)] = &[
    PLACEHOLDERS[0],
    PLACEHOLDERS[1],
    PLACEHOLDERS[2],
    PLACEHOLDERS[3],
    PLACEHOLDERS[4],
    PLACEHOLDERS[5],
    PLACEHOLDERS[6],
    (ProblemCode::WrongType, "$.userStates[0].emailRole"),
    (ProblemCode::BadTime, "$.userStates[0].logonDateTime"),
    (ProblemCode::WrongType, "$.userStates[0].logonType"),
    (ProblemCode::WrongType, "$.userStates[0].userAccountType"),
    (ProblemCode::WrongType, "$.fileStates[0].fileHash.hashType"),
    (ProblemCode::BadTime, "$.processes[0].createdDateTime"),
    (ProblemCode::BadTime, "$.processes[0].parentProcessCreatedDateTime"),
    (ProblemCode::WrongType, "$.processes[0].integrityLevel"),
    (ProblemCode::WrongType, "$.processes[0].fileHash.hashType"),
    (ProblemCode::WrongType, "$.networkConnections[0].destinationPort"),
    (ProblemCode::WrongType, "$.networkConnections[0].sourcePort"),
    (ProblemCode::WrongType, "$.networkConnections[0].protocol"),
    (ProblemCode::WrongType, "$.networkConnections[0].direction"),
    (ProblemCode::WrongType, "$.networkConnections[0].status"),
    (ProblemCode::WrongType, "$.networkConnections[0].natDestinationPort"),
    (ProblemCode::WrongType, "$.networkConnections[0].natSourcePort"),
    (ProblemCode::BadTime, "$.networkConnections[0].domainRegisteredDateTime"),
    (ProblemCode::WrongType, "$.registryKeyStates[0].hive"),
    (ProblemCode::WrongType, "$.registryKeyStates[0].valueType"),
    (ProblemCode::WrongType, "$.registryKeyStates[0].operation"),
    (ProblemCode::WrongType, "$.securityResources[0].resourceType"),
];

fn ingest(text: &str) -> (Casebook, IngestReport) {
    let mut book = Casebook::new();
    let report = book.ingest("fixture", text.as_bytes()).unwrap();
    (book, report)
}

/// How often each alert id stands in the queue, in `id` or in `repeats`.
fn listed(book: &Casebook) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for id in book.incidents().flat_map(|i| i.alerts).flat_map(|a| std::iter::once(a.id).chain(a.repeats)) {
        *out.entry(id).or_default() += 1;
    }
    out
}

/// Paths of everything that is not null, with its value.
fn leaves(value: &Value, path: String, out: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => {}
        Value::Array(list) if !list.is_empty() => {
            list.iter().enumerate().for_each(|(i, v)| leaves(v, format!("{path}[{i}]"), out));
        }
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, v)| leaves(v, format!("{path}.{name}"), out));
        }
        leaf => {
            out.insert(path, leaf.clone());
        }
    }
}

#[test]
fn every_document_gives_what_the_table_says() {
    let Some(root) = shared("fixtures") else { return };
    let mut files = 0;
    for folder in std::fs::read_dir(&root).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
        for file in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            let known = TABLE.iter().any(|e| file.ends_with(e.file));
            assert!(known, "{} is not in the table", file.display());
            files += 1;
        }
    }
    assert_eq!(files, TABLE.len());
    for expected in TABLE {
        let text = std::fs::read_to_string(root.join(expected.file)).unwrap();
        let (book, report) = ingest(&text);
        let name = expected.file;
        let problems: Vec<(ProblemCode, &str)> = report.problems.iter().map(|p| (p.code, p.path.as_str())).collect();
        assert_eq!(problems, expected.problems, "{name}: {:#?}", report.problems);
        assert_eq!(report.format, expected.format.map(Format::name), "{name}");
        assert_eq!(Format::detect(text.as_bytes()), expected.format, "{name}");
        let counts = (report.alerts, report.incidents, report.evidence, report.more_problems);
        assert_eq!(counts, (expected.alerts, expected.incidents, expected.evidence, 0), "{name}");
        assert_eq!(report.new + report.duplicates, report.alerts + report.incidents, "{name}");
        let listed = listed(&book);
        assert_eq!(listed.len(), expected.standing, "{name}");
        assert!(listed.values().all(|n| *n == 1), "{name}: {listed:?}");
    }
}

#[test]
fn a_graph_document_loses_nothing() {
    let Some(root) = shared("fixtures/graph") else { return };
    for expected in TABLE.iter().filter(|e| e.file.starts_with("graph/") && e.format.is_some()) {
        let text = std::fs::read_to_string(root.join("..").join(expected.file)).unwrap();
        let (book, _) = ingest(&text);
        let mut records: Vec<Value> = match serde_json::from_str(&text).unwrap() {
            Value::Object(mut page) if page.contains_key("value") => page["value"].take().as_array().unwrap().clone(),
            record => vec![record],
        };
        for record in &mut records {
            let stored: Value = match expected.format {
                Some(Format::GraphAlerts) => {
                    let stored =
                        serde_json::from_str(book.alert_json(record["id"].as_str().unwrap()).unwrap()).unwrap();
                    assert_eq!(*record, stored, "{}", expected.file);
                    // The typed form reads all of it, and writes it back.
                    let typed = serde_json::to_value(book.alert(record["id"].as_str().unwrap()).unwrap()).unwrap();
                    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
                    leaves(record, "$".into(), &mut before);
                    leaves(&typed, "$".into(), &mut after);
                    let lost: Vec<_> = before.iter().filter(|(path, _)| !after.contains_key(*path)).collect();
                    assert!(lost.is_empty(), "{}: {lost:?}", expected.file);
                    stored
                }
                _ => {
                    let fact = book.facts().find(|f| f.kind == FactKind::Incident).unwrap();
                    serde_json::from_str(fact.json).unwrap()
                }
            };
            let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
            leaves(record, "$".into(), &mut before);
            leaves(&stored, "$".into(), &mut after);
            assert_eq!(before, after, "{}", expected.file);
        }
    }
}

/// Texts and numbers of a document, in lower case; a text that holds JSON gives what is in it.
fn texts(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|v| texts(v, out)),
        Value::Object(members) => {
            members.iter().filter(|(name, _)| *name != "@odata.context").for_each(|(_, v)| texts(v, out))
        }
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) if inner.is_array() || inner.is_object() => texts(&inner, out),
            _ => {
                out.insert(text.to_lowercase());
            }
        },
        Value::Number(number) => {
            out.insert(number.to_string());
        }
        Value::Bool(_) | Value::Null => {}
    }
}

/// Every text and number of any alert document is somewhere in its facts, converted or not.
#[test]
fn a_converted_document_loses_no_value() {
    let Some(root) = shared("fixtures") else { return };
    for expected in TABLE.iter().filter(|e| e.alerts + e.incidents > 0) {
        let text = std::fs::read_to_string(root.join(expected.file)).unwrap();
        let (book, _) = ingest(&text);
        let mut stored = BTreeSet::new();
        book.facts().for_each(|f| texts(&serde_json::from_str(f.json).unwrap(), &mut stored));
        let all: String = stored.iter().flat_map(|text| [text.as_str(), "\n"]).collect();
        let mut given = BTreeSet::new();
        texts(&serde_json::from_str(&text).unwrap(), &mut given);
        let kept = |text: &String| {
            // Process ids in hexadecimal become numbers, times without a zone get Sentinel's and Defender's
            // own, which is UTC, and kinds of entities get Graph's names.
            let number = text.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok());
            let time = text.replacen(' ', "t", 1);
            let kind = match text.as_str() {
                "mailmessage" => "analyzedmessageevidence".to_owned(),
                "machine" => "deviceevidence".to_owned(),
                kind => format!("{}evidence", kind.replace('-', "")),
            };
            all.contains(text.as_str())
                || number.is_some_and(|n| stored.contains(&n.to_string()))
                || (time != *text && all.contains(time.trim_end_matches('0')))
                || all.contains(&kind)
        };
        let lost: Vec<&String> = given.iter().filter(|text| !stored.contains(*text) && !kept(text)).collect();
        assert!(lost.is_empty(), "{}: {lost:#?}", expected.file);
    }
}

#[test]
fn white_space_changes_no_graph_fact() {
    let Some(root) = shared("fixtures") else { return };
    for expected in TABLE.iter().filter(|e| e.file.starts_with("graph/") && e.format.is_some()) {
        let text = std::fs::read_to_string(root.join(expected.file)).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let facts = |text: &str| ingest(text).0.facts().map(|f| f.id).collect::<Vec<_>>();
        assert!(!facts(&text).is_empty());
        // Members keep their order: `compact` and `pretty` only differ in white space.
        let compact = strip(&text);
        assert_eq!(serde_json::from_str::<Value>(&compact).unwrap(), value, "{}", expected.file);
        assert_eq!(facts(&text), facts(&compact), "{}", expected.file);
        assert_eq!(facts(&text), facts(&text.replace('\n', "\r\n")), "{}", expected.file);
        assert_eq!(facts(&text), facts(&format!("\u{feff}{text}\n\n")), "{}", expected.file);
    }
}

/// JSON without the white space between its tokens.
fn strip(text: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |c: &char| {
        let keep = quoted || !c.is_whitespace();
        quoted ^= *c == '"' && !escaped;
        escaped = quoted && *c == '\\' && !escaped;
        keep
    };
    text.chars().filter(keep).collect()
}

#[test]
fn all_documents_in_one_casebook_in_any_order_give_the_same() {
    let Some(root) = shared("fixtures") else { return };
    let feed = |names: &mut dyn Iterator<Item = &Expected>| {
        let mut book = Casebook::new();
        for expected in names {
            book.ingest(expected.file, &std::fs::read(root.join(expected.file)).unwrap()).unwrap();
        }
        book.to_json()
    };
    assert_eq!(feed(&mut TABLE.iter()), feed(&mut TABLE.iter().rev()));
}

#[test]
fn three_thousand_alerts_of_ait_ads_lose_nothing() {
    let (Some(data), Some(tool)) = (shared("data/ait-ads/russellmitchell_alerts.txt"), shared("tools/ait_ads.py"))
    else {
        return;
    };
    let Ok(made) = Command::new("python3").arg(tool).arg("alerts").arg(data).output() else {
        println!("note: no python3, nothing was checked");
        return;
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = String::from_utf8(made.stdout).unwrap();
    let lines: Vec<&str> = text.lines().take(3_000).collect();
    assert_eq!(lines.len(), 3_000);
    let (book, report) = ingest(&lines.join("\n"));
    assert_eq!((report.alerts, report.new, report.problems.len()), (3_000, 3_000, 0));
    let listed = listed(&book);
    for line in &lines {
        let record: Value = serde_json::from_str(line).unwrap();
        let id = record["id"].as_str().unwrap();
        assert_eq!(listed.get(id), Some(&1), "{id}");
        assert_eq!(serde_json::from_str::<Value>(book.alert_json(id).unwrap()).unwrap(), record);
    }
    assert_eq!(listed.len(), 3_000);
    println!("{} incidents", book.queue().len());
}
