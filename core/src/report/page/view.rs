//! A case file as the tabs look at it: what belongs to what, found once.

use std::collections::HashMap;

use crate::graph::{Edge, EdgeKind};
use crate::model::Alert;
use crate::report::{CaseFile, FiledAlert};
use crate::resolve::EntityKind;
use crate::respond::Action;
use crate::summary::{AlertLine, EntityLine};

use super::Page;

/// A case file with its indexes.
pub(super) struct View<'c> {
    pub(super) case: &'c CaseFile,
    pub(super) page: Page,
    /// Position of each alert line by the ids that it stands for.
    alerts: HashMap<&'c str, usize>,
    /// Position of each entity line.
    entities: HashMap<&'c str, usize>,
    filed: HashMap<&'c str, &'c FiledAlert>,
    actions: HashMap<&'c str, &'c Action>,
    /// Evidence and relations that each alert states.
    edges: HashMap<&'c str, Vec<Edge<'c>>>,
    /// How many entities each alert holds.
    held: HashMap<&'c str, usize>,
}

impl<'c> View<'c> {
    pub(super) fn new(case: &'c CaseFile, page: Page) -> View<'c> {
        let mut alerts = HashMap::new();
        for (at, line) in case.incident.alerts.iter().enumerate() {
            alerts.insert(line.id.as_str(), at);
            alerts.extend(line.repeats.iter().map(|id| (id.as_str(), at)));
        }
        let shown = case.incident.alerts.iter().take(page.details).map(|line| line.id.as_str());
        let mut edges: HashMap<&str, Vec<Edge<'_>>> = shown.map(|id| (id, Vec::new())).collect();
        let mut held: HashMap<&str, usize> = HashMap::new();
        for edge in case.graph.edges() {
            if edge.kind() == EdgeKind::Evidence {
                *held.entry(edge.from().id()).or_default() += 1;
            }
            for id in edge.alerts() {
                if let Some(list) = edges.get_mut(id) {
                    list.push(edge);
                }
            }
        }
        let entities = case.incident.entities.iter().enumerate().map(|(at, line)| (line.id.as_str(), at)).collect();
        let filed = case.alerts.iter().filter_map(|alert| Some((alert.record.id.as_deref()?, alert))).collect();
        let actions = case.response.actions.iter().map(|action| (action.id.as_str(), action)).collect();
        View { case, page, alerts, entities, filed, actions, edges, held }
    }

    /// Where an alert stands among the lines, a repeat where it is folded.
    pub(super) fn alert_at(&self, id: &str) -> Option<(usize, &'c AlertLine)> {
        let at = *self.alerts.get(id)?;
        Some((at, self.case.incident.alerts.get(at)?))
    }

    /// Where an entity stands among the lines.
    pub(super) fn entity_at(&self, id: &str) -> Option<(usize, &'c EntityLine)> {
        let at = *self.entities.get(id)?;
        Some((at, self.case.incident.entities.get(at)?))
    }

    /// How many entities an alert holds.
    pub(super) fn holds(&self, id: &str) -> usize {
        self.held.get(id).copied().unwrap_or(0)
    }

    pub(super) fn record(&self, id: &str) -> Option<&'c Alert> {
        self.filed.get(id).map(|alert| &alert.record)
    }

    pub(super) fn action(&self, id: &str) -> Option<&'c Action> {
        self.actions.get(id).copied()
    }

    /// What an alert states, evidence or relations; empty for alerts whose details the page does not hold.
    pub(super) fn stated(&self, id: &str, evidence: bool) -> impl Iterator<Item = Edge<'c>> + '_ {
        let list = self.edges.get(id).into_iter().flatten();
        list.filter(move |edge| (edge.kind() == EdgeKind::Evidence) == evidence).copied()
    }

    /// Entities of these kinds, the worst first.
    pub(super) fn of_kinds<'v>(&'v self, kinds: &'v [EntityKind]) -> impl Iterator<Item = &'c EntityLine> + 'v {
        self.case.incident.entities.iter().filter(move |line| kinds.contains(&line.kind))
    }
}
