//! The columns: every alert ever read, every occurrence, relation and identifier, as dense `u32` ids
//! in contiguous vectors. Append-only; what a person sees is derived from them.
//!
//! Dense ids follow the order of arrival and never reach an output or decide a tie.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::extract::{Edge, Extract, Occurrence, Span};
use super::kind::{EntityKind, IdType};

/// Distinct byte strings, each with a small tag, under dense ids.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    hasher: DefaultHashBuilder,
    /// Ids with the high half of their hash: most unequal entries differ there.
    table: HashTable<(u32, u32)>,
    bytes: Vec<u8>,
    /// End of each value in `bytes`; a value begins where the one before it ends.
    ends: Vec<usize>,
    tags: Vec<u64>,
}

impl Interner {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn hash(&self, tag: u64, value: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(tag);
        hasher.write(value);
        hasher.finish()
    }

    pub(crate) fn intern(&mut self, tag: u64, value: &str) -> u32 {
        let hash = self.hash(tag, value.as_bytes());
        let high = (hash >> 32) as u32;
        let Interner { table, bytes, ends, tags, hasher } = self;
        let equal =
            |&(h, id): &(u32, u32)| h == high && tags[id as usize] == tag && slice(bytes, ends, id) == value.as_bytes();
        let rehash = |&(_, id): &(u32, u32)| {
            let mut hasher = hasher.build_hasher();
            hasher.write_u64(tags[id as usize]);
            hasher.write(slice(bytes, ends, id));
            hasher.finish()
        };
        match table.entry(hash, equal, rehash) {
            hashbrown::hash_table::Entry::Occupied(entry) => entry.get().1,
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let id = ends.len() as u32;
                entry.insert((high, id));
                bytes.extend_from_slice(value.as_bytes());
                ends.push(bytes.len());
                tags.push(tag);
                id
            }
        }
    }

    pub(crate) fn find(&self, tag: u64, value: &str) -> Option<u32> {
        let hash = self.hash(tag, value.as_bytes());
        let high = (hash >> 32) as u32;
        let equal =
            |&(h, id): &(u32, u32)| h == high && self.tags[id as usize] == tag && self.bytes(id) == value.as_bytes();
        self.table.find(hash, equal).map(|(_, id)| *id)
    }

    fn bytes(&self, id: u32) -> &[u8] {
        slice(&self.bytes, &self.ends, id)
    }

    pub(crate) fn str(&self, id: u32) -> &str {
        std::str::from_utf8(self.bytes(id)).unwrap_or_default()
    }

    pub(crate) fn tag(&self, id: u32) -> u64 {
        self.tags[id as usize]
    }
}

fn slice<'b>(bytes: &'b [u8], ends: &[usize], id: u32) -> &'b [u8] {
    let id = id as usize;
    let start = if id == 0 { 0 } else { ends[id - 1] };
    &bytes[start..ends[id]]
}

/// Distinct short lists of `u32`, each with a tag, under dense ids.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    hasher: DefaultHashBuilder,
    table: HashTable<u32>,
    items: Vec<u32>,
    ends: Vec<u32>,
    tags: Vec<u64>,
}

impl Lists {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn intern(&mut self, tag: u64, list: &[u32]) -> u32 {
        let Lists { hasher, table, items, ends, tags } = self;
        let hash_of = |tag: u64, list: &[u32]| {
            let mut hasher = hasher.build_hasher();
            hasher.write_u64(tag);
            for item in list {
                hasher.write_u32(*item);
            }
            hasher.finish()
        };
        let hash = hash_of(tag, list);
        let equal = |&id: &u32| tags[id as usize] == tag && list_slice(items, ends, id) == list;
        let rehash = |&id: &u32| hash_of(tags[id as usize], list_slice(items, ends, id));
        match table.entry(hash, equal, rehash) {
            hashbrown::hash_table::Entry::Occupied(entry) => *entry.get(),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let id = ends.len() as u32;
                entry.insert(id);
                items.extend_from_slice(list);
                ends.push(items.len() as u32);
                tags.push(tag);
                id
            }
        }
    }

    pub(crate) fn get(&self, id: u32) -> &[u32] {
        list_slice(&self.items, &self.ends, id)
    }

    pub(crate) fn tag(&self, id: u32) -> u64 {
        self.tags[id as usize]
    }
}

fn list_slice<'b>(items: &'b [u32], ends: &[u32], id: u32) -> &'b [u32] {
    let id = id as usize;
    let start = if id == 0 { 0 } else { ends[id - 1] };
    &items[start as usize..ends[id] as usize]
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
#[derive(Debug, Default)]
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
    /// Distinct tenants, in order of arrival.
    tenants: Vec<u32>,
    scratch: Vec<u32>,
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
        for occurrence in &extract.occurrences {
            let profile = self.profile(extract, tenant, occurrence);
            self.occurrences.push(OccurrenceRow {
                profile,
                roles: occurrence.roles,
                verdict: occurrence.verdict,
                status: occurrence.status,
                flags: occurrence.flags,
            });
        }
        for (occurrence, tag) in &extract.tags {
            let tag = self.texts.intern(0, extract.str(*tag));
            self.tags.push((start + occurrence, tag));
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

    fn profile(&mut self, extract: &Extract, tenant: u32, occurrence: &Occurrence) -> u32 {
        self.scratch.clear();
        let (from, to) = occurrence.ids;
        for id in &extract.ids[from as usize..to as usize] {
            let tag = id_tag(tenant, occurrence.kind, id.id_type);
            self.scratch.push(self.ids.intern(tag, extract.str(id.value)));
        }
        self.profiles.intern(profile_tag(tenant, occurrence.kind), &self.scratch)
    }

    pub(crate) fn text(&self, id: u32) -> &str {
        if id == NONE { "" } else { self.texts.str(id) }
    }

    /// The tenants that have alerts.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = u32> + '_ {
        self.tenants.iter().copied()
    }

    /// Tags of an occurrence's evidence item.
    pub(crate) fn tags(&self, occurrence: u32) -> impl Iterator<Item = &str> {
        let from = self.tags.partition_point(|(o, _)| *o < occurrence);
        self.tags[from..].iter().take_while(move |(o, _)| *o == occurrence).map(|(_, tag)| self.texts.str(*tag))
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

    pub(crate) fn id_type(&self, id: u32) -> IdType {
        IdType::ALL[(self.ids.tag(id) & 0xff) as usize]
    }

    pub(crate) fn terms(&self, range: (u32, u32)) -> impl Iterator<Item = &str> {
        self.terms[range.0 as usize..range.1 as usize].iter().map(|id| self.texts.str(*id))
    }
}
