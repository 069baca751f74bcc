//! From bytes to facts: finds the records of an input, turns each into canonical bytes, and hands
//! them on. One bad record is one problem; syntax that makes the rest unreadable ends that source.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::ControlFlow;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Error, ErrorCode, Problem, ProblemCode, Result};
use crate::model::{FactId, FactKind};
use crate::policy::Limits;
use crate::resolve::extract::Extract;

use super::canonical;
use super::convert::{Converted, Object};
use super::format::Format;
use super::{graph_legacy, hunting, m365d, mde, ocsf, sentinel};

/// What every Windows event log file begins with.
const EVENT_LOG: &[u8] = b"ElfFile\0";

/// Where facts go. `extract` is what was read of an alert.
pub(crate) trait Sink {
    /// Takes a fact; `false` when it was known.
    fn take(&mut self, kind: FactKind, id: FactId, json: &[u8], extract: Option<&Extract>) -> Result<bool>;

    /// Are there rules for raw events?
    fn wants_events(&self) -> bool;

    /// Takes a raw event, and counts what came of it; what is wrong with it is a problem of the record.
    fn raw_event(&mut self, json: &[u8], report: &mut IngestReport) -> Result<std::result::Result<(), Problem>>;
}

/// What one ingest read, and what it did not understand.
#[derive(Debug, Clone, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IngestReport {
    /// What the caller named the input.
    pub source: String,
    /// Format of the last record that had one; `null` when none was recognised.
    pub format: Option<&'static str>,
    /// Bytes read.
    pub bytes: u64,
    /// Records found.
    pub records: u64,
    /// Alerts among them, each version and row counted.
    pub alerts: u64,
    /// Incidents of the vendor.
    pub incidents: u64,
    /// Evidence items of the alerts.
    pub evidence: u64,
    /// Raw events.
    pub events: u64,
    /// Matches of detection rules in them.
    pub matches: u64,
    /// Events whose logsource is unknown: only rules without a product were asked.
    pub unknown_events: u64,
    /// Events without a match that did not stay, because `rules.heldBytes` was reached before it was
    /// known whether a match is near.
    pub unheld_events: u64,
    /// Facts that the casebook did not have.
    pub new: u64,
    /// Facts that it had already.
    pub duplicates: u64,
    /// What was wrong, in order, up to `limits.problems`.
    pub problems: Vec<Problem>,
    /// Problems beyond those listed.
    pub more_problems: u64,
}

impl IngestReport {
    /// Lists a problem of a record, or counts it when the list is full.
    pub(crate) fn note(&mut self, record: u64, problem: Problem, limits: &Limits) {
        if self.problems.len() < limits.problems {
            self.problems.push(Problem { source: self.source.clone(), record, ..problem });
        } else {
            self.more_problems += 1;
        }
    }
}

/// Said between records of a long ingest; breaking ends it with [`ErrorCode::Cancelled`].
pub(crate) type Progress<'p> = &'p mut dyn FnMut(u64) -> ControlFlow<()>;

pub(crate) struct Session<'s> {
    pub(crate) sink: &'s mut dyn Sink,
    pub(crate) limits: &'s Limits,
    pub(crate) named: Option<Format>,
    pub(crate) threads: usize,
    pub(crate) progress: Progress<'s>,
    pub(crate) report: IngestReport,
    last: Option<Format>,
    extract: Extract,
    /// Pages around the record at hand.
    pages: u8,
    /// Bytes of records done, and at which count the caller was told last.
    done: u64,
    said: u64,
}

impl<'s> Session<'s> {
    pub(crate) fn new(
        sink: &'s mut dyn Sink,
        limits: &'s Limits,
        source: &str,
        named: Option<Format>,
        threads: usize,
        progress: Progress<'s>,
    ) -> Self {
        let report = IngestReport { source: source.to_owned(), ..IngestReport::default() };
        Session {
            sink,
            limits,
            named,
            threads,
            progress,
            report,
            last: named,
            extract: Extract::default(),
            done: 0,
            said: 0,
            pages: 0,
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.report.note(self.report.records, problem, self.limits);
    }

    /// Reads a whole input: JSON Lines as a stream, anything else as one text.
    pub(crate) fn read(&mut self, mut input: impl BufRead) -> Result<()> {
        let head = input.fill_buf()?;
        if let Some(rest) = head.strip_prefix(b"\xef\xbb\xbf") {
            let bom = head.len() - rest.len();
            input.consume(bom);
        }
        if input.fill_buf()?.starts_with(EVENT_LOG) {
            return self.event_log(input);
        }
        let mut line = Vec::new();
        let mut batch = super::parallel::Batch::new(self.threads);
        // Whole lines that are each a JSON value are JSON Lines; the first that is not decides otherwise.
        loop {
            let start = line.len();
            let read = self.line(&mut input, &mut line)?;
            if read == 0 {
                break;
            }
            let text = line.get(start..).unwrap_or_default().trim_ascii();
            if text.is_empty() {
                line.truncate(start);
                continue;
            }
            if self.report.records == 0 && start == 0 && batch.is_empty() && !is_complete(text) {
                let end = line.len();
                self.line(&mut input, &mut line)?;
                let next = line.get(end..).unwrap_or_default().trim_ascii();
                if line.trim_ascii_start().first() == Some(&b'{') && next.first() == Some(&b'{') && is_complete(next) {
                    // JSON Lines whose first line is damaged.
                    let first = line.get(..end).unwrap_or_default().to_vec();
                    let next = next.to_vec();
                    self.document(first.trim_ascii())?;
                    self.document(&next)?;
                    line.clear();
                    continue;
                }
                // Not JSON Lines: a document over several lines.
                input.read_to_end(&mut line)?;
                self.report.bytes = line.len() as u64;
                return self.documents(&line);
            }
            if batch.wants(self.named.or(self.last) == Some(Format::GraphAlerts)) {
                batch.push(text);
                if batch.is_full() {
                    self.flush(&mut batch)?;
                }
            } else {
                self.flush(&mut batch)?;
                let text = std::mem::take(&mut line);
                self.document(text.trim_ascii())?;
                line = text;
            }
            line.clear();
            self.tick()?;
        }
        self.flush(&mut batch)
    }

    fn flush(&mut self, batch: &mut super::parallel::Batch) -> Result<()> {
        batch.run(self.limits, &mut |text, read| match read {
            Some((json, id, extract)) if !extract.foreign => {
                self.report.records += 1;
                self.done += text.len() as u64;
                self.alert_read(json, id, extract, FactKind::Alert)
            }
            _ => self.document(text),
        })?;
        self.tick()
    }

    /// Appends the next line to `line`; a line over the limit is skipped and reported.
    fn line(&mut self, input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<u64> {
        let start = line.len();
        let most = self.limits.record_bytes as u64 + 1;
        let read = std::io::Read::take(&mut *input, most).read_until(b'\n', line)? as u64;
        self.report.bytes += read;
        // A first line over the limit is most likely a document on one line: it is read whole.
        if read < most || line.last() == Some(&b'\n') || self.report.records == 0 {
            if read == most && line.last() != Some(&b'\n') {
                self.report.bytes += input.read_until(b'\n', line)? as u64;
            }
            return Ok(read);
        }
        line.truncate(start);
        let mut total = read;
        let mut rest = Vec::new();
        while rest.last() != Some(&b'\n') {
            rest.clear();
            let more = std::io::Read::take(&mut *input, 1 << 20).read_until(b'\n', &mut rest)? as u64;
            total += more;
            self.report.bytes += more;
            if more == 0 {
                break;
            }
        }
        self.report.records += 1;
        let limit = self.limits.record_bytes;
        self.problem(Problem::new(
            ProblemCode::Limit,
            "$",
            format!("a line of {total} bytes, `limits.recordBytes` is {limit}: left out"),
        ));
        Ok(total)
    }

    fn tick(&mut self) -> Result<()> {
        if self.done - self.said < 1 << 16 {
            return Ok(());
        }
        self.said = self.done;
        match (self.progress)(self.done) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                Err(Error::new(ErrorCode::Cancelled, "the ingest was cancelled; what it read so far is kept"))
            }
        }
    }

    /// JSON values one after the other.
    fn documents(&mut self, bytes: &[u8]) -> Result<()> {
        let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>();
        let mut any = false;
        while let Some(value) = values.next() {
            match value {
                Ok(value) => {
                    any = true;
                    self.document(value.get().as_bytes())?;
                    self.tick()?;
                }
                Err(e) => {
                    let rest = bytes.len().saturating_sub(values.byte_offset());
                    self.report.records += 1;
                    let what = crate::policy::without_place(&e);
                    self.problem(Problem::new(
                        ProblemCode::Syntax,
                        "$",
                        format!(
                            "{what} at line {} column {}; the {rest} bytes from here on were not read",
                            e.line(),
                            e.column()
                        ),
                    ));
                    return Ok(());
                }
            }
        }
        if !any {
            self.problem(Problem::new(
                ProblemCode::Missing,
                "$",
                "the input holds no JSON, expected alerts or incidents",
            ));
        }
        Ok(())
    }

    /// One JSON value: a record, a list of records, or a page `{"value": [...]}`.
    pub(crate) fn document(&mut self, bytes: &[u8]) -> Result<()> {
        match bytes.first() {
            Some(b'[') => match serde_json::from_slice::<Vec<&RawValue>>(bytes) {
                Ok(items) => items.into_iter().try_for_each(|item| {
                    self.tick()?;
                    self.record(item.get().as_bytes())
                }),
                Err(e) => {
                    self.report.records += 1;
                    self.syntax(&e);
                    Ok(())
                }
            },
            _ => self.record(bytes),
        }
    }

    fn syntax(&mut self, e: &serde_json::Error) {
        let what = crate::policy::without_place(e);
        self.problem(Problem::new(
            ProblemCode::Syntax,
            "$",
            format!("{what} at line {} column {}", e.line(), e.column()),
        ));
    }

    fn record(&mut self, bytes: &[u8]) -> Result<()> {
        self.done += bytes.len() as u64;
        if self.last == Some(Format::GraphAlerts) {
            let json = canonical::compact(bytes);
            let mut extract = std::mem::take(&mut self.extract);
            let read = extract.read(&json, self.limits);
            let done = match read {
                Ok(()) if !extract.foreign && !self.too_long(&json) => {
                    self.report.records += 1;
                    let json = canonical::text(json, &extract.problems);
                    let id = canonical::fact_id(FactKind::Alert, &json);
                    Some(self.alert_read(&json, id, &extract, FactKind::Alert))
                }
                _ => None,
            };
            self.extract = extract;
            if let Some(done) = done {
                return done;
            }
        }
        if self.last == Some(Format::Events)
            && bytes.len() <= self.limits.record_bytes
            && !is_page(bytes)
            && (self.named.is_some() || Format::detect(bytes).is_none())
        {
            self.report.records += 1;
            return self.event(bytes);
        }
        self.unfamiliar(bytes)
    }

    /// A Windows event log file.
    #[cfg(feature = "evtx")]
    fn event_log(&mut self, mut input: impl BufRead) -> Result<()> {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        self.report.bytes = bytes.len() as u64;
        let mut done = Ok(());
        super::evtx::records(bytes, &mut |number, record| {
            self.report.records += 1;
            done = match record {
                Ok(json) => {
                    self.done += json.len() as u64;
                    self.event(json.as_bytes()).and_then(|()| self.tick())
                }
                Err(reason) => {
                    let which = if number == 0 { "a part of the file".to_owned() } else { format!("record {number}") };
                    let message = format!("{which} cannot be read: {reason}");
                    self.problem(Problem::new(ProblemCode::Syntax, "$", message));
                    Ok(())
                }
            };
            if done.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        done
    }

    /// A Windows event log file, of which this build reads nothing.
    #[cfg(not(feature = "evtx"))]
    fn event_log(&mut self, mut input: impl BufRead) -> Result<()> {
        self.report.bytes = std::io::copy(&mut input, &mut std::io::sink())?;
        self.report.records += 1;
        let message = "a Windows event log file, expected JSON: the feature `evtx` of casegraph reads such files";
        self.problem(Problem::new(ProblemCode::Syntax, "$", message));
        Ok(())
    }

    /// A raw event.
    fn event(&mut self, bytes: &[u8]) -> Result<()> {
        self.report.format = Some(Format::Events.name());
        if !self.sink.wants_events() {
            self.problem(Problem::new(
                ProblemCode::NotAnAlert,
                "$",
                "a raw event, no alert: raw events need rules, and none are loaded",
            ));
            return Ok(());
        }
        if let Err(problem) = self.sink.raw_event(bytes, &mut self.report)? {
            self.problem(problem);
        }
        Ok(())
    }

    fn too_long(&self, json: &[u8]) -> bool {
        json.len() > self.limits.record_bytes
    }

    /// A record whose format is not yet known, or not Graph's.
    fn unfamiliar(&mut self, bytes: &[u8]) -> Result<()> {
        // Serde reads a struct from a list too, and a page in a page in a page costs stack at each level.
        if bytes.first() == Some(&b'{')
            && self.pages < self.limits.nested_pages
            && let Ok(Page { value: Some(items) }) = serde_json::from_slice::<Page<'_>>(bytes)
            && (!items.is_empty() || self.named.is_some())
            && items.iter().all(|item| item.get().starts_with(['{', '[']))
        {
            self.pages += 1;
            let done = items.into_iter().try_for_each(|item| {
                self.tick()?;
                self.record(item.get().as_bytes())
            });
            self.pages -= 1;
            return done;
        }
        self.report.records += 1;
        if self.too_long(bytes) {
            let limit = self.limits.record_bytes;
            self.problem(Problem::new(
                ProblemCode::Limit,
                "$",
                format!("a record of {} bytes, `limits.recordBytes` is {limit}: left out", bytes.len()),
            ));
            return Ok(());
        }
        let record: Object = match canonical::read::<Value>(bytes) {
            Ok(Value::Object(record)) => record,
            Ok(_) => {
                self.problem(Problem::new(ProblemCode::WrongType, "$", "expected an object with an alert or incident"));
                return Ok(());
            }
            Err(e) => {
                self.syntax(&e);
                return Ok(());
            }
        };
        let raw = |record: &Object| hunting::is_event(record) && self.sink.wants_events();
        let detected = || match Format::detect_record(&record) {
            Some(Format::AdvancedHunting) if raw(&record) => Some(Format::Events),
            None if self.sink.wants_events() => Some(Format::Events),
            detected => detected,
        };
        let Some(format) = self.named.or_else(detected) else {
            let names: Vec<&str> = record.keys().take(6).map(String::as_str).collect();
            let found = names.join("`, `").escape_debug().to_string();
            self.problem(Problem::new(
                ProblemCode::NotAnAlert,
                "$",
                format!("no known format of alerts or incidents, members are `{found}`"),
            ));
            return Ok(());
        };
        self.last = Some(format);
        let mut out = Converted::default();
        match format {
            Format::GraphAlerts => return self.alert(bytes, FactKind::Alert, "$", None),
            Format::GraphIncidents => return self.graph_incident(bytes, record),
            Format::Events => return self.event(bytes),
            Format::M365dIncidents => m365d::convert(record, &mut out),
            Format::MdeAlerts => mde::convert(record, &mut out),
            Format::SentinelAlerts | Format::SentinelIncidents => sentinel::convert(record, &mut out),
            Format::GraphLegacyAlerts => graph_legacy::convert(record, &mut out),
            Format::AdvancedHunting => hunting::convert(record, &mut out),
            Format::OcsfFindings => ocsf::convert(record, &mut out),
        }
        self.report.format = Some(format.name());
        for problem in out.problems {
            self.problem(problem);
        }
        for incident in out.incidents {
            self.incident(incident)?;
        }
        for converted in out.alerts {
            let json = canonical::write(Value::Object(converted.alert));
            let kind = if converted.fragment { FactKind::AlertPart } else { FactKind::Alert };
            self.alert(&json, kind, "$", Some(format))?;
        }
        Ok(())
    }

    /// An incident of Graph: its alerts are facts of their own.
    fn graph_incident(&mut self, bytes: &[u8], mut record: Object) -> Result<()> {
        #[derive(serde::Deserialize)]
        struct Alerts<'a> {
            #[serde(borrow, default)]
            alerts: Option<Vec<&'a RawValue>>,
        }
        self.report.format = Some(Format::GraphIncidents.name());
        record.remove("alerts");
        let id = record.get("id").and_then(Value::as_str).map(str::to_owned);
        // Our own document: what was judged is no fact, its alerts are.
        let own = record.keys().any(|member| canonical::is_judged(member));
        if !own {
            self.incident(record)?;
        }
        let alerts = serde_json::from_slice::<Alerts<'_>>(bytes);
        if let Err(e) = &alerts {
            let what = crate::policy::without_place(e);
            self.problem(Problem::new(
                ProblemCode::WrongType,
                "$.alerts",
                format!("expected a list of alerts: {what}"),
            ));
        }
        for (i, alert) in alerts.ok().and_then(|a| a.alerts).into_iter().flatten().enumerate() {
            let json = canonical::compact(alert.get().as_bytes());
            let json = if own { canonical::without_judged(json) } else { json };
            let owner = id.as_deref().filter(|_| !own && !has_member(&json, "incidentId"));
            let json = owner.and_then(|id| canonical::with_member(&json, "incidentId", id)).map_or(json, Cow::Owned);
            self.alert(&json, FactKind::Alert, &format!("$.alerts[{i}]"), Some(Format::GraphIncidents))?;
        }
        Ok(())
    }

    fn incident(&mut self, incident: Object) -> Result<()> {
        self.report.incidents += 1;
        if !incident.get("id").is_some_and(|id| id.is_string()) {
            self.problem(Problem::new(
                ProblemCode::Missing,
                "$.id",
                "an incident without an id, expected a string; it is kept in the log",
            ));
        }
        let json = canonical::write(Value::Object(incident));
        let id = canonical::fact_id(FactKind::Incident, &json);
        let new = self.sink.take(FactKind::Incident, id, &json, None)?;
        self.count(new);
        Ok(())
    }

    fn count(&mut self, new: bool) {
        if new { self.report.new += 1 } else { self.report.duplicates += 1 }
    }

    /// One alert in Graph form; `path` says where in the record it stands.
    fn alert(&mut self, bytes: &[u8], kind: FactKind, path: &str, format: Option<Format>) -> Result<()> {
        let mut json = canonical::compact(bytes);
        let mut extract = std::mem::take(&mut self.extract);
        let mut read = extract.read(&json, self.limits);
        if read.as_ref().is_err_and(|problem| problem.code == ProblemCode::Missing) {
            // An id of its own content lets the alert be told from others.
            let id = canonical::fact_id(kind, &json).to_string();
            let named = format!("cg-{}", id.get(..16).unwrap_or_default());
            if format.is_none() || format == Some(Format::GraphIncidents) {
                let message = format!("an alert without an id is named `{named}`, expected a string");
                self.problem(Problem::new(ProblemCode::Missing, format!("{path}.id"), message));
            }
            if let Some(with_id) = canonical::with_member(&json, "id", &named) {
                json = Cow::Owned(with_id);
                read = extract.read(&json, self.limits);
            }
        }
        let done = match read {
            Ok(()) => {
                for problem in &mut extract.problems {
                    if let Some(rest) = problem.path.strip_prefix('$') {
                        problem.path = format!("{path}{rest}");
                    }
                }
                if format.is_some_and(|f| f != Format::GraphIncidents) {
                    // The adapter has reported what it could not read; its output is not the user's input.
                    extract.problems.retain(|p| p.code == ProblemCode::Limit);
                }
                let json = canonical::text(json, &extract.problems);
                let id = canonical::fact_id(kind, &json);
                let named = self.report.format;
                let done = self.alert_read(&json, id, &extract, kind);
                self.report.format = format.map(Format::name).or(self.report.format).or(named);
                done
            }
            Err(mut problem) => {
                problem.path = problem.path.replacen('$', path, 1);
                self.problem(problem);
                Ok(())
            }
        };
        self.extract = extract;
        done
    }

    fn alert_read(&mut self, json: &[u8], id: FactId, extract: &Extract, kind: FactKind) -> Result<()> {
        self.report.alerts += 1;
        self.report.evidence += u64::from(extract.evidence);
        self.report.format = Some(Format::GraphAlerts.name());
        for problem in &extract.problems {
            self.problem(problem.clone());
        }
        let new = self.sink.take(kind, id, json, Some(extract))?;
        self.count(new);
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Page<'a> {
    // Event Hub writes `records`, CloudTrail `Records`.
    #[serde(borrow, default, alias = "records", alias = "Records")]
    value: Option<Vec<&'a RawValue>>,
}

/// Does it begin like a page?
fn is_page(bytes: &[u8]) -> bool {
    let rest = bytes.trim_ascii_start().strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    [&b"\"value\""[..], b"\"records\"", b"\"Records\"", b"\"@odata.context\""].iter().any(|name| rest.starts_with(name))
}

fn is_complete(text: &[u8]) -> bool {
    let whole = |text: &[u8]| serde_json::from_slice::<&RawValue>(text).is_ok();
    whole(text) || canonical::mend(text).is_some_and(|mended| whole(&mended))
}

fn has_member(json: &[u8], name: &str) -> bool {
    serde_json::from_slice::<BTreeMap<Cow<'_, str>, &RawValue>>(json)
        .is_ok_and(|m| m.get(name).is_some_and(|v| v.get() != "null"))
}
