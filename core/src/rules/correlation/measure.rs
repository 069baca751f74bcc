//! What a window holds, kept up while matches come in and go out.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: ids are positions in the sorted values that `ranks` makes")]

use std::collections::BTreeMap;

use super::number::{Fixed, float};
use super::resolve::Planned;
use super::sources::{Entry, Group};
use crate::rules::ast::CorrelationKind;

pub(super) enum Measure<'g> {
    Events(u64),
    Rules(Distinct),
    Ordered(Ordered<'g>),
    Values(&'g Group, Vec<usize>, Distinct),
    Sum(&'g Group, Fixed),
    Average(&'g Group, Fixed, u64),
    Quantile(&'g Group, Vec<usize>, Quantile),
}

impl<'g> Measure<'g> {
    pub(super) fn new(planned: &'g Planned, group: &'g Group) -> Self {
        match planned.kind {
            CorrelationKind::EventCount => Self::Events(0),
            CorrelationKind::Temporal => Self::Rules(Distinct::new(planned.targets.len())),
            CorrelationKind::TemporalOrdered => Self::Ordered(Ordered::new(&planned.order, planned.targets.len())),
            CorrelationKind::ValueCount => {
                let (ids, sorted) = ranks(&group.texts);
                Self::Values(group, ids, Distinct::new(sorted.len()))
            }
            CorrelationKind::ValueSum => Self::Sum(group, 0),
            CorrelationKind::ValueAvg => Self::Average(group, 0, 0),
            CorrelationKind::ValueMedian | CorrelationKind::ValuePercentile => {
                let (ids, sorted) = ranks(&group.numbers);
                Self::Quantile(group, ids, Quantile::new(sorted, planned.percentile))
            }
        }
    }

    /// Entries of one time, of which the first is number `first` of the group, come in.
    pub(super) fn put(&mut self, first: usize, together: &[Entry]) {
        if let Self::Ordered(ordered) = self {
            return ordered.put(together);
        }
        for (at, entry) in together.iter().enumerate() {
            match self {
                Self::Events(count) => *count += 1,
                Self::Rules(rules) => rules.put(entry.target as usize),
                Self::Ordered(_) => {}
                Self::Values(group, ids, values) => ids[group.span(first + at)].iter().for_each(|id| values.put(*id)),
                Self::Sum(group, sum) => *sum += group.sum(first + at),
                Self::Average(group, sum, count) => {
                    *sum += group.sum(first + at);
                    *count += group.span(first + at).len() as u64;
                }
                Self::Quantile(group, ids, values) => ids[group.span(first + at)].iter().for_each(|id| values.put(*id)),
            }
        }
    }

    /// Entry number `at` of the group goes out.
    pub(super) fn take(&mut self, at: usize, entry: &Entry) {
        match self {
            Self::Events(count) => *count -= 1,
            Self::Rules(rules) => rules.take(entry.target as usize),
            Self::Ordered(_) => {}
            Self::Values(group, ids, values) => ids[group.span(at)].iter().for_each(|id| values.take(*id)),
            Self::Sum(group, sum) => *sum -= group.sum(at),
            Self::Average(group, sum, count) => {
                *sum -= group.sum(at);
                *count -= group.span(at).len() as u64;
            }
            Self::Quantile(group, ids, values) => ids[group.span(at)].iter().for_each(|id| values.take(*id)),
        }
    }

    /// The measure of a window that begins at `begin`; `None` when there is nothing to measure.
    pub(super) fn value(&self, begin: i64) -> Option<f64> {
        match self {
            Self::Events(count) => Some(*count as f64),
            Self::Rules(rules) => Some(rules.distinct as f64),
            Self::Ordered(ordered) => Some(ordered.reached(begin) as f64),
            Self::Values(_, _, values) => Some(values.distinct as f64),
            Self::Sum(_, sum) => Some(float(*sum)),
            Self::Average(_, sum, count) => (*count > 0).then(|| float(*sum) / *count as f64),
            Self::Quantile(_, _, values) => values.value(),
        }
    }
}

impl Group {
    fn span(&self, at: usize) -> std::ops::Range<usize> {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        from..self.ends[at]
    }

    fn sum(&self, at: usize) -> Fixed {
        self.numbers[self.span(at)].iter().sum()
    }
}

/// The place of each value among the sorted distinct ones, and those.
fn ranks<K: Ord + Clone>(values: &[K]) -> (Vec<usize>, Vec<K>) {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let ids = values.iter().map(|value| sorted.partition_point(|other| other < value)).collect();
    (ids, sorted)
}

/// How many different ids are in.
pub(super) struct Distinct {
    counts: Vec<u64>,
    distinct: u64,
}

impl Distinct {
    fn new(ids: usize) -> Self {
        Self { counts: vec![0; ids], distinct: 0 }
    }

    fn put(&mut self, id: usize) {
        self.distinct += u64::from(self.counts[id] == 0);
        self.counts[id] += 1;
    }

    fn take(&mut self, id: usize) {
        self.counts[id] -= 1;
        self.distinct -= u64::from(self.counts[id] == 0);
    }
}

/// How many rules of a list, from its first, match one after another.
pub(super) struct Ordered<'g> {
    /// The target at each place of the list.
    order: &'g [u32],
    /// The places of each target, last first.
    places: Vec<Vec<usize>>,
    /// For each place, the latest time at which a sequence that has reached it began; it never rises from
    /// one place to the next.
    begun: Vec<Option<i64>>,
}

impl<'g> Ordered<'g> {
    fn new(order: &'g [u32], targets: usize) -> Self {
        let mut places = vec![Vec::new(); targets];
        for (place, target) in order.iter().enumerate().rev() {
            places[*target as usize].push(place);
        }
        Self { order, places, begun: vec![None; order.len()] }
    }

    /// Matches of one time follow each other in whatever order serves, each of them once for its rule.
    fn put(&mut self, together: &[Entry]) {
        let time = together[0].time;
        let mut at_hand: BTreeMap<u32, usize> = BTreeMap::new();
        for entry in together {
            *at_hand.entry(entry.target).or_default() += 1;
        }
        let mut places: Vec<usize> =
            at_hand.keys().flat_map(|target| &self.places[*target as usize]).copied().collect();
        // From the last place to the first, so that each step builds on what was reached before this time.
        places.sort_unstable_by(|a, b| b.cmp(a));
        for place in places {
            let mut left = at_hand.clone();
            let mut from = place + 1;
            while let Some(count) = from.checked_sub(1).and_then(|at| left.get_mut(&self.order[at]))
                && *count > 0
            {
                *count -= 1;
                from -= 1;
            }
            let begun = if from == 0 { Some(time) } else { self.begun[from - 1] };
            self.begun[place] = self.begun[place].max(begun);
        }
    }

    fn reached(&self, begin: i64) -> usize {
        self.begun.partition_point(|begun| begun.is_some_and(|begun| begun >= begin))
    }
}

/// Values that can be asked for the one at a rank: counts in a Fenwick tree over the sorted distinct values.
pub(super) struct Quantile {
    sorted: Vec<Fixed>,
    tree: Vec<u64>,
    count: u64,
    percentile: f64,
}

impl Quantile {
    fn new(sorted: Vec<Fixed>, percentile: f64) -> Self {
        let tree = vec![0; sorted.len() + 1];
        Self { sorted, tree, count: 0, percentile: percentile.clamp(0.0, 100.0) }
    }

    fn put(&mut self, id: usize) {
        self.count += 1;
        self.each(id, |count| *count += 1);
    }

    fn take(&mut self, id: usize) {
        self.count -= 1;
        self.each(id, |count| *count -= 1);
    }

    fn each(&mut self, id: usize, mut change: impl FnMut(&mut u64)) {
        let mut at = id + 1;
        while let Some(count) = self.tree.get_mut(at) {
            change(count);
            at += at & at.wrapping_neg();
        }
    }

    /// The value with `rank` values before it.
    fn at(&self, mut rank: u64) -> f64 {
        let mut at = 0;
        let mut step = self.tree.len().next_power_of_two();
        while step > 0 {
            if let Some(count) = self.tree.get(at + step).filter(|count| **count <= rank) {
                rank -= count;
                at += step;
            }
            step /= 2;
        }
        self.sorted.get(at).map_or(0.0, |value| float(*value))
    }

    fn value(&self) -> Option<f64> {
        let last = self.count.checked_sub(1)?;
        let rank = self.percentile / 100.0 * last as f64;
        let (low, high) = (self.at(rank.floor() as u64), self.at(rank.ceil() as u64));
        Some(low + rank.fract() * (high - low))
    }
}
