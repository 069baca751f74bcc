//! The columns of alerts × entities, which only grow: an alert that changes is entered anew.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::HashMap;

use crate::correlate::{Columns, Role};
use crate::model::EvidenceRole;
use crate::resolve::EntityKind;
use crate::resolve::entities::Entities;
use crate::resolve::extract::flag;
use crate::resolve::store::{NONE, Store};

use super::standing::Standing;

/// What correlation looks at.
#[derive(Debug, Clone)]
pub(super) struct Table {
    time: Vec<i64>,
    detector: Vec<u32>,
    tenant: Vec<u32>,
    offsets: Vec<u32>,
    entity: Vec<u32>,
    role: Vec<u8>,
    /// Detectors under dense ids, told apart per tenant: what fires in one says nothing about another.
    detectors: HashMap<(u32, u32), u32>,
    /// Statements by kind, tenant and text.
    statements: HashMap<(u8, u32, u32), u32>,
    /// Where each entity stands in the alert at hand.
    seen: Vec<(u32, u32)>,
    contextual: u16,
}

/// What an alert is read with.
pub(super) struct Source<'s> {
    pub(super) store: &'s Store,
    /// Rows of the store that belong to a sequence, and its name; sorted.
    pub(super) sequences: &'s [(u32, u32)],
    pub(super) common: &'s [bool],
}

impl Table {
    pub(super) fn new() -> Table {
        Table {
            time: Vec::new(),
            detector: Vec::new(),
            tenant: Vec::new(),
            offsets: vec![0],
            entity: Vec::new(),
            role: Vec::new(),
            detectors: HashMap::new(),
            statements: HashMap::new(),
            seen: Vec::new(),
            contextual: EvidenceRole::Contextual.index().map_or(0u16, |i| 1 << i),
        }
    }

    pub(super) fn columns<'t>(&'t self, entities: &'t Entities) -> Columns<'t> {
        Columns {
            time: &self.time,
            detector: &self.detector,
            tenant: &self.tenant,
            rows: &self.offsets,
            entity: &self.entity,
            role: &self.role,
            kind: &entities.kind,
        }
    }

    /// Entities and statements of an alert.
    pub(super) fn entities_of(&self, alert: u32) -> &[u32] {
        &self.entity[self.offsets[alert as usize] as usize..self.offsets[alert as usize + 1] as usize]
    }

    /// Enters the next alert; statements that are new join the entities.
    pub(super) fn push(&mut self, standing: &Standing, rows: &[u32], entities: &mut Entities, source: &Source<'_>) {
        let store = source.store;
        let alert = self.time.len() as u32;
        if self.seen.len() < entities.len() {
            self.seen.resize(entities.len(), (NONE, 0));
        }
        for row in rows {
            let (from, to) = store.alerts[*row as usize].occurrences;
            for occurrence in &store.occurrences[from as usize..to as usize] {
                let id = entities.of_profile[occurrence.profile as usize];
                let class = if source.common[id as usize] {
                    Role::Common
                } else if occurrence.flags & flag::NESTED != 0 {
                    Role::Nested
                } else if occurrence.roles != 0 && occurrence.roles == self.contextual {
                    Role::Contextual
                } else {
                    Role::Direct
                } as u8;
                let slot = &mut self.seen[id as usize];
                if slot.0 == alert {
                    let held: &mut u8 = &mut self.role[slot.1 as usize];
                    *held = class.min(*held);
                } else {
                    *slot = (alert, self.entity.len() as u32);
                    self.entity.push(id);
                    self.role.push(class);
                }
            }
        }
        let head = &store.alerts[standing.head as usize];
        for (kind, text) in [(EntityKind::VendorGroup, head.vendor_incident), (EntityKind::Actor, head.actor)] {
            if text != NONE {
                self.state(kind, head.tenant, text, entities);
            }
        }
        let from = source.sequences.partition_point(|(row, _)| *row < standing.head);
        for (_, name) in source.sequences.iter().skip(from).take_while(|(row, _)| *row == standing.head) {
            self.state(EntityKind::EventSequence, head.tenant, *name, entities);
        }
        self.offsets.push(self.entity.len() as u32);
        self.time.push(standing.first);
        self.tenant.push(head.tenant);
        let next = self.detectors.len() as u32;
        self.detector.push(*self.detectors.entry((head.tenant, head.detector)).or_insert(next));
    }

    /// The statement of this text, if there is one.
    pub(super) fn statement(&self, kind: EntityKind, tenant: u32, text: u32) -> Option<u32> {
        self.statements.get(&(kind as u8, tenant, text)).copied()
    }

    fn state(&mut self, kind: EntityKind, tenant: u32, text: u32, entities: &mut Entities) {
        let known = self.statements.entry((kind as u8, tenant, text));
        self.entity.push(*known.or_insert_with(|| entities.push_statement(kind, tenant, text)));
        self.role.push(Role::Direct as u8);
    }
}
