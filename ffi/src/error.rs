//! The error object of one call.

use casegraph_core::Error;

use super::guard::{free, look};
use super::status::{CG_OK, cg_status};
use super::text::cg_str;

/// Why a call failed. Made by that call, owned by the caller, freed with cg_error_free.
///
/// Immutable: any number of threads may read it at once. Texts borrowed from it live as long as it.
/// Every accessor takes NULL, for "no error": CG_OK, empty texts, zeroes.
pub struct cg_error {
    error: Error,
    full: String,
}

impl cg_error {
    pub(crate) fn give(error: Error) -> *mut cg_error {
        let full = format!("{error:#}");
        Box::into_raw(Box::new(cg_error { error, full }))
    }
}

/// Frees an error. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_free(error: *mut cg_error) {
    // SAFETY: NULL, or an error that a call gave to the caller and that was not freed before.
    unsafe { free(error) }
}

/// The code: what the failed call returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_code(error: *const cg_error) -> cg_status {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, CG_OK, |e| e.error.code().number()) }
}

/// What went wrong, in one line and without the place. Lives as long as the error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_message(error: *const cg_error) -> cg_str {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, "".into(), |e| e.error.message().into()) }
}

/// Place and message, and the help on a line of its own: for showing to people. Lives as long as the error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_text(error: *const cg_error) -> cg_str {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, "".into(), |e| e.full.as_str().into()) }
}

/// What to do about it; empty when that is not known. Static.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_help(error: *const cg_error) -> cg_str {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, "".into(), |e| cg_str::optional(e.error.help())) }
}

/// Name of the input it is in; empty when there is none. Lives as long as the error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_source(error: *const cg_error) -> cg_str {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, "".into(), |e| cg_str::optional(e.error.location().source.as_deref())) }
}

/// JSON path inside the record; empty when there is none. Lives as long as the error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_path(error: *const cg_error) -> cg_str {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, "".into(), |e| cg_str::optional(e.error.location().path.as_deref())) }
}

/// Record of the input, from 1; 0 when unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_record(error: *const cg_error) -> u64 {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, 0, |e| e.error.location().record.unwrap_or(0)) }
}

/// Line, from 1; 0 when unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_line(error: *const cg_error) -> u64 {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, 0, |e| e.error.location().line.unwrap_or(0)) }
}

/// Column, from 1: in bytes, and in characters for CG_ERR_RULE; 0 when unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_error_column(error: *const cg_error) -> u64 {
    // SAFETY: NULL or a live error; errors never change.
    unsafe { look(error, 0, |e| e.error.location().column.unwrap_or(0)) }
}
