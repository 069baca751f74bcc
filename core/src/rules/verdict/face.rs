//! From the extra keys of a rule to what it has to say: verdict, confidence, exculpation, actions, roles.

use serde_json::Value;

use crate::model::{ActionKind, EvidenceRole, Verdict};
use crate::rules::ast::{Document, Level};
use crate::rules::problem::{RuleProblem, RuleProblemCode};

/// What a rule says of what it fits.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct VerdictFace {
    /// Verdict and confidence; absent when a match is worth knowing and no more.
    pub(crate) opinion: Option<(Verdict, u8)>,
    pub(crate) exculpates: bool,
    /// Actions, unknown ones as written.
    pub(crate) actions: Vec<ActionKind>,
    /// Field, and the role in the attack of what it names.
    pub(crate) roles: Vec<(String, EvidenceRole)>,
    /// What is legal and most likely not meant.
    pub(crate) doubts: Vec<RuleProblem>,
}

/// The opinion that a level stands for.
fn of_level(level: Option<Level>) -> Option<(Verdict, u8)> {
    match level? {
        Level::Critical => Some((Verdict::Malicious, 90)),
        Level::High => Some((Verdict::Suspicious, 70)),
        Level::Medium => Some((Verdict::Suspicious, 45)),
        Level::Low => Some((Verdict::Suspicious, 20)),
        Level::Informational => None,
    }
}

/// Reads the extra keys of `document`; what they leave open, its level decides.
///
/// # Errors
/// The first key that has the wrong type or is out of range, or keys that contradict each other.
pub(crate) fn face(document: &Document) -> Result<VerdictFace, RuleProblem> {
    let extra = &document.meta.extra;
    let problem = |code, message: String| super::problem(document, code, message);
    let invalid = |message: String| problem(RuleProblemCode::Invalid, message);
    let mut face = VerdictFace::default();
    if let Some(value) = extra.get("exculpates") {
        let found = value.as_bool().ok_or_else(|| invalid(wrong("exculpates", "true or false", value)))?;
        face.exculpates = found;
    }
    let verdict = match extra.get("verdict") {
        None => None,
        Some(value) => {
            let expected = "malicious, suspicious or noThreatsFound";
            let text = value.as_str().ok_or_else(|| invalid(wrong("verdict", expected, value)))?;
            match Verdict::parse(text) {
                verdict @ (Verdict::Malicious | Verdict::Suspicious | Verdict::Clean) => Some(verdict),
                _ => return Err(invalid(wrong("verdict", expected, value))),
            }
        }
    };
    let confidence = match extra.get("confidence") {
        None => None,
        Some(value) => {
            let number = value.as_u64().and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= 100);
            Some(number.ok_or_else(|| invalid(wrong("confidence", "a whole number from 0 to 100", value)))?)
        }
    };
    if face.exculpates && verdict.as_ref().is_some_and(|v| *v > Verdict::Clean) {
        return Err(invalid(
            "`exculpates: true` with a verdict other than noThreatsFound contradicts itself".to_owned(),
        ));
    }
    let level = of_level(document.meta.level);
    let verdict = verdict
        .or_else(|| face.exculpates.then_some(Verdict::Clean))
        .or_else(|| level.as_ref().map(|(verdict, _)| verdict.clone()))
        .or_else(|| confidence.map(|_| Verdict::Suspicious));
    // A verdict without a level is worth what a medium rule is.
    let confidence = confidence.or(level.map(|(_, confidence)| confidence)).unwrap_or(45);
    face.opinion = verdict.map(|verdict| (verdict, confidence));
    for text in texts(extra.get("actions"), "actions").map_err(invalid)? {
        let action = ActionKind::parse(&text);
        if action.index().is_none() {
            let message = format!("no action `{}` in the catalogue", text.escape_debug());
            face.doubts.push(problem(RuleProblemCode::Doubtful, message));
        }
        face.actions.push(action);
    }
    match extra.get("roles") {
        None => {}
        Some(Value::Object(roles)) => {
            for (field, value) in roles {
                let role = value.as_str().map(EvidenceRole::parse).filter(|role| role.index().is_some());
                let expected = "a role of evidence";
                let role = role.ok_or_else(|| invalid(wrong(&format!("roles.{field}"), expected, value)))?;
                face.roles.push((field.clone(), role));
            }
            face.roles.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        Some(value) => return Err(invalid(wrong("roles", "a map from field to role", value))),
    }
    Ok(face)
}

/// A text or a list of texts.
fn texts(value: Option<&Value>, key: &str) -> Result<Vec<String>, String> {
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| wrong(key, "a list of texts", value));
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(text).collect(),
        Some(value) => text(value).map(|text| vec![text]),
    }
}

fn wrong(key: &str, expected: &str, found: &Value) -> String {
    let found: String = found.to_string().chars().take(60).collect();
    format!("`{}` is `{}`, expected {expected}", key.escape_debug(), found.escape_debug())
}
