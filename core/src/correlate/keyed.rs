//! Alerts by a key of 64 bits, each key's in order of time.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::HashMap;

use super::order::Order;

/// Laid out at once; a key that changes later gets a list of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Keyed {
    keys: Vec<u64>,
    alerts: Vec<u32>,
    changed: HashMap<u64, Vec<u32>>,
}

impl Keyed {
    /// INVARIANT: `rows` are sorted by key, those of one key by time.
    pub(super) fn new(rows: Vec<(u64, u32)>) -> Keyed {
        let (keys, alerts) = rows.into_iter().unzip();
        Keyed { keys, alerts, changed: HashMap::new() }
    }

    pub(super) fn of(&self, key: u64) -> &[u32] {
        if let Some(changed) = self.changed.get(&key) {
            return changed;
        }
        let from = self.keys.partition_point(|k| *k < key);
        let to = from + self.keys[from..].partition_point(|k| *k == key);
        &self.alerts[from..to]
    }

    /// The alerts of a key for which `value`, which rises with time, is `wanted`.
    pub(super) fn with<K: Ord>(&self, key: u64, value: impl Fn(u32) -> K, wanted: &K) -> &[u32] {
        let list = self.of(key);
        let from = list.partition_point(|alert| value(*alert) < *wanted);
        let to = from + list[from..].partition_point(|alert| value(*alert) <= *wanted);
        &list[from..to]
    }

    /// Where the alert stands among those of the key, or would.
    pub(super) fn position(&self, key: u64, alert: u32, order: &Order) -> usize {
        let label = order.of(alert);
        self.of(key).partition_point(|other| order.of(*other) < label)
    }

    fn own(&mut self, key: u64) -> &mut Vec<u32> {
        if !self.changed.contains_key(&key) {
            let list = self.of(key).to_vec();
            self.changed.insert(key, list);
        }
        self.changed.entry(key).or_default()
    }

    pub(super) fn insert(&mut self, key: u64, alert: u32, order: &Order) {
        let at = self.position(key, alert, order);
        self.own(key).insert(at, alert);
    }

    pub(super) fn remove(&mut self, key: u64, alert: u32, order: &Order) {
        let at = self.position(key, alert, order);
        let own = self.own(key);
        if own.get(at) == Some(&alert) {
            own.remove(at);
        }
    }
}
