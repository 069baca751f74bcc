//! OCSF findings: Detection Finding (2004), Security Finding (2001, of OCSF 1.0 and before) and Incident Finding (2005).
//!
//! A finding becomes an alert, its artifacts become evidence. An incident finding becomes an incident of the vendor, and
//! every entry of its `finding_info_list` a fragment of the alert that it refers to, so that an alert of which nothing
//! else came stands too, and one that came is completed. `table` says which member is which, `artifact` reads evidence.

mod artifact;
pub(crate) mod table;

pub(crate) use artifact::system;

use serde_json::Value;

use super::convert::Kind::{Id, Name, Text, Time};
use super::convert::{self, Converted, ConvertedAlert, DETECTION_SOURCE, Object, SERVICE_SOURCE, Source, integer};
use super::format::Format;
use crate::attack;
use crate::error::ProblemCode;
use table::{FINDINGS, INCIDENT_STATUSES, REST, SEVERITIES, STATUSES};

const DETECTION: i64 = 2004;
const SECURITY: i64 = 2001;
const INCIDENT: i64 = 2005;

/// Entries of a `finding_info_list` that are read; the rest is a problem and is kept.
const REFERENCES: usize = 10_000;

/// Observables that are read as evidence where a finding has no other.
const OBSERVABLES: usize = 1_000;

pub(crate) fn convert(record: Object, out: &mut Converted) {
    let Converted { alerts, incidents, problems } = out;
    let mut source = Source::new(record, "$", problems);
    let class = source.get("class_uid").and_then(whole);
    match class {
        Some(DETECTION | SECURITY) => alerts.push(finding(source)),
        Some(INCIDENT) => incident(source, alerts, incidents),
        _ => {
            let found = source.get("class_uid").map_or_else(|| "none".to_owned(), |class| format!("`{class}`"));
            let message = format!(
                "no finding that is read: expected `class_uid` {DETECTION}, {SECURITY} or {INCIDENT}, found {found}"
            );
            source.problem(ProblemCode::NotAnAlert, "$".to_owned(), message);
        }
    }
}

fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(integer).and_then(|number| number.as_i64()))
}

/// Takes a member that is an object, for its parts; what is left of it is kept.
fn inside(source: &mut Source<'_>, name: &str, read: impl FnOnce(&mut Source<'_>)) {
    let Some(object) = source.object(name) else { return };
    let path = source.at(name);
    let mut part = source.part(object, path);
    read(&mut part);
    let rest = part.leftover();
    if !rest.is_empty() {
        source.keep(name, Value::Object(rest));
    }
}

fn put(into: &mut Object, place: &str, value: Option<Value>) {
    if let Some(value) = value {
        into.entry(place).or_insert(value);
    }
}

/// A time: the text with `_dt` after the name, or milliseconds since 1970. Seconds, which some write, are told by
/// their size: before 1973 nobody wrote findings.
fn time(source: &mut Source<'_>, name: &str) -> Option<Value> {
    const SECONDS: u64 = 100_000_000_000;
    let text = source.read(&format!("{name}_dt"), Time);
    let Some(number) = source.get(name).and_then(whole) else {
        // A text in its place is read as one.
        return text.or_else(|| source.read(name, Time));
    };
    let millis = if number.unsigned_abs() < SECONDS { number.saturating_mul(1000) } else { number };
    let at = chrono::DateTime::from_timestamp_millis(millis);
    let said = text.as_ref().and_then(Value::as_str).and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    let value = source.take(name)?;
    if said.is_none_or(|said| Some(said.timestamp_millis()) != value.as_i64()) {
        source.keep(name, value.clone());
    }
    if at.is_none() {
        source.wrong_type(name, value, "milliseconds since 1970");
    }
    text.or_else(|| Some(at?.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into()))
}

/// Reads an id of a value set, or its caption. Both stay as they are: the id says more than the name, or says it in a
/// number.
fn chosen(source: &Source<'_>, name: &str, table: &[(u64, &str, &'static str)]) -> Option<Value> {
    let id = source.get(&format!("{name}_id")).and_then(whole);
    if let Some((_, _, ours)) = table.iter().find(|(known, ..)| i64::try_from(*known).ok() == id) {
        return Some((*ours).into());
    }
    // Other, or not said: the text is the source's own word.
    let text = source.get(name).and_then(Value::as_str)?;
    let by_caption = table.iter().find(|(_, caption, ours)| caption.eq_ignore_ascii_case(text) || *ours == text);
    by_caption.map(|(_, _, ours)| (*ours).into())
}

fn finding(mut source: Source<'_>) -> ConvertedAlert {
    let mut alert = Object::new();
    let rest = rest(&mut source, &mut alert);
    for name in ["finding_info", "finding"] {
        inside(&mut source, name, |part| info(part, &mut alert));
    }
    inside(&mut source, "analytic", |part| analytic(part, &mut alert));
    metadata(&mut source, &mut alert);
    if !alert.contains_key("id") {
        source.missing("finding_info.uid", "the finding has no id");
    }
    if alert.get("title").is_none() {
        put(&mut alert, "title", source.read("message", Text));
    }
    put(&mut alert, "severity", chosen(&source, "severity", &SEVERITIES));
    let state = chosen(&source, "state", &STATUSES).or_else(|| chosen(&source, "status", &STATUSES));
    put(&mut alert, "status", state);
    put(&mut alert, "firstActivityDateTime", time(&mut source, "start_time"));
    put(&mut alert, "lastActivityDateTime", time(&mut source, "end_time"));
    let made = time(&mut source, "time");
    put(&mut alert, "createdDateTime", made.clone());
    put(&mut alert, "firstActivityDateTime", made);
    attacks(&source, "attacks", &mut alert);
    verdict(&source, &mut alert);
    assignee(&mut source, &mut alert);
    comments(&mut source, &mut alert);

    let mut evidence = Vec::new();
    for (path, artifact) in source.objects("evidences") {
        evidence.extend(artifact::artifact(source.part(artifact, path)));
    }
    evidence.extend(artifact::around(&mut source));
    // The name of malware alone ties nothing to anything.
    let kind = |item: &Value| item.get("@odata.type").and_then(Value::as_str).map(str::to_owned);
    if evidence.iter().all(|item| kind(item).is_some_and(|kind| kind.ends_with(".malwareEvidence"))) {
        evidence.extend(artifact::observables(&source, OBSERVABLES));
    }
    let mut alert = source.into_alert(alert, evidence, Format::OcsfFindings);
    if let (Some(Value::Object(own)), Some(Value::Object(there))) = (rest, alert.get_mut("additionalData")) {
        own.into_iter().for_each(|(name, value)| put(there, &name, Some(value)));
    }
    ConvertedAlert { alert, fragment: false }
}

/// What an export of ours put where OCSF has no place; gives the alert's own `additionalData` back.
fn rest(source: &mut Source<'_>, alert: &mut Object) -> Option<Value> {
    let mut own = None;
    inside(source, "unmapped", |part| {
        if part.get(REST).is_some_and(Value::is_object) {
            let Some(mut rest) = part.object(REST) else { return };
            own = rest.remove("additionalData");
            rest.remove("evidence");
            alert.append(&mut rest);
        }
    });
    own
}

fn info(part: &mut Source<'_>, alert: &mut Object) {
    for (from, to, kind) in
        [("uid", "id", Id), ("title", "title", Text), ("desc", "description", Text), ("src_url", "alertWebUrl", Text)]
    {
        put(alert, to, part.read(from, kind));
    }
    for (from, to) in [
        ("created_time", "createdDateTime"),
        ("modified_time", "lastUpdateDateTime"),
        ("first_seen_time", "firstActivityDateTime"),
        ("last_seen_time", "lastActivityDateTime"),
    ] {
        let said = time(part, from);
        put(alert, to, said);
    }
    inside(part, "analytic", |analytic| self::analytic(analytic, alert));
    inside(part, "product", |product| self::product(product, alert));
    attacks(part, "attacks", alert);
    if !alert.contains_key("category") {
        let kinds = part.get("types").and_then(Value::as_array);
        let first = kinds.and_then(|kinds| kinds.first()).filter(|kind| kind.is_string()).cloned();
        put(alert, "category", first);
    }
}

fn analytic(part: &mut Source<'_>, alert: &mut Object) {
    let (id, name) = (part.read("uid", Id), part.get("name").filter(|name| name.is_string()).cloned());
    put(alert, "detectorId", id.filter(|id| id.as_str() != Some("")).or(name));
}

fn product(part: &mut Source<'_>, alert: &mut Object) {
    if alert.contains_key("productName") {
        return;
    }
    let name = part.read("name", Text);
    if let Some(name) = name.as_ref().and_then(Value::as_str) {
        let service = convert::alias(name, SERVICE_SOURCE).map_or_else(|| convert::camel(name), str::to_owned);
        put(alert, "serviceSource", (!service.is_empty()).then(|| service.into()));
    }
    put(alert, "productName", name);
    inside(part, "feature", |feature| {
        put(alert, "detectionSource", feature.read("name", Name(DETECTION_SOURCE)));
    });
}

fn metadata(source: &mut Source<'_>, alert: &mut Object) {
    inside(source, "metadata", |part| {
        put(alert, "tenantId", part.read("tenant_uid", Id));
        let uid = part.get("uid").filter(|uid| uid.is_string()).cloned();
        put(alert, "id", uid);
        inside(part, "product", |product| self::product(product, alert));
    });
}

/// Techniques and tactics; the list itself stays where it is, as it says more.
fn attacks(source: &Source<'_>, name: &str, alert: &mut Object) {
    let list = source.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let uid = |attack: &Value, part: &str| attack.get(part)?.get("uid")?.as_str().map(str::to_owned);
    let mut techniques: Vec<Value> = Vec::new();
    for attack in list {
        let technique = uid(attack, "sub_technique").or_else(|| uid(attack, "technique"));
        if let Some(technique) = technique.map(Value::from).filter(|technique| !techniques.contains(technique)) {
            techniques.push(technique);
        }
    }
    let tactics = list.iter().flat_map(|attack| {
        let many = attack.get("tactics").and_then(Value::as_array).into_iter().flatten();
        attack.get("tactic").into_iter().chain(many)
    });
    let named = |tactic: &Value| {
        let by = |name: &str| tactic.get(name).and_then(Value::as_str).and_then(attack::tactic);
        by("uid").or_else(|| by("name")).map(|tactic| convert::camel(tactic.name))
    };
    let category = tactics.filter_map(named).next().map(|name| {
        let mut chars = name.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    });
    put(alert, "mitreTechniques", (!techniques.is_empty()).then_some(Value::Array(techniques)));
    put(alert, "category", category.map(Value::from));
}

/// What the finding was found to be.
fn verdict(source: &Source<'_>, into: &mut Object) {
    let id = source.get("verdict_id").and_then(whole);
    let Some((_, _, class, determination)) = FINDINGS.iter().find(|(known, ..)| i64::try_from(*known).ok() == id)
    else {
        return;
    };
    put(into, "classification", Some((*class).into()));
    put(into, "determination", (!determination.is_empty()).then(|| (*determination).into()));
}

fn assignee(source: &mut Source<'_>, into: &mut Object) {
    inside(source, "assignee", |part| {
        let address = part.read("email_addr", Text).filter(|text| text.as_str() != Some(""));
        let name = part.get("name").filter(|name| name.as_str().is_some_and(|name| !name.is_empty())).cloned();
        put(into, "assignedTo", address.or(name));
    });
}

/// Notes (1.9), or the one comment of before.
fn comments(source: &mut Source<'_>, into: &mut Object) {
    let mut comments = Vec::new();
    for (path, note) in source.objects("notes") {
        let mut part = source.part(note, path);
        let mut out = Object::new();
        put(&mut out, "comment", part.read("comment", Text));
        let at = time(&mut part, "created_time");
        put(&mut out, "createdDateTime", at);
        inside(&mut part, "owner", |owner| {
            put(&mut out, "createdByDisplayName", owner.read("name", Text));
        });
        comments.push(part.into_part(out));
    }
    if let Some(text) = source.read("comment", Text) {
        comments.push(serde_json::json!({"comment": text}));
    }
    if !comments.is_empty() {
        put(into, "comments", Some(Value::Array(comments)));
    }
}

fn incident(mut source: Source<'_>, alerts: &mut Vec<ConvertedAlert>, incidents: &mut Vec<Object>) {
    let mut incident = Object::new();
    rest(&mut source, &mut incident);
    let mut tenant = None;
    inside(&mut source, "metadata", |part| {
        let named = part.read("correlation_uid", Id);
        let own = part.get("uid").filter(|uid| uid.is_string()).cloned();
        put(&mut incident, "id", named.or(own));
        tenant = part.read("tenant_uid", Id);
    });
    put(&mut incident, "tenantId", tenant.clone());
    if !incident.contains_key("id") {
        source.missing("metadata.uid", "the incident has no id");
    }
    put(&mut incident, "displayName", source.read("message", Text));
    put(&mut incident, "description", source.read("desc", Text));
    put(&mut incident, "incidentWebUrl", source.read("src_url", Text));
    put(&mut incident, "severity", chosen(&source, "severity", &SEVERITIES));
    put(&mut incident, "status", chosen(&source, "status", &INCIDENT_STATUSES));
    let opened = time(&mut source, "time");
    put(&mut incident, "createdDateTime", opened);
    verdict(&source, &mut incident);
    assignee(&mut source, &mut incident);
    comments(&mut source, &mut incident);
    let id = incident.get("id").cloned();
    let mut over = Vec::new();
    for (at, (path, entry)) in source.objects("finding_info_list").into_iter().enumerate() {
        if at >= REFERENCES {
            if over.is_empty() {
                let message = format!("entries from number {REFERENCES} on are kept and not read");
                source.problem(ProblemCode::Limit, path, message);
            }
            over.push(Value::Object(source.part(entry, "").leftover()));
            continue;
        }
        let mut part = source.part(entry, path);
        let mut alert = Object::new();
        info(&mut part, &mut alert);
        if !alert.contains_key("id") {
            part.missing("uid", "the finding has no id");
        }
        put(&mut alert, "incidentId", id.clone());
        put(&mut alert, "tenantId", tenant.clone());
        let alert = part.into_alert(alert, Vec::new(), Format::OcsfFindings);
        alerts.push(ConvertedAlert { alert, fragment: true });
    }
    if !over.is_empty() {
        source.keep("finding_info_list", Value::Array(over));
    }
    incidents.push(source.into_incident(incident, Format::OcsfFindings));
}
