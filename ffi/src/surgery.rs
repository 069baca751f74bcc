//! Incident surgery: merge, split, move; and the incidents most like one.

use std::ffi::c_char;

use casegraph_core::model::{Author, FactId};
use casegraph_core::{Casebook, Error, Result};

use super::ask::answer;
use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{Out, guard, object};
use super::status::cg_status;
use super::text::{cg_buffer, cg_fact_id, text};

fn ids(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json)
        .map_err(|_| Error::invalid_argument("`alerts_json` is no list of alert ids, expected e.g. [\"a\",\"b\"]"))
}

/// Cuts and sews, and tells the id of the new fact to who asks for it.
///
/// # Safety
/// `book` and `fact` are NULL or valid.
unsafe fn operate(
    book: *const cg_casebook,
    alerts: &str,
    author: &str,
    fact: *mut cg_fact_id,
    operate: impl FnOnce(&mut Casebook, Vec<String>, &Author) -> Result<FactId>,
) -> Result<()> {
    // SAFETY: the caller's promise.
    let (book, fact) = unsafe { (object(book, "book")?, Out::optional(fact)) };
    let (alerts, author) = (ids(alerts)?, Author::from_json(author)?);
    let id = book.change(|book| operate(book, alerts, &author))?;
    if let Some(fact) = fact {
        fact.put(id.into());
    }
    Ok(())
}

/// Merges incidents, each given by any of its alerts: `alerts_json` is a JSON list of ids. From now on all of their
/// alerts are one incident, which grows on by itself; retracting the fact undoes it.
/// `author_json` says who, when and why: `{"by":"ada","at":"2026-03-12T09:00:00Z","reason":"one intrusion"}`.
///
/// CG_ERR_CONFLICT when the incidents cannot be merged as they stand: one is resolved, their owners,
/// classifications or determinations differ, or their tenants. CG_ERR_LIMIT for more than the policy's
/// `manage.mergedIncidents`, or more alerts than `correlate.maxAlertsPerIncident`. CG_ERR_INVALID_ARGUMENT for
/// fewer than two incidents, and without a reason as long as `manage.reasons` asks for one. CG_ERR_NOT_FOUND.
/// `fact` may be NULL; it receives the id of the fact.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_merge(
    book: *mut cg_casebook,
    alerts_json: *const c_char,
    alerts_json_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alerts = text(alerts_json, alerts_json_len, "alerts_json")?;
            let author = text(author_json, author_json_len, "author_json")?;
            operate(book, alerts, author, fact, |b, alerts, author| b.merge(alerts, author))
        })
    }
}

/// Splits alerts of one incident off into an incident of their own. Neither side meets the other again by itself,
/// both grow on, and what was decided about the incident as a whole stays with the rest. Parameters as for
/// cg_casebook_merge. CG_ERR_INVALID_ARGUMENT when a side would be empty or the alerts are of several incidents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_split(
    book: *mut cg_casebook,
    alerts_json: *const c_char,
    alerts_json_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alerts = text(alerts_json, alerts_json_len, "alerts_json")?;
            let author = text(author_json, author_json_len, "author_json")?;
            operate(book, alerts, author, fact, |b, alerts, author| b.split(alerts, author))
        })
    }
}

/// Moves alerts to the incident of the alert `to`, or with NULL or an empty text to a new incident. They leave the
/// incidents that they are in even if they are linked there. Other parameters as for cg_casebook_merge.
/// CG_ERR_CONFLICT when the target is resolved or of another tenant, CG_ERR_INVALID_ARGUMENT when an alert is in
/// it already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_move(
    book: *mut cg_casebook,
    alerts_json: *const c_char,
    alerts_json_len: usize,
    to: *const c_char,
    to_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alerts = text(alerts_json, alerts_json_len, "alerts_json")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let to = Some(text(to, to_len, "to")?).filter(|to| !to.is_empty());
            operate(book, alerts, author, fact, |b, alerts, author| b.move_alerts(alerts, to, author))
        })
    }
}

/// Every alert of an incident by time, by any of them, as a JSON list of ids: what a decision about the incident
/// names in `alerts`. CG_ERR_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_alert_ids_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            answer(book, out, |s| s.alert_ids(alert))
        })
    }
}

/// The earlier incidents of the same tenant most like the one of an alert, at most `limit`, as JSON:
/// `{"id","model","incidents":[{"id","title","score","shares":[],"shared":[],"status","classification",
/// "resolution", ...}],"more","tooCommon"}`. CG_ERR_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_similar_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    limit: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            answer(book, out, |s| s.similar(alert, limit))
        })
    }
}
