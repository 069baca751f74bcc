//! What is derived from the facts in force: alerts in their standing version, entities, incidents.
//!
//! All of it is laid out at once when first asked for. Facts that come later are worked into it by
//! `update`, in proportion to what they touch; alerts, entities and incidents keep their numbers then,
//! and the numbers say nothing about time: `Correlation::place` does. An alert that changes becomes
//! another one under a new number.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

mod said;
mod scene;
mod shared;
mod standing;
mod table;
mod update;

use std::cmp::Ordering;
use std::sync::OnceLock;

use hashbrown::{HashMap, HashSet};

use crate::correlate::{Columns, Correlation};
use crate::judge::{AlertStance, RuleFindings};
use crate::policy;
use crate::resolve::EntityKind;
use crate::resolve::entities::Entities;
use crate::resolve::extract::flag;
use crate::resolve::holders::Holders;
use crate::resolve::store::{NONE, Store};

use super::Casebook;
use super::constraints::Making;
use super::decisions::Decided;
use super::index::OutsideIndex;
use super::judged::Recent;
use super::respond::SaidIndex;
use super::similar::SimilarIndex;
use super::user_priority::UserIndex;

pub(crate) use scene::Places;
use shared::Shared;
pub(crate) use standing::Standing;
use standing::Standings;
use table::{Source, Table};
use update::{Covers, Live};

/// Everything derived, as columns.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    /// Alerts, those that no longer stand too.
    pub(crate) alerts: Vec<Standing>,
    rows: Vec<u32>,
    /// Standing alert of each alert key; `NONE` when none of its facts is in force.
    pub(crate) of_key: Vec<u32>,
    older: HashMap<u32, Vec<u32>>,
    /// How many alerts stand.
    pub(crate) standing: usize,
    /// Entities, and statements about alerts under ids of the same row.
    pub(crate) entities: Entities,
    common: Vec<bool>,
    table: Table,
    pub(crate) correlation: Correlation,
    pub(crate) decided: Decided,
    pub(crate) outside: OutsideIndex,
    holders: OnceLock<Holders>,
    /// Assets that the policy names as valuable.
    pub(super) critical: OnceLock<HashMap<u32, policy::Criticality>>,
    /// From what incidents hold to the incidents.
    pub(super) similar: OnceLock<SimilarIndex>,
    /// What was said about actions.
    pub(super) said: OnceLock<SaidIndex>,
    /// What the alerts of users give them, and how all users stand.
    pub(super) users: OnceLock<UserIndex>,
    pub(super) recent: Recent,
    shared: OnceLock<Shared>,
    /// What is known of each incident.
    cache: Vec<Cache>,
    covers: Covers,
    live: Option<Box<Live>>,
}

/// What is worked out of an incident when first asked for, and holds until something touches it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cache {
    /// What verdict rules say of it.
    pub(crate) findings: OnceLock<RuleFindings>,
    /// Its score in hundredths, and its latest activity.
    pub(crate) score: OnceLock<(u32, i64)>,
}

impl Derived {
    /// Derives everything. `O(rows + alerts × log alerts)`.
    pub(crate) fn new(book: &Casebook, in_force: &dyn Fn(u32) -> bool, decided: Decided) -> Derived {
        let (store, policy) = (&book.store, &book.policy);
        let Standings { alerts, rows, of_key, older } = Standings::new(book, in_force);
        let mut entities = Entities::derive(store, &used_profiles(store, &rows));
        let mut common = common(store, &entities, &rows);
        let mut table = Table::new();
        let source = Source { store, sequences: &book.events.sequences, common: &common };
        for standing in &alerts {
            table.push(standing, &rows[standing.rows.0 as usize..standing.rows.1 as usize], &mut entities, &source);
        }
        common.resize(entities.len(), false);
        let mut decided = decided;
        settle(store, &policy.correlate, &mut decided, &Settling { alerts: &alerts, rows: &rows, of_key: &of_key });
        let correlation = Correlation::constrained(&table.columns(&entities), &policy.correlate, &decided.constraints);
        Derived {
            standing: alerts.len(),
            alerts,
            rows,
            of_key,
            older,
            entities,
            common,
            table,
            cache: (0..correlation.numbers()).map(|_| Cache::default()).collect(),
            correlation,
            decided,
            outside: OutsideIndex::default(),
            holders: OnceLock::new(),
            critical: OnceLock::new(),
            similar: OnceLock::new(),
            said: OnceLock::new(),
            users: OnceLock::new(),
            recent: Recent::default(),
            shared: OnceLock::new(),
            covers: Covers::of(book),
            live: None,
        }
    }

    /// Works out anew what the decisions mean for the alerts that stand.
    pub(super) fn settle(&mut self, store: &Store, policy: &policy::Correlate) {
        let Derived { decided, alerts, rows, of_key, .. } = self;
        settle(store, policy, decided, &Settling { alerts, rows, of_key });
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        self.table.columns(&self.entities)
    }

    /// Entities and statements of an alert.
    pub(crate) fn entities_of(&self, alert: u32) -> &[u32] {
        self.table.entities_of(alert)
    }

    pub(crate) fn rows_of(&self, alert: u32) -> &[u32] {
        let rows = self.alerts[alert as usize].rows;
        &self.rows[rows.0 as usize..rows.1 as usize]
    }

    /// Forgets what incidents score, when people or lists say something else.
    pub(super) fn forget_scores(&mut self) {
        for cache in &mut self.cache {
            cache.score = OnceLock::new();
        }
        self.users = OnceLock::new();
    }

    pub(crate) fn cache(&self, incident: u32) -> Option<&Cache> {
        self.cache.get(incident as usize)
    }

    /// The profiles that give each identifier.
    pub(crate) fn holders(&self, store: &Store) -> &Holders {
        self.holders.get_or_init(|| Holders::new(store))
    }

    /// Profiles of an entity.
    pub(super) fn profiles_of(&self, store: &Store, entity: u32) -> Vec<u32> {
        let holders = self.holders(store);
        // Profiles of one entity share identifiers with each other.
        let (mut ids, mut profiles) = (vec![self.entities.name[entity as usize]], Vec::new());
        let (mut seen, mut known): (HashSet<u32>, HashSet<u32>) = (ids.iter().copied().collect(), HashSet::new());
        while let Some(id) = ids.pop() {
            let own = |profile: &u32| self.entities.of_profile.get(*profile as usize) == Some(&entity);
            for profile in holders.of(id).filter(own) {
                if known.insert(profile) {
                    profiles.push(profile);
                    ids.extend(store.profiles.get(profile).iter().filter(|id| seen.insert(**id)));
                }
            }
        }
        profiles
    }

    /// Every identifier of an entity as a public id, strongest first, then by value.
    pub(crate) fn aliases(&self, store: &Store, entity: u32) -> Vec<String> {
        let profiles = self.profiles_of(store, entity);
        let mut ids: Vec<u32> = profiles.iter().flat_map(|profile| store.profiles.get(*profile)).copied().collect();
        ids.sort_unstable_by_key(|id| (store.id_type(*id), store.ids.str(*id)));
        ids.dedup();
        let kind = self.entities.kind(entity).as_str();
        ids.into_iter().map(|id| format!("{kind}:{}:{}", store.id_type(id).as_str(), store.ids.str(id))).collect()
    }

    /// Order of entities and statements in outputs.
    pub(crate) fn order(&self, store: &Store, a: u32, b: u32) -> Ordering {
        self.entities.order(store, a, b)
    }

    /// Is the entity found on every machine or network? Statements never are.
    pub(crate) fn is_common(&self, entity: u32) -> bool {
        self.common.get(entity as usize).copied().unwrap_or(false)
    }

    /// What two alerts share, for a link: an entity's id, or the text of a statement.
    pub(crate) fn shown(&self, store: &Store, entity: u32) -> (EntityKind, String) {
        (self.entities.kind(entity), self.entities.public_id(store, entity))
    }
}

/// What decisions are settled with.
struct Settling<'s> {
    alerts: &'s [Standing],
    rows: &'s [u32],
    of_key: &'s [u32],
}

/// Works out what decisions mean for the alerts that stand. `O(alerts)` where vendors' records have a say.
fn settle(store: &Store, policy: &policy::Correlate, decided: &mut Decided, with: &Settling<'_>) {
    let Settling { alerts, of_key, .. } = *with;
    let mut of_vendor: HashMap<u32, Vec<u32>> = HashMap::new();
    if !decided.vendor.is_empty() {
        for alert in of_key.iter().filter(|alert| **alert != NONE) {
            let text = store.alerts[alerts[*alert as usize].head as usize].vendor_incident;
            if text != NONE {
                of_vendor.entry(text).or_default().push(*alert);
            }
        }
    }
    let of_vendor = |id: &str| store.texts.find(0, id).and_then(|id| of_vendor.get(&id)).cloned().unwrap_or_default();
    mean(store, policy, decided, with, &of_vendor);
}

/// The same, given the alerts that a vendor's incident has.
fn mean(
    store: &Store,
    policy: &policy::Correlate,
    decided: &mut Decided,
    with: &Settling<'_>,
    of_vendor: &dyn Fn(&str) -> Vec<u32>,
) {
    let Settling { alerts, rows, of_key } = *with;
    let order = |a: u32, b: u32| alerts[a as usize].order(&alerts[b as usize], store);
    decided.settle(store, of_key, &order);
    let making = Making { store, policy, decided, alerts, rows, order: &order, of_vendor };
    (decided.constraints, decided.numbers) = making.make();
}

fn used_profiles(store: &Store, rows: &[u32]) -> Vec<bool> {
    let mut used = vec![false; store.profiles.len()];
    for row in rows {
        let (from, to) = store.alerts[*row as usize].occurrences;
        for occurrence in &store.occurrences[from as usize..to as usize] {
            used[occurrence.profile as usize] = true;
        }
    }
    used
}

/// An entity is common when all of its occurrences say so: one that does not is enough to show that the
/// rest borrow a common name, as malware does that is copied over a system program.
fn common(store: &Store, entities: &Entities, rows: &[u32]) -> Vec<bool> {
    let mut common = vec![true; entities.len()];
    for row in rows {
        let (from, to) = store.alerts[*row as usize].occurrences;
        for occurrence in &store.occurrences[from as usize..to as usize] {
            if occurrence.flags & flag::COMMON == 0 {
                common[entities.of_profile[occurrence.profile as usize] as usize] = false;
            }
        }
    }
    common
}

impl Store {
    /// What the judge needs to know of the alert in this row.
    pub(crate) fn stance(&self, row: u32) -> AlertStance {
        let row = &self.alerts[row as usize];
        AlertStance { severity: row.severity, classification: row.classification, detector: row.detector }
    }
}
