//! Cuts against trying every set of removals, and against another maximum flow.
#![allow(clippy::expect_used, reason = "tests say with a panic what failed")]

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use petgraph::algo::ford_fulkerson;
use petgraph::graph::DiGraph;

use super::{Cut, Network, Part, Price};

/// A plain description that tests can shuffle, and try all removals of.
#[derive(Clone, Default)]
struct Sketch {
    prices: Vec<u32>,
    /// (from, to, price); a price of 0 means that it cannot be removed.
    edges: Vec<(usize, usize, u32)>,
    sources: Vec<usize>,
    targets: Vec<usize>,
}

/// Numbers that look random, made from a counter.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.next(i as u64 + 1) as usize);
        }
    }
}

fn price(price: u32) -> Price {
    NonZeroU32::new(price)
}

fn key(node: usize) -> String {
    format!("n{node:04}")
}

impl Sketch {
    fn network(&self) -> Network {
        self.network_in_order(&mut |_| ())
    }

    /// The network, with everything given in the order that `mix` makes of numbers.
    fn network_in_order(&self, mix: &mut dyn FnMut(&mut [usize])) -> Network {
        let mut network = Network::default();
        let mut order = |count: usize| {
            let mut numbers: Vec<usize> = (0..count).collect();
            mix(&mut numbers);
            numbers
        };
        let (nodes, edges) = (order(self.prices.len()), order(self.edges.len()));
        let (sources, targets) = (order(self.sources.len()), order(self.targets.len()));
        let edge = |network: &mut Network, at: usize| {
            let (from, to, cost) = self.edges[at];
            network.edge(&key(from), &key(to), "to", price(cost));
        };
        let (early, late) = edges.split_at(edges.len() / 2);
        early.iter().for_each(|at| edge(&mut network, *at));
        targets.iter().for_each(|at| network.target(&key(self.targets[*at])));
        nodes.iter().for_each(|at| network.node(&key(*at), price(self.prices[*at])));
        sources.iter().for_each(|at| network.source(&key(self.sources[*at])));
        late.iter().for_each(|at| edge(&mut network, *at));
        network
    }

    /// Whether a target is reached without these nodes, when each node leads to those of its mask.
    fn reached(&self, leads: &[u32], gone: u32) -> bool {
        let bits = |list: &[usize]| list.iter().fold(0, |bits, node| bits | 1_u32 << node);
        let mut seen = bits(&self.sources) & !gone;
        let mut left = seen;
        while left != 0 {
            let here = left.trailing_zeros();
            left &= left - 1;
            let new = leads[here as usize] & !gone & !seen;
            seen |= new;
            left |= new;
        }
        seen & bits(&self.targets) != 0
    }

    /// The price of the cheapest cut by trying every set of nodes and priced edges; `None` if none parts.
    fn cheapest(&self) -> Option<u64> {
        let nodes: Vec<usize> = (0..self.prices.len()).filter(|at| self.prices[*at] > 0).collect();
        let edges: Vec<usize> = (0..self.edges.len()).filter(|at| self.edges[*at].2 > 0).collect();
        let chosen = |set: u32, from: &[usize]| -> Vec<usize> {
            from.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, at)| *at).collect()
        };
        let mut best = None;
        for edge_set in 0_u32..1 << edges.len() {
            let gone = chosen(edge_set, &edges);
            let paid: u64 = gone.iter().map(|at| u64::from(self.edges[*at].2)).sum();
            let mut leads = vec![0_u32; self.prices.len()];
            for (from, to, _) in (0..self.edges.len()).filter(|at| !gone.contains(at)).map(|at| self.edges[at]) {
                leads[from] |= 1 << to;
            }
            for node_set in 0_u32..1 << nodes.len() {
                let gone = chosen(node_set, &nodes);
                let cost = paid + gone.iter().map(|at| u64::from(self.prices[*at])).sum::<u64>();
                let gone = gone.iter().fold(0, |bits, node| bits | 1 << node);
                if best.is_none_or(|best| cost < best) && !self.reached(&leads, gone) {
                    best = Some(cost);
                }
            }
        }
        best
    }

    /// The maximum flow by another algorithm on a network made here.
    fn flow(&self) -> u64 {
        const ENDLESS: u64 = 1 << 40;
        let room = |price: u32| if price == 0 { ENDLESS } else { u64::from(price) };
        let mut graph = DiGraph::<(), u64>::new();
        let halves: Vec<_> = self.prices.iter().map(|_| (graph.add_node(()), graph.add_node(()))).collect();
        let (source, target) = (graph.add_node(()), graph.add_node(()));
        for (at, price) in self.prices.iter().enumerate() {
            graph.add_edge(halves[at].0, halves[at].1, room(*price));
        }
        for (from, to, price) in self.edges.iter().filter(|(from, to, _)| from != to) {
            graph.add_edge(halves[*from].1, halves[*to].0, room(*price));
        }
        for at in &self.sources {
            graph.add_edge(source, halves[*at].0, ENDLESS);
        }
        for at in &self.targets {
            graph.add_edge(halves[*at].1, target, ENDLESS);
        }
        ford_fulkerson(&graph, source, target).0
    }
}

/// A cut that has been checked, and whether it parts every target.
fn cut_of(sketch: &Sketch) -> Cut {
    let network = sketch.network();
    let cut = network.cut();
    network.check(&cut).expect("the cut and its flow are sound");
    cut
}

fn agrees(sketch: &Sketch, what: impl std::fmt::Display) {
    let cut = cut_of(sketch);
    match sketch.cheapest() {
        Some(cost) => {
            assert!(cut.open.is_empty(), "{what}: can be cut");
            assert_eq!(cut.cost, cost, "{what}");
        }
        None => assert!(!cut.open.is_empty(), "{what}: cannot be cut"),
    }
}

/// Every graph of 2 to 10 nodes that has a source, two rows of up to four nodes and a target: the source leads to all of
/// the upper row, the lower row to the target, and any node of the upper row to any of the lower or to none. Graphs
/// that differ by the names of the upper row alone count once; each is tried under two sets of prices.
#[test]
fn every_graph_of_two_rows() {
    let mut tried = 0_u32;
    for (upper, lower) in (0..=4_usize).flat_map(|upper| (0..=4_usize).map(move |lower| (upper, lower))) {
        // What each node of the upper row leads to; in ascending order, so that each graph comes up once.
        let mut rows = vec![0_u64; upper];
        loop {
            for seed in 0..2 {
                let made = rows.iter().fold(seed, |sum, row| sum * 16 + row);
                two_rows(&rows, lower, &mut Numbers(made));
                tried += 1;
            }
            let Some(last) = rows.iter().rposition(|row| *row + 1 < 1 << lower) else { break };
            let next = rows[last] + 1;
            rows[last..].fill(next);
        }
    }
    assert_eq!(tried, 2 * 5_430);
}

fn two_rows(rows: &[u64], lower: usize, numbers: &mut Numbers) {
    let (upper, end) = (rows.len(), rows.len() + lower + 1);
    let mut sketch = Sketch { sources: vec![0], targets: vec![end], ..Sketch::default() };
    let price = |at: usize, numbers: &mut Numbers| if at == 0 || at == end { 0 } else { 1 + numbers.next(3) as u32 };
    sketch.prices = (0..=end).map(|at| price(at, numbers)).collect();
    sketch.edges.extend((1..=upper).map(|at| (0, at, 0)));
    sketch.edges.extend((upper + 1..end).map(|at| (at, end, 0)));
    for (at, row) in rows.iter().enumerate() {
        let to = (0..lower).filter(|to| row & (1 << to) != 0);
        sketch.edges.extend(to.map(|to| (1 + at, 1 + upper + to, 0)));
    }
    agrees(&sketch, format_args!("{rows:?} over {lower}"));
}

/// Every directed graph of a source, three nodes and a target, cycles included, under prices by counter:
/// some nodes and edges have none.
#[test]
fn every_graph_of_five_nodes() {
    let places: Vec<(usize, usize)> = (0..4_usize)
        .flat_map(|from| (1..5_usize).map(move |to| (from, to)))
        .filter(|(from, to)| from != to && (*from, *to) != (0, 4))
        .collect();
    assert_eq!(places.len(), 12);
    let mut tried = 0_u32;
    for mask in 0_u32..1 << places.len() {
        for seed in 0..4 {
            let mut numbers = Numbers(u64::from(mask) * 4 + seed);
            let mut sketch = Sketch { sources: vec![0], targets: vec![4], ..Sketch::default() };
            sketch.prices = (0..5).map(|at| if at == 0 || at == 4 { 0 } else { numbers.next(4) as u32 }).collect();
            for (bit, (from, to)) in places.iter().enumerate() {
                if mask & (1 << bit) != 0 {
                    // At most two edges with a price keep the sets to try few.
                    let priced = sketch.edges.iter().filter(|(_, _, price)| *price > 0).count() < 2;
                    let price = if priced { numbers.next(3) as u32 } else { 0 };
                    sketch.edges.push((*from, *to, price));
                }
            }
            agrees(&sketch, format_args!("{mask:#b}, seed {seed}"));
            tried += 1;
        }
    }
    assert_eq!(tried, 16_384);
}

fn random(seed: u64, most: u64) -> Sketch {
    let mut numbers = Numbers(seed);
    let count = 2 + numbers.next(most - 1) as usize;
    let any = |numbers: &mut Numbers| numbers.next(count as u64) as usize;
    let mut sketch = Sketch::default();
    // One node or edge in eight has no price, in every other graph one in two.
    let odds = if seed.is_multiple_of(2) { 8 } else { 2 };
    let price = |numbers: &mut Numbers| (numbers.next(odds).min(1) * (1 + numbers.next(9))) as u32;
    sketch.prices = (0..count).map(|_| price(&mut numbers)).collect();
    let mut seen = BTreeSet::new();
    for _ in 0..count * (1 + numbers.next(4) as usize) {
        let (from, to) = (any(&mut numbers), any(&mut numbers));
        if seen.insert((from, to)) {
            sketch.edges.push((from, to, if numbers.next(2) == 0 { 0 } else { price(&mut numbers) }));
        }
    }
    for _ in 0..1 + numbers.next(3) {
        let (source, target) = (any(&mut numbers), any(&mut numbers));
        sketch.sources.push(source);
        sketch.targets.push(target);
    }
    sketch
}

/// Several sources and targets, one being both, cycles, self-loops, prices on nodes and edges.
#[test]
fn random_graphs_of_up_to_ten_nodes() {
    let mut tried = 0;
    for seed in 0..8_000 {
        let sketch = random(seed, 10);
        let priced = sketch.prices.iter().chain(sketch.edges.iter().map(|(_, _, p)| p)).filter(|p| **p > 0).count();
        if priced <= 11 && sketch.edges.len() < 32 {
            agrees(&sketch, seed);
            tried += 1;
        }
    }
    assert!(tried > 4_000, "{tried}");
}

/// What can be cut costs as much as another maximum flow carries to what can be cut.
#[test]
fn random_graphs_of_up_to_two_hundred_nodes() {
    let (mut open, mut cut_off) = (0, 0);
    for seed in 0..600 {
        let mut sketch = random(seed, 200);
        let cut = cut_of(&sketch);
        open += usize::from(!cut.open.is_empty());
        let ends: BTreeSet<&str> = cut.open.iter().map(super::Route::end).collect();
        sketch.targets.retain(|target| !ends.contains(key(*target).as_str()));
        assert_eq!(cut.cost, sketch.flow(), "seed {seed}");
        cut_off += usize::from(cut.cost > 0);
    }
    assert!(open > 20 && cut_off > 200, "{open} with something open, {cut_off} with something cut");
}

#[test]
fn the_order_in_which_things_are_given_does_not_matter() {
    for seed in 0..400 {
        let sketch = random(seed, 60);
        let cut = sketch.network().cut();
        for again in 0..5 {
            let mut numbers = Numbers(seed * 31 + again);
            let network = sketch.network_in_order(&mut |list| numbers.shuffle(list));
            assert_eq!(network.cut(), cut, "seed {seed}");
        }
    }
}

/// A row of nodes of one price: the first of it is removed, not one further on.
#[test]
fn of_equal_cuts_the_one_nearest_to_the_sources() {
    let mut sketch = Sketch { prices: vec![0, 2, 2, 2, 0], sources: vec![0], targets: vec![4], ..Sketch::default() };
    sketch.edges = (0..4).map(|at| (at, at + 1, 0)).collect();
    assert_eq!(cut_of(&sketch).removals, [(Part::Node(key(1)), 2)]);
    sketch.edges[0].2 = 2;
    let edge = Part::Edge { from: key(0), to: key(1), by: "to".to_owned() };
    assert_eq!(cut_of(&sketch).removals, [(edge, 2)]);
    sketch.prices[0] = 2;
    assert_eq!(cut_of(&sketch).removals, [(Part::Node(key(0)), 2)]);
}

#[test]
fn what_cannot_be_cut_is_told_with_a_path_and_the_rest_is_cut() {
    let mut sketch = Sketch { prices: vec![0, 0, 3, 0], sources: vec![0], targets: vec![1, 3], ..Sketch::default() };
    sketch.edges = vec![(0, 1, 0), (1, 2, 0), (2, 3, 0)];
    let cut = cut_of(&sketch);
    assert_eq!(cut.open.len(), 1);
    assert_eq!(cut.open[0].start, key(0));
    assert_eq!(cut.open[0].steps, [("to".to_owned(), key(1))]);
    assert_eq!(cut.removals, [(Part::Node(key(2)), 3)]);
}

/// The checker does not take the solver's word.
#[test]
fn a_cut_that_was_tampered_with_is_refused() {
    for seed in 0..300 {
        let sketch = random(seed, 30);
        let network = sketch.network();
        let cut = network.cut();
        if cut.removals.is_empty() {
            continue;
        }
        let refused = |change: &dyn Fn(&mut Cut)| {
            let mut changed = cut.clone();
            change(&mut changed);
            assert!(network.check(&changed).is_err(), "seed {seed}");
        };
        refused(&|cut| drop(cut.removals.pop()));
        refused(&|cut| drop(cut.flow.pop()));
        refused(&|cut| cut.cost += 1);
        refused(&|cut| cut.removals[0].1 += 1);
        refused(&|cut| cut.flow[0].1 += 1);
        refused(&|cut| cut.flow.push(cut.flow[0].clone()));
        refused(&|cut| cut.flow[0].0.start = "elsewhere".to_owned());
        refused(&|cut| cut.open.push(cut.flow[0].0.clone()));
        refused(&|cut| cut.removals.push(cut.removals[0].clone()));
    }
}

/// Dearer cuts part as well, but no flow proves them.
#[test]
fn a_dearer_cut_is_refused() {
    let mut sketch = Sketch { prices: vec![0, 2, 5, 0], sources: vec![0], targets: vec![3], ..Sketch::default() };
    sketch.edges = vec![(0, 1, 0), (1, 2, 0), (2, 3, 0)];
    let network = sketch.network();
    let mut cut = network.cut();
    cut.removals = vec![(Part::Node(key(2)), 5)];
    cut.cost = 5;
    assert_eq!(network.check(&cut), Err("removals cost 5, the flow is 2 and the cut says 5".to_owned()));
}

#[test]
fn nothing_to_cut() {
    let sketch = Sketch { prices: vec![1, 1], sources: vec![0], targets: vec![1], ..Sketch::default() };
    assert_eq!(cut_of(&sketch), Cut::default());
    assert_eq!(Network::default().cut(), Cut::default());
}
