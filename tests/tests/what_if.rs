//! What-ifs and diffs say what a casebook in which it had happened would say, and change nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests say with a panic what failed"
)]

use std::collections::{BTreeMap, BTreeSet};

use casegraph::model::{Choice, Decision, FactId, FactKind, Indicator, Retraction, Time, Verdict};
use casegraph::rules::RuleSet;
use casegraph::summary::{CauseKind, Impact, IncidentChange};
use casegraph::{Casebook, Change, ErrorCode, IncidentSummary, Policy, Side};
use casegraph_tests::{lines, policy, random, record};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x0CA5_E64A),
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    }
}

fn one_tenant(alert: &str) -> String {
    alert.replace("tenant-b", "tenant-a")
}

/// With people who join alerts everything is of one tenant: what they make of two has no one tenant to be told by.
fn feed(book: &mut Casebook, alerts: &[String], indicators: &[String], decisions: &[String]) {
    let alerts: Vec<String> = alerts.iter().map(|alert| one_tenant(alert)).collect();
    book.ingest("alerts", lines(&alerts).as_bytes()).unwrap();
    for indicator in indicators {
        book.add_indicator(&Indicator::from_json(indicator).unwrap()).unwrap();
    }
    for decision in decisions {
        let _ = book.decide(&Decision::from_json(decision).unwrap());
    }
}

fn two_tenants(book: &mut Casebook, alerts: &[String], indicators: &[String]) {
    book.ingest("alerts", lines(alerts).as_bytes()).unwrap();
    feed(book, &[], indicators, &[]);
}

fn either() -> impl Strategy<Value = Policy> {
    let tight = policy(
        r#"{"correlate": {"hubAssets": 3, "detectorRare": 2, "noisePerDay": 3, "lookback": 2, "nearMisses": 2,
            "calendarDays": 1, "maxAlertsPerIncident": 5}}"#,
    );
    prop_oneof![Just(Policy::default()), Just(tight)]
}

fn log(book: &Casebook) -> Vec<u8> {
    let mut out = Vec::new();
    book.save(&mut out).unwrap();
    out
}

fn alerts(incident: &IncidentSummary) -> BTreeSet<String> {
    let ids = incident.alerts.iter().flat_map(|a| std::iter::once(&a.id).chain(&a.repeats));
    ids.map(|id| format!("{}/{id}", incident.tenant_id)).collect()
}

fn state(incident: &IncidentSummary) -> Value {
    let chain = &incident.kill_chain;
    let stages: Vec<&str> = chain.stages.iter().filter(|s| s.observed).map(|s| s.tactic).collect();
    json!({
        "id": incident.id, "tenantId": incident.tenant_id, "title": incident.title, "severity": incident.severity,
        "priority": incident.priority.score, "band": incident.priority.band,
        "contributions": incident.priority.contributions, "stages": stages, "progress": chain.progress,
        "alerts": alerts(incident).len(),
    })
}

fn worst<'i>(incidents: &[&'i IncidentSummary]) -> BTreeMap<&'i str, (f64, Verdict, &'i str)> {
    let mut out: BTreeMap<&str, (f64, Verdict, &str)> = BTreeMap::new();
    for line in incidents.iter().flat_map(|i| &i.entities) {
        let held = out.entry(&line.id).or_insert((line.score, line.verdict.clone(), &line.name));
        if (line.score, &line.verdict) > (held.0, &held.1) {
            *held = (line.score, line.verdict.clone(), &line.name);
        }
    }
    out
}

/// What an impact has to say, told from the summaries of two casebooks: groups of incidents that share alerts,
/// their states, and the verdicts that differ. In an order of its own, without names and causes.
fn expected(old: &Casebook, new: &Casebook) -> Vec<Value> {
    let (old, new): (Vec<_>, Vec<_>) = (old.incidents().collect(), new.incidents().collect());
    let all: Vec<(bool, &IncidentSummary)> =
        old.iter().map(|i| (false, i)).chain(new.iter().map(|i| (true, i))).collect();
    let mut group: Vec<usize> = (0..all.len()).collect();
    loop {
        let before = group.clone();
        for i in 0..all.len() {
            for j in 0..all.len() {
                if !alerts(all[i].1).is_disjoint(&alerts(all[j].1)) {
                    let least = group[i].min(group[j]);
                    (group[i], group[j]) = (least, least);
                }
            }
        }
        if group == before {
            break;
        }
    }
    let mut out = Vec::new();
    for root in group.iter().copied().collect::<BTreeSet<_>>() {
        let side = |after: bool| -> Vec<&IncidentSummary> {
            let members = all.iter().zip(&group).filter(|((side, _), g)| **g == root && *side == after);
            let mut list: Vec<_> = members.map(|((_, i), _)| *i).collect();
            list.sort_by(|a, b| a.id.cmp(&b.id));
            list
        };
        let (was, is) = (side(false), side(true));
        let states = |list: &[&IncidentSummary]| list.iter().map(|i| state(i)).collect::<Vec<_>>();
        let (a, b) = (worst(&was), worst(&is));
        let ids: BTreeSet<&str> = a.keys().chain(b.keys()).copied().collect();
        let said = |of: Option<&(f64, Verdict, &str)>| of.map(|(score, verdict, _)| json!([verdict, score]));
        let verdicts: Vec<Value> = ids
            .into_iter()
            .map(|id| json!({"entity": id, "before": said(a.get(id)), "after": said(b.get(id))}))
            .filter(|v| v["before"] != v["after"])
            .collect();
        let held = |list: &[&IncidentSummary]| list.iter().flat_map(|i| alerts(i)).collect::<BTreeSet<_>>();
        if states(&was) != states(&is) || !verdicts.is_empty() || held(&was) != held(&is) {
            out.push(json!({"before": states(&was), "after": states(&is), "verdicts": verdicts}));
        }
    }
    sorted(out)
}

fn sorted(mut list: Vec<Value>) -> Vec<Value> {
    list.sort_by_key(|group| format!("{}{}", group["before"], group["after"]));
    list
}

/// An impact in the form of [`expected`].
fn told(impact: &Impact) -> Vec<Value> {
    let by_id = |list: Value| {
        let mut list = list.as_array().unwrap().clone();
        list.sort_by_key(|state| state["id"].as_str().unwrap().to_owned());
        list
    };
    let groups = impact.incidents.iter().map(|incident| {
        let verdicts: Vec<Value> = incident
            .verdicts
            .iter()
            .map(|v| json!({"entity": v.entity, "before": v.before, "after": v.after}))
            .collect();
        json!({"before": by_id(json!(incident.before)), "after": by_id(json!(incident.after)), "verdicts": verdicts})
    });
    sorted(groups.collect())
}

fn same(impact: &Impact, old: &Casebook, new: &Casebook) -> Result<(), TestCaseError> {
    prop_assert_eq!(told(impact), expected(old, new));
    let counts = (impact.incidents_before, impact.incidents_after);
    prop_assert_eq!(counts, (old.queue().len(), new.queue().len()));
    let all = |book: &Casebook| book.incidents().flat_map(|i| alerts(&i)).collect::<BTreeSet<_>>();
    let (was, is) = (all(old), all(new));
    prop_assert_eq!(impact.new_alerts.len(), is.difference(&was).count());
    prop_assert_eq!(impact.gone_alerts.len(), was.difference(&is).count());
    for incident in &impact.incidents {
        let shape = (incident.before.len(), incident.after.len());
        let fits = match incident.change {
            IncidentChange::Formed => shape.0 == 0,
            IncidentChange::Ended => shape.1 == 0,
            IncidentChange::Joined => shape.0 > 1 && shape.1 == 1,
            IncidentChange::Split => shape.0 == 1 && shape.1 > 1,
            IncidentChange::Grown => shape == (1, 1) && incident.after[0].alerts > incident.before[0].alerts,
            IncidentChange::Shrunk => shape == (1, 1) && incident.after[0].alerts < incident.before[0].alerts,
            _ => shape.0 > 0 && shape.1 > 0,
        };
        prop_assert!(fits, "{:?} {:?}", incident.change, shape);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn without_a_fact_is_a_casebook_in_which_it_was_retracted(
        records in random::records(12), indicators in random::indicators(3), decisions in random::decisions(4),
        which in prop::collection::vec(any::<prop::sample::Index>(), 1..4), policy in either(),
    ) {
        let mut book = Casebook::with_policy(policy);
        feed(&mut book, &records, &indicators, &decisions);
        prop_assume!(!book.is_empty());
        let ids: Vec<FactId> = book.facts().map(|f| f.id).collect();
        // A withdrawn fact, whose retraction may be among those left out.
        let retracted = book.retract(&Retraction::new(ids[0], "ada")).unwrap();
        let mut facts: Vec<FactId> = which.iter().map(|i| ids[i.index(ids.len())]).collect();
        if which[0].index(3) == 0 {
            facts.push(retracted);
        }
        let (before, saved) = (book.to_json(), log(&book));
        let impact = book.what_if(&facts.iter().map(|f| Change::Without(*f)).collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(&before, &book.to_json());
        prop_assert_eq!(&saved, &log(&book));
        let mut other = book.as_of(book.len()).unwrap();
        for fact in &facts {
            other.retract(&Retraction::new(*fact, "ada").because("test")).unwrap();
        }
        same(&impact, &book, &other)?;
    }

    #[test]
    fn with_facts_is_a_casebook_that_was_given_them(
        records in random::records(10), more in random::records(4), indicators in random::indicators(2),
        decisions in random::decisions(3), policy in either(),
    ) {
        let mut book = Casebook::with_policy(policy);
        feed(&mut book, &records, &[], &[]);
        let (before, saved) = (book.to_json(), log(&book));
        let mut other = book.as_of(book.len()).unwrap();
        feed(&mut other, &more, &[], &[]);
        let mut changes: Vec<Change> = more.iter().map(|r| Change::Records(one_tenant(r))).collect();
        for indicator in &indicators {
            let indicator = Indicator::from_json(indicator).unwrap();
            other.add_indicator(&indicator).unwrap();
            changes.push(Change::Indicator(indicator));
        }
        for decision in &decisions {
            let decision = Decision::from_json(decision).unwrap();
            if other.decide(&decision).is_ok() {
                changes.push(Change::Decision(decision));
            }
        }
        let impact = book.what_if(&changes).unwrap();
        prop_assert_eq!(&before, &book.to_json());
        prop_assert_eq!(&saved, &log(&book));
        same(&impact, &book, &other)?;
    }

    #[test]
    fn what_people_and_lists_say_needs_no_new_incidents(
        records in random::records(12), indicators in random::indicators(4), verdicts in 0u8..4,
    ) {
        let mut book = Casebook::new();
        two_tenants(&mut book, &records, &indicators);
        let verdict = ["unknown", "noThreatsFound", "suspicious", "malicious"][usize::from(verdicts)];
        let decision = json!({"decision": "setVerdict", "entity": "ip:address:203.0.113.7", "verdict": verdict,
            "by": "ada", "at": "2026-04-01T00:00:00Z"});
        let decision = Decision::from_json(&decision.to_string()).unwrap();
        let listed = Indicator::new("ip", "203.0.113.7", Verdict::Malicious).with_confidence(55);
        let first = book.facts().find(|f| f.kind == FactKind::Indicator).map(|f| f.id);
        let mut changes = vec![Change::Decision(decision.clone()), Change::Indicator(listed.clone())];
        changes.extend(first.map(Change::Without));
        let impact = book.what_if(&changes).unwrap();
        let mut other = book.as_of(book.len()).unwrap();
        other.decide(&decision).unwrap();
        other.add_indicator(&listed).unwrap();
        if let Some(first) = first {
            other.retract(&Retraction::new(first, "ada")).unwrap();
        }
        same(&impact, &book, &other)?;
    }

    #[test]
    fn between_log_positions_is_between_casebooks_of_then_and_mirrors(
        records in random::records(10), indicators in random::indicators(2), decisions in random::decisions(3),
        a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(), policy in either(),
    ) {
        let mut book = Casebook::with_policy(policy);
        feed(&mut book, &records, &indicators, &decisions);
        let first = book.facts().next().map(|f| f.id);
        if let Some(id) = first {
            book.retract(&Retraction::new(id, "ada")).unwrap();
        }
        let (a, b) = (a.index(book.len() + 1), b.index(book.len() + 1));
        let there = book.diff(&Side::at(a), &Side::at(b)).unwrap();
        same(&there, &book.as_of(a).unwrap(), &book.as_of(b).unwrap())?;
        let back = book.diff(&Side::at(b), &Side::at(a)).unwrap();
        mirrors(&there, &back)?;
        prop_assert!(book.diff(&Side::at(a), &Side::at(a)).unwrap().is_empty());
        prop_assert!(book.what_if(&[]).unwrap().is_empty());
    }

    #[test]
    fn between_policies_is_between_casebooks_under_them(records in random::records(12), indicators in random::indicators(2)) {
        let mut book = Casebook::new();
        two_tenants(&mut book, &records, &indicators);
        let other = policy(r#"{"correlate": {"threshold": 0.6}, "judge": {"severity": [0, 0, 20, 40, 60]},
            "summary": {"assets": 0.1}, "limits": {"evidencePerAlert": 2}}"#);
        let mut there = Casebook::with_policy(other.clone());
        two_tenants(&mut there, &records, &indicators);
        let impact = book.diff(&Side::now(), &Side::now().with_policy(other.clone())).unwrap();
        same(&impact, &book, &there)?;
        let same_again = book.what_if(&[Change::Policy(Box::new(other.clone()))]).unwrap();
        prop_assert_eq!(&impact, &same_again);
        mirrors(&impact, &book.diff(&Side::now().with_policy(other), &Side::now()).unwrap())?;
        let names: BTreeSet<&str> =
            ["correlate.threshold", "judge.severity", "summary.assets", "limits.evidencePerAlert"].into();
        for incident in &impact.incidents {
            prop_assert!(incident.cause.by.iter().all(|name| names.contains(name.as_str())));
            prop_assert!(!incident.cause.by.is_empty());
        }
    }

    /// What is said to do something alone does it, and of several that only do it together none does.
    #[test]
    fn causes_hold_when_they_are_tried(records in random::records(10), indicators in random::indicators(3), policy in either()) {
        let mut book = Casebook::with_policy(policy);
        two_tenants(&mut book, &records, &indicators);
        let facts: Vec<FactId> = book.facts().map(|f| f.id).take(4).collect();
        let impact = book.what_if(&facts.iter().map(|f| Change::Without(*f)).collect::<Vec<_>>()).unwrap();
        for fact in &facts {
            let alone = book.what_if(&[Change::Without(*fact)]).unwrap();
            for incident in &impact.incidents {
                let named = incident.cause.by.contains(&fact.to_string());
                let does = alone.incidents.iter().any(|i| (&i.before, &i.after) == (&incident.before, &incident.after));
                prop_assert_eq!(does, named && incident.cause.how == CauseKind::Alone);
                for verdict in &incident.verdicts {
                    let named = verdict.cause.by.contains(&fact.to_string());
                    let all = alone.incidents.iter().filter(|i| tenant(i) == tenant(incident)).flat_map(|i| &i.verdicts);
                    let does = all.into_iter().any(|v| {
                        (&v.entity, &v.before, &v.after) == (&verdict.entity, &verdict.before, &verdict.after)
                    });
                    prop_assert_eq!(does, named && verdict.cause.how == CauseKind::Alone);
                }
            }
        }
    }
}

fn tenant(incident: &casegraph::summary::IncidentImpact) -> &str {
    &incident.before.iter().chain(&incident.after).next().unwrap().tenant_id
}

fn mirrors(there: &Impact, back: &Impact) -> Result<(), TestCaseError> {
    let flipped = |list: Vec<Value>| {
        let flip = |group: &Value| {
            let verdicts = group["verdicts"].as_array().unwrap().iter();
            let verdicts: Vec<Value> =
                verdicts.map(|v| json!({"entity": v["entity"], "before": v["after"], "after": v["before"]})).collect();
            json!({"before": group["after"], "after": group["before"], "verdicts": verdicts})
        };
        sorted(list.iter().map(flip).collect())
    };
    prop_assert_eq!(told(there), flipped(told(back)));
    prop_assert_eq!((there.incidents_before, there.incidents_after), (back.incidents_after, back.incidents_before));
    let ids = |list: &[casegraph::summary::ImpactAlert]| list.iter().map(|a| a.id.clone()).collect::<BTreeSet<_>>();
    prop_assert_eq!(ids(&there.new_alerts), ids(&back.gone_alerts));
    prop_assert_eq!(ids(&there.gone_alerts), ids(&back.new_alerts));
    Ok(())
}

const RULES: &str = r"
title: Sign-in failed
id: 33333333-3333-4333-8333-333333333333
name: failed
logsource: {product: windows, service: security}
detection:
    selection: {EventID: 4625}
    condition: selection
level: informational
---
title: Log cleared
id: 55555555-5555-4555-8555-555555555555
logsource: {product: windows, service: security}
detection:
    selection: {EventID: 1102}
    condition: selection
level: high
---
title: Passwords guessed
id: 44444444-4444-4444-8444-444444444444
correlation:
    type: event_count
    rules: [failed]
    group-by: [TargetUserName]
    timespan: 10m
    condition: {gte: 3}
level: high
---
title: Guest
id: 66666666-6666-4666-8666-666666666666
logsource: {product: casegraph, category: user}
detection:
    selection: {userAccount.accountName: grace}
    condition: selection
verdict: malicious
confidence: 95
";

fn rules(text: &str) -> RuleSet {
    RuleSet::builder().add_text("test.yml", text).build().unwrap()
}

fn event(id: u32, second: u32, user: &str) -> String {
    json!({
        "Channel": "Security", "EventID": id, "Computer": "dc-1.example.com", "@timestamp": format!("2026-03-02T09:00:{second:02}Z"),
        "TargetUserName": user, "TargetDomainName": "EXAMPLE", "SubjectUserName": user, "IpAddress": "203.0.113.9",
    })
    .to_string()
}

/// Four failed sign-ins, which are a sequence, and a cleared log.
fn guessed() -> Casebook {
    let mut book = Casebook::new();
    book.set_rules(rules(RULES)).unwrap();
    let events: Vec<String> =
        [(4625, 10), (4625, 20), (4625, 30), (4625, 40), (1102, 50)].map(|(id, at)| event(id, at, "grace")).to_vec();
    book.ingest("events", lines(&events).as_bytes()).unwrap();
    assert_eq!(book.incidents().map(|i| i.alerts.len()).sum::<usize>(), 2);
    book
}

#[test]
fn without_an_event_its_alerts_and_sequences_go() {
    let book = guessed();
    let before = (book.to_json(), log(&book));
    let events: Vec<FactId> = book.facts().map(|f| f.id).collect();
    for without in [&events[..1], &events[1..3], &events[4..], &events[..]] {
        let impact = book.what_if(&without.iter().map(|f| Change::Without(*f)).collect::<Vec<_>>()).unwrap();
        let mut other = book.as_of(book.len()).unwrap();
        for fact in without {
            other.retract(&Retraction::new(*fact, "ada")).unwrap();
        }
        same(&impact, &book, &other).unwrap();
        assert!(!impact.is_empty());
    }
    let impact = book.what_if(&[Change::Without(events[4])]).unwrap();
    assert_eq!(impact.gone_alerts.iter().map(|a| a.title.as_str()).collect::<Vec<_>>(), ["Log cleared"]);
    assert_eq!(impact.gone_alerts[0].fact, events[4].to_string());
    assert_eq!((book.to_json(), log(&book)), before);
}

#[test]
fn with_an_event_a_sequence_grows() {
    let book = guessed();
    let more = event(4625, 45, "grace");
    let impact = book.what_if(&[Change::Records(more.clone())]).unwrap();
    let mut other = book.as_of(book.len()).unwrap();
    other.ingest("more", more.as_bytes()).unwrap();
    same(&impact, &book, &other).unwrap();
}

#[test]
fn a_rule_that_is_off_withdraws_what_it_made() {
    let book = guessed();
    let before = (book.to_json(), log(&book));
    let parts: Vec<&str> = RULES.split("---").collect();
    let names = ["33333333-3333-4333-8333-333333333333", "Log cleared", "Passwords guessed", "Guest"];
    for off in [&[0][..], &[1], &[2], &[3], &[1, 3], &[0, 1, 2, 3]] {
        let rest: Vec<&str> = (0..4).filter(|i| !off.contains(i)).map(|i| parts[i]).collect();
        let mut other = book.as_of(book.len()).unwrap();
        other.set_rules(rules(&rest.join("---"))).unwrap_or_else(|e| panic!("{e}"));
        let changes: Vec<Change> = off.iter().map(|i| Change::RuleOff(names[*i].to_owned())).collect();
        let impact = book.what_if(&changes).unwrap();
        same(&impact, &book, &other).unwrap();
        assert!(!impact.is_empty(), "{off:?}");
        let others = other.rules().unwrap().clone();
        assert_eq!(told(&book.impact(&others).unwrap()), told(&impact), "the same set, given whole");
        assert_eq!(told(&book.what_if(&[Change::Rules(others)]).unwrap()), told(&impact));
    }
    let impact = book.what_if(&[Change::RuleOff("Guest".into()), Change::RuleOff("Log cleared".into())]).unwrap();
    assert_eq!(impact.gone_alerts[0].cause.by, ["55555555-5555-4555-8555-555555555555"]);
    let user = impact.incidents.iter().flat_map(|i| &i.verdicts).find(|v| v.name.contains("grace")).unwrap();
    assert_eq!(
        (user.cause.how, user.cause.by.as_slice()),
        (CauseKind::Alone, &["66666666-6666-4666-8666-666666666666".to_owned()][..])
    );
    assert_eq!((book.to_json(), log(&book)), before);
}

#[test]
fn between_rules_the_rules_are_the_causes_and_it_mirrors() {
    let book = guessed();
    let (old, new) = (rules(RULES), rules(&RULES.replace("confidence: 95", "confidence: 40").replace("1102", "1103")));
    let there = book.diff(&Side::now().with_rules(old.clone()), &Side::now().with_rules(new.clone())).unwrap();
    let back = book.diff(&Side::now().with_rules(new), &Side::now().with_rules(old.clone())).unwrap();
    mirrors(&there, &back).unwrap();
    assert_eq!(there.gone_alerts[0].cause.by, ["55555555-5555-4555-8555-555555555555"]);
    assert!(book.diff(&Side::now().with_rules(old.clone()), &Side::now().with_rules(old)).unwrap().is_empty());
}

#[test]
fn between_positions_sequences_are_those_of_then() {
    let book = guessed();
    for (a, b) in [(0, 3), (2, 5), (3, 4), (5, 1), (4, 4)] {
        let impact = book.diff(&Side::at(a), &Side::at(b)).unwrap();
        same(&impact, &book.as_of(a).unwrap(), &book.as_of(b).unwrap()).unwrap();
    }
}

/// Two hosts with one address each, and a file on both.
fn two_hosts() -> Casebook {
    let mut book = Casebook::new();
    let records = [
        record::alert("a", "08:00").with(record::host("ws-1")).with(record::file('a')).line(),
        record::alert("b", "08:30").with(record::host("ws-2")).with(record::file('a')).line(),
        record::alert("c", "09:00").with(record::host("ws-2")).with(record::ip("203.0.113.7")).line(),
    ];
    book.ingest("records", lines(&records).as_bytes()).unwrap();
    book
}

#[test]
fn changes_are_named_as_an_analyst_would() {
    let book = two_hosts();
    assert_eq!(book.queue().len(), 1);
    let fact = |id: &str| book.incident(id).unwrap().alerts.iter().find(|a| a.id == id).unwrap().fact.clone();
    let without = |id: &str| Change::Without(FactId::parse(&fact(id)).unwrap());
    let impact = book.what_if(&[without("b")]).unwrap();
    let [split] = impact.incidents.as_slice() else { panic!("{impact:?}") };
    assert_eq!((split.change, split.before.len(), split.after.len()), (IncidentChange::Split, 1, 2));
    assert_eq!((split.cause.how, split.cause.by.clone()), (CauseKind::Alone, vec![fact("b")]));
    let impact = book.what_if(&[without("b"), without("c")]).unwrap();
    assert_eq!(impact.incidents[0].change, IncidentChange::Shrunk);
    assert_eq!(impact.incidents[0].cause.how, CauseKind::Together);
    assert_eq!(impact.gone_alerts.iter().map(|a| a.cause.by.clone()).collect::<Vec<_>>(), [[fact("b")], [fact("c")]]);
    let all = book.what_if(&[without("a"), without("b"), without("c")]).unwrap();
    assert_eq!(all.incidents[0].change, IncidentChange::Ended);
    let empty = Casebook::new();
    let impact = empty.what_if(&[Change::Records(record::alert("a", "08:00").with(record::host("x")).line())]).unwrap();
    assert_eq!((impact.incidents[0].change, impact.new_alerts.len()), (IncidentChange::Formed, 1));
}

#[test]
fn what_means_nothing_is_refused() {
    let book = two_hosts();
    let unknown = FactId::parse(&"0".repeat(64)).unwrap();
    let code = |changes: &[Change]| book.what_if(changes).unwrap_err().code();
    assert_eq!(code(&[Change::Without(unknown)]), ErrorCode::NotFound);
    assert_eq!(code(&[Change::RuleOff("x".into())]), ErrorCode::NotFound);
    assert_eq!(code(&[Change::Records("{".into())]), ErrorCode::InvalidArgument);
    assert_eq!(code(&[Change::Records(String::new())]), ErrorCode::InvalidArgument);
    assert_eq!(
        code(&[Change::Indicator(Indicator::new("planet", "mars", Verdict::Malicious))]),
        ErrorCode::InvalidArgument
    );
    let at = Time::parse("2026-03-12T09:00:00Z").unwrap();
    assert_eq!(code(&[Change::Decision(Decision::new(Choice::Join, "ada", at).about(["x"]))]), ErrorCode::NotFound);
    assert_eq!(book.diff(&Side::at(9), &Side::now()).unwrap_err().code(), ErrorCode::InvalidArgument);
}

#[test]
fn changes_and_sides_are_read_from_json() {
    let book = two_hosts();
    let fact = book.facts().next().unwrap().id;
    let list = json!([
        {"without": fact}, {"alert": {"id": "z"}}, {"indicator": {"kind": "ip", "value": "203.0.113.7", "verdict": "malicious"}},
        {"decision": {"decision": "join", "by": "ada", "at": "2026-03-12T09:00:00Z", "alerts": ["a", "b"]}},
        {"ruleOff": "x"}, {"policy": {"correlate": {"threshold": 0.5}}},
    ]);
    let changes = Change::list_from_json(&list.to_string(), book.policy()).unwrap();
    assert_eq!(changes.len(), 6);
    let Change::Policy(changed) = &changes[5] else { panic!("{changes:?}") };
    assert_eq!((changed.correlate.threshold, changed.correlate.lookback), (0.5, 8));
    for bad in [
        "{}",
        "[",
        "[{}]",
        r#"[{"with": 1}]"#,
        r#"[{"without": "x"}]"#,
        r#"[{"policy": 1}]"#,
        r#"[{"policy": {"x": 1}}]"#,
    ] {
        let error = Change::list_from_json(bad, book.policy()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{bad}");
        assert!(error.message().starts_with("not a"), "{bad}: {}", error.message());
    }
    assert!(
        book.diff(
            &Side::from_json(r#"{"facts": 1}"#, book.policy()).unwrap(),
            &Side::from_json("{}", book.policy()).unwrap()
        )
        .is_ok()
    );
    assert!(Side::from_json(r#"{"fact": 1}"#, book.policy()).is_err());
}

/// More changes than may be tried: the facts of alerts that come are named, and nothing is claimed.
#[test]
fn over_the_limit_causes_are_not_claimed() {
    let mut book = Casebook::with_policy(policy(r#"{"whatIf": {"causes": 2}}"#));
    let records: Vec<String> = ["a", "b", "c", "d"]
        .iter()
        .map(|id| record::alert(id, "08:00").with(record::host("ws-1")).with(record::file('a')).line())
        .collect();
    book.ingest("records", lines(&records).as_bytes()).unwrap();
    let impact = book.diff(&Side::at(1), &Side::now()).unwrap();
    assert_eq!(impact.new_alerts.len(), 3);
    assert!(impact.new_alerts.iter().all(|a| a.cause.how == CauseKind::Untried && a.cause.by == [a.fact.clone()]));
    assert_eq!((impact.incidents[0].cause.how, impact.incidents[0].cause.by.len()), (CauseKind::Untried, 3));
}
