//! Verdict rules: Sigma rules over the entities, alerts and the incident of a case in, opinions out.
//!
//! `face` reads what a rule says, `path` the dots of its field names, `place` and `fields` find what an
//! alert says of each entity, `subject` is what a rule looks at, `run` asks every rule.
//! The language is described in `docs/VERDICT-RULES.md`.

mod face;
mod fields;
mod path;
mod place;
mod run;
mod subject;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::judge::{RuleFace, RuleWords};
use crate::model::Verdict;
use crate::policy::Policy;
use crate::resolve::EntityKind;
use crate::rules::ast::{self, Body, Condition, Document, Item, Node, Test};
use crate::rules::problem::{RuleProblem, RuleProblemCode};
use crate::rules::read::{clipped, shown};

pub(crate) use face::{VerdictFace, face};
use path::Kinds;
pub(crate) use run::{Evidence, Target, explain, run};

/// What a run may cost, as the policy says; reaching one of these is reported.
#[derive(Debug, Clone, Copy)]
struct Limits {
    neighbours: usize,
    counted: usize,
    work: u64,
    fields: usize,
    values: usize,
    views: usize,
    nesting: u8,
}

impl Limits {
    fn of(policy: &Policy) -> Limits {
        let rules = &policy.rules;
        Limits {
            neighbours: rules.path_neighbours,
            counted: rules.counted_neighbours,
            work: rules.path_work,
            fields: rules.entity_fields,
            values: rules.field_values,
            views: rules.entity_views,
            nesting: policy.limits.nested_evidence,
        }
    }
}

/// What a verdict rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Entities(Kinds),
    Alerts,
    Incident,
}

/// A rule with all that running it needs.
#[derive(Debug, Clone)]
struct VerdictRule {
    about: About,
    rule: ast::Rule,
    verdict: Verdict,
    confidence: u8,
    exculpates: bool,
    face: Arc<RuleFace>,
    /// Fields that its positive items ask for: without them it cannot tell. Empty when none is a property
    /// of a thing: what sources say of it is no look at it.
    needs: Vec<String>,
    /// More values never unmake a match: nothing is denied, and nothing must be absent.
    grows: bool,
}

/// Verdict rules, compiled; shared between runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct VerdictRules {
    rules: Vec<VerdictRule>,
    words: Arc<[RuleWords]>,
}

pub(super) fn problem(document: &Document, code: RuleProblemCode, message: String) -> RuleProblem {
    RuleProblem {
        source: document.source.clone(),
        line: document.place.line,
        column: document.place.column,
        rule: document
            .meta
            .id
            .as_ref()
            .or(Some(&document.meta.title))
            .filter(|id| !id.is_empty())
            .map(|id| clipped(id)),
        code,
        message,
        left_out: code != RuleProblemCode::Doubtful,
    }
}

/// Is it a rule over entities, alerts or incidents rather than over events?
pub(crate) fn is_verdict_rule(document: &Document) -> bool {
    matches!(&document.body, Body::Rule(rule) if rule.logsource.product.as_deref() == Some("casegraph"))
}

impl VerdictRules {
    /// Compiles the verdict rules among `documents`; others are passed over. Each rule that is left out,
    /// and each doubt, is in the second part. A relation path of more than `path_steps` is refused.
    pub(crate) fn new<'d>(
        documents: impl IntoIterator<Item = &'d Document>,
        path_steps: usize,
    ) -> (VerdictRules, Vec<RuleProblem>) {
        let (mut rules, mut words, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for document in documents.into_iter().filter(|d| is_verdict_rule(d)) {
            match compile(document, path_steps, &mut problems) {
                // A rule without an opinion changes no verdict.
                Ok(None) => {}
                Ok(Some(rule)) => {
                    rules.push(rule);
                    words.push(RuleWords {
                        title: document.meta.title.clone(),
                        id: document.meta.id.clone().unwrap_or_default(),
                        hash: document.hash.clone(),
                    });
                }
                Err(problem) => problems.push(problem),
            }
        }
        (VerdictRules { rules, words: words.into() }, problems)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// Are there none?
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

fn compile(
    document: &Document,
    path_steps: usize,
    problems: &mut Vec<RuleProblem>,
) -> Result<Option<VerdictRule>, RuleProblem> {
    let Body::Rule(rule) = &document.body else { return Ok(None) };
    let about = match rule.logsource.category.as_deref() {
        None => About::Entities(Kinds::ALL),
        Some("alert") => About::Alerts,
        Some("incident") => About::Incident,
        Some(name) => match path::step(name) {
            // `domain` and `message` are kinds by another name; `parent` is none.
            Some(path::Step::To(kinds)) => About::Entities(kinds),
            _ => {
                let message = format!(
                    "no kind of entity {}, expected one of casegraph's kinds, `alert` or `incident`",
                    shown(name)
                );
                return Err(problem(document, RuleProblemCode::Invalid, message));
            }
        },
    };
    let VerdictFace { opinion, exculpates, actions, roles, doubts } = face(document)?;
    problems.extend(doubts);
    if exculpates && !matches!(about, About::Entities(_)) {
        let message =
            "`exculpates` is for rules over entities: an alert that means nothing clears nothing that others saw";
        return Err(problem(document, RuleProblemCode::Invalid, message.to_owned()));
    }
    let mut asked = Asked::default();
    for condition in &rule.conditions {
        asked.condition(condition, &rule.selections, true);
    }
    if let Some(long) = asked.fields.iter().find(|field| path::steps(field) > path_steps) {
        let message = format!("{} takes {} steps, `pathSteps` allows {path_steps}", shown(long), path::steps(long));
        return Err(problem(document, RuleProblemCode::Limit, message));
    }
    asked.needs.sort_unstable();
    asked.needs.dedup();
    if !asked.needs.iter().any(|field| path::is_property(field)) {
        asked.needs.clear();
    }
    Ok(opinion.map(|(verdict, confidence)| VerdictRule {
        about,
        rule: rule.clone(),
        verdict,
        confidence,
        exculpates,
        face: Arc::new(RuleFace { actions, roles }),
        needs: asked.needs,
        grows: !asked.denies,
    }))
}

/// What a rule asks of its subject.
#[derive(Debug, Default)]
struct Asked {
    fields: Vec<String>,
    needs: Vec<String>,
    denies: bool,
}

impl Asked {
    fn condition(&mut self, condition: &Condition, selections: &[ast::Selection], positive: bool) {
        match condition {
            Condition::Selection(index) => {
                if let Some(selection) = selections.get(*index as usize) {
                    self.node(&selection.node, positive);
                }
            }
            Condition::Not(inner) => self.condition(inner, selections, !positive),
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| self.condition(part, selections, positive));
            }
        }
    }

    fn node(&mut self, node: &Node, positive: bool) {
        match node {
            Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| self.node(part, positive)),
            Node::Item(item) => self.item(item, positive),
        }
    }

    fn item(&mut self, item: &Item, positive: bool) {
        let forms = || item.values.iter().flat_map(|value| &value.forms);
        let absence = forms().any(|test| matches!(test, Test::Null | Test::Exists(false)));
        let presence = forms().all(|test| matches!(test, Test::Null | Test::Exists(_)));
        // Counts grow with the evidence, so a comparison may stop to hold; so may an exact number.
        let counted = item.field.as_deref().is_some_and(|f| f.to_ascii_lowercase().split('.').any(|p| p == "counts"));
        let grown = counted && !forms().all(|test| matches!(test, Test::Compare(c, _) if c.grows()));
        self.denies |= !positive || item.negated || absence || grown;
        let Some(field) = &item.field else { return };
        self.fields.push(field.clone());
        self.fields.extend(forms().filter_map(|test| match test {
            Test::Reference { field, .. } => Some(field.clone()),
            _ => None,
        }));
        if positive && !presence {
            self.needs.push(field.clone());
        }
    }
}

impl ast::Comparison {
    /// Once it holds of a number it holds of every greater one.
    fn grows(self) -> bool {
        matches!(self, ast::Comparison::Greater | ast::Comparison::GreaterOrEqual)
    }
}

impl About {
    fn takes(self, kind: EntityKind) -> bool {
        matches!(self, About::Entities(kinds) if kinds.has(kind))
    }
}
