//! From a judgement to the proof of one verdict in it: which opinions made it, and what became of the others.

use std::cmp::Reverse;

use crate::model::{FactId, Verdict};
use crate::resolve::EntityKind;

use super::fuse::{Judgement, Weights};
use super::opinions::{Authority, Opinion, RuleFindings, RuleOpinion, RuleWords, Why};
use super::proof::{Basis, Bounds, Explanation, PathStart, PathStep, RuleName, SCHEMA, Spared, StatedOpinion};
use super::render;
use super::scene::Scene;
use super::score::{ONE, Score, passed, percent, share};

/// What the explanation needs from those who know texts: entities by local id of the scene, the rest by the
/// numbers of the casebook.
pub(crate) trait Words {
    fn entity_id(&self, local: u32) -> String;
    fn entity_name(&self, local: u32) -> String;
    fn tenant(&self, local: u32) -> String;
    fn identifiers(&self, local: u32) -> Vec<String>;
    /// Id, title and fact of an alert.
    fn alert(&self, alert: u32) -> (String, String, FactId);
    /// The name of a detector.
    fn detector(&self, source: u32) -> String;
    /// Fact of an occurrence, the evidence item it stands in, and whether that only mentions it.
    fn place(&self, occurrence: u32) -> (FactId, u32, bool);
    /// Source and fact of an indicator.
    fn indicator(&self, index: u32) -> (Option<String>, FactId);
    /// Author, reason and fact of a decision.
    fn decision(&self, index: u32) -> (String, Option<String>, FactId);
}

/// Scores are shown with four digits in summaries.
pub(crate) fn rounded(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0
}

/// Why an opinion does not count.
#[derive(Debug, Clone, Copy)]
enum Overruled<'o> {
    /// By a decision or an entry of a list.
    By(&'static str, &'o Opinion),
    Exculpated(&'o RuleOpinion),
    Outweighed(&'static str),
}

type Listed<'o> = (&'o Opinion, Option<Overruled<'o>>);

/// The opinions on one entity, the best of each source, by what they say.
struct Sorted<'j> {
    decisions: Vec<&'j Opinion>,
    indicators: Vec<&'j Opinion>,
    against: Vec<&'j Opinion>,
    clean: Vec<&'j Opinion>,
    exculpating: Vec<&'j Opinion>,
}

/// The surest of each source; of equal ones the first.
fn best<'j>(opinions: impl Iterator<Item = &'j Opinion>) -> Vec<&'j Opinion> {
    let mut all: Vec<(usize, &Opinion)> = opinions.enumerate().collect();
    all.sort_by_key(|(at, o)| (o.source, Reverse((o.confidence, o.verdict)), *at));
    all.dedup_by_key(|(_, o)| o.source);
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, o)| o).collect()
}

impl<'j> Sorted<'j> {
    fn new(judgement: &'j Judgement, entity: u32) -> Sorted<'j> {
        let of = |authority| judgement.opinions_of(entity).filter(move |o| o.authority == authority);
        let exculpates = |o: &&Opinion| rule_of(&judgement.rules, o).is_some_and(|rule| rule.exculpates);
        let clean = || of(Authority::Direct).filter(|o| !o.speaks_against());
        Sorted {
            decisions: of(Authority::Analyst).collect(),
            indicators: of(Authority::Indicator).collect(),
            against: best(of(Authority::Direct).filter(|o| o.speaks_against())),
            clean: best(clean().filter(|o| !exculpates(o))),
            exculpating: best(clean().filter(exculpates)),
        }
    }

    /// What becomes of each: those that made the verdict first, each group the strongest first.
    fn judged(&self, judgement: &'j Judgement, entity: u32) -> Vec<Listed<'j>> {
        let Some(judged) = judgement.entities.get(entity as usize) else { return Vec::new() };
        let (bad, spared) = (judged.verdict > Verdict::Clean, judged.spared_by == Some(entity));
        let mut out: Vec<Listed<'j>> = Vec::new();
        let mut list = |opinions: &[&'j Opinion], why: &dyn Fn(&'j Opinion) -> Option<Overruled<'j>>| {
            out.extend(opinions.iter().map(|o| (*o, why(o))));
        };
        match judgement.standing(entity) {
            Some(by) if by.authority == Authority::Analyst => {
                let over = |_| Some(Overruled::By("an analyst decided", by));
                let later = Overruled::By("a later decision stands", by);
                list(&self.decisions, &|o| (!std::ptr::eq(o, by)).then_some(later));
                for some in [&self.indicators, &self.against, &self.clean, &self.exculpating] {
                    list(some, &over);
                }
            }
            Some(by) => {
                let over = |_| Some(Overruled::By("an indicator decides", by));
                list(&self.indicators, &|o| {
                    let block = by.speaks_against() && !o.speaks_against();
                    let why = if block { "a block beats an allow" } else { "a surer entry of a list stands" };
                    ((o.verdict, o.confidence) != (by.verdict, by.confidence)).then_some(Overruled::By(why, by))
                });
                // A block that the evidence goes beyond does not set it aside.
                let beyond = judged.listed && judgement.evidence(entity) > percent(by.confidence);
                list(&self.against, &|o| if beyond { None } else { over(o) });
                for some in [&self.clean, &self.exculpating] {
                    list(some, &over);
                }
            }
            None => {
                list(&self.indicators, &|_| Some(Overruled::Outweighed("the list calls it neither good nor bad")));
                let exculpated = self.exculpating.first().and_then(|_| strongest(&judgement.rules, entity));
                let exculpated = exculpated.filter(|_| spared && !bad).map(Overruled::Exculpated);
                list(&self.against, &|_| exculpated);
                let outweighed = |why| bad.then_some(Overruled::Outweighed(why));
                list(&self.clean, &|o| match o.why {
                    Why::FalsePositive => outweighed("other alerts hold it too"),
                    _ => outweighed("other opinions weigh more"),
                });
                list(&self.exculpating, &|_| if spared { None } else { outweighed("other opinions weigh more") });
            }
        }
        out.sort_by_key(|(o, why)| (why.is_some(), Reverse(o.verdict), Reverse(o.confidence), o.why.rank()));
        out
    }

    /// Those that make the score of the entity itself, wherever suspicion may come from.
    fn own(&self, judgement: &'j Judgement, entity: u32) -> Vec<&'j Opinion> {
        let mut out: Vec<&Opinion> = Vec::new();
        match judgement.standing(entity) {
            Some(by) => {
                out.push(by);
                let beyond = judgement.evidence(entity) > percent(by.confidence);
                if by.authority == Authority::Indicator && by.speaks_against() && beyond {
                    out.extend(&self.against);
                }
            }
            None => {
                out.extend(&self.against);
                if judgement.cap(entity) < judgement.evidence(entity) {
                    out.extend(&self.exculpating);
                }
            }
        }
        out.sort_by_key(|o| (Reverse(o.verdict), Reverse(o.confidence), o.why.rank()));
        out
    }
}

fn rule_of<'r>(rules: &'r RuleFindings, opinion: &Opinion) -> Option<&'r RuleOpinion> {
    match opinion.why {
        Why::Rule(index) => rules.opinions.get(index as usize),
        _ => None,
    }
}

/// The surest exculpating rule that fits an entity; of equal ones the first of the set.
fn strongest(rules: &RuleFindings, entity: u32) -> Option<&RuleOpinion> {
    let exculpating = rules.opinions.iter().filter(|o| o.exculpates && o.entity == entity);
    exculpating.max_by_key(|o| (o.confidence, Reverse(o.rule)))
}

impl From<&RuleWords> for RuleName {
    fn from(words: &RuleWords) -> RuleName {
        RuleName { title: words.title.clone(), id: words.id.clone(), hash: words.hash.clone() }
    }
}

/// What an explanation is made of.
pub(crate) struct Told<'t> {
    pub(crate) scene: &'t Scene,
    pub(crate) judgement: &'t Judgement,
    pub(crate) weights: &'t Weights,
    /// Units of work that the judge had.
    pub(crate) work: u64,
    pub(crate) words: &'t dyn Words,
}

impl Told<'_> {
    fn name_of(&self, rule: u32) -> Option<RuleName> {
        self.judgement.rules.words(rule).map(RuleName::from)
    }

    /// The explanation of one entity, by local id.
    pub(crate) fn explain(&self, entity: u32, basis: Basis) -> Option<Explanation> {
        let Told { scene, judgement, words, .. } = *self;
        let judged = judgement.entities.get(entity as usize)?;
        let (kind, _): (EntityKind, bool) = scene.kinds.get(entity as usize).copied()?;
        let sorted = Sorted::new(judgement, entity);
        let (mut opinions, mut overruled) = (Vec::new(), Vec::new());
        for (opinion, why) in sorted.judged(judgement, entity) {
            let list = if why.is_some() { &mut overruled } else { &mut opinions };
            list.push(self.stated(opinion, why));
        }
        let (start, path) = self.path(entity);
        let rules = &judgement.rules;
        let missing = (judged.verdict == Verdict::Unknown && judged.between.is_none())
            .then(|| render::missing(!rules.words.is_empty()));
        let marks = rules.reached.iter().filter(|(e, _)| *e == entity);
        let mut limits: Vec<String> = marks.map(|(_, limit)| render::reached(limit)).collect();
        if judgement.unfinished {
            limits.push(format!("{} units of work were not enough to look at the whole incident", self.work));
        }
        let spared = judged.spared_by.and_then(|by| {
            let strongest = strongest(rules, by)?;
            Some(Spared {
                entity: words.entity_id(by),
                name: words.entity_name(by),
                rule: self.name_of(strongest.rule)?,
                at_most: share(judgement.cap(by)),
            })
        });
        let mut why = Explanation {
            schema: SCHEMA.to_owned(),
            entity: words.entity_id(entity),
            tenant_id: words.tenant(entity),
            kind,
            name: words.entity_name(entity),
            identifiers: words.identifiers(entity),
            verdict: judged.verdict.clone(),
            score: judged.score,
            authority: judged.authority.unwrap_or(Authority::None),
            because: String::new(),
            impacted: judged.impacted,
            opinions,
            start,
            path,
            spared,
            overruled,
            examined: rules.examiners(entity).map(RuleName::from).collect(),
            missing,
            limits,
            undecided: judged.between.as_ref().map(bounds),
            basis,
        };
        why.because = render::because(&why);
        Some(why)
    }

    fn path(&self, entity: u32) -> (Option<PathStart>, Vec<PathStep>) {
        let Told { scene, judgement, words, .. } = *self;
        let hops = judgement.path(entity);
        let Some(from) = hops.first().map(|hop| hop.from) else { return (None, Vec::new()) };
        let sorted = Sorted::new(judgement, from);
        let own = sorted.own(judgement, from);
        let start = PathStart {
            entity: words.entity_id(from),
            identifiers: words.identifiers(from),
            score: share(judgement.direct(from)),
            authority: judgement.standing(from).map_or(Authority::Direct, |o| o.authority),
            opinions: own.into_iter().map(|o| self.stated(o, None)).collect(),
        };
        let mut score: Score = judgement.direct(from);
        let steps = hops.iter().filter_map(|hop| {
            let arc = scene.arcs.get(hop.arc as usize)?;
            let full = passed(score, hop.weight);
            score = full.min(judgement.cap(hop.to));
            let (fact, item, nested) = words.place(arc.occurrence);
            Some(PathStep {
                from: words.entity_id(hop.from),
                from_name: words.entity_name(hop.from),
                relation: arc.relation,
                forward: hop.forward,
                to: words.entity_id(hop.to),
                weight: self.weights.share(arc.relation, hop.forward),
                score: share(score),
                capped: (score < full)
                    .then(|| strongest(&judgement.rules, hop.to).and_then(|rule| self.name_of(rule.rule)))
                    .flatten(),
                alert: scene.alerts.get(arc.alert as usize).map(|a| words.alert(*a).0).unwrap_or_default(),
                fact,
                at: render::place(item, nested),
            })
        });
        (Some(start), steps.collect())
    }

    fn stated(&self, opinion: &Opinion, overruled: Option<Overruled<'_>>) -> StatedOpinion {
        let Told { scene, judgement, words, .. } = *self;
        let mut out = StatedOpinion {
            verdict: Verdict::from_index(opinion.verdict).unwrap_or_default(),
            confidence: opinion.confidence,
            authority: opinion.authority,
            source: String::new(),
            because: String::new(),
            alert: None,
            fact: None,
            at: None,
            rule: None,
            looked_at: Vec::new(),
            overruled_by: None,
            overruling: None,
        };
        match opinion.why {
            Why::Indicator(index) => {
                let (source, fact) = words.indicator(index);
                let source = source.unwrap_or_else(|| render::UNNAMED_LIST.to_owned());
                out.because = render::of_indicator(&source);
                (out.source, out.fact) = (source, Some(fact));
            }
            Why::Analyst(index) => {
                let (by, reason, fact) = words.decision(index);
                out.because = render::of_decision(&by, reason.as_deref());
                (out.source, out.fact) = (by, Some(fact));
            }
            Why::Rule(_) => {
                let (id, _, fact) = words.alert(opinion.alert);
                (out.alert, out.fact) = (Some(id), Some(fact));
                if let Some(said) = rule_of(&judgement.rules, opinion)
                    && let Some(rule) = self.name_of(said.rule)
                {
                    out.because = render::of_rule(&rule, &said.matched);
                    out.source.clone_from(&rule.hash);
                    let looked = said.looked.iter().filter_map(|local| scene.alerts.get(*local as usize));
                    out.looked_at = looked.map(|alert| words.alert(*alert).2).collect();
                    out.rule = Some(rule);
                }
            }
            why => {
                let (id, title, _) = words.alert(opinion.alert);
                let (fact, item, nested) = words.place(opinion.row);
                out.because = render::of_alert(why, &title);
                out.source = words.detector(opinion.source);
                (out.alert, out.fact, out.at) = (Some(id), Some(fact), Some(render::place(item, nested)));
            }
        }
        let fact_of = |by: &Opinion| match by.why {
            Why::Indicator(index) => Some(words.indicator(index).1.to_string()),
            Why::Analyst(index) => Some(words.decision(index).2.to_string()),
            _ => None,
        };
        (out.overruled_by, out.overruling) = match overruled {
            None => (None, None),
            Some(Overruled::By(why, by)) => (Some(why.to_owned()), fact_of(by)),
            Some(Overruled::Exculpated(by)) => {
                (Some("an exculpating rule fits".to_owned()), self.name_of(by.rule).map(|rule| rule.hash))
            }
            Some(Overruled::Outweighed(why)) => (Some(why.to_owned()), None),
        };
        out
    }
}

/// The verdicts from the lowest to the highest that are possible.
fn bounds([low, high]: &[(Score, Verdict); 2]) -> Bounds {
    // What is examined is not unknown, and what is not is not clean; before anything was read, it is open.
    let open = (low.0, high.0) == (0, ONE);
    let between = |v: &Verdict| low.1 <= *v && *v <= high.1 && (*v != Verdict::Clean || low.1 == *v || open);
    let known = [Verdict::Unknown, Verdict::Clean, Verdict::Suspicious, Verdict::Malicious];
    Bounds { lower: share(low.0), upper: share(high.0), verdicts: known.into_iter().filter(between).collect() }
}
