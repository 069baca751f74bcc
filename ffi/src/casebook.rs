//! The casebook: making it, feeding it, saving and loading it.

use std::ffi::c_char;
use std::sync::{RwLock, TryLockError};

use casegraph_core::model::{Decision, FactId, Indicator, Retraction};
use casegraph_core::{Casebook, Error, Loaded, Policy, Result};

use super::ask::json;
use super::error::cg_error;
use super::guard::{Out, free, guard, object};
use super::ingest::{cg_ingest_options, cg_report, with_options};
use super::rules::cg_rules;
use super::status::cg_status;
use super::text::{bytes, cg_buffer, cg_fact_id, text};

/// Facts in, judgements out: the log of facts, and everything it tells. Freed with cg_casebook_free.
///
/// Functions that take `const cg_casebook *` may run on many threads at once. Those that take
/// `cg_casebook *` change it: one at a time, with no other function on the same casebook meanwhile. A
/// call that meets a change under way fails with CG_ERR_INVALID_ARGUMENT and touches nothing (freeing
/// is the exception: nothing may be under way then). Different casebooks never share anything.
///
/// A panic during a change leaves a casebook unusable: every later call on it gives CG_ERR_INTERNAL,
/// and only freeing it remains.
pub struct cg_casebook {
    book: RwLock<Casebook>,
}

impl cg_casebook {
    pub(crate) fn new(book: Casebook) -> Self {
        cg_casebook { book: RwLock::new(book) }
    }

    /// Asks; gives `'static` texts no way out but through pointers, as the header says.
    pub(crate) fn ask<R>(&self, ask: impl FnOnce(&Casebook) -> Result<R>) -> Result<R> {
        ask(&*self.book.try_read().map_err(|e| refused(&e))?)
    }

    /// Changes; a panic in `change` poisons the lock, and with it this casebook.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Casebook) -> Result<R>) -> Result<R> {
        change(&mut *self.book.try_write().map_err(|e| refused(&e))?)
    }
}

fn refused<T>(error: &TryLockError<T>) -> Error {
    match error {
        TryLockError::Poisoned(_) => {
            Error::internal("an earlier call on this casebook met a defect of casegraph: it is unusable, load it anew")
        }
        TryLockError::WouldBlock => {
            Error::invalid_argument("another call is using this casebook, expected one change at a time")
        }
    }
}

/// # Safety
/// As for [`text`].
unsafe fn policy(json: *const c_char, len: usize) -> Result<Policy> {
    // SAFETY: the caller's promise is that of `text`.
    let json = unsafe { text(json, len, "policy_json") }?;
    if json.is_empty() { Ok(Policy::default()) } else { Policy::from_json(json) }
}

/// An empty casebook. `policy_json` holds the numbers that differ from the defaults, e.g.
/// `{"correlate":{"nearMisses":5}}`; NULL or empty for all defaults.
/// CG_ERR_INVALID_ARGUMENT with line and column when it is no policy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_new(
    policy_json: *const c_char,
    policy_json_len: usize,
    out: *mut *mut cg_casebook,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let out = Out::required(out, "out")?;
            out.hand_over(cg_casebook::new(Casebook::with_policy(policy(policy_json, policy_json_len)?)));
            Ok(())
        })
    }
}

/// Frees a casebook; what came from it and is not said to borrow from it stays. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_free(book: *mut cg_casebook) {
    // SAFETY: NULL, or a casebook that a call gave to the caller and that was not freed before.
    unsafe { free(book) }
}

/// Puts these rules in the place of those in use, if any, and judges every kept event and every incident
/// anew. From now on an ingest takes in raw events too. The casebook shares the set: it may be freed at once.
/// A saved log holds no rules: set them again on a loaded casebook.
///
/// Events that no rule matched when they came in, and that the policy's `rules.keep` did not keep, are gone.
/// CG_ERR_LIMIT when the rules make more alerts than a casebook can hold. After a failure the old rules stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_set_rules(
    book: *mut cg_casebook,
    rules: *const cg_rules,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe {
        guard(error, || {
            let (book, rules) = (object(book, "book")?, object(rules, "rules")?);
            book.change(|b| b.set_rules(rules.rules.clone()))
        })
    }
}

/// Takes in alerts or incidents from memory, and raw events once there are rules (cg_casebook_set_rules);
/// `source` names them in problem reports. One bad record is a problem of the report, never a failure.
/// `options` and `report` may be NULL; `*report` is owned by the caller. After CG_ERR_LIMIT and CG_ERR_CANCELLED what was read before is kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_ingest(
    book: *mut cg_casebook,
    source: *const c_char,
    source_len: usize,
    data: *const c_char,
    data_len: usize,
    options: *const cg_ingest_options,
    report: *mut *mut cg_report,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, source) = (object(book, "book")?, text(source, source_len, "source")?);
            let data = bytes(data, data_len, "data")?;
            let made = with_options(options, |o| book.change(|b| b.ingest_with(source, data, o)))?;
            if let Some(report) = Out::optional(report) {
                report.hand_over(made.into());
            }
            Ok(())
        })
    }
}

/// Takes in a file, as cg_casebook_ingest. JSON Lines are read as a stream: the file may be larger than
/// memory. `path` is UTF-8. CG_ERR_IO with the path as source when it cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_ingest_file(
    book: *mut cg_casebook,
    path: *const c_char,
    path_len: usize,
    options: *const cg_ingest_options,
    report: *mut *mut cg_report,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, path) = (object(book, "book")?, text(path, path_len, "path")?);
            let made = with_options(options, |o| book.change(|b| b.ingest_file(path, o)))?;
            if let Some(report) = Out::optional(report) {
                report.hand_over(made.into());
            }
            Ok(())
        })
    }
}

/// Takes in indicators: one JSON object, a list, or JSON Lines. A bad one is a problem of the report.
/// `report` may be NULL; `*report` is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_add_indicators(
    book: *mut cg_casebook,
    source: *const c_char,
    source_len: usize,
    json: *const c_char,
    json_len: usize,
    report: *mut *mut cg_report,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, source) = (object(book, "book")?, text(source, source_len, "source")?);
            let json = text(json, json_len, "json")?;
            let made = book.change(|b| b.add_indicators(source, json))?;
            if let Some(report) = Out::optional(report) {
                report.hand_over(made.into());
            }
            Ok(())
        })
    }
}

/// Adds a fact that is given as JSON, and tells its id to who asks for it.
///
/// # Safety
/// `book` and `fact` are NULL or valid.
unsafe fn add(
    book: *const cg_casebook,
    json: &str,
    fact: *mut cg_fact_id,
    add: impl FnOnce(&mut Casebook, &str) -> Result<FactId>,
) -> Result<()> {
    // SAFETY: the caller's promise.
    let (book, fact) = unsafe { (object(book, "book")?, Out::optional(fact)) };
    let id = book.change(|book| add(book, json))?;
    if let Some(fact) = fact {
        fact.put(id.into());
    }
    Ok(())
}

/// Adds one indicator, e.g. `{"kind":"dns","value":"evil.example","verdict":"malicious"}`; a bad one is
/// CG_ERR_INVALID_ARGUMENT. `fact` may be NULL; it receives the id of the fact.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_add_indicator(
    book: *mut cg_casebook,
    json: *const c_char,
    json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            add(book, text(json, json_len, "json")?, fact, |b, json| b.add_indicator(&Indicator::from_json(json)?))
        })
    }
}

/// Records a person's decision, e.g. `{"decision":"assign","to":"ada@example.com","by":"ada",
/// "at":"2026-03-12T09:00:00Z","alerts":["..."]}`. CG_ERR_NOT_FOUND when none of its alerts is known,
/// CG_ERR_INVALID_ARGUMENT when it is none. `fact` may be NULL; it receives the id of the fact.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_decide(
    book: *mut cg_casebook,
    json: *const c_char,
    json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || add(book, text(json, json_len, "json")?, fact, |b, json| b.decide(&Decision::from_json(json)?)))
    }
}

/// Withdraws a fact: `{"fact":"<64 hex digits>","by":"ada","reason":"..."}`. From now on everything is
/// as if it had never come in. CG_ERR_NOT_FOUND when there is no such fact. `fact` may be NULL; it
/// receives the id of the retraction, which is a fact itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_retract(
    book: *mut cg_casebook,
    json: *const c_char,
    json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            add(book, text(json, json_len, "json")?, fact, |b, json| b.retract(&Retraction::from_json(json)?))
        })
    }
}

/// The casebook as it was after its first `facts` facts, under the same policy and rules: a new casebook,
/// owned by the caller. CG_ERR_INVALID_ARGUMENT when the log is shorter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_as_of(
    book: *const cg_casebook,
    facts: usize,
    out: *mut *mut cg_casebook,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            out.hand_over(cg_casebook::new(book.ask(|s| s.as_of(facts))?));
            Ok(())
        })
    }
}

/// Writes the whole log to a file: to a new one beside it first, so that a crash leaves the old one.
/// `path` is UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_save(
    book: *const cg_casebook,
    path: *const c_char,
    path_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, path) = (object(book, "book")?, text(path, path_len, "path")?);
            book.ask(|s| s.save_file(path))
        })
    }
}

/// The facts from position `from` on as log bytes. From 0 on they are the whole log; otherwise they are
/// to be appended to one that was saved when the casebook had `from` facts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_save_buffer(
    book: *const cg_casebook,
    from: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            let mut log = Vec::new();
            book.ask(|s| s.save_from(from, &mut log))?;
            out.put(log.into());
            Ok(())
        })
    }
}

fn loaded(loaded: Loaded, damage: Option<Out<cg_buffer>>, out: Out<*mut cg_casebook>) -> Result<()> {
    if let Some(damage) = damage {
        damage.put(json(serde_json::to_vec(&loaded.damage))?);
    }
    out.hand_over(cg_casebook::new(loaded.casebook));
    Ok(())
}

/// Reads a saved log from a file into a new casebook, owned by the caller. The policy is as for
/// cg_casebook_new; rules are set on it afterwards. What is damaged is left out and told in `damage` (may be
/// NULL): a JSON list of `{"offset","bytes","factsBefore","message"}`, `[]` for a sound file, owned by the caller.
/// CG_ERR_LOG when it is no log of a known version, CG_ERR_IO, CG_ERR_LIMIT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_load(
    path: *const c_char,
    path_len: usize,
    policy_json: *const c_char,
    policy_json_len: usize,
    out: *mut *mut cg_casebook,
    damage: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (path, out) = (text(path, path_len, "path")?, Out::required(out, "out")?);
            let policy = policy(policy_json, policy_json_len)?;
            loaded(Casebook::load_file(path, policy)?, Out::optional(damage), out)
        })
    }
}

/// As cg_casebook_load, from memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_load_bytes(
    log: *const c_char,
    log_len: usize,
    policy_json: *const c_char,
    policy_json_len: usize,
    out: *mut *mut cg_casebook,
    damage: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (log, out) = (bytes(log, log_len, "log")?, Out::required(out, "out")?);
            let policy = policy(policy_json, policy_json_len)?;
            loaded(Casebook::load(log, policy)?, Out::optional(damage), out)
        })
    }
}
