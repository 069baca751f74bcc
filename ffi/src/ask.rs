//! What a casebook tells: its facts, and its judgements as JSON.

use std::ffi::c_char;

use casegraph_core::model::FactId;
use casegraph_core::{Casebook, Error, Fact, Result};

use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{Out, guard, look, object};
use super::rules::cg_rules;
use super::status::{cg_status, fact_kind};
use super::text::{cg_buffer, cg_fact_id, cg_str, text};

/// Compact JSON, handed to the caller.
pub(crate) fn json(made: serde_json::Result<Vec<u8>>) -> Result<cg_buffer> {
    made.map(cg_buffer::from).map_err(|e| Error::internal(e.to_string()))
}

/// Asks the casebook, and hands the answer over as JSON.
///
/// # Safety
/// `book` and `out` are NULL or valid.
pub(crate) unsafe fn answer<T: serde::Serialize>(
    book: *const cg_casebook,
    out: *mut cg_buffer,
    ask: impl FnOnce(&Casebook) -> Result<T>,
) -> Result<()> {
    // SAFETY: the caller's promise.
    let (book, out) = unsafe { (object(book, "book")?, Out::required(out, "out")?) };
    out.put(json(serde_json::to_vec(&book.ask(ask)?))?);
    Ok(())
}

/// Number of facts, withdrawn and superseded ones included; 0 for NULL, during a
/// change, and for an unusable casebook.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_fact_count(book: *const cg_casebook) -> usize {
    // SAFETY: NULL or a live casebook that nobody frees meanwhile, as the header demands.
    unsafe { look(book, 0, |book| book.ask(|s| Ok(s.len())).unwrap_or(0)) }
}

fn give(
    fact: &Fact<'_>,
    position: Option<Out<usize>>,
    kind: Option<Out<i32>>,
    id: Option<Out<cg_fact_id>>,
    json: Option<Out<cg_str>>,
) {
    if let Some(position) = position {
        position.put(usize::try_from(fact.position).unwrap_or(usize::MAX));
    }
    if let Some(kind) = kind {
        kind.put(fact_kind(fact.kind).0);
    }
    if let Some(id) = id {
        id.put(fact.id.into());
    }
    if let Some(json) = json {
        json.put(fact.json.into());
    }
}

/// The fact at a position, from 0, in the order they came. Each of `kind` (CG_FACT_*), `id` and `json` may
/// be NULL. `*json`, its canonical JSON, is borrowed until the casebook is next changed or freed.
/// CG_ERR_INVALID_ARGUMENT past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_fact(
    book: *const cg_casebook,
    position: usize,
    kind: *mut i32,
    id: *mut cg_fact_id,
    json: *mut cg_str,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            object(book, "book")?.ask(|s| {
                let fact = s.fact_at(position).ok_or_else(|| {
                    Error::invalid_argument(format!("log position {position}, expected below {}", s.len()))
                })?;
                give(&fact, None, Out::optional(kind), Out::optional(id), Out::optional(json));
                Ok(())
            })
        })
    }
}

/// The fact with this id, 64 hex digits. Each of `position`, `kind` (CG_FACT_*) and `json` may be NULL.
/// `*json`, its canonical JSON, is borrowed until the casebook is next changed or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_find_fact(
    book: *const cg_casebook,
    id: *const c_char,
    id_len: usize,
    position: *mut usize,
    kind: *mut i32,
    json: *mut cg_str,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, id) = (object(book, "book")?, text(id, id_len, "id")?);
            let id = FactId::parse(id)
                .ok_or_else(|| Error::invalid_argument("`id` is no fact id, expected 64 hex digits"))?;
            book.ask(|s| {
                give(&s.fact(id)?, Out::optional(position), Out::optional(kind), None, Out::optional(json));
                Ok(())
            })
        })
    }
}

/// An alert as it stands, as its canonical JSON: `*out` is borrowed until the casebook is next changed or
/// freed. CG_ERR_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_alert_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    out: *mut cg_str,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, id) = (object(book, "book")?, text(alert_id, alert_id_len, "alert_id")?);
            let out = Out::required(out, "out")?;
            book.ask(|s| {
                out.put(s.alert_json(id)?.into());
                Ok(())
            })
        })
    }
}

/// Why an entity of an incident has its verdict, as a proof (`casegraph.proof/1`, described by
/// `schema/proof-1.json`): the opinions that made it with the facts that they are read of, the path that
/// suspicion took, what was overruled and by what, and what all that holds under. cg_casebook_check_json goes
/// over it, cg_proof_tree draws it. Any alert of the incident and any identifier of the entity
/// (`kind:type:value`) will do. CG_ERR_NOT_FOUND when either is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_explain_json(
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
            answer(book, out, |s| s.explain(alert, entity))
        })
    }
}

/// Everything that the alerts of an incident say of one entity, as JSON: its identifiers, and its
/// properties with the facts that give them. Ids as for
/// cg_casebook_explain_json. CG_ERR_NOT_FOUND when either is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_entity_json(
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
            answer(book, out, |s| s.entity(alert, entity))
        })
    }
}

/// The entity graph of an incident, by any of its alerts, as JSON: `{"nodes":[],"edges":[]}`.
/// CG_ERR_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_graph_json(
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
            answer(book, out, |s| Ok(s.graph(alert)?.to_json()))
        })
    }
}

/// What happened in an incident, by any of its alerts, as JSON by time: `{"entries":[{"time","kind","id","title",
/// "severity","device","alerts"}],"leftOut"}`; `kind` is `alert`, or `event` for a raw event that the casebook
/// keeps. With `entity_id`, as for cg_casebook_explain_json, only what concerns that entity; NULL or empty for
/// the whole incident. CG_ERR_NOT_FOUND when either is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_timeline_json(
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
            answer(book, out, |s| s.timeline(alert, (!entity.is_empty()).then_some(entity)))
        })
    }
}

/// Which verdicts, incidents and priorities would change if these rules were in use, as JSON:
/// like that of cg_casebook_what_if_json. The casebook is not changed. CG_ERR_LIMIT as for cg_casebook_set_rules.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_impact_json(
    book: *const cg_casebook,
    rules: *const cg_rules,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe {
        guard(error, || {
            let rules = object(rules, "rules")?;
            answer(book, out, |s| s.impact(&rules.rules))
        })
    }
}

/// All incidents, the most urgent first, as one JSON list of `{"id","tenantId","score","alerts",
/// "firstActivity","lastActivity"}`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_queue_json(
    book: *const cg_casebook,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe { guard(error, || answer(book, out, |s| Ok(s.queue()))) }
}

/// The whole queue with every incident summed up, as one JSON document (`casegraph.queue/1`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_to_json(
    book: *const cg_casebook,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            out.put(book.ask(|s| Ok(s.to_json()))?.into_bytes().into());
            Ok(())
        })
    }
}

/// The policy, every number written out, as JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_policy_json(
    book: *const cg_casebook,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            out.put(book.ask(|s| json(serde_json::to_vec(s.policy())))?);
            Ok(())
        })
    }
}
