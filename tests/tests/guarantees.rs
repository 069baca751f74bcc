//! The guarantees of the design, each held to random alert sets. The seed is fixed: a failure repeats.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use casegraph::model::{Decision, FactId, FactKind, Indicator, Retraction, Verdict};
use casegraph::{Casebook, IncidentSummary, IngestOptions, Policy};
use casegraph_tests::touch::touching;
use casegraph_tests::{book_with, incidents, lines, policy, random, record};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

/// `CASEGRAPH_SEED=7 CASEGRAPH_CASES=20` looks twenty times as far, from another start.
fn config(cases: u32) -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    ProptestConfig {
        cases: cases * number("CASEGRAPH_CASES").unwrap_or(1),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(u64::from(number("CASEGRAPH_SEED").unwrap_or(0x0CA5_E64A))),
        max_shrink_iters: 4_000,
        ..ProptestConfig::default()
    }
}

/// Everything but retractions; decisions that name no alert of the casebook are refused, which is fine.
fn feed(book: &mut Casebook, alerts: &[String], indicators: &[String], decisions: &[String]) {
    book.ingest("alerts", lines(alerts).as_bytes()).unwrap();
    for indicator in indicators {
        book.add_indicator(&Indicator::from_json(indicator).unwrap()).unwrap();
    }
    for decision in decisions {
        let _ = book.decide(&Decision::from_json(decision).unwrap());
    }
}

/// Limits so low that a dozen alerts reach them: hubs, noise, repeats, full incidents.
fn tight() -> Policy {
    policy(
        r#"{"correlate": {"hubAssets": 3, "detectorRare": 2, "noisePerDay": 3, "lookback": 2, "nearMisses": 2,
            "calendarDays": 1, "maxAlertsPerIncident": 5}}"#,
    )
}

fn either() -> impl Strategy<Value = Policy> {
    prop_oneof![Just(Policy::default()), Just(tight())]
}

fn shuffled(records: &[String], seed: u64) -> Vec<String> {
    let mut out = records.to_vec();
    let mut state = seed | 1;
    for i in (1..out.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.swap(i, (state >> 33) as usize % (i + 1));
    }
    out
}

fn retract(book: &mut Casebook, fact: FactId) -> FactId {
    book.retract(&Retraction::new(fact, "ada").because("test")).unwrap()
}

fn ids_from(book: &Casebook, from: usize) -> Vec<FactId> {
    book.facts().skip(from).map(|f| f.id).collect()
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn g1_order_batches_and_threads_change_no_byte(
        alerts in random::records(14), indicators in random::indicators(3), decisions in random::decisions(4),
        seed in any::<u64>(), cut in 0usize..15, threads in 2usize..5, policy in either(),
    ) {
        let mut plain = Casebook::with_policy(policy.clone());
        feed(&mut plain, &alerts, &indicators, &decisions);
        let expected = plain.to_json();

        let mixed = shuffled(&alerts, seed);
        let cut = cut.min(mixed.len());
        let mut other = Casebook::with_policy(policy.clone());
        other.ingest("second half", lines(&mixed[cut..]).as_bytes()).unwrap();
        for indicator in shuffled(&indicators, seed) {
            other.add_indicator(&Indicator::from_json(&indicator).unwrap()).unwrap();
        }
        // Asking in between derives, and must leave nothing behind.
        let _ = other.to_json();
        for record in &mixed[..cut] {
            other.ingest("one by one", record.as_bytes()).unwrap();
        }
        for decision in shuffled(&decisions, seed) {
            let _ = other.decide(&Decision::from_json(&decision).unwrap());
        }
        prop_assert_eq!(&expected, &other.to_json());

        let mut parallel = Casebook::with_policy(policy);
        let options = IngestOptions::new().with_threads(threads);
        parallel.ingest_with("threads", lines(&mixed).as_bytes(), options).unwrap();
        feed(&mut parallel, &[], &indicators, &decisions);
        prop_assert_eq!(&expected, &parallel.to_json());
    }

    #[test]
    fn g2_feeding_twice_is_feeding_once(
        alerts in random::records(10), indicators in random::indicators(2), decisions in random::decisions(3),
    ) {
        let mut book = Casebook::new();
        feed(&mut book, &alerts, &indicators, &decisions);
        let (before, facts) = (book.to_json(), book.len());
        feed(&mut book, &alerts, &indicators, &decisions);
        prop_assert_eq!(book.len(), facts);
        prop_assert_eq!(before, book.to_json());
        let report = book.ingest("again", lines(&alerts).as_bytes()).unwrap();
        prop_assert_eq!((report.new, report.duplicates), (0, alerts.len() as u64));
    }

    #[test]
    fn g3_retraction_leaves_nothing_and_can_be_withdrawn(
        first in random::records(8), second in random::records(6), indicators in random::indicators(2),
        decisions in random::decisions(3), policy in either(),
    ) {
        let mut book = book_with(policy, &first);
        let (alone, count) = (incidents(&book), book.len());
        feed(&mut book, &second, &indicators, &decisions);
        let (both, added) = (incidents(&book), ids_from(&book, count));
        let withdrawn: Vec<FactId> = added.iter().map(|fact| retract(&mut book, *fact)).collect();
        prop_assert_eq!(&alone, &incidents(&book));
        for fact in withdrawn {
            retract(&mut book, fact);
        }
        prop_assert_eq!(both, incidents(&book));
    }

    #[test]
    fn g4_as_of_is_a_fresh_casebook_with_the_first_facts(
        alerts in random::records(8), indicators in random::indicators(2), decisions in random::decisions(3),
        cut in any::<prop::sample::Index>(), target in any::<prop::sample::Index>(), policy in either(),
    ) {
        let mut book = Casebook::with_policy(policy.clone());
        feed(&mut book, &alerts, &indicators, &decisions);
        if !book.is_empty() {
            let target = ids_from(&book, 0)[target.index(book.len())];
            retract(&mut book, target);
        }
        let cut = cut.index(book.len() + 1);
        let mut fresh = Casebook::with_policy(policy.clone());
        for fact in book.facts().take(cut) {
            match fact.kind {
                FactKind::Alert => { fresh.ingest("fact", fact.json.as_bytes()).unwrap(); }
                FactKind::Indicator => { fresh.add_indicator(&Indicator::from_json(fact.json).unwrap()).unwrap(); }
                FactKind::Decision => { fresh.decide(&Decision::from_json(fact.json).unwrap()).unwrap(); }
                _ => { fresh.retract(&Retraction::from_json(fact.json).unwrap()).unwrap(); }
            }
        }
        prop_assert_eq!(fresh.to_json(), book.as_of(cut).unwrap().to_json());
        prop_assert_eq!(ids_from(&fresh, 0), ids_from(&book.as_of(cut).unwrap(), 0));

        let mut saved = Vec::new();
        book.save(&mut saved).unwrap();
        let loaded = Casebook::load(saved.as_slice(), policy).unwrap();
        prop_assert!(loaded.damage.is_empty());
        prop_assert_eq!(book.to_json(), loaded.casebook.to_json());
        let mut again = Vec::new();
        loaded.casebook.save(&mut again).unwrap();
        prop_assert_eq!(saved, again);
    }
}

/// Highest verdict of each entity, by tenant.
fn verdicts(book: &Casebook) -> BTreeMap<(String, String), Verdict> {
    let mut out = BTreeMap::new();
    for incident in book.incidents() {
        for entity in incident.entities {
            let slot = out.entry((incident.tenant_id.clone(), entity.id)).or_insert(Verdict::Unknown);
            *slot = entity.verdict.max(slot.clone());
        }
    }
    out
}

/// Alerts that hold each entity, by tenant.
fn holders(book: &Casebook) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut out: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for line in book.queue() {
        for edge in book.graph(&line.id).unwrap().to_json()["edges"].as_array().unwrap() {
            if edge["relation"] == "evidence" {
                let text = |name: &str| edge[name].as_str().unwrap().to_owned();
                out.entry((line.tenant_id.clone(), text("to"))).or_default().insert(text("from"));
            }
        }
    }
    out
}

static SETTLED: AtomicUsize = AtomicUsize::new(0);

/// Untouched incidents that were compared: a test that compares none says nothing.
static COMPARED: AtomicUsize = AtomicUsize::new(0);

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn g5_an_alert_changes_only_what_it_touches(
        alerts in random::distinct(0, 0..8), new in random::distinct(30, 1..2), indicators in random::indicators(2),
        policy in either(),
    ) {
        let mut book = Casebook::with_policy(policy);
        feed(&mut book, &alerts, &indicators, &[]);
        let touched: BTreeSet<String> = touching(&alerts, &new[0])
            .into_iter().enumerate().filter(|(_, t)| *t).map(|(n, _)| format!("alert-{n:02}")).collect();
        let members = |i: &IncidentSummary| -> Vec<String> {
            i.alerts.iter().flat_map(|a| std::iter::once(&a.id).chain(&a.repeats)).cloned().collect()
        };
        let before: Vec<IncidentSummary> = book.incidents().collect();
        feed(&mut book, &new, &[], &[]);
        let is_touched = |i: &IncidentSummary| members(i).iter().any(|id| touched.contains(id));
        for incident in before.iter().filter(|i| !is_touched(i)) {
            COMPARED.fetch_add(1, Ordering::Relaxed);
            let [mut old, mut now] = [incident, &book.incident(&incident.id).unwrap()].map(|i| json!(i));
            // A near miss names the incident it leads to, and follows when that one is touched.
            let leads_to_touched = |id: &str| before.iter().any(|i| i.id == id && is_touched(i));
            if incident.more_near_misses > 0 || incident.near_misses.iter().any(|n| leads_to_touched(&n.other_incident)) {
                for document in [&mut old, &mut now] {
                    document["nearMisses"].take();
                    document["moreNearMisses"].take();
                }
            }
            prop_assert_eq!(old, now);
        }
    }

    #[test]
    fn g6_more_alerts_lower_no_verdict(
        alerts in random::distinct(0, 0..8), more in random::distinct(30, 1..6), policy in either(),
    ) {
        let mut book = Casebook::with_policy(policy);
        feed(&mut book, &alerts, &[], &[]);
        let (before, held) = (verdicts(&book), holders(&book));
        feed(&mut book, &more, &[], &[]);
        // A name that turns out to be that of two things no longer leads to the stronger one: what was
        // said under it stays with the name (§4), and verdicts before and after speak of different things.
        let after = holders(&book);
        let withdrawn = held.iter().any(|(entity, alerts)| after.get(entity).is_none_or(|now| !now.is_superset(alerts)));
        if !withdrawn {
            SETTLED.fetch_add(1, Ordering::Relaxed);
            lowers_nothing(&before, &verdicts(&book))?;
        }
    }

    #[test]
    fn g6_incriminating_indicators_lower_no_verdict(
        alerts in random::distinct(0, 1..6), indicators in random::indicators(3),
    ) {
        let mut book = Casebook::new();
        feed(&mut book, &alerts, &[], &[]);
        let before = verdicts(&book);
        let bad = |text: &&String| Indicator::from_json(text).unwrap().verdict > Verdict::Clean;
        let bad: Vec<String> = indicators.iter().filter(bad).cloned().collect();
        feed(&mut book, &[], &bad, &[]);
        lowers_nothing(&before, &verdicts(&book))?;
    }
}

/// An entity that is known by a stronger name now has another id, and is not compared.
fn lowers_nothing(
    before: &BTreeMap<(String, String), Verdict>,
    after: &BTreeMap<(String, String), Verdict>,
) -> Result<(), TestCaseError> {
    for (entity, verdict) in before {
        if let Some(now) = after.get(entity) {
            prop_assert!(now >= verdict, "{:?} fell from {} to {}", entity, verdict, now);
        }
    }
    Ok(())
}

#[test]
fn g5_and_g6_compared_something() {
    g5_an_alert_changes_only_what_it_touches();
    assert!(COMPARED.load(Ordering::Relaxed) > 100, "{COMPARED:?}");
    g6_more_alerts_lower_no_verdict();
    assert!(SETTLED.load(Ordering::Relaxed) > 100, "{SETTLED:?}");
}

/// A value on so many assets that it links no more is judged as before on each of them.
#[test]
fn g6_a_file_that_spreads_to_a_hub_keeps_its_verdict() {
    let on = |n: usize| {
        record::alert(&format!("a{n:02}"), "08:00").with(record::host(&format!("h{n}"))).with(record::file('a'))
    };
    let mut records = vec![on(0).its("verdict", "malicious").line()];
    records.extend((1..31).map(|n| on(n).line()));
    let mut book = book_with(Policy::default(), &records);
    let of = |book: &Casebook| {
        book.incident("a07").unwrap().entities.into_iter().find(|e| e.id.starts_with("file:")).unwrap()
    };
    assert_eq!(of(&book).verdict, Verdict::Malicious);
    book.ingest("one more host", on(31).line().as_bytes()).unwrap();
    assert_eq!(of(&book).verdict, Verdict::Malicious, "on the seventh host, once 32 hosts have it");
}
