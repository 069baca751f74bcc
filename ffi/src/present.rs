//! Case files, and what is made of them: pages, pictures and exports.

use std::ffi::c_char;

use casegraph_core::export::ExportFormat;
use casegraph_core::report::{CaseFile, Page, Picture};

use super::ask::json;
use super::casebook::cg_casebook;
use super::error::cg_error;
use super::guard::{Out, free, guard, object};
use super::status::cg_status;
use super::text::{cg_buffer, cg_str, optional_time, text};

/// Everything that is known of one incident, as of a time: what pages, pictures and exports are made of. Freed with
/// cg_case_file_free.
///
/// Immutable, a snapshot: it depends on no casebook, is freed in any order, and any number of threads may read it at
/// once. The same case file gives the same bytes.
pub struct cg_case_file {
    case: CaseFile,
}

/// Gathers everything that is known of an incident, any of its alerts given, as of the time `at` (RFC 3339); NULL or
/// empty for the latest that anything happened in it or was said of it. `*out` is owned by the caller.
/// CG_ERR_NOT_FOUND, CG_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_case_file(
    book: *const cg_casebook,
    alert_id: *const c_char,
    alert_id_len: usize,
    at: *const c_char,
    at_len: usize,
    out: *mut *mut cg_case_file,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            let alert = text(alert_id, alert_id_len, "alert_id")?;
            let at = optional_time(text(at, at_len, "at")?)?;
            out.hand_over(cg_case_file { case: book.ask(|s| s.case_file(alert, at.as_ref()))? });
            Ok(())
        })
    }
}

/// Frees a case file. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_case_file_free(file: *mut cg_case_file) {
    // SAFETY: NULL, or a case file that a call gave to the caller and that was not freed before.
    unsafe { free(file) }
}

/// The incident as a page: one HTML file that opens anywhere and fetches nothing. Whatever sources wrote is escaped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_case_file_page(
    file: *const cg_case_file,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; case files never change.
    unsafe {
        guard(error, || {
            let (file, out) = (object(file, "file")?, Out::required(out, "out")?);
            out.put(Page::new().incident(&file.case).into_bytes().into());
            Ok(())
        })
    }
}

/// A picture of the incident as an SVG document: `kill-chain`, `alert-timeline`, `entity-graph`, `process-tree` (of the
/// alert or process that `about` names, or without one of all) or `proof` (of the entity that `about` names). `about`
/// is an id, NULL or empty for none. CG_ERR_INVALID_ARGUMENT for another name, and for `proof` without an entity;
/// CG_ERR_NOT_FOUND for what the incident does not hold.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_case_file_picture(
    file: *const cg_case_file,
    name: *const c_char,
    name_len: usize,
    about: *const c_char,
    about_len: usize,
    svg: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; case files never change.
    unsafe {
        guard(error, || {
            let (file, svg) = (object(file, "file")?, Out::required(svg, "svg")?);
            let (name, about) = (text(name, name_len, "name")?, text(about, about_len, "about")?);
            let what = Picture::from_name(name, (!about.is_empty()).then_some(about))?;
            svg.put(file.case.picture(what)?.document().into_bytes().into());
            Ok(())
        })
    }
}

/// The incident in a format of others, named as cg_export_format_name has it, e.g. `stix`. What of the incident is not
/// in it is told in `left_out_json` (may be NULL): a JSON list of texts, owned by the caller. CG_ERR_FORMAT for a name
/// that is none; its message lists the names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_case_file_export(
    file: *const cg_case_file,
    format: *const c_char,
    format_len: usize,
    out: *mut cg_buffer,
    left_out_json: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands; case files never change.
    unsafe {
        guard(error, || {
            let (file, out) = (object(file, "file")?, Out::required(out, "out")?);
            let left_out_json = Out::optional(left_out_json);
            let made = file.case.export(ExportFormat::from_name(text(format, format_len, "format")?)?);
            if let Some(left_out_json) = left_out_json {
                left_out_json.put(json(serde_json::to_vec(&made.left_out))?);
            }
            out.put(made.text.into_bytes().into());
            Ok(())
        })
    }
}

/// Number of formats that cg_case_file_export knows.
#[unsafe(no_mangle)]
pub extern "C" fn cg_export_format_count() -> usize {
    ExportFormat::ALL.len()
}

/// The name of such a format, from 0, in the order in which they are listed to users; empty past the end. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_export_format_name(index: usize) -> cg_str {
    cg_str::optional(ExportFormat::ALL.get(index).map(|format| format.name()))
}

/// The queue as a page, as cg_case_file_page: the most urgent incident first, with links to the pages that
/// cg_casebook_save_pages writes beside it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_queue_page(
    book: *const cg_casebook,
    out: *mut cg_buffer,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            out.put(book.ask(|s| Ok(s.queue_page(&Page::new())))?.into_bytes().into());
            Ok(())
        })
    }
}

/// Writes the page of the queue into a folder, as `index.html`, and beside it the pages of the 200 most urgent
/// incidents; `at` as for cg_casebook_case_file. `folder` is UTF-8; it is made when it is missing, files of these names
/// are replaced, and others left alone. `*written`, which may be NULL, receives how many incidents have a page.
/// CG_ERR_IO with the path as source, CG_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_save_pages(
    book: *const cg_casebook,
    folder: *const c_char,
    folder_len: usize,
    at: *const c_char,
    at_len: usize,
    written: *mut usize,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, written) = (object(book, "book")?, Out::optional(written));
            let folder = text(folder, folder_len, "folder")?;
            let at = optional_time(text(at, at_len, "at")?)?;
            let pages = book.ask(|s| s.save_pages(folder, &Page::new(), at.as_ref()))?;
            if let Some(written) = written {
                written.put(pages);
            }
            Ok(())
        })
    }
}

const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<cg_case_file>();
};

/// The same casebook with other names of people, machines, companies, files and addresses: judged, it gives the same
/// incidents, verdicts, scores and priorities. The same name has the same pseudonym under the same `key`, a text of 16
/// bytes or more; without the key nothing leads back. What stays readable: words that rules look for, the system's own
/// programs, folders and accounts, file name extensions, everyday words, times and ports. A new casebook, owned by the
/// caller. CG_ERR_INVALID_ARGUMENT for a short key, and when two names would become one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_casebook_pseudonymised(
    book: *const cg_casebook,
    key: *const c_char,
    key_len: usize,
    out: *mut *mut cg_casebook,
    error: *mut *mut cg_error,
) -> cg_status {
    // SAFETY: pointers are NULL or valid, as the header demands.
    unsafe {
        guard(error, || {
            let (book, out) = (object(book, "book")?, Out::required(out, "out")?);
            let key = text(key, key_len, "key")?;
            out.hand_over(cg_casebook::new(book.ask(|s| s.pseudonymised(key))?));
            Ok(())
        })
    }
}
