//! Verdicts in words: every opinion used, the path, what was overruled, what was missing.

use serde::Serialize;

use crate::model::Verdict;
use crate::policy;
use crate::resolve::{EntityKind, Relation};

use super::fuse::Judgement;
use super::opinions::{Authority, Opinion, RuleFindings, RuleWords, Why};
use super::scene::Scene;

/// Why an entity has its verdict.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// Public id of the entity.
    pub entity: String,
    /// Its kind.
    pub kind: EntityKind,
    /// How its sources call it.
    pub name: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Score from 0 to 1 that the thresholds of the policy were applied to.
    pub score: f64,
    /// Which authority decided.
    pub authority: Authority,
    /// The reason in one line.
    pub because: String,
    /// Opinions that made the verdict, strongest first.
    pub opinions: Vec<StatedOpinion>,
    /// How suspicion came here, from its start; empty unless association decided.
    pub path: Vec<PathStep>,
    /// Opinions that did not count, and why.
    pub overruled: Vec<StatedOpinion>,
    /// What would have to be known for a verdict, when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Limits that kept rules from seeing all of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
}

/// One opinion, with where it comes from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StatedOpinion {
    /// What it says.
    pub verdict: Verdict,
    /// How sure it is, 0 to 100.
    pub confidence: u8,
    /// Who speaks.
    pub authority: Authority,
    /// Why it says so.
    pub because: String,
    /// The alert that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// The fact at its leaf, as 64 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// What set it aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overruled_by: Option<String>,
}

/// One step of the path that suspicion took.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PathStep {
    /// Public id of the entity it came from.
    pub from: String,
    /// Its name.
    pub from_name: String,
    /// The relation.
    pub relation: Relation,
    /// `true` when the relation points from here to the next entity.
    pub forward: bool,
    /// Public id of the entity it went to.
    pub to: String,
    /// Share of the score that this step passes on.
    pub weight: f64,
    /// The alert that shows the relation.
    pub alert: String,
}

/// What the explanation needs from those who know texts: all by local id of the scene.
pub(crate) struct Words<'w> {
    pub(crate) entity_id: &'w dyn Fn(u32) -> String,
    pub(crate) entity_name: &'w dyn Fn(u32) -> String,
    /// Id, title and fact of an alert of the casebook.
    pub(crate) alert: &'w dyn Fn(u32) -> (String, String, String),
    /// Source and fact of an indicator.
    pub(crate) indicator: &'w dyn Fn(u32) -> (String, String),
    /// Author, reason and fact of a decision.
    pub(crate) decision: &'w dyn Fn(u32) -> (String, Option<String>, String),
}

/// Scores are shown with four digits.
pub(crate) fn rounded(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0
}

pub(crate) fn explain(
    scene: &Scene,
    judgement: &Judgement,
    weights: &super::fuse::Weights,
    policy: &policy::Judge,
    entity: u32,
    words: &Words<'_>,
) -> Option<Explanation> {
    let judged = judgement.entities.get(entity as usize)?;
    let (kind, _) = scene.kinds.get(entity as usize).copied()?;
    let authority = judged.authority.unwrap_or(Authority::None);
    let state = |opinion: &Opinion, overruled: Option<&str>| stated(opinion, overruled, &judgement.rules, words);
    let overruled: Vec<StatedOpinion> = judgement.overruled(entity).map(|(o, why)| state(o, Some(why))).collect();
    let mut used: Vec<&Opinion> = judgement
        .opinions_of(entity)
        .filter(|o| {
            o.authority == authority
                || (authority == Authority::Association && o.authority == Authority::Direct)
                || authority == Authority::None
        })
        .filter(|o| !judgement.overruled(entity).any(|(x, _)| std::ptr::eq(x, *o)))
        .collect();
    used.sort_by_key(|o| (std::cmp::Reverse(o.verdict), std::cmp::Reverse(o.confidence), o.why, o.alert));
    used.dedup_by_key(|o| (o.source, o.why, o.verdict, o.confidence));
    let path: Vec<PathStep> = judged.step.map_or_else(Vec::new, |last| {
        let steps = judgement.path(last, judgement.by_identity(entity), policy.path_length);
        steps
            .iter()
            .filter_map(|step| {
                let arc = scene.arcs.get(step.arc as usize)?;
                let to = if step.forward { arc.to } else { arc.from };
                Some(PathStep {
                    from: (words.entity_id)(step.from),
                    from_name: (words.entity_name)(step.from),
                    relation: arc.relation,
                    forward: step.forward,
                    to: (words.entity_id)(to),
                    weight: weights.share(arc.relation, step.forward),
                    alert: scene
                        .alerts
                        .get(arc.alert as usize)
                        .map(|alert| (words.alert)(*alert).0)
                        .unwrap_or_default(),
                })
            })
            .collect()
    });
    let opinions: Vec<StatedOpinion> = used.iter().map(|o| state(o, None)).collect();
    let missing = (judged.verdict == Verdict::Unknown).then(|| {
        let mut text =
            "no provider verdict, indicator or decision about it, and nothing suspicious leads to it".to_owned();
        if !judgement.rules.words.is_empty() {
            text.push_str("; no rule for its kind had the fields it needs");
        }
        text
    });
    let mut because = because(&opinions, &path, judged, missing.is_some(), authority);
    if opinions.is_empty() && path.is_empty() && judged.verdict == Verdict::Clean {
        because = examined(&judgement.rules, entity);
        if judged.impacted {
            because.push_str("; impacted");
        }
    }
    if let Some(spared) = spared(judgement, judged, entity, words) {
        because.push_str(&spared);
    }
    let marks = judgement.rules.reached.iter().filter(|(e, _)| *e == entity);
    let limits = marks.map(|(_, limit)| format!("`{limit}` was reached: rules did not see all of it")).collect();
    Some(Explanation {
        entity: (words.entity_id)(entity),
        kind,
        name: (words.entity_name)(entity),
        verdict: judged.verdict.clone(),
        score: rounded(judged.score),
        authority,
        because,
        opinions,
        path,
        overruled,
        missing,
        limits,
    })
}

/// `Title` (id, first digits of the hash).
fn rule_name(rule: &RuleWords) -> String {
    let hash: String = rule.hash.chars().take(8).collect();
    let id = if rule.id.is_empty() { String::new() } else { format!("{}, ", rule.id) };
    format!("`{}` ({id}{hash})", rule.title)
}

/// What was looked at and found to be nothing, by which rules.
fn examined(rules: &RuleFindings, entity: u32) -> String {
    const NAMED: usize = 3;
    let count = rules.examiners(entity).count();
    let names: Vec<String> = rules.examiners(entity).take(NAMED).map(rule_name).collect();
    let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
    let names = names.join(", ");
    if count == 1 {
        format!("rule {names} had the fields it needs and did not fire")
    } else {
        format!("rules {names}{more} had the fields they need and did not fire")
    }
}

/// Whose exculpating rule keeps the score low.
fn spared(judgement: &Judgement, judged: &super::fuse::Judged, entity: u32, words: &Words<'_>) -> Option<String> {
    let by = judged.spared_by?;
    let exculpating = judgement.rules.opinions.iter().filter(|o| o.exculpates && o.entity == by);
    let strongest = exculpating.max_by_key(|o| (o.confidence, std::cmp::Reverse(o.rule)))?;
    let rule = rule_name(judgement.rules.words(strongest.rule)?);
    Some(if by == entity {
        format!("; exculpating rule {rule} leaves at most {}", rounded(1.0 - f64::from(strongest.confidence) / 100.0))
    } else {
        format!("; exculpating rule {rule} on `{}` lets less suspicion through", (words.entity_name)(by))
    })
}

fn stated(opinion: &Opinion, overruled: Option<&str>, rules: &RuleFindings, words: &Words<'_>) -> StatedOpinion {
    let (alert, fact, because) = match opinion.why {
        Why::Indicator(index) => {
            let (source, fact) = (words.indicator)(index);
            (None, fact, format!("{source} lists it"))
        }
        Why::Analyst(index) => {
            let (by, reason, fact) = (words.decision)(index);
            let reason = reason.map(|r| format!(": {r}")).unwrap_or_default();
            (None, fact, format!("{by} decided so{reason}"))
        }
        Why::Rule(index) => {
            let (id, _, fact) = (words.alert)(opinion.alert);
            let because = rules.opinions.get(index as usize).map_or_else(String::new, |said| {
                let name = rules.words(said.rule).map(rule_name).unwrap_or_default();
                let matched = if said.matched.is_empty() { String::new() } else { format!(": {}", said.matched) };
                format!("rule {name} fits{matched}")
            });
            (Some(id), fact, because)
        }
        why => {
            let (id, title, fact) = (words.alert)(opinion.alert);
            let because = match why {
                Why::ProviderVerdict => format!("the provider's verdict in `{title}`"),
                Why::Role => format!("its role in `{title}`"),
                Why::Detected => format!("a sensor acted on it in `{title}`"),
                Why::TruePositive => format!("`{title}` was confirmed as a true positive"),
                Why::FalsePositive => format!("`{title}` was found to be a false positive"),
                _ => format!("part of `{title}`"),
            };
            (Some(id), fact, because)
        }
    };
    StatedOpinion {
        verdict: Verdict::from_index(opinion.verdict).unwrap_or_default(),
        confidence: opinion.confidence,
        authority: opinion.authority,
        because,
        alert,
        fact: Some(fact),
        overruled_by: overruled.map(str::to_owned),
    }
}

fn because(
    opinions: &[StatedOpinion],
    path: &[PathStep],
    judged: &super::fuse::Judged,
    missing: bool,
    authority: Authority,
) -> String {
    let mut text = match (path.first(), path.last()) {
        (Some(first), Some(last)) => {
            let phrase = phrase(last.relation, last.forward);
            let steps = if path.len() > 1 { format!(", {} steps away", path.len()) } else { String::new() };
            format!("{phrase} `{}`{steps}", first.from_name)
        }
        _ => match opinions {
            [] if missing => "not examined".to_owned(),
            [] => "nothing speaks against it".to_owned(),
            [only] => only.because.clone(),
            [first, rest @ ..] => format!("{}, and {} more", first.because, rest.len()),
        },
    };
    if authority == Authority::Direct && judged.verdict < Verdict::Suspicious {
        text.push_str(", below every threshold");
    }
    if judged.impacted {
        text.push_str("; impacted");
    }
    text
}

/// How the judged entity relates to where the suspicion came from.
fn phrase(relation: Relation, forward: bool) -> &'static str {
    match (relation, forward) {
        (Relation::Parent, true) => "started",
        (Relation::Parent, false) => "started by",
        (Relation::Image, true) => "the file run by",
        (Relation::Image, false) => "runs",
        (Relation::Sender, true) => "sent",
        (Relation::Sender, false) => "sent by",
        (Relation::Contains, true) => "carried by",
        (Relation::Contains, false) => "carries",
        (Relation::Domain, true) => "host of",
        (Relation::Domain, false) => "is under",
        (Relation::ResolvesTo, true) => "address of",
        (Relation::ResolvesTo, false) => "resolves to",
        (Relation::Address, true) => "endpoint of",
        (Relation::Address, false) => "reaches",
        (Relation::Instance, true) => "an instance of",
        (Relation::Instance, false) => "seen as",
        (Relation::Connected, true) => "contacted by",
        (Relation::Connected, false) => "contacted",
        (Relation::Wrote, true) => "written by",
        (Relation::Wrote, false) => "wrote",
        _ => "linked to",
    }
}
