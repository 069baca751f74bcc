//! What people, lists and the policy say, found again for what changed.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};

use crate::casebook::Casebook;
use crate::casebook::constraints::Making;
use crate::casebook::criticality;
use crate::casebook::decisions::{Decided, Entry};
use crate::casebook::index;
use crate::correlate::Mark;
use crate::resolve::EntityKind;
use crate::resolve::store::Store;

use super::update::{Covers, Live, Plan};
use super::{Derived, Settling, mean};

/// What decisions and vendors' records changed.
#[derive(Default)]
pub(super) struct Decision {
    /// Alerts of which they say something else than before.
    pub(super) reconsider: Vec<u32>,
    /// Entities whose verdict was decided.
    pub(super) entities: Vec<u32>,
    /// Were all decisions settled again, so that they have other numbers?
    pub(super) settled: bool,
}

impl Derived {
    /// Finds the entities that the policy names as valuable again; gives those that are now of another value.
    pub(super) fn critical_again(&mut self, book: &Casebook) -> Vec<u32> {
        let Some(before) = self.critical.take() else { return Vec::new() };
        let now = criticality::named(book, self);
        let differs = |entity: &&u32| before.get(*entity) != now.get(*entity);
        let entities = before.keys().chain(now.keys()).filter(differs).copied().collect();
        let _ = self.critical.set(now);
        entities
    }

    /// The standing alerts of a vendor's incident. `O(those)`.
    fn of_vendor(&self, store: &Store, id: &str, new: std::ops::Range<u32>) -> Vec<u32> {
        let Some(text) = store.texts.find(0, id) else { return Vec::new() };
        let statements = store.tenants().filter_map(|t| self.table.statement(EntityKind::VendorGroup, t, text));
        let old = statements.flat_map(|statement| self.correlation.holders(statement));
        let head = |alert: &u32| &store.alerts[self.alerts[*alert as usize].head as usize];
        let new = new.filter(|alert| head(alert).vendor_incident == text);
        old.chain(new).filter(|alert| self.of_key[head(alert).key as usize] == *alert).collect()
    }

    /// Works out what decisions and the vendor's records say of alerts that came, and settles all decisions again if
    /// there are new ones, or some are about alerts that changed.
    pub(super) fn decide(
        &mut self,
        book: &Casebook,
        in_force: &dyn Fn(u32) -> bool,
        plan: &Plan,
        before: &Covers,
        first: u32,
    ) -> Decision {
        let (store, policy) = (&book.store, &book.policy.correlate);
        let new = first..self.alerts.len() as u32;
        let mut reconsider: BTreeSet<u32> = BTreeSet::new();
        for id in index::vendor_from(book, before.facts) {
            let record = index::vendor_record(book, &id, in_force);
            if self.decided.vendor.get(&id) != record.as_ref() {
                reconsider.extend(self.of_vendor(store, &id, new.clone()));
                match record {
                    Some(record) => self.decided.vendor.insert(id, record),
                    None => self.decided.vendor.remove(&id),
                };
            }
        }
        let mut decided = std::mem::take(&mut self.decided);
        let named = plan.alerts.keys().any(|key| decided.names(store.alert_id(*key)));
        let mut again = named || before.decisions != self.covers.decisions || !reconsider.is_empty();
        let order = |a: u32, b: u32| self.alerts[a as usize].order(&self.alerts[b as usize], store);
        let of_vendor = |id: &str| self.of_vendor(store, id, new.clone());
        let (alerts, rows) = (&self.alerts, &self.rows);
        if !again {
            let (mut constraints, mut numbers) =
                (std::mem::take(&mut decided.constraints), std::mem::take(&mut decided.numbers));
            let making =
                Making { store, policy, decided: &decided, alerts, rows, order: &order, of_vendor: &of_vendor };
            again = !new.clone().all(|alert| making.add(alert, &mut constraints, &mut numbers));
            (decided.constraints, decided.numbers) = (constraints, numbers);
        }
        if !again {
            self.decided = decided;
            return Decision::default();
        }
        let mut now = Decided::new(book.decisions_in_force(in_force), std::mem::take(&mut decided.vendor));
        mean(store, policy, &mut now, &Settling { alerts, rows, of_key: &self.of_key }, &of_vendor);
        let known: HashSet<_> = decided.entries.iter().map(|entry| entry.fact).collect();
        let mut entities = Vec::new();
        let stands = |alert: &u32| {
            let key = store.alerts[self.alerts[*alert as usize].head as usize].key;
            self.of_key[key as usize] == *alert
        };
        // New decisions, and those that now find other alerts than before.
        let found = |entry: &Entry, other: &dyn Fn(&u32) -> bool| entry.all_alerts().any(|alert| other(&alert));
        let lost = decided.entries.iter().filter(|entry| found(entry, &|alert| !stands(alert)));
        for entry in now.entries.iter().filter(|entry| found(entry, &|alert| new.contains(alert))).chain(lost) {
            reconsider.extend(entry.all_alerts());
        }
        for entry in now.entries.iter().filter(|entry| !known.contains(&entry.fact)) {
            reconsider.extend(entry.all_alerts());
            entities.extend(index::decided_entities(book, self, entry));
        }
        let [was, is]: [HashSet<(u32, u32)>; 2] =
            [&decided, &now].map(|decided| decided.constraints.bonds.iter().map(|bond| (bond.a, bond.b)).collect());
        reconsider.extend(was.symmetric_difference(&is).flat_map(|(a, b)| [*a, *b]));
        reconsider.extend(
            new.filter(|alert| now.of_alert.contains_key(alert) || now.constraints.mark(*alert) != Mark::default()),
        );
        reconsider.retain(stands);
        self.decided = now;
        Decision { reconsider: reconsider.into_iter().collect(), entities, settled: true }
    }

    /// Finds the indicators and decisions of entities that changed, and the entities of new indicators.
    pub(super) fn outside_again(&mut self, book: &Casebook, before: usize, live: &Live, plan: &Plan) -> Vec<u32> {
        let mut entities: HashSet<u32> = plan.entities.clone();
        if live.named.is_empty() {
            return Vec::new();
        }
        let mut ids: HashMap<u32, BTreeSet<u32>> = entities.iter().map(|entity| (*entity, BTreeSet::new())).collect();
        for profile in &plan.looked_at {
            if let Some(ids) = ids.get_mut(&self.entities.of_profile[*profile as usize]) {
                ids.extend(book.store.profiles.get(*profile));
            }
        }
        for (entity, ids) in ids {
            let (indicators, verdicts) = live.named.of(book, self, entity, &ids);
            self.outside.set(entity, indicators, verdicts);
        }
        let new = before as u32..self.covers.indicators as u32;
        entities.extend(index::add_indicators(book, self, new.filter(|index| live.named.is_in_force(*index))));
        entities.into_iter().collect()
    }
}
