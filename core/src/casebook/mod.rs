//! The casebook: an append-only log of facts, and the verbs that ask what they mean.

mod activity;
mod asset_risk;
mod case_file;
mod causes;
mod check;
mod compare;
mod constraints;
mod counterfactual;
mod criticality;
mod decisions;
mod derived;
mod detector;
mod digest;
mod entity;
mod events;
mod index;
mod judged;
mod log;
mod made;
mod manage;
mod pages;
mod present;
mod pseudonym;
mod respond;
mod sequences;
mod similar;
mod surgery;
mod timeline;
mod touch;
mod user_priority;
mod what_if;
mod world;

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use hashbrown::{HashMap, HashSet};
use serde::Serialize;

use crate::error::{Error, ErrorCode, Location, Problem, ProblemCode, Result};
use crate::graph::EntityGraph;
use crate::ingest::{Format, IngestReport, Session, Sink, canonical};
use crate::judge::Explanation;
use crate::model::{ActionReport, Alert, Choice, Decision, FactId, FactKind, Indicator, Retraction, fact_id};
use crate::policy::{Policy, without_place};
use crate::resolve::extract::Extract;
use crate::resolve::store::{NONE, Store};
use crate::rules::{RuleKind, RuleSet, RuleTrace};
use crate::summary::{EntityDetail, IncidentSummary, QueueLine};

pub use check::{Checker, check};
pub use counterfactual::{Counterfactual, Goal, NamedFact, With, Without};
use decisions::{Decided, Entry};
use derived::Derived;
use detector::Detector;
use events::{Events, Held};
pub use log::Damage;
use log::Log;
use made::MADE;
use present::Presenter;
pub use respond::{ActionCentre, ActionFilter, ActionReply, ActionSource, Executor};
pub use what_if::{Change, Side};
use world::Sight;

/// Facts in, judgements out.
///
/// A casebook holds a log of facts and nothing else that matters. Everything it tells is a function
/// of those facts and the policy: the same facts, in any order, in any batches, on any machine, give
/// the same bytes.
///
/// What it tells is derived when first asked, `O(facts)`. Alerts, events, indicators, decisions and vendors'
/// incidents that come later, a few at a time, are worked into it in proportion to the incidents, entities
/// and lists that they touch. A retraction, or many facts at once, has everything derived anew.
///
/// `Casebook` is `Send + Sync`: many threads may ask at once, one at a time may add.
#[derive(Debug, Default)]
pub struct Casebook {
    policy: Policy,
    // Shared with the worlds of what-ifs, which copy only what they change.
    log: Arc<Log>,
    store: Arc<Store>,
    indicators: Arc<Vec<(u32, Indicator)>>,
    decisions: Arc<Vec<(u32, Decision)>>,
    retractions: Arc<Vec<(u32, Retraction)>>,
    reports: Arc<Vec<(u32, ActionReport)>>,
    /// Facts about the vendor's incidents, by their id.
    vendor: Arc<HashMap<String, Vec<u32>>>,
    rules: Option<RuleSet>,
    detector: Option<Box<Detector>>,
    events: Arc<Events>,
    /// Which of the facts count; all, but in the worlds of what-ifs.
    sight: Sight,
    /// Of the input at hand.
    held: Held,
    derived: OnceLock<Derived>,
    /// What was derived, while facts come in that it does not take into account.
    behind: Option<Box<Derived>>,
    queue: OnceLock<Vec<(u32, u32)>>,
}

/// How an input is read. [`Default`]: detect the format, one thread.
#[derive(Default)]
pub struct IngestOptions<'p> {
    format: Option<Format>,
    threads: usize,
    progress: Option<&'p mut dyn FnMut(u64) -> ControlFlow<()>>,
}

impl std::fmt::Debug for IngestOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IngestOptions")
            .field("format", &self.format)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

impl<'p> IngestOptions<'p> {
    /// Detects the format, on one thread.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the format instead of detecting it.
    #[must_use]
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Reads JSON Lines of Graph alerts on this many threads; the result is the same.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Calls back with the bytes read so far, every 64 KiB or more; breaking ends the ingest with
    /// [`ErrorCode::Cancelled`], and keeps what was read.
    #[must_use]
    pub fn with_progress(mut self, progress: &'p mut dyn FnMut(u64) -> ControlFlow<()>) -> Self {
        self.progress = Some(progress);
        self
    }
}

/// A fact of the log.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Fact<'c> {
    /// Position, from 0.
    pub position: u64,
    /// Its id.
    pub id: FactId,
    /// What it is.
    pub kind: FactKind,
    /// Its canonical JSON.
    pub json: &'c str,
}

/// A casebook that was loaded, and what of its file could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// Everything that was sound.
    pub casebook: Casebook,
    /// What was not; empty for a sound file.
    pub damage: Vec<Damage>,
}

impl Casebook {
    /// An empty casebook with the default policy.
    #[must_use]
    pub fn new() -> Casebook {
        Casebook::default()
    }

    /// An empty casebook with this policy.
    #[must_use]
    pub fn with_policy(policy: Policy) -> Casebook {
        Casebook { policy, ..Casebook::default() }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Takes in alerts and incidents, in any [`Format`], and with [rules](Self::set_rules) raw events among them;
    /// `source` names them in problem reports.
    ///
    /// One bad record is a problem of the report, never a failure.
    ///
    /// # Errors
    /// [`ErrorCode::Limit`] when the casebook is full; what was read before is kept.
    pub fn ingest(&mut self, source: &str, bytes: &[u8]) -> Result<IngestReport> {
        self.ingest_with(source, bytes, IngestOptions::new())
    }

    /// Takes in a file. JSON Lines are read as a stream: only the facts stay in memory, each once.
    ///
    /// # Errors
    /// As [`ingest`](Self::ingest), and [`ErrorCode::Io`].
    pub fn ingest_file(&mut self, path: impl AsRef<Path>, options: IngestOptions<'_>) -> Result<IngestReport> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let open = std::fs::File::open(path).map_err(Error::from);
        let read = open.and_then(|file| self.ingest_with(&name, BufReader::with_capacity(1 << 20, file), options));
        read.map_err(|e| match e.code() {
            ErrorCode::Io => e.at(Location { source: Some(name), ..Location::default() }),
            _ => e,
        })
    }

    /// Takes in whatever a reader gives.
    ///
    /// # Errors
    /// As [`ingest`](Self::ingest), [`ErrorCode::Io`], and [`ErrorCode::Cancelled`] when the progress
    /// callback broke off.
    pub fn ingest_with(
        &mut self,
        source: &str,
        input: impl BufRead,
        options: IngestOptions<'_>,
    ) -> Result<IngestReport> {
        let limits = self.policy.limits.clone();
        let mut silent = |_: u64| ControlFlow::Continue(());
        let progress = options.progress.unwrap_or(&mut silent);
        let mut session = Session::new(&mut *self, &limits, source, options.format, options.threads, progress);
        let read = session.read(input);
        let mut report = session.report;
        // What was read before a failure is kept, and what it is around too.
        let ended = self.end_events(&mut report);
        for message in self.settle()? {
            report.note(0, Problem::new(ProblemCode::Limit, "$", message), &limits);
        }
        read.and(ended).map(|()| report)
    }

    /// Adds an indicator.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when its kind is unknown, its value is none of that kind, or its
    /// confidence is over 100.
    pub fn add_indicator(&mut self, indicator: &Indicator) -> Result<FactId> {
        index::check(indicator)?;
        self.add(FactKind::Indicator, indicator)
    }

    /// Adds indicators from JSON: one object, a list, or JSON Lines. A bad one is a problem of the report.
    ///
    /// # Errors
    /// [`ErrorCode::Limit`] when the casebook is full.
    pub fn add_indicators(&mut self, source: &str, text: &str) -> Result<IngestReport> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Input {
            Many(Vec<serde_json::Value>),
            One(serde_json::Value),
        }
        let mut report = IngestReport {
            source: source.to_owned(),
            format: Some("indicators"),
            bytes: text.len() as u64,
            ..IngestReport::default()
        };
        let limits = self.policy.limits.clone();
        for input in serde_json::Deserializer::from_str(text).into_iter::<Input>() {
            let values = match input {
                Ok(Input::Many(values)) => values,
                Ok(Input::One(value)) => vec![value],
                Err(e) => {
                    let message = format!("{} at line {} column {}", without_place(&e), e.line(), e.column());
                    let record = report.records + 1;
                    report.note(record, Problem::new(ProblemCode::Syntax, "$", message), &limits);
                    break;
                }
            };
            for value in values {
                report.records += 1;
                let added = Indicator::from_json(&value.to_string()).and_then(|indicator| {
                    let before = self.log.len();
                    self.add_indicator(&indicator).map(|_| self.log.len() > before)
                });
                match added {
                    Ok(true) => report.new += 1,
                    Ok(false) => report.duplicates += 1,
                    Err(e) if e.code() == ErrorCode::InvalidArgument => {
                        let record = report.records;
                        report.note(record, Problem::new(ProblemCode::WrongType, "$", e.message()), &limits);
                    }
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(report)
    }

    /// Records a person's decision.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when it names no alert although it is about an incident, when an
    /// entity id is malformed, when a text of it is empty or longer than [`Decision`] allows, when classification and
    /// determination do not go together, or when it takes away a system tag;
    /// [`ErrorCode::NotFound`] when none of its alerts is known.
    pub fn decide(&mut self, decision: &Decision) -> Result<FactId> {
        let about_entity = matches!(decision.what, Choice::SetVerdict { .. });
        if decision.alerts.is_empty() && !about_entity {
            return Err(Error::new(
                ErrorCode::InvalidArgument,
                "a decision about an incident names its alerts, expected at least one in `alerts`",
            ));
        }
        // A typing error must not pass for "unknown".
        let misspelt = match &decision.what {
            Choice::SetVerdict { verdict, .. } => verdict.index().is_none().then_some(verdict.as_str()),
            Choice::SetStatus { status } => status.index().is_none().then_some(status.as_str()),
            Choice::SetSeverity { severity } => severity.index().is_none().then_some(severity.as_str()),
            Choice::Classify { classification, determination } => {
                let first = classification.index().is_none().then_some(classification.as_str());
                first.or_else(|| determination.index().is_none().then_some(determination.as_str()))
            }
            _ => None,
        };
        if let Some(value) = misspelt {
            return Err(Error::new(
                ErrorCode::InvalidArgument,
                format!("the decision says `{}`, expected one of Graph's values", value.escape_debug()),
            ));
        }
        match &decision.what {
            Choice::SetVerdict { entity, .. } => {
                index::parse_entity(entity)?;
            }
            Choice::Move { into, .. } if into.is_empty() => {
                return Err(Error::new(
                    ErrorCode::InvalidArgument,
                    "a move without a target, expected at least one alert in `into`: a new incident is a `part`",
                ));
            }
            _ => {}
        }
        manage::check(decision)?;
        if !decision.alerts.is_empty() && !decision.alerts.iter().any(|id| !self.keys_of(id).is_empty()) {
            let first = decision.alerts.first().map_or("", String::as_str);
            return Err(Error::new(
                ErrorCode::NotFound,
                format!("no alert of the decision is known, the first is `{}`", first.escape_debug()),
            ));
        }
        self.check_action(decision)?;
        self.check_untag(decision)?;
        self.add(FactKind::Decision, decision)
    }

    /// Withdraws a fact: from now on everything is as if it had never come in.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when the casebook has no such fact.
    pub fn retract(&mut self, retraction: &Retraction) -> Result<FactId> {
        if self.log.find(&retraction.fact).is_none() {
            return Err(Error::new(ErrorCode::NotFound, format!("no fact `{}`", retraction.fact)));
        }
        self.add(FactKind::Retraction, retraction)
    }

    fn add(&mut self, kind: FactKind, fact: &impl Serialize) -> Result<FactId> {
        let json = Casebook::canonical(fact)?;
        let id = fact_id(kind, &json);
        self.take(kind, id, &json, None)?;
        self.settle()?;
        Ok(id)
    }

    /// The canonical bytes of a fact that is no alert.
    fn canonical(fact: &impl Serialize) -> Result<Vec<u8>> {
        let mut value =
            serde_json::to_value(fact).map_err(|e| Error::new(ErrorCode::InvalidArgument, e.to_string()))?;
        value.sort_all_objects();
        Ok(value.to_string().into_bytes())
    }

    /// Number of facts, withdrawn and superseded ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// Is there no fact?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.log.len() == 0
    }

    /// Bytes of all facts.
    #[must_use]
    pub fn size(&self) -> usize {
        self.log.bytes()
    }

    /// The facts in the order they came.
    pub fn facts(&self) -> impl Iterator<Item = Fact<'_>> {
        self.facts_from(0)
    }

    fn facts_from(&self, from: usize) -> impl Iterator<Item = Fact<'_>> {
        (from..self.log.len()).filter_map(|position| self.fact_at(position))
    }

    /// The fact at this position, from 0.
    #[must_use]
    pub fn fact_at(&self, position: usize) -> Option<Fact<'_>> {
        let position = u32::try_from(position).ok()?;
        let (id, kind, json) = self.log.get(position)?;
        Some(Fact { position: u64::from(position), id, kind, json: std::str::from_utf8(json).ok()? })
    }

    /// The fact with this id.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`].
    pub fn fact(&self, id: FactId) -> Result<Fact<'_>> {
        let found = self.log.find(&id).and_then(|position| self.fact_at(position as usize));
        found.ok_or_else(|| Error::new(ErrorCode::NotFound, format!("no fact `{id}`")))
    }

    /// The casebook as it was after its first `facts` facts, under the same policy. `O(those facts)`.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when the log is shorter.
    pub fn as_of(&self, facts: usize) -> Result<Casebook> {
        if facts > self.len() {
            return Err(Error::new(
                ErrorCode::InvalidArgument,
                format!("log position {facts}, expected at most {}", self.len()),
            ));
        }
        let mut past = self.anew();
        past.refill(self, facts)?;
        Ok(past)
    }

    /// Writes the whole log; the format is described in `docs/LOG.md`.
    ///
    /// # Errors
    /// [`ErrorCode::Io`].
    pub fn save(&self, out: &mut impl Write) -> Result<()> {
        self.log.write(0, out)
    }

    /// Writes the facts from position `from` on, to append to a log saved when it had `from` facts.
    ///
    /// # Errors
    /// [`ErrorCode::Io`].
    pub fn save_from(&self, from: usize, out: &mut impl Write) -> Result<()> {
        self.log.write(from.min(self.len()) as u32, out)
    }

    /// Writes the whole log to a file: to a new one beside it first, so that a crash leaves the old one.
    ///
    /// # Errors
    /// [`ErrorCode::Io`].
    pub fn save_file(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let write = || -> Result<()> {
            let mut out = BufWriter::new(std::fs::File::create(&beside)?);
            self.save(&mut out)?;
            out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
            Ok(std::fs::rename(&beside, path)?)
        };
        write().map_err(|e| {
            // What was begun is of no use; that it cannot be removed either says nothing new.
            let _ = std::fs::remove_file(&beside);
            e.at(Location { source: Some(path.display().to_string()), ..Location::default() })
        })
    }

    /// Reads a saved log. A damaged part is reported with its place, and the sound facts are kept.
    ///
    /// # Errors
    /// [`ErrorCode::Log`] when it is no log of a known version, [`ErrorCode::Io`], [`ErrorCode::Limit`].
    pub fn load(input: impl BufRead, policy: Policy) -> Result<Loaded> {
        let mut casebook = Casebook::with_policy(policy);
        let limit = casebook.policy.limits.record_bytes;
        let damage = Log::read(input, limit, |id, kind, json| match casebook.take(kind, id, json, None) {
            Ok(_) => Ok(Ok(())),
            Err(e) if e.code() == ErrorCode::Limit => Err(e),
            Err(e) => Ok(Err(e.message().to_owned())),
        })?;
        casebook.settle()?;
        Ok(Loaded { casebook, damage })
    }

    /// Reads a saved log from a file.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_file(path: impl AsRef<Path>, policy: Policy) -> Result<Loaded> {
        let path = path.as_ref();
        let place = || Location { source: Some(path.display().to_string()), ..Location::default() };
        let file = std::fs::File::open(path).map_err(|e| Error::from(e).at(place()))?;
        Casebook::load(BufReader::with_capacity(1 << 20, file), policy)
    }

    /// All incidents, the most urgent first.
    #[must_use]
    pub fn queue(&self) -> Vec<QueueLine> {
        let derived = self.derived();
        self.ranking().iter().map(|(incident, score)| present::queue_line(self, derived, *incident, *score)).collect()
    }

    /// All incidents summed up, the most urgent first; each is made when the iterator comes to it.
    pub fn incidents(&self) -> impl Iterator<Item = IncidentSummary> {
        let mut presenter = Presenter::new(self);
        self.ranking().iter().map(move |(incident, _)| presenter.summary(*incident))
    }

    /// The incident that an alert belongs to: any member's id will do. Of two tenants with an alert of
    /// this id, the first by name is meant.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`].
    pub fn incident(&self, alert_id: &str) -> Result<IncidentSummary> {
        let incident = self.incident_of(alert_id)?;
        Ok(Presenter::new(self).summary(incident))
    }

    /// Why an entity of an incident has its verdict. Any identifier of the entity will do.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when the incident or the entity in it is not known,
    /// [`ErrorCode::InvalidArgument`] when the entity's id is malformed.
    pub fn explain(&self, alert_id: &str, entity_id: &str) -> Result<Explanation> {
        self.explain_within(alert_id, entity_id, self.policy.judge.work)
    }

    /// As [`explain`](Self::explain), with at most `work` units of work, and no more than
    /// [`Judge::work`](crate::policy::Judge::work): one for each evidence item and relation of the incident that
    /// is read, and each relation that is looked at on the way of suspicion. When they run out before the verdict
    /// is settled, [`undecided`](Explanation::undecided) says between which scores it lies. Deterministic.
    ///
    /// # Errors
    /// As [`explain`](Self::explain).
    pub fn explain_within(&self, alert_id: &str, entity_id: &str, work: u64) -> Result<Explanation> {
        let incident = self.incident_of(alert_id)?;
        let entities = index::find_entities(&self.store, self.derived(), entity_id)?;
        let why = self.explain_in(incident, &entities, work.min(self.policy.judge.work));
        why.ok_or_else(|| no_entity(alert_id, entity_id))
    }

    /// Why a verdict rule, given by id, name or title, fires or does not: on an entity of an incident, or
    /// without one on an alert or its incident. Rules over events are explained by [`RuleSet::explain`].
    ///
    /// # Errors
    /// As [`explain`](Self::explain), and [`ErrorCode::NotFound`] when the casebook has no such verdict rule.
    pub fn explain_rule(&self, rule: &str, alert_id: &str, entity_id: Option<&str>) -> Result<RuleTrace> {
        let not_found = |message: String| Error::new(ErrorCode::NotFound, message);
        let found = self.rules.as_ref().and_then(|rules| rules.find(rule));
        let found = found.ok_or_else(|| not_found(format!("no rule `{}`", rule.escape_debug())))?;
        if found.kind() != RuleKind::Verdict {
            return Err(not_found(format!("`{}` is no verdict rule", rule.escape_debug())));
        }
        let derived = self.derived();
        let alert = self.standing_alert(derived, alert_id)?;
        let entities = match entity_id {
            Some(id) => index::find_entities(&self.store, derived, id)?,
            None => Vec::new(),
        };
        if let (Some(id), true) = (entity_id, entities.is_empty()) {
            return Err(no_entity(alert_id, id));
        }
        let incident = derived.correlation.incident_of(alert);
        let mut presenter = Presenter::new(self);
        let asked = presenter.asked(incident, alert, &entities);
        let asked = asked.ok_or_else(|| no_entity(alert_id, entity_id.unwrap_or_default()))?;
        let trace = presenter.rule_trace(found.hash(), asked);
        trace.ok_or_else(|| not_found(format!("`{}` has no opinion, so it is never asked", rule.escape_debug())))
    }

    /// Everything that the alerts of an incident say of one entity: its identifiers, and its properties
    /// with the facts that give them, the newest first. Any identifier of the entity will do.
    ///
    /// # Errors
    /// As [`explain`](Self::explain).
    pub fn entity(&self, alert_id: &str, entity_id: &str) -> Result<EntityDetail> {
        let incident = self.incident_of(alert_id)?;
        let entities = index::find_entities(&self.store, self.derived(), entity_id)?;
        Presenter::new(self).entity(incident, &entities).ok_or_else(|| no_entity(alert_id, entity_id))
    }

    /// The entity graph of an incident.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`].
    pub fn graph(&self, alert_id: &str) -> Result<EntityGraph> {
        let incident = self.incident_of(alert_id)?;
        Ok(Presenter::new(self).graph(incident))
    }

    /// An alert as it stands, typed.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`].
    pub fn alert(&self, id: &str) -> Result<Alert> {
        let json = self.alert_json(id)?;
        canonical::read(json.as_bytes()).map_err(|e| Error::new(ErrorCode::Syntax, without_place(&e)))
    }

    /// An alert as it stands, as its canonical JSON.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`].
    pub fn alert_json(&self, id: &str) -> Result<&str> {
        let derived = self.derived();
        let alert = self.standing_alert(derived, id)?;
        let head = derived.alerts.get(alert as usize).and_then(|a| self.store.alerts.get(a.head as usize));
        let json = head.and_then(|row| std::str::from_utf8(self.record(row.fact)?.2).ok());
        json.ok_or_else(|| Error::new(ErrorCode::NotFound, format!("no alert `{id}`")))
    }

    /// The whole queue as one JSON document (`casegraph.queue/1`, described by `schema/queue-1.json`),
    /// with the reports of the ingests that led to it.
    ///
    /// # Errors
    /// [`ErrorCode::Io`].
    pub fn write_json(&self, ingests: &[IngestReport], out: &mut impl Write) -> Result<()> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Ingest<'i> {
            facts: usize,
            alerts: usize,
            sources: &'i [IngestReport],
        }
        let ingest = Ingest { facts: self.len(), alerts: self.derived().standing, sources: ingests };
        let json = |value: &dyn Fn(&mut Vec<u8>) -> serde_json::Result<()>| {
            let mut bytes = Vec::new();
            value(&mut bytes).map(|()| bytes).map_err(|e| Error::new(ErrorCode::Io, e.to_string()))
        };
        out.write_all(b"{\"schema\":\"casegraph.queue/1\",\"ingest\":")?;
        out.write_all(&json(&|b| serde_json::to_writer(b, &ingest))?)?;
        out.write_all(b",\"incidents\":[")?;
        for (i, incident) in self.incidents().enumerate() {
            out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
            out.write_all(&json(&|b| serde_json::to_writer(b, &incident))?)?;
        }
        out.write_all(b"\n]}\n")?;
        out.flush()?;
        Ok(())
    }

    /// [`write_json`](Self::write_json) into a text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut bytes = Vec::new();
        // Writing to memory does not fail.
        let _ = self.write_json(&[], &mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }

    fn incident_of(&self, alert_id: &str) -> Result<u32> {
        let derived = self.derived();
        Ok(derived.correlation.incident_of(self.standing_alert(derived, alert_id)?))
    }

    fn standing_alert(&self, derived: &Derived, id: &str) -> Result<u32> {
        let keys = self.keys_of(id);
        let found =
            keys.into_iter().find_map(|key| derived.of_key.get(key as usize).copied().filter(|alert| *alert != NONE));
        found.ok_or_else(|| Error::new(ErrorCode::NotFound, format!("no alert `{}`", id.escape_debug())))
    }

    /// Keys of the alerts with this id, by name of their tenant.
    fn keys_of(&self, id: &str) -> Vec<u32> {
        let mut keys: Vec<(&str, u32)> = self
            .store
            .tenants()
            .filter_map(|tenant| Some((self.store.text(tenant), self.store.keys.find(u64::from(tenant), id)?)))
            .collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    fn derived(&self) -> &Derived {
        self.derived.get_or_init(|| {
            let stands = self.standing_facts();
            let in_force = |at: u32| self.stands(at, &stands);
            let vendor = index::vendor(self, &in_force);
            let decided = Decided::new(self.decisions_in_force(&in_force), vendor);
            let mut derived = Derived::new(self, &in_force, decided);
            index::outside(self, &mut derived, &self.indicators_in_force(&in_force));
            derived
        })
    }

    /// Which facts count: those in sight that no retraction withdraws.
    fn standing_facts(&self) -> impl Fn(u32) -> bool + '_ {
        let withdrawn = self.withdrawn();
        move |fact| self.sight.sees(fact) && !withdrawn.contains(&fact)
    }

    /// Does a record count, be it a fact or an alert made of one?
    fn stands(&self, at: u32, fact_stands: &dyn Fn(u32) -> bool) -> bool {
        if at < MADE { fact_stands(at) } else { self.events.made.stands(at, fact_stands, &self.sight) }
    }

    fn decisions_in_force(&self, in_force: &dyn Fn(u32) -> bool) -> Vec<Entry> {
        let decisions = self.decisions.iter().filter(|(fact, _)| in_force(*fact));
        let entries = decisions.filter_map(|(fact, decision)| {
            let (id, ..) = self.log.get(*fact)?;
            Some(Entry::new(id, decision.clone()))
        });
        entries.collect()
    }

    fn indicators_in_force(&self, in_force: &dyn Fn(u32) -> bool) -> Vec<u32> {
        let all = 0..self.indicators.len() as u32;
        all.filter(|i| self.indicators.get(*i as usize).is_some_and(|(fact, _)| in_force(*fact))).collect()
    }

    /// An empty casebook with the same policy and rules.
    fn anew(&self) -> Casebook {
        let mut new = Casebook::with_policy(self.policy.clone());
        new.detector = self.detector.as_ref().map(|detector| Box::new(Detector::new(detector.rules.clone())));
        new.rules.clone_from(&self.rules);
        new
    }

    /// Lays everything out anew, without what no longer holds.
    fn compact(&mut self) -> Result<()> {
        let mut new = self.anew();
        new.refill(self, self.len())?;
        *self = new;
        Ok(())
    }

    /// The position of the next fact, if there is room for one.
    fn room(&self) -> Result<u32> {
        let limit = self.policy.limits.facts.min(u64::from(MADE - 1));
        if self.log.len() as u64 >= limit {
            return Err(Error::new(
                ErrorCode::Limit,
                format!("the casebook holds {limit} facts, the limit of `limits.facts`"),
            ));
        }
        Ok(self.log.len() as u32)
    }

    fn append(&mut self, id: FactId, kind: FactKind, json: &[u8]) {
        // INVARIANT: the caller has looked the id up, so this appends.
        let _ = Arc::make_mut(&mut self.log).append(id, kind, json);
        self.fall_behind();
    }

    /// What was derived lacks something that came since.
    fn fall_behind(&mut self) {
        if let Some(derived) = self.derived.take() {
            self.behind = Some(Box::new(derived));
        }
        self.queue = OnceLock::new();
    }

    /// Works what came into what was derived, if that is less work than deriving anew.
    fn catch_up(&mut self) {
        let Some(mut derived) = self.behind.take() else { return };
        let caught_up = {
            let stands = self.standing_facts();
            derived.update(self, &|at| self.stands(at, &stands))
        };
        if caught_up {
            self.derived = OnceLock::from(*derived);
        }
    }

    /// Facts came or went: sequences are looked for again.
    fn stale(&mut self) {
        if !self.events.matches.is_empty() && !self.events.stale {
            Arc::make_mut(&mut self.events).stale = true;
        }
    }

    /// What was derived no longer holds.
    fn forget(&mut self) {
        self.derived = OnceLock::new();
        self.behind = None;
        self.queue = OnceLock::new();
    }

    /// Positions of the facts that a retraction in force withdraws.
    fn withdrawn(&self) -> HashSet<u32> {
        let mut withdrawn: HashSet<u32> = HashSet::new();
        if self.retractions.is_empty() {
            return withdrawn;
        }
        // A retraction may itself be withdrawn: it counts unless one that counts names it. Ids are
        // digests, so chains cannot be circular.
        let mut naming: HashMap<u32, Vec<u32>> = HashMap::new();
        let retractions = || self.retractions.iter().filter(|(at, _)| self.sight.sees(*at));
        for (at, retraction) in retractions() {
            if let Some(target) = self.log.find(&retraction.fact) {
                naming.entry(target).or_default().push(*at);
            }
        }
        let mut counts: HashMap<u32, bool> = HashMap::new();
        for (at, _) in retractions() {
            let mut open = vec![*at];
            while let Some(next) = open.last().copied() {
                let by = naming.get(&next).map_or(&[][..], Vec::as_slice);
                match by.iter().find(|r| !counts.contains_key(*r)) {
                    Some(unknown) => open.push(*unknown),
                    None => {
                        counts.insert(next, !by.iter().any(|r| counts.get(r) == Some(&true)));
                        open.pop();
                    }
                }
            }
        }
        let counting = |r: &u32| counts.get(r) == Some(&true);
        withdrawn.extend(naming.iter().filter(|(_, by)| by.iter().any(counting)).map(|(target, _)| *target));
        withdrawn
    }

    /// Incidents with their scores in hundredths, the most urgent first.
    fn ranking(&self) -> &[(u32, u32)] {
        self.queue.get_or_init(|| Presenter::new(self).ranking())
    }
}

fn no_entity(alert_id: &str, entity_id: &str) -> Error {
    let message = format!("no entity `{}` in the incident of `{}`", entity_id.escape_debug(), alert_id.escape_debug());
    Error::new(ErrorCode::NotFound, message)
}

impl Sink for Casebook {
    fn take(&mut self, kind: FactKind, id: FactId, json: &[u8], extract: Option<&Extract>) -> Result<bool> {
        if self.log.find(&id).is_some() {
            return Ok(false);
        }
        let fact = self.room()?;
        let unsound = |e: serde_json::Error| {
            Error::new(ErrorCode::Log, format!("the record is sound JSON of no {kind:?}: {}", without_place(&e)))
        };
        match kind {
            FactKind::Alert | FactKind::AlertPart => {
                let part = kind == FactKind::AlertPart;
                match extract {
                    Some(extract) => Arc::make_mut(&mut self.store).push(extract, fact, part),
                    None => {
                        let mut extract = Extract::default();
                        extract.read(json, &self.policy.limits).map_err(|p| Error::new(ErrorCode::Log, p.message))?;
                        Arc::make_mut(&mut self.store).push(&extract, fact, part)
                    }
                };
            }
            FactKind::Indicator => {
                Arc::make_mut(&mut self.indicators).push((fact, serde_json::from_slice(json).map_err(unsound)?));
            }
            FactKind::Decision => {
                Arc::make_mut(&mut self.decisions).push((fact, serde_json::from_slice(json).map_err(unsound)?));
            }
            FactKind::Retraction => {
                Arc::make_mut(&mut self.retractions).push((fact, serde_json::from_slice(json).map_err(unsound)?));
                self.stale();
            }
            FactKind::Event => self.take_event(fact, &id, json)?,
            FactKind::ActionReport => {
                Arc::make_mut(&mut self.reports).push((fact, serde_json::from_slice(json).map_err(unsound)?));
            }
            FactKind::Incident => {
                let id = index::incident_id(json).map_err(unsound)?;
                Arc::make_mut(&mut self.vendor).entry(id).or_default().push(fact);
            }
        }
        self.append(id, kind, json);
        Ok(true)
    }

    fn wants_events(&self) -> bool {
        self.rules.is_some()
    }

    fn raw_event(&mut self, json: &[u8], report: &mut IngestReport) -> Result<std::result::Result<(), Problem>> {
        self.event(json, report)
    }
}
