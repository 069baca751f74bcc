//! Lays out an incident for the judge.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use crate::judge::{Arc, Row, Scene};
use crate::resolve::store::Store;

use super::Derived;

impl Derived {
    /// Lays out an incident for the judge.
    pub(crate) fn scene(&self, store: &Store, incident: u32, places: &mut Places, scene: &mut Scene) {
        scene.clear();
        places.begin(self.entities.len());
        for (local, alert) in self.correlation.alerts(incident).enumerate() {
            scene.alerts.push(alert);
            for source in self.rows_of(alert) {
                let columns = &store.alerts[*source as usize];
                for index in columns.occurrences.0..columns.occurrences.1 {
                    let occurrence = &store.occurrences[index as usize];
                    let entity = self.entities.of_profile[occurrence.profile as usize];
                    let place = places.place(entity, || {
                        scene.entities.push(entity);
                        scene.kinds.push((self.entities.kind(entity), self.common[entity as usize]));
                    });
                    scene.rows.push(Row {
                        alert: local as u32,
                        entity: place,
                        occurrence: index,
                        source: *source,
                        roles: occurrence.roles,
                        verdict: occurrence.verdict,
                        status: occurrence.status,
                        flags: occurrence.flags,
                    });
                }
                for edge in &store.edges[columns.edges.0 as usize..columns.edges.1 as usize] {
                    let end = |index: u32| {
                        let entity = self.entities.of_profile[store.occurrences[index as usize].profile as usize];
                        places.known(entity)
                    };
                    if let (Some(from), Some(to)) = (end(edge.from), end(edge.to))
                        && from != to
                    {
                        scene.arcs.push(Arc {
                            from,
                            relation: edge.relation,
                            to,
                            alert: local as u32,
                            source: *source,
                            occurrence: edge.from,
                        });
                    }
                }
            }
        }
    }
}

/// Local ids of the entities of the scene at hand.
#[derive(Debug, Default)]
pub(crate) struct Places {
    seen: Vec<(u32, u32)>,
    round: u32,
    next: u32,
}

impl Places {
    fn begin(&mut self, entities: usize) {
        if self.seen.len() < entities {
            // Anew: memory that is zero already costs nothing until it is used.
            self.seen = vec![(0, 0); entities];
        }
        self.round += 1;
        self.next = 0;
    }

    fn place(&mut self, entity: u32, new: impl FnOnce()) -> u32 {
        let slot = &mut self.seen[entity as usize];
        if slot.0 != self.round {
            *slot = (self.round, self.next);
            self.next += 1;
            new();
        }
        slot.1
    }

    fn known(&self, entity: u32) -> Option<u32> {
        let (round, place) = self.seen[entity as usize];
        (round == self.round).then_some(place)
    }
}
