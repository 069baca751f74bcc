//! The lists of an alert that comes or goes: what they count, what folds, and what links.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::{HashMap, HashSet};

use super::baseline::Class;
use super::columns::Columns;
use super::habits::Stirred;
use super::repeats::Seen;
use super::scan::{NONE, in_window};
use super::update::{Change, Edges, Found, Live, Touched};
use super::{Correlation, Order};

impl Correlation {
    /// Takes an alert out of the lists, with its links.
    pub(super) fn take_out(&mut self, columns: &Columns<'_>, alert: u32, touched: &mut Touched, edges: &mut Edges) {
        for entity in columns.entities_of(alert) {
            let at = self.postings.position(*entity, alert, &self.order);
            edges.change(alert, self.postings.partner(*entity, at), NONE);
            self.postings.remove(*entity, alert, &self.order);
        }
        edges.change(alert, self.head[alert as usize], NONE);
        let (raised, evidence) = (self.seen(columns).raised(alert), self.seen(columns).evidence(alert));
        let asset = self.asset[alert as usize];
        let windows = self.windows(columns, alert);
        let Correlation { live: Some(live), order, .. } = self else { return };
        for (entity, window) in windows {
            live.census.remove(entity, window, asset);
        }
        live.detectors.remove(raised, alert, order);
        if let Some(key) = evidence {
            live.evidence.remove(key, alert, order);
            let at = live.evidence.position(key, alert, order);
            touched.repeats.extend(beside(live.evidence.of(key), at));
        }
    }

    /// Takes an alert into the lists, as yet without links.
    pub(super) fn take_in(&mut self, columns: &Columns<'_>, alert: u32, touched: &mut Touched) {
        for row in columns.rows_of(alert) {
            self.postings.insert(columns.entity[row], alert, columns.role_of(row), &self.order);
        }
        let (raised, evidence) = (self.seen(columns).raised(alert), self.seen(columns).evidence(alert));
        let asset = self.asset[alert as usize];
        let windows = self.windows(columns, alert);
        let Correlation { live: Some(live), order, .. } = self else { return };
        for (entity, window) in windows {
            live.census.add(entity, window, asset);
        }
        live.detectors.insert(raised, alert, order);
        if let Some(key) = evidence {
            let at = live.evidence.position(key, alert, order);
            touched.repeats.extend(beside(live.evidence.of(key), at));
            live.evidence.insert(key, alert, order);
        }
    }

    /// The entities of an alert whose assets are counted, each with the window of the alert.
    fn windows(&self, columns: &Columns<'_>, alert: u32) -> Vec<(u32, i64)> {
        let rule = self.rule();
        let window = rule.calendar(self.time[alert as usize]);
        let counted = columns.entities_of(alert).iter().filter(|entity| rule.is_counted(**entity));
        counted.map(|entity| (*entity, window)).collect()
    }

    /// Counts alerts in and out of what is routine. Gives the alerts that are now of another class.
    pub(super) fn class_again(&mut self, change: &Change<'_>, stirred: &mut Stirred) -> Vec<u32> {
        let Correlation { baseline, order, policy, asset, .. } = self;
        let Some(habits) = &mut baseline.habits else { return Vec::new() };
        for alert in change.added.clone() {
            let (tenant, detector) = (change.columns.tenant_of(alert), change.columns.detector[alert as usize]);
            habits.push(tenant, detector, asset[alert as usize], change.columns.time[alert as usize]);
        }
        for alert in change.removed {
            habits.count(*alert, false, order, policy, stirred);
        }
        for alert in change.added.clone() {
            habits.count(alert, true, order, policy, stirred);
        }
        let mut changed: Vec<(u32, Class, Class)> = Vec::new();
        let found = habits.class_again(policy, stirred);
        let gone = change.removed.iter().map(|alert| (*alert, Class::Unknown));
        for (alert, class) in found.into_iter().chain(gone) {
            let before = baseline.class(alert);
            if before != class {
                changed.push((alert, before, class));
                baseline.set_class(alert, class);
            }
        }
        let Some(habits) = &mut baseline.habits else { return Vec::new() };
        for (alert, before, class) in &changed {
            if *before == Class::Notable || *class == Class::Notable {
                habits.stand_out(*alert, *class == Class::Notable, order, policy, stirred);
            }
        }
        let standing = changed.into_iter().map(|(alert, ..)| alert).filter(|alert| !change.removed.contains(alert));
        standing.collect()
    }

    /// Weighs detectors again. Gives the alerts whose detector is now of another rarity, and those that stand out
    /// more or less than before.
    pub(super) fn weigh_again(&mut self, columns: &Columns<'_>, touched: &Touched) -> (Vec<u32>, Vec<u32>) {
        let Some(live) = &self.live else { return Default::default() };
        let seen = self.seen(columns);
        let windows: HashSet<(u64, i64)> =
            touched.raised.iter().map(|alert| (seen.raised(*alert), seen.calendar(*alert))).collect();
        let mut found: Vec<(u32, f32, f32)> = Vec::new();
        for (key, window) in windows {
            let list = live.detectors.with(key, |other| seen.calendar(other), &window);
            found.extend(list.iter().map(|alert| {
                let (factor, salience) = seen.weights(*alert, list.len());
                (*alert, factor, salience)
            }));
        }
        let (mut reweighed, mut standing_out) = (Vec::new(), Vec::new());
        for (alert, factor, salience) in found {
            for (slot, value, list) in [
                (&mut self.factor[alert as usize], factor, &mut reweighed),
                (&mut self.salience[alert as usize], salience, &mut standing_out),
            ] {
                if slot.to_bits() != value.to_bits() {
                    *slot = value;
                    list.push(alert);
                }
            }
        }
        (reweighed, standing_out)
    }

    /// Folds repeats again. Gives the alerts that are now a repeat of another one than before.
    pub(super) fn fold_again(
        &mut self,
        columns: &Columns<'_>,
        touched: &Touched,
        change: &Change<'_>,
        edges: &mut Edges,
    ) -> Vec<u32> {
        let Some(live) = &self.live else { return Vec::new() };
        let seen = self.seen(columns);
        let mut starts: HashSet<u32> = touched.repeats.iter().copied().collect();
        for alert in touched.raised.iter().filter(|alert| self.asset[**alert as usize] != NONE) {
            let key = seen.raised(*alert);
            let day = live.detectors.with(key, |other| seen.day(other), &seen.day(*alert));
            // It may be noise now, or have been.
            if day.len() + change.removed.len() >= self.policy.noise_per_day as usize {
                starts.extend(day);
            }
            // What comes or goes between two routine alerts.
            let list = live.detectors.of(key);
            let at = live.detectors.position(key, *alert, &self.order);
            starts.extend(routine(&seen, list[..at].iter().rev()).next());
            starts.extend(routine(&seen, list[at..].iter()).find(|other| other != alert));
            if let Some(key) = seen.evidence(*alert) {
                let at = live.evidence.position(key, *alert, &self.order);
                starts.extend(beside(live.evidence.of(key), at));
                starts.extend(beside(live.evidence.of(key), at + 1));
            }
        }
        for alert in change.removed {
            starts.remove(alert);
        }
        let (mut done, mut changed) = (HashSet::new(), Vec::new());
        for start in starts {
            if !done.insert(start) {
                continue;
            }
            let mut fold = vec![start];
            let mut next = 0;
            while let Some(alert) = fold.get(next).copied() {
                next += 1;
                live.folds(&seen, &self.order, alert, &mut |other| {
                    if done.insert(other) {
                        fold.push(other);
                    }
                });
            }
            let head = fold.iter().copied().min_by_key(|alert| self.order.of(*alert)).unwrap_or(start);
            changed.extend(fold.into_iter().filter(|a| self.head[*a as usize] != head).map(|alert| (alert, head)));
        }
        for (alert, head) in &changed {
            edges.change(*alert, self.head[*alert as usize], *head);
            self.head[*alert as usize] = *head;
        }
        changed.into_iter().map(|(alert, _)| alert).collect()
    }

    /// Looks again for the notable alerts that others follow.
    pub(super) fn follow_again(
        &mut self,
        change: &Change<'_>,
        reclassed: &[u32],
        stirred: &Stirred,
        edges: &mut Edges,
    ) {
        let rule = self.rule();
        let Some(habits) = &self.baseline.habits else { return };
        let mut again = habits.followers(&self.policy, stirred);
        // What stands out no more follows nothing.
        again.extend(reclassed);
        let mut found = Found::default();
        for alert in &again {
            rule.follow(*alert, &mut found);
        }
        let found: HashMap<u32, u32> = found.0.into_iter().map(|(earlier, later)| (later, earlier)).collect();
        let Some(live) = &mut self.live else { return };
        let now = again.into_iter().map(|alert| (alert, found.get(&alert).copied()));
        for (alert, earlier) in now.chain(change.removed.iter().map(|alert| (*alert, None))) {
            let earlier = earlier.unwrap_or(NONE);
            let before = std::mem::replace(&mut live.follows[alert as usize], earlier);
            if before != earlier {
                edges.change(alert, before, earlier);
            }
        }
    }

    /// Looks for links again where lists or classes changed.
    pub(super) fn link_again(&mut self, touched: &mut Touched, edges: &mut Edges) {
        let lookback = self.policy.lookback as usize;
        let mut reclassed: Vec<(u32, i64)> = Vec::new();
        for ((entity, window), before) in &touched.windows {
            let rule = self.rule();
            let assets = rule.assets(*entity, *window);
            let class = rule.class(assets);
            if class != *before {
                reclassed.push((*entity, *window));
                touched.alerts.entry(*entity).or_default();
            }
            if let (None, Some(live)) = (class, &mut self.live) {
                live.census.keep(*entity, *window, assets);
            }
        }
        let mut found = Found::default();
        for (entity, alerts) in &touched.alerts {
            let list = self.postings.of(*entity);
            let mut positions: Vec<usize> = Vec::new();
            let starts = alerts.iter().map(|alert| self.postings.position(*entity, *alert, &self.order));
            let windows = reclassed.iter().filter(|(other, _)| other == entity);
            let ranges = windows.map(|(_, window)| in_window(list, *window, &self.time, &self.policy));
            for range in starts.map(|start| start..start + 1).chain(ranges) {
                positions.extend(range.start..(range.end + lookback).min(list.len()));
            }
            positions.sort_unstable();
            positions.dedup();
            found.0.clear();
            self.rule().around(*entity, &positions, &mut found);
            let mut links = found.0.iter().peekable();
            for at in positions {
                let later = self.postings.of(*entity)[at].alert();
                let new = links.next_if(|(_, b)| *b == later).map_or(NONE, |(a, _)| *a);
                let old = self.postings.partner(*entity, at);
                if new != old {
                    edges.change(later, old, new);
                    self.postings.set_partner(*entity, at, new);
                }
            }
        }
    }

    /// The alerts that an alert is linked to, or folds with.
    pub(super) fn neighbours(&self, columns: &Columns<'_>, alert: u32, visit: &mut dyn FnMut(u32)) {
        if let Some(live) = &self.live {
            live.folds(&self.seen(columns), &self.order, alert, visit);
            if live.follows[alert as usize] != NONE {
                visit(live.follows[alert as usize]);
            }
            let after = self.baseline.habits.as_ref().and_then(|habits| habits.after(alert, &self.policy));
            if let Some(after) = after.filter(|after| live.follows[*after as usize] == alert) {
                visit(after);
            }
        }
        for entity in columns.entities_of(alert) {
            let list = self.postings.of(*entity);
            if list.len() < 2 {
                continue;
            }
            let at = self.postings.position(*entity, alert, &self.order);
            let earlier = self.postings.partner(*entity, at);
            if earlier != NONE {
                visit(earlier);
            }
            let later = list.iter().enumerate().skip(at + 1).take(self.policy.lookback as usize);
            for (_, later) in later.filter(|(later, _)| self.postings.partner(*entity, *later) == alert) {
                visit(later.alert());
            }
        }
    }
}

impl Live {
    /// The alerts that an alert folds with: the first of a noisy day or the others, and neighbours of the
    /// same evidence.
    fn folds(&self, seen: &Seen<'_>, order: &Order, alert: u32, visit: &mut dyn FnMut(u32)) {
        let key = seen.raised(alert);
        let day = self.detectors.with(key, |other| seen.day(other), &seen.day(alert));
        if seen.is_noise(day) {
            let mut alike = day.iter().copied().filter(|other| seen.class(*other) == seen.class(alert));
            match alike.next() {
                Some(first) if first == alert => alike.for_each(&mut *visit),
                Some(first) => visit(first),
                None => {}
            }
        }
        if seen.class(alert) == Class::Routine && seen.asset[alert as usize] != NONE {
            let list = self.detectors.of(key);
            let at = self.detectors.position(key, alert, order);
            if let Some(before) = routine(seen, list[..at].iter().rev()).next().filter(|b| seen.recurs(*b, alert)) {
                visit(before);
            }
            if let Some(after) = routine(seen, list[at + 1..].iter()).next().filter(|a| seen.recurs(alert, *a)) {
                visit(after);
            }
        }
        let Some(key) = seen.evidence(alert) else { return };
        let list = self.evidence.of(key);
        let at = self.evidence.position(key, alert, order);
        if let Some(before) = at.checked_sub(1).map(|at| list[at]).filter(|before| seen.repeats(*before, alert)) {
            visit(before);
        }
        if let Some(after) = list.get(at + 1).filter(|after| seen.repeats(alert, **after)) {
            visit(*after);
        }
    }
}

/// Those of these alerts that are routine.
fn routine<'l>(seen: &Seen<'_>, alerts: impl Iterator<Item = &'l u32>) -> impl Iterator<Item = u32> {
    alerts.copied().filter(|alert| seen.class(*alert) == Class::Routine)
}

/// The neighbours of a place in a list.
fn beside(list: &[u32], at: usize) -> impl Iterator<Item = u32> + '_ {
    at.checked_sub(1).into_iter().chain([at]).filter_map(|at| list.get(at).copied())
}
