//! Which alerts make up each incident, under numbers that stay while the incident does.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::HashMap;

use super::order::Order;
use super::scan::NONE;

/// Members of each incident in order of time. Numbered by the earliest alert when laid out at once;
/// later ones take the numbers of those that are gone.
#[derive(Debug, Clone, Default)]
pub(super) struct Incidents {
    /// Incident of each alert; `NONE` for one that no longer stands.
    of: Vec<u32>,
    starts: Vec<u32>,
    members: Vec<u32>,
    changed: HashMap<u32, Vec<u32>>,
    numbers: u32,
    free: Vec<u32>,
}

impl Incidents {
    /// Alerts with one label are one incident.
    pub(super) fn new(labels: &[u32]) -> Incidents {
        let mut number = vec![NONE; labels.len()];
        let mut of = Vec::with_capacity(labels.len());
        let mut starts = vec![0u32];
        for label in labels {
            let slot = &mut number[*label as usize];
            if *slot == NONE {
                *slot = starts.len() as u32 - 1;
                starts.push(0);
            }
            starts[*slot as usize + 1] += 1;
            of.push(*slot);
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0u32; labels.len()];
        for (alert, incident) in of.iter().enumerate() {
            members[next[*incident as usize] as usize] = alert as u32;
            next[*incident as usize] += 1;
        }
        let numbers = starts.len() as u32 - 1;
        Incidents { of, starts, members, numbers, ..Incidents::default() }
    }

    pub(super) fn of(&self, alert: u32) -> u32 {
        self.of[alert as usize]
    }

    pub(super) fn members(&self, incident: u32) -> &[u32] {
        if !self.changed.is_empty()
            && let Some(members) = self.changed.get(&incident)
        {
            return members;
        }
        let range = self.starts.get(incident as usize + 1).map(|end| self.starts[incident as usize]..*end);
        range.map_or(&[], |range| &self.members[range.start as usize..range.end as usize])
    }

    /// Numbers handed out so far, those of incidents that are gone included.
    pub(super) fn numbers(&self) -> u32 {
        self.numbers
    }

    pub(super) fn len(&self) -> usize {
        self.numbers as usize - self.free.len()
    }

    /// Makes room for one more alert, which is in no incident yet.
    pub(super) fn push(&mut self) {
        self.of.push(NONE);
    }

    fn own(&mut self, incident: u32) -> &mut Vec<u32> {
        if !self.changed.contains_key(&incident) {
            let members = self.members(incident).to_vec();
            self.changed.insert(incident, members);
        }
        self.changed.entry(incident).or_default()
    }

    /// The incident is no more; its alerts are in none.
    pub(super) fn remove(&mut self, incident: u32) {
        for alert in std::mem::take(self.own(incident)) {
            self.of[alert as usize] = NONE;
        }
        self.free.push(incident);
    }

    /// INVARIANT: `members` stand in order, and in no incident.
    pub(super) fn add(&mut self, members: Vec<u32>) -> u32 {
        let incident = self.free.pop().unwrap_or_else(|| {
            self.numbers += 1;
            self.numbers - 1
        });
        for alert in &members {
            self.of[*alert as usize] = incident;
        }
        self.changed.insert(incident, members);
        incident
    }

    /// Makes one incident of two, under the number of the larger.
    pub(super) fn merge(&mut self, a: u32, b: u32, order: &Order) {
        let (into, from) = if self.members(a).len() >= self.members(b).len() { (a, b) } else { (b, a) };
        let moved = std::mem::take(self.own(from));
        self.free.push(from);
        for alert in &moved {
            self.of[*alert as usize] = into;
        }
        let members = self.own(into);
        if moved.len() > 16 {
            members.extend(moved);
            // Two runs in order: the stable sort merges them.
            members.sort_by_key(|alert| order.of(*alert));
            return;
        }
        for alert in moved {
            let at = members.partition_point(|other| order.of(*other) < order.of(alert));
            members.insert(at, alert);
        }
    }

    /// Takes alerts out of their incident, which is no more if none is left.
    pub(super) fn take(&mut self, incident: u32, alerts: &[u32], order: &Order) {
        for alert in alerts {
            self.of[*alert as usize] = NONE;
        }
        let Incidents { of, .. } = self;
        let of = std::mem::take(of);
        let members = self.own(incident);
        if let [alert] = alerts {
            let at = members.partition_point(|other| order.of(*other) < order.of(*alert));
            if members.get(at) == Some(alert) {
                members.remove(at);
            }
        } else {
            members.retain(|alert| of[*alert as usize] == incident);
        }
        let none_left = members.is_empty();
        self.of = of;
        if none_left {
            self.free.push(incident);
        }
    }
}
