//! The facts as a checker reads them: which are in force, which version of an alert stands, what is one thing.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::model::{Decision, FactId, FactKind, Indicator, Retraction, fact_id};
use crate::policy::Policy;
use crate::resolve::entities::Entities;
use crate::resolve::extract::{Extract, flag};
use crate::resolve::store::{NONE, Store, UNDATED};

use super::flaw::{Flaw, FlawKind};

/// A record: a fact of the log, or an alert that a rule made of one, under the id of its event.
#[derive(Debug)]
pub(crate) struct Given<'f> {
    pub(crate) id: FactId,
    pub(crate) kind: FactKind,
    pub(crate) json: Cow<'f, [u8]>,
}

/// An alert as it stands: the newest of its versions, then the parts that add to it.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) id: String,
    pub(super) tenant: String,
    /// Rows of the store, the head first.
    pub(super) rows: Vec<u32>,
    pub(super) first: Option<i64>,
}

/// All facts in force, read.
#[derive(Debug)]
pub(crate) struct World<'f> {
    pub(super) records: Vec<Given<'f>>,
    pub(super) withdrawn: Vec<FactId>,
    pub(super) store: Store,
    /// By time, then id, then tenant; undated ones last.
    pub(super) alerts: Vec<Standing>,
    pub(super) entities: Entities,
    /// By entity: whether every occurrence is of something that all machines have.
    pub(super) common: Vec<bool>,
    /// The entity that each identifier leads to.
    pub(super) holders: Vec<u32>,
    /// By fact.
    pub(super) indicators: Vec<(FactId, Indicator)>,
    /// By the time they carry, then by fact.
    pub(super) decisions: Vec<(FactId, Decision)>,
}

fn unreadable(id: FactId, what: &str) -> Flaw {
    Flaw::new(FlawKind::Fact, "$", format!("fact `{id}` cannot be read: {what}"))
}

/// The facts that no retraction in force withdraws, and those that one does. A retraction that is itself
/// withdrawn withdraws nothing; ids are digests, so chains cannot be circular.
///
/// # Errors
/// When the digest of a fact is not its id, or a retraction cannot be read.
pub(crate) fn in_force(facts: Vec<Given<'_>>) -> Result<(Vec<Given<'_>>, Vec<FactId>), Flaw> {
    if let Some(wrong) = facts.iter().find(|fact| fact_id(fact.kind, &fact.json) != fact.id) {
        let message = format!("the digest of fact `{}` is another: its bytes were changed", wrong.id);
        return Err(Flaw::new(FlawKind::Fact, "$", message));
    }
    let mut named: HashMap<FactId, Vec<FactId>> = HashMap::new();
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::Retraction) {
        let read = serde_json::from_slice::<Retraction>(&fact.json);
        named.entry(read.map_err(|e| unreadable(fact.id, &e.to_string()))?.fact).or_default().push(fact.id);
    }
    // Each round settles the facts whose every retraction is settled.
    let mut stands: HashMap<FactId, bool> = HashMap::new();
    loop {
        let before = stands.len();
        for fact in facts.iter().filter(|fact| !stands.contains_key(&fact.id)).map(|fact| fact.id).collect::<Vec<_>>() {
            let by: Option<Vec<bool>> =
                named.get(&fact).map_or(&[][..], Vec::as_slice).iter().map(|by| stands.get(by).copied()).collect();
            if let Some(by) = by {
                stands.insert(fact, !by.contains(&true));
            }
        }
        if stands.len() == before {
            break;
        }
    }
    let (held, gone): (Vec<_>, Vec<_>) = facts.into_iter().partition(|fact| stands.get(&fact.id) == Some(&true));
    Ok((held, gone.into_iter().map(|fact| fact.id).collect()))
}

impl<'f> World<'f> {
    /// Reads facts in force, and alerts that rules made of events among them.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub(crate) fn new(records: Vec<Given<'f>>, withdrawn: Vec<FactId>, policy: &Policy) -> Result<World<'f>, Flaw> {
        let mut store = Store::default();
        let (mut indicators, mut decisions) = (Vec::new(), Vec::new());
        for (at, record) in records.iter().enumerate() {
            let wrong = |e: serde_json::Error| unreadable(record.id, &e.to_string());
            match record.kind {
                FactKind::Alert | FactKind::AlertPart => {
                    let mut extract = Extract::default();
                    let read = extract.read(&record.json, &policy.limits);
                    read.map_err(|problem| unreadable(record.id, &problem.message))?;
                    store.push(&extract, at as u32, record.kind == FactKind::AlertPart);
                }
                FactKind::Indicator => {
                    indicators.push((record.id, serde_json::from_slice::<Indicator>(&record.json).map_err(wrong)?));
                }
                FactKind::Decision => {
                    decisions.push((record.id, serde_json::from_slice::<Decision>(&record.json).map_err(wrong)?));
                }
                _ => {}
            }
        }
        indicators.sort_by_key(|(id, _)| *id);
        decisions.sort_by(|(a, x), (b, y)| x.at.cmp(&y.at).then(a.cmp(b)));
        let alerts = standing(&records, &store);
        let used = occurrences(&store, &alerts);
        let mut profiles = vec![false; store.profiles.len()];
        used.iter().for_each(|at| profiles[store.occurrences[*at as usize].profile as usize] = true);
        let entities = Entities::derive(&store, &profiles);
        let mut common = vec![true; entities.len()];
        for at in &used {
            let occurrence = &store.occurrences[*at as usize];
            common[entities.of_profile[occurrence.profile as usize] as usize] &= occurrence.flags & flag::COMMON != 0;
        }
        let holders = entities.holders(&store);
        Ok(World { records, withdrawn, store, alerts, entities, common, holders, indicators, decisions })
    }

    /// The fact of a row of the store.
    pub(super) fn fact(&self, row: u32) -> FactId {
        self.records[self.store.alerts[row as usize].fact as usize].id
    }

    /// The record of a row of the store.
    pub(super) fn json(&self, row: u32) -> &[u8] {
        &self.records[self.store.alerts[row as usize].fact as usize].json
    }

    /// The occurrences of a row, by number.
    pub(super) fn occurrences(&self, row: u32) -> std::ops::Range<u32> {
        let (from, to) = self.store.alerts[row as usize].occurrences;
        from..to
    }

    /// The entity that an occurrence is.
    pub(super) fn entity(&self, occurrence: u32) -> u32 {
        self.entities.of_profile[self.store.occurrences[occurrence as usize].profile as usize]
    }

    /// Every identifier that the facts give an entity, strongest first, as public ids.
    pub(super) fn identifiers(&self, entity: u32) -> Vec<String> {
        let profiles = (0..self.entities.of_profile.len()).filter(|p| self.entities.of_profile[*p] == entity);
        let ids = profiles.flat_map(|profile| self.store.profiles.get(profile as u32));
        let mut ids: Vec<_> = ids.map(|id| (self.store.id_type(*id), self.store.ids.str(*id))).collect();
        ids.sort_unstable();
        ids.dedup();
        let kind = self.entities.kind(entity).as_str();
        ids.into_iter().map(|(id_type, value)| format!("{kind}:{}:{value}", id_type.as_str())).collect()
    }
}

fn occurrences(store: &Store, alerts: &[Standing]) -> Vec<u32> {
    let rows = alerts.iter().flat_map(|alert| &alert.rows).map(|row| store.alerts[*row as usize].occurrences);
    rows.flat_map(|(from, to)| from..to).collect()
}

/// Of the versions of an alert the one updated last stands, of equal ones the one with the greatest id; parts add
/// to it, the newest first.
fn standing(records: &[Given<'_>], store: &Store) -> Vec<Standing> {
    let mut versions: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (row, alert) in store.alerts.iter().enumerate() {
        versions.entry(alert.key).or_default().push(row as u32);
    }
    let of = |row: u32| &store.alerts[row as usize];
    let mut alerts: Vec<Standing> = versions
        .into_values()
        .map(|mut rows| {
            rows.sort_by_key(|row| std::cmp::Reverse((of(*row).updated, records[of(*row).fact as usize].id)));
            let whole = rows.iter().copied().find(|row| !of(*row).fragment);
            let parts = rows.iter().copied().filter(|row| of(*row).fragment);
            let rows: Vec<u32> = whole.into_iter().chain(parts).collect();
            let head = of(rows[0]);
            let first = rows.iter().map(|row| of(*row).first).filter(|time| *time != UNDATED).min();
            let (id, tenant) = (store.alert_id(head.key).to_owned(), store.text(head.tenant).to_owned());
            Standing { id, tenant, rows, first }
        })
        .collect();
    alerts.sort_by(|a, b| {
        let key = |alert: &Standing| alert.first.unwrap_or(i64::MAX);
        key(a).cmp(&key(b)).then_with(|| (&a.id, &a.tenant).cmp(&(&b.id, &b.tenant)))
    });
    alerts
}

/// No entity.
pub(super) const NOTHING: u32 = NONE;
