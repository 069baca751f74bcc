//! What a process did: what it wrote and spoke to, and which services of the system only stand by.

use serde_json::{Value, json};

use super::{GUID, SYSMON, forms};
use crate::policy::Limits;
use crate::resolve::extract::Extract;
use crate::resolve::{EntityKind, Relation};
use crate::rules::alert::{RuleFace, alert};
use crate::rules::mapping::built_in;
use crate::rules::mapping::testing::Event;

const TOOL: &str = r"C:\Users\ada\Downloads\tool.exe";
const SERVICE: &str = r"C:\Windows\System32\svchost.exe";

/// The alert of a rule that asks about these fields, in each form of the event.
fn alerts(id: u32, data: &Value, asked: &[&'static str]) -> Vec<Value> {
    let made = |event: &Value| {
        let event = Event::new(built_in(), event);
        let rule = RuleFace { title: "r", hash: "ab12", fields: asked.to_vec(), ..RuleFace::default() };
        alert(&rule, &event, "event-1", event.time())
    };
    forms(SYSMON, id, data).iter().map(made).collect()
}

/// Kind and first identifier of the things to which a process has the relation.
fn related(alert: &Value, relation: Relation) -> Vec<(EntityKind, String)> {
    let mut extract = Extract::default();
    extract.read(alert.to_string().as_bytes(), &Limits::default()).unwrap();
    let mut found = Vec::new();
    for edge in extract.edges.iter().filter(|edge| edge.relation == relation) {
        let end = |at: u32| extract.occurrences[at as usize];
        assert_eq!(end(edge.from).kind, EntityKind::Process);
        found.push((end(edge.to).kind, extract.str(extract.ids[end(edge.to).ids.0 as usize].value).to_owned()));
    }
    found
}

fn roles_of(alert: &Value, kind: &str) -> Vec<Value> {
    let items = alert["evidence"].as_array().unwrap().iter();
    items.filter(|item| super::is(item, kind)).map(|item| item["roles"].clone()).collect()
}

#[test]
fn a_process_wrote_files_and_registry_entries() {
    let file = json!({"ProcessGuid": GUID, "Image": TOOL, "TargetFilename": r"C:\Users\ada\a.dll"});
    for alert in alerts(11, &file, &["TargetFilename"]) {
        let path = r"ws-17.alder.example|c:\users\ada\a.dll".to_owned();
        assert_eq!(related(&alert, Relation::Wrote), [(EntityKind::File, path)], "{alert:#}");
    }
    let entry = json!({"ProcessGuid": GUID, "Image": TOOL, "EventType": "SetValue", "Details": TOOL,
        "TargetObject": r"HKU\S-1-5-21-1-2-3-1001\Software\Microsoft\Windows\CurrentVersion\Run\a"});
    for alert in alerts(13, &entry, &["TargetObject"]) {
        assert_eq!(related(&alert, Relation::Wrote)[0].0, EntityKind::RegistryValue, "{alert:#}");
    }
    // What it loaded it did not write.
    let loaded = json!({"ProcessGuid": GUID, "Image": TOOL, "ImageLoaded": r"C:\Windows\System32\a.dll"});
    for alert in alerts(7, &loaded, &["ImageLoaded"]) {
        assert_eq!(related(&alert, Relation::Wrote), []);
    }
}

#[test]
fn a_process_spoke_to_the_other_end() {
    let mut data = json!({"ProcessGuid": GUID, "Image": TOOL, "Protocol": "tcp", "SourceIp": "192.0.2.1",
        "SourcePort": 50_000, "DestinationIp": "198.51.100.2", "DestinationPort": 443});
    for (initiated, other) in [("true", "198.51.100.2"), ("false", "192.0.2.1")] {
        data["Initiated"] = json!(initiated);
        for alert in alerts(3, &data, &["Image"]) {
            let found = related(&alert, Relation::Connected);
            assert!(found.contains(&(EntityKind::Ip, other.to_owned())) && found.len() == 2, "{found:?}");
            assert_eq!(found.iter().filter(|(kind, _)| *kind == EntityKind::NetworkConnection).count(), 1);
        }
    }
    let question = json!({"ProcessGuid": GUID, "Image": TOOL, "QueryName": "files.example.com"});
    for alert in alerts(22, &question, &["QueryName"]) {
        assert_eq!(related(&alert, Relation::Connected), [(EntityKind::Dns, "files.example.com".to_owned())]);
    }
    // A service does not speak for itself.
    data["Image"] = json!(SERVICE);
    assert!(alerts(3, &data, &["Image"]).iter().all(|alert| related(alert, Relation::Connected).is_empty()));
}

#[test]
fn a_service_that_the_rule_does_not_ask_about_stands_by() {
    let data = |image: &str| {
        json!({"ProcessGuid": GUID, "Image": image, "EventType": "SetValue", "Details": "x",
            "TargetObject": r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree\a\Id"})
    };
    let contextual = json!(["contextual"]);
    for (image, asked, expected) in [
        (SERVICE, "TargetObject", &contextual),
        (SERVICE, "Image", &Value::Null),
        (TOOL, "TargetObject", &Value::Null),
        // A name borrowed from the system.
        (r"C:\Users\Public\svchost.exe", "TargetObject", &Value::Null),
    ] {
        for alert in alerts(13, &data(image), &[asked]) {
            assert_eq!(roles_of(&alert, "process"), vec![expected.clone()], "{image} {asked}");
        }
    }
    // The start of a service is an event about it.
    let start = json!({"ProcessGuid": GUID, "ProcessId": 7, "Image": SERVICE, "CommandLine": "svchost.exe",
        "ParentProcessGuid": GUID.replace("1100", "1200"), "ParentImage": TOOL});
    for alert in alerts(1, &start, &["ParentImage"]) {
        assert_eq!(roles_of(&alert, "process"), [Value::Null]);
    }
}

#[test]
fn what_was_opened_belongs_to_whom_it_was_done_to() {
    let access = json!({"SourceProcessGUID": GUID, "SourceImage": TOOL, "SourceProcessId": 8, "TargetProcessId": 9,
        "TargetProcessGUID": GUID.replace("1100", "1200"), "TargetImage": r"C:\Windows\System32\lsass.exe"});
    for alert in alerts(10, &access, &["TargetImage"]) {
        assert_eq!(roles_of(&alert, "process"), [Value::Null, json!(["contextual"])], "{alert:#}");
    }
    let pipe = json!({"ProcessGuid": GUID, "Image": TOOL, "PipeName": r"\a"});
    for (id, expected) in [(17, Value::Null), (18, json!(["contextual"]))] {
        for alert in alerts(id, &pipe, &["PipeName"]) {
            assert_eq!(roles_of(&alert, "namedPipe"), vec![expected.clone()], "{id}");
        }
    }
}
