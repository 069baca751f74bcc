//! Plans: what parts the attacker from what is not lost, checked, and asked what-ifs.

use std::ffi::c_char;

use casegraph_core::Error;
use casegraph_core::response::Plan;

use super::ask::{answer, json};
use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{Out, guard};
use super::status::cg_status;
use super::text::{cg_buffer, text, time};

/// The cheapest actions that cut every path from what the attacker holds to the assets of an incident, any of its alerts
/// given, that are not lost yet, as of the time `at` (RFC 3339), as JSON: `{"incident","at","outcome","actions":[{"id",
/// "action","entity","on","title","state","cost","because","breaks":[]}],"cost","proof":[{"path","amount"}],
/// "controlled":[],"protected":[],"unprotected":[],"unreached":[],"dealtWith":[],"truncated":[],"graph"}`. `outcome` is
/// `nothingToCut`, `cut`, `partly` or `impossible`. Costs and ways of the attacker are those of `response.plan` in the
/// policy. CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_plan_json(
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
            answer(book, out, |s| s.plan(alert, &at))
        })
    }
}

/// Goes over a plan, as cg_casebook_plan_json gives it, with nothing but its own graph: that its actions protect what it
/// says, and that its proof shows that nothing cheaper does. CG_ERR_INVALID_ARGUMENT with what does not hold, or when the
/// text is no plan.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_plan_check(
    plan_json: *const c_char,
    plan_json_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe { guard(error, || Plan::from_json(text(plan_json, plan_json_len, "plan_json")?)?.check()) }
}

/// What holds when only some actions of a plan are taken, as JSON: `{"taken":[],"cost","omitted":[],"reached":[],
/// "protected":[]}`, each asset that is still reached with a path. `ids_json` is a JSON list of ids of its actions.
/// CG_ERR_NOT_FOUND for an id that the plan does not have, CG_ERR_INVALID_ARGUMENT when a text is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_plan_what_if_json(
    plan_json: *const c_char,
    plan_json_len: usize,
    ids_json: *const c_char,
    ids_json_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let out = Out::required(out, "out")?;
            let plan = Plan::from_json(text(plan_json, plan_json_len, "plan_json")?)?;
            let ids: Vec<String> = serde_json::from_str(text(ids_json, ids_json_len, "ids_json")?).map_err(|_| {
                Error::invalid_argument("`ids_json` is no list of ids of actions, expected e.g. [\"0123456789abcdef\"]")
            })?;
            out.put(json(serde_json::to_vec(&plan.what_if_only(ids)?))?);
            Ok(())
        })
    }
}
