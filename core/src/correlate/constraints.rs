//! What people decided and vendors ruled about who may meet, as the link rule sees it, and the parts of a set
//! of alerts that grow under it.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use petgraph::unionfind::UnionFind;

use super::scan::NONE;

/// Statements about alerts that the link rule cannot see. Alerts are given by their number in the columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Constraints {
    /// Pairs of alerts that a person put together, sorted.
    pub(crate) bonds: Vec<Bond>,
    /// What holds for an alert; sorted by alert, others have no mark. Alerts that are bonded bear one mark, but
    /// for their groups.
    pub(crate) marks: Vec<(u32, Mark)>,
    /// Walls that an alert stands at, sorted: two numbers that differ in the last bit only are the two sides of
    /// one wall, and those who stand at them never meet.
    pub(crate) walls: Vec<(u32, u32)>,
    /// Sets of device groups, each sorted.
    pub(crate) groups: Vec<Vec<u32>>,
}

/// Two alerts that a person put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bond {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// Number of the decision.
    pub(crate) by: u32,
}

/// What decides whom an alert may meet; `NONE` where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// A closed incident: only alerts of the same one meet.
    pub(crate) cell: u32,
    /// Owner, classification and determination: two that differ do not meet.
    pub(crate) values: [u32; 3],
    /// Set of device groups: two that have no group in common do not meet.
    pub(crate) groups: u32,
}

impl Default for Mark {
    fn default() -> Self {
        Mark { cell: NONE, values: [NONE; 3], groups: NONE }
    }
}

impl Constraints {
    pub(crate) fn mark(&self, alert: u32) -> Mark {
        let found = self.marks.binary_search_by_key(&alert, |(a, _)| *a);
        found.map_or_else(|_| Mark::default(), |at| self.marks[at].1)
    }

    pub(crate) fn walls(&self, alert: u32) -> impl Iterator<Item = u32> + '_ {
        let from = self.walls.partition_point(|(a, _)| *a < alert);
        self.walls[from..].iter().take_while(move |(a, _)| *a == alert).map(|(_, wall)| *wall)
    }

    /// The bonds in which this alert comes first.
    pub(crate) fn bonds(&self, alert: u32) -> &[Bond] {
        let from = self.bonds.partition_point(|bond| bond.a < alert);
        let to = self.bonds.partition_point(|bond| bond.a <= alert);
        &self.bonds[from..to]
    }

    /// Is there nothing that could keep these alerts from each other?
    pub(super) fn is_even(&self, mut alerts: impl Iterator<Item = u32>) -> bool {
        let Some(first) = alerts.next() else { return true };
        let mark = self.mark(first);
        let free = |alert: u32| self.walls(alert).next().is_none();
        free(first) && alerts.all(|alert| self.mark(alert) == mark && free(alert))
    }
}

#[derive(Debug, Default)]
struct Part {
    size: u32,
    mark: Mark,
    /// Sets of device groups, sorted.
    groups: Vec<u32>,
    /// Sorted.
    walls: Vec<u32>,
}

/// Parts of a set of alerts while they grow.
pub(super) struct Parts<'c> {
    constraints: &'c Constraints,
    union: UnionFind<u32>,
    parts: Vec<Part>,
    limit: u32,
}

impl<'c> Parts<'c> {
    pub(super) fn new(constraints: &'c Constraints, alerts: impl Iterator<Item = u32>, limit: u32) -> Self {
        let parts: Vec<Part> = alerts
            .map(|alert| {
                let mark = constraints.mark(alert);
                let groups = Some(mark.groups).filter(|set| *set != NONE).into_iter().collect();
                Part { size: 1, mark, groups, walls: constraints.walls(alert).collect() }
            })
            .collect();
        Parts { constraints, union: UnionFind::new(parts.len()), parts, limit }
    }

    pub(super) fn size(&self, at: u32) -> u32 {
        self.parts[self.union.find(at) as usize].size
    }

    pub(super) fn same(&self, a: u32, b: u32) -> bool {
        self.union.find(a) == self.union.find(b)
    }

    pub(super) fn into_labels(self) -> Vec<u32> {
        self.union.into_labeling()
    }

    /// Puts two parts together, whatever stands between them.
    pub(super) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.union.find_mut(a), self.union.find_mut(b));
        if a == b {
            return;
        }
        self.union.union(a, b);
        let root = self.union.find_mut(a);
        let [x, y] = [a, b].map(|at| std::mem::take(&mut self.parts[at as usize]));
        let first = |a: u32, b: u32| if a == NONE { b } else { a };
        let mut mark = Mark { cell: first(x.mark.cell, y.mark.cell), ..Mark::default() };
        for (value, (a, b)) in mark.values.iter_mut().zip(x.mark.values.into_iter().zip(y.mark.values)) {
            *value = first(a, b);
        }
        self.parts[root as usize] = Part {
            size: x.size.saturating_add(y.size),
            mark,
            groups: merged(x.groups, y.groups),
            walls: merged(x.walls, y.walls),
        };
    }

    /// Puts two parts together if nothing forbids it. `true` when they are one part afterwards.
    pub(super) fn link(&mut self, a: u32, b: u32) -> bool {
        let fits = self.may_meet(a, b) && (self.same(a, b) || self.size(a).saturating_add(self.size(b)) <= self.limit);
        if fits {
            self.join(a, b);
        }
        fits
    }

    /// Does nothing but the limit forbid these two to be one part?
    pub(super) fn may_meet(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.union.find(a) as usize, self.union.find(b) as usize);
        if a == b {
            return true;
        }
        let (x, y) = (&self.parts[a], &self.parts[b]);
        let differ = |a: &u32, b: &u32| *a != NONE && *b != NONE && a != b;
        let strangers = |a: &u32, b: &u32| {
            let [a, b] = [a, b].map(|set| &self.constraints.groups[*set as usize]);
            a != b && !a.iter().any(|group| b.binary_search(group).is_ok())
        };
        let (few, many) = if x.walls.len() <= y.walls.len() { (&x.walls, &y.walls) } else { (&y.walls, &x.walls) };
        x.mark.cell == y.mark.cell
            && !x.mark.values.iter().zip(&y.mark.values).any(|(a, b)| differ(a, b))
            && !x.groups.iter().any(|a| y.groups.iter().any(|b| strangers(a, b)))
            && !few.iter().any(|wall| many.binary_search(&(wall ^ 1)).is_ok())
    }
}

fn merged(mut a: Vec<u32>, mut b: Vec<u32>) -> Vec<u32> {
    if a.len() < b.len() {
        std::mem::swap(&mut a, &mut b);
    }
    if !b.is_empty() {
        a.append(&mut b);
        a.sort_unstable();
        a.dedup();
    }
    a
}
