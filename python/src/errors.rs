//! From the core's error to the exception tree of `casegraph/_errors.py`.

use std::error::Error as _;

use casegraph_core::Error;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception for `error`; when even making it fails, the exception that says so.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).unwrap_or_else(|failure| failure)
}

/// The exception again, as one of a record of many.
pub(crate) fn in_record(py: Python<'_>, error: PyErr, record: u64) -> PyErr {
    let told = py.import("casegraph._errors").and_then(|errors| errors.getattr("in_record"));
    match told.and_then(|tell| tell.call1((error.value(py), record))) {
        Ok(told) => PyErr::from_value(told),
        Err(failure) => failure,
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let place = error.location();
    let system = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    let fields = PyDict::new(py);
    fields.set_item("code", error.code().name())?;
    fields.set_item("number", error.code().number())?;
    fields.set_item("source", place.source.as_deref())?;
    fields.set_item("record", place.record)?;
    fields.set_item("path", place.path.as_deref())?;
    fields.set_item("line", place.line)?;
    fields.set_item("column", place.column)?;
    fields.set_item("help", error.help())?;
    fields.set_item("errno", system.and_then(std::io::Error::raw_os_error))?;
    let make = py.import("casegraph._errors")?.getattr("make")?;
    Ok(PyErr::from_value(make.call((error.to_string(),), Some(&fields))?))
}
