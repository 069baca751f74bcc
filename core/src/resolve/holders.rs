//! The profiles that give each identifier.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::HashMap;

use super::store::Store;

/// Laid out at once; profiles that come later stand beside.
#[derive(Debug, Clone)]
pub(crate) struct Holders {
    starts: Vec<u32>,
    list: Vec<u32>,
    later: HashMap<u32, Vec<u32>>,
    /// Profiles of the store that are in here.
    profiles: u32,
}

impl Holders {
    /// `O(identifiers of all profiles)`.
    pub(crate) fn new(store: &Store) -> Holders {
        let profiles = store.profiles.len() as u32;
        let mut starts = vec![0u32; store.ids.len() + 1];
        for profile in 0..profiles {
            for id in store.profiles.get(profile) {
                starts[*id as usize + 1] += 1;
            }
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut list = vec![0u32; starts.last().map_or(0, |end| *end as usize)];
        for profile in 0..profiles {
            for id in store.profiles.get(profile) {
                list[next[*id as usize] as usize] = profile;
                next[*id as usize] += 1;
            }
        }
        Holders { starts, list, later: HashMap::new(), profiles }
    }

    /// Takes in the profiles that the store got since. `O(those)`.
    pub(crate) fn follow(&mut self, store: &Store) {
        for profile in self.profiles..store.profiles.len() as u32 {
            for id in store.profiles.get(profile) {
                self.later.entry(*id).or_default().push(profile);
            }
        }
        self.profiles = store.profiles.len() as u32;
    }

    pub(crate) fn of(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        let range = self.starts.get(id as usize + 1).map(|end| self.starts[id as usize] as usize..*end as usize);
        let first = range.map_or(&[][..], |range| &self.list[range]);
        let later = self.later.get(&id).map_or(&[][..], Vec::as_slice);
        first.iter().chain(later).copied()
    }
}
