//! Which of several changes does what: each is tried alone, and what comes about the same way is its work.

use hashbrown::{HashMap, HashSet};
use serde_json::Value;

use crate::policy::Policy;
use crate::rules::RuleSet;
use crate::summary::{Cause, CauseKind, Impact, ImpactAlert, IncidentImpact, VerdictImpact};

use super::world::Added;

/// A change that cannot be taken apart.
#[derive(Debug, Clone)]
pub(super) enum Atom {
    /// A fact less.
    Without { name: String, fact: u32 },
    /// A later fact of the log besides.
    Besides { name: String, fact: u32 },
    /// A new fact.
    Added { name: String, added: Added },
    /// A member of the policy has another value.
    Member { name: String, pointer: String, value: Value },
    /// A rule of the set in use less.
    RuleOut { name: String, rule: u32 },
    /// A rule of another set besides, or in the place of one with its id.
    RuleIn { name: String, out: Option<u32>, from: RuleSet, put: u32 },
}

impl Atom {
    pub(super) fn added(name: &str, added: Added) -> Atom {
        Atom::Added { name: name.to_owned(), added }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Atom::Without { name, .. }
            | Atom::Besides { name, .. }
            | Atom::Added { name, .. }
            | Atom::Member { name, .. }
            | Atom::RuleOut { name, .. }
            | Atom::RuleIn { name, .. } => name,
        }
    }

    pub(super) fn is_rule(&self) -> bool {
        matches!(self, Atom::RuleOut { .. } | Atom::RuleIn { .. })
    }

    /// The members in which two policies differ, as in `correlate.threshold`.
    pub(super) fn members(old: &Policy, new: &Policy) -> Vec<Atom> {
        let value = |policy: &Policy| serde_json::to_value(policy).unwrap_or_default();
        let (old, new) = (value(old), value(new));
        let mut out = Vec::new();
        for (group, members) in new.as_object().into_iter().flatten() {
            for (member, value) in members.as_object().into_iter().flatten() {
                let pointer = format!("/{group}/{member}");
                if old.pointer(&pointer) != Some(value) {
                    out.push(Atom::Member { name: format!("{group}.{member}"), pointer, value: value.clone() });
                }
            }
        }
        out
    }

    /// The rules in which two sets differ: gone, new, or another under the same id.
    pub(super) fn rules(old: Option<&RuleSet>, new: &RuleSet) -> Vec<Atom> {
        let hashes = |set: &RuleSet| set.rules().map(|rule| (rule.hash().to_owned(), ())).collect::<HashMap<_, _>>();
        let (before, after) = (old.map(hashes).unwrap_or_default(), hashes(new));
        let gone = old.into_iter().flat_map(RuleSet::rules).filter(|rule| !after.contains_key(rule.hash()));
        let mut gone: HashMap<&str, u32> = gone.map(|rule| (rule.called(), rule.index())).collect();
        let mut out: Vec<Atom> = Vec::new();
        for rule in new.rules().filter(|rule| !before.contains_key(rule.hash())) {
            let name = rule.called();
            out.push(Atom::RuleIn {
                name: name.to_owned(),
                out: gone.remove(name),
                from: new.clone(),
                put: rule.index(),
            });
        }
        out.extend(gone.into_iter().map(|(name, rule)| Atom::RuleOut { name: name.to_owned(), rule }));
        out.sort_by(|a, b| a.name().cmp(b.name()));
        out
    }
}

/// Says of every part of an impact which of the changes does it, trying each alone if they are at most `most`.
pub(super) fn explain(impact: &mut Impact, atoms: &[Atom], most: usize, alone: &dyn Fn(&Atom) -> Option<Impact>) {
    if impact.is_empty() {
        return;
    }
    if let [only] = atoms {
        let cause = Cause { how: CauseKind::Alone, by: vec![only.name().to_owned()] };
        each(impact, &|_, _| cause.clone());
        return;
    }
    if atoms.len() > most {
        untried(impact, atoms);
        return;
    }
    let tried: Vec<(&str, Option<Impact>)> = atoms.iter().map(|atom| (atom.name(), alone(atom))).collect();
    let effects: Vec<(&str, Effects<'_>)> =
        tried.iter().filter_map(|(name, impact)| Some((*name, Effects::of(impact.as_ref()?)))).collect();
    let all: Vec<String> = atoms.iter().map(|atom| atom.name().to_owned()).collect();
    each(impact, &|part, in_incident| {
        let by: Vec<String> = effects
            .iter()
            .filter(|(_, effects)| effects.hold(part, in_incident))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        if by.is_empty() {
            Cause { how: CauseKind::Together, by: all.clone() }
        } else {
            Cause { how: CauseKind::Alone, by }
        }
    });
}

/// A part of an impact.
#[derive(Clone, Copy)]
enum Part<'i> {
    Comes(&'i ImpactAlert),
    Goes(&'i ImpactAlert),
    Incident(&'i IncidentImpact),
    Verdict(&'i VerdictImpact),
}

/// Sets the cause of every part; verdicts are given with their incident.
fn each(impact: &mut Impact, cause: &dyn Fn(Part<'_>, Option<&IncidentImpact>) -> Cause) {
    for alert in &mut impact.new_alerts {
        alert.cause = cause(Part::Comes(alert), None);
    }
    for alert in &mut impact.gone_alerts {
        alert.cause = cause(Part::Goes(alert), None);
    }
    for incident in &mut impact.incidents {
        incident.cause = cause(Part::Incident(incident), None);
        let causes: Vec<Cause> =
            incident.verdicts.iter().map(|verdict| cause(Part::Verdict(verdict), Some(incident))).collect();
        for (verdict, cause) in incident.verdicts.iter_mut().zip(causes) {
            verdict.cause = cause;
        }
    }
}

/// What one change does alone, ready for looking up.
struct Effects<'i> {
    impact: &'i Impact,
    /// By tenant and entity; one may stand in several incidents.
    verdicts: HashMap<(&'i str, &'i str), Vec<&'i VerdictImpact>>,
}

/// The tenant of an incident.
fn tenant(incident: &IncidentImpact) -> &str {
    incident.before.iter().chain(&incident.after).next().map_or("", |state| state.tenant_id.as_str())
}

impl<'i> Effects<'i> {
    fn of(impact: &'i Impact) -> Effects<'i> {
        let mut verdicts: HashMap<(&str, &str), Vec<&VerdictImpact>> = HashMap::new();
        for incident in &impact.incidents {
            for verdict in &incident.verdicts {
                verdicts.entry((tenant(incident), verdict.entity.as_str())).or_default().push(verdict);
            }
        }
        Effects { impact, verdicts }
    }

    fn hold(&self, part: Part<'_>, incident: Option<&IncidentImpact>) -> bool {
        let same = |one: &ImpactAlert, other: &ImpactAlert| one.id == other.id && one.title == other.title;
        match part {
            Part::Comes(alert) => self.impact.new_alerts.iter().any(|other| same(alert, other)),
            Part::Goes(alert) => self.impact.gone_alerts.iter().any(|other| same(alert, other)),
            Part::Incident(incident) => self
                .impact
                .incidents
                .iter()
                .any(|other| (&other.before, &other.after) == (&incident.before, &incident.after)),
            Part::Verdict(verdict) => self
                .verdicts
                .get(&(incident.map_or("", tenant), verdict.entity.as_str()))
                .into_iter()
                .flatten()
                .any(|other| (&other.before, &other.after) == (&verdict.before, &verdict.after)),
        }
    }
}

/// Too many to try: names the changes that are facts of alerts that come and go with an incident.
fn untried(impact: &mut Impact, atoms: &[Atom]) {
    let names: HashSet<&str> = atoms.iter().map(Atom::name).collect();
    let mut of_incident: HashMap<String, Vec<String>> = HashMap::new();
    for alert in impact.new_alerts.iter().chain(&impact.gone_alerts).filter(|a| names.contains(a.fact.as_str())) {
        of_incident.entry(alert.incident.clone()).or_default().push(alert.fact.clone());
    }
    let cause = |incident: &IncidentImpact| {
        let states = incident.before.iter().chain(&incident.after);
        let ids: HashSet<&str> = states.map(|state| state.id.as_str()).collect();
        let mut by: Vec<String> = ids.iter().filter_map(|id| of_incident.get(*id)).flatten().cloned().collect();
        by.sort_unstable();
        by.dedup();
        Cause { how: CauseKind::Untried, by }
    };
    each(impact, &|part, incident| match (part, incident) {
        (Part::Comes(alert) | Part::Goes(alert), _) => {
            let by = names.contains(alert.fact.as_str()).then(|| alert.fact.clone());
            Cause { how: CauseKind::Untried, by: by.into_iter().collect() }
        }
        (Part::Incident(incident), _) | (Part::Verdict(_), Some(incident)) => cause(incident),
        (Part::Verdict(_), None) => Cause::default(),
    });
}
