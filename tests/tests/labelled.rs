//! Labelled alerts of real detectors, without severities: read when `../shared` lies beside the workspace, else
//! skipped with a note. The incidents must separate the attack from the daily noise, with the default policy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say with a panic what failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use casegraph::Casebook;
use serde_json::json;

/// What is left of a label when spellings of one phase are put together; `None` for noise.
fn phase(label: &str) -> Option<&str> {
    Some(match label {
        "dns_scan" | "network_scans" => "network_scans",
        "service_scan" | "service_scans" => "service_scans",
        "webshell_cmd" | "webshell" => "webshell",
        "crack_passwords" | "online_cracking" | "cracking" => "cracking",
        "attacker_change_user" | "escalated_sudo_command" | "privilege_escalation" => "privilege_escalation",
        "wpscan" | "dirb" | "reverse_shell" | "service_stop" | "dnsteal" => label,
        _ => return None,
    })
}

/// Fields of a line of CSV; quoted ones may hold commas.
fn fields(line: &str) -> Vec<String> {
    let (mut out, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => out.last_mut().expect("there is a field").push(c),
        }
    }
    out
}

/// Alerts as JSON Lines, without their labels, and the phases by alert id.
fn read(path: &Path) -> (String, BTreeMap<String, Option<String>>) {
    let text = std::fs::read_to_string(path).unwrap();
    let (mut lines, mut labels) = (String::new(), BTreeMap::new());
    for (n, line) in text.lines().skip(1).enumerate() {
        let fields = fields(line);
        let [time, name, ip, host, detector, _, label] = fields.as_slice() else { panic!("{line}") };
        let seconds: f64 = time.parse().unwrap();
        let at = chrono::DateTime::from_timestamp(seconds as i64, 0).unwrap().to_rfc3339();
        let (product, title) = name.split_once(": ").unwrap_or(("", name));
        let alert = json!({
            "@odata.type": "#microsoft.graph.security.alert", "id": format!("a-{n}"), "title": title,
            "productName": product, "detectorId": detector, "severity": "unknown", "status": "new",
            "createdDateTime": at, "firstActivityDateTime": at, "lastActivityDateTime": at,
            "evidence": [
                {"@odata.type": "#microsoft.graph.security.deviceEvidence", "hostName": host,
                 "deviceDnsName": format!("{host}.corp.example")},
                {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": ip},
            ],
        });
        lines.push_str(&alert.to_string());
        lines.push('\n');
        labels.insert(format!("a-{n}"), phase(label).map(str::to_owned));
    }
    (lines, labels)
}

fn holds(scenario: &str) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ait-ads").join(format!("{scenario}_alerts.txt"));
    if !path.exists() {
        println!("note: ../shared/data/ait-ads is not there, nothing was checked");
        return;
    }
    let (lines, labels) = read(&path);
    let mut book = Casebook::new();
    let report = book.ingest(scenario, lines.as_bytes()).unwrap();
    assert_eq!(report.alerts as usize, labels.len());
    let mut total: BTreeMap<&str, usize> = BTreeMap::new();
    labels.values().flatten().for_each(|phase| *total.entry(phase).or_default() += 1);
    let (mut seen, mut first_attack) = (0, None);
    let (mut hit, mut noise, mut most_phases): (BTreeMap<&str, usize>, usize, (usize, usize)) = Default::default();
    for (rank, incident) in book.incidents().enumerate() {
        let ids = incident.alerts.iter().flat_map(|a| std::iter::once(&a.id).chain(&a.repeats));
        let phases: Vec<Option<&str>> = ids.map(|id| labels.get(id).unwrap().as_deref()).collect();
        seen += phases.len();
        let attack = phases.iter().flatten().count();
        if attack * 2 > phases.len() {
            first_attack = first_attack.or(Some(rank + 1));
        }
        if rank < 5 {
            phases.iter().flatten().for_each(|phase| *hit.entry(phase).or_default() += 1);
            noise += phases.len() - attack;
            most_phases = most_phases.max((phases.iter().flatten().collect::<BTreeSet<_>>().len(), 99 - rank));
        }
    }
    let share = |phase: &&str| *hit.get(*phase).unwrap_or(&0) as f64 / *total.get(*phase).unwrap() as f64;
    let recall = total.keys().map(share).sum::<f64>() / total.len() as f64;
    let attack: usize = hit.values().sum();
    let precision = attack as f64 / (attack + noise) as f64;
    let incidents = book.queue().len();
    println!("{scenario}: recall {recall:.4}, precision {precision:.4}, {incidents} incidents, phases {most_phases:?}");
    assert_eq!(seen, labels.len(), "an alert is lost");
    assert!(recall >= 0.95, "recall of the first five incidents is {recall}");
    assert!(precision >= 0.95, "precision of the first five incidents is {precision}");
    assert!(most_phases.0 == total.len() && most_phases.1 >= 98, "one of the first two holds all phases");
    assert!(first_attack <= Some(2) && incidents < 150);
}

#[test]
fn a_scenario_whose_theft_leaves_six_alerts() {
    holds("russellmitchell");
}

#[test]
fn a_scenario_whose_theft_fires_for_days() {
    holds("santos");
}
