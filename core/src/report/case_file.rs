//! Everything that is known of one incident, in one place: what pages, pictures and exports are made of.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use hashbrown::HashMap;
use indexmap::IndexMap;

use crate::graph::EntityGraph;
use crate::judge::Explanation;
use crate::model::{Alert, Evidence, EvidencePayload};
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
    /// Made when it is first asked for.
    pub(crate) index: OnceLock<Index>,
}

/// What stands where in a case file.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    /// Lines of entities.
    entities: HashMap<String, usize>,
    /// The alert and the item of it with the newest command line of each process.
    commands: HashMap<String, (usize, usize)>,
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

    /// The line of an entity. `O(1)`, and once the whole case file.
    #[must_use]
    pub fn entity(&self, id: &str) -> Option<&EntityLine> {
        self.incident.entities.get(*self.index().entities.get(id)?)
    }

    /// The command line of a process, as the newest alert has it.
    pub(crate) fn command_line(&self, process: &str) -> Option<&str> {
        let (alert, item) = self.index().commands.get(process)?;
        command_of(self.alerts.get(*alert)?.record.evidence.get(*item)?)
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let lines = self.incident.entities.iter().enumerate();
            let mut commands = HashMap::new();
            for (at, alert) in self.alerts.iter().enumerate() {
                for (place, (item, id)) in alert.record.evidence.iter().zip(&alert.items).enumerate() {
                    if let (Some(id), Some(_)) = (id, command_of(item)) {
                        commands.insert(id.clone(), (at, place));
                    }
                }
            }
            Index { entities: lines.map(|(at, line)| (line.id.clone(), at)).collect(), commands }
        })
    }
}

fn command_of(item: &Evidence) -> Option<&str> {
    match &item.payload {
        EvidencePayload::Process(process) => process.process_command_line.as_deref(),
        _ => None,
    }
}
