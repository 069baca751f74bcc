//! What it would take: the fewest facts without which an entity has another verdict, or one fact that gives it.
//!
//! The search is complete because a fact changes only the incidents that it touches (guarantee G5). Take any
//! smallest set of facts that does it. If none of them touched an incident that holds the entity, withdrawing
//! them one after the other would leave those incidents as they are; so one of them does, and after it is gone
//! the same holds of the rest. Every such set is therefore found by adding, to a set that was looked at, a fact
//! that touches the entity's incidents in the world without that set. `touch` says what touches what.

use hashbrown::HashSet;
use serde::Serialize;

use crate::error::{Error, ErrorCode, Result};
use crate::model::{Choice, Decision, FactId, FactKind, Indicator, Time, Verdict};
use crate::resolve::store::NONE;

use super::present::Presenter;
use super::touch::Touch;
use super::world::{Added, Circumstances};
use super::{Casebook, index, no_entity};

/// What it would take for an entity to have another verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Counterfactual {
    /// Public id of the entity.
    pub entity: String,
    /// The worst verdict that it has in any incident.
    pub verdict: Verdict,
    /// What was asked for.
    pub goal: Goal,
    /// The verdict of the goal.
    pub wanted: Verdict,
    /// The fewest facts found without which the goal is reached; of equally many those with the least ids.
    pub without: Option<Without>,
    /// Is it proved that no fewer do? Always of an empty set.
    pub minimal: bool,
    /// Proved: no set of so many facts, or fewer, reaches the goal.
    pub none_up_to: usize,
    /// Single facts besides with which the goal is reached, indicators first.
    pub with: Vec<With>,
    /// Facts that touch the incidents of the entity.
    pub candidates: usize,
    /// Worlds that were looked at.
    pub worlds: u64,
    /// Was everything looked at that could have told more? Not when the budget ended the search.
    pub complete: bool,
}

/// Which verdicts reach a goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Goal {
    /// The wanted one, or a milder one: what is wanted is milder than what is.
    AtMost,
    /// The wanted one, or a graver one.
    AtLeast,
}

impl Goal {
    fn is_reached(self, verdict: &Verdict, wanted: &Verdict) -> bool {
        match self {
            Goal::AtMost => verdict <= wanted,
            Goal::AtLeast => verdict >= wanted,
        }
    }
}

/// Facts without which a goal is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Without {
    /// The facts, by id.
    pub facts: Vec<NamedFact>,
    /// The verdict without them.
    pub verdict: Verdict,
}

/// A fact in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NamedFact {
    /// Its id: what a retraction names.
    pub id: String,
    /// What it is.
    pub kind: FactKind,
    /// What it says, in a few words.
    pub text: String,
}

/// A fact with which a goal is reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct With {
    /// An indicator, ready to be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indicator: Option<Indicator>,
    /// A decision, by `what-if` and as late as the latest that there is: put in who decides, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The verdict with it.
    pub verdict: Verdict,
}

impl Casebook {
    /// The fewest facts without which an entity has at most `verdict`, if it is graver now, or at least `verdict`,
    /// if it is milder; and single indicators and decisions that do the same.
    ///
    /// The verdict of an entity is here the worst that it has in any incident that holds it, and `unknown` when no
    /// alert holds it any more. Indicators and decisions are tried on the entity, and on what its suspicion comes
    /// from. The search takes sets by size; it ends with the smallest, or when it has looked at `budget` worlds
    /// ([`WhatIf::worlds`](crate::policy::WhatIf::worlds) if absent), and then says up to what size there is
    /// proved to be none. Each world costs what a what-if costs.
    ///
    /// ```
    /// use casegraph::model::Verdict;
    /// use casegraph::{Casebook, sample};
    ///
    /// let mut book = Casebook::new();
    /// book.ingest("sample", sample::ALERTS.as_bytes())?;
    /// let incident = book.incident(&book.queue()[0].id)?;
    /// let what = book.counterfactual(&incident.id, &incident.entities[0].id, Verdict::Clean, Some(500))?;
    /// assert!(what.without.is_some_and(|without| without.facts.len() > what.none_up_to));
    /// # Ok::<(), casegraph::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`explain`](Self::explain), and [`ErrorCode::InvalidArgument`] for a verdict that is none of Graph's.
    pub fn counterfactual(
        &self,
        alert_id: &str,
        entity_id: &str,
        verdict: Verdict,
        budget: Option<u64>,
    ) -> Result<Counterfactual> {
        if verdict.index().is_none() {
            let message = format!("no verdict `{}`, expected one of Graph's", verdict.as_str().escape_debug());
            return Err(Error::new(ErrorCode::InvalidArgument, message));
        }
        let why = self.explain(alert_id, entity_id)?;
        let incident = self.incident_of(alert_id)?;
        let derived = self.derived();
        let entities = index::find_entities(&self.store, derived, entity_id)?;
        let held = |entity: &u32| derived.correlation.alerts(incident).any(|a| derived.entities_of(a).contains(entity));
        let entity = entities.into_iter().find(held).ok_or_else(|| no_entity(alert_id, entity_id))?;
        let profiles = derived.entities.of_profile.iter().zip(0u32..).filter(|(of, _)| **of == entity);
        let mut search = Search {
            book: self,
            touch: Touch::new(self),
            profiles: profiles.map(|(_, profile)| profile).collect(),
            goal: Goal::AtMost,
            wanted: verdict,
            budget: budget.unwrap_or(self.policy.what_if.worlds),
            worlds: 0,
        };
        let now = search.look(self);
        if now.verdict < search.wanted {
            search.goal = Goal::AtLeast;
        }
        let mut out = Counterfactual {
            entity: why.entity.clone(),
            verdict: now.verdict.clone(),
            goal: search.goal,
            wanted: search.wanted.clone(),
            without: None,
            minimal: true,
            none_up_to: 0,
            with: Vec::new(),
            candidates: now.candidates.len(),
            worlds: 0,
            complete: true,
        };
        if search.reached(&now.verdict) {
            out.without = Some(Without { facts: Vec::new(), verdict: now.verdict });
            return Ok(out);
        }
        let near: Vec<String> =
            std::iter::once(why.entity).chain(why.path.iter().map(|step| step.from.clone())).collect();
        out.complete = search.presences(&near, &mut out.with)?;
        let found = search.absences(&now)?;
        out.minimal = found.best.as_ref().is_some_and(|(set, _)| set.len() == found.none_up_to + 1);
        out.none_up_to = found.none_up_to;
        out.complete &= out.minimal || found.exhausted;
        out.without = found.best.map(|(set, verdict)| Without { facts: search.named(&set), verdict });
        out.worlds = search.worlds;
        Ok(out)
    }
}

/// Facts by rank: the order of their ids, which does not depend on arrival.
type Set = Vec<(FactId, u32)>;

struct Search<'c> {
    book: &'c Casebook,
    touch: Touch,
    /// What the entity is known by.
    profiles: Vec<u32>,
    goal: Goal,
    wanted: Verdict,
    budget: u64,
    worlds: u64,
}

/// What a world shows.
struct Seen {
    verdict: Verdict,
    /// Facts that touch the incidents of the entity there, by id.
    candidates: Set,
}

/// What a search for absences found.
#[derive(Default)]
struct Found {
    best: Option<(Set, Verdict)>,
    none_up_to: usize,
    /// There are no further sets to look at.
    exhausted: bool,
}

impl Search<'_> {
    fn reached(&self, verdict: &Verdict) -> bool {
        self.goal.is_reached(verdict, &self.wanted)
    }

    /// The entity in a world, and what touches it there.
    fn look(&self, world: &Casebook) -> Seen {
        let derived = world.derived();
        let of_profile = |profile: &u32| derived.entities.of_profile.get(*profile as usize).copied();
        let entities: HashSet<u32> = self.profiles.iter().filter_map(of_profile).filter(|e| *e != NONE).collect();
        let entities: Vec<u32> = entities.into_iter().collect();
        let alerts = entities.iter().flat_map(|entity| derived.correlation.holders(*entity));
        let mut incidents: Vec<u32> = alerts.map(|alert| derived.correlation.incident_of(alert)).collect();
        incidents.sort_unstable();
        incidents.dedup();
        let worst = Presenter::new(world).worst(&entities, &incidents);
        let alerts = incidents.iter().flat_map(|incident| derived.correlation.alerts(*incident));
        let rows: Vec<u32> = alerts.flat_map(|alert| derived.rows_of(alert)).copied().collect();
        let stands = world.standing_facts();
        let touching = self.touch.facts(world, &rows, &self.profiles).into_iter().filter(|fact| stands(*fact));
        let mut candidates: Set = touching.filter_map(|fact| Some((self.book.log.get(fact)?.0, fact))).collect();
        candidates.sort_unstable();
        Seen { verdict: worst.unwrap_or_default(), candidates }
    }

    /// The world without these facts; `None` when the budget is used up.
    fn without(&mut self, set: &[(FactId, u32)]) -> Result<Option<Seen>> {
        let absent = set.iter().map(|(_, fact)| *fact).collect();
        let world = self.world(&Circumstances { absent, ..Circumstances::default() })?;
        Ok(world.map(|world| self.look(&world)))
    }

    fn world(&mut self, other: &Circumstances) -> Result<Option<Casebook>> {
        if self.worlds >= self.budget {
            return Ok(None);
        }
        self.worlds += 1;
        self.book.world(other).map(Some)
    }

    /// Tries indicators and decisions on the entities; `false` when the budget was used up before.
    fn presences(&mut self, entities: &[String], out: &mut Vec<With>) -> Result<bool> {
        let at = self.book.decisions.iter().map(|(_, decision)| decision.at.at()).max().unwrap_or_default();
        let mut tries: Vec<(Added, With)> = Vec::new();
        let mut decisions: Vec<(Added, With)> = Vec::new();
        let verdict = Verdict::Unknown;
        for entity in entities {
            let (kind, _, value) = index::parse_entity(entity)?;
            let indicator = Indicator::new(kind.as_str(), value, self.wanted.clone());
            if index::check(&indicator).is_ok() {
                let with = With { indicator: Some(indicator.clone()), decision: None, verdict: verdict.clone() };
                tries.push((Added::Indicator(indicator), with));
            }
            let choice = Choice::SetVerdict { entity: entity.clone(), verdict: self.wanted.clone() };
            let decision = Decision::new(choice, "what-if", Time::from(at));
            let with = With { indicator: None, decision: Some(decision.clone()), verdict: verdict.clone() };
            decisions.push((Added::Decision(decision), with));
        }
        for (added, with) in tries.into_iter().chain(decisions) {
            let other = Circumstances { added: vec![added], ..Circumstances::default() };
            let Some(world) = self.world(&other)? else { return Ok(false) };
            let verdict = self.look(&world).verdict;
            if self.reached(&verdict) {
                out.push(With { verdict, ..with });
            }
        }
        Ok(true)
    }

    /// Looks for the smallest set of facts without which the goal is reached.
    fn absences(&mut self, now: &Seen) -> Result<Found> {
        let mut found = Found::default();
        // Sets of the size at hand that do not reach the goal, with what touches the entity without them.
        let mut open: Vec<(Set, Set)> = vec![(Vec::new(), now.candidates.clone())];
        loop {
            let size = found.none_up_to + 1;
            if found.best.as_ref().is_some_and(|(set, _)| set.len() <= size) {
                return Ok(found);
            }
            let mut next: Vec<Set> = Vec::new();
            for (set, candidates) in &open {
                let new = candidates.iter().filter(|fact| !set.contains(fact));
                next.extend(new.map(|fact| {
                    let at = set.partition_point(|other| other < fact);
                    let mut more = set.clone();
                    more.insert(at, *fact);
                    more
                }));
            }
            next.sort_unstable();
            next.dedup();
            if next.is_empty() {
                found.exhausted = true;
                return Ok(found);
            }
            open.clear();
            for set in next {
                let Some(seen) = self.without(&set)? else { return Ok(found) };
                if self.reached(&seen.verdict) {
                    found.best = Some((set, seen.verdict));
                    return Ok(found);
                }
                open.push((set, seen.candidates));
            }
            found.none_up_to = size;
            if size == 1 {
                // A set that does it shows how far the search needs to go at most, also if the budget ends.
                found.best = self.some(now)?;
            }
        }
    }

    /// A set of facts that reaches the goal and none of whose facts can stay; not always the smallest.
    fn some(&mut self, now: &Seen) -> Result<Option<(Set, Verdict)>> {
        // What is milder needs less evidence; what is graver, less that speaks for it.
        let own: HashSet<u32> = self.touch.facts(self.book, &[], &self.profiles).into_iter().collect();
        let kind = |fact: u32| self.book.log.get(fact).map(|(_, kind, _)| kind);
        let said =
            |fact: u32| matches!(kind(fact), Some(FactKind::Indicator | FactKind::Decision | FactKind::Retraction));
        let mut set: Set = match self.goal {
            Goal::AtMost => now.candidates.iter().filter(|(_, fact)| own.contains(fact)).copied().collect(),
            Goal::AtLeast => now.candidates.iter().filter(|(_, fact)| said(*fact)).copied().collect(),
        };
        let mut verdict = match self.without(&set)? {
            Some(seen) if self.reached(&seen.verdict) => seen.verdict,
            _ => return Ok(None),
        };
        // From the greatest id on, so that the least stay.
        for at in (0..set.len()).rev() {
            let mut less = set.clone();
            less.remove(at);
            match self.without(&less)? {
                Some(seen) if self.reached(&seen.verdict) => (set, verdict) = (less, seen.verdict),
                Some(_) => {}
                None => break,
            }
        }
        Ok(Some((set, verdict)))
    }

    fn named(&self, set: &[(FactId, u32)]) -> Vec<NamedFact> {
        let named = set.iter().filter_map(|(id, fact)| {
            let (_, kind, json) = self.book.log.get(*fact)?;
            Some(NamedFact { id: id.to_string(), kind, text: said(kind, json) })
        });
        named.collect()
    }
}

/// What a fact says, in a few words.
fn said(kind: FactKind, json: &[u8]) -> String {
    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Words {
        title: serde_json::Value,
        kind: serde_json::Value,
        value: serde_json::Value,
        verdict: serde_json::Value,
        decision: serde_json::Value,
        by: serde_json::Value,
        fact: serde_json::Value,
    }
    let words: Words = serde_json::from_slice(json).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    match kind {
        FactKind::Alert | FactKind::AlertPart => text(&words.title),
        FactKind::Indicator => format!("{} {} is {}", text(&words.kind), text(&words.value), text(&words.verdict)),
        FactKind::Decision => format!("{} by {}", text(&words.decision), text(&words.by)),
        FactKind::Retraction => format!("{} withdrawn by {}", text(&words.fact), text(&words.by)),
        FactKind::Event => "a raw event".to_owned(),
        FactKind::ActionReport => format!("a report by {}", text(&words.by)),
        FactKind::Incident => "the vendor's record of an incident".to_owned(),
    }
}
