//! The model against the machine-readable schema and the vendor's samples, where they are at hand.

use std::path::PathBuf;

use super::*;
use crate::model::*;

fn shared(name: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if !root.exists() {
        println!("note: {} is absent, nothing was compared", root.display());
        return None;
    }
    Some(root)
}

fn schema() -> Option<Value> {
    let text = std::fs::read_to_string(shared("reference/graph-security-types.json")?).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

fn names(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// Name in the schema, the known names here, and how this side spells a name.
type ValueSet = (&'static str, Vec<&'static str>, fn(&str) -> String);

macro_rules! value_sets {
    ($($name:literal $type:ident,)+) => {
        [$(($name, $type::ALL.iter().map(|v| v.as_str()).collect(), |text| $type::parse(text).as_str().to_owned()),)+]
    };
}

fn value_sets() -> Vec<ValueSet> {
    let sets: [ValueSet; 38] = value_sets! {
        "alertSeverity" AlertSeverity, "alertStatus" AlertStatus, "incidentStatus" IncidentStatus,
        "alertClassification" AlertClassification, "alertDetermination" AlertDetermination,
        "serviceSource" ServiceSource, "detectionSource" DetectionSource, "evidenceVerdict" Verdict,
        "evidenceRemediationStatus" RemediationStatus, "evidenceRole" EvidenceRole,
        "detectionStatus" DetectionStatus, "investigationState" InvestigationState,
        "correlationReason" CorrelationReason, "deviceHealthStatus" DeviceHealthStatus,
        "deviceRiskScore" DeviceRiskScore, "onboardingStatus" OnboardingStatus,
        "defenderAvStatus" DefenderAvStatus, "fileHashAlgorithm" FileHashAlgorithm,
        "mailboxConfigurationType" MailboxConfigurationType, "servicePrincipalType" ServicePrincipalType,
        "teamsMessageDeliveryAction" TeamsMessageDeliveryAction, "teamsDeliveryLocation" TeamsDeliveryLocation,
        "antispamTeamsDirection" AntispamTeamsDirection, "kubernetesPlatform" KubernetesPlatform,
        "kubernetesServiceType" KubernetesServiceType, "containerPortProtocol" ContainerPortProtocol,
        "googleCloudLocationType" GoogleCloudLocationType, "ioTDeviceImportanceType" IoTDeviceImportanceType,
        "protocolType" ProtocolType, "vmCloudProvider" VmCloudProvider, "aiAgentPlatform" AiAgentPlatform,
        "remediationAction" RemediationAction, "action" AccountAction, "identityProvider" IdentityProvider,
        "verdictCategory" VerdictCategory, "threatType" ThreatType, "deliveryAction" DeliveryAction,
        "deliveryLocation" DeliveryLocation,
    };
    sets.into()
}

#[test]
fn every_value_set_finds_its_own_names_in_any_case() {
    for (set, names, spell) in value_sets() {
        for name in &names {
            assert_eq!(spell(name), *name, "{set}");
            assert_eq!(spell(&name.to_uppercase()), *name, "{set}");
        }
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{set}");
        assert_eq!(spell("unknownFutureValue"), "unknownFutureValue", "{set}");
    }
}

#[test]
fn the_schema_has_no_value_that_the_model_lacks() {
    let Some(schema) = schema() else { return };
    let sets = value_sets();
    let enums = schema["enums"].as_object().unwrap();
    assert_eq!(enums.keys().map(String::as_str).collect::<BTreeSet<_>>(), sets.iter().map(|s| s.0).collect());
    for (set, known, _) in sets {
        let mut expected = names(&enums[set]);
        expected.remove("unknownFutureValue");
        assert_eq!(known.into_iter().collect::<BTreeSet<_>>(), expected, "{set}");
    }
    for item in enums["correlationReason"].as_array().unwrap() {
        let reason = CorrelationReason::parse(item["name"].as_str().unwrap());
        let known = reason.index().is_some();
        assert_eq!(reason.bit().map(u64::from), item["value"].as_u64().filter(|_| known));
    }
}

#[test]
fn the_schema_has_no_property_that_the_model_lacks() {
    let Some(schema) = schema() else { return };
    let fields = |list: &[&'static str]| -> BTreeSet<&str> {
        list.iter().copied().filter(|name| *name != "@odata.type").collect()
    };
    // `id` comes from the common base of both, `alerts` is a relation.
    let entity = |name: &str, more: &[&'static str]| -> BTreeSet<&str> {
        names(&schema["entities"][name]["properties"]).into_iter().chain(more.iter().copied()).collect()
    };
    assert_eq!(fields(Incident::FIELDS), entity("incident", &["id", "alerts"]));
    assert_eq!(fields(Alert::FIELDS), entity("alert", &["id"]));
    assert_eq!(fields(Evidence::FIELDS), names(&schema["evidence_base"]));

    let evidence = schema["evidence"].as_object().unwrap();
    assert_eq!(evidence.len() + 1, EvidenceKind::ALL.len());
    for (name, properties) in evidence {
        let kind = EvidenceKind::from_odata_type(&format!("#microsoft.graph.security.{name}"));
        assert_eq!(format!("{kind}Evidence"), *name);
        assert_eq!(fields(EvidencePayload::empty(kind).fields()), names(properties), "{name}");
    }

    let complex = [
        ("fileDetails", FileDetails::FIELDS),
        ("fileHash", FileHash::FIELDS),
        ("userAccount", UserAccount::FIELDS),
        ("loggedOnUser", LoggedOnUser::FIELDS),
        ("resourceAccessEvent", ResourceAccessEvent::FIELDS),
        ("vmMetadata", VmMetadata::FIELDS),
        ("emailSender", EmailSender::FIELDS),
        ("geoLocation", GeoLocation::FIELDS),
        ("stream", Stream::FIELDS),
        ("kubernetesServicePort", KubernetesServicePort::FIELDS),
        ("alertComment", AlertComment::FIELDS),
        ("dictionary", &[]),
    ];
    assert_eq!(complex.len(), schema["complex"].as_object().unwrap().len());
    for (name, known) in complex {
        assert_eq!(fields(known), names(&schema["complex"][name]), "{name}");
    }
}

/// A value of a type of the schema; nested types are left empty.
fn sample(schema: &Value, kind: &str) -> Value {
    if let Some(item) = kind.strip_suffix("[]") {
        return json!([sample(schema, item)]);
    }
    match kind {
        "String" | "Guid" => json!("text"),
        "Int32" | "Int64" => json!(7),
        "Boolean" => json!(true),
        "Double" => json!(1.5),
        "DateTimeOffset" => json!("2031-01-01T00:00:00Z"),
        "alertEvidence" => json!({"@odata.type": "#microsoft.graph.security.urlEvidence"}),
        _ => schema["enums"].get(kind).map_or(json!({}), |values| values[0]["name"].clone()),
    }
}

#[test]
fn every_property_has_the_type_of_the_schema() {
    let Some(schema) = schema() else { return };
    let document = |properties: &Value| -> Map<String, Value> {
        let properties = properties.as_array().unwrap().iter();
        properties.map(|p| (p["name"].as_str().unwrap().into(), sample(&schema, p["type"].as_str().unwrap()))).collect()
    };
    let root = Path::root();
    let problems = &mut Vec::new();
    for (name, properties) in schema["evidence"].as_object().unwrap() {
        let mut map = document(properties);
        map.extend(document(&schema["evidence_base"]));
        map.insert("@odata.type".into(), format!("#microsoft.graph.security.{name}").into());
        let evidence = Evidence::from_map(map.clone(), &root, problems);
        assert_eq!((evidence.extra.len(), evidence.payload.extra().len()), (0, 0), "{name}");
        assert_eq!(evidence.to_map(), map);
    }
    let map = document(&schema["entities"]["alert"]["properties"]);
    assert_eq!(Alert::from_map(map, &root, problems).extra, Map::new());
    let map = document(&schema["entities"]["incident"]["properties"]);
    assert_eq!(Incident::from_map(map, &root, problems).extra, Map::new());
    macro_rules! complex {
        ($($name:literal $type:ident,)+) => {
            $(assert_eq!($type::from_map(document(&schema["complex"][$name]), &root, problems).extra, Map::new(), $name);)+
        };
    }
    complex! {
        "fileDetails" FileDetails, "fileHash" FileHash, "userAccount" UserAccount, "loggedOnUser" LoggedOnUser,
        "resourceAccessEvent" ResourceAccessEvent, "vmMetadata" VmMetadata, "emailSender" EmailSender,
        "geoLocation" GeoLocation, "stream" Stream, "kubernetesServicePort" KubernetesServicePort,
        "alertComment" AlertComment,
    }
    assert_eq!(found(problems), []);
}

#[test]
fn the_vendors_samples_round_trip() {
    let Some(folder) = shared("fixtures/graph") else {
        return;
    };
    let mut documents = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with("-request.json") {
            continue;
        }
        let value: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let records = match value.get("value").unwrap_or(&value) {
            Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        };
        for record in records {
            let mut problems = Vec::new();
            let map = object(record.clone());
            let again = if name.starts_with("incident") {
                written(&Incident::from_map(map, &Path::root(), &mut problems))
            } else {
                written(&Alert::from_map(map, &Path::root(), &mut problems))
            };
            assert_eq!(again, record, "{name}");
            println!("{name}: {problems:?}");
            documents += 1;
        }
    }
    assert!(documents > 0);
}
