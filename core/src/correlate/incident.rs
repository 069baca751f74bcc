//! What holds one incident together, and what almost joined it.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::{HashMap, HashSet};
use petgraph::unionfind::UnionFind;

use super::Correlation;
use super::columns::Columns;
use super::constraints::Bond;
use super::scan::{Held, NONE, Visitor};

/// In the place of an entity: nothing is shared, the two follow each other.
pub(crate) const SEQUENCE: u32 = NONE - 1;

/// A link between two alerts; `entity` is `NONE` for a repeat or a person's decision, and `SEQUENCE` where two notable
/// alerts follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    /// The earlier alert.
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) entity: u32,
    pub(crate) strength: f64,
    /// Number of the decision that put them together.
    pub(crate) decision: Option<u32>,
}

/// A pair that almost linked: one alert inside, one outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near {
    pub(crate) inside: u32,
    pub(crate) outside: u32,
    pub(crate) entity: u32,
    pub(crate) held: Held,
}

/// The links of one incident: the strongest spanning forest, and how many more there were.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(crate) tree: Vec<Link>,
    pub(crate) redundant: usize,
    pub(crate) near: Vec<Near>,
    /// Near misses beyond those listed.
    pub(crate) near_more: usize,
}

/// Collects links inside a set of alerts and pairs that reach out of it.
pub(super) struct Collect<'c> {
    inside: &'c dyn Fn(u32) -> bool,
    /// Look on behind a linked pair: where not all that is linked may meet, the next may be what holds.
    all: bool,
    pub(super) links: Vec<(u32, u32, u32, f64)>,
    near: Vec<(u32, u32, u32, Held)>,
    entity: u32,
}

impl Visitor for Collect<'_> {
    fn link(&mut self, a: u32, b: u32, strength: f64) -> bool {
        let together = (self.inside)(a) && (self.inside)(b);
        if together {
            self.links.push((a, b, self.entity, strength));
        } else if self.entity != SEQUENCE {
            // Linked by the rule and yet apart: a label or the limit stands between them.
            self.held(a, b, Held::Weak { strength });
        }
        together && !self.all
    }

    fn held(&mut self, a: u32, b: u32, why: Held) {
        match ((self.inside)(a), (self.inside)(b)) {
            (true, false) => self.near.push((a, b, self.entity, why)),
            (false, true) => self.near.push((b, a, self.entity, why)),
            _ => {}
        }
    }

    fn wants(&mut self, a: u32, b: u32) -> bool {
        (self.inside)(a) || (self.inside)(b)
    }
}

impl Correlation {
    /// The links and near misses of an incident. `order` compares entities so that ties do not depend on
    /// arrival. `O(rows of the incident)`, and the assets of the hubs it touches.
    pub(crate) fn links(
        &self,
        columns: &Columns<'_>,
        incident: u32,
        bonds: &[Bond],
        order: impl Fn(u32, u32) -> std::cmp::Ordering,
    ) -> Links {
        let ranks = self.incidents.members(incident);
        let inside = |rank: u32| self.incidents.of(rank) == incident;
        let mut found = self.collect(columns, ranks, true, &inside, self.is_rebuilt(incident));
        let place = |(a, b): (u32, u32)| (self.order.of(a), self.order.of(b));
        // Strongest first; ties by time, then by what they share.
        let compare = |x: &(u32, u32, u32, f64), y: &(u32, u32, u32, f64)| {
            y.3.total_cmp(&x.3).then_with(|| place((x.0, x.1)).cmp(&place((y.0, y.1)))).then_with(|| {
                match (x.2 == SEQUENCE, y.2 == SEQUENCE) {
                    (false, false) if x.2 != y.2 => order(x.2, y.2),
                    (x, y) => x.cmp(&y),
                }
            })
        };
        found.links.sort_by(compare);
        let position: HashMap<u32, u32> = ranks.iter().enumerate().map(|(i, r)| (*r, i as u32)).collect();
        let mut union = UnionFind::<u32>::new(ranks.len());
        let mut out = Links::default();
        let mut tree = |out: &mut Links, a: u32, b: u32, entity: u32, strength: f64, decision: Option<u32>| {
            let (Some(i), Some(j)) = (position.get(&a), position.get(&b)) else { return };
            if union.union(*i, *j) {
                out.tree.push(Link { a: self.ranks.alert(a), b: self.ranks.alert(b), entity, strength, decision });
            } else {
                out.redundant += 1;
            }
        };
        // A repeat whose head is elsewhere hangs on the first of its kind that is here.
        let mut heads: HashMap<u32, u32> = HashMap::new();
        for rank in ranks {
            let head = *heads.entry(self.head[*rank as usize]).or_insert(*rank);
            if head != *rank {
                tree(&mut out, head, *rank, NONE, 1.0, None);
            }
        }
        for (a, b, entity, strength) in found.links {
            tree(&mut out, a, b, entity, strength, None);
        }
        // What people put together is told where nothing else holds the two.
        let mut bonds: Vec<(u32, u32, u32)> =
            bonds.iter().map(|bond| (self.ranks.of(bond.a), self.ranks.of(bond.b), bond.by)).collect();
        bonds.sort_unstable_by_key(|(a, b, _)| place((*a, *b)));
        for (a, b, by) in bonds {
            let (a, b) = if self.order.of(a) <= self.order.of(b) { (a, b) } else { (b, a) };
            tree(&mut out, a, b, NONE, 1.0, Some(by));
        }
        self.near(&mut out, found.near, order);
        out
    }

    /// Links inside a set of alerts, given in their order and as `inside`, and pairs of one inside and one
    /// outside. A later alert is compared with those before it when it is inside, or stands with `after`
    /// within the look-back of one.
    pub(super) fn collect<'c>(
        &self,
        columns: &Columns<'_>,
        alerts: &[u32],
        after: bool,
        inside: &'c dyn Fn(u32) -> bool,
        all: bool,
    ) -> Collect<'c> {
        let mut collect = Collect { inside, all, links: Vec::new(), near: Vec::new(), entity: NONE };
        let rule = self.rule();
        self.around(columns, alerts, after, |entity, positions| {
            collect.entity = entity;
            rule.around(entity, positions, &mut collect);
        });
        collect.entity = SEQUENCE;
        for alert in alerts {
            rule.follow(*alert, &mut collect);
        }
        collect
    }

    /// Each entity of these alerts, with the positions of those alerts among its own, with `after` also
    /// of those within the look-back after each.
    fn around(&self, columns: &Columns<'_>, alerts: &[u32], after: bool, mut visit: impl FnMut(u32, &[usize])) {
        let mut held: Vec<(u32, u32)> = Vec::new();
        for (alert, at) in alerts.iter().zip(0u32..) {
            held.extend(columns.entities_of(self.ranks.alert(*alert)).iter().map(|entity| (*entity, at)));
        }
        held.sort_unstable();
        let mut positions: Vec<usize> = Vec::new();
        for chunk in held.chunk_by(|a, b| a.0 == b.0) {
            let entity = chunk[0].0;
            let most = self.postings.of(entity).len();
            if most < 2 {
                continue;
            }
            positions.clear();
            for (_, at) in chunk {
                let alert = alerts[*at as usize];
                let first = self.postings.position(entity, alert, &self.order);
                let last = if after { first + self.policy.lookback as usize } else { first };
                let from = positions.last().map_or(first, |last| first.max(last + 1));
                positions.extend(from..=last.min(most - 1));
            }
            visit(entity, &positions);
        }
    }

    /// One near miss per pair of entity and outer incident, the closest first.
    fn near(
        &self,
        out: &mut Links,
        mut near: Vec<(u32, u32, u32, Held)>,
        order: impl Fn(u32, u32) -> std::cmp::Ordering,
    ) {
        let place = |(a, b): (u32, u32)| (self.order.of(a), self.order.of(b));
        // How close: below the threshold by strength, then past the window by time, then hubs.
        let closeness = |held: &Held| match held {
            Held::Weak { strength } => (0u8, (-strength * 1e6) as i64),
            Held::Window { over } => (1, *over),
            Held::Hub { assets } => (2, i64::from(*assets)),
        };
        near.sort_by(|x, y| {
            closeness(&x.3)
                .cmp(&closeness(&y.3))
                .then_with(|| place((x.0, x.1)).cmp(&place((y.0, y.1))))
                .then_with(|| if x.2 == y.2 { std::cmp::Ordering::Equal } else { order(x.2, y.2) })
        });
        let mut seen: HashSet<(u32, u32)> = HashSet::new();
        for (inside, outside, entity, held) in near {
            if !seen.insert((entity, self.incidents.of(outside))) {
                continue;
            }
            if out.near.len() >= self.policy.near_misses as usize {
                out.near_more += 1;
                continue;
            }
            out.near.push(Near { inside: self.ranks.alert(inside), outside: self.ranks.alert(outside), entity, held });
        }
    }
}
