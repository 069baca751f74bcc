//! The table against the reference tables it was made from, fact by fact.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::short_names;
use crate::attack::*;

/// The folder of tables beside the work tree; absent in a clone that has no such folder.
fn reference() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/attack");
    folder.is_dir().then_some(folder)
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list<'a>(document: &'a Value, name: &str) -> &'a [Value] {
    document[name].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn every_fact_of_the_reference_is_in_the_table() {
    let Some(folder) = reference() else { return };
    for (domain, name) in [(Domain::Enterprise, "enterprise"), (Domain::Mobile, "mobile"), (Domain::Ics, "ics")] {
        let document = read(&folder.join(name).join("tactics.json"));
        let expected: Vec<_> = list(&document, "tactics").iter().map(facts).collect();
        let found = tactics(domain, Edition::V18);
        assert_eq!(found.iter().map(|t| [t.id, t.short_name, t.name]).collect::<Vec<_>>(), expected);
        let document = read(&folder.join(name).join("techniques.json"));
        assert!(!list(&document, "techniques").is_empty());
        for row in list(&document, "techniques") {
            let id = row["id"].as_str().unwrap();
            let t = technique(id).unwrap();
            let named: Vec<_> = list(row, "tactics").iter().map(|x| x.as_str().unwrap()).collect();
            assert_eq!(short_names(id, Edition::V18), named, "{id}");
            assert_eq!(t.domain(), domain, "{id}");
            assert_eq!(t.former_name().unwrap_or(t.name()), row["name"].as_str().unwrap(), "{id}");
            assert_eq!(t.parent().map(Technique::id), row["parent"].as_str(), "{id}");
            assert_eq!(t.is_deprecated(), row["deprecated"] == true, "{id}");
            assert!(t.is_listed(Edition::V18), "{id}");
            // Retired later: enterprise v19 lists it no more and names a successor.
            let later = row["revoked"] != true && t.is_revoked();
            assert_eq!(
                later,
                row["revoked"] != true && row["deprecated"] != true && !t.is_listed(Edition::V19),
                "{id}"
            );
            if !later {
                assert_eq!(t.is_revoked(), row["revoked"] == true, "{id}");
                assert_eq!(t.revoked_by().map(Technique::id), row["revoked_by"].as_str(), "{id}");
            }
        }
    }
}

fn facts(tactic: &Value) -> [&str; 3] {
    ["id", "shortname", "name"].map(|field| tactic[field].as_str().unwrap())
}

#[test]
fn the_overlay_of_v19_agrees_with_the_table() {
    let Some(folder) = reference() else { return };
    let overlay = read(&folder.join("enterprise/v19-overlay.json"));
    let expected: Vec<_> = list(&overlay, "tactics").iter().map(facts).collect();
    let found = tactics(Domain::Enterprise, Edition::V19);
    assert_eq!(found.iter().map(|t| [t.id, t.short_name, t.name]).collect::<Vec<_>>(), expected);
    assert!(!list(&overlay, "new_techniques").is_empty());
    for row in list(&overlay, "new_techniques") {
        let id = row["id"].as_str().unwrap();
        let t = technique(id).unwrap();
        assert!(t.is_listed(Edition::V19) && !t.is_listed(Edition::V18), "{id}");
        assert!(row["name"].as_str().is_none_or(|name| name == t.name()), "{id}");
        assert!(row["tactics"].is_null() || short_names(id, Edition::V19) == ["defense-impairment"], "{id}");
    }
    // The overlay counts tags of rules, which scatter: the successor is one of those it names.
    for row in list(&overlay, "replaced") {
        let from = row["from"].as_str().unwrap();
        let to = technique(from).unwrap().current();
        assert!(list(&overlay, "replaced").iter().any(|r| r["from"] == from && r["to"] == to.id()), "{from}");
    }
    for row in list(&overlay, "former_defense_evasion") {
        let id = row["id"].as_str().unwrap();
        let split = |name: &&str| matches!(*name, "stealth" | "defense-impairment");
        let found = short_names(id, Edition::V19).into_iter().find(split);
        // T1553.002: one rule for either tactic; the data of v19 says which.
        assert!(found == row["v19_tactic"].as_str() || id == "T1553.002", "{id}");
    }
}
