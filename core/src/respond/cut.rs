//! The cheapest removals that part sources from targets in a directed graph.
//!
//! In: a [`Network`] of nodes and edges, each with the price of its removal or none, and which nodes are
//! sources and targets. Out: a [`Cut`] with its proof: as many units of flow as the cut costs, each along
//! a path that the network really has. By weak duality no cheaper cut can exist, so [`Network::check`] goes over
//! both without the solver.
//!
//! The answer does not depend on the order in which nodes and edges are given, and of several cheapest
//! cuts it is the one nearest to the sources. This file must never know what the nodes stand for.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: numbers of nodes and edges come from the layout they index")]

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU32;

use petgraph::algo::dinics;
use petgraph::graph::DiGraph;
use petgraph::visit::EdgeRef;

/// What a removal costs; without a price it cannot be removed.
pub(crate) type Price = Option<NonZeroU32>;

/// A directed graph with prices, in the order of its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Network {
    nodes: BTreeMap<String, NodeData>,
    /// By (from, to, what leads there).
    edges: BTreeMap<(String, String, String), Price>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct NodeData {
    price: Price,
    source: bool,
    target: bool,
}

/// Something that can be removed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Node(String),
    Edge { from: String, to: String, by: String },
}

/// A path: where it begins, and what leads on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) start: String,
    /// What leads on, and where.
    pub(crate) steps: Vec<(String, String)>,
}

impl Route {
    /// Where it ends.
    pub(crate) fn end(&self) -> &str {
        self.steps.last().map_or(&self.start, |(_, to)| to)
    }
}

/// The cheapest removals, and why none are cheaper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// What to remove, with its price; nodes before edges, by key.
    pub(crate) removals: Vec<(Part, u32)>,
    /// The sum of the prices.
    pub(crate) cost: u64,
    /// Paths that share no more of a node or edge than its price: together they need as much as the cut costs.
    pub(crate) flow: Vec<(Route, u64)>,
    /// For each target that no removal parts from the sources a shortest path on which nothing can be removed.
    pub(crate) open: Vec<Route>,
}

impl Network {
    /// A node. Given twice, it has the lower price.
    pub(crate) fn node(&mut self, key: &str, price: Price) {
        let data = self.nodes.entry(key.to_owned()).or_default();
        data.price = lower(data.price, price);
    }

    /// An edge. Given twice, it has the lower price; ends that are no nodes yet become such, without a price.
    pub(crate) fn edge(&mut self, from: &str, to: &str, by: &str, price: Price) {
        for end in [from, to] {
            self.nodes.entry(end.to_owned()).or_default();
        }
        let known = self.edges.entry((from.to_owned(), to.to_owned(), by.to_owned())).or_default();
        *known = lower(*known, price);
    }

    pub(crate) fn source(&mut self, key: &str) {
        self.nodes.entry(key.to_owned()).or_default().source = true;
    }

    pub(crate) fn target(&mut self, key: &str) {
        self.nodes.entry(key.to_owned()).or_default().target = true;
    }

    /// The cheapest cut. A node that is removed is neither reached nor passed, whether source, target or between.
    ///
    /// `O(V² × E)` at worst, in practice near `O(cost × (V + E))`.
    pub(crate) fn cut(&self) -> Cut {
        let layout = Layout::of(self);
        let open = layout.open();
        let between = layout.between(&open);
        let flows = Flows::of(&layout, &between, &open);
        let removals = flows.frontier(&layout);
        let cost = removals.iter().map(|(_, price)| u64::from(*price)).sum();
        let open = open.iter().map(|(_, steps)| layout.route(steps)).collect();
        Cut { removals, cost, flow: flows.routes(&layout), open }
    }

    /// A shortest path to each target that is reached although `removed` are gone, by target.
    pub(crate) fn reached(&self, removed: &BTreeSet<Part>) -> Vec<Route> {
        let layout = Layout::of(self);
        let found = layout.walk(&|node| removed.contains(&layout.part_of(node)), &|edge| {
            removed.contains(&layout.part_of_edge(edge))
        });
        layout.targets().filter_map(|target| Some(layout.route(&layout.steps_to(&found, target)?))).collect()
    }

    /// Goes over a cut: that it parts, that its flow is one, and that both have the same value.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn check(&self, cut: &Cut) -> Result<(), String> {
        let open: BTreeSet<&str> = cut.open.iter().map(Route::end).collect();
        for route in &cut.open {
            if self.parts(route)?.iter().any(|part| self.price(part).is_some()) {
                return Err(format!("something on the path to `{}` can be removed", shown(route.end())));
            }
        }
        let mut removed = BTreeSet::new();
        let mut cost = 0_u64;
        for (part, price) in &cut.removals {
            if self.price(part).map(NonZeroU32::get) != Some(*price) || !removed.insert(part.clone()) {
                return Err("a removal is not of the network, has another price there, or stands twice".to_owned());
            }
            cost = cost.saturating_add(u64::from(*price));
        }
        if let Some(route) = self.reached(&removed).iter().find(|route| !open.contains(route.end())) {
            return Err(format!("`{}` is still reached", shown(route.end())));
        }
        let value = self.check_flow(cut, &open)?;
        if cost != cut.cost || value != cost {
            return Err(format!("removals cost {cost}, the flow is {value} and the cut says {}", cut.cost));
        }
        Ok(())
    }

    /// The value of the flow of a cut, if it is one.
    fn check_flow(&self, cut: &Cut, open: &BTreeSet<&str>) -> Result<u64, String> {
        let mut used: BTreeMap<Part, u64> = BTreeMap::new();
        let mut value = 0_u64;
        for (route, amount) in &cut.flow {
            if *amount == 0 || open.contains(route.end()) {
                return Err(format!("a path of the flow to `{}` proves nothing", shown(route.end())));
            }
            // A path that passes a node twice uses it twice.
            for part in self.parts(route)? {
                let sum = used.entry(part).or_default();
                *sum = sum.saturating_add(*amount);
            }
            value = value.saturating_add(*amount);
        }
        let over = |(part, sum): &(&Part, &u64)| self.price(part).is_some_and(|price| **sum > u64::from(price.get()));
        match used.iter().find(over) {
            Some(_) => Err("the flow needs more of a node or edge than its price".to_owned()),
            None => Ok(value),
        }
    }

    /// The nodes and edges of a path from a source to a target that the network has.
    fn parts(&self, route: &Route) -> Result<Vec<Part>, String> {
        let source = self.nodes.get(&route.start).is_some_and(|node| node.source);
        let target = self.nodes.get(route.end()).is_some_and(|node| node.target);
        if !source || !target {
            return Err(format!("the path to `{}` leads from no source to no target", shown(route.end())));
        }
        let mut parts = vec![Part::Node(route.start.clone())];
        let mut from = &route.start;
        for (by, to) in &route.steps {
            if !self.edges.contains_key(&(from.clone(), to.clone(), by.clone())) {
                return Err(format!("nothing leads from `{}` to `{}`", shown(from), shown(to)));
            }
            parts.push(Part::Edge { from: from.clone(), to: to.clone(), by: by.clone() });
            parts.push(Part::Node(to.clone()));
            from = to;
        }
        Ok(parts)
    }

    fn price(&self, part: &Part) -> Price {
        match part {
            Part::Node(key) => self.nodes.get(key).and_then(|node| node.price),
            Part::Edge { from, to, by } => self.edges.get(&(from.clone(), to.clone(), by.clone())).copied().flatten(),
        }
    }
}

fn lower(a: Price, b: Price) -> Price {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// Keys come from evidence, messages are one line.
fn shown(key: &str) -> String {
    key.escape_debug().to_string()
}

struct LaidEdge<'n> {
    from: usize,
    to: usize,
    by: &'n str,
    price: Price,
}

/// A network under small numbers, in the order of its keys.
struct Layout<'n> {
    nodes: Vec<(&'n str, NodeData)>,
    edges: Vec<LaidEdge<'n>>,
    /// Numbers of the edges that leave and enter each node.
    leaving: Vec<Vec<usize>>,
    entering: Vec<Vec<usize>>,
}

/// How a walk came to each node: not at all, as a source, or along an edge.
type Found = Vec<Option<Option<usize>>>;

impl<'n> Layout<'n> {
    fn of(network: &'n Network) -> Layout<'n> {
        let nodes: Vec<_> = network.nodes.iter().map(|(key, data)| (key.as_str(), *data)).collect();
        let number = |key: &str| nodes.binary_search_by(|(known, _)| (*known).cmp(key)).ok();
        let laid = network.edges.iter().filter_map(|((from, to, by), price)| {
            Some(LaidEdge { from: number(from)?, to: number(to)?, by, price: *price })
        });
        let edges: Vec<_> = laid.collect();
        let (mut leaving, mut entering) = (vec![Vec::new(); nodes.len()], vec![Vec::new(); nodes.len()]);
        for (at, edge) in edges.iter().enumerate() {
            leaving[edge.from].push(at);
            entering[edge.to].push(at);
        }
        Layout { nodes, edges, leaving, entering }
    }

    fn targets(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].1.target)
    }

    fn part_of(&self, node: usize) -> Part {
        Part::Node(self.nodes[node].0.to_owned())
    }

    fn part_of_edge(&self, edge: usize) -> Part {
        let LaidEdge { from, to, by, .. } = self.edges[edge];
        let key = |node: usize| self.nodes[node].0.to_owned();
        Part::Edge { from: key(from), to: key(to), by: by.to_owned() }
    }

    /// Breadth first from all sources, past what is not gone; of equally short ways the first by key.
    fn walk(&self, gone: &dyn Fn(usize) -> bool, gone_edge: &dyn Fn(usize) -> bool) -> Found {
        let mut found: Found = vec![None; self.nodes.len()];
        let mut queue: VecDeque<usize> =
            (0..self.nodes.len()).filter(|node| self.nodes[*node].1.source && !gone(*node)).collect();
        for source in &queue {
            found[*source] = Some(None);
        }
        while let Some(here) = queue.pop_front() {
            for edge in &self.leaving[here] {
                let to = self.edges[*edge].to;
                if found[to].is_none() && !gone_edge(*edge) && !gone(to) {
                    found[to] = Some(Some(*edge));
                    queue.push_back(to);
                }
            }
        }
        found
    }

    /// The edges of the way that a walk took, after the node where it began.
    fn steps_to(&self, found: &Found, node: usize) -> Option<(usize, Vec<usize>)> {
        let mut steps = Vec::new();
        let mut here = node;
        while let Some(edge) = found[here]? {
            steps.push(edge);
            here = self.edges[edge].from;
        }
        steps.reverse();
        Some((here, steps))
    }

    fn route(&self, (start, steps): &(usize, Vec<usize>)) -> Route {
        let key = |node: usize| self.nodes[node].0.to_owned();
        let step = |edge: &usize| (self.edges[*edge].by.to_owned(), key(self.edges[*edge].to));
        Route { start: key(*start), steps: steps.iter().map(step).collect() }
    }

    /// The targets that nothing parts from the sources, with a way to each.
    fn open(&self) -> Vec<(usize, (usize, Vec<usize>))> {
        let found = self.walk(&|node| self.nodes[node].1.price.is_some(), &|edge| self.edges[edge].price.is_some());
        self.targets().filter_map(|target| Some((target, self.steps_to(&found, target)?))).collect()
    }

    /// Which nodes lie on a way from a source to a target that can be parted from it.
    fn between(&self, open: &[(usize, (usize, Vec<usize>))]) -> Vec<bool> {
        let found = self.walk(&|_| false, &|_| false);
        let mut leads = vec![false; self.nodes.len()];
        let mut left: Vec<usize> =
            self.targets().filter(|target| open.binary_search_by_key(target, |(open, _)| *open).is_err()).collect();
        for target in &left {
            leads[*target] = true;
        }
        while let Some(here) = left.pop() {
            for edge in &self.entering[here] {
                let from = self.edges[*edge].from;
                if !leads[from] {
                    leads[from] = true;
                    left.push(from);
                }
            }
        }
        leads.iter().zip(&found).map(|(leads, found)| *leads && found.is_some()).collect()
    }
}

/// What an arc of the flow network stands for.
#[derive(Debug, Clone, Copy)]
enum Stands {
    Node(usize),
    Edge(usize),
    /// From the source of all sources, or to the target of all targets.
    End,
}

/// A maximum flow through the network with every node split in two: an arc of the node's price between
/// where edges enter and where they leave. What cannot be removed takes more than everything else together.
struct Flows {
    graph: DiGraph<(), u64>,
    stands: Vec<Stands>,
    flows: Vec<u64>,
}

impl Flows {
    const SOURCE: u32 = 0;
    const TARGET: u32 = 1;

    fn of(layout: &Layout<'_>, between: &[bool], open: &[(usize, (usize, Vec<usize>))]) -> Flows {
        let prices = layout.nodes.iter().map(|(_, node)| node.price).chain(layout.edges.iter().map(|e| e.price));
        // INVARIANT: fewer than 2^32 prices below 2^32, so the sum stays below 2^64.
        let endless = prices.flatten().map(|price| u64::from(price.get())).sum::<u64>().saturating_add(1);
        let room = |price: Price| price.map_or(endless, |price| u64::from(price.get()));
        let mut graph = DiGraph::new();
        let (source, target) = (graph.add_node(()), graph.add_node(()));
        let mut stands = Vec::new();
        let mut halves = vec![None; layout.nodes.len()];
        for (at, (_, node)) in layout.nodes.iter().enumerate().filter(|(at, _)| between[*at]) {
            let (enter, leave) = (graph.add_node(()), graph.add_node(()));
            halves[at] = Some((enter, leave));
            graph.add_edge(enter, leave, room(node.price));
            stands.push(Stands::Node(at));
            if node.source {
                graph.add_edge(source, enter, endless);
                stands.push(Stands::End);
            }
            if node.target && open.binary_search_by_key(&at, |(open, _)| *open).is_err() {
                graph.add_edge(leave, target, endless);
                stands.push(Stands::End);
            }
        }
        for (at, edge) in layout.edges.iter().enumerate().filter(|(_, edge)| edge.from != edge.to) {
            if let (Some((_, leave)), Some((enter, _))) = (halves[edge.from], halves[edge.to]) {
                graph.add_edge(leave, enter, room(edge.price));
                stands.push(Stands::Edge(at));
            }
        }
        let (_, flows) = dinics(&graph, source, target);
        Flows { graph, stands, flows }
    }

    /// What parts the nodes that more flow could still come to from the rest. Of all cheapest cuts this one is
    /// nearest to the sources, and the same for every maximum flow.
    fn frontier(&self, layout: &Layout<'_>) -> Vec<(Part, u32)> {
        let mut reached = vec![false; self.graph.node_count()];
        let mut left = vec![petgraph::graph::NodeIndex::from(Self::SOURCE)];
        reached[Self::SOURCE as usize] = true;
        while let Some(here) = left.pop() {
            let onward = self.graph.edges_directed(here, petgraph::Outgoing);
            let onward = onward.filter(|arc| self.flows[arc.id().index()] < *arc.weight()).map(|arc| arc.target());
            let back = self.graph.edges_directed(here, petgraph::Incoming);
            let back = back.filter(|arc| self.flows[arc.id().index()] > 0).map(|arc| arc.source());
            for next in onward.chain(back) {
                if !std::mem::replace(&mut reached[next.index()], true) {
                    left.push(next);
                }
            }
        }
        let crosses = |arc: &petgraph::graph::EdgeReference<'_, u64>| {
            reached[arc.source().index()] && !reached[arc.target().index()]
        };
        let arcs = self.graph.edge_references().filter(crosses);
        let mut removals: Vec<(Part, u32)> = arcs
            .filter_map(|arc| {
                let (part, price) = match self.stands[arc.id().index()] {
                    Stands::Node(node) => (layout.part_of(node), layout.nodes[node].1.price),
                    Stands::Edge(edge) => (layout.part_of_edge(edge), layout.edges[edge].price),
                    Stands::End => return None,
                };
                Some((part, price?.get()))
            })
            .collect();
        removals.sort();
        removals
    }

    /// The flow as paths. Flow that runs in circles carries nothing and is left out.
    fn routes(&self, layout: &Layout<'_>) -> Vec<(Route, u64)> {
        let (source, target) = (Self::SOURCE as usize, Self::TARGET as usize);
        let ends = |arc: usize| {
            let ends = self.graph.raw_edges().get(arc).map(|arc| (arc.source().index(), arc.target().index()));
            ends.unwrap_or((target, target))
        };
        // By number of the arc, which follows the order of the keys.
        let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); self.graph.node_count()];
        for arc in 0..self.graph.edge_count() {
            leaving[ends(arc).0].push(arc);
        }
        let mut rest = self.flows.clone();
        let mut out = Vec::new();
        let mut way: Vec<usize> = Vec::new();
        let mut passed = vec![false; self.graph.node_count()];
        loop {
            let here = way.last().map_or(source, |arc| ends(*arc).1);
            if here != target && !std::mem::replace(&mut passed[here], true) {
                // First time here: go on below.
            } else if let Some(from) = way.iter().position(|arc| here == target || ends(*arc).0 == here) {
                let amount = way[from..].iter().map(|arc| rest[*arc]).min().unwrap_or(0);
                if here == target {
                    out.push((self.route(layout, &way), amount));
                }
                for arc in way.drain(from..) {
                    rest[arc] -= amount;
                    passed[ends(arc).0] = false;
                }
                continue;
            }
            match leaving[here].iter().copied().find(|arc| rest[*arc] > 0) {
                Some(next) => way.push(next),
                // Only at the source of all: as much enters every other node as leaves it.
                None => return out,
            }
        }
    }

    fn route(&self, layout: &Layout<'_>, way: &[usize]) -> Route {
        let mut start = None;
        let mut steps = Vec::new();
        for arc in way {
            match self.stands[*arc] {
                Stands::Node(node) => start = start.or(Some(node)),
                Stands::Edge(edge) => steps.push(edge),
                Stands::End => {}
            }
        }
        layout.route(&(start.unwrap_or(0), steps))
    }
}
