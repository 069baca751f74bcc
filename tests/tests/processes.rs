//! One process in the eyes of several sources: Sysmon by a GUID, the Security log by a number and its own clock.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say with a panic what failed")]

use casegraph::Casebook;
use casegraph::rules::RuleSet;
use serde_json::{Value, json};

const RULES: &str = r"
title: Program in a public folder
id: 22222222-2222-4222-8222-222222222222
logsource: {product: windows, category: process_creation}
detection:
    selection: {Image|contains: '\Users\Public\'}
    child: {ParentImage|contains: '\Users\Public\'}
    condition: 1 of them
level: high
";

const TOOL: &str = r"C:\Users\Public\a.exe";
const OTHER: &str = r"C:\Users\Public\b.exe";

/// Sysmon's GUID holds the second of the start, here 2026-03-02 09:00:00 plus `second`.
fn guid(second: u32, number: u32) -> String {
    let start = 1_772_442_000 + second;
    format!("{{0a1b2c3d-{:04x}-{:04x}-1000-{number:012}}}", start & 0xffff, start >> 16)
}

/// The collector wrote local time for UTC, seven hours behind what Sysmon says.
fn collected(second: u32) -> String {
    format!("2026-03-02T02:00:{second:02}Z")
}

fn sysmon(second: u32, number: u32, pid: u32, image: &str) -> Value {
    json!({"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Computer": "ws-17.example.com",
        "@timestamp": collected(second), "UtcTime": format!("2026-03-02 09:00:{second:02}.000"),
        "ProcessGuid": guid(second, number), "ProcessId": pid, "Image": image, "CommandLine": image,
        "User": "EXAMPLE\\ada", "ParentProcessGuid": guid(0, 1), "ParentProcessId": 40,
        "ParentImage": r"C:\Windows\explorer.exe"})
}

fn security(second: u32, pid: u32, image: &str, parent: (u32, &str)) -> Value {
    json!({"Channel": "Security", "EventID": 4688, "Computer": "ws-17.example.com", "@timestamp": collected(second),
        "NewProcessId": format!("{pid:#x}"), "NewProcessName": image, "ProcessId": format!("{:#x}", parent.0),
        "ParentProcessName": parent.1, "SubjectUserName": "ada", "SubjectDomainName": "EXAMPLE",
        "CommandLine": image})
}

/// Names of the processes of all incidents, sorted.
fn processes(events: &[Value]) -> Vec<String> {
    let mut book = Casebook::new();
    book.set_rules(RuleSet::builder().add_text("test.yml", RULES).strict().build().unwrap()).unwrap();
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    book.ingest("events", lines.as_bytes()).unwrap();
    let incidents: Vec<_> = book.incidents().collect();
    let entities = incidents.iter().flat_map(|incident| &incident.entities);
    let mut names: Vec<String> =
        entities.filter(|entity| entity.id.starts_with("process:")).map(|entity| entity.name.clone()).collect();
    names.sort();
    names
}

#[test]
fn two_logs_and_a_child_know_one_process() {
    let explorer = (40, r"C:\Windows\explorer.exe");
    let events = [
        sysmon(10, 2, 500, TOOL),
        security(10, 500, TOOL, explorer),
        // The child names its parent by number and program alone.
        security(20, 600, OTHER, (500, TOOL)),
        security(30, 700, OTHER, (500, TOOL)),
    ];
    assert_eq!(processes(&events), ["a.exe (500)", "b.exe (600)", "b.exe (700)", "explorer.exe (40)"]);
    // Without Sysmon, and whatever comes first.
    let mut fewer = events.get(1..).unwrap().to_vec();
    fewer.reverse();
    assert_eq!(processes(&fewer), ["a.exe (500)", "b.exe (600)", "b.exe (700)", "explorer.exe (40)"]);
}

#[test]
fn a_number_used_twice_joins_nobody() {
    let explorer = (40, r"C:\Windows\explorer.exe");
    // Two runs of one program under one number on one day: whose child is the third?
    let events = [sysmon(10, 2, 500, TOOL), sysmon(30, 3, 500, TOOL), security(40, 600, OTHER, (500, TOOL))];
    let held = processes(&events);
    assert_eq!(held.iter().filter(|name| *name == "a.exe (500)").count(), 3, "{held:?}");
    // The Security log tells two starts apart as well.
    let events = [security(10, 500, TOOL, explorer), security(30, 500, TOOL, explorer)];
    assert_eq!(processes(&events).iter().filter(|name| *name == "a.exe (500)").count(), 2);
    // Another program under the same number is another process.
    let events = [sysmon(10, 2, 500, TOOL), security(40, 600, OTHER, (500, OTHER))];
    assert_eq!(processes(&events), ["a.exe (500)", "b.exe (500)", "b.exe (600)", "explorer.exe (40)"]);
}
