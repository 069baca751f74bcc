//! Case files: what pages, pictures and exports are made of; names in, text out.

use std::path::PathBuf;

use casegraph_core::Result;
use casegraph_core::export::ExportFormat;
use casegraph_core::model::Time;
use casegraph_core::report::{CaseFile as Core, Page, Picture};
use pyo3::prelude::*;

use crate::book::Casebook;
use crate::enter::{enter, json};
use crate::time::time;

/// All that is known of one incident, as it was when it was asked for.
#[pyclass(frozen, module = "casegraph._native")]
pub(crate) struct CaseFile {
    core: Core,
}

fn maybe(at: Option<&str>) -> Result<Option<Time>> {
    at.map(time).transpose()
}

/// Gathers the case file of an incident.
#[pyfunction]
#[pyo3(signature = (book, incident, at=None))]
pub(crate) fn case_file(
    py: Python<'_>,
    book: &Bound<'_, Casebook>,
    incident: &str,
    at: Option<&str>,
) -> PyResult<CaseFile> {
    book.get().ask(py, |core| Ok(CaseFile { core: core.case_file(incident, maybe(at)?.as_ref())? }))
}

/// The page of the queue.
#[pyfunction]
pub(crate) fn queue_page(py: Python<'_>, book: &Bound<'_, Casebook>) -> PyResult<String> {
    book.get().ask(py, |core| Ok(core.queue_page(&Page::new())))
}

/// Writes the queue and its incidents into a folder; gives how many incidents have a page.
#[pyfunction]
#[pyo3(signature = (book, folder, at=None))]
pub(crate) fn save_pages(
    py: Python<'_>,
    book: &Bound<'_, Casebook>,
    folder: PathBuf,
    at: Option<&str>,
) -> PyResult<usize> {
    book.get().ask(py, |core| core.save_pages(&folder, &Page::new(), maybe(at)?.as_ref()))
}

#[pymethods]
impl CaseFile {
    /// The time that it is told for.
    fn at(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(&self.core.at))
    }

    /// The incident, summed up.
    fn incident(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(&self.core.incident))
    }

    /// What happened, by time.
    fn timeline(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(&self.core.timeline))
    }

    /// What people and the system did.
    fn activity(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(&self.core.activity))
    }

    /// What is to be done.
    fn response(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(&self.core.response))
    }

    /// How to cut the attacker off.
    fn plan(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(&self.core.plan))
    }

    /// Alerts and entities with their relations.
    fn graph(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(&self.core.graph.to_json()))
    }

    /// The page, as HTML.
    fn page(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || Ok(Page::new().incident(&self.core)))
    }

    /// A picture: its SVG, its title and what is not drawn.
    #[pyo3(signature = (name, about=None))]
    fn picture(&self, py: Python<'_>, name: &str, about: Option<&str>) -> PyResult<(String, String, Vec<String>)> {
        enter(py, || {
            let svg = self.core.picture(Picture::from_name(name, about)?)?;
            Ok((svg.document(), svg.title, svg.left_out))
        })
    }

    /// The incident in a format of others, and what that leaves out.
    fn export(&self, py: Python<'_>, format: &str) -> PyResult<(String, Vec<String>)> {
        enter(py, || {
            let export = self.core.export(ExportFormat::from_name(format)?);
            Ok((export.text, export.left_out))
        })
    }
}
