//! Counterfactuals are smallest: brute force over all sets of facts finds none that is smaller.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests say with a panic what failed"
)]

use std::sync::atomic::{AtomicUsize, Ordering};

use casegraph::model::{Decision, FactId, Indicator, Retraction, Verdict};
use casegraph::verdict::{Counterfactual, Goal};
use casegraph::{Casebook, ErrorCode, Policy};
use casegraph_tests::{lines, policy, random, record};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x0CA5_E64A),
        max_shrink_iters: 500,
        ..ProptestConfig::default()
    }
}

/// The worst verdict of an entity, by any name that `ids` has for it, in one tenant.
fn worst(book: &Casebook, tenant: &str, ids: &[String]) -> Verdict {
    let incidents = book.incidents().filter(|i| i.tenant_id == tenant);
    let held = incidents.flat_map(|i| i.entities).filter(|e| ids.contains(&e.id));
    held.map(|e| e.verdict).max().unwrap_or(Verdict::Unknown)
}

fn reached(goal: Goal, verdict: &Verdict, wanted: &Verdict) -> bool {
    if goal == Goal::AtMost { verdict <= wanted } else { verdict >= wanted }
}

fn without(book: &Casebook, facts: &[FactId]) -> Casebook {
    let mut other = book.as_of(book.len()).unwrap();
    for fact in facts {
        other.retract(&Retraction::new(*fact, "ada").because("brute force")).unwrap();
    }
    other
}

static PROVED: AtomicUsize = AtomicUsize::new(0);
static SEVERAL: AtomicUsize = AtomicUsize::new(0);
static RAISED: AtomicUsize = AtomicUsize::new(0);

/// Alerts about few things, of which detectors think the worst, and lists that think otherwise.
fn dense() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let verdicts = ["unknown", "suspicious", "malicious"];
    let one =
        (0u8..9, 0usize..3, 0usize..3, 0usize..3, 0usize..2).prop_map(move |(id, host, verdict, other, address)| {
            let on = record::host(&format!("ws-{}", host / 2));
            let item = record::file(['a', 'b'][other / 2]);
            let from = record::ip(&format!("203.0.113.{}", 7 + address));
            let alert = record::alert(&format!("alert-{id:02}"), &format!("08:{id:02}")).set("tenantId", "tenant-a");
            let alert = alert.set("detectorId", format!("detector-{}", id % 4));
            alert
                .with(on)
                .with(item)
                .its("verdict", verdicts[verdict])
                .with(from)
                .its("verdict", verdicts[other])
                .line()
        });
    let listed = (0usize..3, any::<bool>()).prop_map(|(what, bad)| {
        let value = ["203.0.113.7", "203.0.113.8", "198.51.100.9"][what];
        json!({"kind": "ip", "value": value, "verdict": if bad { "suspicious" } else { "noThreatsFound" }}).to_string()
    });
    (prop::collection::vec(one, 1..6), prop::collection::vec(listed, 0..3))
}

fn either() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    prop_oneof![(random::records(5), random::indicators(2)), dense(), dense()]
}

proptest! {
    #![proptest_config(config(90))]

    fn no_smaller_set_of_facts_does_it(
        (records, indicators) in either(), decisions in random::decisions(1),
        pick in any::<prop::sample::Index>(), wanted in 0usize..4, tight in any::<bool>(),
    ) {
        let tight = tight.then(|| policy(r#"{"correlate": {"hubAssets": 2, "detectorRare": 1, "noisePerDay": 2, "calendarDays": 1}}"#));
        let mut book = Casebook::with_policy(tight.unwrap_or_default());
        // One tenant, as people who join alerts of two make incidents that have none.
        let records: Vec<String> = records.iter().map(|r| r.replace("tenant-b", "tenant-a")).collect();
        book.ingest("records", lines(&records).as_bytes()).unwrap();
        for indicator in &indicators {
            book.add_indicator(&Indicator::from_json(indicator).unwrap()).unwrap();
        }
        for decision in &decisions {
            let _ = book.decide(&Decision::from_json(decision).unwrap());
        }
        let all: Vec<(String, String, String)> = book.incidents()
            .flat_map(|i| i.entities.iter().map(|e| (i.tenant_id.clone(), i.id.clone(), e.id.clone())).collect::<Vec<_>>())
            .collect();
        prop_assume!(!all.is_empty());
        let (tenant, incident, entity) = &all[pick.index(all.len())];
        let aliases = book.entity(incident, entity).unwrap().aliases;
        let wanted = Verdict::ALL[wanted].clone();
        let saved = book.to_json();
        let found = book.counterfactual(incident, entity, wanted.clone(), Some(5_000)).unwrap();
        prop_assert_eq!(&book.to_json(), &saved);
        prop_assert_eq!(&found.verdict, &worst(&book, tenant, &aliases));

        let facts: Vec<FactId> = book.facts().map(|f| f.id).collect();
        // Of equally many, those with the least ids.
        let mut sets: Vec<Vec<FactId>> = (0u32..1 << facts.len())
            .map(|mask| (0..facts.len()).filter(|i| mask & (1 << i) != 0).map(|i| facts[i]).collect())
            .map(|mut set: Vec<FactId>| { set.sort_unstable(); set })
            .collect();
        sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        let most = found.without.as_ref().map_or(3, |w| w.facts.len()).min(4);
        let does = |set: &Vec<FactId>| reached(found.goal, &worst(&without(&book, set), tenant, &aliases), &wanted);
        let smallest = sets.iter().take_while(|set| set.len() <= most).find(|set| does(set));
        match (&found.without, smallest) {
            (Some(told), Some(smallest)) if found.minimal => {
                let told: Vec<FactId> = told.facts.iter().map(|f| FactId::parse(&f.id).unwrap()).collect();
                prop_assert_eq!(&told, smallest);
                PROVED.fetch_add(1, Ordering::Relaxed);
                SEVERAL.fetch_add(usize::from(told.len() > 1), Ordering::Relaxed);
                RAISED.fetch_add(usize::from(found.goal == Goal::AtLeast && !told.is_empty()), Ordering::Relaxed);
            }
            (_, Some(smallest)) => prop_assert!(smallest.len() > found.none_up_to, "{found:?} {smallest:?}"),
            (told, None) => prop_assert!(told.as_ref().is_none_or(|told| told.facts.len() > most)),
        }
        for with in &found.with {
            let mut other = book.as_of(book.len()).unwrap();
            if let Some(indicator) = &with.indicator {
                other.add_indicator(indicator).unwrap();
            }
            if let Some(decision) = &with.decision {
                other.decide(decision).unwrap();
            }
            let verdict = worst(&other, tenant, &aliases);
            prop_assert_eq!(&verdict, &with.verdict);
            prop_assert!(reached(found.goal, &verdict, &wanted));
        }
    }
}

#[test]
fn counterfactuals_are_minimal_by_brute_force() {
    no_smaller_set_of_facts_does_it();
    let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    assert!(of(&PROVED) > 40 && of(&SEVERAL) > 5 && of(&RAISED) > 0, "{PROVED:?} {SEVERAL:?} {RAISED:?}");
}

/// Three alerts of three detectors say of one file that it is malicious.
fn thrice() -> Casebook {
    let records: Vec<String> = ["a", "b", "c"]
        .iter()
        .map(|id| {
            record::alert(id, "08:00").with(record::host("ws-1")).with(record::file('a')).its("verdict", "malicious")
        })
        .map(|record| record.line())
        .collect();
    let mut book = Casebook::new();
    book.ingest("records", lines(&records).as_bytes()).unwrap();
    book
}

fn file(book: &Casebook) -> String {
    let incident = book.incident("a").unwrap();
    incident.entities.iter().find(|e| e.id.starts_with("file:")).unwrap().id.clone()
}

fn ask(book: &Casebook, wanted: Verdict, budget: u64) -> Counterfactual {
    book.counterfactual("a", &file(book), wanted, Some(budget)).unwrap()
}

#[test]
fn all_three_have_to_go_or_one_list_entry_comes() {
    let book = thrice();
    let found = ask(&book, Verdict::Clean, 1_000);
    assert_eq!((found.verdict.clone(), found.goal), (Verdict::Malicious, Goal::AtMost));
    let without = found.without.as_ref().unwrap();
    assert_eq!((without.facts.len(), found.none_up_to), (3, 2));
    assert!(found.minimal && found.complete, "{found:?}");
    assert_eq!(without.facts[0].text.split(' ').next(), Some("Alert"));
    let allowed = found.with.iter().find_map(|with| with.indicator.as_ref()).unwrap();
    assert_eq!((allowed.kind.as_str(), &allowed.verdict), ("file", &Verdict::Clean));
    assert!(found.with.iter().any(|with| with.decision.is_some()));
    let graver = book.counterfactual("a", "device:host:ws-1", Verdict::Malicious, None);
    let graver = graver.unwrap_or_else(|_| {
        let incident = book.incident("a").unwrap();
        let host = incident.entities.iter().find(|e| e.id.starts_with("device:")).unwrap();
        book.counterfactual("a", &host.id, Verdict::Malicious, None).unwrap()
    });
    assert_eq!(graver.goal, Goal::AtLeast);
    assert!(graver.without.is_none() && !graver.with.is_empty(), "{graver:?}");
    let same = ask(&book, Verdict::Malicious, 0);
    assert_eq!((same.without.unwrap().facts.len(), same.minimal, same.worlds), (0, true, 0));
}

#[test]
fn a_budget_that_ends_leaves_sound_bounds() {
    let book = thrice();
    for budget in 0..40 {
        let found = ask(&book, Verdict::Clean, budget);
        assert!(found.worlds <= budget, "{found:?}");
        assert!(found.none_up_to <= 2);
        assert!(found.without.as_ref().is_none_or(|w| w.facts.len() == 3), "{found:?}");
        assert_eq!(found.minimal, found.none_up_to == 2 && found.without.is_some(), "{found:?}");
        assert_eq!(found, ask(&book, Verdict::Clean, budget), "the same every time");
    }
    // Two for indicator and decision, three for the sets of one, then a set that does it.
    let found = ask(&book, Verdict::Clean, 9);
    assert!(!found.minimal && !found.complete && found.none_up_to == 1, "{found:?}");
}

#[test]
fn what_is_not_there_is_refused() {
    let book = thrice();
    let code = |alert: &str, entity: &str, verdict: Verdict| {
        book.counterfactual(alert, entity, verdict, None).unwrap_err().code()
    };
    assert_eq!(code("x", &file(&book), Verdict::Clean), ErrorCode::NotFound);
    assert_eq!(code("a", "ip:address:192.0.2.1", Verdict::Clean), ErrorCode::NotFound);
    assert_eq!(code("a", "x", Verdict::Clean), ErrorCode::InvalidArgument);
    assert_eq!(code("a", &file(&book), Verdict::parse("nice")), ErrorCode::InvalidArgument);
    assert_eq!(Policy::default().what_if.worlds, 2_000);
}
