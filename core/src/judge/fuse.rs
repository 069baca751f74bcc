//! Opinions and relations to scores and verdicts.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: local ids are handed out by the scene they index")]

use crate::model::Verdict;
use crate::policy;
use crate::resolve::Relation;

use super::opinions::{self, AlertStance, Authority, Opinion, Outside, RuleFindings, Why};
use super::scene::Scene;

/// Weight of each relation along and against its direction, with the policy's changes.
#[derive(Debug, Clone)]
pub(crate) struct Weights([[f64; 2]; Relation::ALL.len()]);

impl Weights {
    pub(crate) fn new(policy: &policy::Judge) -> Weights {
        Weights(Relation::ALL.map(|r| policy.relations.get(r.as_str()).copied().unwrap_or_else(|| r.weights())))
    }

    pub(crate) fn share(&self, relation: Relation, forward: bool) -> f64 {
        self.of(relation)[usize::from(!forward)]
    }

    fn of(&self, relation: Relation) -> [f64; 2] {
        self.0[relation as usize]
    }
}

/// One step of an association path: the arc that suspicion came along.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) arc: u32,
    /// Along the direction of the relation, or against it.
    pub(crate) forward: bool,
    pub(crate) from: u32,
}

/// What is known of one entity.
#[derive(Debug, Clone, Default)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// 0 to 1.
    pub(crate) score: f64,
    pub(crate) authority: Option<Authority>,
    /// A list says it is bad: other opinions may say worse, none better.
    pub(crate) listed: bool,
    /// Some opinion says clean, or a rule looked at it: not examined is never clean.
    pub(crate) examined: bool,
    /// An asset that the attack touched.
    pub(crate) impacted: bool,
    /// The last step of the path, when association decided.
    pub(crate) step: Option<Step>,
    /// An exculpating rule keeps the score below what the rest would make of it: the entity whose
    /// rule that is, be it this one or one that suspicion would have come through.
    pub(crate) spared_by: Option<u32>,
}

/// A step that may be taken, and what it passes on.
#[derive(Debug, Clone, Copy)]
struct Hop {
    to: u32,
    weight: f64,
    step: Step,
}

/// The verdicts of one incident, with what they rest on.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    pub(crate) entities: Vec<Judged>,
    pub(crate) opinions: Vec<Opinion>,
    /// Opinions of entity `i` are `by_entity[starts[i]..starts[i + 1]]`, by index.
    starts: Vec<u32>,
    by_entity: Vec<u32>,
    /// Direct, identity and association score per entity, and the steps that led to the last two.
    direct: Vec<f64>,
    reach: [Vec<f64>; 2],
    steps: [Vec<Option<Step>>; 2],
    hops: Vec<Hop>,
    /// Highest score that exculpating rules leave to each entity.
    caps: Vec<f64>,
    /// Score of each entity without them; empty when there are none.
    uncapped: Vec<f64>,
    pub(crate) rules: RuleFindings,
}

impl Judgement {
    pub(crate) fn opinions_of(&self, entity: u32) -> impl Iterator<Item = &Opinion> {
        let range = self.starts[entity as usize] as usize..self.starts[entity as usize + 1] as usize;
        self.by_entity[range].iter().map(|i| &self.opinions[*i as usize])
    }

    /// The path that `step` ends, from the entity it began at.
    pub(crate) fn path(&self, last: Step, identity: bool, limit: u32) -> Vec<Step> {
        let steps = &self.steps[usize::from(!identity)];
        let mut path = vec![last];
        let mut at = last.from;
        while let Some(step) = steps[at as usize] {
            if path.len() > limit as usize {
                break;
            }
            path.push(step);
            at = step.from;
        }
        path.reverse();
        path
    }
}

/// Judges a scene into `out`, whose memory is reused. `O(rows + arcs × path length)`.
pub(crate) fn judge(
    scene: &Scene,
    stance: &dyn Fn(u32) -> AlertStance,
    outside: &Outside,
    policy: &policy::Judge,
    weights: &Weights,
    out: &mut Judgement,
) {
    let entities = scene.entities.len();
    opinions::collect(scene, stance, outside, policy, &mut out.opinions);
    out.rules.clone_from(&outside.rules);
    group(out, entities);
    out.direct.clear();
    out.direct.resize(entities, 0.0);
    out.entities.clear();
    out.entities.resize(entities, Judged::default());
    out.caps.clear();
    out.caps.resize(entities, 1.0);
    let mut confidences: Vec<(u32, u8)> = Vec::new();
    for entity in 0..entities as u32 {
        direct(out, entity, &mut confidences);
    }
    for (entity, _) in &outside.rules.examined {
        out.entities[*entity as usize].examined = true;
    }
    exculpate(scene, policy, weights, out);
    associate(scene, policy, weights, out);
    for entity in 0..entities as u32 {
        decide(scene, policy, out, entity);
    }
    for (judged, uncapped) in out.entities.iter_mut().zip(&out.uncapped) {
        // A name only where something was lowered, and a person or a list had not spoken.
        let decided = judged.authority.is_some_and(|a| a < Authority::Direct) && !judged.listed;
        judged.spared_by = judged.spared_by.filter(|_| !decided && judged.score < *uncapped);
    }
    impact(scene, out);
}

/// Takes the caps of exculpating rules, and notes whose rule it is for all that suspicion would have
/// come through it to: nothing is lowered without a name.
fn exculpate(scene: &Scene, policy: &policy::Judge, weights: &Weights, out: &mut Judgement) {
    for opinion in out.rules.opinions.iter().filter(|o| o.exculpates) {
        // Rules do not speak against people and lists.
        if out.entities[opinion.entity as usize].authority.is_none_or(|a| a >= Authority::Direct) {
            let cap = &mut out.caps[opinion.entity as usize];
            *cap = cap.min(1.0 - f64::from(opinion.confidence.min(100)) / 100.0);
        }
    }
    out.uncapped.clear();
    if out.caps.iter().all(|cap| *cap >= 1.0) {
        return;
    }
    let caps = std::mem::take(&mut out.caps);
    out.caps.resize(caps.len(), 1.0);
    associate(scene, policy, weights, out);
    for at in 0..caps.len() {
        let (identity, any) = (out.reach[0][at], out.reach[1][at]);
        let pass = usize::from(any > identity);
        let own = out.direct[at] >= identity.max(any);
        let far = if scene.kinds[at].1 { 0.0 } else { any.min(policy.malicious - 0.01) };
        out.uncapped.push(out.direct[at].max(identity).max(far));
        let mut from = at as u32;
        let mut step = if own { None } else { out.steps[pass][at] };
        // The nearest entity on the way that has a cap.
        for _ in 0..=policy.path_length {
            if caps[from as usize] < out.direct[from as usize].max(out.reach[pass][from as usize]) {
                out.entities[at].spared_by = Some(from);
                break;
            }
            let Some(taken) = step else { break };
            from = taken.from;
            step = out.steps[pass][from as usize];
        }
    }
    for ((direct, judged), cap) in out.direct.iter_mut().zip(&mut out.entities).zip(&caps) {
        *direct = direct.min(*cap);
        judged.score = judged.score.min(*direct);
    }
    out.caps = caps;
}

fn group(out: &mut Judgement, entities: usize) {
    out.starts.clear();
    out.starts.resize(entities + 1, 0);
    for opinion in &out.opinions {
        out.starts[opinion.entity as usize + 1] += 1;
    }
    for i in 1..out.starts.len() {
        out.starts[i] += out.starts[i - 1];
    }
    let mut next = out.starts.clone();
    out.by_entity.clear();
    out.by_entity.resize(out.opinions.len(), 0);
    for (i, opinion) in out.opinions.iter().enumerate() {
        let slot = &mut next[opinion.entity as usize];
        out.by_entity[*slot as usize] = i as u32;
        *slot += 1;
    }
}

/// The score of an entity's own opinions: `1 − Π(1 − c)` over the best opinion per source, unless a
/// higher authority speaks. Products are taken in falling order of confidence, so that the order of
/// arrival does not touch the last bit.
fn direct(out: &mut Judgement, entity: u32, confidences: &mut Vec<(u32, u8)>) {
    confidences.clear();
    let mut judged = Judged::default();
    let range = out.starts[entity as usize] as usize..out.starts[entity as usize + 1] as usize;
    let clean = Verdict::Clean.index().unwrap_or(0);
    let mut higher: Option<&Opinion> = None;
    for i in &out.by_entity[range] {
        let opinion = &out.opinions[*i as usize];
        judged.examined |= opinion.verdict == clean;
        if opinion.authority == Authority::Indicator && opinion.verdict < clean {
            continue;
        }
        if opinion.authority < Authority::Direct {
            // The analyst before indicators; a block before an allow.
            let rank = |o: &Opinion| (o.authority, std::cmp::Reverse((o.verdict, o.confidence)));
            if higher.is_none_or(|h| rank(opinion) < rank(h)) {
                higher = Some(opinion);
            }
        } else if opinion.verdict > clean {
            confidences.push((opinion.source, opinion.confidence));
        }
    }
    confidences.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    confidences.dedup_by_key(|c| c.0);
    confidences.sort_unstable_by_key(|c| std::cmp::Reverse(c.1));
    let missed = confidences.iter().fold(1.0, |rest, (_, c)| rest * (1.0 - f64::from(*c) / 100.0));
    let evidence = if confidences.is_empty() { 0.0 } else { 1.0 - missed };
    if let Some(opinion) = higher {
        judged.authority = Some(opinion.authority);
        judged.verdict = Verdict::from_index(opinion.verdict).unwrap_or_default();
        let confidence = f64::from(opinion.confidence) / 100.0;
        judged.score = if judged.verdict > Verdict::Clean { confidence } else { 1.0 - confidence };
        if opinion.authority == Authority::Indicator && judged.verdict > Verdict::Clean {
            judged.listed = true;
            judged.score = judged.score.max(evidence);
        }
    } else {
        judged.score = evidence;
        judged.authority = (!confidences.is_empty()).then_some(Authority::Direct);
    }
    out.direct[entity as usize] = judged.score;
    out.entities[entity as usize] = judged;
}

/// Best product of weights along any path from a judged entity: once along identity alone (a process
/// and its file), once along all relations. Assets and what is common everywhere pass nothing on.
fn associate(scene: &Scene, policy: &policy::Judge, weights: &Weights, out: &mut Judgement) {
    let Judgement { entities, direct, reach, steps, hops, caps, .. } = out;
    // Only what passes anything on, and only between entities that may give and take.
    hops.clear();
    for (i, arc) in scene.arcs.iter().enumerate() {
        for (forward, weight) in [true, false].into_iter().zip(weights.of(arc.relation)) {
            let (from, to) = if forward { (arc.from, arc.to) } else { (arc.to, arc.from) };
            let silent = |entity: u32| {
                let (kind, common) = scene.kinds[entity as usize];
                kind.is_asset() || common
            };
            let decided =
                entities[to as usize].authority.is_some_and(|a| a < Authority::Direct) && !entities[to as usize].listed;
            if weight > 0.0 && !silent(from) && !silent(to) && !decided {
                hops.push(Hop { to, weight, step: Step { arc: i as u32, forward, from } });
            }
        }
    }
    for pass in 0..2 {
        let (reach, steps) = (&mut reach[pass], &mut steps[pass]);
        reach.clear();
        steps.clear();
        steps.resize(scene.entities.len(), None);
        for (judged, direct) in entities.iter().zip(direct.iter()) {
            // What a person or a list found clean is no source of suspicion.
            let cleared = judged.authority.is_some_and(|a| a < Authority::Direct) && judged.verdict <= Verdict::Clean;
            reach.push(if cleared { 0.0 } else { *direct });
        }
        for _ in 0..policy.path_length {
            let mut changed = false;
            for hop in hops.iter().filter(|hop| pass == 1 || hop.weight >= 1.0) {
                let score = (reach[hop.step.from as usize] * hop.weight).min(caps[hop.to as usize]);
                if score > reach[hop.to as usize] && score >= 0.01 {
                    reach[hop.to as usize] = score;
                    steps[hop.to as usize] = Some(hop.step);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
    }
}

/// The verdict: by a higher authority, or by thresholds. Association alone stays below malicious.
fn decide(scene: &Scene, policy: &policy::Judge, out: &mut Judgement, entity: u32) {
    let at = entity as usize;
    let (_, common) = scene.kinds[at];
    let [identity, any] = [out.reach[0][at], out.reach[1][at]];
    let direct = out.direct[at];
    let judged = &mut out.entities[at];
    let firm = direct.max(identity);
    if judged.listed {
        // More evidence never lowers a verdict: what is listed as suspicious may be proven malicious.
        judged.score = firm;
        if firm >= policy.malicious {
            judged.verdict = Verdict::Malicious;
        }
        return;
    }
    if judged.authority.is_some_and(|a| a < Authority::Direct) {
        return;
    }
    // Just below the threshold: suspicion by association never grows into certainty.
    let capped = any.min(policy.malicious - 0.01).max(0.0);
    judged.score = firm;
    if identity > direct {
        judged.authority = Some(Authority::Association);
        judged.step = out.steps[0][at];
    }
    if capped > firm && !common {
        judged.score = capped;
        judged.authority = Some(Authority::Association);
        judged.step = out.steps[1][at];
    }
    judged.verdict = if judged.score >= policy.malicious {
        Verdict::Malicious
    } else if judged.score >= policy.suspicious {
        Verdict::Suspicious
    } else if judged.examined {
        Verdict::Clean
    } else {
        Verdict::Unknown
    };
}

/// An asset is impacted when something suspicious is on it, runs as it, reached it, or names it.
fn impact(scene: &Scene, out: &mut Judgement) {
    let bad = |judged: &Judged| judged.verdict >= Verdict::Suspicious;
    for (i, judged) in out.entities.iter_mut().enumerate() {
        let (kind, common) = scene.kinds[i];
        judged.impacted = kind.is_asset() && !common && bad(judged);
    }
    for arc in &scene.arcs {
        for (a, b) in [(arc.from, arc.to), (arc.to, arc.from)] {
            let (kind, common) = scene.kinds[b as usize];
            let (source, _) = scene.kinds[a as usize];
            if kind.is_asset() && !common && !source.is_asset() && bad(&out.entities[a as usize]) {
                out.entities[b as usize].impacted = true;
            }
        }
    }
}

impl Judgement {
    /// Was the identity pass the one that decided about `entity`?
    pub(crate) fn by_identity(&self, entity: u32) -> bool {
        let at = entity as usize;
        self.entities[at].score == self.reach[0][at] && self.reach[0][at] > self.direct[at]
    }

    /// Opinions that did not count, and by what they were overruled.
    pub(crate) fn overruled(&self, entity: u32) -> impl Iterator<Item = (&Opinion, &'static str)> {
        let judged = &self.entities[entity as usize];
        let authority = judged.authority.unwrap_or(Authority::None);
        let standing =
            self.opinions_of(entity).filter(|o| o.authority == authority).map(|o| (o.verdict, o.confidence)).max();
        self.opinions_of(entity).filter_map(move |o| match o.why {
            _ if o.authority > authority && authority < Authority::Direct => {
                Some((o, if authority == Authority::Analyst { "an analyst decided" } else { "an indicator decides" }))
            }
            _ if o.authority == authority
                && authority == Authority::Indicator
                && Some((o.verdict, o.confidence)) != standing =>
            {
                Some((o, "a block beats an allow"))
            }
            _ if o.authority == Authority::Direct
                && o.verdict > 1
                && judged.spared_by == Some(entity)
                && judged.verdict <= Verdict::Clean =>
            {
                Some((o, "an exculpating rule fits"))
            }
            Why::FalsePositive if judged.verdict > Verdict::Clean => Some((o, "other alerts hold it too")),
            Why::ProviderVerdict if o.verdict <= 1 && judged.verdict > Verdict::Clean => {
                Some((o, "other opinions weigh more"))
            }
            _ => None,
        })
    }
}
