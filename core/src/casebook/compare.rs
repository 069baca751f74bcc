//! Two worlds in; the incidents in which they differ out. What looks the same in both is not judged.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::sync::Arc;

use hashbrown::HashMap;

use crate::model::FactId;
use crate::resolve::store::NONE;
use crate::rules::RuleSet;
use crate::summary::{Digest, Impact, compare};

use super::Casebook;
use super::derived::Derived;
use super::present::Presenter;

/// What becomes of the incidents of `old` in `new`.
pub(super) fn between(old: &Casebook, new: &Casebook) -> Impact {
    let counts = (old.derived().correlation.len(), new.derived().correlation.len());
    let [was, is] = differing(old, new);
    let (mut impact, unnamed) = compare(&digests(old, &was), &digests(new, &is));
    (impact.incidents_before, impact.incidents_after) = counts;
    let mut by_digest: HashMap<(bool, usize), Vec<usize>> = HashMap::new();
    for one in &unnamed {
        by_digest.entry((one.after, one.digest)).or_default().push(one.local);
    }
    let mut presenters = [Presenter::new(old), Presenter::new(new)];
    let names: HashMap<(bool, usize), HashMap<usize, String>> = by_digest
        .into_iter()
        .filter_map(|((after, digest), locals)| {
            let incident = *(if after { &is } else { &was }).get(digest)?;
            Some(((after, digest), presenters[usize::from(after)].names_in(incident, &locals)))
        })
        .collect();
    for one in unnamed {
        let name = names.get(&(one.after, one.digest)).and_then(|names| names.get(&one.local));
        let slot = impact.incidents.get_mut(one.incident).and_then(|incident| incident.verdicts.get_mut(one.verdict));
        if let (Some(slot), Some(name)) = (slot, name) {
            slot.name.clone_from(name);
        }
    }
    impact
}

fn digests<'b>(book: &'b Casebook, incidents: &[u32]) -> Vec<Digest<'b>> {
    let mut presenter = Presenter::new(book);
    incidents.iter().map(|incident| presenter.digest(*incident)).collect()
}

/// The incidents of each world that the other has no like of.
fn differing(old: &Casebook, new: &Casebook) -> [Vec<u32>; 2] {
    let (a, b) = (old.derived(), new.derived());
    let (all_old, all_new) = (a.correlation.by_time(), b.correlation.by_time());
    if !judges_alike(old, new) {
        return [all_old, all_new];
    }
    let pair = Pair { old, a, new, b };
    let mut known = vec![false; a.correlation.numbers()];
    let mut is = Vec::new();
    for incident in all_new {
        match pair.twin(incident) {
            Some(twin) => known[twin as usize] = true,
            None => is.push(incident),
        }
    }
    [all_old.into_iter().filter(|incident| !known[*incident as usize]).collect(), is]
}

/// Do two worlds with the same columns judge what looks the same alike?
fn judges_alike(old: &Casebook, new: &Casebook) -> bool {
    let rules = |book: &Casebook| book.rules.as_ref().map(RuleSet::hash).map(str::to_owned);
    // A world that was read anew has other columns.
    let goes_on =
        |from: &Casebook, to: &Casebook| to.sight.columns.as_ref().is_some_and(|c| Arc::ptr_eq(c, &from.store));
    (Arc::ptr_eq(&old.store, &new.store) || goes_on(old, new) || goes_on(new, old))
        && old.policy.judge == new.policy.judge
        && old.policy.summary == new.policy.summary
        && old.policy.rules == new.policy.rules
        && rules(old) == rules(new)
}

/// Two worlds of which one goes on from the columns of the other, so that rows and identifiers are the same.
struct Pair<'w> {
    old: &'w Casebook,
    a: &'w Derived,
    new: &'w Casebook,
    b: &'w Derived,
}

impl Pair<'_> {
    /// The incident of the old world that looks to the judge just as this one of the new.
    fn twin(&self, incident: u32) -> Option<u32> {
        let first = self.b.correlation.alerts(incident).next()?;
        let key = self.new.store.alerts[self.b.alerts[first as usize].head as usize].key;
        let counterpart = self.a.of_key.get(key as usize).copied().filter(|alert| *alert != NONE)?;
        let twin = self.a.correlation.incident_of(counterpart);
        let (mut left, mut right) = (self.a.correlation.alerts(twin), self.b.correlation.alerts(incident));
        loop {
            match (left.next(), right.next()) {
                (None, None) => break,
                (Some(x), Some(y)) if self.alert(x, twin, y, incident) => {}
                _ => return None,
            }
        }
        self.decisions(twin, incident).then_some(twin)
    }

    fn head(derived: &Derived, alert: u32) -> u32 {
        derived.alerts[derived.correlation.repeat_of(alert) as usize].head
    }

    fn alert(&self, x: u32, twin: u32, y: u32, incident: u32) -> bool {
        self.a.rows_of(x) == self.b.rows_of(y)
            && Self::head(self.a, x) == Self::head(self.b, y)
            && self.a.correlation.salience(x).to_bits() == self.b.correlation.salience(y).to_bits()
            && self.a.rows_of(x).iter().all(|row| {
                let (from, to) = self.old.store.alerts[*row as usize].occurrences;
                (from..to).all(|at| {
                    let profile = self.old.store.occurrences[at as usize].profile as usize;
                    self.entity(
                        self.a.entities.of_profile[profile],
                        twin,
                        self.b.entities.of_profile[profile],
                        incident,
                    )
                })
            })
    }

    fn entity(&self, x: u32, twin: u32, y: u32, incident: u32) -> bool {
        self.a.entities.name[x as usize] == self.b.entities.name[y as usize]
            && self.a.is_common(x) == self.b.is_common(y)
            && Self::listed(self.old, self.a, x).eq(Self::listed(self.new, self.b, y))
            && Self::said(self.a, x).eq(Self::said(self.b, y))
            && self.elsewhere(0, x, twin).eq(self.elsewhere(1, y, incident))
    }

    /// Facts of the indicators on an entity.
    fn listed<'w>(book: &'w Casebook, derived: &'w Derived, entity: u32) -> impl Iterator<Item = FactId> + 'w {
        let indicators = derived.outside.indicators.get(&entity).into_iter().flatten();
        let facts = indicators.filter_map(|at| book.indicators.get(*at as usize)).map(|(fact, _)| *fact);
        facts.filter_map(|fact| book.log.get(fact)).map(|(id, ..)| id)
    }

    /// Facts of the decisions on an entity's verdict, oldest first.
    fn said(derived: &Derived, entity: u32) -> impl Iterator<Item = FactId> + '_ {
        let decisions = derived.outside.verdicts.get(&entity).into_iter().flatten();
        decisions.filter_map(|at| derived.decided.entries.get(*at as usize)).map(|entry| entry.fact)
    }

    /// What alerts of other incidents say of an entity.
    fn elsewhere(&self, side: usize, entity: u32, incident: u32) -> impl Iterator<Item = (u8, u8, u32, FactId)> + '_ {
        let (book, derived) = if side == 0 { (self.old, self.a) } else { (self.new, self.b) };
        let of_entity = derived.shared_opinions(&book.store, &book.policy.judge, entity).iter();
        of_entity.filter(move |o| derived.correlation.incident_of(o.alert) != incident).map(move |o| {
            let row = &book.store.alerts[derived.alerts[o.alert as usize].head as usize];
            let fact = book.record(row.fact).map_or(FactId([0; 32]), |(id, ..)| id);
            (o.verdict, o.confidence, o.source, fact)
        })
    }

    /// Are the same decisions about both incidents?
    fn decisions(&self, twin: u32, incident: u32) -> bool {
        let about = |derived: &Derived, incident: u32| {
            if derived.decided.entries.is_empty() {
                return Vec::new();
            }
            let alerts: Vec<u32> = derived.correlation.alerts(incident).collect();
            derived.decided.about(&alerts).into_iter().map(|entry| entry.fact).collect()
        };
        about(self.a, twin) == about(self.b, incident)
    }
}
