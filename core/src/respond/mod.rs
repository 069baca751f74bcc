//! Respond: from verdicts to what should be done, who must agree, and how far it is.
//!
//! In: the judged entities of an incident, and what people decided and executors reported. Out: actions with
//! their states, requests for the host, investigations, remediation statuses. What can be done is in `catalogue`, where
//! a file lies in `folder`, what happens unasked in `automation`, what a verdict calls for in `recommend`, how
//! decisions and reports settle in `state`, what that makes of evidence in `status`, and what of alerts in
//! `investigate`; what would part the attacker from what is not lost is in `plan`, by the cuts of `cut`; the shapes are in
//! `shapes`. This folder must never know columns, log positions or a clock, and it
//! carries nothing out.

pub(crate) mod automation;
pub(crate) mod catalogue;
pub(crate) mod cut;
pub(crate) mod folder;
pub(crate) mod investigate;
pub(crate) mod plan;
pub(crate) mod recommend;
mod shapes;
pub(crate) mod state;
pub(crate) mod status;

pub use automation::FolderClass;
pub use catalogue::{ActionClass, ActionInfo, CATALOGUE, info};
pub use plan::{
    AttackGraph, AttackNode, AttackPath, AttackStep, AttackWay, Breakage, HeldEntity, OpenAsset, Plan, PlanOutcome,
    PlanWhatIf, PlannedAction, ProofPath,
};
pub use shapes::{
    Action, ActionRequest, ActionStep, Approval, Contradiction, EntityName, EvidenceStatus, Expansion, Finding,
    InvestigatedDevice, Investigation, LogStep, Response, RollUp, StatusCount, UndoState,
};
