//! A verdict as a proof: all that it rests on, down to the facts, in a form that can be checked.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, ErrorCode, Result};
use crate::model::{FactId, Verdict};
use crate::resolve::{EntityKind, Relation};

use super::opinions::Authority;
use super::render;

/// The form of an [`Explanation`] as JSON.
pub(crate) const SCHEMA: &str = "casegraph.proof/1";

/// Why an entity has its verdict: a proof of it.
///
/// It holds whatever the verdict rests on: the opinions with the facts they are read of, the path that
/// suspicion took, what was overruled and by what, and what it takes for granted: the policy, the rules, and
/// which alerts are one incident. [`check`](crate::verdict::check) goes over it with the facts alone. Scores are
/// whole millionths, so that what is printed is what was compared.
///
/// As JSON it has the schema `casegraph.proof/1`, described by `schema/proof-1.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Explanation {
    /// `casegraph.proof/1`.
    pub schema: String,
    /// Public id of the entity.
    pub entity: String,
    /// The tenant that it is in.
    pub tenant_id: String,
    /// Its kind.
    pub kind: EntityKind,
    /// How its sources call it.
    pub name: String,
    /// Every identifier that it is recognised by, strongest first.
    pub identifiers: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Score from 0 to 1 that the thresholds were applied to.
    pub score: f64,
    /// Which authority decided.
    pub authority: Authority,
    /// The reason in one line.
    pub because: String,
    /// An asset that the attack touched.
    pub impacted: bool,
    /// Opinions that made the verdict, strongest first: the best of each source.
    pub opinions: Vec<StatedOpinion>,
    /// Where the path begins; absent unless suspicion came along one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<PathStart>,
    /// How suspicion came here, from its start.
    pub path: Vec<PathStep>,
    /// The exculpating rule that keeps the score below what the rest would make of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spared: Option<Spared>,
    /// Opinions that did not count, and why: the best of each source.
    pub overruled: Vec<StatedOpinion>,
    /// Verdict rules that had the fields they need and did not speak against it.
    pub examined: Vec<RuleName>,
    /// What would have to be known for a verdict, when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Limits that kept rules, or the search for paths, from seeing all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// What the verdict may be, when the budget ran out before it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<Bounds>,
    /// What all this holds under.
    pub basis: Basis,
}

/// One opinion, with where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct StatedOpinion {
    /// What it says.
    pub verdict: Verdict,
    /// How sure it is, 0 to 100.
    pub confidence: u8,
    /// Who speaks.
    pub authority: Authority,
    /// The detector, list, person or rule (by hash) that says so: its repeats count once.
    pub source: String,
    /// Why it says so.
    pub because: String,
    /// The alert that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// The fact at its leaf; of an alert that a rule made, the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<FactId>,
    /// Where it stands in the alert, or what of an evidence item mentions it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The verdict rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName>,
    /// Facts of the alerts that the rule looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked_at: Vec<FactId>,
    /// What set it aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruled_by: Option<String>,
    /// The fact, or the rule by its hash, that set it aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruling: Option<String>,
}

/// A rule, by all of its names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RuleName {
    /// Its title.
    pub title: String,
    /// Its id, if it has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// SHA-256 of its document, in hex.
    pub hash: String,
}

/// The entity that suspicion started from, with what is known of it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct PathStart {
    /// Its public id.
    pub entity: String,
    /// Every identifier that it is recognised by, strongest first.
    pub identifiers: Vec<String>,
    /// The score of its own opinions.
    pub score: f64,
    /// Who speaks of it.
    pub authority: Authority,
    /// Those opinions.
    pub opinions: Vec<StatedOpinion>,
}

/// One step of the path that suspicion took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct PathStep {
    /// Public id of the entity it came from.
    pub from: String,
    /// Its name.
    pub from_name: String,
    /// The relation.
    pub relation: Relation,
    /// `true` when the relation points from here to the next entity.
    pub forward: bool,
    /// Public id of the entity it went to.
    pub to: String,
    /// Share of the score that this step passes on.
    pub weight: f64,
    /// The score that arrives.
    pub score: f64,
    /// The exculpating rule that lets no more than that arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capped: Option<RuleName>,
    /// The alert that shows the relation.
    pub alert: String,
    /// The fact of that alert.
    pub fact: FactId,
    /// Where in the alert the relation begins.
    pub at: String,
}

/// What an exculpating rule keeps away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Spared {
    /// The entity that the rule fits: this one, or one that suspicion would have come through.
    pub entity: String,
    /// Its name.
    pub name: String,
    /// The rule.
    pub rule: RuleName,
    /// The score that the rule leaves to that entity.
    pub at_most: f64,
}

/// What a verdict may be, as far as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Bounds {
    /// The score is not below this.
    pub lower: f64,
    /// Nor above this.
    pub upper: f64,
    /// The verdict is one of these.
    pub verdicts: Vec<Verdict>,
}

/// What a proof takes for granted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Basis {
    /// The version of casegraph.
    pub engine: String,
    /// SHA-256 of the policy's JSON, in hex.
    pub policy: String,
    /// The hash of the rule set, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Score from which an entity is malicious.
    pub malicious: f64,
    /// Score from which it is suspicious.
    pub suspicious: f64,
    /// The alerts that are one incident, by time. That they belong together is what
    /// [links](crate::IncidentSummary) show, and no part of the proof.
    pub incident: Vec<Member>,
    /// SHA-256 of that list as JSON, in hex: it names the incident as it was.
    pub digest: String,
}

/// An alert of the incident, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Member {
    /// Its id.
    pub alert: String,
    /// Its tenant.
    pub tenant_id: String,
    /// The fact of its newest version, and of the parts that add to it.
    pub facts: Vec<FactId>,
}

impl Explanation {
    /// Reads an explanation back from its JSON. That it reads well does not mean that it holds:
    /// [`check`](crate::verdict::check) tells.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`](crate::ErrorCode::InvalidArgument) with line and column when it is none,
    /// has a member that explanations do not have, or spells something in another way than
    /// [`to_json`](Self::to_json) does.
    pub fn from_json(text: &str) -> Result<Explanation> {
        let read: Explanation = crate::policy::object_from_json("an explanation", text)?;
        let given: Value = crate::policy::object_from_json("an explanation", text)?;
        if let Some(at) = difference(&given, &serde_json::to_value(&read).unwrap_or_default()) {
            let message = format!("not an explanation: `{}` is not as explanations are written", at.escape_debug());
            return Err(Error::new(ErrorCode::InvalidArgument, message));
        }
        Ok(read)
    }

    /// The explanation as compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Writing to memory does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The explanation as a tree of text: the verdict, below it what it rests on, and at the leaves the facts.
    /// Deterministic; whatever sources wrote is escaped. Ends with a line break.
    #[must_use]
    pub fn tree(&self) -> String {
        render::tree(self)
    }
}

/// Where two documents differ first, as a path; numbers may be spelt in several ways.
pub(crate) fn difference(a: &Value, b: &Value) -> Option<String> {
    fn walk(a: &Value, b: &Value, at: &str) -> Option<String> {
        match (a, b) {
            (Value::Object(a), Value::Object(b)) => {
                let missing = |name: &&String| !a.contains_key(*name) || !b.contains_key(*name);
                if let Some(name) = a.keys().chain(b.keys()).find(missing) {
                    return Some(format!("{at}.{name}"));
                }
                a.iter().find_map(|(name, value)| walk(value, b.get(name)?, &format!("{at}.{name}")))
            }
            (Value::Array(a), Value::Array(b)) => {
                let length = a.len().min(b.len());
                let mut pairs = a.iter().zip(b).enumerate();
                let inside = pairs.find_map(|(i, (a, b))| walk(a, b, &format!("{at}[{i}]")));
                inside.or_else(|| (a.len() != b.len()).then(|| format!("{at}[{length}]")))
            }
            (Value::Number(x), Value::Number(y)) if x.as_f64() == y.as_f64() => None,
            _ => (a != b).then(|| at.to_owned()),
        }
    }
    walk(a, b, "$")
}

/// SHA-256 of a value's compact JSON, in hex.
pub(crate) fn digest(value: &impl Serialize) -> String {
    use sha2::Digest;
    let json = serde_json::to_vec(value).unwrap_or_default();
    let digest: [u8; 32] = sha2::Sha256::digest(json).into();
    FactId(digest).to_string()
}

impl Basis {
    /// What proofs about an incident of these alerts take for granted.
    pub(crate) fn new(policy: &crate::Policy, rules: Option<String>, incident: Vec<Member>) -> Basis {
        Basis {
            engine: crate::VERSION.to_owned(),
            policy: digest(policy),
            rules,
            malicious: policy.judge.malicious,
            suspicious: policy.judge.suspicious,
            digest: digest(&incident),
            incident,
        }
    }
}
