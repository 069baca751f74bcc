//! The shapes of a response: plain data, in the order in which it is written.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{
    ActionKind, ActionOutcome, ActionReport, ActionState, ActionTarget, InvestigationState, RemediationStatus, Time,
    Verdict,
};
use crate::policy::AutomationLevel;
use crate::resolve::EntityKind;

use super::automation::FolderClass;
use super::catalogue::ActionClass;
pub use super::state::UndoState;

/// An entity by id, kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EntityName {
    /// Public id, `kind:type:value`.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
}

/// What is to be done about an incident, who must agree, and how far it is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Response {
    /// Id of the incident's earliest alert; any member's id leads to the incident too.
    pub incident: String,
    /// The time that it is told for.
    pub at: DateTime<Utc>,
    /// Actions: what waits first, then what is under way, then the rest; in each the worst verdicts first.
    pub actions: Vec<Action>,
    /// Own investigations and those that came with the alerts, by time.
    pub investigations: Vec<Investigation>,
    /// What has been done about each entity that anything is known of, the worst verdict first.
    pub evidence: Vec<EvidenceStatus>,
    /// How many entities have each status, in all and for each device, user and mailbox of the incident.
    pub roll_ups: Vec<RollUp>,
    /// Alerts that count as resolved because their investigation ended well (`response.autoResolve`).
    pub auto_resolved: Vec<String>,
    /// What a limit cut off and what could not be asked for, in words; empty when nothing was.
    pub truncated: Vec<String>,
}

/// One action on one entity, on one device where it is done on one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Action {
    /// 16 hex digits: a digest of action, entity and device. Ids made of other identifiers of these lead to it too.
    pub id: String,
    /// What is done.
    pub action: ActionKind,
    /// The same in words.
    pub title: String,
    /// What decides whether it may happen unasked.
    pub class: Option<ActionClass>,
    /// What it is done to.
    pub entity: EntityName,
    /// The device it is done on.
    pub on: Option<EntityName>,
    /// How far it is.
    pub state: ActionState,
    /// Since when; `null` when what it rests on is undated.
    pub since: Option<DateTime<Utc>>,
    /// Does the policy let it happen unasked?
    pub automatic: bool,
    /// Does a judgement ask for it now? Otherwise a person did, or a judgement that no longer holds.
    pub recommended: bool,
    /// Verdict on the entity.
    pub verdict: Verdict,
    /// Level that decided.
    pub level: AutomationLevel,
    /// Where the file, or the program of the process, lies.
    pub folder: Option<FolderClass>,
    /// Why it is asked for, in one line.
    pub because: String,
    /// Who asked for it by hand.
    pub proposed_by: Option<String>,
    /// When it counts as refused, if nobody decides.
    pub expires: Option<DateTime<Utc>>,
    /// How many must agree.
    pub needed: u32,
    /// Who has.
    pub approvals: Vec<Approval>,
    /// How often it was agreed to, what was undone or failed included.
    pub attempt: u32,
    /// The executor's last word.
    pub outcome: Option<ActionOutcome>,
    /// How far the taking back is, while it is asked for.
    pub undo: Option<UndoState>,
    /// What takes it back.
    pub undone_by: Option<ActionKind>,
    /// The latest evidence of the entity that is newer than the action's success.
    pub seen_again: Option<DateTime<Utc>>,
    /// The states it went through.
    pub history: Vec<ActionStep>,
    /// What was said that does not fit.
    pub contradictions: Vec<Contradiction>,
    /// Id of the alert that set off the investigation it belongs to.
    pub investigation: Option<String>,
    /// Id of the incident's earliest alert.
    pub incident: String,
    /// Tenant, empty when the alerts name none.
    pub tenant_id: String,
}

impl Action {
    /// What approvals and reports name it by.
    #[must_use]
    pub fn target(&self) -> ActionTarget {
        target(&self.action, &self.entity, self.on.as_ref())
    }

    /// Does anything remain to be decided or done?
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, ActionState::PendingApproval | ActionState::Approved | ActionState::Running)
            || matches!(self.undo, Some(UndoState::Requested | UndoState::Running))
    }
}

/// Somebody agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Option<String>,
    /// Id of the decision's fact.
    pub fact: String,
}

/// A state that an action came into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionStep {
    /// When; `null` when what it rests on is undated.
    pub at: Option<DateTime<Utc>>,
    /// The state.
    pub state: ActionState,
    /// Who brought it there; `null` for the policy and the passing of time.
    pub by: Option<String>,
    /// What they said.
    pub note: Option<String>,
    /// Id of the fact.
    pub fact: Option<String>,
}

/// Something that was said and does not fit what holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Contradiction {
    /// When.
    pub at: DateTime<Utc>,
    /// Who said it.
    pub by: String,
    /// What is wrong with it.
    pub text: String,
    /// Id of the fact.
    pub fact: String,
}

/// What the host is to carry out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionRequest {
    /// Idempotency key: the same until a report names it. Whoever carries out requests does so once for each key.
    pub key: String,
    /// What to do: the action, or what takes it back.
    pub perform: ActionKind,
    /// Is it to take the action back?
    pub undo: bool,
    /// Id of the action.
    pub id: String,
    /// The action.
    pub action: ActionKind,
    /// What to do it to.
    pub entity: EntityName,
    /// Every identifier of it, the strongest first.
    pub identifiers: Vec<String>,
    /// The device to do it on.
    pub on: Option<EntityName>,
    /// Every identifier of that.
    pub device_identifiers: Vec<String>,
    /// Why, in one line.
    pub because: String,
    /// Who agreed; empty when the policy asks nobody.
    pub approved_by: Vec<String>,
    /// Id of the incident's earliest alert.
    pub incident: String,
    /// Tenant, empty when the alerts name none.
    pub tenant_id: String,
}

impl ActionRequest {
    /// The report that `by` carried it out so far, as of a time.
    #[must_use]
    pub fn report(&self, outcome: ActionOutcome, by: impl Into<String>, at: impl Into<Time>) -> ActionReport {
        ActionReport {
            target: target(&self.action, &self.entity, self.on.as_ref()),
            key: self.key.clone(),
            outcome,
            at: at.into(),
            by: by.into(),
            message: None,
            alert: self.incident.clone(),
        }
    }
}

fn target(action: &ActionKind, entity: &EntityName, on: Option<&EntityName>) -> ActionTarget {
    let target = ActionTarget::new(action.clone(), entity.id.clone());
    match on {
        Some(device) => target.on(device.id.clone()),
        None => target,
    }
}

/// An automated investigation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Investigation {
    /// Id of the alert that set it off.
    pub id: String,
    /// Does it come with the alert, from the vendor? Then only its state is known.
    pub vendor: bool,
    /// The vendor's id of it.
    pub vendor_id: Option<String>,
    /// Title of the alert that set it off.
    pub title: String,
    /// How far it is.
    pub state: InvestigationState,
    /// Why it is in that state, in words.
    pub because: String,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended; `null` while it goes on, and when nothing tells.
    pub ended: Option<DateTime<Utc>>,
    /// Its alerts, by time.
    pub alerts: Vec<String>,
    /// Its devices, and how each came in.
    pub devices: Vec<InvestigatedDevice>,
    /// Entities that were looked at.
    pub examined: usize,
    /// Those with a verdict, the worst first.
    pub findings: Vec<Finding>,
    /// Ids of its actions that wait or are under way.
    pub pending_actions: Vec<String>,
    /// Ids of its actions that are decided or done.
    pub past_actions: Vec<String>,
    /// Devices that one entity would bring in, and that wait for approval.
    pub expansions: Vec<Expansion>,
    /// What happened, by time.
    pub log: Vec<LogStep>,
    /// Steps beyond those listed.
    pub more_steps: usize,
}

/// A device of an investigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvestigatedDevice {
    /// The device.
    #[serde(flatten)]
    pub device: EntityName,
    /// Its level.
    pub level: AutomationLevel,
    /// The bad entity that was found on it and brought it in; `null` for a device of the alerts.
    pub through: Option<EntityName>,
}

/// An entity with a verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Finding {
    /// The entity.
    #[serde(flatten)]
    pub entity: EntityName,
    /// Verdict.
    pub verdict: Verdict,
    /// What has been done about it.
    pub remediation_status: RemediationStatus,
}

/// Devices that an investigation grows to once somebody agrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Expansion {
    /// The bad entity that is found on them.
    pub through: EntityName,
    /// How many they are.
    pub devices: usize,
    /// Id of the action to agree to.
    pub action: String,
}

/// A step of an investigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LogStep {
    /// When; `null` when what it rests on is undated.
    pub at: Option<DateTime<Utc>>,
    /// What, in words.
    pub text: String,
    /// Id of the action it is about.
    pub action: Option<String>,
}

/// What has been done about an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EvidenceStatus {
    /// The entity.
    #[serde(flatten)]
    pub entity: EntityName,
    /// Verdict.
    pub verdict: Verdict,
    /// What holds: as the actions put it, or else the vendor.
    pub remediation_status: RemediationStatus,
    /// As the newest alert that says anything puts it.
    pub vendor_status: RemediationStatus,
    /// Ids of the actions that it follows from.
    pub actions: Vec<String>,
}

/// How many entities have each status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RollUp {
    /// The device, user or mailbox; `null` for the whole incident.
    pub asset: Option<EntityName>,
    /// Status and number of bad entities, in the order of Graph's values.
    pub counts: Vec<StatusCount>,
}

/// A number of entities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StatusCount {
    /// What has been done about them.
    pub remediation_status: RemediationStatus,
    /// How many they are.
    pub count: usize,
}
