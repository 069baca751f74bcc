//! A record in, values out that mean something: without placeholders, within limits, read as what they are.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use chrono::{DateTime, NaiveDateTime, SecondsFormat};

use super::tables::Run;
use crate::ingest::convert::integer;
use crate::rules::record::{Record, Scalar};

/// Bytes of a value that goes into evidence; longer ones are cut, and the alert says which.
const VALUE_BYTES: usize = 32_768;
/// Values of one field that are looked at.
const VALUES: usize = 64;

pub(super) struct View<'r> {
    record: &'r dyn Record,
    time: Option<String>,
    shortened: RefCell<BTreeSet<String>>,
}

/// One run of a program, as far as an event identifies it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RunIds {
    pub(super) guid: Option<String>,
    pub(super) pid: Option<i64>,
    /// Seconds, as the product that watched the process says.
    pub(super) start: Option<i64>,
    /// The time of the record of its start, where nothing better is known: as good as the collector's clock.
    pub(super) begun: Option<i64>,
}

impl<'r> View<'r> {
    pub(super) fn new(record: &'r dyn Record, time: Option<&str>) -> Self {
        View { record, time: time.and_then(rfc3339), shortened: RefCell::default() }
    }

    pub(super) fn record(&self) -> &'r dyn Record {
        self.record
    }

    /// When the event happened, in RFC 3339.
    pub(super) fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// Fields that had more to say than was taken.
    pub(super) fn shortened(&self) -> Vec<String> {
        self.shortened.borrow().iter().cloned().collect()
    }

    pub(super) fn texts(&self, field: &str) -> Vec<String> {
        self.read(field, VALUE_BYTES, true)
    }

    /// Values as they are, placeholders too.
    pub(super) fn quoted(&self, field: &str, chars: usize) -> Vec<String> {
        self.read(field, chars, false)
    }

    fn read(&self, field: &str, most: usize, meaning: bool) -> Vec<String> {
        let (mut out, mut seen, mut cut) = (Vec::new(), 0, false);
        self.record.values(field, &mut |scalar| {
            let text = match scalar {
                Scalar::Null => return,
                Scalar::Bool(b) => b.to_string(),
                Scalar::Int(i) => i.to_string(),
                Scalar::Float(f) => f.to_string(),
                Scalar::Text(text) => {
                    let text = text.trim();
                    let end = text.floor_char_boundary(most.min(text.len()));
                    cut |= end < text.len() && meaning;
                    text.get(..end).unwrap_or_default().to_owned()
                }
            };
            if meaning && is_placeholder(&text) {
                return;
            }
            seen += 1;
            if seen <= VALUES { out.push(text) } else { cut |= meaning }
        });
        if cut {
            self.shortened.borrow_mut().insert(field.to_owned());
        }
        out
    }

    pub(super) fn text(&self, field: &str) -> Option<String> {
        self.texts(field).into_iter().next()
    }

    /// The first field that says something, and what.
    pub(super) fn first<'f>(&self, fields: &[&'f str]) -> Option<(&'f str, String)> {
        fields.iter().find_map(|field| Some((*field, self.text(field)?)))
    }

    pub(super) fn value(&self, fields: &[&str]) -> Option<String> {
        self.first(fields).map(|(_, value)| value)
    }

    pub(super) fn number(&self, fields: &[&str], most: i64) -> Option<i64> {
        let number = |field: &&str| integer(&self.text(field)?)?.as_i64().filter(|n| (1..=most).contains(n));
        fields.iter().find_map(number)
    }

    /// The day of the event, in UTC.
    pub(super) fn day(&self) -> Option<String> {
        let seconds = self.time().and_then(seconds)?;
        Some(DateTime::from_timestamp(seconds, 0)?.format("%Y-%m-%d").to_string())
    }

    pub(super) fn run(&self, run: &Run) -> RunIds {
        let guid = run.guid.iter().find_map(|field| guid(&self.text(field)?));
        let pid = self.number(run.pid, i64::from(u32::MAX));
        let started = || self.value(run.start).and_then(|text| seconds(&text));
        // The event of a start is about the process that begins with it.
        let begins =
            || run.begins.iter().any(|field| self.text(field).is_some()).then(|| self.time().and_then(seconds));
        let start = guid.as_deref().and_then(guid_start).or_else(started);
        let begun = if start.is_none() { begins().flatten() } else { None };
        RunIds { guid, pid, start, begun }
    }
}

/// Placeholders of sources that have to write something; `%%1234` is the number of a text that was not looked up.
pub(super) fn is_placeholder(text: &str) -> bool {
    let number = text.strip_prefix("%%").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    number
        || matches!(text, "" | "-" | "--" | "::" | "0.0.0.0" | "?" | "*" | "-\\-")
        || ["n/a", "null", "(null)", "none", "unknown", "<unknown process>", "unknown process"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
        || (text.len() >= 32 && text.bytes().all(|b| matches!(b, b'0' | b'-' | b'{' | b'}')))
}

/// A GUID without its braces, lower case; of a process that the source knows.
fn guid(text: &str) -> Option<String> {
    let text = text.trim_matches(['{', '}']);
    let shape = text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    (shape && !is_placeholder(text)).then(|| text.to_ascii_lowercase())
}

/// Sysmon's GUIDs hold the second in which the process began, the low half before the high one.
fn guid_start(guid: &str) -> Option<i64> {
    let mut parts = guid.split('-').skip(1);
    let (low, high) = (parts.next()?, parts.next()?);
    let seconds = i64::from_str_radix(&format!("{high}{low}"), 16).ok()?;
    // Other products use random ones; what they say then is mostly no time in the life of Sysmon.
    (1_388_534_400..4_102_444_800).contains(&seconds).then_some(seconds)
}

/// A time with an offset; Sysmon's `2026-03-02 09:15:00.001` is UTC by its field's definition.
pub(super) fn rfc3339(text: &str) -> Option<String> {
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return Some(text.replacen(' ', "T", 1));
    }
    let time = NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(time.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn seconds(text: &str) -> Option<i64> {
    Some(DateTime::parse_from_rfc3339(&rfc3339(text)?).ok()?.timestamp())
}

pub(super) fn second(seconds: i64) -> Option<String> {
    Some(DateTime::from_timestamp(seconds, 0)?.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// An address, with or without port; an unspecified one names nobody.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let ip = text.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    ip.or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
        .map(|ip| ip.to_canonical())
        .filter(|ip| !ip.is_unspecified())
}
