//! The adapters: golden output for small own documents, hostile input, and real documents when they are there.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::convert::{Converted, Object, SOURCE_KEY};
use super::format::Format;
use super::{graph_legacy, hunting, m365d, mde, ocsf, sentinel};
use crate::error::{ErrorCode, ProblemCode};

fn convert(format: Format, record: Value) -> Converted {
    let mut out = Converted::default();
    let Value::Object(record) = record else { panic!("a record is an object") };
    match format {
        Format::M365dIncidents => m365d::convert(record, &mut out),
        Format::MdeAlerts => mde::convert(record, &mut out),
        Format::SentinelAlerts | Format::SentinelIncidents => sentinel::convert(record, &mut out),
        Format::GraphLegacyAlerts => graph_legacy::convert(record, &mut out),
        Format::AdvancedHunting => hunting::convert(record, &mut out),
        Format::OcsfFindings => ocsf::convert(record, &mut out),
        _ => panic!("Graph needs no adapter"),
    }
    out
}

fn problems(out: &Converted) -> Vec<(ProblemCode, &str)> {
    out.problems.iter().map(|problem| (problem.code, problem.path.as_str())).collect()
}

/// The one alert of a conversion without problems.
fn golden(format: Format, record: Value, expected: Value) {
    let out = convert(format, record);
    assert_eq!(problems(&out), []);
    let rows = out.alerts.iter().filter(|alert| alert.fragment).count();
    assert_eq!(rows, usize::from(format == Format::AdvancedHunting));
    let alert = Value::Object(out.alerts.into_iter().next().unwrap().alert);
    assert_eq!(alert, expected, "{}", serde_json::to_string_pretty(&alert).unwrap());
}

#[test]
fn m365d_incident() {
    let record = json!({
        "incidentId": 17, "incidentName": "Trial", "createdTime": "2026-01-02T03:04:05.1234567Z", "status": "New",
        "severity": "UnSpecified", "tags": ["a"], "classification": "TruePositive", "determination": "CompromisedUser",
        "comments": [{"comment": "seen", "createdBy": "ann@example.com", "createdTime": "2026-01-02T03:04:06Z"}],
        "novelty": {"x": 1},
        "alerts": {
            "alertId": "da1", "serviceSource": "MicrosoftDefenderATP", "detectionSource": "MTP", "status": "InProgress",
            "severity": "High", "investigationId": 5, "creationTime": "2026-01-02T03:04:05+01:00",
            "devices": {"mdatpDeviceId": "d1", "deviceDnsName": "pc1.example.com", "osBuild": 1, "osProcessor": "x64",
                        "vmMetadata": {"vmId": "v", "cloudProvider": "Azure"}},
            "entities": [
                {"entityType": "Process", "processId": 7, "fileName": "a.exe", "sha1": null, "deviceId": "d1",
                 "accountName": "bob", "verdict": "Suspicious", "parentProcessId": 3},
                {"entityType": "Registry", "registryKey": "SOFTWARE\\X", "registryValue": "1"},
                {"entityType": "MailBox", "userPrincipalName": "bob@example.com", "url": "https://example.com"},
                {"entityType": "Quantum-Bit", "spin": "up"}
            ]
        }
    });
    let out = convert(Format::M365dIncidents, record);
    assert_eq!(problems(&out), []);
    assert_eq!(
        Value::Object(out.incidents[0].clone()),
        json!({
            "@odata.type": "#microsoft.graph.security.incident", "id": "17", "displayName": "Trial",
            "createdDateTime": "2026-01-02T03:04:05.1234567Z", "status": "active", "severity": "unknown",
            "customTags": ["a"], "classification": "truePositive", "determination": "compromisedAccount",
            "comments": [{"comment": "seen", "createdByDisplayName": "ann@example.com",
                          "createdDateTime": "2026-01-02T03:04:06Z"}],
            "casegraph.source": {"format": "m365d-incidents", "rest": {
                "determination": "CompromisedUser", "novelty": {"x": 1}, "severity": "UnSpecified", "status": "New"}}
        })
    );
    assert_eq!(
        Value::Object(out.alerts[0].alert.clone()),
        json!({
            "@odata.type": "#microsoft.graph.security.alert", "id": "da1", "incidentId": "17",
            "serviceSource": "microsoftDefenderForEndpoint", "detectionSource": "microsoft365Defender",
            "status": "inProgress", "severity": "high", "createdDateTime": "2026-01-02T03:04:05+01:00",
            "evidence": [
                {"@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": "d1",
                 "deviceDnsName": "pc1.example.com", "osBuild": 1, "osProcessor": "x64",
                 "vmMetadata": {"vmId": "v", "cloudProvider": "azure"}},
                {"@odata.type": "#microsoft.graph.security.processEvidence", "processId": 7, "parentProcessId": 3,
                 "imageFile": {"fileName": "a.exe"}, "mdeDeviceId": "d1", "verdict": "suspicious",
                 "userAccount": {"accountName": "bob"}},
                {"@odata.type": "#microsoft.graph.security.registryValueEvidence", "registryKey": "SOFTWARE\\X",
                 "registryValue": "1"},
                {"@odata.type": "#microsoft.graph.security.mailboxEvidence", "upn": "bob@example.com",
                 "url": "https://example.com"},
                {"@odata.type": "#casegraph.quantumBitEvidence", "entityType": "Quantum-Bit", "spin": "up"}
            ],
            "additionalData": {"casegraph.source": {"format": "m365d-incidents", "rest": {
                "detectionSource": "MTP", "investigationId": 5, "serviceSource": "MicrosoftDefenderATP"}}}
        })
    );
}

#[test]
fn mde_alert_of_both_shapes() {
    golden(
        Format::MdeAlerts,
        json!({
            "id": "da1", "incidentId": 9, "severity": "Low", "category": "null", "aadTenantId": "t",
            "machineId": "m", "computerDnsName": "pc.example.com", "threatName": "X",
            "alertCreationTime": "2026-01-02T03:04:05Z",
            "relatedUser": {"userName": "BOB", "domainName": "EXAMPLE"}, "alertUser": null,
            "alertFiles": [{"sha1": "aa", "fileName": "b.dll"}], "alertDomains": [{"host": "bad.example"}],
            "alertIps": ["192.0.2.7"],
            "evidence": [{"entityType": "User", "accountName": "bob", "domainName": "example", "userSid": "S-1"}]
        }),
        json!({
            "@odata.type": "#microsoft.graph.security.alert", "id": "da1", "incidentId": "9", "severity": "low",
            "tenantId": "t", "threatDisplayName": "X", "createdDateTime": "2026-01-02T03:04:05Z",
            "serviceSource": "microsoftDefenderForEndpoint",
            "evidence": [
                {"@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": "m",
                 "deviceDnsName": "pc.example.com"},
                {"@odata.type": "#microsoft.graph.security.userEvidence",
                 "userAccount": {"accountName": "bob", "domainName": "example", "userSid": "S-1"}},
                {"@odata.type": "#microsoft.graph.security.fileEvidence", "mdeDeviceId": "m",
                 "fileDetails": {"sha1": "aa", "fileName": "b.dll"}},
                {"@odata.type": "#microsoft.graph.security.dnsEvidence", "domainName": "bad.example"},
                {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "192.0.2.7"}
            ],
            "additionalData": {"casegraph.source": {"format": "mde-alerts", "rest": {"category": "null"}}}
        }),
    );
}

fn sentinel_entities() -> Value {
    json!([
        {"$id": "1", "Type": "host", "HostName": "PC1", "DnsDomain": "example.com", "MdatpDeviceId": "m1", "NTDomain": ""},
        {"$id": "2", "Type": "process", "ProcessId": "0x1558", "CommandLine": "b.exe -x",
         "CreationTimeUtc": "2026-01-02 03:04:05.5", "Host": {"$ref": "1"}, "Account": {"$ref": "5"},
         "ImageFile": {"$id": "3", "Type": "file", "Name": "b.exe", "Directory": "c:\\temp",
                       "FileHashes": [{"$id": "4", "Type": "filehash", "Algorithm": "SHA256", "Value": "ab"}]},
         "ParentProcess": {"$ref": "6"}},
        {"$id": "5", "Type": "account", "Name": "bob", "UPNSuffix": "example.com", "Host": {"$ref": "1"}},
        {"$id": "6", "Type": "process", "ProcessId": "12", "ParentProcess": {"$ref": "2"}},
        {"$id": "7", "Type": "ip", "Address": "192.0.2.9", "Location": {"$id": "8", "CountryCode": "AQ", "Asn": 64500}},
        {"$id": "9", "Type": "registry-value", "Name": "Run", "Key": {"$ref": "10"}},
        {"$id": "10", "Type": "registry-key", "Hive": "HKEY_LOCAL_MACHINE", "Key": "SOFTWARE\\X"},
        {"$id": "11", "Type": "dns", "DomainName": "bad.example", "IpAddresses": [{"$ref": "7"}]},
        {"$id": "12", "Type": "weather-station", "Wind": "north", "Host": {"$ref": "99"}}
    ])
}

#[test]
fn sentinel_alert() {
    let row = json!({
        "SystemAlertId": "s1", "AlertName": "N", "AlertDisplayName": "N", "AlertType": "rule1", "Severity": "High",
        "ProviderName": "ASI Scheduled Alerts", "StartTimeUtc": "2026-01-02 03:04:05", "Status": "Dismissed",
        "TimeGenerated": "2026-01-02T03:05:00Z", "Tactics": "InitialAccess, Execution", "Techniques": "[\"T1566\"]",
        "ExtendedProperties": "{\"Custom Details\": \"{\\\"k\\\":[\\\"v\\\"]}\", \"n\": 1}", "ExtendedLinks": "",
        "IsIncident": "True", "Entities": sentinel_entities().to_string()
    });
    let out = convert(Format::SentinelAlerts, row);
    assert_eq!(problems(&out), [(ProblemCode::DanglingReference, "$.Entities[8].Host")]);
    let process = json!({
        "@odata.type": "#microsoft.graph.security.processEvidence", "$id": "2", "processId": 5464,
        "processCommandLine": "b.exe -x", "processCreationDateTime": "2026-01-02T03:04:05.5Z", "mdeDeviceId": "m1",
        "imageFile": {"fileName": "b.exe", "filePath": "c:\\temp", "sha256": "ab"}, "parentProcessId": 12,
        "userAccount": {"accountName": "bob", "userPrincipalName": "bob@example.com"}
    });
    let ip = json!({"@odata.type": "#microsoft.graph.security.ipEvidence", "$id": "7", "ipAddress": "192.0.2.9",
                    "countryLetterCode": "AQ", "Location": {"$id": "8", "Asn": 64500}});
    let mut inner_ip = ip.clone();
    inner_ip.as_object_mut().unwrap().remove("$id");
    assert_eq!(
        Value::Object(out.alerts[0].alert.clone()),
        json!({
            "@odata.type": "#microsoft.graph.security.alert", "id": "s1", "title": "N", "detectorId": "rule1",
            "severity": "high", "serviceSource": "microsoftSentinel", "status": "resolved",
            "firstActivityDateTime": "2026-01-02T03:04:05Z", "createdDateTime": "2026-01-02T03:05:00Z",
            "category": "InitialAccess", "categories": ["InitialAccess", "Execution"], "mitreTechniques": ["T1566"],
            "customDetails": {"k": ["v"]},
            "evidence": [
                {"@odata.type": "#microsoft.graph.security.deviceEvidence", "$id": "1", "hostName": "PC1",
                 "dnsDomain": "example.com", "deviceDnsName": "PC1.example.com", "mdeDeviceId": "m1"},
                process,
                {"@odata.type": "#microsoft.graph.security.fileEvidence", "$id": "3",
                 "fileDetails": {"fileName": "b.exe", "filePath": "c:\\temp", "sha256": "ab"}},
                {"@odata.type": "#microsoft.graph.security.userEvidence", "$id": "5", "UPNSuffix": "example.com",
                 "userAccount": {"accountName": "bob", "userPrincipalName": "bob@example.com"}, "Host": {"$ref": "1"}},
                {"@odata.type": "#microsoft.graph.security.processEvidence", "$id": "6", "processId": 12,
                 "parentProcessId": 5464, "parentProcessCreationDateTime": "2026-01-02T03:04:05.5Z",
                 "parentProcessImageFile": {"fileName": "b.exe", "filePath": "c:\\temp", "sha256": "ab"}},
                ip,
                {"@odata.type": "#microsoft.graph.security.registryValueEvidence", "$id": "9",
                 "registryValueName": "Run", "registryHive": "HKEY_LOCAL_MACHINE", "registryKey": "SOFTWARE\\X"},
                {"@odata.type": "#microsoft.graph.security.registryKeyEvidence", "$id": "10",
                 "registryHive": "HKEY_LOCAL_MACHINE", "registryKey": "SOFTWARE\\X"},
                {"@odata.type": "#microsoft.graph.security.dnsEvidence", "$id": "11", "domainName": "bad.example",
                 "ipAddresses": [inner_ip]},
                {"@odata.type": "#casegraph.weatherStationEvidence", "$id": "12", "Type": "weather-station",
                 "Wind": "north", "Host": {"$ref": "99"}}
            ],
            "additionalData": {"casegraph.source": {"format": "sentinel-alerts", "isIncident": true, "rest": {
                "ExtendedProperties": {"Custom Details": "{\"k\":[\"v\"]}", "n": 1}, "IsIncident": "True",
                "ProviderName": "ASI Scheduled Alerts", "Status": "Dismissed"}}}
        })
    );
}

#[test]
fn sentinel_incident_of_both_shapes() {
    let record = json!({
        "id": "/x", "name": "guid", "type": "Microsoft.SecurityInsights/Incidents",
        "properties": {"title": "T", "status": "Closed", "owner": {"email": "null", "assignedTo": "Ann"},
            "labels": [{"labelName": "l", "labelType": "User"}], "incidentNumber": 4,
            "createdTimeUtc": "2026-01-02T03:04:05Z"}
    });
    let out = convert(Format::SentinelIncidents, record);
    assert_eq!(problems(&out), []);
    assert_eq!(
        Value::Object(out.incidents[0].clone()),
        json!({
            "@odata.type": "#microsoft.graph.security.incident", "id": "guid", "displayName": "T",
            "status": "resolved", "assignedTo": "Ann", "customTags": ["l"],
            "createdDateTime": "2026-01-02T03:04:05Z",
            "casegraph.source": {"format": "sentinel-incidents", "rest": {
                "id": "/x", "type": "Microsoft.SecurityInsights/Incidents",
                "properties": {"status": "Closed", "owner": {"email": "null", "assignedTo": "Ann"},
                    "labels": [{"labelName": "l", "labelType": "User"}], "incidentNumber": 4}}}
        })
    );
    let row = json!({"IncidentName": "guid", "IncidentNumber": 4, "Title": "T", "Status": "Active",
        "CreatedTime": "2026-01-02 03:04:05", "Owner": "{\"userPrincipalName\":\"ann@example.com\"}"});
    let out = convert(Format::SentinelIncidents, row);
    assert_eq!(problems(&out), []);
    let incident = &out.incidents[0];
    assert_eq!(incident["id"], "guid");
    assert_eq!(incident["assignedTo"], "ann@example.com");
    assert_eq!(incident["createdDateTime"], "2026-01-02T03:04:05Z");
}

#[test]
fn legacy_graph_alert() {
    golden(
        Format::GraphLegacyAlerts,
        json!({
            "id": "l1", "azureTenantId": "t", "status": "newAlert", "severity": "high", "feedback": "benignPositive",
            "eventDateTime": "2026-01-02T03:04:05Z", "comments": ["c"], "incidentIds": ["1", "2"],
            "recommendedActions": ["one", "two"],
            "vendorInformation": {"provider": "MCAS", "vendor": "Example"},
            "hostStates": [{"fqdn": "pc.example.com", "riskScore": "0.5", "isAzureAadJoined": true}],
            "userStates": [{"userPrincipalName": "bob@example.com", "logonIp": "192.0.2.1"}],
            "fileStates": [{"name": "a.exe", "fileHash": {"hashType": "sha256", "hashValue": "ab"}}],
            "processes": [{"processId": 4, "createdDateTime": "2026-01-02T03:04:05Z", "name": "a.exe"}],
            "networkConnections": [{"destinationAddress": "192.0.2.2", "destinationPort": "443", "protocol": "tcp",
                "destinationUrl": "https://bad.example/"}],
            "registryKeyStates": [{"hive": "currentUser", "key": "K", "valueName": "V"}]
        }),
        json!({
            "@odata.type": "#microsoft.graph.security.alert", "id": "l1", "tenantId": "t", "status": "new",
            "severity": "high", "classification": "informationalExpectedActivity", "incidentId": "1",
            "firstActivityDateTime": "2026-01-02T03:04:05Z", "comments": [{"comment": "c"}],
            "recommendedActions": "one\ntwo", "productName": "MCAS",
            "serviceSource": "microsoftDefenderForCloudApps",
            "evidence": [
                {"@odata.type": "#microsoft.graph.security.deviceEvidence", "deviceDnsName": "pc.example.com",
                 "isAzureAadJoined": true, "casegraph.source": {"riskScore": "0.5"}},
                {"@odata.type": "#microsoft.graph.security.userEvidence", "logonIp": "192.0.2.1",
                 "userAccount": {"userPrincipalName": "bob@example.com"}},
                {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "192.0.2.1"},
                {"@odata.type": "#microsoft.graph.security.fileEvidence",
                 "fileDetails": {"fileName": "a.exe", "sha256": "ab"}},
                {"@odata.type": "#microsoft.graph.security.processEvidence", "processId": 4,
                 "processCreationDateTime": "2026-01-02T03:04:05Z", "imageFile": {"fileName": "a.exe"}},
                {"@odata.type": "#microsoft.graph.security.networkConnectionEvidence", "destinationPort": 443,
                 "destinationAddress": {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "192.0.2.2"},
                 "protocol": "tcp", "destinationUrl": "https://bad.example/"},
                {"@odata.type": "#microsoft.graph.security.urlEvidence", "url": "https://bad.example/"},
                {"@odata.type": "#microsoft.graph.security.registryValueEvidence", "registryHive": "HKEY_CURRENT_USER",
                 "registryKey": "K", "registryValueName": "V", "casegraph.source": {"hive": "currentUser"}}
            ],
            "additionalData": {"casegraph.source": {"format": "graph-legacy-alerts", "rest": {
                "feedback": "benignPositive", "incidentIds": ["1", "2"], "recommendedActions": ["one", "two"],
                "status": "newAlert", "vendorInformation": {"vendor": "Example"}}}}
        }),
    );
}

#[test]
fn hunting_rows() {
    let row = json!({
        "Timestamp": "2026-01-02 03:04:05.000000000", "AlertId": "h1", "Title": "T", "Severity": "Medium",
        "ServiceSource": "Microsoft Defender for Endpoint", "DetectionSource": "EDR",
        "Categories": "[\"Execution\"]", "AttackTechniques": "[\"Rundll32 (T1218.011)\"]",
        "EntityType": "Process", "EvidenceRole": "Related", "EvidenceDirection": "", "FileName": "a.exe",
        "DeviceId": "m1", "DeviceName": "pc.example.com",
        "AdditionalFields": "{\"Type\":\"process\",\"ProcessId\":\"7\",\"ImageFile\":{\"Type\":\"file\",\"Name\":\"a.exe\",\"Directory\":\"c:\\\\t\"}}"
    });
    let additional = json!({"Type": "process", "ProcessId": "7",
        "ImageFile": {"Type": "file", "Name": "a.exe", "Directory": "c:\\t"}});
    let expected = json!({
        "@odata.type": "#microsoft.graph.security.alert", "id": "h1", "title": "T", "severity": "medium",
        "serviceSource": "microsoftDefenderForEndpoint", "detectionSource": "microsoftDefenderForEndpoint",
        "createdDateTime": "2026-01-02T03:04:05.000000000Z", "category": "Execution", "categories": ["Execution"],
        "mitreTechniques": ["T1218.011"],
        "evidence": [
            {"@odata.type": "#microsoft.graph.security.processEvidence", "processId": 7, "mdeDeviceId": "m1",
             "createdDateTime": "2026-01-02T03:04:05.000000000Z", "detailedRoles": ["Related"],
             "imageFile": {"fileName": "a.exe", "filePath": "c:\\t"}, "DeviceName": "pc.example.com",
             "casegraph.source": {"AdditionalFields": additional}},
            {"@odata.type": "#microsoft.graph.security.fileEvidence", "$id": "inner-1",
             "fileDetails": {"fileName": "a.exe", "filePath": "c:\\t"}}
        ],
        "additionalData": {"casegraph.source": {"format": "advanced-hunting", "rest": {
            "AttackTechniques": ["Rundll32 (T1218.011)"], "DetectionSource": "EDR",
            "ServiceSource": "Microsoft Defender for Endpoint"}}}
    });
    golden(Format::AdvancedHunting, row, expected);

    let wrapped = json!({"time": "t", "tenantId": "t1", "category": "AdvancedHunting-AlertInfo",
        "properties": {"AlertId": "h2", "Timestamp": "2026-01-02T03:04:05Z", "New": 1}});
    let expected = json!({
        "@odata.type": "#microsoft.graph.security.alert", "id": "h2", "tenantId": "t1", "evidence": [],
        "createdDateTime": "2026-01-02T03:04:05Z",
        "additionalData": {"casegraph.source": {"format": "advanced-hunting", "rest": {
            "category": "AdvancedHunting-AlertInfo", "properties": {"New": 1}, "time": "t"}}}
    });
    golden(Format::AdvancedHunting, wrapped, expected);

    let out = convert(Format::AdvancedHunting, json!({"Timestamp": "2026-01-02T03:04:05Z", "ActionType": "Boot"}));
    assert_eq!(problems(&out), [(ProblemCode::NotAnAlert, "$")]);
    assert_eq!(out.problems[0].message, "a raw event (`Boot`), no alert: raw events need rules");
    assert!(out.alerts.is_empty());
}

#[test]
fn hostile_types_keep_everything() {
    for format in Format::ALL {
        if matches!(format, Format::GraphAlerts | Format::GraphIncidents | Format::Events) {
            continue;
        }
        let odd = [
            json!(1.5),
            json!(true),
            json!("\u{0}"),
            json!([[1], {"a": null}, "x", {"Type": 3}]),
            json!({"k": [{}]}),
            json!(u64::MAX),
            json!(i64::MIN),
            json!("0xffffffffffffffffff"),
            json!("[1, {\"$ref\": 1}]"),
            json!(-0.0),
        ];
        for (index, value) in odd.iter().enumerate() {
            let mut record: Object = MEMBERS.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
            record.insert("marker".to_owned(), json!(format!("kept-{index}")));
            let inner = Value::Object(record.clone());
            for list in
                ["alerts", "entities", "devices", "evidence", "Entities", "processes", "hostStates", "evidences"]
            {
                let mut outer = record.clone();
                if format == Format::OcsfFindings {
                    outer.insert("class_uid".to_owned(), json!(2004));
                }
                outer.insert(list.to_owned(), json!([inner, value, null]));
                let out = convert(format, Value::Object(outer));
                let text = everything(&out).to_string();
                if !out.problems.iter().any(|problem| problem.code == ProblemCode::NotAnAlert) {
                    assert!(text.contains(&format!("kept-{index}")), "{format} {list} {value}: {text}");
                }
                serde_json::from_str::<Value>(&text).unwrap();
            }
        }
    }
}

const MEMBERS: &[&str] = &[
    "id",
    "alertId",
    "incidentId",
    "incidentName",
    "createdTime",
    "status",
    "severity",
    "comments",
    "tags",
    "vmMetadata",
    "processId",
    "fileName",
    "machineId",
    "relatedUser",
    "alertFiles",
    "alertIps",
    "SystemAlertId",
    "Tactics",
    "Techniques",
    "ExtendedProperties",
    "RemediationSteps",
    "Type",
    "$id",
    "Host",
    "ImageFile",
    "AlertId",
    "EntityType",
    "AdditionalFields",
    "EvidenceRole",
    "AttackTechniques",
    "Categories",
    "FileSize",
    "fileHash",
    "logonIp",
    "vendorInformation",
    "incidentIds",
    "recommendedActions",
    "labels",
    "owner",
    "finding_info",
    "metadata",
    "verdict_id",
    "time",
    "severity_id",
    "notes",
    "assignee",
    "actor",
    "resources",
    "observables",
    "unmapped",
];

fn everything(out: &Converted) -> Value {
    let alerts = out.alerts.iter().map(|alert| Value::Object(alert.alert.clone()));
    alerts.chain(out.incidents.iter().cloned().map(Value::Object)).collect()
}

#[test]
fn cycles_and_repeated_references_stay_small() {
    let row = |entities: Value| json!({"SystemAlertId": "s", "Entities": entities});
    let out = convert(
        Format::SentinelAlerts,
        row(json!([
            {"$id": "1", "Type": "process", "ImageFile": {"$ref": "1"}, "ParentProcess": {"$ref": "1"}, "Host": {"$ref": "2"}},
            {"$id": "2", "Type": "host", "Host": {"$ref": "2"}, "Inner": {"$id": "2", "Type": "host", "X": 1}},
            {"$ref": "1"}, {"$ref": "none"}
        ])),
    );
    assert_eq!(problems(&out), [(ProblemCode::DanglingReference, "$.Entities[3]")]);
    assert_eq!(out.alerts[0].alert["evidence"].as_array().unwrap().len(), 3);

    let mut entities: Vec<Value> =
        (0..2_000).map(|_| json!({"Type": "host-logon-session", "Account": {"$ref": "big"}})).collect();
    entities.push(json!({"$id": "big", "Type": "account", "Name": "x".repeat(100_000)}));
    let out = convert(Format::SentinelAlerts, row(entities.into()));
    assert_eq!(out.problems.last().map(|problem| problem.code), Some(ProblemCode::Limit));
    assert!(everything(&out).to_string().len() < 10_000_000);
}

#[test]
fn deep_nesting_can_be_read_back() {
    for depth in [90, 99, 110, 122] {
        let deep = "[".repeat(depth) + "\"bottom\"" + &"]".repeat(depth);
        let texts = [
            format!(
                r#"{{"incidentId":1,"x":{deep},"alerts":[{{"alertId":"a","y":{deep},"devices":[{{"z":{deep}}}]}}]}}"#
            ),
            format!(r#"{{"SystemAlertId":"s","x":{deep},"Entities":[{{"Type":"odd","y":{deep}}}]}}"#),
            format!(r#"{{"AlertId":"s","EntityType":"File","AdditionalFields":{{"Type":"file","y":{deep}}}}}"#),
        ];
        let formats = [Format::M365dIncidents, Format::SentinelAlerts, Format::AdvancedHunting];
        for (text, format) in texts.iter().zip(formats) {
            let out = convert(format, serde_json::from_str(text).unwrap());
            for alert in &out.alerts {
                let text = Value::Object(alert.alert.clone()).to_string();
                let read: Value = serde_json::from_str(&text).unwrap();
                assert!(read.to_string().contains("bottom"));
            }
        }
    }
}

#[test]
fn formats_are_told_apart() {
    for format in Format::ALL {
        assert_eq!(Format::from_name(format.name()).unwrap(), format);
    }
    let error = Format::from_name("csv").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Format);
    assert!(error.message().contains("`m365d-incidents`"));

    let mde = r#"{"id":"a","alertCreationTime":"2026-01-02T03:04:05Z","evidence":[{"x":"]}"}]}"#;
    for text in [
        mde.to_owned(),
        format!("\u{feff} [{mde}, 1]"),
        format!("{mde}\n{mde}\n"),
        format!("{mde}{mde}"),
        format!(r#"{{"@odata.context":"x","@odata.nextLink":null,"n":[1,{{"a":"\"}}"}}],"value":[{mde}]}}"#),
    ] {
        assert_eq!(Format::detect(text.as_bytes()), Some(Format::MdeAlerts), "{text}");
    }
    let huge = format!(r#"[{{"alertCreationTime":"x","evidence":["{}"]}}]"#, "y".repeat(600_000));
    assert_eq!(Format::detect(huge.as_bytes()), Some(Format::MdeAlerts));
    for end in 0..mde.len() {
        let _ = Format::detect(&mde.as_bytes()[..end]);
    }
    for text in ["", "[", "null", "[[[[[[[[[[[[", "{\"value\":[]}", "{}", "{\"a\"", "{\"\\ud800\":1}", "\u{0}", "[1,2]"]
    {
        assert_eq!(Format::detect(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn ocsf_detection_finding() {
    golden(
        Format::OcsfFindings,
        json!({
            "class_uid": 2004, "time": 1_767_323_045_000_i64, "severity_id": 5, "status_id": 2,
            "finding_info": {"uid": "f1", "title": "Odd program", "analytic": {"uid": "r7", "name": "Rule", "type_id": 1},
                "attacks": [{"tactic": {"uid": "TA0002"}, "technique": {"uid": "T1059"},
                             "sub_technique": {"uid": "T1059.001"}}]},
            "metadata": {"product": {"name": "Falco", "vendor_name": "Falcosecurity"}, "version": "1.3.0",
                "tenant_uid": "t"},
            "evidences": [{"process": {"pid": 7, "name": "a.sh", "file": {"name": "a.sh", "hashes": [
                {"algorithm_id": 3, "value": "ab"}, {"algorithm_id": 5, "value": "fuzzy"}]},
                "parent_process": {"pid": 3}, "user": {"uid": "S-1-5-21-1-2-3-4", "name": "bob"}},
                "device": {"uid": "d1", "hostname": "pc1.example.com", "os": {"name": "Linux", "type_id": 200}},
                "verdict_id": 4}]
        }),
        json!({
            "@odata.type": "#microsoft.graph.security.alert", "id": "f1", "title": "Odd program", "detectorId": "r7",
            "mitreTechniques": ["T1059.001"], "category": "Execution", "tenantId": "t", "serviceSource": "falco",
            "productName": "Falco", "severity": "high", "status": "inProgress",
            "createdDateTime": "2026-01-02T03:04:05Z", "firstActivityDateTime": "2026-01-02T03:04:05Z",
            "evidence": [
                {"@odata.type": "#microsoft.graph.security.processEvidence", "processId": 7, "verdict": "suspicious",
                 "imageFile": {"fileName": "a.sh", "sha256": "ab"}, "parentProcessId": 3, "mdeDeviceId": "d1",
                 "userAccount": {"userSid": "S-1-5-21-1-2-3-4", "accountName": "bob"},
                 "casegraph.source": {"file": {"hashes": [{"algorithm_id": 5, "value": "fuzzy"}]},
                                      "artifact": {"verdict_id": 4}}},
                {"@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": "d1",
                 "deviceDnsName": "pc1.example.com", "osPlatform": "Linux"}
            ],
            "additionalData": {"casegraph.source": {"format": "ocsf-findings", "rest": {
                "class_uid": 2004, "severity_id": 5, "status_id": 2, "time": 1_767_323_045_000_i64,
                "finding_info": {"analytic": {"name": "Rule", "type_id": 1},
                    "attacks": [{"tactic": {"uid": "TA0002"}, "technique": {"uid": "T1059"},
                                 "sub_technique": {"uid": "T1059.001"}}]},
                "metadata": {"product": {"vendor_name": "Falcosecurity"}, "version": "1.3.0"}
            }}}
        }),
    );
    let out = convert(Format::OcsfFindings, json!({"class_uid": 2003, "finding_info": {"uid": "x"}}));
    assert_eq!(problems(&out), [(ProblemCode::NotAnAlert, "$")]);
    assert!(out.alerts.is_empty());
}

type Expected = (Option<Format>, usize, usize, Vec<(ProblemCode, &'static str)>);

fn expected() -> BTreeMap<&'static str, Expected> {
    use ProblemCode::{BadTime, Missing, NotAnAlert, WrongType};
    let none = || (None, 0, 0, vec![]);
    let time = |path| (BadTime, path);
    let wrong = |path| (WrongType, path);
    let legacy = |problems| (Some(Format::GraphLegacyAlerts), 1, 0, problems);
    BTreeMap::from([
        ("graph/alert-get.json", (Some(Format::GraphAlerts), 0, 0, vec![])),
        ("graph/alerts_v2-list.json", (Some(Format::GraphAlerts), 0, 0, vec![])),
        ("graph/alert_v2-anonymous-login-event-v2.json", (Some(Format::GraphAlerts), 0, 0, vec![])),
        ("graph/alert_v2-informational-severity-event-v2.json", (Some(Format::GraphAlerts), 0, 0, vec![])),
        ("graph/alert_v2-resolved-event-v2.json", (Some(Format::GraphAlerts), 0, 0, vec![])),
        ("graph/incident-get.json", (Some(Format::GraphIncidents), 0, 0, vec![])),
        ("graph/incidents-list.json", (Some(Format::GraphIncidents), 0, 0, vec![])),
        ("graph/alerts-move-request.json", none()),
        ("graph/incidents-merge-request.json", none()),
        ("m365d-legacy/incidents-list.json", (Some(Format::M365dIncidents), 3, 3, vec![])),
        ("m365d-legacy/incident-automated-investigation-9-alerts.json", (Some(Format::M365dIncidents), 9, 1, vec![])),
        ("m365d-legacy/incident-update-request.json", none()),
        ("mde/alert-get.json", (Some(Format::MdeAlerts), 1, 0, vec![])),
        ("mde/investigation.json", none()),
        ("mde/machineaction-isolate.json", none()),
        ("sentinel/incidents-list.json", (Some(Format::SentinelIncidents), 0, 1, vec![])),
        ("sentinel/entities-by-id.json", none()),
        ("sentinel/securityalerts-one-host-112.json", (Some(Format::SentinelAlerts), 112, 0, vec![])),
        ("advanced-hunting/alert-evidence-event.json", (Some(Format::AdvancedHunting), 1, 0, vec![])),
        (
            "advanced-hunting/deviceevents-golden-saml.json",
            (Some(Format::AdvancedHunting), 0, 0, vec![(NotAnAlert, "$"); 9]),
        ),
        ("ocsf/detection_finding-okta-1.3.0.json", (Some(Format::OcsfFindings), 1, 0, vec![])),
        ("ocsf/finding-falco.json", (Some(Format::OcsfFindings), 1, 0, vec![])),
        ("ocsf/finding-qradar-offense.json", (Some(Format::OcsfFindings), 1, 0, vec![])),
        ("ocsf/security_finding-sechub-1.0.0-rc.2.json", (Some(Format::OcsfFindings), 1, 0, vec![])),
        // Documentation skeletons: type names stand where values should.
        (
            "graph-legacy-alert/alert-0.json",
            legacy(vec![
                wrong("$.severity"),
                wrong("$.status"),
                wrong("$.feedback"),
                time("$.createdDateTime"),
                time("$.eventDateTime"),
                time("$.lastModifiedDateTime"),
                time("$.closedDateTime"),
            ]),
        ),
        (
            "graph-legacy-alert/alert-get-1.json",
            legacy(vec![
                wrong("$.severity"),
                wrong("$.status"),
                wrong("$.feedback"),
                time("$.createdDateTime"),
                time("$.eventDateTime"),
                time("$.lastModifiedDateTime"),
                time("$.closedDateTime"),
                wrong("$.userStates[0].emailRole"),
                time("$.userStates[0].logonDateTime"),
                wrong("$.userStates[0].logonType"),
                wrong("$.userStates[0].userAccountType"),
                wrong("$.fileStates[0].fileHash.hashType"),
                time("$.processes[0].createdDateTime"),
                time("$.processes[0].parentProcessCreatedDateTime"),
                wrong("$.processes[0].integrityLevel"),
                wrong("$.processes[0].fileHash.hashType"),
                wrong("$.networkConnections[0].destinationPort"),
                wrong("$.networkConnections[0].sourcePort"),
                wrong("$.networkConnections[0].protocol"),
                wrong("$.networkConnections[0].direction"),
                wrong("$.networkConnections[0].status"),
                wrong("$.networkConnections[0].natDestinationPort"),
                wrong("$.networkConnections[0].natSourcePort"),
                time("$.networkConnections[0].domainRegisteredDateTime"),
                wrong("$.registryKeyStates[0].hive"),
                wrong("$.registryKeyStates[0].valueType"),
                wrong("$.registryKeyStates[0].operation"),
                wrong("$.securityResources[0].resourceType"),
            ]),
        ),
        ("graph-legacy-alert/alert-list-1.json", legacy(vec![time("$.closedDateTime"), (Missing, "$.id")])),
    ])
}

#[test]
fn real_documents() {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
    if !fixtures.is_dir() {
        println!("note: {} is not there, real documents were not read", fixtures.display());
        return;
    }
    let expected = expected();
    let mut read = 0;
    for folder in std::fs::read_dir(&fixtures).unwrap().flatten().filter(|folder| folder.path().is_dir()) {
        for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let name = format!("{}/{}", folder.file_name().display(), file.file_name().display());
            let other = ["ocsf/raw-", "stix/", "navigator/"].iter().any(|other| name.starts_with(other));
            let none = (None, 0, 0, vec![]);
            let (format, alerts, incidents, wrong) = match expected.get(name.as_str()) {
                Some(expected) => expected,
                None if other => &none,
                None => panic!("{name} is not expected"),
            };
            read += 1;
            let bytes = std::fs::read(file.path()).unwrap();
            assert_eq!(Format::detect(&bytes), *format, "{name}");
            let records = match serde_json::from_slice(&bytes).unwrap() {
                Value::Array(records) => records,
                Value::Object(mut page) if page.get("value").is_some_and(Value::is_array) => {
                    page["value"].as_array_mut().map(std::mem::take).unwrap()
                }
                record => vec![record],
            };
            let mut all = Converted::default();
            for record in records {
                assert_eq!(record.as_object().and_then(Format::detect_record), *format, "{name}");
                let Some(format) = *format else { continue };
                if matches!(format, Format::GraphAlerts | Format::GraphIncidents) {
                    continue;
                }
                let out = convert(format, record.clone());
                if !out.alerts.is_empty() || !out.incidents.is_empty() {
                    nothing_lost(&record, &everything(&out), &name);
                }
                all.alerts.extend(out.alerts);
                all.incidents.extend(out.incidents);
                all.problems.extend(out.problems);
            }
            assert_eq!(problems(&all), *wrong, "{name}");
            assert_eq!((all.alerts.len(), all.incidents.len()), (*alerts, *incidents), "{name}");
        }
    }
    assert!(read >= expected.len(), "{read} documents read");
}

/// Every leaf of the source is in the output, but for spelling: case of names, times with their `Z`, hexadecimal
/// numbers, JSON text read; and but for what the evidence's type or the resolved reference says.
fn nothing_lost(source: &Value, output: &Value, name: &str) {
    let mut there = Vec::new();
    leaves("", output, &mut there);
    let there: std::collections::BTreeSet<String> = there.into_iter().map(|(_, leaf)| leaf).collect();
    let mut wanted = Vec::new();
    leaves("", source, &mut wanted);
    for (member, leaf) in wanted {
        let resolved = ["entityType", "EntityType", "Type", "$ref"].contains(&member.as_str()) || leaf.is_empty();
        let time = leaf.replacen(' ', "t", 1) + "z";
        let number = leaf.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        let found = [leaf.as_str(), &time, &number].into_iter().any(|spelling| there.contains(spelling));
        assert!(resolved || found, "{name}: `{member}`: `{leaf}` is lost");
    }
}

fn leaves(member: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| leaves(member, item, into)),
        Value::Object(members) => members.iter().for_each(|(name, value)| leaves(name, value, into)),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => leaves(member, &inner, into),
            _ => into.push((member.to_owned(), text.to_lowercase())),
        },
        other => into.push((member.to_owned(), other.to_string())),
    }
}

#[test]
fn leftovers_have_one_place() {
    let out =
        convert(Format::MdeAlerts, json!({"id": "a", "new": {"deep": [1]}, "casegraph.source": 1, "severity": 3}));
    assert_eq!(problems(&out), [(ProblemCode::WrongType, "$.severity")]);
    let rest = &out.alerts[0].alert["additionalData"][SOURCE_KEY]["rest"];
    assert_eq!(*rest, json!({"new": {"deep": [1]}, "casegraph.source": 1, "severity": 3}));
}
