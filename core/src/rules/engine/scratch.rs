//! What one thread remembers of the event at hand. Kept from event to event, so that nothing is allocated.

use crate::rules::event::{Cell, Event};

use super::names::{NONE, Names};

/// The cells of an event by the number of their name.
#[derive(Debug, Default)]
pub(crate) struct Found {
    round: u32,
    /// Per name: round in which it was found, first and last place in `links`.
    heads: Vec<(u32, u32, u32)>,
    /// Cell, and the next place with the same name.
    links: Vec<(u32, u32)>,
    bases: Vec<u64>,
}

impl Found {
    pub(crate) fn fill(&mut self, names: &Names, event: &Event) {
        if self.heads.len() < names.len() || self.round == u32::MAX {
            self.heads.clear();
            self.heads.resize(names.len(), (0, NONE, NONE));
            self.round = 0;
        }
        self.round += 1;
        self.links.clear();
        names.bases(event, &mut self.bases);
        for (at, cell) in event.cells.iter().enumerate() {
            for name in names.of(event, cell, &self.bases).into_iter().flatten() {
                let link = self.links.len() as u32;
                self.links.push((at as u32, NONE));
                let Some(head) = self.heads.get_mut(name as usize) else { continue };
                if head.0 == self.round {
                    let last = std::mem::replace(&mut head.2, link);
                    if let Some(last) = self.links.get_mut(last as usize) {
                        last.1 = link;
                    }
                } else {
                    *head = (self.round, link, link);
                }
            }
        }
    }

    /// First cell under a name.
    pub(crate) fn first(&self, name: u32) -> Option<u32> {
        self.heads.get(name as usize).filter(|head| head.0 == self.round).map(|head| head.1)
    }

    /// The cells of a field: those under the first of its names that is there.
    pub(crate) fn cells<'f>(&'f self, event: &'f Event, names: &[u32]) -> Cells<'f> {
        let next = names.iter().find_map(|name| self.first(*name)).unwrap_or(NONE);
        Cells { links: &self.links, event, next }
    }
}

/// The cells of one name.
#[derive(Debug, Clone)]
pub(crate) struct Cells<'f> {
    links: &'f [(u32, u32)],
    event: &'f Event,
    next: u32,
}

impl<'f> Iterator for Cells<'f> {
    type Item = &'f Cell;

    fn next(&mut self) -> Option<&'f Cell> {
        let (cell, after) = *self.links.get(self.next as usize)?;
        self.next = after;
        self.event.cells.get(cell as usize)
    }
}
