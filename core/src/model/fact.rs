//! The facts that are not alerts: what is known of an indicator, what a person decided, what was withdrawn.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode, Result as CallResult};

use super::{
    ActionReport, ActionTarget, AlertClassification, AlertDetermination, AlertSeverity, IncidentStatus, Time, Verdict,
};

/// The name of a fact: a digest of its content. Equal facts have equal ids on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactId(pub(crate) [u8; 32]);

impl FactId {
    /// Reads the 64 hex digits that `Display` writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<FactId> {
        let mut id = [0u8; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(FactId(id))
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FactId({self})")
    }
}

impl Serialize for FactId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FactId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        FactId::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a fact id of 64 hex digits"))
    }
}

/// The id of a fact with these canonical bytes: the SHA-256 digest of the letter of its kind, a space
/// and the bytes.
pub(crate) fn fact_id(kind: FactKind, json: &[u8]) -> FactId {
    use sha2::Digest;
    let mut digest = sha2::Sha256::new();
    digest.update([kind.letter(), b' ']);
    digest.update(json);
    FactId(digest.finalize().into())
}

/// What a fact is. The letter stands in a saved log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FactKind {
    /// A detector raised this alert.
    Alert,
    /// A part of an alert whose source prints one row per evidence item; parts add up.
    AlertPart,
    /// The vendor's own record of an incident, without its alerts.
    Incident,
    /// Something is known to be good or bad.
    Indicator,
    /// A person decided something.
    Decision,
    /// An earlier fact is withdrawn.
    Retraction,
    /// A raw event, that a rule matched or that a timeline keeps.
    Event,
    /// An executor says how far an action is.
    ActionReport,
}

impl FactKind {
    /// All kinds.
    pub const ALL: [FactKind; 8] = [
        FactKind::Alert,
        FactKind::AlertPart,
        FactKind::Incident,
        FactKind::Indicator,
        FactKind::Decision,
        FactKind::Retraction,
        FactKind::Event,
        FactKind::ActionReport,
    ];

    /// The letter of this kind in a saved log.
    #[must_use]
    pub const fn letter(self) -> u8 {
        match self {
            FactKind::Alert => b'A',
            FactKind::AlertPart => b'P',
            FactKind::Incident => b'V',
            FactKind::Indicator => b'I',
            FactKind::Decision => b'D',
            FactKind::Retraction => b'R',
            FactKind::Event => b'E',
            FactKind::ActionReport => b'X',
        }
    }

    pub(crate) fn from_letter(letter: u8) -> Option<FactKind> {
        FactKind::ALL.into_iter().find(|kind| kind.letter() == letter)
    }
}

/// This hash, address, URL, domain, account … is known, says a source, until a time.
///
/// ```
/// # use casegraph::model::{Indicator, Verdict};
/// let blocked = Indicator::new("dns", "evil.example.com", Verdict::Malicious).with_source("our feed");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Indicator {
    /// Kind of entity, as in `"kind": "ip"`.
    pub kind: String,
    /// The address, hash, URL … in any spelling; it is compared in canonical form.
    pub value: String,
    /// What it is known to be.
    pub verdict: Verdict,
    /// How sure the source is, 0 to 100. Default 100.
    #[serde(default = "sure")]
    pub confidence: u8,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Alerts from this time on are no longer judged by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
    /// Why it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The tenant it holds for; every tenant when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
}

fn sure() -> u8 {
    100
}

impl Indicator {
    /// An indicator with full confidence and no end.
    #[must_use]
    pub fn new(kind: impl Into<String>, value: impl Into<String>, verdict: Verdict) -> Self {
        Indicator {
            kind: kind.into(),
            value: value.into(),
            verdict,
            confidence: sure(),
            source: None,
            valid_until: None,
            description: None,
            tenant_id: None,
        }
    }

    /// Names who says so.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Sets the confidence, 0 to 100.
    #[must_use]
    pub fn with_confidence(mut self, confidence: u8) -> Self {
        self.confidence = confidence;
        self
    }
}

/// A person's decision. `alerts` is the set it was made about, so that it means the same whatever
/// arrives before or after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Decision {
    /// What was decided.
    #[serde(flatten)]
    pub what: Choice,
    /// Who decided.
    pub by: String,
    /// When, as the caller says: casegraph reads no clock. Of two decisions about one thing the later stands.
    pub at: Time,
    /// Ids of the alerts it was made about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a [`Decision`] says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Choice {
    /// The verdict of an entity, given by its id; in all incidents, or in those of `alerts`.
    SetVerdict {
        /// Public id of the entity, `kind:type:value`; any of its identifiers will do.
        entity: String,
        /// The verdict.
        verdict: Verdict,
    },
    /// `alerts` belong in one incident.
    Join,
    /// `alerts` belong in an incident of their own, which grows on by itself and never meets the alerts `from`
    /// again. Without `from` it meets no other alert at all. A later join or move undoes either.
    Part {
        /// Ids of the alerts that they were parted from.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        from: Vec<String>,
    },
    /// `alerts` leave the incident that they were in and belong to another one. What was decided about the old
    /// one as a whole stays with it.
    Move {
        /// Ids of the alerts that they leave behind: neither side meets the other again by itself.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        from: Vec<String>,
        /// Ids of the alerts that they join: those of the other incident.
        into: Vec<String>,
    },
    /// Who works on the incident of `alerts`; absent for nobody.
    Assign {
        /// Owner, normally a UPN.
        to: Option<String>,
    },
    /// How far the work is. A resolved incident does not grow by itself.
    SetStatus {
        /// The status.
        status: IncidentStatus,
    },
    /// What the incident was found to be.
    Classify {
        /// The finding.
        classification: AlertClassification,
        /// The finer finding.
        #[serde(default)]
        determination: AlertDetermination,
    },
    /// The severity, by hand.
    SetSeverity {
        /// The severity.
        severity: AlertSeverity,
    },
    /// Another name for the incident.
    Rename {
        /// The name.
        title: String,
    },
    /// A tag is added.
    Tag {
        /// The tag.
        tag: String,
    },
    /// A tag is taken away.
    Untag {
        /// The tag.
        tag: String,
    },
    /// A comment.
    Comment {
        /// The text, up to 30,000 characters.
        text: String,
    },
    /// An action is asked for by hand: it waits for approval, as one that a judgement asks for.
    Propose {
        /// What, on what.
        #[serde(flatten)]
        action: ActionTarget,
    },
    /// An action may be carried out.
    Approve {
        /// What, on what.
        #[serde(flatten)]
        action: ActionTarget,
        /// Roles that the person has, as the host says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<String>,
    },
    /// An action is refused.
    Reject {
        /// What, on what.
        #[serde(flatten)]
        action: ActionTarget,
        /// Roles that the person has, as the host says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<String>,
    },
    /// What an action did is to be taken back.
    Undo {
        /// What, on what.
        #[serde(flatten)]
        action: ActionTarget,
        /// Roles that the person has, as the host says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<String>,
    },
    /// The investigation that one of `alerts` belongs to ends here.
    StopInvestigation,
}

impl Choice {
    /// The action that it is about, with the roles of who decides.
    pub(crate) fn action(&self) -> Option<(&ActionTarget, &[String])> {
        match self {
            Choice::Propose { action } => Some((action, &[])),
            Choice::Approve { action, roles } | Choice::Reject { action, roles } | Choice::Undo { action, roles } => {
                Some((action, roles))
            }
            _ => None,
        }
    }
}

impl Decision {
    /// A decision by a person at a time.
    #[must_use]
    pub fn new(what: Choice, by: impl Into<String>, at: impl Into<Time>) -> Self {
        Decision { what, by: by.into(), at: at.into(), alerts: Vec::new(), reason: None }
    }

    /// Names the alerts it is about.
    #[must_use]
    pub fn about<I: IntoIterator<Item = S>, S: Into<String>>(mut self, alerts: I) -> Self {
        self.alerts = alerts.into_iter().map(Into::into).collect();
        self.alerts.sort_unstable();
        self.alerts.dedup();
        self
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// Who decides, when and why: what every verb that makes a [`Decision`] asks for.
///
/// ```
/// # use casegraph::model::{Author, Time};
/// # let at = Time::parse("2026-03-12T09:00:00Z").unwrap();
/// let ada = Author::new("ada", at).because("one intrusion");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Author {
    /// Who decides.
    pub by: String,
    /// When, as the caller says: casegraph reads no clock.
    pub at: Time,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Roles that the person has, as the host says, which authenticates; only decisions about actions ask for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

impl Author {
    /// A person at a time, who gives no reason.
    #[must_use]
    pub fn new(by: impl Into<String>, at: impl Into<Time>) -> Self {
        Author { by: by.into(), at: at.into(), reason: None, roles: Vec::new() }
    }

    /// Names a role that the person has.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// This person's decision.
    #[must_use]
    pub fn decides(&self, what: Choice) -> Decision {
        Decision { reason: self.reason.clone(), ..Decision::new(what, self.by.clone(), self.at.clone()) }
    }
}

/// An earlier fact is withdrawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Retraction {
    /// The fact that no longer counts.
    pub fact: FactId,
    /// Who withdrew it.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Retraction {
    /// Withdraws a fact.
    #[must_use]
    pub fn new(fact: FactId, by: impl Into<String>) -> Self {
        Retraction { fact, by: by.into(), reason: None }
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// Reading from JSON with an error that says what was expected and where. A member that the fact does
/// not have is refused: a misspelt `confidence` must not become the default.
macro_rules! from_json {
    ($($fact:ident $what:literal),*) => {$(
        impl $fact {
            #[doc = concat!("Reads ", $what, " from its JSON form.")]
            ///
            /// # Errors
            /// [`ErrorCode::InvalidArgument`] with line and column.
            pub fn from_json(text: &str) -> CallResult<Self> {
                let fact: Self = crate::policy::object_from_json($what, text)?;
                check_members($what, text, &fact)?;
                Ok(fact)
            }
        }
    )*};
}

from_json!(Indicator "an indicator", Decision "a decision", Retraction "a retraction", Author "an author",
    Choice "a choice", ActionReport "a report of an action", ActionTarget "an action");

fn check_members(what: &str, text: &str, fact: &impl Serialize) -> CallResult<()> {
    let given: serde_json::Map<String, serde_json::Value> = crate::policy::object_from_json(what, text)?;
    let known = serde_json::to_value(fact).unwrap_or_default();
    for (name, value) in given {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !empty && known.get(&name).is_none() {
            let message = format!("not {what}: no member `{}`", name.escape_debug());
            return Err(Error::new(ErrorCode::InvalidArgument, message));
        }
    }
    Ok(())
}
