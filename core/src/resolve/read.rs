//! Typed access to one alert record on the tape: its own members, and what every evidence item has.

use crate::error::{Problem, ProblemCode};
use crate::ingest::tape::{At, Key, Slot, Tape};
use crate::ingest::time;
use crate::model::{
    AlertClassification, AlertDetermination, AlertSeverity, AlertStatus, DetectionStatus, EvidenceRole,
    RemediationStatus, Verdict,
};
use crate::policy::Limits;

use super::extract::{Extract, Span, flag};

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
    pub(super) fn new(tape: &'r Tape<'a>, out: &'r mut Extract) -> Self {
        Reader { tape, out, index: [(u32::MAX, 0); Key::COUNT], indexed: u32::MAX }
    }

    /// The member `key` of the object at `at`; of several with one name the last counts, as in every
    /// reader that builds a map. An object is gone through once, however many members are asked for.
    pub(super) fn member(&mut self, at: At, key: Key) -> Option<At> {
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

    pub(super) fn alert(&mut self, root: At, limits: &Limits) {
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
        let severity = self.text(root, Key::Severity, &path).and_then(|t| AlertSeverity::parse(t).index());
        let status = self.text(root, Key::Status, &path).and_then(|t| AlertStatus::parse(t).index());
        let classification = self.text(root, Key::Classification, &path).map(AlertClassification::parse);
        let determination = self.text(root, Key::Determination, &path).map(AlertDetermination::parse);
        let created = self.time(root, Key::CreatedDateTime, &path);
        let first = self.time(root, Key::FirstActivityDateTime, &path);
        let last = self.time(root, Key::LastActivityDateTime, &path);
        let updated = self.time(root, Key::LastUpdateDateTime, &path);
        let fields = &mut self.out.alert;
        // The first value of each set is "unknown".
        fields.severity = severity.unwrap_or(0);
        fields.status = status.unwrap_or(0);
        fields.classification = classification.and_then(|c| c.index()).unwrap_or(0);
        fields.determination = determination.and_then(|d| d.index()).unwrap_or(0);
        fields.first = first.or(last).or(created);
        fields.last = last.or(first).or(created).max(fields.first);
        fields.updated = updated.or(created).or(last);
        for key in [Key::Category, Key::Categories, Key::MitreTechniques] {
            self.terms(root, key, limits.terms_per_alert as usize);
        }
    }

    /// Categories and techniques, each once and in the order given.
    fn terms(&mut self, root: At, key: Key, most: usize) {
        let path = || "$".to_owned();
        let texts: Vec<&str> = if key == Key::Category {
            self.text(root, key, &path).into_iter().collect()
        } else {
            self.texts(root, key, &path).collect()
        };
        let mut list = match key {
            Key::MitreTechniques => std::mem::take(&mut self.out.alert.techniques),
            _ => std::mem::take(&mut self.out.alert.categories),
        };
        for text in texts.iter().map(|text| text.trim()) {
            let blank = text.is_empty() || text.eq_ignore_ascii_case("null");
            if blank || list.iter().any(|span| self.out.str(*span) == text) {
                continue;
            }
            if list.len() >= most {
                let message = format!("{} values, `limits.termsPerAlert` reads the first {most}", texts.len());
                let problem = Problem::new(ProblemCode::Limit, format!("$.{}", key.name()), message);
                self.out.problems.push(problem);
                break;
            }
            list.push(self.out.put(text));
        }
        match key {
            Key::MitreTechniques => self.out.alert.techniques = list,
            _ => self.out.alert.categories = list,
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
