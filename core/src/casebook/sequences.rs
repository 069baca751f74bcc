//! What correlation rules find among the matches of all events in force, as alerts that hold until more is known.

use std::cell::RefCell;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use serde_json::{Value, json};

use crate::error::Result;
use crate::ingest::{canonical, time};
use crate::model::FactId;
use crate::rules::Event;
use crate::rules::RuleSet;
use crate::rules::alert::{RuleFace, alert, host};
use crate::rules::correlation::{Correlated, LeftOut, Limits, Match, Target, correlate};
use crate::rules::record::{Record, Scalar};

use super::Casebook;
use super::events::extract;
use super::made::Maker;

/// Sequences that fell are kept until they are this many, and half of all made alerts.
const FALLEN: usize = 1_024;
/// Evidence items in the alert of a sequence.
const EVIDENCE: usize = 1_000;

/// Events by rank: the order of their ids, which does not depend on arrival.
struct Ranked<'c> {
    book: &'c Casebook,
    rules: &'c RuleSet,
    /// Row of each rank.
    rows: Vec<u32>,
    /// The event read last.
    read: RefCell<(u32, Event)>,
}

impl Ranked<'_> {
    fn id(&self, rank: u32) -> Option<FactId> {
        let row = self.book.events.rows.get(*self.rows.get(rank as usize)? as usize)?;
        self.book.log.get(row.fact).map(|(id, ..)| id)
    }

    /// Looks at an event as rules see it.
    fn with<T>(&self, rank: u32, look: impl FnOnce(&dyn Record, Option<&str>) -> T) -> Option<T> {
        let row = self.book.events.rows.get(*self.rows.get(rank as usize)? as usize)?;
        let mut held = self.read.borrow_mut();
        if held.0 != rank {
            let (_, _, json) = self.book.log.get(row.fact)?;
            held.1.read(json).ok()?;
            held.0 = rank;
        }
        let view = self.rules.view(&held.1);
        let time = view.time();
        Some(look(&view, time))
    }

    fn values(&self, rank: u32, field: &str, each: &mut dyn FnMut(&str)) {
        self.with(rank, |record, _| {
            record.values(field, &mut |value| match value {
                Scalar::Null => {}
                Scalar::Bool(b) => each(if b { "true" } else { "false" }),
                Scalar::Int(i) => each(&i.to_string()),
                Scalar::Float(f) => each(&f.to_string()),
                Scalar::Text(text) => each(text),
            });
        });
    }
}

impl Casebook {
    /// Looks for sequences again if facts came or went, and works all that is new into what is derived. Gives
    /// what limits left out.
    pub(super) fn settle(&mut self) -> Result<Vec<String>> {
        let settled = self.correlate_events();
        self.catch_up();
        settled
    }

    fn correlate_events(&mut self) -> Result<Vec<String>> {
        if !self.events.stale {
            return Ok(Vec::new());
        }
        Arc::make_mut(&mut self.events).stale = false;
        let Some(rules) = self.detector.as_ref().map(|detector| detector.rules.clone()) else { return Ok(Vec::new()) };
        if rules.plan().correlations.is_empty() {
            return Ok(Vec::new());
        }
        let stands = self.standing_facts();
        let mut rows: Vec<(FactId, u32)> = Vec::with_capacity(self.events.rows.len());
        for (row, at) in self.events.rows.iter().zip(0u32..).filter(|(row, _)| stands(row.fact)) {
            rows.extend(self.log.get(row.fact).map(|(id, ..)| (id, at)));
        }
        drop(stands);
        rows.sort_unstable();
        let rank: HashMap<u32, u32> = rows.iter().zip(0u32..).map(|((_, row), rank)| (*row, rank)).collect();
        let matches = self.events.matches.iter();
        let matches: Vec<Match> =
            matches.filter_map(|found| Some(Match { event: *rank.get(&found.event)?, ..*found })).collect();
        let ranked = Ranked {
            book: self,
            rules: &rules,
            rows: rows.into_iter().map(|(_, row)| row).collect(),
            read: RefCell::new((u32::MAX, Event::default())),
        };
        let policy = &self.policy.rules;
        let limits = Limits { events: policy.correlated_events, groups: policy.correlation_groups };
        let values = |event: u32, field: &str, each: &mut dyn FnMut(&str)| ranked.values(event, field, each);
        let outcome = correlate(rules.plan(), &matches, &values, &limits);
        let mut reports = Vec::new();
        if outcome.undated > 0 {
            reports
                .push(format!("{} matches of correlated rules have no time and were not correlated", outcome.undated));
        }
        reports.extend(outcome.left_out.iter().map(|left_out| said(&rules, left_out)));
        let silent = silent(&rules);
        let results = outcome.results.iter().filter(|result| !silent.contains(&result.correlation));
        let made: Vec<Sequence> =
            results.filter_map(|result| sequence(&ranked, result, policy.quoted_events)).collect();
        drop(ranked);
        self.hold(made)?;
        Ok(reports)
    }

    /// Puts these sequences in the place of those that held so far.
    fn hold(&mut self, made: Vec<Sequence>) -> Result<()> {
        let (store, events) = (Arc::make_mut(&mut self.store), Arc::make_mut(&mut self.events));
        let mut held: HashMap<Vec<u8>, u32> = HashMap::new();
        for position in events.made.sequences() {
            held.extend(events.made.json(position).map(|json| (json.to_vec(), position)));
        }
        let row_of: HashMap<u32, u32> = store.alerts.iter().zip(0..).map(|(row, at)| (row.fact, at)).collect();
        let (mut sequences, mut of_sequence) = (Vec::new(), Vec::new());
        for sequence in made {
            let name = store.texts.intern(0, &sequence.id);
            let (position, row) = match held.remove(&sequence.json) {
                Some(position) => (position, row_of.get(&position).copied()),
                None => {
                    let read = extract(&sequence.json, &self.policy)?;
                    let position = events.made.next(1)?;
                    let first = sequence.rows.first().and_then(|row| events.rows.get(*row as usize));
                    events.made.push(&sequence.json, first.map_or(0, |row| row.fact), Maker::Sequence);
                    (position, Some(store.push(&read, position, false)))
                }
            };
            sequences.extend(row.map(|row| (row, name)));
            for event in sequence.rows.iter().filter_map(|row| events.rows.get(*row as usize)) {
                of_sequence.push((position, event.fact));
                let alerts = event.alerts.0..event.alerts.1;
                sequences.extend(alerts.filter_map(|position| Some((*row_of.get(&position)?, name))));
            }
        }
        for position in held.into_values() {
            events.made.fell(position);
        }
        sequences.sort_unstable();
        sequences.dedup();
        events.sequences = sequences;
        of_sequence.sort_unstable();
        events.of_sequence = of_sequence;
        self.fall_behind();
        let (fallen, all) = self.events.made.fallen();
        if fallen > FALLEN && fallen * 2 > all && self.sight.is_whole() {
            self.compact()?;
        }
        Ok(())
    }
}

/// Correlations that only others look at.
fn silent(rules: &RuleSet) -> HashSet<u32> {
    let (mut silent, mut loud) = (HashSet::new(), HashSet::new());
    for planned in &rules.plan().correlations {
        let inner = planned.targets.iter().filter_map(|target| match target {
            Target::Correlation(inner) => Some(*inner),
            Target::Rule(_) => None,
        });
        if rules.generates(planned.index) { loud.extend(inner) } else { silent.extend(inner) }
    }
    silent.retain(|index| !loud.contains(index));
    silent
}

/// A result of a correlation as an alert.
struct Sequence {
    id: String,
    json: Vec<u8>,
    /// Rows of its events.
    rows: Vec<u32>,
}

fn said(rules: &RuleSet, left_out: &LeftOut) -> String {
    let title = rules.rule(left_out.correlation).map_or("", |rule| rule.title()).escape_debug();
    let mut parts = Vec::new();
    if left_out.without_value > 0 {
        parts.push(format!("{} matches without a value to measure", left_out.without_value));
    }
    if left_out.over_groups > 0 {
        parts.push(format!("{} matches of groups over `rules.correlationGroups`", left_out.over_groups));
    }
    format!("correlation `{title}`: {} took no part", parts.join(" and "))
}

fn sequence(ranked: &Ranked<'_>, result: &Correlated, quoted: usize) -> Option<Sequence> {
    let face = RuleFace::of(ranked.rules.document(result.correlation)?);
    let first = ranked.id(*result.events.first()?)?;
    let name = format!("{first} {:?}", result.group);
    let mut out = ranked.with(*result.events.first()?, |record, time| alert(&face, record, &name, time))?;
    let mut evidence: Vec<Value> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut more = 0;
    for event in result.events.iter().take(quoted) {
        let of_event = ranked.with(*event, |record, time| (alert(&face, record, "", time), host(record)));
        let Some((Value::Object(mut members), host)) = of_event else { continue };
        let Some(Value::Array(mut items)) = members.remove("evidence") else { continue };
        for item in &mut items {
            // Of several devices an item says which it is on.
            if let (Some(host), Some(members)) = (&host, item.as_object_mut()) {
                members.insert("casegraph.host".to_owned(), host.as_str().into());
            }
            if evidence.len() >= EVIDENCE {
                more += 1;
            } else if seen.insert(item.to_string()) {
                evidence.push(item.clone());
            }
        }
    }
    let ids: Vec<String> = result.events.iter().filter_map(|event| Some(ranked.id(*event)?.to_string())).collect();
    let group: serde_json::Map<String, Value> =
        result.group.iter().map(|(field, value)| (field.clone(), value.as_str().into())).collect();
    let mut correlation = json!({
        "group": group,
        "value": result.value,
        "events": ids,
        "eventsLeftOut": result.events_left_out,
        "conditionMetDateTime": date(result.since),
    });
    let unquoted = result.events.len().saturating_sub(quoted);
    if unquoted + more > 0 {
        let left_out = json!({ "eventsWithoutEvidence": unquoted, "evidenceLeftOut": more });
        correlation.as_object_mut()?.extend(left_out.as_object()?.clone());
    }
    let id = out.get("id")?.as_str()?.to_owned();
    let members = out.as_object_mut()?;
    members.insert("evidence".to_owned(), evidence.into());
    for (name, at) in [
        ("createdDateTime", result.since),
        ("firstActivityDateTime", result.first),
        ("lastActivityDateTime", result.last),
        ("lastUpdateDateTime", result.last),
    ] {
        members.insert(name.to_owned(), date(at).into());
    }
    let additional = members.get_mut("additionalData")?.as_object_mut()?;
    additional.remove("eventId");
    additional.remove("matchedFields");
    additional.insert("correlation".to_owned(), correlation);
    let rows = result.events.iter().filter_map(|event| ranked.rows.get(*event as usize).copied()).collect();
    Some(Sequence { id, json: canonical::write(out), rows })
}

/// Milliseconds since 1970 in RFC 3339.
fn date(millis: i64) -> String {
    time::utc(millis.saturating_mul(1_000_000)).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
