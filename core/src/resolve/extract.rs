//! From one alert record to the columns it will fill: what it says, the entities it mentions under
//! canonical identifiers, and the relations between them. A pure function of the record, so that
//! several threads can extract while one appends.

use crate::error::{Problem, ProblemCode};
use crate::ingest::canonical;
use crate::ingest::tape::{Key, Tape};
use crate::policy::Limits;

use super::evidence;
use super::kind::{EntityKind, IdType};
use super::read::Reader;
use super::relation::Relation;

/// A piece of the extract's text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One identifier of an occurrence: what it is and its canonical value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id {
    pub(crate) id_type: IdType,
    pub(crate) value: Span,
}

/// One entity as seen in one alert.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occurrence {
    pub(crate) kind: EntityKind,
    pub(crate) flags: u8,
    pub(crate) verdict: u8,
    pub(crate) status: u8,
    pub(crate) roles: u16,
    pub(crate) ids: (u32, u32),
}

/// Flags of an [`Occurrence`].
pub(crate) mod flag {
    /// Only mentioned inside another evidence item.
    pub(crate) const NESTED: u8 = 1;
    /// Known on every machine or network: never links and never spreads a verdict.
    pub(crate) const COMMON: u8 = 2;
    /// A sensor detected, blocked or prevented it.
    pub(crate) const DETECTED: u8 = 4;
    /// Its evidence carries tags.
    pub(crate) const TAGGED: u8 = 8;
}

/// What an evidence item says of its device for the organisation's sake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Said {
    /// The device group.
    Group,
    /// How valuable the device is.
    Value,
}

/// A typed, directed relation between two occurrences of one alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: u32,
    pub(crate) relation: Relation,
    pub(crate) to: u32,
}

/// What one alert says, apart from its evidence. Texts are spans; times are nanoseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct AlertFields {
    pub(crate) id: Span,
    pub(crate) tenant: Span,
    pub(crate) title: Span,
    pub(crate) detector: Span,
    pub(crate) service: Span,
    pub(crate) product: Span,
    pub(crate) vendor_incident: Span,
    pub(crate) actor: Span,
    pub(crate) assigned_to: Span,
    pub(crate) first: Option<i64>,
    pub(crate) last: Option<i64>,
    pub(crate) updated: Option<i64>,
    pub(crate) severity: u8,
    pub(crate) status: u8,
    pub(crate) classification: u8,
    pub(crate) determination: u8,
    /// Categories, then techniques.
    pub(crate) categories: Vec<Span>,
    pub(crate) techniques: Vec<Span>,
}

/// All that casegraph evaluates of one alert. Reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Extract {
    pub(crate) text: String,
    pub(crate) alert: AlertFields,
    pub(crate) ids: Vec<Id>,
    pub(crate) occurrences: Vec<Occurrence>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) problems: Vec<Problem>,
    /// Evidence items of the record, read or not.
    pub(crate) evidence: u32,
    /// Tags of evidence items, by occurrence.
    pub(crate) tags: Vec<(u32, Span)>,
    /// What else evidence items say, by occurrence.
    pub(crate) said: Vec<(u32, Said, Span)>,
    /// Tags read before the occurrence that they belong to.
    pub(crate) pending_tags: Vec<Span>,
    /// How each occurrence is called in its source, where that is not its identifier; read only by
    /// [`Extract::read_names`].
    pub(crate) names: Vec<(u32, Span)>,
    /// Which evidence item each occurrence that is one stands in; kept with the names.
    pub(crate) items: Vec<(u32, u32)>,
    /// The evidence item that each occurrence stands in or is mentioned in; kept with the names.
    pub(crate) item_of: Vec<u32>,
    pub(crate) wants_names: bool,
    /// The record has members of another format than Graph's alerts.
    pub(crate) foreign: bool,
}

impl Extract {
    fn clear(&mut self) {
        let Extract {
            text,
            alert,
            ids,
            occurrences,
            edges,
            problems,
            evidence,
            tags,
            said,
            pending_tags,
            names,
            items,
            item_of,
            wants_names: _,
            foreign,
        } = self;
        text.clear();
        let (mut categories, mut techniques) =
            (std::mem::take(&mut alert.categories), std::mem::take(&mut alert.techniques));
        categories.clear();
        techniques.clear();
        *alert = AlertFields { categories, techniques, ..AlertFields::default() };
        ids.clear();
        occurrences.clear();
        edges.clear();
        problems.clear();
        *evidence = 0;
        names.clear();
        items.clear();
        item_of.clear();
        tags.clear();
        said.clear();
        pending_tags.clear();
        *foreign = false;
    }

    pub(crate) fn str(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    pub(crate) fn put(&mut self, text: &str) -> Span {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        Span { start, end: self.text.len() as u32 }
    }

    /// `value` relative to a device, whose name is in the text already.
    pub(crate) fn put_scoped(&mut self, device: Span, value: &str) -> Span {
        let start = self.text.len() as u32;
        self.text.extend_from_within(device.start as usize..device.end as usize);
        self.text.push('|');
        self.text.push_str(value);
        Span { start, end: self.text.len() as u32 }
    }

    /// Reads one alert record.
    ///
    /// # Errors
    /// The problem that makes the record unusable; whatever else was odd is in `problems`.
    pub(crate) fn read(&mut self, record: &[u8], limits: &Limits) -> Result<(), Problem> {
        self.clear();
        let mended: Vec<u8>;
        let tape = match Tape::read(record) {
            Ok(tape) => tape,
            Err(e) => {
                let what = crate::policy::without_place(&e);
                let column = e.column();
                let refused =
                    || Problem::new(ProblemCode::Syntax, "$", format!("not a JSON object: {what} at column {column}"));
                mended = canonical::mend(record).ok_or_else(refused)?;
                let tape = Tape::read(&mended).map_err(|_| refused())?;
                let message =
                    format!("{what} at column {column}: what no text or number can hold was replaced for reading");
                self.problems.push(Problem::new(ProblemCode::Syntax, "$", message));
                tape
            }
        };
        let Some(root) = tape.root() else {
            return Err(Problem::new(ProblemCode::WrongType, "$", "expected an object"));
        };
        let mut reader = Reader::new(&tape, self);
        let foreign = [Key::AlertCreationTime, Key::Alerts, Key::AlertId];
        reader.out.foreign = foreign.into_iter().any(|key| reader.member(root, key).is_some());
        reader.alert(root, limits);
        if reader.out.alert.id.is_empty() {
            return Err(Problem::new(
                ProblemCode::Missing,
                "$.id",
                "an alert without an id cannot be told from others, expected a string",
            ));
        }
        evidence::read(&mut reader, root, limits);
        Ok(())
    }
}

impl Extract {
    /// Reads a record once more, for the spellings that its entities have in it.
    pub(crate) fn read_names(record: &[u8], limits: &Limits) -> Extract {
        let mut extract = Extract { wants_names: true, ..Extract::default() };
        // What is wrong with the record was reported when it came in.
        let _ = extract.read(record, limits);
        extract
    }
}
