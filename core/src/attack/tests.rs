//! Tests of the table and of tactics; the other lookups are in the files beside.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod input;
mod reference;
mod technique;

use super::text::{Folded, key};
use super::*;

const BOTH: [Edition; 2] = [Edition::V18, Edition::V19];

fn short_names(id: &str, edition: Edition) -> Vec<&'static str> {
    technique(id).unwrap().tactics(edition).map(|t| t.short_name).collect()
}

#[test]
fn the_table_is_sorted_unique_and_closed() {
    assert!(table::TECHNIQUES.is_sorted_by(|a, b| a.key < b.key));
    assert!(table::FORMER_NAMES.is_sorted_by(|a, b| a.0 < b.0));
    assert!(table::NAMES.is_sorted_by(|a, b| a.0 <= b.0));
    assert_eq!(table::NAMES.len(), table::TECHNIQUES.len() + table::FORMER_NAMES.len());
    for (name, key) in &table::NAMES {
        let row = table::TECHNIQUES.iter().find(|row| row.key == *key).unwrap();
        let former = technique(row.id).unwrap().former_name();
        let folds_to = |from: &str| Folded::new(from).is_some_and(|f| f.as_bytes() == name.as_bytes());
        assert!(folds_to(row.name) || former.is_some_and(folds_to), "{name}");
    }
    for row in &table::TECHNIQUES {
        assert_eq!(key(row.id), Some(row.key), "{}", row.id);
        assert!(row.revoked_by == 0 || technique(row.id).unwrap().revoked_by().is_some(), "{}", row.id);
        let t = technique(row.id).unwrap();
        assert_eq!(t.parent().is_some(), row.id.contains('.'), "{}", row.id);
        for (edition, bits) in [(Edition::V18, row.v18), (Edition::V19, row.v19)] {
            assert_eq!(t.tactics(edition).count() as u32, bits.count_ones(), "{}", row.id);
        }
    }
}

#[test]
fn tactics_are_counted_and_named() {
    let count = |domain, edition| tactics(domain, edition).len();
    assert_eq!(BOTH.map(|e| count(Domain::Enterprise, e)), [14, 15]);
    assert_eq!(BOTH.map(|e| count(Domain::Mobile, e)), [12, 12]);
    assert_eq!(BOTH.map(|e| count(Domain::Ics, e)), [12, 12]);
    for domain in Domain::ALL {
        for edition in BOTH {
            for t in tactics(domain, edition) {
                for name in [t.id, t.short_name, t.name] {
                    assert_eq!(tactic_in(domain, edition, name), Some(t));
                    assert!(tactic(name).is_some(), "{name}");
                }
            }
        }
    }
    let v19: Vec<_> = tactics(Domain::Enterprise, Edition::V19).iter().map(|t| t.short_name).collect();
    assert_eq!(&v19[5..9], ["privilege-escalation", "stealth", "defense-impairment", "credential-access"]);
    assert_eq!(tactic("attack.network-effects").unwrap().id, "TA0038");
}

#[test]
fn a_tactic_is_found_in_any_spelling() {
    let evasion = [
        "TA0005",
        "ta0005",
        "defense-evasion",
        "Defense Evasion",
        "DefenseEvasion",
        "defense_evasion",
        "DEFENSEEVASION",
        " attack.defense-evasion ",
        "ATTACK.Defense_Evasion",
    ];
    for name in evasion {
        assert_eq!(tactic(name).unwrap().short_name, "defense-evasion", "{name}");
    }
    for name in ["CommandAndControl", "Command & Control", "command and control", "attack.command-and-control"] {
        assert_eq!(tactic(name).unwrap().id, "TA0011", "{name}");
    }
    assert_eq!(tactic("Execution").unwrap().id, "TA0002");
    assert_eq!(tactic("TA0104").unwrap().short_name, "execution");
    assert_eq!(tactic("TA0112").unwrap().name, "Defense Impairment");
    assert_eq!(tactic_in(Domain::Enterprise, Edition::V19, "TA0005").unwrap().name, "Stealth");
    assert_eq!(tactic_in(Domain::Mobile, Edition::V19, "stealth"), None);
}

#[test]
fn defense_evasion_stands_for_both_successors() {
    let [evasion, stealth, impairment, impact] =
        ["defense-evasion", "stealth", "defense-impairment", "impact"].map(|n| tactic(n).unwrap());
    assert!(evasion.same_stage(stealth) && stealth.same_stage(evasion));
    assert!(evasion.same_stage(impairment) && impairment.same_stage(evasion));
    assert!(!stealth.same_stage(impairment) && !evasion.same_stage(impact));
    assert!(tactic("TA0041").unwrap().same_stage(tactic("TA0002").unwrap()));
}

#[test]
fn version_notice_and_licence_are_stated() {
    assert!(VERSION.starts_with("enterprise 19") && VERSION.contains("mobile 18.1"));
    assert_eq!(VERSION_V18, "18.1");
    assert!(NOTICE.starts_with("© 2025 The MITRE Corporation."));
    assert!(include_str!("LICENSE-ATTACK.txt").contains("royalty-free license to use ATT&CK"));
    assert_eq!(Domain::ALL.map(Domain::as_str), ["enterprise-attack", "mobile-attack", "ics-attack"]);
}
