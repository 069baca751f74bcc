//! OCSF 1.7: one incident as an Incident Finding (2005), its alerts as Detection Findings (2004).
//!
//! In: a [`CaseFile`]. Out: one JSON object, or one on each line. Evidence is written by the table that the adapter for
//! OCSF reads by, so that findings come back as the alerts that they were: what OCSF has no member for stands in `data`
//! of an artifact and in `unmapped` of a finding, in Graph form. Verdicts in artifacts are those of the products; ours
//! are the reputations of the observables.

mod artifact;
mod finding;

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::Written;
use crate::attack::{self, Edition};
use crate::ingest::ocsf::table::{FINDINGS, INCIDENT_STATUSES, SEVERITIES};
use crate::model::{AlertSeverity, Verdict};
use crate::report::CaseFile;
use crate::resolve::EntityKind;
use crate::summary::{ActivityType, EntityLine};

type Object = Map<String, Value>;

/// The version of the schema that the members are of.
const VERSION: &str = "1.7.0";
/// Alerts that an incident finding refers to at most.
const REFERENCES: usize = 5_000;
/// Entities that an incident finding lists, the worst first.
const ENTITIES: usize = 5_000;
/// Comments.
const COMMENTS: usize = 1_000;
/// Artifacts of one detection finding.
const ARTIFACTS: usize = 2_000;

pub(super) fn detections(case: &CaseFile) -> Written {
    let mut text = String::new();
    let mut cut = 0;
    for alert in &case.alerts {
        cut += alert.record.evidence.len().saturating_sub(ARTIFACTS);
        text.push_str(&line(finding::detection(case, alert)));
        text.push('\n');
    }
    let mut left_out = Vec::new();
    let mut say = |count: usize, what: &str| {
        if count > 0 {
            left_out.push(format!("{what}: {count}"));
        }
    };
    say(cut, &format!("artifacts over the limit of {ARTIFACTS} for one finding"));
    let by_people = case.activity.entries.iter().filter(|entry| entry.kind != ActivityType::AlertCorrelated);
    say(by_people.count(), "entries of the activity log, such as what people decided about the incident");
    say(case.response.actions.len(), "actions, but for the remediation states in the evidence");
    unsaid(case, &mut say);
    let ours = case.incident.entities.iter().filter(|line| line.verdict != Verdict::Unknown).count();
    say(ours, "verdicts of ours, of which the findings have the score alone, as a reputation");
    left_out.push("what alerts of other incidents say of the same entities".to_owned());
    left_out.push("the incident itself: a finding names it as `metadata.correlation_uid`".to_owned());
    (text, left_out)
}

fn unsaid(case: &CaseFile, say: &mut dyn FnMut(usize, &str)) {
    let it = &case.incident;
    say(it.links.kept, "reasons why alerts are in the incident");
    say(it.near_misses.len() + it.more_near_misses, "near misses");
    say(case.proofs.len(), "proofs of verdicts");
    say(case.response.investigations.len(), "investigations");
    let events = case.timeline.entries.iter().filter(|entry| entry.severity.is_none()).count();
    say(events + case.timeline.left_out, "raw events of the timeline");
}

pub(super) fn incident(case: &CaseFile) -> Written {
    let it = &case.incident;
    let mut left_out = Vec::new();
    let mut say = |count: usize, what: &str| {
        if count > 0 {
            left_out.push(format!("{what}: {count}"));
        }
    };
    say(case.alerts.len().saturating_sub(REFERENCES), &format!("alerts over the limit of {REFERENCES}"));
    say(it.entities.len().saturating_sub(ENTITIES), &format!("entities over the limit of {ENTITIES}"));
    let evidence: usize = case.alerts.iter().map(|alert| alert.record.evidence.len()).sum();
    say(evidence, "evidence of alerts, which their detection findings have");
    say(case.response.actions.len(), "actions, but for the remediation states of entities");
    let said = case.activity.entries.iter().filter(|entry| entry.kind != ActivityType::Commented).count();
    say(said + case.activity.more_system, "entries of the activity log that are no comments");
    unsaid(case, &mut say);
    say(case.graph.edges().filter(|edge| edge.kind().as_str() != "evidence").count(), "relations between entities");
    left_out.extend(it.truncated.iter().chain(&case.response.truncated).cloned());

    let closed = matches!(it.status.as_str(), "resolved" | "redirected");
    let (activity, name) = match (closed, it.activity.is_empty()) {
        (true, _) => (3, "Close"),
        (false, true) => (1, "Create"),
        (false, false) => (2, "Update"),
    };
    let mut out = head(2005, "Incident Finding", (activity, name));
    moment(&mut out, "time", Some(it.first_activity.unwrap_or(case.at)));
    moment(&mut out, "start_time", it.first_activity);
    moment(&mut out, "end_time", it.last_activity);
    severity(&mut out, &it.severity);
    let status = INCIDENT_STATUSES.iter().find(|(_, _, ours)| *ours == it.status.as_str());
    let (id, caption) = status.map_or((99, it.status.as_str()), |(id, caption, _)| (*id, *caption));
    out.insert("status_id".to_owned(), id.into());
    out.insert("status".to_owned(), caption.into());
    verdict(&mut out, it.classification.as_str(), it.determination.as_str());
    out.insert("message".to_owned(), it.title.as_str().into());
    out.insert("desc".to_owned(), description(case).into());
    let infos = case.alerts.iter().take(REFERENCES).map(|alert| Value::Object(finding::info(alert)));
    out.insert("finding_info_list".to_owned(), infos.collect());
    let ids = case.incident.alerts.iter().flat_map(|line| line.mitre_techniques.iter().map(String::as_str));
    listed(&mut out, "attacks", attacks(ids, &[]));
    let owner = it.assigned_to.as_deref().filter(|owner| !owner.is_empty());
    match owner {
        Some(owner) => out.insert("assignee".to_owned(), user(owner)),
        // The standard wants somebody: nobody is said by a group of that name.
        None => out.insert("assignee_group".to_owned(), json!({"name": "Unassigned", "desc": "nobody works on it"})),
    };
    let (priority, caption) = match it.priority.band {
        crate::summary::Band::Top => (4, "Critical"),
        crate::summary::Band::Medium => (2, "Medium"),
        crate::summary::Band::Low => (1, "Low"),
    };
    out.insert("priority_id".to_owned(), priority.into());
    out.insert("priority".to_owned(), caption.into());
    let breach = it.entities.iter().any(|line| line.impacted) && it.classification.as_str() != "falsePositive";
    out.insert("is_suspected_breach".to_owned(), breach.into());
    let comments: Vec<String> = comments(case);
    if comments.len() > COMMENTS {
        left_out.push(format!("comments over the limit of {COMMENTS}: {}", comments.len() - COMMENTS));
    }
    if !comments.is_empty() {
        let text = comments.into_iter().take(COMMENTS).collect::<Vec<_>>().join("\n");
        out.insert("comment".to_owned(), text.into());
    }
    let mut metadata = metadata(case, &it.id, &["datetime", "incident"]);
    put(&mut metadata, "correlation_uid", &it.id);
    out.insert("metadata".to_owned(), Value::Object(metadata));
    let entities: Vec<&EntityLine> = it.entities.iter().take(ENTITIES).collect();
    let pointers =
        entities.iter().enumerate().map(|(at, line)| observable(format!("unmapped.entities[{at}].name"), line));
    listed(&mut out, "observables", pointers.collect());
    let lines: Vec<Value> = entities
        .iter()
        .map(|line| {
            json!({"uid": line.id, "kind": line.kind.as_str(), "name": line.name, "verdict": line.verdict,
                "score": line.score, "remediationStatus": line.remediation_status, "impacted": line.impacted,
                "because": line.because})
        })
        .collect();
    out.insert(
        "unmapped".to_owned(),
        json!({"entities": lines, "priorityScore": it.priority.score, "leftOut": left_out}),
    );
    (line(out) + "\n", left_out)
}

/// One line; whatever map the build uses, the members stand in one order.
fn line(object: Object) -> String {
    let mut value = Value::Object(object);
    value.sort_all_objects();
    value.to_string()
}

fn description(case: &CaseFile) -> String {
    let chain = &case.incident.kill_chain;
    let stages: Vec<&str> = chain.stages.iter().filter(|stage| stage.observed).map(|stage| stage.name).collect();
    let stages = if stages.is_empty() { "none".to_owned() } else { stages.join(", ") };
    let (alerts, observed, total) = (case.alerts.len(), chain.observed, chain.total);
    format!("{alerts} alerts; {observed} of {total} stages of the kill chain: {stages}")
}

fn comments(case: &CaseFile) -> Vec<String> {
    let said = case.activity.entries.iter().filter(|entry| entry.kind == ActivityType::Commented);
    said.map(|entry| {
        let at = entry.at.map_or_else(|| "undated".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        format!("{at} {}: {}", entry.by, entry.text)
    })
    .collect()
}

/// Members that every event has.
fn head(class: u64, name: &str, (activity, activity_name): (u64, &str)) -> Object {
    let out = json!({"class_uid": class, "class_name": name, "category_uid": 2, "category_name": "Findings",
        "activity_id": activity, "activity_name": activity_name, "type_uid": class * 100 + activity,
        "type_name": format!("{name}: {activity_name}"), "timezone_offset": 0});
    match out {
        Value::Object(out) => out,
        _ => Object::new(),
    }
}

fn metadata(case: &CaseFile, uid: &str, profiles: &[&str]) -> Object {
    let mut out = Object::new();
    out.insert("version".to_owned(), VERSION.into());
    out.insert("profiles".to_owned(), json!(profiles));
    let product = json!({"name": "casegraph", "vendor_name": "casegraph", "version": crate::VERSION});
    out.insert("product".to_owned(), product);
    put(&mut out, "uid", uid);
    put(&mut out, "tenant_uid", &case.incident.tenant_id);
    out
}

/// A text that is not empty.
fn put(into: &mut Object, name: &str, text: &str) {
    if !text.is_empty() {
        into.insert(name.to_owned(), text.into());
    }
}

/// A list that is not empty.
fn listed(into: &mut Object, name: &str, items: Vec<Value>) {
    if !items.is_empty() {
        into.insert(name.to_owned(), Value::Array(items));
    }
}

/// A time in milliseconds since 1970, and as text beside it.
fn moment(into: &mut Object, name: &str, at: Option<DateTime<Utc>>) {
    if let Some(at) = at {
        into.insert(name.to_owned(), at.timestamp_millis().into());
        if is_readable(at) {
            into.insert(format!("{name}_dt"), at.to_rfc3339_opts(SecondsFormat::AutoSi, true).into());
        }
    }
}

fn severity(into: &mut Object, severity: &AlertSeverity) {
    let known = SEVERITIES.iter().find(|(_, _, ours)| *ours == severity.as_str());
    let (id, caption) = known.map_or((99, severity.as_str()), |(id, caption, _)| (*id, *caption));
    into.insert("severity_id".to_owned(), id.into());
    into.insert("severity".to_owned(), caption.into());
}

/// Not every reader of dates as text knows the year 0.
fn is_readable(at: DateTime<Utc>) -> bool {
    (1..=9999).contains(&at.year())
}

/// What an alert or incident was found to be.
fn verdict(into: &mut Object, classification: &str, determination: &str) {
    let fits = |row: &&(u64, &str, &str, &str)| row.2 == classification && (row.3.is_empty() || row.3 == determination);
    let exact = FINDINGS.iter().find(|row| row.2 == classification && !row.3.is_empty() && row.3 == determination);
    if let Some((id, caption, ..)) = exact.or_else(|| FINDINGS.iter().find(fits)) {
        into.insert("verdict_id".to_owned(), (*id).into());
        into.insert("verdict".to_owned(), (*caption).into());
    }
}

fn user(owner: &str) -> Value {
    if owner.contains('@') { json!({"name": owner, "email_addr": owner}) } else { json!({"name": owner}) }
}

/// Techniques with their tactics: those that the alert's categories name, or else all.
fn attacks<'i>(ids: impl Iterator<Item = &'i str>, categories: &[&attack::Tactic]) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for id in ids {
        let Some(technique) = attack::technique(id) else { continue };
        let edition = if technique.is_listed(Edition::V19) { Edition::V19 } else { Edition::V18 };
        let mut own = technique.tactics(edition);
        let first = own.clone().next();
        let tactic = own.find(|tactic| categories.iter().any(|named| named.same_stage(tactic))).or(first);
        let named = |id: &str, name: &str| json!({"uid": id, "name": name});
        let whole = technique.parent().unwrap_or(technique);
        let mut attack = Object::new();
        attack.insert("version".to_owned(), attack::VERSION.into());
        attack.insert("technique".to_owned(), named(whole.id(), whole.name()));
        if technique.is_subtechnique() {
            attack.insert("sub_technique".to_owned(), named(technique.id(), technique.name()));
        }
        if let Some(tactic) = tactic {
            attack.insert("tactic".to_owned(), named(tactic.id, tactic.name));
        }
        if !out.iter().any(|there| same(there, &attack)) {
            out.push(Value::Object(attack));
        }
    }
    out
}

fn same(there: &Value, attack: &Object) -> bool {
    ["technique", "sub_technique"].iter().all(|part| there.get(*part) == attack.get(*part))
}

/// An entity as a point to look from, with our verdict as its reputation.
fn observable(name: String, line: &EntityLine) -> Value {
    let (type_id, caption) = match line.kind {
        EntityKind::Device | EntityKind::IotDevice => (1, "Hostname"),
        EntityKind::Ip => (2, "IP Address"),
        EntityKind::User => (4, "User Name"),
        EntityKind::EmailSender | EntityKind::Mailbox => (5, "Email Address"),
        EntityKind::Url => (6, "URL String"),
        EntityKind::File => (7, "File Name"),
        EntityKind::Process => (9, "Process Name"),
        _ => (99, line.kind.as_str()),
    };
    let (score_id, score) = match line.verdict {
        Verdict::Malicious => (10, "Malicious"),
        Verdict::Suspicious => (7, "Suspicious/Risky"),
        Verdict::Clean => (2, "Safe"),
        _ => (0, "Unknown"),
    };
    json!({"name": name, "type_id": type_id, "type": caption, "value": line.name,
        "reputation": {"base_score": line.score, "score_id": score_id, "score": score, "provider": "casegraph"}})
}
