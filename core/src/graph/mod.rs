//! Graph: what one incident is made of, and how its parts hang together.
//!
//! In: the alerts of one incident, their entities, relations and occurrences, in any order
//! ([`GraphBuilder`]). Out: an immutable [`EntityGraph`] that answers neighbours, paths, process trees,
//! blast radius, subgraphs and time slices, always in one fixed order. The nouns are in `view`, merging
//! in `build`, walking in `reach`, processes in `process`, cutting in `slice`, the wire form in `json`.
//! This folder must never know verdicts, rules, summaries, the casebook, or any vendor's format; and
//! nothing outside of it must ever see an index of petgraph.

mod build;
mod json;
mod process;
mod reach;
mod slice;
#[cfg(test)]
mod tests;
mod view;

use std::fmt;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use petgraph::graph::{DiGraph, NodeIndex};

pub use crate::resolve::{EntityKind, Relation};
pub use build::GraphBuilder;
pub use process::{ProcessTree, TreeProcess};
pub use view::{Direction, Edge, EdgeKind, EntityPath, Neighbour, Node, NodeKind};

use view::{EdgeData, NodeData};

type Graph = DiGraph<Arc<NodeData>, Arc<EdgeData>>;

/// The entity graph of one incident: alerts and entities, and typed, directed, dated edges that know
/// the alerts they come from.
///
/// It is immutable, cheap to clone and can be shared between threads. Equal facts give an equal graph
/// with equal JSON bytes, whatever the order they came in; every answer is sorted.
///
/// Everything that was seen is in the graph, also entities that every machine has and that never link
/// alerts (the SYSTEM account, private addresses, `svchost.exe`). Callers who do not want to walk
/// through them cut them out first, with a builder that leaves them out or with
/// [`subgraph`](EntityGraph::subgraph).
///
/// No verb recurses: chains of any length are harmless, and so are cycles and self-parents.
/// Below, V and E are the numbers of nodes and edges of this graph.
///
/// ```
/// use casegraph::graph::{EntityKind, GraphBuilder, Relation};
///
/// let mut facts = GraphBuilder::new();
/// facts.alert("a1", "Suspicious script", None);
/// facts.entity("process:7", EntityKind::Process, "powershell.exe");
/// facts.entity("device:1", EntityKind::Device, "pc-1");
/// facts.occurrence("a1", "process:7", ["attacker"], None);
/// facts.relation("process:7", Relation::On, "device:1", "a1", None);
/// let graph = facts.build();
///
/// let path = graph.paths("a1", "device:1", 5);
/// let names: Vec<&str> = path.iter().flat_map(|path| path.nodes()).map(|node| node.name()).collect();
/// assert_eq!(names, ["Suspicious script", "powershell.exe", "pc-1"]);
/// ```
#[derive(Clone)]
pub struct EntityGraph {
    inner: Arc<Inner>,
}

struct Inner {
    // INVARIANT: nodes stand in the order of (kind, id), edges in the order of (from, to, kind).
    graph: Graph,
    index: IndexMap<Arc<str>, NodeIndex>,
    dangling: usize,
    forest: OnceLock<process::Forest>,
}

impl EntityGraph {
    /// INVARIANT: `graph` is in the order that `Inner` promises.
    fn from_sorted(graph: Graph, dangling: usize) -> Self {
        let mut index = IndexMap::with_capacity(graph.node_count());
        for (at, node) in graph.node_indices().zip(graph.node_weights()) {
            // Alerts come first, so that an entity takes over the id of an alert.
            index.insert(Arc::clone(&node.id), at);
        }
        let inner = Inner { graph, index, dangling, forest: OnceLock::new() };
        EntityGraph { inner: Arc::new(inner) }
    }

    fn find(&self, id: &str) -> Option<NodeIndex> {
        self.inner.index.get(id).copied()
    }

    /// Every node: alerts first, then entities by kind; by id within a kind. O(V).
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        self.inner.graph.raw_nodes().iter().map(|node| Node(&node.weight))
    }

    /// Every edge, by the order of the nodes it comes from and goes to, then by kind. O(E).
    pub fn edges(&self) -> impl ExactSizeIterator<Item = Edge<'_>> {
        self.inner.graph.raw_edges().iter().map(|edge| Edge(&edge.weight))
    }

    /// The node with this id. Should an alert and an entity have the same id, the entity, here and in
    /// every other verb. O(1).
    #[must_use]
    pub fn node(&self, id: &str) -> Option<Node<'_>> {
        let at = self.find(id)?;
        self.inner.graph.node_weight(at).map(|node| Node(node))
    }

    /// How many relations and occurrences were left out because they name an alert or entity that the
    /// builder was not given. Subgraphs and slices keep the number of the graph they were cut from.
    #[must_use]
    pub fn dangling(&self) -> usize {
        self.inner.dangling
    }

    /// The edges of a node in both directions: outgoing before incoming, then by kind and by the node
    /// at the other end. An edge from a node to itself is given once, as outgoing. Empty for an
    /// unknown id. O(d log d) for d edges.
    #[must_use]
    pub fn neighbours(&self, id: &str) -> Vec<Neighbour<'_>> {
        let Some(at) = self.find(id) else {
            return Vec::new();
        };
        let mut found: Vec<_> = self.steps(at).map(|(_, neighbour)| neighbour).collect();
        found.sort_unstable_by(|a, b| a.rank().cmp(&b.rank()));
        found
    }
}

impl fmt::Debug for EntityGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntityGraph")
            .field("nodes", &self.inner.graph.node_count())
            .field("edges", &self.inner.graph.edge_count())
            .field("dangling", &self.inner.dangling)
            .finish()
    }
}
