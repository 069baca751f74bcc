//! Relation paths: from the dots of a field name to the steps that lead to a neighbour.
//!
//! The grammar is in `docs/VERDICT-RULES.md`.

use crate::resolve::{EntityKind, Relation};

/// A set of kinds, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds(u64);

impl Kinds {
    pub(super) const ALL: Kinds = Kinds(u64::MAX);

    pub(super) const fn of(kind: EntityKind) -> Kinds {
        Kinds(1 << (kind as u8))
    }

    pub(super) const fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub(super) const fn has(self, kind: EntityKind) -> bool {
        self.0 & (1 << (kind as u8)) != 0
    }
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Along (`true`) or against a relation, to entities of these kinds.
    Along(Relation, bool, Kinds),
    /// Along any relation, either way, to entities of these kinds.
    To(Kinds),
    /// To the alerts that hold it.
    Alert,
    /// To the incident.
    Incident,
}

/// The step that a word of a path means.
pub(super) fn step(word: &str) -> Option<Step> {
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    let kinds = |kinds| Some(Step::To(kinds));
    match () {
        () if is("parent") => Some(Step::Along(Relation::Parent, true, Kinds::of(EntityKind::Process))),
        () if is("child") => Some(Step::Along(Relation::Parent, false, Kinds::of(EntityKind::Process))),
        () if is("image") => Some(Step::Along(Relation::Image, true, Kinds::of(EntityKind::File))),
        () if is("sender") => Some(Step::Along(Relation::Sender, true, Kinds::of(EntityKind::EmailSender))),
        () if is("recipient") => Some(Step::Along(Relation::Recipient, true, Kinds::of(EntityKind::Mailbox))),
        () if is("owner") => Some(Step::Along(Relation::Owner, true, Kinds::of(EntityKind::User))),
        () if is("whole") => Some(Step::Along(Relation::PartOf, true, Kinds::ALL)),
        () if is("part") => Some(Step::Along(Relation::PartOf, false, Kinds::ALL)),
        () if is("alert") => Some(Step::Alert),
        () if is("incident") => Some(Step::Incident),
        () if is("message") => kinds(Kinds::of(EntityKind::AnalyzedMessage)),
        () if is("domain") => kinds(Kinds::of(EntityKind::Dns)),
        () if is("session") => {
            kinds(Kinds::of(EntityKind::HostLogonSession).and(Kinds::of(EntityKind::CloudLogonSession)))
        }
        () => EntityKind::from_name(word).filter(|kind| !kind.is_statement()).map(|kind| Step::To(Kinds::of(kind))),
    }
}

/// The first step of a field name, and what follows it; none when the name is the entity's own.
pub(super) fn split(name: &str) -> Option<(Step, &str)> {
    let (word, rest) = name.split_once('.')?;
    (!rest.is_empty()).then_some(())?;
    Some((step(word)?, rest))
}

/// How many steps a field name takes.
pub(super) fn steps(name: &str) -> usize {
    let (mut rest, mut steps) = (name, 0);
    while let Some((_, after)) = split(rest) {
        (rest, steps) = (after, steps + 1);
    }
    steps
}

/// Is it a property of a thing, not what alerts make of it?
pub(super) fn is_property(name: &str) -> bool {
    const SAID: [&str; 9] = [
        "createdDateTime",
        "detailedRoles",
        "detectionStatus",
        "kind",
        "remediationStatus",
        "remediationStatusDetails",
        "roles",
        "tags",
        "verdict",
    ];
    let mut rest = name;
    while let Some((step, after)) = split(rest) {
        let about_alerts = matches!(step, Step::Alert | Step::Incident) && split(after).is_none();
        if about_alerts {
            return false;
        }
        rest = after;
    }
    count(rest).is_none() && !SAID.iter().any(|said| said.eq_ignore_ascii_case(rest))
}

/// What `counts.` may be followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Detectors,
    /// Distinct neighbours one step away.
    Neighbours(Step),
}

/// The count that a field name asks for: `counts.devices`, `counts.child`.
pub(super) fn count(name: &str) -> Option<Count> {
    let (head, word) = name.split_once('.')?;
    if !head.eq_ignore_ascii_case("counts") || word.contains('.') {
        return None;
    }
    if word.eq_ignore_ascii_case("detectors") {
        return Some(Count::Detectors);
    }
    let singular = || {
        let end = |cut: usize| word.len().checked_sub(cut).and_then(|end| word.get(..end));
        let ends =
            |tail: &str| word.len() > tail.len() && end(tail.len()).is_some_and(|h| word.get(h.len()..) == Some(tail));
        let one = ends("s").then(|| end(1).and_then(step)).flatten();
        one.or_else(|| ends("es").then(|| end(2).and_then(step)).flatten())
    };
    let children = || word.eq_ignore_ascii_case("children").then(|| step("child")).flatten();
    step(word).or_else(singular).or_else(children).map(Count::Neighbours)
}
