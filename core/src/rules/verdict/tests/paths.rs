//! Paths, counts, views and limits.

use super::*;

fn office() -> Incident {
    incident(&[alert(
        "a1",
        json!([
            device(),
            process(11, "shell.exe", "shell /c run", Some((10, "writer.exe"))),
            process(12, "tool.exe", "tool -x", Some((11, "shell.exe"))),
            file("letter.doc", json!({})),
        ]),
    )])
}

/// Which entities a rule about `category` with one item fires on.
fn fired(incident: &Incident, category: &str, item: &str) -> Vec<String> {
    let text = rule("r", category, &format!("s: {{{item}}}, condition: s"), "level: high");
    incident.fired(&rules(&text)).into_iter().map(|f| f.trim_end_matches(": r").to_owned()).collect()
}

fn pid(pid: u32) -> String {
    let at = chrono::DateTime::parse_from_rfc3339(&format!("2026-03-12T07:{pid:02}:00Z")).unwrap();
    format!("process:d1|{pid}|{}", at.timestamp_nanos_opt().unwrap())
}

#[test]
fn a_word_goes_along_its_relation_and_no_other_way() {
    let case = office();
    assert_eq!(fired(&case, "process", "parent.imageFile.fileName: WRITER.EXE"), [pid(11)]);
    assert_eq!(fired(&case, "process", "parent.processCommandLine|contains: run"), [pid(12)]);
    assert_eq!(fired(&case, "process", "child.processCommandLine: tool -x"), [pid(11)]);
    assert_eq!(fired(&case, "process", "parent.parent.imageFile.fileName: writer.exe"), [pid(12)]);
    assert_eq!(fired(&case, "process", "image.fileDetails.fileName: tool.exe"), [pid(12)]);
    assert_eq!(fired(&case, "process", "device.riskScore: high").len(), 3);
    assert_eq!(fired(&case, "file", "process.processId: 12"), ["file:d1|c:\\work\\tool.exe"]);
    assert_eq!(fired(&case, "file", "fileDetails.fileName: shell.exe"), ["file:d1|c:\\work\\shell.exe"]);
    assert_eq!(fired(&case, "process", "alert.file.fileDetails.fileName: letter.doc").len(), 3);
    assert_eq!(fired(&case, "process", "incident.severity: medium").len(), 3);
    assert_eq!(fired(&case, "process", "child.imageFile.fileName: writer.exe"), [""; 0]);
}

#[test]
fn the_parent_that_is_only_mentioned_has_fields_of_its_own() {
    let case = office();
    assert_eq!(fired(&case, "process", "processId: 10"), [pid(10)]);
    assert_eq!(fired(&case, "process", "imageFile.fileName: writer.exe"), [pid(10)]);
    assert_eq!(fired(&case, "file", "fileDetails.fileName: writer.exe"), ["file:d1|c:\\work\\writer.exe"]);
}

#[test]
fn counts_are_of_neighbours_alerts_and_detectors() {
    let mut alerts = vec![alert("a1", json!([device(), process(11, "a.exe", "a", None)]))];
    alerts.push(alert("a2", json!([device(), process(12, "b.exe", "b", Some((11, "a.exe")))])));
    alerts.push(alert("a3", json!([device(), process(13, "c.exe", "c", Some((11, "a.exe")))])));
    let case = incident(&alerts);
    assert_eq!(fired(&case, "process", "counts.alerts: 3"), [""; 0]);
    assert_eq!(fired(&case, "process", "counts.alerts|gte: 3"), [pid(11)]);
    assert_eq!(fired(&case, "process", "counts.children|gte: 2"), [pid(11)]);
    assert_eq!(fired(&case, "process", "parent.counts.child|gte: 2"), [pid(12), pid(13)]);
    assert_eq!(fired(&case, "device", "counts.detectors|gte: 2").len(), 1);
    assert_eq!(fired(&case, "device", "counts.detectors|gte: 3"), [""; 0]);
    assert_eq!(fired(&case, "device", "counts.processes|gte: 3").len(), 1);
    assert_eq!(fired(&case, "device", "incident.counts.process|gte: 3").len(), 1);
}

#[test]
fn mail_leads_to_senders_recipients_and_the_domains_of_its_links() {
    let message = json!({ "@odata.type": "#microsoft.graph.security.analyzedMessageEvidence",
        "networkMessageId": "0a1b2c3d-0000-4000-8000-000000000001", "recipientEmailAddress": "ada@alderfinch.example",
        "p2Sender": { "emailAddress": "post@bulk.example.net", "domainName": "bulk.example.net" },
        "senderIp": "203.0.113.9", "urls": ["https://login.example.org/a"] });
    let case = incident(&[alert("a1", json!([message]))]);
    let messages = fired(&case, "message", "sender.domainName: bulk.example.net");
    assert_eq!(messages.len(), 1);
    assert_eq!(fired(&case, "message", "recipient.primaryAddress: ada@alderfinch.example"), messages);
    assert_eq!(fired(&case, "message", "url.domain.domainName|endswith: .example.org"), messages);
    assert_eq!(fired(&case, "message", "ip.ipAddress|cidr: 203.0.113.0/24"), messages);
    assert_eq!(fired(&case, "domain", "url.message.counts.recipient|gte: 1").len(), 1);
}

#[test]
fn a_cycle_ends_where_the_path_does() {
    let case = incident(&[alert(
        "a1",
        json!([
            device(),
            process(11, "a.exe", "a", Some((12, "b.exe"))),
            process(12, "b.exe", "b", Some((11, "a.exe")))
        ]),
    )]);
    assert_eq!(fired(&case, "process", "parent.parent.parent.parent.processCommandLine: a"), [pid(11)]);
}

#[test]
fn a_path_that_is_too_long_is_refused_and_a_crowd_is_reported() {
    let text =
        rule("r", "process", "s: {parent.parent.parent.parent.parent.kind: process}, condition: s", "level: high");
    let (none, problems) = compile(&text);
    assert!(none.is_empty());
    assert_eq!(problems[0].code, RuleProblemCode::Limit);
    let mut evidence = vec![device()];
    evidence.extend((0..40).map(|i| process(100 + i, "a.exe", &format!("run {i}"), None)));
    let mut case = incident(&[alert("a1", Value::Array(evidence))]);
    let text = rule("r", "device", "s: {process.processCommandLine: run 39}, condition: s", "level: high");
    let found = case.run(&rules(&text));
    assert_eq!((found.opinions.len(), found.reached.len()), (1, 0));
    let mut run = |change: fn(&mut Rules)| {
        case.policy.rules = Rules::default();
        change(&mut case.policy.rules);
        case.run(&rules(&text))
    };
    let found = run(|rules| rules.path_neighbours = 16);
    assert_eq!((found.opinions.len(), found.reached), (0, vec![(0, "rules.pathNeighbours")]));
    let found = run(|rules| rules.path_work = 5);
    assert_eq!(found.reached, [(0, "rules.pathWork")]);
    let found = run(|rules| rules.entity_fields = 2);
    assert!(found.reached.contains(&(0, "rules.entityFields")));
}

#[test]
fn later_evidence_takes_no_finding_back() {
    let text = rule(
        "r",
        "file",
        "s: {fileDetails.fileName: tool.exe}, signed: {fileDetails.signer|re: '.'}, condition: s and not signed",
        "level: high",
    );
    let first = alert("a1", json!([device(), file("tool.exe", json!({}))]));
    let later = alert("a2", json!([device(), file("tool.exe", json!({ "signer": "Alder Finch" }))]));
    let rules = rules(&text);
    let alone = incident(std::slice::from_ref(&first)).fired(&rules);
    assert_eq!(alone.len(), 1);
    assert_eq!(incident(&[first.clone(), later.clone()]).fired(&rules), alone);
    assert_eq!(incident(&[later.clone(), first]).fired(&rules), alone);
    assert_eq!(incident(&[later]).fired(&rules), [""; 0]);
}

#[test]
fn what_grows_is_seen_in_all_alerts_together() {
    let text = rule("r", "file", "s: {fileDetails.signer: X, fileDetails.fileSize: 7}, condition: s", "level: high");
    let alerts = [
        alert("a1", json!([device(), file("t.exe", json!({ "signer": "X" }))])),
        alert("a2", json!([device(), file("t.exe", json!({ "fileSize": 7 }))])),
    ];
    assert_eq!(incident(&alerts).fired(&rules(&text)).len(), 1);
}

#[test]
fn alert_rules_speak_of_direct_artifacts_and_incident_rules_of_what_the_attacker_brought() {
    let mut tool = file("tool.exe", json!({}));
    tool["roles"] = json!(["attacker"]);
    let case = incident(&[alert("a1", json!([device(), tool, process(11, "a.exe", "a", None)]))]);
    let text = rule("r", "alert", "s: {title|contains: odd, counts.process|gte: 1}, condition: s", "level: high");
    assert_eq!(case.fired(&rules(&text)), ["file:d1|c:\\work\\tool.exe: r".to_owned(), format!("{}: r", pid(11))]);
    let text = rule("r", "incident", "s: {category: Execution, counts.devices|gte: 1}, condition: s", "level: high");
    assert_eq!(case.fired(&rules(&text)), ["file:d1|c:\\work\\tool.exe: r"]);
}
