//! All incidents before and after a change in; what the change does to them out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{AlertSeverity, Verdict};

use super::IncidentSummary;

/// What a change does to verdicts, incidents and priorities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Impact {
    /// Incidents before the change, and after it.
    pub incidents_before: usize,
    /// Incidents after it.
    pub incidents_after: usize,
    /// Alerts that only stand after it, in the order of the incidents and of time.
    pub new_alerts: Vec<ImpactAlert>,
    /// Alerts that only stand before it.
    pub gone_alerts: Vec<ImpactAlert>,
    /// Incidents that it changes, the most urgent after it first; those that it ends are last.
    pub incidents: Vec<IncidentImpact>,
}

/// An alert that comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ImpactAlert {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The incident that holds it.
    pub incident: String,
}

/// What becomes of an incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IncidentImpact {
    /// The incidents whose alerts it holds: none for a new one, several when the change joins them.
    pub before: Vec<IncidentState>,
    /// The incident; absent when none of its alerts stands any more.
    pub after: Option<IncidentState>,
    /// Entities whose verdict or score differs, by id.
    pub verdicts: Vec<VerdictImpact>,
}

/// An incident in a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IncidentState {
    /// Id of its first alert.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: AlertSeverity,
    /// Its priority, 0 to 100.
    pub priority: f64,
    /// Its alerts, repeats included.
    pub alerts: usize,
}

/// What becomes of the verdict of an entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VerdictImpact {
    /// Id of the entity.
    pub entity: String,
    /// Its name.
    pub name: String,
    /// Verdict and score before; absent when the incident did not hold it.
    pub before: Option<(Verdict, f64)>,
    /// Verdict and score after; absent when the incident no longer holds it.
    pub after: Option<(Verdict, f64)>,
}

impl Impact {
    /// Does the change do nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty()
    }
}

/// Every alert of an incident, repeats too, with its title.
fn alerts(incident: &IncidentSummary) -> impl Iterator<Item = (&str, &str)> {
    incident.alerts.iter().flat_map(|line| {
        let repeats = line.repeats.iter().map(String::as_str);
        std::iter::once(line.id.as_str()).chain(repeats).map(|id| (id, line.title.as_str()))
    })
}

fn state(incident: &IncidentSummary) -> IncidentState {
    IncidentState {
        id: incident.id.clone(),
        title: incident.title.clone(),
        severity: incident.severity.clone(),
        priority: incident.priority.score,
        alerts: alerts(incident).count(),
    }
}

/// An alert's tenant and id.
type Key<'s> = (&'s str, &'s str);

fn holders(incidents: &[IncidentSummary]) -> BTreeMap<Key<'_>, usize> {
    let keys = incidents
        .iter()
        .enumerate()
        .flat_map(|(at, incident)| alerts(incident).map(move |(id, _)| ((incident.tenant_id.as_str(), id), at)));
    keys.collect()
}

fn only_in(incidents: &[IncidentSummary], other: &BTreeMap<Key<'_>, usize>) -> Vec<ImpactAlert> {
    let all = incidents.iter().flat_map(|incident| alerts(incident).map(move |alert| (incident, alert)));
    let only = all.filter(|(incident, (id, _))| !other.contains_key(&(incident.tenant_id.as_str(), *id)));
    only.map(|(incident, (id, title))| ImpactAlert {
        id: id.to_owned(),
        title: title.to_owned(),
        incident: incident.id.clone(),
    })
    .collect()
}

/// Compares all incidents before and after a change, each in the order of its queue.
pub(crate) fn compare(before: &[IncidentSummary], after: &[IncidentSummary]) -> Impact {
    let (was, is) = (holders(before), holders(after));
    // Every incident before goes where the first of its alerts goes that still stands.
    let mut sources: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (at, incident) in before.iter().enumerate() {
        let heir = alerts(incident).find_map(|(id, _)| is.get(&(incident.tenant_id.as_str(), id)));
        sources.entry(heir.copied()).or_default().push(at);
    }
    let none = Vec::new();
    let of = |heir: Option<usize>| sources.get(&heir).unwrap_or(&none).iter().filter_map(|at| before.get(*at));
    let mut incidents = Vec::new();
    for (at, incident) in after.iter().enumerate() {
        let from: Vec<&IncidentSummary> = of(Some(at)).collect();
        let verdicts = verdicts(&from, Some(incident));
        let states: Vec<IncidentState> = from.iter().map(|incident| state(incident)).collect();
        let now = state(incident);
        if verdicts.is_empty() && states.iter().eq([&now]) {
            continue;
        }
        incidents.push(IncidentImpact { before: states, after: Some(now), verdicts });
    }
    for incident in of(None) {
        let verdicts = verdicts(&[incident], None);
        incidents.push(IncidentImpact { before: vec![state(incident)], after: None, verdicts });
    }
    Impact {
        incidents_before: before.len(),
        incidents_after: after.len(),
        new_alerts: only_in(after, &was),
        gone_alerts: only_in(before, &is),
        incidents,
    }
}

/// Name, verdict and score by entity; of an entity in several incidents the worst counts.
fn judged<'s>(incidents: impl Iterator<Item = &'s IncidentSummary>) -> BTreeMap<&'s str, (&'s str, (Verdict, f64))> {
    let mut out = BTreeMap::new();
    for line in incidents.flat_map(|incident| &incident.entities) {
        let new = || (line.name.as_str(), (line.verdict.clone(), line.score));
        let held = out.entry(line.id.as_str()).or_insert_with(new);
        if line.score > held.1.1 {
            held.1 = (line.verdict.clone(), line.score);
        }
    }
    out
}

fn verdicts(before: &[&IncidentSummary], after: Option<&IncidentSummary>) -> Vec<VerdictImpact> {
    let (old, new) = (judged(before.iter().copied()), judged(after.into_iter()));
    let ids: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let said = |of: &BTreeMap<&str, (&str, (Verdict, f64))>, id: &str| of.get(id).map(|(_, said)| said.clone());
    let impact = |id: &str| VerdictImpact {
        entity: id.to_owned(),
        name: new.get(id).or(old.get(id)).map(|(name, _)| (*name).to_owned()).unwrap_or_default(),
        before: said(&old, id),
        after: said(&new, id),
    };
    ids.into_iter().map(impact).filter(|impact| impact.before != impact.after).collect()
}
