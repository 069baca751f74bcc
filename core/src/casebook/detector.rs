//! One event after the other in; what rules match in it, and what it is about, out.

use crate::error::Result;
use crate::ingest::canonical;
use crate::ingest::time;
use crate::rules::alert::{Processes, RuleFace, alert, host, processes};
use crate::rules::record::{Record, Scalar};
use crate::rules::{Event, Matcher, RuleSet};

/// Where an event of no known shape may say when it happened.
const TIMES: [&str; 8] =
    ["@timestamp", "timestamp", "Timestamp", "TimeCreated", "TimeGenerated", "eventTime", "EventTime", "time"];
/// Fields of which the first that says something describes an event.
const TELLING: [&str; 16] = [
    "CommandLine",
    "ScriptBlockText",
    "TargetFilename",
    "TargetObject",
    "ImageLoaded",
    "QueryName",
    "DestinationHostname",
    "DestinationIp",
    "PipeName",
    "TaskName",
    "ServiceName",
    "Image",
    "eventName",
    "Operation",
    "OperationName",
    "Message",
];
/// Characters of a description.
const DESCRIBED: usize = 200;

/// Rules with the memory of the event at hand.
#[derive(Debug)]
pub(crate) struct Detector {
    pub(crate) rules: RuleSet,
    matcher: Matcher,
    event: Event,
    /// Rules that match the event at hand, ascending.
    pub(crate) hits: Vec<u32>,
    /// By rule: does a correlation look at it, and does it make no alerts of its own?
    correlated: Vec<bool>,
    silent: Vec<bool>,
}

/// What an event is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    /// Nanoseconds since 1970.
    pub(crate) time: Option<i64>,
    pub(crate) host: Option<String>,
    pub(crate) processes: Processes,
}

impl Detector {
    pub(crate) fn new(rules: RuleSet) -> Detector {
        let mut correlated = vec![false; rules.len()];
        let mut silent = vec![false; rules.len()];
        let mut loud = vec![false; rules.len()];
        for planned in &rules.plan().correlations {
            let own = if rules.generates(planned.index) { &mut loud } else { &mut silent };
            for rule in planned.rules() {
                for list in [&mut correlated, &mut *own] {
                    if let Some(slot) = list.get_mut(rule as usize) {
                        *slot = true;
                    }
                }
            }
        }
        silent.iter_mut().zip(loud).for_each(|(silent, loud)| *silent &= !loud);
        Detector { matcher: rules.matcher(), rules, event: Event::default(), hits: Vec::new(), correlated, silent }
    }

    /// A detector with these rules, or with none but the built-in field mapping.
    pub(crate) fn of(rules: Option<&RuleSet>) -> Result<Detector> {
        Ok(Detector::new(rules.map_or_else(|| RuleSet::builder().build(), |rules| Ok(rules.clone()))?))
    }

    /// Reads an event and asks the rules; `false` when its logsource is unknown.
    pub(crate) fn read(&mut self, json: &[u8]) -> Result<bool> {
        self.event.read(json)?;
        let unknown = self.matcher.unknown_events();
        self.hits.clear();
        self.hits.extend_from_slice(self.matcher.matches(&self.event));
        Ok(self.matcher.unknown_events() == unknown)
    }

    /// What the event at hand is about.
    pub(crate) fn about(&self) -> About {
        let view = self.rules.view(&self.event);
        let text = self.time();
        About { time: text.as_deref().and_then(nanos), host: host(&view), processes: processes(&view) }
    }

    fn time(&self) -> Option<String> {
        let view = self.rules.view(&self.event);
        view.time().map(str::to_owned).or_else(|| first(&view, &TIMES))
    }

    /// Hits that correlations look at.
    pub(crate) fn correlated(&self) -> impl Iterator<Item = u32> + '_ {
        self.hits.iter().copied().filter(|rule| self.correlated.get(*rule as usize) == Some(&true))
    }

    /// The alerts of the event at hand with the rules that make them, as canonical JSON.
    pub(crate) fn alerts(&self, event_id: &str) -> impl Iterator<Item = (u32, Vec<u8>)> + '_ {
        let (id, time) = (event_id.to_owned(), self.time());
        let loud = self.hits.iter().filter(|rule| self.silent.get(**rule as usize) == Some(&false));
        loud.filter_map(move |rule| {
            let face = RuleFace::of(self.rules.document(*rule)?);
            let json = canonical::write(alert(&face, &self.rules.view(&self.event), &id, time.as_deref()));
            Some((*rule, json))
        })
    }

    /// The event at hand in a line, for a timeline: what it was, and the most telling of its values.
    pub(crate) fn description(&self) -> String {
        let view = self.rules.view(&self.event);
        let sources = view.logsources();
        let named = |pick: fn(&crate::rules::ast::LogSource) -> &Option<String>| {
            sources.iter().find_map(|source| pick(source).clone())
        };
        let what = named(|s| &s.category).or_else(|| named(|s| &s.service)).or_else(|| named(|s| &s.product));
        let what = what.unwrap_or_else(|| "event".to_owned()).replace('_', " ");
        let Some(said) = first(&view, &TELLING) else { return what };
        let one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = one_line.chars().take(DESCRIBED).collect();
        let more = if short.len() < one_line.len() { "…" } else { "" };
        format!("{what}: {short}{more}")
    }
}

/// Nanoseconds of a time with an offset, or of one in UTC without saying so, as event logs write it.
fn nanos(text: &str) -> Option<i64> {
    time::nanos(text).or_else(|| time::nanos(&format!("{}Z", text.trim().replacen(' ', "T", 1))))
}

fn first(record: &dyn Record, fields: &[&str]) -> Option<String> {
    fields.iter().find_map(|field| {
        let mut found = None;
        record.values(field, &mut |value| {
            if let (None, Scalar::Text(text)) = (&found, value)
                && !text.trim().is_empty()
            {
                found = Some(text.to_owned());
            }
        });
        found
    })
}
