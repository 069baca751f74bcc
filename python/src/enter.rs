//! The one way into the core.

use std::panic::{AssertUnwindSafe, catch_unwind};

use casegraph_core::{Error, Result};
use pyo3::prelude::*;

use crate::errors;

/// Runs `work` without the interpreter, so that other Python threads go on; a panic becomes
/// `InternalError`, an error of the core its exception.
pub(crate) fn enter<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    // What a panic leaves half done is inside a lock, which it poisons.
    match py.detach(|| catch_unwind(AssertUnwindSafe(work))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(errors::raise(py, &error)),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
            let line = text.replace('\n', " ");
            Err(errors::raise(py, &Error::internal(format!("a defect of casegraph, please report it: {line}"))))
        }
    }
}

/// JSON text of a value of the core, as a `Result`.
macro_rules! json {
    ($value:expr) => {
        serde_json::to_string($value).map_err(|e| casegraph_core::Error::internal(e.to_string()))
    };
}
pub(crate) use json;
