//! Verdicts as proofs: within a budget, checked, and as a tree.

use casegraph_core::verdict::Explanation;
use pyo3::prelude::*;

use crate::book::Casebook;
use crate::enter::{enter, json};

/// Why an entity has its verdict, with at most so many units of work.
#[pyfunction]
pub(crate) fn explain_within(
    py: Python<'_>,
    book: &Bound<'_, Casebook>,
    incident: &str,
    entity: &str,
    work: u64,
) -> PyResult<String> {
    book.get().ask(py, |core| json!(&core.explain_within(incident, entity, work)?))
}

/// The first step of a proof that does not hold, or null.
#[pyfunction]
pub(crate) fn check_proof(py: Python<'_>, book: &Bound<'_, Casebook>, proof: &str) -> PyResult<String> {
    book.get().ask(py, |core| json!(&core.check(&Explanation::from_json(proof)?).err()))
}

/// A proof as a tree of text.
#[pyfunction]
pub(crate) fn proof_tree(py: Python<'_>, proof: &str) -> PyResult<String> {
    enter(py, || Ok(Explanation::from_json(proof)?.tree()))
}
