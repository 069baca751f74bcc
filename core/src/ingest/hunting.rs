//! Advanced hunting: rows of AlertInfo and AlertEvidence, flat or in the wrapper of the streaming API.
//!
//! Each row is a fragment of its alert: the alert's own columns, and at most one evidence (and what stands
//! inside of it). An empty text is taken as null. Rows of event tables are no alerts.

use serde_json::Value;

use super::convert::Kind::{Id, Int, Name, Names, Text, Utc};
use super::convert::{
    self, Converted, ConvertedAlert, DETECTION_SOURCE, Field, Object, SERVICE_SOURCE, SEVERITY, SOURCE_KEY, Source,
};
use super::format::Format;
use super::sentinel;
use crate::error::ProblemCode;

#[rustfmt::skip]
const ALERT: &[Field] = &[
    ("AlertId", "id", Id), ("Title", "title", Text), ("Category", "category", Text),
    ("Severity", "severity", Name(SEVERITY)), ("ServiceSource", "serviceSource", Name(SERVICE_SOURCE)),
    ("DetectionSource", "detectionSource", Name(DETECTION_SOURCE)), ("Timestamp", "createdDateTime", Utc),
    ("TimeGenerated", "createdDateTime", Utc), ("ThreatFamily", "threatFamilyName", Text),
];

const BASE: &[Field] = &[("EvidenceDirection", "roles", Names), ("DeviceId", "mdeDeviceId", Text)];

const DEVICE: &[Field] = &[("DeviceName", "deviceDnsName", Text)];

#[rustfmt::skip]
const ACCOUNT: &[Field] = &[
    ("AccountName", "userAccount.accountName", Text), ("AccountDomain", "userAccount.domainName", Text),
    ("AccountSid", "userAccount.userSid", Text), ("AccountObjectId", "userAccount.azureAdUserId", Text),
    ("AccountUpn", "userAccount.userPrincipalName", Text),
];

#[rustfmt::skip]
const FILE: &[Field] = &[
    ("FileName", "fileDetails.fileName", Text), ("FolderPath", "fileDetails.filePath", Text),
    ("SHA1", "fileDetails.sha1", Text), ("SHA256", "fileDetails.sha256", Text), ("MD5", "fileDetails.md5", Text),
    ("FileSize", "fileDetails.fileSize", Int),
];

#[rustfmt::skip]
const PROCESS: &[Field] = &[
    ("ProcessCommandLine", "processCommandLine", Text), ("ProcessId", "processId", Int),
    ("ProcessCreationTime", "processCreationDateTime", Utc), ("FileName", "imageFile.fileName", Text),
    ("FolderPath", "imageFile.filePath", Text), ("SHA1", "imageFile.sha1", Text),
    ("SHA256", "imageFile.sha256", Text), ("MD5", "imageFile.md5", Text), ("FileSize", "imageFile.fileSize", Int),
];

const IP: &[Field] = &[("RemoteIP", "ipAddress", Text), ("LocalIP", "ipAddress", Text)];

const URL: &[Field] = &[("RemoteUrl", "url", Text)];

const MESSAGE: &[Field] = &[("NetworkMessageId", "networkMessageId", Text), ("EmailSubject", "subject", Text)];

const MAILBOX: &[Field] = &[("AccountUpn", "upn", Text)];

#[rustfmt::skip]
const REGISTRY: &[Field] = &[
    ("RegistryKey", "registryKey", Text), ("RegistryValueName", "registryValueName", Text),
    ("RegistryValueData", "registryValue", Text),
];

const CLOUD_APP: &[Field] = &[("Application", "displayName", Text), ("ApplicationId", "appId", Int)];

const OAUTH_APP: &[Field] = &[("Application", "displayName", Text), ("OAuthApplicationId", "appId", Text)];

#[rustfmt::skip]
const AZURE: &[Field] = &[
    ("ResourceID", "resourceId", Text), ("ResourceType", "resourceType", Text),
    ("CloudResource", "resourceName", Text),
];

const AMAZON: &[Field] = &[
    ("ResourceID", "amazonResourceId", Text),
    ("ResourceType", "resourceType", Text),
    ("CloudResource", "resourceName", Text),
];

const GOOGLE: &[Field] = &[
    ("ResourceID", "fullResourceName", Text),
    ("ResourceType", "resourceType", Text),
    ("CloudResource", "resourceName", Text),
];

/// `EntityType` in lower case, the Graph type, its columns.
#[rustfmt::skip]
const TYPES: &[(&str, &str, &[&[Field]])] = &[
    ("machine", "device", &[DEVICE]), ("device", "device", &[DEVICE]), ("user", "user", &[ACCOUNT]),
    ("file", "file", &[FILE]), ("process", "process", &[PROCESS, ACCOUNT]), ("ip", "ip", &[IP]),
    ("url", "url", &[URL]), ("mailmessage", "analyzedMessage", &[MESSAGE]),
    ("mailbox", "mailbox", &[MAILBOX, ACCOUNT]), ("mailcluster", "mailCluster", &[]),
    ("registrykey", "registryKey", &[REGISTRY]), ("registryvalue", "registryValue", &[REGISTRY]),
    ("cloudapplication", "cloudApplication", &[CLOUD_APP]),
    ("oauthapplication", "oauthApplication", &[OAUTH_APP]), ("securitygroup", "securityGroup", &[]),
    ("malware", "malware", &[]), ("cloudresource", "azureResource", &[AZURE]),
    ("azureresource", "azureResource", &[AZURE]), ("amazonresource", "amazonResource", &[AMAZON]),
    ("googlecloudresource", "googleCloudResource", &[GOOGLE]),
];

/// Columns of AlertEvidence that say something about the evidence and not about the alert.
#[rustfmt::skip]
const EVIDENCE_COLUMNS: &[&str] = &[
    "AccountDomain", "AccountName", "AccountObjectId", "AccountSid", "AccountUpn", "AdditionalFields",
    "Application", "ApplicationId", "CloudPlatform", "CloudResource", "DeviceId", "DeviceName", "EmailSubject",
    "EntityType", "EvidenceDirection", "EvidenceRole", "FileName", "FileSize", "FolderPath", "LocalIP", "MD5",
    "NetworkMessageId", "OAuthApplicationId", "ProcessCommandLine", "ProcessCreationTime", "ProcessId",
    "RegistryKey", "RegistryValueData", "RegistryValueName", "RemoteIP", "RemoteUrl", "ResourceID",
    "ResourceType", "SHA1", "SHA256", "SubscriptionId",
];

pub(crate) fn convert(record: Object, out: &mut Converted) {
    let Converted { alerts, problems, .. } = out;
    let mut wrapper = Source::kusto(record, "$", problems);
    let mut alert = Object::new();
    if !wrapper.get("properties").is_some_and(Value::is_object) {
        let Some(evidence) = row(&mut wrapper, "", &mut alert) else {
            return;
        };
        let alert = wrapper.into_alert(alert, evidence, Format::AdvancedHunting);
        alerts.push(ConvertedAlert { alert, fragment: true });
        return;
    }
    let table = wrapper.get("category").and_then(Value::as_str).unwrap_or_default().to_owned();
    let table = table.strip_prefix("AdvancedHunting-").unwrap_or(&table);
    let Some(properties) = wrapper.object("properties") else {
        return;
    };
    let path = wrapper.at("properties");
    let mut source = wrapper.part(properties, path);
    let Some(evidence) = row(&mut source, table, &mut alert) else {
        return;
    };
    let rest = source.leftover();
    if !rest.is_empty() {
        wrapper.keep("properties", Value::Object(rest));
    }
    wrapper.fields(&[("tenantId", "tenantId", Text)], &mut alert);
    let alert = wrapper.into_alert(alert, evidence, Format::AdvancedHunting);
    alerts.push(ConvertedAlert { alert, fragment: true });
}

/// Is the row one of an event table?
pub(crate) fn is_event(record: &Object) -> bool {
    let table = record.get("category").and_then(Value::as_str).unwrap_or_default();
    let row = record.get("properties").and_then(Value::as_object).unwrap_or(record);
    let has = |name: &str| row.get(name).is_some_and(|value| !value.is_null());
    !has("AlertId") && (has("ActionType") || !table.starts_with("AdvancedHunting-Alert"))
}

/// The alert's columns and the evidence of one row, or nothing for a row of another table.
fn row(source: &mut Source<'_>, table: &str, alert: &mut Object) -> Option<Vec<Value>> {
    let of_alerts = ["AlertInfo", "AlertEvidence"].contains(&table)
        || (table.is_empty() && ["EvidenceRole", "AttackTechniques"].iter().any(|name| source.has(name)));
    let event = !of_alerts || source.has("ActionType");
    if event && !source.has("AlertId") {
        let action = source.get("ActionType").and_then(Value::as_str).map(convert::shorten);
        let message = match action {
            Some(action) => format!("a raw event (`{action}`), no alert: raw events need rules"),
            None => "no `AlertId`: a row of another table than AlertInfo and AlertEvidence".to_owned(),
        };
        let path = source.path().to_owned();
        source.problem(ProblemCode::NotAnAlert, path, message);
        return None;
    }
    source.fields(ALERT, alert);
    if !alert.contains_key("id") {
        source.missing("AlertId", "the alert has no id");
    }
    let categories = sentinel::list(source, "Categories");
    if !categories.is_empty() {
        if let Some(first) = categories.first() {
            alert.entry("category").or_insert_with(|| first.clone());
        }
        alert.insert("categories".to_owned(), Value::Array(categories));
    }
    techniques(source, alert);
    let evidence = evidence(source, alert.get("createdDateTime").cloned());
    Some(evidence)
}

/// `Rundll32 (T1218.011)` is the technique `T1218.011`; the names are kept.
fn techniques(source: &mut Source<'_>, alert: &mut Object) {
    let name = "AttackTechniques";
    let texts = sentinel::list(source, name);
    if texts.is_empty() {
        return;
    }
    let id = |text: &Value| {
        let text = text.as_str()?;
        let (_, tail) = text.rsplit_once('(')?;
        tail.strip_suffix(')').map(Value::from)
    };
    let ids = texts.iter().map(|text| id(text).unwrap_or_else(|| text.clone())).collect();
    alert.insert("mitreTechniques".to_owned(), Value::Array(ids));
    if texts.iter().any(|text| id(text).is_some()) {
        source.keep(name, Value::Array(texts));
    }
}

fn evidence(source: &mut Source<'_>, time: Option<Value>) -> Vec<Value> {
    let columns: Object =
        EVIDENCE_COLUMNS.iter().filter_map(|&name| source.take(name).map(|value| (name.to_owned(), value))).collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let path = source.path().to_owned();
    let mut row = source.part(columns, path.clone());
    let kind = row.text("EntityType").unwrap_or_default();
    let plain = kind.to_lowercase();
    let platform = row.get("CloudPlatform").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let plain = match (plain.as_str(), platform.as_str()) {
        ("cloudresource", "aws" | "amazon web services") => "amazonresource",
        ("cloudresource", "gcp" | "google cloud platform") => "googlecloudresource",
        (other, _) => other,
    };
    let mut item = match TYPES.iter().find(|(name, ..)| *name == plain) {
        Some(&(_, graph, tables)) => {
            let valued = graph == "registryKey" && row.has("RegistryValueName");
            let mut item = convert::evidence(if valued { "registryValue" } else { graph });
            tables.iter().for_each(|table| row.fields(table, &mut item));
            item
        }
        None => {
            if kind.is_empty() {
                row.missing("EntityType", "the evidence does not say what it is");
            }
            let mut item = convert::unknown_evidence(&kind);
            item.insert("EntityType".to_owned(), kind.into());
            item
        }
    };
    row.fields(BASE, &mut item);
    if let Some(role) = row.text("EvidenceRole") {
        item.insert("detailedRoles".to_owned(), Value::Array(vec![role.into()]));
    }
    if let Some(time) = time {
        item.insert("createdDateTime".to_owned(), time);
    }
    let inner = additional(&mut row, &mut item);
    let mut evidence = vec![row.into_part(item)];
    evidence.extend(inner);
    evidence
}

/// The same entity in Sentinel's form: fills what the columns leave open, and stays as it is besides.
fn additional(row: &mut Source<'_>, item: &mut Object) -> Vec<Value> {
    let name = "AdditionalFields";
    let Some(parsed) = row.json(name) else {
        return Vec::new();
    };
    let Value::Object(fields) = parsed else {
        row.wrong_type(name, parsed, "an object");
        return Vec::new();
    };
    let original = Value::Object(fields.clone());
    let mut problems = Vec::new();
    let path = row.at(name);
    let mut made =
        if fields.contains_key("Type") { sentinel::entity(fields, &path, &mut problems) } else { Vec::new() };
    for problem in problems {
        row.problem(problem.code, problem.path, problem.message);
    }
    row.keep(name, original);
    if made.is_empty() {
        return made;
    }
    let Value::Object(own) = made.remove(0) else {
        return made;
    };
    if own.get("@odata.type") == item.get("@odata.type") {
        fill(item, own);
    }
    made
}

/// Adds the members that Graph names, which are in lower case, where they are open.
fn fill(item: &mut Object, more: Object) {
    let known = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase()) && name != SOURCE_KEY;
    for (name, value) in more.into_iter().filter(|(name, _)| known(name)) {
        match (item.get_mut(&name), value) {
            (None, value) => {
                item.insert(name, value);
            }
            (Some(Value::Object(there)), Value::Object(inner)) => fill(there, inner),
            _ => {}
        }
    }
}
