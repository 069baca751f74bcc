//! The shapes of a summary: plain data, in the order in which it is written.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::{
    AlertClassification, AlertDetermination, AlertSeverity, AlertStatus, DeviceRiskScore, IncidentStatus,
    RemediationStatus, Verdict,
};
use crate::policy::Criticality;
use crate::resolve::{EntityKind, LinkReason};

use super::priority::Priority;
use super::system_tags::SystemTag;

/// A line of the queue: what tells incidents apart at a glance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QueueLine {
    /// Id of the earliest alert; any member's id leads to the incident too.
    pub id: String,
    /// Tenant, empty when the alerts name none.
    pub tenant_id: String,
    /// Priority, 0 to 100.
    pub score: f64,
    /// Alerts, repeats included.
    pub alerts: usize,
    /// First activity.
    pub first_activity: Option<DateTime<Utc>>,
    /// Last activity.
    pub last_activity: Option<DateTime<Utc>>,
}

/// One incident, summed up.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IncidentSummary {
    /// Id of the earliest alert; any member's id leads to the incident too.
    pub id: String,
    /// Tenant, empty when the alerts name none.
    pub tenant_id: String,
    /// Generated from what happened, unless somebody renamed it.
    pub title: String,
    /// Highest severity of the alerts, unless set by hand.
    pub severity: AlertSeverity,
    /// How far the work is.
    pub status: IncidentStatus,
    /// What it was found to be.
    pub classification: AlertClassification,
    /// The finer finding.
    pub determination: AlertDetermination,
    /// Who works on it.
    pub assigned_to: Option<String>,
    /// Tags that people gave it.
    pub tags: Vec<String>,
    /// Tags that follow from what happened, each with its ground.
    pub system_tags: Vec<SystemTag>,
    /// How urgent it is, and why.
    pub priority: Priority,
    /// First activity of any alert.
    pub first_activity: Option<DateTime<Utc>>,
    /// Last activity of any alert.
    pub last_activity: Option<DateTime<Utc>>,
    /// Distinct services that raised the alerts.
    pub service_sources: Vec<String>,
    /// The vendor's own incidents that its alerts belong to.
    pub vendor_incidents: Vec<VendorIncident>,
    /// Alerts by time, repeats folded into the first of their kind.
    pub alerts: Vec<AlertLine>,
    /// How far the attack came.
    pub kill_chain: KillChain,
    /// What was hit.
    pub scope: Scope,
    /// Every entity, the worst verdict first.
    pub entities: Vec<EntityLine>,
    /// Entities by kind, verdict and remediation status.
    pub evidence: Vec<EvidenceCount>,
    /// How many links hold it together.
    pub links: LinkTotals,
    /// Alerts that almost joined, the closest first.
    pub near_misses: Vec<NearMiss>,
    /// Near misses beyond those listed.
    pub more_near_misses: usize,
    /// What people did, oldest first.
    pub activity: Vec<Activity>,
    /// What a limit cut off, in words; empty when nothing was.
    pub truncated: Vec<String>,
}

/// One alert of the timeline.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AlertLine {
    /// The alert's id.
    pub id: String,
    /// First activity; `null` when the alert is undated.
    pub time: Option<DateTime<Utc>>,
    /// Title.
    pub title: String,
    /// Severity.
    pub severity: AlertSeverity,
    /// Status in effect: its own, or resolved when a person resolved the incident.
    pub status: AlertStatus,
    /// Who works on it in effect: whom a person gave the incident to, or else its own owner.
    pub assigned_to: Option<String>,
    /// Product that raised it.
    pub service_source: String,
    /// Product label.
    pub product_name: String,
    /// Detector.
    pub detector_id: String,
    /// The vendor's categories.
    pub categories: Vec<String>,
    /// ATT&CK techniques.
    pub mitre_techniques: Vec<String>,
    /// Why it is here; `null` for the earliest alert of a part that nothing links to an earlier one.
    pub reason: Option<LinkLine>,
    /// Ids of the alerts folded into it.
    pub repeats: Vec<String>,
    /// The same with their times.
    pub repeat_times: Vec<Repeat>,
    /// Id of its fact, 64 hex digits: what a retraction names.
    pub fact: String,
}

/// A folded alert.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Repeat {
    /// The alert's id.
    pub id: String,
    /// First activity.
    pub time: Option<DateTime<Utc>>,
    /// Id of its fact.
    pub fact: String,
}

/// Why an alert is in its incident: the strongest link to an earlier one of the tree.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LinkLine {
    /// The reason, in Graph's words where it has one.
    pub reason: LinkReason,
    /// The other alert.
    pub with: String,
    /// Kind of what the two share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<EntityKind>,
    /// Id of what they share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Seconds between the two.
    pub gap_seconds: Option<i64>,
    /// Strength of the link, 0 to 1.
    pub strength: f64,
    /// The same in one line.
    pub text: String,
}

/// How far the attack came along ATT&CK.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KillChain {
    /// Edition of the tactics.
    pub edition: &'static str,
    /// Version of the compiled-in tables.
    pub attack_version: &'static str,
    /// Stages seen.
    pub observed: usize,
    /// Stages there are.
    pub total: usize,
    /// The last stage seen.
    pub furthest: Option<&'static str>,
    /// Position of the furthest stage, 0 to 100.
    pub progress: u8,
    /// The stages in the order in which they came.
    pub order: Vec<Step>,
    /// Earlier stages without evidence.
    pub gaps: Vec<&'static str>,
    /// Seconds from the first to the last activity of any stage.
    pub dwell_seconds: Option<i64>,
    /// Every stage in matrix order.
    pub stages: Vec<Stage>,
}

/// One stage of the kill chain.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stage {
    /// ATT&CK's short name.
    pub tactic: &'static str,
    /// ATT&CK's name.
    pub name: &'static str,
    /// Does any alert show it?
    pub observed: bool,
    /// Alerts that show it.
    pub alerts: Vec<String>,
    /// Techniques of these alerts that serve it.
    pub techniques: Vec<String>,
    /// Entities in these alerts.
    pub entities: usize,
    /// Highest severity of these alerts.
    pub highest_severity: AlertSeverity,
    /// Worst verdict of these entities.
    pub highest_verdict: Verdict,
    /// First activity.
    pub first: Option<DateTime<Utc>>,
    /// Last activity.
    pub last: Option<DateTime<Utc>>,
}

/// A stage in the order of the attack.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Step {
    /// ATT&CK's short name.
    pub tactic: &'static str,
    /// First activity of the stage.
    pub first: Option<DateTime<Utc>>,
    /// Seconds since the stage before it began.
    pub after_seconds: Option<i64>,
}

/// What was hit.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Scope {
    /// Devices in all.
    pub device_count: usize,
    /// Users in all, without system accounts.
    pub user_count: usize,
    /// Mailboxes in all.
    pub mailbox_count: usize,
    /// Applications in all.
    pub application_count: usize,
    /// Other assets in all: cloud resources, groups, repositories.
    pub other_count: usize,
    /// Top devices.
    pub devices: Vec<AssetLine>,
    /// Top users.
    pub users: Vec<AssetLine>,
    /// Top mailboxes.
    pub mailboxes: Vec<AssetLine>,
    /// Top applications.
    pub applications: Vec<AssetLine>,
    /// Top other assets.
    pub others: Vec<AssetLine>,
}

/// An asset of the scope.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AssetLine {
    /// Public id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Highest severity among its alerts of this incident that are not resolved in effect; several of medium
    /// severity make high (`summary.riskMediumAlerts`). [`Casebook::asset_risk`](crate::Casebook::asset_risk) tells of
    /// all incidents.
    pub risk_level: DeviceRiskScore,
    /// Points that the alerts of this incident give a user; absent for other assets.
    /// [`Casebook::user_priority`](crate::Casebook::user_priority) tells all, and where that stands among users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub investigation_priority: Option<f64>,
    /// Did the attack touch it?
    pub impacted: bool,
    /// Is its criticality high or very high?
    pub critical: bool,
    /// How valuable it is, by the policy, or else by the tags and the value of its evidence.
    pub criticality: Criticality,
    /// Tags of its evidence.
    pub tags: Vec<String>,
    /// Alerts of this incident that hold it.
    pub alerts: usize,
}

/// An entity with its verdict.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EntityLine {
    /// Public id, `kind:type:value`.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Verdict.
    pub verdict: Verdict,
    /// Score from 0 to 1.
    pub score: f64,
    /// What has been done about it, as the newest alert that says anything puts it.
    pub remediation_status: RemediationStatus,
    /// Did the attack touch it? Assets only.
    pub impacted: bool,
    /// Alerts of this incident that hold it.
    pub alerts: usize,
    /// First seen in this incident.
    pub first_seen: Option<DateTime<Utc>>,
    /// The reason for the verdict in one line.
    pub because: String,
}

/// Everything that the alerts of an incident say of one entity.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EntityDetail {
    /// Public id, `kind:type:value` with its strongest identifier.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Every identifier it is known by, strongest first; each is an id that leads to it.
    pub aliases: Vec<String>,
    /// Is it found on every machine or network, so that it links nothing?
    pub common: bool,
    /// What its evidence says, by name.
    pub attributes: Vec<Attribute>,
    /// Alerts of the incident that hold it.
    pub alerts: Vec<String>,
}

/// One property of an entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Attribute {
    /// Graph's name; of members of a member with a dot, as in `fileDetails.sha256`.
    pub name: String,
    /// The value that the newest alert gives.
    pub value: serde_json::Value,
    /// Facts that give this value, newest first.
    pub facts: Vec<String>,
    /// Different values that older alerts give, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub older: Vec<serde_json::Value>,
}

/// A cell of the evidence roll-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EvidenceCount {
    /// Kind.
    pub kind: EntityKind,
    /// Verdict.
    pub verdict: Verdict,
    /// Remediation status.
    pub remediation_status: RemediationStatus,
    /// Entities.
    pub count: usize,
}

/// How many links hold an incident together.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LinkTotals {
    /// Links of the strongest spanning forest.
    pub kept: usize,
    /// Further links between alerts that are held together already.
    pub redundant: usize,
}

/// An alert that almost joined.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NearMiss {
    /// The alert inside.
    pub alert: String,
    /// The alert outside.
    pub other: String,
    /// Incident of the other.
    pub other_incident: String,
    /// Kind of what they share.
    pub kind: EntityKind,
    /// Id of what they share.
    pub entity: String,
    /// What held the link back: `hub`, `window`, `strength`, or `decision` (also the limit of alerts).
    pub held_by: &'static str,
    /// The same in one line.
    pub text: String,
}

/// An incident as the vendor has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VendorIncident {
    /// The vendor's id.
    pub id: String,
    /// The vendor's name for it, if its record was ingested.
    pub display_name: Option<String>,
}

/// What somebody did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Activity {
    /// Id of the decision's fact.
    pub fact: String,
    /// The decision.
    #[serde(flatten)]
    pub decision: crate::model::Decision,
}
