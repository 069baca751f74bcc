//! Process trees: which process started which, made a forest whatever the input claims.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use petgraph::Direction::Outgoing;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::view::{EdgeKind, Node, NodeData, NodeKind};
use super::{EntityGraph, Graph};
use crate::resolve::{EntityKind, Relation};

/// A process and all that it started, directly or not.
#[derive(Debug, Clone)]
pub struct ProcessTree<'g> {
    root: Node<'g>,
    processes: Vec<TreeProcess<'g>>,
}

impl<'g> ProcessTree<'g> {
    /// The ancestor of all others.
    #[must_use]
    pub fn root(&self) -> Node<'g> {
        self.root
    }

    /// Every process once, depth first: each stands before the processes it started, and they are
    /// sorted by time (undated last), then by id. The first is the root.
    #[must_use]
    pub fn processes(&self) -> &[TreeProcess<'g>] {
        &self.processes
    }
}

/// A process in a [`ProcessTree`].
#[derive(Debug, Clone, Copy)]
pub struct TreeProcess<'g> {
    node: Node<'g>,
    parent: Option<Node<'g>>,
    depth: usize,
    time: Option<DateTime<Utc>>,
}

impl<'g> TreeProcess<'g> {
    /// The process.
    #[must_use]
    pub fn node(self) -> Node<'g> {
        self.node
    }

    /// The process that started it; `None` for the root.
    #[must_use]
    pub fn parent(self) -> Option<Node<'g>> {
        self.parent
    }

    /// How far below the root it is.
    #[must_use]
    pub fn depth(self) -> usize {
        self.depth
    }

    /// When its start was first seen: the first time of its edge to the parent. Roots have none, unless
    /// their claimed parent is among their own descendants.
    #[must_use]
    pub fn time(self) -> Option<DateTime<Utc>> {
        self.time
    }
}

/// The forest over all processes of a graph; made once, when first asked for.
pub(super) struct Forest {
    processes: IndexMap<NodeIndex, Process>,
    roots: Vec<NodeIndex>,
}

struct Process {
    data: Arc<NodeData>,
    parent: Option<NodeIndex>,
    time: Option<DateTime<Utc>>,
    children: Vec<NodeIndex>,
}

/// Earliest first, undated last, then by id.
type Rank<'a> = (bool, Option<DateTime<Utc>>, &'a str);

fn rank(time: Option<DateTime<Utc>>, node: &NodeData) -> Rank<'_> {
    (time.is_none(), time, &node.id)
}

const PROCESS: NodeKind = NodeKind::Entity(EntityKind::Process);
const PARENT: EdgeKind = EdgeKind::Relation(Relation::Parent);

impl Forest {
    fn new(graph: &Graph) -> Forest {
        let nodes = graph.node_indices().zip(graph.node_weights());
        let processes = nodes.filter(|(_, node)| node.kind == PROCESS).map(|(at, node)| {
            let (parent, time) = parent_of(graph, at).unzip();
            let (data, time) = (Arc::clone(node), time.flatten());
            (at, Process { data, parent, time, children: Vec::new() })
        });
        let mut forest = Forest { processes: processes.collect(), roots: Vec::new() };
        forest.cut_cycles();
        forest.add_children();
        forest
    }

    fn rank(&self, at: NodeIndex) -> Option<Rank<'_>> {
        self.processes.get(&at).map(|process| rank(process.time, &process.data))
    }

    fn parent(&self, at: NodeIndex) -> Option<NodeIndex> {
        self.processes.get(&at)?.parent
    }

    /// Takes the parent from the earliest process of each cycle. Every process is walked over at most
    /// twice.
    fn cut_cycles(&mut self) {
        let mut walks: HashMap<NodeIndex, usize> = HashMap::with_capacity(self.processes.len());
        let starts: Vec<NodeIndex> = self.processes.keys().copied().collect();
        for (walk, start) in starts.into_iter().enumerate() {
            let mut next = Some(start);
            while let Some(here) = next {
                match walks.entry(here) {
                    Entry::Vacant(place) => {
                        place.insert(walk);
                        next = self.parent(here);
                    }
                    Entry::Occupied(earlier) => {
                        if *earlier.get() == walk {
                            self.cut_cycle(here);
                        }
                        next = None;
                    }
                }
            }
        }
    }

    /// INVARIANT: following the parents of `member` leads back to it.
    fn cut_cycle(&mut self, member: NodeIndex) {
        let others = std::iter::successors(self.parent(member), |at| self.parent(*at));
        let cycle = std::iter::once(member).chain(others.take_while(|at| *at != member));
        let first = cycle.min_by_key(|at| self.rank(*at));
        if let Some(process) = first.and_then(|first| self.processes.get_mut(&first)) {
            process.parent = None;
        }
    }

    fn add_children(&mut self) {
        let mut order: Vec<NodeIndex> = self.processes.keys().copied().collect();
        order.sort_by(|a, b| self.rank(*a).cmp(&self.rank(*b)));
        for at in order {
            match self.parent(at) {
                Some(parent) => {
                    if let Some(parent) = self.processes.get_mut(&parent) {
                        parent.children.push(at);
                    }
                }
                None => self.roots.push(at),
            }
        }
        // Nobody saw most roots start; the first that they started tells how early they are.
        let mut roots = std::mem::take(&mut self.roots);
        roots.sort_by(|a, b| self.root_rank(*a).cmp(&self.root_rank(*b)));
        self.roots = roots;
    }

    fn root_rank(&self, root: NodeIndex) -> Option<Rank<'_>> {
        let process = self.processes.get(&root)?;
        let child = process.children.first().and_then(|child| self.processes.get(child)?.time);
        let first = process.time.into_iter().chain(child).min();
        Some(rank(first, &process.data))
    }

    fn root_of(&self, process: NodeIndex) -> NodeIndex {
        let ancestors = std::iter::successors(Some(process), |at| self.parent(*at));
        ancestors.last().unwrap_or(process)
    }

    fn tree(&self, root: NodeIndex) -> Option<ProcessTree<'_>> {
        let mut processes = Vec::new();
        let mut stack = vec![(root, 0, None)];
        while let Some((at, depth, parent)) = stack.pop() {
            let Some(process) = self.processes.get(&at) else {
                continue;
            };
            let node = Node(&process.data);
            processes.push(TreeProcess { node, parent, depth, time: process.time });
            let children = process.children.iter().rev();
            stack.extend(children.map(|child| (*child, depth + 1, Some(node))));
        }
        Some(ProcessTree { root: processes.first()?.node, processes })
    }
}

/// The parent of a process and when it was first seen to be; the earliest of several.
fn parent_of(graph: &Graph, at: NodeIndex) -> Option<(NodeIndex, Option<DateTime<Utc>>)> {
    graph
        .edges_directed(at, Outgoing)
        .filter(|edge| edge.weight().kind == PARENT && edge.weight().to.kind == PROCESS)
        .filter(|edge| edge.target() != at)
        .map(|edge| (edge.target(), edge.weight()))
        .map(|(target, edge)| (target, edge.seen.map(|(first, _)| first), &edge.to))
        .min_by(|(_, a, x), (_, b, y)| rank(*a, x).cmp(&rank(*b, y)))
        .map(|(target, first, _)| (target, first))
}

impl EntityGraph {
    /// The tree that a process belongs to, from its earliest known ancestor down; `None` if there is no
    /// such process.
    ///
    /// Only [`Relation::Parent`] between processes counts. Each process has one place. Who is said to have several parents is under the one seen first
    /// (undated last, then by id); who is its own parent is a root; of a cycle, the process seen first
    /// is the root. The edges that lose are still among the [`edges`](EntityGraph::edges).
    ///
    /// O(V log V + E) once per graph, then O(size of the tree).
    #[must_use]
    pub fn process_tree(&self, process_id: &str) -> Option<ProcessTree<'_>> {
        let at = self.find(process_id)?;
        let forest = self.forest();
        forest.processes.get(&at)?;
        forest.tree(forest.root_of(at))
    }

    /// Every process in exactly one tree, processes without relatives included; sorted by the first
    /// time that the root or a child of it was seen to start (undated last), then by the root's id.
    ///
    /// O(V log V + E) once per graph, then O(processes).
    #[must_use]
    pub fn process_trees(&self) -> Vec<ProcessTree<'_>> {
        let forest = self.forest();
        forest.roots.iter().filter_map(|root| forest.tree(*root)).collect()
    }

    fn forest(&self) -> &Forest {
        self.inner.forest.get_or_init(|| Forest::new(&self.inner.graph))
    }
}
