//! Where the fields of events of one layout stand: found once, kept for the events that follow.

use crate::rules::event::{Cell, Event, Kind, Object, Packed};

use super::classify::Classifier;
use super::names::Names;

/// Longest key of an event's deciding values.
const LONGEST_KEY: usize = 512;

/// What events with the same keys in the same places have in common.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    keys: String,
    objects: Vec<Object>,
    places: Vec<Packed>,
    /// Name and cell, sorted.
    named: Vec<(u32, u32)>,
    /// What the mapping takes such events for.
    pub(super) shape: Option<u32>,
    /// Cells whose values decide about the class, and nothing else does.
    deciding: Vec<u32>,
    bases: Vec<u64>,
}

impl Layout {
    /// Makes it that of an event, in the memory that it has.
    pub(crate) fn fill(&mut self, names: &Names, classifier: &Classifier, event: &Event) {
        self.keys.clear();
        self.keys.push_str(event.keys());
        self.objects.clone_from(&event.objects);
        self.places.clear();
        self.places.extend(event.packed_places());
        self.named.clear();
        names.bases(event, &mut self.bases);
        for (at, place) in event.places().enumerate() {
            let found = names.of(event, &place, &self.bases).into_iter().flatten();
            self.named.extend(found.map(|name| (name, at as u32)));
        }
        self.named.sort_unstable();
        self.shape = classifier.shape(self);
        self.deciding.clear();
        for paths in classifier.deciding(self.shape) {
            let cells = cells(&self.named, paths).iter().map(|(_, cell)| *cell);
            self.deciding.extend(cells);
        }
        self.deciding.sort_unstable();
        self.deciding.dedup();
    }

    /// Memory in use, about.
    pub(super) fn bytes(&self) -> usize {
        self.keys.len()
            + size_of_val(self.objects.as_slice())
            + size_of_val(self.places.as_slice())
            + size_of_val(self.named.as_slice())
            + size_of_val(self.deciding.as_slice())
            + size_of_val(self.bases.as_slice())
    }

    /// Is it that of the event?
    pub(crate) fn fits(&self, event: &Event) -> bool {
        self.keys == event.keys() && self.places == event.packed_places() && self.objects == event.objects
    }

    /// Names with their cells, sorted.
    pub(super) fn named(&self) -> &[(u32, u32)] {
        &self.named
    }

    pub(super) fn has(&self, name: u32) -> bool {
        self.named.binary_search_by(|(known, _)| known.cmp(&name)).is_ok()
    }

    pub(super) fn has_object(&self, hash: u64) -> bool {
        self.objects.iter().skip(1).any(|object| object.hash == hash)
    }

    /// The cells of a field: those under the first of its names that is there.
    pub(super) fn cells<'e>(
        &self,
        event: &'e Event,
        names: &[u32],
    ) -> impl Iterator<Item = &'e Cell> + Clone + use<'_, 'e> {
        cells(&self.named, names).iter().filter_map(|(_, cell)| event.cells.get(*cell as usize))
    }

    /// The texts that decide about the class, into `key`; not when they are long.
    pub(super) fn key(&self, event: &Event, key: &mut Vec<u8>) -> bool {
        key.clear();
        for cell in self.deciding.iter().filter_map(|cell| event.cells.get(*cell as usize)) {
            let text = event.folded_of(cell);
            if key.len() + text.len() > LONGEST_KEY {
                return false;
            }
            let length = if cell.kind == Kind::Null { u32::MAX } else { text.len() as u32 };
            key.extend(length.to_le_bytes());
            key.extend(text.as_bytes());
        }
        true
    }
}

fn cells<'n>(named: &'n [(u32, u32)], names: &[u32]) -> &'n [(u32, u32)] {
    for name in names {
        let start = named.partition_point(|(known, _)| known < name);
        let rest = named.get(start..).unwrap_or_default();
        let len = rest.iter().take_while(|(known, _)| known == name).count();
        if len > 0 {
            return rest.get(..len).unwrap_or_default();
        }
    }
    &[]
}
