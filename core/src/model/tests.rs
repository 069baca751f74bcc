//! What goes in comes out again, and what was odd is said.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

mod reference;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    Alert, AlertComment, AlertDetermination, AlertSeverity, AlertStatus, CorrelationReason, DetectionSource,
    DeviceEvidence, DeviceRiskScore, Evidence, EvidenceKind, EvidencePayload, EvidenceRole, Incident, IncidentStatus,
    IpEvidence, Path, RemediationStatus, ServiceSource, Time, Verdict,
};
use crate::error::{Problem, ProblemCode};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("no object: {other}"),
    }
}

fn read_alert(value: Value) -> (Alert, Vec<Problem>) {
    let mut problems = Vec::new();
    let alert = Alert::from_map(object(value), &Path::root(), &mut problems);
    (alert, problems)
}

fn read_evidence(value: Value) -> (Evidence, Vec<Problem>) {
    let mut problems = Vec::new();
    let evidence = Evidence::from_map(object(value), &Path::root(), &mut problems);
    (evidence, problems)
}

/// One invented document per kind, with every field set; nested evidence partly without its type.
fn every_kind() -> Vec<Value> {
    serde_json::from_str(include_str!("testdata/evidence.json")).unwrap()
}

fn written(value: &impl serde::Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn found(problems: &[Problem]) -> Vec<(ProblemCode, &str, &str)> {
    problems.iter().map(|p| (p.code, p.path.as_str(), p.message.as_str())).collect()
}

#[test]
fn every_kind_round_trips_with_every_field_typed() {
    let mut kinds = BTreeSet::new();
    for document in every_kind() {
        let (evidence, problems) = read_evidence(document.clone());
        assert_eq!(found(&problems), [], "{document}");
        assert_eq!(evidence.extra, Map::new(), "{document}");
        assert_eq!(evidence.payload.extra(), &Map::new(), "{document}");
        for field in evidence.payload.fields() {
            assert!(document.get(field).is_some(), "{field} is not in the test document of {}", evidence.kind());
        }
        assert_eq!(written(&evidence), document);
        assert_eq!(Value::Object(evidence.to_map()), document);
        let again: Evidence = serde_json::from_value(document).unwrap();
        assert_eq!(again, evidence);
        kinds.insert(evidence.kind());
    }
    let known: BTreeSet<_> = EvidenceKind::ALL.iter().copied().filter(|k| *k != EvidenceKind::Other).collect();
    assert_eq!(kinds, known);
}

#[test]
fn every_kind_survives_null_empty_and_wrong_values_in_every_field() {
    for document in every_kind() {
        for broken in [Value::Null, json!([]), json!({}), json!("text"), json!(-1), json!(1.5), json!([null, "x", {}])]
        {
            let mut document = object(document.clone());
            for (_, value) in document.iter_mut().filter(|(key, _)| *key != "@odata.type") {
                *value = broken.clone();
            }
            let document = Value::Object(document);
            assert_eq!(written(&read_evidence(document.clone()).0), document);
        }
    }
}

#[test]
fn kinds_have_names_positions_and_empty_payloads() {
    assert_eq!(EvidenceKind::ALL.len(), 49);
    for (at, kind) in EvidenceKind::ALL.iter().enumerate() {
        assert_eq!(usize::from(kind.index()), at);
        assert_eq!(EvidenceKind::from_index(kind.index()), Some(*kind));
        assert_eq!(EvidenceKind::parse(kind.as_str()), *kind);
        assert_eq!(EvidencePayload::empty(*kind).kind(), *kind);
        assert_eq!(kind.odata_type().map(EvidenceKind::from_odata_type).unwrap_or_default(), *kind);
    }
    assert_eq!(EvidenceKind::from_index(49), None);
    for text in ["microsoft.graph.deviceEvidence", "#DEVICEEVIDENCE", "#microsoft.graph.security.DeviceEvidence"] {
        assert_eq!(EvidenceKind::from_odata_type(text), EvidenceKind::Device, "{text}");
    }
    for text in ["", "#", "Evidence", "device", "#microsoft.graph.security.otherEvidence", "é.ééééé", "ab\u{e9}vidence"]
    {
        assert_eq!(EvidenceKind::from_odata_type(text), EvidenceKind::Other, "{text}");
    }
    assert!(EvidenceKind::Mailbox.is_asset() && EvidenceKind::AzureResource.is_asset());
    assert!(!EvidenceKind::File.is_asset() && !EvidenceKind::Other.is_asset());
}

#[test]
fn unknown_kind_field_and_value_survive() {
    let document = json!({
        "@odata.type": "#microsoft.graph.security.alert",
        "severity": "catastrophic",
        "status": "unknownFutureValue",
        "novelField": {"deep": [1, null]},
        "evidence": [
            {"@odata.type": "#example.quantumEvidence", "verdict": "malicious", "qubits": 7, "roles": ["conjurer"]},
            {"@odata.type": "microsoft.graph.DEVICEevidence", "hostName": "a.example.com", "colour": "red"},
        ],
    });
    let (alert, problems) = read_alert(document.clone());
    assert_eq!(found(&problems), []);
    assert_eq!(written(&alert), document);
    assert_eq!(alert.severity, Some(AlertSeverity::Other("catastrophic".into())));
    assert_eq!(alert.status, Some(AlertStatus::Other("unknownFutureValue".into())));
    let unknown = &alert.evidence[0];
    assert_eq!((unknown.kind(), unknown.odata_type()), (EvidenceKind::Other, Some("#example.quantumEvidence")));
    assert_eq!(unknown.verdict, Some(Verdict::Malicious));
    assert_eq!(unknown.roles, [EvidenceRole::Other("conjurer".into())]);
    assert_eq!(unknown.payload.extra()["qubits"], 7);
    assert_eq!(alert.evidence[1].kind(), EvidenceKind::Device);
    assert_eq!(alert.evidence[1].payload.extra()["colour"], "red");
}

#[test]
fn other_spellings_are_read_and_written_back_as_they_came() {
    let document = json!({
        "status": "Active", "severity": "UnSpecified", "determination": "CompromisedUser", "classification": "TruePositive",
        "tags": ["Demo"], "comments": [{"comment": "c", "createdBy": "a@example.com", "createdTime": "2031-01-01T00:00:00Z"}],
    });
    let mut incident: Incident = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(incident.status, Some(IncidentStatus::Active));
    assert_eq!(incident.severity, Some(AlertSeverity::Unknown));
    assert_eq!(incident.determination, Some(AlertDetermination::CompromisedAccount));
    assert_eq!(incident.tags(), ["Demo"]);
    assert_eq!(incident.comments[0].author(), Some("a@example.com"));
    assert_eq!(incident.comments[0].written(), Time::parse("2031-01-01T00:00:00Z"));
    assert_eq!(written(&incident), document);

    // A field that has been set since wins over what was read.
    incident.status = Some(IncidentStatus::Resolved);
    incident.determination = None;
    let changed = written(&incident);
    assert_eq!(changed["status"], "resolved");
    assert_eq!(changed.get("determination"), None);
    assert_eq!(changed["classification"], "TruePositive");
}

#[test]
fn wrong_types_are_reported_with_path_and_kept() {
    let document = json!({
        "id": 17,
        "mitreTechniques": "T1059",
        "categories": ["Execution", 5],
        "customDetails": [],
        "evidence": [
            {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "192.0.2.1", "location": {"latitude": "north"}},
            "nothing",
            {"@odata.type": "#microsoft.graph.security.deviceEvidence", "rbacGroupId": 3_000_000_000_u32, "osBuild": "0x10"},
            {"@odata.type": 4, "roles": [true]},
            {"hostName": "untyped.example.com"},
        ],
    });
    let (mut alert, problems) = read_alert(document.clone());
    use ProblemCode::{Missing, WrongType};
    assert_eq!(
        found(&problems),
        [
            (WrongType, "$.categories[1]", "expected text, found `5`"),
            (WrongType, "$.customDetails", "expected an object, found a list"),
            (WrongType, "$.evidence[0].location.latitude", "expected a number, found `north`"),
            (WrongType, "$.evidence[1]", "expected an object, found `nothing`"),
            (WrongType, "$.evidence[2].osBuild", "expected a whole number, found `0x10`"),
            (WrongType, "$.evidence[2].rbacGroupId", "expected a whole number of 32 bits, found `3000000000`"),
            (WrongType, "$.evidence[3]['@odata.type']", "expected the name of an evidence type"),
            (WrongType, "$.evidence[3].roles[0]", "expected text, found `true`"),
            (Missing, "$.evidence[4]['@odata.type']", "expected the name of an evidence type, found none"),
            (WrongType, "$.id", "expected text, found `17`"),
            (WrongType, "$.mitreTechniques", "expected a list, found `T1059`"),
        ]
    );
    assert_eq!(written(&alert), document);
    assert_eq!(alert.categories, ["Execution"]);
    assert_eq!(alert.evidence.len(), 4);

    alert.categories.push("Persistence".to_owned());
    alert.id = Some("ra17".to_owned());
    assert_eq!(written(&alert)["categories"], json!(["Execution", "Persistence"]));
    assert_eq!(written(&alert)["id"], "ra17");
}

#[test]
fn null_and_empty_are_told_from_absent() {
    for document in [
        json!({}),
        json!({"id": null, "evidence": null, "createdDateTime": null, "comments": [], "@odata.type": null}),
        json!({"evidence": [{"@odata.type": null, "verdict": null, "roles": []}], "severity": null}),
    ] {
        assert_eq!(written(&read_alert(document.clone()).0), document);
    }
    let (mut alert, problems) = read_alert(json!({"id": null, "evidence": []}));
    assert_eq!(found(&problems), []);
    alert.id = Some("x".to_owned());
    alert.evidence.push(Evidence::new(IpEvidence::default()));
    let expected = json!({"id": "x", "evidence": [{"@odata.type": "#microsoft.graph.security.ipEvidence"}]});
    assert_eq!(written(&alert), expected);
}

#[test]
fn times_keep_their_spelling_and_need_an_offset() {
    for text in [
        "2021-04-27T12:19:27.7211305Z",
        "2021-04-27T12:19:27Z",
        "2021-04-27T12:19:27.500Z",
        "2021-04-27T14:19:27.123456789123+02:00",
        "2021-04-27t12:19:27z",
        "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00-00:00",
    ] {
        let time = Time::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(time.to_string(), text);
        assert_eq!(serde_json::to_value(&time).unwrap(), text);
        assert_eq!(serde_json::from_value::<Time>(json!(text)).unwrap(), time);
    }
    let [zulu, offset] = ["2031-05-05T10:00:00Z", "2031-05-05T12:00:00+02:00"].map(|text| Time::parse(text).unwrap());
    assert_eq!(zulu, offset);
    assert_eq!(Time::from(offset.at()).to_string(), "2031-05-05T10:00:00Z");

    for bad in
        ["yesterday", "2031-05-05T10:00:00", "2031-05-05", "", "2031-13-05T10:00:00Z", "99999999-01-01T00:00:00Z"]
    {
        let document = json!({"createdDateTime": bad, "lastUpdateDateTime": 5});
        let (alert, problems) = read_alert(document.clone());
        let message = format!("expected a time with offset, found `{bad}`");
        assert_eq!(
            found(&problems),
            [
                (ProblemCode::BadTime, "$.createdDateTime", message.as_str()),
                (ProblemCode::WrongType, "$.lastUpdateDateTime", "expected a time with offset, found `5`"),
            ]
        );
        assert_eq!(alert.created_date_time, None);
        assert_eq!(written(&alert), document);
    }
    let (_, problems) = read_alert(json!({"createdDateTime": format!("a\nb{}", "é".repeat(99))}));
    assert_eq!(problems[0].message, format!("expected a time with offset, found `a\\nb{}...`", "é".repeat(57)));
}

#[test]
fn orders_rise_and_unknown_spellings_rank_lowest() {
    assert!(Verdict::ALL.is_sorted() && AlertSeverity::ALL.is_sorted() && DeviceRiskScore::ALL.is_sorted());
    assert_eq!(Verdict::ALL, [Verdict::Unknown, Verdict::Clean, Verdict::Suspicious, Verdict::Malicious]);
    assert!(Verdict::parse("unknownFutureValue") < Verdict::Unknown);
    assert!(AlertSeverity::parse("critical") < AlertSeverity::Unknown);
    assert_eq!(Verdict::default(), Verdict::Unknown);
    assert_eq!(RemediationStatus::default(), RemediationStatus::None);
}

#[test]
fn aliases_are_read() {
    use AlertDetermination as D;
    for (text, value) in [
        ("compromisedUser", D::CompromisedAccount),
        ("Clean", D::NotMalicious),
        ("InsufficientData", D::NotEnoughDataToValidate),
        ("NoEnoughDataToValidate", D::NotEnoughDataToValidate),
        ("confirmedUserActivity", D::ConfirmedActivity),
        ("NotAvailable", D::Unknown),
        ("other", D::OtherFinding),
        ("somethingElse", D::Other("somethingElse".into())),
    ] {
        assert_eq!(D::parse(text), value);
    }
    use ServiceSource as S;
    for (text, value) in [
        ("MicrosoftDefenderATP", S::MicrosoftDefenderForEndpoint),
        ("OfficeATP", S::MicrosoftDefenderForOffice365),
        ("AzureATP", S::MicrosoftDefenderForIdentity),
        ("MicrosoftCloudAppSecurity", S::MicrosoftDefenderForCloudApps),
        ("MTP", S::Microsoft365Defender),
        ("Microsoft Sentinel", S::MicrosoftSentinel),
        ("Microsoft Defender for Endpoint", S::MicrosoftDefenderForEndpoint),
    ] {
        assert_eq!(S::parse(text), value);
    }
    use DetectionSource as T;
    for (text, value) in [
        ("WindowsDefenderAtp", T::MicrosoftDefenderForEndpoint),
        ("WindowsDefenderAv", T::Antivirus),
        ("WindowsDefenderSmartScreen", T::SmartScreen),
        ("CustomerTI", T::CustomTi),
        ("ThreatExperts", T::MicrosoftThreatExperts),
        ("MCAS", T::CloudAppSecurity),
        ("Scheduled Alerts", T::ScheduledAlerts),
        ("DefenderForDatabases", T::MicrosoftDefenderForDatabases),
    ] {
        assert_eq!(T::parse(text), value);
    }
    assert_eq!(Verdict::parse("Clean"), Verdict::Clean);
    assert_eq!(Verdict::parse("NoThreatsFound").as_str(), "noThreatsFound");
    assert_eq!(IncidentStatus::parse("New"), IncidentStatus::Active);
    assert_eq!(IncidentStatus::parse("Closed"), IncidentStatus::Resolved);
    assert_eq!(Verdict::parse("").as_str(), "");
    assert_eq!(Verdict::parse(&" ".repeat(1 << 20)).index(), None);
}

#[test]
fn correlation_reasons_are_flags() {
    use CorrelationReason as R;
    let text = "sameActor, sameCampaign, somethingNew";
    let reasons = R::parse_flags("sameActor,SameCampaign , somethingNew,,");
    assert_eq!(R::join_flags(&reasons), text);
    assert_eq!(R::to_bits(&reasons), 512 | 1024);
    assert_eq!(R::from_bits(1 | 65536 | 1 << 31), [R::RepeatedAlertOccurrence, R::LateralMovementPath]);
    assert_eq!(R::parse("somethingNew").bit(), None);
}

#[test]
fn what_a_caller_adds_is_written_once() {
    let mut evidence = Evidence::new(DeviceEvidence { host_name: Some("a.example.com".into()), ..Default::default() });
    evidence.extra.insert("hostName".into(), json!("lost"));
    evidence.extra.insert("verdict".into(), json!("malicious"));
    evidence.extra.insert("note".into(), json!("kept"));
    evidence.extra.insert("@odata.type".into(), json!("lost"));
    evidence.verdict = Some(Verdict::Clean);
    let text = serde_json::to_string(&evidence).unwrap();
    assert_eq!(
        text,
        r##"{"@odata.type":"#microsoft.graph.security.deviceEvidence","verdict":"noThreatsFound","hostName":"a.example.com","note":"kept"}"##
    );

    // A new payload takes its own type along; the old spelling goes.
    let mut evidence = Evidence::other("#example.quantumEvidence", Map::new());
    assert_eq!(evidence.odata_type(), Some("#example.quantumEvidence"));
    evidence.payload = IpEvidence::default().into();
    assert_eq!(evidence.odata_type(), Some("#microsoft.graph.security.ipEvidence"));
}

#[test]
fn deep_nesting_costs_no_more_than_its_size_times_its_depth() {
    // Every level holds a broken element, so that every level keeps its original.
    let mut value = json!({"@odata.type": "#microsoft.graph.security.malwareEvidence", "name": "m"});
    for _ in 0..60 {
        value = json!({"@odata.type": "#microsoft.graph.security.malwareEvidence", "files": [value, "broken"]});
    }
    let (mut evidence, problems) = read_evidence(value.clone());
    assert_eq!(problems.len(), 60);
    assert_eq!(written(&evidence), value);
    let EvidencePayload::Malware(malware) = &mut evidence.payload else { panic!() };
    malware.files[0].verdict = Some(Verdict::Malicious);
    assert_eq!(written(&evidence)["files"].as_array().unwrap().len(), 1);
}

#[test]
fn nouns_can_cross_threads_and_comments_default_to_empty() {
    fn crosses<T: Send + Sync + Clone + Default>() -> T {
        T::default()
    }
    assert_eq!(written(&crosses::<Alert>()), json!({}));
    assert_eq!(written(&crosses::<Incident>()), json!({}));
    assert_eq!(written(&crosses::<Evidence>()), json!({}));
    assert_eq!(crosses::<AlertComment>().written(), None);
}
