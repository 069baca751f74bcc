//! What a checker finds wrong with a proof.

use std::fmt;

use serde::Serialize;

/// The kind of step of a proof that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FlawKind {
    /// A fact is missing, changed, withdrawn, or not the version that stands.
    Fact,
    /// It was made by another version, or holds under another policy or other rules.
    Basis,
    /// The incident is another.
    Incident,
    /// The entity is another, or is recognised by something else.
    Entity,
    /// An opinion is not what the facts say, or was left out.
    Opinion,
    /// The path, or a step of it.
    Path,
    /// The score is not what the opinions and the path amount to.
    Score,
    /// Another authority decides, or the verdict is not what the score stands for.
    Verdict,
    /// What was examined, or left out of sight.
    Examination,
    /// The words say something else than the proof.
    Words,
    /// It is no proof: the budget had run out.
    Unfinished,
}

impl FlawKind {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            FlawKind::Fact => "fact",
            FlawKind::Basis => "basis",
            FlawKind::Incident => "incident",
            FlawKind::Entity => "entity",
            FlawKind::Opinion => "opinion",
            FlawKind::Path => "path",
            FlawKind::Score => "score",
            FlawKind::Verdict => "verdict",
            FlawKind::Examination => "examination",
            FlawKind::Words => "words",
            FlawKind::Unfinished => "unfinished",
        }
    }
}

/// The first step of a proof that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Flaw {
    /// What kind of step it is.
    pub kind: FlawKind,
    /// Where it stands in the proof, as a JSON path.
    pub at: String,
    /// What is wrong with it.
    pub message: String,
}

impl Flaw {
    pub(crate) fn new(kind: FlawKind, at: impl Into<String>, message: impl Into<String>) -> Flaw {
        Flaw { kind, at: at.into(), message: message.into() }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.message, self.at.escape_debug())
    }
}

impl std::error::Error for Flaw {}
