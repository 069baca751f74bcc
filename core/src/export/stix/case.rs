//! The incident itself, with events, sightings and observed data of its alerts.

use chrono::{DateTime, Utc};
use hashbrown::{HashMap, HashSet};
use indexmap::IndexSet;
use serde_json::{Value, json};

use super::bundle::{Bundle, stamp};
use super::facts::World;
use super::observable::Known;
use super::pattern::pattern;
use super::{EVENT, EVENTS, INCIDENT_CORE, cut, id};
use crate::attack::{self, Edition};
use crate::model::{AlertClassification, AlertSeverity, IncidentStatus, RemediationStatus, Verdict};
use crate::report::{CaseFile, FiledAlert};
use crate::summary::AlertLine;

pub(super) fn id(case: &CaseFile) -> String {
    id::own("incident", &[&case.incident.tenant_id, &case.incident.id])
}

/// A time as STIX writes it, or that of the document where none is known.
pub(super) fn moment(at: Option<DateTime<Utc>>, case: &CaseFile) -> String {
    at.and_then(stamp).or_else(|| stamp(case.at)).unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned())
}

/// The technique as an object; nothing when ATT&CK has none of that id.
pub(in crate::export) fn attack_pattern(bundle: &mut Bundle, technique: &str) -> Option<String> {
    let technique = attack::technique(technique)?;
    let domain = match technique.domain() {
        attack::Domain::Enterprise => "mitre-attack",
        attack::Domain::Mobile => "mitre-mobile-attack",
        attack::Domain::Ics => "mitre-ics-attack",
    };
    let listed = if technique.is_listed(Edition::V19) { Edition::V19 } else { Edition::V18 };
    let phases: Vec<Value> = technique
        .tactics(listed)
        .map(|tactic| json!({"kill_chain_name": domain, "phase_name": tactic.short_name}))
        .collect();
    let url = format!("https://attack.mitre.org/techniques/{}", technique.id().replace('.', "/"));
    let members = json!({"name": technique.name(), "kill_chain_phases": phases,
        "external_references": [{"source_name": "mitre-attack", "external_id": technique.id(), "url": url}]});
    Some(bundle.add_fixed("attack-pattern", &[technique.id()], members))
}

/// An event for each alert, with what was seen and the sightings of techniques. Gives the ids of the events.
pub(super) fn events(
    bundle: &mut Bundle,
    case: &CaseFile,
    world: &World<'_>,
    known: &Known<'_>,
    left_out: &mut Vec<String>,
) -> Vec<String> {
    let mut ids = Vec::new();
    let mut unknown = 0;
    let mut groups: HashMap<&str, Vec<&FiledAlert>> = HashMap::new();
    for alert in &case.alerts {
        groups.entry(&alert.repeat_of).or_default().push(alert);
    }
    let bad: HashSet<&str> =
        world.entities.iter().filter(|f| matches!(pattern(f), Some(Ok(_)))).map(|f| f.line.id.as_str()).collect();
    for line in case.incident.alerts.iter().take(EVENTS) {
        let Some(filed) = groups.remove(line.id.as_str()) else { continue };
        let Some(head) = filed.iter().find(|alert| alert.record.id.as_deref() == Some(&line.id)) else { continue };
        let (span, count) = (span(&filed, line, case), filed.len());
        let observed = observed(bundle, &filed, &span, known, line);
        let seen = Seen { span: &span, count, observed: observed.as_deref(), places: places(&filed, known) };
        let mut sightings = Vec::new();
        for technique in &line.mitre_techniques {
            match attack_pattern(bundle, technique) {
                Some(of) => sightings.push(seen.sighting(bundle, &of, line)),
                None => unknown += 1,
            }
        }
        for entity in held(&filed).filter(|entity| bad.contains(entity)) {
            let of = id::own("indicator", &[&case.incident.tenant_id, &case.incident.id, entity]);
            sightings.push(seen.sighting(bundle, &of, line));
        }
        let link = head.record.alert_web_url.as_deref().filter(|url| url.starts_with("https://"));
        let source = if line.service_source.is_empty() { "casegraph" } else { &line.service_source };
        let outside = json!({"source_name": bundle.text(source), "external_id": bundle.text(&line.id),
            "url": link.map(|link| bundle.text(link))});
        let members = json!({"name": named(bundle, &line.title), "status": "occurred",
            "description": head.record.description.as_deref().map(|text| bundle.text(text)),
            "start_time": span.0, "end_time": span.1, "sighting_refs": sightings,
            "labels": [format!("severity:{}", line.severity)],
            "external_references": [without_null(outside)], "extensions": {EVENT: {"extension_type": "new-sdo"}}});
        ids.push(bundle.add("event", &[&case.incident.tenant_id, &line.id], members));
    }
    let repeats: usize = case.incident.alerts.iter().map(|line| line.repeats.len()).sum();
    for (count, what) in [
        (repeats, "repeated alerts, which are counts of the events that they repeat"),
        (unknown, "techniques that ATT&CK does not know"),
    ] {
        if count > 0 {
            left_out.push(format!("{what}: {count}"));
        }
    }
    cut(left_out, "alerts", EVENTS, case.incident.alerts.len());
    ids
}

type Span = (String, String);

fn span(filed: &[&FiledAlert], line: &AlertLine, case: &CaseFile) -> Span {
    let first = |alert: &&FiledAlert| alert.record.first_activity_date_time.as_ref().map(|time| time.at());
    let last = |alert: &&FiledAlert| alert.record.last_activity_date_time.as_ref().map(|time| time.at());
    let start = filed.iter().filter_map(first).min().or(line.time);
    let end = filed.iter().filter_map(|alert| last(alert).or(first(alert))).max().max(start);
    (moment(start, case), moment(end, case))
}

/// How often, when and where an alert was seen.
struct Seen<'s> {
    span: &'s Span,
    count: usize,
    observed: Option<&'s str>,
    places: Vec<String>,
}

impl Seen<'_> {
    fn sighting(&self, bundle: &mut Bundle, of: &str, line: &AlertLine) -> String {
        let members = json!({"sighting_of_ref": of, "first_seen": self.span.0, "last_seen": self.span.1,
            "count": self.count.min(999_999_999), "where_sighted_refs": self.places,
            "observed_data_refs": self.observed.into_iter().collect::<Vec<_>>()});
        bundle.add("sighting", &[&line.id, &line.fact, of], members)
    }
}

/// What the alert and its repeats hold.
fn observed(
    bundle: &mut Bundle,
    filed: &[&FiledAlert],
    span: &Span,
    known: &Known<'_>,
    line: &AlertLine,
) -> Option<String> {
    let refs: IndexSet<&str> = held(filed).filter_map(|entity| known.observable(entity)).collect();
    let refs: Vec<&str> = refs.into_iter().collect();
    let members = json!({"first_observed": span.0, "last_observed": span.1,
        "number_observed": filed.len().clamp(1, 999_999_999), "object_refs": refs});
    (!refs.is_empty()).then(|| bundle.add("observed-data", &[&line.id, &line.fact], members))
}

/// The devices of an alert.
fn places(filed: &[&FiledAlert], known: &Known<'_>) -> Vec<String> {
    let places: IndexSet<&str> =
        held(filed).filter_map(|entity| known.id(entity)).filter(|id| id.starts_with("identity--")).collect();
    places.into_iter().map(str::to_owned).collect()
}

/// Entities of an alert and its repeats, each once, in the order of the evidence.
fn held<'a>(filed: &[&'a FiledAlert]) -> impl Iterator<Item = &'a str> {
    let all: IndexSet<&str> = filed.iter().flat_map(|alert| alert.items.iter().flatten().map(String::as_str)).collect();
    all.into_iter()
}

pub(super) fn named(bundle: &Bundle, title: &str) -> Value {
    if title.is_empty() { "(without a title)".into() } else { bundle.text(title) }
}

fn without_null(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|_, member| !member.is_null());
    }
    value
}

pub(super) fn incident(bundle: &mut Bundle, case: &CaseFile, events: Vec<String>, tasks: Vec<String>) {
    let it = &case.incident;
    let criticality = match it.severity {
        _ if it.classification == AlertClassification::FalsePositive => Some(0),
        AlertSeverity::Low => Some(15),
        AlertSeverity::Medium => Some(40),
        AlertSeverity::High => Some(70),
        _ => None,
    };
    let investigation = match it.status {
        IncidentStatus::Resolved | IncidentStatus::Redirected => "closed",
        IncidentStatus::InProgress | IncidentStatus::AwaitingAction => "open",
        _ => "new",
    };
    let by_people = if it.activity.is_empty() { None } else { Some("human-review") };
    let methods: Vec<&str> = std::iter::once("automated-tool").chain(by_people).collect();
    let impacted = |kind| it.entities.iter().filter(|line| line.impacted && line.kind == kind).count();
    let (systems, people) = (impacted(crate::resolve::EntityKind::Device), impacted(crate::resolve::EntityKind::User));
    let mut core = json!({"extension_type": "property-extension", "determination": determination(case),
        "investigation_status": investigation, "detection_methods": methods,
        "impacted_entity_counts": {"system": systems, "individual": people},
        "scores": [{"name": "casegraph priority", "value": it.priority.score,
            "description": format!("0 to 100, model {}", it.priority.model)}]});
    if let Value::Object(core) = &mut core {
        core.extend(criticality.map(|points| ("criticality".to_owned(), Value::from(points))));
        let list = |name: &str, ids: Vec<String>| ids.into_iter().map(|id| json!({name: id})).collect::<Vec<_>>();
        for (name, entries) in
            [("events", list("event_ref", events)), ("tasks", list("task_ref", tasks)), ("incident_types", types(case))]
        {
            if !entries.is_empty() {
                core.insert(name.to_owned(), Value::Array(entries));
            }
        }
    }
    let chain = &it.kill_chain;
    let stages: Vec<&str> = chain.stages.iter().filter(|stage| stage.observed).map(|stage| stage.name).collect();
    let description = format!(
        "{} severity, {} alerts, {} of {} stages of the kill chain: {}.",
        it.severity,
        case.alerts.len(),
        chain.observed,
        chain.total,
        if stages.is_empty() { "none".to_owned() } else { stages.join(", ") },
    );
    let outside: Vec<Value> = std::iter::once(("casegraph", &it.id))
        .chain(it.vendor_incidents.iter().map(|vendor| ("vendor incident", &vendor.id)))
        .filter(|(_, id)| !id.is_empty())
        .map(|(source, id)| json!({"source_name": source, "external_id": bundle.text(id)}))
        .collect();
    let labels: Vec<Value> = it.tags.iter().filter(|tag| !tag.is_empty()).map(|tag| bundle.text(tag)).collect();
    let members = json!({"name": named(bundle, &it.title), "description": description, "labels": labels,
        "external_references": outside, "extensions": {INCIDENT_CORE: core}});
    bundle.add("incident", &[&it.tenant_id, &it.id], members);
}

fn determination(case: &CaseFile) -> &'static str {
    let it = &case.incident;
    let mut bad = it.entities.iter().filter(|line| line.verdict >= Verdict::Suspicious && !line.impacted).peekable();
    let stopped =
        |status: &RemediationStatus| matches!(status, RemediationStatus::Prevented | RemediationStatus::Blocked);
    match it.classification {
        AlertClassification::FalsePositive => "false-positive",
        _ if bad.peek().is_some() && bad.all(|line| stopped(&line.remediation_status)) => "blocked",
        AlertClassification::TruePositive | AlertClassification::InformationalExpectedActivity => "confirmed",
        _ => "suspected",
    }
}

/// What kind of incident it is, by the techniques that were seen.
fn types(case: &CaseFile) -> Vec<Value> {
    const TYPES: [(&str, &str); 6] = [
        ("T1566", "dissemination-phishing-emails"),
        ("T1003", "theft-access-credentials"),
        ("T1555", "theft-access-credentials"),
        ("T1041", "data-exfiltration"),
        ("T1567", "data-exfiltration"),
        ("T1486", "ransomware"),
    ];
    let seen: Vec<&String> = case.incident.alerts.iter().flat_map(|line| &line.mitre_techniques).collect();
    let mut out: Vec<Value> = Vec::new();
    for (technique, kind) in TYPES {
        let is = |seen: &&String| seen.split('.').next() == Some(technique);
        if seen.iter().any(is) && !out.contains(&kind.into()) {
            out.push(kind.into());
        }
    }
    out
}
