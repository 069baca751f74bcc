//! What a casebook would tell under other circumstances: JSON text in, JSON text out.

use casegraph_core::model::Verdict;
use casegraph_core::rules::RuleSet;
use casegraph_core::{Casebook, Change, Result, Side};

use crate::enter::json;

/// A state to compare: its JSON, and the rules in the place of those in use.
pub(crate) type State = (String, Option<RuleSet>);

fn side(core: &Casebook, (json, rules): State) -> Result<Side> {
    let side = Side::from_json(&json, core.policy())?;
    Ok(match rules {
        Some(rules) => side.with_rules(rules),
        None => side,
    })
}

pub(crate) fn what_if(core: &Casebook, changes: &str, rules: Option<RuleSet>) -> Result<String> {
    let mut list = Change::list_from_json(changes, core.policy())?;
    list.extend(rules.map(Change::Rules));
    json!(&core.what_if(&list)?)
}

pub(crate) fn diff(core: &Casebook, before: State, after: State) -> Result<String> {
    json!(&core.diff(&side(core, before)?, &side(core, after)?)?)
}

pub(crate) fn counterfactual(
    core: &Casebook,
    incident: &str,
    entity: &str,
    verdict: &str,
    budget: Option<u64>,
) -> Result<String> {
    json!(&core.counterfactual(incident, entity, Verdict::parse(verdict), budget)?)
}
