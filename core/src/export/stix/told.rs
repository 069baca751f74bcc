//! What was done and said: actions as tasks, comments and verdicts as notes.

use indexmap::IndexSet;
use serde_json::{Value, json};

use super::bundle::{Bundle, stamp};
use super::observable::Known;
use super::{NOTES, TASK, TASKS, cut};
use crate::model::{ActionState, Verdict};
use crate::report::CaseFile;
use crate::respond::{Action, ActionClass};
use crate::summary::ActivityType;

/// A task for each action. Gives their ids.
pub(super) fn tasks(
    bundle: &mut Bundle,
    case: &CaseFile,
    known: &Known<'_>,
    left_out: &mut Vec<String>,
) -> Vec<String> {
    let mut ids = Vec::new();
    for action in case.response.actions.iter().take(TASKS) {
        let on = action.on.as_ref().map_or_else(String::new, |on| format!(" on {}", on.name));
        let at = |wanted: &[ActionState]| {
            let step = action.history.iter().find(|step| wanted.contains(&step.state))?;
            stamp(step.at?)
        };
        let start = at(&[ActionState::Running, ActionState::Completed, ActionState::Failed, ActionState::Partially]);
        let end = at(&[ActionState::Completed, ActionState::Failed, ActionState::Partially])
            .filter(|_| !matches!(action.state, ActionState::Running | ActionState::Approved));
        let failed = action.history.iter().rev().find(|step| step.state == ActionState::Failed);
        let error = failed.filter(|_| action.state == ActionState::Failed).and_then(|step| step.note.as_deref());
        let targets = [Some(&action.entity), action.on.as_ref()].into_iter().flatten();
        let changed: Vec<Value> = targets
            .filter_map(|target| known.id(&target.id))
            .map(|id| json!({"state_change_type": "input", "initial_ref": id}))
            .collect();
        let members = json!({"name": bundle.text(&format!("{}: {}{on}", action.title, action.entity.name)),
            "description": bundle.text(&action.because), "outcome": outcome(action), "task_types": [kind(action)],
            "start_time": start, "end_time": end, "due_date": action.expires.and_then(stamp),
            "error": error.map(|error| bundle.text(error)), "changed_objects": changed,
            "labels": [format!("state:{}", action.state)],
            "external_references": [{"source_name": "casegraph", "external_id": action.id}],
            "extensions": {TASK: {"extension_type": "new-sdo"}}});
        ids.push(bundle.add("task", &[&case.incident.tenant_id, &case.incident.id, &action.id], members));
    }
    let said: usize = case.response.actions.iter().map(|a| a.approvals.len() + a.contradictions.len()).sum();
    if said > 0 {
        left_out.push(format!("approvals of actions and contradictions about them: {said}"));
    }
    cut(left_out, "actions", TASKS, case.response.actions.len());
    ids
}

fn outcome(action: &Action) -> &'static str {
    match action.state {
        ActionState::Completed | ActionState::Partially => "successful",
        ActionState::Failed => "failed",
        ActionState::Running => "ongoing",
        ActionState::Rejected | ActionState::Expired | ActionState::Undone => "cancelled",
        ActionState::Proposed | ActionState::PendingApproval | ActionState::Approved => "pending",
        ActionState::Other(_) => "unknown",
    }
}

fn kind(action: &Action) -> &'static str {
    match action.class {
        Some(ActionClass::Artifact | ActionClass::Mail) => "eradication",
        Some(ActionClass::Identity | ActionClass::Network | ActionClass::Disruption) => "containment",
        Some(ActionClass::Release) => "recovery",
        Some(ActionClass::Manual) | None => "investigation",
    }
}

/// Comments on the incident and on its alerts.
pub(super) fn comments(bundle: &mut Bundle, case: &CaseFile, incident: &str, left_out: &mut Vec<String>) {
    let mut all = 0;
    let mut note = |key: &[&str], text: &str, about: String, by: Option<&str>| {
        if text.is_empty() {
            return;
        }
        all += 1;
        if all <= NOTES {
            let authors: Vec<Value> = by.into_iter().filter(|by| !by.is_empty()).map(|by| bundle.text(by)).collect();
            let members = json!({"abstract": bundle.text(&about), "content": bundle.text(text), "authors": authors,
                "object_refs": [incident]});
            bundle.add("note", key, members);
        }
    };
    for entry in case.activity.entries.iter().filter(|entry| entry.kind == ActivityType::Commented) {
        let when = entry.at.and_then(stamp).unwrap_or_default();
        note(&[incident, &entry.fact], &entry.text, format!("comment {when}"), Some(&entry.by));
    }
    for alert in &case.alerts {
        let title = alert.record.title.as_deref().unwrap_or_default();
        for (place, comment) in alert.record.comments.iter().enumerate() {
            let when = comment.written().and_then(|time| stamp(time.at())).unwrap_or_default();
            let text = comment.comment.as_deref().unwrap_or_default();
            let key = [incident, &alert.fact, &place.to_string()];
            note(&key, text, format!("comment {when} on the alert {title}"), comment.author());
        }
    }
    cut(left_out, "comments", NOTES, all);
}

/// STIX has no verdicts: a note for each one lists what it was given to, and why.
pub(super) fn verdicts(bundle: &mut Bundle, case: &CaseFile, known: &Known<'_>) {
    for verdict in [Verdict::Malicious, Verdict::Suspicious, Verdict::Clean] {
        let mut refs: IndexSet<&str> = IndexSet::new();
        let mut lines = Vec::new();
        for line in case.incident.entities.iter().filter(|line| line.verdict == verdict) {
            let Some(id) = known.id(&line.id) else { continue };
            refs.insert(id);
            lines.push(format!("{:.2} {} ({id}): {}", line.score, line.name, line.because));
        }
        if !refs.is_empty() {
            let refs: Vec<&str> = refs.into_iter().collect();
            let members = json!({"abstract": format!("verdict: {verdict}"), "content": bundle.text(&lines.join("\n")),
                "labels": [format!("verdict:{verdict}")], "object_refs": refs});
            bundle.add("note", &[&case.incident.tenant_id, &case.incident.id, "verdict", verdict.as_str()], members);
        }
    }
}

/// The document says itself what it leaves out.
pub(super) fn remark(bundle: &mut Bundle, incident: &str, left_out: &[String]) {
    if left_out.is_empty() {
        return;
    }
    let members = json!({"abstract": "what this bundle leaves out of the incident",
        "content": left_out.join("\n"), "authors": [bundle.maker()], "object_refs": [incident]});
    bundle.add("note", &[incident, "left out"], members);
}
