//! The shapes of a plan: plain data, in the order in which it is written.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::ActionTarget;
use crate::policy::object_from_json;
use crate::resolve::EntityKind;
use crate::respond::EntityName;

/// The cheapest actions that cut every path from what the attacker holds to the assets that are not lost yet, with the
/// proof that nothing cheaper does.
///
/// It carries the graph that it was made of, so that [`check`](Plan::check) and [`what_if`](Plan::what_if) need nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Plan {
    /// Id of the incident's earliest alert; any member's id leads to the incident too.
    pub incident: String,
    /// The time that it is told for.
    pub at: DateTime<Utc>,
    /// What it comes to.
    pub outcome: PlanOutcome,
    /// What to do, in the order of the entities that it is done to.
    pub actions: Vec<PlannedAction>,
    /// The sum of their costs: the least that parts the attacker from everything in `protected`.
    pub cost: u64,
    /// Why nothing cheaper does: paths of the attacker that share no more of anything than its removal costs, and that together need
    /// as much as the plan costs.
    pub proof: Vec<ProofPath>,
    /// What the attacker holds, and why that is thought. The assets among it are lost already.
    pub controlled: Vec<HeldEntity>,
    /// Assets that the attacker could reach, and cannot once every action is done.
    pub protected: Vec<EntityName>,
    /// Assets that no action parts from the attacker, each with a path that nothing can be removed from.
    pub unprotected: Vec<OpenAsset>,
    /// Assets of the incident that nothing leads to.
    pub unreached: Vec<EntityName>,
    /// What would count, and is dealt with already.
    pub dealt_with: Vec<HeldEntity>,
    /// What a limit cut off, in words; empty when nothing was. The plan says nothing about that.
    pub truncated: Vec<String>,
    /// How the attacker gets about: what the plan was made of.
    pub graph: AttackGraph,
}

/// What a plan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum PlanOutcome {
    /// The attacker reaches no asset that is not lost already.
    NothingToCut,
    /// Every asset that is not lost can be protected.
    Cut,
    /// Some can, others cannot.
    Partly,
    /// None can.
    Impossible,
}

/// An action of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlannedAction {
    /// Id of the action, as the response has it.
    pub id: String,
    /// What is done, to what, on which device: what proposals and approvals name it by.
    #[serde(flatten)]
    pub target: ActionTarget,
    /// The same in words.
    pub title: String,
    /// How far it is; `null` when nobody and nothing asked for it so far: it has to be proposed first.
    pub state: Option<crate::model::ActionState>,
    /// What it costs.
    pub cost: u32,
    /// What the cost is made of.
    pub because: String,
    /// What it breaks.
    pub breaks: Vec<Breakage>,
}

/// Something that an action breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Breakage {
    /// In words.
    pub text: String,
    /// Whom or what it hits, at most ten.
    pub entities: Vec<EntityName>,
    /// How many more.
    pub more: usize,
}

/// A path of the attacker, and how much of the cost it accounts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProofPath {
    /// The path.
    pub path: AttackPath,
    /// Its share.
    pub amount: u64,
}

/// A path through the graph of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttackPath {
    /// Id of the node where it begins.
    pub start: String,
    /// What leads on, and to which node.
    pub steps: Vec<AttackStep>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttackStep {
    /// What leads there, in words.
    pub by: String,
    /// Id of the node.
    pub to: String,
}

/// An entity, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HeldEntity {
    /// The entity.
    #[serde(flatten)]
    pub entity: EntityName,
    /// Is it an asset?
    pub asset: bool,
    /// Why, in one line.
    pub because: String,
}

/// An asset that the attacker reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OpenAsset {
    /// The asset.
    #[serde(flatten)]
    pub entity: EntityName,
    /// A shortest path to it.
    pub path: AttackPath,
}

/// How the attacker gets about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttackGraph {
    /// By id.
    pub nodes: Vec<AttackNode>,
    /// By ids and words.
    pub ways: Vec<AttackWay>,
}

/// Something that the attacker holds or could reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttackNode {
    /// Id of the entity; for all sessions of an account, `sessions of` and its id.
    pub id: String,
    /// Kind; `null` for all sessions of an account.
    pub kind: Option<EntityKind>,
    /// Name.
    pub name: String,
    /// Does the attacker hold it?
    pub controlled: bool,
    /// Is it an asset that is not lost?
    pub asset: bool,
    /// The cheapest action that cuts it off; `null` when nothing does.
    pub cut_by: Option<ActionTarget>,
    /// What that costs.
    pub cost: Option<u32>,
}

/// A way from one node to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AttackWay {
    /// Id of the node that it leads from.
    pub from: String,
    /// Id of the node that it leads to.
    pub to: String,
    /// What leads there, in words.
    pub by: String,
}

/// What holds when only some actions are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlanWhatIf {
    /// The actions that are taken.
    pub taken: Vec<ActionTarget>,
    /// Their cost.
    pub cost: u64,
    /// Actions of the plan that are not.
    pub omitted: Vec<ActionTarget>,
    /// Assets that the attacker still reaches.
    pub reached: Vec<OpenAsset>,
    /// Assets that the attacker no longer reaches.
    pub protected: Vec<EntityName>,
}

impl Plan {
    /// Reads a plan from its JSON form, to [`check`](Plan::check) it or ask it [what if](Plan::what_if).
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`](crate::ErrorCode::InvalidArgument) with line and column.
    pub fn from_json(text: &str) -> Result<Plan> {
        object_from_json("a plan", text)
    }
}
