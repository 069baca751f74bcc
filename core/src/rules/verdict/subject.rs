//! What a verdict rule looks at: an entity, an alert or the incident, with its neighbours along paths.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::Limits;
use super::fields::{Datum, Fields};
use super::path::{self, Count, Kinds, Step};
use crate::judge::Scene;
use crate::resolve::EntityKind;
use crate::rules::record::{Record, Scalar};

/// Something that has fields; by local ids of the scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Entity(u32),
    Alert(u32),
    Incident,
}

/// One end of an arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub(super) entity: u32,
    pub(super) alert: u32,
    pub(super) arc: u32,
    /// The arc begins here.
    pub(super) forward: bool,
}

/// One incident laid out for rules.
#[derive(Debug)]
pub(super) struct Case<'c> {
    pub(super) scene: &'c Scene,
    pub(super) limits: &'c Limits,
    /// Per entity: its fields in each alert that holds it, as far as a limit allows, in their order.
    pub(super) views: Vec<Vec<(u32, Fields)>>,
    /// Per entity that several alerts hold: all of its fields.
    pub(super) merged: Vec<Option<Fields>>,
    /// Per alert.
    pub(super) alerts: Vec<Fields>,
    /// Of the incident.
    pub(super) incident: Fields,
    /// Detector of each alert.
    pub(super) detectors: Vec<Option<u32>>,
    /// Both ends of every arc, by entity, then alert.
    pub(super) arcs: Vec<End>,
    /// `(alert, entity)`, sorted, each once; and the other way round.
    pub(super) members: Vec<(u32, u32)>,
    pub(super) holders: Vec<(u32, u32)>,
    /// Neighbours that may still be looked at.
    pub(super) work: Cell<u64>,
    /// The limit that kept neighbours out of sight.
    pub(super) reached: Cell<Option<&'static str>>,
    /// Alerts that were looked at, while somebody wants to know.
    pub(super) looked: RefCell<Option<BTreeSet<u32>>>,
    pub(super) empty: Fields,
}

impl Case<'_> {
    pub(super) fn kind(&self, entity: u32) -> EntityKind {
        self.scene.kinds.get(entity as usize).map_or(EntityKind::Other, |(kind, _)| *kind)
    }

    /// Alerts that hold an entity, in their order.
    pub(super) fn alerts_of(&self, entity: u32) -> impl Iterator<Item = u32> {
        let from = self.holders.partition_point(|(e, _)| *e < entity);
        let holders = self.holders.get(from..).unwrap_or_default();
        holders.iter().take_while(move |(e, _)| *e == entity).map(|(_, alert)| *alert)
    }

    pub(super) fn views_of(&self, entity: u32) -> &[(u32, Fields)] {
        self.views.get(entity as usize).map_or(&[], Vec::as_slice)
    }

    /// Notes which alerts say what a node is.
    fn look(&self, node: Node, view: Option<u32>) {
        if let Some(looked) = self.looked.borrow_mut().as_mut() {
            match (node, view) {
                (_, Some(alert)) | (Node::Alert(alert), None) => looked.extend([alert]),
                (Node::Entity(entity), None) => looked.extend(self.alerts_of(entity)),
                (Node::Incident, None) => looked.extend(0..self.alerts.len() as u32),
            }
        }
    }

    fn fields(&self, node: Node, view: Option<u32>) -> &Fields {
        match (node, view) {
            (Node::Entity(entity), Some(alert)) => {
                let parts = self.views_of(entity);
                let at = parts.binary_search_by_key(&alert, |(a, _)| *a).ok();
                at.and_then(|at| parts.get(at)).map_or(&self.empty, |(_, fields)| fields)
            }
            (Node::Entity(entity), None) => {
                let merged = self.merged.get(entity as usize).and_then(Option::as_ref);
                merged.or_else(|| self.views_of(entity).first().map(|(_, fields)| fields)).unwrap_or(&self.empty)
            }
            (Node::Alert(alert), _) => self.alerts.get(alert as usize).unwrap_or(&self.empty),
            (Node::Incident, Some(alert)) => self.alerts.get(alert as usize).unwrap_or(&self.empty),
            (Node::Incident, None) => &self.incident,
        }
    }

    /// Up to `most` neighbours one step away, sorted, each once, as seen in `view`.
    fn neighbours(&self, node: Node, step: Step, view: Option<u32>, most: usize) -> BTreeSet<Node> {
        let seen = |alert: u32| view.is_none_or(|view| view == alert);
        let wanted = |kinds: Kinds, entity: u32| kinds.has(self.kind(entity));
        match (node, step) {
            (_, Step::Incident) => [Node::Incident].into(),
            (Node::Alert(alert), Step::Alert) => [Node::Alert(alert)].into(),
            (Node::Entity(entity), Step::Alert) => {
                let alerts = self.alerts_of(entity);
                self.gather(alerts.map(|alert| seen(alert).then_some(Node::Alert(alert))), most)
            }
            (Node::Incident, Step::Alert) => {
                let alerts = 0..self.alerts.len() as u32;
                self.gather(alerts.map(|alert| seen(alert).then_some(Node::Alert(alert))), most)
            }
            (Node::Alert(_) | Node::Incident, Step::To(kinds)) => {
                let alert = if let Node::Alert(alert) = node { Some(alert) } else { view };
                let from = alert.map_or(0, |alert| self.members.partition_point(|(a, _)| *a < alert));
                let members = self.members.get(from..).unwrap_or_default().iter();
                let members = members.take_while(|(a, _)| alert.is_none_or(|alert| alert == *a));
                self.gather(members.map(|(_, e)| wanted(kinds, *e).then_some(Node::Entity(*e))), most)
            }
            (Node::Alert(_) | Node::Incident, Step::Along(..)) => BTreeSet::new(),
            (Node::Entity(entity), Step::To(kinds) | Step::Along(_, _, kinds)) => {
                let start = (entity, view.unwrap_or(0));
                let from = self.arcs.partition_point(|end| (end.entity, end.alert) < start);
                let ends = self.arcs.get(from..).unwrap_or_default().iter();
                let ends = ends.take_while(|end| end.entity == entity && seen(end.alert));
                let neighbours = ends.map(|end| {
                    let arc = self.scene.arcs.get(end.arc as usize)?;
                    let fits = match step {
                        Step::Along(relation, along, _) => arc.relation == relation && along == end.forward,
                        _ => true,
                    };
                    let other = if end.forward { arc.to } else { arc.from };
                    (fits && wanted(kinds, other)).then_some(Node::Entity(other))
                });
                self.gather(neighbours, most)
            }
        }
    }

    /// The first `most` of the nodes, as far as the work that an incident may cost allows.
    fn gather(&self, nodes: impl Iterator<Item = Option<Node>>, most: usize) -> BTreeSet<Node> {
        let mut found = BTreeSet::new();
        for node in nodes {
            let Some(left) = self.work.get().checked_sub(1) else {
                self.reached.set(Some("rules.pathWork"));
                break;
            };
            self.work.set(left);
            if let Some(node) = node
                && !found.contains(&node)
            {
                if found.len() >= most {
                    self.reached.set(Some("rules.pathNeighbours"));
                    break;
                }
                found.insert(node);
            }
        }
        found
    }
}

/// A node as one alert shows it, or as all do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'c> {
    pub(super) case: &'c Case<'c>,
    pub(super) node: Node,
    pub(super) view: Option<u32>,
}

impl Subject<'_> {
    fn count(&self, count: Count) -> i64 {
        let reach = |step| self.case.neighbours(self.node, step, self.view, self.case.limits.counted);
        let count = match count {
            Count::Neighbours(step) => reach(step).len(),
            Count::Detectors => {
                let detectors = reach(Step::Alert).into_iter().filter_map(|node| match node {
                    Node::Alert(alert) => self.case.detectors.get(alert as usize).copied().flatten(),
                    _ => None,
                });
                detectors.collect::<BTreeSet<_>>().len()
            }
        };
        count as i64
    }
}

impl Record for Subject<'_> {
    fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool {
        let mut present = false;
        // Where the path has come to, and what of the name is left there.
        let mut at: Vec<Node> = vec![self.node];
        let mut rest = field;
        loop {
            for node in &at {
                self.case.look(*node, self.view);
                let here = Subject { node: *node, ..*self };
                if let Some(count) = path::count(rest) {
                    each(Scalar::Int(here.count(count)));
                    present = true;
                } else if let (Node::Entity(entity), true) = (*node, rest.eq_ignore_ascii_case("kind")) {
                    each(Scalar::Text(self.case.kind(entity).as_str()));
                    present = true;
                } else if let Some(values) = self.case.fields(*node, self.view).get(rest) {
                    values.iter().map(Datum::scalar).for_each(&mut *each);
                    present = true;
                }
            }
            let Some((step, after)) = path::split(rest) else { break };
            let most = self.case.limits.neighbours;
            let mut next = BTreeSet::new();
            for node in &at {
                next.append(&mut self.case.neighbours(*node, step, self.view, most));
            }
            if next.len() > most {
                self.case.reached.set(Some("rules.pathNeighbours"));
                next = next.into_iter().take(most).collect();
            }
            if next.is_empty() {
                break;
            }
            (at, rest) = (next.into_iter().collect(), after);
        }
        present
    }

    fn all_values<'r>(&'r self, each: &mut dyn FnMut(Scalar<'r>)) {
        self.case.look(self.node, self.view);
        self.case.fields(self.node, self.view).all().map(Datum::scalar).for_each(each);
    }
}
