//! Correlate: alerts become incidents, and say why.
//!
//! In: alerts and their resolved entities as columns. Out: the incident of each alert, the links that
//! hold an incident together with their reasons, repeats, and near misses. The link rule is in
//! `scan`, folding and detector rarity in `repeats`, what is routine and what unusual in `baseline`, what is shown of
//! one incident in `incident`, what people and vendors rule about who may meet in `constraints`.
//! This folder must never know verdicts, vendors' formats, or any text.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

mod baseline;
mod columns;
mod constraints;
mod incident;
mod repeats;
mod scan;

use petgraph::unionfind::UnionFind;

use crate::error::{Error, ErrorCode, Result};
use crate::policy::Correlate;
use crate::resolve::EntityKind;

use baseline::{Alerts, Baseline};
pub use columns::{Columns, Role};
pub(crate) use constraints::{Bond, Constraints, Mark};
pub(crate) use incident::SEQUENCE;
pub(crate) use scan::Held;
pub(crate) use scan::Scratch;
use scan::{NONE, Postings, Rule, UNDATED, Visitor};

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
#[derive(Debug, Clone)]
pub struct Correlation {
    policy: Correlate,
    kind: Vec<u8>,
    rules: Vec<crate::policy::KindRule>,
    /// Alert of each rank: alerts by time, undated ones last.
    order: Vec<u32>,
    rank: Vec<u32>,
    time: Vec<i64>,
    asset: Vec<u32>,
    factor: Vec<f32>,
    salience: Vec<f32>,
    head: Vec<u32>,
    baseline: Baseline,
    postings: Postings,
    /// Incident of each rank, numbered by their earliest alert.
    incident: Vec<u32>,
    /// Members by rank, incident after incident.
    members: Vec<u32>,
    starts: Vec<u32>,
    /// Incidents that stopped growing at the limit.
    full: Vec<u32>,
    /// Incidents that were put together under constraints, by number.
    rebuilt: Vec<bool>,
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
        let alerts = columns.alerts();
        let when = |alert: u32| match columns.time[alert as usize] {
            UNDATED => i64::MAX,
            time => time,
        };
        let mut order: Vec<u32> = (0..alerts as u32).collect();
        if !order.is_sorted_by_key(|a| when(*a)) {
            order.sort_by_key(|a| when(*a));
        }
        let mut rank = vec![0u32; alerts];
        for (r, alert) in order.iter().enumerate() {
            rank[*alert as usize] = r as u32;
        }
        let time: Vec<i64> = order.iter().map(|a| columns.time[*a as usize]).collect();
        let asset: Vec<u32> = order.iter().map(|a| main_asset(columns, *a)).collect();
        let detector = |rank: u32| columns.detector[order[rank as usize] as usize];
        let pairs = repeats::pairs(&asset, &detector);
        let tenant = |rank: u32| columns.tenant.get(order[rank as usize] as usize).copied().unwrap_or(0);
        let seen = Alerts { time: &time, asset: &asset, detector: &detector, tenant: &tenant, pairs: &pairs };
        let baseline = Baseline::new(&seen, policy);
        let repeats = repeats::find(columns, policy, &order, &time, &pairs, &baseline);
        let mut this = Correlation {
            policy: policy.clone(),
            kind: columns.kind.to_vec(),
            rules: scan::kind_rules(policy),
            rank,
            time,
            asset,
            factor: repeats.factor,
            salience: repeats.salience,
            head: repeats.head,
            baseline,
            postings: Postings::new(columns, &order),
            order,
            incident: Vec::new(),
            members: Vec::new(),
            starts: Vec::new(),
            full: Vec::new(),
            rebuilt: Vec::new(),
        };
        let labels = this.components();
        this.number(&labels);
        this.constrain(constraints);
        this
    }

    /// The link rule over these columns.
    fn rule<'c>(&'c self, scratch: &'c mut Scratch) -> Rule<'c> {
        scratch.fit(self.kind.len());
        Rule {
            policy: &self.policy,
            rules: self.rules.clone(),
            kinds: &self.kind,
            postings: &self.postings,
            time: &self.time,
            asset: &self.asset,
            factor: &self.factor,
            head: &self.head,
            baseline: &self.baseline,
            scratch,
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
        let mut unite = Unite(UnionFind::new(self.order.len()));
        for (rank, head) in self.head.iter().enumerate() {
            unite.0.union(rank as u32, *head);
        }
        let mut scratch = Scratch::default();
        let mut rule = self.rule(&mut scratch);
        for entity in 0..self.kind.len() as u32 {
            rule.scan(entity, &mut unite);
        }
        for rank in 0..self.order.len() as u32 {
            rule.follow(rank, &mut unite);
        }
        unite.0.into_labeling()
    }

    /// Numbers incidents by their earliest alert and lists their members.
    fn number(&mut self, labels: &[u32]) {
        let mut number = vec![NONE; labels.len()];
        let mut incident = Vec::with_capacity(labels.len());
        let mut starts = vec![0u32];
        for label in labels {
            let slot = &mut number[*label as usize];
            if *slot == NONE {
                *slot = starts.len() as u32 - 1;
                starts.push(0);
            }
            starts[*slot as usize + 1] += 1;
            incident.push(*slot);
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0u32; labels.len()];
        for (rank, incident) in incident.iter().enumerate() {
            members[next[*incident as usize] as usize] = rank as u32;
            next[*incident as usize] += 1;
        }
        self.incident = incident;
        self.members = members;
        self.starts = starts;
    }

    /// Takes apart and joins what the plain link rule could not know: decisions, labels that may not
    /// meet, and the limit of alerts. Only the incidents concerned are looked at again.
    fn constrain(&mut self, constraints: &Constraints) {
        let limit = self.policy.max_alerts_per_incident;
        let marked = !constraints.marks.is_empty() || !constraints.walls.is_empty();
        let concerns = |i: u32| {
            let members = self.members(i);
            let mixed = || marked && members.len() > 1 && !constraints.is_even(self.alerts(i));
            members.len() as u32 > limit || mixed()
        };
        let mut concerned: Vec<bool> = (0..self.len() as u32).map(concerns).collect();
        if constraints.bonds.is_empty() && !concerned.contains(&true) {
            return;
        }
        // Joining first: the incidents that a decision brings together are looked at as one.
        let mut group = UnionFind::<u32>::new(self.len());
        for bond in &constraints.bonds {
            let (a, b) = (self.incident_of(bond.a), self.incident_of(bond.b));
            group.union(a, b);
            concerned[a as usize] = true;
        }
        let group = group.into_labeling();
        let mut again = vec![false; self.len()];
        for (i, concerned) in concerned.iter().enumerate() {
            if *concerned {
                again[group[i] as usize] = true;
            }
        }
        let mut labels: Vec<u32> =
            (0..self.order.len() as u32).map(|r| self.members(self.incident[r as usize])[0]).collect();
        let mut full = Vec::new();
        let mut scratch = Scratch::default();
        let mut rule = self.rule(&mut scratch);
        let mut by_group: Vec<(u32, u32)> = (0..self.order.len() as u32)
            .map(|r| (group[self.incident[r as usize] as usize], r))
            .filter(|(g, _)| again[*g as usize])
            .collect();
        by_group.sort_unstable();
        // The entities of the alerts concerned, found in one pass over all postings.
        let mut held: Vec<(u32, u32)> = Vec::new();
        for entity in 0..self.kind.len() as u32 {
            if self.postings.of(entity).len() > 1 {
                let groups = self.postings.ranks(entity).map(|r| group[self.incident[r as usize] as usize]);
                held.extend(groups.filter(|g| again[*g as usize]).map(|g| (g, entity)));
            }
        }
        held.sort_unstable();
        held.dedup();
        for chunk in by_group.chunk_by(|a, b| a.0 == b.0) {
            let ranks: Vec<u32> = chunk.iter().map(|(_, rank)| *rank).collect();
            let entities: Vec<u32> = held
                .get(held.partition_point(|(g, _)| *g < chunk[0].0)..held.partition_point(|(g, _)| *g <= chunk[0].0))
                .unwrap_or_default()
                .iter()
                .map(|(_, entity)| *entity)
                .collect();
            let parts = self.reassemble(&mut rule, &ranks, &entities, constraints, limit, &mut full);
            for (rank, part) in ranks.iter().zip(parts) {
                labels[*rank as usize] = part;
            }
        }
        drop(rule);
        let rebuilt: Vec<u32> = by_group.iter().map(|(_, rank)| *rank).collect();
        full.sort_unstable();
        full.dedup();
        self.number(&labels);
        self.full = full.iter().map(|rank| self.incident[*rank as usize]).collect();
        self.full.sort_unstable();
        self.full.dedup();
        self.rebuilt = vec![false; self.len()];
        for rank in rebuilt {
            self.rebuilt[self.incident[rank as usize] as usize] = true;
        }
    }

    /// Was the incident put together under constraints?
    fn is_rebuilt(&self, incident: u32) -> bool {
        self.rebuilt.get(incident as usize) == Some(&true)
    }

    /// Number of incidents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Are there no incidents?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The incident of an alert; incidents are numbered by the time of their earliest alert.
    #[must_use]
    pub fn incident_of(&self, alert: u32) -> u32 {
        self.incident[self.rank[alert as usize] as usize]
    }

    /// The alerts of an incident in order of time.
    pub fn alerts(&self, incident: u32) -> impl Iterator<Item = u32> + '_ {
        self.members(incident).iter().map(|rank| self.order[*rank as usize])
    }

    /// The alert of which this one is a counted repeat; itself if of none.
    #[must_use]
    pub fn repeat_of(&self, alert: u32) -> u32 {
        self.order[self.head[self.rank[alert as usize] as usize] as usize]
    }

    /// Alerts, repeats, rows and time of every incident, in the order of their numbers; `columns` are
    /// those that were correlated. `O(alerts)`.
    #[must_use]
    pub fn totals(&self, columns: &Columns<'_>) -> Vec<IncidentTotals> {
        let mut totals = vec![IncidentTotals::default(); self.len()];
        for (rank, (incident, alert)) in self.incident.iter().zip(&self.order).enumerate() {
            let rows = columns.rows.get(*alert as usize..*alert as usize + 2).map_or(0, |r| r[1] - r[0]);
            let total = &mut totals[*incident as usize];
            total.alerts += 1;
            total.repeats += u32::from(self.head[rank] != rank as u32);
            total.rows += u64::from(rows);
            let time = self.time[rank];
            if time != UNDATED {
                // Ranks rise with time.
                total.first = total.first.or(Some(time));
                total.last = Some(time);
            }
        }
        totals
    }

    /// Did the incident stop growing at `maxAlertsPerIncident`?
    pub(crate) fn is_full(&self, incident: u32) -> bool {
        self.full.binary_search(&incident).is_ok()
    }

    /// How much the alert stands out: 1 for what is rare or notable, towards 0 for noise.
    pub(crate) fn salience(&self, alert: u32) -> f32 {
        self.salience[self.rank[alert as usize] as usize]
    }

    /// Do the days of some tenant tell what is routine there?
    pub(crate) fn knows_routine(&self) -> bool {
        self.baseline.is_known()
    }

    fn members(&self, incident: u32) -> &[u32] {
        &self.members[self.starts[incident as usize] as usize..self.starts[incident as usize + 1] as usize]
    }
}

/// The asset that an alert is about: its first device, or else its first asset of the next kind.
fn main_asset(columns: &Columns<'_>, alert: u32) -> u32 {
    let (from, to) = (columns.rows[alert as usize] as usize, columns.rows[alert as usize + 1] as usize);
    let mut best = (u8::MAX, NONE);
    for row in from..to {
        let entity = columns.entity[row];
        let kind = columns.kind[entity as usize];
        if kind < best.0
            && EntityKind::from_index(kind).is_asset()
            && columns.role.get(row).is_none_or(|r| *r != Role::Common as u8)
        {
            best = (kind, entity);
        }
    }
    best.1
}
