//! The log: facts in the order they came, as their canonical bytes. The only state that is saved.
//!
//! # File format, version 1
//!
//! Text lines, so that `grep` and `tail` work:
//!
//! ```text
//! casegraph-log 1
//! A <fact id> <length> <JSON>
//! ```
//!
//! The first byte of a record is the letter of its kind ([`FactKind::letter`]), the fact id is the
//! SHA-256 digest of that letter, a space and the JSON (64 hex digits), and so the record's checksum;
//! the length is that of the JSON in bytes. A record is only ever appended. A torn last record, or any damaged
//! one, is recognised by its length or digest; reading goes on at the next line that begins a sound
//! record, and what was skipped is reported with its place.

use std::io::{BufRead, Write};
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::error::{Error, ErrorCode, Location, Result};
use crate::model::{FactId, FactKind, fact_id};

const HEADER: &str = "casegraph-log 1\n";

#[derive(Debug, Clone, Copy)]
struct Entry {
    id: FactId,
    kind: FactKind,
    end: usize,
}

/// Facts by position, and positions by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// A log that this one goes on from, without copying it.
    base: Option<Arc<Log>>,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    by_id: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// A part of a saved log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Damage {
    /// Byte offset where the sound part ended.
    pub offset: u64,
    /// Bytes that were skipped.
    pub bytes: u64,
    /// Facts that were read before it.
    pub facts_before: u64,
    /// What is wrong there.
    pub message: String,
}

impl Log {
    /// A log that goes on from another.
    pub(crate) fn over(base: Arc<Log>) -> Log {
        Log { base: Some(base), ..Log::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.before() + self.entries.len()
    }

    /// Facts of the log that this one goes on from.
    fn before(&self) -> usize {
        self.base.as_ref().map_or(0, |base| base.len())
    }

    /// Bytes of all facts.
    pub(crate) fn bytes(&self) -> usize {
        self.base.as_ref().map_or(0, |base| base.bytes()) + self.bytes.len()
    }

    pub(crate) fn get(&self, position: u32) -> Option<(FactId, FactKind, &[u8])> {
        let Some(at) = (position as usize).checked_sub(self.before()) else {
            return self.base.as_ref().and_then(|base| base.get(position));
        };
        let entry = self.entries.get(at)?;
        let start = match at.checked_sub(1) {
            Some(before) => self.entries.get(before)?.end,
            None => 0,
        };
        Some((entry.id, entry.kind, self.bytes.get(start..entry.end)?))
    }

    fn key(id: &FactId) -> u64 {
        // The id is a digest already; its first bytes are as good as any hash. The random state of the
        // hasher keeps chosen prefixes from meeting in one slot.
        u64::from_le_bytes(std::array::from_fn(|i| id.0.get(i).copied().unwrap_or(0)))
    }

    fn hash(hasher: &DefaultHashBuilder, id: &FactId) -> u64 {
        use std::hash::BuildHasher;
        hasher.hash_one(Self::key(id))
    }

    pub(crate) fn find(&self, id: &FactId) -> Option<u32> {
        if let Some(known) = self.base.as_ref().and_then(|base| base.find(id)) {
            return Some(known);
        }
        let (hash, before) = (Self::hash(&self.hasher, id), self.before() as u32);
        let own = self.by_id.find(hash, |at| self.entries.get(*at as usize).is_some_and(|e| e.id == *id));
        own.map(|at| before + at)
    }

    /// Appends a fact unless it is known: `Ok` with its new position, `Err` with the one it had.
    pub(crate) fn append(&mut self, id: FactId, kind: FactKind, json: &[u8]) -> std::result::Result<u32, u32> {
        if let Some(known) = self.base.as_ref().and_then(|base| base.find(&id)) {
            return Err(known);
        }
        let before = self.before() as u32;
        let Log { bytes, entries, by_id, hasher, .. } = self;
        let equal = |at: &u32| entries.get(*at as usize).is_some_and(|e| e.id == id);
        let rehash = |at: &u32| entries.get(*at as usize).map_or(0, |e| Self::hash(hasher, &e.id));
        match by_id.entry(Self::hash(hasher, &id), equal, rehash) {
            hashbrown::hash_table::Entry::Occupied(entry) => Err(before + *entry.get()),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let at = entries.len() as u32;
                entry.insert(at);
                bytes.extend_from_slice(json);
                entries.push(Entry { id, kind, end: bytes.len() });
                Ok(before + at)
            }
        }
    }

    /// Writes the facts from position `from` on; the header too when `from` is 0.
    pub(crate) fn write(&self, from: u32, out: &mut impl Write) -> Result<()> {
        if from == 0 {
            out.write_all(HEADER.as_bytes())?;
        }
        for position in from..self.len() as u32 {
            if let Some((id, kind, json)) = self.get(position) {
                write!(out, "{} {id} {} ", char::from(kind.letter()), json.len())?;
                out.write_all(json)?;
                out.write_all(b"\n")?;
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Reads a saved log, handing each sound fact to `take`, which may refuse one; gives what was damaged.
    pub(crate) fn read(
        mut input: impl BufRead,
        limit: usize,
        mut take: impl FnMut(FactId, FactKind, &[u8]) -> Result<std::result::Result<(), String>>,
    ) -> Result<Vec<Damage>> {
        let mut header = Vec::new();
        std::io::Read::take(&mut input, 64).read_until(b'\n', &mut header)?;
        if header != HEADER.as_bytes() {
            let shown = String::from_utf8_lossy(&header).trim_end().escape_debug().to_string();
            return Err(Error::new(
                ErrorCode::Log,
                format!("expected the header `{}`, found `{shown}`", HEADER.trim_end()),
            )
            .at(Location { line: Some(1), column: Some(1), ..Location::default() })
            .with_help("is this a file that `save` wrote?"));
        }
        let mut reader = Reader { input, offset: header.len() as u64, facts: 0, damage: Vec::new() };
        let mut line = Vec::new();
        while reader.line(&mut line, limit)? {
            let (torn, record) = match parse(&line) {
                Ok(record) => (0, Some(record)),
                Err(message) => {
                    // A record appended after one that a crash tore stands on the same line.
                    let found = recover(&line);
                    let torn = found.map_or(line.len(), |(at, _)| at);
                    reader.damaged(torn as u64, message);
                    (torn, found.map(|(_, record)| record))
                }
            };
            reader.offset += torn as u64;
            let rest = (line.len() - torn) as u64;
            if let Some((id, kind, json)) = record {
                match take(id, kind, json)? {
                    Ok(()) => reader.facts += 1,
                    Err(message) => reader.damaged(rest, message),
                }
            }
            reader.offset += rest;
        }
        Ok(reader.damage)
    }
}

struct Reader<R> {
    input: R,
    offset: u64,
    facts: u64,
    damage: Vec<Damage>,
}

impl<R: BufRead> Reader<R> {
    /// The next line with its end; `false` at the end of the file. A line over the limit is skipped as damage.
    fn line(&mut self, line: &mut Vec<u8>, limit: usize) -> Result<bool> {
        // Kind, id and length take less than a hundred bytes.
        let most = limit as u64 + 128;
        loop {
            line.clear();
            let read = std::io::Read::take(&mut self.input, most).read_until(b'\n', line)? as u64;
            if read == 0 {
                return Ok(false);
            }
            if line.last() == Some(&b'\n') || read < most {
                return Ok(true);
            }
            let mut skipped = read;
            while line.last() != Some(&b'\n') {
                line.clear();
                let more = std::io::Read::take(&mut self.input, 1 << 20).read_until(b'\n', line)? as u64;
                if more == 0 {
                    break;
                }
                skipped += more;
            }
            self.damaged(skipped, format!("a record longer than {limit} bytes, the limit of `limits.recordBytes`"));
            self.offset += skipped;
        }
    }

    /// Neighbouring damage is one stretch.
    fn damaged(&mut self, bytes: u64, message: String) {
        match self.damage.last_mut() {
            Some(last) if last.offset + last.bytes == self.offset => last.bytes += bytes,
            _ => self.damage.push(Damage { offset: self.offset, bytes, facts_before: self.facts, message }),
        }
    }
}

/// Digests tried on one damaged line: evidence may imitate records, and each costs a pass over the line.
const TRIES: usize = 64;

/// The sound record that ends a damaged line, and where it begins. Its digest makes sure that it is one.
fn recover(line: &[u8]) -> Option<(usize, Record<'_>)> {
    let framed = (1..line.len()).filter_map(|at| {
        let rest = line.get(at..)?;
        // `<kind> <64 hex digits> `
        let begins = rest.get(1) == Some(&b' ') && rest.get(66) == Some(&b' ');
        if begins { frame(rest).ok().map(|record| (at, record)) } else { None }
    });
    framed.take(TRIES).find(|(_, record)| is_sound(record))
}

type Record<'l> = (FactId, FactKind, &'l [u8]);

fn parse(line: &[u8]) -> std::result::Result<Record<'_>, String> {
    let record = frame(line)?;
    if !is_sound(&record) {
        return Err("the digest of the record is not its fact id: the bytes were changed".to_owned());
    }
    Ok(record)
}

fn is_sound((id, kind, json): &Record<'_>) -> bool {
    fact_id(*kind, json) == *id
}

/// The parts of a record, its digest unchecked.
fn frame(line: &[u8]) -> std::result::Result<Record<'_>, String> {
    let Some((b'\n', body)) = line.split_last() else {
        return Err("the last record is torn: expected it to end with a line break".to_owned());
    };
    let mut parts = body.splitn(4, |b| *b == b' ');
    let (Some([letter]), Some(id), Some(length), Some(json)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("expected `<kind> <fact id> <length> <JSON>`".to_owned());
    };
    let text = |bytes: &'_ [u8]| std::str::from_utf8(bytes).map(str::to_owned).unwrap_or_default();
    let kind = FactKind::from_letter(*letter)
        .ok_or_else(|| format!("no kind of fact has the letter `{}`", letter.escape_ascii()))?;
    let id = FactId::parse(&text(id)).ok_or("expected a fact id of 64 hex digits")?;
    let length: usize = text(length).parse().map_err(|_| "expected the length of the JSON in bytes")?;
    if length != json.len() {
        return Err(format!("the record has {} bytes of JSON, its length says {length}", json.len()));
    }
    Ok((id, kind, json))
}
