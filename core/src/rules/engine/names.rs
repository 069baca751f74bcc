//! Fields under numbers: every path that a rule or a mapping names, found in an event by hash.

use crate::rules::event::{Cell, Event, Place, ROOT, child_hash, path_hash, segment_hash};
use crate::rules::mapping::Mapping;

pub(crate) const NONE: u32 = u32::MAX;

/// The named paths, and which objects of a record count as the record itself.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Lower case, as rules and mappings write them.
    texts: Vec<String>,
    /// Open addressing over the hashes; a power of two, at most half full.
    slots: Vec<(u64, u32)>,
    strip: Vec<u64>,
    /// Objects whose every member is stripped (`Event.UserData.*`).
    strip_below: Vec<u64>,
}

impl Names {
    pub(crate) fn new(mapping: &Mapping) -> Names {
        let mut names = Names::default();
        for path in mapping.shapes.iter().flat_map(|shape| &shape.strip) {
            match path.strip_suffix(".*") {
                Some(parent) => names.strip_below.push(path_hash(parent)),
                None => names.strip.push(path_hash(path)),
            }
        }
        for list in [&mut names.strip, &mut names.strip_below] {
            list.sort_unstable();
            list.dedup();
        }
        names
    }

    /// The number of a path, if it has one.
    pub(crate) fn get(&self, path: &str) -> Option<u32> {
        self.find(path_hash(path), |text| text.eq_ignore_ascii_case(path))
    }

    pub(crate) fn text(&self, name: u32) -> Option<&str> {
        self.texts.get(name as usize).map(String::as_str)
    }

    /// The number of a path, new or known.
    pub(crate) fn intern(&mut self, path: &str) -> u32 {
        let hash = path_hash(path);
        if let Some(known) = self.find(hash, |text| text.eq_ignore_ascii_case(path)) {
            return known;
        }
        if (self.texts.len() + 1) * 2 > self.slots.len() {
            let size = (self.slots.len() * 2).max(64);
            let old = std::mem::replace(&mut self.slots, vec![(0, NONE); size]);
            old.into_iter().filter(|slot| slot.1 != NONE).for_each(|slot| self.put(slot));
        }
        let name = self.texts.len() as u32;
        self.texts.push(path.to_ascii_lowercase());
        self.put((hash, name));
        name
    }

    fn put(&mut self, slot: (u64, u32)) {
        let mask = self.slots.len() - 1;
        let mut at = slot.0 as usize & mask;
        while let Some(taken) = self.slots.get_mut(at) {
            if taken.1 == NONE {
                *taken = slot;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn find(&self, hash: u64, same: impl Fn(&str) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let (held, name) = *self.slots.get(at)?;
            if name == NONE {
                return None;
            }
            if held == hash && self.texts.get(name as usize).is_some_and(|text| same(text)) {
                return Some(name);
            }
            at = (at + 1) & mask;
        }
    }

    /// Hash of each object's path once stripped, in `bases`.
    pub(crate) fn bases(&self, event: &Event, bases: &mut Vec<u64>) {
        bases.clear();
        for object in &event.objects {
            let above = event.objects.get(object.parent as usize);
            let stripped = above.is_none()
                || self.strip.binary_search(&object.hash).is_ok()
                || above.is_some_and(|above| self.strip_below.binary_search(&above.hash).is_ok());
            let base = match bases.get(object.parent as usize) {
                Some(base) if !stripped => child_hash(*base, object.key_hash),
                _ => ROOT,
            };
            bases.push(base);
        }
    }

    /// The names of a place: as stripped, and by its whole path where that differs.
    pub(crate) fn of(&self, event: &Event, place: &Place, bases: &[u64]) -> [Option<u32>; 2] {
        let base = bases.get(place.object as usize).copied().unwrap_or(ROOT);
        let key = event.key_of(place.key);
        let key_hash = segment_hash(key.as_bytes());
        let find = |hash: u64| {
            self.find(hash, |text| {
                let leaf = text.as_bytes().get(text.len().saturating_sub(key.len())..).unwrap_or_default();
                // A key alone is compared whole; of a longer path the rest stands in the hash of its object.
                leaf.eq_ignore_ascii_case(key.as_bytes())
                    && (hash != child_hash(ROOT, key_hash) || text.len() == key.len())
            })
        };
        let whole = event.objects.get(place.object as usize).map_or(ROOT, |o| o.hash);
        let first = find(child_hash(base, key_hash));
        let second = if whole == base { None } else { find(child_hash(whole, key_hash)) };
        [first, second]
    }

    /// Slow look-up of one path in an event, for those who look at few fields of few events.
    pub(crate) fn cells<'e>(&self, event: &'e Event, path: &str) -> impl Iterator<Item = &'e Cell> + use<'e> {
        let mut bases = Vec::new();
        self.bases(event, &mut bases);
        let wanted = path_hash(path);
        let leaf = segment_hash(path.rsplit('.').next().unwrap_or_default().as_bytes());
        let found = event.places().zip(&event.cells).filter(move |(place, _)| {
            let base = bases.get(place.object as usize).copied().unwrap_or(ROOT);
            event.key_hash(place) == leaf && (child_hash(base, leaf) == wanted || event.hash_of(place) == wanted)
        });
        found.map(|(_, cell)| cell)
    }
}
