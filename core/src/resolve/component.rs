//! Which occurrences are one thing, worked out again for the profiles that a change may concern.
//!
//! Entities depend on each other only through the identifiers that they share, and not through one that
//! so many things claim that it identifies none of them.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::{HashMap, HashSet};

use super::entities::{Entities, MANY, Merge};
use super::holders::Holders;
use super::store::{NONE, Store};

/// Groups that may be looked at for one change; beyond it, deriving everything is as good.
const GROUPS: usize = 50_000;

/// Profiles with one strongest identifier each, closed under the identifiers that may join them.
#[derive(Default)]
struct Component {
    group_of: HashMap<u32, u32>,
    /// The strongest identifier of each group.
    strongest: Vec<u32>,
    /// Groups and profiles in use.
    profiles: Vec<(u32, u32)>,
    /// Identifiers that more than [`MANY`] groups gave.
    crowded: HashSet<u32>,
}

impl Component {
    /// Everything that shares an identifier with one of `changed`, and so on; `None` if that is too much.
    fn around(store: &Store, holders: &Holders, used: &[u32], changed: &[u32]) -> Option<Component> {
        let in_use = |profile: &u32| used[*profile as usize] > 0;
        let mut out = Component::default();
        let mut seen: HashSet<u32> = HashSet::new();
        let mut open: Vec<u32> = Vec::new();
        for profile in changed {
            open.extend(store.profiles.get(*profile).iter().filter(|id| seen.insert(**id)));
        }
        while let Some(id) = open.pop() {
            let mut groups: HashSet<u32> = HashSet::new();
            let mut complete = true;
            for profile in holders.of(id).filter(in_use) {
                groups.insert(store.profiles.get(profile)[0]);
                if groups.len() > MANY + changed.len() {
                    complete = false;
                    break;
                }
            }
            if groups.len() > MANY {
                out.crowded.insert(id);
            }
            // An identifier just past the limit, or just below it, concerns all that give it.
            if !complete {
                continue;
            }
            for strongest in groups {
                if !out.enter(store, holders, used, strongest) {
                    continue;
                }
                let group = out.strongest.len() as u32 - 1;
                for (_, profile) in out.profiles.iter().rev().take_while(|(g, _)| *g == group) {
                    open.extend(store.profiles.get(*profile).iter().filter(|id| seen.insert(**id)));
                }
            }
            if out.strongest.len() > GROUPS {
                return None;
            }
        }
        Some(out)
    }

    /// Takes in a group with its profiles; `false` if it is in already.
    fn enter(&mut self, store: &Store, holders: &Holders, used: &[u32], strongest: u32) -> bool {
        let next = self.strongest.len() as u32;
        if *self.group_of.entry(strongest).or_insert(next) != next {
            return false;
        }
        self.strongest.push(strongest);
        let own = |profile: &u32| used[*profile as usize] > 0 && store.profiles.get(*profile)[0] == strongest;
        self.profiles.extend(holders.of(strongest).filter(own).map(|profile| (next, profile)));
        true
    }
}

/// A profile that is now another entity than before; `NONE` before or after for one that was or is not in use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    pub(crate) profile: u32,
    pub(crate) before: u32,
    pub(crate) after: u32,
}

impl Entities {
    /// Derives again what profiles that came into use or went out of it may concern. Gives the profiles that
    /// are now others than before, and the profiles and entities that were looked at; `None` if that is too
    /// much. `O(profiles that share identifiers with them, and so on)`.
    pub(crate) fn rederive(
        &mut self,
        store: &Store,
        holders: &Holders,
        used: &[u32],
        changed: &[u32],
    ) -> Option<(Vec<Moved>, Vec<u32>)> {
        self.of_profile.resize(store.profiles.len(), NONE);
        let component = Component::around(store, holders, used, changed)?;
        let pairs = component.profiles.iter().map(|(group, profile)| (*profile, *group));
        let roots = Merge::new(store, &component.strongest, pairs, component.crowded.clone()).run();
        let mut moved = Vec::new();
        let mut looked_at = Vec::with_capacity(component.profiles.len());
        for (group, profile) in &component.profiles {
            let name = component.strongest[roots[*group as usize] as usize];
            let (before, after) = (self.of_profile[*profile as usize], self.named(store, *profile, name));
            self.of_profile[*profile as usize] = after;
            looked_at.push(*profile);
            if before != after {
                moved.push(Moved { profile: *profile, before, after });
            }
        }
        for profile in changed.iter().filter(|profile| used[**profile as usize] == 0) {
            let before = std::mem::replace(&mut self.of_profile[*profile as usize], NONE);
            if before != NONE {
                moved.push(Moved { profile: *profile, before, after: NONE });
            }
        }
        Some((moved, looked_at))
    }

    /// The entity with this name; a new one of the kind of the profile if there is none.
    fn named(&mut self, store: &Store, profile: u32, name: u32) -> u32 {
        let next = self.kind.len() as u32;
        let entity = *self.of_name.entry(name).or_insert(next);
        if entity == next {
            self.kind.push(store.profile_kind(profile) as u8);
            self.tenant.push(store.profile_tenant(profile));
            self.name.push(name);
        }
        entity
    }

    /// The entity that an identifier leads to: the one it names, or else the only one that has it.
    pub(crate) fn holder(&self, holders: &Holders, id: u32) -> Option<u32> {
        let mut found = None;
        let mut several = false;
        for profile in holders.of(id) {
            let entity = self.of_profile.get(profile as usize).copied().unwrap_or(NONE);
            if entity == NONE {
                continue;
            }
            if self.name[entity as usize] == id {
                return Some(entity);
            }
            several |= found.is_some_and(|other| other != entity);
            found = Some(entity);
        }
        found.filter(|_| !several)
    }
}
