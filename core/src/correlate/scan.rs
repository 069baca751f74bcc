//! The link rule: which alerts of one entity are linked, how strongly, and what held the others back.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use crate::policy::{Correlate, KindRule};
use crate::resolve::EntityKind;

use super::baseline::{Baseline, Class};
use super::columns::{Columns, Role};

pub(super) const HOUR: i64 = 3_600_000_000_000;
pub(super) const DAY: i64 = 24 * HOUR;
pub(super) const UNDATED: i64 = i64::MIN;
pub(super) const NONE: u32 = u32::MAX;

/// Why two alerts that share an entity are not linked by it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Held {
    /// The entity is on this many assets.
    Hub { assets: u32 },
    /// The gap is longer than the window by this many nanoseconds.
    Window { over: i64 },
    /// The strength is below the threshold.
    Weak { strength: f64 },
}

/// What a scan of one entity's alerts finds. Alerts are given by rank, the earlier one first.
pub(crate) trait Visitor {
    /// Two alerts are linked. `false` asks to look for an earlier partner too: something else keeps them apart.
    fn link(&mut self, a: u32, b: u32, strength: f64) -> bool;
    /// Two alerts are nearly linked.
    fn held(&mut self, a: u32, b: u32, why: Held);
    /// Need this pair be looked at at all?
    fn wants(&mut self, a: u32, b: u32) -> bool;
}

/// Weight and window per kind, with the policy's changes.
pub(crate) fn kind_rules(policy: &Correlate) -> Vec<KindRule> {
    let rule = |kind: &EntityKind| match policy.kinds.get(kind.as_str()) {
        Some(rule) => *rule,
        None if *kind == EntityKind::VendorGroup && !policy.vendor_incidents => KindRule::new(0.0, 0),
        None => kind.link_rule(),
    };
    EntityKind::ALL.iter().map(rule).collect()
}

/// Postings: the alerts of each entity, by rank, with the role in the upper two bits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Postings {
    starts: Vec<u32>,
    alerts: Vec<u32>,
}

const RANK: u32 = (1 << 30) - 1;

impl Postings {
    /// A counting sort: ranks rise within each entity because alerts are visited in order of rank.
    pub(super) fn new(columns: &Columns<'_>, order: &[u32]) -> Postings {
        let mut starts = vec![0u32; columns.kind.len() + 1];
        for entity in columns.entity {
            starts[*entity as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut alerts = vec![0u32; columns.entity.len()];
        for (rank, alert) in order.iter().enumerate() {
            let (from, to) = (columns.rows[*alert as usize] as usize, columns.rows[*alert as usize + 1] as usize);
            for row in from..to {
                let slot = &mut next[columns.entity[row] as usize];
                let role = columns.role.get(row).copied().unwrap_or(Role::Direct as u8);
                alerts[*slot as usize] = rank as u32 | (u32::from(role & 3) << 30);
                *slot += 1;
            }
        }
        Postings { starts, alerts }
    }

    pub(super) fn of(&self, entity: u32) -> &[u32] {
        &self.alerts[self.starts[entity as usize] as usize..self.starts[entity as usize + 1] as usize]
    }

    pub(super) fn ranks(&self, entity: u32) -> impl Iterator<Item = u32> + '_ {
        self.of(entity).iter().map(|p| p & RANK)
    }
}

/// Everything the link rule looks at, per rank.
pub(crate) struct Rule<'c> {
    pub(super) policy: &'c Correlate,
    pub(super) rules: Vec<KindRule>,
    pub(super) kinds: &'c [u8],
    pub(super) postings: &'c Postings,
    /// Time, main asset, factor of the detector's rarity and repeat head, per rank.
    pub(super) time: &'c [i64],
    pub(super) asset: &'c [u32],
    pub(super) factor: &'c [f32],
    pub(super) head: &'c [u32],
    pub(super) baseline: &'c Baseline,
    pub(super) scratch: &'c mut Scratch,
}

/// Memory for counting distinct assets, kept from scan to scan.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The last count in which an asset was seen.
    seen: Vec<u32>,
    count: u32,
    classes: Vec<u32>,
}

impl Scratch {
    pub(super) fn fit(&mut self, entities: usize) {
        if self.seen.len() < entities {
            self.seen.resize(entities, 0);
        }
    }
}

impl Rule<'_> {
    /// Distinct assets per posting, counted over its calendar window, into the scratch.
    fn count_assets(&mut self, list: &[u32]) {
        let scratch = &mut *self.scratch;
        scratch.classes.clear();
        scratch.classes.resize(list.len(), 1);
        let calendar = DAY * i64::from(self.policy.calendar_days);
        let mut from = 0;
        while from < list.len() {
            let window = self.time[(list[from] & RANK) as usize].div_euclid(calendar);
            scratch.count += 1;
            let (mut to, mut assets) = (from, 0u32);
            while to < list.len() && self.time[(list[to] & RANK) as usize].div_euclid(calendar) == window {
                let asset = self.asset[(list[to] & RANK) as usize];
                // An alert without an asset counts as one of its own.
                if asset == NONE {
                    assets += 1;
                } else if scratch.seen[asset as usize] != scratch.count {
                    scratch.seen[asset as usize] = scratch.count;
                    assets += 1;
                }
                to += 1;
            }
            scratch.classes[from..to].fill(assets);
            from = to;
        }
    }

    /// The strength without rarity of the detector and decay, or `None` for a hub.
    fn rarity(&self, assets: u32) -> Option<f64> {
        if assets >= self.policy.hub_assets {
            return None;
        }
        let class = f64::from(assets.max(1).ilog2());
        Some((1.0 - self.policy.rarity_step * class).max(0.05))
    }

    /// Visits the pairs of alerts that share `entity`.
    pub(crate) fn scan(&mut self, entity: u32, visitor: &mut impl Visitor) {
        let postings = self.postings;
        let list = postings.of(entity);
        if list.len() < 2 {
            return;
        }
        let kind = EntityKind::from_index(self.kinds[entity as usize]);
        let rule = self.rules[kind as usize];
        if rule.weight <= 0.0 {
            return;
        }
        let asset = kind.is_asset();
        // An asset is on one asset: itself. A statement is about alerts, not assets.
        let counted = !asset && !kind.is_statement();
        if counted {
            self.count_assets(list);
        }
        let window = i64::from(rule.window_hours) * HOUR;
        for i in 1..list.len() {
            let b = list[i] & RANK;
            if list[i] >> 30 == Role::Common as u32 || (asset && self.says_nothing(b)) {
                continue;
            }
            let from = i.saturating_sub(self.policy.lookback as usize);
            for j in (from..i).rev() {
                let a = list[j] & RANK;
                if list[j] >> 30 == Role::Common as u32 || (asset && self.says_nothing(a)) || !visitor.wants(a, b) {
                    continue;
                }
                let (time_a, time_b) = (self.time[a as usize], self.time[b as usize]);
                let gap = if matches!(kind, EntityKind::VendorGroup | EntityKind::EventSequence) {
                    0
                } else if time_a == UNDATED || time_b == UNDATED {
                    continue;
                } else {
                    time_b.saturating_sub(time_a)
                };
                if gap > window {
                    visitor.held(a, b, Held::Window { over: gap - window });
                    break;
                }
                let assets = if counted { self.scratch.classes[i].max(self.scratch.classes[j]) } else { 1 };
                let Some(rarity) = self.rarity(assets) else {
                    visitor.held(a, b, Held::Hub { assets });
                    break;
                };
                let decay = 1.0 - (1.0 - self.policy.edge_decay) * (gap as f64 / window.max(1) as f64);
                let detectors = if kind.is_statement() {
                    1.0
                } else {
                    f64::from(self.factor[a as usize]) * f64::from(self.factor[b as usize])
                };
                let strength = rule.weight * self.role(list[i]) * self.role(list[j]) * rarity * detectors * decay;
                if strength >= self.policy.threshold {
                    if visitor.link(a, b, strength) {
                        break;
                    }
                    continue;
                }
                visitor.held(a, b, Held::Weak { strength });
            }
        }
    }

    /// What a detector raised again on an asset, or raises there every day, says nothing new about the asset.
    fn says_nothing(&self, rank: u32) -> bool {
        self.head[rank as usize] != rank || self.baseline.class(rank) == Class::Routine
    }

    /// Visits the pair of a notable alert with the notable alert of its tenant before it.
    pub(crate) fn follow(&self, rank: u32, visitor: &mut impl Visitor) {
        if let Some((earlier, strength)) = self.baseline.before(rank, self.time, self.policy)
            && visitor.wants(earlier, rank)
        {
            visitor.link(earlier, rank, strength);
        }
    }

    fn role(&self, posting: u32) -> f64 {
        match posting >> 30 {
            0 => 1.0,
            1 => self.policy.nested_factor,
            _ => self.policy.contextual_factor,
        }
    }
}
