//! The notable alerts of each tenant in sequence: which follows which, and how long a gap is bridged.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::{HashMap, HashSet};

use crate::policy::Correlate;

use super::{Habits, Stirred, Told, within};
use crate::correlate::baseline::{day, reach};
use crate::correlate::order::Order;

impl Habits {
    /// Takes an alert into the sequence of its tenant, or out of it.
    pub(in crate::correlate) fn stand_out(
        &mut self,
        alert: u32,
        stands_out: bool,
        order: &Order,
        policy: &Correlate,
        stirred: &mut Stirred,
    ) {
        let told = self.told[alert as usize];
        let tenant = u64::from(told.tenant);
        if stands_out {
            self.notable.insert(tenant, alert, order);
        } else {
            self.notable.remove(tenant, alert, order);
        }
        stirred.turns.push((told.tenant, told.time));
        self.mark(&told, stands_out, policy, stirred);
    }

    /// Counts a notable alert on its asset, and notes the days that now bridge other gaps.
    pub(super) fn mark(&mut self, told: &Told, comes: bool, policy: &Correlate, stirred: &mut Stirred) {
        let at = day(told.time);
        let on_asset = self.assets.entry((told.tenant, at)).or_default().entry(told.asset).or_default();
        let had = *on_asset > 0;
        *on_asset = if comes { *on_asset + 1 } else { *on_asset - 1 };
        if had == (*on_asset > 0) {
            return;
        }
        for other in within(policy, at) {
            let around = self.around.entry((told.tenant, other)).or_default();
            let before = reach(around.len(), policy);
            let days = around.entry(told.asset).or_default();
            *days = if comes { *days + 1 } else { *days - 1 };
            if *days == 0 {
                around.remove(&told.asset);
            }
            if reach(around.len(), policy) != before {
                stirred.days.insert((told.tenant, other));
            }
        }
    }

    fn reach(&self, alert: u32, policy: &Correlate) -> Option<i64> {
        let told = self.told[alert as usize];
        reach(self.around.get(&(told.tenant, day(told.time))).map_or(0, HashMap::len), policy)
    }

    /// The notable alert of the tenant before this one, and the gap that the two bridge.
    pub(in crate::correlate) fn before(&self, alert: u32, time: &[i64], policy: &Correlate) -> Option<(u32, i64)> {
        let told = self.told.get(alert as usize)?;
        let list = self.notable.of(u64::from(told.tenant));
        let at = self.place(list, alert)?;
        let own = self.reach(alert, policy)?;
        let mut left = &list[..at];
        while let Some(earlier) = left.last() {
            // Days with too many assets are none of the sequence; what is too far off is no link.
            match self.reach(*earlier, policy) {
                Some(reach) => return Some((*earlier, own.min(reach))),
                None if time[alert as usize].saturating_sub(time[*earlier as usize]) > own => return None,
                None => left = &left[..left.partition_point(|other| self.day_of(*other) < self.day_of(*earlier))],
            }
        }
        None
    }

    /// Where the alert stands in a list by time.
    fn place(&self, list: &[u32], alert: u32) -> Option<usize> {
        let time = self.told[alert as usize].time;
        let from = list.partition_point(|other| self.told[*other as usize].time < time);
        list[from..].iter().position(|other| *other == alert).map(|at| from + at)
    }

    /// The next notable alert after this one that is in the sequence.
    pub(in crate::correlate) fn after(&self, alert: u32, policy: &Correlate) -> Option<u32> {
        let list = self.notable.of(u64::from(self.told[alert as usize].tenant));
        let at = self.place(list, alert)? + 1;
        self.next(list.get(at..)?, policy)
    }

    /// The first of these alerts that is in the sequence.
    fn next(&self, mut right: &[u32], policy: &Correlate) -> Option<u32> {
        while let Some(first) = right.first() {
            if self.reach(*first, policy).is_some() {
                return Some(*first);
            }
            right = &right[right.partition_point(|other| self.day_of(*other) <= self.day_of(*first))..];
        }
        None
    }

    /// The notable alerts that may follow another one than before.
    pub(in crate::correlate) fn followers(&self, policy: &Correlate, stirred: &Stirred) -> HashSet<u32> {
        let mut out = HashSet::new();
        for (tenant, time) in &stirred.turns {
            let list = self.notable.of(u64::from(*tenant));
            let at = |alert: &u32| self.told[*alert as usize].time;
            let from = list.partition_point(|alert| at(alert) < *time);
            let to = list.partition_point(|alert| at(alert) <= *time);
            out.extend(&list[from..to]);
            out.extend(self.next(&list[to..], policy));
        }
        for (tenant, day) in &stirred.days {
            let list = self.notable.of(u64::from(*tenant));
            let from = list.partition_point(|alert| self.day_of(*alert) < *day);
            let to = list.partition_point(|alert| self.day_of(*alert) <= *day);
            out.extend(&list[from..to]);
            out.extend(self.next(&list[to..], policy));
        }
        out
    }
}
