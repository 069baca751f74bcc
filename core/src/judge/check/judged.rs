//! The verdicts of one incident worked out from the facts, by the definitions and without haste: every opinion on
//! every entity, every path by its number of steps. It shares the definition of a score with the engine and no
//! search; where the two differ, one of them is wrong.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: local ids are handed out by the scene they index")]

use crate::judge::opinions::{Authority, RuleFindings};
use crate::judge::scene::Scene;
use crate::judge::score::{FAINT, ONE, Score, by_thresholds, near_malicious, passed, share};
use crate::model::Verdict;
use crate::policy::Policy;
use crate::rules::{RuleSet, verdict};

use super::log::World;
use super::said::{Opinions, lay_out};

/// A step along an arc of the scene.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) arc: usize,
    pub(super) forward: bool,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) weight: f64,
}

/// Best scores over paths of up to so many steps, from none on, with the last step where one more made it better.
type Layers = Vec<Vec<(Score, Option<Step>)>>;

/// What becomes of one entity.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) score: Score,
    pub(super) authority: Authority,
    pub(super) path: Vec<Step>,
    /// The entity whose exculpating rule keeps the score down.
    pub(super) spared_by: Option<usize>,
}

/// One incident.
pub(super) struct Case<'w> {
    pub(super) world: &'w World<'w>,
    pub(super) policy: &'w Policy,
    pub(super) scene: Scene,
    pub(super) rules: RuleFindings,
    pub(super) opinions: Vec<Opinions>,
    /// With exculpating rules and without, along identity and along all relations.
    reach: [[Layers; 2]; 2],
}

impl<'w> Case<'w> {
    /// The incident of these alerts, by number.
    pub(super) fn new(
        world: &'w World<'w>,
        incident: &[usize],
        policy: &'w Policy,
        rules: Option<&RuleSet>,
    ) -> Case<'w> {
        let scene = lay_out(world, incident);
        let record = |row: u32| Some((world.store.alerts.get(row as usize)?.occurrences.0, world.json(row)));
        let detector = |row: u32| world.store.alerts.get(row as usize).map_or(0, |row| row.detector);
        let evidence = verdict::Evidence { scene: &scene, record: &record, detector: &detector, policy };
        let rules = rules.map(RuleSet::verdicts).filter(|rules| !rules.is_empty());
        let rules = rules.map_or_else(RuleFindings::default, |rules| verdict::run(rules, &evidence));
        let mut case = Case { world, policy, scene, rules, opinions: Vec::new(), reach: Default::default() };
        let said = case.said();
        case.opinions = said.into_iter().enumerate().map(|(entity, said)| case.weigh(entity, said)).collect();
        case.reach = [true, false].map(|capped| [true, false].map(|identity| case.layers(capped, identity)));
        case
    }

    pub(super) fn weight(&self, relation: crate::resolve::Relation, forward: bool) -> f64 {
        let given = self.policy.judge.relations.get(relation.as_str()).copied();
        let [with, against] = given.unwrap_or_else(|| relation.weights());
        let weight = if forward { with } else { against };
        if weight > 0.0 { weight.min(1.0) } else { 0.0 }
    }

    fn silent(&self, entity: usize) -> bool {
        let (kind, common) = self.scene.kinds[entity];
        kind.is_asset() || common
    }

    /// The steps that suspicion may take, in the order of the relations, along each and then against it.
    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (arc, shown) in self.scene.arcs.iter().enumerate() {
            for forward in [true, false] {
                let (from, to) = if forward { (shown.from, shown.to) } else { (shown.to, shown.from) };
                let (from, to) = (from as usize, to as usize);
                let weight = self.weight(shown.relation, forward);
                if weight > 0.0 && !self.silent(from) && !self.silent(to) && !self.opinions[to].decided() {
                    steps.push(Step { arc, forward, from, to, weight });
                }
            }
        }
        steps
    }

    fn layers(&self, capped: bool, identity: bool) -> Layers {
        let cap = |entity: usize| if capped { self.opinions[entity].cap } else { ONE };
        let start = |o: &Opinions| {
            // What a person or a list found clean is no source of suspicion.
            let cleared = o.standing.is_some_and(|o| !o.speaks_against());
            if cleared {
                0
            } else if capped {
                o.direct
            } else {
                o.uncapped
            }
        };
        let steps: Vec<Step> = self.steps().into_iter().filter(|step| !identity || step.weight >= 1.0).collect();
        let mut layers: Layers = vec![self.opinions.iter().map(|o| (start(o), None)).collect()];
        for _ in 0..self.policy.judge.path_length {
            let Some(old) = layers.last() else { break };
            let mut new: Vec<(Score, Option<Step>)> = old.iter().map(|(score, _)| (*score, None)).collect();
            for step in &steps {
                let arrives = passed(old[step.from].0, step.weight).min(cap(step.to));
                if arrives >= FAINT && arrives > new[step.to].0 {
                    new[step.to] = (arrives, Some(*step));
                }
            }
            if new.iter().all(|(_, step)| step.is_none()) {
                break;
            }
            layers.push(new);
        }
        layers
    }

    /// The verdict of an entity.
    pub(super) fn outcome(&self, entity: usize) -> Outcome {
        let own = &self.opinions[entity];
        if let (Some(standing), true) = (own.standing, own.decided()) {
            return Outcome {
                verdict: Verdict::from_index(standing.verdict).unwrap_or_default(),
                score: own.direct,
                authority: standing.authority,
                path: Vec::new(),
                spared_by: None,
            };
        }
        let (_, common) = self.scene.kinds[entity];
        let near = near_malicious(&self.policy.judge);
        let [[by_identity, by_any], _] = &self.reach;
        let (identity, any) = (last(by_identity, entity), last(by_any, entity));
        let firm = own.direct.max(identity);
        let mut path = if identity > own.direct { path(by_identity, entity) } else { Vec::new() };
        let (mut score, mut authority) =
            (firm, if own.against.is_empty() { Authority::None } else { Authority::Direct });
        let verdict;
        if let Some(list) = own.standing {
            authority = Authority::Indicator;
            let certain = share(score) >= self.policy.judge.malicious;
            verdict = if certain { Verdict::Malicious } else { Verdict::from_index(list.verdict).unwrap_or_default() };
        } else {
            if identity > own.direct {
                authority = Authority::Association;
            }
            if any.min(near) > firm && !common {
                (score, authority, path) = (any.min(near), Authority::Association, self::path(by_any, entity));
            }
            verdict = by_thresholds(score, own.examined, &self.policy.judge);
        }
        let spared_by = self.spared_by(entity, score);
        Outcome { verdict, score, authority, path, spared_by }
    }

    /// Whose exculpating rule makes the difference between this score and what there would be without any.
    fn spared_by(&self, entity: usize, score: Score) -> Option<usize> {
        if self.opinions.iter().all(|o| o.cap >= ONE) {
            return None;
        }
        let own = &self.opinions[entity];
        let [_, [by_identity, by_any]] = &self.reach;
        let (identity, any) = (last(by_identity, entity), last(by_any, entity));
        let far = if self.scene.kinds[entity].1 { 0 } else { any.min(near_malicious(&self.policy.judge)) };
        let layers = if any > identity { by_any } else { by_identity };
        let path = if own.uncapped >= identity.max(any) { Vec::new() } else { path(layers, entity) };
        let mut way = std::iter::once(entity).chain(path.iter().rev().map(|step| step.from));
        let by = way.find(|e| self.opinions[*e].cap < self.opinions[*e].uncapped.max(last(layers, *e)))?;
        (score < own.uncapped.max(identity).max(far)).then_some(by)
    }

    /// An asset is impacted when it is bad itself, or something bad that is no asset relates to it.
    pub(super) fn impacted(&self, entity: usize) -> bool {
        let (kind, common) = self.scene.kinds[entity];
        let bad = |entity: usize| self.outcome(entity).verdict >= Verdict::Suspicious;
        let mut ends = self.scene.arcs.iter().flat_map(|arc| [(arc.from, arc.to), (arc.to, arc.from)]);
        let mut related =
            || ends.any(|(a, b)| b as usize == entity && !self.scene.kinds[a as usize].0.is_asset() && bad(a as usize));
        kind.is_asset() && !common && (bad(entity) || related())
    }
}

fn last(layers: &Layers, entity: usize) -> Score {
    layers.last().map_or(0, |layer| layer[entity].0)
}

/// The steps of the best path, the first one first: from behind, each where so few steps first gave the score.
fn path(layers: &Layers, entity: usize) -> Vec<Step> {
    let (mut at, mut most, mut path) = (entity, layers.len() - 1, Vec::new());
    loop {
        let score = layers[most][at].0;
        let fewest = (0..=most).find(|steps| layers[*steps][at].0 == score).unwrap_or(0);
        let Some(step) = layers[fewest][at].1 else { break };
        path.push(step);
        (at, most) = (step.from, fewest - 1);
    }
    path.reverse();
    path
}
