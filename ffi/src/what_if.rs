//! What a casebook would tell under other circumstances, as JSON.

use std::ffi::c_char;

use casegraph_core::model::Verdict;
use casegraph_core::rules::RuleSet;
use casegraph_core::{Casebook, Change, Result, Side};

use super::ask::answer;
use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{guard, optional};
use super::rules::cg_rules;
use super::status::cg_status;
use super::text::{cg_buffer, text};

fn side(book: &Casebook, json: &str, rules: Option<&RuleSet>) -> Result<Side> {
    let side = if json.is_empty() { Side::now() } else { Side::from_json(json, book.policy())? };
    Ok(match rules {
        Some(rules) => side.with_rules(rules.clone()),
        None => side,
    })
}

/// What these changes together would do to verdicts, incidents, kill chains and priorities, and which of them does
/// each, as JSON: `{"incidentsBefore","incidentsAfter","newAlerts":[],"goneAlerts":[],"incidents":[{"change","before":[],
/// "after":[],"verdicts":[],"cause":{"how","by":[]}}]}`. `changes` is a JSON list of `{"without":FACT}`, `{"alert":{}}`,
/// `{"indicator":{}}`, `{"decision":{}}`, `{"ruleOff":NAME}` and `{"policy":{}}`, which needs only the members
/// that differ from the policy in use. `rules` is NULL, or the set that takes the place of the rules in use. The
/// casebook is not changed. CG_ERR_NOT_FOUND for a fact or rule that is not known, CG_ERR_INVALID_ARGUMENT for a
/// change that means nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_what_if_json(
    book: *const cg_casebook,
    changes: *const c_char,
    changes_len: usize,
    rules: *const cg_rules,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe {
        guard(error, || {
            let (changes, rules) = (text(changes, changes_len, "changes")?, optional(rules));
            answer(book, out, |s| {
                let mut list = Change::list_from_json(changes, s.policy())?;
                list.extend(rules.map(|rules| Change::Rules(rules.rules.clone())));
                s.what_if(&list)
            })
        })
    }
}

/// What differs between two states of the casebook, as JSON like that of cg_casebook_what_if_json, with the facts,
/// rules or members of the policy that do it. A state is the casebook as it is, where its JSON,
/// `{"facts":NUMBER,"policy":{}}`, does not say otherwise: after its first facts, under another policy; NULL or empty
/// for as it is. Its rules are NULL, or those in the place of the rules in use. CG_ERR_INVALID_ARGUMENT when the log
/// is shorter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_diff_json(
    book: *const cg_casebook,
    from: *const c_char,
    from_len: usize,
    from_rules: *const cg_rules,
    to: *const c_char,
    to_len: usize,
    to_rules: *const cg_rules,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe {
        guard(error, || {
            let (from, to) = (text(from, from_len, "from")?, text(to, to_len, "to")?);
            let (old, new) = (optional(from_rules), optional(to_rules));
            answer(book, out, |s| {
                let (from, to) = (side(s, from, old.map(|r| &r.rules))?, side(s, to, new.map(|r| &r.rules))?);
                s.diff(&from, &to)
            })
        })
    }
}

/// The fewest facts without which an entity has at most `verdict`, if it is graver now, or at least `verdict`, if
/// it is milder, and single indicators and decisions that do the same, as JSON: `{"entity","verdict","goal","wanted",
/// "without","minimal","noneUpTo","with":[],"candidates","worlds","complete"}`. `verdict` is one of Graph's, as
/// `noThreatsFound`; ids as for cg_casebook_explain_json. The search looks at no more than `budget` worlds, 0 for
/// `whatIf.worlds` of the policy, and says what it has proved. CG_ERR_NOT_FOUND when alert or entity is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_counterfactual_json(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    entity_id: *const c_char,
    entity_id_len: usize,
    verdict: *const c_char,
    verdict_len: usize,
    budget: u64,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (alert, entity) =
                (text(alert_id, alert_id_len, "alert_id")?, text(entity_id, entity_id_len, "entity_id")?);
            let verdict = Verdict::parse(text(verdict, verdict_len, "verdict")?);
            answer(book, out, |s| s.counterfactual(alert, entity, verdict, (budget > 0).then_some(budget)))
        })
    }
}
