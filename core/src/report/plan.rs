//! The plan of an incident as text for a terminal.

use std::collections::HashMap;
use std::fmt::{self, Write};

use crate::respond::{AttackPath, Breakage, Plan, PlanOutcome};

use super::text::{Safe, TextReport};

/// Entities of one list that are shown; the rest is counted.
const LISTED: usize = 10;

impl TextReport {
    /// The plan of an incident: what to do, what it costs and breaks, what is protected, what is lost, and what nothing
    /// protects, with the path.
    #[must_use]
    pub fn plan(&self, plan: &Plan) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = write(plan, &mut out);
        out
    }
}

fn write(plan: &Plan, out: &mut String) -> fmt::Result {
    let (protected, open) = (plan.protected.len(), plan.unprotected.len());
    match plan.outcome {
        PlanOutcome::NothingToCut => {
            writeln!(out, "  plan  nothing to cut: no asset is reached that is not lost already")?
        }
        PlanOutcome::Impossible => writeln!(out, "  plan  no action protects the {open} assets that are reached")?,
        PlanOutcome::Cut | PlanOutcome::Partly => {
            let (actions, cost) = (plan.actions.len(), plan.cost);
            let rest = if open == 0 { String::new() } else { format!(", {open} cannot be protected") };
            writeln!(out, "  plan  {actions} actions at a cost of {cost} protect {protected} assets{rest}")?;
        }
    }
    for action in &plan.actions {
        let state = action.state.as_ref().map_or("not asked for yet", |state| state.as_str());
        writeln!(out, "    {:>4}  {} ({state}, {})", action.cost, Safe(&action.title, 200), action.id)?;
        for breakage in &action.breaks {
            writeln!(out, "          breaks: {}", broken(breakage))?;
        }
    }
    let lost = plan.controlled.iter().filter(|held| held.asset);
    list(out, "lost", lost.map(|held| format!("{}: {}", Safe(&held.entity.name, 80), Safe(&held.because, 120))))?;
    list(out, "protected", plan.protected.iter().map(|asset| Safe(&asset.name, 80).to_string()))?;
    let names: HashMap<&str, &str> =
        plan.graph.nodes.iter().map(|node| (node.id.as_str(), node.name.as_str())).collect();
    list(out, "not protected", plan.unprotected.iter().map(|asset| path(&asset.path, &names)))?;
    list(out, "cut off", plan.truncated.iter().cloned())
}

fn list(out: &mut String, head: &str, lines: impl Iterator<Item = String>) -> fmt::Result {
    let lines: Vec<String> = lines.collect();
    for line in lines.iter().take(LISTED) {
        writeln!(out, "    {head:<13} {line}")?;
    }
    match lines.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(out, "    {head:<13} and {more} more"),
    }
}

fn broken(breakage: &Breakage) -> String {
    let names: Vec<String> = breakage.entities.iter().map(|entity| Safe(&entity.name, 80).to_string()).collect();
    let more = if breakage.more == 0 { String::new() } else { format!(" and {} more", breakage.more) };
    format!("{}: {}{more}", Safe(&breakage.text, 120), names.join(", "))
}

/// A path in one line: `a -acts for-> b -opens-> c`.
fn path(path: &AttackPath, names: &HashMap<&str, &str>) -> String {
    let name = |id: &str| Safe(names.get(id).copied().unwrap_or(id), 80).to_string();
    let mut line = name(&path.start);
    for step in &path.steps {
        line.push_str(&format!(" -{}-> {}", Safe(&step.by, 40), name(&step.to)));
    }
    line
}
