//! Incident surgery: what people decide about incidents holds whatever comes before or after it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use std::collections::BTreeSet;

use casegraph::model::{
    AlertClassification, AlertDetermination, Author, Choice, Decision, FactId, FactKind, IncidentStatus, Retraction,
    Time,
};
use casegraph::{Casebook, ErrorCode, IncidentSummary, Policy};
use casegraph_tests::record::{Record, alert, evidence, file, host};
use casegraph_tests::{book, incidents, lines, partition, policy, random};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

fn time(hour: u8) -> Time {
    Time::parse(&format!("2026-05-01T{hour:02}:00:00Z")).unwrap()
}

fn ada(hour: u8) -> Author {
    Author::new("ada", time(hour)).because("seen in the proxy log")
}

fn retract(book: &mut Casebook, fact: FactId) {
    book.retract(&Retraction::new(fact, "ada")).unwrap();
}

fn decide(book: &mut Casebook, what: Choice, incident: &str, hour: u8) -> FactId {
    let alerts = book.alert_ids(incident).unwrap();
    book.decide(&Decision::new(what, "ada", time(hour)).about(alerts)).unwrap()
}

fn close(book: &mut Casebook, incident: &str, hour: u8) -> FactId {
    decide(book, Choice::SetStatus { status: IncidentStatus::Resolved }, incident, hour)
}

/// An alert on the file of a letter.
fn on(id: &str, clock: &str, digit: char) -> Record {
    alert(id, clock).with(file(digit))
}

/// Three incidents: a1 and a2, b1 and b2, c1.
fn three() -> Casebook {
    book(&[
        on("a1", "08:00", 'a').line(),
        on("a2", "08:10", 'a').line(),
        on("b1", "08:20", 'b').line(),
        on("b2", "08:30", 'b').line(),
        on("c1", "08:40", 'c').line(),
    ])
}

fn late(book: &mut Casebook, record: Record) {
    book.ingest("late", record.line().as_bytes()).unwrap();
}

fn code<T: std::fmt::Debug>(result: casegraph::Result<T>) -> (ErrorCode, String) {
    let error = result.unwrap_err();
    (error.code(), error.message().to_owned())
}

#[test]
fn merged_incidents_are_one_say_why_and_grow_on() {
    let mut book = three();
    let before = incidents(&book);
    let fact = book.merge(["a2", "b1"], &ada(9)).unwrap();
    assert_eq!(partition(&book), [vec!["a1", "a2", "b1", "b2"], vec!["c1"]]);
    let merged = book.incident("b2").unwrap();
    assert_eq!(merged.id, "a1", "it is named after the earliest alert");
    let reasons: Vec<String> =
        merged.alerts.iter().map(|a| a.reason.as_ref().map_or(String::new(), |r| r.text.clone())).collect();
    assert_eq!(reasons[0], "");
    assert!(reasons[1].starts_with("same file") && reasons[3].starts_with("same file"), "{reasons:?}");
    assert_eq!(reasons[2], "joined by ada at 2026-05-01T09:00:00Z with `Alert a2`: seen in the proxy log");
    assert_eq!(merged.activity[0].fact, fact.to_string());

    late(&mut book, on("b3", "08:35", 'b'));
    assert_eq!(book.incident("b3").unwrap().id, "a1", "it grows on by itself");
    retract(&mut book, fact);
    assert_eq!(partition(&book), [vec!["a1", "a2"], vec!["b1", "b2", "b3"], vec!["c1"]]);
    let late_fact = book.facts().find(|f| f.json.contains("\"b3\"") && f.kind == FactKind::Alert).unwrap().id;
    retract(&mut book, late_fact);
    assert_eq!(incidents(&book), before);
}

#[test]
fn split_alerts_stay_apart_and_both_sides_grow_on() {
    let four = [on("a1", "08:00", 'a'), on("a2", "08:10", 'a'), on("a3", "08:20", 'a'), on("a4", "08:30", 'a')];
    let mut book = book(&four.map(Record::line));
    close(&mut book, "a1", 8);
    decide(&mut book, Choice::SetStatus { status: IncidentStatus::Active }, "a1", 9);
    decide(&mut book, Choice::Assign { to: Some("ada@corp.example".into()) }, "a1", 9);
    let fact = book.split(["a2"], &ada(10)).unwrap();
    assert_eq!(partition(&book), [vec!["a1", "a3", "a4"], vec!["a2"]], "the rest is linked past the one that went");
    assert_eq!(book.incident("a1").unwrap().assigned_to.as_deref(), Some("ada@corp.example"));
    assert_eq!(book.incident("a2").unwrap().assigned_to, None, "what was decided of the whole stays with the rest");
    let held: Vec<&str> = book.incident("a2").unwrap().near_misses.iter().map(|n| n.held_by).collect();
    assert!(!held.is_empty() && held.iter().all(|by| *by == "decision"), "{held:?}");

    late(&mut book, on("a5", "08:11", 'a'));
    let parts = partition(&book);
    assert_eq!(parts.len(), 2, "the late one joins one side and bridges none: {parts:?}");
    // The activity of both sides tells of it.
    for side in ["a1", "a2"] {
        let activity = book.incident(side).unwrap().activity;
        assert!(activity.iter().any(|a| a.fact == fact.to_string()), "{side}");
    }
    book.merge(["a1", "a2"], &ada(11)).unwrap();
    assert_eq!(partition(&book).len(), 1, "a later decision wins");
}

#[test]
fn without_what_held_it_together_the_rest_falls_apart() {
    let bridge = alert("x", "08:15").with(file('a')).with(file('b')).line();
    let mut book = book(&[on("a", "08:00", 'a').line(), on("b", "08:30", 'b').line(), bridge]);
    assert_eq!(partition(&book).len(), 1);
    book.split(["x"], &ada(9)).unwrap();
    assert_eq!(partition(&book), [["a"], ["b"], ["x"]]);
}

#[test]
fn moved_alerts_are_where_they_were_moved() {
    let mut book = three();
    let before = incidents(&book);
    let first = book.move_alerts(["a2"], Some("b1"), &ada(9)).unwrap();
    assert_eq!(partition(&book), [vec!["a1"], vec!["a2", "b1", "b2"], vec!["c1"]]);
    let moved = book.incident("b1").unwrap();
    let texts: Vec<String> = moved.alerts.iter().filter_map(|a| Some(a.reason.as_ref()?.text.clone())).collect();
    assert!(texts.iter().any(|t| t.starts_with("moved here by ada at 2026-05-01T09:00:00Z")), "{texts:?}");
    assert_eq!(moved.activity.len(), 1, "the target's log tells of it");
    late(&mut book, on("a3", "08:05", 'a'));
    assert!(!book.alert_ids("a1").unwrap().contains(&"a2".to_owned()));
    assert_eq!(partition(&book).len(), 3, "it joins one of the two");

    let second = book.move_alerts(["a2"], Some("c1"), &ada(10)).unwrap();
    assert_eq!(book.alert_ids("c1").unwrap(), ["a2", "c1"]);
    let third = book.move_alerts(["a2"], Some("a1"), &ada(11)).unwrap();
    assert!(book.alert_ids("a1").unwrap().contains(&"a2".to_owned()), "and back");
    for fact in [third, second, first] {
        retract(&mut book, fact);
    }
    assert_eq!(book.alert_ids("a1").unwrap(), ["a1", "a3", "a2"]);
    let late_fact = book.facts().find(|f| f.json.contains("\"a3\"") && f.kind == FactKind::Alert).unwrap().id;
    retract(&mut book, late_fact);
    assert_eq!(incidents(&book), before);

    book.move_alerts(["a2", "b2"], None, &ada(12)).unwrap();
    assert_eq!(partition(&book), [vec!["a1"], vec!["a2", "b2"], vec!["b1"], vec!["c1"]], "or into a new incident");
    book.move_alerts(["a1"], Some("c1"), &ada(13)).unwrap();
    assert_eq!(book.alert_ids("c1").unwrap(), ["a1", "c1"], "all alerts of an incident can go");
}

#[test]
fn what_is_moved_out_of_a_resolved_incident_does_not_resolve_the_other() {
    let mut book = three();
    close(&mut book, "a1", 8);
    decide(&mut book, Choice::Rename { title: "Old".into() }, "a1", 8);
    book.move_alerts(["a2"], Some("b1"), &ada(9)).unwrap();
    let target = book.incident("b1").unwrap();
    assert_eq!((target.status, target.title == "Old"), (IncidentStatus::Active, false));
    assert_eq!(book.incident("a1").unwrap().status, IncidentStatus::Resolved);
    late(&mut book, on("a3", "08:05", 'a'));
    assert_eq!(book.alert_ids("a1").unwrap(), ["a1"], "which stays closed");
    assert!(book.alert_ids("b1").unwrap().contains(&"a3".to_owned()));
}

#[test]
fn what_must_not_be_is_refused_with_its_reason() {
    let mut book = three();
    let no_reason = Author::new("ada", time(9));
    let why = |book: &mut Casebook, ids: &[&str]| code(book.merge(ids, &ada(9)));
    assert_eq!(code(book.merge(["a1", "b1"], &no_reason)).0, ErrorCode::InvalidArgument);
    assert_eq!(why(&mut book, &["a1", "a2"]).0, ErrorCode::InvalidArgument);
    assert_eq!(why(&mut book, &[]).0, ErrorCode::InvalidArgument);
    assert_eq!(why(&mut book, &["a1", "nobody"]).0, ErrorCode::NotFound);
    let count = book.len();
    assert_eq!(code(book.split(["a1", "a2"], &ada(9))).0, ErrorCode::InvalidArgument, "an empty side");
    assert_eq!(code(book.split([""; 0], &ada(9))).0, ErrorCode::InvalidArgument);
    assert_eq!(code(book.split(["a1", "b1"], &ada(9))).0, ErrorCode::InvalidArgument, "two incidents");
    assert_eq!(code(book.split(["nobody"], &ada(9))).0, ErrorCode::NotFound);
    assert_eq!(code(book.move_alerts(["a1"], Some("a2"), &ada(9))).0, ErrorCode::InvalidArgument);
    assert_eq!(code(book.move_alerts(["c1"], None, &ada(9))).0, ErrorCode::InvalidArgument);
    assert_eq!(code(book.move_alerts(["a1"], Some("nobody"), &ada(9))).0, ErrorCode::NotFound);
    let raw = Choice::Move { from: Vec::new(), into: Vec::new() };
    assert_eq!(code(book.decide(&Decision::new(raw, "ada", time(9)).about(["a1"]))).0, ErrorCode::InvalidArgument);
    assert_eq!(book.len(), count, "what is refused leaves no fact");

    close(&mut book, "b1", 9);
    let (kind, message) = why(&mut book, &["a1", "b1"]);
    assert_eq!((kind, message.contains("`b1` is resolved")), (ErrorCode::Conflict, true), "{message}");
    assert_eq!(code(book.move_alerts(["a1"], Some("b1"), &ada(10))).0, ErrorCode::Conflict);
    decide(&mut book, Choice::SetStatus { status: IncidentStatus::Active }, "b1", 10);
    book.merge(["a1", "b1"], &ada(11)).unwrap();
}

#[test]
fn owners_and_findings_that_differ_are_decided_first() {
    let owner = |to: &str| Choice::Assign { to: Some(to.into()) };
    let finding = |classification: AlertClassification, determination: AlertDetermination| Choice::Classify {
        classification,
        determination,
    };
    use AlertClassification::{FalsePositive, TruePositive, Unknown};
    use AlertDetermination::{Malware, Phishing, Unknown as Undetermined};
    for (name, first, second, nobody) in [
        ("owners", owner("ada"), owner("grace"), Choice::Assign { to: None }),
        (
            "classifications",
            finding(TruePositive, Undetermined),
            finding(FalsePositive, Undetermined),
            finding(Unknown, Undetermined),
        ),
        (
            "determinations",
            finding(TruePositive, Malware),
            finding(TruePositive, Phishing),
            finding(TruePositive, Undetermined),
        ),
    ] {
        let mut book = three();
        decide(&mut book, first.clone(), "a1", 8);
        decide(&mut book, second, "b1", 8);
        let (kind, message) = code(book.merge(["a1", "b1"], &ada(9)));
        assert_eq!((kind, message.contains(name)), (ErrorCode::Conflict, true), "{message}");
        // Nor do they grow together by themselves.
        late(&mut book, alert("x", "08:15").with(file('a')).with(file('b')));
        assert_ne!(book.incident("a1").unwrap().id, book.incident("b1").unwrap().id, "{name}");
        decide(&mut book, nobody, "b1", 10);
        assert_eq!(book.incident("a1").unwrap().id, book.incident("b1").unwrap().id, "unset fits anything: {name}");
    }
}

#[test]
fn limits_are_those_of_the_policy() {
    let each = |n: usize| on(&format!("a{n}"), "08:00", char::from_digit(n as u32 + 10, 16).unwrap()).line();
    let six: Vec<String> = (0..6).map(each).collect();
    let ids: Vec<String> = (0..6).map(|n| format!("a{n}")).collect();
    let mut strict = book(&six);
    assert_eq!(code(strict.merge(&ids, &ada(9))).0, ErrorCode::Limit, "six at once");
    strict.merge(&ids[..5], &ada(9)).unwrap();

    let mut loose = Casebook::with_policy(policy(
        r#"{"manage": {"mergedIncidents": 6, "reasons": false}, "correlate": {"maxAlertsPerIncident": 5}}"#,
    ));
    loose.ingest("six", lines(&six).as_bytes()).unwrap();
    let author = Author::new("ada", time(9));
    assert_eq!(code(loose.merge(&ids, &author)).0, ErrorCode::Limit, "more alerts than an incident holds");
    loose.merge(&ids[..5], &author).unwrap();
    assert_eq!(code(loose.move_alerts(["a5"], Some("a0"), &author)).0, ErrorCode::Limit);
}

#[test]
fn tenants_never_share_an_incident() {
    let of = |id: &str, tenant: &str| on(id, "08:00", 'a').set("tenantId", tenant).line();
    let mut book = book(&[of("a", "t1"), of("b", "t2"), of("c", "t2")]);
    let (kind, message) = code(book.merge(["a", "b"], &ada(9)));
    assert_eq!((kind, message.contains("tenants")), (ErrorCode::Conflict, true), "{message}");
    assert_eq!(code(book.move_alerts(["b"], Some("a"), &ada(9))).0, ErrorCode::Conflict);
    book.decide(&Decision::new(Choice::Join, "ada", time(9)).about(["a", "b", "c"])).unwrap();
    assert_eq!(partition(&book), [vec!["a"], vec!["b", "c"]], "not even by a decision that names both");
}

/// Records of the vendor's incidents, with members.
fn vendor(id: &str, members: serde_json::Value) -> String {
    let mut record = json!({"@odata.type": "#microsoft.graph.security.incident", "id": id, "displayName": id,
        "lastUpdateDateTime": "2026-04-01T00:00:00Z", "alerts": []});
    record.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    record.to_string()
}

#[test]
fn what_the_vendor_says_of_its_incident_keeps_others_out() {
    let records =
        || [on("a", "08:00", 'a').set("incidentId", "1").line(), on("b", "08:10", 'a').set("incidentId", "2").line()];
    for (one, two, apart) in [
        (json!({"status": "resolved"}), json!({"status": "active"}), true),
        (json!({"status": "active"}), json!({"status": "inProgress"}), false),
        (json!({"assignedTo": "ada"}), json!({"assignedTo": "grace"}), true),
        (json!({"assignedTo": "ada"}), json!({"assignedTo": null}), false),
        (json!({"classification": "truePositive"}), json!({"classification": "falsePositive"}), true),
        (json!({"classification": "truePositive"}), json!({"classification": "unknown"}), false),
        (json!({"determination": "malware"}), json!({"determination": "phishing"}), true),
        (json!({"determination": "malware"}), json!({}), false),
    ] {
        let fed = |policy: Policy| {
            let mut book = Casebook::with_policy(policy);
            book.ingest("alerts", lines(&records()).as_bytes()).unwrap();
            assert_eq!(partition(&book).len(), 1);
            let report =
                book.ingest("incidents", lines(&[vendor("1", one.clone()), vendor("2", two.clone())]).as_bytes());
            assert!(report.unwrap().problems.is_empty());
            book
        };
        assert_eq!(partition(&fed(Policy::default())).len(), 1 + usize::from(apart), "{one} {two}");
        let heard = policy(r#"{"correlate": {"vendorLabels": false}}"#);
        assert_eq!(partition(&fed(heard)).len(), 1, "{one} {two}");
    }
}

#[test]
fn a_vendors_resolved_incident_takes_in_its_own_alerts_and_a_person_may_reopen_it() {
    let mut book = book(&[on("a", "08:00", 'a').set("incidentId", "1").line()]);
    book.ingest("vendor", vendor("1", json!({"status": "resolved"})).as_bytes()).unwrap();
    late(&mut book, on("b", "08:10", 'a').set("incidentId", "1"));
    late(&mut book, on("c", "08:20", 'a'));
    assert_eq!(partition(&book), [vec!["a", "b"], vec!["c"]]);
    decide(&mut book, Choice::SetStatus { status: IncidentStatus::InProgress }, "a", 9);
    assert_eq!(partition(&book).len(), 1);
}

#[test]
fn device_groups_are_kept_apart_where_the_policy_says_so() {
    let in_group = |id: &str, clock: &str, device: &str, group: Option<&str>| {
        alert(id, clock).with(file('a')).with(evidence("device", json!({"hostName": device, "rbacGroupName": group})))
    };
    let records = [
        in_group("a", "08:00", "h1", Some("Servers")).line(),
        in_group("b", "08:10", "h2", Some("Clients")).line(),
        in_group("c", "08:20", "h1", Some("SERVERS")).line(),
        in_group("d", "08:30", "h3", None).line(),
    ];
    assert_eq!(partition(&book(&records)).len(), 1, "off by default");
    let scoped = policy(r#"{"correlate": {"scopedDeviceGroups": true}}"#);
    let mut scoped = casegraph_tests::book_with(scoped, &records);
    assert_eq!(
        partition(&scoped),
        [vec!["a", "c", "d"], vec!["b"]],
        "an alert without a group goes with the nearest that it may meet"
    );
    let (kind, message) = code(scoped.merge(["a", "b"], &ada(9)));
    assert_eq!((kind, message.contains("`servers` and `clients`")), (ErrorCode::Conflict, true), "{message}");
}

#[test]
fn repeats_of_a_head_that_was_split_off_stay_together() {
    let same = |id: &str, clock: &str| alert(id, clock).set("detectorId", "d").with(host("h1")).with(file('a')).line();
    let mut book = book(&[same("a", "08:00"), same("b", "08:30"), same("c", "09:00")]);
    book.split(["a"], &ada(9)).unwrap();
    assert_eq!(partition(&book), [vec!["a"], vec!["b", "c"]]);
    let rest = book.incident("b").unwrap();
    assert_eq!(rest.alerts[1].reason.as_ref().unwrap().with, "b");
}

fn config(cases: u32) -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    ProptestConfig {
        cases: cases * number("CASEGRAPH_CASES").unwrap_or(1),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(u64::from(number("CASEGRAPH_SEED").unwrap_or(0x0502_6E27))),
        max_shrink_iters: 4_000,
        ..ProptestConfig::default()
    }
}

fn either() -> impl Strategy<Value = Policy> {
    let tight = r#"{"correlate": {"hubAssets": 3, "noisePerDay": 3, "lookback": 2, "maxAlertsPerIncident": 5,
        "scopedDeviceGroups": true}}"#;
    prop_oneof![Just(Policy::default()), Just(policy(tight))]
}

/// Names of alerts by incident, with the tenant.
fn held(book: &Casebook) -> Vec<BTreeSet<(String, String)>> {
    let ids = |incident: &IncidentSummary| {
        let ids = incident.alerts.iter().flat_map(|a| std::iter::once(&a.id).chain(&a.repeats));
        ids.map(|id| (incident.tenant_id.clone(), id.clone())).collect()
    };
    book.incidents().map(|incident| ids(&incident)).collect()
}

/// The incident of an alert in the tenant that its id is looked up in.
fn members(book: &Casebook, id: &str) -> BTreeSet<String> {
    book.alert_ids(id).unwrap().into_iter().collect()
}

/// A book of alerts of one tenant and of decisions about them, all earlier than those of the tests.
fn worked_on(policy: &Policy, alerts: &[String], decisions: &[String]) -> Casebook {
    let mut book = Casebook::with_policy(policy.clone());
    let one: Vec<String> = alerts.iter().map(|line| line.replace("tenant-b", "tenant-a")).collect();
    book.ingest("alerts", lines(&one).as_bytes()).unwrap();
    for decision in decisions {
        let _ = book.decide(&Decision::from_json(decision).unwrap());
    }
    book
}

/// Late facts: alerts, and decisions that name none of these alerts.
fn more(book: &mut Casebook, alerts: &[String], decisions: &[String], but: &BTreeSet<String>) {
    let one: Vec<String> = alerts.iter().map(|line| line.replace("tenant-b", "tenant-a")).collect();
    book.ingest("late", lines(&one).as_bytes()).unwrap();
    for decision in decisions.iter().filter(|text| !but.iter().any(|id| text.contains(id.as_str()))) {
        let _ = book.decide(&Decision::from_json(decision).unwrap());
    }
}

/// The facts of a casebook in another order: a decision as soon as it is accepted.
fn reordered(book: &Casebook, seed: u64) -> Casebook {
    let mut facts: Vec<(FactKind, String)> = book.facts().map(|f| (f.kind, f.json.to_owned())).collect();
    let mut state = seed | 1;
    for i in (1..facts.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        facts.swap(i, (state >> 33) as usize % (i + 1));
    }
    let mut out = Casebook::with_policy(book.policy().clone());
    let mut waiting: Vec<String> = Vec::new();
    for (kind, json) in facts {
        match kind {
            FactKind::Decision => waiting.push(json),
            _ => {
                out.ingest("fact", json.as_bytes()).unwrap();
            }
        }
        waiting.retain(|json| out.decide(&Decision::from_json(json).unwrap()).is_err());
        // Asking in between derives, and must leave nothing behind.
        if out.len().is_multiple_of(5) {
            let _ = out.queue();
        }
    }
    assert!(waiting.is_empty(), "{waiting:?}");
    out
}

/// Every alert is in one incident, and no incident is of two tenants.
fn sound(book: &Casebook) {
    let all = held(book);
    let alerts: BTreeSet<&(String, String)> = all.iter().flatten().collect();
    assert_eq!(all.iter().map(BTreeSet::len).sum::<usize>(), alerts.len());
    assert!(all.iter().all(|part| part.iter().map(|(tenant, _)| tenant).collect::<BTreeSet<_>>().len() == 1));
}

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn any_decisions_in_any_order_give_the_same_bytes(
        alerts in random::records(14), decisions in random::decisions(10), seed in any::<u64>(), policy in either(),
    ) {
        let mut book = Casebook::with_policy(policy);
        book.ingest("alerts", lines(&alerts).as_bytes()).unwrap();
        for decision in &decisions {
            let _ = book.decide(&Decision::from_json(decision).unwrap());
        }
        sound(&book);
        prop_assert_eq!(book.to_json(), reordered(&book, seed).to_json());
    }

    #[test]
    fn a_closed_incident_never_gains_an_alert(
        alerts in random::records(10), decisions in random::decisions(6), later in random::records(8),
        after in random::decisions(6), pick in any::<prop::sample::Index>(), seed in any::<u64>(), policy in either(),
    ) {
        let mut book = worked_on(&policy, &alerts, &decisions);
        prop_assume!(!book.queue().is_empty());
        let queue = book.queue();
        let id = queue[pick.index(queue.len())].id.clone();
        close(&mut book, &id, 12);
        let closed = members(&book, &id);
        more(&mut book, &later, &after, &closed);
        for id in &closed {
            prop_assert!(members(&book, id).is_subset(&closed), "{} of {:?} in {:?}", id, closed, members(&book, id));
        }
        sound(&book);
        prop_assert_eq!(book.to_json(), reordered(&book, seed).to_json());
    }

    #[test]
    fn split_alerts_never_meet_again(
        alerts in random::records(14), decisions in random::decisions(4), later in random::records(8),
        after in random::decisions(6), pick in any::<prop::sample::Index>(), seed in any::<u64>(), policy in either(),
    ) {
        let mut book = worked_on(&policy, &alerts, &decisions);
        let several: Vec<BTreeSet<String>> =
            held(&book).into_iter().filter(|p| p.len() > 1).map(|p| p.into_iter().map(|(_, id)| id).collect()).collect();
        prop_assume!(!several.is_empty());
        let whole = &several[pick.index(several.len())];
        let (here, there): (Vec<&String>, Vec<&String>) =
            whole.iter().enumerate().fold((vec![], vec![]), |(mut a, mut b), (i, id)| {
                if i == pick.index(whole.len()) || (seed >> (i % 64)) & 3 == 0 { a.push(id) } else { b.push(id) }
                (a, b)
            });
        prop_assume!(!there.is_empty());
        let before = incidents(&book);
        let fact = book.split(here.iter().map(|id| id.as_str()), &ada(12)).unwrap();
        let mut undone = book.as_of(book.len()).unwrap();
        retract(&mut undone, fact);
        prop_assert_eq!(before, incidents(&undone));
        more(&mut book, &later, &after, whole);
        let one = members(&book, here[0]);
        prop_assert!(here.iter().all(|id| one.contains(*id)), "those split off are one incident");
        prop_assert!(!there.iter().any(|id| one.contains(*id)), "{:?} met {:?} in {:?}", here, there, one);
        sound(&book);
        prop_assert_eq!(book.to_json(), reordered(&book, seed).to_json());
    }

    #[test]
    fn moved_alerts_stay_where_they_were_moved(
        alerts in random::records(14), decisions in random::decisions(4), later in random::records(8),
        after in random::decisions(6), pick in any::<prop::sample::Index>(), seed in any::<u64>(), policy in either(),
    ) {
        let mut book = worked_on(&policy, &alerts, &decisions);
        let all: Vec<BTreeSet<String>> =
            held(&book).into_iter().map(|p| p.into_iter().map(|(_, id)| id).collect()).collect();
        prop_assume!(all.len() > 1);
        let source = pick.index(all.len());
        let (source, target) = (&all[source], &all[(source + 1) % all.len()]);
        let moved = source.iter().nth(pick.index(source.len())).unwrap();
        let at = target.first().unwrap();
        let before = incidents(&book);
        let Ok(fact) = book.move_alerts([moved], Some(at), &ada(12)) else { return Ok(()) };
        let mut undone = book.as_of(book.len()).unwrap();
        retract(&mut undone, fact);
        prop_assert_eq!(before, incidents(&undone));
        let all_of_them: BTreeSet<String> = source.union(target).cloned().collect();
        more(&mut book, &later, &after, &all_of_them);
        let now = members(&book, moved);
        prop_assert!(target.is_subset(&now), "{} with {:?}, not {:?}", moved, now, target);
        prop_assert!(!source.iter().any(|id| id != moved && now.contains(id)), "{:?} left {:?}", now, source);
        sound(&book);
        prop_assert_eq!(book.to_json(), reordered(&book, seed).to_json());
    }

    #[test]
    fn a_merge_holds_and_its_retraction_restores_the_bytes(
        alerts in random::records(14), decisions in random::decisions(4), later in random::records(8),
        after in random::decisions(6), pick in any::<prop::sample::Index>(), seed in any::<u64>(),
    ) {
        let mut book = worked_on(&Policy::default(), &alerts, &decisions);
        let queue = book.queue();
        prop_assume!(queue.len() > 1);
        let first = pick.index(queue.len());
        let (a, b) = (&queue[first].id, &queue[(first + 1) % queue.len()].id);
        let both: BTreeSet<String> = members(&book, a).union(&members(&book, b)).cloned().collect();
        let before = incidents(&book);
        let Ok(fact) = book.merge([a, b], &ada(12)) else { return Ok(()) };
        more(&mut book, &later, &after, &both);
        prop_assert!(both.is_subset(&members(&book, a)));
        prop_assert_eq!(book.to_json(), reordered(&book, seed).to_json());
        let at = book.facts().find(|f| f.id == fact).unwrap().position as usize;
        let mut undone = book.as_of(at + 1).unwrap();
        retract(&mut undone, fact);
        prop_assert_eq!(before, incidents(&undone));
    }
}
