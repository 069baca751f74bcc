//! What holds one incident together, and what almost joined it.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::{HashMap, HashSet};
use petgraph::unionfind::UnionFind;

use super::Correlation;
use super::constraints::{Bond, Constraints, Parts};
use super::scan::{Held, NONE, Rule, Scratch, Visitor};

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

/// Collects links inside a set of ranks and pairs that reach out of it.
struct Collect<'c> {
    inside: &'c dyn Fn(u32) -> bool,
    /// Look on behind a linked pair: where not all that is linked may meet, the next may be what holds.
    all: bool,
    links: Vec<(u32, u32, u32, f64)>,
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
    /// The links and near misses of an incident whose alerts hold `entities`. `order` compares entities
    /// so that ties do not depend on arrival.
    pub(crate) fn links(
        &self,
        incident: u32,
        entities: &[u32],
        bonds: &[Bond],
        scratch: &mut Scratch,
        order: impl Fn(u32, u32) -> std::cmp::Ordering,
    ) -> Links {
        let ranks = self.members(incident);
        let inside = |rank: u32| self.incident[rank as usize] == incident;
        let mut found = self.collect(&mut self.rule(scratch), entities, ranks, &inside, self.is_rebuilt(incident));
        // Strongest first; ties by time, then by what they share.
        let compare = |x: &(u32, u32, u32, f64), y: &(u32, u32, u32, f64)| {
            y.3.total_cmp(&x.3).then((x.0, x.1).cmp(&(y.0, y.1))).then_with(|| {
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
                out.tree.push(Link {
                    a: self.order[a as usize],
                    b: self.order[b as usize],
                    entity,
                    strength,
                    decision,
                });
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
        for bond in bonds {
            let (a, b) = (self.rank[bond.a as usize], self.rank[bond.b as usize]);
            tree(&mut out, a.min(b), a.max(b), NONE, 1.0, Some(bond.by));
        }
        self.near(&mut out, found.near, order);
        out
    }

    fn collect<'c>(
        &self,
        rule: &mut Rule<'_>,
        entities: &[u32],
        ranks: &[u32],
        inside: &'c dyn Fn(u32) -> bool,
        all: bool,
    ) -> Collect<'c> {
        let mut collect = Collect { inside, all, links: Vec::new(), near: Vec::new(), entity: NONE };
        for entity in entities {
            collect.entity = *entity;
            rule.scan(*entity, &mut collect);
        }
        collect.entity = SEQUENCE;
        for rank in ranks {
            rule.follow(*rank, &mut collect);
        }
        collect
    }

    /// One near miss per pair of entity and outer incident, the closest first.
    fn near(
        &self,
        out: &mut Links,
        mut near: Vec<(u32, u32, u32, Held)>,
        order: impl Fn(u32, u32) -> std::cmp::Ordering,
    ) {
        // How close: below the threshold by strength, then past the window by time, then hubs.
        let closeness = |held: &Held| match held {
            Held::Weak { strength } => (0u8, (-strength * 1e6) as i64),
            Held::Window { over } => (1, *over),
            Held::Hub { assets } => (2, i64::from(*assets)),
        };
        near.sort_by(|x, y| {
            closeness(&x.3)
                .cmp(&closeness(&y.3))
                .then((x.0, x.1).cmp(&(y.0, y.1)))
                .then_with(|| if x.2 == y.2 { std::cmp::Ordering::Equal } else { order(x.2, y.2) })
        });
        let mut seen: HashSet<(u32, u32)> = HashSet::new();
        for (inside, outside, entity, held) in near {
            if !seen.insert((entity, self.incident[outside as usize])) {
                continue;
            }
            if out.near.len() >= self.policy.near_misses as usize {
                out.near_more += 1;
                continue;
            }
            out.near.push(Near {
                inside: self.order[inside as usize],
                outside: self.order[outside as usize],
                entity,
                held,
            });
        }
    }

    /// Builds the parts of a set of alerts, strongest links first, refusing those that a label forbids
    /// or that would pass the limit. Gives the earliest member of each alert's part.
    pub(super) fn reassemble(
        &self,
        rule: &mut Rule<'_>,
        ranks: &[u32],
        entities: &[u32],
        constraints: &Constraints,
        limit: u32,
        full: &mut Vec<u32>,
    ) -> Vec<u32> {
        let position: HashMap<u32, u32> = ranks.iter().enumerate().map(|(i, r)| (*r, i as u32)).collect();
        let inside = |rank: u32| position.contains_key(&rank);
        let alerts = || ranks.iter().map(|rank| self.order[*rank as usize]);
        let mut parts = Parts::new(constraints, alerts(), limit);
        for bond in alerts().flat_map(|alert| constraints.bonds(alert)) {
            parts.join(position[&self.rank[bond.a as usize]], position[&self.rank[bond.b as usize]]);
        }
        let mut links = self.collect(rule, entities, ranks, &inside, true).links;
        // The entity decides nothing here, only the pair and the strength.
        links.sort_by(|x, y| y.3.total_cmp(&x.3).then((x.0, x.1).cmp(&(y.0, y.1))));
        // A repeat goes where its head goes, unless a label says otherwise: then with the first repeat that it
        // may meet.
        let mut leaders: HashMap<u32, Vec<u32>> = HashMap::new();
        for rank in ranks {
            let leaders = leaders.entry(self.head[*rank as usize]).or_default();
            let at = position[rank];
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
        roots.iter().zip(ranks).map(|(root, rank)| *first.entry(*root).or_insert(*rank)).collect()
    }
}
