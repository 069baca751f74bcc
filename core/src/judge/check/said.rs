//! What is said of each entity of an incident: by its alerts and by others, by rules, lists and people; and what
//! that makes of it by itself.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: local ids are handed out by the scene they index")]

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::judge::opinions::{AlertStance, Authority, CLEAN, Opinion, Reading, RuleOpinion, Said, Why};
use crate::judge::scene::{Arc, Row, Scene};
use crate::judge::score::{ONE, Score, percent, together};
use crate::model::{Choice, Verdict};
use crate::resolve::named;
use crate::resolve::store::{NONE, id_tag};

use super::judged::Case;
use super::log::{NOTHING, World};

/// The opinions on one entity, of sources the best of each, and what they make of it by themselves.
#[derive(Debug, Default)]
pub(super) struct Opinions {
    pub(super) decisions: Vec<Opinion>,
    pub(super) indicators: Vec<Opinion>,
    pub(super) against: Vec<Opinion>,
    pub(super) clean: Vec<Opinion>,
    pub(super) exculpating: Vec<Opinion>,
    /// The one of a person or a list that decides.
    pub(super) standing: Option<Opinion>,
    /// What those against it amount to.
    pub(super) evidence: Score,
    /// What is left of it at most, by exculpating rules.
    pub(super) cap: Score,
    /// The score of its own opinions, before that and after.
    pub(super) uncapped: Score,
    pub(super) direct: Score,
    pub(super) examined: bool,
}

impl Opinions {
    /// A list says it is bad: suspicion may still make it worse.
    pub(super) fn listed(&self) -> bool {
        self.standing.is_some_and(|o| o.authority == Authority::Indicator && o.speaks_against())
    }

    /// A person or an allow list has the last word.
    pub(super) fn decided(&self) -> bool {
        self.standing.is_some() && !self.listed()
    }
}

const RULE: u32 = 1 << 31;

impl Case<'_> {
    /// Everything that is said of each entity, by alerts of the incident, then by others, then by rules, lists, people.
    pub(super) fn said(&self) -> Vec<Vec<Opinion>> {
        let (world, scene) = (self.world, &self.scene);
        let place: BTreeMap<u32, usize> = scene.entities.iter().enumerate().map(|(at, entity)| (*entity, at)).collect();
        let mut said: Vec<Vec<Opinion>> = vec![Vec::new(); scene.entities.len()];
        let inside = scene.alerts.iter().copied();
        let outside = (0..world.alerts.len() as u32).filter(|alert| !scene.alerts.contains(alert));
        for alert in inside.chain(outside) {
            for row in &world.alerts[alert as usize].rows {
                for at in world.occurrences(*row) {
                    let entity = world.entity(at);
                    if let Some(local) = place.get(&entity) {
                        self.of_alert(alert, *row, at, *local, &mut said[*local]);
                    }
                }
            }
        }
        let outside = |local: u32, verdict: &Verdict, confidence, authority, why| Opinion {
            entity: local,
            verdict: verdict.index().unwrap_or(0),
            confidence,
            authority,
            source: NONE,
            alert: NONE,
            row: NONE,
            why,
        };
        for (i, rule) in self.rules.opinions.iter().enumerate() {
            let confidence = rule.confidence.min(100);
            let why = Why::Rule(i as u32);
            let opinion = outside(rule.entity, &rule.verdict, confidence, Authority::Direct, why);
            let alert = scene.alerts[rule.alert as usize];
            said[rule.entity as usize].push(Opinion { source: RULE | rule.rule, alert, ..opinion });
        }
        for (i, (_, indicator)) in world.indicators.iter().enumerate() {
            let Some((kind, ids)) = named::identifiers(indicator) else { continue };
            let until = indicator.valid_until.as_ref().and_then(|time| time.at().timestamp_nanos_opt());
            for (entity, local) in &place {
                let tenant = world.store.text(world.entities.tenant[*entity as usize]);
                let here = indicator.tenant_id.as_deref().is_none_or(|named| named == tenant);
                let hit = ids.iter().any(|(id_type, value)| self.leads_to(kind, *id_type, value, *entity));
                if here && hit && until.is_none_or(|until| self.seen_by(*local, until)) {
                    let why = Why::Indicator(i as u32);
                    let (verdict, confidence) = (&indicator.verdict, indicator.confidence);
                    said[*local].push(outside(*local as u32, verdict, confidence, Authority::Indicator, why));
                }
            }
        }
        for (i, (_, decision)) in world.decisions.iter().enumerate() {
            let Choice::SetVerdict { entity: named, verdict } = &decision.what else { continue };
            let Ok((kind, id_type, value)) = named::parse_entity(named) else { continue };
            let about = |alert: &u32| decision.alerts.contains(&world.alerts[*alert as usize].id);
            if decision.alerts.is_empty() || scene.alerts.iter().any(about) {
                let named = place.iter().filter(|(e, _)| self.leads_to(kind, id_type, value, **e));
                for local in named.map(|(_, local)| *local) {
                    let why = Why::Analyst(i as u32);
                    said[local].push(outside(local as u32, verdict, 100, Authority::Analyst, why));
                }
            }
        }
        said
    }

    /// What one occurrence amounts to, under the policy.
    fn of_alert(&self, alert: u32, row: u32, occurrence: u32, local: usize, out: &mut Vec<Opinion>) {
        let (kind, common) = self.scene.kinds[local];
        let (of_row, of) = (&self.world.store.alerts[row as usize], &self.world.store.occurrences[occurrence as usize]);
        let (severity, classification, detector) = (of_row.severity, of_row.classification, of_row.detector);
        let stance = AlertStance { severity, classification, detector };
        let said = Said { kind, common, verdict: of.verdict, roles: of.roles, flags: of.flags, stance };
        Reading::new().opinions(&said, &self.policy.judge, |verdict, confidence, why| {
            let (entity, authority, source, row) = (local as u32, Authority::Direct, detector, occurrence);
            out.push(Opinion { entity, verdict, confidence, authority, source, alert, row, why });
        });
    }

    /// Is this what the identifier leads to, in the entity's own tenant?
    fn leads_to(
        &self,
        kind: crate::resolve::EntityKind,
        id_type: crate::resolve::IdType,
        value: &str,
        entity: u32,
    ) -> bool {
        let tag = id_tag(self.world.entities.tenant[entity as usize], kind, id_type);
        let id = self.world.store.ids.find(tag, value);
        id.is_some_and(|id| self.world.holders.get(id as usize).copied().unwrap_or(NOTHING) == entity)
    }

    /// Does an alert that holds the entity begin by then, or at no known time?
    fn seen_by(&self, local: usize, until: i64) -> bool {
        let mut rows = self.scene.rows.iter().filter(|row| row.entity == local as u32);
        rows.any(|row| {
            let alert = self.scene.alerts[row.alert as usize];
            self.world.alerts[alert as usize].first.is_none_or(|first| first <= until)
        })
    }

    pub(super) fn rule_of(&self, opinion: &Opinion) -> Option<&RuleOpinion> {
        match opinion.why {
            Why::Rule(i) => self.rules.opinions.get(i as usize),
            _ => None,
        }
    }

    /// The surest exculpating rule that fits; of equal ones the first of the set.
    pub(super) fn exculpating(&self, entity: usize) -> Option<&RuleOpinion> {
        let mut found: Option<&RuleOpinion> = None;
        for rule in self.rules.opinions.iter().filter(|o| o.exculpates && o.entity as usize == entity) {
            if found.is_none_or(|known| rule.confidence > known.confidence) {
                found = Some(rule);
            }
        }
        found
    }

    pub(super) fn weigh(&self, entity: usize, said: Vec<Opinion>) -> Opinions {
        let mut out = Opinions { cap: ONE, ..Opinions::default() };
        out.examined = said.iter().any(|o| o.verdict == CLEAN);
        out.examined |= self.rules.examined.iter().any(|(e, _)| *e as usize == entity);
        let exculpates = |o: &Opinion| self.rule_of(o).is_some_and(|rule| rule.exculpates);
        let of = |wanted: &dyn Fn(&Opinion) -> bool| said.iter().filter(|o| wanted(o)).copied().collect::<Vec<_>>();
        let direct = |o: &Opinion| o.authority == Authority::Direct;
        out.decisions = of(&|o| o.authority == Authority::Analyst);
        out.indicators = of(&|o| o.authority == Authority::Indicator);
        out.against = best(of(&|o| direct(o) && o.speaks_against()));
        out.clean = best(of(&|o| direct(o) && !o.speaks_against() && !exculpates(o)));
        out.exculpating = best(of(&|o| direct(o) && !o.speaks_against() && exculpates(o)));
        // The latest decision; without one the worst that a list says, then the surest, then the first.
        out.standing = out.decisions.last().copied().or_else(|| {
            let mut found: Option<Opinion> = None;
            for o in out.indicators.iter().filter(|o| o.verdict >= CLEAN) {
                if found.is_none_or(|known| (o.verdict, o.confidence) > (known.verdict, known.confidence)) {
                    found = Some(*o);
                }
            }
            found
        });
        let mut confidences: Vec<u8> = out.against.iter().map(|o| o.confidence).collect();
        confidences.sort_unstable_by_key(|c| Reverse(*c));
        out.evidence = together(confidences.into_iter());
        out.uncapped = match out.standing {
            None => out.evidence,
            Some(o) if !o.speaks_against() => ONE - percent(o.confidence),
            Some(o) if out.listed() => percent(o.confidence).max(out.evidence),
            Some(o) => percent(o.confidence),
        };
        if out.standing.is_none() {
            let caps = self.rules.opinions.iter().filter(|o| o.exculpates && o.entity as usize == entity);
            out.cap = caps.map(|o| ONE - percent(o.confidence)).min().unwrap_or(ONE);
        }
        out.direct = out.uncapped.min(out.cap);
        out
    }
}

/// The surest of each source; of equal ones the worst, then the first.
fn best(said: Vec<Opinion>) -> Vec<Opinion> {
    let better = |a: &Opinion, b: &Opinion| (a.confidence, a.verdict) > (b.confidence, b.verdict);
    let stands = |at: usize, o: &Opinion| {
        let mut rivals = said.iter().enumerate().filter(|(_, x)| x.source == o.source);
        !rivals.any(|(i, x)| better(x, o) || (i < at && !better(o, x)))
    };
    said.iter().enumerate().filter(|(at, o)| stands(*at, o)).map(|(_, o)| *o).collect()
}

/// The incident as rules look at it: alerts by time, entities in the order in which they are met.
pub(super) fn lay_out(world: &World<'_>, incident: &[usize]) -> Scene {
    let mut scene = Scene::default();
    let mut place: BTreeMap<u32, u32> = BTreeMap::new();
    for (local, alert) in incident.iter().enumerate() {
        scene.alerts.push(*alert as u32);
        for source in &world.alerts[*alert].rows {
            for occurrence in world.occurrences(*source) {
                let entity = world.entity(occurrence);
                let local_entity = *place.entry(entity).or_insert_with(|| {
                    scene.entities.push(entity);
                    scene.kinds.push((world.entities.kind(entity), world.common[entity as usize]));
                    scene.entities.len() as u32 - 1
                });
                let of = &world.store.occurrences[occurrence as usize];
                scene.rows.push(Row {
                    alert: local as u32,
                    entity: local_entity,
                    occurrence,
                    source: *source,
                    roles: of.roles,
                    verdict: of.verdict,
                    status: of.status,
                    flags: of.flags,
                });
            }
            let (from, to) = world.store.alerts[*source as usize].edges;
            for edge in &world.store.edges[from as usize..to as usize] {
                let [from, to] = [edge.from, edge.to].map(|at| place[&world.entity(at)]);
                if from != to {
                    let (alert, source, occurrence) = (local as u32, *source, edge.from);
                    scene.arcs.push(Arc { from, relation: edge.relation, to, alert, source, occurrence });
                }
            }
        }
    }
    scene
}
