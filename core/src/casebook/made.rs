//! Alerts that rules made of events: no facts, but records like theirs, under positions of their own.

use crate::error::{Error, ErrorCode, Result};
use crate::model::{FactId, FactKind};

use super::world::Sight;

/// Positions from here on are those of made alerts; those of facts are below.
pub(crate) const MADE: u32 = 1 << 31;

#[derive(Debug, Clone, Copy)]
struct Entry {
    end: usize,
    /// Position of the event that it was made of; of a sequence, the first.
    event: u32,
    maker: Maker,
}

/// What made an alert, which says how long it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Maker {
    /// This rule, of one event: it holds as long as the event.
    Rule(u32),
    /// A correlation, of a sequence that holds.
    Sequence,
    /// A correlation, of a sequence whose events say otherwise by now.
    Fallen,
}

/// Made alerts as canonical JSON, in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Made {
    /// The position of the next alert, if there is room for so many.
    pub(crate) fn next(&self, count: usize) -> Result<u32> {
        let room = self.entries.len() + count < (u32::MAX - MADE) as usize;
        let full = || Error::new(ErrorCode::Limit, "rules made more alerts than a casebook can hold");
        room.then_some(MADE + self.entries.len() as u32).ok_or_else(full)
    }

    pub(crate) fn push(&mut self, json: &[u8], event: u32, maker: Maker) {
        self.bytes.extend_from_slice(json);
        self.entries.push(Entry { end: self.bytes.len(), event, maker });
    }

    fn entry(&self, position: u32) -> Option<(usize, &Entry)> {
        let at = position.checked_sub(MADE)? as usize;
        Some((at, self.entries.get(at)?))
    }

    pub(crate) fn json(&self, position: u32) -> Option<&[u8]> {
        let (at, entry) = self.entry(position)?;
        let start = at.checked_sub(1).and_then(|before| self.entries.get(before)).map_or(0, |before| before.end);
        self.bytes.get(start..entry.end)
    }

    /// Position of the event.
    pub(crate) fn event(&self, position: u32) -> Option<u32> {
        self.entry(position).map(|(_, entry)| entry.event)
    }

    /// Does it stand, given which facts do?
    pub(crate) fn stands(&self, position: u32, in_force: &dyn Fn(u32) -> bool, sight: &Sight) -> bool {
        self.entry(position).is_some_and(|(_, entry)| match entry.maker {
            Maker::Rule(rule) => in_force(entry.event) && !sight.is_muted(rule),
            maker => maker == Maker::Sequence,
        })
    }

    /// Positions of sequences that hold.
    pub(crate) fn sequences(&self) -> impl Iterator<Item = u32> + '_ {
        let held = self.entries.iter().zip(MADE..).filter(|(entry, _)| entry.maker == Maker::Sequence);
        held.map(|(_, position)| position)
    }

    /// Sequences that no longer hold, of so many alerts.
    pub(crate) fn fallen(&self) -> (usize, usize) {
        (self.entries.iter().filter(|entry| entry.maker == Maker::Fallen).count(), self.entries.len())
    }

    /// The sequence no longer holds.
    pub(crate) fn fell(&mut self, position: u32) {
        if let Some(entry) = position.checked_sub(MADE).and_then(|at| self.entries.get_mut(at as usize)) {
            entry.maker = Maker::Fallen;
        }
    }
}

/// A record by position: a fact of the log, or an alert made of one, which bears the id of its event.
pub(crate) type Read<'r> = (FactId, FactKind, &'r [u8]);
