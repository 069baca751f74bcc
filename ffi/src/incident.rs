//! Incidents: a list of them, one of them, and the lists in it.

use std::ffi::c_char;
use std::sync::Arc;

use casegraph_core::IncidentSummary;
use casegraph_core::report::TextReport;
use casegraph_core::summary::{AlertLine, EntityLine};

use super::ask::json;
use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{Out, free, guard, look, object};
use super::status::{CG_VALUE_OTHER, cg_status, incident_status_number, severity_number, verdict_number};
use super::text::{cg_buffer, cg_str, text};

/// A time that is not known.
pub const CG_NO_TIME: i64 = -9_223_372_036_854_775_807 - 1;

/// The incidents of a casebook at one moment, the most urgent first. Freed with cg_incidents_free.
///
/// Immutable, a snapshot: it depends on no casebook, and any number of threads may read it at once.
pub struct cg_incidents {
    all: Vec<Arc<IncidentSummary>>,
}

/// One incident at one moment. Freed with cg_incident_free.
///
/// Immutable, a snapshot: it depends on no casebook and no list, is freed in any order, and any number of
/// threads may read it at once. Texts borrowed from it live as long as it. Accessors take NULL, and
/// indexes past the end: empty texts, zeroes, CG_VALUE_OTHER, CG_NO_TIME.
pub struct cg_incident {
    summary: Arc<IncidentSummary>,
}

/// All incidents summed up, the most urgent first; `*out` is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_incidents(
    book: *const cg_casebook,
    out: *mut *mut cg_incidents,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            out.hand_over(cg_incidents { all: book.ask(|s| Ok(s.incidents().map(Arc::new).collect()))? });
            Ok(())
        })
    }
}

/// Frees a list; incidents taken from it stay. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incidents_free(incidents: *mut cg_incidents) {
    // SAFETY: NULL, or a list that a call gave to the caller and that was not freed before.
    unsafe { free(incidents) }
}

/// Number of incidents; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incidents_len(incidents: *const cg_incidents) -> usize {
    // SAFETY: NULL or a live list; lists never change.
    unsafe { look(incidents, 0, |list| list.all.len()) }
}

/// The incident at a place, from 0; `*out` is owned by the caller and shares its content with the list.
/// CG_ERR_INVALID_ARGUMENT past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incidents_at(
    incidents: *const cg_incidents,
    index: usize,
    out: *mut *mut cg_incident,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (list, out) = (object(incidents, "incidents")?, Out::required(out, "out")?);
            let summary = list.all.get(index).ok_or_else(|| {
                casegraph_core::Error::invalid_argument(format!("index {index}, expected below {}", list.all.len()))
            })?;
            out.hand_over(cg_incident { summary: Arc::clone(summary) });
            Ok(())
        })
    }
}

/// The incident that an alert belongs to: any member's id will do. `*out` is owned by the caller.
/// CG_ERR_NOT_FOUND when no alert has this id.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_incident(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    out: *mut *mut cg_incident,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, id) = (object(book, "book")?, text(alert_id, alert_id_len, "alert_id")?);
            let out = Out::required(out, "out")?;
            out.hand_over(cg_incident { summary: Arc::new(book.ask(|s| s.incident(id))?) });
            Ok(())
        })
    }
}

/// Frees an incident. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_free(incident: *mut cg_incident) {
    // SAFETY: NULL, or an incident that a call gave to the caller and that was not freed before.
    unsafe { free(incident) }
}

/// Everything about the incident, as JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_json(
    incident: *const cg_incident,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; incidents never change.
    unsafe {
        guard(error, || {
            let (incident, out) = (object(incident, "incident")?, Out::required(out, "out")?);
            out.put(json(serde_json::to_vec(&*incident.summary))?);
            Ok(())
        })
    }
}

/// The incident as a page of plain text, in UTF-8. What attackers wrote is shown escaped: control
/// characters and escape sequences do not reach a terminal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_text(
    incident: *const cg_incident,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; incidents never change.
    unsafe {
        guard(error, || {
            let (incident, out) = (object(incident, "incident")?, Out::required(out, "out")?);
            out.put(TextReport::new().incident(&incident.summary).into_bytes().into());
            Ok(())
        })
    }
}

/// Reads from the summary.
///
/// # Safety
/// As for [`look`].
unsafe fn whole<R>(incident: *const cg_incident, absent: R, read: impl FnOnce(&IncidentSummary) -> R) -> R {
    // SAFETY: the caller's promise is that of `look`.
    unsafe { look(incident, absent, |i: &cg_incident| read(&i.summary)) }
}

/// Reads from an alert of the timeline.
///
/// # Safety
/// As for [`look`].
unsafe fn alert<R>(
    incident: *const cg_incident,
    index: usize,
    absent: R,
    read: impl FnOnce(&AlertLine) -> Option<R>,
) -> R
where
    R: Copy,
{
    // SAFETY: the caller's promise is that of `look`.
    unsafe { look(incident, absent, |i: &cg_incident| i.summary.alerts.get(index).and_then(read).unwrap_or(absent)) }
}

/// Reads from an entity.
///
/// # Safety
/// As for [`look`].
unsafe fn entity<R>(
    incident: *const cg_incident,
    index: usize,
    absent: R,
    read: impl FnOnce(&EntityLine) -> Option<R>,
) -> R
where
    R: Copy,
{
    // SAFETY: the caller's promise is that of `look`.
    unsafe { look(incident, absent, |i: &cg_incident| i.summary.entities.get(index).and_then(read).unwrap_or(absent)) }
}

/// Id of the earliest alert; any member's id leads to the incident too. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_id(incident: *const cg_incident) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, "".into(), |i| i.id.as_str().into()) }
}

/// Tenant; empty when the alerts name none. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_tenant_id(incident: *const cg_incident) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, "".into(), |i| i.tenant_id.as_str().into()) }
}

/// Title: made from what happened, unless somebody renamed it. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_title(incident: *const cg_incident) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, "".into(), |i| i.title.as_str().into()) }
}

/// Who works on it; empty for nobody. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_assigned_to(incident: *const cg_incident) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, "".into(), |i| cg_str::optional(i.assigned_to.as_deref())) }
}

/// Severity: CG_SEVERITY_*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_severity(incident: *const cg_incident) -> i32 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, CG_VALUE_OTHER, |i| severity_number(&i.severity)) }
}

/// How far the work is: CG_INCIDENT_*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_status(incident: *const cg_incident) -> i32 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, CG_VALUE_OTHER, |i| incident_status_number(&i.status)) }
}

/// Priority, 0 to 100.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_score(incident: *const cg_incident) -> f64 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, 0.0, |i| i.priority.score) }
}

/// First activity of any alert, in microseconds since 1970-01-01T00:00:00Z, or CG_NO_TIME.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_first_activity(incident: *const cg_incident) -> i64 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, CG_NO_TIME, |i| i.first_activity.map_or(CG_NO_TIME, |at| at.timestamp_micros())) }
}

/// Last activity of any alert, in microseconds since 1970-01-01T00:00:00Z, or CG_NO_TIME.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_last_activity(incident: *const cg_incident) -> i64 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, CG_NO_TIME, |i| i.last_activity.map_or(CG_NO_TIME, |at| at.timestamp_micros())) }
}

/// Number of tags that people gave it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_tag_count(incident: *const cg_incident) -> usize {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, 0, |i| i.tags.len()) }
}

/// A tag; empty past the end. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_tag(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, "".into(), |i| cg_str::optional(i.tags.get(index).map(String::as_str))) }
}

/// Number of tags that follow from what happened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_system_tag_count(incident: *const cg_incident) -> usize {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, 0, |i| i.system_tags.len()) }
}

/// A tag that follows from what happened; empty past the end. Static.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_system_tag(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, "".into(), |i| cg_str::optional(i.system_tags.get(index).map(|t| t.tag))) }
}

/// What such a tag follows from, in words; empty past the end. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_system_tag_because(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, "".into(), |i| cg_str::optional(i.system_tags.get(index).map(|t| t.because.as_str()))) }
}

/// Stages of the kill chain seen.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_stages_observed(incident: *const cg_incident) -> usize {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, 0, |i| i.kill_chain.observed) }
}

/// Stages there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_stages_total(incident: *const cg_incident) -> usize {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, 0, |i| i.kill_chain.total) }
}

/// Position of the furthest stage, 0 to 100.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_progress(incident: *const cg_incident) -> i32 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, 0, |i| i.kill_chain.progress.into()) }
}

/// The last stage seen, ATT&CK's short name; empty when none was. Static.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_furthest_stage(incident: *const cg_incident) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, "".into(), |i| cg_str::optional(i.kill_chain.furthest)) }
}

/// Alerts of the timeline; repeats are folded into the first of their kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_alert_count(incident: *const cg_incident) -> usize {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, 0, |i| i.alerts.len()) }
}

/// Id of an alert. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_alert_id(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { alert(incident, index, "".into(), |a| Some(a.id.as_str().into())) }
}

/// Title of an alert. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_alert_title(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { alert(incident, index, "".into(), |a| Some(a.title.as_str().into())) }
}

/// Severity of an alert: CG_SEVERITY_*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_alert_severity(incident: *const cg_incident, index: usize) -> i32 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { alert(incident, index, CG_VALUE_OTHER, |a| Some(severity_number(&a.severity))) }
}

/// First activity of an alert, in microseconds since 1970-01-01T00:00:00Z, or CG_NO_TIME.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_alert_time(incident: *const cg_incident, index: usize) -> i64 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { alert(incident, index, CG_NO_TIME, |a| a.time.map(|at| at.timestamp_micros())) }
}

/// Why an alert is here, in one line; empty for the first of a part. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_alert_reason(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { alert(incident, index, "".into(), |a| a.reason.as_ref().map(|r| r.text.as_str().into())) }
}

/// Alerts folded into an alert.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_alert_repeats(incident: *const cg_incident, index: usize) -> usize {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { alert(incident, index, 0, |a| Some(a.repeats.len())) }
}

/// Id of an alert's fact, 64 hex digits: what a retraction names. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_alert_fact(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { alert(incident, index, "".into(), |a| Some(a.fact.as_str().into())) }
}

/// Entities, the worst verdict first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_entity_count(incident: *const cg_incident) -> usize {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { whole(incident, 0, |i| i.entities.len()) }
}

/// Id of an entity, `kind:type:value`. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_entity_id(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { entity(incident, index, "".into(), |e| Some(e.id.as_str().into())) }
}

/// Kind of an entity, e.g. `device`. Static.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_entity_kind(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { entity(incident, index, "".into(), |e| Some(e.kind.as_str().into())) }
}

/// Name of an entity. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_entity_name(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { entity(incident, index, "".into(), |e| Some(e.name.as_str().into())) }
}

/// Verdict of an entity: CG_VERDICT_*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_entity_verdict(incident: *const cg_incident, index: usize) -> i32 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { entity(incident, index, CG_VALUE_OTHER, |e| Some(verdict_number(&e.verdict))) }
}

/// Score of an entity, 0 to 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_entity_score(incident: *const cg_incident, index: usize) -> f64 {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { entity(incident, index, 0.0, |e| Some(e.score)) }
}

/// What has been done about an entity, e.g. `prevented`; `none` for nothing. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_entity_remediation(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { entity(incident, index, "".into(), |e| Some(e.remediation_status.as_str().into())) }
}

/// The reason for the verdict of an entity, in one line. Lives as long as the incident.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_incident_entity_because(incident: *const cg_incident, index: usize) -> cg_str {
    // SAFETY: NULL or a live incident; incidents never change.
    unsafe { entity(incident, index, "".into(), |e| Some(e.because.as_str().into())) }
}
