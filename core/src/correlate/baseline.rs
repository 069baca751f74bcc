//! What is routine in a tenant, and what is unusual there: counted from the alerts themselves, day by day.
//!
//! A day with alerts in half of its hours is *observed*. A detector that fires on nearly every observed day
//! around an alert is daily noise of the tenant, and where it also fires on the asset on several days, the alert
//! is **routine**. Everything else is **notable**, once enough days are observed; before that nobody can tell.
//! All counts are of whole days around the alert, so that one more alert seldom changes a class.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use crate::policy::Correlate;

use super::habits::Habits;
use super::scan::{DAY, HOUR, NONE, UNDATED};

/// How an alert stands out in its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Class {
    /// Too little is observed around it.
    #[default]
    Unknown,
    /// Its detector fires every day, on this asset too.
    Routine,
    /// It is none of the daily noise.
    Notable,
}

/// The alerts that are classed, by rank: rows of one alert each.
pub(super) struct Alerts<'a> {
    pub(super) time: &'a [i64],
    pub(super) asset: &'a [u32],
    /// Dense detector and tenant per rank; a detector belongs to one tenant.
    pub(super) detector: &'a dyn Fn(u32) -> u32,
    pub(super) tenant: &'a dyn Fn(u32) -> u32,
    /// (detector, asset) and rank, sorted.
    pub(super) pairs: &'a [(u64, u32)],
}

/// The class of every alert, and the notable ones in sequence.
#[derive(Debug, Clone, Default)]
pub(super) struct Baseline {
    class: Vec<Class>,
    /// Ranks of the notable alerts with a reach, tenant after tenant, by time.
    sequence: Vec<u32>,
    /// Tenant of each item of `sequence`.
    tenant: Vec<u32>,
    /// Longest gap in nanoseconds that each item bridges.
    reach: Vec<i64>,
    /// Place in `sequence` of each rank; `NONE` where it has none. Empty when there is no sequence.
    place: Vec<u32>,
    /// What is counted, once alerts come and go; the sequence is kept there then.
    pub(super) habits: Option<Box<Habits>>,
}

pub(super) fn day(time: i64) -> i64 {
    time.div_euclid(DAY)
}

fn distinct(mut ids: Vec<u32>) -> Vec<u32> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl Baseline {
    pub(super) fn new(alerts: &Alerts<'_>, policy: &Correlate) -> Baseline {
        let observed = Observed::new(alerts, policy);
        let mut out = Baseline::default();
        if observed.days.is_empty() {
            return out;
        }
        out.class = vec![Class::Unknown; alerts.time.len()];
        let quiet = classify(alerts, policy, &observed, &mut out.class);
        accompanied(alerts, policy, &quiet, &mut out.class);
        out.follow(alerts, policy);
        out
    }

    /// Is anything told from anything?
    pub(super) fn is_known(&self) -> bool {
        self.habits.as_ref().map_or(!self.class.is_empty(), |habits| habits.is_known())
    }

    /// Counts what is kept from now on.
    pub(super) fn keep_habits(&mut self, alerts: &Alerts<'_>, policy: &Correlate) {
        let observed = Observed::new(alerts, policy);
        let mut base = vec![Class::Unknown; alerts.time.len()];
        let quiet = classify(alerts, policy, &observed, &mut base);
        if self.class.is_empty() {
            self.class.clone_from(&base);
        }
        let habits = Habits::new(alerts, policy, base, &quiet, &self.class);
        *self =
            Baseline { class: std::mem::take(&mut self.class), habits: Some(Box::new(habits)), ..Baseline::default() };
    }

    pub(super) fn push(&mut self) {
        self.class.push(Class::Unknown);
    }

    pub(super) fn set_class(&mut self, alert: u32, class: Class) {
        self.class[alert as usize] = class;
    }

    pub(super) fn class(&self, rank: u32) -> Class {
        self.class.get(rank as usize).copied().unwrap_or_default()
    }

    /// The notable alert of the tenant before this one, if it is near enough, and how strongly they are linked.
    pub(super) fn before(&self, rank: u32, time: &[i64], policy: &Correlate) -> Option<(u32, f64)> {
        let (earlier, reach) = match &self.habits {
            Some(habits) => habits.before(rank, time, policy)?,
            None => self.laid_out_before(rank)?,
        };
        let gap = time[rank as usize].saturating_sub(time[earlier as usize]);
        let decay = 1.0 - (1.0 - policy.edge_decay) * (gap as f64 / reach.max(1) as f64);
        let strength = policy.sequence_weight * decay;
        (gap <= reach && strength >= policy.threshold).then_some((earlier, strength))
    }

    /// The notable alert of the tenant before this one, and the gap that the two bridge.
    fn laid_out_before(&self, rank: u32) -> Option<(u32, i64)> {
        let at = self.place.get(rank as usize).copied().filter(|at| *at != NONE && *at > 0)? as usize;
        if self.tenant[at] != self.tenant[at - 1] {
            return None;
        }
        Some((self.sequence[at - 1], self.reach[at].min(self.reach[at - 1])))
    }

    /// Puts the notable alerts of each tenant in sequence. How long a gap is bridged depends on how many assets
    /// of the tenant have notable alerts around it: the more there are, the likelier is it chance that two follow
    /// each other.
    fn follow(&mut self, alerts: &Alerts<'_>, policy: &Correlate) {
        let ranks = (0..alerts.time.len() as u32).filter(|rank| self.class(*rank) == Class::Notable);
        let mut notable: Vec<(u32, u32)> = ranks.map(|rank| ((alerts.tenant)(rank), rank)).collect();
        notable.sort_unstable();
        let of = |item: &(u32, u32)| day(alerts.time[item.1 as usize]);
        for run in notable.chunk_by(|a, b| a.0 == b.0) {
            let by_day = || run.chunk_by(|a, b| of(a) == of(b));
            let assets: Vec<(i64, Vec<u32>)> = by_day()
                .map(|of_day| {
                    let assets = of_day.iter().map(|(_, rank)| alerts.asset[*rank as usize]);
                    (of(&of_day[0]), distinct(assets.collect()))
                })
                .collect();
            for of_day in by_day() {
                let around = around(&assets, of(&of_day[0]), policy);
                // One day with too many says enough of all of them.
                if around.iter().any(|(_, assets)| reach(assets.len(), policy).is_none()) {
                    continue;
                }
                let count = distinct(around.iter().flat_map(|(_, assets)| assets).copied().collect()).len();
                let Some(reach) = reach(count, policy) else { continue };
                for (tenant, rank) in of_day {
                    self.sequence.push(*rank);
                    self.tenant.push(*tenant);
                    self.reach.push(reach);
                }
            }
        }
        if !self.sequence.is_empty() {
            self.place = vec![NONE; alerts.time.len()];
            for (at, rank) in self.sequence.iter().enumerate() {
                self.place[*rank as usize] = at as u32;
            }
        }
    }
}

/// The longest gap that is bridged where so many assets have notable alerts; `None` where there are too many.
pub(super) fn reach(assets: usize, policy: &Correlate) -> Option<i64> {
    let assets = u32::try_from(assets).unwrap_or(u32::MAX);
    let hours = i64::from(policy.sequence_hours) * HOUR;
    (assets <= policy.sequence_assets).then(|| hours / (1i64 << assets.max(1).ilog2()))
}

/// The items whose day is within the calendar window around `day`.
fn around<'l, T>(list: &'l [(i64, T)], day: i64, policy: &Correlate) -> &'l [(i64, T)] {
    let days = i64::from(policy.calendar_days) - 1;
    let from = list.partition_point(|(d, _)| *d < day.saturating_sub(days));
    &list[from..list.partition_point(|(d, _)| *d <= day.saturating_add(days))]
}

/// The days of each tenant on which it has alerts in enough hours.
struct Observed {
    /// By tenant, then day.
    days: Vec<(u32, i64)>,
}

impl Observed {
    fn new(alerts: &Alerts<'_>, policy: &Correlate) -> Observed {
        let dated = (0..alerts.time.len() as u32).filter(|rank| alerts.time[*rank as usize] != UNDATED);
        let mut hours: Vec<(u32, i64)> = Vec::new();
        for rank in dated {
            let hour = ((alerts.tenant)(rank), alerts.time[rank as usize].div_euclid(HOUR));
            // Ranks rise with time, so most repeats stand side by side.
            if hours.last() != Some(&hour) {
                hours.push(hour);
            }
        }
        hours.sort_unstable();
        hours.dedup();
        let of_day = |hour: i64| hour.div_euclid(24);
        let days = hours.chunk_by(|a, b| a.0 == b.0 && of_day(a.1) == of_day(b.1));
        let observed = days.filter(|hours| hours.len() as u32 >= policy.observed_hours.max(1));
        Observed { days: observed.map(|hours| (hours[0].0, of_day(hours[0].1))).collect() }
    }

    /// The observed days of a tenant, rising.
    fn of(&self, tenant: u32) -> Vec<(i64, ())> {
        let from = self.days.partition_point(|(t, _)| *t < tenant);
        self.days[from..].iter().take_while(|(t, _)| *t == tenant).map(|(_, day)| (*day, ())).collect()
    }
}

/// Classes every alert, a detector at a time. Gives the ranks of routine alerts whose detector is quiet on the asset.
fn classify(alerts: &Alerts<'_>, policy: &Correlate, observed: &Observed, class: &mut [Class]) -> Vec<u32> {
    let mut quiet = Vec::new();
    let mut active: Vec<(i64, ())> = Vec::new();
    let mut counts: Vec<(i64, u32)> = Vec::new();
    for of_detector in alerts.pairs.chunk_by(|a, b| a.0 >> 32 == b.0 >> 32) {
        let days = observed.of((alerts.tenant)(of_detector[0].1));
        if days.is_empty() {
            continue;
        }
        let of = |rank: u32| day(alerts.time[rank as usize]);
        active.clear();
        for (_, rank) in of_detector {
            let day = (of(*rank), ());
            // An asset's alerts are by time.
            if active.last() != Some(&day) {
                active.push(day);
            }
        }
        active.sort_unstable();
        active.dedup();
        active.retain(|day| days.binary_search(day).is_ok());
        for pair in of_detector.chunk_by(|a, b| a.0 == b.0) {
            counts.clear();
            // Undated alerts stand last, and are of no day.
            let dated = &pair[..pair.partition_point(|(_, rank)| alerts.time[*rank as usize] != UNDATED)];
            let by_day = || dated.chunk_by(|a, b| of(a.1) == of(b.1));
            counts.extend(by_day().map(|run| (of(run[0].1), run.len() as u32)));
            for run in by_day() {
                let at = of(run[0].1);
                let seen = around(&days, at, policy).len() as u64;
                if seen < u64::from(policy.observed_days.max(1)) {
                    continue;
                }
                let on_asset = around(&counts, at, policy);
                let daily = around(&active, at, policy).len() as u64 * 100 >= seen * u64::from(policy.routine_percent);
                let routine = daily && on_asset.len() > 1;
                for (_, rank) in run {
                    class[*rank as usize] = if routine { Class::Routine } else { Class::Notable };
                }
                let most = on_asset.iter().filter(|(day, _)| *day != at).map(|(_, count)| *count).max();
                if routine && most.is_some_and(|most| most <= policy.detector_rare) {
                    quiet.extend(run.iter().map(|(_, rank)| *rank));
                }
            }
        }
    }
    quiet
}

/// A routine alert of a detector that is quiet on its asset is notable where several notable detectors fire on
/// that asset at the same time.
fn accompanied(alerts: &Alerts<'_>, policy: &Correlate, quiet: &[u32], class: &mut [Class]) {
    if quiet.is_empty() {
        return;
    }
    let key = |rank: u32| ((alerts.tenant)(rank), alerts.asset[rank as usize], alerts.time[rank as usize]);
    let assets = distinct(quiet.iter().map(|rank| alerts.asset[*rank as usize]).collect());
    let beside = |rank: &u32| assets.binary_search(&alerts.asset[*rank as usize]).is_ok();
    let ranks = (0..class.len() as u32).filter(|rank| class[*rank as usize] == Class::Notable).filter(beside);
    let mut notable: Vec<((u32, u32, i64), u32)> = ranks.map(|rank| (key(rank), rank)).collect();
    notable.sort_unstable();
    let within = i64::from(policy.accompany_seconds) * (HOUR / 3600);
    let mut detectors: Vec<u32> = Vec::new();
    let found = quiet.iter().filter(|rank| {
        let (tenant, asset, time) = key(**rank);
        let from = notable.partition_point(|(k, _)| *k < (tenant, asset, time.saturating_sub(within)));
        let beside = notable[from..].iter().take_while(|(k, _)| *k <= (tenant, asset, time.saturating_add(within)));
        detectors.clear();
        for (_, other) in beside {
            let detector = (alerts.detector)(*other);
            if !detectors.contains(&detector) {
                detectors.push(detector);
                if detectors.len() as u32 >= policy.accompany_detectors {
                    return asset != NONE;
                }
            }
        }
        false
    });
    let found: Vec<u32> = found.copied().collect();
    for rank in found {
        class[rank as usize] = Class::Notable;
    }
}
