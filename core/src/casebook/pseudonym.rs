//! The casebook under pseudonyms: every fact and the policy with other names, judged as before.

use std::io::Cursor;

use hashbrown::HashMap;
use serde_json::Value;

use crate::error::{Error, ErrorCode, Result};
use crate::export::pseudonym::{Class, Pseudonyms};
use crate::ingest::canonical;
use crate::model::{FactId, FactKind, fact_id};
use crate::policy::Policy;

use super::Casebook;

/// Shorter keys are guessed.
const KEY: usize = 16;

impl Casebook {
    /// The same casebook with other names: of people, machines, companies, files, addresses, in facts of every kind and in the
    /// policy. Judging it gives the same incidents, links, verdicts, scores, kill chains and priorities; only names differ,
    /// and the order of what nothing but names and ids puts in order.
    ///
    /// The same name has the same pseudonym everywhere and in every casebook under the same key; without the key nothing
    /// leads back. What stays readable: words that the rules of the casebook look for, the
    /// system's own programs, folders, accounts and file name extensions, well-known and loopback addresses, endings of domain
    /// names, everyday words in titles and comments, numbers of up to three digits, times, ports, numbers of processes,
    /// and keys of records but for `customDetails`. Rules that compare
    /// addresses with ranges other than private ones, or parts of words, may find other things than before.
    ///
    /// `O(facts)`; the rules stay those of this casebook.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when the key has less than 16 bytes, or when under this key two names would become
    /// one; [`ErrorCode::Limit`] when a fact is nested too deeply to be rewritten.
    pub fn pseudonymised(&self, key: &str) -> Result<Casebook> {
        if key.len() < KEY {
            let message =
                format!("a key of {} bytes, expected {KEY} or more: whoever guesses it has all names", key.len());
            return Err(Error::new(ErrorCode::InvalidArgument, message));
        }
        let ruled = self.rules.iter().flat_map(crate::rules::RuleSet::texts);
        let mut pseudonyms = Pseudonyms::new(key, ruled);
        for position in 0..self.log.len() as u32 {
            if let Some((_, _, value)) = self.readable(position)? {
                pseudonyms.note_names(&value, "");
            }
        }
        let mut log = b"casegraph-log 1\n".to_vec();
        let mut ids: HashMap<FactId, FactId> = HashMap::new();
        for position in 0..self.log.len() as u32 {
            let Some((id, kind, mut value)) = self.readable(position)? else { continue };
            match (kind, value.get_mut("fact")) {
                (FactKind::Retraction, Some(fact)) => {
                    // A fact is withdrawn after it came in.
                    let known = fact.as_str().and_then(FactId::parse).and_then(|old| ids.get(&old));
                    let known = known.map(FactId::to_string);
                    let mut rest = value.clone();
                    pseudonyms.record(kind, &mut rest);
                    if let (Value::Object(members), Some(known)) = (&mut rest, known) {
                        members.insert("fact".to_owned(), known.into());
                    }
                    value = rest;
                }
                _ => pseudonyms.record(kind, &mut value),
            }
            let json = canonical::write(value);
            let new = fact_id(kind, &json);
            ids.insert(id, new);
            log.extend_from_slice(format!("{} {new} {} ", char::from(kind.letter()), json.len()).as_bytes());
            log.extend_from_slice(&json);
            log.push(b'\n');
        }
        let policy = policy(&self.policy, &mut pseudonyms);
        if pseudonyms.clashed() {
            let message = "two names would have one pseudonym under this key, expected another key";
            return Err(Error::new(ErrorCode::InvalidArgument, message));
        }
        let mut book = Casebook::load(Cursor::new(log), policy)?.casebook;
        if let Some(rules) = &self.rules {
            book.set_rules(rules.clone())?;
        }
        Ok(book)
    }

    fn readable(&self, position: u32) -> Result<Option<(FactId, FactKind, Value)>> {
        let Some((id, kind, json)) = self.log.get(position) else { return Ok(None) };
        let value = canonical::read::<Value>(json).map_err(|_| {
            Error::new(ErrorCode::Limit, format!("fact {position} is nested too deeply, expected 128 levels at most"))
        })?;
        Ok(Some((id, kind, value)))
    }
}

/// The policy with what names assets, people and folders under pseudonyms.
fn policy(policy: &Policy, pseudonyms: &mut Pseudonyms) -> Policy {
    let mut out = policy.clone();
    let mut texts = |class: Class, list: &mut Vec<String>| {
        list.iter_mut().for_each(|text| *text = pseudonyms.text(class, text));
    };
    texts(Class::Prose, &mut out.summary.critical_tags);
    texts(Class::Path, &mut out.response.core_folders);
    texts(Class::Path, &mut out.response.temp_folders);
    texts(Class::Name, &mut out.response.approvals.approvers);
    for approvals in out.response.approvals_of.values_mut() {
        texts(Class::Name, &mut approvals.approvers);
    }
    let named = std::mem::take(&mut out.summary.criticality).into_iter();
    out.summary.criticality = named.map(|(name, level)| (pseudonyms.entity(&name), level)).collect();
    let groups = std::mem::take(&mut out.response.device_groups).into_iter();
    out.response.device_groups = groups.map(|(name, level)| (pseudonyms.text(Class::Name, &name), level)).collect();
    out
}
