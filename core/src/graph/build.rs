//! From facts in any order to the one graph that they describe.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use petgraph::graph::NodeIndex;

use super::view::{EdgeData, EdgeKind, NodeData, NodeKind};
use super::{EntityGraph, Graph};
use crate::resolve::{EntityKind, Relation};

/// Collects the facts of one incident. They may come in any order, nodes after the edges that name
/// them included, and more than once.
#[derive(Debug, Clone, Default)]
pub struct GraphBuilder {
    ids: IndexMap<Arc<str>, Declared>,
    facts: Vec<Fact>,
}

/// What an id was said to be. Alerts and entities are apart: an id that is both is two nodes.
#[derive(Debug, Clone, Default)]
struct Declared {
    alert: Option<(Box<str>, Option<DateTime<Utc>>)>,
    entity: Option<(EntityKind, Box<str>)>,
}

/// A future edge. Numbers are positions in `ids`.
#[derive(Debug, Clone)]
struct Fact {
    from: usize,
    to: usize,
    kind: EdgeKind,
    alert: usize,
    time: Option<DateTime<Utc>>,
    roles: Vec<String>,
}

/// A fact whose ids are known. Derived order: the edge it belongs to, then its alert.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    edge: (NodeIndex, NodeIndex, EdgeKind),
    alert: NodeIndex,
    time: Option<DateTime<Utc>>,
    roles: Vec<String>,
}

impl GraphBuilder {
    /// No facts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An alert of the incident. Said twice, the earliest time and the first non-empty title in byte
    /// order count.
    pub fn alert(&mut self, id: &str, title: &str, time: Option<DateTime<Utc>>) -> &mut Self {
        let known = &mut self.declare(id).alert;
        match known {
            None => *known = Some((title.into(), time)),
            Some((name, first)) => {
                better_name(name, title);
                *first = match (*first, time) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
        }
        self
    }

    /// An entity. Said twice, the first kind (in the order of [`EntityKind::ALL`]) with the first
    /// non-empty name in byte order counts.
    pub fn entity(&mut self, id: &str, kind: EntityKind, name: &str) -> &mut Self {
        let known = &mut self.declare(id).entity;
        match known {
            None => *known = Some((kind, name.into())),
            Some((first, old)) => {
                *first = kind.min(*first);
                better_name(old, name);
            }
        }
        self
    }

    /// One alert says that one entity relates to another. The same relation in several alerts becomes
    /// one edge with all of them. Ids that are never declared are harmless: see
    /// [`EntityGraph::dangling`].
    pub fn relation(
        &mut self,
        from_entity_id: &str,
        relation: Relation,
        to_entity_id: &str,
        alert_id: &str,
        time: Option<DateTime<Utc>>,
    ) -> &mut Self {
        let fact = Fact {
            from: self.intern(from_entity_id),
            to: self.intern(to_entity_id),
            kind: EdgeKind::Relation(relation),
            alert: self.intern(alert_id),
            time,
            roles: Vec::new(),
        };
        self.facts.push(fact);
        self
    }

    /// An entity is evidence in an alert, in these roles. Said several times, the roles add up.
    pub fn occurrence(
        &mut self,
        alert_id: &str,
        entity_id: &str,
        roles: impl IntoIterator<Item: Into<String>>,
        time: Option<DateTime<Utc>>,
    ) -> &mut Self {
        let alert = self.intern(alert_id);
        let fact = Fact {
            from: alert,
            to: self.intern(entity_id),
            kind: EdgeKind::Evidence,
            alert,
            time,
            roles: roles.into_iter().map(Into::into).collect(),
        };
        self.facts.push(fact);
        self
    }

    /// The graph of these facts. O(n log n) for n facts.
    #[must_use]
    pub fn build(self) -> EntityGraph {
        let mut graph = Graph::with_capacity(self.ids.len(), self.facts.len());
        let (alerts, entities) = add_nodes(&mut graph, self.ids);
        let given = self.facts.len();
        let mut placed: Vec<Placed> = self
            .facts
            .into_iter()
            .filter_map(|fact| {
                let starts = if fact.kind == EdgeKind::Evidence { &alerts } else { &entities };
                let from = starts.get(fact.from).copied().flatten()?;
                let to = entities.get(fact.to).copied().flatten()?;
                let alert = alerts.get(fact.alert).copied().flatten()?;
                let edge = (from, to, fact.kind);
                Some(Placed { edge, alert, time: fact.time, roles: fact.roles })
            })
            .collect();
        let mut dangling = given - placed.len();
        placed.sort_unstable();
        for same in placed.chunk_by_mut(|a, b| a.edge == b.edge) {
            dangling += add_edge(&mut graph, same);
        }
        EntityGraph::from_sorted(graph, dangling)
    }

    fn intern(&mut self, id: &str) -> usize {
        match self.ids.get_index_of(id) {
            Some(at) => at,
            None => self.ids.insert_full(id.into(), Declared::default()).0,
        }
    }

    fn declare(&mut self, id: &str) -> &mut Declared {
        self.ids.entry(id.into()).or_default()
    }
}

fn better_name(name: &mut Box<str>, other: &str) {
    if name.is_empty() || (!other.is_empty() && *other < **name) {
        *name = other.into();
    }
}

/// Node by position of its id, if it was declared.
type Nodes = Vec<Option<NodeIndex>>;

/// Adds the declared nodes in order; gives the alerts and the entities among them.
fn add_nodes(graph: &mut Graph, ids: IndexMap<Arc<str>, Declared>) -> (Nodes, Nodes) {
    let (mut alerts, mut entities) = (vec![None; ids.len()], vec![None; ids.len()]);
    let mut nodes = Vec::with_capacity(ids.len());
    for (at, (id, declared)) in ids.into_iter().enumerate() {
        if let Some((name, time)) = declared.alert {
            nodes.push((NodeData { kind: NodeKind::Alert, id: Arc::clone(&id), name, time }, at));
        }
        if let Some((kind, name)) = declared.entity {
            nodes.push((NodeData { kind: NodeKind::Entity(kind), id, name, time: None }, at));
        }
    }
    nodes.sort_unstable_by(|(a, _), (b, _)| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    for (node, at) in nodes {
        let list = if node.kind == NodeKind::Alert { &mut alerts } else { &mut entities };
        if let Some(place) = list.get_mut(at) {
            // More nodes than fit into the graph (2³² - 1) are as if they had not been declared.
            *place = graph.try_add_node(Arc::new(node)).ok();
        }
    }
    (alerts, entities)
}

/// Adds the one edge of facts that agree on it; gives how many found no place in the graph.
fn add_edge(graph: &mut Graph, same: &mut [Placed]) -> usize {
    let Some((from, to, kind)) = same.first().map(|fact| fact.edge) else {
        return 0;
    };
    let (Some(start), Some(end)) = (graph.node_weight(from), graph.node_weight(to)) else {
        return same.len();
    };
    let (start, end) = (Arc::clone(start), Arc::clone(end));
    let first = same.iter().filter_map(|fact| fact.time).min();
    let last = same.iter().filter_map(|fact| fact.time).max();
    let mut roles: Vec<String> = same.iter_mut().flat_map(|fact| fact.roles.drain(..)).collect();
    roles.sort_unstable();
    roles.dedup();
    // Facts of one edge are sorted by alert, and alerts by id.
    let alerts = same.chunk_by(|a, b| a.alert == b.alert).filter_map(|facts| facts.first());
    let alerts = alerts.filter_map(|fact| graph.node_weight(fact.alert)).map(|alert| Arc::clone(&alert.id)).collect();
    let edge = EdgeData { from: start, to: end, kind, roles, seen: first.zip(last), alerts };
    match graph.try_add_edge(from, to, Arc::new(edge)) {
        Ok(_) => 0,
        Err(_) => same.len(),
    }
}
