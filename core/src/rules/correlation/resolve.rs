//! Names in correlations: documents in, a plan in which every correlation follows those it refers to out.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::rules::ast::{Body, Comparison, Correlation, CorrelationKind, Document};
use crate::rules::problem::{RuleProblem, RuleProblemCode};
use crate::rules::read::{clipped, shown};

/// Most rules that one correlation may name: the cost of a match rises with them.
const RULES_LIMIT: usize = 1000;

/// What a correlation refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// Index of a rule, as the caller numbers them.
    Rule(u32),
    /// Index of a document given to [`resolve`].
    Correlation(u32),
}

/// Correlations ready to run, each after those it refers to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) correlations: Vec<Planned>,
}

#[derive(Debug, Clone)]
pub(crate) struct Planned {
    /// Index of its document.
    pub(crate) index: u32,
    pub(crate) kind: CorrelationKind,
    /// What `rules` names, each once.
    pub(crate) targets: Vec<Target>,
    /// What `rules` names, in order, as indexes of `targets`.
    pub(crate) order: Vec<u32>,
    pub(crate) group_by: Vec<Field>,
    pub(crate) fields: Vec<Field>,
    pub(crate) timespan: i64,
    pub(crate) conditions: Vec<(Comparison, f64)>,
    pub(crate) percentile: f64,
}

/// A field or an alias.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// What the targets call it that have another name for it.
    pub(crate) of_target: BTreeMap<u32, String>,
}

impl Planned {
    /// The rules that it names itself.
    pub(crate) fn rules(&self) -> impl Iterator<Item = u32> + '_ {
        self.targets.iter().filter_map(|target| match target {
            Target::Rule(rule) => Some(*rule),
            Target::Correlation(_) => None,
        })
    }

    /// What a temporal correlation without condition wants: all its rules.
    pub(super) fn needed(&self) -> f64 {
        match self.kind {
            CorrelationKind::TemporalOrdered => self.order.len() as f64,
            _ => self.targets.len() as f64,
        }
    }
}

#[cfg(test)]
impl Plan {
    /// What the correlation refers to; `None` when it was left out.
    pub(crate) fn targets(&self, index: u32) -> Option<&[Target]> {
        self.correlations.iter().find(|planned| planned.index == index).map(|planned| planned.targets.as_slice())
    }
}

/// Makes a plan of the documents that are correlations; `rule` finds a rule by its id or name. What refers
/// to nothing, to itself, or to a correlation that was left out, is left out with a problem.
pub(crate) fn resolve(documents: &[&Document], rule: &dyn Fn(&str) -> Option<u32>) -> (Plan, Vec<RuleProblem>) {
    let names = names(documents);
    let find = |name: &str| -> Option<Target> {
        let own = names.get(name).or_else(|| names.get(&name.to_ascii_lowercase()));
        rule(name).map(Target::Rule).or_else(|| own.copied().map(Target::Correlation))
    };
    let mut problems = Vec::new();
    let mut planned: BTreeMap<u32, Planned> = BTreeMap::new();
    for (document, index) in documents.iter().zip(0u32..) {
        let Body::Correlation(correlation) = &document.body else { continue };
        match plan(index, correlation, &find) {
            Ok(plan) => {
                planned.insert(index, plan);
            }
            Err((code, message)) => problems.push(problem(document, code, message)),
        }
    }
    let mut plan = Plan::default();
    let mut known: Vec<bool> = vec![false; documents.len()];
    for circle in order(documents.len(), &planned) {
        let [index] = circle.as_slice() else {
            let mut circle = circle;
            circle.sort_unstable();
            for index in &circle {
                let Some(document) = documents.get(*index as usize) else { continue };
                let others = circle.iter().filter(|other| *other != index).take(3);
                let others = others.filter_map(|other| documents.get(*other as usize));
                let others: Vec<String> = others.map(|document| shown(&document.meta.title)).collect();
                let message = format!("refers to itself through {}, expected no circle", others.join(", "));
                problems.push(problem(document, RuleProblemCode::Invalid, message));
            }
            continue;
        };
        let (Some(document), Some(one)) = (documents.get(*index as usize), planned.remove(index)) else { continue };
        let missing = one.targets.iter().find_map(|target| match target {
            Target::Correlation(inner) if !known.get(*inner as usize).copied().unwrap_or(false) => Some(*inner),
            _ => None,
        });
        match missing {
            None => {
                if let Some(known) = known.get_mut(*index as usize) {
                    *known = true;
                }
                plan.correlations.push(one);
            }
            Some(inner) if inner == *index => {
                problems.push(problem(document, RuleProblemCode::Invalid, "refers to itself".to_owned()));
            }
            Some(inner) => {
                let title = documents.get(inner as usize).map_or("?", |document| &document.meta.title);
                let message = format!("refers to the correlation {}, which was left out", shown(title));
                problems.push(problem(document, RuleProblemCode::UnknownReference, message));
            }
        }
    }
    problems.sort_by(|a, b| (&a.source, a.line, a.column).cmp(&(&b.source, b.line, b.column)));
    (plan, problems)
}

/// Names as written and ids in small letters, of correlations.
fn names(documents: &[&Document]) -> BTreeMap<String, u32> {
    let mut names = BTreeMap::new();
    for (document, index) in documents.iter().zip(0u32..) {
        if matches!(document.body, Body::Correlation(_)) {
            let id = document.meta.id.as_ref().map(|id| id.to_ascii_lowercase());
            for name in id.into_iter().chain(document.meta.name.clone()) {
                names.entry(name).or_insert(index);
            }
        }
    }
    names
}

type Refused = (RuleProblemCode, String);

fn plan(index: u32, correlation: &Correlation, find: &dyn Fn(&str) -> Option<Target>) -> Result<Planned, Refused> {
    let kind = correlation.kind;
    let temporal = matches!(kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
    let counted = temporal || kind == CorrelationKind::EventCount;
    let invalid = |message: &str| Err((RuleProblemCode::Invalid, message.to_owned()));
    if correlation.rules.is_empty() {
        return invalid("no rules, expected at least one");
    }
    if correlation.rules.len() > RULES_LIMIT {
        let message = format!("{} rules, expected at most {RULES_LIMIT}", correlation.rules.len());
        return Err((RuleProblemCode::Limit, message));
    }
    if correlation.timespan <= 0 {
        return invalid("no timespan, expected more than nothing");
    }
    if correlation.conditions.is_empty() && !temporal {
        return invalid("no condition, expected one such as `gte: 10`");
    }
    if correlation.fields.is_empty() && !counted {
        return invalid("no field in the condition, expected one whose values are measured");
    }
    let unknown =
        |name: &str| (RuleProblemCode::UnknownReference, format!("no rule has the id or name {}", shown(name)));
    let mut targets = Vec::new();
    let mut at: BTreeMap<Target, u32> = BTreeMap::new();
    let mut order = Vec::with_capacity(correlation.rules.len());
    for name in &correlation.rules {
        let target = find(name).ok_or_else(|| unknown(name))?;
        order.push(*at.entry(target).or_insert_with(|| {
            targets.push(target);
            targets.len() as u32 - 1
        }));
    }
    let field = |name: &String| -> Result<Field, Refused> {
        let mut of_target = BTreeMap::new();
        for (rule, field) in correlation.aliases.get(name).into_iter().flatten() {
            let target = find(rule).ok_or_else(|| unknown(rule))?;
            let at = at.get(&target).ok_or_else(|| {
                let message = format!("the alias {} names {}, which is not among the rules", shown(name), shown(rule));
                (RuleProblemCode::UnknownReference, message)
            })?;
            of_target.insert(*at, field.clone());
        }
        Ok(Field { name: name.clone(), of_target })
    };
    Ok(Planned {
        index,
        kind,
        group_by: correlation.group_by.iter().map(field).collect::<Result<_, _>>()?,
        fields: correlation.fields.iter().map(field).collect::<Result<_, _>>()?,
        targets,
        order,
        timespan: correlation.timespan,
        conditions: correlation.conditions.clone(),
        percentile: correlation.percentile.unwrap_or(50.0),
    })
}

/// All correlations, each after those it refers to; those that refer to each other in a circle stand together.
fn order(documents: usize, planned: &BTreeMap<u32, Planned>) -> Vec<Vec<u32>> {
    let mut graph: DiGraph<(), (), u32> = DiGraph::new();
    for _ in 0..documents {
        graph.add_node(());
    }
    for one in planned.values() {
        for target in &one.targets {
            if let Target::Correlation(inner) = target {
                graph.add_edge(NodeIndex::new(one.index as usize), NodeIndex::new(*inner as usize), ());
            }
        }
    }
    kosaraju_scc(&graph).into_iter().map(|circle| circle.iter().map(|node| node.index() as u32).collect()).collect()
}

fn problem(document: &Document, code: RuleProblemCode, message: String) -> RuleProblem {
    let meta = &document.meta;
    RuleProblem {
        source: document.source.clone(),
        line: document.place.line,
        column: document.place.column,
        rule: meta.id.as_ref().or(Some(&meta.title)).filter(|name| !name.is_empty()).map(|name| clipped(name)),
        code,
        message,
        left_out: true,
    }
}
