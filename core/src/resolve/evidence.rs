//! Evidence items to occurrences: which identifiers each kind has, and what it mentions besides itself.

mod files;
mod machine;
mod mail;
mod network;
mod table;

use std::borrow::Cow;

use crate::error::{Problem, ProblemCode};
use crate::ingest::tape::{At, Key};
use crate::policy::Limits;

use super::extract::{Edge, Id, Occurrence, flag};
use super::kind::{EntityKind, IdType};
use super::read::{Base, Reader};
use super::relation::Relation;
use machine::Scope;

struct Evidence<'e, 'r, 'a> {
    reader: &'e mut Reader<'r, 'a>,
    /// The one device of the alert; empty when it has none or several.
    scope: Scope,
    devices: Vec<Scope>,
    /// Processes with a key that other items may name, and the device they are on.
    runs: Vec<(&'r str, Option<u32>, u32)>,
    /// What a process did: its key, the device, the relation, and what it was done to.
    acts: Vec<(&'r str, Option<u32>, Relation, u32)>,
    /// Position of the evidence item at hand, for problem paths.
    item: u32,
    limits: &'e Limits,
}

/// Reads all evidence of the alert at `root`.
pub(super) fn read(reader: &mut Reader<'_, '_>, root: At, limits: &Limits) {
    let all: Vec<At> = reader.items(root, Key::Evidence, &|| "$".to_owned()).collect();
    reader.out.evidence = all.len() as u32;
    let kept = all.get(..limits.evidence_per_alert as usize).unwrap_or(&all);
    if kept.len() < all.len() {
        reader.out.problems.push(Problem::new(
            ProblemCode::Limit,
            format!("$.evidence[{}]", kept.len()),
            format!("{} evidence items, `limits.evidencePerAlert` reads the first {}", all.len(), kept.len()),
        ));
    }
    let mut evidence = Evidence {
        reader,
        scope: Scope::default(),
        devices: Vec::new(),
        runs: Vec::new(),
        acts: Vec::new(),
        item: 0,
        limits,
    };
    // Devices first: names relative to a device need to know which one.
    let kinds: Vec<Option<EntityKind>> = kept.iter().enumerate().map(|(i, at)| evidence.kind(*at, i as u32)).collect();
    for devices in [true, false] {
        for (i, (at, kind)) in kept.iter().zip(&kinds).enumerate() {
            let Some(kind) = *kind else { continue };
            if (kind == EntityKind::Device) == devices {
                evidence.item = i as u32;
                let base = Base::read(evidence.reader, *at, i as u32, &path(i as u32));
                evidence.entity(*at, kind, base, 0);
            }
        }
        if let [only] = evidence.devices.as_slice() {
            evidence.scope = *only;
        }
    }
    evidence.relate_acts();
}

fn path(item: u32) -> impl Fn() -> String {
    move || format!("$.evidence[{item}]")
}

impl<'r> Evidence<'_, 'r, '_> {
    fn kind(&mut self, at: At, item: u32) -> Option<EntityKind> {
        if !self.reader.is_object(at) {
            let problem = Problem::new(ProblemCode::WrongType, path(item)(), "expected an evidence object");
            self.reader.out.problems.push(problem);
            return None;
        }
        let odata_type = self.reader.text(at, Key::OdataType, &path(item));
        if odata_type.is_none() {
            let message = "evidence without a type is kept as `other`, expected `@odata.type`";
            self.reader.out.problems.push(Problem::new(
                ProblemCode::Missing,
                format!("{}.@odata.type", path(item)()),
                message,
            ));
        }
        Some(odata_type.map_or(EntityKind::Other, EntityKind::from_odata_type))
    }

    fn limit(&mut self, member: &str, message: String) {
        let place = format!("{}{member}", path(self.item)());
        self.reader.out.problems.push(Problem::new(ProblemCode::Limit, place, message));
    }

    fn text(&mut self, at: At, key: Key) -> Option<&'r str> {
        self.reader.text(at, key, &path(self.item)).map(str::trim).filter(|t| !t.is_empty())
    }

    fn id_text(&mut self, at: At, key: Key) -> Option<Cow<'r, str>> {
        self.reader.id_text(at, key, &path(self.item)).filter(|t| !t.trim().is_empty())
    }

    fn object(&mut self, at: At, key: Key) -> Option<At> {
        self.reader.object(at, key, &path(self.item))
    }

    fn begin(&self) -> u32 {
        self.reader.out.ids.len() as u32
    }

    fn id(&mut self, id_type: IdType, value: &str) {
        let value = self.reader.out.put(value);
        self.reader.out.ids.push(Id { id_type, value });
    }

    fn id_if<T: AsRef<str>>(&mut self, id_type: IdType, value: Option<T>) {
        if let Some(value) = value {
            self.id(id_type, value.as_ref());
        }
    }

    /// Ends the identifiers begun at `start`; an entity without any is known in this alert only.
    fn finish(&mut self, start: u32, kind: EntityKind, base: Base) -> u32 {
        if self.begin() == start {
            let alert = self.reader.out.str(self.reader.out.alert.id).to_owned();
            let nth = self.reader.out.occurrences.len();
            self.id(IdType::InAlert, &format!("{alert}#{}.{nth}", base.item));
        }
        let ids = (start, self.begin());
        self.reader.out.occurrences.push(Occurrence {
            kind,
            flags: base.flags,
            verdict: base.verdict,
            status: base.status,
            roles: base.roles,
            ids,
        });
        let occurrence = self.reader.out.occurrences.len() as u32 - 1;
        if self.reader.out.wants_names {
            self.reader.out.item_of.push(base.item);
            if base.flags & flag::NESTED == 0 {
                self.reader.out.items.push((occurrence, base.item));
            }
        }
        if base.flags & flag::TAGGED != 0 {
            let out = &mut *self.reader.out;
            out.tags.extend(out.pending_tags.drain(..).map(|tag| (occurrence, tag)));
        }
        occurrence
    }

    /// What the source calls an occurrence; only kept when somebody is going to show it.
    fn name(&mut self, occurrence: u32, name: Option<&str>) {
        if let (true, Some(name)) = (self.reader.out.wants_names, name) {
            let span = self.reader.out.put(name);
            self.reader.out.names.push((occurrence, span));
        }
    }

    fn relate(&mut self, from: u32, relation: Relation, to: Option<u32>) {
        if let Some(to) = to.filter(|to| *to != from) {
            self.reader.out.edges.push(Edge { from, relation, to });
        }
    }

    /// Notes that the process which the item at `at` names did something to `to`.
    fn act(&mut self, at: At, base: Base, relation: Relation, to: Option<u32>) {
        if let (Some(by), Some(to)) = (self.text(at, Key::By), to) {
            let device = self.scope_of(at, base).occurrence;
            self.acts.push((by, device, relation, to));
        }
    }

    /// Processes may stand after what they did.
    fn relate_acts(&mut self) {
        for (by, device, relation, to) in std::mem::take(&mut self.acts) {
            let run = self.runs.iter().find(|(key, on, _)| *key == by && *on == device);
            if let Some((_, _, process)) = run {
                self.relate(*process, relation, Some(to));
            }
        }
    }

    fn entity(&mut self, at: At, kind: EntityKind, base: Base, depth: u8) -> Option<u32> {
        if depth > self.limits.nested_evidence {
            let deepest = self.limits.nested_evidence;
            self.limit("", format!("evidence nested deeper than `limits.nestedEvidence`, {deepest}, is not read"));
            return None;
        }
        Some(match kind {
            EntityKind::Device => self.device(at, base),
            EntityKind::User => {
                let account = self.object(at, Key::UserAccount).unwrap_or(at);
                self.user(account, base, None)?
            }
            EntityKind::File => {
                let file = self.file_evidence(at, base)?;
                self.act(at, base, Relation::Wrote, Some(file));
                file
            }
            EntityKind::Process => self.process(at, base),
            EntityKind::Ip => {
                let ip = self.ip(at, base)?;
                self.act(at, base, Relation::Connected, Some(ip));
                ip
            }
            EntityKind::Url => {
                let url = self.text(at, Key::Url);
                let url = match url {
                    Some(url) => self.url(url, base)?,
                    None => self.unnamed(kind, base),
                };
                self.act(at, base, Relation::Connected, Some(url));
                url
            }
            EntityKind::Dns => {
                let domain = self.dns(at, base, depth);
                self.act(at, base, Relation::Connected, Some(domain));
                domain
            }
            EntityKind::Mailbox => self.mailbox(at, base),
            EntityKind::AnalyzedMessage => self.message(at, base),
            EntityKind::RegistryKey | EntityKind::RegistryValue => {
                let entry = self.registry(at, kind, base);
                self.act(at, base, Relation::Wrote, Some(entry));
                entry
            }
            EntityKind::HostLogonSession | EntityKind::CloudLogonSession => self.session(at, kind, base, depth),
            EntityKind::NetworkConnection => self.connection(at, base, depth),
            EntityKind::Malware => self.malware(at, base, depth),
            EntityKind::CloudApplication => self.cloud_application(at, base),
            _ => {
                let thing = self.by_table(at, kind, base, depth);
                self.act(at, base, Relation::Wrote, Some(thing));
                thing
            }
        })
    }

    /// An evidence item that names nothing: it counts, and is its own entity.
    fn unnamed(&mut self, kind: EntityKind, base: Base) -> u32 {
        let start = self.begin();
        self.finish(start, kind, base)
    }
}

fn is_null_guid(text: &str) -> bool {
    text.bytes().all(|b| b == b'0' || b == b'-')
}
