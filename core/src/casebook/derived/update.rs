//! Works facts that came later into what is derived, in proportion to what they touch.
//!
//! Facts change alerts; alerts change which identifiers are in use; these change entities; and an alert
//! of which any of that changed leaves and enters again. Correlation says which incidents that concerns.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use hashbrown::{HashMap, HashSet};

use crate::casebook::Casebook;
use crate::casebook::index::{self, Named};
use crate::correlate::Change;
use crate::resolve::component::Moved;
use crate::resolve::extract::flag;
use crate::resolve::store::{NONE, Store};

use super::said::Decision;
use super::standing::Versions;
use super::{Cache, Derived, Recent, Source, Standing};

/// The facts that what is derived takes into account.
#[derive(Debug, Clone, Default)]
pub(super) struct Covers {
    pub(super) facts: usize,
    rows: usize,
    pub(super) indicators: usize,
    pub(super) decisions: usize,
    retractions: usize,
    /// Rows that belong to a sequence, and its name; sorted.
    sequences: Vec<(u32, u32)>,
}

impl Covers {
    pub(super) fn of(book: &Casebook) -> Covers {
        Covers {
            facts: book.log.len(),
            rows: book.store.alerts.len(),
            indicators: book.indicators.len(),
            decisions: book.decisions.len(),
            retractions: book.retractions.len(),
            sequences: book.events.sequences.clone(),
        }
    }
}

/// Counts that are kept once facts come later.
#[derive(Debug, Clone, Default)]
pub(super) struct Live {
    /// Occurrences of each profile in alerts that stand.
    uses: Vec<u32>,
    /// Those of each profile, and of each entity, that are not common.
    plain: Vec<u32>,
    plain_of: Vec<u32>,
    pub(super) named: Named,
}

/// What a change does to alerts and entities before it comes to incidents.
#[derive(Default)]
pub(super) struct Plan {
    /// The rows of alerts that enter again, or leave if they have none, by key.
    pub(super) alerts: BTreeMap<u32, Vec<u32>>,
    /// Profiles whose occurrences changed, with their uses and those that were not common before.
    profiles: HashMap<u32, (u32, u32)>,
    /// Entities that have other identifiers than before.
    pub(super) entities: HashSet<u32>,
    /// Profiles that may belong to them.
    pub(super) looked_at: Vec<u32>,
}

impl Derived {
    /// Brings what is derived up to the facts of the casebook. `false` when deriving anew is as good, or a
    /// fact came that only a derivation can account for (a retraction): then nothing here holds any more.
    ///
    /// Time in proportion to the incidents, entities and lists that the new facts touch; the first time
    /// also `O(rows + alerts × log alerts)`.
    pub(crate) fn update(&mut self, book: &Casebook, in_force: &dyn Fn(u32) -> bool) -> bool {
        let covers = Covers::of(book);
        let before = std::mem::replace(&mut self.covers, covers);
        let added = (self.covers.rows - before.rows) + (self.covers.decisions - before.decisions);
        let garbage = self.alerts.len() > self.standing * 2 + 1_024;
        if before.retractions != self.covers.retractions || added * 4 > self.standing + 64 || garbage {
            return false;
        }
        self.prepare(book, before.indicators, in_force);
        let Some(mut live) = self.live.take() else { return false };
        let kept = self.work_in(book, in_force, &before, &mut live);
        self.live = Some(live);
        kept
    }

    /// Lays out what is kept from now on.
    fn prepare(&mut self, book: &Casebook, indicators: usize, in_force: &dyn Fn(u32) -> bool) {
        let store = &book.store;
        self.holders(store);
        if let Some(holders) = self.holders.get_mut() {
            holders.follow(store);
        }
        if self.live.is_none() {
            self.entities.keep_names();
            self.correlation.prepare(&self.table.columns(&self.entities));
            let mut live = Live { plain_of: vec![0; self.entities.len()], ..Live::default() };
            live.uses.resize(store.profiles.len(), 0);
            live.plain.resize(store.profiles.len(), 0);
            for row in &self.rows {
                count(store, *row, |profile, plain| {
                    live.uses[profile as usize] += 1;
                    live.plain[profile as usize] += u32::from(plain);
                    live.plain_of[self.entities.of_profile[profile as usize] as usize] += u32::from(plain);
                });
            }
            live.named.add_indicators(book, 0..indicators, in_force);
            live.named.set_decisions(&self.decided);
            self.live = Some(Box::new(live));
        }
        if let Some(live) = &mut self.live {
            live.uses.resize(store.profiles.len(), 0);
            live.plain.resize(store.profiles.len(), 0);
        }
        self.entities.of_profile.resize(store.profiles.len(), NONE);
        self.of_key.resize(store.keys.len(), NONE);
    }

    fn work_in(&mut self, book: &Casebook, in_force: &dyn Fn(u32) -> bool, before: &Covers, live: &mut Live) -> bool {
        let mut plan = Plan::default();
        self.versions(book, in_force, before, live, &mut plan);
        let limit = self.standing / 2 + 64;
        if !self.resolve(book, live, &mut plan) || plan.alerts.len() > limit {
            return false;
        }
        let first = self.alerts.len() as u32;
        let removed = self.enter(book, &plan);
        live.plain_of.resize(self.entities.len(), 0);
        let Decision { reconsider, entities: decided_on, settled } = self.decide(book, in_force, &plan, before, first);
        let added = first..self.alerts.len() as u32;
        let (alerts, store) = (&self.alerts, &book.store);
        let compare = |a: u32, b: u32| alerts[a as usize].order(&alerts[b as usize], store);
        let change = Change {
            columns: self.table.columns(&self.entities),
            removed: &removed,
            added: added.clone(),
            compare: &compare,
            constraints: &self.decided.constraints,
            reconsider: &reconsider,
        };
        let changed = self.correlation.change(&change);
        let mut dirty = changed.incidents;
        let mut entities = self.share_again(&book.store, &book.policy.judge, &removed, added, &changed.parts);
        live.named.add_indicators(book, before.indicators..self.covers.indicators, in_force);
        if settled {
            live.named.set_decisions(&self.decided);
            self.outside.verdicts = index::verdicts(book, self);
            // What was judged knows decisions by their numbers.
            self.recent = Recent::default();
        }
        entities.extend(decided_on);
        entities.extend(self.outside_again(book, before.indicators, live, &plan));
        entities.extend(self.critical_again(book));
        for entity in entities {
            dirty.extend(self.correlation.holders(entity).map(|alert| self.correlation.incident_of(alert)));
        }
        self.cache.resize_with(self.correlation.numbers(), Cache::default);
        for incident in &dirty {
            if let Some(cache) = self.cache.get_mut(*incident as usize) {
                *cache = Cache::default();
            }
        }
        self.recent.forget(&dirty);
        self.similar = OnceLock::new();
        self.said = OnceLock::new();
        self.users = OnceLock::new();
        true
    }

    /// Which alerts stand in another version than before, and what that does to the counts of profiles.
    fn versions(
        &mut self,
        book: &Casebook,
        in_force: &dyn Fn(u32) -> bool,
        before: &Covers,
        live: &mut Live,
        plan: &mut Plan,
    ) {
        let store = &book.store;
        let new = before.rows as u32..store.alerts.len() as u32;
        let resequenced = differing(&before.sequences, &self.covers.sequences);
        let mut by_key: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for row in new.chain(resequenced.iter().copied()) {
            by_key.entry(store.alerts[row as usize].key).or_default().push(row);
        }
        for (key, mut rows) in by_key {
            let old: Vec<u32> = self.standing_of(key).map_or_else(Vec::new, |alert| self.rows_of(alert).to_vec());
            rows.extend(old.iter().chain(self.older.get(&key).into_iter().flatten()));
            rows.sort_unstable();
            rows.dedup();
            rows.retain(|row| in_force(store.alerts[*row as usize].fact));
            let Versions { rows, older } = Versions::of(book, rows);
            if older.is_empty() {
                self.older.remove(&key);
            } else {
                self.older.insert(key, older);
            }
            if rows == old && rows.first().is_none_or(|head| !resequenced.contains(head)) {
                continue;
            }
            let mut changed = |row: u32, one: fn(u32) -> u32| {
                count(store, row, |profile, plain| {
                    let (uses, plains) = (&mut live.uses[profile as usize], &mut live.plain[profile as usize]);
                    plan.profiles.entry(profile).or_insert((*uses, *plains));
                    *uses = one(*uses);
                    if plain {
                        *plains = one(*plains);
                    }
                });
            };
            for row in old.iter().filter(|row| !rows.contains(row)) {
                changed(*row, |count| count - 1);
            }
            for row in rows.iter().filter(|row| !old.contains(row)) {
                changed(*row, |count| count + 1);
            }
            plan.alerts.insert(key, rows);
        }
    }

    fn standing_of(&self, key: u32) -> Option<u32> {
        self.of_key.get(key as usize).copied().filter(|alert| *alert != NONE)
    }

    /// Which profiles are now other entities, which entities are now common or no longer, and the alerts
    /// that hold them. `false` when that is too much.
    fn resolve(&mut self, book: &Casebook, live: &mut Live, plan: &mut Plan) -> bool {
        let store = &book.store;
        let turned =
            plan.profiles.iter().filter(|(profile, (uses, _))| (*uses > 0) != (live.uses[**profile as usize] > 0));
        let turned: Vec<u32> = turned.map(|(profile, _)| *profile).collect();
        let known = self.entities.len() as u32;
        let mut moved: Vec<Moved> = Vec::new();
        if !turned.is_empty() {
            let Some(holders) = self.holders.get() else { return false };
            let Some((found, looked_at)) = self.entities.rederive(store, holders, &live.uses, &turned) else {
                return false;
            };
            moved = found;
            plan.looked_at = looked_at;
            for Moved { before, after, .. } in &moved {
                plan.entities.extend([*before, *after].into_iter().filter(|entity| *entity != NONE));
            }
        }
        self.common.resize(self.entities.len(), true);
        live.plain_of.resize(self.entities.len(), 0);
        // Where the occurrences that are not common went.
        let mut recounted: BTreeSet<u32> = BTreeSet::new();
        let mut recount = |profile: u32, from: u32, to: u32| {
            let now = live.plain[profile as usize];
            let then = plan.profiles.get(&profile).map_or(now, |(_, plain)| *plain);
            for (entity, plain, add) in [(from, then, false), (to, now, true)] {
                if entity != NONE {
                    let count = &mut live.plain_of[entity as usize];
                    *count = if add { *count + plain } else { *count - plain };
                    recounted.insert(entity);
                }
            }
        };
        for Moved { profile, before, after } in &moved {
            recount(*profile, *before, *after);
        }
        let others: HashSet<u32> = moved.iter().map(|moved| moved.profile).collect();
        for profile in plan.profiles.keys().filter(|profile| !others.contains(*profile)) {
            let entity = self.entities.of_profile[*profile as usize];
            recount(*profile, entity, entity);
        }
        let mut again: Vec<u32> = Vec::new();
        for entity in recounted {
            let common = live.plain_of[entity as usize] == 0;
            if std::mem::replace(&mut self.common[entity as usize], common) != common && entity < known {
                again.extend(self.correlation.holders(entity));
            }
        }
        let left: HashSet<u32> = moved.iter().map(|moved| moved.before).filter(|entity| *entity != NONE).collect();
        for entity in left {
            again.extend(self.correlation.holders(entity).filter(|alert| {
                let mut found = false;
                for row in self.rows_of(*alert) {
                    count(store, *row, |profile, _| found |= others.contains(&profile));
                }
                found
            }));
        }
        for alert in again {
            let key = store.alerts[self.alerts[alert as usize].head as usize].key;
            plan.alerts.entry(key).or_insert_with(|| self.rows_of(alert).to_vec());
        }
        true
    }

    /// Enters the alerts of the plan under new numbers; gives those they had.
    fn enter(&mut self, book: &Casebook, plan: &Plan) -> Vec<u32> {
        let mut removed = Vec::new();
        for (key, rows) in &plan.alerts {
            let old = std::mem::replace(&mut self.of_key[*key as usize], NONE);
            if old != NONE {
                removed.push(old);
            }
            if rows.is_empty() {
                continue;
            }
            let standing = Standing::new(&book.store, rows, &mut self.rows);
            let source = Source { store: &book.store, sequences: &book.events.sequences, common: &self.common };
            self.of_key[*key as usize] = self.alerts.len() as u32;
            self.table.push(&standing, rows, &mut self.entities, &source);
            self.alerts.push(standing);
        }
        self.common.resize(self.entities.len(), false);
        self.standing = self.standing + plan.alerts.values().filter(|rows| !rows.is_empty()).count() - removed.len();
        removed
    }
}

/// Rows of which two sorted lists say something else.
fn differing(a: &[(u32, u32)], b: &[(u32, u32)]) -> HashSet<u32> {
    if a == b {
        return HashSet::new();
    }
    let [x, y]: [HashSet<(u32, u32)>; 2] = [a, b].map(|list| list.iter().copied().collect());
    x.symmetric_difference(&y).map(|(row, _)| *row).collect()
}

/// Visits the profiles of a row's occurrences, and whether each is not common.
fn count(store: &Store, row: u32, mut visit: impl FnMut(u32, bool)) {
    let (from, to) = store.alerts[row as usize].occurrences;
    for occurrence in &store.occurrences[from as usize..to as usize] {
        visit(occurrence.profile, occurrence.flags & flag::COMMON == 0);
    }
}
