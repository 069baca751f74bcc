//! Edges: where they leave and reach nodes, and the way between.
//!
//! In: placed nodes and the edges between them. Out: paths through the gaps between columns and rows. An edge may pass
//! behind the head of an alert, never behind an entity.

use crate::graph::NodeKind;

use super::choose::{Chosen, Line};
use super::{GAP, GUTTER, Placed, listed};
use crate::report::picture::svg::Canvas;
use crate::report::picture::{layout, moment, text};

/// Draws every edge, what matters most on top.
pub(super) fn draw(canvas: &mut Canvas, chosen: &Chosen<'_>, nodes: &[Placed<'_, '_>]) {
    arrows(canvas);
    let ports = ports(&chosen.lines, nodes);
    let arrows = [canvas.id("arrow"), canvas.id("arrow-bad")];
    canvas.group("cg-edges");
    let mut sorted: Vec<(&Line, &(i32, i32))> = chosen.lines.iter().zip(&ports).collect();
    sorted.sort_by_key(|(line, _)| line.weight());
    for (line, (from_y, to_y)) in sorted {
        let (Some(from), Some(to)) = (nodes.get(line.from), nodes.get(line.to)) else { continue };
        let corners = route(from, to, *from_y, *to_y, line);
        let class = match line.weight() {
            0 => "cg-edge cg-edge-evidence",
            1 => "cg-edge",
            _ => "cg-edge cg-edge-bad",
        };
        let tag = canvas.tag("path").class(class).word("stroke-width", if line.weight() == 0 { "1" } else { "1.4" });
        let tag = tag
            .data("data-from", from.drawn.id)
            .data("data-to", to.drawn.id)
            .word("data-relation", line.relation.as_str());
        let tag = tag.word("data-first", &moment(line.first)).word("data-alerts", &listed(&line.alerts));
        let arrow = arrows.get(usize::from(line.weight() == 2)).filter(|_| line.weight() > 0);
        let tag = match arrow {
            Some(arrow) => tag.word("marker-end", &format!("url(#{arrow})")),
            None => tag,
        };
        tag.word("d", &layout::rounded(&corners, 7)).open();
        let said = |node: &Placed<'_, '_>| text::clean(node.drawn.name, 80);
        canvas.hint(&format!("{} → {} → {}", said(from), line.relation.as_str(), said(to)));
        canvas.end();
    }
    canvas.end();
}

fn arrows(canvas: &mut Canvas) {
    canvas.group("");
    for (name, class) in [("arrow", "cg-arrow"), ("arrow-bad", "cg-arrow-bad")] {
        let id = canvas.id(name);
        let tag = canvas.tag("marker").word("id", &id).word("viewBox", "0 0 8 8").num("refX", 7).num("refY", 4);
        tag.word("markerUnits", "userSpaceOnUse")
            .num("markerWidth", 7)
            .num("markerHeight", 7)
            .word("orient", "auto")
            .open();
        canvas.tag("path").class(class).word("d", "M0 0.5L8 4L0 7.5z").close();
        canvas.end();
    }
    canvas.end();
}

/// The sides of two nodes at which a line between them begins and ends: is it the right one?
fn sides(from: &Placed<'_, '_>, to: &Placed<'_, '_>) -> (bool, bool) {
    if from.drawn.kind == NodeKind::Alert { (false, false) } else { (from.x <= to.x, from.x >= to.x) }
}

/// How high each line begins and ends: those at one side of a node are spread over it, in the order of where they go.
fn ports(lines: &[Line], nodes: &[Placed<'_, '_>]) -> Vec<(i32, i32)> {
    let mut ends: Vec<(usize, bool, i32, usize, bool)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (Some(from), Some(to)) = (nodes.get(line.from), nodes.get(line.to)) else { continue };
        let (from_right, to_right) = sides(from, to);
        ends.push((line.from, from_right, to.y, at, true));
        ends.push((line.to, to_right, from.y, at, false));
    }
    ends.sort_unstable();
    let mut out = vec![(0, 0); lines.len()];
    for side in ends.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let count = side.len();
        for (i, (node, _, _, line, begins)) in side.iter().enumerate() {
            let Some(node) = nodes.get(*node) else { continue };
            // The lines of an alert are one trunk.
            let usable = if node.drawn.kind == NodeKind::Alert { 0 } else { node.height - 12 };
            let part = |n: usize| i32::try_from(n).unwrap_or(i32::MAX / 1000);
            let spread = usable * (2 * part(i) + 1) / (2 * part(count)).max(1);
            let y = node.y + (node.height - usable) / 2 + spread;
            if let Some(port) = out.get_mut(*line) {
                if *begins { port.0 = y } else { port.1 = y }
            }
        }
    }
    out
}

/// The corners of a line: through the gaps between columns and above a row, so never behind an entity.
fn route(from: &Placed<'_, '_>, to: &Placed<'_, '_>, from_y: i32, to_y: i32, line: &Line) -> Vec<(i32, i32)> {
    let (from_right, to_right) = sides(from, to);
    let edge = |node: &Placed<'_, '_>, right: bool| if right { node.x + node.width } else { node.x };
    let (x1, x2) = (edge(from, from_right), edge(to, to_right));
    // Lines of one bundle share a track.
    let bundle = if line.weight() == 0 { line.from } else { line.to };
    let track = |count: usize| i32::try_from(bundle % count).unwrap_or(0) - i32::try_from(count / 2).unwrap_or(0);
    let gutter = |x: i32, right: bool| if right { x + GUTTER / 2 } else { x - GUTTER / 2 };
    let (g1, g2) = (gutter(x1, from_right) + 3 * track(7), gutter(x2, to_right) + 3 * track(7));
    if g1 == g2 {
        return vec![(x1, from_y), (g1, from_y), (g1, to_y), (x2, to_y)];
    }
    let lane = to.y - GAP / 2 + track(3);
    vec![(x1, from_y), (g1, from_y), (g1, lane), (g2, lane), (g2, to_y), (x2, to_y)]
}
