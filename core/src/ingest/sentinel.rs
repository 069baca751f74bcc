//! Microsoft Sentinel: rows of the SecurityAlert table, and incidents as the management API or the
//! SecurityIncident table gives them.
//!
//! In these tables a text cannot be null: an empty one is taken as null. JSON columns may be text or parsed.

mod entities;
mod tables;

use serde_json::Value;

use super::convert::Kind::{Id, Name, Text, Utc};
use super::convert::{
    self, Aliases, CLASSIFICATION, Converted, ConvertedAlert, Field, Object, SERVICE_SOURCE, SEVERITY, SOURCE_KEY,
    Source,
};
use super::format::Format;
use crate::error::ProblemCode;

pub(super) use entities::single as entity;

const STATUS: Aliases = &[("Dismissed", "resolved")];

#[rustfmt::skip]
const ALERT: &[Field] = &[
    ("SystemAlertId", "id", Id), ("ProviderAlertId", "providerAlertId", Id),
    ("VendorOriginalId", "providerAlertId", Id), ("DisplayName", "title", Text),
    ("AlertDisplayName", "title", Text), ("AlertName", "title", Text), ("AlertType", "detectorId", Text),
    ("Description", "description", Text), ("Severity", "severity", Name(SEVERITY)),
    ("Status", "status", Name(STATUS)), ("ProductName", "productName", Text), ("AlertLink", "alertWebUrl", Text),
    ("StartTimeUtc", "firstActivityDateTime", Utc), ("StartTime", "firstActivityDateTime", Utc),
    ("EndTimeUtc", "lastActivityDateTime", Utc), ("EndTime", "lastActivityDateTime", Utc),
    ("TimeGenerated", "createdDateTime", Utc),
];

/// `properties` of the management API.
#[rustfmt::skip]
const MANAGED: &[Field] = &[
    ("title", "displayName", Text), ("description", "description", Text), ("severity", "severity", Name(SEVERITY)),
    ("status", "status", Name(INCIDENT_STATUS)), ("classification", "classification", Name(CLASSIFICATION)),
    ("classificationComment", "resolvingComment", Text), ("createdTimeUtc", "createdDateTime", Utc),
    ("lastModifiedTimeUtc", "lastUpdateDateTime", Utc), ("incidentUrl", "incidentWebUrl", Text),
];

/// The table's names for the same.
#[rustfmt::skip]
const TABLED: &[Field] = &[
    ("IncidentName", "id", Id), ("Title", "displayName", Text), ("Description", "description", Text),
    ("Severity", "severity", Name(SEVERITY)), ("Status", "status", Name(INCIDENT_STATUS)),
    ("Classification", "classification", Name(CLASSIFICATION)), ("ClassificationComment", "resolvingComment", Text),
    ("CreatedTime", "createdDateTime", Utc), ("LastModifiedTime", "lastUpdateDateTime", Utc),
    ("IncidentUrl", "incidentWebUrl", Text),
];

const INCIDENT_STATUS: Aliases = &[("New", "active"), ("Closed", "resolved")];

pub(crate) fn convert(record: Object, out: &mut Converted) {
    let Converted { alerts, incidents, problems } = out;
    let managed = record.get("properties").is_some_and(Value::is_object);
    let mut source = if managed { Source::new(record, "$", problems) } else { Source::kusto(record, "$", problems) };
    if managed {
        incidents.push(managed_incident(source));
    } else if source.has("IncidentName") || source.has("IncidentNumber") {
        incidents.push(tabled_incident(source));
    } else if ALERT.iter().any(|&(name, ..)| source.has(name)) {
        alerts.push(alert(source));
    } else {
        source.problem(ProblemCode::NotAnAlert, "$".to_owned(), "no column of an alert or an incident");
    }
}

fn alert(mut source: Source<'_>) -> ConvertedAlert {
    let mut alert = Object::new();
    source.fields(ALERT, &mut alert);
    if !alert.contains_key("id") {
        source.missing("SystemAlertId", "the alert has no id");
    }
    let provider = source.get("ProviderName").and_then(Value::as_str);
    let product = alert.get("productName").and_then(Value::as_str);
    let service = [provider, product].into_iter().flatten().find_map(|name| convert::alias(name, SERVICE_SOURCE));
    if let Some(service) = service {
        alert.insert("serviceSource".to_owned(), service.into());
    }
    let tactics = list(&mut source, "Tactics");
    if let Some(first) = tactics.first() {
        alert.insert("category".to_owned(), first.clone());
        alert.insert("categories".to_owned(), Value::Array(tactics));
    }
    let mut techniques = list(&mut source, "Techniques");
    techniques.append(&mut list(&mut source, "SubTechniques"));
    if !techniques.is_empty() {
        alert.insert("mitreTechniques".to_owned(), Value::Array(techniques));
    }
    remediation_steps(&mut source, &mut alert);
    for name in ["ExtendedProperties", "ExtendedLinks"] {
        let Some(parsed) = source.json(name) else {
            continue;
        };
        if let Some(details) = custom_details(&parsed) {
            alert.insert("customDetails".to_owned(), details);
        }
        source.keep(name, parsed);
    }
    let evidence = entities::convert(&mut source, "Entities");
    let is_incident = source.get("IsIncident").is_some_and(|value| match value {
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        other => *other == Value::Bool(true),
    });
    let mut alert = source.into_alert(alert, evidence, Format::SentinelAlerts);
    if is_incident
        && let Some(Value::Object(additional)) = alert.get_mut("additionalData")
        && let Some(Value::Object(origin)) = additional.get_mut(SOURCE_KEY)
    {
        origin.insert("isIncident".to_owned(), true.into());
    }
    ConvertedAlert { alert, fragment: false }
}

/// A list in a column: JSON, or names separated by commas.
pub(super) fn list(source: &mut Source<'_>, name: &str) -> Vec<Value> {
    let text = source.get(name).and_then(Value::as_str).filter(|text| !text.trim_start().starts_with('['));
    if let Some(text) = text {
        let names: Vec<Value> =
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Value::from).collect();
        source.take(name);
        return names;
    }
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (path, item) in source.items(name) {
        if item.is_string() {
            good.push(item);
        } else {
            source.problem(ProblemCode::WrongType, path, "expected a text");
            bad.push(item);
        }
    }
    if !bad.is_empty() {
        source.keep(name, Value::Array(bad));
    }
    good
}

fn remediation_steps(source: &mut Source<'_>, alert: &mut Object) {
    let name = "RemediationSteps";
    let text = source.get(name).and_then(Value::as_str).filter(|text| !text.trim_start().starts_with('['));
    if text.is_some() {
        source.fields(&[(name, "recommendedActions", Text)], alert);
        return;
    }
    let steps = list(source, name);
    let texts: Vec<&str> = steps.iter().filter_map(Value::as_str).collect();
    if !texts.is_empty() {
        alert.insert("recommendedActions".to_owned(), texts.join("\n").into());
    }
    if texts.len() > 1 {
        source.keep(name, Value::Array(steps));
    }
}

/// What the author of an analytics rule chose to show: JSON text inside of the extended properties.
fn custom_details(properties: &Value) -> Option<Value> {
    let text = properties.get("Custom Details")?.as_str()?;
    serde_json::from_str::<Value>(text).ok().filter(Value::is_object).map(convert::shallow)
}

fn managed_incident(mut source: Source<'_>) -> Object {
    let mut incident = Object::new();
    source.fields(&[("name", "id", Id)], &mut incident);
    if !incident.contains_key("id") {
        source.missing("name", "the incident has no id");
    }
    if let Some(properties) = source.object("properties") {
        let path = source.at("properties");
        let mut part = source.part(properties, path);
        part.fields(MANAGED, &mut incident);
        owner(&part, "owner", &mut incident);
        labels(&mut part, "labels", &mut incident);
        let rest = part.leftover();
        if !rest.is_empty() {
            source.keep("properties", Value::Object(rest));
        }
    }
    source.into_incident(incident, Format::SentinelIncidents)
}

fn tabled_incident(mut source: Source<'_>) -> Object {
    let mut incident = Object::new();
    source.fields(TABLED, &mut incident);
    if !incident.contains_key("id") {
        source.missing("IncidentName", "the incident has no id");
    }
    owner(&source, "Owner", &mut incident);
    labels(&mut source, "Labels", &mut incident);
    source.into_incident(incident, Format::SentinelIncidents)
}

/// The owner is left where it is; whom Graph would name is copied. The text `null` is nobody.
fn owner(source: &Source<'_>, name: &str, incident: &mut Object) {
    let parsed = source.get(name).and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
    let Some(owner) = parsed.as_ref().or_else(|| source.get(name)) else {
        return;
    };
    let who = ["userPrincipalName", "email", "assignedTo"]
        .iter()
        .filter_map(|member| owner.get(member).and_then(Value::as_str))
        .find(|who| !who.is_empty() && *who != "null");
    if let Some(who) = who {
        incident.insert("assignedTo".to_owned(), who.into());
    }
}

fn labels(source: &mut Source<'_>, name: &str, incident: &mut Object) {
    let mut tags = Vec::new();
    let mut kept = Vec::new();
    for (path, label) in source.items(name) {
        match label {
            Value::String(tag) => tags.push(Value::String(tag)),
            Value::Object(mut label) if label.get("labelName").is_some_and(Value::is_string) => {
                tags.extend(label.get("labelName").cloned());
                label.retain(|_, value| !value.is_null());
                if label.len() > 1 {
                    kept.push(Value::Object(label));
                }
            }
            other => {
                source.problem(ProblemCode::WrongType, path, "expected a label");
                kept.push(other);
            }
        }
    }
    if !tags.is_empty() {
        incident.insert("customTags".to_owned(), Value::Array(tags));
    }
    if !kept.is_empty() {
        source.keep(name, Value::Array(kept));
    }
}
