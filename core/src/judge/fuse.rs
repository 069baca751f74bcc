//! Opinions and relations to scores and verdicts.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: local ids are handed out by the scene they index")]

use crate::model::Verdict;
use crate::policy;
use crate::resolve::Relation;

use super::opinions::{self, AlertStance, Authority, CLEAN, Opinion, Outside, RuleFindings, Why};
use super::reach::{Hop, Reach};
use super::scene::Scene;
use super::score::{ONE, Score, by_thresholds, near_malicious, percent, score, share, together};

/// Weight of each relation along and against its direction, with the policy's changes.
#[derive(Debug, Clone)]
pub(crate) struct Weights([[f64; 2]; Relation::ALL.len()]);

impl Weights {
    pub(crate) fn new(policy: &policy::Judge) -> Weights {
        let weights = |r: Relation| policy.relations.get(r.as_str()).copied().unwrap_or_else(|| r.weights());
        // Nothing grows on the way, whatever a policy made in code says.
        Weights(Relation::ALL.map(|r| weights(r).map(|weight| if weight > 0.0 { weight.min(1.0) } else { 0.0 })))
    }

    pub(crate) fn share(&self, relation: Relation, forward: bool) -> f64 {
        self.of(relation)[usize::from(!forward)]
    }

    fn of(&self, relation: Relation) -> [f64; 2] {
        self.0[relation as usize]
    }
}

/// A search for the reach of suspicion: along identity alone (a process and its file), or along all relations.
pub(crate) const IDENTITY: usize = 0;
const ANY: usize = 1;

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
    /// The search whose path made the score, when its own opinions did not.
    pub(crate) search: Option<usize>,
    /// An exculpating rule keeps the score below what the rest would make of it: the entity whose
    /// rule that is, be it this one or one that suspicion would have come through.
    pub(crate) spared_by: Option<u32>,
    /// The budget ran out before it was known: the score is between these, ends included, and so is the verdict.
    pub(crate) between: Option<[(Score, Verdict); 2]>,
}

/// The verdicts of one incident, with what they rest on.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    pub(crate) entities: Vec<Judged>,
    pub(crate) opinions: Vec<Opinion>,
    /// Opinions of entity `i` are `by_entity[starts[i]..starts[i + 1]]`, by index.
    starts: Vec<u32>,
    by_entity: Vec<u32>,
    /// The opinion of a person or a list that stands on each entity, by index.
    standing: Vec<Option<u32>>,
    /// The score of each entity's own opinions, what these made of it before exculpating rules, and how
    /// far suspicion reaches in each search.
    direct: Vec<Score>,
    evidence: Vec<Score>,
    reach: [Reach; 2],
    hops: Vec<Hop>,
    /// Highest score that exculpating rules leave to each entity.
    caps: Vec<Score>,
    /// Score of each entity without them; empty when there are none.
    uncapped: Vec<Score>,
    /// The budget ran out: at all, and before it was known whose exculpating rule makes a difference.
    pub(crate) unfinished: bool,
    unnamed: bool,
    pub(crate) rules: RuleFindings,
}

impl Judgement {
    pub(crate) fn opinions_of(&self, entity: u32) -> impl Iterator<Item = &Opinion> {
        let range = self.starts[entity as usize] as usize..self.starts[entity as usize + 1] as usize;
        self.by_entity[range].iter().map(|i| &self.opinions[*i as usize])
    }

    /// The path that made the score of an entity, from where it begins.
    pub(crate) fn path(&self, entity: u32) -> Vec<Hop> {
        let hops = self.entities[entity as usize].search.map(|search| self.reach[search].path(entity));
        hops.into_iter().flatten().map(|hop| self.hops[hop as usize]).collect()
    }

    /// The opinion of a person or a list that stands.
    pub(crate) fn standing(&self, entity: u32) -> Option<&Opinion> {
        self.standing[entity as usize].map(|i| &self.opinions[i as usize])
    }

    /// The score of an entity's own opinions.
    pub(crate) fn direct(&self, entity: u32) -> Score {
        self.direct[entity as usize]
    }

    /// What those opinions of sources make of it that speak against it, whoever overrules them.
    pub(crate) fn evidence(&self, entity: u32) -> Score {
        self.evidence[entity as usize]
    }

    /// What an exculpating rule leaves to an entity at most.
    pub(crate) fn cap(&self, entity: u32) -> Score {
        self.caps[entity as usize]
    }
}

/// Judges a scene into `out`, whose memory is reused. `O(rows + arcs × path length × log arcs)`, and at most
/// `work` steps: evidence items and relations read, and relations looked at on the way. When they run out,
/// what is not known is said to lie between two scores.
pub(crate) fn judge(
    scene: &Scene,
    stance: &dyn Fn(u32) -> AlertStance,
    outside: &Outside,
    policy: &policy::Judge,
    weights: &Weights,
    work: u64,
    out: &mut Judgement,
) {
    let entities = scene.entities.len();
    out.rules.clone_from(&outside.rules);
    out.entities.clear();
    out.entities.resize(entities, Judged::default());
    for scores in [&mut out.direct, &mut out.evidence] {
        scores.clear();
        scores.resize(entities, 0);
    }
    out.standing.clear();
    out.standing.resize(entities, None);
    out.caps.clear();
    out.caps.resize(entities, ONE);
    out.uncapped.clear();
    let read = (scene.rows.len() + scene.arcs.len()) as u64;
    let Some(mut work) = work.checked_sub(read) else {
        out.opinions.clear();
        group(out, entities);
        out.unfinished = true;
        for judged in &mut out.entities {
            judged.between = Some([(0, Verdict::Unknown), (ONE, Verdict::Malicious)]);
        }
        return;
    };
    opinions::collect(scene, stance, outside, policy, &mut out.opinions);
    group(out, entities);
    let mut confidences: Vec<(u32, u8)> = Vec::new();
    for entity in 0..entities as u32 {
        direct(out, entity, &mut confidences);
    }
    for (entity, _) in &outside.rules.examined {
        out.entities[*entity as usize].examined = true;
    }
    out.unnamed = !exculpate(scene, policy, weights, &mut work, out);
    out.unfinished = out.unnamed;
    if out.unnamed {
        let starts = starts(out);
        out.reach.iter_mut().for_each(|reach| reach.unknown(starts.iter().copied()));
    } else {
        associate(scene, policy, weights, &mut work, out);
        out.unfinished = out.reach.iter().any(|reach| reach.bound > 0);
    }
    for entity in 0..entities as u32 {
        decide(scene, policy, out, entity);
    }
    for (judged, uncapped) in out.entities.iter_mut().zip(&out.uncapped) {
        // A name only where something was lowered, and a person or a list had not spoken.
        let decided = judged.authority.is_some_and(|a| a < Authority::Direct) && !judged.listed;
        judged.spared_by = judged.spared_by.filter(|_| !decided && score(judged.score) < *uncapped);
    }
    impact(scene, out);
}

/// Takes the caps of exculpating rules, and notes whose rule it is for all that suspicion would have
/// come through it to: nothing is lowered without a name. `false` when the budget ran out.
fn exculpate(scene: &Scene, policy: &policy::Judge, weights: &Weights, work: &mut u64, out: &mut Judgement) -> bool {
    for opinion in out.rules.opinions.iter().filter(|o| o.exculpates) {
        // Rules do not speak against people and lists.
        if out.entities[opinion.entity as usize].authority.is_none_or(|a| a >= Authority::Direct) {
            let cap = &mut out.caps[opinion.entity as usize];
            *cap = (*cap).min(ONE - percent(opinion.confidence));
        }
    }
    if out.caps.iter().all(|cap| *cap >= ONE) {
        return true;
    }
    let caps = std::mem::take(&mut out.caps);
    out.caps.resize(caps.len(), ONE);
    associate(scene, policy, weights, work, out);
    let done = out.reach.iter().all(|reach| reach.bound == 0);
    for at in (0..caps.len()).filter(|_| done) {
        let entity = at as u32;
        let [identity, any] = [IDENTITY, ANY].map(|search| out.reach[search].of(entity));
        let search = usize::from(any > identity);
        let far = if scene.kinds[at].1 { 0 } else { any.min(near_malicious(policy)) };
        out.uncapped.push(out.direct[at].max(identity).max(far));
        let reach = &out.reach[search];
        let path = if out.direct[at] >= identity.max(any) { Vec::new() } else { reach.path(entity) };
        let way = path.iter().rev().map(|hop| out.hops[*hop as usize].from);
        // The nearest entity on the way that has a cap.
        let mut way = std::iter::once(entity).chain(way);
        out.entities[at].spared_by = way.find(|e| caps[*e as usize] < out.direct[*e as usize].max(reach.of(*e)));
    }
    for ((direct, judged), cap) in out.direct.iter_mut().zip(&mut out.entities).zip(&caps) {
        *direct = (*direct).min(*cap);
        judged.score = share(*direct);
    }
    out.caps = caps;
    done
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

/// The score of an entity's own opinions: those of sources together, the best of each, unless a higher
/// authority speaks.
fn direct(out: &mut Judgement, entity: u32, confidences: &mut Vec<(u32, u8)>) {
    confidences.clear();
    let mut judged = Judged::default();
    let range = out.starts[entity as usize] as usize..out.starts[entity as usize + 1] as usize;
    let mut higher: Option<(u32, &Opinion)> = None;
    for i in &out.by_entity[range] {
        let opinion = &out.opinions[*i as usize];
        judged.examined |= opinion.verdict == CLEAN;
        if opinion.authority == Authority::Indicator && opinion.verdict < CLEAN {
            continue;
        }
        if opinion.authority < Authority::Direct {
            // The analyst before indicators and the latest decision before others; a block before an allow.
            let rank = |o: &Opinion| match o.why {
                Why::Analyst(number) => (o.authority, number, 0),
                _ => (o.authority, u32::from(o.verdict), o.confidence),
            };
            let (new, known) = (rank(opinion), higher.map(|(_, known)| rank(known)));
            if known.is_none_or(|known| new.0 < known.0 || (new.0 == known.0 && new > known)) {
                higher = Some((*i, opinion));
            }
        } else if opinion.speaks_against() {
            confidences.push((opinion.source, opinion.confidence));
        }
    }
    confidences.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    confidences.dedup_by_key(|c| c.0);
    confidences.sort_unstable_by_key(|c| std::cmp::Reverse(c.1));
    let evidence = together(confidences.iter().map(|(_, c)| *c));
    let mut direct = evidence;
    if let Some((i, opinion)) = higher {
        out.standing[entity as usize] = Some(i);
        judged.authority = Some(opinion.authority);
        judged.verdict = Verdict::from_index(opinion.verdict).unwrap_or_default();
        let confidence = percent(opinion.confidence);
        direct = if opinion.speaks_against() { confidence } else { ONE - confidence };
        if opinion.authority == Authority::Indicator && opinion.speaks_against() {
            judged.listed = true;
            direct = direct.max(evidence);
        }
    } else {
        judged.authority = (!confidences.is_empty()).then_some(Authority::Direct);
    }
    judged.score = share(direct);
    out.direct[entity as usize] = direct;
    out.evidence[entity as usize] = evidence;
    out.entities[entity as usize] = judged;
}

/// What each entity passes on of its own: what a person or a list found clean is no source of suspicion.
fn starts(out: &Judgement) -> Vec<Score> {
    let cleared =
        |judged: &Judged| judged.authority.is_some_and(|a| a < Authority::Direct) && judged.verdict <= Verdict::Clean;
    let each = out.entities.iter().zip(&out.direct);
    each.map(|(judged, direct)| if cleared(judged) { 0 } else { *direct }).collect()
}

/// May suspicion come to the entity, and go on? Not to assets nor to what is common everywhere, and not to
/// what a person or an allow list spoke about.
fn takes(scene: &Scene, out: &[Judged], entity: u32) -> (bool, bool) {
    let (kind, common) = scene.kinds[entity as usize];
    let silent = kind.is_asset() || common;
    let judged = &out[entity as usize];
    let decided = judged.authority.is_some_and(|a| a < Authority::Direct) && !judged.listed;
    (!silent && !decided, !silent)
}

/// Best product of weights along any path from a judged entity: once along identity alone, once along all
/// relations.
fn associate(scene: &Scene, policy: &policy::Judge, weights: &Weights, work: &mut u64, out: &mut Judgement) {
    let starts = starts(out);
    let Judgement { entities, reach, hops, caps, .. } = out;
    // Only what passes anything on, and only between entities that may give and take.
    hops.clear();
    for (i, arc) in scene.arcs.iter().enumerate() {
        for (forward, weight) in [true, false].into_iter().zip(weights.of(arc.relation)) {
            let (from, to) = if forward { (arc.from, arc.to) } else { (arc.to, arc.from) };
            if weight > 0.0 && takes(scene, entities, from).1 && takes(scene, entities, to).0 {
                hops.push(Hop { from, to, weight, arc: i as u32, forward });
            }
        }
    }
    let [identity, any] = reach;
    let start = || starts.iter().copied();
    identity.search(start(), caps, hops, |hop| hop.weight >= 1.0, policy.path_length, work);
    any.search(start(), caps, hops, |_| true, policy.path_length, work);
}

/// The verdict: by a higher authority, or by thresholds. Association alone stays below malicious.
fn decide(scene: &Scene, policy: &policy::Judge, out: &mut Judgement, entity: u32) {
    let at = entity as usize;
    let (_, common) = scene.kinds[at];
    let (reached, _) = takes(scene, &out.entities, entity);
    let direct = out.direct[at];
    // As far as it is known, and what it is at most.
    let known = [IDENTITY, ANY].map(|search| out.reach[search].of(entity));
    let most = [IDENTITY, ANY].map(|search| {
        let reach = &out.reach[search];
        if reached { reach.at_most(entity, out.caps[at]) } else { reach.of(entity) }
    });
    let judged = &mut out.entities[at];
    let firm = [known, most].map(|[identity, _]| direct.max(identity));
    if judged.authority.is_some_and(|a| a < Authority::Direct) && !judged.listed {
        return;
    }
    judged.search = (known[IDENTITY] > direct).then_some(IDENTITY);
    let mut scores = firm;
    if !judged.listed {
        let near = [known, most].map(|[_, any]| any.min(near_malicious(policy)));
        if known[IDENTITY] > direct {
            judged.authority = Some(Authority::Association);
        }
        if near[0] > firm[0] && !common {
            judged.authority = Some(Authority::Association);
            judged.search = Some(ANY);
        }
        if !common {
            scores = [firm[0].max(near[0]), firm[1].max(near[1])];
        }
    }
    judged.score = share(scores[0]);
    let verdicts = scores.map(|score| match (judged.listed, share(score) >= policy.malicious) {
        // More evidence never lowers a verdict: what is listed as suspicious may be proven malicious.
        (true, true) => Verdict::Malicious,
        (true, false) => judged.verdict.clone(),
        (false, _) => by_thresholds(score, judged.examined, policy),
    });
    let [low, high] = verdicts;
    if scores[0] < scores[1] || firm[0] < firm[1] || out.unnamed {
        judged.between = Some([(scores[0], low.clone()), (scores[1], high.clone())]);
    }
    judged.verdict = if low == high { low } else { Verdict::Unknown };
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
