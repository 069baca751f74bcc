//! The link rule: which alerts of one entity are linked, how strongly, and what held the others back.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use crate::policy::{Correlate, KindRule};
use crate::resolve::EntityKind;

use super::baseline::{Baseline, Class};
use super::census::Census;
use super::postings::{Posting, Postings};

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

/// What a scan of one entity's alerts finds. The earlier alert is given first.
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

/// Everything the link rule looks at, per alert.
pub(crate) struct Rule<'c> {
    pub(super) policy: &'c Correlate,
    pub(super) rules: &'c [KindRule],
    pub(super) kinds: &'c [u8],
    pub(super) postings: &'c Postings,
    /// Asset counts that are kept, when they are.
    pub(super) census: Option<&'c Census>,
    /// Time, main asset, factor of the detector's rarity and repeat head, per alert.
    pub(super) time: &'c [i64],
    pub(super) asset: &'c [u32],
    pub(super) factor: &'c [f32],
    pub(super) head: &'c [u32],
    pub(super) baseline: &'c Baseline,
}

/// Memory for counting distinct assets, kept from scan to scan.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The last count in which an asset was seen.
    seen: Vec<u32>,
    count: u32,
    classes: Vec<u32>,
}

impl Scratch {
    pub(super) fn new(entities: usize) -> Scratch {
        Scratch { seen: vec![0; entities], ..Scratch::default() }
    }
}

/// What is the same for all alerts of an entity.
#[derive(Debug, Clone, Copy)]
struct Kind {
    kind: EntityKind,
    rule: KindRule,
    /// Are its assets counted? An asset is on one asset: itself. A statement is about alerts, not assets.
    counted: bool,
    /// Longest gap, in nanoseconds.
    window: i64,
}

impl Rule<'_> {
    /// The calendar window of a time, in which assets are counted.
    pub(super) fn calendar(&self, time: i64) -> i64 {
        calendar(time, self.policy)
    }

    /// Are the assets of this entity counted?
    pub(super) fn is_counted(&self, entity: u32) -> bool {
        let kind = EntityKind::from_index(self.kinds[entity as usize]);
        !kind.is_asset() && !kind.is_statement()
    }

    /// Distinct assets per posting, counted over its calendar window, into the scratch.
    fn count_assets(&self, list: &[Posting], scratch: &mut Scratch) {
        scratch.classes.clear();
        scratch.classes.resize(list.len(), 1);
        let mut from = 0;
        while from < list.len() {
            let window = self.calendar(self.time[list[from].alert() as usize]);
            scratch.count += 1;
            let (mut to, mut assets) = (from, 0u32);
            while to < list.len() && self.calendar(self.time[list[to].alert() as usize]) == window {
                let asset = self.asset[list[to].alert() as usize];
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

    /// Distinct assets of an entity in a calendar window.
    pub(super) fn assets(&self, entity: u32, window: i64) -> u32 {
        if let Some(kept) = self.census.and_then(|census| census.of(entity, window)) {
            return kept;
        }
        let list = self.postings.of(entity);
        let range = in_window(list, window, self.time, self.policy);
        count(list[range].iter().map(|posting| self.asset[posting.alert() as usize]))
    }

    /// The loss of strength that the number of assets means: a power of two, or `None` for a hub.
    pub(super) fn class(&self, assets: u32) -> Option<u32> {
        (assets < self.policy.hub_assets).then(|| assets.max(1).ilog2())
    }

    /// The calendar windows in which an entity is a hub, with its assets, as the last scan counted them.
    pub(super) fn hubs(&self, entity: u32, scratch: &Scratch, mut keep: impl FnMut(i64, u32)) {
        let list = self.postings.of(entity);
        if list.len() < 2 || list.len() < self.policy.hub_assets as usize {
            return;
        }
        if !self.kind(entity).is_some_and(|kind| kind.counted) {
            return;
        }
        let mut last = None;
        for (posting, assets) in list.iter().zip(&scratch.classes) {
            let window = self.calendar(self.time[posting.alert() as usize]);
            if *assets >= self.policy.hub_assets && last != Some(window) {
                keep(window, *assets);
            }
            last = Some(window);
        }
    }

    fn kind(&self, entity: u32) -> Option<Kind> {
        let kind = EntityKind::from_index(self.kinds[entity as usize]);
        let rule = self.rules[kind as usize];
        let window = i64::from(rule.window_hours) * HOUR;
        (rule.weight > 0.0).then(|| Kind { kind, rule, counted: self.is_counted(entity), window })
    }

    /// Visits the pairs of alerts that share `entity`.
    pub(super) fn scan(&self, entity: u32, scratch: &mut Scratch, visitor: &mut impl Visitor) {
        let list = self.postings.of(entity);
        if list.len() < 2 {
            return;
        }
        let Some(kind) = self.kind(entity) else { return };
        if kind.counted {
            self.count_assets(list, scratch);
        }
        for i in 1..list.len() {
            self.step(kind, list, i, &mut |at| scratch.classes[at], visitor);
        }
    }

    /// As [`scan`](Self::scan), but only the pairs whose later alert stands at one of these positions.
    pub(super) fn around(&self, entity: u32, positions: &[usize], visitor: &mut impl Visitor) {
        let list = self.postings.of(entity);
        if list.len() < 2 {
            return;
        }
        let Some(kind) = self.kind(entity) else { return };
        let mut known: Vec<(i64, u32)> = Vec::new();
        let mut classes = |at: usize| {
            let window = self.calendar(self.time[list[at].alert() as usize]);
            // Positions rise, so that the window is the same as before, or one of few.
            if let Some((_, assets)) = known.iter().rev().find(|(w, _)| *w == window) {
                return *assets;
            }
            let assets = self.assets(entity, window);
            known.push((window, assets));
            assets
        };
        for i in positions {
            self.step(kind, list, *i, &mut classes, visitor);
        }
    }

    /// Compares one alert with those before it. `classes` counts the assets of a position.
    fn step(
        &self,
        of: Kind,
        list: &[Posting],
        i: usize,
        classes: &mut impl FnMut(usize) -> u32,
        visitor: &mut impl Visitor,
    ) {
        let Kind { kind, rule, counted, window } = of;
        let asset = kind.is_asset();
        let b = list[i].alert();
        let silent = |posting: Posting| posting.is_common() || (asset && self.says_nothing(posting.alert()));
        if silent(list[i]) {
            return;
        }
        let from = i.saturating_sub(self.policy.lookback as usize);
        for j in (from..i).rev() {
            let a = list[j].alert();
            if silent(list[j]) || !visitor.wants(a, b) {
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
            let assets = if counted { classes(i).max(classes(j)) } else { 1 };
            let Some(class) = self.class(assets) else {
                visitor.held(a, b, Held::Hub { assets });
                break;
            };
            let rarity = (1.0 - self.policy.rarity_step * f64::from(class)).max(0.05);
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

    /// What a detector raised again on an asset, or raises there every day, says nothing new about the asset.
    fn says_nothing(&self, alert: u32) -> bool {
        self.head[alert as usize] != alert || self.baseline.class(alert) == Class::Routine
    }

    /// Visits the pair of a notable alert with the notable alert of its tenant before it.
    pub(super) fn follow(&self, alert: u32, visitor: &mut impl Visitor) {
        if let Some((earlier, strength)) = self.baseline.before(alert, self.time, self.policy)
            && visitor.wants(earlier, alert)
        {
            visitor.link(earlier, alert, strength);
        }
    }

    fn role(&self, posting: Posting) -> f64 {
        match posting.role() {
            0 => 1.0,
            1 => self.policy.nested_factor,
            _ => self.policy.contextual_factor,
        }
    }
}

fn calendar(time: i64, policy: &Correlate) -> i64 {
    // Undated alerts stand last, in a window of their own.
    if time == UNDATED { i64::MAX } else { time.div_euclid(DAY * i64::from(policy.calendar_days)) }
}

/// The postings of `list` in a calendar window.
pub(super) fn in_window(list: &[Posting], window: i64, time: &[i64], policy: &Correlate) -> std::ops::Range<usize> {
    let of = |posting: &Posting| calendar(time[posting.alert() as usize], policy);
    list.partition_point(|p| of(p) < window)..list.partition_point(|p| of(p) <= window)
}

/// Distinct assets; an alert without one counts as one of its own.
fn count(assets: impl Iterator<Item = u32>) -> u32 {
    let mut assets: Vec<u32> = assets.collect();
    assets.sort_unstable();
    let bare = assets.len() - assets.partition_point(|asset| *asset != NONE);
    assets.dedup();
    (assets.len() - usize::from(bare > 0) + bare) as u32
}
