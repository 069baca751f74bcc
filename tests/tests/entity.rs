//! What is known of one entity: its identifiers, and its properties with the facts that give them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say with a panic what failed")]

use casegraph::{Casebook, ErrorCode, sample};
use serde_json::json;

fn sample_book() -> (Casebook, String) {
    let mut book = Casebook::new();
    book.ingest("sample", sample::ALERTS.as_bytes()).unwrap();
    let id = book.queue().first().expect("the sample makes incidents").id.clone();
    (book, id)
}

#[test]
fn a_device_known_by_many_names_is_one_entity_and_each_name_leads_to_it() {
    let (book, incident) = sample_book();
    let summary = book.incident(&incident).unwrap();
    let laptop = summary.scope.devices.iter().find(|d| d.name == "ALF-LT-0417").unwrap();
    let detail = book.entity(&incident, &laptop.id).unwrap();
    assert_eq!((detail.id.as_str(), detail.common), (laptop.id.as_str(), false));
    assert_eq!(detail.alerts.len(), laptop.alerts);
    assert_eq!(detail.aliases.first(), Some(&detail.id), "the strongest identifier names the entity");
    assert!(detail.aliases.iter().any(|a| a == "device:host:alf-lt-0417"), "{:?}", detail.aliases);
    for alias in &detail.aliases {
        assert_eq!(book.entity(&incident, alias).unwrap().id, detail.id, "{alias}");
    }
}

#[test]
fn the_newest_value_is_shown_with_its_facts_and_older_ones_are_kept() {
    let alert = |id: &str, time: &str, os: &str| {
        json!({"id": id, "title": id, "serviceSource": "microsoftDefenderForEndpoint", "severity": "medium",
            "createdDateTime": time, "firstActivityDateTime": time, "lastUpdateDateTime": time, "evidence": [
            {"@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": "aa11", "hostName": "HOST1",
             "osPlatform": os, "verdict": "unknown", "vmMetadata": {"vmId": "vm-1"}}]})
        .to_string()
    };
    let lines = [
        alert("new", "2026-03-02T10:00:00Z", "Windows11"),
        alert("old", "2026-03-02T09:00:00Z", "Windows10"),
        alert("mid", "2026-03-02T09:30:00Z", "Windows10"),
    ];
    let mut book = Casebook::new();
    book.ingest("three", lines.join("\n").as_bytes()).unwrap();
    let detail = book.entity("new", "device:mde:aa11").unwrap();
    let attribute = |name: &str| detail.attributes.iter().find(|a| a.name == name).unwrap();
    let os = attribute("osPlatform");
    assert_eq!((&os.value, os.facts.len(), os.older.as_slice()), (&json!("Windows11"), 1, &[json!("Windows10")][..]));
    assert_eq!(attribute("vmMetadata.vmId").facts.len(), 3, "every fact that gives the value is named");
    assert!(detail.attributes.iter().all(|a| a.name != "verdict"), "the verdict is of the evidence, not of the thing");
}

#[test]
fn what_is_not_there_is_said() {
    let (book, incident) = sample_book();
    let code = |entity: &str| book.entity(&incident, entity).map(|_| ()).unwrap_err().code();
    assert_eq!(code("ip:address:192.0.2.254"), ErrorCode::NotFound);
    assert_eq!(code("nonsense"), ErrorCode::InvalidArgument);
    assert_eq!(book.entity("nobody", "ip:address:192.0.2.1").map(|_| ()).unwrap_err().code(), ErrorCode::NotFound);
}
