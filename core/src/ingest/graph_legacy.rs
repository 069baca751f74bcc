//! The first alert of the Graph security API (`/security/alerts`), whose evidence is in lists of states.

use std::net::IpAddr;

use serde_json::Value;

use super::convert::Kind::{Flag, Id, Int, Name, Text, Time};
use super::convert::{self, Converted, ConvertedAlert, Field, Object, SERVICE_SOURCE, Source};
use super::format::Format;
use crate::error::ProblemCode;

#[rustfmt::skip]
const ALERT: &[Field] = &[
    ("id", "id", Id), ("azureTenantId", "tenantId", Text), ("title", "title", Text),
    ("description", "description", Text), ("category", "category", Text), ("severity", "severity", Name(&[])),
    ("status", "status", Name(&[("newAlert", "new"), ("dismissed", "resolved")])),
    ("feedback", "classification", Name(convert::CLASSIFICATION)),
    ("createdDateTime", "createdDateTime", Time), ("eventDateTime", "firstActivityDateTime", Time),
    ("lastModifiedDateTime", "lastUpdateDateTime", Time), ("lastEventDateTime", "lastActivityDateTime", Time),
    ("closedDateTime", "resolvedDateTime", Time), ("assignedTo", "assignedTo", Text),
    ("activityGroupName", "actorDisplayName", Text),
];

#[rustfmt::skip]
const HOST: &[Field] = &[
    ("fqdn", "deviceDnsName", Text), ("netBiosName", "hostName", Text), ("os", "osPlatform", Text),
    ("privateIpAddress", "lastIpAddress", Text), ("publicIpAddress", "lastExternalIpAddress", Text),
    ("isAzureAadJoined", "isAzureAadJoined", Flag), ("isAzureAadRegistered", "isAzureAadRegistered", Flag),
    ("isHybridAzureDomainJoined", "isHybridAzureDomainJoined", Flag),
];

#[rustfmt::skip]
const USER: &[Field] = &[
    ("aadUserId", "userAccount.azureAdUserId", Text), ("accountName", "userAccount.accountName", Text),
    ("domainName", "userAccount.domainName", Text), ("userPrincipalName", "userAccount.userPrincipalName", Text),
    ("onPremisesSecurityIdentifier", "userAccount.userSid", Text), ("emailRole", "emailRole", Name(&[])),
    ("logonDateTime", "logonDateTime", Time), ("logonType", "logonType", Name(&[])), ("isVpn", "isVpn", Flag),
    ("userAccountType", "userAccountType", Name(&[])),
];

const FILE: &[Field] = &[("name", "fileDetails.fileName", Text), ("path", "fileDetails.filePath", Text)];

#[rustfmt::skip]
const PROCESS: &[Field] = &[
    ("accountName", "userAccount.accountName", Text), ("commandLine", "processCommandLine", Text),
    ("createdDateTime", "processCreationDateTime", Time), ("name", "imageFile.fileName", Text),
    ("path", "imageFile.filePath", Text), ("processId", "processId", Int),
    ("parentProcessCreatedDateTime", "parentProcessCreationDateTime", Time),
    ("parentProcessId", "parentProcessId", Int), ("parentProcessName", "parentProcessImageFile.fileName", Text),
    ("integrityLevel", "integrityLevel", Name(&[])), ("isElevated", "isElevated", Flag),
];

#[rustfmt::skip]
const CONNECTION: &[Field] = &[
    ("destinationAddress", "destinationAddress.ipAddress", Text), ("destinationPort", "destinationPort", Int),
    ("sourceAddress", "sourceAddress.ipAddress", Text), ("sourcePort", "sourcePort", Int),
    ("protocol", "protocol", Name(&[])), ("direction", "direction", Name(&[])), ("status", "status", Name(&[])),
    ("natDestinationPort", "natDestinationPort", Int), ("natSourcePort", "natSourcePort", Int),
    ("domainRegisteredDateTime", "domainRegisteredDateTime", Time),
];

#[rustfmt::skip]
const REGISTRY: &[Field] = &[
    ("hive", "registryHive", Name(&[
        ("currentConfig", "HKEY_CURRENT_CONFIG"), ("currentUser", "HKEY_CURRENT_USER"),
        ("localMachineSam", "HKEY_LOCAL_MACHINE\\SAM"), ("localMachineSecurity", "HKEY_LOCAL_MACHINE\\SECURITY"),
        ("localMachineSoftware", "HKEY_LOCAL_MACHINE\\SOFTWARE"),
        ("localMachineSystem", "HKEY_LOCAL_MACHINE\\SYSTEM"), ("usersDefault", "HKEY_USERS\\.DEFAULT"),
    ])),
    ("key", "registryKey", Text), ("valueName", "registryValueName", Text), ("valueData", "registryValue", Text),
    ("valueType", "registryValueType", Name(&[])), ("operation", "operation", Name(&[])),
    ("processId", "processId", Int),
];

const MALWARE: &[Field] = &[("name", "name", Text), ("category", "category", Text), ("wasRunning", "wasRunning", Flag)];

const APP: &[Field] = &[("destinationServiceName", "displayName", Text)];

#[rustfmt::skip]
const MESSAGE: &[Field] = &[
    ("connectingIP", "senderIp", Text), ("deliveryAction", "deliveryAction", Text),
    ("deliveryLocation", "deliveryLocation", Text), ("directionality", "antiSpamDirection", Text),
    ("internetMessageId", "internetMessageId", Text), ("networkMessageId", "networkMessageId", Text),
    ("messageSubject", "subject", Text), ("messageReceivedDateTime", "receivedDateTime", Time),
];

const CLICK: &[Field] = &[("uriDomain", "domainName", Text), ("clickDateTime", "clickDateTime", Time)];

const RESOURCE: &[Field] = &[("resource", "resourceId", Text), ("resourceType", "resourceType", Name(&[]))];

const NAMED_RESOURCE: &[Field] = &[("resource", "resourceName", Text), ("resourceType", "resourceType", Name(&[]))];

/// A list of states, the evidence that each makes, its members, where its `fileHash` goes.
#[rustfmt::skip]
const STATES: &[(&str, &str, &[Field], &str)] = &[
    ("hostStates", "device", HOST, ""), ("userStates", "user", USER, ""),
    ("fileStates", "file", FILE, "fileDetails"), ("processes", "process", PROCESS, "imageFile"),
    ("networkConnections", "networkConnection", CONNECTION, ""), ("registryKeyStates", "", REGISTRY, ""),
    ("malwareStates", "malware", MALWARE, ""), ("cloudAppStates", "cloudApplication", APP, ""),
    ("messageSecurityStates", "analyzedMessage", MESSAGE, ""), ("uriClickSecurityStates", "dns", CLICK, ""),
    ("securityResources", "azureResource", RESOURCE, ""),
];

/// Members of a state that name another thing, which is evidence of its own: the type and its member.
#[rustfmt::skip]
const NAMED: &[(&str, &str, &str)] = &[
    ("logonIp", "ip", "ipAddress"), ("destinationServiceIp", "ip", "ipAddress"),
    ("destinationUrl", "url", "url"), ("destinationDomain", "dns", "domainName"),
];

pub(crate) fn convert(record: Object, out: &mut Converted) {
    let Converted { alerts, problems, .. } = out;
    let mut source = Source::new(record, "$", problems);
    let fields = ALERT.iter().map(|&(name, ..)| name);
    if !fields.chain(STATES.iter().map(|&(name, ..)| name)).any(|name| source.has(name)) {
        source.problem(ProblemCode::NotAnAlert, "$".to_owned(), "no member of an alert");
        return;
    }
    let mut alert = Object::new();
    source.fields(ALERT, &mut alert);
    if !alert.contains_key("id") {
        source.missing("id", "the alert has no id");
    }
    incident_id(&mut source, &mut alert);
    actions(&mut source, &mut alert);
    comments(&mut source, &mut alert);
    vendor(&mut source, &mut alert);
    let mut evidence = Vec::new();
    for &(list, kind, table, hash) in STATES {
        for (path, item) in source.objects(list) {
            state(source.part(item, path), kind, table, hash, &mut evidence);
        }
    }
    let alert = source.into_alert(alert, evidence, Format::GraphLegacyAlerts);
    alerts.push(ConvertedAlert { alert, fragment: false });
}

fn state(mut source: Source<'_>, kind: &str, table: &[Field], hash: &str, evidence: &mut Vec<Value>) {
    let kind = match kind {
        "" if source.has("valueName") || source.has("valueData") => "registryValue",
        "" => "registryKey",
        other => other,
    };
    let is_path = |value: &Value| value.as_str().is_some_and(|text| text.starts_with('/'));
    let table = match kind {
        "azureResource" if !source.get("resource").is_some_and(is_path) => NAMED_RESOURCE,
        _ => table,
    };
    let mut item = convert::evidence(kind);
    source.fields(table, &mut item);
    for end in ["destinationAddress", "sourceAddress"] {
        if let Some(Value::Object(address)) = item.get_mut(end) {
            address.extend(convert::evidence("ip"));
        }
    }
    if !hash.is_empty() {
        file_hash(&mut source, hash, &mut item);
    }
    // These are free texts here and enums of that name in the evidence types.
    for name in ["riskScore", "verdict"] {
        if let Some(value) = source.take(name) {
            source.keep(name, value);
        }
    }
    let mut named = Vec::new();
    for &(from, kind, to) in NAMED {
        let Some(text) = source.get(from).and_then(Value::as_str) else {
            continue;
        };
        if kind != "ip" || text.parse::<IpAddr>().is_ok() {
            let mut other = convert::evidence(kind);
            other.insert(to.to_owned(), text.into());
            named.push(Value::Object(other));
        }
    }
    evidence.push(source.into_part(item));
    evidence.append(&mut named);
}

fn file_hash(source: &mut Source<'_>, details: &str, item: &mut Object) {
    const HASH: &[Field] = &[("hashType", "type", Name(&[])), ("hashValue", "value", Text)];
    let Some(hash) = source.object("fileHash") else {
        return;
    };
    let path = source.at("fileHash");
    let original = hash.clone();
    let mut part = source.part(hash, path);
    let mut read = Object::new();
    part.fields(HASH, &mut read);
    let kind = read.get("type").and_then(Value::as_str).filter(|kind| ["md5", "sha1", "sha256"].contains(kind));
    if let (Some(kind), Some(value), 2) = (kind, read.get("value"), read.len())
        && convert::put(item, &format!("{details}.{kind}"), value.clone()).is_none()
    {
        let rest = part.leftover();
        if !rest.is_empty() {
            source.keep("fileHash", Value::Object(rest));
        }
        return;
    }
    source.keep("fileHash", Value::Object(original));
}

fn incident_id(source: &mut Source<'_>, alert: &mut Object) {
    let Some(ids) = source.read("incidentIds", convert::Kind::Texts) else {
        return;
    };
    if let Some(first) = ids.as_array().and_then(|ids| ids.first()) {
        alert.insert("incidentId".to_owned(), first.clone());
    }
    if ids.as_array().is_some_and(|ids| ids.len() > 1) {
        source.keep("incidentIds", ids);
    }
}

fn actions(source: &mut Source<'_>, alert: &mut Object) {
    let Some(Value::Array(actions)) = source.read("recommendedActions", convert::Kind::Texts) else {
        return;
    };
    let texts: Vec<&str> = actions.iter().filter_map(Value::as_str).collect();
    if !texts.is_empty() {
        alert.insert("recommendedActions".to_owned(), texts.join("\n").into());
    }
    if texts.len() > 1 {
        source.keep("recommendedActions", Value::Array(actions));
    }
}

/// Comments are bare texts here.
fn comments(source: &mut Source<'_>, alert: &mut Object) {
    let Some(Value::Array(texts)) = source.read("comments", convert::Kind::Texts) else {
        return;
    };
    let comment = |text: Value| Value::Object(Object::from_iter([("comment".to_owned(), text)]));
    alert.insert("comments".to_owned(), texts.into_iter().map(comment).collect());
}

fn vendor(source: &mut Source<'_>, alert: &mut Object) {
    let Some(vendor) = source.object("vendorInformation") else {
        return;
    };
    let path = source.at("vendorInformation");
    let mut part = source.part(vendor, path);
    part.fields(&[("provider", "productName", Text)], alert);
    let rest = part.leftover();
    if !rest.is_empty() {
        source.keep("vendorInformation", Value::Object(rest));
    }
    let product = alert.get("productName").and_then(Value::as_str);
    if let Some(service) = product.and_then(|name| convert::alias(name, SERVICE_SOURCE)) {
        alert.insert("serviceSource".to_owned(), service.into());
    }
}
