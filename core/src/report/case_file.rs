//! Everything that is known of one incident, in one place: what pages, pictures and exports are made of.

use chrono::{DateTime, Utc};
use indexmap::IndexMap;

use crate::graph::EntityGraph;
use crate::judge::Explanation;
use crate::model::Alert;
use crate::respond::{Plan, Response};
use crate::summary::{ActivityLog, EntityLine, IncidentSummary, Timeline};

/// One incident with all that belongs to it, as of a time; made by
/// [`Casebook::case_file`](crate::Casebook::case_file).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaseFile {
    /// The time that it is told for.
    pub at: DateTime<Utc>,
    /// The incident, summed up.
    pub incident: IncidentSummary,
    /// Every alert of it, repeats included, by time.
    pub alerts: Vec<FiledAlert>,
    /// What happened: alerts, and raw events among them.
    pub timeline: Timeline,
    /// The same for each of the top devices, by id.
    pub device_timelines: IndexMap<String, Timeline>,
    /// What people and the system did to it.
    pub activity: ActivityLog,
    /// What is to be done, and how far it is.
    pub response: Response,
    /// The cheapest way to cut the attacker off.
    pub plan: Plan,
    /// Alerts and entities with their relations.
    pub graph: EntityGraph,
    /// Why entities have their verdicts, by id: those of the worst, as many as
    /// [`CaseFile::PROOFS`](CaseFile::PROOFS).
    pub proofs: IndexMap<String, Explanation>,
}

/// An alert with what its evidence is about.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FiledAlert {
    /// The alert as it stands.
    pub record: Alert,
    /// Id of its fact, 64 hex digits.
    pub fact: String,
    /// Id of the alert that it repeats; its own when it repeats none.
    pub repeat_of: String,
    /// The entity that each evidence item is; as long as the record's evidence, `None` for what names nothing.
    pub items: Vec<Option<String>>,
}

impl CaseFile {
    /// Proofs that a case file holds at most.
    pub const PROOFS: usize = 100;

    /// The line of an entity.
    #[must_use]
    pub fn entity(&self, id: &str) -> Option<&EntityLine> {
        self.incident.entities.iter().find(|line| line.id == id)
    }
}
