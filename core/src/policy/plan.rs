//! What the plan of an incident may use, and what that costs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ActionKind;
use crate::resolve::Relation;
use crate::respond::plan;

/// What the plan of an incident may use, and what that costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Planning {
    /// What an action costs, by its name, where it is not the built-in cost; `null` for one that plans never use.
    /// Whole numbers from 1 on: only their relation to each other counts. Default none.
    pub costs: BTreeMap<String, Option<u32>>,
    /// What an action on an asset costs besides when the asset's criticality is low, medium, high, very high.
    /// Default 1, 5, 20, 50.
    pub criticality: [u32; 4],
    /// What cutting off an asset costs besides when the attacker does not hold it. Default 20.
    pub healthy: u32,
    /// Does the attacker hold what is suspicious and no more? Default false.
    pub suspicious: bool,
    /// Whether the attacker gets along a relation, and against it, by the relation's name, where it is not as built in.
    /// Default none.
    pub relations: BTreeMap<String, [bool; 2]>,
    /// Entities that a plan takes in, the nearest to the attacker first; the rest is reported. Default 2,000.
    pub entities: u32,
    /// Ways between them that a plan takes in; the rest is reported. Default 10,000.
    pub ways: u32,
}

impl Default for Planning {
    fn default() -> Self {
        Planning {
            costs: BTreeMap::new(),
            criticality: [1, 5, 20, 50],
            healthy: 20,
            suspicious: false,
            relations: BTreeMap::new(),
            entities: 2_000,
            ways: 10_000,
        }
    }
}

impl Planning {
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, cost) in &self.costs {
            if !plan::uses().any(|action| action.as_str() == name) {
                let uses: Vec<&str> = plan::uses().map(ActionKind::as_str).collect();
                let name = name.escape_debug();
                return Err(format!("plans use no action `{name}` of `response.plan.costs`, but {}", uses.join(", ")));
            }
            if *cost == Some(0) {
                return Err(format!("`response.plan.costs.{name}` is 0, expected 1 or more"));
            }
        }
        if let Some(name) = self.relations.keys().find(|name| !Relation::ALL.iter().any(|r| r.as_str() == **name)) {
            return Err(format!("no relation `{}` in `response.plan.relations`", name.escape_debug()));
        }
        for (name, value) in [("entities", self.entities), ("ways", self.ways)] {
            if value == 0 {
                return Err(format!("`response.plan.{name}` is 0, expected 1 or more"));
            }
        }
        Ok(())
    }
}
