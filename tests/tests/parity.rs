//! One scenario through every face, compared byte for byte with `parity/expected.txt`; `parity/rules.yml` and
//! `parity/events.jsonl` are what it does with rules, `parity/response.jsonl` what it responds to. The C, C++ and
//! Python suites run the same steps against the same file.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say with a panic what failed")]

use std::fmt::Write as _;

use casegraph::export::ExportFormat;
use casegraph::model::{ActionOutcome, Author, Decision, FactId, FactKind, Retraction, Time, Verdict};
use casegraph::report::Picture;
use casegraph::response::{ActionFilter, ActionReply, ActionRequest, CATALOGUE};
use casegraph::rules::{Event, RuleSet, Select};
use casegraph::summary::ActivityFilter;
use casegraph::{Casebook, Change, Policy, Side, sample};
use casegraph_tests::golden;
use serde_json::json;

macro_rules! wire {
    ($value:expr) => {
        serde_json::to_string($value).unwrap()
    };
}

fn decide(book: &mut Casebook, decision: &serde_json::Value) -> FactId {
    book.decide(&Decision::from_json(&decision.to_string()).unwrap()).unwrap()
}

#[test]
fn the_parity_scenario_gives_the_pinned_bytes() {
    let policy = || Policy::from_json(r#"{"correlate":{"nearMisses":5}}"#).unwrap();
    let mut book = Casebook::with_policy(policy());
    book.ingest("sample", sample::ALERTS.as_bytes()).unwrap();
    book.add_indicators("sample-indicators", sample::INDICATORS).unwrap();
    let id = book.queue().first().unwrap().id.clone();
    let entity = "ip:address:203.0.113.188";
    decide(
        &mut book,
        &json!({"decision": "assign", "to": "ada@alderfinch.example", "by": "ada", "at": "2026-03-12T09:00:00Z", "alerts": [id]}),
    );
    decide(
        &mut book,
        &json!({"decision": "setVerdict", "entity": entity, "verdict": "malicious", "by": "ada",
                "at": "2026-03-12T09:05:00Z", "reason": "known exit node"}),
    );
    let tag = decide(
        &mut book,
        &json!({"decision": "tag", "tag": "phish", "by": "ada", "at": "2026-03-12T09:06:00Z", "alerts": [id]}),
    );
    let retraction = json!({"fact": tag.to_string(), "by": "ada", "reason": "wrong incident"});
    book.retract(&Retraction::from_json(&retraction.to_string()).unwrap()).unwrap();

    let mut saved = Vec::new();
    book.save(&mut saved).unwrap();
    let loaded = Casebook::load(saved.as_slice(), policy()).unwrap();
    assert!(loaded.damage.is_empty());
    let book = loaded.casebook;

    let mut out = book.to_json();
    writeln!(out, "{}", serde_json::to_string(&book.incident(&id).unwrap()).unwrap()).unwrap();
    writeln!(out, "{}", serde_json::to_string(&book.explain(&id, entity).unwrap()).unwrap()).unwrap();
    writeln!(out, "{}", book.graph(&id).unwrap().to_json()).unwrap();
    otherwise(&book, &id, entity, &mut out);
    for fact in book.facts() {
        writeln!(out, "{} {} {}", fact.position, kind_name(fact.kind), fact.id).unwrap();
    }
    rules(&mut out);
    events(&mut out);
    response(&mut out);
    golden::check("parity/expected.txt", &out);
}

/// What would be otherwise under another policy, what the facts after the tenth changed, what it would take, and
/// what it is like.
fn otherwise(book: &Casebook, id: &str, entity: &str, out: &mut String) {
    let mut line = |text: String| writeln!(out, "{text}").unwrap();
    let changes = Change::list_from_json(r#"[{"policy":{"correlate":{"threshold":0.6}}}]"#, book.policy()).unwrap();
    line(wire!(&book.what_if(&changes).unwrap()));
    line(wire!(&book.diff(&Side::at(10), &Side::now()).unwrap()));
    line(wire!(&book.counterfactual(id, entity, Verdict::Clean, Some(50)).unwrap()));
    line(wire!(&book.similar(id, 3).unwrap()));
    line(wire!(&book.activity(id, &ActivityFilter::new()).unwrap()));
    let people = ActivityFilter::from_json(r#"{"origins":["person"],"since":"2026-03-12T09:01:00Z"}"#).unwrap();
    line(wire!(&book.activity(id, &people).unwrap()));
    line(wire!(&book.user_priority(id, "user:upn:mira.halvorsen@alderfinch.example").unwrap()));
    line(wire!(&book.asset_risk(id, "device:fqdn:alf-lt-0417.corp.alderfinch.example").unwrap()));
}

const RULES: &str = include_str!("../parity/rules.yml");
const EVENTS: &str = include_str!("../parity/events.jsonl");
const RESPONSE: &str = include_str!("../parity/response.jsonl");

/// All rules, and some.
fn sets() -> (RuleSet, RuleSet) {
    let rules =
        RuleSet::builder().add_text("rules.yml", RULES).with_placeholder("admins", ["ada", "carl"]).build().unwrap();
    let chosen = rules.select(&Select::from_json(r#"{"tags":["attack.discovery"],"minLevel":"high"}"#).unwrap());
    (rules, chosen)
}

/// What a set of rules tells of itself and of the events, line by line.
fn rules(out: &mut String) {
    let mut line = |text: String| writeln!(out, "{text}").unwrap();
    let (rules, chosen) = sets();
    line(wire!(&rules.rules().collect::<Vec<_>>()));
    line(wire!(rules.problems()));
    line(wire!(&chosen.rules().collect::<Vec<_>>()));
    let mut matcher = rules.matcher().with_profile();
    for event in EVENTS.lines() {
        let event = Event::parse(event.as_bytes()).unwrap();
        line(matcher.matches(&event).iter().map(|number| format!("{number} ")).collect());
        for rule in ["whoami", "0b7f2f0e-9a44-4f0e-8a5d-3f1f5b6f2c02", "Names of elsewhere"] {
            line(wire!(&rules.explain(rule, &event).unwrap()));
        }
    }
    line(wire!(&matcher.profile()));
}

/// What a casebook with rules makes of the events, line by line.
fn events(out: &mut String) {
    let mut line = |text: String| writeln!(out, "{text}").unwrap();
    let (rules, chosen) = sets();
    let mut book = Casebook::new();
    book.set_rules(rules.clone()).unwrap();
    let r = book.ingest("events.jsonl", EVENTS.as_bytes()).unwrap();
    let counts = [r.records, r.events, r.matches, r.unknown_events, r.unheld_events, r.new, r.duplicates];
    line(counts.map(|count| count.to_string()).join(" "));
    line(wire!(&book.queue()));
    let id = book.queue().first().unwrap().id.clone();
    line(wire!(&book.timeline(&id, None).unwrap()));
    line(wire!(&book.timeline(&id, Some("device:fqdn:ws-7.example.com")).unwrap()));
    line(wire!(&book.impact(&chosen).unwrap()));
    for fact in book.facts() {
        line(format!("{} {} {}", fact.position, kind_name(fact.kind), fact.id));
    }
    let mut saved = Vec::new();
    book.save(&mut saved).unwrap();
    let mut loaded = Casebook::load(saved.as_slice(), Policy::default()).unwrap().casebook;
    loaded.set_rules(rules).unwrap();
    line(loaded.as_of(loaded.len()).unwrap().to_json());
    loaded.set_rules(chosen).unwrap();
    line(wire!(&loaded.queue()));
}

/// A whole response: some actions are approved, one is rejected, one expires, one is carried out and taken back, one
/// fails; and the incident is resolved.
fn response(out: &mut String) {
    let mut line = |text: String| writeln!(out, "{text}").unwrap();
    let time = |text: &str| Time::parse(&format!("2026-03-{text}:00Z")).unwrap();
    let author = |by: &str, at: &str, reason: &str| Author::new(by, time(at)).because(reason).with_role("responder");
    let mut book = Casebook::new();
    book.ingest("response.jsonl", RESPONSE.as_bytes()).unwrap();
    let told = book.response("r1", &time("10T09:00")).unwrap();
    line(wire!(&told));
    let id = |kind: &str| told.actions.iter().find(|action| action.action.as_str() == kind).unwrap().id.clone();
    book.approve("r1", [id("quarantineFile")], &author("ada", "10T10:00", "not ours")).unwrap();
    book.approve("r1", [id("blockUrl")], &author("ben", "10T10:00", "not ours")).unwrap();
    book.reject("r1", [id("blockIp")], &author("ada", "10T10:01", "a partner")).unwrap();
    line(wire!(&book.pending_requests(&time("10T11:00"))));
    let mut waiting = None;
    let mut edr = |request: &ActionRequest| match request.perform.as_str() {
        "blockUrl" => {
            waiting = Some(request.clone());
            ActionReply::new(ActionOutcome::Waiting).because("the proxy is busy").at(time("10T11:05"))
        }
        _ => ActionReply::new(ActionOutcome::Completed),
    };
    book.execute(&time("10T11:00"), "edr", &mut edr).unwrap();
    let late = waiting.unwrap().report(ActionOutcome::Failed, "edr", time("10T12:00")).because("the proxy says no");
    book.report(&late).unwrap();
    book.undo("r1", [id("quarantineFile")], &author("cem", "10T13:00", "wanted for the audit")).unwrap();
    line(wire!(&book.pending_requests(&time("10T13:30"))));
    let mut edr = |_: &ActionRequest| ActionReply::new(ActionOutcome::Completed);
    book.execute(&time("10T13:30"), "edr", &mut edr).unwrap();
    book.resolve("r1", &author("ada", "10T14:00", "done")).unwrap();
    line(wire!(&book.response("r1", &time("20T09:00")).unwrap()));
    let centre = book.action_centre(&time("20T09:00"), &ActionFilter::default()).unwrap();
    line(centre.to_json());
    line(centre.to_csv());
    line(wire!(&book.plan("r1", &time("10T09:00")).unwrap()));
    let case = book.case_file("r1", Some(&time("20T09:00"))).unwrap();
    line(case.picture(Picture::KillChain).unwrap().document());
    line(case.picture(Picture::ProcessTree(None)).unwrap().document());
    for format in [ExportFormat::Markdown, ExportFormat::Dot] {
        let export = case.export(format);
        line(export.text);
        line(wire!(&export.left_out));
    }
    let other = book.pseudonymised("sixteen bytes, or more").unwrap();
    line(wire!(&other.queue()));
    line(wire!(&book.incident("r1").unwrap()));
    line(wire!(&CATALOGUE[..]));
    for fact in book.facts() {
        line(format!("{} {} {}", fact.position, kind_name(fact.kind), fact.id));
    }
}

/// The name that the kind has in JSON.
fn kind_name(kind: FactKind) -> String {
    serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned()
}
