//! Incidents as they were judged, kept while explanations are asked for: to explain one more entity of an
//! incident costs what that entity costs.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::{HashMap, HashSet};

use crate::judge::{Basis, Explanation, Judgement, Member, Scene, Told, Weights, Words};
use crate::model::FactId;
use crate::resolve::extract::{Extract, flag};
use crate::resolve::store::{NONE, Store};

use super::Casebook;
use super::derived::Derived;
use super::present::Presenter;

/// Incidents kept.
const KEPT: usize = 8;

/// The incidents that were explained last, the latest first.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Vec<(u32, Arc<JudgedIncident>)>>);

impl Clone for Recent {
    /// A copy is made to be judged otherwise, so it begins with none.
    fn clone(&self) -> Recent {
        Recent::default()
    }
}

impl Recent {
    /// What is known of these incidents no longer holds.
    pub(super) fn forget(&mut self, incidents: &HashSet<u32>) {
        let kept = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(incident, _)| !incidents.contains(incident));
    }
}

/// One incident, judged, with the texts that its explanations need.
#[derive(Debug)]
pub(crate) struct JudgedIncident {
    scene: Scene,
    judgement: Judgement,
    names: Arc<[String]>,
    /// The evidence item of each occurrence that an opinion or a relation is read of.
    items: HashMap<u32, u32>,
    basis: Basis,
    work: u64,
}

/// The row of the alert columns that holds an occurrence.
fn row_of(store: &Store, occurrence: u32) -> Option<u32> {
    let row = store.alerts.partition_point(|row| row.occurrences.1 <= occurrence);
    (row < store.alerts.len()).then_some(row as u32)
}

/// Evidence items of occurrences, given in their order.
fn items(book: &Casebook, occurrences: &[u32]) -> HashMap<u32, u32> {
    let mut items = HashMap::with_capacity(occurrences.len());
    let rows = occurrences.iter().filter_map(|at| Some((row_of(&book.store, *at)?, *at)));
    for chunk in rows.collect::<Vec<_>>().chunk_by(|a, b| a.0 == b.0) {
        let Some(source) = chunk.first().and_then(|(row, _)| book.store.alerts.get(*row as usize)) else { continue };
        let json = book.record(source.fact).map_or(&[][..], |(_, _, json)| json);
        let extract = Extract::read_names(json, &book.policy.limits);
        for (_, at) in chunk {
            let item = extract.item_of.get((at - source.occurrences.0) as usize);
            items.insert(*at, item.copied().unwrap_or(0));
        }
    }
    items
}

impl JudgedIncident {
    /// Takes the incident that the presenter has just judged.
    fn new(presenter: Presenter<'_>, incident: u32) -> JudgedIncident {
        let (book, derived) = (presenter.book, presenter.derived);
        let names = presenter.names();
        let Presenter { scene, judgement, work, .. } = presenter;
        let mut wanted: Vec<u32> = judgement.opinions.iter().map(|o| o.row).filter(|row| *row != NONE).collect();
        wanted.extend(scene.arcs.iter().map(|arc| arc.occurrence));
        wanted.sort_unstable();
        wanted.dedup();
        let items = items(book, &wanted);
        let members = derived.correlation.alerts(incident).map(|alert| {
            let facts = derived.rows_of(alert).iter().filter_map(|row| book.store.alerts.get(*row as usize));
            let facts = facts.filter_map(|row| book.record(row.fact).map(|(id, ..)| id));
            let (alert, tenant_id) = name_of(book, derived, alert);
            Member { alert, tenant_id, facts: facts.collect() }
        });
        let rules = book.rules.as_ref().map(|rules| rules.hash().to_owned());
        let basis = Basis::new(&book.policy, rules, members.collect());
        JudgedIncident { scene, judgement, names, items, basis, work }
    }

    /// The explanation of the first of `entities` that the incident holds.
    fn explain(&self, book: &Casebook, entities: &[u32]) -> Option<Explanation> {
        let local = self.scene.entities.iter().position(|e| entities.contains(e))? as u32;
        let words = BookWords {
            book,
            derived: book.derived(),
            scene: &self.scene,
            names: &self.names,
            items: Some(&self.items),
        };
        let weights = Weights::new(&book.policy.judge);
        let told =
            Told { scene: &self.scene, judgement: &self.judgement, weights: &weights, work: self.work, words: &words };
        told.explain(local, self.basis.clone())
    }
}

impl Casebook {
    /// Explains the first of `entities` that the incident holds, with so many units of work.
    pub(super) fn explain_in(&self, incident: u32, entities: &[u32], work: u64) -> Option<Explanation> {
        let judged = || {
            let mut presenter = Presenter::new(self);
            presenter.work = work;
            presenter.judge(incident);
            JudgedIncident::new(presenter, incident)
        };
        if work != self.policy.judge.work {
            return judged().explain(self, entities);
        }
        let Recent(recent) = &self.derived().recent;
        // A list is a list, whoever panicked while holding it.
        let lock = || recent.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = lock().iter().find(|(kept, _)| *kept == incident).map(|(_, judged)| judged.clone());
        let found = kept.unwrap_or_else(|| {
            let made = Arc::new(judged());
            let mut recent = lock();
            recent.insert(0, (incident, made.clone()));
            recent.truncate(KEPT);
            made
        });
        found.explain(self, entities)
    }
}

/// Id and tenant of an alert.
pub(super) fn name_of(book: &Casebook, derived: &Derived, alert: u32) -> (String, String) {
    let head = derived.alerts.get(alert as usize).and_then(|a| book.store.alerts.get(a.head as usize));
    head.map_or_else(Default::default, |row| {
        (book.store.alert_id(row.key).to_owned(), book.store.text(row.tenant).to_owned())
    })
}

/// Id, title and fact of an alert.
pub(super) fn alert_words(book: &Casebook, derived: &Derived, alert: u32) -> (String, String, FactId) {
    let alert = derived.alerts.get(alert as usize);
    let row = alert.and_then(|a| book.store.alerts.get(a.head as usize));
    row.map_or_else(
        || (String::new(), String::new(), FactId([0; 32])),
        |row| {
            let fact = book.record(row.fact).map_or(FactId([0; 32]), |(id, ..)| id);
            (book.store.alert_id(row.key).to_owned(), book.store.text(row.title).to_owned(), fact)
        },
    )
}

/// The texts of a casebook, for the explanations of one incident.
pub(super) struct BookWords<'w> {
    pub(super) book: &'w Casebook,
    pub(super) derived: &'w Derived,
    pub(super) scene: &'w Scene,
    pub(super) names: &'w [String],
    /// Evidence items of occurrences; without them, and without identifiers, where only the reason is wanted.
    pub(super) items: Option<&'w HashMap<u32, u32>>,
}

impl BookWords<'_> {
    fn global(&self, local: u32) -> u32 {
        self.scene.entities.get(local as usize).copied().unwrap_or(0)
    }

    fn fact(&self, position: u32) -> FactId {
        self.book.record(position).map_or(FactId([0; 32]), |(id, ..)| id)
    }
}

impl Words for BookWords<'_> {
    fn entity_id(&self, local: u32) -> String {
        self.derived.entities.public_id(&self.book.store, self.global(local))
    }

    fn entity_name(&self, local: u32) -> String {
        self.names.get(local as usize).cloned().unwrap_or_default()
    }

    fn tenant(&self, local: u32) -> String {
        let tenant = self.derived.entities.tenant.get(self.global(local) as usize);
        tenant.map_or("", |tenant| self.book.store.text(*tenant)).to_owned()
    }

    fn identifiers(&self, local: u32) -> Vec<String> {
        self.items.map_or_else(Vec::new, |_| self.derived.aliases(&self.book.store, self.global(local)))
    }

    fn alert(&self, alert: u32) -> (String, String, FactId) {
        alert_words(self.book, self.derived, alert)
    }

    fn detector(&self, source: u32) -> String {
        self.book.store.text(source).to_owned()
    }

    fn place(&self, occurrence: u32) -> (FactId, u32, bool) {
        let store = &self.book.store;
        let Some(items) = self.items else { return (FactId([0; 32]), 0, false) };
        let source = row_of(store, occurrence).and_then(|row| store.alerts.get(row as usize));
        let fact = source.map_or(FactId([0; 32]), |source| self.fact(source.fact));
        let nested = store.occurrences.get(occurrence as usize).is_some_and(|o| o.flags & flag::NESTED != 0);
        (fact, items.get(&occurrence).copied().unwrap_or(0), nested)
    }

    fn indicator(&self, index: u32) -> (Option<String>, FactId) {
        match self.book.indicators.get(index as usize) {
            Some((position, indicator)) => (indicator.source.clone(), self.fact(*position)),
            None => (None, FactId([0; 32])),
        }
    }

    fn decision(&self, index: u32) -> (String, Option<String>, FactId) {
        match self.derived.decided.entries.get(index as usize) {
            Some(entry) => (entry.decision.by.clone(), entry.decision.reason.clone(), entry.fact),
            None => (String::new(), None, FactId([0; 32])),
        }
    }
}
