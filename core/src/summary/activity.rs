//! The activity log of an incident: what people and the system did to it, as one list.
//!
//! In: the decisions about the incident, and its alerts with their links. Out: entries, the oldest first, those that
//! a filter lets through. This file must never know how decisions are stored.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::{ActionTarget, AlertClassification, Choice, Decision, IncidentStatus, Time};
use crate::policy::object_from_json;
use crate::resolve::LinkReason;

use super::shapes::{AlertLine, IncidentSummary};

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Origin {
    /// casegraph, from the facts.
    System,
    /// A person, by a decision.
    Person,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ActivityType {
    /// The incident began with its first alert.
    Opened,
    /// An alert was put into the incident, by itself.
    AlertCorrelated,
    /// It was given to somebody, or to nobody.
    Assigned,
    /// Its status was set.
    StatusChanged,
    /// It was found to be something.
    Classified,
    /// Its severity was set by hand.
    SeverityChanged,
    /// It was given another name.
    Renamed,
    /// A tag was added.
    Tagged,
    /// A tag was taken away.
    Untagged,
    /// A comment was made.
    Commented,
    /// Alerts of several incidents were put into one.
    Merged,
    /// Alerts were set apart.
    Split,
    /// Alerts were moved from one incident to another.
    Moved,
    /// The verdict of an entity was set.
    VerdictSet,
    /// An action was asked for by hand.
    ActionProposed,
    /// An action was agreed to.
    ActionApproved,
    /// An action was refused.
    ActionRejected,
    /// What an action did is to be taken back.
    ActionUndone,
    /// The investigation of an alert was ended.
    InvestigationStopped,
}

/// What something was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TargetType {
    /// The incident as a whole.
    Incident,
    /// One alert.
    Alert,
    /// An entity.
    Entity,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityEntry {
    /// When: as a person said, or of an alert its first activity; `null` when that is undated.
    pub at: Option<DateTime<Utc>>,
    /// Who did it: a person or the system.
    pub origin: Origin,
    /// What was done.
    #[serde(rename = "type")]
    pub kind: ActivityType,
    /// The person's name; `casegraph` for the system.
    pub by: String,
    /// What it was done to.
    pub target_type: TargetType,
    /// Id of the alert or entity; of an incident that of its earliest alert.
    pub target: String,
    /// The same in words; of a comment its text.
    pub text: String,
    /// Why, as the person said or as the link says.
    pub reason: Option<String>,
    /// The fact: the decision, or the alert.
    pub fact: String,
}

/// What was done to an incident, the oldest first; what has no time is last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityLog {
    /// Id of the incident.
    pub id: String,
    /// What the filter lets through.
    pub entries: Vec<ActivityEntry>,
    /// Further entries of the system that it lets through, beyond `manage.systemActivity`.
    pub more_system: usize,
}

/// Chooses entries of an activity log: every given part must fit, by one of its values. A part that is absent fits all.
///
/// ```
/// use casegraph::summary::{ActivityFilter, ActivityType, Origin};
///
/// let filter = ActivityFilter::new().with_origin(Origin::Person).with_type(ActivityType::Commented);
/// assert_eq!(filter, ActivityFilter::from_json(r#"{"origins":["person"],"types":["commented"]}"#)?);
/// # Ok::<(), casegraph::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ActivityFilter {
    /// Of one of these types.
    pub types: Vec<ActivityType>,
    /// Of one of these origins.
    pub origins: Vec<Origin>,
    /// By one of these, whatever the case.
    pub by: Vec<String>,
    /// At this time or later; what is undated does not fit.
    pub since: Option<Time>,
    /// Before this time; what is undated does not fit.
    pub until: Option<Time>,
    /// With one of these in its words, its reason or its target, whatever the case.
    pub texts: Vec<String>,
}

impl ActivityFilter {
    /// All entries.
    #[must_use]
    pub fn new() -> ActivityFilter {
        ActivityFilter::default()
    }

    /// Reads a filter from JSON, e.g. `{"types":["commented"],"by":["ada"]}`.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`](crate::ErrorCode::InvalidArgument), with line and column, when it is none.
    pub fn from_json(text: &str) -> Result<ActivityFilter> {
        object_from_json("a filter of activities", text)
    }

    /// Of this type, or another given one.
    #[must_use]
    pub fn with_type(mut self, kind: ActivityType) -> Self {
        self.types.push(kind);
        self
    }

    /// Of this origin, or another given one.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// By this one, or another given one.
    #[must_use]
    pub fn with_by(mut self, by: impl Into<String>) -> Self {
        self.by.push(by.into());
        self
    }

    /// At this time or later.
    #[must_use]
    pub fn with_since(mut self, since: impl Into<Time>) -> Self {
        self.since = Some(since.into());
        self
    }

    /// Before this time.
    #[must_use]
    pub fn with_until(mut self, until: impl Into<Time>) -> Self {
        self.until = Some(until.into());
        self
    }

    /// With this text, or another given one.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.texts.push(text.into());
        self
    }

    fn fits(&self, entry: &ActivityEntry) -> bool {
        fn one<T>(of: &[T], fits: impl FnMut(&T) -> bool) -> bool {
            of.is_empty() || of.iter().any(fits)
        }
        let folded = |text: &str| text.to_lowercase();
        let in_time = |limit: &Option<Time>, fits: fn(DateTime<Utc>, DateTime<Utc>) -> bool| match limit {
            Some(limit) => entry.at.is_some_and(|at| fits(at, limit.at())),
            None => true,
        };
        let told = |text: &String| {
            let text = folded(text);
            let reason = entry.reason.as_deref().unwrap_or_default();
            [entry.text.as_str(), reason, &entry.target].iter().any(|place| folded(place).contains(&text))
        };
        one(&self.types, |kind| *kind == entry.kind)
            && one(&self.origins, |origin| *origin == entry.origin)
            && one(&self.by, |by| folded(by) == folded(&entry.by))
            && in_time(&self.since, |at, since| at >= since)
            && in_time(&self.until, |at, until| at < until)
            && one(&self.texts, told)
    }
}

/// The log of an incident: its decisions, the oldest first, with their facts.
pub(crate) fn activity_log(
    incident: &IncidentSummary,
    decisions: &[(&Decision, String)],
    filter: &ActivityFilter,
    most: usize,
) -> ActivityLog {
    let mut system: Vec<ActivityEntry> =
        incident.alerts.iter().enumerate().filter_map(|(at, line)| correlated(at == 0, line)).collect();
    system.retain(|entry| filter.fits(entry));
    system.sort_by_key(|entry| (entry.at.is_none(), entry.at));
    let more_system = system.len().saturating_sub(most);
    system.truncate(most);
    let people = decisions.iter().map(|(decision, fact)| decided(&incident.id, decision, fact));
    let mut entries = system;
    entries.extend(people.filter(|entry| filter.fits(entry)));
    // Stable: of one time what the system did first, then people in the order of their decisions.
    entries.sort_by_key(|entry| (entry.at.is_none(), entry.at));
    ActivityLog { id: incident.id.clone(), entries, more_system }
}

/// An alert that came by itself. What people put together is told by their decisions.
fn correlated(first: bool, line: &AlertLine) -> Option<ActivityEntry> {
    let link = line.reason.as_ref();
    if link.is_some_and(|link| link.reason == LinkReason::Manual) || (link.is_none() && !first) {
        return None;
    }
    let repeats = match line.repeats.len() {
        0 => String::new(),
        n => format!(", and {n} more of its kind"),
    };
    let (kind, text) = match link {
        None => (ActivityType::Opened, format!("the incident begins with `{}`{repeats}", line.title)),
        Some(_) => (ActivityType::AlertCorrelated, format!("`{}` was correlated automatically{repeats}", line.title)),
    };
    Some(ActivityEntry {
        at: line.time,
        origin: Origin::System,
        kind,
        by: "casegraph".to_owned(),
        target_type: TargetType::Alert,
        target: line.id.clone(),
        text,
        reason: link.map(|link| link.text.clone()),
        fact: line.fact.clone(),
    })
}

fn decided(incident: &str, decision: &Decision, fact: &str) -> ActivityEntry {
    let (kind, text) = told(decision);
    let (target_type, target) = match &decision.what {
        Choice::SetVerdict { entity, .. } => (TargetType::Entity, entity.as_str()),
        Choice::StopInvestigation => (TargetType::Alert, decision.alerts.first().map_or(incident, String::as_str)),
        what => match what.action() {
            Some((action, _)) => (TargetType::Entity, action.entity.as_str()),
            None => (TargetType::Incident, incident),
        },
    };
    ActivityEntry {
        at: Some(decision.at.at()),
        origin: Origin::Person,
        kind,
        by: decision.by.clone(),
        target_type,
        target: target.to_owned(),
        text,
        reason: decision.reason.clone(),
        fact: fact.to_owned(),
    }
}

/// What a decision did, and how to say it. Every choice is here, so that a new one cannot be forgotten.
fn told(decision: &Decision) -> (ActivityType, String) {
    use ActivityType as A;
    let alerts = match decision.alerts.len() {
        1 => "1 alert".to_owned(),
        n => format!("{n} alerts"),
    };
    match &decision.what {
        Choice::SetVerdict { verdict, .. } => (A::VerdictSet, format!("set the verdict to {verdict}")),
        Choice::Join => (A::Merged, format!("put {alerts} into one incident")),
        Choice::Part { .. } => (A::Split, format!("set {alerts} apart")),
        Choice::Move { .. } => (A::Moved, format!("moved {alerts} from one incident to another")),
        Choice::Assign { to: Some(to) } => (A::Assigned, format!("assigned the incident and its alerts to `{to}`")),
        Choice::Assign { to: None } => (A::Assigned, "assigned the incident and its alerts to nobody".to_owned()),
        Choice::SetStatus { status: IncidentStatus::Resolved } => {
            (A::StatusChanged, "resolved the incident and its alerts".to_owned())
        }
        Choice::SetStatus { status } => (A::StatusChanged, format!("set the status to {status}")),
        Choice::Classify { classification: AlertClassification::Unknown, .. } => {
            (A::Classified, "took the classification back".to_owned())
        }
        Choice::Classify { classification, determination } => {
            (A::Classified, format!("classified the incident as {classification}, {determination}"))
        }
        Choice::SetSeverity { severity } => (A::SeverityChanged, format!("set the severity to {severity}")),
        Choice::Rename { title } => (A::Renamed, format!("renamed the incident to `{title}`")),
        Choice::Tag { tag } => (A::Tagged, format!("added the tag `{tag}`")),
        Choice::Untag { tag } => (A::Untagged, format!("took the tag `{tag}` away")),
        Choice::Comment { text } => (A::Commented, text.clone()),
        Choice::Propose { action } => (A::ActionProposed, format!("asked for {}", on(action))),
        Choice::Approve { action, .. } => (A::ActionApproved, format!("approved {}", on(action))),
        Choice::Reject { action, .. } => (A::ActionRejected, format!("rejected {}", on(action))),
        Choice::Undo { action, .. } => (A::ActionUndone, format!("had {} taken back", on(action))),
        Choice::StopInvestigation => (A::InvestigationStopped, "ended the investigation of the alert".to_owned()),
    }
}

/// An action in words.
fn on(target: &ActionTarget) -> String {
    let device = target.on.as_ref().map_or_else(String::new, |device| format!(" on `{device}`"));
    format!("{} of `{}`{device}", target.action, target.entity)
}
