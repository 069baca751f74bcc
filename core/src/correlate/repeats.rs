//! Repeats and noise: which alerts are the same again, and how rare each detector is on its asset.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use petgraph::unionfind::UnionFind;

use crate::policy::Correlate;

use super::baseline::{Baseline, Class};
use super::columns::Columns;
use super::scan::{DAY, NONE, UNDATED};

/// Per rank: the earliest alert of which it is a repeat (itself if of none), the factor of its detector's rarity
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

pub(super) fn find(
    columns: &Columns<'_>,
    policy: &Correlate,
    order: &[u32],
    time: &[i64],
    pairs: &[(u64, u32)],
    baseline: &Baseline,
) -> Repeats {
    let mut heads = Heads { union: UnionFind::new(order.len()), head: (0..order.len() as u32).collect() };
    let (factor, salience) = detectors(policy, time, pairs, baseline, &mut heads);
    same_evidence(columns, policy, order, time, baseline, &mut heads);
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

/// Counts alerts of one detector on one asset per calendar window (rarity) and per day (noise), and folds what is
/// routine: every day's into the days' before.
fn detectors(
    policy: &Correlate,
    time: &[i64],
    pairs: &[(u64, u32)],
    baseline: &Baseline,
    heads: &mut Heads,
) -> (Vec<f32>, Vec<f32>) {
    let mut factor = vec![1.0f32; pairs.len()];
    let mut routine: Vec<(u32, f32)> = Vec::new();
    let calendar = DAY * i64::from(policy.calendar_days);
    for run in pairs.chunk_by(|a, b| a.0 == b.0) {
        for window in
            run.chunk_by(|a, b| time[a.1 as usize].div_euclid(calendar) == time[b.1 as usize].div_euclid(calendar))
        {
            let count = window.len() as u32;
            let routinely = window.iter().filter(|(_, rank)| baseline.class(*rank) == Class::Routine);
            routine.extend(routinely.map(|(_, rank)| (*rank, LEAST / (1 + count.ilog2()) as f32)));
            if count > policy.detector_rare {
                // Doublings above the number up to which it counts as rare.
                let class = (count / policy.detector_rare.max(1)).max(1).ilog2() as f32;
                let value = (1.0 - policy.detector_step as f32 * class).max(LEAST);
                // What is unusual here may be many at once and is no noise.
                for (_, rank) in window.iter().filter(|(_, rank)| baseline.class(*rank) != Class::Notable) {
                    factor[*rank as usize] = value;
                }
            }
        }
        if run.first().is_some_and(|(key, _)| *key as u32 == NONE) {
            continue;
        }
        for day in run.chunk_by(|a, b| time[a.1 as usize].div_euclid(DAY) == time[b.1 as usize].div_euclid(DAY)) {
            if day.len() as u32 >= policy.noise_per_day.max(2) && time[day[0].1 as usize] != UNDATED {
                // What stands out of the noise does not drown in it.
                for class in [Class::Unknown, Class::Routine, Class::Notable] {
                    let mut alike = day.iter().map(|(_, rank)| *rank).filter(|rank| baseline.class(*rank) == class);
                    if let Some(first) = alike.next() {
                        alike.for_each(|rank| heads.fold(first, rank));
                    }
                }
            }
        }
        let mut daily = run.iter().map(|(_, rank)| *rank).filter(|rank| baseline.class(*rank) == Class::Routine);
        let Some(mut earlier) = daily.next() else { continue };
        for later in daily {
            if time[later as usize].saturating_sub(time[earlier as usize]) <= calendar {
                heads.fold(earlier, later);
            }
            earlier = later;
        }
    }
    let mut salience = factor.clone();
    for (rank, value) in routine {
        salience[rank as usize] = value;
    }
    (factor, salience)
}

/// The same detector with the same set of entities again, soon after.
fn same_evidence(
    columns: &Columns<'_>,
    policy: &Correlate,
    order: &[u32],
    time: &[i64],
    baseline: &Baseline,
    heads: &mut Heads,
) {
    let entities = |rank: u32| {
        let alert = order[rank as usize] as usize;
        &columns.entity[columns.rows[alert] as usize..columns.rows[alert + 1] as usize]
    };
    let mut rows: Vec<(u64, u32)> = (0..order.len() as u32)
        .filter(|rank| !entities(*rank).is_empty() && time[*rank as usize] != UNDATED)
        .map(|rank| {
            // Order-free: rows of an alert are a set. Equality is checked below. Detectors are mixed apart from
            // entities: were one taken for the other, alerts of another detector could stand between two that repeat
            // each other.
            let sum = entities(rank).iter().fold(0u64, |sum, e| sum.wrapping_add(mix(u64::from(*e) + 1)));
            (mix(sum ^ mix(u64::from(columns.detector[order[rank as usize] as usize]) + (1 << 40))), rank)
        })
        .collect();
    rows.sort_unstable();
    let window = i64::from(policy.repeat_hours) * DAY / 24;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for run in rows.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        for pair in run.windows(2) {
            let (a, b) = (pair[0].1, pair[1].1);
            let near = time[b as usize].saturating_sub(time[a as usize]) <= window;
            let detector = |rank: u32| columns.detector[order[rank as usize] as usize];
            if near && detector(a) == detector(b) && baseline.class(a) == baseline.class(b) {
                for (list, rank) in [(&mut left, a), (&mut right, b)] {
                    list.clear();
                    list.extend_from_slice(entities(rank));
                    list.sort_unstable();
                }
                if left == right {
                    heads.fold(a, b);
                }
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
