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

    /// Joins the incidents that a new link leads between, and looks whether the ends of lost ones still hold
    /// together: from all sides at once, so that the cost is that of the smaller parts.
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
        let mut ends: HashMap<u32, Vec<u32>> = HashMap::new();
        for alert in edges.lost.iter().flat_map(|(a, b)| [*a, *b]) {
            let incident = self.incidents.of(alert);
            if incident != NONE {
                ends.entry(incident).or_default().push(alert);
            }
        }
        for (incident, mut ends) in ends {
            ends.sort_unstable();
            ends.dedup();
            for mut part in self.parts(&change.columns, &ends) {
                part.sort_unstable_by_key(|alert| self.order.of(*alert));
                self.incidents.take(incident, &part, &self.order);
                changed.parts.insert(self.incidents.add(part));
            }
        }
    }

    /// Do decisions or the limit have a say in what becomes of these incidents?
    fn is_constrained(&self, change: &Change<'_>, incidents: &HashSet<u32>) -> bool {
        let size: usize = incidents.iter().map(|incident| self.incidents.members(*incident).len()).sum();
        // INVARIANT: all alerts of an incident that stands for itself bear one mark, and stand at no wall.
        let stands = |alert: &&u32| !change.removed.contains(alert);
        let firsts = incidents.iter().filter_map(|incident| self.incidents.members(*incident).iter().find(stands));
        !change.reconsider.is_empty()
            || size + change.added.len() > self.policy.max_alerts_per_incident as usize
            || incidents.iter().any(|incident| self.is_rebuilt(*incident))
            || !change.constraints.is_even(firsts.copied().chain(change.added.clone()))
    }

    /// The parts of an incident that nothing holds to the rest any more, all but the one that is found last.
    ///
    /// Every part has an end of a lost link, so searches that begin at these find them all. They take
    /// turns, and grow together where they meet; what the last one would find need not be looked at.
    fn parts(&self, columns: &Columns<'_>, ends: &[u32]) -> Vec<Vec<u32>> {
        let mut of: HashMap<u32, usize> = ends.iter().copied().zip(0..).collect();
        let mut union = UnionFind::<usize>::new(ends.len());
        let mut searches: Vec<Search> = ends.iter().map(|end| Search::from(*end)).collect();
        let mut running: Vec<usize> = (0..ends.len()).collect();
        let (mut done, mut neighbours) = (Vec::new(), Vec::new());
        while running.len() > 1 {
            let mut turn = 0;
            while turn < running.len() && running.len() > 1 {
                let mut at = running[turn];
                turn += 1;
                let Some(alert) = searches[at].open.pop_front() else {
                    turn -= 1;
                    running.remove(turn);
                    done.push(std::mem::take(&mut searches[at].found));
                    continue;
                };
                neighbours.clear();
                self.neighbours(columns, alert, &mut |other| neighbours.push(other));
                for other in &neighbours {
                    let met = union.find_mut(*of.entry(*other).or_insert_with(|| {
                        searches[at].open.push_back(*other);
                        searches[at].found.push(*other);
                        at
                    }));
                    if met != at {
                        union.union(at, met);
                        let into = union.find_mut(at);
                        let from = if into == at { met } else { at };
                        let search = std::mem::take(&mut searches[from]);
                        searches[into].open.extend(search.open);
                        searches[into].found.extend(search.found);
                        running.retain(|running| *running != from);
                        at = into;
                    }
                }
            }
        }
        done
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
            for bond in &change.constraints.bonds {
                for (from, to) in [(bond.a, bond.b), (bond.b, bond.a)] {
                    if alerts.contains(&from) && !alerts.contains(&to) {
                        open.push(self.incidents.of(to));
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

/// Alerts that hold together with one, as far as they have been looked for.
#[derive(Debug, Default)]
struct Search {
    open: VecDeque<u32>,
    found: Vec<u32>,
}

impl From<u32> for Search {
    fn from(alert: u32) -> Search {
        Search { open: VecDeque::from([alert]), found: vec![alert] }
    }
}
