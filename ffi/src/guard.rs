//! The border. Nothing unwinds past it, every NULL is answered, every failure becomes a `cg_error`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use casegraph_core::{Error, ErrorCode, Result};

use super::error::cg_error;
use super::status::{CG_ERR_INTERNAL, CG_OK, cg_status};

/// Runs a fallible call. `*error` becomes NULL, or what went wrong.
///
/// # Safety
/// `error` is NULL or valid for writing a pointer.
pub(crate) unsafe fn guard(error: *mut *mut cg_error, work: impl FnOnce() -> Result<()>) -> cg_status {
    // Whatever a panic leaves behind stays behind: handles are written last, a casebook poisons itself.
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let why = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let text = format!("a defect of casegraph: {}", why.unwrap_or("a panic without a message"));
        // Dropping a payload may itself panic; this one is leaked instead.
        std::mem::forget(panic);
        Err(Error::internal(text))
    });
    let (status, made) = match result {
        Ok(()) => (CG_OK, std::ptr::null_mut()),
        Err(e) => {
            let status = e.code().number();
            (status, if error.is_null() { std::ptr::null_mut() } else { cg_error::give(e) })
        }
    };
    if !error.is_null() {
        // SAFETY: not NULL, so valid for writing by the caller's promise.
        unsafe { error.write(made) };
    }
    status
}

/// Reads from a handle; `absent` when it is NULL or, which would be a defect, reading panicked.
///
/// # Safety
/// `handle` is NULL or a live handle that nobody changes during the call, and stays so as long as
/// the caller of the C function uses what was borrowed from it.
pub(crate) unsafe fn look<'h, T: 'h, R>(handle: *const T, absent: R, read: impl FnOnce(&'h T) -> R) -> R {
    // SAFETY: NULL or live and unchanged, by the caller's promise.
    let Some(object) = (unsafe { handle.as_ref() }) else { return absent };
    catch_unwind(AssertUnwindSafe(|| read(object))).unwrap_or(absent)
}

/// The object behind a handle.
///
/// # Safety
/// As for [`look`].
pub(crate) unsafe fn object<'h, T>(handle: *const T, name: &str) -> Result<&'h T> {
    // SAFETY: NULL or live and unchanged, by the caller's promise.
    unsafe { handle.as_ref() }.ok_or_else(|| null(name))
}

/// An object, or none for NULL.
///
/// # Safety
/// As for [`look`].
pub(crate) unsafe fn optional<'h, T>(handle: *const T) -> Option<&'h T> {
    // SAFETY: NULL or live and unchanged, by the caller's promise.
    unsafe { handle.as_ref() }
}

/// A place for a result, not NULL.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// # Safety
    /// `out` is NULL or valid for writing a `T` until the call ends.
    pub(crate) unsafe fn required(out: *mut T, name: &str) -> Result<Out<T>> {
        if out.is_null() { Err(null(name)) } else { Ok(Out(out)) }
    }

    /// # Safety
    /// As for [`required`](Self::required).
    pub(crate) unsafe fn optional(out: *mut T) -> Option<Out<T>> {
        (!out.is_null()).then_some(Out(out))
    }

    /// Writes the result: the last thing a successful call does.
    pub(crate) fn put(self, value: T) {
        // SAFETY: valid for writing, by the promise made to the constructor; `write` drops nothing.
        unsafe { self.0.write(value) }
    }
}

impl<T> Out<*mut T> {
    /// Hands a new object to the caller, who frees it with the `_free` of its type.
    pub(crate) fn hand_over(self, object: T) {
        self.put(Box::into_raw(Box::new(object)));
    }
}

/// Frees what [`Out::hand_over`] handed over.
///
/// # Safety
/// `handle` is NULL or came from `Box::into_raw` and was not freed before.
pub(crate) unsafe fn free<T>(handle: *mut T) {
    if handle.is_null() {
        return;
    }
    // SAFETY: from `Box::into_raw` and not freed before, by the caller's promise.
    let object = unsafe { Box::from_raw(handle) };
    // A panic while freeing would be a defect; it is contained all the same.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(object)));
}

fn null(name: &str) -> Error {
    Error::invalid_argument(format!("`{name}` is NULL"))
}

const _: () = assert!(CG_ERR_INTERNAL == ErrorCode::Internal.number());
