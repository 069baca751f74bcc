//! One incident laid out for judging: its alerts, entities, rows and relations under small local ids.
//!
//! Local ids follow the order of the alerts (by time) and of the evidence in them, so they depend on
//! the facts alone.

use crate::resolve::Relation;

/// An entity as seen in an alert of the incident.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// Local ids.
    pub(crate) alert: u32,
    pub(crate) entity: u32,
    /// Index into the occurrence columns.
    pub(crate) occurrence: u32,
    /// Row of the alert columns that it comes from.
    pub(crate) source: u32,
    pub(crate) roles: u16,
    pub(crate) verdict: u8,
    pub(crate) status: u8,
    pub(crate) flags: u8,
}

/// A relation between two entities of the incident, by local ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arc {
    pub(crate) from: u32,
    pub(crate) relation: Relation,
    pub(crate) to: u32,
    pub(crate) alert: u32,
    /// Row of the alert columns that shows it, and the occurrence there that it begins at.
    pub(crate) source: u32,
    pub(crate) occurrence: u32,
}

/// An incident as a small table.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// Alerts of the casebook, by time.
    pub(crate) alerts: Vec<u32>,
    /// Entities of the casebook, in order of appearance.
    pub(crate) entities: Vec<u32>,
    /// Kind of each entity, and whether it is common to all machines or networks.
    pub(crate) kinds: Vec<(crate::resolve::EntityKind, bool)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) arcs: Vec<Arc>,
}

impl Scene {
    pub(crate) fn clear(&mut self) {
        self.alerts.clear();
        self.entities.clear();
        self.kinds.clear();
        self.rows.clear();
        self.arcs.clear();
    }
}
