//! Cutting: smaller graphs that share their nodes and edges with the graph they come from.

use chrono::{DateTime, Utc};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::EntityGraph;
use super::view::{EdgeData, NodeData, NodeKind};
use crate::resolve::EntityKind;

impl EntityGraph {
    /// The nodes of the kinds that `keep` accepts, and the edges between them. O(V + E).
    #[must_use]
    pub fn subgraph(&self, mut keep: impl FnMut(NodeKind) -> bool) -> EntityGraph {
        self.cut(|_, node| keep(node.kind), |_| true)
    }

    /// The entities of these kinds, no alerts, and the edges between them, which still know the alerts
    /// they come from. O(V + E).
    #[must_use]
    pub fn subgraph_of_kinds(&self, kinds: &[EntityKind]) -> EntityGraph {
        self.subgraph(|kind| matches!(kind, NodeKind::Entity(kind) if kinds.contains(&kind)))
    }

    /// What was seen between two times, both included: the edges whose first to last time meets that
    /// range, unchanged, and all undated edges; the ends of these edges; alerts of that time; and nodes
    /// that nothing dates. O(V + E).
    #[must_use]
    pub fn time_slice(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> EntityGraph {
        let meets = |first, last| from <= to && first <= to && from <= last;
        let keep = |edge: &EdgeData| edge.seen.is_none_or(|(first, last)| meets(first, last));
        let graph = &self.inner.graph;
        // Per node: is it kept for one of its edges, does one of its edges date it?
        let mut marks = vec![(false, false); graph.node_count()];
        for edge in graph.edge_references() {
            for end in [edge.source(), edge.target()] {
                if let Some((kept, dated)) = marks.get_mut(end.index()) {
                    *kept |= keep(edge.weight());
                    *dated |= edge.weight().seen.is_some();
                }
            }
        }
        let keep_node = |at: NodeIndex, node: &NodeData| {
            let (kept, dated) = marks.get(at.index()).copied().unwrap_or_default();
            kept || node.time.map_or(!dated, |time| meets(time, time))
        };
        self.cut(keep_node, keep)
    }

    fn cut(
        &self,
        mut keep_node: impl FnMut(NodeIndex, &NodeData) -> bool,
        keep_edge: impl Fn(&EdgeData) -> bool,
    ) -> EntityGraph {
        let graph = self.inner.graph.filter_map(
            |at, node| keep_node(at, node).then(|| node.clone()),
            |_, edge| keep_edge(edge).then(|| edge.clone()),
        );
        // INVARIANT: filter_map keeps the order of nodes and of edges.
        EntityGraph::from_sorted(graph, self.inner.dangling)
    }
}
