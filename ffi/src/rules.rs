//! Sets of Sigma rules: collecting what they are built of, building them, and what they tell.

use std::collections::BTreeMap;
use std::ffi::c_char;

use casegraph_core::rules::{Event, RuleSet, RuleSetBuilder, Select};
use casegraph_core::{Error, Result};

use super::ask::json;
use super::error::cg_error;
use super::guard::{Out, free, guard, look, object};
use super::status::cg_status;
use super::text::{bytes, cg_buffer, cg_str, text};

/// Collects what a set of rules is built of. Freed with cg_rules_builder_free. Use from one thread at a
/// time.
///
/// A call that fails changes nothing, except cg_rules_builder_build. What a text or a file holds is looked at
/// when the set is built.
pub struct cg_rules_builder {
    builder: RuleSetBuilder,
    /// Values of placeholders, which come one by one.
    placeholders: BTreeMap<String, Vec<String>>,
}

/// A new builder; free it with cg_rules_builder_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_new(out: *mut *mut cg_rules_builder, error: *mut *mut cg_error) -> cg_status {
    // SAFETY: `error` and `out` are NULL or valid for writing, as the header demands.
    unsafe {
        guard(error, || {
            let new = cg_rules_builder { builder: RuleSet::builder(), placeholders: BTreeMap::new() };
            Out::required(out, "out")?.hand_over(new);
            Ok(())
        })
    }
}

/// Frees a builder; sets that were built stay. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_free(builder: *mut cg_rules_builder) {
    // SAFETY: NULL, or from cg_rules_builder_new and not freed before.
    unsafe { free(builder) }
}

/// The builder behind a handle, to be changed.
///
/// # Safety
/// `builder` is NULL, or live and used by this call alone.
unsafe fn changed<'h>(builder: *mut cg_rules_builder) -> Result<&'h mut cg_rules_builder> {
    // SAFETY: NULL, or live and used by this call alone, by the caller's promise.
    unsafe { builder.as_mut() }.ok_or_else(|| Error::invalid_argument("`builder` is NULL"))
}

/// Adds one step to a builder.
///
/// # Safety
/// As for [`changed`].
unsafe fn step(builder: *mut cg_rules_builder, step: impl FnOnce(RuleSetBuilder) -> RuleSetBuilder) -> Result<()> {
    // SAFETY: the caller's promise is that of `changed`.
    let builder = unsafe { changed(builder) }?;
    builder.builder = step(std::mem::take(&mut builder.builder));
    Ok(())
}

/// Adds a file, or all `.yml` and `.yaml` files below a folder. `path` is UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_add_path(
    builder: *mut cg_rules_builder,
    path: *const c_char,
    path_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `builder` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            let path = text(path, path_len, "path")?;
            step(builder, |b| b.add_path(path))
        })
    }
}

/// Adds the documents of a text, in YAML; `source` names it in problems.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_add_text(
    builder: *mut cg_rules_builder,
    source: *const c_char,
    source_len: usize,
    yaml: *const c_char,
    yaml_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `builder` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            let (source, yaml) = (text(source, source_len, "source")?, bytes(yaml, yaml_len, "yaml")?);
            step(builder, |b| b.add_text(source, yaml))
        })
    }
}

/// Adds the rules that ship with casegraph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_add_builtin(
    builder: *mut cg_rules_builder,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `builder` is used by this call alone, as the header demands.
    unsafe { guard(error, || step(builder, RuleSetBuilder::add_builtin)) }
}

/// Adds a field mapping, in YAML, which is tried before the built-in ones; `source` names it in problems.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_with_mapping(
    builder: *mut cg_rules_builder,
    source: *const c_char,
    source_len: usize,
    yaml: *const c_char,
    yaml_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `builder` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            let (source, yaml) = (text(source, source_len, "source")?, text(yaml, yaml_len, "yaml")?);
            step(builder, |b| b.with_mapping(source, yaml))
        })
    }
}

/// Adds a value of the placeholder `%name%` of `|expand`; call it once for each value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_with_placeholder(
    builder: *mut cg_rules_builder,
    name: *const c_char,
    name_len: usize,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `builder` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            let (name, value) = (text(name, name_len, "name")?, text(value, value_len, "value")?);
            changed(builder)?.placeholders.entry(name.to_owned()).or_default().push(value.to_owned());
            Ok(())
        })
    }
}

/// Keeps the rules that `select_json` chooses and what they refer to, as cg_rules_select. The last choice
/// counts. CG_ERR_INVALID_ARGUMENT with line and column when it is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_with_select(
    builder: *mut cg_rules_builder,
    select_json: *const c_char,
    select_json_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `builder` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            let select = Select::from_json(text(select_json, select_json_len, "select_json")?)?;
            step(builder, |b| b.with_select(select))
        })
    }
}

/// From now on one document that cannot be used fails the whole set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_strict(
    builder: *mut cg_rules_builder,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `builder` is used by this call alone, as the header demands.
    unsafe { guard(error, || step(builder, RuleSetBuilder::strict)) }
}

/// Reads and compiles the rules; `*out` is owned by the caller. Documents that cannot be used are left out
/// and told by cg_rules_problems_json. CG_ERR_IO with the path as source when a file cannot be read,
/// CG_ERR_RULE, with the place of the first problem, when there were documents and none can be used, when
/// one cannot and the builder is strict, or when a mapping is wrong.
///
/// The builder is as new afterwards, also after a failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_builder_build(
    builder: *mut cg_rules_builder,
    out: *mut *mut cg_rules,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `builder` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            let (out, all) = (Out::required(out, "out")?, changed(builder)?);
            let placeholders = std::mem::take(&mut all.placeholders);
            let ready = std::mem::take(&mut all.builder);
            let ready = placeholders.into_iter().fold(ready, |b, (name, values)| b.with_placeholder(name, values));
            out.hand_over(cg_rules { rules: ready.build()? });
            Ok(())
        })
    }
}

/// Sigma rules, compiled. Freed with cg_rules_free.
///
/// Immutable: any number of threads may use it at once, each with a matcher of its own. Matchers and sets
/// made of it, and casebooks that use it, stay when it is freed. Texts borrowed from it live as long as it. A rule has a number, from 0;
/// accessors take NULL, and numbers past the end: zeroes and empty texts.
pub struct cg_rules {
    pub(crate) rules: RuleSet,
}

/// Frees a set; what was made of it stays. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_free(rules: *mut cg_rules) {
    // SAFETY: NULL, or a set that a call gave to the caller and that was not freed before.
    unsafe { free(rules) }
}

/// Number of rules of all kinds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_len(rules: *const cg_rules) -> usize {
    // SAFETY: NULL or a live set; sets never change.
    unsafe { look(rules, 0, |r| r.rules.len()) }
}

/// Number of rules that a choice left out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_unselected(rules: *const cg_rules) -> usize {
    // SAFETY: NULL or a live set; sets never change.
    unsafe { look(rules, 0, |r| r.rules.unselected()) }
}

/// SHA-256 over all rules, mappings and placeholders, 64 hex digits: equal sets have equal hashes, in whatever
/// order they were added. Lives as long as the set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_hash(rules: *const cg_rules) -> cg_str {
    // SAFETY: NULL or a live set; sets never change.
    unsafe { look(rules, "".into(), |r| r.rules.hash().into()) }
}

/// Title of a rule. Lives as long as the set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_title(rules: *const cg_rules, number: u32) -> cg_str {
    // SAFETY: NULL or a live set; sets never change.
    unsafe { look(rules, "".into(), |r| cg_str::optional(r.rules.rule(number).map(|rule| rule.title()))) }
}

/// Id of a rule; empty when it has none. Lives as long as the set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_id(rules: *const cg_rules, number: u32) -> cg_str {
    // SAFETY: NULL or a live set; sets never change.
    unsafe { look(rules, "".into(), |r| cg_str::optional(r.rules.rule(number).and_then(|rule| rule.id()))) }
}

/// Asks the set, and hands the answer over as JSON.
///
/// # Safety
/// `rules` and `out` are NULL or valid.
unsafe fn answer<'r, T: serde::Serialize + 'r>(
    rules: *const cg_rules,
    out: *mut cg_buffer,
    ask: impl FnOnce(&'r RuleSet) -> Result<T>,
) -> Result<()> {
    // SAFETY: the caller's promise.
    let (rules, out) = unsafe { (object(rules, "rules")?, Out::required(out, "out")?) };
    out.put(json(serde_json::to_vec(&ask(&rules.rules)?))?);
    Ok(())
}

/// All rules, by number, as one JSON list of `{"index","kind","title","id","level","status","tags","category",
/// "product","service","source","line","hash"}`; `kind` is `detection`, `verdict`, `correlation` or `filter`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_json(
    rules: *const cg_rules,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe { guard(error, || answer(rules, out, |r| Ok(r.rules().collect::<Vec<_>>()))) }
}

/// What was wrong with documents, in the order in which they were read, as one JSON list of `{"source","line",
/// "column","rule","code","message","leftOut"}`; line and column, which counts characters, are from 1, 0 when
/// unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_problems_json(
    rules: *const cg_rules,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe { guard(error, || answer(rules, out, |r| Ok(r.problems()))) }
}

/// The rules that `select_json` chooses and what they refer to, as a set of its own, owned by the caller.
/// Members of the choice, each of which must fit: `minLevel`, `minStatus`, and lists of which one item must
/// fit: `tags`, `ids` (or names), `products`, `categories`, `services`; and `withoutTags`. E.g.
/// `{"minLevel":"high","tags":["attack.t1059"]}`. CG_ERR_INVALID_ARGUMENT with line and column when it is
/// no choice.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_select(
    rules: *const cg_rules,
    select_json: *const c_char,
    select_json_len: usize,
    out: *mut *mut cg_rules,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe {
        guard(error, || {
            let (rules, out) = (object(rules, "rules")?, Out::required(out, "out")?);
            let select = Select::from_json(text(select_json, select_json_len, "select_json")?)?;
            out.hand_over(cg_rules { rules: rules.rules.select(&select) });
            Ok(())
        })
    }
}

/// Why a rule matches an event, or why it does not, as JSON: `{"matched","text","conditions","selections"}`,
/// the selections with each of their lines. `rule` is an id, a name or a title, `event` one JSON object.
/// CG_ERR_NOT_FOUND when no detection is called so, CG_ERR_SYNTAX when the event is no JSON object,
/// CG_ERR_LIMIT when it nests deeper than 64 or holds more than 100,000 values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_rules_explain_json(
    rules: *const cg_rules,
    rule: *const c_char,
    rule_len: usize,
    event: *const c_char,
    event_len: usize,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; sets never change.
    unsafe {
        guard(error, || {
            let (rule, event) = (text(rule, rule_len, "rule")?, bytes(event, event_len, "event")?);
            answer(rules, out, |r| r.explain(rule, &Event::parse(event)?))
        })
    }
}
