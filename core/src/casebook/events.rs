//! Raw events in; those that stay as facts, with the alerts that rules make of them, out.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use hashbrown::HashMap;

use crate::error::{Error, ErrorCode, Problem, ProblemCode, Result};
use crate::ingest::{IngestReport, canonical};
use crate::model::{FactId, FactKind, fact_id};
use crate::policy::{KeepEvents, Policy};
use crate::resolve::extract::Extract;
use crate::resolve::store::{Interner, NONE, UNDATED};
use crate::rules::RuleSet;
use crate::rules::correlation::Match;

use super::Casebook;
use super::detector::{About, Detector};
use super::made::{MADE, Made, Maker};

/// Kept events, what rules matched in them, and the alerts made of that.
#[derive(Debug, Clone, Default)]
pub(crate) struct Events {
    pub(crate) rows: Vec<EventRow>,
    /// Matches that correlations look at; events by row.
    pub(crate) matches: Vec<Match>,
    pub(crate) made: Made,
    /// Hosts and names of processes.
    pub(crate) names: Interner,
    lists: Vec<u32>,
    /// Rows of the store that belong to a sequence, and its name in the texts of the store; sorted.
    pub(crate) sequences: Vec<(u32, u32)>,
    /// Made alerts of sequences, and the facts of their events; sorted.
    pub(crate) of_sequence: Vec<(u32, u32)>,
    /// Facts came or went since sequences were looked for.
    pub(crate) stale: bool,
}

/// A kept event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventRow {
    /// Position in the log.
    pub(crate) fact: u32,
    /// Nanoseconds since 1970.
    pub(crate) time: i64,
    pub(crate) host: u32,
    own: (u32, u32),
    parents: (u32, u32),
    /// The alerts made of it, as positions.
    pub(crate) alerts: (u32, u32),
}

impl Events {
    pub(crate) fn own(&self, row: &EventRow) -> &[u32] {
        self.lists.get(row.own.0 as usize..row.own.1 as usize).unwrap_or_default()
    }

    pub(crate) fn parents(&self, row: &EventRow) -> &[u32] {
        self.lists.get(row.parents.0 as usize..row.parents.1 as usize).unwrap_or_default()
    }

    fn list(&mut self, names: &[String]) -> (u32, u32) {
        let start = self.lists.len() as u32;
        for name in names {
            let id = self.names.intern(0, name);
            self.lists.push(id);
        }
        (start, self.lists.len() as u32)
    }

    fn push(&mut self, fact: u32, about: &About, alerts: (u32, u32)) {
        let own = self.list(&about.processes.own);
        let parents = self.list(&about.processes.parents);
        let host = about.host.as_ref().map_or(NONE, |host| self.names.intern(1, host));
        self.rows.push(EventRow { fact, time: about.time.unwrap_or(UNDATED), host, own, parents, alerts });
    }

    /// Facts of the events of a sequence, given by the position of its alert.
    pub(crate) fn facts_of_sequence(&self, position: u32) -> impl Iterator<Item = u32> + '_ {
        let from = self.of_sequence.partition_point(|(at, _)| *at < position);
        self.of_sequence.iter().skip(from).take_while(move |(at, _)| *at == position).map(|(_, fact)| *fact)
    }

    /// The host of this name, if an event has it.
    pub(crate) fn host(&self, name: &str) -> Option<u32> {
        self.names.find(1, name)
    }
}

/// When something is around something else.
#[derive(Debug, Default)]
pub(crate) struct Times(HashMap<u32, BTreeSet<i64>>);

impl Times {
    pub(crate) fn add(&mut self, names: &[u32], time: i64) {
        for name in names {
            self.0.entry(*name).or_default().insert(time);
        }
    }

    /// Does one of the names stand within `window` of `time`? What is undated is near everything.
    pub(crate) fn near(&self, names: &[u32], time: i64, window: i64) -> bool {
        names.iter().filter_map(|name| self.0.get(name)).any(|times| {
            let range = time.saturating_sub(window)..=time.saturating_add(window);
            time == UNDATED || times.contains(&UNDATED) || times.range(range).next().is_some()
        })
    }
}

/// What the processes of events are to each other.
#[derive(Debug, Default)]
pub(crate) struct Kin {
    own: Times,
    parents: Times,
}

impl Kin {
    pub(crate) fn add(&mut self, own: &[u32], parents: &[u32], time: i64) {
        self.own.add(own, time);
        self.parents.add(parents, time);
    }

    /// Is the event of the same process as one of these, of its parent, or of its child?
    pub(crate) fn near(&self, own: &[u32], parents: &[u32], time: i64, window: i64) -> bool {
        self.own.near(own, time, window) || self.parents.near(own, time, window) || self.own.near(parents, time, window)
    }
}

#[derive(Debug)]
struct Waiting {
    id: FactId,
    json: Box<[u8]>,
    time: i64,
    own: Vec<u32>,
    parents: Vec<u32>,
}

/// Events of one input that no rule matched, until it is known what they are around.
#[derive(Debug, Default)]
pub(crate) struct Held {
    queue: VecDeque<Waiting>,
    bytes: usize,
    names: Interner,
    matched: Kin,
}

impl Held {
    fn ids(&mut self, names: &[String]) -> Vec<u32> {
        names.iter().map(|name| self.names.intern(0, name)).collect()
    }
}

/// What a held event costs besides its bytes.
const WAITING_BYTES: usize = 256;

pub(super) fn window(minutes: u32) -> i64 {
    i64::from(minutes) * 60_000_000_000
}

impl Casebook {
    /// The detector; one without rules when none were given.
    pub(super) fn detector(&mut self) -> Result<&mut Detector> {
        match &mut self.detector {
            Some(detector) => Ok(detector),
            none => Ok(none.insert(Box::new(Detector::of(None)?))),
        }
    }

    /// A raw event of an input: matched, and kept or not as the policy says.
    pub(super) fn event(&mut self, json: &[u8], report: &mut IngestReport) -> Result<std::result::Result<(), Problem>> {
        let mut json = canonical::compact(json);
        report.events += 1;
        let mut read = self.detector()?.read(&json);
        // A file name may hold what no text can: such an event must not pass unseen.
        if read.as_ref().is_err_and(|e| e.code() == ErrorCode::Syntax)
            && let Some(mended) = canonical::mend(&json)
        {
            read = self.detector()?.read(&mended);
            json = mended.into();
        }
        match read {
            Ok(known) => report.unknown_events += u64::from(!known),
            Err(e) => {
                let code = if e.code() == ErrorCode::Limit { ProblemCode::Limit } else { ProblemCode::Syntax };
                return Ok(Err(Problem::new(code, "$", format!("an event that was not examined: {}", e.message()))));
            }
        }
        let id = fact_id(FactKind::Event, &json);
        let known = self.log.find(&id).is_some();
        let (keep, held_bytes) = (self.policy.rules.keep, self.policy.rules.held_bytes);
        let detector = self.detector()?;
        let matches = detector.hits.len() as u64;
        if known && (matches == 0 || keep != KeepEvents::Around) {
            report.duplicates += 1;
            return Ok(Ok(()));
        }
        let about = detector.about();
        let time = about.time.unwrap_or(UNDATED);
        if matches > 0 || keep == KeepEvents::All {
            if keep == KeepEvents::Around {
                let held = &mut self.held;
                let (own, parents) = (held.ids(&about.processes.own), held.ids(&about.processes.parents));
                held.matched.add(&own, &parents, time);
            }
            if known {
                report.duplicates += 1;
                return Ok(Ok(()));
            }
            report.matches += matches;
            report.new += 1;
            self.keep_event(id, &json, &about)?;
        } else if keep == KeepEvents::Around && !(about.processes.own.is_empty() && about.processes.parents.is_empty())
        {
            let held = &mut self.held;
            let (own, parents) = (held.ids(&about.processes.own), held.ids(&about.processes.parents));
            held.bytes += json.len() + WAITING_BYTES;
            held.queue.push_back(Waiting { id, json: json.into(), time, own, parents });
            while self.held.bytes > held_bytes {
                report.unheld_events += u64::from(!self.release(report)?);
            }
        }
        Ok(Ok(()))
    }

    /// Decides about the event that is held longest; `false` when it goes.
    fn release(&mut self, report: &mut IngestReport) -> Result<bool> {
        let window = window(self.policy.rules.around_minutes);
        let held = &mut self.held;
        let Some(event) = held.queue.pop_front() else {
            held.bytes = 0;
            return Ok(true);
        };
        held.bytes -= event.json.len() + WAITING_BYTES;
        let stays = held.matched.near(&event.own, &event.parents, event.time, window);
        if stays && self.log.find(&event.id).is_none() {
            let detector = self.detector()?;
            detector.read(&event.json)?;
            let about = detector.about();
            report.new += 1;
            self.keep_event(event.id, &event.json, &about)?;
        }
        Ok(stays)
    }

    /// The input has ended: what is around its matches stays.
    pub(super) fn end_events(&mut self, report: &mut IngestReport) -> Result<()> {
        let mut done = Ok(());
        while done.is_ok() && !self.held.queue.is_empty() {
            done = self.release(report).map(|_| ());
        }
        self.held = Held::default();
        done
    }

    /// Takes the event that the detector has read as a fact.
    fn keep_event(&mut self, id: FactId, json: &[u8], about: &About) -> Result<()> {
        let fact = self.room()?;
        self.admit(fact, &id, about)?;
        self.append(id, FactKind::Event, json);
        Ok(())
    }

    /// An event of a saved log, or one that came before the rules.
    pub(super) fn take_event(&mut self, fact: u32, id: &FactId, json: &[u8]) -> Result<()> {
        let detector = self.detector()?;
        detector.read(json).map_err(|e| Error::new(ErrorCode::Log, e.message().to_owned()))?;
        let about = detector.about();
        self.admit(fact, id, &about)
    }

    /// Makes alerts of the event that the detector has read.
    fn admit(&mut self, fact: u32, id: &FactId, about: &About) -> Result<()> {
        let Casebook { detector, events, store, policy, .. } = self;
        let Some(detector) = detector else { return Ok(()) };
        let (events, store) = (Arc::make_mut(events), Arc::make_mut(store));
        let mut read = Vec::new();
        for (rule, json) in detector.alerts(&id.to_string()) {
            read.push((extract(&json, policy)?, json, rule));
        }
        let start = events.made.next(read.len())?;
        for ((extract, json, rule), position) in read.iter().zip(start..) {
            events.made.push(json, fact, Maker::Rule(*rule));
            store.push(extract, position, false);
        }
        let alerts = (start, start + read.len() as u32);
        let row = events.rows.len() as u32;
        let time = about.time.map(|nanos| nanos.div_euclid(1_000_000));
        for rule in detector.correlated() {
            events.matches.push(Match { rule, time, event: row });
            events.stale = true;
        }
        events.push(fact, about, alerts);
        Ok(())
    }

    /// The rules in use.
    #[must_use]
    pub fn rules(&self) -> Option<&RuleSet> {
        self.rules.as_ref()
    }

    /// Puts these rules in the place of those in use, and judges every kept event and every incident anew:
    /// `O(facts)`. From now on [`ingest`](Self::ingest) takes raw events too. On failure the old rules stay.
    ///
    /// Events that no rule matched when they came in, and that were not kept for a timeline, are gone:
    /// new rules see those that [`Rules::keep`](crate::policy::Rules::keep) kept.
    ///
    /// # Errors
    /// [`ErrorCode::Limit`] when they make more alerts than a casebook can hold.
    pub fn set_rules(&mut self, rules: RuleSet) -> Result<()> {
        if self.events.rows.is_empty() {
            // Only events look different to other rules; what else there is stays where it is.
            self.use_rules(rules);
            self.forget();
            return Ok(());
        }
        let mut new = self.anew();
        new.use_rules(rules);
        new.refill(self, self.len())?;
        *self = new;
        Ok(())
    }

    pub(super) fn use_rules(&mut self, rules: RuleSet) {
        self.detector = Some(Box::new(Detector::new(rules.clone())));
        self.rules = Some(rules);
    }

    /// Takes the first facts of another casebook.
    pub(super) fn refill(&mut self, from: &Casebook, facts: usize) -> Result<()> {
        for position in 0..facts as u32 {
            if let Some((id, kind, json)) = from.log.get(position) {
                crate::ingest::Sink::take(self, kind, id, json, None)?;
            }
        }
        self.settle()?;
        Ok(())
    }

    /// Bytes and id of a record: a fact, or an alert made of one.
    pub(super) fn record(&self, position: u32) -> Option<super::made::Read<'_>> {
        if position < MADE {
            return self.log.get(position);
        }
        let (id, ..) = self.log.get(self.events.made.event(position)?)?;
        Some((id, FactKind::Alert, self.events.made.json(position)?))
    }
}

/// Reads an alert that a rule made.
pub(super) fn extract(json: &[u8], policy: &Policy) -> Result<Extract> {
    let mut extract = Extract::default();
    let unsound = |p: Problem| Error::new(ErrorCode::Internal, format!("an alert that a rule made: {}", p.message));
    extract.read(json, &policy.limits).map_err(unsound)?;
    Ok(extract)
}
