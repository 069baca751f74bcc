//! The columns: every alert ever read, every occurrence, relation and identifier, as dense `u32` ids
//! in contiguous vectors. Append-only; what a person sees is derived from them.
//!
//! Dense ids follow the order of arrival and never reach an output or decide a tie.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::extract::{Edge, Extract, Said, Span};
use super::kind::{EntityKind, IdType};

/// Where an interned text stands, and its tag: together, because a look-up needs all of it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u64,
    start: usize,
    len: u32,
}

/// A slot of a table: 32 bits of the hash and the id. Growing the table needs no look at the values.
type Slot = (u32, u32);

/// The 64 bits that a table wants, from the 32 that a slot keeps: low ones for the place, high ones
/// for telling neighbours apart.
fn spread(short: u32) -> u64 {
    (u64::from(short) << 32) | u64::from(short)
}

/// Distinct texts, each with a small tag, under dense ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interner {
    hasher: DefaultHashBuilder,
    table: HashTable<Slot>,
    text: String,
    entries: Vec<Entry>,
}

impl Interner {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn hash(&self, tag: u64, value: &str) -> u32 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(tag);
        hasher.write(value.as_bytes());
        (hasher.finish() >> 32) as u32
    }

    pub(crate) fn intern(&mut self, tag: u64, value: &str) -> u32 {
        let hash = self.hash(tag, value);
        self.intern_hashed(hash, tag, value)
    }

    fn intern_hashed(&mut self, hash: u32, tag: u64, value: &str) -> u32 {
        let Interner { table, text, entries, .. } = self;
        let equal = |&(h, id): &Slot| h == hash && is(&entries[id as usize], text, tag, value);
        match table.entry(spread(hash), equal, |&(h, _)| spread(h)) {
            hashbrown::hash_table::Entry::Occupied(entry) => entry.get().1,
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let id = entries.len() as u32;
                entry.insert((hash, id));
                entries.push(Entry { tag, start: text.len(), len: value.len() as u32 });
                text.push_str(value);
                id
            }
        }
    }

    /// Interns many values at once, into `ids`.
    ///
    /// A look-up is a chain of cache misses: slot, entry, text. Taking each link of the chain for all
    /// values before the next lets the processor wait for many of them together.
    pub(crate) fn intern_all<'v>(
        &mut self,
        values: impl Iterator<Item = (u64, &'v str)> + Clone,
        hashes: &mut Vec<u32>,
        ids: &mut Vec<u32>,
    ) {
        hashes.clear();
        ids.clear();
        hashes.extend(values.clone().map(|(tag, value)| self.hash(tag, value)));
        let table = &self.table;
        ids.extend(
            hashes.iter().map(|hash| table.find(spread(*hash), |slot| slot.0 == *hash).map_or(NONE, |slot| slot.1)),
        );
        for (id, (tag, value)) in ids.iter_mut().zip(values.clone()) {
            if *id != NONE && !is(&self.entries[*id as usize], &self.text, tag, value) {
                *id = NONE;
            }
        }
        for ((id, hash), (tag, value)) in ids.iter_mut().zip(hashes.iter()).zip(values) {
            if *id == NONE {
                *id = self.intern_hashed(*hash, tag, value);
            }
        }
    }

    pub(crate) fn find(&self, tag: u64, value: &str) -> Option<u32> {
        let hash = self.hash(tag, value);
        let equal = |&(h, id): &Slot| h == hash && is(&self.entries[id as usize], &self.text, tag, value);
        self.table.find(spread(hash), equal).map(|(_, id)| *id)
    }

    pub(crate) fn str(&self, id: u32) -> &str {
        shown(&self.entries[id as usize], &self.text)
    }

    pub(crate) fn tag(&self, id: u32) -> u64 {
        self.entries[id as usize].tag
    }
}

fn shown<'t>(entry: &Entry, text: &'t str) -> &'t str {
    // INVARIANT: entries span whole values, so their ends are ends of characters.
    text.get(entry.start..entry.start + entry.len as usize).unwrap_or_default()
}

fn is(entry: &Entry, text: &str, tag: u64, value: &str) -> bool {
    let bytes = text.as_bytes().get(entry.start..entry.start + entry.len as usize);
    entry.tag == tag && bytes == Some(value.as_bytes())
}

/// Distinct short lists of `u32`, each with a tag, under dense ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists {
    hasher: DefaultHashBuilder,
    table: HashTable<Slot>,
    items: Vec<u32>,
    /// Tag of each list, and where it ends; it begins where the one before it ends.
    lists: Vec<(u64, u32)>,
}

impl Lists {
    pub(crate) fn len(&self) -> usize {
        self.lists.len()
    }

    pub(crate) fn intern(&mut self, tag: u64, list: &[u32]) -> u32 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(tag);
        for item in list {
            hasher.write_u32(*item);
        }
        let hash = (hasher.finish() >> 32) as u32;
        let Lists { table, items, lists, .. } = self;
        let equal = |&(h, id): &Slot| h == hash && lists[id as usize].0 == tag && list_of(items, lists, id) == list;
        match table.entry(spread(hash), equal, |&(h, _)| spread(h)) {
            hashbrown::hash_table::Entry::Occupied(entry) => entry.get().1,
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let id = lists.len() as u32;
                entry.insert((hash, id));
                items.extend_from_slice(list);
                lists.push((tag, items.len() as u32));
                id
            }
        }
    }

    pub(crate) fn get(&self, id: u32) -> &[u32] {
        list_of(&self.items, &self.lists, id)
    }

    pub(crate) fn tag(&self, id: u32) -> u64 {
        self.lists[id as usize].0
    }
}

fn list_of<'b>(items: &'b [u32], lists: &[(u64, u32)], id: u32) -> &'b [u32] {
    let id = id as usize;
    let start = if id == 0 { 0 } else { lists[id - 1].1 };
    &items[start as usize..lists[id].1 as usize]
}

/// `u32::MAX` in a column of ids: nothing.
pub(crate) const NONE: u32 = u32::MAX;
/// `i64::MIN` in a column of times: undated.
pub(crate) const UNDATED: i64 = i64::MIN;

/// One row of the alert columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AlertRow {
    /// Dense id of (tenant, alert id): versions and fragments of one alert share it.
    pub(crate) key: u32,
    pub(crate) tenant: u32,
    pub(crate) title: u32,
    pub(crate) detector: u32,
    pub(crate) service: u32,
    pub(crate) product: u32,
    pub(crate) vendor_incident: u32,
    pub(crate) actor: u32,
    pub(crate) assigned_to: u32,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) updated: i64,
    pub(crate) severity: u8,
    pub(crate) status: u8,
    pub(crate) classification: u8,
    pub(crate) determination: u8,
    /// One of several rows that together make the alert.
    pub(crate) fragment: bool,
    pub(crate) occurrences: (u32, u32),
    pub(crate) edges: (u32, u32),
    /// Categories, then techniques, in `Store::terms`.
    pub(crate) categories: (u32, u32),
    pub(crate) techniques: (u32, u32),
    /// Position in the log.
    pub(crate) fact: u32,
}

/// One row of the occurrence columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OccurrenceRow {
    pub(crate) profile: u32,
    pub(crate) roles: u16,
    pub(crate) verdict: u8,
    pub(crate) status: u8,
    pub(crate) flags: u8,
}

/// All columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    /// Titles, detectors, services, tenants, people: texts that are shown.
    pub(crate) texts: Interner,
    /// Identifiers, tagged with tenant, kind and type.
    pub(crate) ids: Interner,
    /// Distinct lists of identifiers, tagged with tenant and kind: what an occurrence knows of its entity.
    pub(crate) profiles: Lists,
    /// (tenant, alert id).
    pub(crate) keys: Interner,
    pub(crate) alerts: Vec<AlertRow>,
    pub(crate) occurrences: Vec<OccurrenceRow>,
    /// Relations between occurrences of one alert, by index into `occurrences`.
    pub(crate) edges: Vec<Edge>,
    pub(crate) terms: Vec<u32>,
    /// Tags of evidence items: occurrence and text, in order of occurrence.
    tags: Vec<(u32, u32)>,
    /// What else evidence items say: occurrence, what it is and text, in order of occurrence.
    said: Vec<(u32, Said, u32)>,
    /// Distinct tenants, in order of arrival.
    tenants: Vec<u32>,
    hashes: Vec<u32>,
    found: Vec<u32>,
}

/// Tag of an identifier: tenant, kind and type.
pub(crate) fn id_tag(tenant: u32, kind: EntityKind, id_type: IdType) -> u64 {
    (u64::from(tenant) << 16) | ((kind as u64) << 8) | id_type as u64
}

/// Tag of a profile: tenant and kind.
pub(crate) fn profile_tag(tenant: u32, kind: EntityKind) -> u64 {
    (u64::from(tenant) << 8) | kind as u64
}

impl Store {
    /// Appends an extracted alert and gives its row.
    pub(crate) fn push(&mut self, extract: &Extract, fact: u32, fragment: bool) -> u32 {
        let fields = &extract.alert;
        let tenant = self.texts.intern(0, extract.str(fields.tenant));
        if self.alerts.last().is_none_or(|last| last.tenant != tenant) && !self.tenants.contains(&tenant) {
            self.tenants.push(tenant);
        }
        let text = |texts: &mut Interner, span: Span| {
            if span.is_empty() { NONE } else { texts.intern(0, extract.str(span)) }
        };
        let start = self.occurrences.len() as u32;
        let kinds = extract.occurrences.iter().flat_map(|o| std::iter::repeat_n(o.kind, (o.ids.1 - o.ids.0) as usize));
        // INVARIANT: the identifiers of occurrences stand one after the other, in their order.
        let values = extract.ids.iter().zip(kinds);
        let values = values.map(|(id, kind)| (id_tag(tenant, kind, id.id_type), extract.str(id.value)));
        let (mut hashes, mut found) = (std::mem::take(&mut self.hashes), std::mem::take(&mut self.found));
        self.ids.intern_all(values, &mut hashes, &mut found);
        for occurrence in &extract.occurrences {
            let list = &found[occurrence.ids.0 as usize..occurrence.ids.1 as usize];
            self.occurrences.push(OccurrenceRow {
                profile: self.profiles.intern(profile_tag(tenant, occurrence.kind), list),
                roles: occurrence.roles,
                verdict: occurrence.verdict,
                status: occurrence.status,
                flags: occurrence.flags,
            });
        }
        (self.hashes, self.found) = (hashes, found);
        for (occurrence, tag) in &extract.tags {
            let tag = self.texts.intern(0, extract.str(*tag));
            self.tags.push((start + occurrence, tag));
        }
        for (occurrence, what, text) in &extract.said {
            let text = self.texts.intern(0, extract.str(*text));
            self.said.push((start + occurrence, *what, text));
        }
        let edges = self.edges.len() as u32;
        self.edges.extend(extract.edges.iter().map(|e| Edge {
            from: e.from + start,
            relation: e.relation,
            to: e.to + start,
        }));
        let mut terms = |texts: &mut Interner, spans: &[Span]| {
            let begin = self.terms.len() as u32;
            self.terms.extend(spans.iter().map(|span| texts.intern(0, extract.str(*span))));
            (begin, self.terms.len() as u32)
        };
        let categories = terms(&mut self.texts, &fields.categories);
        let techniques = terms(&mut self.texts, &fields.techniques);
        let texts = &mut self.texts;
        let row = AlertRow {
            key: self.keys.intern(u64::from(tenant), extract.str(fields.id)),
            tenant,
            title: text(texts, fields.title),
            detector: text(texts, fields.detector),
            service: text(texts, fields.service),
            product: text(texts, fields.product),
            vendor_incident: text(texts, fields.vendor_incident),
            actor: text(texts, fields.actor),
            assigned_to: text(texts, fields.assigned_to),
            first: fields.first.unwrap_or(UNDATED),
            last: fields.last.unwrap_or(UNDATED),
            updated: fields.updated.unwrap_or(UNDATED),
            severity: fields.severity,
            status: fields.status,
            classification: fields.classification,
            determination: fields.determination,
            fragment,
            occurrences: (start, self.occurrences.len() as u32),
            edges: (edges, self.edges.len() as u32),
            categories,
            techniques,
            fact,
        };
        self.alerts.push(row);
        self.alerts.len() as u32 - 1
    }

    pub(crate) fn text(&self, id: u32) -> &str {
        if id == NONE { "" } else { self.texts.str(id) }
    }

    /// The tenants that have alerts.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = u32> + '_ {
        self.tenants.iter().copied()
    }

    /// Keys of the alerts with this id, one for each tenant that has one.
    pub(crate) fn keys_of(&self, id: &str) -> impl Iterator<Item = u32> {
        self.tenants().filter_map(move |tenant| self.keys.find(u64::from(tenant), id))
    }

    /// Tags of an occurrence's evidence item.
    pub(crate) fn tags(&self, occurrence: u32) -> impl Iterator<Item = &str> {
        let from = self.tags.partition_point(|(o, _)| *o < occurrence);
        self.tags[from..].iter().take_while(move |(o, _)| *o == occurrence).map(|(_, tag)| self.texts.str(*tag))
    }

    /// What the evidence items of these occurrences say: occurrence and text.
    pub(crate) fn said(&self, occurrences: (u32, u32), what: Said) -> impl Iterator<Item = (u32, u32)> + '_ {
        let from = self.said.partition_point(|(o, ..)| *o < occurrences.0);
        let these = self.said[from..].iter().take_while(move |(o, ..)| *o < occurrences.1);
        these.filter(move |(_, is, _)| *is == what).map(|(occurrence, _, text)| (*occurrence, *text))
    }

    /// The alert's own id.
    pub(crate) fn alert_id(&self, key: u32) -> &str {
        self.keys.str(key)
    }

    pub(crate) fn profile_kind(&self, profile: u32) -> EntityKind {
        EntityKind::from_index((self.profiles.tag(profile) & 0xff) as u8)
    }

    pub(crate) fn profile_tenant(&self, profile: u32) -> u32 {
        (self.profiles.tag(profile) >> 8) as u32
    }

    /// Tenant, kind and type of an identifier.
    pub(crate) fn id_parts(&self, id: u32) -> (u32, EntityKind, IdType) {
        let tag = self.ids.tag(id);
        ((tag >> 16) as u32, EntityKind::from_index((tag >> 8 & 0xff) as u8), self.id_type(id))
    }

    pub(crate) fn id_type(&self, id: u32) -> IdType {
        IdType::ALL[(self.ids.tag(id) & 0xff) as usize]
    }

    pub(crate) fn terms(&self, range: (u32, u32)) -> impl Iterator<Item = &str> {
        self.terms[range.0 as usize..range.1 as usize].iter().map(|id| self.texts.str(*id))
    }
}
