//! Similar incidents, and how critical assets count.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::model::{AlertClassification, Author, Choice, Decision, IncidentStatus, Time};
use casegraph::policy::Criticality;
use casegraph::summary::{Aspect, Factor, SimilarIncidents};
use casegraph::{Casebook, ErrorCode, Policy};
use casegraph_tests::record::{Record, alert, evidence, file, ip, upn};
use casegraph_tests::{book, book_with, lines, policy, random};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

/// An alert in an incident of its own: every one has its day.
fn case(id: &str, day: u8) -> Record {
    alert(id, &format!("{day:02} 08:00"))
}

fn ids(found: &SimilarIncidents) -> Vec<&str> {
    found.incidents.iter().map(|i| i.id.as_str()).collect()
}

/// A window so short that what is shared links nothing.
fn apart() -> Policy {
    policy(
        r#"{"correlate": {"kinds": {"file": {"weight": 0.95, "windowHours": 1}, "ip": {"weight": 0.8, "windowHours": 1}}}}"#,
    )
}

#[test]
fn an_analyst_sees_how_the_last_one_was_closed() {
    let phish = |id: &str, day: u8| {
        case(id, day)
            .set("detectorId", "phish")
            .set("title", "Phish")
            .set("mitreTechniques", json!(["T1566"]))
            .set("category", "InitialAccess")
    };
    let mut book = book_with(
        apart(),
        &[
            phish("old", 1).with(file('a')).line(),
            phish("other", 2).line(),
            case("unlike", 3).with(file('b')).line(),
            phish("new", 9).with(file('a')).line(),
            phish("later", 12).with(file('a')).line(),
        ],
    );
    let at = Time::parse("2026-03-02T09:00:00Z").unwrap();
    let close = Author::new("ada", at).because("a test of the awareness team");
    let about = book.alert_ids("old").unwrap();
    let expected = Choice::Classify {
        classification: AlertClassification::InformationalExpectedActivity,
        determination: casegraph::model::AlertDetermination::SecurityTesting,
    };
    for what in [expected, Choice::SetStatus { status: IncidentStatus::Resolved }] {
        book.decide(&close.decides(what).about(&about)).unwrap();
    }

    let found = book.similar("new", 10).unwrap();
    assert_eq!(ids(&found), ["old", "other"], "neither itself, nor later ones, nor what shares nothing");
    assert_eq!((found.id.as_str(), found.more, found.too_common), ("new", 0, 0));
    let old = &found.incidents[0];
    assert_eq!(old.status, IncidentStatus::Resolved);
    assert_eq!(old.classification, AlertClassification::InformationalExpectedActivity);
    let resolution = old.resolution.as_ref().unwrap();
    assert_eq!(resolution.reason.as_deref(), Some("a test of the awareness team"));
    let named: Vec<(Aspect, &str, usize)> =
        old.shared.iter().map(|f| (f.aspect, f.name.as_str(), f.incidents)).collect();
    assert!(named.contains(&(Aspect::Entities, "a.bin", 3)), "{named:?}");
    assert!(named.contains(&(Aspect::Detectors, "phish", 4)), "{named:?}");
    assert!(named.contains(&(Aspect::Techniques, "T1566", 4)), "{named:?}");
    // Detectors, techniques and stages are all alike: 25 + 15 + 10. The file, in three incidents: 19 × 95 = 1805
    // of 1805 + 4000, of 40 points.
    assert_eq!(old.score, 50.0 + 12.43);
    assert_eq!(found.incidents[1].score, 50.0);
    assert_eq!(ids(&book.similar("new", 1).unwrap()), ["old"]);
    assert_eq!(book.similar("new", 1).unwrap().more, 1);
    assert!(book.similar("old", 10).unwrap().incidents.is_empty(), "nothing came before");
    assert_eq!(book.similar("nobody", 10).unwrap_err().code(), ErrorCode::NotFound);
}

#[test]
fn the_rarer_tells_more_and_the_common_nothing() {
    let mut records = vec![case("rare", 1).with(file('a')).line(), case("often", 2).with(ip("203.0.113.7")).line()];
    records.extend((0..10).map(|n| alert(&format!("x{n}"), &format!("03 {n:02}:30")).with(ip("203.0.113.7")).line()));
    records.push(case("everywhere", 4).with(ip("10.0.0.1")).line());
    records.push(case("new", 9).with(file('a')).with(ip("203.0.113.7")).with(ip("10.0.0.1")).line());
    let several = policy(
        r#"{"correlate": {"kinds": {"ip": {"weight": 0.8, "windowHours": 0}, "file": {"weight": 0.95, "windowHours": 1}}}}"#,
    );
    let found = book_with(several, &records).similar("new", 20).unwrap();
    assert_eq!(found.incidents[0].id, "rare");
    assert!(ids(&found).contains(&"often") && !ids(&found).contains(&"everywhere"), "{:?}", ids(&found));
    let hub = policy(
        r#"{"correlate": {"kinds": {"ip": {"weight": 0.8, "windowHours": 0}, "file": {"weight": 0.95, "windowHours": 1}}},
            "summary": {"similar": {"commonEntity": 12}}}"#,
    );
    assert_eq!(ids(&book_with(hub, &records).similar("new", 20).unwrap()), ["rare"]);
}

#[test]
fn tenants_are_never_compared_and_common_detectors_are_counted() {
    let of = |id: &str, day: u8, tenant: &str| {
        case(id, day).set("tenantId", tenant).set("detectorId", "d").set("title", "D")
    };
    let records = [of("a", 1, "t1").line(), of("b", 2, "t2").line(), of("c", 3, "t1").line(), of("d", 4, "t1").line()];
    assert_eq!(ids(&book(&records).similar("d", 9).unwrap()), ["c", "a"]);
    let few = policy(r#"{"summary": {"similar": {"commonTerm": 2}}}"#);
    let found = book_with(few, &records).similar("d", 9).unwrap();
    assert_eq!((found.incidents.len(), found.too_common), (0, 2), "what is left out is counted");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150, failure_persistence: None, rng_seed: RngSeed::Fixed(11), ..ProptestConfig::default()
    })]

    #[test]
    fn shares_sum_and_order_changes_no_byte(
        alerts in random::records(16), decisions in random::decisions(4), seed in any::<u64>(),
    ) {
        let mut plain = book(&alerts);
        for decision in &decisions {
            let _ = plain.decide(&Decision::from_json(decision).unwrap());
        }
        let mut mixed = alerts.clone();
        let length = mixed.len().max(1);
        mixed.rotate_left(seed as usize % length);
        mixed.reverse();
        let mut other = Casebook::new();
        other.ingest("mixed", lines(&mixed).as_bytes()).unwrap();
        for decision in decisions.iter().rev() {
            let _ = other.decide(&Decision::from_json(decision).unwrap());
        }
        let mut like = 0;
        for line in plain.queue() {
            let found = plain.similar(&line.id, 50).unwrap();
            prop_assert_eq!(json!(found), json!(other.similar(&line.id, 50).unwrap()));
            for incident in &found.incidents {
                like += 1;
                let sum: f64 = incident.shares.iter().map(|s| (s.points * 100.0).round()).sum();
                prop_assert_eq!(sum, (incident.score * 100.0).round());
                prop_assert!(incident.score > 0.0 && incident.score <= 100.0);
                prop_assert!(incident.id != found.id);
                let listed = incident.shared.len() + incident.more_shared;
                prop_assert!(listed > 0, "what makes them alike is told");
            }
        }
        prop_assert!(like > 0 || plain.queue().len() < 30);
        // The whole priority is its shares too.
        for incident in plain.incidents() {
            let sum: f64 = incident.priority.contributions.iter().map(|c| (c.points * 100.0).round()).sum();
            prop_assert_eq!(sum, (incident.priority.score * 100.0).round());
        }
    }
}

#[test]
fn criticality_comes_from_the_policy_the_value_and_the_tags() {
    let hit = |device: serde_json::Value| {
        alert("a", "08:00")
            .with(evidence("device", device))
            .its("verdict", "suspicious")
            .with(upn("Ada@corp.example"))
            .its("verdict", "suspicious")
            .line()
    };
    let assets = |policy: Policy, device: serde_json::Value| {
        let book = book_with(policy, &[hit(device)]);
        let incident = book.incident("a").unwrap();
        let share = incident.priority.contributions.into_iter().find(|c| c.factor == Factor::Assets).unwrap();
        (incident.scope.devices[0].criticality, incident.scope.users[0].criticality, share)
    };
    let plain = json!({"hostName": "srv1", "mdeDeviceId": "m1", "deviceDnsName": "srv1.corp.example"});
    let (device, user, base) = assets(Policy::default(), plain.clone());
    assert_eq!((device, user, base.detail.as_str()), (Criticality::None, Criticality::None, "2 assets hit"));
    for name in ["SRV1", "srv1.corp.example.", "device:mde:m1", "device:host:srv1"] {
        let named = policy(&json!({"summary": {"criticality": {name: "medium"}}}).to_string());
        let (device, _, share) = assets(named, plain.clone());
        assert_eq!(device, Criticality::Medium, "{name}");
        assert_eq!(share.detail, "2 assets hit, 1 of medium criticality");
        assert!(share.points > base.points);
    }
    let (_, user, _) =
        assets(policy(r#"{"summary": {"criticality": {"ADA@corp.example": "veryHigh"}}}"#), plain.clone());
    assert_eq!(user, Criticality::VeryHigh);
    let mut valued = plain.clone();
    valued["deviceValue"] = json!("High");
    assert_eq!(assets(Policy::default(), valued.clone()).0, Criticality::High);
    valued["tags"] = json!(["domain CONTROLLER"]);
    assert_eq!(assets(Policy::default(), valued.clone()).0, Criticality::VeryHigh);
    let named = policy(r#"{"summary": {"criticality": {"srv1": "low"}}}"#);
    assert_eq!(assets(named, valued).0, Criticality::Low, "the policy goes first");
    for bad in [r#"{"ip:address:192.0.2.1": "high"}"#, r#"{"": "high"}"#, r#"{"device:x": "high"}"#, r#"{"h": "huge"}"#]
    {
        let text = format!(r#"{{"summary": {{"criticality": {bad}}}}}"#);
        assert_eq!(Policy::from_json(&text).unwrap_err().code(), ErrorCode::InvalidArgument, "{bad}");
    }
}
