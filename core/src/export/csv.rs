//! Seven tables for spreadsheets and notebooks: CSV by RFC 4180 with a header.
//!
//! In: the case file. Out: one table a function. Cells that hold several values part them by a semicolon and a
//! space. [`Sheet`] keeps spreadsheets from taking cells for formulas; nothing else of a value is changed. A table
//! has no place for words about itself: what it leaves out stands beside it alone.

use chrono::{DateTime, Utc};
use hashbrown::HashMap;

use crate::graph::EdgeKind;
use crate::model::{EvidenceRole, RemediationStatus, Verdict};
use crate::report::CaseFile;
use crate::report::sheet::{Sheet, time_cell};
use crate::summary::{LinkLine, Origin};

use super::Written;
use super::words::{cuts, many};

/// Alerts by time, repeats included, each with why it is here.
pub(super) fn alerts(case: &CaseFile) -> Written {
    let mut sheet = Sheet::new([
        "id",
        "time",
        "title",
        "severity",
        "status",
        "classification",
        "determination",
        "assignedTo",
        "categories",
        "techniques",
        "serviceSource",
        "detectionSource",
        "product",
        "detector",
        "repeatOf",
        "reason",
        "linkedWith",
        "linkReason",
        "linkEntity",
        "gapSeconds",
        "strength",
        "evidence",
        "fact",
    ]);
    let lines: HashMap<&str, _> = case.incident.alerts.iter().map(|line| (line.id.as_str(), line)).collect();
    let times = times(case);
    for alert in &case.alerts {
        let record = &alert.record;
        let id = record.id.clone().unwrap_or_default();
        let line = lines.get(id.as_str());
        let link: Option<&LinkLine> = line.and_then(|line| line.reason.as_ref());
        let repeat = if alert.repeat_of == id { String::new() } else { alert.repeat_of.clone() };
        let owner = line.map_or(record.assigned_to.clone(), |line| line.assigned_to.clone());
        let categories =
            record.categories.iter().chain(record.category.iter().filter(|_| record.categories.is_empty()));
        sheet.row([
            id.clone(),
            time_cell(times.get(id.as_str()).copied().flatten()),
            or_empty(record.title.as_ref()),
            word(record.severity.as_ref()),
            line.map_or_else(|| word(record.status.as_ref()), |line| line.status.to_string()),
            word(record.classification.as_ref()),
            word(record.determination.as_ref()),
            owner.unwrap_or_default(),
            listed(categories),
            listed(&record.mitre_techniques),
            word(record.service_source.as_ref()),
            word(record.detection_source.as_ref()),
            or_empty(record.product_name.as_ref()),
            or_empty(record.detector_id.as_ref()),
            repeat,
            link.map_or_else(String::new, |link| link.text.clone()),
            link.map_or_else(String::new, |link| link.with.clone()),
            link.map_or_else(String::new, |link| link.reason.as_str().to_owned()),
            link.and_then(|link| link.entity.clone()).unwrap_or_default(),
            link.and_then(|link| link.gap_seconds).map_or_else(String::new, |gap| gap.to_string()),
            link.map_or_else(String::new, |link| link.strength.to_string()),
            record.evidence.len().to_string(),
            alert.fact.clone(),
        ]);
    }
    let other = "descriptions, recommended actions and comments of alerts; their evidence is in `csv-evidence`";
    let mut left_out = vec![other.to_owned()];
    if case.incident.links.redundant > 0 {
        left_out.push(format!("{} besides the strongest to each alert", many(case.incident.links.redundant, "link")));
    }
    (sheet.text(), cuts(case, left_out))
}

/// Entities, the worst verdict first.
pub(super) fn entities(case: &CaseFile) -> Written {
    let mut sheet = Sheet::new([
        "id",
        "kind",
        "name",
        "verdict",
        "score",
        "remediationStatus",
        "impacted",
        "alerts",
        "firstSeen",
        "because",
    ]);
    for line in &case.incident.entities {
        sheet.row([
            line.id.clone(),
            line.kind.as_str().to_owned(),
            line.name.clone(),
            line.verdict.to_string(),
            line.score.to_string(),
            line.remediation_status.to_string(),
            line.impacted.to_string(),
            line.alerts.to_string(),
            time_cell(line.first_seen),
            line.because.clone(),
        ]);
    }
    let left_out = vec![
        "attributes, other names and identifiers of entities".to_owned(),
        format!("the proofs of verdicts ({} in the case file)", case.proofs.len()),
    ];
    (sheet.text(), cuts(case, left_out))
}

/// Evidence items: which alert holds which entity, in which roles, what its provider and casegraph found.
pub(super) fn evidence(case: &CaseFile) -> Written {
    let mut sheet = Sheet::new([
        "alert",
        "item",
        "entity",
        "kind",
        "name",
        "roles",
        "detailedRoles",
        "tags",
        "time",
        "providerVerdict",
        "providerStatus",
        "verdict",
        "remediationStatus",
    ]);
    let lines: HashMap<&str, _> = case.incident.entities.iter().map(|line| (line.id.as_str(), line)).collect();
    let mut nameless = 0;
    for alert in &case.alerts {
        let items = alert.record.evidence.iter().zip(&alert.items).enumerate();
        for (number, (evidence, entity)) in items {
            nameless += usize::from(entity.is_none());
            let id = entity.as_deref().unwrap_or_default();
            let line = lines.get(id);
            sheet.row([
                or_empty(alert.record.id.as_ref()),
                number.to_string(),
                id.to_owned(),
                line.map_or_else(|| evidence.kind().as_str().to_owned(), |line| line.kind.as_str().to_owned()),
                line.map_or_else(String::new, |line| line.name.clone()),
                listed(evidence.roles.iter().map(EvidenceRole::as_str)),
                listed(&evidence.detailed_roles),
                listed(&evidence.tags),
                time_cell(evidence.created_date_time.as_ref().map(DateTime::<Utc>::from)),
                evidence.verdict.as_ref().map_or_else(String::new, Verdict::to_string),
                evidence.remediation_status.as_ref().map_or_else(String::new, RemediationStatus::to_string),
                line.map_or_else(String::new, |line| line.verdict.to_string()),
                line.map_or_else(String::new, |line| line.remediation_status.to_string()),
            ]);
        }
    }
    let mut left_out = vec!["the properties of evidence items".to_owned()];
    if nameless > 0 {
        left_out.push(format!("what {} say they are: they name no entity", many(nameless, "evidence item")));
    }
    (sheet.text(), cuts(case, left_out))
}

/// Relations between entities.
pub(super) fn relations(case: &CaseFile) -> Written {
    let mut sheet =
        Sheet::new(["from", "fromKind", "fromName", "relation", "to", "toKind", "toName", "first", "last", "alerts"]);
    let mut evidence = 0;
    for edge in case.graph.edges() {
        if edge.kind() == EdgeKind::Evidence {
            evidence += 1;
            continue;
        }
        sheet.row([
            edge.from().id().to_owned(),
            edge.from().kind().as_str().to_owned(),
            edge.from().name().to_owned(),
            edge.kind().as_str().to_owned(),
            edge.to().id().to_owned(),
            edge.to().kind().as_str().to_owned(),
            edge.to().name().to_owned(),
            time_cell(edge.first()),
            time_cell(edge.last()),
            listed(edge.alerts()),
        ]);
    }
    let left_out = vec![format!("{} of an alert to an entity: see `csv-evidence`", many(evidence, "relation"))];
    (sheet.text(), cuts(case, left_out))
}

/// What happened, by time; what has no time is last.
pub(super) fn timeline(case: &CaseFile) -> Written {
    let mut sheet = Sheet::new(["time", "kind", "id", "title", "severity", "device", "alerts"]);
    for entry in &case.timeline.entries {
        let kind = match entry.kind {
            crate::summary::TimelineKind::Event => "event",
            crate::summary::TimelineKind::Alert => "alert",
        };
        sheet.row([
            time_cell(entry.time),
            kind.to_owned(),
            entry.id.clone(),
            entry.title.clone(),
            word(entry.severity.as_ref()),
            entry.device.clone().unwrap_or_default(),
            listed(&entry.alerts),
        ]);
    }
    let mut left_out = vec!["what events hold besides the most telling of their values".to_owned()];
    if case.timeline.left_out > 0 {
        left_out
            .push(format!("{} over `rules.timelineEvents`, the latest ones", many(case.timeline.left_out, "event")));
    }
    (sheet.text(), cuts(case, left_out))
}

/// Actions and their states.
pub(super) fn actions(case: &CaseFile) -> Written {
    let mut sheet = Sheet::new([
        "id",
        "action",
        "title",
        "state",
        "since",
        "expires",
        "entityKind",
        "entity",
        "entityId",
        "device",
        "deviceId",
        "verdict",
        "automatic",
        "recommended",
        "level",
        "needed",
        "approvedBy",
        "proposedBy",
        "lastBy",
        "because",
        "attempt",
        "seenAgain",
        "contradictions",
        "investigation",
        "incident",
    ]);
    for action in &case.response.actions {
        let last = action.history.iter().rev().find_map(|step| step.by.clone());
        let contradictions = action.contradictions.iter().map(|clash| format!("{}: {}", clash.by, clash.text));
        sheet.row([
            action.id.clone(),
            action.action.to_string(),
            action.title.clone(),
            action.state.to_string(),
            time_cell(action.since),
            time_cell(action.expires),
            action.entity.kind.as_str().to_owned(),
            action.entity.name.clone(),
            action.entity.id.clone(),
            action.on.as_ref().map_or_else(String::new, |device| device.name.clone()),
            action.on.as_ref().map_or_else(String::new, |device| device.id.clone()),
            action.verdict.to_string(),
            action.automatic.to_string(),
            action.recommended.to_string(),
            action.level.as_str().to_owned(),
            action.needed.to_string(),
            listed(action.approvals.iter().map(|approval| &approval.by)),
            action.proposed_by.clone().unwrap_or_default(),
            last.unwrap_or_default(),
            action.because.clone(),
            action.attempt.to_string(),
            time_cell(action.seen_again),
            listed(contradictions),
            action.investigation.clone().unwrap_or_default(),
            action.incident.clone(),
        ]);
    }
    let steps: usize = case.response.actions.iter().map(|action| action.history.len()).sum();
    let mut left_out = vec![
        format!("the history of actions ({}), all but who last did something", many(steps, "step")),
        format!("{}, and the plan", many(case.response.investigations.len(), "investigation")),
    ];
    left_out.extend(case.response.truncated.iter().cloned());
    (sheet.text(), cuts(case, left_out))
}

/// What people and the system did to the incident.
pub(super) fn activity(case: &CaseFile) -> Written {
    let mut sheet = Sheet::new(["time", "origin", "type", "by", "targetType", "target", "text", "reason", "fact"]);
    for entry in &case.activity.entries {
        let origin = match entry.origin {
            Origin::System => "system",
            Origin::Person => "person",
        };
        sheet.row([
            time_cell(entry.at),
            origin.to_owned(),
            named(&entry.kind),
            entry.by.clone(),
            named(&entry.target_type),
            entry.target.clone(),
            entry.text.clone(),
            entry.reason.clone().unwrap_or_default(),
            entry.fact.clone(),
        ]);
    }
    let mut left_out = Vec::new();
    if case.activity.more_system > 0 {
        left_out.push(format!("{} by the system, over the limit", many(case.activity.more_system, "entry")));
    }
    (sheet.text(), cuts(case, left_out))
}

/// When each alert of the incident was, repeats included.
fn times(case: &CaseFile) -> HashMap<&str, Option<DateTime<Utc>>> {
    let lines = case.incident.alerts.iter().flat_map(|line| {
        let repeats = line.repeat_times.iter().map(|repeat| (repeat.id.as_str(), repeat.time));
        std::iter::once((line.id.as_str(), line.time)).chain(repeats)
    });
    lines.collect()
}

fn or_empty(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn word(value: Option<&impl ToString>) -> String {
    value.map_or_else(String::new, ToString::to_string)
}

fn listed<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> String {
    let mut out = String::new();
    for value in values {
        if !out.is_empty() {
            out.push_str("; ");
        }
        out.push_str(value.as_ref());
    }
    out
}

/// The name that a value has in JSON.
fn named(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
