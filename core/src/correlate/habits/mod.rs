//! The counts behind what is routine and what is notable, kept up as alerts come and go.
//!
//! The same classes as `baseline` finds in one pass: from the hours of a day in which a tenant has alerts,
//! the days on which a detector fires, those on which it fires on an asset, and the assets with notable
//! alerts around a day. An alert that comes or goes changes one of each, and what is within the calendar
//! window of it is classed again.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

mod sequence;

use hashbrown::{HashMap, HashSet};

use crate::policy::Correlate;

use super::baseline::{Alerts, Class, day};
use super::keyed::Keyed;
use super::order::Order;
use super::scan::{HOUR, NONE, UNDATED};

/// What is known of one alert.
#[derive(Debug, Clone, Copy)]
struct Told {
    tenant: u32,
    detector: u32,
    asset: u32,
    time: i64,
    /// Its class by itself, and whether its detector is quiet on the asset.
    base: Class,
    quiet: bool,
}

impl Told {
    fn pair(&self) -> u64 {
        (u64::from(self.detector) << 32) | u64::from(self.asset)
    }

    fn place(&self) -> u64 {
        (u64::from(self.tenant) << 32) | u64::from(self.asset)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Habits {
    told: Vec<Told>,
    /// Alerts in each hour of a tenant's day.
    hours: HashMap<(u32, i64), [u32; 24]>,
    observed: usize,
    /// Alerts of a detector on a day.
    fired: HashMap<(u32, i64), u32>,
    of_tenant: Keyed,
    of_detector: Keyed,
    of_pair: Keyed,
    /// By tenant and asset.
    of_place: Keyed,
    /// Notable alerts by tenant.
    notable: Keyed,
    /// Notable alerts on an asset of a tenant's day.
    assets: HashMap<(u32, i64), HashMap<u32, u32>>,
    /// Days on which each asset has notable alerts, within the calendar window around a tenant's day.
    around: HashMap<(u32, i64), HashMap<u32, u32>>,
}

/// What an alert that came or went may have changed.
#[derive(Debug, Default)]
pub(super) struct Stirred {
    /// Alerts to class again.
    alerts: HashSet<u32>,
    /// Tenants, assets and times around which company is looked for again.
    places: Vec<(u64, i64)>,
    /// Tenants, and times in their sequence that are looked at again: the first alert from there on, and all of a day.
    pub(super) turns: Vec<(u32, i64)>,
    pub(super) days: HashSet<(u32, i64)>,
}

/// Rows by key, each key's in order.
fn keyed(rows: impl Iterator<Item = (u64, u32)>) -> Keyed {
    let mut rows: Vec<(u64, u32)> = rows.collect();
    rows.sort_unstable();
    Keyed::new(rows)
}

fn within(policy: &Correlate, at: i64) -> std::ops::RangeInclusive<i64> {
    let days = i64::from(policy.calendar_days) - 1;
    at.saturating_sub(days)..=at.saturating_add(days)
}

impl Habits {
    pub(super) fn new(
        alerts: &Alerts<'_>,
        policy: &Correlate,
        base: Vec<Class>,
        quiet: &[u32],
        class: &[Class],
    ) -> Habits {
        let mut told: Vec<Told> = base
            .into_iter()
            .zip(0u32..)
            .map(|(base, alert)| Told {
                tenant: (alerts.tenant)(alert),
                detector: (alerts.detector)(alert),
                asset: alerts.asset[alert as usize],
                time: alerts.time[alert as usize],
                base,
                quiet: false,
            })
            .collect();
        for alert in quiet {
            told[*alert as usize].quiet = true;
        }
        let rows = |key: fn(&Told) -> u64| keyed(told.iter().zip(0u32..).map(|(told, alert)| (key(told), alert)));
        let mut this = Habits {
            of_tenant: rows(|told| u64::from(told.tenant)),
            of_detector: rows(|told| u64::from(told.detector)),
            of_pair: rows(Told::pair),
            of_place: rows(Told::place),
            notable: Keyed::default(),
            told: Vec::new(),
            hours: HashMap::new(),
            observed: 0,
            fired: HashMap::new(),
            assets: HashMap::new(),
            around: HashMap::new(),
        };
        for told in told.iter().filter(|told| told.time != UNDATED) {
            *this.hour(told) += 1;
            *this.fired.entry((told.detector, day(told.time))).or_default() += 1;
        }
        let all: Vec<(u32, i64)> = this.hours.keys().copied().collect();
        this.observed = all.into_iter().filter(|day| this.is_observed(*day, policy)).count();
        let notable = || told.iter().zip(class).zip(0u32..).filter(|((_, class), _)| **class == Class::Notable);
        this.notable = keyed(notable().map(|((told, _), alert)| (u64::from(told.tenant), alert)));
        for ((told, _), _) in notable() {
            this.mark(told, true, policy, &mut Stirred::default());
        }
        this.told = told;
        this
    }

    pub(super) fn is_known(&self) -> bool {
        self.observed > 0
    }

    fn hour(&mut self, told: &Told) -> &mut u32 {
        let hour = told.time.div_euclid(HOUR).rem_euclid(24) as usize;
        &mut self.hours.entry((told.tenant, day(told.time))).or_default()[hour]
    }

    fn is_observed(&self, of: (u32, i64), policy: &Correlate) -> bool {
        let hours = self.hours.get(&of).map_or(0, |hours| hours.iter().filter(|alerts| **alerts > 0).count());
        hours as u32 >= policy.observed_hours.max(1)
    }

    /// The place of an alert in the order of days; undated ones stand last.
    fn day_of(&self, alert: u32) -> i64 {
        let time = self.told[alert as usize].time;
        if time == UNDATED { i64::MAX } else { day(time) }
    }

    /// The alerts of a key on the days around one.
    fn alerts_around<'k>(&self, list: &'k Keyed, key: u64, at: i64, policy: &Correlate) -> &'k [u32] {
        let days = within(policy, at);
        let list = list.of(key);
        let dated = list.partition_point(|alert| self.told[*alert as usize].time != UNDATED);
        let from = list[..dated].partition_point(|alert| self.day_of(*alert) < *days.start());
        let to = list[..dated].partition_point(|alert| self.day_of(*alert) <= *days.end());
        &list[from..to]
    }

    /// Enters the next alert, unclassed.
    pub(super) fn push(&mut self, tenant: u32, detector: u32, asset: u32, time: i64) {
        self.told.push(Told { tenant, detector, asset, time, base: Class::Unknown, quiet: false });
    }

    /// Counts an alert in or out, and notes what that may change.
    pub(super) fn count(&mut self, alert: u32, comes: bool, order: &Order, policy: &Correlate, stirred: &mut Stirred) {
        let told = self.told[alert as usize];
        let tenant = u64::from(told.tenant);
        let lists = [
            (&mut self.of_tenant, tenant),
            (&mut self.of_detector, u64::from(told.detector)),
            (&mut self.of_pair, told.pair()),
            (&mut self.of_place, told.place()),
        ];
        for (list, key) in lists {
            if comes { list.insert(key, alert, order) } else { list.remove(key, alert, order) }
        }
        if comes {
            stirred.alerts.insert(alert);
        } else {
            stirred.alerts.remove(&alert);
            stirred.places.push((told.place(), told.time));
        }
        if told.time == UNDATED {
            return;
        }
        let at = day(told.time);
        let was_observed = self.is_observed((told.tenant, at), policy);
        let hour = self.hour(&told);
        *hour = if comes { *hour + 1 } else { *hour - 1 };
        let is_observed = self.is_observed((told.tenant, at), policy);
        self.observed = self.observed + usize::from(is_observed) - usize::from(was_observed);
        let fired = self.fired.entry((told.detector, at)).or_default();
        let had_fired = *fired > 0;
        *fired = if comes { *fired + 1 } else { *fired - 1 };
        let fires = *fired > 0;
        let (list, key) = if was_observed != is_observed {
            (&self.of_tenant, tenant)
        } else if had_fired != fires {
            (&self.of_detector, u64::from(told.detector))
        } else {
            (&self.of_pair, told.pair())
        };
        stirred.alerts.extend(self.alerts_around(list, key, at, policy));
    }

    /// The class that the alerts of a detector on an asset have on a day, and whether the detector is quiet there.
    fn base(&self, told: &Told, policy: &Correlate) -> (Class, bool) {
        if told.time == UNDATED {
            return (Class::Unknown, false);
        }
        let at = day(told.time);
        let observed: Vec<i64> =
            within(policy, at).filter(|day| self.is_observed((told.tenant, *day), policy)).collect();
        let seen = observed.len() as u64;
        if seen < u64::from(policy.observed_days.max(1)) {
            return (Class::Unknown, false);
        }
        let fires = |day: &&i64| self.fired.get(&(told.detector, **day)).is_some_and(|alerts| *alerts > 0);
        let daily = observed.iter().filter(fires).count() as u64 * 100 >= seen * u64::from(policy.routine_percent);
        let on_asset = self.alerts_around(&self.of_pair, told.pair(), at, policy);
        let (mut days, mut most) = (0, None);
        for run in on_asset.chunk_by(|a, b| self.day_of(*a) == self.day_of(*b)) {
            days += 1;
            if self.day_of(run[0]) != at {
                most = most.max(Some(run.len() as u32));
            }
        }
        let routine = daily && days > 1;
        let quiet = routine && most.is_some_and(|most| most <= policy.detector_rare);
        (if routine { Class::Routine } else { Class::Notable }, quiet)
    }

    /// Classes again what was stirred. Gives the alerts that may be of another class than before, with it.
    pub(super) fn class_again(&mut self, policy: &Correlate, stirred: &mut Stirred) -> Vec<(u32, Class)> {
        let mut known: HashMap<(u64, i64), (Class, bool)> = HashMap::new();
        let alerts = std::mem::take(&mut stirred.alerts);
        for alert in &alerts {
            let told = self.told[*alert as usize];
            let key = (told.pair(), self.day_of(*alert));
            let (base, quiet) = *known.entry(key).or_insert_with(|| self.base(&told, policy));
            if (base == Class::Notable) != (told.base == Class::Notable) {
                stirred.places.push((told.place(), told.time));
            }
            let told = &mut self.told[*alert as usize];
            (told.base, told.quiet) = (base, quiet);
        }
        let mut again: HashSet<u32> = alerts;
        for (place, time) in &stirred.places {
            again.extend(self.beside(*place, *time, policy));
        }
        let class = |alert: u32| (alert, self.accompanied(alert, policy));
        again.into_iter().map(class).collect()
    }

    /// The alerts on an asset around a time.
    fn beside(&self, place: u64, time: i64, policy: &Correlate) -> impl Iterator<Item = u32> + '_ {
        let within = i64::from(policy.accompany_seconds) * (HOUR / 3600);
        let list = self.of_place.of(place);
        let dated = &list[..list.partition_point(|alert| self.told[*alert as usize].time != UNDATED)];
        let at = |alert: &u32| self.told[*alert as usize].time;
        let from = dated.partition_point(|alert| at(alert) < time.saturating_sub(within));
        let to = dated.partition_point(|alert| at(alert) <= time.saturating_add(within));
        // What is undated is beside nothing.
        dated.get(from..to).filter(|_| time != UNDATED).unwrap_or_default().iter().copied()
    }

    /// The class of an alert: a quiet routine one is notable among several notable detectors.
    fn accompanied(&self, alert: u32, policy: &Correlate) -> Class {
        let told = self.told[alert as usize];
        if told.base != Class::Routine || !told.quiet || told.asset == NONE {
            return told.base;
        }
        let beside = self.beside(told.place(), told.time, policy).map(|other| self.told[other as usize]);
        let mut detectors: Vec<u32> = Vec::new();
        for other in beside.filter(|other| other.base == Class::Notable) {
            if !detectors.contains(&other.detector) {
                detectors.push(other.detector);
                if detectors.len() as u32 >= policy.accompany_detectors {
                    return Class::Notable;
                }
            }
        }
        Class::Routine
    }
}
