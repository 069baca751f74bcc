//! Verdicts as proofs: within a budget, as a tree, and checked.

use std::ffi::c_char;

use casegraph_core::verdict::Explanation;

use super::ask::answer;
use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{Out, guard};
use super::status::cg_status;
use super::text::{cg_buffer, text};

/// As cg_casebook_explain_json, with at most `work` units of work: one for each evidence item and relation of
/// the incident that is read, and each relation that is looked at on the way of suspicion. When they run out
/// before the verdict is settled, the member `undecided` says between which scores it lies and which verdicts
/// are possible. The same budget gives the same bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_explain_within_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    entity_id: *const c_char,
    entity_id_len: usize,
    work: u64,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (alert, entity) =
                (text(alert_id, alert_id_len, "alert_id")?, text(entity_id, entity_id_len, "entity_id")?);
            answer(book, out, |s| s.explain_within(alert, entity, work))
        })
    }
}

/// Goes over a proof, as cg_casebook_explain_json gives it, with nothing but the facts, the policy and the rules
/// of the casebook. `*out` is the first step that does not hold, as JSON with `kind`, `at` and `message`, and
/// `null` when the proof holds. CG_ERR_INVALID_ARGUMENT when the text is no proof.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_check_json(
    book: *const cg_casebook,
    proof_json: *const c_char,
    proof_json_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let proof = Explanation::from_json(text(proof_json, proof_json_len, "proof_json")?)?;
            answer(book, out, |s| Ok(s.check(&proof).err()))
        })
    }
}

/// A proof, as cg_casebook_explain_json gives it, as a tree of text: the verdict, below it what it rests on, and
/// at the leaves the facts. Whatever sources wrote is escaped. CG_ERR_INVALID_ARGUMENT when the text is no proof.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_proof_tree(
    proof_json: *const c_char,
    proof_json_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let out = Out::required(out, "out")?;
            let proof = Explanation::from_json(text(proof_json, proof_json_len, "proof_json")?)?;
            out.put(proof.tree().into_bytes().into());
            Ok(())
        })
    }
}
