//! Walking: single steps, shortest paths, blast radius. Breadth first, never recursive.

use std::collections::hash_map::{Entry, HashMap};
use std::collections::{HashSet, VecDeque};

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::EntityGraph;
use super::view::{Direction, Edge, EntityPath, Neighbour, Node, NodeKind};

impl EntityGraph {
    /// Every edge of a node with the node it leads to, unsorted.
    pub(super) fn steps(&self, at: NodeIndex) -> impl Iterator<Item = (NodeIndex, Neighbour<'_>)> {
        use petgraph::Direction::{Incoming, Outgoing};
        let graph = &self.inner.graph;
        let outgoing = graph.edges_directed(at, Outgoing).map(|edge| {
            let direction = Direction::Outgoing;
            (edge.target(), Neighbour { edge: Edge(edge.weight()), direction })
        });
        let incoming = graph.edges_directed(at, Incoming).filter(move |edge| edge.source() != at);
        outgoing.chain(incoming.map(|edge| {
            let direction = Direction::Incoming;
            (edge.source(), Neighbour { edge: Edge(edge.weight()), direction })
        }))
    }

    /// The shortest path between two nodes along edges of every kind in both directions, alerts
    /// included; `None` if there is none of at most `max_length` edges, or an id is unknown. Of several
    /// shortest paths it is the one whose ids come first in byte order; of parallel edges, the first as
    /// [`neighbours`](EntityGraph::neighbours) sorts them.
    ///
    /// O(edges of the nodes that are nearer to `to` than `from` is).
    #[must_use]
    pub fn paths(&self, from: &str, to: &str, max_length: usize) -> Option<EntityPath<'_>> {
        let (start, goal) = (self.find(from)?, self.find(to)?);
        let distances = self.distances(goal, start, max_length)?;
        let mut here = start;
        let mut left = *distances.get(&start)?;
        let mut steps = Vec::with_capacity(left);
        while left > 0 {
            left -= 1;
            let nearer = self.steps(here).filter(|(next, _)| distances.get(next) == Some(&left));
            let (next, step) = nearer
                .min_by(|(_, a), (_, b)| a.node().id().cmp(b.node().id()).then_with(|| a.rank().cmp(&b.rank())))?;
            steps.push(step);
            here = next;
        }
        let start = self.inner.graph.node_weight(start).map(|node| Node(node))?;
        Some(EntityPath { start, steps })
    }

    /// Distances to `goal` of at least all nodes nearer than `start`, and of `start`.
    fn distances(&self, goal: NodeIndex, start: NodeIndex, max_length: usize) -> Option<HashMap<NodeIndex, usize>> {
        let mut distances = HashMap::from([(goal, 0)]);
        let mut queue = VecDeque::from([(goal, 0)]);
        if goal == start {
            return Some(distances);
        }
        while let Some((here, distance)) = queue.pop_front() {
            if distance == max_length {
                return None;
            }
            for (next, _) in self.steps(here) {
                if let Entry::Vacant(place) = distances.entry(next) {
                    place.insert(distance + 1);
                    queue.push_back((next, distance + 1));
                }
            }
            if distances.contains_key(&start) {
                return Some(distances);
            }
        }
        None
    }

    /// What can be reached from a node in at most `depth` relations, walked in both directions, with
    /// its distance; nearest first, then in the order of [`nodes`](EntityGraph::nodes). The node itself
    /// is there with distance zero; the answer for an unknown id is empty.
    ///
    /// Alerts are never passed through: that two things stand in one alert does not connect them. From
    /// an alert, the first step leads to its evidence.
    ///
    /// O(r log r + edges of the nodes reached) for r nodes reached.
    #[must_use]
    pub fn blast_radius(&self, id: &str, depth: usize) -> Vec<(usize, Node<'_>)> {
        let Some(start) = self.find(id) else {
            return Vec::new();
        };
        let mut reached = HashSet::from([start]);
        let mut order = vec![(0, start)];
        let mut queue = VecDeque::from([(0, start)]);
        while let Some((distance, here)) = queue.pop_front() {
            if distance >= depth {
                break;
            }
            for (next, step) in self.steps(here) {
                // Only an alert where the walk starts has outgoing evidence here.
                if step.node().kind() != NodeKind::Alert && reached.insert(next) {
                    order.push((distance + 1, next));
                    queue.push_back((distance + 1, next));
                }
            }
        }
        // INVARIANT: indices are in the order of nodes().
        order.sort_unstable();
        let node = |at| self.inner.graph.node_weight(at).map(|node| Node(node));
        order.into_iter().filter_map(|(distance, at)| Some((distance, node(at)?))).collect()
    }
}
