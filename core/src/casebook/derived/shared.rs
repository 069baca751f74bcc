//! What detectors said of entities that stand in several incidents: the best opinion of each detector against
//! them, and the best for them.
//!
//! What a detector found in one place holds in every other: a value that becomes a hub, so that its
//! incidents fall apart, keeps its verdict in each of them.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};

use crate::judge::{Authority, Opinion, Reading, Said};
use crate::policy;
use crate::resolve::store::{NONE, Store};

use super::Derived;

/// Opinions by entity. The list of an entity depends on its alerts alone, not on their incidents; it is
/// only known for entities that stood in several when it was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    /// By entity.
    first: Vec<Opinion>,
    known: Vec<bool>,
    /// Those that changed later.
    changed: HashMap<u32, Vec<Opinion>>,
}

const SEVERAL: u32 = NONE - 1;

impl Shared {
    fn of(&self, entity: u32) -> Option<&[Opinion]> {
        if let Some(changed) = self.changed.get(&entity) {
            return Some(changed);
        }
        self.known.get(entity as usize).is_some_and(|known| *known).then(|| {
            let from = self.first.partition_point(|o| o.entity < entity);
            let to = from + self.first[from..].partition_point(|o| o.entity == entity);
            &self.first[from..to]
        })
    }
}

impl Derived {
    /// What detectors said of an entity that stands in several incidents.
    pub(crate) fn shared_opinions(&self, store: &Store, policy: &policy::Judge, entity: u32) -> &[Opinion] {
        self.shared.get_or_init(|| self.share(store, policy)).of(entity).unwrap_or_default()
    }

    /// One pass over all alerts.
    fn share(&self, store: &Store, policy: &policy::Judge) -> Shared {
        let mut incident_of = vec![NONE; self.entities.len()];
        let all = || self.correlation.incidents().flat_map(|incident| self.correlation.alerts(incident));
        for alert in all() {
            let incident = self.correlation.incident_of(alert);
            for entity in self.entities_of(alert) {
                let slot = &mut incident_of[*entity as usize];
                *slot = if *slot == NONE || *slot == incident { incident } else { SEVERAL };
            }
        }
        let known: Vec<bool> = incident_of.iter().map(|incident| *incident == SEVERAL).collect();
        let mut alerts: Vec<u32> = all().collect();
        self.correlation.sort(&mut alerts);
        let mut first: Vec<Opinion> = Vec::new();
        for alert in alerts {
            self.say(store, policy, alert, &|entity| known[entity as usize], &mut first);
        }
        best(&mut first);
        Shared { first, known, changed: HashMap::new() }
    }

    /// Adds what one alert says of the entities asked for.
    fn say(
        &self,
        store: &Store,
        policy: &policy::Judge,
        alert: u32,
        asked: &dyn Fn(u32) -> bool,
        out: &mut Vec<Opinion>,
    ) {
        let reading = Reading::new();
        for source in self.rows_of(alert) {
            let (from, to) = store.alerts[*source as usize].occurrences;
            let stance = store.stance(*source);
            for row in from..to {
                let occurrence = &store.occurrences[row as usize];
                let entity = self.entities.of_profile[occurrence.profile as usize];
                if !asked(entity) {
                    continue;
                }
                let said = Said {
                    kind: self.entities.kind(entity),
                    common: self.common[entity as usize],
                    verdict: occurrence.verdict,
                    roles: occurrence.roles,
                    flags: occurrence.flags,
                    stance,
                };
                reading.opinions(&said, policy, |verdict, confidence, why| {
                    let (authority, source) = (Authority::Direct, stance.detector);
                    out.push(Opinion { entity, verdict, confidence, authority, source, alert, row, why });
                });
            }
        }
    }

    /// Puts opinions in the order in which alerts say them.
    fn put_in_order(&self, store: &Store, opinions: &mut [Opinion]) {
        opinions.sort_by_cached_key(|o| {
            let holds = |source: &u32| store.alerts[*source as usize].occurrences.1 > o.row;
            let begins = |source: &u32| store.alerts[*source as usize].occurrences.0 <= o.row;
            let source = self.rows_of(o.alert).iter().position(|source| holds(source) && begins(source));
            (self.correlation.place(o.alert), source, o.row, o.why.rank())
        });
    }

    /// After alerts came and went: what is now said of their entities, and of those that stand in several
    /// incidents since theirs fell apart. Gives the entities of which something else is said than before.
    pub(super) fn share_again(
        &mut self,
        store: &Store,
        policy: &policy::Judge,
        removed: &[u32],
        added: std::ops::Range<u32>,
        parts: &HashSet<u32>,
    ) -> Vec<u32> {
        let Some(mut shared) = self.shared.take() else { return Vec::new() };
        let gone: HashSet<u32> = removed.iter().copied().collect();
        let entities = |alert: u32| self.entities_of(alert).iter().copied();
        let touched: HashSet<u32> = removed.iter().copied().chain(added.clone()).flat_map(entities).collect();
        let members = parts.iter().flat_map(|incident| self.correlation.alerts(*incident));
        let mut asked: HashSet<u32> =
            members.flat_map(entities).filter(|entity| shared.of(*entity).is_none()).collect();
        asked.extend(&touched);
        let mut new: Vec<Opinion> = Vec::new();
        for alert in added {
            self.say(store, policy, alert, &|_| true, &mut new);
        }
        let mut changed = Vec::new();
        for entity in asked.into_iter().filter(|entity| !self.entities.is_statement(*entity)) {
            let old = shared.of(entity);
            if !self.is_in_several(entity) {
                if old.is_some() {
                    // It need not be kept right, so it is not known any more.
                    shared.changed.remove(&entity);
                    if let Some(known) = shared.known.get_mut(entity as usize) {
                        *known = false;
                    }
                    changed.push(entity);
                }
                continue;
            }
            let mut list = match old {
                Some(old) if !old.iter().any(|o| gone.contains(&o.alert)) => {
                    old.iter().chain(new.iter().filter(|o| o.entity == entity)).copied().collect()
                }
                _ => {
                    let mut all = Vec::new();
                    for alert in self.correlation.holders(entity) {
                        self.say(store, policy, alert, &|other| other == entity, &mut all);
                    }
                    all
                }
            };
            self.put_in_order(store, &mut list);
            best(&mut list);
            if old != Some(list.as_slice()) {
                changed.push(entity);
                shared.changed.insert(entity, list);
            }
        }
        let _ = self.shared.set(shared);
        changed
    }

    fn is_in_several(&self, entity: u32) -> bool {
        let mut incidents = self.correlation.holders(entity).map(|alert| self.correlation.incident_of(alert));
        incidents.next().is_some_and(|first| incidents.any(|other| other != first))
    }
}

/// Leaves the best of each detector on each entity, for and against; of equal ones the first. Opinions come in
/// order, and stay in it.
fn best(opinions: &mut Vec<Opinion>) {
    let mut all: Vec<(usize, Opinion)> = std::mem::take(opinions).into_iter().enumerate().collect();
    all.sort_by_key(|(at, o)| (o.entity, o.source, o.speaks_against(), Reverse((o.confidence, o.verdict)), *at));
    all.dedup_by_key(|(_, o)| (o.entity, o.source, o.speaks_against()));
    // Dense numbers of detectors follow arrival; places do not.
    all.sort_unstable_by_key(|(at, o)| (o.entity, *at));
    opinions.extend(all.into_iter().map(|(_, opinion)| opinion));
}
