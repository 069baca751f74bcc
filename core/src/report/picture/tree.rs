//! Processes and who started them: one row for each, its children below it and further in.
//!
//! In: the process trees of the graph, which have no cycles, and what alerts say of processes. Out: the picture. At
//! most [`ROWS`] processes are drawn: the worst with all that led to them, then the earliest; the rest is counted.

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};

use crate::error::{Error, ErrorCode, Result};
use crate::graph::{EdgeKind, EntityKind, NodeKind, ProcessTree, TreeProcess};
use crate::report::CaseFile;
use crate::summary::EntityLine;

use super::svg::Canvas;
use super::{Svg, marks, text};

const MARGIN: i32 = 14;
const WIDTH: i32 = 800;
const TOP: i32 = 76;
const ROW: i32 = 48;
const INDENT: i32 = 26;
/// Further in than this, rows stand below each other and say how deep they are.
const DEEPEST: usize = 14;
const ROWS: usize = 150;

const PROCESS: NodeKind = NodeKind::Entity(EntityKind::Process);

/// A process and its place among those that may be drawn.
struct Found<'c> {
    process: TreeProcess<'c>,
    parent: Option<usize>,
    line: Option<&'c EntityLine>,
}

pub(super) fn draw(case: &CaseFile, of: Option<&str>) -> Result<Svg> {
    let all = gather(case, of)?;
    let kept = pick(&all);
    let drawn = kept.iter().filter(|kept| **kept).count();
    let mut left_out = Vec::new();
    if drawn < all.len() {
        left_out.push(format!("{} more processes", all.len() - drawn));
    }
    let mut canvas = Canvas::new("cg-tree", of.unwrap_or_default(), WIDTH);
    let trees = all.iter().filter(|found| found.parent.is_none()).count();
    let some = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let mut said = format!("{} in {}", some(all.len(), "process", "processes"), some(trees, "tree", "trees"));
    if let Some(id) = of {
        let name = case.graph.node(id).map_or(id, |node| node.name());
        said = format!("{said} · of {}", text::clean(name, 60));
    }
    canvas.describe("Processes", &said);
    canvas.text(MARGIN, 32, 20, "cg-strong", "Processes");
    canvas.text(MARGIN, 54, 14, "cg-soft", &said);
    let mut places: Vec<Option<(i32, i32)>> = vec![None; all.len()];
    let mut y = TOP;
    canvas.group("cg-branches");
    for ((found, _), place) in all.iter().zip(&kept).zip(0..).filter(|((_, kept), _)| **kept) {
        let at = (MARGIN + 14 + indent(found.process.depth()), y + ROW / 2);
        if let Some(parent) = found.parent.and_then(|parent| places.get(parent).copied().flatten()) {
            branch(&mut canvas, parent, at);
        }
        if let Some(slot) = places.get_mut(place) {
            *slot = Some(at);
        }
        y += ROW;
    }
    canvas.end();
    for (found, place) in all.iter().zip(&places) {
        if let Some(at) = place {
            let command = case.command_line(found.process.node().id());
            draw_row(&mut canvas, found, command, *at);
        }
    }
    if let Some(more) = left_out.first() {
        canvas.text(MARGIN, y + 22, 14, "cg-soft", more);
        y += 28;
    }
    if all.is_empty() {
        canvas.text(MARGIN, y + 16, 14, "cg-soft", "no process is known");
        y += 24;
    }
    Ok(canvas.finish(y + 16, left_out))
}

fn indent(depth: usize) -> i32 {
    i32::try_from(depth.min(DEEPEST)).unwrap_or(0) * INDENT
}

/// All processes, or those of an alert with their ancestors, or the tree of a process.
fn gather<'c>(case: &'c CaseFile, of: Option<&str>) -> Result<Vec<Found<'c>>> {
    let node = of.map(|id| case.graph.node(id).ok_or(id)).transpose().map_err(|id| {
        let message = format!("the incident has no alert or process `{}`", id.escape_debug());
        Error::new(ErrorCode::NotFound, message)
    })?;
    let (trees, only) = match node {
        None => (case.graph.process_trees(), None),
        Some(node) if node.kind() == PROCESS => (case.graph.process_tree(node.id()).into_iter().collect(), None),
        Some(node) if node.kind() == NodeKind::Alert => {
            let held = held_by(case, node.id());
            (trees_of(case, &held), Some(held))
        }
        Some(node) => {
            let message = format!("`{}` is no alert and no process", node.id().escape_debug());
            return Err(Error::new(ErrorCode::NotFound, message));
        }
    };
    let mut out: Vec<Found<'c>> = Vec::new();
    for tree in trees {
        let keep = only.as_ref().map(|only| with_ancestors(tree.processes(), only));
        let mut places: HashMap<&str, usize> = HashMap::new();
        for process in tree.processes() {
            let id = process.node().id();
            if keep.as_ref().is_some_and(|keep| !keep.contains(id)) {
                continue;
            }
            let parent = process.parent().and_then(|parent| places.get(parent.id()).copied());
            places.insert(id, out.len());
            out.push(Found { process: *process, parent, line: case.entity(id) });
        }
    }
    Ok(out)
}

/// The processes that are evidence in an alert.
fn held_by<'c>(case: &'c CaseFile, alert: &str) -> HashSet<&'c str> {
    let held = case.graph.neighbours(alert).into_iter().filter(|next| next.edge().kind() == EdgeKind::Evidence);
    held.filter(|next| next.node().kind() == PROCESS).map(|next| next.node().id()).collect()
}

/// The trees that these processes belong to, in the order in which the graph gives all.
fn trees_of<'c>(case: &'c CaseFile, processes: &HashSet<&str>) -> Vec<ProcessTree<'c>> {
    let (mut trees, mut seen): (Vec<ProcessTree<'c>>, HashSet<&str>) = Default::default();
    for id in processes {
        if let Some(tree) = (!seen.contains(id)).then(|| case.graph.process_tree(id)).flatten() {
            seen.extend(tree.processes().iter().map(|one| one.node().id()));
            trees.push(tree);
        }
    }
    let begun = |tree: &ProcessTree<'_>| {
        let first = tree.processes().iter().filter(|one| one.depth() <= 1).filter_map(|one| one.time()).min();
        (first.is_none(), first)
    };
    trees.sort_by(|a, b| begun(a).cmp(&begun(b)).then_with(|| a.root().id().cmp(b.root().id())));
    trees
}

fn with_ancestors<'c>(processes: &[TreeProcess<'c>], only: &HashSet<&'c str>) -> HashSet<&'c str> {
    let mut out = HashSet::new();
    // Backward, children come before their parents.
    for process in processes.iter().rev() {
        let id = process.node().id();
        if only.contains(id) || out.contains(id) {
            out.insert(id);
            out.extend(process.parent().map(|parent| parent.id()));
        }
    }
    out
}

/// Which are drawn, each with all of its ancestors.
fn pick(all: &[Found<'_>]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| Reverse(all.get(*at).and_then(|found| found.line).map(|line| line.verdict.clone())));
    let mut kept = vec![false; all.len()];
    let mut left = ROWS;
    for at in order {
        let missing = |at: &usize| kept.get(*at) == Some(&false);
        let up = std::iter::successors(Some(at), |at| all.get(*at).and_then(|found| found.parent));
        let chain: Vec<usize> = up.take_while(missing).take(left + 1).collect();
        if chain.len() > left {
            continue;
        }
        left -= chain.len();
        for place in chain {
            if let Some(slot) = kept.get_mut(place) {
                *slot = true;
            }
        }
    }
    kept
}

/// From below the parent to the left of the child.
fn branch(canvas: &mut Canvas, parent: (i32, i32), child: (i32, i32)) {
    let path = if parent.0 < child.0 {
        let corner = child.1 - 8;
        format!("M{} {}V{corner}q0 8 8 8H{}", parent.0, parent.1 + 13, child.0 - 13)
    } else {
        format!("M{} {}V{}", parent.0, parent.1 + 13, child.1 - 13)
    };
    canvas.path("cg-line", "1.4", &path);
}

fn draw_row(canvas: &mut Canvas, found: &Found<'_>, command: Option<&str>, (x, y): (i32, i32)) {
    let node = found.process.node();
    let verdict = found.line.map(|line| &line.verdict);
    let tag =
        canvas.tag("g").class(&format!("cg-process {}", marks::verdict_class(verdict))).data("data-id", node.id());
    let tag = tag.data("data-verdict", verdict.map_or("", |v| v.as_str()));
    tag.word("data-first", &super::moment(found.process.time())).open();
    canvas.hint(&format!("{}: {}", text::clean(node.name(), 80), command.unwrap_or("no command line is known")));
    canvas.tag("circle").class("cg-ring").word("stroke-width", "2").num("cx", x).num("cy", y).num("r", 13).close();
    marks::glyph(canvas, x, y, PROCESS);
    let mut right = WIDTH - MARGIN;
    if let Some(time) = found.process.time() {
        let time = time.format("%-d %b %H:%M:%S").to_string();
        canvas.anchored((right, y - 4), 13, "cg-soft", "end", &time);
        right -= text::width(&time, 13) + 10;
    }
    if let Some(verdict) = verdict.filter(|v| marks::verdict_class(Some(v)) != "cg-none") {
        let word = marks::word(verdict);
        canvas.anchored((right, y - 4), 13, marks::text_class(Some(verdict)), "end", word);
        right -= text::width(word, 13) + 12;
        marks::verdict(canvas, right, y - 9, Some(verdict));
        right -= 14;
    }
    let left = x + 22;
    let name = if node.name().trim().is_empty() { node.id() } else { node.name() };
    let deep = match found.process.depth() {
        depth if depth > DEEPEST => format!(" (depth {depth})"),
        _ => String::new(),
    };
    let room = text::strong(right - left) - text::width(&deep, 14);
    canvas.text(left, y - 4, 14, "cg-strong", &format!("{}{deep}", text::fit(name, 14, room)));
    let room = WIDTH - MARGIN - left;
    match command {
        Some(command) => canvas.text(left, y + 14, 12, "cg-code", &cut(command, room)),
        None => canvas.text(left, y + 14, 12, "cg-soft", "no command line is known"),
    }
    canvas.end();
}

/// A command line as far as there is room, with its length when that is not all.
fn cut(command: &str, room: i32) -> String {
    // Letters of one width, 12 high.
    let fits = usize::try_from(room * 10 / 74).unwrap_or(0);
    let whole = text::clean(command, fits);
    if !whole.ends_with('…') {
        return whole;
    }
    let length = format!(" ({} characters)", command.chars().count());
    format!("{}{length}", text::clean(command, fits.saturating_sub(length.len())))
}
