//! Where the nodes of a graph stand, and how lines run between them.
//!
//! In: for each node its column and its band, and which nodes are linked. Out: rows without overlaps, and lines that
//! run between nodes, never behind them. Nothing here may know what a node is.
//!
//! Why no crate: those there are (`layout-rs`, `rust-sugiyama`, `dagre-rs`, `fdg-sim`) compute layers or forces from
//! the edges anew, some in the order of a hash table or from random places, so that one more alert moves everything.
//! Here the layers are given, the kind across and the alert that brought it down, so that what is left to do is to
//! order the nodes of one cell; and that looks at nothing later, so that what comes later moves nothing.

use std::fmt::Write;

/// A node: which column, and which band from above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) column: usize,
    pub(super) band: usize,
}

/// How often the nodes of a cell are ordered by what they are linked to.
const SWEEPS: usize = 4;

/// For each node its place within its cell, from above: few lines cross. Ties stay in the order given, so that the
/// answer depends on nothing but that order. `O(sweeps · (nodes + links) · log)`.
pub(super) fn order(cells: &[Cell], links: &[(usize, usize)]) -> Vec<usize> {
    let cell = |node: usize| cells.get(node).copied();
    let mut near: Vec<Vec<usize>> = vec![Vec::new(); cells.len()];
    for (a, b) in links.iter().copied().filter(|(a, b)| cell(*a) != cell(*b)) {
        // What came later has no say in where something stands.
        let mut hears = |node: usize, of: usize| {
            if cell(of).map(|c| c.band) <= cell(node).map(|c| c.band)
                && let Some(list) = near.get_mut(node)
            {
                list.push(of);
            }
        };
        hears(a, b);
        hears(b, a);
    }
    let mut sorted: Vec<usize> = (0..cells.len()).collect();
    sorted.sort_by_key(|node| cell(*node).map(|c| (c.band, c.column)));
    let mut groups: Vec<Vec<usize>> = sorted.chunk_by(|a, b| cell(*a) == cell(*b)).map(<[usize]>::to_vec).collect();
    let mut place = vec![0; cells.len()];
    let mark = |group: &[usize], place: &mut Vec<usize>| {
        for (at, node) in group.iter().enumerate() {
            if let Some(place) = place.get_mut(*node) {
                *place = at;
            }
        }
    };
    for group in &groups {
        mark(group, &mut place);
    }
    for sweep in 0..SWEEPS {
        let backward = sweep % 2 == 1;
        let count = groups.len();
        for at in 0..count {
            let Some(group) = groups.get_mut(if backward { count - 1 - at } else { at }) else { continue };
            group.sort_by_cached_key(|node| centre(*node, &near, cells, &place));
            mark(group, &mut place);
        }
    }
    place
}

/// The middle of what a node is linked to, in thousandths of a row; its own place when that is nothing.
fn centre(node: usize, near: &[Vec<usize>], cells: &[Cell], place: &[usize]) -> u64 {
    let row = |node: usize| {
        let band = cells.get(node).map_or(0, |c| c.band) as u64;
        // A band is higher than any cell of it, so that what is above stays above.
        band * 1_000_000 + place.get(node).map_or(0, |at| *at as u64) * 1000
    };
    let list = near.get(node).map_or(&[][..], Vec::as_slice);
    match list.len() as u64 {
        0 => row(node),
        count => list.iter().map(|of| row(*of)).sum::<u64>() / count,
    }
}

/// A line through corners that are rounded, as the `d` of a path; corners that are none are left out.
pub(super) fn rounded(corners: &[(i32, i32)], radius: i32) -> String {
    let mut out = String::new();
    let Some((first, rest)) = corners.split_first() else { return out };
    let _ = write!(out, "M{} {}", first.0, first.1);
    let mut from = *first;
    for (at, corner) in rest.iter().enumerate() {
        let Some(next) = rest.get(at + 1) else {
            let _ = write!(out, "L{} {}", corner.0, corner.1);
            break;
        };
        let half = |a: (i32, i32), b: (i32, i32)| ((a.0 - b.0).abs() + (a.1 - b.1).abs()) / 2;
        let round = radius.min(half(from, *corner)).min(half(*corner, *next));
        let toward = |to: (i32, i32)| {
            let step = |a: i32, b: i32| a + (b - a).signum() * round;
            (step(corner.0, to.0), step(corner.1, to.1))
        };
        let (before, after) = (toward(from), toward(*next));
        if round > 0 {
            let _ = write!(out, "L{} {}Q{} {} {} {}", before.0, before.1, corner.0, corner.1, after.0, after.1);
        }
        from = *corner;
    }
    out
}
