//! rsigma-eval behind the common face, in its fastest sound setup: one engine per logsource.
//!
//! Soundness first: an event of the Windows log has several logsources (Sysmon 13 is `registry_set`, `registry_event`
//! and service `sysmon`), and rsigma takes one per call. [`Rsigma`] sorts the rules by logsource into an engine
//! each, and an event goes through those it belongs to: every rule stands in one engine, so none is tried twice.
//! [`RsigmaWhole`] is what rsigma's documents show: one engine, `evaluate_with_logsource` for each category.
//! Both give the same matches.
//!
//! What was tried, one thread, 2,406 rules, on nearly the lanes of today (thousand events a second, mixed /
//! `process_creation` / quiet): one engine per logsource 143 / 58 / 149; one engine per set of logsources
//! 143 / 60 / 143, with 65 MB more; one engine 102 / 54 / 102, with `evaluate_pruned` 99 / 53 / 98. Bloom
//! filters cost the first 2 % to 6 %; the feature `daachorse-index` costs the second 15 % to 21 % and a single engine
//! 27 % to 37 %, as its documents say for fewer than 5,000 rules. An event type of our own with hashed fields gave
//! the first 4 % / 0 / 4 % more, but is not rsigma's, and so is left out. Match detail is off unless asked for. Routes
//! are found when the event is read, so that "engine only" is rsigma's own work.
#![allow(clippy::indexing_slicing, reason = "INVARIANT: a route is an index into ROUTES, and `of_route` is as long")]

use std::collections::HashMap;
use std::path::PathBuf;

use rsigma_eval::event::JsonEvent;
use rsigma_eval::{CompiledRule, EvaluationResult, compile_rule, explain_rule};
use rsigma_parser::LogSource;
use serde_json::{Map, Value};

use super::windows::{ROUTES, Route};
use super::{Engine, Failure};

/// One engine per logsource.
pub type Rsigma = Peer<true>;
/// One engine for all rules.
pub type RsigmaWhole = Peer<false>;

/// rsigma-eval, its rules parted by logsource or not.
pub struct Peer<const PARTED: bool> {
    engines: Vec<rsigma_eval::Engine>,
    /// Per route: engines that an event goes through, and as which logsource.
    of_route: Vec<Vec<(usize, LogSource)>>,
    routes: HashMap<&'static str, Vec<usize>>,
    problems: Vec<String>,
}

/// An event in rsigma's form, and its place in the table of routes.
#[derive(Debug, Default)]
pub struct Event {
    value: Value,
    route: usize,
}

impl Event {
    /// Whether it is of the Windows event log.
    #[must_use]
    pub fn is_windows(&self) -> bool {
        !text(&self.value, "Channel").is_empty()
    }
}

impl<const PARTED: bool> Engine for Peer<PARTED> {
    type Event = Event;
    type Matcher<'e> = &'e Peer<PARTED>;

    fn load(files: &[PathBuf]) -> Result<Self, Failure> {
        let (mut problems, mut sets) = (Vec::new(), Vec::<(LogSource, Vec<CompiledRule>)>::new());
        let mut places = HashMap::new();
        for file in files {
            let text = std::fs::read_to_string(file)?;
            let problem = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
            let collection = match rsigma_parser::parse_sigma_yaml(&text) {
                Ok(collection) => collection,
                Err(e) => {
                    problems.push(problem(&e));
                    continue;
                }
            };
            problems.extend(collection.errors.iter().map(|e| problem(e)));
            for rule in &collection.rules {
                match compile_rule(rule) {
                    Ok(rule) => {
                        let source = rule.logsource.clone();
                        let key =
                            PARTED.then(|| (source.product.clone(), source.category.clone(), source.service.clone()));
                        let place = *places.entry(key).or_insert_with(|| {
                            sets.push((source, Vec::new()));
                            sets.len() - 1
                        });
                        sets[place].1.push(rule);
                    }
                    Err(e) => problems.push(problem(&e)),
                }
            }
        }
        let of_route = ROUTES.iter().map(|route| engines_of(route, &sets, PARTED)).collect();
        let engines = sets.into_iter().map(|(_, rules)| {
            let mut engine = rsigma_eval::Engine::new();
            engine.extend_compiled_rules(rules);
            engine
        });
        let mut routes: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, route) in ROUTES.iter().enumerate() {
            routes.entry(route.channel).or_default().push(place);
        }
        Ok(Peer { engines: engines.collect(), of_route, routes, problems })
    }

    fn rules(&self) -> usize {
        self.engines.iter().map(rsigma_eval::Engine::rule_count).sum()
    }

    fn problems(&self) -> Vec<String> {
        self.problems.clone()
    }

    fn read(&self, event: &mut Event, json: &[u8]) -> Result<(), Failure> {
        event.value = serde_json::from_slice(json)?;
        if let Some(wrapped) = event.value.get_mut("Event").map(Value::take) {
            event.value = flat(wrapped);
        }
        event.route = self.route(&event.value);
        let route = &ROUTES[event.route];
        if let Some(object) = event.value.as_object_mut() {
            // Security 4688 has names of its own for what rules of process creation ask; those of
            // `service: security` ask for its own. So it gets both.
            if route.ids == [4688] {
                for (theirs, ours) in [("NewProcessName", "Image"), ("ParentProcessName", "ParentImage")] {
                    if let Some(value) = object.get(theirs).cloned() {
                        object.entry(ours).or_insert(value);
                    }
                }
            }
            // Defender's names have blanks, those in rules have none, or have them too.
            if route.service == Some("windefend") {
                let blank = object.iter().filter(|(name, _)| name.contains(' '));
                let more: Vec<_> = blank.map(|(name, value)| (name.replace(' ', ""), value.clone())).collect();
                more.into_iter().for_each(|(name, value)| _ = object.entry(name).or_insert(value));
            }
        }
        Ok(())
    }

    fn matcher(&self) -> &Self {
        self
    }

    fn count(matcher: &mut &Self, event: &Event) -> usize {
        let mut found = 0;
        matcher.evaluate(event, &mut |results| found += results.len());
        found
    }

    fn names(matcher: &mut &Self, event: &Event) -> Vec<String> {
        let mut names = Vec::new();
        matcher.evaluate(event, &mut |results| {
            names.extend(results.into_iter().map(|r| r.header.rule_id.unwrap_or(r.header.rule_title)));
        });
        names
    }
}

impl<const PARTED: bool> Peer<PARTED> {
    fn evaluate(&self, event: &Event, take: &mut dyn FnMut(Vec<EvaluationResult>)) {
        let json = JsonEvent::borrow(&event.value);
        match self.of_route[event.route].as_slice() {
            engines if PARTED => engines.iter().for_each(|(at, _)| take(self.engines[*at].evaluate(&json))),
            [(at, source)] => take(self.engines[*at].evaluate_with_logsource(&json, source)),
            several => {
                let mut all = Vec::<EvaluationResult>::new();
                for (at, source) in several {
                    for result in self.engines[*at].evaluate_with_logsource(&json, source) {
                        if !all.iter().any(|known| known.header.rule_id == result.header.rule_id) {
                            all.push(result);
                        }
                    }
                }
                take(all);
            }
        }
    }

    fn route(&self, event: &Value) -> usize {
        let id = event.get("EventID").and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
        let fits = |place: &&usize| {
            let route = &ROUTES[**place];
            let id = route.ids.is_empty() || id.is_some_and(|id| route.ids.contains(&id));
            id && text(event, "EventType").starts_with(route.event_type)
        };
        let channel = text(event, "Channel").to_ascii_lowercase();
        let found = self.routes.get(channel.as_str()).and_then(|places| places.iter().find(fits));
        found.copied().unwrap_or(ROUTES.len() - 1)
    }

    /// What each item of a rule says about an event, one a line: field, pattern, value, reason.
    #[must_use]
    pub fn explain(&self, name: &str, event: &Event) -> Vec<String> {
        let named = |rule: &&CompiledRule| rule.id.as_deref() == Some(name) || rule.title == name;
        let Some(rule) = self.engines.iter().flat_map(|e| e.rules()).find(named) else {
            return Vec::new();
        };
        let explanation = explain_rule(rule, &JsonEvent::borrow(&event.value));
        let mut lines = Vec::new();
        items(&serde_json::to_value(explanation).unwrap_or_default(), &mut lines);
        lines
    }
}

/// Engines whose rules apply to the events of a route.
fn engines_of(route: &Route, sets: &[(LogSource, Vec<CompiledRule>)], parted: bool) -> Vec<(usize, LogSource)> {
    if parted {
        let fitting = sets.iter().enumerate().filter(|(_, (source, _))| applies(source, route));
        return fitting.map(|(at, (source, _))| (at, source.clone())).collect();
    }
    let (product, service) = (Some("windows".to_owned()), route.service.map(str::to_owned));
    let as_category = |category: Option<String>| {
        (0, LogSource { product: product.clone(), service: service.clone(), category, ..LogSource::default() })
    };
    match route.categories {
        _ if sets.is_empty() => Vec::new(),
        [] => vec![as_category(None)],
        categories => categories.iter().map(|c| as_category(Some((*c).to_owned()))).collect(),
    }
}

fn applies(rule: &LogSource, route: &Route) -> bool {
    let holds = |rule: &Option<String>, event: &[&str]| {
        rule.as_ref().is_none_or(|rule| event.iter().any(|e| e.eq_ignore_ascii_case(rule)))
    };
    holds(&rule.product, &["windows"])
        && holds(&rule.category, route.categories)
        && holds(&rule.service, route.service.as_slice())
}

fn text<'v>(event: &'v Value, name: &str) -> &'v str {
    event.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// An event as evtx_dump writes it, with its members side by side.
fn flat(event: Value) -> Value {
    let Value::Object(event) = event else { return Value::Null };
    let mut out = Map::new();
    for (part, value) in event {
        match (part.as_str(), value) {
            ("System", Value::Object(members)) => {
                for (name, value) in members {
                    match (name.as_str(), value) {
                        ("Provider", value) => {
                            let name = value.pointer("/#attributes/Name").cloned().unwrap_or_default();
                            out.insert("Provider_Name".into(), name);
                        }
                        (_, Value::Object(object)) => {
                            object.get("#text").map(|text| out.insert(name, text.clone()));
                        }
                        (_, value) => {
                            out.insert(name, value);
                        }
                    }
                }
            }
            ("EventData", value) => members(value, &mut out),
            ("UserData", Value::Object(parts)) => parts.into_iter().for_each(|(_, value)| members(value, &mut out)),
            _ => {}
        }
    }
    Value::Object(out)
}

fn members(value: Value, out: &mut Map<String, Value>) {
    let Value::Object(members) = value else { return };
    for (name, value) in members.into_iter().filter(|(name, _)| name != "#attributes") {
        let value = value.get("#text").cloned().unwrap_or(value);
        out.insert(name, value);
    }
}

/// Items of an explanation, wherever they stand in it.
fn items(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|v| items(v, lines)),
        Value::Object(object) if object.contains_key("reason") && object.contains_key("matcher") => {
            let of = |name: &str| object.get(name).map(Value::to_string).unwrap_or_default();
            lines.push(format!(
                "{} {} {} on {}: {}",
                of("field"),
                of("matcher"),
                of("pattern"),
                of("actual"),
                of("reason")
            ));
        }
        Value::Object(object) => object.values().for_each(|v| items(v, lines)),
        _ => {}
    }
}
