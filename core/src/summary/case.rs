//! One judged incident with its texts: what a summary is made from.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::correlate::Held;
use crate::judge::{Explanation, Judgement, Scene};
use crate::model::{
    AlertClassification, AlertDetermination, AlertSeverity, AlertStatus, Decision, FactId, RemediationStatus,
};
use crate::policy;
use crate::resolve::{EntityKind, LinkReason};

/// An alert of the incident.
#[derive(Debug)]
pub(crate) struct CaseAlert<'c> {
    pub(crate) id: &'c str,
    pub(crate) title: &'c str,
    pub(crate) service: &'c str,
    pub(crate) product: &'c str,
    pub(crate) detector: &'c str,
    pub(crate) categories: Vec<&'c str>,
    pub(crate) techniques: Vec<&'c str>,
    pub(crate) severity: AlertSeverity,
    pub(crate) status: AlertStatus,
    pub(crate) classification: AlertClassification,
    pub(crate) determination: AlertDetermination,
    pub(crate) assigned_to: &'c str,
    pub(crate) first: Option<DateTime<Utc>>,
    pub(crate) last: Option<DateTime<Utc>>,
    /// Kill-chain stages, as bits.
    pub(crate) stages: u32,
    /// Local id of the alert that it repeats.
    pub(crate) repeat_of: Option<u32>,
    pub(crate) fact: FactId,
}

/// An entity of the incident.
#[derive(Debug)]
pub(crate) struct CaseEntity<'c> {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: EntityKind,
    pub(crate) tags: Vec<Cow<'c, str>>,
    pub(crate) criticality: policy::Criticality,
    pub(crate) explanation: Explanation,
    /// What has been done about it.
    pub(crate) remediation: RemediationStatus,
}

/// A link that is kept in the spanning forest; alerts by local id.
#[derive(Debug)]
pub(crate) struct CaseLink<'c> {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) reason: LinkReason,
    /// Kind, id and name of what the two share.
    pub(crate) shared: Option<(EntityKind, String, String)>,
    pub(crate) strength: f64,
    /// The decision of a person that put the two together.
    pub(crate) decision: Option<&'c Decision>,
}

/// An alert that almost joined.
#[derive(Debug)]
pub(crate) struct CaseNear {
    pub(crate) inside: u32,
    pub(crate) outside: String,
    pub(crate) outside_incident: String,
    pub(crate) shared: (EntityKind, String, String),
    pub(crate) held: Held,
    pub(crate) threshold: f64,
}

/// Everything a summary looks at.
pub(crate) struct Case<'c> {
    pub(crate) tenant: &'c str,
    pub(crate) scene: &'c Scene,
    pub(crate) judgement: &'c Judgement,
    pub(crate) alerts: Vec<CaseAlert<'c>>,
    pub(crate) entities: Vec<CaseEntity<'c>>,
    pub(crate) links: Vec<CaseLink<'c>>,
    pub(crate) redundant: usize,
    pub(crate) near: Vec<CaseNear>,
    pub(crate) near_more: usize,
    /// Decisions about the incident, oldest first.
    pub(crate) decisions: Vec<(&'c Decision, FactId)>,
    /// Id and name of the vendor's own incidents.
    pub(crate) vendor: Vec<(String, Option<String>)>,
    pub(crate) full: bool,
    pub(crate) policy: &'c policy::Summary,
    /// How rare each alert's detector is on its asset, by local id.
    pub(crate) rare: Vec<f32>,
    /// Dense detector per alert, by local id.
    pub(crate) detectors: Vec<u32>,
}
