//! What people decided and executors reported about actions, by the entity that it is about.

use chrono::{DateTime, Utc};
use hashbrown::{HashMap, HashSet};

use crate::casebook::{Casebook, index};
use crate::model::{ActionKind, ActionReport, ActionTarget, Choice, Decision, FactId};
use crate::respond::state::{Event, Try, What};

/// What was said about one action.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(super) action: ActionKind,
    /// The devices that `on` may mean; nothing when the action names none.
    pub(super) on: Option<Vec<u32>>,
    pub(super) event: Event,
}

/// Decisions and reports in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct SaidIndex {
    pub(super) of: HashMap<u32, Vec<Said>>,
    /// When a person ended the investigation of an alert, and who; the earliest of several.
    pub(super) stopped: HashMap<String, (DateTime<Utc>, String)>,
    /// Facts about entities that no alert holds.
    pub(super) strays: usize,
}

/// A decision about an action as the state machine knows it.
pub(super) fn decided(decision: &Decision, fact: FactId) -> Option<Event> {
    let what = match &decision.what {
        Choice::Propose { .. } => What::Propose,
        Choice::Approve { roles, .. } => What::Approve(roles.clone()),
        Choice::Reject { roles, .. } => What::Reject(roles.clone()),
        Choice::Undo { roles, .. } => What::Undo(roles.clone()),
        _ => return None,
    };
    let at = DateTime::<Utc>::from(&decision.at);
    Some(Event { at, fact, by: decision.by.clone(), reason: decision.reason.clone(), what })
}

/// A report as the state machine knows it; nothing when its key is none.
pub(super) fn reported(report: &ActionReport, fact: FactId) -> Option<Event> {
    let what = What::Report(Try::of_key(&report.key)?, report.outcome.clone());
    let at = DateTime::<Utc>::from(&report.at);
    Some(Event { at, fact, by: report.by.clone(), reason: report.message.clone(), what })
}

impl Casebook {
    /// Decisions and reports by entity, worked out when first asked for.
    pub(super) fn said(&self) -> &SaidIndex {
        self.derived().said.get_or_init(|| self.index_said())
    }

    /// `O(decisions and reports about actions)`.
    fn index_said(&self) -> SaidIndex {
        let mut out = SaidIndex::default();
        for entry in &self.derived().decided.entries {
            let decision = &entry.decision;
            if matches!(decision.what, Choice::StopInvestigation) {
                let stop = (DateTime::<Utc>::from(&decision.at), decision.by.clone());
                for alert in &decision.alerts {
                    let held = out.stopped.entry(alert.clone()).or_insert_with(|| stop.clone());
                    *held = held.clone().min(stop.clone());
                }
            }
            let Some((target, _)) = decision.what.action() else { continue };
            if let Some(event) = decided(decision, entry.fact) {
                self.place(&mut out, target, &decision.alerts, event);
            }
        }
        let stands = self.standing_facts();
        for (fact, report) in self.reports.iter().filter(|(fact, _)| stands(*fact)) {
            let Some((id, ..)) = self.log.get(*fact) else { continue };
            match reported(report, id) {
                Some(event) => self.place(&mut out, &report.target, std::slice::from_ref(&report.alert), event),
                None => out.strays += 1,
            }
        }
        out
    }

    fn place(&self, out: &mut SaidIndex, target: &ActionTarget, alerts: &[String], event: Event) {
        let (entities, on) = self.meant(target, alerts);
        if entities.is_empty() {
            out.strays += 1;
        }
        for entity in entities {
            let said = Said { action: target.action.clone(), on: on.clone(), event: event.clone() };
            out.of.entry(entity).or_default().push(said);
        }
    }

    /// The entities, and the devices, that a target means: those of the tenants of these alerts.
    pub(super) fn meant(&self, target: &ActionTarget, alerts: &[String]) -> (Vec<u32>, Option<Vec<u32>>) {
        let derived = self.derived();
        // Also of an alert that no longer stands: its id was given in one tenant.
        let keys = alerts.iter().flat_map(|id| self.keys_of(id));
        let tenants: HashSet<u64> = keys.map(|key| self.store.keys.tag(key)).collect();
        let found = |id: &str| {
            let mut entities = index::find_entities(&self.store, derived, id).unwrap_or_default();
            entities.retain(|entity| {
                let name = derived.entities.name.get(*entity as usize);
                name.is_some_and(|name| tenants.contains(&u64::from(self.store.id_parts(*name).0)))
            });
            entities
        };
        (found(&target.entity), target.on.as_deref().map(found))
    }
}
