//! Repeats and noise: which alerts are the same again, and how rare each detector is on its asset.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use petgraph::unionfind::UnionFind;

use crate::policy::Correlate;

use super::columns::Columns;
use super::scan::{DAY, NONE, UNDATED};

/// Per rank: the earliest alert of which it is a repeat (itself if of none), and the factor of its
/// detector's rarity on its asset.
pub(super) struct Repeats {
    pub(super) head: Vec<u32>,
    pub(super) factor: Vec<f32>,
}

pub(super) fn find(columns: &Columns<'_>, policy: &Correlate, order: &[u32], time: &[i64], asset: &[u32]) -> Repeats {
    let mut heads = Heads { union: UnionFind::new(order.len()), head: (0..order.len() as u32).collect() };
    let factor = detectors(columns, policy, order, time, asset, &mut heads);
    same_evidence(columns, policy, order, time, &mut heads);
    Repeats { head: heads.finish(), factor }
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

/// Counts alerts of one detector on one asset per calendar window (rarity) and per day (noise).
fn detectors(
    columns: &Columns<'_>,
    policy: &Correlate,
    order: &[u32],
    time: &[i64],
    asset: &[u32],
    heads: &mut Heads,
) -> Vec<f32> {
    let mut factor = vec![1.0f32; order.len()];
    let mut rows: Vec<(u64, u32)> = order
        .iter()
        .enumerate()
        .map(|(rank, alert)| {
            ((u64::from(columns.detector[*alert as usize]) << 32) | u64::from(asset[rank]), rank as u32)
        })
        .collect();
    rows.sort_unstable();
    let calendar = DAY * i64::from(policy.calendar_days);
    for run in rows.chunk_by(|a, b| a.0 == b.0) {
        for window in
            run.chunk_by(|a, b| time[a.1 as usize].div_euclid(calendar) == time[b.1 as usize].div_euclid(calendar))
        {
            let count = window.len() as u32;
            if count > policy.detector_rare {
                // Doublings above the number up to which it counts as rare.
                let class = (count / policy.detector_rare.max(1)).max(1).ilog2() as f32;
                let value = (1.0 - policy.detector_step as f32 * class).max(0.05);
                for (_, rank) in window {
                    factor[*rank as usize] = value;
                }
            }
        }
        if run.first().is_some_and(|(key, _)| *key as u32 == NONE) {
            continue;
        }
        for day in run.chunk_by(|a, b| time[a.1 as usize].div_euclid(DAY) == time[b.1 as usize].div_euclid(DAY)) {
            if day.len() as u32 >= policy.noise_per_day.max(2) && time[day[0].1 as usize] != UNDATED {
                for (_, rank) in &day[1..] {
                    heads.fold(day[0].1, *rank);
                }
            }
        }
    }
    factor
}

/// The same detector with the same set of entities again, soon after.
fn same_evidence(columns: &Columns<'_>, policy: &Correlate, order: &[u32], time: &[i64], heads: &mut Heads) {
    let entities = |rank: u32| {
        let alert = order[rank as usize] as usize;
        &columns.entity[columns.rows[alert] as usize..columns.rows[alert + 1] as usize]
    };
    let mut rows: Vec<(u64, u32)> = (0..order.len() as u32)
        .filter(|rank| !entities(*rank).is_empty() && time[*rank as usize] != UNDATED)
        .map(|rank| {
            // Order-free: rows of an alert are a set. Equality is checked below.
            let sum = entities(rank).iter().fold(0u64, |sum, e| sum.wrapping_add(mix(u64::from(*e) + 1)));
            (mix(sum ^ mix(u64::from(columns.detector[order[rank as usize] as usize]))), rank)
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
            if near && detector(a) == detector(b) {
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
