//! The order of alerts by time, in which one more finds its place without moving the others.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::cmp::Ordering;

use super::scan::UNDATED;

/// Distance between neighbours when all labels are handed out at once.
const STEP: u64 = 1 << 32;
/// Labels of undated alerts begin here: they stand last.
const UNDATED_FROM: u64 = 1 << 63;

/// A label per alert: they rise with time, then with whatever the caller orders equal times by.
///
/// The first alerts stand in their order; later ones take a label between those of their neighbours.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    label: Vec<u64>,
    /// Alerts that were there at first, in order.
    first: u32,
    /// Alerts that came later, in order.
    later: Vec<u32>,
}

impl Order {
    /// INVARIANT: `time` rises, undated ones last.
    pub(super) fn new(time: &[i64]) -> Order {
        let label = time.iter().zip(1u64..).map(|(time, n)| start(*time) + n * STEP);
        Order { label: label.collect(), first: time.len() as u32, later: Vec::new() }
    }

    pub(super) fn of(&self, alert: u32) -> u64 {
        self.label[alert as usize]
    }

    /// Gives the next alert its place; `compare` says how another one stands to it.
    /// `O(log alerts)`, but for the rare case in which there is no room left between two neighbours.
    pub(super) fn insert(&mut self, time: &[i64], compare: &dyn Fn(u32) -> Ordering) {
        let alert = self.label.len() as u32;
        let after = partition(0, self.first, &|other| compare(other) == Ordering::Less);
        let place = self.later.partition_point(|other| compare(*other) == Ordering::Less);
        let label = self.between(time, alert, after, place).or_else(|| {
            self.spread(time);
            self.between(time, alert, after, place)
        });
        // INVARIANT: after spreading there is room between any two.
        self.label.push(label.unwrap_or(u64::MAX));
        self.later.insert(place, alert);
    }

    /// A label between those of the neighbours, about where the time of the alert puts it.
    fn between(&self, time: &[i64], alert: u32, after: u32, place: usize) -> Option<u64> {
        let from = start(time[alert as usize]);
        let until = if from == 0 { UNDATED_FROM } else { u64::MAX };
        let mut below = (from, None);
        for before in [after.checked_sub(1), place.checked_sub(1).map(|at| self.later[at])].into_iter().flatten() {
            if self.of(before) > below.0 {
                below = (self.of(before), Some(before));
            }
        }
        let mut above = (until, None);
        for next in [(after < self.first).then_some(after), self.later.get(place).copied()].into_iter().flatten() {
            if self.of(next) < above.0 {
                above = (self.of(next), Some(next));
            }
        }
        let gap = (above.0 - below.0).saturating_sub(1);
        if gap == 0 {
            return None;
        }
        Some(match (below.1, above.1) {
            // The first or the last: as far off as others are from each other.
            (_, None) => below.0 + gap.min(STEP),
            (None, Some(_)) => above.0 - gap.min(STEP),
            (Some(before), Some(next)) => {
                let [start, at, end] = [before, alert, next].map(|alert| i128::from(time[alert as usize]));
                // In 64ths of the gap, never at its very ends, so that others fit in on either side.
                let share = ((at - start) * 64 / (end - start).max(1)).clamp(2, 62) as u64;
                let share = if end == start { 32 } else { share };
                below.0 + 1 + ((u128::from(gap - 1) * u128::from(share)) / 64) as u64
            }
        })
    }

    /// Hands out all labels anew. `O(alerts)`.
    fn spread(&mut self, time: &[i64]) {
        let mut order: Vec<u32> = (0..self.label.len() as u32).collect();
        order.sort_unstable_by_key(|alert| self.label[*alert as usize]);
        for (alert, n) in order.into_iter().zip(1u64..) {
            self.label[alert as usize] = start(time[alert as usize]) + n * STEP;
        }
    }
}

/// Ranks of alerts by time. INVARIANT: both empty when the alerts come in that order.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranks {
    alerts: Vec<u32>,
    ranks: Vec<u32>,
}

impl Ranks {
    pub(super) fn new(time: &[i64]) -> Ranks {
        let when = |alert: u32| match time[alert as usize] {
            UNDATED => i64::MAX,
            time => time,
        };
        let mut alerts: Vec<u32> = (0..time.len() as u32).collect();
        if alerts.is_sorted_by_key(|a| when(*a)) {
            return Ranks::default();
        }
        alerts.sort_by_key(|a| when(*a));
        let mut ranks = vec![0u32; time.len()];
        for (rank, alert) in alerts.iter().enumerate() {
            ranks[*alert as usize] = rank as u32;
        }
        Ranks { alerts, ranks }
    }

    pub(super) fn alert(&self, rank: u32) -> u32 {
        self.alerts.get(rank as usize).copied().unwrap_or(rank)
    }

    pub(super) fn of(&self, alert: u32) -> u32 {
        self.ranks.get(alert as usize).copied().unwrap_or(alert)
    }
}

fn start(time: i64) -> u64 {
    if time == UNDATED { UNDATED_FROM } else { 0 }
}

/// The first of `from..to` for which `before` does not hold.
fn partition(mut from: u32, mut to: u32, before: &dyn Fn(u32) -> bool) -> u32 {
    while from < to {
        let middle = from + (to - from) / 2;
        if before(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Alerts in the order of their labels.
    fn sorted(order: &Order) -> Vec<u32> {
        let mut alerts: Vec<u32> = (0..order.label.len() as u32).collect();
        alerts.sort_by_key(|alert| order.of(*alert));
        alerts
    }

    #[test]
    fn labels_rise_with_time_however_often_one_place_is_taken() {
        let mut time = vec![10, 1_000, UNDATED];
        let mut order = Order::new(&time);
        let mut next = 1_u64;
        for n in 0..5_000 {
            next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Falling, rising, one and the same time, undated, and anything.
            let at = match n % 5 {
                0 => 900 - n / 10,
                1 => 11 + n / 10,
                2 => 500,
                3 => UNDATED,
                _ => (next >> 52) as i64,
            };
            time.push(at);
            let alert = time.len() as u32 - 1;
            let key = |alert: u32| {
                let at = time[alert as usize];
                (if at == UNDATED { i64::MAX } else { at }, std::cmp::Reverse(alert))
            };
            order.insert(&time, &|other| key(other).cmp(&key(alert)));
        }
        let when = |alert: &u32| if time[*alert as usize] == UNDATED { i64::MAX } else { time[*alert as usize] };
        assert!(sorted(&order).is_sorted_by_key(|alert| (when(alert), std::cmp::Reverse(*alert))));
        let mut labels = order.label.clone();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), time.len());
    }
}
