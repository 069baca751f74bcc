//! What an incident is written as for others: each format has its structure, the same facts give the same bytes,
//! nothing that an attacker wrote breaks out of its place, and what a document leaves out is said.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use std::collections::BTreeSet;

use casegraph::export::ExportFormat;
use casegraph::model::{Author, Time};
use casegraph::report::CaseFile;
use casegraph::{Casebook, sample};
use casegraph_tests::book;
use casegraph_tests::record::{alert, evidence, host, url};
use serde_json::{Value, json};

/// Formats that this suite is about.
const FORMATS: [ExportFormat; 12] = [
    ExportFormat::GraphIncident,
    ExportFormat::Markdown,
    ExportFormat::GraphMl,
    ExportFormat::Dot,
    ExportFormat::Navigator,
    ExportFormat::CsvAlerts,
    ExportFormat::CsvEntities,
    ExportFormat::CsvEvidence,
    ExportFormat::CsvRelations,
    ExportFormat::CsvTimeline,
    ExportFormat::CsvActions,
    ExportFormat::CsvActivity,
];

/// What attackers write where a name is expected.
const HOSTILE: [&str; 12] = [
    "=cmd|' /C calc'!A0",
    "a\"b'c\\",
    "<script>alert(1)</script>&lt;&#65;",
    "]]><!--\u{0}\u{1b}[2J\u{fffe}",
    "| a | b |\r\n# head\r\n- list",
    "![x](http://evil.example/p.png) [y](javascript:z) www.evil.example",
    "`code` ``` `` <http://evil.example> mail@evil.example",
    "\u{202e}txt.exe\u{2028}\u{feff}",
    "\\N\\G\\l\"]; x [label=<<b>y</b>>",
    "{{7*7}} ${x} %s {0}",
    "``",
    " ` ",
];

fn sampled() -> Casebook {
    let mut book = Casebook::new();
    book.ingest("sample", sample::ALERTS.as_bytes()).unwrap();
    book.add_indicators("sample", sample::INDICATORS).unwrap();
    let id = book.queue()[0].id.clone();
    let ada = Author::new("ada", Time::parse("2026-03-12T09:00:00Z").unwrap()).because("=it is <b>mine</b>");
    book.assign(&id, Some("ada@alderfinch.example"), &ada).unwrap();
    book.comment(&id, "first\nsecond | third", &ada).unwrap();
    book
}

fn first(book: &Casebook) -> CaseFile {
    book.case_file(&book.queue()[0].id, None).unwrap()
}

/// An incident whose every name is hostile.
fn hostile() -> CaseFile {
    let records: Vec<String> = HOSTILE
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let time = format!("08:{n:02}");
            alert(&format!("a{n} {text}"), &time)
                .set("title", *text)
                .set("category", *text)
                .set("detectorId", *text)
                .set("mitreTechniques", json!([*text, "T1059.001"]))
                .with(host("web01"))
                .with(evidence("file", json!({"fileDetails": {"fileName": text, "filePath": text}})))
                .its("verdict", "malicious")
                .with(url(text))
                .with(evidence("process", json!({"processId": 7 + n, "processCommandLine": text})))
                .its("detailedRoles", json!([*text]))
                .line()
        })
        .collect();
    let book = book(&records);
    assert_eq!(book.queue().len(), 1, "one device holds them together");
    first(&book)
}

fn json_of(case: &CaseFile, format: ExportFormat) -> Value {
    serde_json::from_str(&case.export(format).text).unwrap()
}

/// The cells of a table, each row as long as the header.
fn table(case: &CaseFile, format: ExportFormat) -> Vec<Vec<String>> {
    let text = case.export(format).text;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_same_facts_in_any_order_give_the_same_bytes() {
    let case = first(&sampled());
    let mut lines: Vec<&str> = sample::ALERTS.lines().collect();
    lines.reverse();
    lines.rotate_left(5);
    let mut other = Casebook::new();
    for line in lines {
        other.ingest("one", line.as_bytes()).unwrap();
    }
    other.add_indicators("sample", sample::INDICATORS).unwrap();
    let ada = Author::new("ada", Time::parse("2026-03-12T09:00:00Z").unwrap()).because("=it is <b>mine</b>");
    let id = other.queue()[0].id.clone();
    other.comment(&id, "first\nsecond | third", &ada).unwrap();
    other.assign(&id, Some("ada@alderfinch.example"), &ada).unwrap();
    let other = first(&other);
    for format in FORMATS {
        let (one, two) = (case.export(format), other.export(format));
        assert!(one.text == two.text && one.left_out == two.left_out, "{format}");
        assert!(!one.text.is_empty() && one.left_out.iter().all(|line| !line.is_empty()), "{format}");
    }
}

#[test]
fn a_layer_has_each_technique_of_each_stage_once() {
    let case = first(&sampled());
    let layer = json_of(&case, ExportFormat::Navigator);
    let versions = &layer["versions"];
    assert_eq!(
        (&versions["layer"], &versions["navigator"], &versions["attack"]),
        (&json!("4.5"), &json!("5.0.0"), &json!("18"))
    );
    let pairs: Vec<(String, String)> = layer["techniques"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["tactic"].as_str().unwrap().to_owned(), entry["techniqueID"].as_str().unwrap().to_owned()))
        .collect();
    let expected: BTreeSet<(String, String)> = case
        .incident
        .kill_chain
        .stages
        .iter()
        .flat_map(|stage| stage.techniques.iter().map(|technique| (stage.tactic.to_owned(), technique.clone())))
        .collect();
    assert_eq!(pairs.iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(pairs.len(), expected.len(), "no entry twice");
    let phishing = layer["techniques"].as_array().unwrap().iter().find(|e| e["techniqueID"] == "T1566.001").unwrap();
    assert!(phishing["comment"].as_str().unwrap().contains("Invoice mail with a disk image reached a mailbox"));
    assert!(phishing["score"].as_u64().unwrap() >= 1);
    let most = layer["techniques"].as_array().unwrap().iter().map(|e| e["score"].as_u64().unwrap()).max();
    assert_eq!(layer["gradient"]["maxValue"].as_u64(), most.max(Some(4)), "a scale has more steps than colours");
    for line in &case.export(ExportFormat::Navigator).left_out {
        assert!(layer["description"].as_str().unwrap().contains(line), "the layer says it too: {line}");
    }
}

#[test]
fn hostile_layers_name_known_techniques_alone() {
    let layer = json_of(&hostile(), ExportFormat::Navigator);
    let entries = layer["techniques"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0]["score"], 12);
    let comment = entries[0]["comment"].as_str().unwrap();
    assert!(comment.ends_with("and 2 more titles"), "{comment}");
}

#[test]
fn tables_hold_every_row_and_no_formula() {
    let case = first(&sampled());
    let rows = |format| table(&case, format).len() - 1;
    assert_eq!(rows(ExportFormat::CsvAlerts), case.alerts.len());
    assert_eq!(rows(ExportFormat::CsvEntities), case.incident.entities.len());
    let evidence: usize = case.alerts.iter().map(|alert| alert.record.evidence.len()).sum();
    assert_eq!(rows(ExportFormat::CsvEvidence), evidence);
    assert_eq!(rows(ExportFormat::CsvTimeline), case.timeline.entries.len());
    assert_eq!(rows(ExportFormat::CsvActions), case.response.actions.len());
    assert_eq!(rows(ExportFormat::CsvActivity), case.activity.entries.len());
    assert!(rows(ExportFormat::CsvRelations) > 20);
    let activity = table(&case, ExportFormat::CsvActivity);
    assert!(activity.iter().any(|row| row.contains(&"'=it is <b>mine</b>".to_owned())), "the reason is no formula");

    let case = hostile();
    for format in FORMATS.into_iter().filter(|format| format.extension() == "csv") {
        let cells = table(&case, format);
        let width = cells[0].len();
        assert!(cells.iter().all(|row| row.len() == width), "{format}");
        for cell in cells.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{format}: {cell:?}");
            assert!(!cell.contains(['\u{0}', '\u{1b}']), "{format}: {cell:?}");
        }
    }
    let titles: BTreeSet<String> = table(&case, ExportFormat::CsvAlerts).iter().map(|row| row[2].clone()).collect();
    assert!(titles.contains("a\"b'c\\") && titles.contains("| a | b |\r\n# head\r\n- list"), "{titles:?}");
}

#[test]
fn graphml_has_every_node_and_edge_and_nothing_of_an_attacker_is_markup() {
    for case in [first(&sampled()), hostile()] {
        let text = case.export(ExportFormat::GraphMl).text;
        let count = |tag: &str| text.matches(tag).count();
        assert_eq!((count("<node id="), count("</node>")), (case.graph.nodes().len(), case.graph.nodes().len()));
        assert_eq!((count("<edge id="), count("</edge>")), (case.graph.edges().len(), case.graph.edges().len()));
        // Every opening bracket begins one of our own tags.
        let tags = [
            "<?xml",
            "<graphml",
            "</graphml",
            "<key ",
            "<graph ",
            "</graph>",
            "<desc>",
            "</desc>",
            "<node ",
            "</node>",
            "<edge ",
            "</edge>",
            "<data ",
            "</data>",
        ];
        assert_eq!(count("<"), tags.iter().map(|tag| count(tag)).sum::<usize>());
        assert!(!text.contains(['\u{0}', '\u{1b}', '\u{fffe}', '\r']));
    }
    let export = hostile().export(ExportFormat::GraphMl);
    assert!(export.text.contains("]]&gt;&lt;!--\\u{0}\\u{1b}[2J\\u{fffe}"), "what XML cannot hold is seen");
    assert!(export.left_out.iter().any(|line| line.contains("that XML 1.0 cannot hold")), "{:?}", export.left_out);
}

#[test]
fn dot_quotes_every_text() {
    for case in [first(&sampled()), hostile()] {
        let text = case.export(ExportFormat::Dot).text;
        // What is left without the quoted strings is our own: names, numbers, brackets.
        let (mut bare, mut quoted, mut escaped) = (String::new(), false, false);
        for c in text.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ if quoted => assert!(!c.is_control() && c != '\u{202e}', "{c:?}"),
                _ => bare.push(c),
            }
        }
        assert!(!quoted && !bare.contains(['\\', '<', '&']), "{bare}");
        assert_eq!(bare.matches("->").count(), case.graph.edges().len());
        assert_eq!(bare.lines().count(), 7 + case.graph.nodes().len() + case.graph.edges().len());
    }
}

#[test]
fn nothing_of_an_attacker_is_markup_in_a_report() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    for case in [first(&sampled()), hostile()] {
        let export = case.export(ExportFormat::Markdown);
        let (mut headings, mut tables, mut in_code) = (Vec::new(), 0, String::new());
        let mut heading = false;
        let mut odd = Vec::new();
        for event in Parser::new_ext(&export.text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Heading { .. }) => (heading, _) = (true, headings.push(String::new())),
                Event::End(pulldown_cmark::TagEnd::Heading(_)) => heading = false,
                Event::Start(Tag::Table(_)) => tables += 1,
                Event::Start(tag) => assert!(
                    matches!(
                        tag,
                        Tag::Paragraph
                            | Tag::TableHead
                            | Tag::TableRow
                            | Tag::TableCell
                            | Tag::List(_)
                            | Tag::Item
                            | Tag::Strong
                    ),
                    "{tag:?}"
                ),
                Event::Code(text) => {
                    in_code.push_str(&text);
                    if heading {
                        headings.last_mut().unwrap().push_str(&text);
                    }
                }
                Event::Text(text) => {
                    // What GitHub and others make links and mentions of.
                    for mark in ["www.", "://", "@", "#", "<", "{", "$"] {
                        assert!(!text.contains(mark), "{text}");
                    }
                    if heading {
                        headings.last_mut().unwrap().push_str(&text);
                    }
                }
                Event::End(_) => {}
                other => odd.push(format!("{other:?}")),
            }
        }
        assert!(odd.is_empty(), "{odd:?}");
        let mut expected = vec![case.incident.title.as_str(), "Kill chain", "Assets", "Alerts", "Entities"];
        expected.extend(["Why the worst are what they are", "Actions", "Plan", "Investigations"]);
        let people = case.activity.entries.iter().any(|entry| entry.origin == casegraph::summary::Origin::Person);
        expected.extend(people.then_some("Activity"));
        expected.push("Limits");
        assert_eq!(headings, expected);
        assert_eq!(tables, 7 + usize::from(people));
        for line in &export.left_out {
            assert!(export.text.contains(line.split('`').next().unwrap()), "the report says it too: {line}");
        }
    }
    let report = hostile().export(ExportFormat::Markdown).text;
    assert!(
        report.contains("`<script>alert(1)</script>&lt;&#65;`") && report.contains("`¦ a ¦ b ¦\\u{d}\\u{a}# head"),
        "quoted"
    );
}

/// What must survive a round trip: alerts with their facts' contents, links, entities with verdicts, kill chain.
fn essence(case: &CaseFile) -> Value {
    let incident = &case.incident;
    let alerts: Vec<Value> =
        incident.alerts.iter().map(|line| json!([line.id, line.title, line.reason, line.repeats])).collect();
    json!([
        incident.id,
        incident.title,
        alerts,
        incident.entities,
        incident.kill_chain,
        incident.links,
        incident.evidence
    ])
}

#[test]
fn a_graph_incident_comes_back_as_it_was() {
    let mut alone = Casebook::new();
    let case = first(&{
        let mut all = Casebook::new();
        all.ingest("sample", sample::ALERTS.as_bytes()).unwrap();
        all
    });
    for alert in &case.alerts {
        alone.ingest("one", serde_json::to_string(&alert.record).unwrap().as_bytes()).unwrap();
    }
    let case = first(&alone);
    let export = case.export(ExportFormat::GraphIncident);
    let mut back = Casebook::new();
    let report = back.ingest("export", export.text.as_bytes()).unwrap();
    assert_eq!((report.alerts, report.incidents, report.problems.len()), (case.alerts.len() as u64, 0, 0));
    let again = first(&back);
    assert_eq!(essence(&again), essence(&case));
    assert_eq!(again.export(ExportFormat::GraphIncident).text, export.text);

    // Decisions and indicators show, and never come back as facts.
    let judged = first(&sampled()).export(ExportFormat::GraphIncident);
    let mut back = Casebook::new();
    back.ingest("export", judged.text.as_bytes()).unwrap();
    assert_eq!(first(&back).export(ExportFormat::GraphIncident).text, export.text);
    assert!(
        judged.left_out.iter().any(|line| line.starts_with("1 decision besides comments")),
        "{:?}",
        judged.left_out
    );
}

#[test]
fn a_graph_incident_says_what_was_judged_beside_what_came() {
    let case = first(&sampled());
    let document = json_of(&case, ExportFormat::GraphIncident);
    assert_eq!(document["displayName"], json!(case.incident.title));
    assert_eq!(document["assignedTo"], "ada@alderfinch.example");
    assert_eq!(document["comments"][0]["comment"], "first\nsecond | third");
    assert_eq!(document["priorityScore"], json!(case.incident.priority.score.round() as i64));
    assert_eq!(document["systemTags"].as_array().unwrap().len(), case.incident.system_tags.len());
    assert_eq!(document["alerts"].as_array().unwrap().len(), case.alerts.len());
    let mut changed = 0;
    for (alert, filed) in document["alerts"].as_array().unwrap().iter().zip(&case.alerts) {
        let original = serde_json::to_value(&filed.record).unwrap();
        for (item, original) in
            alert["evidence"].as_array().unwrap().iter().zip(original["evidence"].as_array().unwrap())
        {
            assert_eq!(item["verdict"], original["verdict"], "the provider's verdict is the provider's");
            let line = case.entity(item["@casegraph.entity"].as_str().unwrap()).unwrap();
            assert_eq!(item["verdict@casegraph.judged"], json!(line.verdict));
            changed += usize::from(item["verdict"] != item["verdict@casegraph.judged"]);
        }
    }
    assert!(changed > 0, "some verdicts are casegraph's own");
    serde_json::from_value::<serde_json::Map<String, Value>>(json_of(&hostile(), ExportFormat::GraphIncident)).unwrap();
}

#[test]
fn what_others_wrote_comes_back_from_a_graph_incident() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
    if !fixtures.exists() {
        println!("note: ../shared/fixtures is not there, nothing was checked");
        return;
    }
    let mut seen = 0;
    for folder in ["graph", "m365d-legacy", "mde", "graph-legacy-alert", "sentinel", "advanced-hunting"] {
        for file in std::fs::read_dir(fixtures.join(folder)).unwrap().flatten().map(|entry| entry.path()) {
            let mut all = Casebook::new();
            all.ingest("fixture", &std::fs::read(&file).unwrap()).unwrap();
            for line in all.queue() {
                let case = all.case_file(&line.id, None).unwrap();
                let export = case.export(ExportFormat::GraphIncident);
                let mut back = Casebook::new();
                let report = back.ingest("export", export.text.as_bytes()).unwrap();
                assert_eq!(report.alerts, case.alerts.len() as u64, "{}", file.display());
                let again = back.case_file(&line.id, None).unwrap();
                let ids = |case: &CaseFile| {
                    case.incident.entities.iter().map(|line| line.id.clone()).collect::<BTreeSet<_>>()
                };
                // Strangers' alerts tell what one entity is called: all that stands in these alerts must be there.
                let missing: Vec<String> = ids(&case).difference(&ids(&again)).cloned().collect();
                assert!(missing.is_empty(), "{}: {missing:?}", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 5);
}
