//! Correlation rules: matches with their event times in, bursts of matches out.
//!
//! A pure function: the order in which matches arrive does not matter, and a late event simply gives
//! another result. Where the specification is silent:
//!
//! - A window ends at the time of a match and holds all matches of its group from `timespan` before, both
//!   ends included. Windows that meet the condition and share a match are one result, so that a burst is
//!   reported once however long it lasts; the results of a correlation and group share no match.
//! - Values are the same when they differ only in case, also for `group-by` and `value_count`. A missing
//!   `group-by` field groups with other missing ones; several values in one field are one value together.
//! - An event that matches several of the rules counts once, except in the temporal types.
//! - Matches without a value in the condition's field (for sums and the like, a number) do not take part.
//!   Each element of a list is a value of its own; of a tuple of fields, each list is one value together.
//! - `temporal_ordered` counts the rules from the first on that match one after another; equal times are in
//!   order, and a rule named twice needs two matches.
//! - Percentiles, the median among them, interpolate linearly between the two nearest values.
//! - Another correlation sees a result as one match at the time of its last event; the temporal types also
//!   see it when it first held. Its fields are those of its group, and those on which all its events agree.

mod measure;
mod number;
mod resolve;
mod sources;
mod window;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use super::ast::CorrelationKind;
use resolve::Planned;
pub(crate) use resolve::Target;
pub(crate) use resolve::{Plan, resolve};
use sources::{Entry, Found, Group, Source};

/// A rule matched an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    /// Index of the rule, as [`resolve`] was told.
    pub(crate) rule: u32,
    /// Milliseconds since 1970.
    pub(crate) time: Option<i64>,
    /// Of the event, derived from its content: it orders events of the same time.
    pub(crate) event: u32,
}

/// Gives each text that an event has in a field; numbers as JSON spells them, nothing for null or a missing field.
pub(crate) type Values<'v> = dyn Fn(u32, &str, &mut dyn FnMut(&str)) + 'v;

/// What correlation may cost; what is over it is left out and reported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Events named in one result, the earliest first.
    pub(crate) events: usize,
    /// Groups of one correlation, in the order of their first match.
    pub(crate) groups: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: 10_000, groups: 1_000_000 }
    }
}

/// A correlation held.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Correlated {
    /// Index of its document, as given to [`resolve`].
    pub(crate) correlation: u32,
    /// The `group-by` fields that are present, as the first match of the group has them.
    pub(crate) group: Vec<(String, String)>,
    /// Time of the first event.
    pub(crate) first: i64,
    /// Time at which the condition was first met.
    pub(crate) since: i64,
    /// Time of the last event.
    pub(crate) last: i64,
    /// Events that contributed, by time.
    pub(crate) events: Vec<u32>,
    /// How many more contributed, over [`Limits::events`].
    pub(crate) events_left_out: u64,
    /// What was measured, where it was greatest; where it was least, when only a bound from above is asked.
    pub(crate) value: f64,
}

/// Matches that a correlation could not use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOut {
    pub(crate) correlation: u32,
    /// Matches without a value in the condition's field.
    pub(crate) without_value: u64,
    /// Groups over [`Limits::groups`] were not looked at; so many matches would belong to them.
    pub(crate) over_groups: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outcome {
    /// By correlation, first event, and group.
    pub(crate) results: Vec<Correlated>,
    /// Matches of correlated rules that have no time.
    pub(crate) undated: u64,
    /// By correlation; only where something was left out.
    pub(crate) left_out: Vec<LeftOut>,
    /// Matches put into windows and taken out of them.
    pub(crate) steps: u64,
}

/// A result with the times of its events.
struct Held {
    correlated: Correlated,
    events: Vec<(i64, u32)>,
}

/// Runs all correlations of the plan.
pub(crate) fn correlate(plan: &Plan, matches: &[Match], values: &Values<'_>, limits: &Limits) -> Outcome {
    let mut outcome = Outcome::default();
    let by_rule = by_rule(plan, matches, &mut outcome.undated);
    let mut held: Vec<Held> = Vec::new();
    // Where the results of each correlation stand among all.
    let mut of_correlation: BTreeMap<u32, Range<usize>> = BTreeMap::new();
    for planned in &plan.correlations {
        let entries = entries(planned, &by_rule, &of_correlation, &held);
        let mut left_out = LeftOut { correlation: planned.index, without_value: 0, over_groups: 0 };
        let groups = sources::groups(planned, entries, &Found { values, held: &held }, limits, &mut left_out);
        let mut new = Vec::new();
        for group in &groups {
            for burst in window::scan(planned, group, &mut outcome.steps) {
                new.push(result(planned, group, &burst, &held, limits));
            }
        }
        if left_out.without_value + left_out.over_groups > 0 {
            outcome.left_out.push(left_out);
        }
        of_correlation.insert(planned.index, held.len()..held.len() + new.len());
        held.append(&mut new);
    }
    outcome.left_out.sort_by_key(|left_out| left_out.correlation);
    outcome.results = held.into_iter().map(|held| held.correlated).collect();
    outcome
        .results
        .sort_by(|a, b| (a.correlation, a.first, a.last, &a.group).cmp(&(b.correlation, b.first, b.last, &b.group)));
    outcome
}

/// Time and event of the matches of every rule that a correlation names, in order, each once.
fn by_rule(plan: &Plan, matches: &[Match], undated: &mut u64) -> BTreeMap<u32, Vec<(i64, u32)>> {
    let mut by_rule: BTreeMap<u32, Vec<(i64, u32)>> = BTreeMap::new();
    for target in plan.correlations.iter().flat_map(|planned| &planned.targets) {
        if let Target::Rule(rule) = target {
            by_rule.entry(*rule).or_default();
        }
    }
    for found in matches {
        if let Some(of_rule) = by_rule.get_mut(&found.rule) {
            match found.time {
                Some(time) => of_rule.push((time, found.event)),
                None => *undated += 1,
            }
        }
    }
    for of_rule in by_rule.values_mut() {
        of_rule.sort_unstable();
        of_rule.dedup();
    }
    by_rule
}

/// Everything that the correlation looks at, by time.
fn entries(
    planned: &Planned,
    by_rule: &BTreeMap<u32, Vec<(i64, u32)>>,
    of_correlation: &BTreeMap<u32, Range<usize>>,
    held: &[Held],
) -> Vec<Entry> {
    let temporal = matches!(planned.kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
    let mut entries = Vec::new();
    for (target, at) in planned.targets.iter().zip(0u32..) {
        match target {
            Target::Rule(rule) => {
                let of_rule = by_rule.get(rule).map(Vec::as_slice).unwrap_or_default();
                let entry =
                    |(time, event): &(i64, u32)| Entry { time: *time, source: Source::Event(*event), target: at };
                entries.extend(of_rule.iter().map(entry));
            }
            Target::Correlation(index) => {
                let once = planned.order.iter().filter(|named| **named == at).count() == 1;
                let numbers = of_correlation.get(index).cloned().unwrap_or_default();
                for number in numbers {
                    let Some(result) = held.get(number).map(|held| &held.correlated) else { continue };
                    let mut push = |time| entries.push(Entry { time, source: Source::Result(number), target: at });
                    push(result.last);
                    if temporal && once && result.since != result.last {
                        push(result.since);
                    }
                }
            }
        }
    }
    entries.sort_unstable();
    entries
}

fn result(planned: &Planned, group: &Group, burst: &window::Burst, held: &[Held], limits: &Limits) -> Held {
    let mut events: Vec<(i64, u32)> = Vec::new();
    let mut events_left_out = 0;
    let mut seen = Vec::new();
    for entry in group.entries.get(burst.from..burst.to).unwrap_or_default() {
        match entry.source {
            Source::Event(event) => events.push((entry.time, event)),
            Source::Result(number) => seen.push(number),
        }
    }
    seen.sort_unstable();
    seen.dedup();
    for result in seen.iter().filter_map(|number| held.get(*number)) {
        events.extend_from_slice(&result.events);
        events_left_out += result.correlated.events_left_out;
    }
    events.sort_unstable();
    events.dedup();
    let first = events.first().map_or(burst.since, |(time, _)| *time);
    let last = events.last().map_or(burst.since, |(time, _)| *time);
    events_left_out += events.len().saturating_sub(limits.events) as u64;
    events.truncate(limits.events);
    let correlated = Correlated {
        correlation: planned.index,
        group: group.shown.clone(),
        first,
        since: burst.since,
        last: last.max(burst.until),
        events: events.iter().map(|(_, event)| *event).collect(),
        events_left_out,
        value: burst.value,
    };
    Held { correlated, events }
}
