//! The nouns: nodes, edges, neighbours and paths, as views that borrow from the graph.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::resolve::{EntityKind, Relation};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NodeKind {
    /// An alert of the incident.
    Alert,
    /// A thing that alerts mention.
    Entity(EntityKind),
}

impl NodeKind {
    /// `alert`, or the name of the entity's kind, as in `"kind": "device"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            NodeKind::Alert => "alert",
            NodeKind::Entity(kind) => kind.as_str(),
        }
    }
}

/// What an edge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EdgeKind {
    /// Entity → entity.
    Relation(Relation),
    /// Alert → an entity that is evidence in it.
    Evidence,
}

impl EdgeKind {
    /// The name of the relation, or `evidence`, as in `"relation": "parent"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            EdgeKind::Relation(relation) => relation.as_str(),
            EdgeKind::Evidence => "evidence",
        }
    }
}

/// Which way an edge is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From where the edge starts to where it ends.
    Outgoing,
    /// From where the edge ends to where it starts.
    Incoming,
}

#[derive(Debug)]
pub(super) struct NodeData {
    pub(super) kind: NodeKind,
    pub(super) id: Arc<str>,
    pub(super) name: Box<str>,
    pub(super) time: Option<DateTime<Utc>>,
}

#[derive(Debug)]
pub(super) struct EdgeData {
    pub(super) from: Arc<NodeData>,
    pub(super) to: Arc<NodeData>,
    pub(super) kind: EdgeKind,
    /// Sorted, no duplicates, as are `alerts`.
    pub(super) roles: Vec<String>,
    /// First and last time.
    pub(super) seen: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub(super) alerts: Vec<Arc<str>>,
}

/// An alert or an entity.
#[derive(Debug, Clone, Copy)]
pub struct Node<'g>(pub(super) &'g NodeData);

impl<'g> Node<'g> {
    /// The id it was given to the builder with.
    #[must_use]
    pub fn id(self) -> &'g str {
        &self.0.id
    }

    /// An alert, or which kind of entity.
    #[must_use]
    pub fn kind(self) -> NodeKind {
        self.0.kind
    }

    /// The title of an alert, the display name of an entity. Attackers write these: escape them.
    #[must_use]
    pub fn name(self) -> &'g str {
        &self.0.name
    }

    /// The time of an alert. Entities have none; their edges do.
    #[must_use]
    pub fn time(self) -> Option<DateTime<Utc>> {
        self.0.time
    }

    pub(super) fn rank(self) -> (NodeKind, &'g str) {
        (self.0.kind, &self.0.id)
    }
}

/// Equal when kind and id are.
impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Node<'_> {}

/// A typed, directed statement about two nodes, with its time and provenance.
#[derive(Debug, Clone, Copy)]
pub struct Edge<'g>(pub(super) &'g EdgeData);

impl<'g> Edge<'g> {
    /// Where it starts.
    #[must_use]
    pub fn from(self) -> Node<'g> {
        Node(&self.0.from)
    }

    /// Where it ends.
    #[must_use]
    pub fn to(self) -> Node<'g> {
        Node(&self.0.to)
    }

    /// What it says.
    #[must_use]
    pub fn kind(self) -> EdgeKind {
        self.0.kind
    }

    /// The roles of the entity in the alert, sorted; empty for relations.
    #[must_use]
    pub fn roles(self) -> &'g [String] {
        &self.0.roles
    }

    /// When it was first seen; `None` when none of its alerts dates it.
    #[must_use]
    pub fn first(self) -> Option<DateTime<Utc>> {
        self.0.seen.map(|(first, _)| first)
    }

    /// When it was last seen; `None` when none of its alerts dates it.
    #[must_use]
    pub fn last(self) -> Option<DateTime<Utc>> {
        self.0.seen.map(|(_, last)| last)
    }

    /// The ids of the alerts that say so, sorted, each once, never none.
    pub fn alerts(self) -> impl ExactSizeIterator<Item = &'g str> {
        self.0.alerts.iter().map(|id| &**id)
    }
}

/// An edge as seen from one of its ends.
#[derive(Debug, Clone, Copy)]
pub struct Neighbour<'g> {
    pub(super) edge: Edge<'g>,
    pub(super) direction: Direction,
}

impl<'g> Neighbour<'g> {
    /// The edge.
    #[must_use]
    pub fn edge(self) -> Edge<'g> {
        self.edge
    }

    /// Whether the edge leaves the node that was asked about or arrives there.
    #[must_use]
    pub fn direction(self) -> Direction {
        self.direction
    }

    /// The node at the other end.
    #[must_use]
    pub fn node(self) -> Node<'g> {
        match self.direction {
            Direction::Outgoing => self.edge.to(),
            Direction::Incoming => self.edge.from(),
        }
    }

    pub(super) fn rank(self) -> (Direction, EdgeKind, (NodeKind, &'g str)) {
        (self.direction, self.edge.kind(), self.node().rank())
    }
}

/// A path from one node to another.
#[derive(Debug, Clone)]
pub struct EntityPath<'g> {
    pub(super) start: Node<'g>,
    pub(super) steps: Vec<Neighbour<'g>>,
}

impl<'g> EntityPath<'g> {
    /// How many edges it has; zero from a node to itself.
    #[must_use]
    pub fn length(&self) -> usize {
        self.steps.len()
    }

    /// Every node on it, both ends included.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'g>> {
        std::iter::once(self.start).chain(self.steps.iter().map(|step| step.node()))
    }

    /// Every edge on it in walking order, each with the direction it is walked in and the node reached.
    #[must_use]
    pub fn steps(&self) -> &[Neighbour<'g>] {
        &self.steps
    }
}
