//! What is derived from the facts in force: alerts in their standing version, entities, incidents.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use std::cmp::{Ordering, Reverse};
use std::sync::OnceLock;

use hashbrown::HashMap;

use crate::correlate::{Columns, Correlation, Role};
use crate::judge::{AlertStance, Arc, Authority, Opinion, Reading, Row, RuleFindings, Said, Scene};
use crate::model::{EvidenceRole, FactId};
use crate::policy;
use crate::resolve::EntityKind;
use crate::resolve::entities::Entities;
use crate::resolve::extract::flag;
use crate::resolve::store::{NONE, Store, UNDATED};

use super::Casebook;
use super::decisions::Decided;
use super::index::OutsideIndex;
use super::judged::{ProfilesOf, Recent};
use super::similar::SimilarIndex;

/// An alert as it stands: its newest version, and the rows that add to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Row that the alert's own fields come from.
    pub(crate) head: u32,
    /// All rows, the head first, in `Derived::rows_of`.
    pub(crate) rows: (u32, u32),
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// Everything derived, as columns.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    pub(crate) alerts: Vec<Standing>,
    pub(crate) rows: Vec<u32>,
    /// Standing alert of each alert key; `NONE` when none of its facts is in force.
    pub(crate) of_key: Vec<u32>,
    pub(crate) entities: Entities,
    /// Texts of statements, which follow the entities in the columns.
    pub(crate) statements: Vec<(EntityKind, u32)>,
    common: Vec<bool>,
    offsets: Vec<u32>,
    entity: Vec<u32>,
    pub(crate) correlation: Correlation,
    pub(crate) decided: Decided,
    pub(crate) outside: OutsideIndex,
    pub(super) holder: OnceLock<Vec<u32>>,
    /// Assets that the policy names as valuable.
    pub(super) critical: OnceLock<HashMap<u32, policy::Criticality>>,
    /// From what incidents hold to the incidents.
    pub(super) similar: OnceLock<SimilarIndex>,
    shared: OnceLock<Vec<Opinion>>,
    pub(super) profiles: ProfilesOf,
    pub(super) recent: Recent,
    /// What verdict rules say of each incident.
    pub(super) findings: Vec<OnceLock<RuleFindings>>,
}

impl Derived {
    pub(crate) fn new(book: &Casebook, in_force: &dyn Fn(u32) -> bool, decided: Decided) -> Derived {
        let (store, policy) = (&book.store, &book.policy);
        let (alerts, rows, of_key) = standing(book, in_force);
        let entities = Entities::derive(store, &used_profiles(store, &rows));
        let common = common(store, &entities, &rows);
        let mut this =
            Table { book, entities: &entities, common: &common, statements: HashMap::new(), list: Vec::new() };
        let (offsets, entity, role) = this.fill(&alerts, &rows);
        let statements = this.list;
        let mut kind = entities.kind.clone();
        kind.extend(statements.iter().map(|(kind, _)| *kind as u8));
        let time: Vec<i64> = alerts.iter().map(|a| a.first).collect();
        let detector = detectors(store, &alerts);
        let tenant: Vec<u32> = alerts.iter().map(|a| store.alerts[a.head as usize].tenant).collect();
        let columns = Columns {
            time: &time,
            detector: &detector,
            tenant: &tenant,
            rows: &offsets,
            entity: &entity,
            role: &role,
            kind: &kind,
        };
        let mut decided = decided;
        decided.mean(store, &policy.correlate, &of_key, &alerts, &rows);
        let correlation = Correlation::constrained(&columns, &policy.correlate, &decided.constraints);
        let findings = (0..correlation.len()).map(|_| OnceLock::new()).collect();
        Derived {
            alerts,
            rows,
            of_key,
            entities,
            statements,
            common,
            offsets,
            entity,
            correlation,
            decided,
            outside: OutsideIndex::default(),
            holder: OnceLock::new(),
            critical: OnceLock::new(),
            similar: OnceLock::new(),
            shared: OnceLock::new(),
            profiles: OnceLock::new(),
            recent: Recent::default(),
            findings,
        }
    }

    /// Works out what the decisions mean for the alerts that stand.
    pub(super) fn decide(&mut self, store: &Store, policy: &policy::Correlate) {
        let Derived { decided, alerts, rows, of_key, .. } = self;
        decided.mean(store, policy, of_key, alerts, rows);
    }

    /// Entities and statements of an alert.
    pub(crate) fn entities_of(&self, alert: u32) -> &[u32] {
        &self.entity[self.offsets[alert as usize] as usize..self.offsets[alert as usize + 1] as usize]
    }

    pub(crate) fn rows_of(&self, alert: u32) -> &[u32] {
        let rows = self.alerts[alert as usize].rows;
        &self.rows[rows.0 as usize..rows.1 as usize]
    }

    /// Opinions on entities that stand in several incidents, by entity: the best of each detector against them,
    /// and the best for them.
    ///
    /// What a detector found in one place holds in every other: a value that becomes a hub, so that its
    /// incidents fall apart, keeps its verdict in each of them.
    pub(crate) fn shared_opinions(&self, store: &Store, policy: &policy::Judge) -> &[Opinion] {
        self.shared.get_or_init(|| {
            const SEVERAL: u32 = NONE - 1;
            let mut incident_of = vec![NONE; self.entities.len()];
            for alert in 0..self.alerts.len() as u32 {
                let incident = self.correlation.incident_of(alert);
                for entity in self.entities_of(alert).iter().filter(|e| (**e as usize) < self.entities.len()) {
                    let slot = &mut incident_of[*entity as usize];
                    *slot = if *slot == NONE || *slot == incident { incident } else { SEVERAL };
                }
            }
            let reading = Reading::new();
            // With the place in the order of alerts and what they say.
            let mut out: Vec<(usize, Opinion)> = Vec::new();
            for alert in 0..self.alerts.len() as u32 {
                for source in self.rows_of(alert) {
                    let (from, to) = store.alerts[*source as usize].occurrences;
                    let stance = store.stance(*source);
                    for row in from..to {
                        let occurrence = &store.occurrences[row as usize];
                        let entity = self.entities.of_profile[occurrence.profile as usize];
                        if incident_of[entity as usize] != SEVERAL {
                            continue;
                        }
                        let said = Said {
                            kind: self.entities.kind(entity),
                            common: self.common[entity as usize],
                            verdict: occurrence.verdict,
                            roles: occurrence.roles,
                            flags: occurrence.flags,
                            stance,
                        };
                        reading.opinions(&said, policy, |verdict, confidence, why| {
                            let (authority, source) = (Authority::Direct, stance.detector);
                            let opinion = Opinion { entity, verdict, confidence, authority, source, alert, row, why };
                            out.push((out.len(), opinion));
                        });
                    }
                }
            }
            // The first of each detector is its best, for and against; of equal ones the earliest alert speaks.
            out.sort_by_key(|(at, o)| {
                (o.entity, o.source, o.speaks_against(), Reverse((o.confidence, o.verdict)), *at)
            });
            out.dedup_by_key(|(_, o)| (o.entity, o.source, o.speaks_against()));
            // Dense numbers of detectors follow arrival; places do not.
            out.sort_unstable_by_key(|(at, o)| (o.entity, *at));
            out.into_iter().map(|(_, opinion)| opinion).collect()
        })
    }

    /// Every identifier of an entity as a public id, strongest first, then by value.
    pub(crate) fn aliases(&self, store: &Store, entity: u32) -> Vec<String> {
        let profiles = self.profiles_of(entity).iter();
        let mut ids: Vec<u32> = profiles.flat_map(|profile| store.profiles.get(*profile)).copied().collect();
        ids.sort_unstable_by_key(|id| (store.id_type(*id), store.ids.str(*id)));
        ids.dedup();
        let kind = self.entities.kind(entity).as_str();
        ids.into_iter().map(|id| format!("{kind}:{}:{}", store.id_type(id).as_str(), store.ids.str(id))).collect()
    }

    /// Is the entity found on every machine or network? Statements never are.
    pub(crate) fn is_common(&self, entity: u32) -> bool {
        self.common.get(entity as usize).copied().unwrap_or(false)
    }

    /// Lays out an incident for the judge.
    pub(crate) fn scene(&self, store: &Store, incident: u32, places: &mut Places, scene: &mut Scene) {
        scene.clear();
        places.begin(self.entities.len());
        for (local, alert) in self.correlation.alerts(incident).enumerate() {
            scene.alerts.push(alert);
            for source in self.rows_of(alert) {
                let columns = &store.alerts[*source as usize];
                for index in columns.occurrences.0..columns.occurrences.1 {
                    let occurrence = &store.occurrences[index as usize];
                    let entity = self.entities.of_profile[occurrence.profile as usize];
                    let place = places.place(entity, || {
                        scene.entities.push(entity);
                        scene.kinds.push((self.entities.kind(entity), self.common[entity as usize]));
                    });
                    scene.rows.push(Row {
                        alert: local as u32,
                        entity: place,
                        occurrence: index,
                        source: *source,
                        roles: occurrence.roles,
                        verdict: occurrence.verdict,
                        status: occurrence.status,
                        flags: occurrence.flags,
                    });
                }
                for edge in &store.edges[columns.edges.0 as usize..columns.edges.1 as usize] {
                    let end = |index: u32| {
                        let entity = self.entities.of_profile[store.occurrences[index as usize].profile as usize];
                        places.known(entity)
                    };
                    if let (Some(from), Some(to)) = (end(edge.from), end(edge.to))
                        && from != to
                    {
                        scene.arcs.push(Arc {
                            from,
                            relation: edge.relation,
                            to,
                            alert: local as u32,
                            source: *source,
                            occurrence: edge.from,
                        });
                    }
                }
            }
        }
    }
}

/// Local ids of the entities of the scene at hand.
#[derive(Debug, Default)]
pub(crate) struct Places {
    seen: Vec<(u32, u32)>,
    round: u32,
    next: u32,
}

impl Places {
    fn begin(&mut self, entities: usize) {
        if self.seen.len() < entities {
            self.seen.resize(entities, (0, 0));
        }
        self.round += 1;
        self.next = 0;
    }

    fn place(&mut self, entity: u32, new: impl FnOnce()) -> u32 {
        let slot = &mut self.seen[entity as usize];
        if slot.0 != self.round {
            *slot = (self.round, self.next);
            self.next += 1;
            new();
        }
        slot.1
    }

    fn known(&self, entity: u32) -> Option<u32> {
        let (round, place) = self.seen[entity as usize];
        (round == self.round).then_some(place)
    }
}

/// The standing alerts by time, then id, then tenant; undated ones last.
fn standing(book: &Casebook, in_force: &dyn Fn(u32) -> bool) -> (Vec<Standing>, Vec<u32>, Vec<u32>) {
    let store = &book.store;
    let id = |row: u32| book.record(store.alerts[row as usize].fact).map_or(FactId([0; 32]), |(id, ..)| id);
    let mut by_key: Vec<(u32, u32)> = (0..store.alerts.len() as u32)
        .filter(|row| in_force(store.alerts[*row as usize].fact))
        .map(|row| (store.alerts[row as usize].key, row))
        .collect();
    by_key.sort_unstable();
    let mut alerts = Vec::new();
    let mut rows = Vec::with_capacity(by_key.len());
    for chunk in by_key.chunk_by(|a, b| a.0 == b.0) {
        let start = rows.len();
        let newer = |a: &u32, b: &u32| {
            let (x, y) = (&store.alerts[*a as usize], &store.alerts[*b as usize]);
            x.updated.cmp(&y.updated).then_with(|| id(*a).cmp(&id(*b)))
        };
        let whole = chunk.iter().map(|(_, row)| *row).filter(|row| !store.alerts[*row as usize].fragment).max_by(newer);
        let mut parts: Vec<u32> =
            chunk.iter().map(|(_, row)| *row).filter(|row| store.alerts[*row as usize].fragment).collect();
        parts.sort_by(|a, b| newer(b, a));
        rows.extend(whole);
        rows.extend(parts);
        let range = &rows[start..];
        let dated = |time: i64| (time != UNDATED).then_some(time);
        let times = || range.iter().map(|row| &store.alerts[*row as usize]);
        alerts.push(Standing {
            head: range[0],
            rows: (start as u32, rows.len() as u32),
            first: times().filter_map(|a| dated(a.first)).min().unwrap_or(UNDATED),
            last: times().map(|a| a.last).max().unwrap_or(UNDATED),
        });
    }
    let when = |a: &Standing| if a.first == UNDATED { i64::MAX } else { a.first };
    let names = |a: &Standing| {
        let row = &store.alerts[a.head as usize];
        (store.alert_id(row.key), store.text(row.tenant))
    };
    alerts.sort_unstable_by(|a, b| when(a).cmp(&when(b)).then_with(|| names(a).cmp(&names(b))));
    let mut of_key = vec![NONE; store.keys.len()];
    for (alert, standing) in alerts.iter().enumerate() {
        of_key[store.alerts[standing.head as usize].key as usize] = alert as u32;
    }
    (alerts, rows, of_key)
}

fn used_profiles(store: &Store, rows: &[u32]) -> Vec<bool> {
    let mut used = vec![false; store.profiles.len()];
    for row in rows {
        let (from, to) = store.alerts[*row as usize].occurrences;
        for occurrence in &store.occurrences[from as usize..to as usize] {
            used[occurrence.profile as usize] = true;
        }
    }
    used
}

/// An entity is common when all of its occurrences say so: one that does not is enough to show that the
/// rest borrow a common name, as malware does that is copied over a system program.
fn common(store: &Store, entities: &Entities, rows: &[u32]) -> Vec<bool> {
    let mut common = vec![true; entities.len()];
    for row in rows {
        let (from, to) = store.alerts[*row as usize].occurrences;
        for occurrence in &store.occurrences[from as usize..to as usize] {
            if occurrence.flags & flag::COMMON == 0 {
                common[entities.of_profile[occurrence.profile as usize] as usize] = false;
            }
        }
    }
    common
}

/// Detectors under dense ids, told apart per tenant: what fires in one says nothing about another.
fn detectors(store: &Store, alerts: &[Standing]) -> Vec<u32> {
    let mut ids: HashMap<(u32, u32), u32> = HashMap::new();
    let columns = alerts.iter().map(|a| &store.alerts[a.head as usize]);
    columns
        .map(|row| {
            let next = ids.len() as u32;
            *ids.entry((row.tenant, row.detector)).or_insert(next)
        })
        .collect()
}

/// Fills the columns of alerts × entities.
struct Table<'t> {
    book: &'t Casebook,
    entities: &'t Entities,
    common: &'t [bool],
    statements: HashMap<(u8, u32, u32), u32>,
    list: Vec<(EntityKind, u32)>,
}

impl Table<'_> {
    fn fill(&mut self, alerts: &[Standing], rows: &[u32]) -> (Vec<u32>, Vec<u32>, Vec<u8>) {
        let contextual = EvidenceRole::Contextual.index().map_or(0u16, |i| 1 << i);
        let mut offsets = Vec::with_capacity(alerts.len() + 1);
        let (mut entity, mut role) = (Vec::new(), Vec::new());
        // Where each entity stands in the alert at hand.
        let mut seen: Vec<(u32, u32)> = vec![(NONE, 0); self.entities.len()];
        for (alert, standing) in alerts.iter().enumerate() {
            offsets.push(entity.len() as u32);
            for row in &rows[standing.rows.0 as usize..standing.rows.1 as usize] {
                let (from, to) = self.book.store.alerts[*row as usize].occurrences;
                for occurrence in &self.book.store.occurrences[from as usize..to as usize] {
                    let id = self.entities.of_profile[occurrence.profile as usize];
                    let class = if self.common[id as usize] {
                        Role::Common
                    } else if occurrence.flags & flag::NESTED != 0 {
                        Role::Nested
                    } else if occurrence.roles != 0 && occurrence.roles == contextual {
                        Role::Contextual
                    } else {
                        Role::Direct
                    } as u8;
                    let slot = &mut seen[id as usize];
                    if slot.0 == alert as u32 {
                        let held: &mut u8 = &mut role[slot.1 as usize];
                        *held = class.min(*held);
                    } else {
                        *slot = (alert as u32, entity.len() as u32);
                        entity.push(id);
                        role.push(class);
                    }
                }
            }
            let head = &self.book.store.alerts[standing.head as usize];
            for (kind, text) in [(EntityKind::VendorGroup, head.vendor_incident), (EntityKind::Actor, head.actor)] {
                if text != NONE {
                    entity.push(self.statement(kind, head.tenant, text));
                    role.push(Role::Direct as u8);
                }
            }
            let sequences = &self.book.events.sequences;
            let from = sequences.partition_point(|(row, _)| *row < standing.head);
            for (_, name) in sequences.iter().skip(from).take_while(|(row, _)| *row == standing.head) {
                entity.push(self.statement(EntityKind::EventSequence, head.tenant, *name));
                role.push(Role::Direct as u8);
            }
        }
        offsets.push(entity.len() as u32);
        (offsets, entity, role)
    }

    fn statement(&mut self, kind: EntityKind, tenant: u32, text: u32) -> u32 {
        let (list, next) = (&mut self.list, self.entities.len() as u32);
        *self.statements.entry((kind as u8, tenant, text)).or_insert_with(|| {
            list.push((kind, text));
            next + list.len() as u32 - 1
        })
    }
}

impl Derived {
    /// Order of entities and statements in outputs.
    pub(crate) fn order(&self, store: &Store, a: u32, b: u32) -> Ordering {
        let things = self.entities.len() as u32;
        match (a < things, b < things) {
            (true, true) => self.entities.order(store, a, b),
            (false, false) => {
                let key = |s: u32| {
                    let (kind, text) = self.statements[(s - things) as usize];
                    (kind, store.text(text))
                };
                key(a).cmp(&key(b))
            }
            (thing, _) => thing.cmp(&false).reverse(),
        }
    }

    /// What two alerts share, for a link: an entity's id, or the text of a statement.
    pub(crate) fn shown(&self, store: &Store, entity: u32) -> (EntityKind, String) {
        let things = self.entities.len() as u32;
        if entity < things {
            (self.entities.kind(entity), self.entities.public_id(store, entity))
        } else {
            let (kind, text) = self.statements[(entity - things) as usize];
            (kind, format!("{}:{}", kind.as_str(), store.text(text)))
        }
    }
}

impl Store {
    /// What the judge needs to know of the alert in this row.
    pub(crate) fn stance(&self, row: u32) -> AlertStance {
        let row = &self.alerts[row as usize];
        AlertStance { severity: row.severity, classification: row.classification, detector: row.detector }
    }
}
