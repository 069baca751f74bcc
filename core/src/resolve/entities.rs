//! Which occurrences are one thing.
//!
//! Every occurrence carries a *profile*: the identifiers it gave, strong to weak. Profiles with the
//! same strongest identifier are one entity. Going down the ranks, an entity known only by weaker
//! identifiers joins a stronger one when they share an identifier and nothing stronger of the same
//! type disagrees; when several qualify, or several rivals want the same place, none joins, because
//! any choice would depend on the order of arrival. The result is a function of the set of profiles.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::{HashMap, HashSet};

use super::kind::{EntityKind, IdType};
use super::store::{NONE, Store};

/// An identifier that more things than this claim identifies none of them (a default name, a placeholder).
pub(super) const MANY: usize = 256;

/// Entities under dense ids, derived from the profiles in use.
///
/// Statements about alerts stand among them, named by a text instead of an identifier.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entities {
    /// Entity of each profile; `NONE` for profiles not in use.
    pub(crate) of_profile: Vec<u32>,
    pub(crate) kind: Vec<u8>,
    pub(crate) tenant: Vec<u32>,
    /// The strongest identifier: it names the entity.
    pub(crate) name: Vec<u32>,
    /// The entity of each name; filled once facts come and go.
    pub(super) of_name: HashMap<u32, u32>,
}

impl Entities {
    pub(crate) fn len(&self) -> usize {
        self.kind.len()
    }

    pub(crate) fn kind(&self, entity: u32) -> EntityKind {
        EntityKind::from_index(self.kind[entity as usize])
    }

    /// From now on entities are found by their name too. `O(entities)`, once.
    pub(crate) fn keep_names(&mut self) {
        if self.of_name.is_empty() {
            let entities = (0..self.kind.len() as u32).filter(|entity| !self.is_statement(*entity));
            self.of_name = entities.map(|entity| (self.name[entity as usize], entity)).collect();
        }
    }

    /// Adds a statement of a tenant, named by a text.
    pub(crate) fn push_statement(&mut self, kind: EntityKind, tenant: u32, text: u32) -> u32 {
        self.kind.push(kind as u8);
        self.tenant.push(tenant);
        self.name.push(text);
        self.kind.len() as u32 - 1
    }

    pub(crate) fn is_statement(&self, entity: u32) -> bool {
        self.kind(entity).is_statement()
    }

    /// Kind, type and value of the strongest identifier of what is no statement: what the public id is made of.
    pub(crate) fn key<'s>(&self, store: &'s Store, entity: u32) -> (EntityKind, IdType, &'s str) {
        let id = self.name[entity as usize];
        (self.kind(entity), store.id_type(id), store.ids.str(id))
    }

    /// The public id, `kind:type:value` with the strongest identifier; of a statement, `kind:text`.
    pub(crate) fn public_id(&self, store: &Store, entity: u32) -> String {
        if self.is_statement(entity) {
            return format!("{}:{}", self.kind(entity).as_str(), store.text(self.name[entity as usize]));
        }
        let (kind, id_type, value) = self.key(store, entity);
        format!("{}:{}:{value}", kind.as_str(), id_type.as_str())
    }

    /// Order of entities in every output: kind, then id; statements last. Independent of arrival.
    pub(crate) fn order(&self, store: &Store, a: u32, b: u32) -> std::cmp::Ordering {
        let key = |e: u32| {
            let (kind, name) = (self.kind[e as usize], self.name[e as usize]);
            if self.is_statement(e) {
                (true, kind, None, store.text(name))
            } else {
                (false, kind, Some(store.id_type(name)), store.ids.str(name))
            }
        };
        key(a).cmp(&key(b))
    }

    /// The entity that each identifier leads to: the one it names, or else the only one that has it. Of entities
    /// without statements.
    pub(crate) fn holders(&self, store: &Store) -> Vec<u32> {
        const SEVERAL: u32 = NONE - 1;
        let mut holder = vec![NONE; store.ids.len()];
        for (profile, entity) in self.of_profile.iter().enumerate().filter(|(_, e)| **e != NONE) {
            for id in store.profiles.get(profile as u32) {
                let slot = &mut holder[*id as usize];
                *slot = if *slot == NONE || *slot == *entity { *entity } else { SEVERAL };
            }
        }
        for (entity, name) in self.name.iter().enumerate() {
            holder[*name as usize] = entity as u32;
        }
        holder
    }

    /// Derives the entities of the profiles marked in `used`.
    pub(crate) fn derive(store: &Store, used: &[bool]) -> Entities {
        let profiles = store.profiles.len();
        // Groups: profiles with one strongest identifier. `group_of_id` of an identifier is the group it names.
        let mut group_of_id = vec![NONE; store.ids.len()];
        let mut strongest: Vec<u32> = Vec::new();
        let mut group_of_profile = vec![NONE; profiles];
        for profile in 0..profiles as u32 {
            if !used[profile as usize] {
                continue;
            }
            // INVARIANT: the identifiers of a profile stand in the order of their rank.
            let first = store.profiles.get(profile)[0];
            if group_of_id[first as usize] == NONE {
                group_of_id[first as usize] = strongest.len() as u32;
                strongest.push(first);
            }
            group_of_profile[profile as usize] = group_of_id[first as usize];
        }
        let pairs = group_of_profile.iter().zip(0u32..).filter(|(group, _)| **group != NONE);
        let pairs = pairs.map(|(group, profile)| (profile, *group));
        let parent = Merge::new(store, &strongest, pairs, HashSet::new()).run();
        let mut out = Entities { of_profile: vec![NONE; profiles], ..Entities::default() };
        let mut entity_of_group = vec![NONE; strongest.len()];
        for profile in 0..profiles as u32 {
            let group = group_of_profile[profile as usize];
            if group == NONE {
                continue;
            }
            let root = parent[group as usize];
            if entity_of_group[root as usize] == NONE {
                entity_of_group[root as usize] = out.kind.len() as u32;
                out.kind.push(store.profile_kind(profile) as u8);
                out.tenant.push(store.profile_tenant(profile));
                out.name.push(strongest[root as usize]);
            }
            out.of_profile[profile as usize] = entity_of_group[root as usize];
        }
        out
    }
}

/// One merge, from the strongest rank to the weakest.
pub(super) struct Merge<'s> {
    store: &'s Store,
    /// Names of the groups.
    strongest: &'s [u32],
    /// The root group that each group has joined; itself while it has not.
    root: Vec<u32>,
    /// Weaker identifiers of each group, as (group, identifier), sorted and without repeats.
    weak: Vec<(u32, u32)>,
    starts: Vec<u32>,
    /// Identifiers that more than one group gave, with their groups.
    holders: Vec<(u32, u32)>,
    /// Identifiers that more groups give than are looked at here.
    crowded: HashSet<u32>,
}

impl<'s> Merge<'s> {
    /// Profiles are given with the group of each.
    pub(super) fn new(
        store: &'s Store,
        strongest: &'s [u32],
        profiles: impl Iterator<Item = (u32, u32)>,
        crowded: HashSet<u32>,
    ) -> Self {
        let mut weak: Vec<(u32, u32)> = Vec::new();
        for (profile, group) in profiles {
            weak.extend(store.profiles.get(profile).iter().skip(1).map(|id| (group, *id)));
        }
        weak.sort_unstable();
        weak.dedup();
        let mut starts = vec![0u32; strongest.len() + 1];
        for (group, _) in &weak {
            starts[*group as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut holders: Vec<(u32, u32)> = weak.iter().map(|(group, id)| (*id, *group)).collect();
        holders.extend(strongest.iter().enumerate().map(|(group, id)| (*id, group as u32)));
        holders.sort_unstable();
        // An identifier with one holder joins nothing.
        let shared: Vec<(u32, u32)> =
            holders.chunk_by(|a, b| a.0 == b.0).filter(|chunk| chunk.len() > 1).flatten().copied().collect();
        Merge { store, strongest, root: (0..strongest.len() as u32).collect(), weak, starts, holders: shared, crowded }
    }

    fn ids(&self, group: u32) -> impl Iterator<Item = u32> + '_ {
        let (from, to) = (self.starts[group as usize], self.starts[group as usize + 1]);
        std::iter::once(self.strongest[group as usize])
            .chain(self.weak[from as usize..to as usize].iter().map(|(_, id)| *id))
    }

    /// The groups that gave this identifier.
    fn holders(&self, id: u32) -> &[(u32, u32)] {
        let from = self.holders.partition_point(|(i, _)| *i < id);
        let to = from + self.holders[from..].partition_point(|(i, _)| *i == id);
        &self.holders[from..to]
    }

    /// The root of each group.
    pub(super) fn run(mut self) -> Vec<u32> {
        // Only groups that share an identifier with another can join; the rest need no look.
        let mut candidates: Vec<u32> = self.holders.iter().map(|(_, group)| *group).collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates.sort_by_key(|g| self.rank(*g));
        // Identifiers that the members of a root have, so that later joins see them.
        let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
        let levels: Vec<Vec<u32>> =
            candidates.chunk_by(|a, b| self.rank(*a) == self.rank(*b)).map(<[u32]>::to_vec).collect();
        for level in levels {
            let mut wishes: Vec<(u32, u32)> = Vec::new();
            for group in &level {
                if let Some(target) = self.target(*group, &members) {
                    wishes.push((target, *group));
                }
            }
            wishes.sort_unstable();
            for rivals in wishes.chunk_by(|a, b| a.0 == b.0) {
                // Two groups of one rank differ in an identifier of one type: at most one can be the target.
                if let [(target, group)] = rivals {
                    self.root[*group as usize] = *target;
                    members.entry(*target).or_default().push(*group);
                }
            }
        }
        self.root
    }

    fn rank(&self, group: u32) -> IdType {
        self.store.id_type(self.strongest[group as usize])
    }

    /// The one stronger entity that `group` is, if there is exactly one for its strongest shared identifier.
    fn target(&self, group: u32, members: &HashMap<u32, Vec<u32>>) -> Option<u32> {
        let rank = self.rank(group);
        let mut ids: Vec<u32> = self.ids(group).collect();
        ids.sort_by_key(|id| self.store.id_type(*id));
        for id in &ids {
            let holders = self.holders(*id);
            if holders.len() > MANY || self.crowded.contains(id) {
                return None;
            }
            let mut found = NONE;
            for (_, holder) in holders {
                let root = self.root[*holder as usize];
                if root == group || root == found || self.rank(root) >= rank || !self.agree(group, root, members) {
                    continue;
                }
                if found != NONE {
                    return None;
                }
                found = root;
            }
            if found != NONE {
                return Some(found);
            }
        }
        None
    }

    /// No identifier of one type differs between the group and the entity, among those stronger than
    /// any they share.
    fn agree(&self, group: u32, root: u32, members: &HashMap<u32, Vec<u32>>) -> bool {
        let of_root = || {
            let joined = members.get(&root).map_or(&[][..], Vec::as_slice);
            std::iter::once(root).chain(joined.iter().copied()).flat_map(|g| self.ids(g))
        };
        let shared =
            self.ids(group).filter(|id| of_root().any(|other| other == *id)).map(|id| self.store.id_type(id)).min();
        let Some(shared) = shared else { return false };
        self.ids(group).filter(|id| self.store.id_type(*id) < shared).all(|id| {
            let id_type = self.store.id_type(id);
            // One thing has one stronger identifier of each type; any other value disagrees.
            !of_root().any(|other| other != id && self.store.id_type(other) == id_type)
        })
    }
}
