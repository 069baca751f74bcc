//! Which rows make an alert as it stands, and the order of alerts.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::cmp::Ordering;

use hashbrown::HashMap;

use crate::casebook::Casebook;
use crate::model::FactId;
use crate::resolve::store::{NONE, Store, UNDATED};

/// An alert as it stands: its newest version, and the rows that add to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Row that the alert's own fields come from.
    pub(crate) head: u32,
    /// All rows, the head first, in `Derived::rows_of`.
    pub(crate) rows: (u32, u32),
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// The rows in force of one alert.
#[derive(Debug, Default)]
pub(super) struct Versions {
    /// The newest version, then what adds to it, the newest first.
    pub(super) rows: Vec<u32>,
    /// Older versions.
    pub(super) older: Vec<u32>,
}

impl Versions {
    pub(super) fn of(book: &Casebook, mut rows: Vec<u32>) -> Versions {
        if rows.len() < 2 {
            return Versions { rows, older: Vec::new() };
        }
        let store = &book.store;
        let id = |row: u32| book.record(store.alerts[row as usize].fact).map_or(FactId([0; 32]), |(id, ..)| id);
        rows.sort_by(|a, b| {
            let (x, y) = (&store.alerts[*a as usize], &store.alerts[*b as usize]);
            y.updated.cmp(&x.updated).then_with(|| id(*b).cmp(&id(*a)))
        });
        let (parts, mut whole): (Vec<u32>, Vec<u32>) =
            rows.into_iter().partition(|row| store.alerts[*row as usize].fragment);
        let older = whole.split_off(whole.len().min(1));
        whole.extend(parts);
        Versions { rows: whole, older }
    }
}

impl Standing {
    /// The alert of these rows, of which there is one at least, put at the end of `all`.
    pub(super) fn new(store: &Store, rows: &[u32], all: &mut Vec<u32>) -> Standing {
        let start = all.len() as u32;
        all.extend_from_slice(rows);
        let times = || rows.iter().map(|row| &store.alerts[*row as usize]);
        Standing {
            head: rows[0],
            rows: (start, all.len() as u32),
            first: times().map(|a| a.first).filter(|time| *time != UNDATED).min().unwrap_or(UNDATED),
            last: times().map(|a| a.last).max().unwrap_or(UNDATED),
        }
    }

    /// By time, then id, then tenant; undated ones last.
    pub(super) fn order(&self, other: &Standing, store: &Store) -> Ordering {
        let when = |a: &Standing| if a.first == UNDATED { i64::MAX } else { a.first };
        let names = |a: &Standing| {
            let row = &store.alerts[a.head as usize];
            (store.alert_id(row.key), store.text(row.tenant))
        };
        when(self).cmp(&when(other)).then_with(|| names(self).cmp(&names(other)))
    }
}

/// All alerts that stand.
#[derive(Debug, Default)]
pub(super) struct Standings {
    /// In order.
    pub(super) alerts: Vec<Standing>,
    pub(super) rows: Vec<u32>,
    pub(super) of_key: Vec<u32>,
    /// Rows of older versions, by key of the alert.
    pub(super) older: HashMap<u32, Vec<u32>>,
}

impl Standings {
    pub(super) fn new(book: &Casebook, in_force: &dyn Fn(u32) -> bool) -> Standings {
        let store = &book.store;
        let mut by_key: Vec<(u32, u32)> = (0..store.alerts.len() as u32)
            .filter(|row| in_force(store.alerts[*row as usize].fact))
            .map(|row| (store.alerts[row as usize].key, row))
            .collect();
        by_key.sort_unstable();
        let mut out = Standings { of_key: vec![NONE; store.keys.len()], ..Standings::default() };
        for chunk in by_key.chunk_by(|a, b| a.0 == b.0) {
            if let [(_, row)] = chunk {
                out.alerts.push(Standing::new(store, &[*row], &mut out.rows));
                continue;
            }
            let versions = Versions::of(book, chunk.iter().map(|(_, row)| *row).collect());
            out.alerts.push(Standing::new(store, &versions.rows, &mut out.rows));
            if !versions.older.is_empty() {
                out.older.insert(chunk[0].0, versions.older);
            }
        }
        out.alerts.sort_unstable_by(|a, b| a.order(b, store));
        for (alert, standing) in out.alerts.iter().enumerate() {
            out.of_key[store.alerts[standing.head as usize].key as usize] = alert as u32;
        }
        out
    }
}
