//! Alerts come and go: what they touch is worked out again, and nothing else.
//!
//! Four steps, each the same for alerts that come and for alerts that go: their place in the lists; the
//! classes that count them (`again`); the links that these classes decide; and the incidents that
//! links hold together (`reshape`).
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::cmp::Ordering;
use std::ops::Range;

use hashbrown::{HashMap, HashSet};

use super::baseline::Alerts;
use super::census::Census;
use super::columns::Columns;
use super::habits::Stirred;
use super::keyed::Keyed;
use super::repeats::{self, Seen};
use super::scan::{Held, NONE, Scratch, Visitor, in_window};
use super::{Constraints, Correlation, main_asset};

/// Alerts that come and go at once.
pub(crate) struct Change<'c> {
    /// All alerts, those that no longer stand too; the new ones at the end.
    pub(crate) columns: Columns<'c>,
    pub(crate) removed: &'c [u32],
    pub(crate) added: Range<u32>,
    /// How an alert stands to a new one in the order of time.
    pub(crate) compare: &'c dyn Fn(u32, u32) -> Ordering,
    pub(crate) constraints: &'c Constraints,
    /// Alerts for which constraints say something else than before.
    pub(crate) reconsider: &'c [u32],
}

/// What a change did.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Incidents that are new, gone, or of other alerts or classes than before.
    pub(crate) incidents: HashSet<u32>,
    /// Those that were one with others before; of two parts, the smaller one.
    pub(crate) parts: HashSet<u32>,
}

/// What is kept once alerts come and go.
#[derive(Debug, Clone)]
pub(super) struct Live {
    /// Alerts by detector and asset.
    pub(super) detectors: Keyed,
    /// Alerts by detector and evidence.
    pub(super) evidence: Keyed,
    pub(super) census: Census,
    /// The notable alert that each alert follows, `NONE` for none.
    pub(super) follows: Vec<u32>,
}

/// Links between alerts, repeats included, that a change made or took away.
#[derive(Debug, Default)]
pub(super) struct Edges {
    pub(super) new: Vec<(u32, u32)>,
    pub(super) lost: Vec<(u32, u32)>,
}

impl Edges {
    pub(super) fn change(&mut self, later: u32, old: u32, new: u32) {
        for (list, earlier) in [(&mut self.lost, old), (&mut self.new, new)] {
            if earlier != NONE && earlier != later {
                list.push((earlier, later));
            }
        }
    }
}

/// The link of each later alert that has one.
#[derive(Default)]
pub(super) struct Found(pub(super) Vec<(u32, u32)>);

impl Visitor for Found {
    fn link(&mut self, a: u32, b: u32, _: f64) -> bool {
        self.0.push((a, b));
        true
    }
    fn held(&mut self, _: u32, _: u32, _: Held) {}
    fn wants(&mut self, _: u32, _: u32) -> bool {
        true
    }
}

/// Lists whose counts or links are looked at again.
#[derive(Default)]
pub(super) struct Touched {
    /// Entity and calendar window, with the class that it had.
    pub(super) windows: HashMap<(u32, i64), Option<u32>>,
    /// Alerts that changed in the lists of an entity.
    pub(super) alerts: HashMap<u32, Vec<u32>>,
    /// Alerts whose detector is counted again, and those whose repeats are looked for again.
    pub(super) raised: Vec<u32>,
    pub(super) repeats: Vec<u32>,
}

impl Correlation {
    /// Lays out what is kept from now on. `O(rows + alerts × log alerts)`.
    ///
    /// INVARIANT: `columns` are those that were correlated, in order of time.
    pub(crate) fn prepare(&mut self, columns: &Columns<'_>) {
        if self.live.is_some() {
            return;
        }
        let Correlation { time, asset, policy, .. } = &*self;
        let (detector, tenant) = (|alert: u32| columns.detector[alert as usize], |alert| columns.tenant_of(alert));
        let pairs = repeats::pairs(asset, &detector);
        let evidence = Keyed::new(self.seen(columns).by_evidence());
        let alerts = Alerts { time, asset, detector: &detector, tenant: &tenant, pairs: &pairs };
        let mut follows = vec![NONE; time.len()];
        let mut found = Found::default();
        (0..time.len() as u32).for_each(|alert| self.rule().follow(alert, &mut found));
        for (earlier, later) in found.0 {
            follows[later as usize] = earlier;
        }
        let mut baseline = self.baseline.clone();
        baseline.keep_habits(&alerts, policy);
        self.baseline = baseline;
        let detectors = Keyed::new(pairs);
        let mut census = Census::default();
        self.postings.keep_partners();
        let mut scratch = Scratch::new(self.kind.len());
        let mut found = Found::default();
        for entity in 0..self.kind.len() as u32 {
            found.0.clear();
            let rule = self.rule();
            rule.scan(entity, &mut scratch, &mut found);
            rule.hubs(entity, &scratch, |window, assets| census.keep(entity, window, assets));
            let mut at = 0;
            for (earlier, later) in &found.0 {
                let list = self.postings.of(entity);
                at += list[at..].iter().take_while(|posting| posting.alert() != *later).count();
                self.postings.set_partner(entity, at, *earlier);
            }
        }
        self.live = Some(Live { detectors, evidence, census, follows });
    }

    pub(super) fn seen<'s>(&'s self, columns: &'s Columns<'s>) -> Seen<'s> {
        let Correlation { ranks, policy, time, asset, baseline, .. } = self;
        Seen { columns, ranks, policy, time, asset, baseline }
    }

    /// Takes alerts in and out: time in proportion to the lists and incidents that they touch.
    ///
    /// INVARIANT: prepared before the columns grew.
    pub(crate) fn change(&mut self, change: &Change<'_>) -> Changed {
        let columns = &change.columns;
        self.kind.extend_from_slice(&columns.kind[self.kind.len()..]);
        let (mut touched, mut edges) = (Touched::default(), Edges::default());
        for alert in change.added.clone() {
            self.time.push(columns.time[alert as usize]);
            self.asset.push(main_asset(columns, alert));
            self.factor.push(1.0);
            self.salience.push(1.0);
            self.head.push(alert);
            self.baseline.push();
            self.incidents.push();
            self.order.insert(&self.time, &|other| (change.compare)(other, alert));
            if let Some(live) = &mut self.live {
                live.follows.push(NONE);
            }
        }
        for alert in change.removed.iter().copied().chain(change.added.clone()) {
            self.open(columns, alert, &mut touched);
        }
        for alert in change.removed {
            self.take_out(columns, *alert, &mut touched, &mut edges);
        }
        for alert in change.added.clone() {
            self.take_in(columns, alert, &mut touched);
        }
        let mut stirred = Stirred::default();
        let reclassed = self.class_again(change, &mut stirred);
        touched.raised.extend(&reclassed);
        touched.repeats.extend(&reclassed);
        let (reweighed, standing_out) = self.weigh_again(columns, &touched);
        let refolded = self.fold_again(columns, &touched, change, &mut edges);
        let others = || reclassed.iter().chain(&reweighed).chain(&refolded);
        for alert in others() {
            for entity in columns.entities_of(*alert) {
                touched.alerts.entry(*entity).or_default().push(*alert);
            }
        }
        self.link_again(&mut touched, &mut edges);
        self.follow_again(change, &reclassed, &stirred, &mut edges);
        let mut changed = self.reshape(change, &edges);
        changed.incidents.extend(others().chain(&standing_out).map(|alert| self.incidents.of(*alert)));
        changed
    }

    /// Notes the classes of the lists in which an alert stands or will stand.
    fn open(&mut self, columns: &Columns<'_>, alert: u32, touched: &mut Touched) {
        for entity in columns.entities_of(alert) {
            touched.alerts.entry(*entity).or_default().push(alert);
            let rule = self.rule();
            if !rule.is_counted(*entity) {
                continue;
            }
            let window = rule.calendar(self.time[alert as usize]);
            let class = || rule.class(rule.assets(*entity, window));
            touched.windows.entry((*entity, window)).or_insert_with(class);
            let Correlation { live: Some(live), postings, time, asset, policy, .. } = self else { continue };
            let list = postings.of(*entity);
            let range = in_window(list, window, time, policy);
            live.census.tell_apart(*entity, window, list[range].iter().map(|p| asset[p.alert() as usize]));
        }
        touched.raised.push(alert);
        touched.repeats.push(alert);
    }
}
