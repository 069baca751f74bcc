//! One alert as a Detection Finding, and what stands for it in the list of an incident.

use serde_json::{Value, json};

use super::artifact::artifact;
use super::{
    ARTIFACTS, Object, attacks, head, is_readable, listed, metadata, moment, observable, put, severity, user, verdict,
};
use crate::attack::{self, Category, Tactic};
use crate::ingest::ocsf::table::{REST, STATUSES};
use crate::model::{RemediationStatus, Time, Verdict};
use crate::report::{CaseFile, FiledAlert};

/// What describes a finding, in the event of its own and in that of the incident.
pub(super) fn info(alert: &FiledAlert) -> Object {
    let record = &alert.record;
    let mut out = Object::new();
    put(&mut out, "uid", record.id.as_deref().unwrap_or_default());
    put(&mut out, "title", record.title.as_deref().unwrap_or_default());
    put(&mut out, "desc", record.description.as_deref().unwrap_or_default());
    put(&mut out, "src_url", record.alert_web_url.as_deref().unwrap_or_default());
    for (name, time) in [
        ("created_time", &record.created_date_time),
        ("modified_time", &record.last_update_date_time),
        ("first_seen_time", &record.first_activity_date_time),
        ("last_seen_time", &record.last_activity_date_time),
    ] {
        told(&mut out, name, time.as_ref());
    }
    let named = categories(alert);
    let tactics: Vec<&Tactic> = named.iter().filter_map(|text| tactic(text)).collect();
    listed(&mut out, "attacks", attacks(record.mitre_techniques.iter().map(String::as_str), &tactics));
    listed(&mut out, "types", named.into_iter().map(Value::from).collect());
    if let Some(detector) = record.detector_id.as_deref().filter(|id| !id.is_empty()) {
        let title = record.title.as_deref().unwrap_or(detector);
        out.insert("analytic".to_owned(), json!({"uid": detector, "name": title, "type_id": 1, "type": "Rule"}));
    }
    let service = record.service_source.as_ref().map(|service| service.as_str()).unwrap_or_default();
    let product = record.product_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(service);
    if !product.is_empty() {
        out.insert("product".to_owned(), json!({"name": product, "vendor_name": product}));
    }
    if alert.repeat_of != record.id.as_deref().unwrap_or_default() {
        let repeated = json!([{"uid": alert.repeat_of, "desc": "the same again, of which this is a repetition"}]);
        out.insert("related_events".to_owned(), repeated);
    }
    out
}

fn categories(alert: &FiledAlert) -> Vec<&str> {
    let record = &alert.record;
    let mut all: Vec<&str> = record.category.iter().chain(&record.categories).map(String::as_str).collect();
    all.retain(|category| !category.is_empty());
    let mut seen = Vec::new();
    all.retain(|category| {
        let new = !seen.contains(category);
        seen.push(*category);
        new
    });
    all
}

fn tactic(category: &str) -> Option<&'static Tactic> {
    match attack::category(category) {
        Category::Tactic(tactic) => Some(tactic),
        _ => None,
    }
}

/// A time as it was written.
fn told(into: &mut Object, name: &str, time: Option<&Time>) {
    if let Some(time) = time {
        into.insert(name.to_owned(), time.at().timestamp_millis().into());
        if is_readable(time.at()) {
            into.insert(format!("{name}_dt"), time.to_string().into());
        }
    }
}

pub(super) fn detection(case: &CaseFile, alert: &FiledAlert) -> Object {
    let record = &alert.record;
    let status = record.status.as_ref().map(|status| status.as_str()).unwrap_or_default();
    let activity = if status == "resolved" { (3, "Close") } else { (1, "Create") };
    let mut out = head(2004, "Detection Finding", activity);
    let first = record.first_activity_date_time.as_ref();
    let made = record.created_date_time.as_ref().or(first);
    match made {
        Some(made) => told(&mut out, "time", Some(made)),
        // The event must have a time: that of the document.
        None => moment(&mut out, "time", Some(case.at)),
    }
    told(&mut out, "start_time", first);
    told(&mut out, "end_time", record.last_activity_date_time.as_ref());
    severity(&mut out, &record.severity.clone().unwrap_or_default());
    let known = STATUSES.iter().find(|(_, _, ours)| *ours == status);
    let (id, caption) = known.map_or((99, status), |(id, caption, _)| (*id, *caption));
    if !status.is_empty() {
        out.insert("status_id".to_owned(), id.into());
        out.insert("status".to_owned(), caption.into());
    }
    put(&mut out, "message", record.title.as_deref().unwrap_or_default());
    out.insert("is_alert".to_owned(), true.into());
    out.insert("finding_info".to_owned(), Value::Object(info(alert)));
    let class = record.classification.as_ref().map(|class| class.as_str()).unwrap_or_default();
    verdict(&mut out, class, record.determination.as_ref().map(|found| found.as_str()).unwrap_or_default());
    if let Some(owner) = record.assigned_to.as_deref().filter(|owner| !owner.is_empty()) {
        out.insert("assignee".to_owned(), user(owner));
    }
    let mut profiles = vec!["datetime", "incident"];
    if let Some((id, caption, action, did)) = disposition(alert) {
        profiles.push("security_control");
        out.extend([
            ("disposition_id".to_owned(), id.into()),
            ("disposition".to_owned(), caption.into()),
            ("action_id".to_owned(), action.into()),
            ("action".to_owned(), did.into()),
        ]);
    }
    let mut metadata = metadata(case, record.id.as_deref().unwrap_or_default(), &profiles);
    put(&mut metadata, "correlation_uid", &case.incident.id);
    let (mut artifacts, mut pointers, mut windows) = (Vec::new(), Vec::new(), false);
    for (at, (evidence, entity)) in record.evidence.iter().zip(&alert.items).take(ARTIFACTS).enumerate() {
        let (made, is_windows) = artifact(evidence);
        artifacts.push(made);
        windows |= is_windows;
        if let Some(line) = entity.as_deref().and_then(|entity| case.entity(entity)) {
            pointers.push(observable(format!("evidences[{at}]"), line));
        }
    }
    if windows {
        let extension = json!([{"name": "win", "uid": "2", "version": super::VERSION}]);
        metadata.insert("extensions".to_owned(), extension);
    }
    listed(&mut out, "evidences", artifacts);
    listed(&mut out, "observables", pointers);
    out.insert("metadata".to_owned(), Value::Object(metadata));
    out.insert("unmapped".to_owned(), json!({REST: rest(alert)}));
    out
}

/// Members of the alert that stand nowhere else, in Graph form.
fn rest(alert: &FiledAlert) -> Value {
    const ELSEWHERE: [&str; 16] = [
        "@odata.type",
        "id",
        "tenantId",
        "title",
        "description",
        "severity",
        "status",
        "assignedTo",
        "alertWebUrl",
        "createdDateTime",
        "lastUpdateDateTime",
        "firstActivityDateTime",
        "lastActivityDateTime",
        "mitreTechniques",
        "detectorId",
        "evidence",
    ];
    let Ok(Value::Object(mut members)) = serde_json::to_value(&alert.record) else { return Value::Null };
    let unknown = |id: &String| attack::technique(id).is_none_or(|technique| technique.id() != id);
    // The list comes back from `attacks` alone, unless something in it is no technique.
    let techniques = alert.record.mitre_techniques.iter().any(unknown).then(|| members.remove("mitreTechniques"));
    let severity = alert.record.severity.as_ref().filter(|severity| severity.index().is_none());
    let status = alert.record.status.as_ref().filter(|status| status.index().is_none());
    members.retain(|name, value| !ELSEWHERE.contains(&name.as_str()) && !value.is_null());
    members.extend(techniques.flatten().map(|list| ("mitreTechniques".to_owned(), list)));
    members.extend(severity.map(|word| ("severity".to_owned(), word.as_str().into())));
    members.extend(status.map(|word| ("status".to_owned(), word.as_str().into())));
    Value::Object(members)
}

/// What the product did, where it did the same to all that is bad: id, caption, and the action's.
fn disposition(alert: &FiledAlert) -> Option<(u64, &'static str, u64, &'static str)> {
    use RemediationStatus as R;
    let bad = |verdict: &Verdict| *verdict >= Verdict::Suspicious;
    let mut all = alert.record.evidence.iter().filter(|item| item.verdict.as_ref().is_some_and(bad));
    let status = all.next()?.remediation_status.as_ref()?;
    if !all.all(|item| item.remediation_status.as_ref() == Some(status)) {
        return None;
    }
    Some(match status {
        R::Prevented | R::Blocked => (2, "Blocked", 2, "Denied"),
        R::Remediated => (11, "Corrected", 1, "Allowed"),
        R::PartiallyRemediated => (12, "Partially Corrected", 1, "Allowed"),
        R::Unremediated => (9, "Restored", 1, "Allowed"),
        R::Active | R::Running => (15, "Detected", 1, "Allowed"),
        R::PendingApproval => (14, "Delayed", 1, "Allowed"),
        R::None | R::Declined | R::NotFound => (16, "No Action", 1, "Allowed"),
        R::Other(_) => return None,
    })
}
