//! A lane on events of one layout: which cells its fields are, and which of its indexes have something to look at.

use std::sync::Arc;

use crate::rules::event::{Cell, Event};

use super::lane::Lane;
use super::layout::Layout;

/// A lane bound to a layout.
#[derive(Debug, Default)]
pub(super) struct Bound {
    pub(super) lane: Arc<Lane>,
    /// Per field: one more than its place in `spans`, or 0.
    fields: Vec<u32>,
    spans: Vec<(u32, u32)>,
    cells: Vec<u32>,
    /// Indexes of the lane, and the places in `spans` of the cells to look at.
    pub(super) looks: Vec<(u32, u32)>,
    /// Rules to ask of any such event.
    pub(super) asked: Vec<u32>,
    /// Whether the events have a known logsource.
    pub(super) has_logsource: bool,
    /// Memory: field, rank of the name, cell.
    served: Vec<(u32, u32, u32)>,
}

impl Bound {
    /// Binds a lane of a program with so many fields, in the memory that it has.
    pub(super) fn fill(&mut self, lane: Arc<Lane>, layout: &Layout, fields: usize, has_logsource: bool) {
        self.served.clear();
        for (name, cell) in layout.named() {
            self.served.extend(lane.served(*name).iter().map(|(_, field, rank)| (*field, *rank, *cell)));
        }
        self.served.sort_unstable();
        self.fields.clear();
        self.fields.resize(fields, 0);
        self.spans.clear();
        self.cells.clear();
        // Of the names of a field the first that is there counts.
        for run in self.served.chunk_by(|a, b| a.0 == b.0) {
            let start = self.cells.len() as u32;
            let Some((field, best, _)) = run.first() else { continue };
            self.cells.extend(run.iter().take_while(|(_, rank, _)| rank == best).map(|(_, _, cell)| *cell));
            self.spans.push((start, self.cells.len() as u32));
            if let Some(at) = self.fields.get_mut(*field as usize) {
                *at = self.spans.len() as u32;
            }
        }
        self.looks.clear();
        self.asked.clear();
        self.asked.extend(&lane.always);
        for (at, index) in lane.fields.iter().enumerate() {
            let Some(span) = self.fields.get(index.field as usize).and_then(|at| at.checked_sub(1)) else { continue };
            self.asked.extend(&index.present);
            if index.has_values() {
                self.looks.push((at as u32, span));
            }
        }
        self.asked.sort_unstable();
        self.asked.dedup();
        self.lane = lane;
        self.has_logsource = has_logsource;
    }

    /// Memory in use, about.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.fields.as_slice())
            + size_of_val(self.spans.as_slice())
            + size_of_val(self.cells.as_slice())
            + size_of_val(self.looks.as_slice())
            + size_of_val(self.asked.as_slice())
            + size_of_val(self.served.as_slice())
    }

    /// The cells of a field.
    #[inline]
    pub(super) fn cells<'b>(&'b self, event: &'b Event, field: u32) -> Cells<'b> {
        let span = self.fields.get(field as usize).and_then(|at| at.checked_sub(1));
        self.span(event, span.unwrap_or(u32::MAX))
    }

    /// The cells of a place in `looks`.
    #[inline]
    pub(super) fn span<'b>(&'b self, event: &'b Event, span: u32) -> Cells<'b> {
        let (start, end) = self.spans.get(span as usize).copied().unwrap_or_default();
        let cells = self.cells.get(start as usize..end as usize).unwrap_or_default();
        Cells { event, cells: cells.iter() }
    }
}

/// Some cells of an event.
#[derive(Debug, Clone)]
pub(super) struct Cells<'b> {
    event: &'b Event,
    cells: std::slice::Iter<'b, u32>,
}

impl<'b> Iterator for Cells<'b> {
    type Item = &'b Cell;

    #[inline]
    fn next(&mut self) -> Option<&'b Cell> {
        self.event.cells.get(*self.cells.next()? as usize)
    }
}
