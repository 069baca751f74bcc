//! Response: actions, who agrees to them, what the host carries out and what it says of it.

use std::ffi::{c_char, c_void};

use casegraph_core::model::{ActionOutcome, ActionReport, ActionTarget, Author, FactId};
use casegraph_core::response::{ActionFilter, ActionReply, ActionRequest, CATALOGUE};
use casegraph_core::{Casebook, Error, Result};

use super::ask::{answer, json};
use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{Out, guard, object};
use super::status::{CG_CONTINUE, cg_status};
use super::text::{cg_buffer, cg_fact_id, cg_str, text, time};

/// An action has begun.
pub const CG_OUTCOME_RUNNING: i32 = 0;
/// It waits: the device does not answer, say.
pub const CG_OUTCOME_WAITING: i32 = 1;
/// It is done.
pub const CG_OUTCOME_COMPLETED: i32 = 2;
/// There was nothing there to do it to.
pub const CG_OUTCOME_NOT_FOUND: i32 = 3;
/// It is done in part.
pub const CG_OUTCOME_PARTIALLY: i32 = 4;
/// It could not be done.
pub const CG_OUTCOME_FAILED: i32 = 5;

/// What is to be carried out. Its texts are borrowed until the callback returns; what attackers wrote is in them.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct cg_action_request {
    /// Idempotency key: whoever carries out requests does so once for each key.
    pub key: cg_str,
    /// What to do, as `quarantineFile`: the action, or what takes it back.
    pub perform: cg_str,
    /// Is it to take the action back? 0 or 1.
    pub undo: i32,
    /// Id of the action.
    pub action_id: cg_str,
    /// Kind, id and name of what to do it to.
    pub entity_kind: cg_str,
    pub entity_id: cg_str,
    pub entity_name: cg_str,
    /// Id and name of the device to do it on; empty where it is done on none.
    pub device_id: cg_str,
    pub device_name: cg_str,
    /// Id of the incident's earliest alert, and its tenant.
    pub incident: cg_str,
    pub tenant_id: cg_str,
    /// All of it as JSON, identifiers and who agreed included.
    pub json: cg_str,
}

/// What an executor says. It is zero when the callback begins, which says CG_OUTCOME_RUNNING. Texts are read when the
/// callback has returned, and must live until then.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct cg_action_reply {
    /// CG_OUTCOME_*.
    pub outcome: i32,
    /// A reason, say, as UTF-8; may be NULL with a length of 0.
    pub message: *const c_char,
    pub message_len: usize,
    /// Since when, RFC 3339; NULL with a length of 0 for the time of the call.
    pub at: *const c_char,
    pub at_len: usize,
}

/// Carries a request out, or has it begun, and says so in `reply`. CG_CONTINUE goes on with the next request, anything
/// else leaves the others pending.
///
/// It runs on the thread that called cg_casebook_execute. It may not throw nor longjmp. A call on the casebook that is
/// being changed fails with CG_ERR_INVALID_ARGUMENT; other casebooks may be used.
pub type cg_executor = Option<
    unsafe extern "C" fn(user_data: *mut c_void, request: *const cg_action_request, reply: *mut cg_action_reply) -> i32,
>;

fn ids(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json).map_err(|_| {
        Error::invalid_argument("`actions_json` is no list of ids of actions, expected e.g. [\"0123456789abcdef\"]")
    })
}

fn author(json: &str) -> Result<Author> {
    Author::from_json(json)
}

/// What is to be done about an incident, any of its alerts given, and how far it is, as of the time `at` (RFC 3339), as
/// JSON: `{"incident","at","actions":[{"id","action","title","class","entity","on","state","since","automatic",
/// "recommended","verdict","level","folder","because","expires","needed","approvals":[],"history":[],
/// "contradictions":[], ...}],"investigations":[],"evidence":[],"rollUps":[],"autoResolved":[],"truncated":[]}`. What was
/// said later does not count, and what expires by then has expired. CG_ERR_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_response_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    at: *const c_char,
    at_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (alert, at) = (text(alert_id, alert_id_len, "alert_id")?, time(text(at, at_len, "at")?)?);
            answer(book, out, |s| s.response(alert, &at))
        })
    }
}

/// Decides about actions.
///
/// # Safety
/// `book` is NULL or valid.
unsafe fn decide(
    book: *const cg_casebook,
    actions: &str,
    by: &str,
    decide: impl FnOnce(&mut Casebook, Vec<String>, &Author) -> Result<Vec<FactId>>,
) -> Result<()> {
    // SAFETY: the caller's promise.
    let book = unsafe { object(book, "book")? };
    let (actions, by) = (ids(actions)?, author(by)?);
    book.change(|book| decide(book, actions, &by))?;
    Ok(())
}

/// Agrees to actions of an incident, any of its alerts given: `actions_json` is a JSON list of their ids, all of one
/// kind; all or none are recorded. `author_json` says who, when, why and in which roles:
/// `{"by":"ada","at":"2026-03-12T09:00:00Z","reason":"not ours","roles":["responder"]}`; the host authenticates.
/// CG_ERR_CONFLICT when one cannot be agreed to as it stands, or not by this person. CG_ERR_INVALID_ARGUMENT for no
/// action or several kinds. CG_ERR_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_approve(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    actions_json: *const c_char,
    actions_json_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let actions = text(actions_json, actions_json_len, "actions_json")?;
            let author = text(author_json, author_json_len, "author_json")?;
            decide(book, actions, author, |b, actions, author| b.approve(alert, actions, author))
        })
    }
}

/// Refuses actions. What is approved can be refused until its executor has begun. Otherwise as cg_casebook_approve.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_reject(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    actions_json: *const c_char,
    actions_json_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let actions = text(actions_json, actions_json_len, "actions_json")?;
            let author = text(author_json, author_json_len, "author_json")?;
            decide(book, actions, author, |b, actions, author| b.reject(alert, actions, author))
        })
    }
}

/// Asks for what actions did to be taken back: a request for it is handed out. Otherwise as cg_casebook_approve.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_undo(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    actions_json: *const c_char,
    actions_json_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let actions = text(actions_json, actions_json_len, "actions_json")?;
            let author = text(author_json, author_json_len, "author_json")?;
            decide(book, actions, author, |b, actions, author| b.undo(alert, actions, author))
        })
    }
}

/// Asks for an action by hand; it waits for approval. `target_json` is `{"action":"isolateDevice","entity":ID,"on":ID}`,
/// `on` where it is done on a device. `*out` receives the id of the action. CG_ERR_INVALID_ARGUMENT for an action that
/// does not exist or does not apply, CG_ERR_NOT_FOUND for what the incident does not hold, CG_ERR_CONFLICT when it waits
/// or is under way already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_propose(
    book: *mut cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    target_json: *const c_char,
    target_json_len: usize,
    author_json: *const c_char,
    author_json_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let target = ActionTarget::from_json(text(target_json, target_json_len, "target_json")?)?;
            let author = author(text(author_json, author_json_len, "author_json")?)?;
            let id = book.change(|book| book.propose(alert, &target, &author))?;
            out.put(id.into_bytes().into());
            Ok(())
        })
    }
}

/// Ends the investigation that an alert belongs to: what it waits for is refused. CG_ERR_CONFLICT when it is over,
/// CG_ERR_NOT_FOUND when nothing is investigated for the alert. `fact` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_stop_investigation(
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
            let (book, fact) = (object(book, "book")?, Out::optional(fact));
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let author = author(text(author_json, author_json_len, "author_json")?)?;
            let id = book.change(|book| book.stop_investigation(alert, &author))?;
            if let Some(fact) = fact {
                fact.put(id.into());
            }
            Ok(())
        })
    }
}

/// What the host is to carry out now, in the whole casebook, as a JSON list: `[{"key","perform","undo","id","action",
/// "entity":{"id","kind","name"},"identifiers":[],"on","deviceIdentifiers":[],"because","approvedBy":[],"incident",
/// "tenantId"}]`. Asking changes nothing; a key is handed out until a report names it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_pending_requests_json(
    book: *const cg_casebook,
    at: *const c_char,
    at_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let at = time(text(at, at_len, "at")?)?;
            answer(book, out, |s| Ok(s.pending_requests(&at)))
        })
    }
}

/// Takes in what an executor says of a request, late, twice and in any order, as it comes: `{"action","entity","on",
/// "key","outcome":"completed","at","by","message","alert"}`, where the first four are those of the request, `alert` its
/// `incident`, and `outcome` is `running`, `waiting`, `completed`, `notFound`, `partially` or `failed`.
/// CG_ERR_CONFLICT when nobody agreed to it, CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT. `fact` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_report(
    book: *mut cg_casebook,
    report_json: *const c_char,
    report_json_len: usize,
    fact: *mut cg_fact_id,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, fact) = (object(book, "book")?, Out::optional(fact));
            let report = ActionReport::from_json(text(report_json, report_json_len, "report_json")?)?;
            let id = book.change(|book| book.report(&report))?;
            if let Some(fact) = fact {
                fact.put(id.into());
            }
            Ok(())
        })
    }
}

/// Has `executor` carry out everything that is pending as of the time `at`, one request after the other. Each is recorded
/// as running before it is begun, so that it is never begun twice. `by` is the executor's name in the reports.
/// `*count`, which may be NULL, receives how many were carried out, also after an error: what was carried out before is
/// recorded. CG_ERR_INVALID_ARGUMENT for an outcome or a time that is none: its request is recorded as failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_execute(
    book: *mut cg_casebook,
    at: *const c_char,
    at_len: usize,
    by: *const c_char,
    by_len: usize,
    executor: cg_executor,
    user_data: *mut c_void,
    count: *mut usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, count) = (object(book, "book")?, Out::optional(count));
            let (at, by) = (time(text(at, at_len, "at")?)?, text(by, by_len, "by")?);
            let executor = executor.ok_or_else(|| Error::invalid_argument("`executor` is NULL"))?;
            let mut done = 0;
            let mut wrong = None;
            let mut carry_out = |request: &ActionRequest| {
                let (reply, stop) = call(executor, user_data, request);
                done += 1;
                let reply = reply.unwrap_or_else(|e| {
                    let reply = ActionReply::new(ActionOutcome::Failed).because(e.message()).and_stop();
                    wrong = Some(e);
                    reply
                });
                if stop { reply.and_stop() } else { reply }
            };
            let result = book.change(|book| book.execute(&at, by, &mut carry_out).map(|_| ()));
            if let Some(count) = count {
                count.put(done);
            }
            wrong.map_or(result, Err)
        })
    }
}

/// Calls an executor; gives its reply and whether it wants no more.
///
/// # Safety
/// The callback can be called with its `user_data`, and the texts of its reply can be read.
unsafe fn call(
    executor: unsafe extern "C" fn(*mut c_void, *const cg_action_request, *mut cg_action_reply) -> i32,
    user_data: *mut c_void,
    request: &ActionRequest,
) -> (Result<ActionReply>, bool) {
    let whole = serde_json::to_string(request).unwrap_or_default();
    let on = request.on.as_ref();
    let shown = cg_action_request {
        key: request.key.as_str().into(),
        perform: request.perform.as_str().into(),
        undo: i32::from(request.undo),
        action_id: request.id.as_str().into(),
        entity_kind: request.entity.kind.as_str().into(),
        entity_id: request.entity.id.as_str().into(),
        entity_name: request.entity.name.as_str().into(),
        device_id: cg_str::optional(on.map(|device| device.id.as_str())),
        device_name: cg_str::optional(on.map(|device| device.name.as_str())),
        incident: request.incident.as_str().into(),
        tenant_id: request.tenant_id.as_str().into(),
        json: whole.as_str().into(),
    };
    let null = std::ptr::null();
    let mut reply = cg_action_reply { outcome: 0, message: null, message_len: 0, at: null, at_len: 0 };
    // SAFETY: whoever gave the callback promised that it can be called with its `user_data`.
    let answer = unsafe { executor(user_data, &raw const shown, &raw mut reply) };
    let read = || {
        let outcome = match reply.outcome {
            CG_OUTCOME_RUNNING => ActionOutcome::Running,
            CG_OUTCOME_WAITING => ActionOutcome::Waiting,
            CG_OUTCOME_COMPLETED => ActionOutcome::Completed,
            CG_OUTCOME_NOT_FOUND => ActionOutcome::NotFound,
            CG_OUTCOME_PARTIALLY => ActionOutcome::Partially,
            CG_OUTCOME_FAILED => ActionOutcome::Failed,
            other => {
                let message = format!("the executor's outcome is {other}, expected CG_OUTCOME_*");
                return Err(Error::invalid_argument(message));
            }
        };
        // SAFETY: the texts live until the callback has returned and are valid for their lengths, as the header demands.
        let (message, at) =
            unsafe { (text(reply.message, reply.message_len, "message")?, text(reply.at, reply.at_len, "reply at")?) };
        let mut told = ActionReply::new(outcome);
        if !message.is_empty() {
            told = told.because(message);
        }
        if !at.is_empty() {
            told = told.at(time(at)?);
        }
        Ok(told)
    };
    (read(), answer != CG_CONTINUE)
}

/// The actions of the whole casebook as of the time `at`, as JSON: `{"at","pending":[],"history":[],"strays"}`; actions as
/// in cg_casebook_response_json. `filter_json` chooses: `{"states":[],"actions":[],"kinds":[],"sources":[],"by":[],
/// "incidents":[],"text","since","until"}`, all of which must fit, each by one of its values; NULL or empty for all.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_action_centre_json(
    book: *const cg_casebook,
    at: *const c_char,
    at_len: usize,
    filter_json: *const c_char,
    filter_json_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let at = time(text(at, at_len, "at")?)?;
            let filter = filter(text(filter_json, filter_json_len, "filter_json")?)?;
            answer(book, out, |s| s.action_centre(&at, &filter))
        })
    }
}

/// The same as CSV (RFC 4180) with a header, one action a row. A cell that a spreadsheet would take for a formula begins
/// with an apostrophe.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_action_centre_csv(
    book: *const cg_casebook,
    at: *const c_char,
    at_len: usize,
    filter_json: *const c_char,
    filter_json_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            let at = time(text(at, at_len, "at")?)?;
            let filter = filter(text(filter_json, filter_json_len, "filter_json")?)?;
            let centre = book.ask(|s| s.action_centre(&at, &filter))?;
            out.put(centre.to_csv().into_bytes().into());
            Ok(())
        })
    }
}

fn filter(json: &str) -> Result<ActionFilter> {
    if json.is_empty() { Ok(ActionFilter::default()) } else { ActionFilter::from_json(json) }
}

/// Every action there is, as a JSON list: `[{"action","title","appliesTo":[],"needsDevice","class","remediates",
/// "undoneBy"}]`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_actions_json(out: *mut cg_buffer, error: *mut *mut cg_error) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            Out::required(out, "out")?.put(json(serde_json::to_vec(&CATALOGUE[..]))?);
            Ok(())
        })
    }
}
