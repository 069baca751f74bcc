//! How an input is read, and what came of it.

use std::ffi::{c_char, c_void};
use std::ops::ControlFlow;

use casegraph_core::{Error, Format, IngestOptions, IngestReport, Problem};

use super::error::cg_error;
use super::guard::{Out, free, guard, look, object};
use super::status::{CG_CONTINUE, cg_status};
use super::text::{cg_buffer, cg_str, text};

/// Called during an ingest with the bytes read so far, every 64 KiB or more: CG_CONTINUE goes on,
/// anything else ends the ingest with CG_ERR_CANCELLED (what was read is kept).
///
/// It runs on the thread that called the ingest. It may not throw nor longjmp. A call on the casebook
/// that is being changed fails with CG_ERR_INVALID_ARGUMENT; other casebooks may be used.
pub type cg_progress = Option<unsafe extern "C" fn(user_data: *mut c_void, bytes: u64) -> i32>;

/// How an input is read. Use from one thread at a time; an ingest only reads it, so that it serves many.
///
/// NULL in place of options: the format is detected, one thread, no callback.
pub struct cg_ingest_options {
    format: Option<Format>,
    threads: usize,
    progress: cg_progress,
    user_data: *mut c_void,
}

/// New options with the defaults; free them with cg_ingest_options_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_ingest_options_new(
    out: *mut *mut cg_ingest_options,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: `error` and `out` are NULL or valid for writing, as the header demands.
    unsafe {
        guard(error, || {
            let new = cg_ingest_options { format: None, threads: 1, progress: None, user_data: std::ptr::null_mut() };
            Out::required(out, "out")?.hand_over(new);
            Ok(())
        })
    }
}

/// Frees options. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_ingest_options_free(options: *mut cg_ingest_options) {
    // SAFETY: NULL, or from cg_ingest_options_new and not freed before.
    unsafe { free(options) }
}

/// Names the format instead of detecting it, e.g. `graph-alerts`; an empty name detects again.
/// CG_ERR_FORMAT for a name that is none; its message lists the names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_ingest_options_set_format(
    options: *mut cg_ingest_options,
    name: *const c_char,
    name_len: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `options` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            let name = text(name, name_len, "name")?;
            let format = if name.is_empty() { None } else { Some(Format::from_name(name)?) };
            options.as_mut().ok_or_else(|| Error::invalid_argument("`options` is NULL"))?.format = format;
            Ok(())
        })
    }
}

/// Reads JSON Lines of Graph alerts on this many threads; 0 and 1 are the calling thread alone. The
/// result is the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_ingest_options_set_threads(
    options: *mut cg_ingest_options,
    threads: usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `options` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            options.as_mut().ok_or_else(|| Error::invalid_argument("`options` is NULL"))?.threads = threads;
            Ok(())
        })
    }
}

/// Sets the callback, NULL for none. `user_data` is handed to it as it is; it must live as long as the
/// options are used, and is never freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_ingest_options_set_progress(
    options: *mut cg_ingest_options,
    progress: cg_progress,
    user_data: *mut c_void,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid and `options` is used by this call alone, as the header demands.
    unsafe {
        guard(error, || {
            let options = options.as_mut().ok_or_else(|| Error::invalid_argument("`options` is NULL"))?;
            (options.progress, options.user_data) = (progress, user_data);
            Ok(())
        })
    }
}

/// Runs an ingest with the core's form of `options`.
///
/// # Safety
/// `options` is NULL or live, and its callback fit to be called, as the header demands.
pub(crate) unsafe fn with_options<R>(options: *const cg_ingest_options, run: impl FnOnce(IngestOptions<'_>) -> R) -> R {
    // SAFETY: NULL or live, by the caller's promise.
    let Some(options) = (unsafe { options.as_ref() }) else { return run(IngestOptions::new()) };
    let mut ready = IngestOptions::new().with_threads(options.threads);
    if let Some(format) = options.format {
        ready = ready.with_format(format);
    }
    let Some(callback) = options.progress else { return run(ready) };
    let mut progress = |bytes| {
        // SAFETY: whoever set the callback promised that it can be called with its `user_data`.
        let answer = unsafe { callback(options.user_data, bytes) };
        if answer == CG_CONTINUE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    run(ready.with_progress(&mut progress))
}

/// What one ingest read, and what it did not understand. Freed with cg_report_free.
///
/// Immutable: any number of threads may read it at once. It does not depend on the casebook. Texts
/// borrowed from it live as long as it. Accessors take NULL: zeroes and empty texts.
pub struct cg_report {
    report: IngestReport,
    /// Codes of the problems, in their JSON spelling.
    codes: Vec<String>,
}

impl From<IngestReport> for cg_report {
    fn from(report: IngestReport) -> Self {
        let code = |p: &Problem| serde_json::to_value(p.code).ok()?.as_str().map(str::to_owned);
        let codes = report.problems.iter().map(|p| code(p).unwrap_or_default()).collect();
        cg_report { report, codes }
    }
}

/// Frees a report. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_free(report: *mut cg_report) {
    // SAFETY: NULL, or a report that a call gave to the caller and that was not freed before.
    unsafe { free(report) }
}

/// Name of the recognised format; empty when none was. Static.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_format(report: *const cg_report) -> cg_str {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, "".into(), |r| cg_str::optional(r.report.format)) }
}

/// Records found.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_records(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.records) }
}

/// Alerts among the records.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_alerts(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.alerts) }
}

/// Raw events among the records.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_events(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.events) }
}

/// Matches of detection rules in them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_matches(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.matches) }
}

/// Events whose logsource is unknown: only rules without a product were asked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_unknown_events(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.unknown_events) }
}

/// Events without a match that did not stay, because the policy's `rules.heldBytes` was reached before it was
/// known whether a match is near.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_unheld_events(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.unheld_events) }
}

/// Facts that the casebook did not have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_new_facts(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.new) }
}

/// Facts that the casebook had already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_duplicates(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.duplicates) }
}

/// Problems listed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_problem_count(report: *const cg_report) -> usize {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.problems.len()) }
}

/// Problems beyond those listed, when there are more than the policy's `limits.problems`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_more_problems(report: *const cg_report) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.more_problems) }
}

/// What was wrong, in one line; empty past the end. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_problem_message(report: *const cg_report, index: usize) -> cg_str {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, "".into(), |r| cg_str::optional(r.report.problems.get(index).map(|p| p.message.as_str()))) }
}

/// What kind of problem it is, e.g. `wrong_type`; empty past the end. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_problem_code(report: *const cg_report, index: usize) -> cg_str {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, "".into(), |r| cg_str::optional(r.codes.get(index).map(String::as_str))) }
}

/// JSON path of the value, `$` for the whole record; empty past the end. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_problem_path(report: *const cg_report, index: usize) -> cg_str {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, "".into(), |r| cg_str::optional(r.report.problems.get(index).map(|p| p.path.as_str()))) }
}

/// Record, from 1; 0 past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_problem_record(report: *const cg_report, index: usize) -> u64 {
    // SAFETY: NULL or a live report; reports never change.
    unsafe { look(report, 0, |r| r.report.problems.get(index).map_or(0, |p| p.record)) }
}

/// The whole report as JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_report_json(
    report: *const cg_report,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; reports never change.
    unsafe {
        guard(error, || {
            let (report, out) = (object(report, "report")?, Out::required(out, "out")?);
            out.put(super::ask::json(serde_json::to_vec(&report.report))?);
            Ok(())
        })
    }
}
