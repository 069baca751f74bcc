//! Verdicts as proofs: every proof that the engine gives passes the checker, and nothing else does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests say with a panic what failed"
)]

use std::collections::{BTreeMap, BTreeSet};

use casegraph::model::{FactId, FactKind, Verdict};
use casegraph::verdict::{Authority, Checker, Explanation, FlawKind, check};
use casegraph::{Casebook, Policy};
use casegraph_tests::proof::{Parts, book, mutations, parts, proofs, without};
use casegraph_tests::{book as book_of, policy, record};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

/// `CASEGRAPH_SEED=7 CASEGRAPH_CASES=50` looks fifty times as far, from another start.
fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// So many random casebooks of up to `most` alerts.
fn casebooks(count: u32, most: usize) -> impl Iterator<Item = (Parts, Casebook)> {
    let seed = u64::from(number("CASEGRAPH_SEED", 0x9200_F5ED));
    let mut runner =
        TestRunner::new(Config { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() });
    (0..count * number("CASEGRAPH_CASES", 1)).map(move |_| {
        let parts = parts(most).new_tree(&mut runner).unwrap().current();
        let book = book(&parts);
        (parts, book)
    })
}

fn checker(book: &Casebook) -> Checker<'_> {
    Checker::new(book.facts(), book.rules(), book.policy()).unwrap()
}

/// What was met, so that a generator that makes nothing of some sort is noticed.
#[derive(Debug, Default)]
struct Met(BTreeMap<String, usize>);

impl Met {
    fn proof(&mut self, proof: &Explanation) {
        let mut meet = |what: String| *self.0.entry(what).or_default() += 1;
        meet(format!("{:?}", proof.authority));
        meet(proof.verdict.to_string());
        proof.spared.iter().for_each(|_| meet("spared".into()));
        proof.examined.first().iter().for_each(|_| meet("examined".into()));
        proof.limits.iter().for_each(|_| meet("limit".into()));
        proof.path.iter().filter(|step| step.capped.is_some()).for_each(|_| meet("capped".into()));
        if proof.impacted {
            meet("impacted".into());
        }
        meet(format!("{} steps", proof.path.len().min(3)));
        for said in &proof.overruled {
            meet(said.overruled_by.clone().unwrap());
        }
    }

    fn all(&self, wanted: &[&str]) {
        for what in wanted {
            assert!(self.0.contains_key(*what), "no `{what}` among {:?}", self.0);
        }
    }
}

#[test]
fn every_proof_of_random_casebooks_passes_the_checker() {
    let (mut met, mut count) = (Met::default(), 0);
    for (parts, book) in casebooks(100, 12) {
        let checker = checker(&book);
        for proof in proofs(&book) {
            met.proof(&proof);
            count += 1;
            if let Err(flaw) = checker.check(&proof) {
                panic!("{flaw}\n{}\n{parts:#?}", proof.tree());
            }
            let read = Explanation::from_json(&proof.to_json()).unwrap();
            assert_eq!(read, proof);
        }
    }
    println!("{count} proofs, {met:?}");
    met.all(&[
        "Analyst",
        "Indicator",
        "Direct",
        "Association",
        "None",
        "malicious",
        "suspicious",
        "noThreatsFound",
        "unknown",
        "spared",
        "examined",
        "limit",
        "impacted",
        "1 steps",
        "2 steps",
        "an analyst decided",
        "a later decision stands",
        "an indicator decides",
        "a block beats an allow",
        "an exculpating rule fits",
        "other opinions weigh more",
    ]);
}

#[test]
fn proofs_are_as_their_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../../core/schema/proof-1.json")).unwrap();
    let validator = jsonschema::draft202012::options().build(&schema).unwrap();
    let mut counts = [0, 0];
    for (_, book) in casebooks(8, 10) {
        for proof in proofs(&book) {
            let within = book.explain_within(&proof.basis.incident[0].alert, &proof.entity, 30).unwrap();
            for why in [&proof, &within] {
                let errors: Vec<String> =
                    validator.iter_errors(&json!(why)).map(|e| format!("{}: {e}", e.instance_path())).collect();
                assert_eq!(errors, [""; 0], "{}", why.tree());
            }
            // A member more is refused.
            let mut more = json!(proof);
            more["opinion"] = json!([]);
            assert!(!validator.is_valid(&more));
            counts[usize::from(within.undecided.is_some())] += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 10), "{counts:?}");
}

#[test]
fn every_change_of_a_proof_fails() {
    let (wanted, mut tried, mut changed) = (20 * number("CASEGRAPH_CASES", 1) as usize, 0, 0);
    'all: for (_, book) in casebooks(400, 6) {
        let checker = checker(&book);
        // Some of each book: proofs of one book resemble each other.
        for proof in proofs(&book).into_iter().step_by(3).take(2) {
            let json = serde_json::to_value(&proof).unwrap();
            assert!(checker.check(&proof).is_ok());
            for (what, mutant) in mutations(&json) {
                changed += 1;
                if let Ok(read) = Explanation::from_json(&mutant.to_string()) {
                    assert!(checker.check(&read).is_err(), "{what}\n{}\n{}", proof.tree(), read.tree());
                }
            }
            tried += 1;
            if tried == wanted {
                break 'all;
            }
        }
    }
    println!("{changed} changes of {tried} proofs");
    assert_eq!(tried, wanted);
}

#[test]
fn changed_facts_fail() {
    let mut changed = 0;
    for (_, book) in casebooks(20, 5) {
        let Some(proof) = proofs(&book).into_iter().next() else { continue };
        let facts: Vec<_> = book.facts().collect();
        for at in 0..facts.len() {
            // Under the old id each byte counts, whatever it is a part of.
            let value: Value = serde_json::from_str(facts[at].json).unwrap();
            for (what, mutant) in mutations(&value).into_iter().step_by(3) {
                let json = mutant.to_string();
                let mut facts = facts.clone();
                facts[at].json = &json;
                let flaw = check(&proof, facts, book.rules(), book.policy()).unwrap_err();
                assert_eq!(flaw.kind, FlawKind::Fact, "{what}: {flaw}");
                changed += 1;
            }
        }
    }
    assert!(changed > 1_000, "{changed}");
}

fn facts_of(proof: &Explanation) -> BTreeSet<FactId> {
    let start = proof.start.iter().flat_map(|start| &start.opinions);
    let opinions = proof.opinions.iter().chain(&proof.overruled).chain(start);
    let said = opinions.flat_map(|said| said.fact.iter().chain(&said.looked_at)).copied();
    let members = proof.basis.incident.iter().flat_map(|member| &member.facts).copied();
    said.chain(members).chain(proof.path.iter().map(|step| step.fact)).collect()
}

/// A proof holds in another casebook exactly when that casebook gives the same one.
#[test]
fn a_proof_holds_where_it_is_the_proof_and_no_leaf_can_be_spared() {
    let (mut held, mut fell) = (0, 0);
    for (_, book) in casebooks(40, 6) {
        let proofs = proofs(&book);
        for (position, fact) in book.facts().enumerate() {
            let other = without(&book, position);
            let checker = checker(&other);
            for proof in proofs.iter().step_by(2) {
                let holds = checker.check(proof).is_ok();
                if facts_of(proof).contains(&fact.id) {
                    assert!(!holds, "without {:?} {}\n{}", fact.kind, fact.json, proof.tree());
                }
                let first = proof.basis.incident.first().map_or("", |member| member.alert.as_str());
                let given = other.explain(first, &proof.entity);
                let same = given.as_ref().is_ok_and(|given| given == proof);
                if same {
                    assert!(holds && (held % 5 > 0 || other.check(proof).is_ok()), "{}", proof.tree());
                } else if holds {
                    // All that may differ is which alerts are one incident, and the casebook looks at that.
                    assert_eq!(other.check(proof).unwrap_err().kind, FlawKind::Incident, "{}", proof.tree());
                    assert!(given.is_err() || given.is_ok_and(|given| given.basis.incident != proof.basis.incident));
                }
                if holds { held += 1 } else { fell += 1 }
            }
        }
    }
    println!("{held} hold, {fell} fall");
    assert!(held > 100 && fell > 100, "{held} {fell}");
}

#[test]
fn bounds_hold_the_verdict_and_the_score() {
    let (mut settled, mut open, mut some) = (0, 0, 0);
    for (_, book) in casebooks(8, 10) {
        for proof in proofs(&book) {
            let alert = &proof.basis.incident[0].alert;
            for work in [0, 1, 3, 7, 20, 33, 50, 64, 80, 100, 150, 1_000_000] {
                let within = book.explain_within(alert, &proof.entity, work).unwrap();
                let Some(bounds) = &within.undecided else {
                    settled += 1;
                    let told = |why: &Explanation| (why.verdict.clone(), why.score, why.authority, why.path.clone());
                    assert_eq!(told(&within), told(&proof), "{work}\n{}", within.tree());
                    assert_eq!((&within.opinions, &within.overruled), (&proof.opinions, &proof.overruled));
                    assert!(within.limits.len() >= proof.limits.len());
                    continue;
                };
                open += 1;
                some += usize::from(bounds.verdicts.len() < 4);
                let inside = bounds.lower <= proof.score && proof.score <= bounds.upper;
                assert!(inside && bounds.verdicts.contains(&proof.verdict), "{work} {bounds:?}\n{}", proof.tree());
                assert!(within.verdict == Verdict::Unknown || within.verdict == proof.verdict, "{}", within.tree());
                assert!(within.limits.iter().any(|limit| limit.contains("units of work")), "{:?}", within.limits);
                assert_eq!(book.check(&within).unwrap_err().kind, FlawKind::Unfinished);
            }
        }
    }
    println!("{settled} settled, {open} open, {some} of these with fewer than four verdicts");
    assert!(settled > 100 && open > 100 && some > 20, "{settled} {open} {some}");
}

#[test]
fn a_budget_of_the_policy_is_said_and_gives_no_wrong_verdict() {
    let mut undecided = 0;
    for (mut parts, book) in casebooks(40, 10) {
        let whole = |p: &Explanation| p.basis.incident.iter().all(|member| member.tenant_id == p.tenant_id);
        let key = |p: &Explanation| (p.tenant_id.clone(), p.basis.incident[0].alert.clone(), p.entity.clone());
        let exact: BTreeMap<_, _> = proofs(&book).into_iter().filter(whole).map(|p| (key(&p), p.verdict)).collect();
        parts.policy.judge.work = 40;
        let tight = casegraph_tests::proof::book(&parts);
        for incident in tight.incidents() {
            for entity in &incident.entities {
                let Some(exact) = exact.get(&(incident.tenant_id.clone(), incident.id.clone(), entity.id.clone()))
                else {
                    continue;
                };
                if entity.because.starts_with("not settled") {
                    undecided += 1;
                }
                assert!(entity.verdict == *exact || entity.because.starts_with("not settled"), "{entity:?} {exact}");
            }
        }
    }
    assert!(undecided > 20, "{undecided}");
}

fn lineage() -> Casebook {
    let bad = record::file('a').its("verdict", "malicious");
    book_of(&[record::alert("a1", "08:00").with(record::host("web01")).with(bad).line()])
}

trait Its {
    fn its(self, name: &str, value: &str) -> Self;
}

impl Its for Value {
    fn its(mut self, name: &str, value: &str) -> Value {
        self[name] = json!(value);
        self
    }
}

#[test]
fn a_flaw_names_the_step() {
    let book = lineage();
    let incident = book.incident("a1").unwrap();
    let proof = book.explain("a1", &incident.entities[0].id).unwrap();
    assert_eq!((proof.verdict.clone(), proof.authority), (Verdict::Malicious, Authority::Direct));
    assert_eq!(proof.opinions[0].at.as_deref(), Some("$.evidence[1]"));
    let checker = checker(&book);
    let flaw = |change: &dyn Fn(&mut Explanation)| {
        let mut forged = proof.clone();
        change(&mut forged);
        let flaw = checker.check(&forged).unwrap_err();
        (flaw.kind, flaw.at)
    };
    let at = |kind, at: &str| (kind, at.to_owned());
    assert_eq!(flaw(&|p| p.score = 0.95), at(FlawKind::Score, "$.score"));
    assert_eq!(flaw(&|p| p.opinions[0].confidence = 91), at(FlawKind::Opinion, "$.opinions[0].confidence"));
    assert_eq!(flaw(&|p| p.opinions.clear()), at(FlawKind::Opinion, "$.opinions[0]"));
    assert_eq!(flaw(&|p| p.verdict = Verdict::Clean), at(FlawKind::Verdict, "$.verdict"));
    assert_eq!(flaw(&|p| p.because.clear()), at(FlawKind::Words, "$.because"));
    assert_eq!(flaw(&|p| p.basis.malicious = 0.5), at(FlawKind::Basis, "$.basis.malicious"));
    assert_eq!(flaw(&|p| p.basis.incident[0].alert.clear()), at(FlawKind::Incident, "$.basis.incident[0]"));
    let other = policy(r#"{"judge": {"malicious": 0.9}}"#);
    let flaw = check(&proof, book.facts(), None, &other).unwrap_err();
    assert_eq!(flaw.kind, FlawKind::Basis);
    assert_eq!(check(&proof, [], None, &Policy::default()).unwrap_err().kind, FlawKind::Fact);
    assert!(flaw.to_string().contains(" at $.basis."), "{flaw}");
}

#[test]
fn a_tree_can_be_read_and_shows_what_would_garble_it() {
    let title = "evil\u{202e}\n<b>";
    let alert = record::alert("a1", "08:00").set("title", title).with(record::host("web01"));
    let bad = record::file('a').its("verdict", "malicious");
    let book = book_of(&[alert.with(bad).line()]);
    let incident = book.incident("a1").unwrap();
    let tree = book.explain("a1", &incident.entities[0].id).unwrap().tree();
    assert!(tree.starts_with("malicious 0.9"), "{tree}");
    assert!(tree.contains("\\u{202e}\\u{a}<b>") && tree.contains("├─ opinions"), "{tree}");
    let fact = book.facts().find(|fact| fact.kind == FactKind::Alert).unwrap().id;
    assert!(tree.contains(&format!("fact {fact} at $.evidence[1]")), "{tree}");
    assert!(tree.chars().all(|c| c == '\n' || !c.is_control()) && tree.ends_with('\n'));
}

#[test]
fn what_is_no_proof_is_refused_with_the_place() {
    let book = lineage();
    let json = book.explain("a1", &book.incident("a1").unwrap().entities[0].id).unwrap().to_json();
    assert!(Explanation::from_json(&json).is_ok());
    let refused = |from: &str, to: &str| {
        let text = json.replacen(from, to, 1);
        assert_ne!(text, json);
        Explanation::from_json(&text).unwrap_err().to_string()
    };
    assert!(refused("\"kind\":", "\"kin\":").contains("`kin`"));
    assert!(refused("\"malicious\",\"score\"", "\"Malicious\",\"score\"").contains("$.verdict"));
    assert!(Explanation::from_json("[]").is_err() && Explanation::from_json("{}").is_err());
}
