//! Which facts can change an incident: those that touch it.
//!
//! A fact touches an incident when one of its alerts shares an identifier with an alert of the incident, directly
//! or over things known under several names; when they share a vendor's incident, an actor, or a detector, whose
//! rarity they make together; when the days of their tenant tell what is routine there, and so all of its alerts do
//! together; when it is an indicator or a decision on such a thing or alert; when it withdraws
//! such a fact. Events that a correlation may look at touch everything. This asks for more than needed, never for less.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::{HashMap, HashSet};
use petgraph::unionfind::UnionFind;

use crate::model::Choice;
use crate::resolve::store::{NONE, Store, id_tag};
use crate::resolve::{EntityKind, IdType};

use crate::resolve::named::identifiers;

use super::made::MADE;
use super::{Casebook, index};

/// What facts have in common: a thing under all of its names, a detector, a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Mark {
    Thing(u32),
    Detector(u32, u32),
    Vendor(u32, u32),
    Actor(u32, u32),
    Tenant(u32),
}

/// Facts by what they are about.
#[derive(Debug)]
pub(super) struct Touch {
    /// The thing that each identifier may name.
    thing: Vec<u32>,
    /// All alerts of a tenant say what is routine in it.
    daily: bool,
    facts: HashMap<Mark, Vec<u32>>,
    /// Events that a correlation may look at.
    matched: Vec<u32>,
}

impl Touch {
    /// Over all facts of a casebook: `O(facts)`.
    pub(super) fn new(book: &Casebook) -> Touch {
        let store = &book.store;
        let mut union = UnionFind::<u32>::new(store.ids.len());
        for profile in 0..store.profiles.len() as u32 {
            if let [first, rest @ ..] = store.profiles.get(profile) {
                for id in rest {
                    union.union(*first, *id);
                }
            }
        }
        let mut this = Touch { thing: union.into_labeling(), daily: false, facts: HashMap::new(), matched: Vec::new() };
        this.daily = book.derived().correlation.knows_routine();
        let mut of_fact: HashMap<u32, Vec<Mark>> = HashMap::new();
        let mut rows_of_key: HashMap<u32, Vec<u32>> = HashMap::new();
        for (row, at) in store.alerts.iter().zip(0u32..) {
            rows_of_key.entry(row.key).or_default().push(at);
            let marks: Vec<Mark> = this.row(store, at).collect();
            for fact in facts_of(book, row.fact) {
                of_fact.entry(fact).or_default().extend_from_slice(&marks);
            }
        }
        for (fact, indicator) in book.indicators.iter() {
            let named = identifiers(indicator).into_iter();
            let named =
                named.flat_map(|(kind, ids)| ids.into_iter().map(move |(id_type, value)| (kind, id_type, value)));
            let marks = named.flat_map(|(kind, id_type, value)| this.named(store, kind, id_type, &value));
            of_fact.entry(*fact).or_default().extend(marks);
        }
        for (fact, decision) in book.decisions.iter() {
            let mut marks = Vec::new();
            if let Choice::SetVerdict { entity, .. } = &decision.what
                && let Ok((kind, id_type, value)) = index::parse_entity(entity)
            {
                marks.extend(this.named(store, kind, id_type, value));
            }
            let (from, to) = match &decision.what {
                Choice::Part { from } => (from.as_slice(), [].as_slice()),
                Choice::Move { from, into } => (from.as_slice(), into.as_slice()),
                _ => ([].as_slice(), [].as_slice()),
            };
            let keys = decision.alerts.iter().chain(from).chain(to).flat_map(|id| book.keys_of(id));
            let rows = keys.filter_map(|key| rows_of_key.get(&key)).flatten();
            marks.extend(rows.flat_map(|row| this.row(store, *row)));
            of_fact.entry(*fact).or_default().extend(marks);
        }
        for (id, records) in book.vendor.iter() {
            let Some(text) = store.texts.find(0, id) else { continue };
            let marks: Vec<Mark> = store.tenants().map(|tenant| Mark::Vendor(tenant, text)).collect();
            for fact in records {
                of_fact.entry(*fact).or_default().extend_from_slice(&marks);
            }
        }
        for (fact, retraction) in book.retractions.iter() {
            // What a chain of retractions ends at; ids are digests, so it does end.
            let mut target = book.log.find(&retraction.fact);
            while let Some(next) = target.and_then(|t| book.retractions.iter().find(|(at, _)| *at == t)) {
                target = book.log.find(&next.1.fact);
            }
            let marks = target.and_then(|target| of_fact.get(&target)).cloned().unwrap_or_default();
            of_fact.entry(*fact).or_default().extend(marks);
        }
        for (fact, mut marks) in of_fact {
            marks.sort_unstable();
            marks.dedup();
            for mark in marks {
                this.facts.entry(mark).or_default().push(fact);
            }
        }
        let rows = book.events.matches.iter().filter_map(|found| book.events.rows.get(found.event as usize));
        this.matched = rows.map(|row| row.fact).collect();
        this
    }

    /// What a row of the alert columns is about.
    fn row(&self, store: &Store, row: u32) -> impl Iterator<Item = Mark> {
        let row = &store.alerts[row as usize];
        let (from, to) = row.occurrences;
        let profiles = store.occurrences[from as usize..to as usize].iter().map(|o| o.profile);
        // What only another world names, none of the facts does.
        let things =
            profiles.filter_map(|profile| self.thing.get(*store.profiles.get(profile).first()? as usize).copied());
        let texts = [
            Some(Mark::Detector(row.tenant, row.detector)),
            Some(Mark::Tenant(row.tenant)),
            (row.vendor_incident != NONE).then_some(Mark::Vendor(row.tenant, row.vendor_incident)),
            (row.actor != NONE).then_some(Mark::Actor(row.tenant, row.actor)),
        ];
        things.map(Mark::Thing).chain(texts.into_iter().flatten()).collect::<Vec<_>>().into_iter()
    }

    /// The things of this name, in any tenant.
    fn named(&self, store: &Store, kind: EntityKind, id_type: IdType, value: &str) -> Vec<Mark> {
        let ids = store.tenants().filter_map(|tenant| store.ids.find(id_tag(tenant, kind, id_type), value));
        ids.map(|id| Mark::Thing(self.thing[id as usize])).collect()
    }

    /// Facts that touch what these rows of a world, or things with these profiles, are about.
    pub(super) fn facts(&self, world: &Casebook, rows: &[u32], profiles: &[u32]) -> Vec<u32> {
        let store = &world.store;
        let mut marks: HashSet<Mark> = rows.iter().flat_map(|row| self.row(store, *row)).collect();
        let ids = profiles.iter().filter_map(|profile| store.profiles.get(*profile).first());
        marks.extend(ids.map(|id| Mark::Thing(self.thing[*id as usize])));
        if !(self.daily || world.derived().correlation.knows_routine()) {
            marks.retain(|mark| !matches!(mark, Mark::Tenant(_)));
        }
        let mut out: Vec<u32> = marks.iter().filter_map(|mark| self.facts.get(mark)).flatten().copied().collect();
        if !rows.is_empty() {
            out.extend(&self.matched);
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// The facts that a record rests on: itself, the event that a rule made it of, the events of its sequence.
fn facts_of(book: &Casebook, record: u32) -> Vec<u32> {
    if record < MADE {
        return vec![record];
    }
    let mut facts: Vec<u32> = book.events.made.event(record).into_iter().collect();
    facts.extend(book.events.facts_of_sequence(record));
    facts
}
