//! Incidents before and after a change in; what the change does to them out.

use hashbrown::{HashMap, HashSet};
use serde::Serialize;

use crate::model::{AlertSeverity, FactId, Verdict};
use crate::resolve::{EntityKind, IdType};

use super::priority::{Band, Contribution};

/// What a change does to verdicts, incidents and priorities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Impact {
    /// Incidents before the change.
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
    /// Id of its fact; of an alert that a rule made, of the event.
    pub fact: String,
    /// What does it.
    pub cause: Cause,
}

/// What becomes of an incident, or of several that the change joins or splits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IncidentImpact {
    /// What happens to it.
    pub change: IncidentChange,
    /// The incidents before that share alerts with those after; none for a new one.
    pub before: Vec<IncidentState>,
    /// The incidents after; none when no alert of it stands any more.
    pub after: Vec<IncidentState>,
    /// Entities whose verdict or score differs, by id.
    pub verdicts: Vec<VerdictImpact>,
    /// What does it.
    pub cause: Cause,
}

/// What happens to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum IncidentChange {
    /// It is new.
    Formed,
    /// None of its alerts stands any more.
    Ended,
    /// Several become one.
    Joined,
    /// It falls apart into several.
    Split,
    /// It has more alerts.
    Grown,
    /// It has fewer alerts.
    Shrunk,
    /// Its alerts are others, but no more and no fewer; or several become several others.
    Regrouped,
    /// Its alerts are the same, and look different: verdicts, priority, kill chain, severity or title.
    Rejudged,
}

/// An incident in a few lines.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IncidentState {
    /// Id of its first alert.
    pub id: String,
    /// Tenant, empty when the alerts name none.
    pub tenant_id: String,
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: AlertSeverity,
    /// Its priority, 0 to 100.
    pub priority: f64,
    /// The band of the priority.
    pub band: Band,
    /// Shares of the priority, the largest first.
    pub contributions: Vec<Contribution>,
    /// Stages of the kill chain that it shows, in matrix order.
    pub stages: Vec<&'static str>,
    /// Position of the furthest stage, 0 to 100.
    pub progress: u8,
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
    /// What does it.
    pub cause: Cause,
}

/// Which of several changes does something.
///
/// Changes are named as people know them: a fact by its id, a rule by its id or title, a number of the policy by
/// its member, as in `correlate.threshold`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Cause {
    /// How the changes that it names do it.
    pub how: CauseKind,
    /// The changes.
    pub by: Vec<String>,
}

/// How changes bring something about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum CauseKind {
    /// The named change does it alone; of several named, each does.
    Alone,
    /// No change does it alone: it takes several of those named.
    Together,
    /// There are more changes than `whatIf.causes` lets us try one by one. Named are those about its alerts.
    #[default]
    Untried,
}

impl Impact {
    /// Does the change do nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty()
    }
}

/// Kind, type and value of an entity's strongest identifier: what its public id is made of.
pub(crate) type EntityKey<'s> = (EntityKind, IdType, &'s str);

/// An entity with its verdict and score.
#[derive(Debug, Clone)]
pub(crate) struct Judged<'s> {
    pub(crate) key: EntityKey<'s>,
    pub(crate) verdict: Verdict,
    pub(crate) score: f64,
}

/// An alert of an incident.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'s> {
    pub(crate) tenant: &'s str,
    pub(crate) id: &'s str,
    pub(crate) title: &'s str,
    pub(crate) fact: FactId,
}

impl<'s> Held<'s> {
    fn key(&self) -> (&'s str, &'s str) {
        (self.tenant, self.id)
    }
}

/// What a comparison looks at of one incident.
#[derive(Debug, Clone)]
pub(crate) struct Digest<'s> {
    pub(crate) state: IncidentState,
    /// Nanoseconds of its last activity.
    pub(crate) last: i64,
    /// Every alert by time, repeats too.
    pub(crate) alerts: Vec<Held<'s>>,
    /// Its entities, by local id.
    pub(crate) entities: Vec<Judged<'s>>,
}

/// A verdict of an impact that still needs the name of its entity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unnamed {
    /// Index of the incident in the impact, and of the verdict in it.
    pub(crate) incident: usize,
    pub(crate) verdict: usize,
    /// Where the entity is: in which digest, after the change or before it, under which local id.
    pub(crate) after: bool,
    pub(crate) digest: usize,
    pub(crate) local: usize,
}

/// Compares incidents before and after a change. Those that are alike may be left out on both sides; counts
/// are of those given.
pub(crate) fn compare(before: &[Digest<'_>], after: &[Digest<'_>]) -> (Impact, Vec<Unnamed>) {
    let mut groups = groups(before, after);
    // The most urgent after the change first, and what ends last.
    groups.sort_by_cached_key(|(old, new)| {
        let lead = new.first().and_then(|at| after.get(*at));
        (lead.is_none(), lead.or_else(|| old.first().and_then(|at| before.get(*at))).map(urgency))
    });
    let mut impact = Impact {
        incidents_before: before.len(),
        incidents_after: after.len(),
        new_alerts: Vec::new(),
        gone_alerts: Vec::new(),
        incidents: Vec::new(),
    };
    let mut unnamed = Vec::new();
    for (old, new) in &groups {
        let (was, is): (Vec<_>, Vec<_>) =
            (old.iter().filter_map(|i| before.get(*i)).collect(), new.iter().filter_map(|i| after.get(*i)).collect());
        impact.new_alerts.extend(only_in(&is, &was));
        impact.gone_alerts.extend(only_in(&was, &is));
        let place = impact.incidents.len();
        let mut found: Vec<(VerdictImpact, Unnamed)> = verdicts(before, after, old, new)
            .map(|(impact, (after, digest, local))| {
                (impact, Unnamed { incident: place, verdict: 0, after, digest, local })
            })
            .collect();
        found.sort_by(|a, b| a.0.entity.cmp(&b.0.entity));
        let states = |list: &[&Digest<'_>]| list.iter().map(|digest| digest.state.clone()).collect::<Vec<_>>();
        let (change, old, new) = (change(&was, &is), states(&was), states(&is));
        if change == IncidentChange::Rejudged && found.is_empty() && old == new {
            continue;
        }
        unnamed.extend(found.iter().enumerate().map(|(verdict, (_, unnamed))| Unnamed { verdict, ..*unnamed }));
        let verdicts = found.into_iter().map(|(impact, _)| impact).collect();
        impact.incidents.push(IncidentImpact { change, before: old, after: new, verdicts, cause: Cause::default() });
    }
    (impact, unnamed)
}

/// The most urgent first.
fn urgency(digest: &Digest<'_>) -> (std::cmp::Reverse<(u64, i64)>, String, String) {
    let hundredths = (digest.state.priority * 100.0).round() as u64;
    (std::cmp::Reverse((hundredths, digest.last)), digest.state.tenant_id.clone(), digest.state.id.clone())
}

/// Incidents before and after that share alerts, directly or through others, by index, the most urgent first.
fn groups(before: &[Digest<'_>], after: &[Digest<'_>]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let (old, new) = (holders(before), holders(after));
    let beside = |digest: &Digest<'_>, others: &HashMap<(&str, &str), usize>| {
        digest.alerts.iter().filter_map(|alert| others.get(&alert.key()).copied()).collect::<HashSet<usize>>()
    };
    let mut seen = [vec![false; before.len()], vec![false; after.len()]];
    let mut out = Vec::new();
    let starts = (0..before.len()).map(|at| (0, at)).chain((0..after.len()).map(|at| (1, at)));
    for start in starts {
        let mut group = [Vec::new(), Vec::new()];
        let mut open = vec![start];
        while let Some((side, at)) = open.pop() {
            let Some(slot) = seen.get_mut(side).and_then(|side| side.get_mut(at)).filter(|slot| !**slot) else {
                continue;
            };
            *slot = true;
            if let Some(list) = group.get_mut(side) {
                list.push(at);
            }
            let (digest, others) = if side == 0 { (before.get(at), &new) } else { (after.get(at), &old) };
            open.extend(digest.into_iter().flat_map(|digest| beside(digest, others)).map(|at| (1 - side, at)));
        }
        let [mut was, mut is] = group;
        was.sort_by_cached_key(|at| before.get(*at).map(urgency));
        is.sort_by_cached_key(|at| after.get(*at).map(urgency));
        if !(was.is_empty() && is.is_empty()) {
            out.push((was, is));
        }
    }
    out
}

/// The incident of each alert.
fn holders<'s>(digests: &[Digest<'s>]) -> HashMap<(&'s str, &'s str), usize> {
    digests.iter().enumerate().flat_map(|(at, digest)| digest.alerts.iter().map(move |a| (a.key(), at))).collect()
}

fn change(before: &[&Digest<'_>], after: &[&Digest<'_>]) -> IncidentChange {
    match (before, after) {
        ([], _) => IncidentChange::Formed,
        (_, []) => IncidentChange::Ended,
        ([old], [new]) => match new.alerts.len().cmp(&old.alerts.len()) {
            std::cmp::Ordering::Greater => IncidentChange::Grown,
            std::cmp::Ordering::Less => IncidentChange::Shrunk,
            std::cmp::Ordering::Equal => {
                let known: HashSet<(&str, &str)> = old.alerts.iter().map(Held::key).collect();
                let same = new.alerts.iter().all(|alert| known.contains(&alert.key()));
                if same { IncidentChange::Rejudged } else { IncidentChange::Regrouped }
            }
        },
        ([_], _) => IncidentChange::Split,
        (_, [_]) => IncidentChange::Joined,
        _ => IncidentChange::Regrouped,
    }
}

fn only_in(digests: &[&Digest<'_>], others: &[&Digest<'_>]) -> Vec<ImpactAlert> {
    let known: HashSet<(&str, &str)> = others.iter().flat_map(|digest| &digest.alerts).map(Held::key).collect();
    let all = digests.iter().flat_map(|digest| digest.alerts.iter().map(move |alert| (digest, alert)));
    let only = all.filter(|(_, alert)| !known.contains(&alert.key()));
    only.map(|(digest, alert)| ImpactAlert {
        id: alert.id.to_owned(),
        title: alert.title.to_owned(),
        incident: digest.state.id.clone(),
        fact: alert.fact.to_string(),
        cause: Cause::default(),
    })
    .collect()
}

/// Where an entity is: after or before, digest, local id.
type Where = (bool, usize, usize);

/// Of an entity in several incidents the worst counts.
fn judged<'d, 's>(digests: &'d [Digest<'s>], of: &[usize]) -> HashMap<EntityKey<'s>, (&'d Judged<'s>, usize, usize)> {
    let mut out: HashMap<EntityKey<'s>, (&Judged<'s>, usize, usize)> = HashMap::new();
    for at in of {
        for (local, one) in digests.get(*at).into_iter().flat_map(|digest| digest.entities.iter().enumerate()) {
            let held = out.entry(one.key).or_insert((one, *at, local));
            if (one.score, &one.verdict) > (held.0.score, &held.0.verdict) {
                *held = (one, *at, local);
            }
        }
    }
    out
}

fn verdicts<'d>(
    before: &'d [Digest<'_>],
    after: &'d [Digest<'_>],
    old: &[usize],
    new: &[usize],
) -> impl Iterator<Item = (VerdictImpact, Where)> {
    let (old, new) = (judged(before, old), judged(after, new));
    let said = |one: Option<&(&Judged<'_>, usize, usize)>| one.map(|(one, ..)| (one.verdict.clone(), one.score));
    let impact = |key: &EntityKey<'_>| {
        let (kind, id_type, value) = key;
        VerdictImpact {
            entity: format!("{}:{}:{value}", kind.as_str(), id_type.as_str()),
            name: String::new(),
            before: said(old.get(key)),
            after: said(new.get(key)),
            cause: Cause::default(),
        }
    };
    let mut out: Vec<(VerdictImpact, Where)> = Vec::new();
    for (key, (one, digest, local)) in &new {
        let same = old.get(key).is_some_and(|(was, ..)| (&was.verdict, was.score) == (&one.verdict, one.score));
        if !same {
            out.push((impact(key), (true, *digest, *local)));
        }
    }
    for (key, (_, digest, local)) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        out.push((impact(key), (false, *digest, *local)));
    }
    out.into_iter()
}
