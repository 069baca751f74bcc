//! Microsoft 365 Defender incidents API: one incident with its alerts, each with devices and entities.
//!
//! Devices and entities become evidence. `alerts`, `devices` and `entities` may be one object where a list is
//! meant, as tools that flatten records write them. An alert that stands alone is taken, too.

use serde_json::Value;

use super::convert::Kind::{Any, Id, Int, Name, Text, Texts, Time};
use super::convert::{
    self, CLASSIFICATION, Converted, ConvertedAlert, DETECTION_SOURCE, DETERMINATION, Field, Object, SERVICE_SOURCE,
    SEVERITY, Source, VERDICT,
};
use super::format::Format;
use crate::error::ProblemCode;

#[rustfmt::skip]
const INCIDENT: &[Field] = &[
    ("incidentId", "id", Id), ("redirectIncidentId", "redirectIncidentId", Id),
    ("incidentName", "displayName", Text), ("incidentUri", "incidentWebUrl", Text),
    ("createdTime", "createdDateTime", Time), ("lastUpdateTime", "lastUpdateDateTime", Time),
    ("assignedTo", "assignedTo", Text), ("tags", "customTags", Texts), ("tenantId", "tenantId", Text),
    ("classification", "classification", Name(CLASSIFICATION)),
    ("determination", "determination", Name(DETERMINATION)),
    ("status", "status", Name(&[("New", "active")])), ("severity", "severity", Name(SEVERITY)),
];

#[rustfmt::skip]
const ALERT: &[Field] = &[
    ("alertId", "id", Id), ("providerAlertId", "providerAlertId", Id), ("incidentId", "incidentId", Id),
    ("serviceSource", "serviceSource", Name(SERVICE_SOURCE)),
    ("detectionSource", "detectionSource", Name(DETECTION_SOURCE)), ("detectorId", "detectorId", Text),
    ("creationTime", "createdDateTime", Time), ("lastUpdatedTime", "lastUpdateDateTime", Time),
    ("resolvedTime", "resolvedDateTime", Time), ("firstActivity", "firstActivityDateTime", Time),
    ("lastActivity", "lastActivityDateTime", Time), ("title", "title", Text),
    ("description", "description", Text), ("category", "category", Text),
    ("status", "status", Name(&[("Active", "new")])), ("severity", "severity", Name(SEVERITY)),
    ("investigationState", "investigationState", Name(&[])),
    ("classification", "classification", Name(CLASSIFICATION)),
    ("determination", "determination", Name(DETERMINATION)), ("assignedTo", "assignedTo", Text),
    ("actorName", "actorDisplayName", Text), ("threatFamilyName", "threatFamilyName", Text),
    ("mitreTechniques", "mitreTechniques", Texts), ("tenantId", "tenantId", Text),
];

/// What any evidence may say, in this API and in Defender for Endpoint.
#[rustfmt::skip]
const BASE: &[Field] = &[
    ("evidenceCreationTime", "createdDateTime", Time), ("verdict", "verdict", Name(VERDICT)),
    ("remediationStatus", "remediationStatus", Name(&[])),
    ("remediationStatusDetails", "remediationStatusDetails", Text),
    ("roles", "roles", convert::Kind::Names), ("detailedRoles", "detailedRoles", Texts),
];

#[rustfmt::skip]
const DEVICE: &[Field] = &[
    ("mdatpDeviceId", "mdeDeviceId", Text), ("deviceId", "mdeDeviceId", Text),
    ("aadDeviceId", "azureAdDeviceId", Text), ("deviceDnsName", "deviceDnsName", Text),
    ("osPlatform", "osPlatform", Text), ("version", "version", Text), ("osBuild", "osBuild", Int),
    ("healthStatus", "healthStatus", Name(&[])), ("riskScore", "riskScore", Name(&[])),
    ("rbacGroupName", "rbacGroupName", Text), ("rbacGroupId", "rbacGroupId", Int),
    ("firstSeen", "firstSeenDateTime", Time), ("tags", "tags", Texts),
    ("defenderAvStatus", "defenderAvStatus", Name(&[])), ("onboardingStatus", "onboardingStatus", Name(&[])),
    ("lastIpAddress", "lastIpAddress", Text), ("lastExternalIpAddress", "lastExternalIpAddress", Text),
    ("ipInterfaces", "ipInterfaces", Texts), ("loggedOnUsers", "loggedOnUsers", Any),
];

const VM: &[Field] = &[("cloudProvider", "cloudProvider", Name(&[]))];

#[rustfmt::skip]
pub(super) const ACCOUNT: &[Field] = &[
    ("accountName", "userAccount.accountName", Text), ("domainName", "userAccount.domainName", Text),
    ("userSid", "userAccount.userSid", Text), ("aadUserId", "userAccount.azureAdUserId", Text),
    ("userPrincipalName", "userAccount.userPrincipalName", Text),
];

const IP: &[Field] = &[("ipAddress", "ipAddress", Text)];
const URL: &[Field] = &[("url", "url", Text)];

#[rustfmt::skip]
pub(super) const FILE: &[Field] = &[
    ("fileName", "fileDetails.fileName", Text), ("filePath", "fileDetails.filePath", Text),
    ("sha1", "fileDetails.sha1", Text), ("sha256", "fileDetails.sha256", Text), ("md5", "fileDetails.md5", Text),
    ("fileSize", "fileDetails.fileSize", Int), ("deviceId", "mdeDeviceId", Text),
    ("detectionStatus", "detectionStatus", Name(&[])),
];

#[rustfmt::skip]
const PROCESS: &[Field] = &[
    ("processId", "processId", Int), ("processCommandLine", "processCommandLine", Text),
    ("processCreationTime", "processCreationDateTime", Time), ("parentProcessId", "parentProcessId", Int),
    ("parentProcessCreationTime", "parentProcessCreationDateTime", Time),
    ("parentProcessFileName", "parentProcessImageFile.fileName", Text),
    ("parentProcessFilePath", "parentProcessImageFile.filePath", Text),
    ("fileName", "imageFile.fileName", Text), ("filePath", "imageFile.filePath", Text),
    ("sha1", "imageFile.sha1", Text), ("sha256", "imageFile.sha256", Text), ("md5", "imageFile.md5", Text),
    ("fileSize", "imageFile.fileSize", Int), ("deviceId", "mdeDeviceId", Text),
    ("detectionStatus", "detectionStatus", Name(&[])),
];

#[rustfmt::skip]
const MAILBOX: &[Field] = &[
    ("mailboxDisplayName", "displayName", Text), ("mailboxAddress", "primaryAddress", Text),
    ("userPrincipalName", "upn", Text),
];

#[rustfmt::skip]
const MESSAGE: &[Field] = &[
    ("sender", "p2Sender.emailAddress", Text), ("recipient", "recipientEmailAddress", Text),
    ("subject", "subject", Text), ("deliveryAction", "deliveryAction", Text),
    ("deliveryLocation", "deliveryLocation", Text), ("networkMessageId", "networkMessageId", Text),
    ("internetMessageId", "internetMessageId", Text), ("senderIp", "senderIp", Text),
    ("receivedTime", "receivedDateTime", Time),
];

#[rustfmt::skip]
const CLUSTER: &[Field] = &[
    ("clusterBy", "clusterBy", Text), ("clusterByValue", "clusterByValue", Text), ("query", "query", Text),
    ("emailCount", "emailCount", Int), ("networkMessageIds", "networkMessageIds", Texts), ("urn", "urn", Text),
];

#[rustfmt::skip]
const REGISTRY: &[Field] = &[
    ("registryHive", "registryHive", Text), ("registryKey", "registryKey", Text),
    ("registryValueName", "registryValueName", Text), ("registryValue", "registryValue", Text),
    ("registryValueType", "registryValueType", Text), ("deviceId", "mdeDeviceId", Text),
];

const GROUP: &[Field] = &[("securityGroupId", "securityGroupId", Text), ("securityGroupName", "displayName", Text)];

/// The Graph type and the members of an entity type; all in lower case.
#[rustfmt::skip]
const ENTITIES: &[(&str, &str, &[&[Field]])] = &[
    ("user", "user", &[ACCOUNT]), ("ip", "ip", &[IP]), ("url", "url", &[URL]), ("file", "file", &[FILE]),
    ("process", "process", &[PROCESS, ACCOUNT]), ("mailbox", "mailbox", &[MAILBOX, ACCOUNT]),
    ("mailmessage", "analyzedMessage", &[MESSAGE]), ("mailcluster", "mailCluster", &[CLUSTER]),
    ("registry", "registryKey", &[REGISTRY]), ("registrykey", "registryKey", &[REGISTRY]),
    ("registryvalue", "registryValue", &[REGISTRY]), ("securitygroup", "securityGroup", &[GROUP]),
    ("device", "device", &[DEVICE]), ("machine", "device", &[DEVICE]),
];

pub(crate) fn convert(record: Object, out: &mut Converted) {
    let Converted { alerts, incidents, problems } = out;
    let mut source = Source::new(record, "$", problems);
    if source.has("alertId") {
        alerts.push(alert(source, None));
        return;
    }
    if !["incidentId", "incidentName", "alerts"].iter().any(|name| source.has(name)) {
        let message = "neither an incident nor an alert: no `incidentId`, no `alertId`";
        source.problem(ProblemCode::NotAnAlert, "$".to_owned(), message);
        return;
    }
    let mut incident = Object::new();
    source.fields(INCIDENT, &mut incident);
    if !incident.contains_key("id") {
        source.missing("incidentId", "the incident has no id");
    }
    source.comments(&mut incident);
    let id = incident.get("id").cloned();
    for (path, member) in source.objects("alerts") {
        alerts.push(alert(source.part(member, path), id.clone()));
    }
    incidents.push(source.into_incident(incident, Format::M365dIncidents));
}

fn alert(mut source: Source<'_>, incident: Option<Value>) -> ConvertedAlert {
    let mut alert = Object::new();
    source.fields(ALERT, &mut alert);
    if !alert.contains_key("id") {
        source.missing("alertId", "the alert has no id");
    }
    if let Some(incident) = incident {
        alert.entry("incidentId").or_insert(incident);
    }
    source.comments(&mut alert);
    let mut evidence = Vec::new();
    for (path, member) in source.objects("devices") {
        evidence.push(device(source.part(member, path), &[]));
    }
    for (path, member) in source.objects("entities") {
        evidence.push(entity(source.part(member, path)));
    }
    ConvertedAlert { alert: source.into_alert(alert, evidence, Format::M365dIncidents), fragment: false }
}

/// A device; `more` names members that only another API has.
pub(super) fn device(mut source: Source<'_>, more: &[Field]) -> Value {
    let mut device = convert::evidence("device");
    source.fields(more, &mut device);
    source.fields(BASE, &mut device);
    source.fields(DEVICE, &mut device);
    if let Some(vm) = source.object("vmMetadata") {
        let path = source.at("vmMetadata");
        let mut part = source.part(vm, path);
        let mut out = Object::new();
        part.fields(VM, &mut out);
        let vm = part.into_part(out);
        device.insert("vmMetadata".to_owned(), vm);
    }
    source.into_part(device)
}

/// One flat entity, as this API and Defender for Endpoint write them.
pub(super) fn entity(mut source: Source<'_>) -> Value {
    let Some(kind) = source.text("entityType") else {
        source.missing("entityType", "the entity does not say what it is");
        let mut evidence = convert::unknown_evidence("");
        source.fields(BASE, &mut evidence);
        return source.into_part(evidence);
    };
    let known = ENTITIES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(&kind));
    let Some(&(_, graph, tables)) = known else {
        let mut evidence = convert::unknown_evidence(&kind);
        evidence.insert("entityType".to_owned(), kind.into());
        source.fields(BASE, &mut evidence);
        return source.into_part(evidence);
    };
    if graph == "device" {
        return device(source, &[]);
    }
    let valued = ["registryValue", "registryValueName", "registryValueType"];
    let graph =
        if graph == "registryKey" && valued.iter().any(|name| source.has(name)) { "registryValue" } else { graph };
    let mut evidence = convert::evidence(graph);
    source.fields(BASE, &mut evidence);
    source.fields(&[("tags", "tags", Texts)], &mut evidence);
    for table in tables {
        source.fields(table, &mut evidence);
    }
    source.into_part(evidence)
}
