//! Export: one incident in the formats of others.
//!
//! In: a [`CaseFile`]. Out: a document, and what of the incident it leaves out, in words. One file per format. This
//! folder must never know the casebook, nor judge anything: it says in other words what the case file says. Whatever
//! an attacker may have written is quoted as the format demands.

mod attack_flow;
mod csv;
mod dot;
mod graph;
mod graphml;
mod markdown;
mod navigator;
mod ocsf;
pub(crate) mod pseudonym;
mod stix;
mod words;

use crate::error::{Error, ErrorCode};
use crate::report::CaseFile;

/// What an incident can be written as.
///
/// ```
/// use casegraph::export::ExportFormat;
/// use casegraph::{Casebook, sample};
///
/// let mut book = Casebook::new();
/// book.ingest("sample", sample::ALERTS.as_bytes())?;
/// let case = book.case_file(&book.queue()[0].id, None)?;
/// let layer = case.export(ExportFormat::Navigator);
/// assert!(layer.text.contains("enterprise-attack"));
/// assert!(!layer.left_out.is_empty(), "a layer knows techniques alone");
/// # Ok::<(), casegraph::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Microsoft Graph security incident with its alerts.
    GraphIncident,
    /// OCSF Incident Finding.
    OcsfIncident,
    /// OCSF Detection Findings, one line each.
    OcsfDetections,
    /// STIX 2.1 bundle.
    Stix,
    /// Attack Flow, a STIX 2.1 bundle too.
    AttackFlow,
    /// ATT&CK Navigator layer 4.5.
    Navigator,
    /// The entity graph as GraphML.
    GraphMl,
    /// The entity graph as DOT.
    Dot,
    /// Alerts, one row each.
    CsvAlerts,
    /// Entities with their verdicts.
    CsvEntities,
    /// Which alert holds which entity, in which roles.
    CsvEvidence,
    /// Relations between entities.
    CsvRelations,
    /// What happened, by time.
    CsvTimeline,
    /// Actions and their states.
    CsvActions,
    /// What people and the system did.
    CsvActivity,
    /// A report that people read.
    Markdown,
}

/// An incident in some format.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Export {
    /// Which.
    pub format: ExportFormat,
    /// The document.
    pub text: String,
    /// What of the incident is not in it, in words.
    pub left_out: Vec<String>,
}

impl ExportFormat {
    /// All formats, in the order in which they are listed to users.
    pub const ALL: [ExportFormat; 16] = [
        ExportFormat::GraphIncident,
        ExportFormat::OcsfIncident,
        ExportFormat::OcsfDetections,
        ExportFormat::Stix,
        ExportFormat::AttackFlow,
        ExportFormat::Navigator,
        ExportFormat::GraphMl,
        ExportFormat::Dot,
        ExportFormat::CsvAlerts,
        ExportFormat::CsvEntities,
        ExportFormat::CsvEvidence,
        ExportFormat::CsvRelations,
        ExportFormat::CsvTimeline,
        ExportFormat::CsvActions,
        ExportFormat::CsvActivity,
        ExportFormat::Markdown,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ExportFormat::GraphIncident => "graph-incident",
            ExportFormat::OcsfIncident => "ocsf-incident",
            ExportFormat::OcsfDetections => "ocsf-detections",
            ExportFormat::Stix => "stix",
            ExportFormat::AttackFlow => "attack-flow",
            ExportFormat::Navigator => "navigator",
            ExportFormat::GraphMl => "graphml",
            ExportFormat::Dot => "dot",
            ExportFormat::CsvAlerts => "csv-alerts",
            ExportFormat::CsvEntities => "csv-entities",
            ExportFormat::CsvEvidence => "csv-evidence",
            ExportFormat::CsvRelations => "csv-relations",
            ExportFormat::CsvTimeline => "csv-timeline",
            ExportFormat::CsvActions => "csv-actions",
            ExportFormat::CsvActivity => "csv-activity",
            ExportFormat::Markdown => "markdown",
        }
    }

    /// The format of that name.
    ///
    /// # Errors
    /// [`ErrorCode::Format`] when there is none.
    pub fn from_name(name: &str) -> Result<ExportFormat, Error> {
        ExportFormat::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names = ExportFormat::ALL.map(|format| format!("`{}`", format.name())).join(", ");
            let given: String = name.chars().take(60).flat_map(char::escape_debug).collect();
            Error::new(ErrorCode::Format, format!("no export is named `{given}`, expected one of {names}"))
        })
    }

    /// The ending of a file of that format, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            ExportFormat::GraphIncident
            | ExportFormat::OcsfIncident
            | ExportFormat::Stix
            | ExportFormat::AttackFlow
            | ExportFormat::Navigator => "json",
            ExportFormat::OcsfDetections => "jsonl",
            ExportFormat::GraphMl => "graphml",
            ExportFormat::Dot => "dot",
            ExportFormat::Markdown => "md",
            _ => "csv",
        }
    }
}

impl std::fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A document and what it leaves out, as each format gives it.
type Written = (String, Vec<String>);

impl CaseFile {
    /// The incident in a format of others. The same case file gives the same bytes.
    #[must_use]
    pub fn export(&self, format: ExportFormat) -> Export {
        let (text, left_out) = match format {
            ExportFormat::GraphIncident => graph::write(self),
            ExportFormat::OcsfIncident => ocsf::incident(self),
            ExportFormat::OcsfDetections => ocsf::detections(self),
            ExportFormat::Stix => stix::write(self),
            ExportFormat::AttackFlow => attack_flow::write(self),
            ExportFormat::Navigator => navigator::write(self),
            ExportFormat::GraphMl => graphml::write(self),
            ExportFormat::Dot => dot::write(self),
            ExportFormat::CsvAlerts => csv::alerts(self),
            ExportFormat::CsvEntities => csv::entities(self),
            ExportFormat::CsvEvidence => csv::evidence(self),
            ExportFormat::CsvRelations => csv::relations(self),
            ExportFormat::CsvTimeline => csv::timeline(self),
            ExportFormat::CsvActions => csv::actions(self),
            ExportFormat::CsvActivity => csv::activity(self),
            ExportFormat::Markdown => markdown::write(self),
        };
        Export { format, text, left_out }
    }
}
