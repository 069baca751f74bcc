//! Defender for Endpoint alerts API: one alert about one machine, with flat evidence.
//!
//! The machine becomes device evidence, and files and processes are said to be on it. The shape of 2019 had
//! `alertUser`, `alertFiles`, `alertDomains` and `alertIps` in place of `evidence`; both are taken.

use serde_json::Value;

use super::convert::Kind::{Any, Id, Name, Text, Texts, Time};
use super::convert::{
    self, CLASSIFICATION, Converted, ConvertedAlert, DETECTION_SOURCE, DETERMINATION, Field, Object, SEVERITY, Source,
};
use super::format::Format;
use super::m365d;
use crate::error::ProblemCode;

#[rustfmt::skip]
const ALERT: &[Field] = &[
    ("id", "id", Id), ("incidentId", "incidentId", Id), ("assignedTo", "assignedTo", Text),
    ("severity", "severity", Name(SEVERITY)), ("status", "status", Name(&[])),
    ("classification", "classification", Name(CLASSIFICATION)),
    ("determination", "determination", Name(DETERMINATION)),
    ("investigationState", "investigationState", Name(&[])),
    ("detectionSource", "detectionSource", Name(DETECTION_SOURCE)), ("detectorId", "detectorId", Text),
    ("category", "category", Text), ("threatFamilyName", "threatFamilyName", Text),
    ("threatName", "threatDisplayName", Text), ("title", "title", Text), ("description", "description", Text),
    ("recommendedAction", "recommendedActions", Text), ("alertCreationTime", "createdDateTime", Time),
    ("firstEventTime", "firstActivityDateTime", Time), ("lastEventTime", "lastActivityDateTime", Time),
    ("lastUpdateTime", "lastUpdateDateTime", Time), ("resolvedTime", "resolvedDateTime", Time),
    ("aadTenantId", "tenantId", Text), ("mitreTechniques", "mitreTechniques", Texts),
];

const MACHINE: &[Field] = &[
    ("machineId", "mdeDeviceId", Text),
    ("computerDnsName", "deviceDnsName", Text),
    ("rbacGroupName", "rbacGroupName", Text),
    ("loggedOnUsers", "loggedOnUsers", Any),
];

#[rustfmt::skip]
const USER: &[Field] = &[
    ("userName", "userAccount.accountName", Text), ("accountName", "userAccount.accountName", Text),
    ("domainName", "userAccount.domainName", Text), ("accountDomainName", "userAccount.domainName", Text),
    ("accountSid", "userAccount.userSid", Text),
];

const FILE: &[Field] = &[
    ("fileSha1", "fileDetails.sha1", Text),
    ("fileSha256", "fileDetails.sha256", Text),
    ("fileMd5", "fileDetails.md5", Text),
];

const DOMAIN: &[Field] =
    &[("host", "domainName", Text), ("domain", "domainName", Text), ("domainName", "domainName", Text)];

const IP: &[Field] = &[("ipAddress", "ipAddress", Text), ("id", "ipAddress", Text)];

pub(crate) fn convert(record: Object, out: &mut Converted) {
    let Converted { alerts, problems, .. } = out;
    let mut source = Source::new(record, "$", problems);
    let marks = ["id", "alertCreationTime", "title", "severity", "evidence", "machineId"];
    if !marks.iter().any(|name| source.has(name)) {
        source.problem(ProblemCode::NotAnAlert, "$".to_owned(), "no member of an alert");
        return;
    }
    let mut alert = Object::new();
    if source.get("category").and_then(Value::as_str) == Some("null") {
        let text = source.take("category").unwrap_or_default();
        source.keep("category", text);
    }
    source.fields(ALERT, &mut alert);
    if !alert.contains_key("id") {
        source.missing("id", "the alert has no id");
    }
    alert.insert("serviceSource".to_owned(), "microsoftDefenderForEndpoint".into());
    source.comments(&mut alert);

    let mut evidence = Vec::new();
    let mut machine = convert::evidence("device");
    source.fields(MACHINE, &mut machine);
    let machine_id = machine.get("mdeDeviceId").cloned();
    if machine.len() > 1 {
        evidence.push(Value::Object(machine));
    }
    for (path, item) in source.objects("evidence") {
        let mut item = m365d::entity(source.part(item, path));
        put_on_machine(&mut item, machine_id.as_ref());
        evidence.push(item);
    }
    for name in ["alertUser", "relatedUser"] {
        related_user(&mut source, name, &mut evidence);
    }
    for (name, kind, bare, table) in [
        ("alertFiles", "file", "fileDetails.fileName", FILE),
        ("alertDomains", "dns", "domainName", DOMAIN),
        ("alertIps", "ip", "ipAddress", IP),
    ] {
        for mut item in old_items(&mut source, name, kind, bare, table) {
            put_on_machine(&mut item, machine_id.as_ref());
            evidence.push(item);
        }
    }
    let alert = source.into_alert(alert, evidence, Format::MdeAlerts);
    alerts.push(ConvertedAlert { alert, fragment: false });
}

/// An alert of this API is about one machine, so its files and processes are there.
fn put_on_machine(item: &mut Value, machine_id: Option<&Value>) {
    let (Value::Object(item), Some(id)) = (item, machine_id) else {
        return;
    };
    let kind = item.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
    if ["fileEvidence", "processEvidence", "registryValueEvidence"].iter().any(|on| kind.ends_with(on)) {
        item.entry("mdeDeviceId").or_insert_with(|| id.clone());
    }
}

/// Adds a user that stands outside of the evidence, unless the evidence has it.
fn related_user(source: &mut Source<'_>, name: &str, evidence: &mut Vec<Value>) {
    for (path, user) in source.objects(name) {
        let mut part = source.part(user, path);
        let mut item = convert::evidence("user");
        part.fields(m365d::ACCOUNT, &mut item);
        part.fields(USER, &mut item);
        let item = part.into_part(item);
        let Some(members) = item.as_object() else {
            continue;
        };
        let said = members.get("userAccount").is_none_or(|account| {
            let others = evidence.iter().filter_map(|other| other.get("userAccount"));
            others.into_iter().any(|other| says_all(other, account))
        });
        let more = members.keys().any(|name| !["@odata.type", "userAccount"].contains(&name.as_str()));
        if !said || more {
            evidence.push(item);
        }
    }
}

/// Whether every member of an account stands in another one, but for case.
fn says_all(account: &Value, part: &Value) -> bool {
    let Some(part) = part.as_object() else {
        return false;
    };
    part.iter().all(|(name, value)| match (account.get(name).and_then(Value::as_str), value.as_str()) {
        (Some(there), Some(value)) => there.eq_ignore_ascii_case(value),
        _ => false,
    })
}

/// The lists of the 2019 shape, whose items are texts or objects.
fn old_items(source: &mut Source<'_>, name: &str, kind: &str, bare: &str, table: &[Field]) -> Vec<Value> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (path, item) in source.items(name) {
        let mut evidence = convert::evidence(kind);
        match item {
            Value::String(text) => {
                convert::put(&mut evidence, bare, text.into());
                good.push(Value::Object(evidence));
            }
            Value::Object(item) => {
                let mut part = source.part(item, path);
                part.fields(table, &mut evidence);
                if kind == "file" {
                    part.fields(m365d::FILE, &mut evidence);
                }
                good.push(part.into_part(evidence));
            }
            other => {
                source.problem(ProblemCode::WrongType, path, "expected a text or an object");
                bad.push(other);
            }
        }
    }
    if !bad.is_empty() {
        source.keep(name, Value::Array(bad));
    }
    good
}
