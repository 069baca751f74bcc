//! The incident page: one HTML file that opens anywhere, and the queue page that leads to such files.
//!
//! In: a [`CaseFile`], or summaries for the queue. Out: HTML with its style and script inside, and a content security
//! policy that lets nothing else run and nothing be fetched. One file per tab. Templates are compiled and escape
//! every value; texts of evidence also pass [`Safe`](super::text::Safe), which shows what would steer or reorder text.
//! This folder must never know how a judgement was reached, and write no markup but through templates and pictures.

mod activity;
mod alerts;
mod assets;
mod evidence;
mod frame;
mod graph;
mod investigations;
mod overview;
mod parts;
mod proof;
mod queue;
mod view;

use sha2::{Digest, Sha256};

use crate::summary::IncidentSummary;

use super::CaseFile;
use view::View;

/// Writes incidents as pages.
///
/// ```
/// # use casegraph::{Casebook, report::Page, sample};
/// let mut book = Casebook::new();
/// book.ingest("sample", sample::ALERTS.as_bytes())?;
/// let case = book.case_file(&book.queue()[0].id, None)?;
/// let html = Page::new().incident(&case);
/// assert!(html.starts_with("<!DOCTYPE html>"));
/// assert!(!html.contains(" src="), "a page fetches nothing");
/// # Ok::<(), casegraph::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Page {
    rows: usize,
    details: usize,
    incidents: usize,
}

impl Default for Page {
    fn default() -> Self {
        Page { rows: 10_000, details: 300, incidents: 200 }
    }
}

impl Page {
    /// At most 10,000 rows a list, what 300 alerts hold, and 200 incidents beside a queue.
    #[must_use]
    pub fn new() -> Self {
        Page::default()
    }

    /// At most so many rows of each list are in the file; the page says how many are not.
    #[must_use]
    pub fn with_rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// For so many alerts at most, the first by time, the file holds evidence, processes and relations; so many
    /// devices have their timeline.
    #[must_use]
    pub fn with_details(mut self, details: usize) -> Self {
        self.details = details;
        self
    }

    /// At most so many incidents have a page beside the queue's.
    #[must_use]
    pub fn with_incidents(mut self, incidents: usize) -> Self {
        self.incidents = incidents;
        self
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn incidents(&self) -> usize {
        self.incidents
    }

    /// The page of an incident. `O(the case file)`; the same case file gives the same bytes.
    #[must_use]
    pub fn incident(&self, case: &CaseFile) -> String {
        frame::incident(&View::new(case, *self)).into_string()
    }

    /// The page of the queue, given in its order; `linked` says of an incident whether its page lies beside this one,
    /// under its [`page_name`].
    #[must_use]
    pub fn queue<'i>(
        &self,
        incidents: impl IntoIterator<Item = &'i IncidentSummary>,
        total: usize,
        linked: impl Fn(&IncidentSummary) -> bool,
    ) -> String {
        let incidents: Vec<_> = incidents.into_iter().take(self.rows).collect();
        queue::page(&incidents, total, &linked).into_string()
    }
}

/// The name of the file that an incident's page has beside the queue page: the same whenever the incident begins with
/// the same alert.
#[must_use]
pub fn page_name(incident: &IncidentSummary) -> String {
    let mut digest = Sha256::new();
    digest.update(incident.tenant_id.as_bytes());
    digest.update([0]);
    digest.update(incident.id.as_bytes());
    let hex: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("incident-{hex}.html")
}
