//! A point in time that remembers how it was written.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::slot::Item;
use super::{EvidenceKind, Path};
use crate::error::{Problem, ProblemCode};

/// A point in time. It is compared by instant and written as it was read.
#[derive(Debug, Clone)]
pub struct Time {
    at: DateTime<Utc>,
    /// The spelling, where it is not the one that `plain` gives.
    text: Option<Box<str>>,
}

impl Time {
    /// Reads an RFC 3339 time with any offset; `None` for everything else, a missing offset included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
        let text = (plain(at) != text).then(|| text.into());
        Some(Time { at, text })
    }

    /// The instant.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

/// UTC with `Z` and as many digits of the second as are needed.
fn plain(at: DateTime<Utc>) -> String {
    let mut text = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    if text.contains('.') {
        let digits = text.trim_end_matches('Z').trim_end_matches('0').len();
        text.truncate(digits);
        text.push('Z');
    }
    text
}

impl From<DateTime<Utc>> for Time {
    fn from(at: DateTime<Utc>) -> Self {
        Time { at, text: None }
    }
}

impl From<&Time> for DateTime<Utc> {
    fn from(time: &Time) -> Self {
        time.at
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => f.pad(text),
            None => f.pad(&plain(self.at)),
        }
    }
}

impl PartialEq for Time {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

impl Hash for Time {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.at.hash(state);
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.text {
            Some(text) => serializer.serialize_str(text),
            None => serializer.serialize_str(&plain(self.at)),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Time::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("expected {}, found `{text}`", Time::EXPECTED)))
    }
}

impl Item for Time {
    const EXPECTED: &'static str = "a time with offset";

    fn faithful(value: &Value) -> bool {
        value.is_string()
    }

    fn read(value: Value, _: EvidenceKind, _: &Path<'_>, _: &mut Vec<Problem>) -> Result<Self, Value> {
        value.as_str().and_then(Time::parse).ok_or(value)
    }

    fn problem_code(value: &Value) -> ProblemCode {
        if value.is_string() { ProblemCode::BadTime } else { ProblemCode::WrongType }
    }
}
