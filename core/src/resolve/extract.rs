//! From one alert record to the columns it will fill: what it says, the entities it mentions under
//! canonical identifiers, and the relations between them. A pure function of the record, so that
//! several threads can extract while one appends.

use crate::error::{Problem, ProblemCode};
use crate::ingest::canonical;
use crate::ingest::tape::{At, Key, Slot, Tape};
use crate::ingest::time;
use crate::model::{
    AlertClassification, AlertDetermination, AlertSeverity, AlertStatus, DetectionStatus, EvidenceRole,
    RemediationStatus, Verdict,
};
use crate::policy::Limits;

use super::evidence;
use super::kind::{EntityKind, IdType};

/// A piece of the extract's text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One identifier of an occurrence: what it is and its canonical value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id {
    pub(crate) id_type: IdType,
    pub(crate) value: Span,
}

/// One entity as seen in one alert.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occurrence {
    pub(crate) kind: EntityKind,
    pub(crate) flags: u8,
    pub(crate) verdict: u8,
    pub(crate) status: u8,
    pub(crate) roles: u16,
    pub(crate) ids: (u32, u32),
}

/// Flags of an [`Occurrence`].
pub(crate) mod flag {
    /// Only mentioned inside another evidence item.
    pub(crate) const NESTED: u8 = 1;
    /// Known on every machine or network: never links and never spreads a verdict.
    pub(crate) const COMMON: u8 = 2;
    /// A sensor detected, blocked or prevented it.
    pub(crate) const DETECTED: u8 = 4;
    /// Its evidence carries tags.
    pub(crate) const TAGGED: u8 = 8;
}

/// A typed, directed relation between two occurrences of one alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: u32,
    pub(crate) relation: Relation,
    pub(crate) to: u32,
}

/// How one entity relates to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[repr(u8)]
#[non_exhaustive]
pub enum Relation {
    /// Process → the process that started it.
    Parent,
    /// Process → the file it runs.
    Image,
    /// Process, file, registry entry, session → the device it is on.
    On,
    /// Process → the account it runs as.
    RunsAs,
    /// User → device they are logged on to.
    LoggedOn,
    /// Session or request → the account it belongs to.
    SessionOf,
    /// Message → the address it came from.
    Sender,
    /// Message → the mailbox it went to.
    Recipient,
    /// Message → a URL in it.
    Contains,
    /// Mailbox → the user who owns it.
    Owner,
    /// URL → the domain it is under.
    Domain,
    /// Domain → an address it resolves to.
    ResolvesTo,
    /// Connection, message or interface → an address of it.
    Address,
    /// Malware → a file or process of it.
    Instance,
    /// Application → a user of it.
    UsedBy,
    /// Part → whole: pod → namespace → cluster, blob → container → resource.
    PartOf,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Relation; 16] = [
        Relation::Parent,
        Relation::Image,
        Relation::On,
        Relation::RunsAs,
        Relation::LoggedOn,
        Relation::SessionOf,
        Relation::Sender,
        Relation::Recipient,
        Relation::Contains,
        Relation::Owner,
        Relation::Domain,
        Relation::ResolvesTo,
        Relation::Address,
        Relation::Instance,
        Relation::UsedBy,
        Relation::PartOf,
    ];

    /// The name in JSON and in a policy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Relation::Parent => "parent",
            Relation::Image => "image",
            Relation::On => "on",
            Relation::RunsAs => "runsAs",
            Relation::LoggedOn => "loggedOn",
            Relation::SessionOf => "sessionOf",
            Relation::Sender => "sender",
            Relation::Recipient => "recipient",
            Relation::Contains => "contains",
            Relation::Owner => "owner",
            Relation::Domain => "domain",
            Relation::ResolvesTo => "resolvesTo",
            Relation::Address => "address",
            Relation::Instance => "instance",
            Relation::UsedBy => "usedBy",
            Relation::PartOf => "partOf",
        }
    }

    /// How much suspicion passes along the relation and against it: `[from → to, to → from]`.
    ///
    /// Toward a child process 0.8, toward its parent 0.5; a process and the file it runs share their
    /// fate; what a message carries or a bad address is behind passes on most of it. Assets take none:
    /// they become *impacted*.
    #[must_use]
    pub const fn weights(self) -> [f64; 2] {
        match self {
            Relation::Parent => [0.5, 0.8],
            Relation::Image => [1.0, 1.0],
            Relation::Sender => [0.7, 0.7],
            Relation::Contains => [0.9, 0.9],
            Relation::Domain => [0.8, 0.8],
            Relation::ResolvesTo => [0.7, 0.7],
            Relation::Address => [0.7, 0.7],
            Relation::Instance => [1.0, 1.0],
            Relation::SessionOf | Relation::On | Relation::RunsAs | Relation::LoggedOn => [0.0, 0.0],
            Relation::Recipient | Relation::Owner | Relation::UsedBy | Relation::PartOf => [0.0, 0.0],
        }
    }
}

/// What one alert says, apart from its evidence. Texts are spans; times are nanoseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct AlertFields {
    pub(crate) id: Span,
    pub(crate) tenant: Span,
    pub(crate) title: Span,
    pub(crate) detector: Span,
    pub(crate) service: Span,
    pub(crate) product: Span,
    pub(crate) vendor_incident: Span,
    pub(crate) actor: Span,
    pub(crate) assigned_to: Span,
    pub(crate) first: Option<i64>,
    pub(crate) last: Option<i64>,
    pub(crate) updated: Option<i64>,
    pub(crate) severity: u8,
    pub(crate) status: u8,
    pub(crate) classification: u8,
    pub(crate) determination: u8,
    /// Categories, then techniques.
    pub(crate) categories: Vec<Span>,
    pub(crate) techniques: Vec<Span>,
}

/// All that casegraph evaluates of one alert. Reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Extract {
    pub(crate) text: String,
    pub(crate) alert: AlertFields,
    pub(crate) ids: Vec<Id>,
    pub(crate) occurrences: Vec<Occurrence>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) problems: Vec<Problem>,
    /// Evidence items of the record, read or not.
    pub(crate) evidence: u32,
    /// Tags of evidence items, by occurrence.
    pub(crate) tags: Vec<(u32, Span)>,
    /// Tags read before the occurrence that they belong to.
    pub(crate) pending_tags: Vec<Span>,
    /// How each occurrence is called in its source, where that is not its identifier; read only by
    /// [`Extract::read_names`].
    pub(crate) names: Vec<(u32, Span)>,
    pub(crate) wants_names: bool,
    /// The record has members of another format than Graph's alerts.
    pub(crate) foreign: bool,
}

impl Extract {
    fn clear(&mut self) {
        let Extract {
            text,
            alert,
            ids,
            occurrences,
            edges,
            problems,
            evidence,
            tags,
            pending_tags,
            names,
            wants_names: _,
            foreign,
        } = self;
        text.clear();
        let (mut categories, mut techniques) =
            (std::mem::take(&mut alert.categories), std::mem::take(&mut alert.techniques));
        categories.clear();
        techniques.clear();
        *alert = AlertFields { categories, techniques, ..AlertFields::default() };
        ids.clear();
        occurrences.clear();
        edges.clear();
        problems.clear();
        *evidence = 0;
        names.clear();
        tags.clear();
        pending_tags.clear();
        *foreign = false;
    }

    pub(crate) fn str(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    pub(crate) fn put(&mut self, text: &str) -> Span {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        Span { start, end: self.text.len() as u32 }
    }

    /// `value` relative to a device, whose name is in the text already.
    pub(crate) fn put_scoped(&mut self, device: Span, value: &str) -> Span {
        let start = self.text.len() as u32;
        self.text.extend_from_within(device.start as usize..device.end as usize);
        self.text.push('|');
        self.text.push_str(value);
        Span { start, end: self.text.len() as u32 }
    }

    /// Reads one alert record.
    ///
    /// # Errors
    /// The problem that makes the record unusable; whatever else was odd is in `problems`.
    pub(crate) fn read(&mut self, record: &[u8], limits: &Limits) -> Result<(), Problem> {
        self.clear();
        let mended: Vec<u8>;
        let tape = match Tape::read(record) {
            Ok(tape) => tape,
            Err(e) => {
                let what = crate::policy::without_place(&e);
                let column = e.column();
                let refused =
                    || Problem::new(ProblemCode::Syntax, "$", format!("not a JSON object: {what} at column {column}"));
                mended = canonical::mend(record).ok_or_else(refused)?;
                let tape = Tape::read(&mended).map_err(|_| refused())?;
                let message =
                    format!("{what} at column {column}: what no text or number can hold was replaced for reading");
                self.problems.push(Problem::new(ProblemCode::Syntax, "$", message));
                tape
            }
        };
        let Some(root) = tape.root() else {
            return Err(Problem::new(ProblemCode::WrongType, "$", "expected an object"));
        };
        let mut reader = Reader::new(&tape, self);
        let foreign = [Key::AlertCreationTime, Key::Alerts, Key::AlertId];
        reader.out.foreign = foreign.into_iter().any(|key| reader.member(root, key).is_some());
        reader.alert(root);
        if reader.out.alert.id.is_empty() {
            return Err(Problem::new(
                ProblemCode::Missing,
                "$.id",
                "an alert without an id cannot be told from others, expected a string",
            ));
        }
        evidence::read(&mut reader, root, limits);
        Ok(())
    }
}

impl Extract {
    /// Reads a record once more, for the spellings that its entities have in it.
    pub(crate) fn read_names(record: &[u8], limits: &Limits) -> Extract {
        let mut extract = Extract { wants_names: true, ..Extract::default() };
        // What is wrong with the record was reported when it came in.
        let _ = extract.read(record, limits);
        extract
    }
}

/// Typed access to the tape, reporting what has the wrong type.
pub(crate) struct Reader<'r, 'a> {
    tape: &'r Tape<'a>,
    pub(crate) out: &'r mut Extract,
    /// Where the members of the object looked at last stand, by key: (object, member).
    index: [(u32, u32); Key::COUNT],
    /// That object.
    indexed: u32,
}

impl<'r, 'a> Reader<'r, 'a> {
    fn new(tape: &'r Tape<'a>, out: &'r mut Extract) -> Self {
        Reader { tape, out, index: [(u32::MAX, 0); Key::COUNT], indexed: u32::MAX }
    }

    /// The member `key` of the object at `at`; of several with one name the last counts, as in every
    /// reader that builds a map. An object is gone through once, however many members are asked for.
    fn member(&mut self, at: At, key: Key) -> Option<At> {
        if self.indexed != at.number() {
            self.indexed = at.number();
            for (member, key) in self.tape.members(at) {
                if let Some(slot) = self.index.get_mut(key as usize) {
                    *slot = (at.number(), member.number());
                }
            }
        }
        let (object, member) = self.index.get(key as usize).copied()?;
        (object == at.number()).then_some(At::from_number(member))
    }

    pub(crate) fn is_object(&self, at: At) -> bool {
        matches!(self.tape.slot(at), Some(Slot::Object))
    }

    /// The text of a member; `path` says where `at` is, for the problem report.
    pub(crate) fn text(&mut self, at: At, key: Key, path: &dyn Fn() -> String) -> Option<&'r str> {
        let tape = self.tape;
        let member = self.member(at, key)?;
        match tape.slot(member)? {
            Slot::Text(text) => Some(text.as_ref()),
            slot => {
                self.wrong_type(path, key, "a string", slot.type_name());
                None
            }
        }
    }

    pub(crate) fn wrong_type(&mut self, path: &dyn Fn() -> String, key: Key, expected: &str, found: &str) {
        let path = format!("{}.{}", path(), key.name());
        self.out.problems.push(Problem::new(
            ProblemCode::WrongType,
            path,
            format!("expected {expected}, found {found}"),
        ));
    }

    pub(crate) fn object(&mut self, at: At, key: Key, path: &dyn Fn() -> String) -> Option<At> {
        let tape = self.tape;
        let member = self.member(at, key)?;
        match tape.slot(member)? {
            Slot::Object => Some(member),
            slot => {
                self.wrong_type(path, key, "an object", slot.type_name());
                None
            }
        }
    }

    pub(crate) fn items(
        &mut self,
        at: At,
        key: Key,
        path: &dyn Fn() -> String,
    ) -> impl Iterator<Item = At> + use<'r, 'a> {
        let tape = self.tape;
        let member = self.member(at, key);
        let list = match member.and_then(|m| tape.slot(m)) {
            Some(Slot::Array) => member,
            Some(slot) => {
                self.wrong_type(path, key, "a list", slot.type_name());
                None
            }
            None => None,
        };
        list.into_iter().flat_map(|list| tape.children(list))
    }

    pub(crate) fn texts(
        &mut self,
        at: At,
        key: Key,
        path: &dyn Fn() -> String,
    ) -> impl Iterator<Item = &'r str> + use<'r, 'a> {
        let tape = self.tape;
        self.items(at, key, path).filter_map(|item| match tape.slot(item)? {
            Slot::Text(text) => Some(text.as_ref()),
            _ => None,
        })
    }

    /// An integer; text holding one (decimal, or hex after `0x`) counts too.
    pub(crate) fn int(&mut self, at: At, key: Key, path: &dyn Fn() -> String) -> Option<i64> {
        let tape = self.tape;
        let member = self.member(at, key)?;
        match tape.slot(member)? {
            Slot::Int(value) => Some(*value),
            Slot::Text(text) => match text.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).ok(),
                None => text.parse().ok(),
            },
            slot => {
                self.wrong_type(path, key, "an integer", slot.type_name());
                None
            }
        }
    }

    /// A text, or an integer in decimal: ids are printed both ways.
    pub(crate) fn id_text(&mut self, at: At, key: Key, path: &dyn Fn() -> String) -> Option<std::borrow::Cow<'r, str>> {
        let tape = self.tape;
        let member = self.member(at, key)?;
        match tape.slot(member)? {
            Slot::Text(text) => Some(std::borrow::Cow::Borrowed(text.as_ref())),
            Slot::Int(value) => Some(std::borrow::Cow::Owned(value.to_string())),
            slot => {
                self.wrong_type(path, key, "a string", slot.type_name());
                None
            }
        }
    }

    pub(crate) fn time(&mut self, at: At, key: Key, path: &dyn Fn() -> String) -> Option<i64> {
        let text = self.text(at, key, path)?;
        let nanos = time::nanos(text);
        if nanos.is_none() {
            let shown: String = text.chars().take(40).collect();
            let problem = Problem::new(
                ProblemCode::BadTime,
                format!("{}.{}", path(), key.name()),
                format!("expected an RFC 3339 time with an offset, found `{}`", shown.escape_debug()),
            );
            self.out.problems.push(problem);
        }
        nanos
    }

    fn put(&mut self, at: At, key: Key) -> Span {
        let text = self.text(at, key, &|| "$".to_owned()).map(str::trim).filter(|t| !t.is_empty());
        text.map_or_else(Span::default, |text| self.out.put(text))
    }

    fn alert(&mut self, root: At) {
        let path = || "$".to_owned();
        let id = self.id_text(root, Key::Id, &path);
        if let Some(id) = id.filter(|id| !id.trim().is_empty()) {
            self.out.alert.id = self.out.put(id.trim());
        }
        self.out.alert.tenant = self.put(root, Key::TenantId);
        self.out.alert.title = self.put(root, Key::Title);
        self.out.alert.detector = self.put(root, Key::DetectorId);
        self.out.alert.service = self.put(root, Key::ServiceSource);
        self.out.alert.product = self.put(root, Key::ProductName);
        self.out.alert.actor = self.put(root, Key::ActorDisplayName);
        self.out.alert.assigned_to = self.put(root, Key::AssignedTo);
        if let Some(incident) = self.id_text(root, Key::IncidentId, &path) {
            self.out.alert.vendor_incident = self.out.put(incident.trim());
        }
        if self.out.alert.detector.is_empty() {
            // The title is what most products have one detector for.
            self.out.alert.detector = self.out.alert.title;
        }
        let value = |this: &mut Self, key, index: &dyn Fn(&str) -> Option<u8>| {
            this.text(root, key, &path).and_then(index).unwrap_or(0)
        };
        let alert = &mut AlertFields::default();
        alert.severity = value(self, Key::Severity, &|t| AlertSeverity::parse(t).index());
        alert.status = value(self, Key::Status, &|t| AlertStatus::parse(t).index());
        alert.classification = value(self, Key::Classification, &|t| AlertClassification::parse(t).index());
        alert.determination = value(self, Key::Determination, &|t| AlertDetermination::parse(t).index());
        let created = self.time(root, Key::CreatedDateTime, &path);
        let first = self.time(root, Key::FirstActivityDateTime, &path);
        let last = self.time(root, Key::LastActivityDateTime, &path);
        let updated = self.time(root, Key::LastUpdateDateTime, &path);
        let fields = &mut self.out.alert;
        fields.severity = alert.severity;
        fields.status = alert.status;
        fields.classification = alert.classification;
        fields.determination = alert.determination;
        fields.first = first.or(last).or(created);
        fields.last = last.or(first).or(created).max(fields.first);
        fields.updated = updated.or(created).or(last);
        for key in [Key::Category, Key::Categories, Key::MitreTechniques] {
            self.terms(root, key);
        }
    }

    fn terms(&mut self, root: At, key: Key) {
        let path = || "$".to_owned();
        let texts: Vec<&str> = if key == Key::Category {
            self.text(root, key, &path).into_iter().collect()
        } else {
            self.texts(root, key, &path).collect()
        };
        for text in texts {
            let text = text.trim();
            if text.is_empty() || text.eq_ignore_ascii_case("null") {
                continue;
            }
            let known = |list: &[Span]| list.iter().any(|s| self.out.str(*s) == text);
            if key == Key::MitreTechniques {
                if !known(&self.out.alert.techniques) {
                    let span = self.out.put(text);
                    self.out.alert.techniques.push(span);
                }
            } else if !known(&self.out.alert.categories) {
                let span = self.out.put(text);
                self.out.alert.categories.push(span);
            }
        }
    }
}

/// The columns of one evidence item that do not depend on its kind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Base {
    pub(crate) verdict: u8,
    pub(crate) status: u8,
    pub(crate) roles: u16,
    pub(crate) flags: u8,
    pub(crate) item: u32,
}

impl Base {
    pub(crate) fn read(reader: &mut Reader<'_, '_>, at: At, item: u32, path: &dyn Fn() -> String) -> Base {
        let verdict = reader.text(at, Key::Verdict, path).map(Verdict::parse).unwrap_or_default();
        let status = reader.text(at, Key::RemediationStatus, path).map(RemediationStatus::parse);
        let mut roles = 0u16;
        for role in reader.texts(at, Key::Roles, path) {
            if let Some(index) = EvidenceRole::parse(role).index().filter(|i| *i < 16) {
                roles |= 1 << index;
            }
        }
        let mut flags = 0;
        if reader.text(at, Key::DetectionStatus, path).and_then(|t| DetectionStatus::parse(t).index()).is_some() {
            flags |= flag::DETECTED;
        }
        reader.out.pending_tags.clear();
        for tag in reader.texts(at, Key::Tags, path) {
            let tag = reader.out.put(tag);
            reader.out.pending_tags.push(tag);
            flags |= flag::TAGGED;
        }
        Base {
            verdict: verdict.index().unwrap_or(0),
            status: status.and_then(|s| s.index()).unwrap_or(0),
            roles,
            flags,
            item,
        }
    }

    /// The same item's columns for something that is only mentioned inside it.
    pub(crate) fn nested(self) -> Base {
        Base { verdict: 0, status: 0, roles: 0, flags: flag::NESTED, item: self.item }
    }
}
