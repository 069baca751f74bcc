//! Repeats and noise: which alerts are the same again, and how rare each detector is on its asset.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use petgraph::unionfind::UnionFind;

use crate::policy::Correlate;

use super::baseline::{Baseline, Class};
use super::columns::Columns;
use super::order::Ranks;
use super::scan::{DAY, NONE, UNDATED};

/// Per alert: the earliest alert of which it is a repeat (itself if of none), the factor of its detector's rarity
/// on its asset in the strength of links, and how much it stands out in an incident's priority.
pub(super) struct Repeats {
    pub(super) head: Vec<u32>,
    pub(super) factor: Vec<f32>,
    pub(super) salience: Vec<f32>,
}

/// The factor of a detector that fires all the time.
const LEAST: f32 = 0.05;

/// (detector, asset) and rank of every alert, sorted.
pub(super) fn pairs(asset: &[u32], detector: &dyn Fn(u32) -> u32) -> Vec<(u64, u32)> {
    let ranks = asset.iter().zip(0u32..);
    let mut pairs: Vec<(u64, u32)> =
        ranks.map(|(asset, rank)| ((u64::from(detector(rank)) << 32) | u64::from(*asset), rank)).collect();
    pairs.sort_unstable();
    pairs
}

/// What repeats are told by, per alert by rank.
#[derive(Clone, Copy)]
pub(super) struct Seen<'s> {
    pub(super) columns: &'s Columns<'s>,
    pub(super) ranks: &'s Ranks,
    pub(super) policy: &'s Correlate,
    pub(super) time: &'s [i64],
    pub(super) asset: &'s [u32],
    pub(super) baseline: &'s Baseline,
}

pub(super) fn find(seen: &Seen<'_>, pairs: &[(u64, u32)]) -> Repeats {
    let alerts = seen.time.len() as u32;
    let mut heads = Heads { union: UnionFind::new(alerts as usize), head: (0..alerts).collect() };
    let (factor, salience) = detectors(seen, pairs, &mut heads);
    same_evidence(seen, &mut heads);
    Repeats { head: heads.finish(), factor, salience }
}

/// Alerts that fold together, each group under its earliest member.
struct Heads {
    union: UnionFind<u32>,
    head: Vec<u32>,
}

impl Heads {
    fn fold(&mut self, earlier: u32, later: u32) {
        let (a, b) = (self.union.find_mut(earlier), self.union.find_mut(later));
        let first = self.head[a as usize].min(self.head[b as usize]);
        self.union.union(a, b);
        let root = self.union.find_mut(a);
        self.head[root as usize] = first;
    }

    fn finish(self) -> Vec<u32> {
        let Heads { union, head } = self;
        union.into_labeling().into_iter().map(|root| head[root as usize]).collect()
    }
}

impl Seen<'_> {
    pub(super) fn detector(&self, rank: u32) -> u32 {
        self.columns.detector[self.ranks.alert(rank) as usize]
    }

    fn entities(&self, rank: u32) -> &[u32] {
        self.columns.entities_of(self.ranks.alert(rank))
    }

    pub(super) fn class(&self, rank: u32) -> Class {
        self.baseline.class(rank)
    }

    /// The detector and the asset of an alert.
    pub(super) fn raised(&self, rank: u32) -> u64 {
        (u64::from(self.detector(rank)) << 32) | u64::from(self.asset[rank as usize])
    }

    /// The detector and the set of entities, mixed; `None` for alerts that repeat nothing.
    pub(super) fn evidence(&self, rank: u32) -> Option<u64> {
        let entities = self.entities(rank);
        (!entities.is_empty() && self.time[rank as usize] != UNDATED).then(|| {
            // Order-free: rows of an alert are a set. Detectors are mixed apart from entities: were one taken for
            // the other, alerts of another detector could stand between two that repeat each other.
            let sum = entities.iter().fold(0u64, |sum, e| sum.wrapping_add(mix(u64::from(*e) + 1)));
            mix(sum ^ mix(u64::from(self.detector(rank)) + (1 << 40)))
        })
    }

    /// All alerts by detector and evidence, each by time.
    pub(super) fn by_evidence(&self) -> Vec<(u64, u32)> {
        let all = 0..self.time.len() as u32;
        let mut rows: Vec<(u64, u32)> = all.filter_map(|rank| Some((self.evidence(rank)?, rank))).collect();
        rows.sort_unstable();
        rows
    }

    /// Of two neighbours by evidence: does the later one repeat the earlier one?
    pub(super) fn repeats(&self, a: u32, b: u32) -> bool {
        let window = i64::from(self.policy.repeat_hours) * DAY / 24;
        let near = self.time[b as usize].saturating_sub(self.time[a as usize]) <= window;
        if !near || self.detector(a) != self.detector(b) || self.class(a) != self.class(b) {
            return false;
        }
        let sorted = |rank: u32| {
            let mut entities = self.entities(rank).to_vec();
            entities.sort_unstable();
            entities
        };
        sorted(a) == sorted(b)
    }

    /// The calendar window of an alert.
    pub(super) fn calendar(&self, rank: u32) -> i64 {
        self.period(rank, i64::from(self.policy.calendar_days))
    }

    /// The day of an alert.
    pub(super) fn day(&self, rank: u32) -> i64 {
        self.period(rank, 1)
    }

    fn period(&self, rank: u32, days: i64) -> i64 {
        let time = self.time[rank as usize];
        // Undated alerts stand last.
        if time == UNDATED { i64::MAX } else { time.div_euclid(DAY * days) }
    }

    /// The factor of a detector that raised so many alerts on an asset in a calendar window.
    fn rarity(&self, count: usize) -> f32 {
        let (count, rare) = (count as u32, self.policy.detector_rare);
        if count <= rare {
            return 1.0;
        }
        // Doublings above the number up to which it counts as rare.
        let class = (count / rare.max(1)).max(1).ilog2() as f32;
        (1.0 - self.policy.detector_step as f32 * class).max(LEAST)
    }

    /// The factor of an alert that is one of so many, and how much it stands out.
    pub(super) fn weights(&self, rank: u32, count: usize) -> (f32, f32) {
        match self.class(rank) {
            // What is unusual here may be many at once and is no noise.
            Class::Notable => (1.0, 1.0),
            Class::Routine => (self.rarity(count), LEAST / (1 + (count as u32).max(1).ilog2()) as f32),
            Class::Unknown => (self.rarity(count), self.rarity(count)),
        }
    }

    /// Is an alert that its detector raises on the asset every day the same as the one before?
    pub(super) fn recurs(&self, earlier: u32, later: u32) -> bool {
        let calendar = DAY * i64::from(self.policy.calendar_days);
        self.time[later as usize].saturating_sub(self.time[earlier as usize]) <= calendar
    }

    /// Do the alerts of one detector on one asset on one day say no more than one of them?
    pub(super) fn is_noise(&self, day: &[u32]) -> bool {
        day.len() as u32 >= self.policy.noise_per_day.max(2)
            && day
                .first()
                .is_some_and(|rank| self.asset[*rank as usize] != NONE && self.time[*rank as usize] != UNDATED)
    }
}

/// Counts alerts of one detector on one asset per calendar window (rarity) and per day (noise), and folds what is
/// routine: every day's into the days' before.
fn detectors(seen: &Seen<'_>, pairs: &[(u64, u32)], heads: &mut Heads) -> (Vec<f32>, Vec<f32>) {
    let (mut factor, mut salience) = (vec![1.0f32; pairs.len()], vec![1.0f32; pairs.len()]);
    let mut run: Vec<u32> = Vec::new();
    for pair in pairs.chunk_by(|a, b| a.0 == b.0) {
        run.clear();
        run.extend(pair.iter().map(|(_, rank)| *rank));
        for window in run.chunk_by(|a, b| seen.calendar(*a) == seen.calendar(*b)) {
            for rank in window {
                (factor[*rank as usize], salience[*rank as usize]) = seen.weights(*rank, window.len());
            }
        }
        if seen.asset[run[0] as usize] == NONE {
            continue;
        }
        if run.len() as u32 >= seen.policy.noise_per_day {
            for day in run.chunk_by(|a, b| seen.day(*a) == seen.day(*b)).filter(|day| seen.is_noise(day)) {
                // What stands out of the noise does not drown in it.
                for class in [Class::Unknown, Class::Routine, Class::Notable] {
                    let mut alike = day.iter().copied().filter(|rank| seen.class(*rank) == class);
                    if let Some(first) = alike.next() {
                        alike.for_each(|rank| heads.fold(first, rank));
                    }
                }
            }
        }
        let mut daily = run.iter().copied().filter(|rank| seen.class(*rank) == Class::Routine);
        let Some(mut earlier) = daily.next() else { continue };
        for later in daily {
            if seen.recurs(earlier, later) {
                heads.fold(earlier, later);
            }
            earlier = later;
        }
    }
    (factor, salience)
}

/// The same detector with the same set of entities again, soon after.
fn same_evidence(seen: &Seen<'_>, heads: &mut Heads) {
    for run in seen.by_evidence().chunk_by(|a, b| a.0 == b.0) {
        for pair in run.windows(2) {
            if seen.repeats(pair[0].1, pair[1].1) {
                heads.fold(pair[0].1, pair[1].1);
            }
        }
    }
}

/// The finaliser of SplitMix64: spreads an id over 64 bits.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
