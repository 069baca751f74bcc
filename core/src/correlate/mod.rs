//! Correlate: alerts become incidents, and say why.
//!
//! In: alerts and their resolved entities as columns. Out: the incident of each alert, the links that
//! hold an incident together with their reasons, repeats, and near misses. The link rule is in
//! `scan`, folding and detector rarity in `repeats`, what is routine and what unusual in `baseline`, what is shown of
//! one incident in `incident`, what people and vendors rule about who may meet in `constraints`. Alerts that come
//! and go later begin in `update`.
//! This folder must never know verdicts, vendors' formats, or any text.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

mod again;
mod assemble;
mod baseline;
mod census;
mod columns;
mod constraints;
mod habits;
mod incident;
mod incidents;
mod keyed;
mod order;
mod postings;
mod repeats;
mod reshape;
mod scan;
mod update;

use hashbrown::HashSet;
use petgraph::unionfind::UnionFind;

use crate::error::{Error, ErrorCode, Result};
use crate::policy::Correlate;
use crate::resolve::EntityKind;

use assemble::Groups;
use baseline::{Alerts, Baseline};
pub use columns::{Columns, Role};
pub(crate) use constraints::{Bond, Constraints, Mark};
pub(crate) use incident::SEQUENCE;
use incidents::Incidents;
use order::{Order, Ranks};
use postings::Postings;
use repeats::Seen;
pub(crate) use scan::Held;
use scan::{NONE, Rule, Scratch, UNDATED, Visitor};
pub(crate) use update::Change;
use update::Live;

/// Counts of one incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncidentTotals {
    /// Alerts, repeats included.
    pub alerts: u32,
    /// Alerts that are a counted repeat of another.
    pub repeats: u32,
    /// Rows of the alerts.
    pub rows: u64,
    /// First time, in nanoseconds since 1970; `None` when all are undated.
    pub first: Option<i64>,
    /// Last time.
    pub last: Option<i64>,
}

/// Which alerts belong together.
///
/// Inside, an alert is known by its rank in the order of time when all were laid out; those that come
/// later take the next numbers, and their place in time from `order`.
#[derive(Debug, Clone)]
pub struct Correlation {
    policy: Correlate,
    kind: Vec<u8>,
    rules: Vec<crate::policy::KindRule>,
    ranks: Ranks,
    order: Order,
    time: Vec<i64>,
    asset: Vec<u32>,
    factor: Vec<f32>,
    salience: Vec<f32>,
    head: Vec<u32>,
    baseline: Baseline,
    postings: Postings,
    incidents: Incidents,
    /// Incidents that decisions or the limit concern.
    groups: Groups,
    /// Incidents that stopped growing at the limit.
    full: HashSet<u32>,
    /// What is kept once alerts come and go.
    live: Option<Live>,
}

impl Correlation {
    /// Correlates alerts: `O(rows + alerts × log alerts)` time, some 12 bytes a row and 40 an alert.
    ///
    /// Alerts of one time keep the order they have in `columns`, so give them in an order that means
    /// something (casegraph sorts by alert id).
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when the columns do not fit together.
    pub fn of(columns: &Columns<'_>, policy: &Correlate) -> Result<Correlation> {
        columns.check().map_err(|e| Error::new(ErrorCode::InvalidArgument, e))?;
        Ok(Correlation::constrained(columns, policy, &Constraints::default()))
    }

    /// INVARIANT: `columns` have been checked, or come from the casebook's own tables.
    pub(crate) fn constrained(columns: &Columns<'_>, policy: &Correlate, constraints: &Constraints) -> Correlation {
        let ranks = Ranks::new(columns.time);
        let all = 0..columns.alerts() as u32;
        let time: Vec<i64> = all.clone().map(|rank| columns.time[ranks.alert(rank) as usize]).collect();
        let asset: Vec<u32> = all.map(|rank| main_asset(columns, ranks.alert(rank))).collect();
        let detector = |rank: u32| columns.detector[ranks.alert(rank) as usize];
        let tenant = |rank: u32| columns.tenant_of(ranks.alert(rank));
        let pairs = repeats::pairs(&asset, &detector);
        let alerts = Alerts { time: &time, asset: &asset, detector: &detector, tenant: &tenant, pairs: &pairs };
        let baseline = Baseline::new(&alerts, policy);
        let seen = Seen { columns, ranks: &ranks, policy, time: &time, asset: &asset, baseline: &baseline };
        let repeats = repeats::find(&seen, &pairs);
        let mut this = Correlation {
            policy: policy.clone(),
            kind: columns.kind.to_vec(),
            rules: scan::kind_rules(policy),
            order: Order::new(&time),
            time,
            asset,
            factor: repeats.factor,
            salience: repeats.salience,
            head: repeats.head,
            baseline,
            postings: Postings::new(columns, &|rank| ranks.alert(rank)),
            ranks,
            incidents: Incidents::default(),
            groups: Groups::default(),
            full: HashSet::new(),
            live: None,
        };
        let labels = this.components();
        this.number(columns, labels, constraints);
        this
    }

    /// The link rule over these columns.
    fn rule(&self) -> Rule<'_> {
        Rule {
            policy: &self.policy,
            rules: &self.rules,
            kinds: &self.kind,
            postings: &self.postings,
            census: self.live.as_ref().map(|live| &live.census),
            time: &self.time,
            asset: &self.asset,
            factor: &self.factor,
            head: &self.head,
            baseline: &self.baseline,
        }
    }

    fn components(&self) -> Vec<u32> {
        struct Unite(UnionFind<u32>);
        impl Visitor for Unite {
            fn link(&mut self, a: u32, b: u32, _: f64) -> bool {
                self.0.union(a, b);
                true
            }
            fn held(&mut self, _: u32, _: u32, _: Held) {}
            fn wants(&mut self, _: u32, _: u32) -> bool {
                true
            }
        }
        let mut unite = Unite(UnionFind::new(self.time.len()));
        for (alert, head) in self.head.iter().enumerate() {
            unite.0.union(alert as u32, *head);
        }
        let mut scratch = Scratch::new(self.kind.len());
        let rule = self.rule();
        for entity in 0..self.kind.len() as u32 {
            rule.scan(entity, &mut scratch, &mut unite);
        }
        for alert in 0..self.time.len() as u32 {
            rule.follow(alert, &mut unite);
        }
        unite.0.into_labeling()
    }

    /// Number of incidents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.incidents.len()
    }

    /// Are there no incidents?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The incident of an alert; incidents are numbered by the time of their earliest alert.
    #[must_use]
    pub fn incident_of(&self, alert: u32) -> u32 {
        self.incidents.of(self.ranks.of(alert))
    }

    /// The alerts of an incident in order of time.
    pub fn alerts(&self, incident: u32) -> impl Iterator<Item = u32> + '_ {
        self.incidents.members(incident).iter().map(|rank| self.ranks.alert(*rank))
    }

    /// The alert of which this one is a counted repeat; itself if of none.
    #[must_use]
    pub fn repeat_of(&self, alert: u32) -> u32 {
        self.ranks.alert(self.head[self.ranks.of(alert) as usize])
    }

    /// Alerts, repeats, rows and time of every incident, in the order of their numbers; `columns` are
    /// those that were correlated. `O(alerts)`.
    #[must_use]
    pub fn totals(&self, columns: &Columns<'_>) -> Vec<IncidentTotals> {
        let mut totals = vec![IncidentTotals::default(); self.len()];
        for rank in 0..self.time.len() as u32 {
            let rows = columns.rows_of(self.ranks.alert(rank)).len();
            let total = &mut totals[self.incidents.of(rank) as usize];
            total.alerts += 1;
            total.repeats += u32::from(self.head[rank as usize] != rank);
            total.rows += rows as u64;
            let time = self.time[rank as usize];
            if time != UNDATED {
                // Ranks rise with time.
                total.first = total.first.or(Some(time));
                total.last = Some(time);
            }
        }
        totals
    }

    /// Incidents in the order of their numbers. Once alerts came and went, numbers say nothing about time.
    pub(crate) fn incidents(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.incidents.numbers()).filter(|incident| !self.incidents.members(*incident).is_empty())
    }

    /// One more than the greatest number of an incident, of those that are gone too.
    pub(crate) fn numbers(&self) -> usize {
        self.incidents.numbers() as usize
    }

    /// A number that rises with the place of an alert in the order of time.
    pub(crate) fn place(&self, alert: u32) -> u64 {
        self.order.of(self.ranks.of(alert))
    }

    /// The alerts that hold an entity, in order of time.
    pub(crate) fn holders(&self, entity: u32) -> impl Iterator<Item = u32> + '_ {
        self.postings.of(entity).iter().map(|posting| self.ranks.alert(posting.alert()))
    }

    /// Did the incident stop growing at `maxAlertsPerIncident`?
    pub(crate) fn is_full(&self, incident: u32) -> bool {
        self.full.contains(&incident)
    }

    /// How much the alert stands out: 1 for what is rare or notable, towards 0 for noise.
    pub(crate) fn salience(&self, alert: u32) -> f32 {
        self.salience[self.ranks.of(alert) as usize]
    }

    /// Do the days of some tenant tell what is routine there?
    pub(crate) fn knows_routine(&self) -> bool {
        self.baseline.is_known()
    }

    /// Puts alerts in the order of time.
    pub(crate) fn sort(&self, alerts: &mut [u32]) {
        alerts.sort_unstable_by_key(|alert| self.place(*alert));
    }

    /// All incidents in the order of their earliest alerts. `O(incidents × log incidents)`.
    pub(crate) fn by_time(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.incidents().collect();
        self.sort_incidents(&mut all);
        all
    }

    /// Puts incidents in the order of their earliest alerts.
    pub(crate) fn sort_incidents(&self, incidents: &mut [u32]) {
        let first = |incident: u32| self.incidents.members(incident).first().map(|alert| self.order.of(*alert));
        incidents.sort_unstable_by_key(|incident| first(*incident));
    }
}

/// The asset that an alert is about: its first device, or else its first asset of the next kind.
fn main_asset(columns: &Columns<'_>, alert: u32) -> u32 {
    let mut best = (u8::MAX, NONE);
    for row in columns.rows_of(alert) {
        let entity = columns.entity[row];
        let kind = columns.kind[entity as usize];
        if kind < best.0 && EntityKind::from_index(kind).is_asset() && columns.role_of(row) != Role::Common as u8 {
            best = (kind, entity);
        }
    }
    best.1
}
