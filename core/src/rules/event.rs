//! A raw event: the values of a JSON record under dotted paths, laid out flat.
//!
//! All texts stand in one arena, and once more folded for comparison without regard to case, so reading
//! the next event into the same [`Event`] allocates nothing. What an event says and where it says it stand
//! in columns of their own: events whose [layout](Event::layout) is the same have the same fields in the same
//! places, and whoever looks for fields does so once for each layout.

use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use crate::error::{Error, ErrorCode, Location, Result};
use crate::policy::without_place;

use super::fold;
use super::record::{Record, Scalar};

/// Most values of one event; more is an error, as is nesting deeper than [`MAX_DEPTH`].
const MAX_CELLS: usize = 100_000;
/// Deepest path, the dots in the names of members included.
const MAX_DEPTH: u32 = 64;
/// Folded texts may be half as long again as written ones, and all offsets have 32 bits.
const MAX_BYTES: usize = 1 << 30;
/// So far back the object of a dotted name is looked for; further back it is made again, which changes nothing.
const RECENT: usize = 64;

/// A raw event of a log, read from JSON.
///
/// ```
/// use casegraph::rules::Event;
///
/// let event = Event::parse(br#"{"EventID": 1, "Image": "C:\\Temp\\a.exe", "user": {"name": "ada"}}"#)?;
/// assert_eq!(event.get("user.name"), Some("ada"));
/// assert_eq!(event.get("eventid"), Some("1"));
/// # Ok::<(), casegraph::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// Values as texts, and keys as written.
    text: String,
    names: String,
    /// The texts folded: at the same offsets for ASCII, appended for others.
    folded: String,
    pub(super) objects: Vec<Object>,
    /// Where each value stands, and the value.
    places: Vec<Packed>,
    pub(super) cells: Vec<Cell>,
    layout: u64,
}

/// An object of the record; the first is the record itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Object {
    pub(super) parent: u32,
    pub(super) key: Span,
    pub(super) key_hash: u64,
    /// Of the whole path.
    pub(super) hash: u64,
}

/// Where a value stands: the object, and the key in it. The items of a list stand in the same place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(super) object: u32,
    pub(super) key: Span,
}

/// A place as a row of numbers: lists of them compare as fast as bytes do.
pub(super) type Packed = [u32; 3];

impl Place {
    fn packed(self) -> Packed {
        [self.object, self.key.start, self.key.len]
    }

    fn of([object, start, len]: &Packed) -> Place {
        Place { object: *object, key: Span { start: *start, len: *len } }
    }
}

/// A value that is no object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(super) kind: Kind,
    /// Of the text; `null` has none.
    span: Span,
    folded: u32,
    folded_len: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    #[inline]
    fn of(self, text: &str) -> &str {
        text.get(self.start as usize..(self.start + self.len) as usize).unwrap_or_default()
    }
}

/// Hash of the empty path.
pub(super) const ROOT: u64 = 0x9e37_79b9_7f4a_7c15;
const PARENT_OF_ROOT: u32 = u32::MAX;

fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0xa076_1d64_78bd_642f) * u128::from(b ^ 0xe703_7ed1_a0b4_28db);
    (product as u64) ^ ((product >> 64) as u64)
}

fn hash_bytes(seed: u64, bytes: &[u8], fold: u64) -> u64 {
    let mut chunks = bytes.chunks_exact(8);
    let mut hash = seed;
    for chunk in &mut chunks {
        let mut word = [0u8; 8];
        word.copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(word) | fold);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut word = [0u8; 8];
        for (to, from) in word.iter_mut().zip(rest) {
            *to = *from;
        }
        hash = mix(hash, u64::from_le_bytes(word) | fold);
    }
    hash
}

/// Hash of one segment of a path, without regard to ASCII case. What it does not tell apart (`@` and
/// `` ` ``) is told apart by comparing names.
pub(super) fn segment_hash(name: &[u8]) -> u64 {
    hash_bytes(name.len() as u64, name, 0x2020_2020_2020_2020)
}

/// Hash of a path one segment longer.
pub(super) fn child_hash(parent: u64, segment: u64) -> u64 {
    mix(parent, segment)
}

/// Hash of a dotted path.
pub(super) fn path_hash(path: &str) -> u64 {
    path.split('.').fold(ROOT, |hash, segment| child_hash(hash, segment_hash(segment.as_bytes())))
}

impl Event {
    /// Reads an event from one JSON object.
    ///
    /// # Errors
    /// [`ErrorCode::Syntax`] when it is no JSON object, [`ErrorCode::Limit`] when it nests deeper than 64, dots
    /// in names included, holds more than 100,000 values, or has more than 1 GiB.
    pub fn parse(json: &[u8]) -> Result<Event> {
        let mut event = Event::default();
        event.read(json)?;
        Ok(event)
    }

    /// Reads the next event into the memory of this one.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); the event is then empty.
    pub fn read(&mut self, json: &[u8]) -> Result<()> {
        self.clear();
        let done = self.fill(json);
        if done.is_err() {
            self.clear();
        }
        done
    }

    fn clear(&mut self) {
        self.text.clear();
        self.names.clear();
        self.folded.clear();
        self.objects.clear();
        self.places.clear();
        self.cells.clear();
        self.layout = 0;
    }

    fn fill(&mut self, json: &[u8]) -> Result<()> {
        let syntax = |e: &serde_json::Error| {
            let code =
                if e.is_data() && e.to_string().starts_with("an event") { ErrorCode::Limit } else { ErrorCode::Syntax };
            let location = Location {
                line: Some(e.line().max(1) as u64),
                column: Some(e.column().max(1) as u64),
                ..Location::default()
            };
            Error::new(code, without_place(e)).at(location)
        };
        if json.len() > MAX_BYTES {
            return Err(Error::new(ErrorCode::Limit, format!("an event of more than {MAX_BYTES} bytes")));
        }
        // Checked as UTF-8 once, so that the parser need not check every string again.
        let text = std::str::from_utf8(json).map_err(|e| {
            let location = Location { offset: Some(e.valid_up_to() as u64), ..Location::default() };
            Error::new(ErrorCode::Syntax, "invalid UTF-8").at(location)
        })?;
        if !text.trim_start().starts_with('{') {
            return Err(Error::new(ErrorCode::Syntax, "an event is a JSON object, found something else"));
        }
        self.objects.push(Object { parent: PARENT_OF_ROOT, key: Span::default(), key_hash: 0, hash: ROOT });
        let mut reader = serde_json::Deserializer::from_str(text);
        let root = Node { event: self, place: Place { object: 0, key: Span::default() }, depth: 0 };
        root.deserialize(&mut reader).and_then(|()| reader.end()).map_err(|e| syntax(&e))?;
        self.fold();
        self.layout = hash_bytes(self.places.len() as u64, self.names.as_bytes(), 0);
        Ok(())
    }

    fn fold(&mut self) {
        self.folded.push_str(&self.text);
        self.folded.make_ascii_lowercase();
        if self.text.is_ascii() {
            return;
        }
        for cell in &mut self.cells {
            let text = cell.span.of(&self.text);
            if !text.is_ascii() {
                let start = self.folded.len();
                self.folded.push_str(&fold::fold(text));
                cell.folded = start as u32;
                cell.folded_len = (self.folded.len() - start) as u32;
            }
        }
    }

    /// The first value under a dotted path, as text; names compare without regard to ASCII case.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        let wanted = path_hash(path);
        let mut cells = self.places().zip(&self.cells);
        let (_, cell) = cells.find(|(place, cell)| cell.kind != Kind::Null && self.hash_of(place) == wanted)?;
        Some(self.text_of(cell))
    }

    /// Every value with its path, in the order of the record; `None` is null.
    pub fn values(&self) -> impl Iterator<Item = (String, Option<&str>)> {
        self.places().zip(&self.cells).map(|(place, cell)| {
            let text = (cell.kind != Kind::Null).then(|| self.text_of(cell));
            (self.path_of(&place), text)
        })
    }

    #[inline]
    pub(super) fn text_of(&self, cell: &Cell) -> &str {
        cell.span.of(&self.text)
    }

    #[inline]
    pub(super) fn folded_of(&self, cell: &Cell) -> &str {
        Span { start: cell.folded, len: cell.folded_len }.of(&self.folded)
    }

    /// All values folded, one after the other.
    pub(super) fn all_folded(&self) -> &str {
        &self.folded
    }

    pub(super) fn key_of(&self, key: Span) -> &str {
        key.of(&self.names)
    }

    /// Hash of a key, without regard to ASCII case.
    pub(super) fn key_hash(&self, place: &Place) -> u64 {
        segment_hash(self.key_of(place.key).as_bytes())
    }

    pub(super) fn hash_of(&self, place: &Place) -> u64 {
        let parent = self.objects.get(place.object as usize).map_or(ROOT, |o| o.hash);
        child_hash(parent, self.key_hash(place))
    }

    /// A number that events of the same layout share: the same keys in the same objects, in the same order. Others
    /// may share it too.
    pub(super) fn layout(&self) -> u64 {
        self.layout
    }

    /// All keys, one after the other.
    pub(super) fn keys(&self) -> &str {
        &self.names
    }

    /// Where each of the cells stands.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        self.places.iter().map(Place::of)
    }

    pub(super) fn packed_places(&self) -> &[Packed] {
        &self.places
    }

    pub(super) fn scalar(&self, cell: &Cell) -> Scalar<'_> {
        match cell.kind {
            Kind::Null => Scalar::Null,
            Kind::Bool(value) => Scalar::Bool(value),
            Kind::Int(value) => Scalar::Int(value),
            Kind::Float(value) => Scalar::Float(value),
            Kind::Text => Scalar::Text(self.text_of(cell)),
        }
    }

    /// The dotted path of a place, as written.
    pub(super) fn path_of(&self, place: &Place) -> String {
        let mut segments = vec![self.key_of(place.key)];
        let mut at = place.object;
        while let Some(object) = self.objects.get(at as usize).filter(|o| o.parent != PARENT_OF_ROOT) {
            segments.push(self.key_of(object.key));
            at = object.parent;
        }
        segments.reverse();
        segments.join(".")
    }
}

impl Record for Event {
    fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool {
        let wanted = path_hash(field);
        let mut present = false;
        for (_, cell) in self.places().zip(&self.cells).filter(|(place, _)| self.hash_of(place) == wanted) {
            present = true;
            each(self.scalar(cell));
        }
        present
    }

    fn all_values<'r>(&'r self, each: &mut dyn FnMut(Scalar<'r>)) {
        self.cells.iter().for_each(|cell| each(self.scalar(cell)));
    }
}

/// The value about to be read, and where it belongs.
struct Node<'e> {
    event: &'e mut Event,
    place: Place,
    depth: u32,
}

impl Node<'_> {
    fn push<E: serde::de::Error>(self, kind: Kind, text: &str) -> std::result::Result<(), E> {
        let event = self.event;
        if event.cells.len() >= MAX_CELLS {
            return Err(E::custom(format_args!("an event of more than {MAX_CELLS} values")));
        }
        let (start, len) = (event.text.len() as u32, text.len() as u32);
        event.text.push_str(text);
        event.places.push(self.place.packed());
        event.cells.push(Cell { kind, span: Span { start, len }, folded: start, folded_len: len });
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> std::result::Result<(), E> {
        self.push(Kind::Null, "")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> std::result::Result<(), E> {
        self.push(Kind::Bool(value), if value { "true" } else { "false" })
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> std::result::Result<(), E> {
        self.push(Kind::Int(value), itoa::Buffer::new().format(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> std::result::Result<(), E> {
        // A number beyond 63 bits is kept as its digits, which compare as a number too.
        let kind = i64::try_from(value).map_or(Kind::Text, Kind::Int);
        self.push(kind, itoa::Buffer::new().format(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> std::result::Result<(), E> {
        let text = serde_json::Number::from_f64(value).map(|n| n.to_string()).unwrap_or_default();
        self.push(Kind::Float(value), &text)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<(), E> {
        self.push(Kind::Text, text)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> std::result::Result<(), S::Error> {
        let Node { event, place, depth } = self;
        if depth >= MAX_DEPTH {
            return Err(too_deep());
        }
        let before = (event.cells.len(), event.objects.len());
        loop {
            let item = Node { event: &mut *event, place, depth: depth + 1 };
            if items.next_element_seed(item)?.is_none() {
                break;
            }
        }
        if before == (event.cells.len(), event.objects.len()) {
            // An empty list is a field without a value.
            return Node { event, place, depth }.push(Kind::Null, "");
        }
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> std::result::Result<(), M::Error> {
        let Node { event, place, depth } = self;
        if depth >= MAX_DEPTH {
            return Err(too_deep());
        }
        let own = if depth == 0 { 0 } else { event.object(place, event.key_hash(&place)) };
        let before = event.cells.len();
        while let Some(key) = members.next_key_seed(Key(&mut *event))? {
            let Some((place, dots)) = event.place(own, key, MAX_DEPTH - depth) else {
                return Err(too_deep());
            };
            members.next_value_seed(Node { event: &mut *event, place, depth: depth + dots + 1 })?;
        }
        if depth > 0 && before == event.cells.len() {
            return Node { event, place, depth }.push(Kind::Null, "");
        }
        Ok(())
    }
}

fn too_deep<E: serde::de::Error>() -> E {
    E::custom(format_args!("an event nested deeper than {MAX_DEPTH}"))
}

impl Event {
    fn object(&mut self, place: Place, key_hash: u64) -> u32 {
        let above = self.objects.get(place.object as usize).map_or(ROOT, |o| o.hash);
        let hash = child_hash(above, key_hash);
        self.objects.push(Object { parent: place.object, key: place.key, key_hash, hash });
        (self.objects.len() - 1) as u32
    }

    /// Where a member belongs, and the dots in its key, which mean the same as objects in objects; nothing when
    /// there are too many.
    fn place(&mut self, mut object: u32, key: Span, most_dots: u32) -> Option<(Place, u32)> {
        let mut rest = key;
        let mut dots = 0;
        loop {
            let name = rest.of(&self.names);
            let Some(dot) = memchr::memchr(b'.', name.as_bytes()) else {
                return Some((Place { object, key: rest }, dots));
            };
            dots += 1;
            if dots >= most_dots {
                return None;
            }
            let segment = Span { start: rest.start, len: dot as u32 };
            let hash = segment_hash(segment.of(&self.names).as_bytes());
            let mut recent = self.objects.iter().enumerate().rev().take(RECENT);
            let known = recent.find(|(_, o)| o.parent == object && o.key_hash == hash);
            object = match known {
                Some((known, _)) => known as u32,
                None => self.object(Place { object, key: segment }, hash),
            };
            rest = Span { start: rest.start + dot as u32 + 1, len: rest.len - dot as u32 - 1 };
        }
    }
}

/// Reads a member's name into the arena.
struct Key<'e>(&'e mut Event);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Span;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> std::result::Result<Span, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> std::result::Result<Span, E> {
        let span = Span { start: self.0.names.len() as u32, len: name.len() as u32 };
        self.0.names.push_str(name);
        Ok(span)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;

    #[test]
    fn nested_and_dotted_members_are_the_same_path() {
        let nested =
            Event::parse(br#"{"a": {"B": {"c": 1}}, "list": [1, "x", {"y": null}], "e": [], "o": {}}"#).unwrap();
        let dotted = Event::parse(br#"{"a.b": {"c": 1}, "A.b.d": true}"#).unwrap();
        assert_eq!(nested.get("a.b.C"), Some("1"));
        assert_eq!(dotted.get("a.b.c"), Some("1"));
        assert_eq!(dotted.get("a.b.d"), Some("true"));
        let all: Vec<_> = nested.values().collect();
        let (one, x) = (Some("1"), Some("x"));
        let expected = [("a.B.c", one), ("list", one), ("list", x), ("list.y", None), ("e", None), ("o", None)];
        assert_eq!(all.iter().map(|(p, v)| (p.as_str(), *v)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn texts_are_folded_beyond_ascii() {
        let event = Event::parse("{\"a\": \"ÄPFEL\", \"b\": \"Plain\", \"c\": \"İ\"}".as_bytes()).unwrap();
        let folded: Vec<_> = event.cells.iter().map(|c| event.folded_of(c).to_owned()).collect();
        assert_eq!(folded, ["äpfel".to_owned(), "plain".to_owned(), fold::fold("İ").into_owned()]);
    }

    #[test]
    fn hostile_records_are_errors_and_leave_an_empty_event() {
        let deep = format!("{}1{}", "{\"a\":".repeat(1000), "}".repeat(1000));
        let many = format!("{{\"a\":[{}1]}}", "1,".repeat(MAX_CELLS));
        for (json, code) in [
            (deep.as_bytes(), ErrorCode::Limit),
            (many.as_bytes(), ErrorCode::Limit),
            (b"[1]", ErrorCode::Syntax),
            (b"{\"a\": \xff}", ErrorCode::Syntax),
            (b"{\"a\": 1} x", ErrorCode::Syntax),
            (b"", ErrorCode::Syntax),
        ] {
            let mut event = Event::parse(br#"{"x": 1}"#).unwrap();
            let error = event.read(json).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert_eq!(event.values().count(), 0);
        }
    }
}
