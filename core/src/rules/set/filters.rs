//! Documents in, the rules that each filter applies to out.

use hashbrown::HashMap;

use super::RuleLimits;
use super::names;
use crate::rules::ast::{Body, Document, Filter, LogSource, Rule};
use crate::rules::problem::{RuleProblem, RuleProblemCode};
use crate::rules::read;
use crate::rules::verdict;

/// The detection rules that each filter is for, by number of the document, with the filters in document order.
pub(super) struct Joined {
    pub(super) filters: Vec<(usize, Vec<u32>)>,
    /// Filters that would cost too much, with what they cost.
    pub(super) over: Vec<usize>,
}

/// Filters are joined to rules in document order as long as the lines that they add stay within the limit.
pub(super) fn joined(documents: &[Document], limits: &RuleLimits) -> Joined {
    let rules = Rules::new(documents);
    let mut left = limits.filter_lines;
    let mut out = Joined { filters: Vec::new(), over: Vec::new() };
    for (at, document) in documents.iter().enumerate() {
        let Body::Filter(filter) = &document.body else { continue };
        let lines = read::weight(&filter.selections, &filter.conditions).max(1);
        let targets = rules.of(filter);
        match targets.len().checked_mul(lines).and_then(|cost| left.checked_sub(cost)) {
            Some(after) => {
                left = after;
                out.filters.push((at, targets));
            }
            None => out.over.push(at),
        }
    }
    out
}

/// The problem of a filter in `Joined::over`.
pub(super) fn over(document: &Document, limits: &RuleLimits) -> RuleProblem {
    let limit = limits.filter_lines;
    let message = format!("filters add more than {limit} lines to the rules of the set, the limit `filterLines`");
    verdict::problem(document, RuleProblemCode::Limit, message)
}

/// The problem of a filter without a rule.
pub(super) fn unused(document: &Document) -> RuleProblem {
    let message = "the filter is for no rule of the set".to_owned();
    let problem = verdict::problem(document, RuleProblemCode::UnknownReference, message);
    RuleProblem { left_out: false, ..problem }
}

/// Rules over events by what filters may say of them.
struct Rules<'d> {
    by_name: HashMap<&'d str, (u32, &'d LogSource)>,
    /// Every rule under its logsource with any of its parts left out.
    by_source: HashMap<LogSource, Vec<u32>>,
}

impl<'d> Rules<'d> {
    fn new(documents: &'d [Document]) -> Self {
        let mut rules = Rules { by_name: HashMap::new(), by_source: HashMap::new() };
        // Only filters ask.
        if !documents.iter().any(|document| matches!(document.body, Body::Filter(_))) {
            return rules;
        }
        for (document, at) in documents.iter().zip(0u32..) {
            let Body::Rule(Rule { logsource, .. }) = &document.body else { continue };
            if verdict::is_verdict_rule(document) {
                continue;
            }
            rules.by_name.extend(names(document).map(|name| (name.as_str(), (at, logsource))));
            for parts in 0..8 {
                let part = |bit: u8, part: &Option<String>| part.clone().filter(|_| parts & bit != 0);
                let source = LogSource {
                    category: part(1, &logsource.category),
                    product: part(2, &logsource.product),
                    service: part(4, &logsource.service),
                };
                let under = rules.by_source.entry(source).or_default();
                if under.last() != Some(&at) {
                    under.push(at);
                }
            }
        }
        rules
    }

    fn of(&self, filter: &Filter) -> Vec<u32> {
        let wanted = &filter.logsource;
        if filter.rules.is_empty() {
            return self.by_source.get(wanted).cloned().unwrap_or_default();
        }
        let named = filter.rules.iter().filter_map(|name| self.by_name.get(name.as_str()));
        let mut named: Vec<u32> = named.filter(|(_, given)| wanted.covers(given)).map(|(at, _)| *at).collect();
        named.sort_unstable();
        named.dedup();
        named
    }
}
