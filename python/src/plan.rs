//! Plans: made, checked, and asked what-ifs; JSON text in, JSON text out.

use casegraph_core::response::Plan;
use pyo3::prelude::*;

use crate::book::Casebook;
use crate::enter::{enter, json};
use crate::time::time;

/// The plan of an incident as of a time.
#[pyfunction]
pub(crate) fn plan(py: Python<'_>, book: &Bound<'_, Casebook>, incident: &str, at: &str) -> PyResult<String> {
    book.get().ask(py, |core| json!(&core.plan(incident, &time(at)?)?))
}

/// Goes over a plan.
#[pyfunction]
pub(crate) fn check_plan(py: Python<'_>, plan: &str) -> PyResult<()> {
    enter(py, || Plan::from_json(plan)?.check())
}

/// What holds when only these actions of a plan are taken.
#[pyfunction]
pub(crate) fn plan_what_if(py: Python<'_>, plan: &str, ids: Vec<String>) -> PyResult<String> {
    enter(py, || json!(&Plan::from_json(plan)?.what_if_only(ids)?))
}
