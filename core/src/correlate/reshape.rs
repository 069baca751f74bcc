//! Incidents grow together and fall apart with the links that hold them.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::collections::VecDeque;

use hashbrown::{HashMap, HashSet};
use petgraph::unionfind::UnionFind;

use super::Correlation;
use super::assemble::Region;
use super::columns::Columns;
use super::scan::NONE;
use super::update::{Change, Changed, Edges};

impl Correlation {
    /// Puts incidents right after links came and went. What constraints concern is built anew as a whole.
    pub(super) fn reshape(&mut self, change: &Change<'_>, edges: &Edges) -> Changed {
        let mut changed = Changed::default();
        let ends = edges.new.iter().chain(&edges.lost).flat_map(|(a, b)| [*a, *b]);
        let alerts = ends.chain(change.removed.iter().copied()).chain(change.reconsider.iter().copied());
        changed.incidents.extend(alerts.map(|alert| self.incidents.of(alert)).filter(|incident| *incident != NONE));
        if self.is_constrained(change, &changed.incidents) {
            self.rebuild(change, &mut changed);
        } else {
            self.mend(change, edges, &mut changed);
        }
        changed.incidents.extend(&changed.parts);
        changed
    }

    /// Joins the incidents that a new link leads between, and looks whether the two ends of a lost one are
    /// still held together: from both sides at once, so that the cost is that of the smaller part.
    fn mend(&mut self, change: &Change<'_>, edges: &Edges, changed: &mut Changed) {
        for alert in change.added.clone() {
            changed.incidents.insert(self.incidents.add(vec![alert]));
        }
        for (a, b) in &edges.new {
            let (a, b) = (self.incidents.of(*a), self.incidents.of(*b));
            if a != b {
                self.incidents.merge(a, b, &self.order);
            }
        }
        for alert in change.removed {
            self.incidents.take(self.incidents.of(*alert), &[*alert], &self.order);
        }
        for (a, b) in self.parted(change, edges) {
            let incident = self.incidents.of(a);
            if incident == self.incidents.of(b)
                && let Some(mut part) = self.part(&change.columns, a, b)
            {
                part.sort_unstable_by_key(|alert| self.order.of(*alert));
                self.incidents.take(incident, &part, &self.order);
                changed.parts.insert(self.incidents.add(part));
            }
        }
    }

    /// Do decisions or the limit have a say in what becomes of these incidents?
    fn is_constrained(&self, change: &Change<'_>, incidents: &HashSet<u32>) -> bool {
        let size: usize = incidents.iter().map(|incident| self.incidents.members(*incident).len()).sum();
        !change.reconsider.is_empty()
            || size + change.added.len() > self.policy.max_alerts_per_incident as usize
            || incidents.iter().any(|incident| !self.groups.with(*incident).is_empty())
    }

    /// Pairs of alerts that may no longer be held together.
    fn parted(&self, change: &Change<'_>, edges: &Edges) -> Vec<(u32, u32)> {
        let removed: HashSet<u32> = change.removed.iter().copied().collect();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        // All that an alert held together which is gone.
        let mut around: HashMap<u32, Vec<u32>> = HashMap::new();
        for (a, b) in &edges.lost {
            if removed.contains(a) {
                around.entry(*a).or_default().push(*b);
            }
            if removed.contains(b) {
                around.entry(*b).or_default().push(*a);
            }
            if !removed.contains(a) && !removed.contains(b) {
                pairs.push((*a, *b));
            }
        }
        let mut gone: Vec<u32> = around.keys().copied().collect();
        let mut done: HashSet<u32> = HashSet::new();
        while let Some(start) = gone.pop() {
            // Of neighbours that are gone, too, what they held together in their turn.
            let (mut open, mut held) = (vec![start], Vec::new());
            while let Some(alert) = open.pop() {
                if !removed.contains(&alert) {
                    held.push(alert);
                } else if done.insert(alert) {
                    open.extend(around.get(&alert).into_iter().flatten());
                }
            }
            pairs.extend(held.windows(2).map(|pair| (pair[0], pair[1])));
        }
        pairs
    }

    /// If no link leads from one alert to the other, the alerts of the smaller part.
    fn part(&self, columns: &Columns<'_>, a: u32, b: u32) -> Option<Vec<u32>> {
        if a == b {
            return None;
        }
        let mut side: HashMap<u32, usize> = HashMap::from([(a, 0), (b, 1)]);
        let mut open = [VecDeque::from([a]), VecDeque::from([b])];
        loop {
            for from in [0, 1] {
                let Some(alert) = open[from].pop_front() else {
                    return Some(side.iter().filter(|(_, s)| **s == from).map(|(alert, _)| *alert).collect());
                };
                let mut met = false;
                self.neighbours(columns, alert, &mut |other| {
                    let other_side = *side.entry(other).or_insert_with(|| {
                        open[from].push_back(other);
                        from
                    });
                    met |= other_side != from;
                });
                if met {
                    return None;
                }
            }
        }
    }

    /// Builds these incidents anew, and those that constraints tie to them.
    fn rebuild(&mut self, change: &Change<'_>, changed: &mut Changed) {
        let removed: HashSet<u32> = change.removed.iter().copied().collect();
        let mut alerts: HashSet<u32> = change.added.clone().collect();
        let mut open: Vec<u32> = changed.incidents.iter().copied().collect();
        loop {
            while let Some(incident) = open.pop() {
                let members = self.incidents.members(incident);
                if members.is_empty() || alerts.contains(&members[0]) {
                    continue;
                }
                alerts.extend(members);
                changed.incidents.insert(incident);
                open.extend(self.groups.with(incident));
            }
            for (a, b) in &change.constraints.join {
                for (from, to) in [(a, b), (b, a)] {
                    if alerts.contains(from) && !alerts.contains(to) {
                        open.push(self.incidents.of(*to));
                    }
                }
            }
            if open.is_empty() {
                break;
            }
        }
        for incident in &changed.incidents {
            if !self.incidents.members(*incident).is_empty() {
                self.groups.remove(*incident);
                self.full.remove(incident);
                self.incidents.remove(*incident);
            }
        }
        let mut alerts: Vec<u32> = alerts.into_iter().filter(|alert| !removed.contains(alert)).collect();
        alerts.sort_unstable_by_key(|alert| self.order.of(*alert));
        let place: HashMap<u32, u32> = alerts.iter().zip(0..).map(|(alert, at)| (*alert, at)).collect();
        let mut union = UnionFind::<u32>::new(alerts.len());
        for (alert, at) in alerts.iter().zip(0u32..) {
            self.neighbours(&change.columns, *alert, &mut |other| {
                if let Some(other) = place.get(&other) {
                    union.union(at, *other);
                }
            });
        }
        let mut labels = union.into_labeling();
        let region = Region { alerts: &alerts, position: &|alert| place.get(&alert).copied() };
        let constrained = self.constrain(&change.columns, &region, &mut labels, change.constraints);
        let mut parts: HashMap<u32, Vec<u32>> = HashMap::new();
        for (alert, label) in alerts.iter().zip(&labels) {
            parts.entry(*label).or_default().push(*alert);
        }
        for members in parts.into_values() {
            changed.parts.insert(self.incidents.add(members));
        }
        self.enter(constrained);
    }
}
