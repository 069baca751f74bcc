//! Pseudonyms: texts in which every name is another, the same one everywhere, while what judgements rest on stays.
//!
//! In: a key, and the words that rules look for. Out: a text for a text. Texts are taken apart into words (runs of letters and
//! digits), and into what has a form of its own: addresses, hashes, GUIDs, SIDs, numbers. What stands between
//! words stays. So `HOST`, `host.corp.example` and `C:\Users\host` go on sharing a word, a mail address its
//! domain, a path its folders and endings, and every way of comparing that casegraph has (in canonical form, by parts, by
//! endings) finds afterwards what it found before.
//!
//! A pseudonym is made of HMAC-SHA-256 of the word in lower case under the key. A plain digest of key and word could be
//! extended by whoever sees it; without the key nothing but guessing the key leads back. What stays readable is in
//! `words`; which member holds which kind of text is in `table`. This folder must never know the casebook.

mod address;
mod record;
mod secret;
mod table;
mod words;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use regex::Regex;

use crate::resolve::canon;

use secret::Secret;
pub(crate) use table::Class;

/// What has a form of its own, the first that fits: SID, GUID, hash, IPv6 address, IPv4 address in any defanged form or with
/// hyphens as in names of cloud machines, escaped byte of a URL, word.
fn units() -> Option<Regex> {
    let dot = r"(?:\.|\[\.\]|\(\.\)|\[dot\]|-)";
    let forms = [
        r"(?P<sid>\bS-1(?:-\d+)+)",
        r"(?P<guid>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)",
        r"(?P<hash>\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b)",
        r"(?P<six>(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}))",
        &format!(r"(?P<four>\b\d{{1,3}}(?:{dot}\d{{1,3}}){{3}}\b)"),
        r"(?P<escaped>%[0-9a-f]{2})",
        r"(?P<word>[\p{Alphabetic}\p{N}]+)",
    ];
    Regex::new(&format!("(?i){}", forms.join("|"))).ok()
}

/// Characters of a part of a word for which it stays; shorter ones are in many words by chance.
const PART: usize = 6;
/// Bytes of the longest word that is looked through for such parts.
const LOOKED_THROUGH: usize = 64;

/// Texts to pseudonyms under one key.
pub(crate) struct Pseudonyms {
    units: Option<Arc<Regex>>,
    secret: Secret,
    /// Words that rules look for.
    ruled: HashSet<String>,
    /// Words of names, which no free text keeps.
    names: HashSet<String>,
    /// Pseudonyms by word, and words by pseudonym.
    made: HashMap<String, String>,
    taken: HashMap<String, String>,
    /// Did two words get one pseudonym?
    clash: bool,
}

impl Pseudonyms {
    /// Under this key; `ruled` are texts that rules look for.
    pub(crate) fn new<'t>(key: &str, ruled: impl Iterator<Item = &'t str>) -> Pseudonyms {
        let mut out = Pseudonyms {
            units: units().map(Arc::new),
            secret: Secret::new(key.as_bytes()),
            ruled: HashSet::new(),
            names: HashSet::new(),
            made: HashMap::new(),
            taken: HashMap::new(),
            clash: false,
        };
        for text in ruled {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1);
            out.ruled.extend(words.map(str::to_lowercase));
        }
        out
    }

    /// Did two words get one pseudonym, so that two things may have become one? Then another key is needed.
    pub(crate) fn clashed(&self) -> bool {
        self.clash
    }

    /// Notes the words of a name, so that they stay in no free text.
    fn note(&mut self, text: &str) {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2) {
            let word = word.to_lowercase();
            if !self.ruled.contains(&word) && !word.bytes().all(|b| b.is_ascii_digit()) {
                self.names.insert(word);
            }
        }
    }

    /// The text under its pseudonym.
    pub(crate) fn text(&mut self, class: Class, text: &str) -> String {
        match class {
            Class::Keep => text.to_owned(),
            Class::Name => self.name(text),
            Class::Url => self.url(text),
            Class::Path => self.path(text),
            Class::Prose => self.units(text, Class::Prose),
        }
    }

    /// The public id of an entity, `kind:type:value`.
    pub(crate) fn entity(&mut self, id: &str) -> String {
        let Some((kind, (id_type, value))) = id.split_once(':').and_then(|(k, rest)| Some((k, rest.split_once(':')?)))
        else {
            return self.name(id);
        };
        let value = self.value_of(kind, value);
        format!("{kind}:{id_type}:{value}")
    }

    /// What names an entity of a kind: parts of it between bars. Numbers there are those of processes, ports, applications
    /// and times, which stand as numbers in records.
    pub(crate) fn value_of(&mut self, kind: &str, value: &str) -> String {
        let kind = kind.to_ascii_lowercase();
        if matches!(kind.as_str(), "url" | "blob" | "blobcontainer") {
            return self.url(value);
        }
        let on_device = matches!(kind.as_str(), "file" | "process" | "registrykey" | "registryvalue");
        let several = value.contains('|');
        let mut parts = Vec::new();
        for (number, part) in value.split('|').enumerate() {
            let kept =
                several && part.bytes().all(|b| b.is_ascii_digit()) || kind == "networkconnection" && number == 0;
            parts.push(match (kept, on_device && !(several && number == 0)) {
                (true, _) => part.to_owned(),
                (false, true) => self.path(part),
                (false, false) => self.name(part),
            });
        }
        parts.join("|")
    }

    /// Accounts that every machine has stay as they are, part by part of `DOMAIN\name`.
    fn name(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for (number, part) in text.split('\\').enumerate() {
            if number > 0 {
                out.push('\\');
            }
            let lower = part.trim().trim_end_matches('$').to_lowercase();
            let common = canon::is_common_account(&lower, "") || canon::is_common_account("", &lower);
            match common || words::ACCOUNTS.contains(&lower.as_str()) {
                true => out.push_str(part),
                false => out.push_str(&self.units(part, Class::Name)),
            }
        }
        out
    }

    /// The host is a name, what follows is a path.
    fn url(&mut self, text: &str) -> String {
        let after_scheme = text.find("://").map_or(0, |at| at + 3);
        let (scheme, rest) = text.split_at(after_scheme);
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        format!("{scheme}{}{}", self.units(host, Class::Name), self.path(path))
    }

    /// The folder of a user is a name, what else a path or a command line holds is not.
    fn path(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut before = String::new();
        for part in text.split_inclusive(['\\', '/']) {
            let folder = part.trim_end_matches(['\\', '/']);
            let below = before.rsplit([' ', '"', '\'', ':', '=']).next().unwrap_or_default();
            let user = matches!(below, "users" | "home" | "settings") && folder.len() < part.len();
            let lower = folder.to_lowercase();
            match user && !words::EVERYBODY.contains(&lower.as_str()) {
                true => out.push_str(&self.units(part, Class::Name)),
                false => out.push_str(&self.units(part, Class::Path)),
            }
            before = lower;
        }
        out
    }

    fn units(&mut self, text: &str, class: Class) -> String {
        let Some(units) = self.units.clone() else { return self.secret.hex("text", text, 32) };
        let mut out = String::with_capacity(text.len());
        let mut rest = 0;
        for found in units.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            out.push_str(text.get(rest..whole.start()).unwrap_or_default());
            rest = whole.end();
            let unit = whole.as_str();
            let is = |name: &str| found.name(name).is_some();
            if is("sid") {
                let parts: Vec<String> = unit.split('-').map(|part| self.number(part).into_owned()).collect();
                out.push_str(&parts.join("-"));
            } else if is("guid") {
                out.push_str(&self.guid(unit));
            } else if is("hash") {
                out.push_str(&self.hash(unit));
            } else if is("six") || is("four") {
                out.push_str(&self.address(unit, class));
            } else if is("escaped") {
                out.push_str(unit);
            } else {
                out.push_str(&self.word(unit, class));
            }
        }
        out.push_str(text.get(rest..).unwrap_or_default());
        out
    }

    /// An address as another of its class, in the same form; words if it is none.
    fn address(&mut self, text: &str, class: Class) -> String {
        if let Ok(ip) = text.parse::<IpAddr>() {
            return address::other(&self.secret, ip).to_string();
        }
        let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        let octets: Option<Vec<u8>> = parts.iter().map(|part| part.parse().ok()).collect();
        let octets: Option<[u8; 4]> = octets.filter(|_| !text.contains(':')).and_then(|octets| octets.try_into().ok());
        let Some(octets) = octets else {
            let mut out = String::with_capacity(text.len());
            for part in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
                let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
                out.push_str(&self.word(word, class));
                out.push_str(part.get(word.len()..).unwrap_or_default());
            }
            return out;
        };
        let other = address::other(&self.secret, IpAddr::from(octets)).to_string();
        let mut other = other.split('.');
        let mut out = String::with_capacity(text.len());
        let mut digits = false;
        for c in text.chars() {
            if c.is_ascii_digit() {
                if !digits {
                    out.push_str(other.next().unwrap_or_default());
                }
            } else {
                out.push(c);
            }
            digits = c.is_ascii_digit();
        }
        out
    }

    fn guid(&self, text: &str) -> String {
        if text.bytes().all(|b| b == b'0' || b == b'-') {
            return text.to_owned();
        }
        let lower = text.to_lowercase();
        let mut hex = self.secret.hex("guid", &lower, 32);
        for at in [20, 16, 12, 8] {
            hex.insert(at, '-');
        }
        cased(&hex, text)
    }

    /// Hashes too name files of a customer; those of nothing stay.
    fn hash(&self, text: &str) -> String {
        match canon::hash(text, text.len()) {
            Some(lower) => cased(&self.secret.hex("hash", &lower, text.len()), text),
            None => text.to_owned(),
        }
    }

    /// Up to three digits name nothing; more become as many others, no two numbers the same.
    fn number<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        match text.len() {
            4..=18 if digits => self.secret.digits(text).into(),
            _ => text.into(),
        }
    }

    fn word(&mut self, text: &str, class: Class) -> String {
        if text.chars().nth(1).is_none() {
            return text.to_owned();
        }
        if text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 18 {
            return self.number(text).into_owned();
        }
        let lower = text.to_lowercase();
        if self.stays(&lower, class) {
            return text.to_owned();
        }
        if class == Class::Path
            && let Some((before, ruled, after)) = self.ruled_part(text, &lower)
        {
            return format!("{}{ruled}{}", self.word(before, class), self.word(after, class));
        }
        cased(&self.pseudonym(lower), text)
    }

    /// Rules look for parts of words too: the longest part that one looks for, and what stands around it.
    fn ruled_part<'t>(&self, text: &'t str, lower: &str) -> Option<(&'t str, &'t str, &'t str)> {
        if text.len() != lower.len() || text.len() > LOOKED_THROUGH || self.names.contains(lower) {
            return None;
        }
        let ends =
            (PART..lower.len()).rev().flat_map(|length| (0..=lower.len() - length).map(move |at| (at, at + length)));
        let (from, to) =
            ends.into_iter().find(|(from, to)| lower.get(*from..*to).is_some_and(|part| self.ruled.contains(part)))?;
        Some((text.get(..from)?, text.get(from..to)?, text.get(to..)?))
    }

    fn stays(&self, lower: &str, class: Class) -> bool {
        if self.ruled.contains(lower) {
            return true;
        }
        match class {
            Class::Path => words::is_of_systems(lower),
            Class::Prose => !self.names.contains(lower) && words::is_of_prose(lower),
            _ => words::ENDINGS.contains(&lower),
        }
    }

    fn pseudonym(&mut self, lower: String) -> String {
        if let Some(made) = self.made.get(&lower) {
            return made.clone();
        }
        let made = self.secret.syllables("word", &lower);
        self.clash |= self.taken.insert(made.clone(), lower.clone()).is_some();
        self.made.insert(lower, made.clone());
        made
    }
}

/// A pseudonym in the case of the original, so that what differs in case alone goes on doing so.
fn cased(pseudonym: &str, original: &str) -> String {
    let upper: Vec<bool> = original.chars().map(char::is_uppercase).collect();
    let lower = original.chars().any(char::is_lowercase);
    if !lower && upper.contains(&true) {
        return pseudonym.to_uppercase();
    }
    let up = |(at, c): (usize, char)| if upper.get(at) == Some(&true) { c.to_ascii_uppercase() } else { c };
    pseudonym.chars().enumerate().map(up).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests;
