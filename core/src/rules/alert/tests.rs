#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

mod acts;
mod odd;
mod products;

use serde_json::{Value, json};

use super::{RuleFace, alert};
use crate::model::{Alert, Path};
use crate::policy::Limits;
use crate::resolve::extract::Extract;
use crate::rules::ast::Level;
use crate::rules::mapping::built_in;
use crate::rules::mapping::testing::Event;

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";
const GUID: &str = "{0a1b2c3d-5514-69a5-1100-000000000700}";

fn rule() -> RuleFace<'static> {
    RuleFace {
        id: Some("7f1a2b3c-0000-4000-8000-000000000001"),
        title: "Shell started by a spreadsheet",
        hash: "ab12",
        level: Some(Level::Critical),
        tags: vec![
            "attack.execution",
            "attack.stealth",
            "attack.t1059.003",
            "attack.T1204",
            "attack.g0007",
            "cve.2026-1",
        ],
        fields: vec!["Image", "CommandLine", "absent"],
        ..RuleFace::default()
    }
}

/// One event as evtx_dump, Winlogbeat and flat exporters write it.
fn forms(channel: &str, id: u32, data: &Value) -> [Value; 3] {
    let mut flat = json!({"Channel": channel, "EventID": id, "Hostname": "ws-17.alder.example",
        "@timestamp": "2026-03-02T09:15:00.25Z"});
    flat.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    [
        json!({"Event": {"System": {"EventID": id, "Channel": channel, "Computer": "ws-17.alder.example",
            "TimeCreated": {"#attributes": {"SystemTime": "2026-03-02T09:15:00.25Z"}}}, "EventData": data}}),
        json!({"@timestamp": "2026-03-02T09:15:00.25Z", "winlog": {"channel": channel, "event_id": id,
            "computer_name": "ws-17.alder.example", "event_data": data}}),
        flat,
    ]
}

fn run(event: &Value) -> Value {
    let event = Event::new(built_in(), event);
    let out = alert(&rule(), &event, "event-1", event.time());
    let text = out.to_string();
    let mut extract = Extract::default();
    extract.read(text.as_bytes(), &Limits::default()).unwrap();
    assert!(extract.problems.is_empty(), "our own ingest objects: {:?}\n{out:#}", extract.problems);
    let mut problems = Vec::new();
    let Value::Object(map) = out.clone() else { panic!("no object") };
    let _ = Alert::from_map(map, &Path::root(), &mut problems);
    assert!(problems.is_empty(), "the model objects: {problems:?}\n{out:#}");
    out
}

/// The members that `wanted` names are there with its values, at any depth.
fn holds(item: &Value, wanted: &Value) -> bool {
    match (item, wanted) {
        (Value::Object(item), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| item.get(key).is_some_and(|item| holds(item, value)))
        }
        (Value::Array(items), Value::Array(wanted)) => {
            items.len() == wanted.len() && items.iter().zip(wanted).all(|(item, wanted)| holds(item, wanted))
        }
        _ => item == wanted,
    }
}

fn find(alert: &Value, kind: &str, wanted: &Value) -> bool {
    let items = alert["evidence"].as_array().unwrap();
    items.iter().any(|item| is(item, kind) && holds(item, wanted))
}

fn is(item: &Value, kind: &str) -> bool {
    let name = item["@odata.type"].as_str().unwrap().rsplit('.').next().unwrap();
    name == format!("{kind}Evidence")
}

#[track_caller]
fn in_all_forms(channel: &str, id: u32, data: &Value, wanted: &[(&str, Value)]) {
    for event in forms(channel, id, data) {
        let out = run(&event);
        for (kind, wanted) in wanted {
            assert!(find(&out, kind, wanted), "no {kind} {wanted} in {:#}\nof {event}", out["evidence"]);
        }
    }
}

#[track_caller]
fn from_record(event: &Value, wanted: &[(&str, Value)]) {
    let out = run(event);
    for (kind, wanted) in wanted {
        assert!(find(&out, kind, wanted), "no {kind} {wanted} in {:#}", out["evidence"]);
    }
}

#[test]
fn the_alert_says_what_rule_and_event_say() {
    let data = json!({"Image": "C:\\Windows\\System32\\cmd.exe", "CommandLine": "cmd /c echo"});
    let [evtx, _, flat] = forms(SYSMON, 1, &data);
    let out = run(&evtx);
    let expected = json!({
        "title": "Shell started by a spreadsheet", "severity": "high", "status": "new", "category": "Execution",
        "categories": ["Execution", "Stealth"], "mitreTechniques": ["T1059.003", "T1204"],
        "detectorId": "7f1a2b3c-0000-4000-8000-000000000001", "detectionSource": "customDetection",
        "productName": "casegraph", "createdDateTime": "2026-03-02T09:15:00.25Z",
        "firstActivityDateTime": "2026-03-02T09:15:00.25Z", "lastActivityDateTime": "2026-03-02T09:15:00.25Z",
        "additionalData": {"ruleId": "7f1a2b3c-0000-4000-8000-000000000001", "ruleHash": "ab12",
            "ruleLevel": "critical", "matchedFields": {"Image": "C:\\Windows\\System32\\cmd.exe", "CommandLine": "cmd /c echo"}},
    });
    assert!(holds(&out, &expected), "{out:#}");
    assert!(out["additionalData"]["matchedFields"].get("absent").is_none());
    assert_eq!(out["id"], run(&flat)["id"], "the id comes from rule and event id");
    assert_eq!(out["id"].as_str().unwrap().len(), 35);
    let event = Event::new(built_in(), &evtx);
    assert_ne!(out["id"], alert(&rule(), &event, "event-2", None)["id"]);
    assert_eq!(out["id"], alert(&RuleFace { hash: "cd34", ..rule() }, &event, "event-1", None)["id"]);
}

#[test]
fn no_time_is_invented() {
    let event = json!({"Channel": SYSMON, "EventID": 1, "Hostname": "ws-17", "Image": "C:\\a.exe"});
    let event = Event::new(built_in(), &event);
    for time in [None, Some("yesterday"), Some("")] {
        let out = alert(&rule(), &event, "e", time);
        assert!(!out.to_string().contains("DateTime"), "{out}");
    }
}

#[test]
fn device() {
    in_all_forms(
        "System",
        1,
        &json!({}),
        &[(
            "device",
            json!({"hostName": "ws-17", "dnsDomain": "alder.example", "deviceDnsName": "ws-17.alder.example"}),
        )],
    );
}

#[test]
fn process_with_parent_image_hashes_and_user() {
    let sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let data = json!({"UtcTime": "2026-03-02 09:15:00.123", "ProcessGuid": GUID, "ProcessId": "4242",
        "Image": "C:\\Windows\\System32\\cmd.exe", "CommandLine": "cmd /c whoami", "User": "ALDER\\ada",
        "Hashes": format!("SHA1=A94A8FE5CCB19BA61C4C0873D391E987982FBBD3,MD5=098F6BCD4621D373CADE4E832627B4F6,SHA256={sha256},IMPHASH=00"),
        "ParentProcessGuid": "{0a1b2c3d-5500-69a5-1000-000000000700}", "ParentProcessId": 17,
        "ParentImage": "C:\\Office\\excel.exe", "LogonId": "0x14F3C84"});
    in_all_forms(
        SYSMON,
        1,
        &data,
        &[
            (
                "process",
                json!({
                    "processId": 4242, "processCreationDateTime": "2026-03-02T09:15:00Z", "processCommandLine": "cmd /c whoami",
                    "imageFile": {"fileName": "cmd.exe", "filePath": "C:\\Windows\\System32", "sha256": sha256,
                        "sha1": "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "md5": "098f6bcd4621d373cade4e832627b4f6"},
                    "userAccount": {"accountName": "ada", "domainName": "ALDER"},
                    "parentProcessId": 17, "parentProcessCreationDateTime": "2026-03-02T09:14:40Z",
                    "parentProcessImageFile": {"fileName": "excel.exe", "filePath": "C:\\Office"},
                }),
            ),
            ("user", json!({"userAccount": {"accountName": "ada", "domainName": "ALDER"}})),
            ("hostLogonSession", json!({"sessionId": "0x14f3c84"})),
        ],
    );
}

#[test]
fn process_of_the_security_log_has_its_own_number() {
    let data = json!({"NewProcessId": "0x1a4", "ProcessId": "0x11", "NewProcessName": "C:\\a.exe",
        "ParentProcessName": "C:\\b.exe", "SubjectUserName": "ada", "SubjectDomainName": "ALDER",
        "SubjectUserSid": "S-1-5-21-1-2-3-1104", "SubjectLogonId": "0x3e7", "TargetUserName": "-"});
    in_all_forms(
        "Security",
        4688,
        &data,
        &[
            (
                "process",
                json!({"processId": 420, "parentProcessId": 17, "processCreationDateTime": "2026-03-02T09:15:00Z",
            "imageFile": {"fileName": "a.exe"}, "parentProcessImageFile": {"fileName": "b.exe"}}),
            ),
            (
                "user",
                json!({"userAccount": {"accountName": "ada", "domainName": "ALDER", "userSid": "S-1-5-21-1-2-3-1104"}}),
            ),
        ],
    );
    in_all_forms(
        "Security",
        4688,
        &data,
        &[(
            "process",
            json!({"userAccount": {"accountName": "ada", "domainName": "ALDER", "userSid": "S-1-5-21-1-2-3-1104"}}),
        )],
    );
    let mut own = data.clone();
    own["SubjectLogonId"] = json!("0x1234");
    let out = run(&forms("Security", 4688, &own)[2]);
    let sessions = out["evidence"].as_array().unwrap().iter().filter(|item| is(item, "hostLogonSession")).count();
    assert_eq!(sessions, 1, "{out:#}");
    let out = run(&forms("Security", 4688, &data)[0]);
    assert!(!find(&out, "hostLogonSession", &json!({})), "the session of SYSTEM is everywhere");
    let users = out["evidence"].as_array().unwrap().iter().filter(|item| is(item, "user")).count();
    assert_eq!(users, 1, "{out:#}");
}

#[test]
fn thread_in_another_process() {
    let data = json!({"SourceProcessGUID": GUID, "SourceProcessId": 5, "SourceImage": "C:\\a.exe",
        "TargetProcessGUID": "{0a1b2c3d-5500-69a5-1000-000000000700}", "TargetProcessId": 6, "TargetImage": "C:\\lsass.exe"});
    in_all_forms(
        SYSMON,
        10,
        &data,
        &[
            ("process", json!({"processId": 5, "imageFile": {"fileName": "a.exe"}})),
            ("process", json!({"processId": 6, "imageFile": {"fileName": "lsass.exe"}})),
        ],
    );
}

#[test]
fn files_loaded_images_and_their_hashes() {
    in_all_forms(
        SYSMON,
        11,
        &json!({"Image": "C:\\a.exe", "TargetFilename": "C:\\Users\\ada\\x.hta"}),
        &[("file", json!({"fileDetails": {"fileName": "x.hta", "filePath": "C:\\Users\\ada"}}))],
    );
    let md5 = "098f6bcd4621d373cade4e832627b4f6";
    let data = json!({"ProcessGuid": GUID, "ProcessId": 7, "Image": "C:\\a.exe", "ImageLoaded": "C:\\b.dll",
        "Hashes": format!("MD5={md5}"), "Signed": "true", "Signature": "Alder Finch"});
    in_all_forms(
        SYSMON,
        7,
        &data,
        &[(
            "file",
            json!({"roles": ["loaded"], "fileDetails": {"fileName": "b.dll", "md5": md5, "signer": "Alder Finch"}}),
        )],
    );
    let out = run(&forms(SYSMON, 7, &data)[0]);
    assert!(!find(&out, "process", &json!({"imageFile": {"md5": md5}})), "the hash is the library's");
}

#[test]
fn registry() {
    let value =
        json!({"EventType": "SetValue", "TargetObject": "HKLM\\Software\\Run\\Updater", "Details": "C:\\x.exe"});
    in_all_forms(
        SYSMON,
        13,
        &value,
        &[(
            "registryValue",
            json!({"registryHive": "HKEY_LOCAL_MACHINE",
        "registryKey": "Software\\Run", "registryValueName": "Updater", "registryValue": "C:\\x.exe"}),
        )],
    );
    in_all_forms(
        SYSMON,
        12,
        &json!({"EventType": "CreateKey", "TargetObject": "HKU\\S-1-5-21-1\\Software\\X"}),
        &[("registryKey", json!({"registryHive": "HKEY_USERS", "registryKey": "S-1-5-21-1\\Software\\X"}))],
    );
    let audit = json!({"ObjectName": "\\REGISTRY\\MACHINE\\SOFTWARE\\Run", "ObjectValueName": "u", "NewValue": "1"});
    in_all_forms(
        "Security",
        4657,
        &audit,
        &[(
            "registryValue",
            json!({"registryHive": "HKEY_LOCAL_MACHINE",
        "registryKey": "SOFTWARE\\Run", "registryValueName": "u", "registryValue": "1"}),
        )],
    );
}

#[test]
fn connections() {
    let data = json!({"Protocol": "tcp", "SourceIp": "192.0.2.17", "SourcePort": "50100",
        "DestinationIp": "::ffff:203.0.113.9", "DestinationPort": 443, "DestinationHostname": "cdn.example.com"});
    in_all_forms(
        SYSMON,
        3,
        &data,
        &[
            (
                "networkConnection",
                json!({"protocol": "tcp", "sourceAddress": {"ipAddress": "192.0.2.17"}, "sourcePort": 50100,
            "destinationAddress": {"ipAddress": "203.0.113.9"}, "destinationPort": 443}),
            ),
            ("dns", json!({"domainName": "cdn.example.com"})),
        ],
    );
    let data = json!({"SourceAddress": "0.0.0.0", "DestAddress": "203.0.113.9", "DestPort": "99999999"});
    in_all_forms("Security", 5156, &data, &[("ip", json!({"ipAddress": "203.0.113.9", "roles": ["destination"]}))]);
    from_record(
        &json!({"_path": "conn", "ts": 1.0, "uid": "C", "id.orig_h": "192.0.2.1", "id.resp_h": "2001:db8::9",
        "id.resp_p": 53, "proto": "udp"}),
        &[("networkConnection", json!({"protocol": "udp", "destinationPort": 53}))],
    );
}

#[test]
fn domains_with_answers_and_urls() {
    let data =
        json!({"QueryName": "c2.example.com", "QueryResults": "type:  5 a.example;::ffff:203.0.113.4;2001:db8::1;"});
    in_all_forms(
        SYSMON,
        22,
        &data,
        &[(
            "dns",
            json!({"domainName": "c2.example.com",
        "ipAddresses": [{"ipAddress": "203.0.113.4"}, {"ipAddress": "2001:db8::1"}]}),
        )],
    );
    from_record(
        &json!({"c-uri": "http://bad.example.com/a", "cs-method": "GET"}),
        &[("url", json!({"url": "http://bad.example.com/a"}))],
    );
    let out = run(&json!({"c-uri": "javascript:alert(1)", "cs-method": "GET"}));
    assert!(!find(&out, "url", &json!({})));
}

#[test]
fn logons_have_accounts_sessions_and_where_they_come_from() {
    let data = json!({"TargetUserName": "ada", "TargetDomainName": "ALDER", "TargetUserSid": "S-1-5-21-1-2-3-1104",
        "TargetLogonId": "0xead4335", "IpAddress": "198.51.100.20", "SubjectUserName": "WS-17$", "SubjectUserSid": "S-1-5-18",
        "ProcessId": "0x0", "ProcessName": "-", "ImpersonationLevel": "%%1833"});
    in_all_forms(
        "Security",
        4624,
        &data,
        &[
            (
                "user",
                json!({"userAccount": {"accountName": "ada", "domainName": "ALDER", "userSid": "S-1-5-21-1-2-3-1104"}}),
            ),
            ("hostLogonSession", json!({"sessionId": "0xead4335", "account": {"userAccount": {"accountName": "ada"}}})),
            ("ip", json!({"ipAddress": "198.51.100.20", "roles": ["source"]})),
        ],
    );
    let out = run(&forms("Security", 4624, &data)[0]);
    assert_eq!(out["evidence"].as_array().unwrap().len(), 4, "nothing of the machine account: {out:#}");
}

#[test]
fn services_tasks_pipes_and_shares_keep_their_properties() {
    in_all_forms(
        "System",
        7045,
        &json!({"ServiceName": "updater", "ImagePath": "\"C:\\ProgramData\\u.exe\" -k"}),
        &[
            (
                "service",
                json!({"displayName": "updater", "id": "ws-17|service|updater", "imagePath": "\"C:\\ProgramData\\u.exe\" -k"}),
            ),
            ("file", json!({"fileDetails": {"fileName": "u.exe", "filePath": "C:\\ProgramData"}})),
        ],
    );
    in_all_forms(
        "Security",
        4698,
        &json!({"TaskName": "\\Sync", "TaskContent": "<Task/>"}),
        &[("scheduledTask", json!({"displayName": "\\Sync", "taskContent": "<Task/>"}))],
    );
    in_all_forms(
        SYSMON,
        17,
        &json!({"PipeName": "\\evil", "EventType": "CreatePipe"}),
        &[("namedPipe", json!({"displayName": "\\evil"}))],
    );
    in_all_forms(
        "Security",
        5145,
        &json!({"ShareName": "\\\\*\\ADMIN$", "RelativeTargetName": "x.exe"}),
        &[("networkShare", json!({"relativeTargetName": "x.exe"}))],
    );
    let extract = Extract::read_names(
        run(&forms(SYSMON, 17, &json!({"PipeName": "\\evil"}))[0]).to_string().as_bytes(),
        &Limits::default(),
    );
    assert!(extract.names.iter().any(|(_, name)| extract.str(*name) == "\\evil"));
}
