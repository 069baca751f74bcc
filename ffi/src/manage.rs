//! Managing incidents: decisions about a whole incident, its activity log, and how much users and assets need
//! looking into.

use std::ffi::c_char;

use casegraph_core::model::{AlertClassification, AlertDetermination, AlertSeverity, Author, FactId, IncidentStatus};
use casegraph_core::summary::ActivityFilter;
use casegraph_core::{Casebook, Result};

use super::ask::answer;
use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{Out, guard, object};
use super::status::cg_status;
use super::text::{cg_buffer, cg_fact_id, text};

/// Decides, and tells the id of the new fact to who asks for it.
///
/// # Safety
/// `book` and `fact` are NULL or valid.
unsafe fn decide(
    book: *const cg_casebook,
    author: &str,
    fact: *mut cg_fact_id,
    decide: impl FnOnce(&mut Casebook, &Author) -> Result<FactId>,
) -> Result<()> {
    // SAFETY: the caller's promise.
    let (book, fact) = unsafe { (object(book, "book")?, Out::optional(fact)) };
    let author = Author::from_json(author)?;
    let id = book.change(|book| decide(book, &author))?;
    if let Some(fact) = fact {
        fact.put(id.into());
    }
    Ok(())
}

/// Gives the incident of an alert, any of its alerts, to somebody, and with it all of its alerts; with NULL or an empty
/// text to nobody. `author_json` says who decides, when and why:
/// `{"by":"ada","at":"2026-03-12T09:00:00Z","reason":"on duty"}`. `fact` may be NULL; it receives the id of the
/// decision's fact, and retracting that undoes it. CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_assign(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
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
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let to = Some(text(to, to_len, "to")?).filter(|to| !to.is_empty());
            decide(book, author, fact, |b, author| b.assign(alert, to, author))
        })
    }
}

/// Says how far the work on an incident is: `active`, `inProgress`, `resolved`, ... A resolved incident has all of its
/// alerts resolved and takes in no others by itself; any other status opens it again. Other parameters as for
/// cg_casebook_assign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_set_status(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    status: *const c_char,
    status_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let status = IncidentStatus::parse(text(status, status_len, "status")?);
            decide(book, author, fact, |b, author| b.set_status(alert, status, author))
        })
    }
}

/// Resolves an incident, and with it all of its alerts; the author's reason is the note that stands with it. Parameters
/// as for cg_casebook_assign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_resolve(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            decide(book, author, fact, |b, author| b.resolve(alert, author))
        })
    }
}

/// Says what an incident was found to be: `truePositive`, `falsePositive`, `informationalExpectedActivity`, or
/// `unknown`, which takes the finding back; and the finer finding, `unknown` or one that goes with it (`phishing` with
/// `truePositive`, ...). CG_ERR_INVALID_ARGUMENT lists those that do. Other parameters as for cg_casebook_assign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_classify(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    classification: *const c_char,
    classification_len: usize,
    determination: *const c_char,
    determination_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let found = AlertClassification::parse(text(classification, classification_len, "classification")?);
            let finer = AlertDetermination::parse(text(determination, determination_len, "determination")?);
            decide(book, author, fact, |b, author| b.classify(alert, found, finer, author))
        })
    }
}

/// Sets the severity of an incident by hand: `informational`, `low`, `medium` or `high`. Other parameters as for
/// cg_casebook_assign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_set_severity(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    severity: *const c_char,
    severity_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let severity = AlertSeverity::parse(text(severity, severity_len, "severity")?);
            decide(book, author, fact, |b, author| b.set_severity(alert, severity, author))
        })
    }
}

/// Gives an incident another name, of up to 500 characters. Other parameters as for cg_casebook_assign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_rename(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    title: *const c_char,
    title_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let title = text(title, title_len, "title")?;
            decide(book, author, fact, |b, author| b.rename(alert, title, author))
        })
    }
}

/// Adds a tag of up to 100 characters to an incident. Other parameters as for cg_casebook_assign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_tag(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    tag: *const c_char,
    tag_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let tag = text(tag, tag_len, "tag")?;
            decide(book, author, fact, |b, author| b.tag(alert, tag, author))
        })
    }
}

/// Takes a tag away that a person gave. CG_ERR_INVALID_ARGUMENT for a system tag, which goes with its ground. Other
/// parameters as for cg_casebook_assign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_untag(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    tag: *const c_char,
    tag_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let tag = text(tag, tag_len, "tag")?;
            decide(book, author, fact, |b, author| b.untag(alert, tag, author))
        })
    }
}

/// Puts a comment of up to 30,000 characters on an incident. Other parameters as for cg_casebook_assign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_comment(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    comment: *const c_char,
    comment_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = text(author_json, author_json_len, "author_json")?;
            let comment = text(comment, comment_len, "comment")?;
            decide(book, author, fact, |b, author| b.comment(alert, comment, author))
        })
    }
}

/// What people and the system did to the incident of an alert, the oldest first, as JSON:
/// `{"id","entries":[{"at","origin","type","by","targetType","target","text","reason","fact"}],"moreSystem"}`.
///
/// `filter_json` chooses: `{"types":["assigned"],"origins":["person"],"by":["ada"],"since":"2026-03-12T00:00:00Z",
/// "until":"2026-03-13T00:00:00Z","texts":["proxy"]}`. Every given part must fit, by one of its values; NULL or an
/// empty text lets everything through. Types are opened, alertCorrelated, assigned, statusChanged, classified,
/// severityChanged, renamed, tagged, untagged, commented, merged, split, moved, verdictSet. CG_ERR_NOT_FOUND,
/// CG_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_activity_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    filter_json: *const c_char,
    filter_json_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let filter = text(filter_json, filter_json_len, "filter_json")?;
            let filter = if filter.is_empty() { ActivityFilter::new() } else { ActivityFilter::from_json(filter)? };
            answer(book, out, |s| s.activity(alert, &filter))
        })
    }
}

/// How much a user of an incident needs looking into, as JSON: `{"id","name","tenantId","model","score","percentile",
/// "users","red","criticality","latest","shares":[{"alert","title","incident","time","points","severity","impact",
/// "rarity","detail"}],"more","morePoints","notCounted"}`. The score is the sum of what its alerts of the last 7 days
/// give it, in all incidents; the policy's `summary.investigationPriority` has the numbers. CG_ERR_NOT_FOUND,
/// CG_ERR_INVALID_ARGUMENT when the entity is no user.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_user_priority_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    entity_id: *const c_char,
    entity_id_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (alert, entity) =
                (text(alert_id, alert_id_len, "alert_id")?, text(entity_id, entity_id_len, "entity_id")?);
            answer(book, out, |s| s.user_priority(alert, entity))
        })
    }
}

/// How much is at stake on an asset of an incident now, over all incidents, as JSON:
/// `{"id","name","riskLevel","because","open":[unknown, informational, low, medium, high],"resolved"}`.
/// CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT when the entity is no asset.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_asset_risk_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    entity_id: *const c_char,
    entity_id_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (alert, entity) =
                (text(alert_id, alert_id_len, "alert_id")?, text(entity_id, entity_id_len, "entity_id")?);
            answer(book, out, |s| s.asset_risk(alert, entity))
        })
    }
}
