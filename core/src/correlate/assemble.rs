//! What the plain link rule could not know: decisions, labels that may not meet, and the limit of alerts.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::HashMap;
use petgraph::unionfind::UnionFind;

use super::Correlation;
use super::columns::Columns;
use super::constraints::{Constraints, Parts};
use super::incidents::Incidents;
use super::scan::NONE;

/// Incidents that were made together: joined by decisions, or parted from each other.
#[derive(Debug, Clone, Default)]
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
    ///
    /// INVARIANT: constraints are by number of an alert, so where there are any, alerts come in order of time.
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
        let mut first = vec![NONE; labels.len()];
        for (alert, label) in region.alerts.iter().zip(labels.iter()) {
            size[*label as usize] += 1;
            let first = &mut first[*label as usize];
            *first = if *first == NONE { *alert } else { *first };
        }
        let mut concerned: Vec<bool> = size.iter().map(|size| *size > limit).collect();
        if !constraints.marks.is_empty() || !constraints.walls.is_empty() {
            for (alert, label) in
                region.alerts.iter().zip(labels.iter()).filter(|(_, label)| size[**label as usize] > 1)
            {
                concerned[*label as usize] |= !constraints.is_even([first[*label as usize], *alert].into_iter());
            }
        }
        if !concerned.contains(&true) && constraints.bonds.is_empty() {
            return out;
        }
        // Joining first: the incidents that a decision brings together are looked at as one.
        let at = |alert: u32| (region.position)(alert).map(|at| at as usize);
        let mut group = UnionFind::<u32>::new(labels.len());
        for bond in &constraints.bonds {
            if let (Some(a), Some(b)) = (at(bond.a), at(bond.b)) {
                group.union(labels[a], labels[b]);
                concerned[labels[a] as usize] = true;
            }
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
        let mut parts = Parts::new(constraints, alerts.iter().copied(), limit);
        for bond in alerts.iter().flat_map(|alert| constraints.bonds(*alert)) {
            parts.join(position[&bond.a], position[&bond.b]);
        }
        let mut links = self.collect(columns, alerts, false, &inside, true).links;
        // The entity decides nothing here, only the pair and the strength.
        let place = |alert: u32| self.order.of(alert);
        links.sort_by(|x, y| y.3.total_cmp(&x.3).then_with(|| (place(x.0), place(x.1)).cmp(&(place(y.0), place(y.1)))));
        // A repeat goes where its head goes, unless a label says otherwise: then with the first repeat that it
        // may meet.
        let mut leaders: HashMap<u32, Vec<u32>> = HashMap::new();
        for alert in alerts {
            let leaders = leaders.entry(self.head[*alert as usize]).or_default();
            let at = position[alert];
            match leaders.iter().find(|leader| parts.may_meet(**leader, at)) {
                Some(leader) => parts.join(*leader, at),
                None => leaders.push(at),
            }
        }
        let mut refused = Vec::new();
        for (a, b, _, _) in links {
            if !parts.link(position[&a], position[&b]) {
                refused.push((a, b));
            }
        }
        for (a, b) in refused {
            let (i, j) = (position[&a], position[&b]);
            let sizes = [i, j].map(|at| parts.size(at));
            if !parts.same(i, j) && sizes.iter().sum::<u32>() > limit {
                full.push(if sizes[0] >= sizes[1] { a } else { b });
            }
        }
        let roots = parts.into_labels();
        let mut first: HashMap<u32, u32> = HashMap::new();
        roots.iter().zip(0..).map(|(root, at)| *first.entry(*root).or_insert(at)).collect()
    }

    /// Was the incident put together under constraints?
    pub(super) fn is_rebuilt(&self, incident: u32) -> bool {
        !self.groups.with(incident).is_empty()
    }
}
