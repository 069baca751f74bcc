//! The incident as Microsoft Graph's `security/incidents` has it, with its alerts.
//!
//! In: the case file. Out: one `incident` whose own members say what casegraph judged (name, severity, status,
//! classification, owner, priority, tags) and whose alerts are the facts as they came, nothing changed.
//!
//! A provider's `verdict` and `remediationStatus` of an evidence item stay the provider's: were ours written over them, they
//! would become facts for whoever reads the document, and a verdict would then support itself. Ours stand beside them as
//! OData instance annotations, which JSON of OData allows on every member and which readers who do not know
//! them skip: `verdict@casegraph.judged`. Ingesting the document again takes the alerts and leaves what is in the
//! namespace `casegraph`, the incident's own members with it: what was judged is judged anew.

use std::fmt::Write;

use hashbrown::HashMap;
use serde_json::{Value, json};

use crate::model::{Alert, AlertComment, Choice, Incident, IncidentStatus, Time, Verdict};
use crate::report::{CaseFile, FiledAlert};
use crate::summary::{AlertLine, EntityLine};

use super::Written;
use super::words::{cuts, many};

pub(super) fn write(case: &CaseFile) -> Written {
    let left_out = cuts(case, left_out(case));
    let mut document = json!(incident(case));
    let alerts: Vec<Value> = alerts(case);
    if let Value::Object(members) = &mut document {
        let chain = &case.incident.kill_chain;
        members.insert("alerts".to_owned(), Value::Array(alerts));
        members.insert("@casegraph.judgedDateTime".to_owned(), json!(Time::from(case.at)));
        members.insert("@casegraph.priority".to_owned(), json!(case.incident.priority));
        members.insert("@casegraph.killChain".to_owned(), json!(chain));
        members.insert("@casegraph.leftOut".to_owned(), json!(left_out));
    }
    // Whatever map type the build uses.
    document.sort_all_objects();
    (format!("{document:#}\n"), left_out)
}

fn incident(case: &CaseFile) -> Incident {
    let judged = &case.incident;
    let created = case.alerts.iter().filter_map(|alert| alert.record.created_date_time.clone()).min();
    let latest = judged.activity.last();
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Incident {
        odata_type: Some("#microsoft.graph.security.incident".to_owned()),
        id: Some(judged.id.clone()),
        tenant_id: some(&judged.tenant_id),
        display_name: Some(judged.title.clone()),
        summary: Some(summary(case)),
        severity: Some(judged.severity.clone()),
        status: Some(judged.status.clone()),
        classification: Some(judged.classification.clone()),
        determination: Some(judged.determination.clone()),
        assigned_to: judged.assigned_to.clone(),
        priority_score: Some(judged.priority.score.round() as i32),
        created_date_time: created,
        last_update_date_time: Some(Time::from(case.at)),
        last_modified_by: latest.map(|activity| activity.decision.by.clone()),
        resolving_comment: resolving_comment(case),
        custom_tags: judged.tags.clone(),
        system_tags: judged.system_tags.iter().map(|tag| tag.tag.to_owned()).collect(),
        comments: comments(case),
        ..Incident::default()
    }
}

fn summary(case: &CaseFile) -> String {
    let (incident, chain) = (&case.incident, &case.incident.kill_chain);
    let mut out = format!("{} of {} stages of the kill chain", chain.observed, chain.total);
    if let Some(furthest) = chain.furthest {
        // Writing to a text does not fail.
        let _ = write!(out, ", as far as {furthest}");
    }
    let scope = &incident.scope;
    let assets = [(scope.device_count, "device"), (scope.user_count, "user"), (scope.application_count, "application")];
    for (count, noun) in assets {
        let _ = write!(out, ", {}", many(count, noun));
    }
    let (count, noun) = (scope.mailbox_count, if scope.mailbox_count == 1 { "mailbox" } else { "mailboxes" });
    let _ = write!(out, ", {count} {noun}");
    let of = |verdict: Verdict| incident.entities.iter().filter(|line| line.verdict == verdict).count();
    let _ = write!(out, "; {} malicious and {} suspicious entities", of(Verdict::Malicious), of(Verdict::Suspicious));
    out
}

/// Why the incident was resolved, if it is.
fn resolving_comment(case: &CaseFile) -> Option<String> {
    let resolved = |what: &Choice| matches!(what, Choice::SetStatus { status: IncidentStatus::Resolved });
    let status = |what: &Choice| matches!(what, Choice::SetStatus { .. });
    let last = case.incident.activity.iter().rfind(|activity| status(&activity.decision.what))?;
    last.decision.reason.clone().filter(|_| resolved(&last.decision.what))
}

fn comments(case: &CaseFile) -> Vec<AlertComment> {
    let comments = case.incident.activity.iter().filter_map(|activity| match &activity.decision.what {
        Choice::Comment { text } => Some((text, &activity.decision)),
        _ => None,
    });
    comments
        .map(|(text, decision)| AlertComment {
            comment: Some(text.clone()),
            created_by_display_name: Some(decision.by.clone()),
            created_date_time: Some(decision.at.clone()),
            ..AlertComment::default()
        })
        .collect()
}

fn alerts(case: &CaseFile) -> Vec<Value> {
    let entities: HashMap<&str, &EntityLine> =
        case.incident.entities.iter().map(|line| (line.id.as_str(), line)).collect();
    let lines: HashMap<&str, &AlertLine> = case.incident.alerts.iter().map(|line| (line.id.as_str(), line)).collect();
    case.alerts.iter().map(|alert| annotated(alert, &lines, &entities)).collect()
}

/// The alert as it came, with what was judged beside it.
fn annotated(alert: &FiledAlert, lines: &HashMap<&str, &AlertLine>, entities: &HashMap<&str, &EntityLine>) -> Value {
    let mut value = json!(&alert.record);
    let id = alert.record.id.as_deref().unwrap_or_default();
    let Value::Object(members) = &mut value else { return value };
    if alert.repeat_of != id {
        members.insert("@casegraph.repeatOf".to_owned(), json!(alert.repeat_of));
    }
    if let Some(line) = lines.get(id) {
        managed(&alert.record, line, members);
        if let Some(link) = &line.reason {
            members.insert("@casegraph.link".to_owned(), json!(link));
        }
    }
    let evidence = members.get_mut("evidence").and_then(Value::as_array_mut);
    for (item, entity) in evidence.into_iter().flatten().zip(&alert.items) {
        let line = entity.as_deref().and_then(|entity| entities.get(entity));
        if let (Value::Object(members), Some(line)) = (item, line) {
            members.insert("@casegraph.entity".to_owned(), json!(line.id));
            members.insert("verdict@casegraph.judged".to_owned(), json!(line.verdict));
            members.insert("remediationStatus@casegraph.judged".to_owned(), json!(line.remediation_status));
        }
    }
    value
}

/// Status and owner where people's decisions made them others than the provider says.
fn managed(record: &Alert, line: &AlertLine, members: &mut serde_json::Map<String, Value>) {
    if record.status.as_ref().is_some_and(|status| *status != line.status) {
        members.insert("status@casegraph.judged".to_owned(), json!(line.status));
    }
    if record.assigned_to != line.assigned_to {
        members.insert("assignedTo@casegraph.judged".to_owned(), json!(line.assigned_to));
    }
}

fn left_out(case: &CaseFile) -> Vec<String> {
    let mut out = vec![format!(
        "{}, {} and the plan",
        many(case.response.actions.len(), "action"),
        many(case.response.investigations.len(), "investigation")
    )];
    let comment = |what: &Choice| matches!(what, Choice::Comment { .. });
    let other = case.incident.activity.iter().filter(|activity| !comment(&activity.decision.what)).count();
    if other > 0 {
        out.push(format!("{} besides comments: only what they led to is here", many(other, "decision")));
    }
    out.push("indicators and rules: whoever judges these alerts without them may come to other verdicts".to_owned());
    if case.incident.links.redundant > 0 {
        out.push(format!("{} besides the strongest to each alert", many(case.incident.links.redundant, "link")));
    }
    let only_related = case.incident.entities.len().saturating_sub(named(case));
    if only_related > 0 {
        out.push(format!("verdicts of {} that evidence only mentions inside of others", many(only_related, "entity")));
    }
    if !case.timeline.entries.iter().all(|entry| entry.severity.is_some()) {
        out.push("raw events".to_owned());
    }
    out
}

/// How many entities evidence items are.
fn named(case: &CaseFile) -> usize {
    let mut ids: Vec<&str> =
        case.alerts.iter().flat_map(|alert| alert.items.iter().flatten()).map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}
