//! Decisions in force: what each is about, and which of them still hold for an alert. What they mean for who may
//! meet is worked out in `constraints`.

use hashbrown::{HashMap, HashSet};

use crate::correlate::Constraints;
use crate::model::{Choice, Decision, FactId};
use crate::resolve::store::{NONE, Store};

use super::index::VendorRecord;

/// A decision with its fact.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) fact: FactId,
    pub(crate) decision: Decision,
    /// Standing alerts it is about, sorted.
    pub(crate) alerts: Vec<u32>,
    /// Standing alerts that the others leave, and those that they join; sorted, without `alerts`.
    pub(crate) from: Vec<u32>,
    pub(crate) to: Vec<u32>,
}

impl Entry {
    pub(crate) fn new(fact: FactId, decision: Decision) -> Entry {
        Entry { fact, decision, alerts: Vec::new(), from: Vec::new(), to: Vec::new() }
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
    /// Decisions that hold for each standing alert, by index, oldest first.
    pub(crate) of_alert: HashMap<u32, Vec<u32>>,
    /// The vendor's incidents by id.
    pub(crate) vendor: HashMap<String, VendorRecord>,
}

impl Decided {
    pub(crate) fn new(mut entries: Vec<Entry>, vendor: HashMap<String, VendorRecord>) -> Decided {
        entries.sort_by(|a, b| a.decision.at.cmp(&b.decision.at).then(a.fact.cmp(&b.fact)));
        Decided { entries, vendor, ..Decided::default() }
    }

    /// Finds the standing alerts of the decisions, and which decisions hold for each.
    pub(super) fn settle(&mut self, store: &Store, of_key: &[u32]) {
        let standing = |ids: &[String], without: &[u32]| -> Vec<u32> {
            let keys = |id: &str| store.tenants().filter_map(|t| store.keys.find(u64::from(t), id)).collect::<Vec<_>>();
            let found = ids.iter().flat_map(|id| keys(id));
            let mut alerts: Vec<u32> = found
                .filter_map(|key| of_key.get(key as usize).copied())
                .filter(|alert| *alert != NONE && without.binary_search(alert).is_err())
                .collect();
            alerts.sort_unstable();
            alerts.dedup();
            alerts
        };
        for entry in &mut self.entries {
            entry.alerts = standing(&entry.decision.alerts, &[]);
            let (from, to) = match &entry.decision.what {
                Choice::Part { from } => (from.as_slice(), [].as_slice()),
                Choice::Move { from, into } => (from.as_slice(), into.as_slice()),
                _ => continue,
            };
            (entry.from, entry.to) = (standing(from, &entry.alerts), standing(to, &entry.alerts));
        }
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
