//! Exports in the words of standards: STIX 2.1, Attack Flow and OCSF. What a schema says is checked by the Python suite
//! (`test_export_standards.py`); here is what they say of the incident, that they say it again, and that OCSF comes back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use std::collections::{BTreeMap, BTreeSet};

use casegraph::export::ExportFormat;
use casegraph::model::{Choice, Decision, Time};
use casegraph::report::CaseFile;
use casegraph::{Casebook, Format, IncidentSummary, sample};
use serde_json::{Value, json};

const STANDARDS: [ExportFormat; 4] =
    [ExportFormat::Stix, ExportFormat::AttackFlow, ExportFormat::OcsfIncident, ExportFormat::OcsfDetections];

fn book(text: &str) -> Casebook {
    let mut book = Casebook::new();
    let report = book.ingest("test", text.as_bytes()).unwrap();
    assert_eq!(report.problems.len(), 0, "{:#?}", report.problems);
    book
}

fn case(book: &Casebook) -> CaseFile {
    book.case_file(&book.queue()[0].id, None).unwrap()
}

fn objects(case: &CaseFile, format: ExportFormat) -> Vec<Value> {
    let bundle: Value = serde_json::from_str(&case.export(format).text).unwrap();
    assert_eq!(bundle["type"], "bundle");
    bundle["objects"].as_array().unwrap().clone()
}

fn of<'o>(objects: &'o [Value], kind: &str) -> Vec<&'o Value> {
    objects.iter().filter(|object| object["type"] == kind).collect()
}

/// Ids that a value refers to.
fn references(name: &str, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(id) if name.ends_with("_ref") || name.ends_with("_refs") => into.push(id.clone()),
        Value::Array(items) => items.iter().for_each(|item| references(name, item, into)),
        Value::Object(members) => members.iter().for_each(|(name, value)| references(name, value, into)),
        _ => {}
    }
}

fn sound(objects: &[Value]) {
    let ids: BTreeSet<&str> = objects.iter().map(|object| object["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), objects.len(), "an id stands twice");
    for object in objects {
        let mut refs = Vec::new();
        references("", object, &mut refs);
        for id in refs {
            assert!(ids.contains(id.as_str()), "{} refers to {id}, which is not there", object["id"]);
        }
        assert!(object["created"].as_str() <= object["modified"].as_str());
    }
}

#[test]
fn the_sample_as_stix() {
    let book = book(sample::ALERTS);
    let case = case(&book);
    let all = objects(&case, ExportFormat::Stix);
    sound(&all);
    assert_eq!(of(&all, "event").len(), case.incident.alerts.len());
    assert_eq!(of(&all, "task").len(), case.response.actions.len());
    let incident = of(&all, "incident")[0];
    let core = &incident["extensions"]["extension-definition--ef765651-680c-498d-9894-99799f2fa126"];
    assert_eq!(core["determination"], "suspected");
    assert_eq!(core["investigation_status"], "open");
    assert_eq!(core["events"].as_array().unwrap().len(), case.incident.alerts.len());
    assert_eq!(core["incident_types"][0], "dissemination-phishing-emails");
    let indicators: BTreeSet<&str> = of(&all, "indicator").iter().map(|i| i["pattern"].as_str().unwrap()).collect();
    assert!(indicators.contains("[ipv4-addr:value = '198.51.100.23']"), "{indicators:?}");
    assert!(indicators.contains("[url:value = 'https://portal.northquay-invoices.example/track/AF-88213']"));
    let process = of(&all, "process").into_iter().find(|p| p["pid"] == 9148).unwrap();
    assert!(process["parent_ref"].as_str().unwrap().starts_with("process--"));
    assert!(process["image_ref"].as_str().unwrap().starts_with("file--"));
    let file = of(&all, "file").into_iter().find(|file| file["name"] == "svchost.exe").unwrap();
    let directory = of(&all, "directory").into_iter().find(|d| d["id"] == file["parent_directory_ref"]).unwrap();
    assert_eq!(directory["path"], r"C:\Windows\System32");
    let phishing = of(&all, "attack-pattern").into_iter().find(|p| p["name"] == "Spearphishing Attachment").unwrap();
    assert_eq!(phishing["external_references"][0]["external_id"], "T1566.001");
    assert_eq!(phishing["kill_chain_phases"][0]["phase_name"], "initial-access");
    // What is left out stands in the document too.
    let export = case.export(ExportFormat::Stix);
    let said =
        |what: &String| of(&all, "note").iter().any(|note| note["content"].as_str().unwrap().contains(what.as_str()));
    assert!(!export.left_out.is_empty() && export.left_out.iter().all(said), "{:#?}", export.left_out);
}

#[test]
fn the_sample_as_an_attack_flow() {
    let book = book(sample::ALERTS);
    let case = case(&book);
    let all = objects(&case, ExportFormat::AttackFlow);
    sound(&all);
    let flow = of(&all, "attack-flow");
    assert_eq!((flow.len(), flow[0]["scope"].as_str()), (1, Some("incident")));
    let actions: BTreeMap<&str, &Value> =
        of(&all, "attack-action").into_iter().map(|action| (action["id"].as_str().unwrap(), action)).collect();
    // From the start along the effects every step is met, never earlier than the one before it.
    let mut met = BTreeSet::new();
    let mut next: Vec<&str> = flow[0]["start_refs"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    while let Some(id) = next.pop() {
        let action = actions[id];
        met.insert(id);
        for to in action["effect_refs"].as_array().into_iter().flatten().map(|id| id.as_str().unwrap()) {
            assert!(action["execution_start"].as_str() <= actions[to]["execution_start"].as_str());
            next.push(to);
        }
    }
    assert_eq!(met.len(), actions.len());
    let techniques: BTreeSet<&str> = actions.values().map(|action| action["technique_id"].as_str().unwrap()).collect();
    let seen: BTreeSet<&str> =
        case.incident.alerts.iter().flat_map(|line| line.mitre_techniques.iter().map(String::as_str)).collect();
    assert_eq!(techniques, seen);
}

/// What two incidents must have in common to be the same: alerts, repeats, entities with verdicts, kill chain.
fn essence(incident: &IncidentSummary) -> Value {
    let alerts: Vec<Value> = incident
        .alerts
        .iter()
        .map(|line| {
            json!([
                line.id,
                line.time,
                line.title,
                line.severity,
                line.status,
                line.service_source,
                line.product_name,
                line.detector_id,
                line.categories,
                line.mitre_techniques,
                line.reason,
                line.repeats
            ])
        })
        .collect();
    let mut incident = serde_json::to_value(incident).unwrap();
    json!({"alerts": alerts, "entities": incident["entities"].take(), "killChain": incident["killChain"].take(),
        "scope": incident["scope"].take(), "title": incident["title"].take(), "tenant": incident["tenantId"].take(),
        "priority": incident["priority"].take(), "evidence": incident["evidence"].take(),
        "assignedTo": incident["assignedTo"].take(), "status": incident["status"].take()})
}

/// Says the first item that differs, not two long lists.
fn alike(part: &str, was: &Value, is: &Value) {
    if let (Some(was), Some(is)) = (was.as_array(), is.as_array()) {
        assert_eq!(was.len(), is.len(), "{part}");
        was.iter().zip(is).for_each(|(was, is)| assert_eq!(was, is, "{part}"));
    }
    assert!(was == is, "{part}");
}

#[test]
fn detections_come_back_as_the_incident_that_they_were() {
    let all = |book: &Casebook| -> (Vec<Value>, String) {
        let cases: Vec<CaseFile> = book.queue().iter().map(|line| book.case_file(&line.id, None).unwrap()).collect();
        let texts: String = cases.iter().map(|case| case.export(ExportFormat::OcsfDetections).text).collect();
        assert_eq!(texts.lines().count(), cases.iter().map(|case| case.alerts.len()).sum::<usize>());
        (cases.iter().map(|case| essence(&case.incident)).collect(), texts)
    };
    // Both incidents together: what one entity is told of in another incident counts too.
    let (was, text) = all(&book(sample::ALERTS));
    assert_eq!(Format::detect(text.as_bytes()), Some(Format::OcsfFindings));
    let (is, again) = all(&book(&text));
    assert_eq!(was.len(), is.len());
    for (was, is) in was.iter().zip(&is) {
        for part in was.as_object().unwrap().keys() {
            alike(part, &was[part], &is[part]);
        }
    }
    // And once more: nothing wears off on the way.
    let (twice, _) = all(&book(&again));
    assert!(twice == is);
}

#[test]
fn a_file_has_its_whole_path_and_its_folder() {
    fn files<'v>(value: &'v Value, into: &mut Vec<&'v Value>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| files(item, into)),
            Value::Object(members) => {
                into.extend(members.get("file"));
                members.values().for_each(|member| files(member, into));
            }
            _ => {}
        }
    }
    let text = case(&book(sample::ALERTS)).export(ExportFormat::OcsfDetections).text;
    let findings: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut told = Vec::new();
    findings.iter().for_each(|finding| files(finding, &mut told));
    told.retain(|file| file.get("parent_folder").is_some());
    assert!(told.len() > 10, "{}", told.len());
    for file in told {
        let part = |name: &str| file[name].as_str().unwrap();
        assert!(part("path").starts_with(part("parent_folder")) && part("path").ends_with(part("name")), "{file}");
    }

    // What others write: folder and name as we read them.
    let read = [
        (json!({ "name": "a.exe", "path": r"C:\Temp\a.exe" }), Some(r"C:\Temp"), Some("a.exe")),
        (json!({ "path": r"C:\Temp\a.exe" }), Some(r"C:\Temp"), Some("a.exe")),
        (json!({ "name": "A.EXE", "path": "/opt/x/a.exe" }), Some("/opt/x"), Some("A.EXE")),
        (json!({ "name": "a.exe", "path": r"C:\a.exe" }), Some(r"C:\"), Some("a.exe")),
        (json!({ "name": "a", "path": "/a" }), Some("/"), Some("a")),
        (json!({ "name": "a.exe", "path": r"C:\Temp" }), Some(r"C:\Temp"), Some("a.exe")),
        (
            json!({ "name": "a.exe", "path": r"C:\Temp\a.exe", "parent_folder": r"C:\Temp" }),
            Some(r"C:\Temp"),
            Some("a.exe"),
        ),
        (json!({ "name": "a.exe", "path": r"D:\b.exe", "parent_folder": r"C:\Temp" }), Some(r"C:\Temp"), Some("a.exe")),
        (json!({ "path": r"C:\Temp\" }), Some(r"C:\Temp"), None),
        (json!({ "name": "a.exe", "path": "a.exe" }), None, Some("a.exe")),
        (json!({ "name": "a.exe", "path": "" }), None, Some("a.exe")),
    ];
    for (file, folder, name) in read {
        let finding = json!({
            "class_uid": 2004, "category_uid": 2, "activity_id": 1, "type_uid": 200_401, "severity_id": 4,
            "time": 1_772_442_900_000_u64, "metadata": { "version": "1.7.0", "product": { "name": "P" } },
            "finding_info": { "uid": "one", "title": "T" }, "evidences": [{ "file": file }],
        });
        let book = book(&finding.to_string());
        let incident: Value = serde_json::from_str(&case(&book).export(ExportFormat::GraphIncident).text).unwrap();
        let details = &incident["alerts"][0]["evidence"][0]["fileDetails"];
        assert_eq!((details["filePath"].as_str(), details["fileName"].as_str()), (folder, name), "{file}");
    }
}

#[test]
fn an_incident_finding_names_its_alerts_and_completes_them() {
    let mut book = book(sample::ALERTS);
    let id = book.queue()[0].id.clone();
    let at = Time::parse("2026-03-12T09:00:00Z").unwrap();
    for what in [Choice::Comment { text: "seen".to_owned() }, Choice::Assign { to: Some("ada@example.com".to_owned()) }]
    {
        book.decide(&Decision::new(what, "ada", at.clone()).about([id.clone()])).unwrap();
    }
    let case = book.case_file(&id, None).unwrap();
    let incident = case.export(ExportFormat::OcsfIncident).text;
    let event: Value = serde_json::from_str(&incident).unwrap();
    assert_eq!((&event["class_uid"], &event["type_uid"]), (&json!(2005), &json!(200502)));
    assert_eq!(event["finding_info_list"].as_array().unwrap().len(), case.alerts.len());
    assert_eq!(event["assignee"]["email_addr"], "ada@example.com");
    assert!(event["comment"].as_str().unwrap().ends_with("ada: seen"));

    let mut again = self::book(&incident);
    let names = |book: &Casebook| -> BTreeSet<String> {
        book.incidents().flat_map(|i| i.alerts).flat_map(|a| std::iter::once(a.id).chain(a.repeats)).collect()
    };
    let expected: BTreeSet<String> = case.alerts.iter().map(|alert| alert.record.id.clone().unwrap()).collect();
    assert_eq!(names(&again), expected, "every reference stands as an alert");
    let vendor = &self::case(&again).incident.vendor_incidents[0];
    assert_eq!(vendor.display_name.as_deref(), Some(case.incident.title.as_str()));
    again.ingest("detections", case.export(ExportFormat::OcsfDetections).text.as_bytes()).unwrap();
    assert_eq!(again.queue().len(), 1);
    let is = self::case(&again).incident;
    assert_eq!(is.entities.len(), case.incident.entities.len());
}

#[test]
fn the_order_of_the_input_does_not_matter() {
    let lines: Vec<&str> = sample::ALERTS.lines().collect();
    let forwards = case(&book(&lines.join("\n")));
    let backwards = case(&book(&lines.iter().rev().copied().collect::<Vec<_>>().join("\n")));
    for format in STANDARDS {
        assert_eq!(forwards.export(format), forwards.export(format), "{format}");
        assert_eq!(forwards.export(format), backwards.export(format), "{format}");
    }
}

#[test]
fn hostile_words_stay_words() {
    let nasty = "x'] OR [url:value = '\\\u{202e}\u{0}\n\"}]</script>";
    let alert = json!({"@odata.type": "#microsoft.graph.security.alert", "id": nasty, "title": nasty, "description": nasty,
    "severity": nasty, "status": nasty, "category": nasty, "mitreTechniques": ["T1059", nasty, "T9999"],
    "createdDateTime": "0000-01-01T00:00:00Z", "firstActivityDateTime": "9999-12-31T23:59:59.9999999Z",
    "alertWebUrl": "javascript:alert(1)", "assignedTo": nasty, "actorDisplayName": nasty, "detectorId": nasty,
    "comments": [{"comment": nasty, "createdByDisplayName": nasty}],
    "evidence": [
        {"@odata.type": "#microsoft.graph.security.urlEvidence", "url": nasty, "verdict": "malicious"},
        {"@odata.type": "#microsoft.graph.security.fileEvidence", "verdict": "malicious", "mdeDeviceId": nasty,
         "fileDetails": {"fileName": nasty, "filePath": "C:\\", "sha256": "no hash", "fileSize": -1}},
        {"@odata.type": "#microsoft.graph.security.processEvidence", "processId": -7, "processCommandLine": nasty,
         "imageFile": {"fileName": nasty}, "processCreationDateTime": "not a time"},
        {"@odata.type": "#microsoft.graph.security.networkConnectionEvidence", "destinationPort": 70000,
         "destinationAddress": {"ipAddress": "::ffff:192.0.2.1"}, "protocol": nasty},
        {"@odata.type": "#microsoft.graph.security.registryValueEvidence", "registryKey": nasty,
         "registryValueType": nasty, "registryValueName": "", "registryValue": nasty},
        {"@odata.type": "#microsoft.graph.security.analyzedMessageEvidence", "networkMessageId": nasty,
         "recipientEmailAddress": nasty, "p2Sender": {"emailAddress": nasty}, "subject": nasty},
        {"@odata.type": format!("#x.{nasty}"), "anything": {"deep": [nasty]}},
        {"@odata.type": "#microsoft.graph.security.userEvidence", "userAccount": {"accountName": nasty, "userSid": nasty}}
    ]});
    let mut book = Casebook::new();
    book.ingest("hostile", alert.to_string().as_bytes()).unwrap();
    let case = case(&book);
    for format in [ExportFormat::Stix, ExportFormat::AttackFlow] {
        sound(&objects(&case, format));
    }
    let all = objects(&case, ExportFormat::Stix);
    for indicator in of(&all, "indicator") {
        let pattern = indicator["pattern"].as_str().unwrap();
        assert_eq!(pattern.matches("\\'").count() + 2, pattern.matches('\'').count(), "{pattern}");
    }
    assert!(!case.export(ExportFormat::Stix).text.contains("javascript:"));
    for format in [ExportFormat::OcsfIncident, ExportFormat::OcsfDetections] {
        let export = case.export(format);
        assert_eq!(export.text.lines().count(), 1, "one object, one line");
        let mut again = Casebook::new();
        again.ingest("again", export.text.as_bytes()).unwrap();
        assert_eq!(again.queue()[0].id, nasty, "{format}");
    }
    let text = case.export(ExportFormat::OcsfDetections).text;
    let mut again = Casebook::new();
    again.ingest("again", text.as_bytes()).unwrap();
    let names =
        |case: &CaseFile| -> Vec<String> { case.incident.entities.iter().map(|line| line.id.clone()).collect() };
    assert_eq!(names(&self::case(&again)), names(&case));
}
