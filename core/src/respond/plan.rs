//! The plan of an incident: the cheapest actions that part the attacker from what is not lost yet.
//!
//! In: the judged entities of the incident, how they relate, what is dealt with already, and what actions cost. Out: a
//! [`Plan`]. How an attacker gets about and what cuts a thing off is in `ways`, the attacker's graph is laid out in
//! `build`, what an action breaks is in `breaks`, the shapes are in `shapes`; the cut itself is found in `cut`. The plan
//! is checked and asked what-ifs on its own graph alone. This folder must never know columns or a clock, and it carries
//! nothing out.

mod breaks;
mod build;
mod shapes;
#[cfg(test)]
mod tests;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use crate::error::{Error, ErrorCode, Result};
use crate::model::ActionTarget;

use super::EntityName;
use super::cut::{Cut, Network, Part, Route};

pub(crate) use build::{Ground, Thing, plan};
pub use shapes::{
    AttackGraph, AttackNode, AttackPath, AttackStep, AttackWay, Breakage, HeldEntity, OpenAsset, Plan, PlanOutcome,
    PlanWhatIf, PlannedAction, ProofPath,
};
pub(crate) use ways::uses;

impl AttackGraph {
    fn network(&self) -> Network {
        let mut network = Network::default();
        for node in &self.nodes {
            let priced = node.cut_by.as_ref().and(node.cost);
            network.node(&node.id, priced.and_then(NonZeroU32::new));
            if node.controlled {
                network.source(&node.id);
            }
            if node.asset {
                network.target(&node.id);
            }
        }
        for way in &self.ways {
            network.edge(&way.from, &way.to, &way.by, None);
        }
        network
    }

    /// Nodes that actions cut off, by action.
    fn cuts(&self) -> impl Iterator<Item = (&ActionTarget, &AttackNode)> {
        self.nodes.iter().filter_map(|node| Some((node.cut_by.as_ref()?, node)))
    }

    fn cut_by(&self, target: &ActionTarget) -> Option<&AttackNode> {
        self.cuts().find(|(known, _)| *known == target).map(|(_, node)| node)
    }

    fn name(&self, id: &str) -> Option<EntityName> {
        let node = self.nodes.iter().find(|node| node.id == id)?;
        Some(EntityName { id: node.id.clone(), kind: node.kind?, name: node.name.clone() })
    }
}

impl From<Route> for AttackPath {
    fn from(route: Route) -> AttackPath {
        let steps = route.steps.into_iter().map(|(by, to)| AttackStep { by, to }).collect();
        AttackPath { start: route.start, steps }
    }
}

impl AttackPath {
    fn route(&self) -> Route {
        let steps = self.steps.iter().map(|step| (step.by.clone(), step.to.clone())).collect();
        Route { start: self.start.clone(), steps }
    }
}

/// Assets with the paths that lead to them.
fn opened(graph: &AttackGraph, routes: Vec<Route>) -> Vec<OpenAsset> {
    let open = |route: Route| Some(OpenAsset { entity: graph.name(route.end())?, path: route.into() });
    routes.into_iter().filter_map(open).collect()
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
}

impl Plan {
    /// Goes over the plan with nothing but its own graph: that its actions part the attacker from everything that it says
    /// is protected, that nothing protects the rest, and that its proof holds, so that nothing cheaper does the same.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] with what is wrong.
    pub fn check(&self) -> Result<()> {
        let mut removals = Vec::with_capacity(self.actions.len());
        for action in &self.actions {
            let node = self.graph.cut_by(&action.target).ok_or_else(|| unknown(&action.target))?;
            removals.push((Part::Node(node.id.clone()), action.cost));
        }
        let flow = self.proof.iter().map(|path| (path.path.route(), path.amount)).collect();
        let open: Vec<Route> = self.unprotected.iter().map(|asset| asset.path.route()).collect();
        if open.iter().zip(&self.unprotected).any(|(route, asset)| route.end() != asset.entity.id) {
            return Err(wrong("a path to an asset that is not protected leads elsewhere"));
        }
        let cut = Cut { removals, cost: self.cost, flow, open };
        self.graph.network().check(&cut).map_err(|what| wrong(format!("the plan does not hold: {what}")))?;
        let assets: BTreeSet<&str> =
            self.graph.nodes.iter().filter(|node| node.asset).map(|node| node.id.as_str()).collect();
        let told = self.protected.iter().chain(self.unprotected.iter().map(|asset| &asset.entity));
        let told: BTreeSet<&str> = told.map(|asset| asset.id.as_str()).collect();
        if told != assets || told.len() != self.protected.len() + self.unprotected.len() {
            return Err(wrong("the plan does not hold: its assets are not those of its graph"));
        }
        Ok(())
    }

    /// What holds when only these actions are taken: which assets the attacker still reaches, each with a path. Actions
    /// that the plan did not choose, and that its graph knows, may be among them.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for an action that the graph of the plan does not know.
    pub fn what_if(&self, actions: &[ActionTarget]) -> Result<PlanWhatIf> {
        let mut taken: BTreeMap<&str, &AttackNode> = BTreeMap::new();
        for target in actions {
            let node = self.graph.cut_by(target).ok_or_else(|| unknown(target))?;
            taken.insert(&node.id, node);
        }
        let removed: BTreeSet<Part> = taken.keys().map(|id| Part::Node((*id).to_owned())).collect();
        let reached = opened(&self.graph, self.graph.network().reached(&removed));
        let still: BTreeSet<&str> = reached.iter().map(|asset| asset.entity.id.as_str()).collect();
        let assets = self.graph.nodes.iter().filter(|node| node.asset && !still.contains(node.id.as_str()));
        let protected = assets.filter_map(|node| self.graph.name(&node.id)).collect();
        let omitted = self.actions.iter().map(|action| &action.target).filter(|target| !actions.contains(target));
        Ok(PlanWhatIf {
            taken: taken.values().filter_map(|node| node.cut_by.clone()).collect(),
            cost: taken.values().filter_map(|node| node.cost).map(u64::from).sum(),
            omitted: omitted.cloned().collect(),
            protected,
            reached,
        })
    }

    /// As [`what_if`](Plan::what_if), with actions of the plan by their ids.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for an id that the plan has no action of.
    pub fn what_if_only<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<PlanWhatIf> {
        let mut targets = Vec::new();
        for id in ids {
            let found = self.actions.iter().find(|action| action.id == id.as_ref());
            let missing = || {
                let id = id.as_ref().escape_debug();
                Error::new(ErrorCode::NotFound, format!("no action `{id}` in the plan"))
            };
            targets.push(found.ok_or_else(missing)?.target.clone());
        }
        self.what_if(&targets)
    }
}

fn unknown(target: &ActionTarget) -> Error {
    let (action, entity) = (target.action.as_str().escape_debug(), target.entity.escape_debug());
    Error::new(ErrorCode::NotFound, format!("the graph of the plan knows no action `{action}` on `{entity}`"))
}
