//! The Python module of casegraph: the native half, `casegraph._native`.
//!
//! It holds no logic. Values cross the border as JSON text; `casegraph/` next door gives them types.
#![forbid(unsafe_code)]

mod book;
mod enter;
mod errors;
mod input;
mod plan;
mod present;
mod proof;
mod response;
mod rules;
mod time;
mod what_if;

use pyo3::prelude::*;

/// The native half of casegraph; use the package `casegraph`.
#[pymodule(gil_used = false)]
mod _native {
    use casegraph_core::export::ExportFormat;
    use casegraph_core::{ErrorCode, Format, VERSION, sample};
    use pyo3::prelude::*;
    use pyo3::types::PyTuple;

    #[pymodule_export]
    use super::book::Casebook;
    #[pymodule_export]
    use super::plan::{check_plan, plan, plan_what_if};
    #[pymodule_export]
    use super::present::{CaseFile, case_file, queue_page, save_pages};
    #[pymodule_export]
    use super::proof::{check_proof, explain_within, proof_tree};
    #[pymodule_export]
    use super::response::{
        action_centre, action_centre_csv, actions, decide_actions, execute, pending_requests, propose, report,
        response, stop_investigation,
    };
    #[pymodule_export]
    use super::rules::{Matcher, RuleSet};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        module.add("__version__", VERSION)?;
        module.add("FORMATS", PyTuple::new(py, Format::ALL.map(Format::name))?)?;
        module.add("EXPORTS", PyTuple::new(py, ExportFormat::ALL.map(|f| (f.name(), f.extension())))?)?;
        module.add("ERROR_CODES", PyTuple::new(py, ErrorCode::ALL.map(|code| (code.name(), code.number())))?)?;
        module.add("SAMPLE_ALERTS", sample::ALERTS)?;
        module.add("SAMPLE_INDICATORS", sample::INDICATORS)
    }
}
