//! Roles, placeholders, hostile values; and what names hosts and processes.

use serde_json::{Map, Value, json};

use super::{GUID, SYSMON, find, forms, rule, run};
use crate::rules::alert::{RuleFace, alert, host, processes};
use crate::rules::mapping::built_in;
use crate::rules::mapping::testing::Event;

#[test]
fn roles_of_the_rule_count_when_they_are_legal() {
    let [event, ..] = forms(SYSMON, 11, &json!({"TargetFilename": "C:\\x.hta", "ImageLoaded": "C:\\b.dll"}));
    let event = Event::new(built_in(), &event);
    let face = RuleFace { roles: vec![("targetfilename", "created"), ("ImageLoaded", "boss")], ..rule() };
    let out = alert(&face, &event, "e", None);
    assert!(find(&out, "file", &json!({"roles": ["created"], "fileDetails": {"fileName": "x.hta"}})));
    assert!(find(&out, "file", &json!({"roles": ["loaded"], "fileDetails": {"fileName": "b.dll"}})));
}

#[test]
fn system_accounts_and_placeholders_are_no_evidence() {
    let data = json!({"User": "NT AUTHORITY\\SYSTEM", "SubjectUserName": "WS-17$", "SubjectUserSid": "S-1-5-18",
        "TargetUserName": "-", "IpAddress": "-", "SourceIp": "::", "DestinationIp": "0.0.0.0", "Image": "<unknown process>",
        "ProcessGuid": "{00000000-0000-0000-0000-000000000000}", "ProcessId": "0", "TargetFilename": "N/A",
        "ServiceName": "%%2504", "LogonId": "0x3e7", "QueryName": "-", "PipeName": ""});
    for event in forms(SYSMON, 1, &data) {
        let out = run(&event);
        let kinds: Vec<_> = out["evidence"].as_array().unwrap().iter().map(|e| e["@odata.type"].clone()).collect();
        assert_eq!(kinds, ["#microsoft.graph.security.deviceEvidence"], "{out:#}");
    }
}

#[test]
fn hostile_values_are_bounded_and_nothing_panics() {
    let long = "é".repeat(500_000);
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let odd = [
        json!(long),
        json!(deep),
        json!([[], {}, [null, {"a": [1]}]]),
        json!({"x": {"y": "z"}}),
        json!(true),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!("\u{0}\n\\\\"),
        json!("\\"),
        json!("=,=,="),
        json!("0x"),
        json!("DOMAIN\\"),
    ];
    let names = [
        "Image",
        "CommandLine",
        "ProcessId",
        "NewProcessId",
        "ProcessGuid",
        "ParentImage",
        "ParentProcessId",
        "Hashes",
        "User",
        "SubjectUserName",
        "SubjectLogonId",
        "TargetObject",
        "Details",
        "TargetFilename",
        "ImageLoaded",
        "SourceIp",
        "SourcePort",
        "DestinationIp",
        "DestinationPort",
        "Protocol",
        "QueryName",
        "QueryResults",
        "PipeName",
        "TaskName",
        "TaskContent",
        "ServiceName",
        "ImagePath",
        "IpAddress",
        "InitiatedBy",
        "TargetResources",
        "Parameters",
        "c-uri",
    ];
    for value in &odd {
        let data: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
        for event in forms(SYSMON, 1, &Value::Object(data)) {
            let out = run(&event);
            assert!(out["evidence"].as_array().unwrap().len() <= 64);
            assert!(out.to_string().len() < 600_000, "{}", out.to_string().len());
            let event = Event::new(built_in(), &event);
            let found = processes(&event);
            assert!(found.own.len() + found.parents.len() < 10);
        }
    }
    let [event, ..] =
        forms(SYSMON, 1, &json!({"CommandLine": long, "ProcessGuid": GUID, "ProcessId": 4_294_967_296_i64}));
    let out = run(&event);
    assert_eq!(out["additionalData"]["shortenedFields"], json!(["CommandLine"]));
    assert!(find(&out, "process", &json!({})) && !out.to_string().contains("4294967296"));
    let many: Vec<Value> = (0..10_000).map(|n| json!(format!("198.51.100.{}", n % 256))).collect();
    let out = run(&forms("Security", 4624, &json!({"IpAddress": many}))[0]);
    assert_eq!(out["evidence"].as_array().unwrap().len(), 64);
    assert!(out["additionalData"]["evidenceLeftOut"].as_u64() > Some(0));
}

#[test]
fn keys_of_a_process_are_the_same_in_every_event_about_it() {
    let keys = |channel: &str, id, data: Value| {
        let [event, ..] = forms(channel, id, &data);
        processes(&Event::new(built_in(), &event))
    };
    let start = keys(
        SYSMON,
        1,
        json!({"ProcessGuid": GUID, "ProcessId": 420, "ParentProcessGuid": "{0a1b2c3d-5500-69a5-1000-000000000700}"}),
    );
    assert_eq!(start.own, ["ws-17|0a1b2c3d-5514-69a5-1100-000000000700", "ws-17|420@1772442900"]);
    assert_eq!(start.parents, ["ws-17|0a1b2c3d-5500-69a5-1000-000000000700"]);
    let access = keys(SYSMON, 10, json!({"SourceProcessGUID": GUID.to_uppercase(), "SourceProcessId": 420}));
    assert_eq!(access.own, start.own);
    let [.., flat] = forms("Security", 4688, &json!({"NewProcessId": "0x1a4", "ProcessId": "0x11"}));
    // The security log knows the start as the time of the event, which only an alert is given.
    let found = processes(&Event::new(built_in(), &flat));
    assert_eq!((found.own, found.parents), (vec!["ws-17|420".to_owned()], vec!["ws-17|17".to_owned()]));
    assert_eq!(processes(&Event::new(built_in(), &json!({"a": 1}))), Default::default());
}

#[test]
fn hosts() {
    let name = |event: &Value| host(&Event::new(built_in(), event));
    for event in forms(SYSMON, 1, &json!({})) {
        assert_eq!(name(&event).as_deref(), Some("ws-17"));
    }
    let collected = json!({"Channel": SYSMON, "EventID": 1, "host": "wec.example.com", "Hostname": "WORKSTATION6"});
    assert_eq!(name(&collected).as_deref(), Some("workstation6"));
    assert_eq!(
        name(&json!({"Channel": "System", "EventID": 1, "SourceName": "x", "Computer": "192.0.2.4"})).as_deref(),
        Some("192.0.2.4")
    );
    assert_eq!(name(&json!({"eventSource": "a", "eventName": "b", "awsRegion": "c"})), None);
}
