//! What the plain link rule could not know: decisions, labels that may not meet, and the limit of alerts.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::HashMap;
use petgraph::unionfind::UnionFind;

use super::columns::Columns;
use super::incidents::Incidents;
use super::{Constraints, Correlation};

/// Incidents that were made together: joined by decisions, or parted from each other.
#[derive(Debug, Default)]
pub(super) struct Groups {
    of: HashMap<u32, u32>,
    incidents: HashMap<u32, Vec<u32>>,
    next: u32,
}

impl Groups {
    pub(super) fn add(&mut self, incidents: Vec<u32>) {
        for incident in &incidents {
            self.of.insert(*incident, self.next);
        }
        self.incidents.insert(self.next, incidents);
        self.next += 1;
    }

    /// The incidents made together with this one, itself included; none when it stands for itself.
    pub(super) fn with(&self, incident: u32) -> &[u32] {
        self.of.get(&incident).and_then(|group| self.incidents.get(group)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn remove(&mut self, incident: u32) {
        if let Some(group) = self.of.remove(&incident) {
            self.incidents.remove(&group);
        }
    }
}

/// Alerts in the order of time, and where each stands among them.
pub(super) struct Region<'r> {
    pub(super) alerts: &'r [u32],
    pub(super) position: &'r dyn Fn(u32) -> Option<u32>,
}

/// What became of the alerts that constraints concern.
#[derive(Debug, Default)]
pub(super) struct Constrained {
    /// Alerts that were looked at together, as sets.
    pub(super) groups: Vec<Vec<u32>>,
    /// Alerts at which an incident stopped growing.
    pub(super) full: Vec<u32>,
}

impl Correlation {
    /// Numbers incidents by their earliest alert, after what constraints say.
    pub(super) fn number(&mut self, columns: &Columns<'_>, mut labels: Vec<u32>, constraints: &Constraints) {
        let all: Vec<u32> = (0..labels.len() as u32).collect();
        let region = Region { alerts: &all, position: &Some };
        let constrained = self.constrain(columns, &region, &mut labels, constraints);
        self.incidents = Incidents::new(&labels);
        self.enter(constrained);
    }

    /// Notes what constraints did, once the incidents have their numbers.
    pub(super) fn enter(&mut self, constrained: Constrained) {
        for alerts in constrained.groups {
            let mut incidents: Vec<u32> = alerts.iter().map(|alert| self.incidents.of(*alert)).collect();
            incidents.sort_unstable();
            incidents.dedup();
            self.groups.add(incidents);
        }
        self.full.extend(constrained.full.iter().map(|alert| self.incidents.of(*alert)));
    }

    /// Takes apart and joins what constraints say, in the labels of the components of a region that no
    /// link leaves. Only the components concerned are looked at again.
    pub(super) fn constrain(
        &self,
        columns: &Columns<'_>,
        region: &Region<'_>,
        labels: &mut [u32],
        constraints: &Constraints,
    ) -> Constrained {
        let limit = self.policy.max_alerts_per_incident;
        let mut out = Constrained::default();
        let mut size = vec![0u32; labels.len()];
        for label in labels.iter() {
            size[*label as usize] += 1;
        }
        let mut concerned: Vec<bool> = size.iter().map(|size| *size > limit).collect();
        if !concerned.contains(&true) && constraints.join.is_empty() && constraints.label.is_empty() {
            return out;
        }
        // Joining first: the incidents that a decision brings together are looked at as one.
        let at = |alert: u32| (region.position)(alert).map(|at| at as usize);
        let mut group = UnionFind::<u32>::new(labels.len());
        for (a, b) in &constraints.join {
            if let (Some(a), Some(b)) = (at(*a), at(*b)) {
                group.union(labels[a], labels[b]);
                concerned[labels[a] as usize] = true;
            }
        }
        for (alert, label) in region.alerts.iter().zip(labels.iter()) {
            concerned[*label as usize] |= constraints.label.contains_key(alert);
        }
        let group = group.into_labeling();
        let mut again = vec![false; labels.len()];
        for (label, concerned) in concerned.iter().enumerate() {
            again[group[label] as usize] |= concerned;
        }
        let members = labels.iter().zip(0u32..).map(|(label, at)| (group[*label as usize], at));
        let mut by_group: Vec<(u32, u32)> = members.filter(|(group, _)| again[*group as usize]).collect();
        by_group.sort_unstable();
        for chunk in by_group.chunk_by(|a, b| a.0 == b.0) {
            let alerts: Vec<u32> = chunk.iter().map(|(_, at)| region.alerts[*at as usize]).collect();
            let parts = self.reassemble(columns, &alerts, constraints, limit, &mut out.full);
            for ((_, at), part) in chunk.iter().zip(parts) {
                // The label of a part is the place of its earliest alert.
                labels[*at as usize] = chunk[part as usize].1;
            }
            out.groups.push(alerts);
        }
        out
    }

    /// Builds the parts of a set of alerts, strongest links first, refusing those that a label forbids
    /// or that would pass the limit. Gives the position of the earliest member of each alert's part.
    fn reassemble(
        &self,
        columns: &Columns<'_>,
        alerts: &[u32],
        constraints: &Constraints,
        limit: u32,
        full: &mut Vec<u32>,
    ) -> Vec<u32> {
        let position: HashMap<u32, u32> = alerts.iter().zip(0..).map(|(alert, at)| (*alert, at)).collect();
        let inside = |alert: u32| position.contains_key(&alert);
        let mut links = self.collect(columns, alerts, false, &inside).links;
        // The entity decides nothing here, only the pair and the strength.
        let place = |alert: u32| self.order.of(alert);
        links.sort_by(|x, y| y.3.total_cmp(&x.3).then_with(|| (place(x.0), place(x.1)).cmp(&(place(y.0), place(y.1)))));
        let label_of = |alert: &u32| constraints.label.get(alert).copied();
        let mut parts = Parts {
            union: UnionFind::new(alerts.len()),
            size: vec![1; alerts.len()],
            labels: alerts.iter().map(|alert| label_of(alert).into_iter().collect()).collect(),
            bare: alerts.iter().map(|alert| label_of(alert).is_none()).collect(),
        };
        for (a, b) in &constraints.join {
            if let (Some(a), Some(b)) = (position.get(a), position.get(b)) {
                parts.join(*a, *b);
            }
        }
        for alert in alerts {
            // A repeat goes where its head goes, unless a label says otherwise.
            if let Some(head) = position.get(&self.head[*alert as usize]) {
                parts.link(*head, position[alert], constraints, u32::MAX);
            }
        }
        let mut refused = Vec::new();
        for (a, b, _, _) in links {
            if !parts.link(position[&a], position[&b], constraints, limit) {
                refused.push((a, b));
            }
        }
        for (a, b) in refused {
            let sizes = [a, b].map(|alert| parts.size[parts.union.find(position[&alert]) as usize]);
            if parts.union.find(position[&a]) != parts.union.find(position[&b]) && sizes.iter().sum::<u32>() > limit {
                full.push(if sizes[0] >= sizes[1] { a } else { b });
            }
        }
        let roots = parts.union.into_labeling();
        let mut first: HashMap<u32, u32> = HashMap::new();
        roots.iter().zip(0..).map(|(root, at)| *first.entry(*root).or_insert(at)).collect()
    }
}

/// Parts of a set of alerts while they grow.
struct Parts {
    union: UnionFind<u32>,
    size: Vec<u32>,
    labels: Vec<Vec<u32>>,
    /// Does a part hold an alert without a label?
    bare: Vec<bool>,
}

impl Parts {
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.union.find_mut(a), self.union.find_mut(b));
        if a == b {
            return;
        }
        self.union.union(a, b);
        let root = self.union.find_mut(a);
        let size = self.size[a as usize] + self.size[b as usize];
        let mut labels = std::mem::take(&mut self.labels[a as usize]);
        labels.extend(std::mem::take(&mut self.labels[b as usize]));
        labels.sort_unstable();
        labels.dedup();
        self.bare[root as usize] = self.bare[a as usize] || self.bare[b as usize];
        self.size[root as usize] = size;
        self.labels[root as usize] = labels;
    }

    /// Joins two parts if nothing forbids it. `true` when they are one part afterwards.
    fn link(&mut self, a: u32, b: u32, constraints: &Constraints, limit: u32) -> bool {
        let (a, b) = (self.union.find_mut(a) as usize, self.union.find_mut(b) as usize);
        if a == b {
            return true;
        }
        let closed = |labels: &[u32]| labels.iter().any(|l| constraints.closed[*l as usize]);
        let conflict = |x: &[u32], y: &[u32]| {
            x.iter().any(|l| {
                y.iter().any(|m| l != m && constraints.conflicts.binary_search(&(*l.min(m), *l.max(m))).is_ok())
            })
        };
        let (la, lb) = (&self.labels[a], &self.labels[b]);
        let differ = la != lb;
        let fits = self.size[a].saturating_add(self.size[b]) <= limit
            && !conflict(la, lb)
            && !(closed(la) && (self.bare[b] || differ))
            && !(closed(lb) && (self.bare[a] || differ));
        if fits {
            self.join(a as u32, b as u32);
        }
        fits
    }
}
