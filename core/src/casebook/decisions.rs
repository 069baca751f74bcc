//! Decisions in force: what each is about, and which of them still hold for an alert. What they mean for who may
//! meet is worked out in `constraints`.

use std::cmp::Ordering;

use hashbrown::{HashMap, HashSet};

use crate::correlate::Constraints;
use crate::model::{Choice, Decision, FactId};
use crate::resolve::store::{NONE, Store};

use super::constraints::Numbers;
use super::index::VendorRecord;

/// A decision with its fact.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) fact: FactId,
    pub(crate) decision: Decision,
    /// Standing alerts it is about, in order.
    pub(crate) alerts: Vec<u32>,
    /// Standing alerts that the others leave, and those that they join; in order, without `alerts`.
    pub(crate) from: Vec<u32>,
    pub(crate) to: Vec<u32>,
}

impl Entry {
    pub(crate) fn new(fact: FactId, decision: Decision) -> Entry {
        Entry { fact, decision, alerts: Vec::new(), from: Vec::new(), to: Vec::new() }
    }

    /// All standing alerts that it names.
    pub(super) fn all_alerts(&self) -> impl Iterator<Item = u32> + '_ {
        self.alerts.iter().chain(&self.from).chain(&self.to).copied()
    }

    /// The ids of the alerts that the others leave, and of those that they join.
    fn beside(&self) -> (&[String], &[String]) {
        match &self.decision.what {
            Choice::Part { from } => (from, &[]),
            Choice::Move { from, into } => (from, into),
            _ => (&[], &[]),
        }
    }

    /// Does it take its alerts out of the incident that they were in?
    pub(super) fn takes_out(&self) -> bool {
        matches!(self.decision.what, Choice::Part { .. } | Choice::Move { .. })
    }
}

/// All decisions in force, oldest first by the time they carry, then by fact id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decided {
    pub(crate) entries: Vec<Entry>,
    pub(crate) constraints: Constraints,
    /// How the constraints are numbered.
    pub(super) numbers: Numbers,
    /// Decisions that hold for each standing alert, by index, oldest first.
    pub(crate) of_alert: HashMap<u32, Vec<u32>>,
    /// The vendor's incidents by id.
    pub(crate) vendor: HashMap<String, VendorRecord>,
    /// Ids of alerts that decisions name, known or not.
    named: HashSet<String>,
}

impl Decided {
    pub(crate) fn new(mut entries: Vec<Entry>, vendor: HashMap<String, VendorRecord>) -> Decided {
        entries.sort_by(|a, b| a.decision.at.cmp(&b.decision.at).then(a.fact.cmp(&b.fact)));
        let named = entries.iter().flat_map(|entry| {
            let (from, to) = entry.beside();
            entry.decision.alerts.iter().chain(from).chain(to).cloned()
        });
        Decided { named: named.collect(), entries, vendor, ..Decided::default() }
    }

    /// Is an alert of this id named by a decision?
    pub(crate) fn names(&self, id: &str) -> bool {
        self.named.contains(id)
    }

    /// Finds the standing alerts of the decisions, and which decisions hold for each; `order` is that of alerts.
    /// `O(alerts that decisions name)`.
    pub(crate) fn settle(&mut self, store: &Store, of_key: &[u32], order: &dyn Fn(u32, u32) -> Ordering) {
        let standing = |ids: &[String], without: &[u32]| -> Vec<u32> {
            let without: HashSet<u32> = without.iter().copied().collect();
            let mut alerts: Vec<u32> = ids
                .iter()
                .flat_map(|id| store.keys_of(id))
                .filter_map(|key| of_key.get(key as usize).copied())
                .filter(|alert| *alert != NONE && !without.contains(alert))
                .collect();
            alerts.sort_unstable_by(|a, b| order(*a, *b));
            alerts.dedup();
            alerts
        };
        for entry in &mut self.entries {
            let alerts = standing(&entry.decision.alerts, &[]);
            let (from, to) = entry.beside();
            (entry.from, entry.to) = (standing(from, &alerts), standing(to, &alerts));
            entry.alerts = alerts;
        }
        self.of_alert.clear();
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.takes_out() {
                // What was decided about the old incident as a whole stays with it.
                let ids: HashSet<&str> = entry.decision.alerts.iter().map(String::as_str).collect();
                let within = |earlier: &u32| {
                    let earlier = self.entries.get(*earlier as usize);
                    earlier.is_some_and(|e| e.decision.alerts.iter().all(|id| ids.contains(id.as_str())))
                };
                for alert in &entry.alerts {
                    self.of_alert.entry(*alert).or_default().retain(within);
                }
            }
            for alert in entry.alerts.iter().chain(&entry.from).chain(&entry.to) {
                self.of_alert.entry(*alert).or_default().push(index as u32);
            }
        }
    }

    /// Decisions that hold for any of these alerts, oldest first.
    pub(crate) fn about(&self, alerts: &[u32]) -> Vec<&Entry> {
        self.holding(alerts).iter().filter_map(|i| self.entries.get(*i as usize)).collect()
    }

    /// The same by index.
    pub(super) fn holding(&self, alerts: &[u32]) -> Vec<u32> {
        let mut indices: Vec<u32> = alerts.iter().filter_map(|a| self.of_alert.get(a)).flatten().copied().collect();
        indices.sort_unstable();
        indices.dedup();
        indices
    }
}
