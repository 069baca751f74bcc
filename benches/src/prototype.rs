//! The bare job of correlation, written by hand: sort by key and time, link within a window,
//! union-find, counts per incident. No reasons, no guards, no strengths: the floor.
#![allow(clippy::indexing_slicing, reason = "INVARIANT: ids are dense in the columns of the generator")]

use crate::generate::Columns;

/// Incidents, and their alerts and rows.
#[derive(Debug)]
pub struct Totals {
    /// Incidents.
    pub incidents: usize,
    /// Alerts of the largest.
    pub largest: u32,
    /// Rows in all.
    pub rows: u64,
}

fn find(parent: &mut [u32], mut x: u32) -> u32 {
    while parent[x as usize] != x {
        parent[x as usize] = parent[parent[x as usize] as usize];
        x = parent[x as usize];
    }
    x
}

/// Links alerts that hold one entity within `window` nanoseconds.
#[must_use]
pub fn correlate(columns: &Columns, window: i64) -> Totals {
    let alerts = columns.time.len();
    let mut rows: Vec<(u32, i64, u32)> = Vec::with_capacity(columns.entity.len());
    for alert in 0..alerts {
        for row in columns.offset[alert] as usize..columns.offset[alert + 1] as usize {
            rows.push((columns.entity[row], columns.time[alert], alert as u32));
        }
    }
    rows.sort_unstable();
    let mut parent: Vec<u32> = (0..alerts as u32).collect();
    for pair in rows.windows(2) {
        if pair[0].0 == pair[1].0 && pair[1].1 - pair[0].1 <= window {
            let (a, b) = (find(&mut parent, pair[0].2), find(&mut parent, pair[1].2));
            parent[a.max(b) as usize] = a.min(b);
        }
    }
    let mut members = vec![0u32; alerts];
    let mut first = vec![i64::MAX; alerts];
    let mut last = vec![i64::MIN; alerts];
    let mut held = 0u64;
    for alert in 0..alerts as u32 {
        let root = find(&mut parent, alert) as usize;
        let at = alert as usize;
        members[root] += 1;
        first[root] = first[root].min(columns.time[at]);
        last[root] = last[root].max(columns.time[at]);
        held += u64::from(columns.offset[at + 1] - columns.offset[at]);
    }
    let incidents = members.iter().filter(|n| **n > 0).count();
    Totals { incidents, largest: members.into_iter().max().unwrap_or(0), rows: held }
}
