//! What happened, by time: alerts, and raw events among them.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::AlertSeverity;

/// What happened in an incident, or to one entity of it, by time; what has no time is last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Timeline {
    /// Alerts and events.
    pub entries: Vec<TimelineEntry>,
    /// Events over `rules.timelineEvents`, the latest ones.
    pub left_out: usize,
}

/// What a [`TimelineEntry`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TimelineKind {
    /// A raw event.
    Event,
    /// An alert.
    Alert,
}

/// One line of a [`Timeline`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimelineEntry {
    /// When it happened.
    pub time: Option<DateTime<Utc>>,
    /// What it is.
    pub kind: TimelineKind,
    /// Id of the alert, or of the fact that holds the event.
    pub id: String,
    /// Title of the alert; what the event was, and the most telling of its values.
    pub title: String,
    /// Severity of the alert.
    pub severity: Option<AlertSeverity>,
    /// The device that the event says it is of.
    pub device: Option<String>,
    /// Alerts that rules made of the event, of sequences that it is part of too.
    pub alerts: Vec<String>,
}
