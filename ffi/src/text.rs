//! Strings and bytes across the border, and the times that are written in them.

use std::ffi::c_char;

use casegraph_core::model::Time;
use casegraph_core::{Error, Result};

/// Borrowed UTF-8 text: `len` bytes at `ptr`, not terminated by NUL, and possibly with NULs inside.
///
/// Valid as long as the function that gave it says. `ptr` is never NULL. Print it with
/// `printf("%.*s", (int)s.len, s.ptr)`; text of alerts is written by attackers, escape it for terminals.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct cg_str {
    /// First byte.
    pub ptr: *const c_char,
    /// Number of bytes.
    pub len: usize,
}

impl From<&str> for cg_str {
    fn from(text: &str) -> Self {
        cg_str { ptr: text.as_ptr().cast(), len: text.len() }
    }
}

impl cg_str {
    pub(crate) fn optional(text: Option<&str>) -> cg_str {
        text.unwrap_or_default().into()
    }
}

/// Owned bytes: the caller frees them with cg_buffer_free, and must not change the members.
#[repr(C)]
#[derive(Debug)]
pub struct cg_buffer {
    /// First byte; NULL after cg_buffer_free.
    pub ptr: *mut c_char,
    /// Number of bytes.
    pub len: usize,
    /// For cg_buffer_free only.
    pub capacity: usize,
}

impl From<Vec<u8>> for cg_buffer {
    fn from(bytes: Vec<u8>) -> Self {
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        cg_buffer { ptr: bytes.as_mut_ptr().cast(), len: bytes.len(), capacity: bytes.capacity() }
    }
}

/// Frees the bytes and sets all members to zero, so that freeing again does nothing. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cg_buffer_free(buffer: *mut cg_buffer) {
    // SAFETY: NULL, or a buffer that a call of this library wrote and nobody else uses.
    let Some(buffer) = (unsafe { buffer.as_mut() }) else { return };
    let empty = cg_buffer { ptr: std::ptr::null_mut(), len: 0, capacity: 0 };
    let old = std::mem::replace(buffer, empty);
    if !old.ptr.is_null() {
        // SAFETY: the members come from a `Vec<u8>` in `From`, and the caller left them alone.
        drop(unsafe { Vec::from_raw_parts(old.ptr.cast::<u8>(), old.len, old.capacity) });
    }
}

/// The id of a fact: 64 hex digits and a NUL. Its size never changes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct cg_fact_id {
    /// The digits, terminated by NUL.
    pub hex: [c_char; 65],
}

impl From<casegraph_core::model::FactId> for cg_fact_id {
    fn from(id: casegraph_core::model::FactId) -> Self {
        let mut hex = [0; 65];
        for (to, digit) in hex.iter_mut().zip(id.to_string().bytes()) {
            *to = digit as c_char;
        }
        cg_fact_id { hex }
    }
}

/// Bytes from the caller.
///
/// # Safety
/// `ptr` is valid for reading `len` bytes that nobody changes during the call, or `len` is 0.
pub(crate) unsafe fn bytes<'a>(ptr: *const c_char, len: usize, name: &str) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if ptr.is_null() {
        return Err(Error::invalid_argument(format!("`{name}` is NULL with a length of {len}")));
    }
    if isize::try_from(len).is_err() {
        return Err(Error::invalid_argument(format!("`{name}` has a length of {len}, more than memory can hold")));
    }
    // SAFETY: not NULL, readable for `len` bytes by the caller's promise, and `len` fits `isize`.
    Ok(unsafe { std::slice::from_raw_parts(ptr.cast::<u8>(), len) })
}

/// Text from the caller.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn text<'a>(ptr: *const c_char, len: usize, name: &str) -> Result<&'a str> {
    // SAFETY: the caller's promise is that of `bytes`.
    let bytes = unsafe { bytes(ptr, len, name) }?;
    std::str::from_utf8(bytes)
        .map_err(|e| Error::invalid_argument(format!("`{name}` is not UTF-8 from byte {} on", e.valid_up_to())))
}

/// The time that a call is asked for.
pub(crate) fn time(text: &str) -> Result<Time> {
    Time::parse(text).ok_or_else(|| {
        let text = text.escape_debug();
        Error::invalid_argument(format!("`at` is `{text}`, expected a time with an offset, as 2026-03-12T09:00:00Z"))
    })
}

/// The same, where an empty text stands for none.
pub(crate) fn optional_time(text: &str) -> Result<Option<Time>> {
    if text.is_empty() { Ok(None) } else { time(text).map(Some) }
}
