//! Which nodes and edges are drawn.
//!
//! In: a case file. Out: at most so many nodes, in the order of time, and what became of the rest. Nothing here may
//! depend on the order of a hash table.

use std::cmp::Reverse;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use hashbrown::{HashMap, HashSet};

use crate::graph::{EdgeKind, NodeKind};
use crate::model::{AlertSeverity, Verdict};
use crate::report::CaseFile;
use crate::summary::EntityLine;

use super::{ALERTS, EDGES, NODES};
use crate::report::picture::text;

/// Twins that are named when a reader points at them.
const NAMED: usize = 8;

/// Assets of a kind that are drawn whatever their verdict.
const HIT: usize = 4;

/// A node that is drawn.
pub(super) struct Drawn<'c> {
    pub(super) kind: NodeKind,
    pub(super) id: &'c str,
    /// Of an entity, its place in the summary.
    pub(super) place: Option<u32>,
    pub(super) name: &'c str,
    /// Of an entity.
    pub(super) verdict: Option<&'c Verdict>,
    /// Of an alert.
    pub(super) severity: Option<&'c AlertSeverity>,
    pub(super) first: Option<DateTime<Utc>>,
    /// Places in the case file.
    pub(super) alerts: Vec<u32>,
    /// How many it stands for.
    pub(super) count: usize,
    pub(super) band: usize,
    /// Of the twins that are not drawn, the first ones.
    twins: Vec<&'c str>,
    because: &'c str,
    /// Place of the alert that brought it.
    home: u32,
    degree: usize,
    /// Among what was hit: the picture is about it, whatever its verdict.
    hit: bool,
}

/// An edge that is drawn, by places among the nodes.
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) relation: EdgeKind,
    pub(super) first: Option<DateTime<Utc>>,
    pub(super) alerts: Vec<u32>,
    /// Both ends are bad, and suspicion passes along it.
    bad: bool,
}

/// What is drawn and what is not.
pub(super) struct Chosen<'c> {
    pub(super) nodes: Vec<Drawn<'c>>,
    pub(super) lines: Vec<Line>,
    more_alerts: usize,
    more_entities: usize,
    more_lines: usize,
}

impl Line {
    /// 0 evidence, 1 a relation, 2 one between two that are bad.
    pub(super) fn weight(&self) -> u8 {
        if self.relation == EdgeKind::Evidence { 0 } else { 1 + u8::from(self.bad) }
    }
}

impl Drawn<'_> {
    /// Its name, or else its id.
    pub(super) fn called(&self) -> &str {
        if self.name.trim().is_empty() { self.id } else { self.name }
    }

    /// All that a reader is shown when it points at the node.
    pub(super) fn hint(&self) -> String {
        let word = self.verdict.map_or_else(|| self.severity.map_or("", |s| s.as_str()), |v| v.as_str());
        let mut out = format!("{} ({}, {word})", text::clean(self.name, 120), self.kind.as_str());
        if !self.because.is_empty() {
            let _ = write!(out, ": {}", text::clean(self.because, 120));
        }
        if self.count > 1 {
            let names: Vec<String> = self.twins.iter().map(|name| text::clean(name, 30)).collect();
            let _ = write!(out, "; with the same links {} more: {}", self.count - 1, names.join(", "));
        }
        out
    }
}

impl Chosen<'_> {
    pub(super) fn left_out(&self) -> Vec<String> {
        let all = [(self.more_alerts, "alerts"), (self.more_entities, "entities"), (self.more_lines, "relations")];
        all.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} more {what}")).collect()
    }
}

pub(super) fn choose(case: &CaseFile) -> Chosen<'_> {
    let mut nodes = gather(case);
    let index: HashMap<(NodeKind, &str), usize> = nodes.iter().enumerate().map(|(i, n)| ((n.kind, n.id), i)).collect();
    let place_of = places(case);
    let edges: Edges<'_> = case
        .graph
        .edges()
        .filter_map(|edge| {
            let end = |node: crate::graph::Node<'_>| index.get(&(node.kind(), node.id())).copied();
            let mut alerts: Vec<u32> = edge.alerts().filter_map(|id| place_of.get(id).copied()).collect();
            alerts.sort_unstable();
            Some((end(edge.from())?, end(edge.to())?, edge.kind(), edge.first(), alerts))
        })
        .collect();
    let mut near: Vec<Vec<(usize, bool, EdgeKind)>> = vec![Vec::new(); nodes.len()];
    for (from, to, relation, first, alerts) in &edges {
        for (node, other, out) in [(*from, *to, true), (*to, *from, false)] {
            if let (Some(list), Some(node)) = (near.get_mut(node), nodes.get_mut(node)) {
                list.push((other, out, *relation));
                node.degree += 1;
                if node.severity.is_none() {
                    node.alerts.extend(alerts);
                    node.first = node.first.into_iter().chain(*first).min();
                }
            }
        }
    }
    for node in &mut nodes {
        node.alerts.sort_unstable();
        node.alerts.dedup();
        node.home = node.alerts.first().copied().unwrap_or(u32::MAX);
    }
    let stands_for = fold_twins(&mut nodes, near);
    let kept = pick(&nodes, &stands_for);
    build(nodes, &stands_for, &kept, edges)
}

/// The alerts of the case file by id.
fn places(case: &CaseFile) -> HashMap<&str, u32> {
    let mut out = HashMap::with_capacity(case.alerts.len());
    for (place, alert) in (0u32..).zip(&case.alerts) {
        if let Some(id) = alert.record.id.as_deref() {
            out.entry(id).or_insert(place);
        }
    }
    out
}

/// Every node of the graph.
fn gather(case: &CaseFile) -> Vec<Drawn<'_>> {
    let lines: HashMap<&str, (u32, &EntityLine)> =
        (0..).zip(&case.incident.entities).map(|(place, line)| (line.id.as_str(), (place, line))).collect();
    let places = places(case);
    let scope = &case.incident.scope;
    let assets = [&scope.devices, &scope.users, &scope.mailboxes, &scope.applications, &scope.others];
    let hit: HashSet<&str> = assets.iter().flat_map(|list| list.iter().take(HIT)).map(|a| a.id.as_str()).collect();
    let none = &AlertSeverity::Unknown;
    let nodes = case.graph.nodes().map(|node| {
        let alert = node.kind() == NodeKind::Alert;
        let known = lines.get(node.id()).filter(|_| !alert);
        let line = known.map(|(_, line)| *line);
        let place = places.get(node.id()).copied().filter(|_| alert);
        let record = place.and_then(|at| case.alerts.get(at as usize)).map(|filed| &filed.record);
        Drawn {
            kind: node.kind(),
            id: node.id(),
            place: known.map(|(place, _)| *place),
            name: node.name(),
            verdict: line.map(|line| &line.verdict),
            severity: alert.then(|| record.and_then(|r| r.severity.as_ref()).unwrap_or(none)),
            first: node.time().or(line.and_then(|line| line.first_seen)),
            alerts: place.into_iter().collect(),
            count: 1,
            band: 0,
            twins: Vec::new(),
            because: line.map_or("", |line| &line.because),
            home: u32::MAX,
            degree: 0,
            hit: !alert && hit.contains(node.id()),
        }
    });
    nodes.collect()
}

/// For each node the one that is drawn for it: of those with the same kind, verdict and neighbours the earliest.
fn fold_twins(nodes: &mut [Drawn<'_>], near: Vec<Vec<(usize, bool, EdgeKind)>>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|at| nodes.get(*at).map(|n| n.home));
    let mut first = HashMap::with_capacity(nodes.len());
    let mut stands_for: Vec<usize> = (0..nodes.len()).collect();
    let mut near: Vec<Option<Vec<(usize, bool, EdgeKind)>>> = near.into_iter().map(Some).collect();
    for at in order {
        let (Some(node), Some(mut list)) = (nodes.get(at), near.get_mut(at).and_then(Option::take)) else { continue };
        list.sort_unstable();
        // Alerts are twins when they say the same, too.
        let title = if node.severity.is_some() { node.name } else { "" };
        let name = node.name;
        let key = (node.kind, node.verdict.cloned(), node.severity.cloned(), title, list);
        let twin = *first.entry(key).or_insert(at);
        if twin != at
            && let (Some(slot), Some(twin_node)) = (stands_for.get_mut(at), nodes.get_mut(twin))
        {
            *slot = twin;
            twin_node.count += 1;
            if twin_node.twins.len() < NAMED {
                twin_node.twins.push(name);
            }
        }
    }
    stands_for
}

/// The nodes that are drawn. Alerts that nobody may miss come first; then what was hit and the worst entities, of equal
/// ones the best linked and then the earliest, each with the alert that brought it; then what alerts there is room for.
fn pick(nodes: &[Drawn<'_>], stands_for: &[usize]) -> Vec<usize> {
    let own = |at: &usize| stands_for.get(*at) == Some(at);
    let (mut alerts, mut entities): (Vec<usize>, Vec<usize>) =
        (0..nodes.len()).filter(own).partition(|at| nodes.get(*at).is_some_and(|n| n.severity.is_some()));
    let rank = |at: &usize| {
        let worst = |n: &Drawn<'_>| (Reverse(n.hit), Reverse(n.severity.cloned()), Reverse(n.verdict.cloned()));
        nodes.get(*at).map(|n| (worst(n), Reverse(n.degree), n.home))
    };
    alerts.sort_by_cached_key(rank);
    entities.sort_by_cached_key(rank);
    let brought: HashMap<u32, usize> = (0..nodes.len())
        .filter_map(|at| nodes.get(at).filter(|n| n.severity.is_some()).map(|n| (n.home, at)))
        .filter_map(|(home, at)| Some((home, *stands_for.get(at)?)))
        .collect();
    let mut kept: Vec<usize> = alerts.iter().copied().take(ALERTS).collect();
    let mut known: HashSet<usize> = kept.iter().copied().collect();
    for at in entities {
        let alert = nodes.get(at).and_then(|n| brought.get(&n.home)).filter(|alert| !known.contains(*alert));
        if kept.len() + 1 + usize::from(alert.is_some()) > NODES {
            break;
        }
        for at in alert.into_iter().chain([&at]) {
            known.insert(*at);
            kept.push(*at);
        }
    }
    kept.extend(alerts.into_iter().filter(|at| !known.contains(at)));
    kept.truncate(NODES);
    // By time, then as the graph has them: what comes later goes below.
    kept.sort_by_key(|at| (nodes.get(*at).map(|n| n.home), *at));
    kept
}

type Edges<'c> = Vec<(usize, usize, EdgeKind, Option<DateTime<Utc>>, Vec<u32>)>;

fn build<'c>(nodes: Vec<Drawn<'c>>, stands_for: &[usize], kept: &[usize], edges: Edges<'c>) -> Chosen<'c> {
    let mut place: Vec<Option<usize>> = vec![None; nodes.len()];
    for (new, old) in kept.iter().enumerate() {
        if let Some(slot) = place.get_mut(*old) {
            *slot = Some(new);
        }
    }
    let count = |alert: bool| nodes.iter().filter(|n| n.severity.is_some() == alert).count();
    let (alerts, entities) = (count(true), count(false));
    let mut slots: Vec<Option<Drawn<'c>>> = nodes.into_iter().map(Some).collect();
    let mut nodes: Vec<Drawn<'c>> = kept.iter().filter_map(|at| slots.get_mut(*at)?.take()).collect();
    // What is beside no alert that is drawn is beside the one before it.
    let homes: Vec<u32> = nodes.iter().filter(|n| n.severity.is_some()).map(|n| n.home).collect();
    for node in &mut nodes {
        node.band = homes.partition_point(|home| *home <= node.home).saturating_sub(1);
    }
    let all = edges.len();
    let mut lines: Vec<Line> = Vec::new();
    let mut known: HashMap<(usize, usize, EdgeKind), usize> = HashMap::new();
    let drawn = |old: usize| place.get(*stands_for.get(old)?).copied().flatten();
    let (mut shown, bad) = (0, |n: &Drawn<'_>| n.verdict.is_some_and(|v| *v >= Verdict::Suspicious));
    for (from, to, relation, first, alerts) in edges {
        let (Some(from), Some(to)) = (drawn(from), drawn(to)) else { continue };
        shown += 1;
        let at = *known.entry((from, to, relation)).or_insert(lines.len());
        if let Some(line) = lines.get_mut(at) {
            line.alerts.extend(alerts);
            line.first = line.first.into_iter().chain(first).min();
            continue;
        }
        let bad = passes(relation) && nodes.get(from).is_some_and(bad) && nodes.get(to).is_some_and(bad);
        lines.push(Line { from, to, relation, first, alerts, bad });
    }
    for line in &mut lines {
        line.alerts.sort_unstable();
        line.alerts.dedup();
    }
    let folded = shown - lines.len();
    lines.sort_by_key(|line| (Reverse(line.weight()), line.from, line.to));
    lines.truncate(EDGES);
    let told = |alert: bool| nodes.iter().filter(|n| n.severity.is_some() == alert).map(|n| n.count).sum::<usize>();
    let (more_alerts, more_entities) = (alerts - told(true), entities - told(false));
    Chosen { more_alerts, more_entities, more_lines: all - folded - lines.len(), lines, nodes }
}

/// Does suspicion pass along it?
fn passes(relation: EdgeKind) -> bool {
    matches!(relation, EdgeKind::Relation(relation) if relation.weights().iter().any(|weight| *weight > 0.0))
}
