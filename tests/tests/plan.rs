//! Plans of whole incidents: what they rest on, that they hold, and what approving them comes to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests say with a panic what failed"
)]

use casegraph::model::{ActionKind, ActionOutcome, ActionState, Author, Time};
use casegraph::report::TextReport;
use casegraph::response::{Plan, PlanOutcome};
use casegraph::{Casebook, ErrorCode, sample};
use casegraph_tests::record::{alert, evidence, host, upn};
use casegraph_tests::{book, book_with, policy, random};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

fn time() -> Time {
    Time::parse("2026-03-12T09:00:00Z").unwrap()
}

fn ada() -> Author {
    Author::new("ada", time()).because("the plan says so")
}

fn process(name: &str, id: u32, verdict: &str, user: &str) -> Value {
    let account = json!({"userPrincipalName": user});
    let image = json!({"fileName": name, "filePath": r"C:\Users\Public"});
    let members = json!({"processId": id, "processCreationDateTime": "2026-03-10T07:00:00Z", "verdict": verdict,
        "imageFile": image, "userAccount": account, "mdeDeviceId": "d1"});
    evidence("process", members)
}

fn device(name: &str, id: &str, users: &[&str]) -> Value {
    let mut device = host(name);
    device["mdeDeviceId"] = json!(id);
    let users: Vec<Value> = users.iter().map(|user| json!({"userPrincipalName": user})).collect();
    device["loggedOnUsers"] = json!(users);
    device
}

/// A malicious process of mira's on pc-1; noor is signed in there, and also on server-1.
fn intrusion() -> Vec<String> {
    let one = alert("a1", "08:00")
        .with(device("pc-1.example.com", "d1", &["noor@example.com"]))
        .with(process("beacon.exe", 77, "malicious", "mira@example.com"))
        .with(device("server-1.example.com", "d2", &["noor@example.com"]));
    let two = alert("a2", "08:30").with(device("pc-1.example.com", "d1", &[])).with(upn("mira@example.com"));
    vec![one.line(), two.line()]
}

fn plan(book: &Casebook) -> Plan {
    let plan = book.plan("a1", &time()).unwrap();
    plan.check().unwrap();
    plan
}

fn titles(plan: &Plan) -> Vec<&str> {
    plan.actions.iter().map(|action| action.title.as_str()).collect()
}

#[test]
fn every_plan_of_the_sample_holds() {
    let mut book = Casebook::new();
    book.ingest("sample", sample::ALERTS.as_bytes()).unwrap();
    book.add_indicators("sample", sample::INDICATORS).unwrap();
    for line in book.queue() {
        let plan = book.plan(&line.id, &time()).unwrap();
        plan.check().unwrap();
        assert_eq!(book.plan(&line.id, &time()).unwrap(), plan);
        assert_eq!(Plan::from_json(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
        // Every action is needed.
        for left in 0..plan.actions.len() {
            let ids = plan.actions.iter().enumerate().filter(|(at, _)| *at != left).map(|(_, action)| &action.id);
            assert!(!plan.what_if_only(ids).unwrap().reached.is_empty());
        }
    }
}

#[test]
fn the_plan_names_actions_as_the_response_does_and_what_is_done_is_not_planned_again() {
    let mut book = book(&intrusion());
    let before = plan(&book);
    let text = TextReport::new().plan(&before);
    assert!(text.starts_with("  plan  2 actions at a cost of 11 protect 3 assets\n"), "{text}");
    assert!(text.contains("breaks: people who are signed in lose the device: noor@example.com\n"), "{text}");
    assert_eq!(before.outcome, PlanOutcome::Cut);
    let isolate = before.actions.iter().find(|action| action.target.action == ActionKind::IsolateDevice).unwrap();
    assert_eq!(isolate.state, Some(ActionState::Proposed));
    let response = book.response("a1", &time()).unwrap();
    assert!(response.actions.iter().any(|action| action.id == isolate.id && action.target() == isolate.target));
    book.approve("a1", [&isolate.id], &ada()).unwrap();
    let request = book.pending_requests(&time()).into_iter().find(|request| request.id == isolate.id).unwrap();
    let report = request.report(ActionOutcome::Completed, "edr", time());
    book.report(&report).unwrap();
    let after = plan(&book);
    assert!(!titles(&after).contains(&isolate.title.as_str()));
    assert!(after.dealt_with.iter().any(|held| held.because.starts_with("`Isolate device")), "{after:#?}");
    assert!(after.cost < before.cost);
}

#[test]
fn a_plan_follows_the_policy_and_breaks_are_told() {
    let free = plan(&book(&intrusion()));
    let isolate = free.actions.iter().find(|action| action.target.action == ActionKind::IsolateDevice).unwrap();
    let broken: Vec<&str> =
        isolate.breaks.iter().flat_map(|breakage| &breakage.entities).map(|entity| entity.name.as_str()).collect();
    assert_eq!(broken, ["noor@example.com"]);
    let dear = r#"{"response":{"plan":{"costs":{"isolateDevice":100,"containDevice":null}}}}"#;
    let dear = plan(&book_with(policy(dear), &intrusion()));
    assert!(!titles(&dear).iter().any(|title| title.starts_with("Isolate")), "{:?}", titles(&dear));
    assert!(titles(&dear).iter().any(|title| title.starts_with("Disable user: noor")), "{:?}", titles(&dear));
    let precious = r#"{"summary":{"criticality":{"pc-1.example.com":"veryHigh"}}}"#;
    let precious = plan(&book_with(policy(precious), &intrusion()));
    assert!(!titles(&precious).iter().any(|title| title.starts_with("Isolate")), "{:?}", titles(&precious));
}

#[test]
fn questions_about_what_is_not_there_are_errors() {
    let book = book(&intrusion());
    assert_eq!(book.plan("x", &time()).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(plan(&book).what_if_only(["0123456789abcdef"]).unwrap_err().code(), ErrorCode::NotFound);
    let error = Plan::from_json("{\n\"incident\":7}").unwrap_err();
    assert_eq!((error.code(), error.location().line), (ErrorCode::InvalidArgument, Some(2)));
}

#[test]
fn a_report_of_a_plan_cannot_be_steered() {
    let records = intrusion().into_iter().map(|line| line.replace("noor@", "no\\u001b[31m\\u202eor@"));
    let plan = plan(&book(&records.collect::<Vec<_>>()));
    let text = TextReport::new().plan(&plan);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
}

/// Whatever comes in, in whatever order: every plan holds, and is the same.
#[test]
fn plans_of_random_casebooks_hold() {
    let config = Config { rng_seed: RngSeed::Fixed(0x9200_F5ED), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let (mut plans, mut cut) = (0, 0);
    for _ in 0..80 {
        let records = random::records(16).new_tree(&mut runner).unwrap().current();
        let forward = book(&records);
        let backward = book(&records.iter().rev().cloned().collect::<Vec<_>>());
        for line in forward.queue() {
            let plan = forward.plan(&line.id, &time()).unwrap();
            plan.check().unwrap();
            assert!(plan.truncated.is_empty());
            let all: Vec<_> = plan.actions.iter().map(|action| action.target.clone()).collect();
            assert_eq!(plan.what_if(&all).unwrap().reached, plan.unprotected);
            // An id that two tenants have means the first.
            if forward.queue().iter().filter(|other| other.id == line.id).count() == 1 {
                assert_eq!(backward.plan(&line.id, &time()).unwrap(), plan);
            }
            plans += 1;
            cut += usize::from(!plan.actions.is_empty());
        }
    }
    assert!(cut >= 10, "{cut} of {plans} plans cut anything");
}
